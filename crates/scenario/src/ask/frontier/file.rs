//! A frontier as a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::result::{GoalDraws, Range, SearchFile, Source, Status, Totals};
use crate::files::spec::{GoalSpec, Metric};

/// A frontier, unrounded: what `outlay frontier --format json` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierFile {
    /// Format version.
    pub outlay: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Where the scenario came from.
    pub source: Source,
    /// Currency of all money, if the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What was optimised.
    pub goal: GoalSpec,
    /// The field that varies, by path.
    pub over: String,
    /// What the field limits: `spend` for money, or a limit's metric.
    pub metric: Option<Metric>,
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// Largest relative distance of the best value from the straight line
    /// between neighbouring points.
    pub gap: Option<f64>,
    /// Whether `gap` is proven; otherwise it is an estimate from the points.
    pub certified: bool,
    /// Whether the gap asked for was reached and every change was cornered.
    pub complete: bool,
    /// Plans solved.
    pub solves: usize,
    /// Share of the draws that the points' ranges hold, where curves come with
    /// draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Names of the lines, in the order of `spends`.
    pub lines: Vec<String>,
    /// The best plans by rising number.
    pub points: Vec<FrontierPoint>,
    /// Where what holds the plan in place changes.
    pub breakpoints: Vec<FrontierBreak>,
    /// The first number at which a condition begins or ceases to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Reached>,
    /// What the searches behind the figures found and proved, in the order in
    /// which they were made; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

/// The best plan at one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierPoint {
    /// The number.
    pub at: f64,
    /// How the solve ended.
    pub status: Status,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// No plan does better.
    pub bound: Option<f64>,
    /// The middle of what the goal is under the draws of the curves, where they
    /// come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Change of the goal per unit of the number; null where the number enters
    /// otherwise than linearly.
    pub marginal: Option<f64>,
    /// Every metric over all lines at the plan.
    pub totals: Option<Totals>,
    /// Spend of every line.
    pub spends: Option<Vec<f64>>,
    /// The mean over all draws and over the worst of them, where the weight
    /// between the two varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draws: Option<GoalDraws>,
}

/// Where what holds the plan in place changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierBreak {
    /// The number.
    pub at: f64,
    /// It lies above this.
    pub low: f64,
    /// It lies at most here.
    pub high: f64,
    /// The goal after the change.
    pub value: Option<f64>,
    /// Marginal value before.
    pub before: Option<f64>,
    /// Marginal value after.
    pub after: Option<f64>,
    /// What changes.
    pub shifts: Vec<FrontierShift>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierShift {
    /// What changes.
    pub kind: ShiftKind,
    /// The limit or line; absent where the plan as a whole changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What held before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Held>,
    /// What holds after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Held>,
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShiftKind {
    /// A limit begins or ceases to bind.
    Limit,
    /// A line is held by something else.
    Line,
    /// From here on there is a plan.
    Possible,
    /// From here on there is none.
    Impossible,
    /// The value jumps.
    Jump,
}

/// What holds a limit's figure or a line's spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A limit that does not bind.
    Slack,
    /// A line without spend.
    Off,
    /// The least value or spend.
    Min,
    /// The largest value or spend.
    Max,
    /// A line's deal.
    Deal,
    /// The prices of the limits.
    Price,
}

/// A condition on the way, for example `customers >= 10000`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// A figure of `totals`, or `value` or `marginal`.
    pub figure: String,
    /// True for at least, false for at most.
    pub at_least: bool,
    /// The number.
    pub number: f64,
}

/// Where a condition begins or ceases to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds at the first number.
    pub holds_first: bool,
    /// The last number up to which, or the first from which, it holds; null if
    /// that does not change over the range.
    pub at: Option<f64>,
    /// The plan there.
    pub plan: Option<FrontierPoint>,
}
