//! Plans on what is known after an answer, and what they gain.

use outlay_allocator::{Goal, Options, Problem, Solution, solve};

/// A problem with its plan.
pub(super) struct Planned {
    pub(super) problem: Problem,
    pub(super) spends: Vec<f64>,
}

/// The best plan, where there is one.
pub(super) fn best(problem: &Problem, options: &Options) -> Option<Solution> {
    solve(problem, options).ok().filter(|s| s.plan.is_some())
}

/// The goal at some spends; what follows from them under the problem's curves is
/// worked out anew.
pub(super) fn goal(problem: &Problem, spends: &[f64]) -> f64 {
    let mut spends = spends.to_vec();
    problem.settle(&mut spends);
    settled(problem, &spends)
}

fn settled(problem: &Problem, spends: &[f64]) -> f64 {
    match &problem.goal {
        Goal::Maximize(terms) => terms.measure(&problem.lines, spends).0,
        Goal::MinimizeRatio { .. } => f64::NAN,
    }
}

/// What the best plan of a problem gains over another plan: the difference of
/// the goal, and what the other exceeds the limits by, at their shadow prices.
/// Without the latter a plan that now breaks a limit would look better than one
/// that keeps it. Not below 0: the other plan could be kept.
pub(super) fn gain(problem: &Problem, solution: &Solution, other: &[f64]) -> f64 {
    let Some(plan) = &solution.plan else { return 0.0 };
    let mut other = other.to_vec();
    problem.settle(&mut other);
    let other = &other[..];
    let mut gain = goal(problem, &plan.spends) - settled(problem, other);
    for (limit, prices) in problem.limits.iter().zip(&solution.certificate.prices) {
        let measure = |terms: &outlay_allocator::Terms| terms.measure(&problem.lines, other).0;
        let figure = measure(&limit.numerator);
        let whole = limit.denominator.as_ref().map_or(1.0, measure);
        let over = limit.max.map_or(0.0, |max| (figure - max * whole).max(0.0));
        let under = limit.min.map_or(0.0, |min| (min * whole - figure).max(0.0));
        gain += prices.max * over + prices.min * under;
    }
    gain.max(0.0)
}
