//! From one plan to the next, cause by cause.
//!
//! Every step is a scenario of its own, solved and certified; what a step is
//! worth is the difference of two best values, and the steps telescope.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The way from last horizon's plan to the next one's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Value of the old plan, in the goal's units.
    pub before: f64,
    /// What changed, in the order in which it was changed.
    pub steps: Vec<Step>,
    /// Value of the next plan.
    pub after: f64,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// `curves`, `prices`, `limits` (with lines and everything else the new
    /// scenario changes) or `budget`.
    pub cause: String,
    /// Best value with this and everything before it changed; null if no plan
    /// exists then.
    pub value: Option<f64>,
    /// What the change is worth; null next to a step without a plan.
    pub change: Option<f64>,
    /// Proven gap of the value.
    pub gap: Option<f64>,
    /// What moves because of it.
    pub lines: Vec<StepLine>,
}

/// A line's spend before and after a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// The line.
    pub name: String,
    /// Spend before the step.
    pub before: f64,
    /// Spend after it.
    pub after: f64,
}
