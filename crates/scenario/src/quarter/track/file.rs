//! What `outlay track` writes.

use indexmap::IndexMap;
use outlay_curves::Variance;
use outlay_curves::variance::Split;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::result::InputFile;
use crate::quarter::actuals::Revision;

/// A plan against what happened so far. Outcomes are in `measure`, money is
/// media money without fees except where it says cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackFile {
    /// Format version.
    pub outlay: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// The plan.
    pub plan: PlanRef,
    /// What happened.
    pub actuals: InputFile,
    /// The curves believed in now, if others than the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<InputFile>,
    /// Currency of all money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What outcomes are in.
    pub measure: Measure,
    /// How the variance is split between causes.
    pub split: SplitName,
    /// Share of the horizon that is over.
    pub elapsed: Option<f64>,
    /// The last period of which anything is reported.
    pub through: Option<String>,
    /// Periods in the horizon.
    pub horizon: u32,
    /// What a period is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Line by line; those that are not in the plan last.
    pub lines: Vec<TrackLine>,
    /// Stage by stage; empty if there is one.
    pub stages: Vec<TrackGroup>,
    /// Period by period; empty if there is one.
    pub periods: Vec<PeriodTrack>,
    /// All lines together.
    pub total: Figures,
    /// Cost, CAC and MER.
    pub totals: Totals,
    /// Figures that later ones replaced.
    pub revisions: Vec<RevisionTrack>,
}

/// The plan that is tracked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRef {
    /// Name of its scenario.
    pub scenario: String,
    /// The result file.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What outcomes are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Incremental revenue.
    Revenue,
    /// New customers.
    Customers,
}

/// How a variance is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitName {
    /// One cause after the other.
    Sequential,
    /// The mean over all orders.
    Shapley,
}

impl From<Split> for SplitName {
    fn from(split: Split) -> Self {
        match split {
            Split::Sequential => SplitName::Sequential,
            Split::Shapley => SplitName::Shapley,
        }
    }
}

/// One line against its plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackLine {
    /// The line.
    pub name: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// False for a line that is not in the plan.
    pub planned: bool,
    /// Money, outcome and variance.
    #[serde(flatten)]
    pub figures: Figures,
    /// Units, for a line with a rate.
    pub units: Option<UnitTrack>,
    /// Prices, for a line with a rate whose units are reported.
    pub price: Option<PriceTrack>,
    /// Periods that should have been reported by now.
    pub late: Vec<String>,
    /// Whether an outcome is reported: for all of the spend, some, or none.
    pub measured: f64,
}

/// Lines of one stage together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackGroup {
    /// The stage; empty for lines without one.
    pub name: String,
    /// Money, outcome and variance.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Money, outcome and the variance between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Media money.
    pub spend: Pace,
    /// Outcome; where nothing was measured, what the curves expect of the money
    /// spent.
    pub outcome: Pace,
    /// Outcome so far less the plan's, by cause.
    pub variance: Parts,
}

/// A figure over the horizon and so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// Planned over the whole horizon.
    pub plan: f64,
    /// Planned for what is reported.
    pub to_date: f64,
    /// What is reported.
    pub actual: f64,
    /// Where the horizon ends if the rest goes at the pace so far.
    pub projected: f64,
}

/// A variance by cause; the five parts add up to `actual - plan`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parts {
    /// What the plan expected so far.
    pub plan: f64,
    /// From more or less money.
    pub spend: f64,
    /// From dearer or cheaper units.
    pub rate: f64,
    /// From more or less of the units being valid and seen.
    pub quality: f64,
    /// From the curves believed in now.
    pub revision: f64,
    /// What no cause accounts for.
    pub unexplained: f64,
    /// What happened.
    pub actual: f64,
}

/// Units bought, valid and seen or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitTrack {
    /// `impressions`, `clicks`, `points` or `units`.
    pub unit: String,
    /// Planned where units are reported.
    pub to_date: f64,
    /// Reported.
    pub actual: f64,
}

/// Prices of what was bought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceTrack {
    /// Planned effective price.
    pub planned: f64,
    /// Effective price paid.
    pub paid: f64,
    /// Price per unit over the planned one.
    pub rate: f64,
    /// Planned share of valid and seen units over what it was.
    pub quality: f64,
}

/// One period of all lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodTrack {
    /// The period.
    pub name: String,
    /// Planned for the lines that are reported.
    pub spend_plan: f64,
    /// Spent.
    pub spend: f64,
    /// Planned for the lines whose outcome is reported.
    pub outcome_plan: f64,
    /// Their outcome.
    pub outcome: f64,
    /// Lines that should have been reported by now.
    pub late: Vec<String>,
}

/// Cost with fees, and what is judged on all lines together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Largest cost the budget allows.
    pub budget: Option<f64>,
    /// Planned cost over the horizon.
    pub cost_plan: f64,
    /// Cost so far.
    pub cost_to_date: f64,
    /// Where cost ends at the pace so far.
    pub cost_projected: f64,
    /// Blended CAC, planned and projected, where outcomes are customers.
    pub cac: [Option<f64>; 2],
    /// MER, planned and projected, where outcomes are revenue.
    pub mer: [Option<f64>; 2],
}

/// A figure that a later one replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RevisionTrack {
    /// The line.
    pub line: String,
    /// The period.
    pub period: String,
    /// Spend as reported before.
    pub before: f64,
    /// Spend as reported last.
    pub after: f64,
}

impl From<&Revision> for RevisionTrack {
    fn from(r: &Revision) -> Self {
        RevisionTrack { line: r.line.clone(), period: r.period.clone(), before: r.before, after: r.after }
    }
}

impl Pace {
    /// Actual over planned so far; `None` where nothing was planned.
    pub fn pace(&self) -> Option<f64> {
        crate::plan::earned::finite(self.actual / self.to_date)
    }

    fn and(self, other: Pace) -> Pace {
        Pace {
            plan: self.plan + other.plan,
            to_date: self.to_date + other.to_date,
            actual: self.actual + other.actual,
            projected: self.projected + other.projected,
        }
    }
}

impl Figures {
    pub(crate) fn and(self, other: Figures) -> Figures {
        Figures {
            spend: self.spend.and(other.spend),
            outcome: self.outcome.and(other.outcome),
            variance: (Variance::from(self.variance) + other.variance.into()).into(),
        }
    }
}

impl From<Variance> for Parts {
    fn from(v: Variance) -> Self {
        let Variance { plan, spend, rate, quality, revision, unexplained, actual } = v;
        Parts { plan, spend, rate, quality, revision, unexplained, actual }
    }
}

impl From<Parts> for Variance {
    fn from(p: Parts) -> Self {
        let Parts { plan, spend, rate, quality, revision, unexplained, actual } = p;
        Variance { plan, spend, rate, quality, revision, unexplained, actual }
    }
}
