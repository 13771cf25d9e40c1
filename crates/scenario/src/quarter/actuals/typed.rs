//! What people wrote into a buy sheet, cell by cell, so that another sheet can
//! keep it.

use outlay_table::{Why, is_missing};

use super::ActualsError;
use super::column::{ACTUAL, Columns, PLANNED};
use super::read::{Reader, sheet};
use crate::files::data::Data;
use crate::model::names::LineNames;
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
    let failed = |fault| ActualsError::new(data, fault);
    let sheet = sheet(data, scenario)?;
    let columns = Columns::new(&sheet.header).map_err(failed)?;
    let known = LineNames::new(scenario);
    let reader = Reader::new(&sheet, &columns, scenario);
    let mut typed = Vec::new();
    for at in 0..sheet.rows.len() {
        let filled = |k: &usize| !is_missing(sheet.text(at, *k));
        let name = |k: &usize| columns.names.get(*k).map_or("", String::as_str);
        let own = |k: &usize| ACTUAL.contains(&name(k)) || columns.unused.iter().any(|u| u == name(k));
        let then = |k: &usize| PLANNED.contains(&name(k)) && !["line", "period"].contains(&name(k));
        let all = || (0..sheet.header.len()).filter(filled);
        if !all().any(|k| own(&k)) {
            continue;
        }
        let happened = reader.report(at).map_err(failed)?.is_some();
        let cell = |k: usize| (name(&k).to_owned(), sheet.text(at, k).to_owned());
        let period = reader.period(at).map_err(failed)?;
        typed.push(TypedRow {
            line: reader.line(at, &known).map_err(failed)?,
            period: period
                .and_then(|p| reader.period.periods().get(p))
                .filter(|_| reader.period.periods().len() > 1)
                .map_or(String::new(), |p| p.name.clone()),
            cells: all().filter(|k| own(k) || (happened && then(k))).map(cell).collect(),
        });
    }
    Ok(typed)
}

/// What stands in the file of a sheet beside its table, in words: titles and
/// notes above, within and below, and other sheets. A sheet that is written anew
/// does not have them; totals follow from what it has.
///
/// # Errors
/// As [`read_typed`].
pub fn beside(data: &Data, scenario: &Scenario) -> Result<Vec<String>, ActualsError> {
    let source = sheet(data, scenario)?.source;
    let told = |why: Why| matches!(why, Why::Above | Why::Title | Why::Footer);
    let rows = source.skipped.iter().filter(|row| told(row.why));
    let rows = rows.map(|row| format!("row {} (`{}`)", row.row, row.text));
    let others = source.sheets.iter().filter(|name| source.sheet.as_ref() != Some(*name));
    Ok(rows.chain(others.map(|name| format!("the sheet `{name}`"))).collect())
}
