//! Plans in round amounts.

use outlay_allocator::{Options, ProblemError, Status as Ended, solve};

use crate::files::result::{ResultFile, Rounding, Status};
use crate::model::scenario::Scenario;
use crate::plan::conflict::explain;
use crate::plan::earned::finite;
use crate::plan::lower::{Lowered, lower};
use crate::plan::ordered::plan;
use crate::plan::outcome::Sense;

/// Relative gap asked of a rounded plan: between neighbouring amounts there is
/// less than this to gain where the unit is small, and to rule out every
/// combination would take long.
const GAP: f64 = 1e-4;
/// Most units tried for one that has a plan.
const TRIED: usize = 300;
/// Subproblems for each of them.
const NODES: usize = 200;

/// The best plan of a scenario in which every spend without a flat price or
/// lots of its own is a multiple of `unit`, with a certificate of its own, and
/// what the rounding costs. If there is none, the nearest unit found that has
/// one, where the scenario has a plan at all.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn rounded(scenario: &Scenario, unit: f64, options: &Options) -> Result<ResultFile, ProblemError> {
    let free = lower(scenario);
    let unrounded = solve(&free.problem, options)?;
    let sense = Sense::new(scenario.goals.first(), &free.problem);
    let best = unrounded.plan.as_ref().and_then(|p| finite(sense.sign * p.value));
    let round = Scenario { round: Some(unit), ..scenario.clone() };
    let lowered = lower(&round);
    let options = Options { gap: Some(options.gap.unwrap_or(GAP)), ..*options };
    let mut file = plan(&round, &lowered, &options)?;
    let costs = best.zip(file.value).map(|(best, value)| sense.sign * (best - value));
    let nearest = match (file.status, best) {
        (Status::Infeasible, Some(_)) => nearest(scenario, &free, unit, &options)?,
        _ => None,
    };
    file.rounding = Some(Rounding { unit, unrounded: best, costs: costs.and_then(finite), nearest });
    explain(&mut file, &round, &lowered, &options)?;
    Ok(file)
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
        let round = Scenario { round: Some(trial), ..scenario.clone() };
        let options = Options { nodes: NODES, gap: Some(0.5), ..*options };
        let solution = solve(&lower(&round).problem, &options)?;
        if solution.plan.is_some() && solution.status != Ended::Infeasible {
            return Ok(Some(trial));
        }
    }
    Ok(None)
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
