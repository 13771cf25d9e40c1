//! History and lift test files: CSV or Excel, long or wide.

mod against;
mod by_market;
mod column;
mod dates;
mod error;
mod filled;
mod judgement;
mod lift;
mod long;
mod names;
mod note;
mod outcomes;
mod panel;
mod period;
mod rows;
mod series;
mod vocabulary;
mod weekly;
mod wide;
mod words;

use std::path::PathBuf;

use jiff::civil::Date;
use outlay_curves::fit::{Channel, HalfLife, History, Incrementality, Panel};

pub use against::{LiftTests, read_lift_tests};
use column::Cells;
pub use column::{Blank, Chosen, Role};
pub use error::HistoryError;
pub use judgement::read_judgements;
pub use names::{Named, named};
pub use note::Note;
pub use panel::{PanelFile, read_panel};
pub use period::Unit;

pub use outlay_table::{CellReason, Column, Decimal, Order, Skipped, Source, TableError, Why};

use outlay_table::{Table, Wanted, is_date};
use period::calendar;
use rows::Rows;

use crate::files::data::Data;

/// A history as read, with everything that was decided on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryFile {
    /// The file it was read from, or the name that its columns go by.
    pub path: PathBuf,
    /// The figures.
    pub history: History,
    /// The same market by market, where there are enough of them and they share
    /// one outcome.
    pub panel: Option<Panel>,
    /// Length of a period.
    pub unit: Unit,
    /// First period's date.
    pub first: Date,
    /// Last period's date.
    pub last: Date,
    /// Every column and what it was taken for.
    pub columns: Vec<(String, Role)>,
    /// Whether outcomes count customers rather than money.
    pub customers: bool,
    /// Rows summed into each period at most (several markets, for example).
    pub pooled: usize,
    /// How numbers were read.
    pub decimal: Decimal,
    /// How dates with slashes were read.
    pub order: Order,
    /// Cells and rows that an export leaves out, read as zero.
    pub zeros: usize,
    /// Where the table was found, and the rows that are no data.
    pub source: Source,
    /// What else was decided.
    pub notes: Vec<Note>,
}

impl HistoryFile {
    /// Number of periods that begin after a date.
    pub fn periods_after(&self, date: &str) -> usize {
        let Ok(date) = date.parse::<Date>() else { return 0 };
        let begins = |t: &usize| self.unit.nth(self.first, *t).is_some_and(|d| d > date);
        (0..self.history.periods()).filter(begins).count()
    }

    /// States how much of a channel's attributed outcome is caused by it: a factor
    /// with its standard error.
    ///
    /// # Errors
    /// When no channel of this name has an outcome of its own.
    pub fn set_incrementality(
        &mut self,
        channel: &str,
        factor: f64,
        standard_error: f64,
    ) -> Result<(), HistoryError> {
        let mut all = self.history.channels.iter_mut();
        let found = all.find(|c| c.name == channel && c.outcome.is_some());
        let found = found.ok_or_else(|| HistoryError::NotAttributed { channel: channel.to_owned() })?;
        found.incrementality = Some(Incrementality { factor, standard_error });
        Ok(())
    }

    /// States what is believed of a channel's carry-over.
    ///
    /// # Errors
    /// When there is no channel of this name.
    pub fn set_half_life(&mut self, channel: &str, belief: HalfLife) -> Result<(), HistoryError> {
        let found = self.history.channels.iter_mut().find(|c| c.name == channel);
        let found = found.ok_or_else(|| HistoryError::NoChannel { channel: channel.to_owned() })?;
        found.half_life = Some(belief);
        Ok(())
    }

    /// Leaves out the periods that begin from one date to another.
    ///
    /// # Errors
    /// When the history has none there.
    pub fn exclude(&mut self, from: Date, to: Date) -> Result<(), HistoryError> {
        let inside = |t: &usize| self.unit.nth(self.first, *t).is_some_and(|d| from <= d && d <= to);
        let chosen: Vec<usize> = (0..self.history.periods()).filter(inside).collect();
        if chosen.is_empty() {
            let [from, to, first, last] = [from, to, self.first, self.last].map(|d| d.to_string());
            return Err(HistoryError::Exclude { from, to, first, last });
        }
        self.notes.push(Note::Excluded { periods: chosen.len() });
        if let Some(panel) = &mut self.panel {
            panel.left_out.extend(&chosen);
        }
        self.history.left_out.extend(chosen);
        self.history.left_out.sort_unstable();
        self.history.left_out.dedup();
        Ok(())
    }
}

/// Takes channels out that never spend: history cannot say what they would do.
fn silent(history: &mut History, notes: &mut Vec<Note>) {
    let spends = |c: &Channel| c.spend.iter().any(|x| *x > 0.0);
    if history.channels.iter().any(spends) {
        let silent = history.channels.iter().filter(|c| !spends(c));
        notes.extend(silent.map(|c| Note::NoSpend { channel: c.name.clone() }));
        history.channels.retain(spends);
    }
}

/// Reads a history; columns are guessed from their names unless chosen.
///
/// # Errors
/// What is wrong with the file, by row and column.
pub fn read_history(data: &Data, chosen: &Chosen) -> Result<HistoryFile, HistoryError> {
    let fits = |header: &[String]| column::is_history(header, chosen);
    let wanted = Wanted { sheet: chosen.sheet.as_deref(), fits: &fits, ..Wanted::default() };
    let sheet = data.table(&wanted)?;
    let varied = |c: usize| {
        let first = sheet.text(0, c);
        (1..sheet.rows.len()).any(|row| sheet.text(row, c) != first)
    };
    let cells =
        Cells { dated: &|c| is_dated(&sheet, c), moneyed: &|c| is_moneyed(&sheet, c), varied: &varied };
    let columns = column::guess(&sheet.header, chosen, &cells)?;
    let rows = Rows::of(&sheet, &columns, chosen.blank)?;
    if chosen.outcome.is_none() && chosen.customers.is_none() {
        rows.no_unknown_money()?;
    }
    let mut sorted = rows.dates.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let calendar = calendar(sorted.into_iter())?;
    let (unit, first, last) = (calendar.unit, calendar.first, calendar.last);
    let series =
        if columns.contains(&Role::Channel) { long::series(&rows)? } else { wide::series(&rows, unit)? };
    let zeros = rows.zeros.get();
    let money = rows.counts.is_none();
    let mut notes = series.notes;
    let dated = columns.iter().position(|c| *c == Role::Date).map_or_else(Vec::new, |c| sheet.cells(c));
    let serial = dated.iter().zip(&rows.dates).find(|(cell, _)| !is_date(cell));
    notes.extend(
        serial.map(|(cell, date)| Note::Serials { cell: (*cell).to_owned(), date: date.to_string() }),
    );
    notes.extend(rows.blanks());
    notes.extend(
        rows.counts.filter(|_| rows.export).map(|c| Note::Counted { column: sheet.header[c].clone() }),
    );
    let mut history = History {
        periods_per_year: unit.per_year(),
        year_fraction: period::year_fraction(first),
        channels: series.channels,
        outcome: series.outcome,
        outcome_is_money: money,
        controls: series.controls,
        ..History::default()
    };
    let missing = filled::fill(&mut history, &calendar, &series.dates, &series.partial);
    if missing > 0 {
        let gap = (0..).zip(&calendar.numbers).find(|(i, n)| i != *n);
        let first = gap.and_then(|(i, _)| unit.nth(first, i)).map_or(String::new(), |d| d.to_string());
        notes.push(Note::Gaps { periods: missing, first });
    }
    silent(&mut history, &mut notes);
    let panel = series.by_market.and_then(|markets| markets.panel(&history, &calendar));
    if unit == Unit::Day && history.outcome.is_some() {
        notes.push(Note::Days);
    }
    let mut columns = columns.clone();
    series.calendar.iter().for_each(|&c| columns[c] = Role::Calendar);
    let (decimal, order) = (sheet.decimal, rows.order);
    let columns = sheet.header.iter().cloned().zip(columns.iter().cloned()).collect();
    Ok(HistoryFile {
        path: data.path().to_owned(),
        history,
        panel,
        unit,
        first,
        last,
        columns,
        customers: !money,
        pooled: series.pooled,
        decimal,
        order,
        zeros,
        source: sheet.source,
        notes,
    })
}

/// Whether most cells of a column are dates; counted days do not tell.
fn is_dated(sheet: &Table, column: usize) -> bool {
    let named_date = matches!(names::named(&sheet.header[column]), Some(names::Named::Date { .. }));
    (named_date || sheet.cells(column).iter().any(|c| is_date(c)))
        && sheet.dates(column, Order::default()).is_ok()
}

/// Whether most cells of a column are money.
fn is_moneyed(sheet: &Table, column: usize) -> bool {
    let money = sheet.cells(column).iter().filter(|c| names::is_money(c)).count();
    2 * money > sheet.rows.len()
}
