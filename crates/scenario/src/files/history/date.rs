//! Dates as people write them.

use jiff::civil::{Date, ISOWeekDate, Weekday};

/// Which comes first in dates with slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// 01/29/2024.
    #[default]
    MonthFirst,
    /// 29/01/2024.
    DayFirst,
}

/// Reads cells that are all written in the same way, with slashes in the
/// `order` given if that is possible; otherwise the first row that is no date.
pub(crate) fn read(cells: &[&str], order: Order) -> Result<(Vec<Date>, Order), usize> {
    let other = if order == Order::MonthFirst { Order::DayFirst } else { Order::MonthFirst };
    let failing = |order: Order| cells.iter().position(|c| one(c, order).is_none());
    let Some(first) = failing(order) else { return Ok((all(cells, order), order)) };
    match failing(other) {
        None => Ok((all(cells, other), other)),
        Some(second) => Err(first.max(second)),
    }
}

fn all(cells: &[&str], order: Order) -> Vec<Date> {
    cells.iter().filter_map(|c| one(c, order)).collect()
}

/// A date: `2024-01-29`, `2024-01`, `2024-W05`, `29.01.2024`, `Jan 2024`,
/// `29 Jan 2024` and, by order, `01/29/2024`; also with a time of day behind.
fn one(text: &str, order: Order) -> Option<Date> {
    let text = text.trim();
    plain(text.split(['T', ' ']).next().unwrap_or(""), order).or_else(|| week(text)).or_else(|| named(text))
}

fn plain(day: &str, order: Order) -> Option<Date> {
    let (slashed, short) =
        if order == Order::MonthFirst { ("%m/%d/%Y", "%m/%d/%y") } else { ("%d/%m/%Y", "%d/%m/%y") };
    let formats = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", slashed, short, "%Y%m%d"];
    let parsed = formats.iter().find_map(|f| parse(f, day));
    parsed.or_else(|| parse("%Y-%m-%d", &format!("{day}-01")))
}

/// `2024-W05`: the Monday of a week of the ISO year.
fn week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W").or_else(|| text.split_once('W'))?;
    let date = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    Some(date.date())
}

/// Months in English words.
fn named(text: &str) -> Option<Date> {
    let formats = ["%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"];
    let whole = formats.iter().find_map(|f| parse(f, text));
    let month = || {
        let text = format!("1 {}", text.replace('-', " "));
        ["%d %b %Y", "%d %B %Y", "%d %b %y"].iter().find_map(|f| parse(f, &text))
    };
    whole.or_else(month)
}

/// `24` is no year when four digits are wanted.
fn parse(format: &str, text: &str) -> Option<Date> {
    Date::strptime(format, text).ok().filter(|d| d.year() >= 1900)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_as_people_write_them() {
        let day = date(2024, 1, 29);
        let texts = [
            "2024-01-29",
            "29.01.2024",
            "29-01-2024",
            "01/29/2024",
            "2024-01-29T00:00:00",
            "2024-01-29 00:00",
            "20240129",
            "2024-W05",
            "29 Jan 2024",
            "Jan 29, 2024",
            "29-Jan-24",
        ];
        for text in texts {
            assert_eq!(read(&[text], Order::MonthFirst), Ok((vec![day], Order::MonthFirst)), "{text}");
        }
        for text in ["2024-02", "Feb 2024", "February 2024", "Feb-24"] {
            assert_eq!(
                read(&[text], Order::MonthFirst),
                Ok((vec![date(2024, 2, 1)], Order::MonthFirst)),
                "{text}"
            );
        }
        for text in ["", "2024-13-01", "yesterday", "12", "2024-W60", "W", "-W"] {
            assert_eq!(read(&[text], Order::MonthFirst), Err(0), "{text}");
        }
    }

    #[test]
    fn one_cell_decides_for_its_column() {
        let cells = ["05/01/2024", "12/01/2024", "19/01/2024"];
        let (dates, order) = read(&cells, Order::MonthFirst).unwrap();
        assert_eq!(dates, [date(2024, 1, 5), date(2024, 1, 12), date(2024, 1, 19)]);
        assert_eq!(order, Order::DayFirst);
        assert_eq!(read(&["05/01/2024", "soon", "19/01/2024"], Order::MonthFirst), Err(1));
    }
}
