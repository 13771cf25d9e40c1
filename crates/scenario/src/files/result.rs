//! The result file: what a run writes and every report reads.

use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::files::flight::{Earnings, FlightPeriod, FlightResult, PeriodResult};
use crate::files::inputs::InputsFile;
pub use crate::files::meeting::{AudienceResult, DemandPeriod, DemandResult, LineMeeting, MeetingResult};
pub use crate::files::proof::{
    CertificateFile, CutFile, CutFileSide, DrawsFile, LeafFile, RowPrices, SearchFile, SearchLeaf,
};
use crate::files::shared;
pub use crate::files::source::{Asked, InputFile, Source};
use crate::files::spec::{GoalSpec, HorizonSpec, Metric, Outcome};
pub use crate::files::uncertainty::{
    Against, GoalDraws, Lead, LimitUncertainty, LineUncertainty, Range, Uncertainty,
};
use crate::files::warning::Warning;

/// Version of the scenario, result and library formats.
pub const FORMAT: u32 = 1;

/// One solved scenario. Numbers are unrounded; an undefined or infinite figure
/// is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResultFile {
    /// Format version.
    pub outlay: u32,
    /// Version of the program that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name of the scenario; for a what-if, followed by its settings.
    pub scenario: String,
    /// Where the scenario came from.
    pub source: Source,
    /// What in the scenario is probably not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// How the run ended.
    pub status: Status,
    /// Currency of all money, if the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The time that spends and outcomes cover, if the scenario says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<HorizonSpec>,
    /// What was optimised.
    pub goal: GoalSpec,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// Every metric over all lines at the plan.
    pub totals: Option<Totals>,
    /// Today's spend judged by the same rules.
    pub reference: Option<Reference>,
    /// The plan, one entry per line.
    pub lines: Option<Vec<LineResult>>,
    /// The budget and the limits, judged at the plan.
    pub limits: Option<Vec<LimitResult>>,
    /// What lines that meet return together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<MeetingResult>,
    /// How sure the figures are, where curves come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// What is proven.
    pub certificate: Option<CertificateFile>,
    /// The periods with their totals, where spends are planned by period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<PeriodResult>,
    /// What of the plan's earnings comes after the last period; part of the
    /// totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<Earnings>,
    /// What spend before the first period still earns; in no other figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_in: Option<Earnings>,
    /// All goals in order; empty when there is one goal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<OrderedGoalResult>,
    /// What round amounts cost, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// Members of an irreducible conflict; empty unless infeasible.
    #[serde(default)]
    pub conflict: Vec<Member>,
    /// Members whose change alone makes the scenario feasible.
    #[serde(default)]
    pub repairs: Vec<Repair>,
    /// Changes that together repair everything at the least cost.
    #[serde(default)]
    pub cheapest_repair: Vec<Repair>,
    /// The files it was made from, where they were asked to be within: it then
    /// stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<InputsFile>,
    /// What the searches behind other figures found and proved, in the order in
    /// which they were made: the plan without rounding, what contradicts what,
    /// and repairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

fn is_zero(fee: &f64) -> bool {
    *fee == 0.0
}

/// A plan in round amounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rounding {
    /// Every spend without a flat price or lots of its own is a multiple of this.
    pub unit: f64,
    /// The goal of the best plan found without rounding.
    pub unrounded: Option<f64>,
    /// How much of it the round amounts give up, at least 0 but for the gaps.
    pub costs: Option<f64>,
    /// Without a plan in multiples of the unit: the nearest unit found that has
    /// one.
    pub nearest: Option<f64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Certified within the gap asked for.
    Optimal,
    /// A plan with a proven gap larger than asked for.
    WithinGap,
    /// Proven: no plan keeps all limits.
    Infeasible,
    /// Stopped before a plan or a proof was found.
    Undetermined,
}

/// Every metric of the contract over a set of lines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// `S`: sum of spend with fees.
    pub spend: Option<f64>,
    /// `R`: incremental revenue.
    pub revenue: Option<f64>,
    /// `N`: new customers.
    pub customers: Option<f64>,
    /// `L`: lifetime value of the customers.
    pub lifetime_value: Option<f64>,
    /// Sum of margin times revenue, less spend.
    pub profit: Option<f64>,
    /// `(S + other_cost) / (N + baseline customers)`.
    pub cac: Option<f64>,
    /// `(R + baseline revenue) / (S + other_cost)`.
    pub mer: Option<f64>,
    /// `R / S`.
    pub iroas: Option<f64>,
    /// `L / S`.
    pub ltv_to_cac: Option<f64>,
    /// `S / current S - 1`.
    pub change: Option<f64>,
    /// Lines with spend above 0.
    pub active_lines: Option<f64>,
    /// Attributes by name: spend times the attribute.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Option<f64>>,
    /// Effective units by unit, for lines with a `rate`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub units: IndexMap<String, Option<f64>>,
    /// Revenue including the stated long-term multipliers; only when a line
    /// states one. Never part of any other figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_term_revenue: Option<f64>,
}

impl Totals {
    /// The total of a metric; nothing where it is undefined, and for metrics of
    /// which there is no one total.
    pub fn figure(&self, metric: &Metric) -> Option<f64> {
        match metric {
            Metric::Spend => self.spend,
            Metric::Revenue => self.revenue,
            Metric::Customers => self.customers,
            Metric::LifetimeValue => self.lifetime_value,
            Metric::Profit => self.profit,
            Metric::Cac => self.cac,
            Metric::Mer => self.mer,
            Metric::Iroas => self.iroas,
            Metric::LtvToCac => self.ltv_to_cac,
            Metric::Change => self.change,
            Metric::ActiveLines => self.active_lines,
            Metric::Attribute(name) => self.attributes.get(name).copied().flatten(),
            Metric::SpendShare | Metric::Mroas | Metric::Units => None,
        }
    }
}

/// Today's spend judged by the same rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// The goal at today's spend.
    #[serde(default)]
    pub value: Option<f64>,
    /// Every metric at today's spend.
    pub totals: Totals,
    /// The rules that today's spend breaks.
    pub broken: Vec<Broken>,
    /// Today's figures of every line, in the order of `lines`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReferenceLine>,
}

/// What one line earns at today's spend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceLine {
    /// The line.
    pub name: String,
    /// Revenue at today's spend.
    pub revenue: Option<f64>,
    /// New customers at today's spend.
    pub customers: Option<f64>,
    /// What was reported for today's spend, where the scenario says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
}

/// What a platform or the books say that a line returned, beside what its curve
/// says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reported {
    /// What both count.
    pub outcome: Outcome,
    /// As reported.
    pub value: f64,
    /// By the curve.
    pub by_curve: Option<f64>,
}

/// A rule that a plan breaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Broken {
    /// The rule.
    #[serde(flatten)]
    pub member: Member,
    /// The figure at the plan.
    pub value: Option<f64>,
    /// The number it breaks.
    pub number: Option<f64>,
    /// Relative excess, at least 0; null when infinite.
    pub excess: Option<f64>,
}

/// A rule or fact of a scenario: one side of a limit, line, deal or budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// What kind of rule.
    pub kind: MemberKind,
    /// Its name: of the limit or line; `budget` for the budget.
    pub name: String,
    /// The field that holds the number.
    pub field: MemberField,
    /// Who owns it.
    pub owner: Option<String>,
}

/// What kind of rule a [`Member`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// A named limit.
    Limit,
    /// Bounds of one line, or its `requires` and `excludes`.
    Line,
    /// How a line is sold.
    Deal,
    /// The budget.
    Budget,
    /// Spends in round amounts, as asked for with `--round`.
    Rounding,
}

/// Which field of a rule holds its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberField {
    /// The least value.
    Min,
    /// The largest value.
    Max,
    /// The exact budget.
    Exact,
    /// The deal.
    Deal,
    /// The least spend of a period.
    FlightMin,
    /// The largest spend of a period.
    FlightMax,
    /// In a period nothing, or this much and more.
    FlightAtLeast,
    /// Periods without spend.
    Blackout,
    /// The largest change between periods.
    Smooth,
    /// The least length of a burst.
    OnAtLeast,
    /// The number of bursts.
    Bursts,
    /// The lines a line needs.
    Requires,
    /// The lines a line cannot run with.
    Excludes,
}

/// A change of one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repair {
    /// What kind of rule.
    pub kind: MemberKind,
    /// Its name.
    pub name: String,
    /// The field that changes.
    pub field: MemberField,
    /// Its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The number as written.
    pub from: Option<f64>,
    /// The number that suffices; null where the rule has to go.
    pub to: Option<f64>,
    /// True where it is not proven that a smaller change does not suffice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
}

/// One line of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineResult {
    /// The line.
    pub name: String,
    /// Its tags, as the scenario gives them.
    #[serde(default, skip_serializing_if = "shared::is_empty", with = "shared")]
    #[schemars(with = "IndexMap<String, String>")]
    pub tags: Arc<IndexMap<String, String>>,
    /// Today's spend, without fees.
    pub current: f64,
    /// Least spend that the scenario allows, without fees, if it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest spend that it allows, if it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Fee on top of spend, a fraction of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub fee: f64,
    /// Planned spend, without fees.
    pub spend: f64,
    /// Incremental revenue.
    pub revenue: Option<f64>,
    /// New customers.
    pub customers: Option<f64>,
    /// Spend with fees per new customer.
    pub cac: Option<f64>,
    /// Spend with fees per new customer on the last unit of spend.
    pub marginal_cac: Option<f64>,
    /// Revenue per unit of spend with fees.
    pub iroas: Option<f64>,
    /// Revenue per unit of spend with fees on the last unit of spend.
    pub mroas: Option<f64>,
    /// `spend / current - 1`.
    pub change: Option<f64>,
    /// What holds the spend where it is.
    pub at: At,
    /// Whether the spend lies outside what the curve was observed on; null when
    /// the curve states no observed range.
    pub extrapolated: Option<bool>,
    /// How sure its figures are, where its curve comes with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Box<LineUncertainty>>,
    /// Source of a curve that is a judgement rather than a fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<String>,
    /// Change of the goal per unit more of the line's own bound where it binds.
    #[serde(default)]
    pub shadow_price: Option<f64>,
    /// The same per unit less, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow_price_less: Option<f64>,
    /// Whether the shadow price is that of plans on the same stretches of their
    /// curves only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// Effective media units bought, for a line with a `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<f64>,
    /// Effective cost per thousand (or per unit), for a line with a `rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_rate: Option<f64>,
    /// Revenue times the stated long-term multiplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_term_revenue: Option<f64>,
    /// The line beside the lines it meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<Box<LineMeeting>>,
    /// The spend by period, where it is planned so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<Box<FlightResult>>,
}

/// What holds a line's spend where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// No spend.
    Off,
    /// Its least spend.
    Min,
    /// Its largest spend.
    Max,
    /// The prices of the limits.
    Price,
    /// Its deal.
    Deal,
}

/// One limit, or the budget, at the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitResult {
    /// Its name, unique within the scenario; `budget` for the budget.
    pub name: String,
    /// Its owner.
    pub owner: Option<String>,
    /// What is limited.
    pub metric: Metric,
    /// The figure at the plan.
    pub value: Option<f64>,
    /// Least value, as written.
    pub min: Option<f64>,
    /// Largest value, as written.
    pub max: Option<f64>,
    /// Whether a side is reached (to one part in a million).
    pub binding: bool,
    /// Change of the goal when the number as written rises by one: the slope to
    /// the right; null where no plan is left then.
    pub shadow_price: Option<f64>,
    /// The slope to the left: what one less costs, where that differs from what
    /// one more earns. Absent too where no plan is left then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow_price_less: Option<f64>,
    /// Whether the shadow price is that of plans on the same stretches of their
    /// curves only: nothing is proven about others.
    pub local: bool,
    /// The figure at today's spend.
    #[serde(default)]
    pub reference: Option<f64>,
    /// How sure the figure is, where it rests on curves with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<LimitUncertainty>,
}

/// One of several goals, reached within what the goals before it allow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderedGoalResult {
    /// The goal.
    pub goal: GoalSpec,
    /// The best value the goals before it allow; the goals after it give up at
    /// most their `within` of it (and 1e-7).
    #[serde(default)]
    pub best: Option<f64>,
    /// Its value at the plan.
    pub value: Option<f64>,
    /// What is proven about its best value; of the first goal this is the
    /// result's own certificate.
    pub certificate: Option<CertificateFile>,
}

impl ResultFile {
    /// True if the file carries a plan.
    pub fn has_plan(&self) -> bool {
        self.lines.is_some()
    }
}
