//! References to cells within the text of a formula: found, and written anew
//! where rows of a sheet have moved.

use std::collections::BTreeMap;

/// Rows of a sheet that become several, and where every row then stands.
#[derive(Debug, Default)]
pub(crate) struct Spread(BTreeMap<usize, usize>);

impl Spread {
    /// Of rows with how many each becomes.
    pub(crate) fn new(counts: impl IntoIterator<Item = (usize, usize)>) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 1).collect())
    }

    pub(crate) fn moves_nothing(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn count(&self, row: usize) -> usize {
        self.0.get(&row).copied().unwrap_or(1)
    }

    pub(crate) fn first(&self, row: usize) -> usize {
        row + self.0.range(..row).map(|(_, count)| count - 1).sum::<usize>()
    }

    fn last(&self, row: usize) -> usize {
        self.first(row) + self.count(row) - 1
    }

    /// A list of ranges, as in `sqref="A2:A9 C4"`.
    pub(crate) fn ranges(&self, list: &str) -> String {
        let one = |range: &str| {
            rewritten(range, &mut |found| {
                let last = found.last.unwrap_or(found.first);
                let (a, b) =
                    (found.first.at_row(self.first(found.first.row)), last.at_row(self.last(last.row)));
                Some(if a.to_string() == b.to_string() { a.to_string() } else { format!("{a}:{b}") })
            })
        };
        list.split(' ').map(one).collect::<Vec<_>>().join(" ")
    }
}

/// One end of a reference; a reference to whole rows has no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    /// The letters of the column, with its `$`.
    pub(crate) column: &'a str,
    fixed: bool,
    pub(crate) row: usize,
}

impl<'a> Cell<'a> {
    fn of(word: &'a str) -> Option<Self> {
        let digits = word.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        let row = word.get(digits..)?.parse().ok().filter(|row| (1..=1_048_576).contains(row))?;
        let before = &word[..digits];
        let (column, fixed) = before.strip_suffix('$').map_or((before, false), |column| (column, true));
        let letters = column.strip_prefix('$').unwrap_or(column);
        let is_column = letters.len() <= 3 && letters.chars().all(|c| c.is_ascii_alphabetic());
        (is_column && (!letters.is_empty() || column.is_empty())).then_some(Self { column, fixed, row })
    }

    pub(crate) fn at_row(self, row: usize) -> Self {
        Self { row, ..self }
    }
}

impl std::fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.column, if self.fixed { "$" } else { "" }, self.row)
    }
}

/// A reference within a formula.
pub(crate) struct Found<'a> {
    /// The sheet that it names.
    pub(crate) sheet: Option<String>,
    pub(crate) first: Cell<'a>,
    /// The other end of a range.
    pub(crate) last: Option<Cell<'a>>,
}

/// A formula (without the escapes of XML) with other references.
pub(crate) fn rewritten(formula: &str, with: &mut dyn FnMut(&Found<'_>) -> Option<String>) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '?');
    let word_at = |at: usize| {
        let rest = formula.get(at..).unwrap_or("");
        &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
    };
    let next = |at: usize| formula.get(at..).and_then(|rest| rest.chars().next());
    let mut out = String::with_capacity(formula.len());
    let mut sheet: Option<String> = None;
    let mut at = 0;
    while let Some(c) = next(at) {
        let end = match c {
            '"' | '\'' => quoted(formula, at, c),
            '[' => bracketed(formula, at),
            c if is_word(c) => at + word_at(at).len(),
            c => at + c.len_utf8(),
        };
        let token = &formula[at..end];
        let named = next(end) == Some('!');
        if named && (c == '\'' || is_word(c)) {
            let name = if c == '\'' { token.trim_matches('\'').replace("''", "'") } else { token.to_owned() };
            // A sheet of another workbook: `[1]Sheet!A1`.
            let elsewhere = sheet.take().unwrap_or_default();
            sheet = Some(elsewhere + &name);
            out.push_str(token);
            out.push('!');
            at = end + 1;
            continue;
        }
        let cell = Cell::of(token).filter(|_| is_word(c) && !matches!(next(end), Some('(' | '[')));
        let second = || Cell::of(word_at(end + 1)).filter(|_| next(end) == Some(':'));
        let found = cell.and_then(|first| {
            let last = second();
            // Digits alone are a number, unless a range of rows.
            let whole = |cell: Cell<'_>| cell.column.is_empty();
            (!whole(first) || last.is_some_and(whole)).then_some((first, last))
        });
        match found {
            Some((first, last)) => {
                let end = last.map_or(end, |_| end + 1 + word_at(end + 1).len());
                let new = with(&Found { sheet: sheet.take(), first, last });
                out.push_str(new.as_deref().unwrap_or(&formula[at..end]));
                at = end;
            }
            None => {
                sheet = (c == '[').then(|| token.to_owned());
                out.push_str(token);
                at = end;
            }
        }
    }
    out
}

/// Where a quoted stretch ends; a doubled quote stands for itself.
fn quoted(formula: &str, at: usize, quote: char) -> usize {
    let mut from = at + 1;
    while let Some(found) = formula[from..].find(quote) {
        from += found + 1;
        if !formula[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    formula.len()
}

fn bracketed(formula: &str, at: usize) -> usize {
    let mut depth = 0_usize;
    for (i, c) in formula[at..].char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + i + 1;
        }
    }
    formula.len()
}

/// The letters of a column, counted from 0.
pub(crate) fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            return String::from_utf8(name).unwrap_or_default();
        }
        column = column / 26 - 1;
    }
}

/// A formula as it reads so many rows and columns further on: what is not fixed
/// by a `$` moves along.
pub(crate) fn shifted(formula: &str, rows: i64, columns: i64) -> String {
    let moved = |cell: Cell<'_>| -> Option<String> {
        let row =
            if cell.fixed { cell.row } else { usize::try_from(i64::try_from(cell.row).ok()? + rows).ok()? };
        let column = match cell.column {
            fixed if fixed.is_empty() || fixed.starts_with('$') => fixed.to_owned(),
            free => letters(usize::try_from(i64::try_from(number(free)).ok()? + columns).ok()?),
        };
        Some(Cell { column: &column, ..cell }.at_row(row).to_string())
    };
    rewritten(formula, &mut |found| {
        let first = moved(found.first)?;
        Some(match found.last {
            Some(last) => format!("{first}:{}", moved(last)?),
            None => first,
        })
    })
}

/// The place of a column by its letters, counted from 0.
pub(crate) fn number(letters: &str) -> usize {
    let digits = letters.bytes().map(|b| usize::from(b.to_ascii_uppercase() - b'A') + 1);
    digits.fold(0, |sum, digit| sum * 26 + digit).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(formula: &str) -> Vec<String> {
        let mut all = Vec::new();
        rewritten(formula, &mut |f| {
            let last = f.last.map_or(String::new(), |l| format!(":{l}"));
            all.push(format!(
                "{}{}{last}",
                f.sheet.as_deref().map_or(String::new(), |s| format!("{s}!")),
                f.first
            ));
            None
        });
        all
    }

    #[test]
    fn references_are_found_and_nothing_else() {
        let formula = r#"IF($AH7=0,"B2",LOG10(E7)*1000)+SUM('It''s 1'!$A$2:B13,Data!C4)+T1[C5]+[1]Data!D6+A:A+$5:6+X_1"#;
        assert_eq!(seen(formula), ["$AH7", "E7", "It's 1!$A$2:B13", "Data!C4", "[1]Data!D6", "$5:6"]);
        assert_eq!(rewritten(formula, &mut |_| None), formula);
        for broken in ["'A", "\"A1", "A1:", "[[A1", "$", "A0", "ABCD1", "A99999999"] {
            assert!(seen(broken).len() <= 1, "{broken}");
        }
    }

    #[test]
    fn ranges_take_in_what_rows_become() {
        let spread = Spread::new([(3, 4), (5, 2), (9, 1)]);
        assert_eq!(spread.ranges("A1:B2 C3 D2:D5 E6 A:A"), "A1:B2 C3:C6 D2:D9 E10 A:A");
    }

    #[test]
    fn what_is_not_fixed_moves_along() {
        assert_eq!(shifted("E7*$V7+E$1+SUM(Z2:AA3)", 2, 1), "F9*$V9+F$1+SUM(AA4:AB5)");
        assert_eq!(["A", "Z", "AA", "AU", "XFD"].map(|c| letters(number(c))), ["A", "Z", "AA", "AU", "XFD"]);
    }
}
