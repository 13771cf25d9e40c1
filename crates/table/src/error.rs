//! Why a table cannot be used, by row and column.

use thiserror::Error;

use crate::address::Address;

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TableError {
    /// The file cannot be read at all.
    #[error("{cause}")]
    Unreadable {
        /// What the system or the format says.
        cause: String,
    },
    /// No rows.
    #[error("no table: a heading and rows of figures below it are needed")]
    Empty,
    /// Two columns of one name.
    #[error("row {row}: two columns are called `{name}`; rename one of them")]
    Twice {
        /// The heading's row.
        row: usize,
        /// The name.
        name: String,
    },
    /// A row with more cells than the heading.
    #[error(
        "row {row} has {found} cells where the heading (row {heading}) has {expected}: a number or name that holds a comma needs quotes around it"
    )]
    Ragged {
        /// Row in the file.
        row: usize,
        /// Its cells.
        found: usize,
        /// The heading's row.
        heading: usize,
        /// The heading's cells.
        expected: usize,
    },
    /// A needed column is missing.
    #[error("no column `{name}`; row {row} has the columns {}", quoted(columns))]
    NoColumn {
        /// The name.
        name: &'static str,
        /// The heading's row.
        row: usize,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A cell that is missing, negative or not what its column holds.
    #[error("row {row}, column `{column}`: {}", words(text, reason))]
    Cell {
        /// Row in the file, from 1.
        row: usize,
        /// Column.
        column: String,
        /// What the cell holds.
        text: String,
        /// What is wrong with it.
        reason: CellReason,
    },
    /// Money of two kinds in what would be added up.
    #[error(
        "row {row}, column `{column}`: money in {second} where {place} in {first}; bring all money to one currency first"
    )]
    Currencies {
        /// Row in the file.
        row: usize,
        /// Column.
        column: String,
        /// Where the other currency stands.
        place: String,
        /// The first currency.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

impl TableError {
    /// Where in the file it is, if it is in one row.
    pub fn address(&self) -> Option<Address<'_>> {
        match self {
            TableError::Unreadable { .. } | TableError::Empty => None,
            TableError::Twice { row, .. }
            | TableError::Ragged { row, .. }
            | TableError::NoColumn { row, .. } => Some(Address::row(*row)),
            TableError::Cell { row, column, .. } | TableError::Currencies { row, column, .. } => {
                Some(Address::cell(*row, column))
            }
        }
    }
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
    /// A formula that was never calculated.
    Formula,
    /// Some other value is needed: what is allowed.
    OutOfRange(&'static str),
}

fn words(text: &str, reason: &CellReason) -> String {
    let text = text.trim();
    match reason {
        CellReason::Missing if text.is_empty() => "the cell is empty; write 0 if it was zero".to_owned(),
        CellReason::Missing => format!("`{text}` says that nothing is known; write 0 if it was zero"),
        CellReason::Negative => {
            format!("`{text}` is negative; book refunds and corrections to the period they belong to")
        }
        CellReason::NotNumber => format!("`{text}` is not a number"),
        CellReason::NotDate => format!("`{text}` is not a date such as 2024-01-29"),
        CellReason::Formula => format!(
            "the formula `{text}` has no calculated value; open the file in a spreadsheet program and save it once"
        ),
        CellReason::OutOfRange(allowed) => format!("`{text}` is not {allowed}"),
    }
}

/// Names in a list where a name may hold a comma.
pub(crate) fn quoted(names: &[String]) -> String {
    let named = |n: &String| if n.is_empty() { "(no name)".to_owned() } else { format!("`{n}`") };
    names.iter().map(named).collect::<Vec<_>>().join(", ")
}
