//! Plans in round amounts.

use outlay_allocator::{Options, Problem, ProblemError, solve};

use crate::files::result::{ResultFile, Rounding, Status};
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::lower::{Lowered, lower};
use crate::plan::ordered::plan;
use crate::plan::outcome::Sense;

/// Relative gap asked of a rounded plan: between neighbouring amounts there is
/// less than this to gain where the unit is small, and to rule out every
/// combination would take long.
const GAP: f64 = 1e-4;
/// The same by period, where a spend is as many smaller ones.
const BY_PERIOD: f64 = 1e-3;
/// Most units tried for one that has a plan.
const TRIED: usize = 300;
/// Subproblems for each of them.
const NODES: usize = 200;
/// The gap asked of them: any plan will do.
const ANY: f64 = 0.5;

/// The best plan of a scenario in which every spend without a flat price or
/// lots of its own is a multiple of `unit`, with a certificate of its own, and
/// what the rounding costs. If there is none, the nearest unit found that has
/// one, where the scenario has a plan at all. The searches behind these figures
/// go through the options' `answers`, the one for the plan itself does not.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub(crate) fn rounded(scenario: &Scenario, unit: f64, options: &Options) -> Result<ResultFile, ProblemError> {
    let free = Free::new(scenario, options)?;
    let round = Scenario { round: Some(unit), ..scenario.clone() };
    let options = within(scenario, options);
    let lowered = lower(&round);
    let start = free.spends.as_deref().filter(|_| lowered.layout.is_by_period());
    let mut file = plan(&round, &lowered, &Options { answers: None, start, ..options })?;
    let nearest = match (file.status, free.best) {
        (Status::Infeasible, Some(_)) => nearest(scenario, &free.lowered, unit, &options)?,
        _ => None,
    };
    file.rounding = Some(free.rounding(unit, &file, nearest));
    Ok(file)
}

/// The gap asked of a rounded plan.
pub(crate) fn gap(scenario: &Scenario, asked: Option<f64>) -> f64 {
    asked.unwrap_or(if scenario.calendar.is_some() { BY_PERIOD } else { GAP })
}

/// Options for a rounded plan.
pub(crate) fn within<'a>(scenario: &Scenario, options: &Options<'a>) -> Options<'a> {
    Options { gap: Some(gap(scenario, options.gap)), ..*options }
}

/// What a rounded result says of its rounding, from answers given again; of the
/// nearest unit, whether it has a plan.
///
/// # Errors
/// As [`rounded`].
pub(crate) fn restated(
    scenario: &Scenario,
    unit: f64,
    (file, stated): (&ResultFile, Option<f64>),
    options: &Options,
) -> Result<Rounding, ProblemError> {
    let scenario = &Scenario { round: None, ..scenario.clone() };
    let free = Free::new(scenario, options)?;
    let infeasible = file.status == Status::Infeasible && free.best.is_some();
    let nearest = match stated.filter(|_| infeasible) {
        Some(trial) if trial > 0.0 => {
            let (problem, options) = any_plan(scenario, trial, &within(scenario, options));
            solve(&problem, &options)?.plan.map(|_| trial)
        }
        _ => None,
    };
    Ok(free.rounding(unit, file, nearest))
}

/// A scenario without rounding, and its best plan's goal.
struct Free {
    lowered: Lowered,
    sense: Sense,
    best: Option<f64>,
    spends: Option<Vec<f64>>,
}

impl Free {
    fn new(scenario: &Scenario, options: &Options) -> Result<Self, ProblemError> {
        let lowered = lower(scenario);
        let unrounded = solve(&lowered.problem, options)?;
        let sense = Sense::new(scenario.goals.first(), &lowered.problem);
        let best = unrounded.plan.as_ref().and_then(|p| finite(sense.sign * p.value));
        let spends = unrounded.plan.map(|p| p.spends);
        Ok(Free { lowered, sense, best, spends })
    }

    fn rounding(&self, unit: f64, file: &ResultFile, nearest: Option<f64>) -> Rounding {
        let costs = self.best.zip(file.value).map(|(best, value)| self.sense.sign * (best - value));
        Rounding { unit, unrounded: self.best, costs: costs.and_then(finite), nearest }
    }
}

/// The unit nearest to one without a plan that has one, among whole fractions
/// of the numbers a plan has to meet, and percentages of the unit.
fn nearest(
    scenario: &Scenario,
    free: &Lowered,
    unit: f64,
    options: &Options,
) -> Result<Option<f64>, ProblemError> {
    for trial in units(scenario, free, unit) {
        let (problem, options) = any_plan(scenario, trial, options);
        let found = solve(&problem, &Options { answers: None, ..options })?;
        if found.plan.is_some() {
            // Of all trials the one that counts is kept.
            if let Some(answers) = options.answers {
                answers.answer(&problem, ANY, &|| found.clone());
            }
            return Ok(Some(trial));
        }
    }
    Ok(None)
}

/// The search for any plan in multiples of a unit that is found soon.
fn any_plan<'a>(scenario: &Scenario, unit: f64, options: &Options<'a>) -> (Problem, Options<'a>) {
    let round = Scenario { round: Some(unit), ..scenario.clone() };
    (lower(&round).problem, Options { nodes: NODES, gap: Some(ANY), ..*options })
}

/// Units to try, nearest first.
fn units(scenario: &Scenario, free: &Lowered, unit: f64) -> Vec<f64> {
    let mut numbers: Vec<f64> = scenario.lines.iter().flat_map(|l| [l.min, l.max]).flatten().collect();
    for (limit, source) in free.problem.limits.iter().zip(&free.limits) {
        if source.metric == crate::files::spec::Metric::Spend {
            numbers.extend([limit.min, limit.max].into_iter().flatten());
        }
    }
    let mut units: Vec<f64> =
        (1..100).flat_map(|p| [1.0 - 0.01 * f64::from(p), 1.0 + 0.01 * f64::from(p)]).collect();
    units.iter_mut().for_each(|share| *share *= unit);
    for number in numbers.into_iter().filter(|n| *n > 0.0) {
        let whole = (number / unit).floor().max(1.0);
        units.extend((0..4).map(|more| number / (whole + f64::from(more))));
    }
    units.retain(|u| *u > 0.0 && u.is_finite());
    units.sort_by(|a, b| (a - unit).abs().total_cmp(&(b - unit).abs()).then(a.total_cmp(b)));
    units.dedup();
    units.truncate(TRIED);
    units
}
