//! Why tests cannot be valued.

use std::path::PathBuf;

use outlay_experiments::value::ValueError;
use outlay_table::TableError;

use crate::files::excerpt::{Shown, located};

/// Why no test can be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NextError {
    /// The plan has nothing that tests could be valued in.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The goal is no outcome.
    #[error(
        "a test is valued by what a plan earns: give a goal that is maximised, such as --goal \"maximize revenue\""
    )]
    NoOutcome,
    /// The goal or a limit looks at the draws one by one.
    #[error(
        "tests are valued by the mean over the draws: leave out `worst`, `shortfall`, `regret` and `probability`, or ask for --goal \"maximize revenue\""
    )]
    OverDraws,
    /// Lines meet in a plan by period.
    #[error(
        "tests of lines that meet are valued for plans in total: write `plan = \"total\"` in `horizon`, or leave out the audiences and pools"
    )]
    MeetsByPeriod,
    /// No line with draws has spend today.
    #[error(
        "no line whose curve has draws spends anything today: a test changes today's spend; write `spend.current`"
    )]
    NoSpend,
    /// The file of tests is wrong.
    #[error(fmt = located)]
    Tests {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: Box<TableError>,
        /// The lines of the file that it is in.
        shown: Shown,
    },
    /// A test of a line that the scenario does not have.
    #[error("{path}: row {row}, column `channel`: no line `{name}`{}", nearest.as_ref().map_or(String::new(), |n| format!("; did you mean `{n}`?")))]
    UnknownLine {
        /// The file.
        path: String,
        /// Its row.
        row: usize,
        /// As written.
        name: String,
        /// The line that looks most like it.
        nearest: Option<String>,
    },
    /// A test of a line that cannot be tested.
    #[error("`{line}` cannot be tested: {}", if *spends { "its curve has no draws, so that it counts as certain" } else { "it spends nothing today that a test could change; write `spend.current`" })]
    Untestable {
        /// The line.
        line: String,
        /// Whether it spends something today.
        spends: bool,
    },
    /// A panel cannot be used.
    #[error("{path}: {error}")]
    Panel {
        /// The file.
        path: String,
        /// What is wrong.
        error: String,
    },
}
