//! Dates as people write them.

use std::collections::HashMap;

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
    match all(cells, order) {
        Ok(dates) => Ok((dates, order)),
        Err(first) => match all(cells, other) {
            Ok(dates) => Ok((dates, other)),
            Err(second) => Err(first.max(second)),
        },
    }
}

/// The date of each cell, or the first cell that is none. A panel says each date
/// once for every market.
fn all(cells: &[&str], order: Order) -> Result<Vec<Date>, usize> {
    let mut known: HashMap<&str, Option<Date>> = HashMap::new();
    let mut date = |cell| *known.entry(cell).or_insert_with(|| one(cell, order));
    cells.iter().enumerate().map(|(k, cell)| date(cell).ok_or(k)).collect()
}

/// Whether a text is a date; days counted by a spreadsheet (`45565`) are not
/// told from other numbers and do not count.
pub fn is_date(text: &str) -> bool {
    let known = |order| written(text.trim(), order).is_some();
    known(Order::MonthFirst) || known(Order::DayFirst)
}

fn one(text: &str, order: Order) -> Option<Date> {
    let text = text.trim();
    written(text, order).or_else(|| serial(text, jiff::civil::date(1899, 12, 30)))
}

/// A way to read a date that may be read in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With slashes in this order, and serial numbers from 1899-12-30.
    Ordered(Order),
    /// Serial numbers from 1904-01-01, as some spreadsheets count.
    From1904,
}

impl Way {
    /// All ways, the most usual first.
    pub const ALL: [Way; 3] = [Way::Ordered(Order::MonthFirst), Way::Ordered(Order::DayFirst), Way::From1904];
}

/// The date that a text is, read in one way.
pub fn date(text: &str, way: Way) -> Option<Date> {
    match way {
        Way::Ordered(order) => one(text, order),
        Way::From1904 => serial(text.trim(), jiff::civil::date(1904, 1, 1)),
    }
}

/// A date: `2024-01-29`, `2024-01`, `2024-W05`, `2024-Q1`, `29.01.2024`, `Jan 2024`,
/// `29 Jan 2024`, `Monday, January 29, 2024` and, by order, `01/29/2024`; also
/// with a time of day behind, and the first of `2024-01-29 - 2024-02-04`.
fn written(text: &str, order: Order) -> Option<Date> {
    if !text.contains(|c: char| c.is_ascii_digit()) || text.len() > 60 {
        return None;
    }
    // `2026年1月5日`, `2026년 1월 5일`.
    if text.contains(['年', '년']) {
        let day: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '日' | '일')).collect();
        let day = day.replace(['年', '월', '년', '月'], "-");
        return plain(day.trim_end_matches('-'), order);
    }
    let one = |t: &str| {
        plain(t.split(['T', ' ']).next().unwrap_or(""), order)
            .or_else(|| week(t))
            .or_else(|| quarter(t))
            .or_else(|| named(t))
    };
    one(text).or_else(|| {
        let (from, to) = text.split_once(" - ").or_else(|| text.split_once(" – "))?;
        one(to.trim()).and(one(from.trim()))
    })
}

fn plain(day: &str, order: Order) -> Option<Date> {
    let (slashed, short) =
        if order == Order::MonthFirst { ("%m/%d/%Y", "%m/%d/%y") } else { ("%d/%m/%Y", "%d/%m/%y") };
    if !day.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let formats: &[&str] = match day {
        d if d.contains('/') => &["%Y/%m/%d", slashed, short],
        d if d.contains('.') => &["%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d"],
        d if d.contains('-') => &["%Y-%m-%d", "%d-%m-%Y"],
        d if d.len() == 8 => &["%Y%m%d"],
        _ => return None,
    };
    let parsed = formats.iter().find_map(|f| parse(f, day));
    parsed.or_else(|| parse("%Y-%m-%d", &format!("{day}-01")))
}

/// Days since a day, as spreadsheets count them: from 1899-12-30 those from 1954
/// to 2119.
fn serial(text: &str, since: Date) -> Option<Date> {
    let days: f64 = text.parse().ok().filter(|d| (20_000.0..=80_000.0).contains(d))?;
    let span = jiff::Span::new().try_days(days.floor() as i64).ok()?;
    since.checked_add(span).ok()
}

/// `2024-W05`: the Monday of a week of the ISO year.
fn week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W").or_else(|| text.split_once('W'))?;
    let date = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    Some(date.date())
}

/// `2024-Q1`, `2024Q1`, `Q1 2024`, `Q1/24`: the first day of a quarter.
fn quarter(text: &str) -> Option<Date> {
    let upper = text.trim().to_uppercase();
    let (before, after) = upper.split_once('Q')?;
    let number: i8 = after.get(..1)?.parse().ok().filter(|q| (1..=4).contains(q))?;
    let apart = |c: char| matches!(c, ' ' | '-' | '/' | '.' | '\'');
    let year = match (before.trim_matches(apart), after[1..].trim_matches(apart)) {
        (year, "") | ("", year) => year,
        _ => return None,
    };
    let year: i16 = match year.len() {
        4 => year.parse().ok().filter(|y| *y >= 1900)?,
        2 => 2000 + year.parse::<i16>().ok()?,
        _ => return None,
    };
    Date::new(year, 3 * number - 2, 1).ok()
}

/// Months in words: English, German, French, Spanish, Italian, Portuguese,
/// Dutch, Polish, Swedish, Danish and Norwegian, whole or cut short.
fn named(text: &str) -> Option<Date> {
    let mut month = None;
    let mut numbers: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let digits = word.trim_end_matches(char::is_alphabetic);
            let rest = &word[digits.len()..];
            if !matches!(rest, "" | "st" | "nd" | "rd" | "th") {
                return None;
            }
            numbers.push(digits);
        } else if let Some(found) = month_of(&word.to_lowercase()) {
            if month.replace(found).is_some() {
                return None;
            }
        } else if !is_weekday(&word.to_lowercase()) {
            return None;
        }
    }
    let full = |n: &&str| n.len() == 4;
    let (day, year) = match numbers.as_slice() {
        [year] => ("1", *year),
        [day, year] if full(year) || !full(day) => (*day, *year),
        [year, day] => (*day, *year),
        // A time of day.
        [day, year, _, ..] if full(year) && numbers.len() <= 5 => (*day, *year),
        _ => return None,
    };
    let year: i16 = match year.len() {
        4 => year.parse().ok()?,
        2 => 2000 + year.parse::<i16>().ok()?,
        _ => return None,
    };
    Date::new(year, month?, day.parse().ok()?).ok().filter(|d| d.year() >= 1900)
}

/// The month, from 1, that a lower-case word names in full or shortened, in the
/// languages of the platforms' reports.
pub fn month_of(word: &str) -> Option<i8> {
    const MONTHS: [&[&str]; 12] = [
        &[
            "jan", "january", "januar", "jänner", "janvier", "janv", "enero", "ene", "gennaio", "gen",
            "janeiro", "januari", "sty", "stycznia", "styczeń",
        ],
        &[
            "feb",
            "february",
            "februar",
            "février",
            "févr",
            "fév",
            "febrero",
            "febbraio",
            "fevereiro",
            "fev",
            "februari",
            "lut",
            "lutego",
            "luty",
        ],
        &[
            "mar", "march", "märz", "mär", "mrz", "mars", "marzo", "março", "maart", "mrt", "marca",
            "marzec", "marts",
        ],
        &["apr", "april", "avril", "avr", "abril", "abr", "aprile", "kwi", "kwietnia", "kwiecień"],
        &["may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maj", "maja"],
        &["jun", "june", "juni", "juin", "junio", "giugno", "giu", "junho", "cze", "czerwca", "czerwiec"],
        &[
            "jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho", "lip", "lipca",
            "lipiec",
        ],
        &["aug", "august", "août", "agosto", "ago", "augustus", "augusti", "sie", "sierpnia", "sierpień"],
        &[
            "sep",
            "sept",
            "september",
            "septembre",
            "septiembre",
            "settembre",
            "set",
            "setembro",
            "wrz",
            "września",
            "wrzesień",
        ],
        &[
            "oct",
            "october",
            "okt",
            "oktober",
            "octobre",
            "octubre",
            "ottobre",
            "ott",
            "outubro",
            "out",
            "paź",
            "października",
            "październik",
        ],
        &["nov", "november", "novembre", "noviembre", "novembro", "lis", "listopada", "listopad"],
        &[
            "dec",
            "december",
            "dez",
            "dezember",
            "décembre",
            "déc",
            "diciembre",
            "dic",
            "dicembre",
            "dezembro",
            "desember",
            "des",
            "gru",
            "grudnia",
            "grudzień",
        ],
    ];
    let found = MONTHS.iter().position(|names| names.contains(&word))?;
    i8::try_from(found + 1).ok()
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 16] = [
        "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "week", "of", "w", "c",
        "wc", "de",
    ];
    DAYS.contains(&word) || word.strip_suffix("day").is_some_and(|s| s.len() >= 3)
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
            "Monday, January 29, 2024",
            "Mon 29th Jan 2024",
            "29. Januar 2024",
            "29 janv. 2024",
            "29 sty 2024",
            "29 stycznia 2024",
            "29 de jan. de 2024",
            "2024年1月29日",
            "2024년 1월 29일",
            "2024/01/29",
            "2024-01-29 - 2024-02-04",
            "Week of Jan 29, 2024",
            "45320",
            "45320.5",
        ];
        for text in texts {
            assert_eq!(read(&[text], Order::MonthFirst), Ok((vec![day], Order::MonthFirst)), "{text}");
        }
        for text in ["2024-Q2", "2024Q2", "2024 Q2", "Q2 2024", "q2/2024", "Q2-24", "Q2 '24"] {
            assert_eq!(
                read(&[text], Order::MonthFirst),
                Ok((vec![date(2024, 4, 1)], Order::MonthFirst)),
                "{text}"
            );
        }
        for text in ["2024-Q5", "Q 2024", "FAQ1 2024", "Q1", "2024-Q12"] {
            assert_eq!(read(&[text], Order::MonthFirst), Err(0), "{text}");
        }
        for text in ["2024-02", "2024年2月", "Feb 2024", "February 2024", "Feb-24"] {
            assert_eq!(
                read(&[text], Order::MonthFirst),
                Ok((vec![date(2024, 2, 1)], Order::MonthFirst)),
                "{text}"
            );
        }
        for text in [
            "",
            "2024-13-01",
            "yesterday",
            "12",
            "2024-W60",
            "W",
            "-W",
            "1200000",
            "May",
            "Line 5",
            "Channel 2024",
        ] {
            assert_eq!(read(&[text], Order::MonthFirst), Err(0), "{text}");
        }
    }

    #[test]
    fn one_cell_decides_for_its_column() {
        let cells = ["05/01/2024", "12/01/2024", "19/01/2024"];
        let (dates, order) = read(&cells, Order::MonthFirst).unwrap();
        assert_eq!(dates, [date(2024, 1, 5), date(2024, 1, 12), date(2024, 1, 19)]);
        assert_eq!(order, Order::DayFirst);
        assert!(is_date("29 Jan 2024") && !is_date("45320") && !is_date("H1 2024"));
        assert_eq!(read(&["05/01/2024", "soon", "19/01/2024"], Order::MonthFirst), Err(1));
    }
}
