//! Days, weeks, months, quarters and years as they are typed.

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

/// First and last day of what a text names: a day (`2026-03-15`), a week
/// (`2026-W11`, ISO 8601), a month (`2026-03`), a quarter (`2026-Q1`) or a year
/// (`2026`).
///
/// # Errors
/// A sentence with the text and what is allowed.
///
/// ```
/// let (first, last) = outlay::days("2026-W01")?;
/// assert_eq!((first.to_string(), last.to_string()), ("2025-12-29".into(), "2026-01-04".into()));
/// # Ok::<(), String>(())
/// ```
pub fn days(text: &str) -> Result<(Date, Date), String> {
    let text = text.trim();
    named(text).ok_or_else(|| {
        format!(
            "`{text}` is not a day, week, month, quarter or year such as 2020-03-15, 2020-W11, 2020-03, 2020-Q1 or 2020"
        )
    })
}

fn named(text: &str) -> Option<(Date, Date)> {
    let whole =
        |first: Date, span: jiff::Span| Some((first, first.checked_add(span).ok()?.yesterday().ok()?));
    let Some((year, rest)) = text.split_once('-') else {
        return whole(first_of(text, 1)?, 1.year());
    };
    if let Some(week) = rest.strip_prefix('W') {
        let monday = ISOWeekDate::new(digits(year, 4)?, digits(week, 2)? as i8, Weekday::Monday).ok()?.date();
        return whole(monday, 1.week());
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let quarter = digits(quarter, 1).filter(|q| (1..=4).contains(q))?;
        return whole(first_of(year, 3 * quarter as i8 - 2)?, 3.months());
    }
    if rest.contains('-') {
        return text.parse().ok().map(|day| (day, day));
    }
    whole(first_of(year, digits(rest, 2)? as i8)?, 1.month())
}

fn first_of(year: &str, month: i8) -> Option<Date> {
    Date::new(digits(year, 4)?, month, 1).ok()
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i16> {
    let all = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_of_a_period_is_its_first_and_last_day() {
        for (text, first, last) in [
            ("2026-03-15", date(2026, 3, 15), date(2026, 3, 15)),
            ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
            ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
            (" 2026 ", date(2026, 1, 1), date(2026, 12, 31)),
        ] {
            assert_eq!(days(text), Ok((first, last)), "{text}");
        }
        for text in [
            "",
            "26",
            "2026-13",
            "2026-W54",
            "2025-W53",
            "2026-Q5",
            "2026-3",
            "03/15/2026",
            "2026-02-30",
            "x-W01",
        ] {
            assert!(days(text).is_err_and(|e| e.contains("2020-W11")), "{text}");
        }
    }
}
