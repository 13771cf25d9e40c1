//! What can go wrong, with its place and its remedy.

use std::path::PathBuf;

use outlay_allocator::ProblemError;
use outlay_curves::fit::FitError;
use outlay_exchange::{DraftError, ImportError};
use outlay_scenario::actuals::ActualsError;
use outlay_scenario::comparison::CompareError;
use outlay_scenario::frontier::FrontierError;
use outlay_scenario::history::HistoryError;
use outlay_scenario::lifted::LiftError;
use outlay_scenario::next::NextError;
use outlay_scenario::replan::ReplanError;
use outlay_scenario::{ApplyError, PlanError, RecordError, Rejected, Shown};
use thiserror::Error;

/// Why something cannot be done. Messages name the file, the line, the field,
/// the value, and what is allowed or would help; [`Error::places`] has the same
/// as data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A scenario or a curve library is wrong.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// A saved result, or the scenario it was made from, cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A history, a panel, a lift test or a judgement is wrong.
    #[error(fmt = outlay_scenario::located)]
    History {
        /// The file.
        path: PathBuf,
        /// What is wrong, by row and column.
        error: Box<HistoryError>,
        /// The lines of the file that it is in.
        shown: Shown,
    },
    /// No curves can be fitted to the history.
    #[error("{path}: {error}", path = path.display())]
    Fit {
        /// The history.
        path: PathBuf,
        /// Why.
        error: FitError,
    },
    /// A test cannot be read from a panel, or none can be designed on it.
    #[error("{path}: {error}", path = path.display())]
    Experiment {
        /// The panel.
        path: PathBuf,
        /// Why.
        error: LiftError,
    },
    /// A plan made by hand cannot be read.
    #[error(fmt = outlay_scenario::located)]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong, by row.
        error: Box<PlanError>,
        /// The lines of the file that it is in.
        shown: Shown,
    },
    /// A model of another program cannot be imported.
    #[error("{path}: {error}", path = path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ImportError,
    },
    /// A file that a scenario cannot start from.
    #[error(fmt = outlay_scenario::located)]
    Draft {
        /// The file.
        path: PathBuf,
        /// Why, with its place.
        error: Box<DraftError>,
        /// The lines of the file that it is in.
        shown: Shown,
    },
    /// What happened cannot be read.
    #[error(transparent)]
    Actuals(#[from] ActualsError),
    /// Tests cannot be valued.
    #[error(transparent)]
    Next(#[from] NextError),
    /// Results cannot be compared.
    #[error(transparent)]
    Compare(CompareError),
    /// There is no frontier.
    #[error(transparent)]
    Frontier(FrontierError),
    /// The rest cannot be planned again.
    #[error(transparent)]
    Replan(ReplanError),
    /// A repair cannot be written into the scenario's file.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The problem makes no sense whatever its numbers.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// A file cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Something that is not done for this kind of scenario or answer.
    #[error("{0}")]
    Unsupported(String),
    /// A report or a file cannot be written.
    #[error("{0}")]
    Render(String),
}

/// One thing wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 where the file as a whole is meant.
    pub column: usize,
    /// The field, as a path like `limits.CAC.max`; empty for the whole file.
    pub field: String,
    /// What is wrong, what is allowed, and what was probably meant.
    pub message: String,
}

impl Error {
    /// Every fault of a scenario or library file, in the order found; empty for
    /// errors that are not about the text of one.
    pub fn places(&self) -> Vec<Place> {
        let rejected = match self {
            Error::Rejected(rejected)
            | Error::Record(RecordError::Scenario(rejected))
            | Error::Frontier(FrontierError::Rejected(rejected))
            | Error::Replan(ReplanError::Scenario(rejected)) => rejected,
            _ => return Vec::new(),
        };
        let place = |fault: &outlay_scenario::Diagnostic| Place {
            path: fault.path.clone(),
            line: fault.line,
            column: fault.column,
            field: fault.field.clone(),
            message: fault.issue.to_string(),
        };
        rejected.diagnostics.iter().map(place).collect()
    }
}

impl From<CompareError> for Error {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Problem(error) => Error::Problem(error),
            error => Error::Compare(error),
        }
    }
}

impl From<FrontierError> for Error {
    fn from(error: FrontierError) -> Self {
        match error {
            FrontierError::Rejected(error) => Error::Rejected(error),
            FrontierError::Problem(error) => Error::Problem(error),
            error => Error::Frontier(error),
        }
    }
}

impl From<ReplanError> for Error {
    fn from(error: ReplanError) -> Self {
        match error {
            ReplanError::Scenario(error) => Error::Rejected(error),
            ReplanError::Problem(error) => Error::Problem(error),
            error => Error::Replan(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error::Render(error.to_string())
    }
}
