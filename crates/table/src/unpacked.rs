//! What a workbook unpacks to, looked at before it is read: its size, the cells
//! it names, and the rows and columns it repeats.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Most cells of a sheet, those between the filled ones of a row counted.
pub(crate) const MOST: usize = 10_000_000;

/// Most bytes that a workbook unpacks to.
const LARGEST: u64 = 512 << 20;

/// Refuses a workbook that unpacks to more than memory should hold.
///
/// # Errors
/// What is too large, in words.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(b"PK") {
        return Ok(());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut left = LARGEST;
    for index in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(index) else { continue };
        let name = entry.name().map_or_else(|_| String::new(), |name| name.into_owned());
        let (sheet, table) =
            (name.starts_with("xl/worksheets/") && name.ends_with(".xml"), name == "content.xml");
        let (mut seen, mut reach) = (Tags::default(), Reach::default());
        let mut buffer = vec![0; 1 << 16];
        // What cannot be unpacked is told when it is read.
        while let Ok(count @ 1..) = entry.read(&mut buffer) {
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| format!("the workbook unpacks to more than {} MB", LARGEST >> 20))?;
            for &byte in buffer.iter().take(count).filter(|_| sheet || table) {
                if let Some(tag) = seen.take(byte) {
                    if sheet { named(tag)? } else { reach.see(tag)? }
                }
            }
        }
    }
    Ok(())
}

/// Tags of a text of markup, one after the other.
#[derive(Default)]
struct Tags {
    text: Vec<u8>,
    open: bool,
}

impl Tags {
    /// The tag that a byte completes, without its brackets.
    fn take(&mut self, byte: u8) -> Option<&str> {
        const LONG: usize = 4096;
        match byte {
            b'<' => {
                self.open = true;
                self.text.clear();
            }
            b'>' if self.open => {
                self.open = false;
                return std::str::from_utf8(&self.text).ok();
            }
            _ if self.open && self.text.len() < LONG => self.text.push(byte),
            _ => {}
        }
        None
    }
}

/// An attribute's value.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = tag.split_whitespace().skip(1);
    let value = parts.find_map(|part| part.trim_end_matches('/').strip_prefix(name)?.strip_prefix('='))?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.strip_prefix(quote)?.strip_suffix(quote)
}

/// Refuses a row, a cell or a range that no sheet has.
fn named(tag: &str) -> Result<(), String> {
    for name in ["r", "ref"] {
        for one in attribute(tag, name).unwrap_or_default().split(':') {
            let digits =
                one.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$').trim_start_matches('$');
            let letters = one.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'$').count();
            let row = digits.parse::<u64>().unwrap_or(if digits.bytes().all(|b| b.is_ascii_digit()) {
                u64::MAX
            } else {
                0
            });
            if letters > 5 || (row > 1_048_576 && !digits.is_empty()) {
                return Err(format!(
                    "a sheet of the workbook names the cell or row `{}`, which no sheet has",
                    short(one)
                ));
            }
        }
    }
    Ok(())
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

/// How far an OpenDocument table reaches, repeated rows and columns counted.
#[derive(Default)]
struct Reach {
    rows: u64,
    last_row: u64,
    widest: u64,
    repeat: u64,
    at: u64,
    filled: u64,
}

impl Reach {
    fn see(&mut self, tag: &str) -> Result<(), String> {
        let number =
            |name: &str| attribute(tag, name).and_then(|t| t.parse::<u64>().ok()).unwrap_or(1).min(1 << 24);
        let is = |name: &str| tag.split(|c: char| c.is_whitespace() || c == '/').next() == Some(name);
        if is("table:table") {
            *self = Reach::default();
        } else if is("table:table-row") {
            (self.repeat, self.at, self.filled) = (number("table:number-rows-repeated"), 0, 0);
            self.rows += self.repeat;
        } else if is("table:table-cell") || is("table:covered-table-cell") {
            self.at += number("table:number-columns-repeated");
            if tag.contains("value-type") || tag.contains("formula") || !tag.ends_with('/') {
                self.filled = self.at;
            }
        }
        if self.filled > 0 {
            (self.last_row, self.widest) = (self.rows, self.widest.max(self.filled));
        }
        match self.last_row * self.widest > MOST as u64 {
            true => Err(format!("a sheet of the workbook reaches over more than {MOST} cells")),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::{Table, Wanted};

    fn book(name: &str, text: &str) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        out.start_file(name, SimpleFileOptions::default()).unwrap();
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap().into_inner()
    }

    #[test]
    fn cells_that_no_sheet_has_are_refused() {
        for (cell, good) in
            [("XFD1048576", true), ("B3", true), ("A99999999999", false), ("ABCDEFGH1", false)]
        {
            let text = format!("<row r=\"1\"><c r=\"{cell}\"><v>1</v></c></row>");
            assert_eq!(check(&book("xl/worksheets/sheet1.xml", &text)).is_ok(), good, "{cell}");
        }
        assert!(check(&book("xl/worksheets/sheet1.xml", "<row r=\"99999999999\"/>")).is_err());
    }

    #[test]
    fn what_is_repeated_counts() {
        let row = |rows: u64, columns: u64| {
            let cell = format!(
                "<table:table-cell table:number-columns-repeated=\"{columns}\" office:value-type=\"float\"/>"
            );
            let row =
                format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cell}</table:table-row>");
            check(&book("content.xml", &format!("<table:table table:name=\"S\">{row}</table:table>")))
        };
        assert_eq!(row(1000, 100), Ok(()));
        assert!(row(1_000_000, 1000).unwrap_err().contains("cells"));
        // Blank rows below a table are written so.
        let blank = "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
        assert_eq!(check(&book("content.xml", blank)), Ok(()));
    }

    #[test]
    fn a_book_is_no_larger_than_memory_should_hold() {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        out.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
        let block = vec![b' '; 1 << 20];
        (0..513).for_each(|_| out.write_all(&block).unwrap());
        let bytes = out.finish().unwrap().into_inner();
        assert!(bytes.len() < 2 << 20);
        assert!(check(&bytes).unwrap_err().contains("512 MB"));
    }

    #[test]
    fn a_corner_far_away_makes_no_table_of_all_between() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in [["line", "spend"], ["TV", "5"], ["Search", "7"]].iter().enumerate() {
            for (column, text) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, *text).unwrap();
            }
        }
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
        let table = Table::from_bytes(&book.save_to_buffer().unwrap(), &Wanted::default()).unwrap();
        assert_eq!(
            (table.header.as_slice(), table.text(1, 1)),
            (&["line".to_owned(), "spend".to_owned()][..], "7")
        );
    }
}
