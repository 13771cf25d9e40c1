use jiff::ToSpan;
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
}

impl Unit {
    /// The name used in scenario and library files.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }

    /// Periods per year.
    pub fn per_year(self) -> f64 {
        match self {
            Unit::Day => 365.25,
            Unit::Week => 365.25 / 7.0,
            Unit::Month => 12.0,
        }
    }

    /// The date `n` periods after `first`.
    pub(crate) fn nth(self, first: Date, n: usize) -> Option<Date> {
        let n = i64::try_from(n).ok()?;
        let span = match self {
            Unit::Day => jiff::Span::new().try_days(n),
            Unit::Week => jiff::Span::new().try_weeks(n),
            Unit::Month => jiff::Span::new().try_months(n),
        };
        first.checked_add(span.ok()?).ok()
    }

    fn after(self, date: Date) -> Result<Date, jiff::Error> {
        match self {
            Unit::Day => date.checked_add(1.day()),
            Unit::Week => date.checked_add(7.days()),
            Unit::Month => date.checked_add(1.month()),
        }
    }
}

/// Days from `a` to `b`.
pub(super) fn days(a: Date, b: Date) -> i32 {
    a.until(b).map_or(0, |span| span.get_days())
}

/// Unit, first and last of dates in increasing order; a gap is an error.
pub(super) fn calendar(dates: impl Iterator<Item = Date>) -> Result<(Unit, Date, Date), HistoryError> {
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
        Some(&days) => return Err(HistoryError::Step { days }),
        None => return Err(HistoryError::Empty),
    };
    for pair in dates.windows(2) {
        let expected = unit.after(pair[0]).unwrap_or(pair[1]);
        let same_month = unit == Unit::Month && (28..=31).contains(&days(pair[0], pair[1]));
        if pair[1] != expected && !same_month {
            return Err(HistoryError::Gap {
                unit: unit.name(),
                after: pair[0].to_string(),
                expected: expected.to_string(),
                found: pair[1].to_string(),
            });
        }
    }
    Ok((unit, first, last))
}

/// Position of a date within its year.
pub(super) fn year_fraction(date: Date) -> f64 {
    f64::from(date.day_of_year()) / 365.25
}
