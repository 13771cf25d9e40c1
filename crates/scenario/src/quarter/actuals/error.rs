//! Why a file of actuals cannot be used.

use std::fmt;
use std::path::PathBuf;

use outlay_table::{Address, TableError};
use thiserror::Error;

use crate::files::data::Data;
use crate::files::excerpt::{Shown, located};

/// Why an actuals file cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct ActualsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: Box<Fault>,
    /// The lines of the file that it is in.
    pub shown: Shown,
}

impl std::error::Error for ActualsError {}

impl fmt::Display for ActualsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(&self.path, &self.fault, &self.shown, f)
    }
}

impl ActualsError {
    pub(crate) fn new(data: &Data, fault: Fault) -> Self {
        let shown = data.shown(fault.address());
        ActualsError { path: data.path().to_owned(), fault: Box::new(fault), shown }
    }
}

/// What is wrong with an actuals file.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Fault {
    /// The file or one of its cells cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column that has to be there.
    #[error("no column `{column}`; the file has {}", columns.join(", "))]
    NoColumn {
        /// The column.
        column: &'static str,
        /// What the file has.
        columns: Vec<String>,
    },
    /// A column that looks like one of ours and is none.
    #[error("row 1: unknown column `{found}`{}; the columns to fill in are {}", nearest(found_nearest.as_ref()), allowed.join(", "))]
    UnknownColumn {
        /// As written.
        found: String,
        /// The one that looks most like it.
        found_nearest: Option<String>,
        /// The columns that can be filled in.
        allowed: Vec<String>,
    },
    /// A line's name that is nearly one of the plan's.
    #[error(
        "row {row}, column `line`: `{found}` is not in the plan; did you mean `{nearest}`? A line outside the plan needs a name that cannot be taken for one in it"
    )]
    Line {
        /// Row of the file.
        row: usize,
        /// As written.
        found: String,
        /// The plan's line.
        nearest: String,
    },
    /// A period that the plan does not have.
    #[error("row {row}, column `period`: unknown period `{found}`; the plan has {allowed}")]
    Period {
        /// Row of the file.
        row: usize,
        /// As written.
        found: String,
        /// What the plan has, in words.
        allowed: String,
    },
    /// A number outside its range.
    #[error("row {row}, column `{column}`: `{text}` is not {allowed}")]
    Range {
        /// Row of the file.
        row: usize,
        /// The column.
        column: String,
        /// As written.
        text: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Figures that say how much without saying what was spent.
    #[error(
        "row {row}, column `actual_spend`: is empty although `{column}` is given; write 0 if nothing was spent"
    )]
    NoSpend {
        /// Row of the file.
        row: usize,
        /// The column that is filled in.
        column: String,
    },
    /// A line and period that stands in two rows.
    #[error(
        "row {row}: {line}, {period} stands in row {first} too; give the later figures a later `as_of` date, or add the rows up"
    )]
    Twice {
        /// Row of the file.
        row: usize,
        /// The row before it.
        first: usize,
        /// The line.
        line: String,
        /// The period.
        period: String,
    },
    /// Figures for the whole horizon beside figures by period.
    #[error("row {row}: {line} has figures for the whole horizon here and by period in row {first}")]
    Mixed {
        /// Row of the file.
        row: usize,
        /// A row by period.
        first: usize,
        /// The line.
        line: String,
    },
    /// Money in another unit than the plan's.
    #[error(
        "column `actual_spend`, row {row}: {spent:.2} where the plan has {expected:.2}, and other rows say nothing else: are the amounts {unit}? Write them in the plan's unit; where so little or so much was really spent, `actual_units` shows it for a line with a `rate`, and so do rows of other lines"
    )]
    Scale {
        /// A row in the middle.
        row: usize,
        /// As written.
        spent: f64,
        /// As planned.
        expected: f64,
        /// The likely unit, in words.
        unit: &'static str,
    },
    /// Nothing is filled in.
    #[error("column `actual_spend` is empty in every row: nothing has happened yet")]
    Nothing,
}

impl Fault {
    /// Where in the file it is, if it is in one row.
    fn address(&self) -> Option<Address<'_>> {
        match self {
            Fault::Table(error) => error.address(),
            Fault::NoColumn { .. } | Fault::Nothing => None,
            Fault::UnknownColumn { .. } => Some(Address::row(1)),
            Fault::Line { row, .. } => Some(Address::cell(*row, "line")),
            Fault::Period { row, .. } => Some(Address::cell(*row, "period")),
            Fault::Range { row, column, .. } => Some(Address::cell(*row, column)),
            Fault::NoSpend { row, .. } | Fault::Scale { row, .. } => {
                Some(Address::cell(*row, "actual_spend"))
            }
            Fault::Twice { row, .. } | Fault::Mixed { row, .. } => Some(Address::row(*row)),
        }
    }
}

fn nearest(name: Option<&String>) -> String {
    name.map_or(String::new(), |n| format!("; did you mean `{n}`?"))
}
