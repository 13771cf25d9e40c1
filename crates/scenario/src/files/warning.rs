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
}
