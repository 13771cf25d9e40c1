use outlay_table::TableError;
use thiserror::Error;

/// Why a history or lift test file cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum HistoryError {
    /// The table itself cannot be read, or one of its cells.
    #[error(transparent)]
    Table(#[from] TableError),
    /// No periods.
    #[error("fewer than two periods")]
    Empty,
    /// No column of a history could be taken for what is needed.
    #[error("no column looks like {role}: name it with --{role}; the columns are {}", listed(columns))]
    NoRole {
        /// What is missing.
        role: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A column named on the command line does not exist.
    #[error("no column `{name}`{}; the columns are {}", nearest.as_ref().map_or(String::new(), |n| format!(", did you mean `{n}`?")), listed(columns))]
    UnknownColumn {
        /// The name given.
        name: String,
        /// The most similar name there is.
        nearest: Option<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// More than one column of a long file that could be the spend.
    #[error("{} could each be the spend: choose one with --spend", listed(names))]
    Spends {
        /// The columns.
        names: Vec<String>,
    },
    /// Rows that cover more than a period.
    #[error(
        "row {row} covers {from} to {to}: export the report by day (or by week or month), so that every row is one period"
    )]
    Span {
        /// Row in the file.
        row: usize,
        /// First day.
        from: String,
        /// Last day.
        to: String,
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
    /// The figures make no panel.
    #[error("{error}")]
    Panel {
        /// Why.
        error: outlay_experiments::ExperimentError,
    },
}

/// Names in a list where a name may hold a comma.
fn listed(names: &[String]) -> String {
    let named = |n: &String| if n.is_empty() { "(no name)".to_owned() } else { format!("`{n}`") };
    names.iter().map(named).collect::<Vec<_>>().join(", ")
}
