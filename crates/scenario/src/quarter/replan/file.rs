//! What `outlay replan` writes.

use outlay_allocator::Solution;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::asked::{Replanning, Scope};
use super::past::LinePast;
use super::scene::{move_cost, outside};
use crate::files::result::{FORMAT, InputFile};
use crate::model::scenario::Scenario;
use crate::plan::lower::Lowered;
use crate::quarter::track::PlanRef;

/// A plan planned again: what to change, and what it gains. Money is media
/// money without fees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplanFile {
    /// Format version.
    pub outlay: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// Name of the new scenario.
    pub scenario: String,
    /// The running plan.
    pub plan: PlanRef,
    /// What to do.
    pub verdict: Verdict,
    /// Currency of all money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Share of the horizon that is over; null for the next horizon.
    pub elapsed: Option<f64>,
    /// The last period of which anything is reported.
    pub through: Option<String>,
    /// Whether limits cover the whole horizon (`whole`) or what is left
    /// (`rest`).
    pub limits: String,
    /// What moving one unit of money costs, in the goal's units.
    pub move_cost: f64,
    /// What the new plan gains over keeping the running one.
    pub gain: Option<Gain>,
    /// Whether anything happened that the plan did not foresee: money, prices
    /// or outcomes off plan, refitted curves, changed rules. Without news a
    /// plan that keeps its rules is kept, whatever its rest could gain.
    #[serde(default = "yes")]
    pub news: bool,
    /// Rules that keeping the running plan would break.
    #[serde(default)]
    pub broken: Vec<String>,
    /// Line by line.
    pub lines: Vec<ReplanLine>,
    /// Money spent on lines that are not in the plan, taken off the budget.
    pub outside: f64,
    /// From the last horizon's plan to the next one's, step by step; null
    /// within a horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
}

fn yes() -> bool {
    true
}

/// What to do with a running plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Go on as planned: a change gains too little.
    Keep,
    /// Go on with the new plan.
    Change,
    /// No plan for the rest keeps all limits.
    Infeasible,
    /// Neither a plan nor a proof was found.
    Undetermined,
}

/// What a new plan gains over keeping the running one, in the goal's units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gain {
    /// Gain less what the moves cost: how much better the goal is served, above
    /// 0 whether it is maximised or minimised.
    pub net: f64,
    /// The same over what the rest of the running plan earns.
    pub relative: Option<f64>,
    /// The least gain that is worth a change.
    pub threshold: f64,
    /// Money moved: the sum of all changes, up and down.
    pub moved: f64,
    /// Whether the running plan keeps all limits.
    pub kept_is_legal: bool,
    /// Share of the draws of the curves under which the gain is above 0; null
    /// where curves come without draws.
    #[serde(default)]
    pub probability: Option<f64>,
    /// The least such share that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
}

/// One line of a plan planned again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplanLine {
    /// The line.
    pub name: String,
    /// Money spent; what is late is taken as planned.
    pub spent: f64,
    /// Part of it that is taken as planned.
    pub assumed: f64,
    /// Money the running plan has left.
    pub running: f64,
    /// Money to spend from here on.
    pub rest: f64,
    /// Money that is bound.
    pub committed: f64,
    /// Effective price paid over the one planned, where it is known.
    pub price: Option<f64>,
}

/// Money that must still be spent: what orders bind, or what the least spend
/// of the line lacks.
fn due(scenario: &Scenario, past: &LinePast) -> f64 {
    let line = scenario.lines.iter().find(|l| l.name == past.name);
    let least = line.and_then(|l| l.min).unwrap_or(0.0);
    past.ordered.max(least - past.spend).max(0.0)
}

pub(super) fn report(
    replanning: &Replanning,
    scenario: &Scenario,
    (past, lowered): (&[LinePast], &Lowered),
    chosen: &Solution,
    gain: Option<Gain>,
    verdict: Verdict,
) -> ReplanFile {
    let Replanning { record, actuals, scope, .. } = *replanning;
    let spends = chosen.plan.as_ref().map(|p| lowered.layout.totals(&p.spends));
    let line = |(i, past): (usize, &LinePast)| ReplanLine {
        name: past.name.clone(),
        spent: past.spend,
        assumed: past.assumed,
        running: past.left,
        rest: spends.as_ref().and_then(|s| s.get(i)).map_or(past.left, |x| (x - past.spend).max(0.0)),
        // A sum of nothing is -0.
        committed: due(scenario, past) + 0.0,
        price: past.ratio.map(|r| r.rate * r.quality),
    };
    let InputFile { path, sha256 } = record.input.clone();
    ReplanFile {
        outlay: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: scenario.name.clone(),
        plan: PlanRef { scenario: record.file.scenario.clone(), path, sha256 },
        verdict,
        currency: scenario.currency.clone(),
        elapsed: actuals.elapsed(),
        through: actuals.through().and_then(|p| actuals.periods.get(p)).map(|p| p.name.clone()),
        limits: if scope == Scope::Whole { "whole" } else { "rest" }.to_owned(),
        move_cost: move_cost(replanning),
        gain,
        news: true,
        broken: Vec::new(),
        lines: past.iter().enumerate().map(line).collect(),
        outside: outside(replanning) + 0.0,
        account: None,
    }
}
