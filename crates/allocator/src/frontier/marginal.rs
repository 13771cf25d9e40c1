//! Change of the value per unit of the number.

use super::sweep::Sweep;
use crate::certificate::linear_goal;
use crate::groups::Pools;
use crate::slopes::only_prices;
use crate::{Goal, Options, Plan, Prices, Problem, ProblemError, Solution, solve};

/// How far the number is moved where plan and limits leave several prices,
/// relative to the range.
const MOVED: f64 = 1e-6;
/// Gap to which such values are proven.
const SHARP: f64 = 1e-11;
/// Nodes for each of them.
const NODES: usize = 400;

/// Change of the value per unit more of the number (less, at the end of the
/// range), where the plan leaves one choice of prices, else by solving again.
pub(super) fn marginal<E: From<ProblemError>>(
    at: &impl Fn(f64) -> Result<Problem, E>,
    (ends, span): (&[Problem; 2], &Sweep),
    (number, problem): (f64, &Problem),
    solution: &Solution,
) -> Result<Option<f64>, E> {
    let Some(plan) = &solution.plan else { return Ok(None) };
    let searched = &solution.certificate.prices;
    if problem.is_pooled() {
        // Where a plan's levels are the best, moving them as well changes nothing.
        let pools = Pools::find(problem);
        let levels: Vec<f64> = pools.0.iter().map(|p| plan.spends[p.block]).collect();
        let only = only_prices(&pools.fixed(problem, &levels), &plan.spends, searched);
        return Ok(only.and_then(|prices| slope(ends, span, plan, &prices)));
    }
    let only = only_prices(problem, &plan.spends, searched);
    if problem.is_linked() {
        return Ok(slope(ends, span, plan, only.as_ref().unwrap_or(searched)));
    }
    if let Some(prices) = only {
        return Ok(slope(ends, span, plan, &prices));
    }
    let by = MOVED * (span.to - span.from);
    let by = if (number + 2.0 * by - span.to) * by.signum() > 0.0 { -by } else { by };
    let options = Options { gap: Some(SHARP), nodes: NODES, start: Some(&plan.spends), ..span.options };
    let value = |number: f64| -> Result<Option<f64>, E> {
        let solution = solve(&at(number)?, &options)?;
        let close = solution.certificate.gap <= 100.0 * SHARP;
        Ok(solution.plan.filter(|_| close).map(|plan| plan.value))
    };
    let (here, there) = (value(number)?, value(number + by)?);
    Ok(match here.zip(there) {
        Some((here, there)) => Some((there - here) / by + 0.0),
        None => slope(ends, span, plan, &solution.certificate.prices),
    })
}

/// By the envelope theorem the value changes like the goal less the priced
/// limits at the plan, with spends and prices held; both depend linearly on the
/// number, so the ends of the range give the slope.
fn slope(ends: &[Problem; 2], span: &Sweep, plan: &Plan, prices: &[Prices]) -> Option<f64> {
    let ratio = matches!(ends[0].goal, Goal::MinimizeRatio { .. }).then_some(plan.value);
    let [from, to] = ends.each_ref().map(|p| lagrangian(p, ratio, prices, &plan.spends));
    let slope = (to - from) / (span.to - span.from);
    let slope = match &ends[0].goal {
        Goal::Maximize(_) => slope,
        Goal::MinimizeRatio { denominator, .. } => {
            -slope / denominator.measure(&ends[0].lines, &plan.spends).0
        }
    };
    slope.is_finite().then_some(slope + 0.0)
}

/// `goal(x) - sum_r price_r * excess_r(x)`.
fn lagrangian(problem: &Problem, ratio: Option<f64>, prices: &[Prices], spends: &[f64]) -> f64 {
    let goal = linear_goal(&problem.goal, ratio);
    let mut value = goal.measure(&problem.lines, spends).0;
    for (limit, price) in problem.limits.iter().zip(prices) {
        if price.min == 0.0 && price.max == 0.0 {
            continue;
        }
        let numerator = limit.numerator.measure(&problem.lines, spends).0;
        let denominator = limit.denominator.as_ref().map_or(1.0, |d| d.measure(&problem.lines, spends).0);
        let excess = |number: Option<f64>| number.map_or(0.0, |n| numerator - n * denominator);
        value -= price.max * excess(limit.max) - price.min * excess(limit.min);
    }
    value
}
