//! A plan someone made by hand: a table of `line` and `spend`, as CSV or Excel.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::Reader;
use thiserror::Error;

use crate::files::diagnostic::nearest;
use crate::files::history::sheet::Numbered;
use crate::files::history::{cell, sheet};
use crate::files::texts::sha256;
use crate::model::scenario::Scenario;

/// Why a plan cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{reason}")]
    Unreadable {
        /// What the system or the format says.
        reason: String,
    },
    /// No table with the two columns.
    #[error("no columns `line` and `spend`; found: {}", found.join(", "))]
    NoColumns {
        /// The first row.
        found: Vec<String>,
    },
    /// A line the scenario does not have.
    #[error("row {row}: unknown line `{name}`{}", nearest.as_ref().map_or(String::new(), |n| format!("; did you mean `{n}`?")))]
    UnknownLine {
        /// Row of the file, from 1.
        row: usize,
        /// As written.
        name: String,
        /// The line that looks most like it.
        nearest: Option<String>,
    },
    /// A line twice.
    #[error("row {row}: line `{name}` has a row already")]
    Twice {
        /// Row of the file, from 1.
        row: usize,
        /// The line.
        name: String,
    },
    /// A spend that is none.
    #[error("row {row}, column spend: `{text}` is not an amount of at least 0")]
    NotAnAmount {
        /// Row of the file, from 1.
        row: usize,
        /// As written.
        text: String,
    },
    /// Lines without a row: 0 is never assumed.
    #[error("no row for {}: write 0 for a line that is off", names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))]
    Missing {
        /// The lines.
        names: Vec<String>,
    },
    /// Several scenarios in one file, none of them this one.
    #[error("it has plans of other scenarios only: {}", scenarios.join(", "))]
    OtherScenarios {
        /// Their names.
        scenarios: Vec<String>,
    },
}

/// A plan as read.
#[derive(Debug, Clone, PartialEq)]
pub struct HandPlan {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// Spend of every line, in the scenario's order.
    pub spends: Vec<f64>,
}

/// Reads a plan for a scenario. Further columns are left alone, but with a
/// column `scenario` only the rows of this scenario count; a row of totals
/// below the lines is left out.
///
/// # Errors
/// Everything that would have to be guessed.
pub fn read_plan(path: &Path, scenario: &Scenario) -> Result<HandPlan, PlanError> {
    let unreadable = |reason: String| PlanError::Unreadable { reason };
    let bytes = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    let hash = sha256(&bytes);
    let excel = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let tables = if excel { workbook(bytes) } else { sheet::csv_rows(&bytes).map(|rows| vec![rows]) };
    let tables = tables.map_err(unreadable)?;
    let table = tables.iter().find_map(|rows| Table::find(rows)).ok_or_else(|| PlanError::NoColumns {
        found: tables.first().and_then(|rows| rows.first()).map(|(_, row)| row.clone()).unwrap_or_default(),
    })?;
    Ok(HandPlan { path: path.to_owned(), sha256: hash, spends: table.spends(scenario)? })
}

/// Every sheet as rows of text.
fn workbook(bytes: Vec<u8>) -> Result<Vec<Vec<Numbered>>, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let sheets = book.worksheets().into_iter().map(|(_, range)| {
        let above = range.start().map_or(0, |(row, _)| row as usize);
        let rows = range.rows().enumerate();
        rows.map(|(k, row)| (above + k + 1, row.iter().map(ToString::to_string).collect())).collect()
    });
    Ok(sheets.collect())
}

/// Rows below a heading with the columns that matter.
struct Table<'a> {
    /// The rows below the heading.
    rows: &'a [Numbered],
    line: usize,
    spend: usize,
    scenario: Option<usize>,
}

/// The heading is looked for in this many rows.
const TOP: usize = 20;

impl<'a> Table<'a> {
    fn find(rows: &'a [Numbered]) -> Option<Self> {
        rows.iter().take(TOP).enumerate().find_map(|(heading, (_, row))| {
            let at = |name: &str| row.iter().position(|c| c.trim().eq_ignore_ascii_case(name));
            let rows = rows.get(heading + 1..).unwrap_or_default();
            Some(Table { rows, line: at("line")?, spend: at("spend")?, scenario: at("scenario") })
        })
    }

    fn spends(&self, scenario: &Scenario) -> Result<Vec<f64>, PlanError> {
        let mut spends: Vec<Option<f64>> = vec![None; scenario.lines.len()];
        let mut others: Vec<String> = Vec::new();
        let mut own = false;
        for (number, row) in self.rows {
            let text = |column: usize| row.get(column).map_or("", |c| c.trim());
            let name = undefused(text(self.line));
            if let Some(of) = self.scenario.map(text).map(undefused).filter(|of| *of != scenario.name) {
                if !of.is_empty() && !others.iter().any(|o| o == of) {
                    others.push(of.to_owned());
                }
                continue;
            }
            let found = scenario.lines.iter().position(|l| l.name == name);
            let total = name.to_ascii_lowercase().starts_with("total");
            if found.is_none() && (name.is_empty() || total) {
                continue;
            }
            own = true;
            let row = *number;
            let Some(i) = found else {
                let nearest = nearest(name, scenario.lines.iter().map(|l| l.name.as_str()));
                return Err(PlanError::UnknownLine { row, name: name.to_owned(), nearest });
            };
            if spends[i].is_some() {
                return Err(PlanError::Twice { row, name: name.to_owned() });
            }
            let amount = cell::number(text(self.spend), cell::Decimal::Either).filter(|x| *x >= 0.0);
            spends[i] = Some(
                amount.ok_or_else(|| PlanError::NotAnAmount { row, text: text(self.spend).to_owned() })?,
            );
        }
        if !own && !others.is_empty() {
            return Err(PlanError::OtherScenarios { scenarios: others });
        }
        let missing = |(line, x): (&std::sync::Arc<crate::model::scenario::ScenarioLine>, &Option<f64>)| {
            x.is_none().then(|| line.name.clone())
        };
        let names: Vec<String> = scenario.lines.iter().zip(&spends).filter_map(missing).collect();
        if names.is_empty() {
            Ok(spends.into_iter().flatten().collect())
        } else {
            Err(PlanError::Missing { names })
        }
    }
}

/// A cell as it was before our CSV kept a spreadsheet from running it.
fn undefused(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}
