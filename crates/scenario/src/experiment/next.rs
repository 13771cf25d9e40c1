//! What `outlay next` writes: which test to run, in money.

use outlay_allocator::Options;
use outlay_curves::{Curve, Pool};
use outlay_experiments::value::{Prior, Trial, Uncertain, ValueError, Worth, order};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::candidates::NextAsk;
use super::candidates::{self, Candidate, Precision};
pub use super::error::NextError;
use crate::experiment::lifted::ELSEWHERE;
use crate::files::result::FORMAT;
use crate::files::spec::{Maximize, Outcome};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::model::shuffle::shuffled;
use crate::plan::earned::finite;
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

/// Draws that are used at most; of more, every so many-th.
const MOST: usize = 2000;

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
    if scenario.calendar.is_some() {
        return Err(NextError::ByPeriod);
    }
    if !scenario.meeting.is_empty() {
        return Err(NextError::Meeting);
    }
    if scenario.looks_at_draws() {
        return Err(NextError::OverDraws);
    }
    let goal = scenario.goals.first().copied().unwrap_or_default();
    let goal = match (goal.maximize, goal.minimize) {
        (Some(Maximize::Spend), _) => return Err(NextError::NoOutcome),
        (Some(goal), _) => goal,
        (None, None) => Maximize::Revenue,
        (None, Some(_)) => return Err(NextError::NoOutcome),
    };
    let known = Known::of(scenario);
    let tested: Vec<usize> = known.lines.iter().map(|l| l.line).collect();
    if tested.is_empty() {
        return Err(ValueError::Certain.into());
    }
    let candidates = match ask.tests {
        Some(data) => candidates::read(data, scenario, ask)?,
        None => candidates::usual(scenario, &tested, ask)?,
    };
    let lowered = lower(scenario);
    let prior = Prior::new(&lowered.problem, known.uncertain(scenario), options)?;
    let periods = scenario.horizon.as_ref().map_or(1.0, |h| f64::from(h.periods));
    let today = Today::of(scenario, &lowered.problem.lines);
    let money = money(scenario, goal, prior.spends(), &lowered.problem.lines);
    let trials: Vec<(Candidate, Trial)> = candidates
        .into_iter()
        .map(|candidate| Ok((candidate.clone(), known.trial(scenario, &candidate, &today)?)))
        .collect::<Result<_, NextError>>()?;
    let most = if lowered.problem.is_concave() { KNOWN.0 } else { KNOWN.1 };
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
        draws: known.draws.len(),
        evpi: evpi / periods,
        evpi_error: evpi_error / periods,
        money: money.map(|m| m.0),
        margin_assumed: money.is_some_and(|m| m.1),
        errors_assumed: tests.iter().any(|t| t.measured == Measured::Assumed),
        baseline_assumed: today.assumed && tests.iter().any(|t| t.measured == Measured::Assumed),
        tests,
        panel: ask.panel.map(|p| p.path().display().to_string()),
        left_out,
        certain: named(&|_, l| l.draws.count() == 0),
        not_averaged: named(&|i, l| l.draws.count() > 0 && !tested.contains(&i)),
    })
}

/// What is known of the curves.
struct Known {
    lines: Vec<KnownLine>,
    /// Which draws, every second one first.
    draws: Vec<usize>,
}

struct KnownLine {
    line: usize,
    /// By draw, in the order of `Known::draws`: the library's curve per period,
    /// and the line's over the horizon.
    pairs: Vec<(Curve, Curve)>,
    pool: Pool,
}

impl Known {
    fn of(scenario: &Scenario) -> Known {
        let all: Vec<Vec<(Curve, Curve)>> = scenario.lines.iter().map(|l| l.draws.pairs()).collect();
        let count = all.iter().map(Vec::len).max().unwrap_or(0);
        let used: Vec<usize> = (0..count).step_by(count.div_ceil(MOST).max(1)).collect();
        let draws: Vec<usize> = order(used.len()).into_iter().map(|k| used[k]).collect();
        let budget = scenario.budget.as_ref().and_then(|b| b.max).unwrap_or(f64::INFINITY);
        let line = |(line, own): (usize, Vec<(Curve, Curve)>)| {
            if own.is_empty() {
                return None;
            }
            let place =
                if own.len() == count { (0..count).collect() } else { shuffled(own.len(), count, line) };
            let pairs: Vec<(Curve, Curve)> = draws.iter().map(|&d| own[place[d]].clone()).collect();
            let raw: Vec<Curve> = pairs.iter().map(|p| p.0.clone()).collect();
            let largest = scenario.lines[line].max.unwrap_or(f64::INFINITY).min(budget);
            let to = largest.max(scenario.lines[line].current) / scenario.lines[line].draws.stretch.0;
            Some(KnownLine { line, pairs, pool: Pool::new(&raw, to)? })
        };
        let lines = all.into_iter().enumerate().filter_map(line).collect();
        Known { lines, draws }
    }

    fn uncertain<'a>(&self, scenario: &'a Scenario) -> Vec<Uncertain<'a>> {
        let one = |known: &KnownLine| {
            let draws = &scenario.lines[known.line].draws;
            Uncertain {
                line: known.line,
                curves: known.pairs.iter().map(|p| p.1.clone()).collect(),
                pool: known.pool.clone(),
                finish: Box::new(move |curve| draws.finished(curve)),
            }
        };
        self.lines.iter().map(one).collect()
    }

    /// What a test would show under every draw, and how precisely.
    fn trial(&self, scenario: &Scenario, test: &Candidate, today: &Today) -> Result<Trial, NextError> {
        let line = &scenario.lines[test.line];
        let found = self.lines.iter().find(|l| l.line == test.line).filter(|_| line.current > 0.0);
        let untestable = || NextError::Untestable { line: line.name.clone(), spends: line.current > 0.0 };
        let known = found.ok_or_else(untestable)?;
        let per_period = line.current * left(line) / line.draws.stretch.0;
        let shares = line.draws.built_up(test.weeks * days(scenario));
        // As the fit has it: steady spend before, the change built up by the
        // carry-over, outcomes of the test's periods alone.
        let lift = |curve: &Curve| {
            let before = curve.value(per_period);
            let after = |share: &f64| curve.value((per_period * (1.0 + test.change * share)).max(0.0));
            shares.iter().map(|share| after(share) - before).sum::<f64>()
        };
        let lifts: Vec<f64> = known.pairs.iter().map(|p| lift(&p.0)).collect();
        let mean = lifts.iter().sum::<f64>() / lifts.len() as f64;
        let elsewhere = |error: f64| error.hypot(ELSEWHERE * mean);
        let error = match test.precision {
            Precision::Given(error) => error,
            Precision::Designed { relative, outcome } => elsewhere(relative * outcome),
            Precision::Assumed(relative) => {
                let weeks = test.weeks as f64;
                let outcome = today.of_outcome(line.outcome) * weeks * days(scenario) as f64;
                elsewhere(relative * (6.0 / weeks).sqrt() * outcome)
            }
        };
        // An error of nothing would tell draws apart that differ by rounding.
        let error = error.max(1e-9 * lifts.iter().fold(0.0f64, |m, l| m.max(l.abs())));
        Ok(Trial { lifts, error: error.max(f64::MIN_POSITIVE) })
    }
}

/// Days in a period of the plan's that make a week: tests are as long as weeks.
fn days(scenario: &Scenario) -> usize {
    if scenario.horizon.as_ref().is_some_and(|h| h.unit == "day") { 7 } else { 1 }
}

fn left(line: &ScenarioLine) -> f64 {
    line.past.map_or(1.0, |p| 1.0 - p.share)
}

/// What is earned per period at today's spend, with what is earned without it.
struct Today {
    revenue: f64,
    customers: f64,
    /// True where the baseline is not known.
    assumed: bool,
}

impl Today {
    /// Without a baseline, the lines' outcome is taken for a third of all.
    const MEDIA: f64 = 1.0 / 3.0;

    fn of(scenario: &Scenario, lines: &[outlay_allocator::Line]) -> Today {
        let periods = scenario.horizon.as_ref().map_or(1.0, |h| f64::from(h.periods));
        let sum = |each: &dyn Fn(&ScenarioLine) -> Option<f64>| {
            let earned = scenario.lines.iter().zip(lines);
            let one = |(l, p): (&std::sync::Arc<ScenarioLine>, &outlay_allocator::Line)| {
                each(l).map_or(0.0, |rate| rate * p.curve.value(l.current))
            };
            earned.map(one).sum::<f64>()
        };
        let all = |media: f64, base: Option<f64>| base.map_or(media / Self::MEDIA, |b| media + b) / periods;
        let base = &scenario.baseline;
        Today {
            revenue: all(sum(&|l| l.revenue_per_outcome), base.revenue),
            customers: all(sum(&|l| l.customers_per_outcome), base.customers),
            assumed: base.revenue.is_none() && base.customers.is_none(),
        }
    }

    fn of_outcome(&self, outcome: Outcome) -> f64 {
        match outcome {
            Outcome::Revenue => self.revenue,
            Outcome::Customers => self.customers,
        }
    }
}

/// Money that a unit of the goal is worth at the plan, and whether a margin was
/// assumed for it.
fn money(
    scenario: &Scenario,
    goal: Maximize,
    spends: &[f64],
    lines: &[outlay_allocator::Line],
) -> Option<(f64, bool)> {
    let assumed = scenario.lines.iter().any(|l| l.margin.is_none());
    if goal == Maximize::Profit {
        return Some((1.0, false));
    }
    let (mut gross, mut whole) = (0.0, 0.0);
    for ((line, own), &spend) in scenario.lines.iter().zip(lines).zip(spends) {
        let outcome = own.curve.value(spend);
        let revenue = outcome * line.revenue_per_outcome?;
        gross += revenue * line.margin.unwrap_or(1.0);
        let buyers = outcome * line.customers_per_outcome.unwrap_or(0.0);
        whole += match goal {
            Maximize::Revenue | Maximize::Profit => revenue,
            Maximize::Customers => buyers * line.new_customer_share,
            Maximize::LifetimeValue => buyers * line.lifetime_value.unwrap_or(0.0),
            Maximize::Spend => return None,
            Maximize::LongTermRevenue => revenue * line.long_term.as_ref().map_or(1.0, |l| l.0),
        };
    }
    finite(gross / whole).map(|money| (money, assumed))
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
    let margin = line.revenue_per_outcome.map_or(0.0, |r| r * line.margin.unwrap_or(1.0));
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
