//! Rows of a table that are no data, as an answer tells them.

use outlay_table::{Skipped, Why};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row of a table that is no data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowLeftOut {
    /// Line or row in the file, from 1.
    pub row: usize,
    /// Its cells in one line.
    pub text: String,
    /// Why it is none.
    pub why: WhyLeftOut,
}

/// Why a row is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeftOut {
    /// It stands above the heading.
    AboveHeading,
    /// It holds totals.
    Total,
    /// It is a title or a row of units within the table.
    Title,
    /// It repeats the heading.
    HeadingAgain,
    /// It stands below the table.
    BelowTable,
}

impl From<Skipped> for RowLeftOut {
    fn from(row: Skipped) -> Self {
        let why = match row.why {
            Why::Above => WhyLeftOut::AboveHeading,
            Why::Total => WhyLeftOut::Total,
            Why::Title => WhyLeftOut::Title,
            Why::HeadingAgain => WhyLeftOut::HeadingAgain,
            Why::Footer => WhyLeftOut::BelowTable,
        };
        RowLeftOut { row: row.row, text: row.text, why }
    }
}

impl From<&RowLeftOut> for Skipped {
    fn from(row: &RowLeftOut) -> Self {
        let why = match row.why {
            WhyLeftOut::AboveHeading => Why::Above,
            WhyLeftOut::Total => Why::Total,
            WhyLeftOut::Title => Why::Title,
            WhyLeftOut::HeadingAgain => Why::HeadingAgain,
            WhyLeftOut::BelowTable => Why::Footer,
        };
        Skipped { row: row.row, text: row.text.clone(), why }
    }
}
