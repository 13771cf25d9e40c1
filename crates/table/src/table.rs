//! A rectangle of text with a heading, and what was set aside around it.

use jiff::civil::Date;

use crate::column::{self, Column};
use crate::columns::plain;
use crate::currency::{self, agree};
use crate::date::{self, Order};
use crate::delimited::{self, Numbered};
use crate::error::{CellReason, TableError};
use crate::number::{self, Decimal};
use crate::row::{Row, Skipped, Source, Why};
use crate::{encoding, heading, totals, workbook};

/// A table as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names of the columns, without blanks around them.
    pub header: Vec<String>,
    /// Rows of data.
    pub rows: Vec<Row>,
    /// How its numbers are written.
    pub decimal: Decimal,
    /// Where it was found.
    pub source: Source,
}

/// What a table is looked for by.
pub struct Wanted<'a> {
    /// The sheet of a workbook; none means the first that fits.
    pub sheet: Option<&'a str>,
    /// The heading's row; none means found.
    pub heading: Option<usize>,
    /// Whether a heading is what is looked for; where none is, the most likely
    /// table of the first sheet that holds one is taken.
    pub fits: &'a dyn Fn(&[String]) -> bool,
    /// Names whose rows are never totals.
    pub known: &'a dyn Fn(&str) -> bool,
    /// Whether the table is about these names alone: a row with another one that
    /// is the sum of others is then a total.
    pub closed: bool,
    /// Whether two columns may have one name; the first is then meant.
    pub doubled: bool,
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        Wanted {
            sheet: None,
            heading: None,
            fits: &|_| false,
            known: &|_| false,
            closed: false,
            doubled: false,
        }
    }
}

impl Table {
    /// A table that is in memory: columns by name, in their order, read as the CSV
    /// file of them would be. Errors count rows as in that file: the names are row
    /// 1. A column shorter than the longest is missing its last cells.
    ///
    /// ```
    /// use outlay_table::{Column, Table, Wanted};
    ///
    /// let columns = [
    ///     ("week".to_owned(), Column::Texts(vec!["2024-01-01".into(), "2024-01-08".into()])),
    ///     ("tv".to_owned(), Column::Numbers(vec![1.234, 0.0])),
    /// ];
    /// let table = Table::from_columns(&columns, &Wanted::default())?;
    /// assert_eq!(table.amount(0, 1)?, 1.234);
    /// # Ok::<(), outlay_table::TableError>(())
    /// ```
    ///
    /// # Errors
    /// Why they are no table.
    pub fn from_columns(columns: &[(String, Column)], wanted: &Wanted<'_>) -> Result<Table, TableError> {
        let (rows, decimal) = column::rows(columns);
        Table::build(rows, decimal, Source::default(), &Wanted { heading: Some(1), ..*wanted })
    }

    /// Reads the bytes of a file: CSV with any separator, Excel or OpenDocument.
    ///
    /// # Errors
    /// Why they hold no table.
    pub fn from_bytes(bytes: &[u8], wanted: &Wanted<'_>) -> Result<Table, TableError> {
        let unreadable = |cause| TableError::Unreadable { cause };
        if !workbook::is_workbook(bytes) {
            let (text, encoding) = encoding::decode(bytes);
            let (rows, delimiter) = delimited::rows(&text).map_err(unreadable)?;
            let cells = rows.iter().flat_map(|r| r.1.iter().map(String::as_str));
            let decimal = Decimal::of(cells, delimiter == b';');
            let source = Source { encoding, ..Source::default() };
            return Table::build(rows, decimal, source, wanted);
        }
        let sheets = workbook::sheets(bytes, wanted.sheet).map_err(unreadable)?;
        let names: Vec<String> = sheets.iter().map(|(name, _)| name.clone()).collect();
        let mut first = Err(TableError::Empty);
        for (name, rows) in sheets {
            let source = Source { sheet: Some(name), sheets: names.clone(), ..Source::default() };
            let table = Table::build(rows, Decimal::Point, source, wanted);
            match &table {
                Ok(found) if (wanted.fits)(&found.header) => return table,
                // What is wrong with the first sheet of figures is what is told.
                _ if first.is_ok() => {}
                Ok(_) => first = table,
                Err(TableError::Empty) => {}
                Err(_) if first == Err(TableError::Empty) => first = table,
                Err(_) => {}
            }
        }
        first
    }

    fn build(
        rows: Vec<Numbered>,
        decimal: Decimal,
        mut source: Source,
        wanted: &Wanted<'_>,
    ) -> Result<Table, TableError> {
        let mut rows = rows;
        rows.retain(|(_, cells)| cells.iter().any(|c| !c.trim().is_empty()));
        let found = match wanted.heading {
            Some(row) => rows.iter().position(|(number, _)| *number == row),
            None => heading::find(&rows, wanted.fits),
        };
        let at = found.ok_or(TableError::Empty)?;
        let mut rest = rows.split_off(at);
        let (number, names) = rest.remove(0);
        let header = heading::names(&names);
        let row = |(row, cells): Numbered| Row { number: row, heading: number, cells };
        let above = rows.into_iter().map(row);
        source.skipped = above.map(|r| Skipped { row: r.number, text: r.text(), why: Why::Above }).collect();
        source.heading = number;
        let mut rows: Vec<Row> = rest.into_iter().map(row).collect();
        source.skipped.extend(totals::set_aside(&header, &mut rows, decimal, (wanted.known, wanted.closed)));
        if rows.is_empty() {
            return Err(TableError::Empty);
        }
        let mut table = Table { header, rows, decimal, source };
        table.check(wanted.doubled)?;
        Ok(table)
    }

    /// Rows as long as the heading, names that occur once.
    fn check(&mut self, doubled: bool) -> Result<(), TableError> {
        let (heading, expected) = (self.source.heading, self.header.len());
        for row in &mut self.rows {
            let found = row.filled().last().map_or(0, |c| c + 1);
            // Cells beyond a heading are remarks in a workbook, but in a text
            // file a number that was cut in two.
            if found > expected && self.source.sheet.is_none() {
                return Err(TableError::Ragged { row: row.number, found, heading, expected });
            }
            row.cells.resize(row.cells.len().max(expected), String::new());
        }
        for (i, name) in self.header.iter().enumerate() {
            if !doubled && !name.is_empty() && self.header.iter().take(i).any(|h| h == name) {
                return Err(TableError::Twice { row: heading, name: name.clone() });
            }
        }
        Ok(())
    }

    /// The text of a cell, without blanks around it.
    pub fn text(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).map_or("", |r| r.cell(column))
    }

    /// The first two cells of a row, whether the heading names them or not.
    pub fn pair(&self, row: usize) -> (&str, &str) {
        self.rows.get(row).map_or(("", ""), |r| (r.cell(0), r.cell(1)))
    }

    /// A column's cells.
    pub fn cells(&self, column: usize) -> Vec<&str> {
        (0..self.rows.len()).map(|row| self.text(row, column)).collect()
    }

    /// The number in a cell, if it is one; `15%` is 0.15.
    pub fn value(&self, row: usize, column: usize) -> Option<f64> {
        number::ratio(self.text(row, column), self.decimal)
    }

    /// The error that a cell holds something else than its column should.
    pub fn wrong(&self, row: usize, column: usize) -> TableError {
        self.cell_error(row, column, self.reason(row, column, CellReason::NotNumber))
    }

    fn reason(&self, row: usize, column: usize, otherwise: CellReason) -> CellReason {
        let text = self.text(row, column);
        match text {
            _ if number::is_missing(text) => CellReason::Missing,
            _ if text.starts_with('=') => CellReason::Formula,
            _ => otherwise,
        }
    }

    /// The error that a cell cannot be used for a reason.
    pub fn cell_error(&self, row: usize, column: usize, reason: CellReason) -> TableError {
        TableError::Cell {
            row: self.number_of(row),
            column: self.header.get(column).cloned().unwrap_or_default(),
            text: self.text(row, column).to_owned(),
            reason,
        }
    }

    /// Line or row in the file, from 1.
    pub fn number_of(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |r| r.number)
    }

    /// A finite number of either sign; a percentage is none.
    ///
    /// # Errors
    /// What the cell holds instead.
    pub fn number(&self, row: usize, column: usize) -> Result<f64, TableError> {
        let found = number::number(self.text(row, column), self.decimal);
        found.ok_or_else(|| self.wrong(row, column))
    }

    /// A number of at least 0.
    ///
    /// # Errors
    /// What the cell holds instead.
    pub fn amount(&self, row: usize, column: usize) -> Result<f64, TableError> {
        let value = self.number(row, column)?;
        if value < 0.0 { Err(self.cell_error(row, column, CellReason::Negative)) } else { Ok(value) }
    }

    /// The dates of a column, all written in the same way, which is told too.
    ///
    /// # Errors
    /// The first cell that is no date.
    pub fn dates(&self, column: usize, order: Order) -> Result<(Vec<Date>, Order), TableError> {
        date::read(&self.cells(column), order)
            .map_err(|row| self.cell_error(row, column, self.reason(row, column, CellReason::NotDate)))
    }

    /// The date in a cell.
    ///
    /// # Errors
    /// What the cell holds instead.
    pub fn date(&self, row: usize, column: usize) -> Result<Date, TableError> {
        let read = date::read(&[self.text(row, column)], Order::default());
        match read {
            Ok((dates, _)) if dates.len() == 1 => Ok(dates[0]),
            _ => Err(self.cell_error(row, column, CellReason::NotDate)),
        }
    }

    /// Position of a column with this name, whatever its case and signs.
    ///
    /// # Errors
    /// The columns there are.
    pub fn column(&self, name: &'static str) -> Result<usize, TableError> {
        self.column_like(name, &[])
    }

    /// Position of a column with this name or, in this order, one of its other
    /// names, compared by their words ([`plain`]).
    ///
    /// # Errors
    /// The columns there are.
    pub fn column_like(&self, name: &'static str, others: &[&str]) -> Result<usize, TableError> {
        self.find(name, others).ok_or_else(|| TableError::NoColumn {
            name,
            row: self.source.heading,
            columns: self.header.clone(),
        })
    }

    /// [`Table::column_like`] where the column may be missing.
    pub fn find(&self, name: &str, others: &[&str]) -> Option<usize> {
        let at = |wanted: &str| {
            let wanted = plain(wanted);
            self.header.iter().position(|h| plain(h) == wanted)
        };
        at(name).or_else(|| others.iter().find_map(|o| at(o)))
    }

    /// The currency of some columns of money, by their headings and cells; two
    /// of them are an error, for they would be added up.
    ///
    /// # Errors
    /// Where the second currency stands.
    pub fn currency(&self, columns: &[usize]) -> Result<Option<&'static str>, TableError> {
        let mut first: Option<(&'static str, String)> = None;
        let mut see = |row: usize, column: &str, text: &str| -> Result<(), TableError> {
            let Some(found) = currency::currency(text) else { return Ok(()) };
            match &mut first {
                None => first = Some((found, format!("row {row}, column `{column}`, is"))),
                Some((known, _)) if agree(known, found) => {
                    if found.len() > known.len() {
                        *known = found;
                    }
                }
                Some((known, place)) => {
                    return Err(TableError::Currencies {
                        row,
                        column: column.to_owned(),
                        place: place.clone(),
                        first: known,
                        second: found,
                    });
                }
            }
            Ok(())
        };
        for &column in columns {
            let Some(name) = self.header.get(column) else { continue };
            see(self.source.heading, name, name)?;
        }
        for (at, row) in self.rows.iter().enumerate() {
            for &column in columns {
                let text = row.cell(column);
                // Most cells are plain numbers.
                if !text.is_empty() && !text.bytes().all(|b| b.is_ascii_digit() || b".,-+".contains(&b)) {
                    see(self.number_of(at), &self.header[column], text)?;
                }
            }
        }
        Ok(first.map(|(found, _)| found))
    }
}
