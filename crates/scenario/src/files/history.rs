//! History and lift test files: CSV or Excel, long or wide.

pub(crate) mod cell;
mod column;
pub(crate) mod date;
mod error;
mod judgement;
mod lift;
mod long;
mod period;
mod rows;
pub(crate) mod sheet;
mod wide;

use std::path::Path;

use jiff::civil::Date;
use outlay_curves::fit::History;

pub use cell::Decimal;
pub use column::{Chosen, Role};
pub use date::Order;
pub use error::{CellReason, HistoryError};
pub use judgement::read_judgements;
pub use lift::read_lift_tests;
pub use period::Unit;

use period::calendar;
use rows::Rows;
use sheet::Sheet;

/// A history as read, with everything that was decided on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryFile {
    /// The figures.
    pub history: History,
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
}

impl HistoryFile {
    /// Number of periods that begin after a date.
    pub fn periods_after(&self, date: &str) -> usize {
        let Ok(date) = date.parse::<Date>() else { return 0 };
        let begins = |t: &usize| self.unit.nth(self.first, *t).is_some_and(|d| d > date);
        (0..self.history.periods()).filter(begins).count()
    }
}

/// Reads a history; columns are guessed from their names unless chosen.
///
/// # Errors
/// What is wrong with the file, by row and column.
pub fn read_history(path: &Path, chosen: &Chosen) -> Result<HistoryFile, HistoryError> {
    let sheet = Sheet::read_named(path, chosen.sheet.as_deref())?;
    let columns = column::guess(&sheet.header, chosen, |c| sheet.dates(c, Order::default()).is_ok())?;
    let rows = Rows::of(&sheet, &columns)?;
    let series = if columns.contains(&Role::Channel) { long::series(&rows)? } else { wide::series(&rows)? };
    let (unit, first, last) = calendar(series.dates.iter().copied())?;
    let money = rows.counts.is_none();
    let history = History {
        periods_per_year: unit.per_year(),
        year_fraction: period::year_fraction(first),
        channels: series.channels,
        outcome: series.outcome,
        outcome_is_money: money,
        controls: series.controls,
    };
    let (decimal, order) = (sheet.decimal, rows.order);
    let columns = sheet.header.iter().cloned().zip(columns.iter().cloned()).collect();
    Ok(HistoryFile {
        history,
        unit,
        first,
        last,
        columns,
        customers: !money,
        pooled: series.pooled,
        decimal,
        order,
    })
}
