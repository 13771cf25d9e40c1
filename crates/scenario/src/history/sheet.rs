use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader};
use jiff::civil::Date;

use super::HistoryError;
use super::cell;
use super::error::CellReason;

/// A rectangle of text with a heading, from CSV or the first Excel sheet.
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Row of the file, from 1, of each of `rows`: blank rows are left out.
    numbers: Vec<usize>,
}

impl Sheet {
    pub(crate) fn read(path: &Path) -> Result<Sheet, HistoryError> {
        let unreadable = |cause: String| HistoryError::Unreadable { path: path.to_owned(), cause };
        let bytes = fs::read(path).map_err(|e| unreadable(e.to_string()))?;
        let excel = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        let mut all = if excel { excel_rows(bytes) } else { csv_rows(&bytes) }.map_err(unreadable)?;
        all.retain(|(_, row)| row.iter().any(|c| !c.trim().is_empty()));
        if all.len() < 2 {
            return Err(HistoryError::Empty);
        }
        let header: Vec<String> = all.remove(0).1.iter().map(|h| h.trim().to_owned()).collect();
        for (i, name) in header.iter().enumerate() {
            if !name.is_empty() && header.iter().take(i).any(|h| h == name) {
                return Err(HistoryError::Twice { name: name.clone() });
            }
        }
        for (_, row) in &mut all {
            row.resize(header.len(), String::new());
        }
        let (numbers, rows) = all.into_iter().unzip();
        Ok(Sheet { header, rows, numbers })
    }

    /// Row of the file, from 1.
    pub(crate) fn number_of(&self, row: usize) -> usize {
        self.numbers.get(row).copied().unwrap_or(row + 2)
    }

    pub(crate) fn text(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|r| r.get(column)).map_or("", |c| c.trim())
    }

    /// The error that a cell holds something else than its column should.
    pub(crate) fn wrong(&self, row: usize, column: usize) -> HistoryError {
        let missing = cell::is_missing(self.text(row, column));
        self.cell_error(row, column, if missing { CellReason::Missing } else { CellReason::NotNumber })
    }

    pub(crate) fn cell_error(&self, row: usize, column: usize, reason: CellReason) -> HistoryError {
        HistoryError::Cell {
            row: self.number_of(row),
            column: self.header.get(column).cloned().unwrap_or_default(),
            text: self.text(row, column).to_owned(),
            reason,
        }
    }

    pub(crate) fn number(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        cell::number(self.text(row, column)).ok_or_else(|| self.wrong(row, column))
    }

    /// A number of at least 0.
    pub(crate) fn amount(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        let value = self.number(row, column)?;
        if value < 0.0 { Err(self.cell_error(row, column, CellReason::Negative)) } else { Ok(value) }
    }

    pub(crate) fn date(&self, row: usize, column: usize) -> Result<Date, HistoryError> {
        cell::date(self.text(row, column)).ok_or_else(|| self.cell_error(row, column, CellReason::NotDate))
    }
}

/// A row of text and its number in the file, from 1.
pub(crate) type Numbered = (usize, Vec<String>);

pub(crate) fn csv_rows(bytes: &[u8]) -> Result<Vec<Numbered>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let heading = bytes.split(|b| *b == b'\n').next().unwrap_or(b"");
    let count = |d: u8| heading.iter().filter(|b| **b == d).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    // A record's position may lie on blank lines before it.
    let (mut line, mut counted) = (1, 0);
    let row = |r: Result<csv::StringRecord, csv::Error>| {
        let record = r.map_err(|error| error.to_string())?;
        let from = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let blank = |b: &&u8| matches!(**b, b'\n' | b'\r');
        let start = from + bytes.iter().skip(from).take_while(blank).count();
        line += bytes.iter().take(start).skip(counted).filter(|b| **b == b'\n').count();
        counted = start;
        Ok((line, record.iter().map(str::to_owned).collect()))
    };
    reader.records().map(row).collect()
}

fn excel_rows(bytes: Vec<u8>) -> Result<Vec<Numbered>, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let range = match book.worksheet_range_at(0) {
        Some(range) => range.map_err(|e| e.to_string())?,
        None => return Err("the workbook has no sheet".into()),
    };
    let first = range.start().map_or(0, |(row, _)| row as usize);
    let row = |(k, row): (usize, &[Data])| (first + k + 1, row.iter().map(excel_text).collect());
    Ok(range.rows().enumerate().map(row).collect())
}

fn excel_text(data: &Data) -> String {
    match data {
        Data::DateTime(stamp) if stamp.is_datetime() => {
            let (year, month, day, ..) = stamp.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}
