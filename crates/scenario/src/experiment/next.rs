//! What `outlay next` writes: which test to run, in money.

use outlay_allocator::Options;
use outlay_experiments::value::{Prior, Trial, ValueError, Worth};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::candidates::NextAsk;
use super::candidates::{self, Candidate, Precision};
pub use super::error::NextError;
use super::known::{Known, days};
pub use super::left_out::{RowLeftOut, WhyLeftOut};
use super::today::{Today, money, outcomes, periods};
use crate::files::result::FORMAT;
use crate::files::spec::Maximize;
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::lower::lower;

/// Tests in the order of what they are worth. Values are in units of the goal
/// per period of the plan, money in the scenario's currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextFile {
    /// Format version.
    pub outlay: u32,
    /// The scenario.
    pub name: String,
    /// Currency of all money.
    pub currency: Option<String>,
    /// Length of a period of the plan: day, week or month; null where the
    /// scenario has no horizon, and a period is all of it.
    pub unit: Option<String>,
    /// Periods of the plan.
    pub periods: f64,
    /// What the plan makes as large as possible, its first goal.
    pub goal: Maximize,
    /// Goals after the first: they choose among plans that serve it alike, and no
    /// test is valued in them.
    #[serde(default)]
    pub later_goals: usize,
    /// What the plan earns per period, before any test.
    pub value: f64,
    /// Draws of the curves that were used.
    pub draws: usize,
    /// Expected value of perfect information: what it would be worth to know all
    /// curves exactly. No test is worth more.
    pub evpi: f64,
    /// Its standard error, from the number of draws.
    pub evpi_error: f64,
    /// Money that a unit of the goal is worth: margin; null where customers have
    /// no revenue to reckon with.
    pub money: Option<f64>,
    /// True where a line has no `margin`, and its revenue counts in full.
    pub margin_assumed: bool,
    /// True where errors of tests were assumed, for want of a panel.
    pub errors_assumed: bool,
    /// True where `baseline` does not say what is earned without the lines, and
    /// it was taken for twice what they earn to assume errors of tests.
    pub baseline_assumed: bool,
    /// The tests, the best first.
    pub tests: Vec<NextTest>,
    /// The panel that said how precisely tests measure.
    pub panel: Option<String>,
    /// Candidates that were not reached before the time was over.
    pub left_out: usize,
    /// Rows of the table of tests that are no tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows_left_out: Vec<RowLeftOut>,
    /// Lines whose curves come without draws: they count as certain.
    pub certain: Vec<String>,
    /// Lines whose draws have no mean to plan on: they count as certain.
    pub not_averaged: Vec<String>,
}

/// A test that could be run, and what that would be worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NextTest {
    /// 1 and the number of tests that are clearly better: tests of one rank
    /// cannot be told apart at this number of draws.
    pub rank: usize,
    /// The line tested.
    pub channel: String,
    /// Change of spend relative to today's.
    pub change: f64,
    /// Length in weeks (in periods, where the plan's are not days).
    pub weeks: usize,
    /// Expected value of sample information: what the plan is expected to earn
    /// more per period for being made after the test.
    pub evsi: f64,
    /// Standard error of `evsi`, from the number of draws.
    pub error: f64,
    /// Draws that still count after an answer, on average.
    pub effective_draws: f64,
    /// What the test costs: `fixed_cost`, and what `spend` is above `outcome`. A
    /// change that earns money by itself is no merit of a test: a plan can have it
    /// without.
    pub cost: f64,
    /// Money times `evsi` times `periods`, less `cost`; null where a unit of the
    /// goal has no worth in money.
    pub net: Option<f64>,
    /// Standard error of `net`, from the number of draws.
    pub net_error: Option<f64>,
    /// Whether it is worth its cost, beyond the error of the estimate.
    pub verdict: Verdict,
    /// Periods of the plan that its result is used for.
    pub periods: f64,
    /// Lift expected over the test if all markets were treated, in the outcome of
    /// the line's curve.
    pub lift: f64,
    /// How far the draws disagree on it: their standard deviation.
    pub lift_deviation: f64,
    /// Standard error with which the test measures it.
    pub standard_error: f64,
    /// Where that is from.
    pub measured: Measured,
    /// Share of the nation that is treated.
    pub share: f64,
    /// What it costs besides.
    pub fixed_cost: f64,
    /// Spend added in the treated markets with its fee, or saved if below 0.
    pub spend: f64,
    /// Margin on the outcome won in the test, or lost if below 0.
    pub outcome: f64,
    /// Probability that after the test no plan keeps all limits.
    pub unplanned: f64,
}

/// Whether a test is worth its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is, beyond the error of the estimate.
    WorthIt,
    /// It is not.
    NotWorthIt,
    /// The draws are too few to say.
    Undecided,
}

/// Where the precision of a test is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// From the file of tests.
    Given,
    /// From a design on a panel.
    Panel,
    /// Assumed.
    Assumed,
}

/// Draws that are planned for one by one to see what perfect information is
/// worth, where plans are quick to make and where they are not.
const KNOWN: (usize, usize) = (1000, 200);

/// Standard errors beyond which a difference is no chance: 5% on either side.
const CLEAR: f64 = 1.645;

/// What every candidate test is worth.
///
/// # Errors
/// [`NextError`] where the file is wrong or there is nothing that a test could
/// improve.
pub fn next(scenario: &Scenario, ask: &NextAsk, options: &Options) -> Result<NextFile, NextError> {
    if scenario.looks_at_draws() {
        return Err(NextError::OverDraws);
    }
    if scenario.not_followed().is_some() {
        return Err(NextError::MeetsByPeriod);
    }
    let goal = scenario.goals.first().copied().unwrap_or_default();
    let goal = match (goal.maximize, goal.minimize) {
        (Some(Maximize::Spend), _) => return Err(NextError::NoOutcome),
        (Some(goal), _) => goal,
        (None, None) => Maximize::Revenue,
        (None, Some(_)) => return Err(NextError::NoOutcome),
    };
    let lowered = lower(scenario);
    let known = Known::of(scenario, &lowered.layout);
    let tested = known.lines();
    if tested.is_empty() {
        return Err(ValueError::Certain.into());
    }
    let (candidates, rows_left_out) = match ask.tests {
        Some(data) => candidates::read(data, scenario, ask)?,
        None => (candidates::usual(scenario, &tested, ask)?, Vec::new()),
    };
    let prior = Prior::new(known.model(scenario, &lowered), known.uncertain(scenario), options)?;
    let periods = periods(scenario);
    let today = Today::of(scenario, &lowered);
    let money = money(scenario, goal, &outcomes(scenario, &lowered.layout, prior.spends()));
    let trials: Vec<(Candidate, Trial)> = candidates
        .into_iter()
        .map(|candidate| Ok((candidate.clone(), known.trial(scenario, &candidate, &today)?)))
        .collect::<Result<_, NextError>>()?;
    let quick = lowered.problem.is_concave() && !lowered.layout.is_by_period();
    let most = if quick { KNOWN.0 } else { KNOWN.1 };
    let (evpi, evpi_error) = prior.perfect(most, options);
    let (gap, nodes, stop) = (options.gap, options.nodes, options.stop);
    let valued = |(candidate, trial): &(Candidate, Trial)| {
        let options = Options { gap, nodes, stop, ..Options::default() };
        let worth = prior.worth(trial, &options);
        // More than everything is not to be had.
        let worth = Worth { evsi: worth.evsi.min(evpi), ..worth };
        // What was stopped half-way says too little.
        (!stop()).then(|| valued(scenario, candidate, trial, worth, periods, money))
    };
    let all: Vec<Option<Valued>> = trials.par_iter().map(valued).collect();
    let left_out = all.iter().filter(|t| t.is_none()).count();
    let tests = ranked(all.into_iter().flatten().collect());
    let named = |keep: &dyn Fn(usize, &ScenarioLine) -> bool| {
        let each = scenario.lines.iter().enumerate().filter(|(i, l)| keep(*i, l));
        each.map(|(_, l)| l.name.clone()).collect()
    };
    Ok(NextFile {
        outlay: FORMAT,
        name: scenario.name.clone(),
        currency: scenario.currency.clone(),
        unit: scenario.horizon.as_ref().map(|h| h.unit.clone()),
        periods,
        goal,
        later_goals: scenario.goals.len().saturating_sub(1),
        value: prior.value() / periods,
        draws: known.draws(),
        evpi: evpi / periods,
        evpi_error: evpi_error / periods,
        money: money.map(|m| m.0),
        margin_assumed: money.is_some_and(|m| m.1),
        errors_assumed: tests.iter().any(|t| t.measured == Measured::Assumed),
        baseline_assumed: today.assumed && tests.iter().any(|t| t.measured == Measured::Assumed),
        tests,
        panel: ask.panel.map(|p| p.path().display().to_string()),
        left_out,
        rows_left_out: rows_left_out.into_iter().map(RowLeftOut::from).collect(),
        certain: named(&|_, l| l.draws.count() == 0),
        not_averaged: named(&|i, l| l.draws.count() > 0 && !tested.contains(&i)),
    })
}

/// A test with what each draw contributes to its net value.
struct Valued {
    test: NextTest,
    by_draw: Vec<f64>,
}

fn valued(
    scenario: &Scenario,
    candidate: &Candidate,
    trial: &Trial,
    worth: Worth,
    horizon: f64,
    money: Option<(f64, bool)>,
) -> Valued {
    let line = &scenario.lines[candidate.line];
    let count = trial.lifts.len() as f64;
    let lift = trial.lifts.iter().sum::<f64>() / count;
    let spread = trial.lifts.iter().map(|l| (l - lift).powi(2)).sum::<f64>() / count;
    let length = (candidate.weeks * days(scenario)) as f64;
    let per_period = line.current / horizon;
    let spend = candidate.share * candidate.change * per_period * length * (1.0 + line.fee);
    let sells = scenario.meeting.web_of(candidate.line).and_then(|w| w.lines.first());
    let sold = sells.and_then(|&first| scenario.lines.get(first)).unwrap_or(line);
    let margin = sold.revenue_per_outcome.map_or(0.0, |r| r * sold.margin.unwrap_or(1.0));
    let outcome = candidate.share * lift * margin;
    // A change that earns money by itself needs no test: the plan can have it.
    let cost = candidate.fixed_cost + (spend - outcome).max(0.0);
    let periods = candidate.periods.unwrap_or(horizon);
    let (evsi, error) = (worth.evsi / horizon, worth.error / horizon);
    let factor = money.map(|m| m.0 * periods);
    let net = factor.map(|f| f * evsi - cost);
    let net_error = factor.map(|f| f * error);
    let verdict = match net.zip(net_error) {
        Some((net, error)) if net - CLEAR * error > 0.0 => Verdict::WorthIt,
        Some((net, error)) if net + CLEAR * error < 0.0 => Verdict::NotWorthIt,
        _ => Verdict::Undecided,
    };
    let test = NextTest {
        rank: 1,
        channel: line.name.clone(),
        change: candidate.change,
        weeks: candidate.weeks,
        evsi,
        error,
        effective_draws: worth.effective_draws,
        cost,
        net,
        net_error,
        verdict,
        periods,
        lift,
        lift_deviation: spread.sqrt(),
        standard_error: trial.error,
        measured: match candidate.precision {
            Precision::Given(_) => Measured::Given,
            Precision::Designed { .. } => Measured::Panel,
            Precision::Assumed(_) => Measured::Assumed,
        },
        share: candidate.share,
        fixed_cost: candidate.fixed_cost,
        spend,
        outcome,
        unplanned: worth.unplanned,
    };
    let by_draw = worth.by_draw.iter().map(|v| v / horizon * factor.unwrap_or(1.0)).collect();
    Valued { test, by_draw }
}

/// The best first; a rank counts the tests that are clearly better.
fn ranked(mut all: Vec<Valued>) -> Vec<NextTest> {
    let worth = |v: &Valued| v.test.net.unwrap_or(v.test.evsi);
    all.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let better = |a: &Valued, b: &Valued| {
        let difference = worth(a) - worth(b);
        let each: Vec<f64> = a.by_draw.iter().zip(&b.by_draw).map(|(x, y)| x - y).collect();
        let (count, mean) = (each.len() as f64, each.iter().sum::<f64>() / each.len() as f64);
        let variance = each.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count / count;
        difference > CLEAR * variance.sqrt()
    };
    let ranks: Vec<usize> =
        all.iter().enumerate().map(|(i, b)| 1 + all[..i].iter().filter(|a| better(a, b)).count()).collect();
    let ranked = |(mut v, rank): (Valued, usize)| {
        v.test.rank = rank;
        v.test
    };
    all.into_iter().zip(ranks).map(ranked).collect()
}
