use std::path::PathBuf;

use thiserror::Error;

/// Why a history or lift test file cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum HistoryError {
    /// The file cannot be read at all.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system or the format says.
        cause: String,
    },
    /// No rows.
    #[error("fewer than two rows of data")]
    Empty,
    /// Two columns of one name.
    #[error("two columns are called `{name}`")]
    Twice {
        /// The name.
        name: String,
    },
    /// A needed column of a fixed name is missing.
    #[error("no column `{name}` among: {}", columns.join(", "))]
    NoColumn {
        /// The name.
        name: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// No column of a history could be taken for what is needed.
    #[error("no column looks like {role}: name it with --{role}; columns: {}", columns.join(", "))]
    NoRole {
        /// What is missing.
        role: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A column named on the command line does not exist.
    #[error("no column `{name}`{}; columns: {}", nearest.as_ref().map_or(String::new(), |n| format!(", did you mean `{n}`?")), columns.join(", "))]
    UnknownColumn {
        /// The name given.
        name: String,
        /// The most similar name there is.
        nearest: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A cell that is missing, negative or not what its column holds.
    #[error("row {row}, column `{column}`: `{text}` {}", reason.words())]
    Cell {
        /// Row in the file, the heading being row 1.
        row: usize,
        /// Column.
        column: String,
        /// What the cell holds.
        text: String,
        /// What is wrong with it.
        reason: CellReason,
    },
    /// A text column with too many different words to be a control.
    #[error("column `{column}` has {words} different texts: ignore it, or choose what it is")]
    TooManyWords {
        /// Column.
        column: String,
        /// Different texts.
        words: usize,
    },
    /// Two rows that say the same thing twice.
    #[error("row {row} repeats {what} on {date}")]
    Repeated {
        /// Row in the file.
        row: usize,
        /// Channel or market.
        what: String,
        /// Date.
        date: String,
    },
    /// Dates with unequally many rows, and no column that says why.
    #[error(
        "{date} has {rows} rows where other dates have {usual}: rows are missing or doubled; if they are markets, name their column with --market"
    )]
    Uneven {
        /// The date.
        date: String,
        /// Its rows.
        rows: usize,
        /// Rows of most dates.
        usual: usize,
    },
    /// A channel or market without a row in some period.
    #[error("no row for {channel} on {date}; write 0 if nothing was spent")]
    NoRow {
        /// Channel or market.
        channel: String,
        /// Date.
        date: String,
    },
    /// Dates that are neither daily, weekly nor monthly.
    #[error("dates are mostly {days} days apart; they must be daily, weekly or monthly")]
    Step {
        /// Median distance.
        days: i32,
    },
    /// Missing periods.
    #[error("a gap: after the {unit} of {after} comes {found}, {expected} is missing")]
    Gap {
        /// The unit.
        unit: &'static str,
        /// Last date before the gap.
        after: String,
        /// Date expected.
        expected: String,
        /// Date found.
        found: String,
    },
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellReason {
    /// Nothing there.
    Missing,
    /// Below zero where that makes no sense.
    Negative,
    /// Not a number.
    NotNumber,
    /// Not a date.
    NotDate,
    /// Some other value is needed.
    OutOfRange,
}

impl CellReason {
    fn words(self) -> &'static str {
        match self {
            CellReason::Missing => "is missing; write 0 if it was zero, or drop the row",
            CellReason::Negative => "is negative; book refunds and corrections to the period they belong to",
            CellReason::NotNumber => "is not a number",
            CellReason::NotDate => "is not a date such as 2024-01-29",
            CellReason::OutOfRange => "is out of range",
        }
    }
}
