//! The scenario file, field by field: these types are the schema.

mod curve;
mod flight;
mod line;
mod meeting;
mod metric;
mod one_or_many;
mod rules;

pub use curve::{CurveRef, CurveSpec, Family, Outcome, Point};
pub use flight::{FlightSpec, PlanBy};
pub use line::{DealSpec, LineSpec, LongTermSpec, PastPeriod, PastSpec, RateSpec, SpendSpec, TierSpec};
pub use meeting::{AudienceSpec, DemandSpec, ReachSpec};
pub use metric::{BUILT_IN_METRICS, Metric};
pub use one_or_many::OneOrMany;
pub use rules::{
    BaselineSpec, BudgetSpec, GoalSpec, HorizonSpec, LimitSpec, Maximize, Minimize, OutsideSpec, Over,
    Selection, VaryMode, VarySpec,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario file: lines, limits, a goal, a budget, and what-ifs over them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// Format version; 1.
    pub outlay: u32,
    /// Name of the scenario; the file's stem when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another scenario file that this one changes; relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Lines and limits of the base to leave out, like `lines.X`, `limits.Y`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Currency of all money, for example `USD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Curve library; relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<String>,
    /// What the spends cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<HorizonSpec>,
    /// What to optimise: one goal, or several in order. Revenue when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<OneOrMany<GoalSpec>>,
    /// Money for all lines together, fees included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
    /// What happens without the lines; enters `cac` and `mer` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineSpec>,
    /// What gets money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineSpec>,
    /// Lines that reach the same people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<AudienceSpec>,
    /// Demand that some lines make and others harvest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<DemandSpec>,
    /// Rules over the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitSpec>,
    /// What-ifs: every combination is a scenario of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vary: Vec<VarySpec>,
}
