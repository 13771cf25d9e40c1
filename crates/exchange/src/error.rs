//! Why a file cannot be imported.

use thiserror::Error;

/// Why a file cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// No format known.
    #[error(
        "this is none of the files that `import` reads: {}; histories and exports of ad platforms go to `outlay fit`, spreadsheets of lines and media plans to `outlay new DIR --from FILE`",
        known.join("; ")
    )]
    Unknown {
        /// What is read.
        known: Vec<&'static str>,
    },
    /// Part of the file is missing or is not what it should be.
    #[error("{format}: {what}")]
    Broken {
        /// The format.
        format: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A model whose response to spend is no curve here.
    #[error("{format}: {what}, so its response to spend cannot be written as a curve per channel; {remedy}")]
    Refused {
        /// The format.
        format: &'static str,
        /// What the model does.
        what: String,
        /// What can be done.
        remedy: &'static str,
    },
}

/// Why a file cannot become a scenario.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DraftError {
    /// The table cannot be read, or one of its cells.
    #[error(transparent)]
    Table(#[from] outlay_table::TableError),
    /// A column named by the caller.
    #[error("no column `{name}`; the columns are {}", listed(columns))]
    NoColumn {
        /// The name.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// No column of spend.
    #[error("no column looks like spend: name it with --spend; the columns are {}", listed(columns))]
    NoSpend {
        /// The columns there are.
        columns: Vec<String>,
    },
    /// No column of names.
    #[error(
        "no column looks like the lines' names: name it with --line; the columns are {}",
        listed(columns)
    )]
    NoLine {
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Several columns that could be one thing.
    #[error("{} could each be {what}: {}", listed(names), chosen(*option))]
    Several {
        /// What.
        what: &'static str,
        /// The option that chooses; without one, all columns but one must go.
        option: Option<&'static str>,
        /// The columns.
        names: Vec<String>,
    },
    /// A line twice.
    #[error(
        "row {row}: `{name}` stands in row {first} too; give every line a name of its own, or name another column with --line"
    )]
    Twice {
        /// Row of the file.
        row: usize,
        /// The row before it.
        first: usize,
        /// The name.
        name: String,
    },
    /// A media plan that cannot be used.
    #[error("media plan: {0}")]
    Plan(String),
}

impl DraftError {
    /// Where in the file it is, if it is in one row.
    pub fn address(&self) -> Option<outlay_table::Address<'_>> {
        match self {
            DraftError::Table(error) => error.address(),
            DraftError::Twice { row, .. } => Some(outlay_table::Address::row(*row)),
            _ => None,
        }
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn chosen(option: Option<&str>) -> String {
    option.map_or_else(
        || "keep one of them in the sheet".to_owned(),
        |option| format!("choose one with {option}"),
    )
}
