//! What a careful reader of a scenario should know before its figures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something in a scenario that is allowed and probably not meant; the sentence
/// is made where it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// A value of a tag that one line alone carries and that is spelled almost
    /// like another: a limit on the other leaves the line out.
    NearTag {
        /// The line.
        line: String,
        /// The tag.
        tag: String,
        /// Its value there.
        value: String,
        /// The value that looks like it.
        near: String,
    },
    /// A fraction so large that a percentage may be meant.
    LargeFraction {
        /// The field, as a path.
        field: String,
        /// The fraction as written.
        value: f64,
    },
    /// A line that is sold in amounts larger than all it may spend.
    NeverBought {
        /// The line.
        line: String,
        /// The field of its deal, as a path inside the line.
        deal: String,
        /// The least amount it is sold in.
        least: f64,
        /// All it may spend.
        most: f64,
    },
    /// Today's spend of lines lies far from what their curves were fitted to.
    FarFromObserved {
        /// The lines.
        lines: Vec<String>,
        /// Today's spend, as a multiple of the mean spend observed; the middle
        /// one of the lines.
        times: f64,
        /// Periods of the library in the horizon.
        periods: f64,
    },
    /// A budget far from what is spent today.
    FarBudget {
        /// The field, as a path.
        field: String,
        /// The budget.
        budget: f64,
        /// What all lines spend today, with fees.
        today: f64,
    },
    /// A curve written in place that is used up by today's spend over the
    /// horizon, and not by that of one period.
    CurvePerPeriod {
        /// The line.
        line: String,
        /// Share of today's outcome that one period's worth of spend earns.
        share: f64,
        /// Periods of the horizon.
        periods: u32,
    },
}
