//! Where in a text file the row and the column of an error stand.

use std::ops::Range;

use crate::cell::undefused;
use crate::{delimited, encoding, workbook};

/// A row of a file, and a column of it where one is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// Line in the file, from 1.
    pub row: usize,
    /// The column's name.
    pub column: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// A whole row.
    pub fn row(row: usize) -> Self {
        Address { row, column: None }
    }

    /// A cell.
    pub fn cell(row: usize, column: &'a str) -> Self {
        Address { row, column: Some(column) }
    }
}

/// The text of a file, to find addresses in.
#[derive(Debug, Clone)]
pub struct Text {
    text: String,
    delimiter: char,
}

impl Text {
    /// The text of a file of these bytes; none of a workbook.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if workbook::is_workbook(bytes) {
            return None;
        }
        let (text, _) = encoding::decode(bytes);
        let delimiter = char::from(delimited::delimiter(&text));
        Some(Text { text, delimiter })
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes of it that are meant: the cell, or else the row; none where there
    /// is no such row.
    pub fn find(&self, address: &Address<'_>) -> Option<Range<usize>> {
        let mut start = 0;
        let mut at = None;
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            let row = line.trim_end_matches(['\n', '\r']);
            if index + 1 == address.row {
                let cell = at.and_then(|at| cells(row, self.delimiter).nth(at)).unwrap_or(0..row.len());
                return (!row.is_empty()).then(|| start + cell.start..start + cell.end);
            }
            if let (None, Some(name)) = (at, address.column) {
                at = cells(row, self.delimiter).position(|cell| name_of(&row[cell]) == name);
            }
            start += line.len();
        }
        None
    }
}

/// A heading's cell as tables name their columns.
fn name_of(cell: &str) -> &str {
    undefused(cell.trim().trim_matches('"').trim())
}

/// Bytes of each cell of a line; what stands in quotes is one.
fn cells(line: &str, delimiter: char) -> impl Iterator<Item = Range<usize>> {
    let mut quoted = false;
    let ends = line.char_indices().filter(move |(_, c)| {
        quoted ^= *c == '"';
        *c == delimiter && !quoted
    });
    let mut from = 0;
    let width = delimiter.len_utf8();
    ends.map(|(at, _)| at).chain([line.len()]).map(move |to| {
        let cell = from..to;
        from = to + width;
        cell
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, address: Address<'_>) -> Option<String> {
        let text = Text::of(text.as_bytes())?;
        Some(text.as_str()[text.find(&address)?].to_owned())
    }

    #[test]
    fn a_cell_is_found_by_its_column_and_a_row_as_a_whole() {
        let text = "Report of May\nweek,\"tv, spots\",radio\n2024-01-01,\"1,200\",x\r\n\n2024-01-08,-,-\n";
        assert_eq!(marked(text, Address::cell(3, "tv, spots")).as_deref(), Some("\"1,200\""));
        assert_eq!(marked(text, Address::cell(5, "radio")).as_deref(), Some("-"));
        let range = Text::of(text.as_bytes()).unwrap().find(&Address::cell(5, "radio")).unwrap();
        assert_eq!(range.start, text.len() - 2);
        assert_eq!(marked(text, Address::row(3)).as_deref(), Some("2024-01-01,\"1,200\",x"));
        assert_eq!(marked(text, Address::cell(3, "no such column")), marked(text, Address::row(3)));
        assert_eq!(marked(text, Address::row(4)), None, "an empty line");
        assert_eq!(marked(text, Address::row(9)), None);
        assert_eq!(marked("PK\u{3}\u{4}", Address::row(1)), None, "a workbook");
        assert_eq!(marked("a;b\nä;ö\n", Address::cell(2, "b")).as_deref(), Some("ö"));
        assert_eq!(
            marked("a,b\n1\n", Address::cell(2, "b")).as_deref(),
            Some("1"),
            "a row that is too short"
        );
    }
}
