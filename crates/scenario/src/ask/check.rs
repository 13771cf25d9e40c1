//! The answer of `outlay check`: can all limits hold, and how far do they let
//! the plan go?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::result::{CertificateFile, Member, Repair, SearchFile, Source};
use crate::files::spec::Metric;
use crate::files::warning::Warning;

/// Whether the limits of one scenario can hold together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckFile {
    /// Format version.
    pub outlay: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Where the scenario came from.
    #[serde(default)]
    pub source: Option<Source>,
    /// Currency of all money, if the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What in the scenario is probably not meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Proven feasible, proven infeasible, or null when neither is proven.
    pub feasible: Option<bool>,
    /// Members of an irreducible conflict; empty unless infeasible.
    pub conflict: Vec<Member>,
    /// Members of the conflict of which it is not proven that the others can
    /// hold without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<Member>,
    /// Why the conflict is one, in numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Members whose change alone suffices, each with the smallest change.
    pub repairs: Vec<Repair>,
    /// Changes that together repair everything at the least cost.
    pub cheapest_repair: Vec<Repair>,
    /// The fewest changes that repair everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fewest_changes: Vec<Repair>,
    /// How far the limits let the plan go.
    pub extremes: Extremes,
    /// The same for every selection of lines that a limit makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_selection: Vec<SelectionExtremes>,
    /// Selections beyond the first sixty, whose extremes were not looked for.
    #[serde(default, skip_serializing_if = "nothing")]
    pub selections_left_out: usize,
    /// The proof of infeasibility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateFile>,
    /// How far each limit can go under all the others; empty unless feasible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub room: Vec<Room>,
    /// What the searches behind the figures found and proved, in the order in
    /// which they were made; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

impl CheckFile {
    /// The repairs to choose from, each a list of changes that together make
    /// the scenario feasible: those of one change, then the cheapest and the
    /// fewest changes where they are something else. Numbered from 1 for
    /// readers and for `--apply`.
    pub fn menu(&self) -> Vec<Vec<Repair>> {
        let mut menu: Vec<Vec<Repair>> = self.repairs.iter().map(|r| vec![r.clone()]).collect();
        for more in [&self.cheapest_repair, &self.fewest_changes] {
            let known = |one: &Vec<Repair>| one.len() == more.len() && one.iter().zip(more).all(same);
            if !more.is_empty() && !menu.iter().any(known) {
                menu.push(more.clone());
            }
        }
        menu
    }

    /// The changes after which the plan is the closest there is: the cheapest
    /// known.
    pub fn closest_repair(&self) -> &[Repair] {
        if self.cheapest_repair.is_empty() {
            self.repairs.get(..1).unwrap_or_default()
        } else {
            &self.cheapest_repair
        }
    }
}

fn nothing(count: &usize) -> bool {
    *count == 0
}

/// True if two changes write the same number in the same place; to a millionth,
/// since the least change is found by different ways.
fn same((a, b): (&Repair, &Repair)) -> bool {
    let near = match (a.to, b.to) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
        (a, b) => a == b,
    };
    near && (a.kind, &a.name, a.field) == (b.kind, &b.name, b.field)
}

/// How far the figure of a member of a conflict can go under the other members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The member.
    #[serde(flatten)]
    pub member: Member,
    /// Its number as written.
    pub number: f64,
    /// The number nearest to it that the other members leave room for.
    pub best: Option<f64>,
}

/// How far a limit's figure can go while all other limits hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    /// The limit.
    pub name: String,
    /// Its owner.
    pub owner: Option<String>,
    /// What is limited.
    #[serde(default)]
    pub metric: Option<Metric>,
    /// Smallest number that could be written as `max`.
    pub tightest_max: Option<f64>,
    /// Largest number that could be written as `min`.
    pub tightest_min: Option<f64>,
    /// The `min` as written.
    pub min: Option<f64>,
    /// The `max` as written.
    pub max: Option<f64>,
    /// True where any number could be written: nothing has to be spent on what
    /// the ratio counts, and of nothing it holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idle: bool,
}

/// Extremes under all limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extremes {
    /// Lowest blended cost per new customer.
    pub cac_min: Extreme,
    /// Highest revenue.
    pub revenue_max: Extreme,
    /// Most new customers.
    pub customers_max: Extreme,
    /// Smallest sufficient budget: spend with fees.
    pub budget_min: Extreme,
}

/// The extremes over some of the lines, under all limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SelectionExtremes {
    /// How a limit selects the lines, for example `stage=awareness`.
    pub selection: String,
    /// The lines.
    pub lines: Vec<String>,
    /// Their extremes: baseline and other cost do not enter.
    pub extremes: Extremes,
}

/// One extreme and the plan that attains it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extreme {
    /// The figure; null where none is attained.
    pub value: Option<f64>,
    /// Proven bound on it.
    #[serde(default)]
    pub bound: Option<f64>,
    /// Why there is no figure.
    #[serde(default)]
    pub reason: Option<ExtremeReason>,
    /// The plan that attains it.
    #[serde(default)]
    pub plan: Option<Vec<PlanLine>>,
}

/// Why an extreme has no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtremeReason {
    /// The limits contradict each other.
    Infeasible,
    /// The lines do not give the inputs the figure needs.
    MissingInputs,
    /// Nothing forces a positive outcome, so the ratio has no least plan.
    NoForcedOutcome,
    /// The search stopped before it found a plan or a proof.
    Undetermined,
    /// The figure grows without end.
    Unbounded,
    /// The lines share audiences or demand with others: what they return is not
    /// theirs alone.
    Meets,
}

/// Spend of one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanLine {
    /// The line.
    pub name: String,
    /// Its spend, without fees.
    pub spend: f64,
}
