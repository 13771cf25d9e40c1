//! Why a history or a file of lift tests cannot be used.

use outlay_table::{Address, TableError};
use thiserror::Error;

/// Why a history or lift test file cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum HistoryError {
    /// The table itself cannot be read, or one of its cells.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Cells of spend are empty.
    #[error("{error}\nempty cells of spend can all be read as zero: --blank zero")]
    Blank {
        /// Which, and what else is wrong.
        error: Box<HistoryError>,
    },
    /// A column that may be the money of what another one counts.
    #[error(
        "`{column}` may be the money that was earned: say so with --outcome \"{column}\" --outcome-is revenue, or count sales with --outcome \"{count}\""
    )]
    MaybeMoney {
        /// The column.
        column: String,
        /// The one that counts.
        count: String,
    },
    /// No periods.
    #[error("fewer than two periods")]
    Empty,
    /// No column of a history could be taken for what is needed.
    #[error(
        "no column looks like {role}: name it with --{role}; the columns are {}{}",
        listed(columns),
        given(role, likely)
    )]
    NoRole {
        /// What is missing.
        role: &'static str,
        /// The columns there are.
        columns: Vec<String>,
        /// Those that could be it, by their cells.
        likely: Vec<String>,
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
    /// A channel that is not in the history.
    #[error("{channel}: no such channel in the history")]
    NoChannel {
        /// The name given.
        channel: String,
    },
    /// A channel without an outcome of its own.
    #[error("{channel}: no such channel with an outcome of its own in the history")]
    NotAttributed {
        /// The name given.
        channel: String,
    },
    /// A judgement of a channel whose curve is known.
    #[error("{channel} has a curve already")]
    Judged {
        /// The channel.
        channel: String,
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
    /// A cell that is wrong, and others of its column that are wrong alike.
    #[error("{first}; so it is in {}", listed_rows(rows))]
    Alike {
        /// The first.
        first: Box<HistoryError>,
        /// Rows of the others in the file.
        rows: Vec<usize>,
    },
    /// Several things are wrong.
    #[error("{} things are wrong:\n{}", faults.len(), faults.iter().map(|f| format!("  {f}")).collect::<Vec<_>>().join("\n"))]
    Several {
        /// All of them.
        faults: Vec<HistoryError>,
    },
    /// A lift test of a channel the history does not have.
    #[error("row {row}: the history has no channel `{channel}`; it has {}", listed(channels))]
    TestedChannel {
        /// Row in the file of tests.
        row: usize,
        /// The channel named.
        channel: String,
        /// The history's.
        channels: Vec<String>,
    },
    /// A lift test whose spend is a total of its window.
    #[error(
        "row {row}, {channel}: `spend` is {given:.0}, where the history shows {usual:.0} per period. It looks like the total of the {periods} periods: give spend and delta_spend per period ({each:.0}), and the lift as the total"
    )]
    TestedTotal {
        /// Row in the file of tests.
        row: usize,
        /// The channel.
        channel: String,
        /// What the row says.
        given: f64,
        /// What the history says per period.
        usual: f64,
        /// Length of the window.
        periods: usize,
        /// The figure per period.
        each: f64,
    },
    /// A lift test whose spend is not the history's.
    #[error(
        "row {row}, {channel}: `spend` is {given:.0} per period, {} times the {usual:.0} that the history shows. If the test was run in a part of the markets, add a column market_share with their share of the outcome (such as 0.2); if it was run in all of them, write 1 there",
        times(*share)
    )]
    TestedPart {
        /// Row in the file of tests.
        row: usize,
        /// The channel.
        channel: String,
        /// What the row says.
        given: f64,
        /// What the history says per period.
        usual: f64,
        /// One over the other.
        share: f64,
    },
    /// Too many periods are missing.
    #[error(
        "{missing} of {periods} {unit}s from {first} to {last} are missing: too many to be gaps; are dates read rightly, and is every row one {unit}?"
    )]
    Gaps {
        /// Periods without a row.
        missing: usize,
        /// All periods.
        periods: usize,
        /// The unit.
        unit: &'static str,
        /// First date.
        first: String,
        /// Last date.
        last: String,
    },
    /// Periods to leave out that are none of the history's.
    #[error("--exclude {from}..{to}: the history has no period there; it runs from {first} to {last}")]
    Exclude {
        /// First date.
        from: String,
        /// Last date.
        to: String,
        /// First date of the history.
        first: String,
        /// Last date of the history.
        last: String,
    },
    /// Dates that are neither daily, weekly, monthly nor quarterly.
    #[error("dates are mostly {days} days apart; they must be daily, weekly, monthly or quarterly")]
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

impl HistoryError {
    /// Where in the file it is, row by row.
    pub fn addresses(&self) -> Vec<Address<'_>> {
        match self {
            HistoryError::Table(error) => error.address().into_iter().collect(),
            HistoryError::Blank { error } | HistoryError::Alike { first: error, .. } => error.addresses(),
            HistoryError::Several { faults } => faults.iter().flat_map(HistoryError::addresses).collect(),
            HistoryError::Span { row, .. }
            | HistoryError::Repeated { row, .. }
            | HistoryError::TestedChannel { row, .. } => vec![Address::row(*row)],
            HistoryError::TestedTotal { row, .. } | HistoryError::TestedPart { row, .. } => {
                vec![Address::cell(*row, "spend")]
            }
            _ => Vec::new(),
        }
    }

    /// With what helps where cells of spend are empty.
    pub(super) fn with_blanks<T>(found: Result<T, HistoryError>, blanks: bool) -> Result<T, HistoryError> {
        found.map_err(|error| if blanks { HistoryError::Blank { error: Box::new(error) } } else { error })
    }

    /// Whether it is of an empty cell.
    pub(super) fn is_blank(&self) -> bool {
        matches!(
            self,
            HistoryError::Table(TableError::Cell { reason: outlay_table::CellReason::Missing, .. })
        )
    }

    /// All values, or all that is wrong: what is wrong alike in one column is
    /// told once.
    pub(super) fn gather<T>(
        all: impl Iterator<Item = Result<T, HistoryError>>,
    ) -> Result<Vec<T>, HistoryError> {
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for one in all {
            match one {
                Ok(value) => values.push(value),
                Err(fault) => faults.push(fault),
            }
        }
        let mut faults = alike(faults);
        match faults.len() {
            0 => Ok(values),
            1 => Err(faults.remove(0)),
            _ => Err(HistoryError::Several { faults }),
        }
    }
}

/// Different faults that are told, at most.
const MOST: usize = 20;

/// Faults in their order, those of a column and a reason together.
fn alike(faults: Vec<HistoryError>) -> Vec<HistoryError> {
    let mut found: Vec<HistoryError> = Vec::new();
    let mut at: std::collections::HashMap<(String, String, &'static str), usize> =
        std::collections::HashMap::new();
    for fault in faults {
        let key = match &fault {
            HistoryError::Table(TableError::Cell { column, text, reason, .. }) => {
                Some((column.clone(), text.clone(), kind(reason)))
            }
            _ => None,
        };
        let known = key.as_ref().and_then(|key| at.get(key)).copied();
        match (known.and_then(|i| found.get_mut(i)), fault) {
            (Some(HistoryError::Alike { rows, .. }), HistoryError::Table(TableError::Cell { row, .. })) => {
                rows.push(row);
            }
            (Some(first), HistoryError::Table(TableError::Cell { row, .. })) => {
                *first = HistoryError::Alike { first: Box::new(first.clone()), rows: vec![row] };
            }
            (_, fault) => {
                if let Some(key) = key {
                    at.insert(key, found.len());
                }
                if found.len() < MOST {
                    found.push(fault);
                }
            }
        }
    }
    found
}

fn kind(reason: &outlay_table::CellReason) -> &'static str {
    use outlay_table::CellReason;
    match reason {
        CellReason::Missing => "missing",
        CellReason::Negative => "negative",
        CellReason::NotNumber => "number",
        CellReason::NotDate => "date",
        CellReason::Formula => "formula",
        CellReason::OutOfRange(allowed) => allowed,
    }
}

/// `rows 6, 9, 28 and 12 more`.
fn listed_rows(all: &[usize]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = all.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = all.len().saturating_sub(SHOWN);
    let word = if all.len() == 1 { "row" } else { "rows" };
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{word} {}{rest}", shown.join(", "))
}

/// Names in a list where a name may hold a comma.
fn listed(names: &[String]) -> String {
    let named = |n: &String| if n.is_empty() { "(no name)".to_owned() } else { format!("`{n}`") };
    names.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// What to type if some columns are what is missing.
fn given(role: &str, likely: &[String]) -> String {
    if likely.is_empty() {
        return String::new();
    }
    let options: Vec<String> = likely.iter().map(|name| format!("--{role} \"{name}\"")).collect();
    format!("; those that hold amounts, if they are {role}: {}", options.join(" "))
}

/// A factor to two digits, however small it is.
fn times(factor: f64) -> String {
    let digits = (1.0 - factor.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{factor:.digits$}")
}
