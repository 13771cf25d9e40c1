//! Goals, limits and other rules as written.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Metric, OneOrMany, PlanBy};

/// Lines by tag: a list means any of, several tags must all match; `name`
/// counts as a tag.
pub type Selection = IndexMap<String, OneOrMany<String>>;

/// What to optimise: `maximize` or `minimize`, and for a goal that others
/// follow, nothing more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalSpec {
    /// What to make as large as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximize: Option<Maximize>,
    /// What to make as small as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimize: Option<Minimize>,
    /// Fraction of the goals before this one that may be given up for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// What moving one unit of spend away from `current` costs, in the goal's
    /// units: taken off what is maximised, added to what is minimised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub move_cost: Option<f64>,
    /// Look at this share of the draws, the worst, and maximise the mean of what
    /// is maximised over them (conditional value at risk); with `regret` make
    /// the mean of the largest regrets as small as possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<f64>,
    /// With `worst`: weight of the mean of the worst draws; the mean of all draws
    /// has the rest. 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Make the expected amount as small as possible by which what is maximised
    /// stays below this figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortfall: Option<f64>,
    /// Make the expected loss as small as possible against the best plan of each
    /// draw, had it been known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub regret: bool,
}

impl GoalSpec {
    /// True for a goal that looks at the draws one by one.
    pub fn is_risk(&self) -> bool {
        self.worst.is_some() || self.shortfall.is_some() || self.regret
    }

    /// True where less is better.
    pub fn is_minimized(&self) -> bool {
        self.minimize.is_some() || self.shortfall.is_some() || self.regret
    }
}

/// What can be maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Maximize {
    /// Incremental revenue.
    Revenue,
    /// Margin on revenue less spend.
    Profit,
    /// New customers.
    Customers,
    /// Lifetime value of the customers.
    LifetimeValue,
    /// Revenue times the lines' `long_term` multipliers.
    LongTermRevenue,
    /// Spend with fees: how much money the limits let out.
    Spend,
}

/// What can be minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Minimize {
    /// Spend with fees.
    Spend,
    /// Blended cost per new customer.
    Cac,
    /// Sum of `|x - current|`.
    Moved,
}

/// Money for all lines together, fees included: `exact`, or `min` and `max`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpec {
    /// At least this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// At most this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Exactly this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<f64>,
    /// Money spent in this horizon on what is not in the plan, which comes out
    /// of the same budget.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<OutsideSpec>,
    /// Who sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// No repair may change it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub firm: bool,
    /// What a relative change of it costs in repairs; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
}

impl BudgetSpec {
    /// Money spent on what is not in the plan.
    pub fn spent_outside(&self) -> f64 {
        // A sum of nothing is a zero with a sign.
        self.outside.iter().fold(0.0, |sum, spent| sum + spent.spend)
    }
}

/// Money spent on a line that is not in the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutsideSpec {
    /// The line.
    pub line: String,
    /// The period's name; the whole horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Money spent.
    pub spend: f64,
}

/// What happens over the horizon without the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineSpec {
    /// New customers without the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<f64>,
    /// Revenue without the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<f64>,
    /// Marketing cost outside the lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_cost: Option<f64>,
}

/// The time that spends, baseline and curves cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HorizonSpec {
    /// How many periods.
    pub periods: u32,
    /// What a period is, for example `week`.
    pub unit: String,
    /// First day, like `2026-01-05`; with it, periods have dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Whether spends are planned in total or by period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanBy>,
    /// Response of the same stock in each period, 1 being usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Vec<f64>>,
    /// Price of media in each period, 1 being usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Vec<f64>>,
}

/// A rule: a metric over the lines that `where` selects, at least `min`, at
/// most `max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitSpec {
    /// Its name, unique within the scenario; the metric and selection when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What is limited.
    pub metric: Metric,
    /// The lines it covers; all when absent.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// One limit for every value of this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What it covers of lines with a `past`: the whole horizon, or the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Over>,
    /// For `spend_share`: the lines whose spend is the whole; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Selection>,
    /// Least value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// For a metric that rests on curves with draws: hold at least this
    /// probability, by the stricter rule that it holds on the mean of the worst
    /// draws beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// No repair may change it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub firm: bool,
    /// What a relative change of it costs in repairs; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
}

/// What a limit covers of a horizon that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Past and rest together.
    Whole,
    /// What is still to come.
    Rest,
}

/// A what-if: values for one field, by path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VarySpec {
    /// The field, for example `budget.max` or `lines.TV.spend.max`.
    pub set: String,
    /// The values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<serde_json::Value>>,
    /// First of evenly spaced values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// How many, both ends counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Factors on the number as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Vec<f64>>,
    /// How it combines with the other what-ifs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<VaryMode>,
}

/// How what-ifs combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VaryMode {
    /// Every combination with the others.
    Cross,
    /// The scenario as written, then each value on its own.
    OneAtATime,
}
