//! What happened: a buy sheet with its `actual_` columns filled in.
//!
//! Rows may be late (nothing filled in yet), partial (`complete` below 1) and
//! revised (the same line and period again, with a later `as_of`). Lines that
//! no plan knows are kept; a name that is nearly one of the plan's is an error.

mod column;
mod error;
mod read;
mod scale;
mod typed;

use crate::files::source::InputFile;
use crate::model::calendar::Period;

pub use column::{ACTUAL, PLANNED};
pub use error::ActualsError;
pub use read::read_actuals;
pub use typed::{TypedRow, beside, read_typed};

/// What happened, by line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Actuals {
    /// The file they were read from, with its hash.
    pub source: InputFile,
    /// The plan's lines in its order, then lines that are not in the plan in
    /// the order of the file.
    pub lines: Vec<LineActuals>,
    /// The periods of the plan.
    pub periods: Vec<Period>,
    /// Columns of the file that are not used.
    pub unused: Vec<String>,
    /// Rows that hold totals and are not counted.
    pub totals: Vec<outlay_table::Skipped>,
    /// Earlier figures that later ones replaced.
    pub revisions: Vec<Revision>,
}

/// What happened to one line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineActuals {
    /// The line.
    pub name: String,
    /// False for a line that the plan does not have.
    pub planned: bool,
    /// What is reported, in the order of the periods.
    pub reports: Vec<Report>,
    /// Money that rows say is bound.
    pub orders: Vec<Order>,
}

/// Money bound for one period, or for the whole horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// Index of the period; `None` for the whole horizon.
    pub period: Option<usize>,
    /// Media money bound.
    pub committed: f64,
}

/// Figures of one line in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Row of the file, the heading being row 1.
    pub row: usize,
    /// Index of the period; `None` for the whole horizon.
    pub period: Option<usize>,
    /// Fraction of the period that the figures cover.
    pub complete: f64,
    /// Media money spent, without fees.
    pub spend: f64,
    /// Units delivered, valid and seen or not.
    pub units: Option<f64>,
    /// Share of them that was invalid.
    pub invalid_traffic: Option<f64>,
    /// Share of the valid ones that was seen.
    pub viewability: Option<f64>,
    /// Incremental revenue.
    pub revenue: Option<f64>,
    /// New customers.
    pub customers: Option<f64>,
}

/// A figure that was replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// The line.
    pub line: String,
    /// The period's name.
    pub period: String,
    /// Spend as reported before.
    pub before: f64,
    /// Spend as reported last.
    pub after: f64,
}

impl Actuals {
    /// Share of the horizon that is over: up to the last moment of which
    /// anything is reported. `None` if only whole horizons are.
    pub fn elapsed(&self) -> Option<f64> {
        let count = self.periods.len() as f64;
        let ends = self.lines.iter().flat_map(|l| &l.reports);
        let ends = ends.filter_map(|r| Some((r.period? as f64 + r.complete) / count));
        ends.fold(None, |last: Option<f64>, end| Some(last.map_or(end, |l| l.max(end))))
    }

    /// Index of the last period of which anything is reported.
    pub fn through(&self) -> Option<usize> {
        self.lines.iter().flat_map(|l| &l.reports).filter_map(|r| r.period).max()
    }
}
