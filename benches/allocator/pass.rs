//! The yardstick: one scalar pass over all curves and their slopes.

use outlay_allocator::Problem;

/// The sum of all outcomes and slopes at the given spends.
pub(crate) fn pass(problem: &Problem, spends: &[f64]) -> f64 {
    let point = |(line, &x): (&outlay_allocator::Line, &f64)| {
        let p = line.curve.point(x);
        p.value + p.marginal
    };
    problem.lines.iter().zip(spends).map(point).sum()
}

/// Spends inside the lines' domains, for the pass.
pub(crate) fn interior(problem: &Problem) -> Vec<f64> {
    problem.lines.iter().map(|line| 0.75 * line.current + 1.0).collect()
}
