//! Plans on what is known after an answer, and what they gain.

use outlay_allocator::{Goal, Line, Options, Problem, Solution, solve};
use outlay_curves::Curve;

/// A problem with its plan.
pub(super) struct Planned {
    pub(super) problem: Problem,
    pub(super) spends: Vec<f64>,
}

/// The problem with other curves for some of its lines.
pub(super) fn with(problem: &Problem, curves: impl IntoIterator<Item = (usize, Curve)>) -> Problem {
    let mut problem = problem.clone();
    for (i, curve) in curves {
        let line = &problem.lines[i];
        problem.lines[i] = Line::new(curve, line.current, line.facts.clone());
    }
    problem
}

/// The best plan, where there is one.
pub(super) fn best(problem: &Problem, options: &Options) -> Option<Solution> {
    solve(problem, options).ok().filter(|s| s.plan.is_some())
}

/// The goal at some spends.
pub(super) fn goal(problem: &Problem, spends: &[f64]) -> f64 {
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
    let mut gain = plan.value - goal(problem, other);
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
