//! Reads what happened to the lines of a plan.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use outlay_table::{Table, Wanted, Way, Why, is_missing, number, undefused};

use super::column::{ACTUAL, Columns};
use super::error::Fault;
use super::scale::in_one_unit;
use super::{Actuals, ActualsError, LineActuals, Order, Report, Revision};
use crate::files::data::Data;
use crate::files::result::LineResult;
use crate::model::calendar::periods;
use crate::model::names::LineNames;
use crate::model::scenario::Scenario;
use crate::read::period_column::{PeriodColumn, dates};

/// Reads what happened to the lines of a scenario, of which `planned` is the plan.
///
/// # Errors
/// The first thing wrong, by row and column.
pub fn read_actuals(
    data: &Data,
    scenario: &Scenario,
    planned: &[LineResult],
) -> Result<Actuals, ActualsError> {
    let failed = |fault| ActualsError::new(data, fault);
    let sheet = sheet(data, scenario)?;
    let read = read(&sheet, scenario).map_err(failed)?;
    in_one_unit(&read, scenario, planned).map_err(failed)?;
    let totals = sheet.source.skipped.iter().filter(|row| row.why == Why::Total).cloned().collect();
    Ok(Actuals { source: data.input(), totals, ..read })
}

/// The table of a buy sheet: by the names of its columns, otherwise by others
/// that people give them.
pub(super) fn sheet(data: &Data, scenario: &Scenario) -> Result<Table, ActualsError> {
    let lines = LineNames::new(scenario);
    let known = |name: &str| lines.find(name).is_some();
    let own = |header: &[String]| Columns::named(header, false).is_ok();
    let other = |header: &[String]| Columns::named(header, true).is_ok();
    let wanted = Wanted { known: &known, closed: true, ..Wanted::default() };
    let found = data.table(&Wanted { fits: &own, ..wanted });
    let found = match &found {
        Ok(table) if own(&table.header) => found,
        _ => data.table(&Wanted { fits: &other, ..wanted }),
    };
    found.map_err(|error| ActualsError::new(data, error.into()))
}

/// One row that has something to say.
struct Row {
    line: String,
    report: Report,
    as_of: Option<Date>,
}

fn read(sheet: &Table, scenario: &Scenario) -> Result<Actuals, Fault> {
    let columns = Columns::new(&sheet.header)?;
    let reader = Reader::new(sheet, &columns, scenario);
    let known = LineNames::new(scenario);
    let mut rows = Vec::new();
    let mut orders: BTreeMap<String, Vec<Order>> = BTreeMap::new();
    for at in 0..sheet.rows.len() {
        let line = reader.line(at, &known)?;
        let committed = reader.committed(at)?;
        if committed > 0.0 {
            let period = reader.period(at)?;
            orders.entry(line.clone()).or_default().push(Order { period, committed });
        }
        if let Some(report) = reader.report(at)? {
            rows.push(Row { line, report, as_of: reader.as_of(at)? });
        }
    }
    if rows.is_empty() {
        return Err(Fault::Nothing);
    }
    let mut actuals = Actuals {
        periods: reader.period.periods().to_vec(),
        unused: columns.unused.clone(),
        ..Actuals::default()
    };
    let planned = |name: &str| LineActuals { name: name.to_owned(), planned: true, ..LineActuals::default() };
    actuals.lines = scenario.lines.iter().map(|line| planned(&line.name)).collect();
    latest(rows, &mut actuals)?;
    for line in &mut actuals.lines {
        line.reports.sort_by_key(|r| r.period);
        line.orders = orders.remove(&line.name).unwrap_or_default();
    }
    Ok(actuals)
}

/// Files every row under its line; of several for one period the one with the
/// latest date stands.
fn latest(rows: Vec<Row>, actuals: &mut Actuals) -> Result<(), Fault> {
    let mut dates: BTreeMap<(String, Option<usize>), Option<Date>> = BTreeMap::new();
    let mut places: HashMap<String, usize> =
        actuals.lines.iter().enumerate().map(|(i, l)| (l.name.clone(), i)).collect();
    for Row { line, report, as_of } in rows {
        let index = *places.entry(line.clone()).or_insert_with(|| {
            actuals.lines.push(LineActuals { name: line.clone(), ..LineActuals::default() });
            actuals.lines.len() - 1
        });
        let period_name = report.period.and_then(|p| actuals.periods.get(p)).map(|p| p.name.clone());
        let period = period_name.unwrap_or_else(|| "the whole horizon".to_owned());
        let Some(known) = actuals.lines.get_mut(index) else { continue };
        let mixed = known.reports.iter().find(|r| r.period.is_some() != report.period.is_some());
        if let Some(first) = mixed {
            return Err(Fault::Mixed { row: report.row, first: first.row, line });
        }
        let key = (line.clone(), report.period);
        match known.reports.iter_mut().find(|r| r.period == report.period) {
            None => {
                dates.insert(key, as_of);
                known.reports.push(report);
            }
            Some(before) => {
                let stood = dates.get(&key).copied().flatten();
                let (Some(stood), Some(now)) = (stood, as_of) else {
                    return Err(Fault::Twice { row: report.row, first: before.row, line, period });
                };
                if stood == now {
                    return Err(Fault::Twice { row: report.row, first: before.row, line, period });
                }
                let (old, new) =
                    if now > stood { (before.spend, report.spend) } else { (report.spend, before.spend) };
                actuals.revisions.push(Revision { line, period, before: old, after: new });
                if now > stood {
                    dates.insert(key, as_of);
                    *before = report;
                }
            }
        }
    }
    Ok(())
}

/// Reads the cells of one file.
pub(super) struct Reader<'a> {
    pub(super) sheet: &'a Table,
    pub(super) columns: &'a Columns,
    pub(super) period: PeriodColumn<'a>,
    /// Whether the plan is one by period.
    by_period: bool,
    /// When the figures of each row were known.
    as_of: Vec<Option<Date>>,
}

const FRACTION: &str = "a fraction from 0 to 1, such as 0.65 or 65%";

impl<'a> Reader<'a> {
    pub(super) fn new(sheet: &'a Table, columns: &'a Columns, scenario: &Scenario) -> Self {
        let period = PeriodColumn::new(sheet, columns.period, periods(scenario.horizon.as_ref()));
        // Whoever writes 05/01 for a period's first day writes dates so.
        let ways = [&[period.way], Way::ALL.as_slice()].concat();
        let dated = |c| dates(sheet, c, &ways, |_| true).1;
        let as_of = columns.actual[7].map_or_else(Vec::new, dated);
        Reader { sheet, columns, period, by_period: scenario.calendar.is_some(), as_of }
    }

    pub(super) fn line(&self, at: usize, known: &LineNames) -> Result<String, Fault> {
        let text = self.sheet.text(at, self.columns.line);
        if is_missing(text) {
            return Err(self.sheet.wrong(at, self.columns.line).into());
        }
        if let Some(name) = known.find(text) {
            return Ok(known.all()[name].to_owned());
        }
        let text = undefused(text);
        match known.all().iter().find(|name| alike(text, name)) {
            Some(nearest) => Err(Fault::Line {
                row: self.sheet.number_of(at),
                found: text.to_owned(),
                nearest: (*nearest).to_owned(),
            }),
            None => Ok(text.to_owned()),
        }
    }

    /// The figures of a row; `None` if nothing is reported yet.
    pub(super) fn report(&self, at: usize) -> Result<Option<Report>, Fault> {
        let period = self.period(at)?;
        let Some(spend) = self.amount(at, 0)? else {
            // `complete` and `as_of` alone say nothing.
            let filled = (1..6).find(|&k| !self.text(at, k).is_empty());
            return match filled {
                Some(k) => {
                    Err(Fault::NoSpend { row: self.sheet.number_of(at), column: ACTUAL[k].to_owned() })
                }
                None => Ok(None),
            };
        };
        let complete = self.fraction(at, 6)?.unwrap_or(1.0);
        if complete == 0.0 {
            return Err(self.out_of_range(at, 6, "a fraction above 0 and at most 1"));
        }
        let invalid_traffic = self.fraction(at, 2)?;
        if invalid_traffic == Some(1.0) {
            return Err(self.out_of_range(at, 2, "a fraction from 0 to below 1"));
        }
        let viewability = self.fraction(at, 3)?;
        if viewability == Some(0.0) {
            return Err(self.out_of_range(at, 3, "a fraction above 0 and at most 1"));
        }
        let units = self.amount(at, 1)?;
        if units == Some(0.0) && spend > 0.0 {
            return Err(self.out_of_range(
                at,
                1,
                "above 0 where money was spent; leave it empty if it is not known",
            ));
        }
        Ok(Some(Report {
            row: self.sheet.number_of(at),
            period,
            complete,
            spend,
            units: units.filter(|&u| u > 0.0),
            invalid_traffic,
            viewability,
            // An outcome below zero is an honest finding of a test.
            revenue: self.number(at, 4)?,
            customers: self.number(at, 5)?,
        }))
    }

    pub(super) fn period(&self, at: usize) -> Result<Option<usize>, Fault> {
        let row = self.sheet.number_of(at);
        match self.period.find(at) {
            Ok(None) if self.by_period => {
                let allowed = "a plan by period: every row needs one".to_owned();
                Err(Fault::Period { row, found: String::new(), allowed })
            }
            Ok(None) => Ok((self.period.periods().len() == 1).then_some(0)),
            Ok(found) => Ok(found),
            Err((found, allowed)) => Err(Fault::Period { row, found, allowed }),
        }
    }

    fn as_of(&self, at: usize) -> Result<Option<Date>, Fault> {
        match self.columns.actual[7] {
            Some(column) if !is_missing(self.sheet.text(at, column)) => {
                match self.as_of.get(at).copied().flatten() {
                    Some(day) => Ok(Some(day)),
                    None => Ok(Some(self.sheet.date(at, column)?)),
                }
            }
            _ => Ok(None),
        }
    }

    fn committed(&self, at: usize) -> Result<f64, Fault> {
        match self.columns.committed {
            Some(column) if !is_missing(self.sheet.text(at, column)) => Ok(self.sheet.amount(at, column)?),
            _ => Ok(0.0),
        }
    }

    /// The text of an actual column; empty where there is none.
    fn text(&self, at: usize, actual: usize) -> &str {
        let text = self.columns.actual[actual].map_or("", |c| self.sheet.text(at, c));
        if is_missing(text) { "" } else { text }
    }

    fn number(&self, at: usize, actual: usize) -> Result<Option<f64>, Fault> {
        match self.columns.actual[actual] {
            Some(column) if !self.text(at, actual).is_empty() => {
                self.possible(at, actual, self.sheet.number(at, column)?)
            }
            _ => Ok(None),
        }
    }

    fn amount(&self, at: usize, actual: usize) -> Result<Option<f64>, Fault> {
        match self.columns.actual[actual] {
            Some(column) if !self.text(at, actual).is_empty() => {
                self.possible(at, actual, self.sheet.amount(at, column)?)
            }
            _ => Ok(None),
        }
    }

    /// Refuses numbers that no plan can mean: sums of them would be lost.
    fn possible(&self, at: usize, actual: usize, value: f64) -> Result<Option<f64>, Fault> {
        const MOST: f64 = 1e15;
        if value.abs() > MOST {
            return Err(self.out_of_range(at, actual, "at most 1e15"));
        }
        Ok(Some(value))
    }

    fn fraction(&self, at: usize, actual: usize) -> Result<Option<f64>, Fault> {
        let text = self.text(at, actual);
        let value = match text.strip_suffix('%') {
            Some(percent) => number(percent, self.sheet.decimal).map(|p| p / 100.0),
            None => return self.in_unit(at, actual, self.number(at, actual)?),
        };
        match value {
            Some(value) => self.in_unit(at, actual, Some(value)),
            None => Err(self.out_of_range(at, actual, FRACTION)),
        }
    }

    fn in_unit(&self, at: usize, actual: usize, value: Option<f64>) -> Result<Option<f64>, Fault> {
        match value {
            Some(value) if !(0.0..=1.0).contains(&value) => Err(self.out_of_range(at, actual, FRACTION)),
            value => Ok(value),
        }
    }

    fn out_of_range(&self, at: usize, actual: usize, allowed: &'static str) -> Fault {
        let (row, column) = (self.sheet.number_of(at), ACTUAL[actual].to_owned());
        Fault::Range { row, column, text: self.text(at, actual).to_owned(), allowed }
    }
}

/// Names that are likely meant to be the same: equal but for case and blanks,
/// or a slip of the keyboard apart.
fn alike(a: &str, b: &str) -> bool {
    let plain = |t: &str| -> String { t.to_lowercase().split_whitespace().collect() };
    let (a, b) = (plain(a), plain(b));
    let slips = if a.chars().count().min(b.chars().count()) >= 6 { 2 } else { 1 };
    a == b || (a.chars().count() > 3 && strsim::damerau_levenshtein(&a, &b) <= slips)
}
