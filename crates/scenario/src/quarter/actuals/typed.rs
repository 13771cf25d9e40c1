//! What people wrote into a buy sheet, cell by cell, so that another sheet can
//! keep it.

use std::collections::HashSet;

use outlay_table::{Wanted, is_missing};

use super::ActualsError;
use super::column::{ACTUAL, Columns, PLANNED};
use super::read::Reader;
use crate::files::data::Data;
use crate::model::calendar::periods;
use crate::model::scenario::Scenario;

/// What one row of a sheet says beyond the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedRow {
    /// The line.
    pub line: String,
    /// The period's name; empty for the whole horizon.
    pub period: String,
    /// Columns and their texts as written.
    pub cells: Vec<(String, String)>,
}

/// Reads what people wrote into a sheet of a scenario's plan: every filled-in
/// column and every column of their own. A row that has happened keeps what was
/// planned for it then.
///
/// # Errors
/// The first thing wrong, by row and column.
pub fn read_typed(data: &Data, scenario: &Scenario) -> Result<Vec<TypedRow>, ActualsError> {
    let failed = |fault| ActualsError { path: data.path().to_owned(), fault };
    let known = |name: &str| scenario.lines.iter().any(|line| line.name == name);
    let fits = |header: &[String]| Columns::new(header).is_ok();
    let wanted = Wanted { known: &known, fits: &fits, ..Wanted::default() };
    let sheet = data.table(&wanted).map_err(|e| failed(e.into()))?;
    let columns = Columns::new(&sheet.header).map_err(failed)?;
    let names: Vec<&str> = scenario.lines.iter().map(|l| l.name.as_str()).collect();
    let set: HashSet<&str> = names.iter().copied().collect();
    let calendar = periods(scenario.horizon.as_ref());
    let by_period = scenario.calendar.is_some();
    let reader = Reader { sheet: &sheet, columns: &columns, periods: calendar, by_period };
    let mut typed = Vec::new();
    for at in 0..sheet.rows.len() {
        let filled = |k: &usize| !is_missing(sheet.text(at, *k));
        let own = |k: &usize| {
            sheet
                .header
                .get(*k)
                .is_some_and(|h| ACTUAL.contains(&h.to_lowercase().as_str()) || columns.unused.contains(h))
        };
        let then = |k: &usize| {
            let named = |h: &String| PLANNED.contains(&h.to_lowercase().as_str());
            let kept = |h: &String| !h.eq_ignore_ascii_case("line") && !h.eq_ignore_ascii_case("period");
            sheet.header.get(*k).is_some_and(|h| named(h) && kept(h))
        };
        let all = || (0..sheet.header.len()).filter(filled);
        if !all().any(|k| own(&k)) {
            continue;
        }
        let happened = reader.report(at).map_err(failed)?.is_some();
        let cell = |k: usize| Some((sheet.header.get(k)?.to_lowercase(), sheet.text(at, k).to_owned()));
        let period = reader.period(at).map_err(failed)?;
        typed.push(TypedRow {
            line: reader.line(at, &names, &set).map_err(failed)?,
            period: period
                .and_then(|p| reader.periods.get(p))
                .filter(|_| reader.periods.len() > 1)
                .map_or(String::new(), |p| p.name.clone()),
            cells: all().filter(|k| own(k) || (happened && then(k))).filter_map(cell).collect(),
        });
    }
    Ok(typed)
}
