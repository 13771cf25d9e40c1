//! Days, weeks, months and quarters.

use jiff::civil::Date;

use super::HistoryError;

/// Length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
}

impl Unit {
    /// The name used in scenario and library files.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
        }
    }

    /// Periods per year.
    pub fn per_year(self) -> f64 {
        match self {
            Unit::Day => 365.25,
            Unit::Week => 365.25 / 7.0,
            Unit::Month => 12.0,
            Unit::Quarter => 4.0,
        }
    }

    /// The date `n` periods after `first`.
    pub(crate) fn nth(self, first: Date, n: usize) -> Option<Date> {
        let n = i64::try_from(n).ok()?;
        let span = match self {
            Unit::Day => jiff::Span::new().try_days(n),
            Unit::Week => jiff::Span::new().try_weeks(n),
            Unit::Month => jiff::Span::new().try_months(n),
            Unit::Quarter => jiff::Span::new().try_months(3 * n),
        };
        first.checked_add(span.ok()?).ok()
    }

    /// Number of periods from `from` to `to`, both included; `None` if there is
    /// none.
    pub(crate) fn between(self, from: Date, to: Date) -> Option<usize> {
        let count = match self {
            Unit::Day => days(from, to) + 1,
            Unit::Week => days(from, to) / 7 + 1,
            Unit::Month => months(to) - months(from) + 1,
            Unit::Quarter => (months(to) - months(from)) / 3 + 1,
        };
        usize::try_from(count).ok().filter(|n| *n > 0)
    }

    /// Whether a date lies in period `n` after `first`.
    pub(crate) fn holds(self, first: Date, n: usize, date: Date) -> bool {
        let (Some(begins), Some(ends)) = (self.nth(first, n), self.nth(first, n + 1)) else { return false };
        begins <= date && date < ends
    }

    /// Number of the period that begins at `date`, counted from `first`;
    /// `None` if none does.
    fn number(self, first: Date, date: Date) -> Option<usize> {
        let count = match self {
            Unit::Day => days(first, date),
            Unit::Week if days(first, date) % 7 == 0 => days(first, date) / 7,
            Unit::Week => return None,
            Unit::Month => months(date) - months(first),
            Unit::Quarter if (months(date) - months(first)) % 3 == 0 => (months(date) - months(first)) / 3,
            Unit::Quarter => return None,
        };
        usize::try_from(count).ok()
    }
}

fn months(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month())
}

/// Days from `a` to `b`.
pub(super) fn days(a: Date, b: Date) -> i32 {
    a.until(b).map_or(0, |span| span.get_days())
}

/// What dates in increasing order say: the unit, and the number of the period
/// of each from the first.
pub(super) struct Calendar {
    pub(super) unit: Unit,
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) numbers: Vec<usize>,
}

impl Calendar {
    /// Number of the period that begins at `date`.
    pub(super) fn number(&self, date: Date) -> Option<usize> {
        self.unit.number(self.first, date)
    }

    /// The same, where no period is missing between its dates.
    pub(super) fn without_gaps(self, dates: &[Date]) -> Result<Calendar, HistoryError> {
        match (0..).zip(&self.numbers).find(|(i, n)| i != *n) {
            None => Ok(self),
            Some((i, _)) => Err(gap(self.unit, dates[i - 1], dates[i])),
        }
    }
}

fn gap(unit: Unit, after: Date, found: Date) -> HistoryError {
    let expected = unit.nth(after, 1).unwrap_or(after).to_string();
    HistoryError::Gap { unit: unit.name(), after: after.to_string(), expected, found: found.to_string() }
}

/// Reads dates in increasing order. Periods may be missing, at most as many as
/// are there.
pub(super) fn calendar(dates: impl Iterator<Item = Date>) -> Result<Calendar, HistoryError> {
    let dates: Vec<Date> = dates.collect();
    let (Some(&first), Some(&last)) = (dates.first(), dates.last()) else {
        return Err(HistoryError::Empty);
    };
    let mut steps: Vec<i32> = dates.windows(2).map(|w| days(w[0], w[1])).collect();
    steps.sort_unstable();
    let unit = match steps.get(steps.len() / 2) {
        Some(1) => Unit::Day,
        Some(7) => Unit::Week,
        Some(28..=31) => Unit::Month,
        Some(89..=92) => Unit::Quarter,
        Some(&days) => return Err(HistoryError::Step { days }),
        None => return Err(HistoryError::Empty),
    };
    let mut numbers: Vec<usize> = Vec::new();
    for (i, &date) in dates.iter().enumerate() {
        let number = unit.number(first, date).filter(|n| numbers.last().is_none_or(|last| last < n));
        let Some(number) = number else {
            return Err(gap(unit, dates[i.saturating_sub(1)], date));
        };
        numbers.push(number);
    }
    let periods = numbers.last().map_or(0, |n| n + 1);
    let missing = periods - numbers.len();
    if missing > numbers.len() {
        let (first, last) = (first.to_string(), last.to_string());
        return Err(HistoryError::Gaps { missing, periods, unit: unit.name(), first, last });
    }
    Ok(Calendar { unit, first, last, numbers })
}

/// Position of a date within its year.
pub(super) fn year_fraction(date: Date) -> f64 {
    f64::from(date.day_of_year()) / 365.25
}
