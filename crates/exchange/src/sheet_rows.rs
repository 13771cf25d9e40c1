//! The text of a worksheet, taken apart by rows: rows become several, and every
//! reference to them follows.

use indexmap::IndexMap;

use crate::sheet_references::{Spread, number, rewritten, shifted};

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// In the sheet whose rows move: in which row, and which of its copies.
    Inside { row: usize, copy: usize },
    /// Anywhere else.
    Outside,
}

/// A sheet's name, the rows of it that become several, and what was met.
pub(crate) struct Moved<'a> {
    pub(crate) sheet: &'a str,
    pub(crate) spread: &'a Spread,
    /// Rows that a formula elsewhere names one cell of, and that are several now.
    pub(crate) torn: Vec<usize>,
}

impl Moved<'_> {
    /// A formula, escaped as in XML, with its references to the moved rows.
    pub(crate) fn formula(&mut self, escaped: &str, place: Place) -> String {
        let formula = plain(escaped);
        let (sheet, spread) = (self.sheet, self.spread);
        let torn = &mut self.torn;
        let followed = rewritten(&formula, &mut |found| {
            let here = match (&found.sheet, place) {
                (Some(name), _) => name.eq_ignore_ascii_case(sheet),
                (None, Place::Inside { .. }) => true,
                (None, Place::Outside) => false,
            };
            if !here {
                return None;
            }
            let prefix = |cell: crate::sheet_references::Cell<'_>, row: usize| cell.at_row(row).to_string();
            let own = |row: usize| match place {
                Place::Inside { row: of, copy } if row == of => Some(spread.first(row) + copy),
                _ => None,
            };
            let (first, last) = (found.first, found.last.unwrap_or(found.first));
            if let (Some(a), Some(b)) = (own(first.row), own(last.row)) {
                let a = prefix(first, a);
                return Some(found.last.map_or(a.clone(), |_| format!("{a}:{}", prefix(last, b))));
            }
            let Some(last) = found.last else {
                if spread.count(first.row) > 1 {
                    torn.push(first.row);
                }
                return Some(prefix(first, spread.first(first.row)));
            };
            let end = spread.first(last.row) + spread.count(last.row) - 1;
            Some(format!("{}:{}", prefix(first, spread.first(first.row)), prefix(last, end)))
        });
        if followed == formula { escaped.to_owned() } else { escape(&followed) }
    }

    /// A part of a workbook with the formulas within some of its elements
    /// following the rows.
    pub(crate) fn formulas(&mut self, text: &str, elements: &[&str], place: Place) -> String {
        inside(text, elements, &mut |_, own| Some(self.formula(own, place)))
    }
}

fn plain(escaped: &str) -> String {
    let once = escaped.replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'");
    once.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A text as it stands in XML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text with what stands inside some elements made anew; `with` gets the
/// opening tag and what it holds.
fn inside(text: &str, elements: &[&str], with: &mut dyn FnMut(&str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let tag_end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let tag = &rest[at..tag_end];
        let name = tag[1..].split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or("");
        out.push_str(&rest[..tag_end]);
        rest = &rest[tag_end..];
        if elements.contains(&name) && !tag.ends_with("/>") {
            let close = format!("</{name}>");
            let end = rest.find(&close).unwrap_or(0);
            out.push_str(with(tag, &rest[..end]).as_deref().unwrap_or(&rest[..end]));
            rest = &rest[end..];
        }
    }
    out + rest
}

/// The value of an attribute of an opening tag.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("{name}=\"");
    let starts = |at: &usize| *at == 0 || tag[..*at].ends_with(char::is_whitespace);
    let at = tag.match_indices(&mark).map(|(at, _)| at).find(starts)?;
    let rest = &tag[at + mark.len()..];
    rest.split('"').next()
}

/// A text with an attribute of every opening tag made anew.
pub(crate) fn attributes(text: &str, name: &str, with: &dyn Fn(&str) -> String) -> String {
    let mark = format!(" {name}=\"");
    let mut parts = text.split(&mark);
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (value, rest) = part.split_once('"').unwrap_or((part, ""));
        out += &format!("{mark}{}\"{rest}", with(value));
    }
    out
}

/// A worksheet's text: what stands before its rows, the rows by their number,
/// and what stands after them.
pub(crate) struct Rows {
    before: String,
    pub(crate) rows: Vec<(usize, String)>,
    after: String,
}

impl Rows {
    /// Takes a sheet apart; none where a row has no number.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let start = text.find("<row ")?;
        let end = start + text[start..].find("</sheetData>")?;
        let mut rows: Vec<(usize, String)> = Vec::new();
        for part in text[start..end].split("<row ").skip(1) {
            let tag = part.split('>').next().unwrap_or("");
            let number = attribute(tag, "r")?.parse().ok()?;
            rows.push((number, format!("<row {part}")));
        }
        let sheet = Self { before: text[..start].to_owned(), rows, after: text[end..].to_owned() };
        Some(if text.contains("t=\"shared\"") { sheet.unshared() } else { sheet })
    }

    /// Every formula written out where cells share one.
    fn unshared(mut self) -> Self {
        let mut masters: IndexMap<String, (String, usize, usize)> = IndexMap::new();
        for (_, row) in &mut self.rows {
            let cells: Vec<String> = row
                .split_inclusive("</c>")
                .map(|cell| {
                    let place = cell.rsplit("<c ").next().and_then(|c| attribute(c, "r")).unwrap_or("");
                    let split = place.find(|c: char| c.is_ascii_digit()).unwrap_or(place.len());
                    let (column, at) = (number(&place[..split]), place[split..].parse().unwrap_or(0));
                    shared(cell, at, column, &mut masters).unwrap_or_else(|| cell.to_owned())
                })
                .collect();
            *row = cells.concat();
        }
        self
    }

    /// The sheet with rows that have become several.
    pub(crate) fn spread(self, moved: &mut Moved<'_>) -> Self {
        let spread = moved.spread;
        let ranges = |text: &str| {
            let text = attributes(text, "ref", &|list| spread.ranges(list));
            attributes(&text, "sqref", &|list| spread.ranges(list))
        };
        let mut rows = Vec::new();
        for (row, text) in self.rows {
            for copy in 0..spread.count(row) {
                let number = spread.first(row) + copy;
                let (old, new) = (row.to_string(), number.to_string());
                let cell = |place: &str| match place.strip_suffix(&old) {
                    Some(column) => format!("{column}{new}"),
                    None => place.to_owned(),
                };
                let text = attributes(&text, "r", &cell);
                let text =
                    attributes(&text, "ref", &|list| list.split(':').map(cell).collect::<Vec<_>>().join(":"));
                rows.push((number, moved.formulas(&text, &["f"], Place::Inside { row, copy })));
            }
        }
        let within = Place::Inside { row: 0, copy: 0 };
        let after = moved.formulas(&self.after, &["formula", "formula1", "formula2"], within);
        Self { before: ranges(&self.before), rows, after: ranges(&after) }
    }

    pub(crate) fn text(self) -> String {
        let rows: String = self.rows.into_iter().map(|(_, text)| text).collect();
        self.before + &rows + &self.after
    }
}

/// A cell with its own copy of a formula that it shares.
fn shared(
    cell: &str,
    row: usize,
    column: usize,
    masters: &mut IndexMap<String, (String, usize, usize)>,
) -> Option<String> {
    let at = cell.find("<f ")?;
    let open = at + cell[at..].find('>')? + 1;
    let tag = &cell[at..open];
    let id = attribute(tag, "si").filter(|_| attribute(tag, "t") == Some("shared"))?;
    let close = cell[open..].find("</f>").map_or(open, |end| open + end);
    let own = if tag.ends_with("/>") { "" } else { &cell[open..close] };
    let end = if tag.ends_with("/>") { open } else { close + "</f>".len() };
    let formula = if own.is_empty() {
        let (formula, r, c) = masters.get(id)?;
        let far = |to: usize, from: usize| i64::try_from(to).unwrap_or(0) - i64::try_from(from).unwrap_or(0);
        escape(&shifted(&plain(formula), far(row, *r), far(column, *c)))
    } else {
        masters.insert(id.to_owned(), (own.to_owned(), row, column));
        own.to_owned()
    };
    Some(format!("{}<f>{formula}</f>{}", &cell[..at], &cell[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = concat!(
        "<sheet><dimension ref=\"A1:C4\"/><sheetData><row r=\"1\"><c r=\"A1\"/></row>\n",
        "<row r=\"2\" ht=\"15\"><c r=\"A2\"><v>7</v></c><c r=\"B2\"><f t=\"shared\" ref=\"B2:B3\" si=\"0\">A2*$C$4</f><v>1</v></c></row>",
        "<row r=\"3\"><c r=\"A3\"/><c r=\"B3\"><f t=\"shared\" si=\"0\"/><v>1</v></c></row>",
        "<row r=\"4\"><c r=\"A4\"><f>SUM(A2:A3)</f></c><c r=\"B4\"><f>B2+&quot;A2&quot;&amp;A3</f></c></row>",
        "</sheetData><c sqref=\"A2:A3 C4\"><formula>A2&gt;$A$3</formula></c></sheet>",
    );

    #[test]
    fn rows_that_become_several_take_references_with_them() {
        let spread = Spread::new([(2, 3)]);
        let mut moved = Moved { sheet: "Line Items", spread: &spread, torn: Vec::new() };
        let text = Rows::of(SHEET).unwrap().spread(&mut moved).text();
        let row = |n: usize, own: &str| format!("<row r=\"{n}\"{own}");
        for n in 2..=4 {
            let cells = format!("<c r=\"A{n}\"><v>7</v></c><c r=\"B{n}\"><f>A{n}*$C$6</f><v>1</v></c></row>");
            assert!(text.contains(&(row(n, " ht=\"15\">") + &cells)), "{text}");
        }
        assert!(text.contains("<row r=\"5\"><c r=\"A5\"/><c r=\"B5\"><f>A5*$C$6</f>"), "{text}");
        assert!(text.contains("<f>SUM(A2:A5)</f>"), "{text}");
        // One cell of a row that is several rows now: told.
        assert!(text.contains("<f>B2+\"A2\"&amp;A5</f>"), "{text}");
        assert!(text.contains("sqref=\"A2:A5 C6\"><formula>A2&gt;$A$5<"), "{text}");
        assert!(text.contains("<dimension ref=\"A1:C6\"/>"), "{text}");
        assert_eq!(moved.torn, [2, 2]);
        let outside = moved.formula("SUM('Line Items'!A2:A2)+A2+Other!A3", Place::Outside);
        assert_eq!(outside, "SUM('Line Items'!A2:A4)+A2+Other!A3");
    }

    #[test]
    fn a_sheet_whose_rows_stay_is_the_same_text() {
        let plain = SHEET
            .replace(" t=\"shared\" ref=\"B2:B3\" si=\"0\"", "")
            .replace(" t=\"shared\" si=\"0\"/", ">A3*$C$4</f");
        let spread = Spread::default();
        let mut moved = Moved { sheet: "Line Items", spread: &spread, torn: Vec::new() };
        assert_eq!(Rows::of(&plain).unwrap().spread(&mut moved).text(), plain);
    }
}
