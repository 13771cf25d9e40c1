use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Sheets};
use jiff::civil::Date;

use super::HistoryError;
use super::cell::{self, Decimal};
use super::date::{self, Order};
use super::error::CellReason;

/// A rectangle of text with a heading, from CSV or an Excel sheet.
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// How its numbers are written.
    pub(crate) decimal: Decimal,
}

/// A row of data.
pub(crate) struct Row {
    /// Line or row in the file, from 1.
    number: usize,
    cells: Vec<String>,
}

impl Sheet {
    /// Reads a file, of a workbook the first sheet.
    pub(crate) fn read(path: &Path) -> Result<Sheet, HistoryError> {
        Sheet::read_named(path, None)
    }

    /// Reads a file, of a workbook the sheet of this name.
    pub(crate) fn read_named(path: &Path, sheet: Option<&str>) -> Result<Sheet, HistoryError> {
        let unreadable = |cause: String| HistoryError::Unreadable { path: path.to_owned(), cause };
        let bytes = fs::read(path).map_err(|e| unreadable(e.to_string()))?;
        let excel = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
        let delimiter = if excel { b',' } else { delimiter(&bytes) };
        let read = if excel { excel_rows(bytes, sheet) } else { csv_rows(&bytes) };
        let row = |(number, cells): Numbered| Row { number, cells };
        let mut rows: Vec<Row> = read.map_err(unreadable)?.into_iter().map(row).collect();
        rows.retain(|row| row.cells.iter().any(|c| !c.trim().is_empty()));
        if rows.len() < 2 {
            return Err(HistoryError::Empty);
        }
        let header: Vec<String> = rows.remove(0).cells.iter().map(|h| h.trim().to_owned()).collect();
        for (i, name) in header.iter().enumerate() {
            if !name.is_empty() && header.iter().take(i).any(|h| h == name) {
                return Err(HistoryError::Twice { name: name.clone() });
            }
        }
        for row in &mut rows {
            row.cells.resize(header.len(), String::new());
        }
        let cells = rows.iter().flat_map(|r| r.cells.iter().map(String::as_str));
        let decimal = if excel { Decimal::Point } else { Decimal::of(cells, delimiter == b';') };
        Ok(Sheet { header, rows, decimal })
    }

    pub(crate) fn text(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|r| r.cells.get(column)).map_or("", |c| c.trim())
    }

    /// A column's cells.
    pub(crate) fn cells(&self, column: usize) -> Vec<&str> {
        (0..self.rows.len()).map(|row| self.text(row, column)).collect()
    }

    /// The number in a cell, if it is one.
    pub(crate) fn value(&self, row: usize, column: usize) -> Option<f64> {
        cell::number(self.text(row, column), self.decimal)
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

    /// Line or row in the file, from 1.
    pub(crate) fn number_of(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |r| r.number)
    }

    /// A finite number of either sign.
    pub(crate) fn number(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        self.value(row, column).ok_or_else(|| self.wrong(row, column))
    }

    /// A number of at least 0.
    pub(crate) fn amount(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        let value = self.number(row, column)?;
        if value < 0.0 { Err(self.cell_error(row, column, CellReason::Negative)) } else { Ok(value) }
    }

    /// The dates of a column, all written in the same way, which is told too.
    pub(crate) fn dates(&self, column: usize, order: Order) -> Result<(Vec<Date>, Order), HistoryError> {
        date::read(&self.cells(column), order).map_err(|row| {
            let missing = cell::is_missing(self.text(row, column));
            self.cell_error(row, column, if missing { CellReason::Missing } else { CellReason::NotDate })
        })
    }

    /// The date in a cell.
    pub(crate) fn date(&self, row: usize, column: usize) -> Result<Date, HistoryError> {
        let read = date::read(&[self.text(row, column)], Order::default());
        match read {
            Ok((dates, _)) if dates.len() == 1 => Ok(dates[0]),
            _ => Err(self.cell_error(row, column, CellReason::NotDate)),
        }
    }

    /// Position of a column with this name, whatever its case.
    pub(crate) fn column(&self, name: &'static str) -> Result<usize, HistoryError> {
        let found = self.header.iter().position(|h| h.eq_ignore_ascii_case(name));
        found.ok_or_else(|| HistoryError::NoColumn { name, columns: self.header.clone() })
    }
}

fn delimiter(bytes: &[u8]) -> u8 {
    let heading = bytes.split(|b| *b == b'\n').find(|l| !l.trim_ascii().is_empty()).unwrap_or(b"");
    let count = |d: u8| heading.iter().filter(|b| **b == d).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// A row of text and its number in the file, from 1.
pub(crate) type Numbered = (usize, Vec<String>);

pub(crate) fn csv_rows(bytes: &[u8]) -> Result<Vec<Numbered>, String> {
    let delimiter = delimiter(bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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

fn excel_rows(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Vec<Numbered>, String> {
    let mut book: Sheets<_> =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let names = book.sheet_names();
    let index = match sheet {
        None => 0,
        Some(name) => names
            .iter()
            .position(|n| n == name)
            .ok_or_else(|| format!("no sheet `{name}`; sheets: {}", names.join(", ")))?,
    };
    let range = match book.worksheet_range_at(index) {
        Some(range) => range.map_err(|e| e.to_string())?,
        None => return Err("the workbook has no sheet".into()),
    };
    let first = range.start().map_or(0, |(row, _)| row as usize) + 1;
    let row = |(i, row): (usize, &[Data])| (first + i, row.iter().map(excel_text).collect());
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
