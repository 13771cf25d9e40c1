//! A column that says which period a row is for.

use std::collections::HashSet;

use jiff::civil::Date;
use outlay_table::{Table, Way, date, is_missing, number};

use crate::model::calendar::Period;

/// Names that people give such a column, after ours, `period`.
pub(crate) const NAMES: [&str; 28] = [
    "week",
    "month",
    "day",
    "date",
    "week of",
    "week commencing",
    "week beginning",
    "week starting",
    "week start",
    "period start",
    "woche",
    "monat",
    "tag",
    "datum",
    "zeitraum",
    "semaine",
    "mois",
    "jour",
    "période",
    "semana",
    "mes",
    "día",
    "fecha",
    "periodo",
    "settimana",
    "mese",
    "giorno",
    "quarter",
];

/// The periods of a horizon, and where a table says which of them a row is for.
pub(crate) struct PeriodColumn<'a> {
    sheet: &'a Table,
    column: Option<usize>,
    periods: Vec<Period>,
    /// How dates are written, by which most of the column's are first days.
    pub(crate) way: Way,
    days: Vec<Option<Date>>,
}

impl<'a> PeriodColumn<'a> {
    pub(crate) fn new(sheet: &'a Table, column: Option<usize>, periods: Vec<Period>) -> Self {
        let starts: HashSet<String> =
            periods.iter().flat_map(|p| [Some(&p.name), p.start.as_ref()]).flatten().cloned().collect();
        let fits = |day: &Date| starts.contains(&day.to_string());
        let none = || (Way::ALL[0], Vec::new());
        let (way, days) = column.map_or_else(none, |c| dates(sheet, c, &Way::ALL, fits));
        PeriodColumn { sheet, column, periods, way, days }
    }

    /// Which period a row is for; `None` if it does not say.
    ///
    /// # Errors
    /// The text that is none of the periods, and what is allowed.
    pub(crate) fn find(&self, at: usize) -> Result<Option<usize>, (String, String)> {
        let text = self.column.map_or("", |c| self.sheet.text(at, c));
        if is_missing(text) {
            return Ok(None);
        }
        let day = self.days.get(at).copied().flatten().map(|d| d.to_string());
        let same = |p: &Period| p.name == text || day.as_deref().is_some_and(|day| begins(p, day));
        // Spreadsheets turn `3` into `3.0`.
        let number = number(text, self.sheet.decimal).filter(|n| n.fract() == 0.0).map(|n| n.to_string());
        let found = self.periods.iter().position(|p| same(p) || number.as_ref() == Some(&p.name));
        found.map(Some).ok_or_else(|| (text.to_owned(), self.allowed(day.as_deref())))
    }

    /// What a row may say; `day` is what it says.
    fn allowed(&self, day: Option<&str>) -> String {
        let all = match self.periods.as_slice() {
            [only] => format!("only {}", only.name),
            [first, .., last] => format!("{} to {}", first.name, last.name),
            [] => "none".to_owned(),
        };
        let within = |p: &&Period| {
            day > p.start.as_deref() && p.end.as_deref().is_some_and(|end| day.is_some_and(|day| day <= end))
        };
        match self.periods.iter().find(within) {
            Some(p) => format!("{all}; if the period around this day is meant, write {}", p.name),
            None => all,
        }
    }

    pub(crate) fn periods(&self) -> &[Period] {
        &self.periods
    }
}

/// Whether a day is a period's first.
fn begins(period: &Period, day: &str) -> bool {
    period.name == day || period.start.as_deref() == Some(day)
}

/// The dates of a column, read in the way by which most of them fit; the first
/// of equals is the usual one.
pub(crate) fn dates(
    sheet: &Table,
    column: usize,
    ways: &[Way],
    fits: impl Fn(&Date) -> bool,
) -> (Way, Vec<Option<Date>>) {
    let read = |way: &Way| -> (Way, Vec<Option<Date>>) {
        (*way, (0..sheet.rows.len()).map(|at| date(sheet.text(at, column), *way)).collect())
    };
    let hits = |(_, days): &(Way, Vec<Option<Date>>)| days.iter().flatten().filter(|day| fits(day)).count();
    let best = ways.iter().map(read).reduce(|best, next| if hits(&next) > hits(&best) { next } else { best });
    best.unwrap_or((Way::ALL[0], Vec::new()))
}
