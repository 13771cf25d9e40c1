//! History and lift test files: CSV or Excel, long or wide.

pub(crate) mod cell;
mod column;
pub(crate) mod date;
mod error;
mod judgement;
mod lift;
mod long;
mod period;
pub(crate) mod sheet;
mod wide;

use std::path::Path;

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control, History};

pub use cell::Decimal;
pub use column::{Chosen, Role};
pub use date::Order;
pub use error::{CellReason, HistoryError};
pub use judgement::read_judgements;
pub use lift::read_lift_tests;
pub use period::Unit;

use period::calendar;
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

/// What a file says, period by period.
struct Series {
    dates: Vec<Date>,
    channels: Vec<Channel>,
    outcome: Option<Vec<f64>>,
    controls: Vec<Control>,
    /// Rows of a period at most.
    pooled: usize,
}

/// A sheet whose columns are known.
struct Rows<'a> {
    sheet: &'a Sheet,
    columns: &'a [Role],
    dates: Vec<Date>,
    order: Order,
    markets: Vec<usize>,
    outcome: usize,
    /// Money per outcome, where outcomes are counted and priced.
    each: Option<usize>,
    /// The outcome column, where outcomes are counted.
    counts: Option<usize>,
}

impl<'a> Rows<'a> {
    fn of(sheet: &'a Sheet, columns: &'a [Role]) -> Result<Rows<'a>, HistoryError> {
        let position = |role: &Role| columns.iter().position(|c| c == role);
        let missing = |role| HistoryError::NoRole { role, columns: sheet.header.clone() };
        let (dates, order) = dates(sheet, position(&Role::Date).ok_or_else(|| missing("date"))?)?;
        let money = position(&Role::Outcome { customers: false });
        let count = position(&Role::Outcome { customers: true });
        let outcome = money.or(count).ok_or_else(|| missing("outcome"))?;
        let each = position(&Role::RevenuePerOutcome).filter(|_| money.is_none());
        let counts = count.filter(|_| money.is_none() && each.is_none());
        let markets = (0..columns.len()).filter(|&c| columns[c] == Role::Market).collect();
        Ok(Rows { sheet, columns, dates, order, markets, outcome, each, counts })
    }

    fn missing(&self, role: &'static str) -> HistoryError {
        HistoryError::NoRole { role, columns: self.sheet.header.clone() }
    }

    /// Columns that hold spend, with their channels.
    fn spends(&self) -> Result<Vec<(usize, &'a str)>, HistoryError> {
        let spend = |(c, role): (usize, &'a Role)| match role {
            Role::Spend { channel } => Some((c, channel.as_str())),
            _ => None,
        };
        let all: Vec<(usize, &str)> = self.columns.iter().enumerate().filter_map(spend).collect();
        if all.is_empty() { Err(self.missing("spend")) } else { Ok(all) }
    }

    /// The outcome of a row, in money where it can be.
    fn outcome(&self, row: usize) -> Result<f64, HistoryError> {
        let value = self.sheet.amount(row, self.outcome)?;
        Ok(match self.each {
            Some(each) => value * self.sheet.amount(row, each)?,
            None => value,
        })
    }

    /// The market of a row; empty if the file knows no markets.
    fn market(&self, row: usize) -> String {
        let names: Vec<&str> = self.markets.iter().map(|&c| self.sheet.text(row, c)).collect();
        names.join(" / ")
    }

    fn len(&self) -> usize {
        self.sheet.rows.len()
    }
}

/// Dates, with slashes in the order that makes them a calendar.
fn dates(sheet: &Sheet, column: usize) -> Result<(Vec<Date>, Order), HistoryError> {
    let regular = |dates: &[Date]| {
        let mut sorted = dates.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        calendar(sorted.into_iter()).is_ok()
    };
    let first = sheet.dates(column, Order::MonthFirst)?;
    let second = sheet.dates(column, Order::DayFirst)?;
    Ok(if regular(&first.0) || !regular(&second.0) { first } else { second })
}
