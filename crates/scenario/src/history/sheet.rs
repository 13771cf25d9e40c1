use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader};
use jiff::civil::Date;

use super::HistoryError;
use super::cell;
use super::error::CellReason;

/// A rectangle of text with a heading, from CSV or the first Excel sheet.
pub(super) struct Sheet {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(super) fn read(path: &Path) -> Result<Sheet, HistoryError> {
        let unreadable = |cause: String| HistoryError::Unreadable { path: path.to_owned(), cause };
        let bytes = fs::read(path).map_err(|e| unreadable(e.to_string()))?;
        let excel = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        let mut all = if excel { excel_rows(bytes) } else { csv_rows(&bytes) }.map_err(unreadable)?;
        all.retain(|row| row.iter().any(|c| !c.trim().is_empty()));
        if all.len() < 2 {
            return Err(HistoryError::Empty);
        }
        let header: Vec<String> = all.remove(0).iter().map(|h| h.trim().to_owned()).collect();
        for (i, name) in header.iter().enumerate() {
            if !name.is_empty() && header.iter().take(i).any(|h| h == name) {
                return Err(HistoryError::Twice { name: name.clone() });
            }
        }
        for row in &mut all {
            row.resize(header.len(), String::new());
        }
        Ok(Sheet { header, rows: all })
    }

    pub(super) fn text(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|r| r.get(column)).map_or("", |c| c.trim())
    }

    /// The error that a cell holds something else than its column should.
    pub(super) fn wrong(&self, row: usize, column: usize) -> HistoryError {
        let missing = cell::is_missing(self.text(row, column));
        self.cell_error(row, column, if missing { CellReason::Missing } else { CellReason::NotNumber })
    }

    pub(super) fn cell_error(&self, row: usize, column: usize, reason: CellReason) -> HistoryError {
        HistoryError::Cell {
            row: row + 2,
            column: self.header.get(column).cloned().unwrap_or_default(),
            text: self.text(row, column).to_owned(),
            reason,
        }
    }

    pub(super) fn number(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        cell::number(self.text(row, column)).ok_or_else(|| self.wrong(row, column))
    }

    /// A number of at least 0.
    pub(super) fn amount(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        let value = self.number(row, column)?;
        if value < 0.0 { Err(self.cell_error(row, column, CellReason::Negative)) } else { Ok(value) }
    }

    pub(super) fn date(&self, row: usize, column: usize) -> Result<Date, HistoryError> {
        cell::date(self.text(row, column)).ok_or_else(|| self.cell_error(row, column, CellReason::NotDate))
    }
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let heading = bytes.split(|b| *b == b'\n').next().unwrap_or(b"");
    let count = |d: u8| heading.iter().filter(|b| **b == d).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    let row = |r: Result<csv::StringRecord, csv::Error>| match r {
        Ok(record) => Ok(record.iter().map(str::to_owned).collect()),
        Err(error) => Err(error.to_string()),
    };
    reader.records().map(row).collect()
}

fn excel_rows(bytes: Vec<u8>) -> Result<Vec<Vec<String>>, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let range = match book.worksheet_range_at(0) {
        Some(range) => range.map_err(|e| e.to_string())?,
        None => return Err("the workbook has no sheet".into()),
    };
    Ok(range.rows().map(|row| row.iter().map(excel_text).collect()).collect())
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
