//! Change of the value per unit of the number.

use super::Sweep;
use crate::certificate::linear_goal;
use crate::{Goal, Prices, Problem, Solution};

/// By the envelope theorem the value changes like the goal less the priced
/// limits at the plan, with spends and prices held; both depend linearly on the
/// number, so the ends of the range give the slope.
pub(super) fn marginal(ends: &[Problem; 2], span: &Sweep, solution: &Solution) -> Option<f64> {
    let plan = solution.plan.as_ref()?;
    let ratio = matches!(ends[0].goal, Goal::MinimizeRatio { .. }).then_some(plan.value);
    let [from, to] =
        ends.each_ref().map(|p| lagrangian(p, ratio, &solution.certificate.prices, &plan.spends));
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
