//! The rows of a sheet whose columns are known.

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control};

use super::column::Role;
use super::date::Order;
use super::error::HistoryError;
use super::period::calendar;
use super::sheet::Sheet;

/// What a file says, period by period.
pub(super) struct Series {
    pub(super) dates: Vec<Date>,
    pub(super) channels: Vec<Channel>,
    pub(super) outcome: Option<Vec<f64>>,
    pub(super) controls: Vec<Control>,
    /// Rows of a period at most.
    pub(super) pooled: usize,
}

/// A sheet whose columns are known.
pub(super) struct Rows<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) columns: &'a [Role],
    pub(super) dates: Vec<Date>,
    pub(super) order: Order,
    pub(super) markets: Vec<usize>,
    pub(super) outcome: usize,
    /// Money per outcome, where outcomes are counted and priced.
    pub(super) each: Option<usize>,
    /// The outcome column, where outcomes are counted.
    pub(super) counts: Option<usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(sheet: &'a Sheet, columns: &'a [Role]) -> Result<Rows<'a>, HistoryError> {
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

    pub(super) fn missing(&self, role: &'static str) -> HistoryError {
        HistoryError::NoRole { role, columns: self.sheet.header.clone() }
    }

    /// Columns that hold spend, with their channels.
    pub(super) fn spends(&self) -> Result<Vec<(usize, &'a str)>, HistoryError> {
        let spend = |(c, role): (usize, &'a Role)| match role {
            Role::Spend { channel } => Some((c, channel.as_str())),
            _ => None,
        };
        let all: Vec<(usize, &str)> = self.columns.iter().enumerate().filter_map(spend).collect();
        if all.is_empty() { Err(self.missing("spend")) } else { Ok(all) }
    }

    /// The outcome of a row, in money where it can be.
    pub(super) fn outcome(&self, row: usize) -> Result<f64, HistoryError> {
        let value = self.sheet.amount(row, self.outcome)?;
        Ok(match self.each {
            Some(each) => value * self.sheet.amount(row, each)?,
            None => value,
        })
    }

    /// The market of a row; empty if the file knows no markets.
    pub(super) fn market(&self, row: usize) -> String {
        let names: Vec<&str> = self.markets.iter().map(|&c| self.sheet.text(row, c)).collect();
        names.join(" / ")
    }

    pub(super) fn len(&self) -> usize {
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
