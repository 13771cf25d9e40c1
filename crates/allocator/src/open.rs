//! Problems some of whose lines have no largest spend (an unbounded domain).
//!
//! Where rules are dropped, lines lose their maxima. The search then works
//! below spends so large that no plan anyone means lies beyond them, and what
//! it claims is proven again for all spends.

use crate::certificate;
use crate::searched::solve_once;
use crate::{Certificate, Domain, Goal, Limit, Line, Options, Problem, ProblemError, Solution, Status};

/// How far beyond every amount of money in a problem the search looks: first
/// near, since what is far off costs accuracy.
const BEYOND: [f64; 2] = [10.0, 1e4];

/// As [`crate::solve()`], in one search, of a problem whose lines may have no largest spend: searched
/// below a far one, proven without it.
///
/// # Errors
/// As [`crate::solve()`].
pub fn solve_open(problem: &Problem, options: &Options) -> Result<Solution, ProblemError> {
    if problem.lines.iter().all(|l| l.domain().is_empty() || l.domain().largest().is_finite()) {
        return solve_once(problem, options);
    }
    let (answer, settled) = below(problem, BEYOND[0], options)?;
    if answer.status != Status::Undetermined || !settled || (options.stop)() {
        return Ok(answer);
    }
    below(problem, BEYOND[1], options).map(|(answer, _)| answer)
}

/// The answer of a search below `far` times every amount of money, and whether
/// it settled what is below.
fn below(problem: &Problem, far: f64, options: &Options) -> Result<(Solution, bool), ProblemError> {
    let closed = Problem { lines: closed(problem, far), ..problem.clone() };
    let found = solve_once(&closed, options)?;
    let settled = found.status != Status::Undetermined;
    Ok((prove(problem, found), settled))
}

/// The lines, none of them without a largest spend.
fn closed(problem: &Problem, far: f64) -> Vec<Line> {
    let far = Domain::interval(0.0, far * problem.money());
    let close = |line: &Line| {
        let open = !line.domain().is_empty() && line.domain().largest() == f64::INFINITY;
        if open { line.within(&far) } else { line.clone() }
    };
    problem.lines.iter().map(close).collect()
}

impl Problem {
    /// An amount that covers every amount of money in the problem.
    pub fn money(&self) -> f64 {
        let problem = self;
        let finite = |x: f64| if x.is_finite() { x.abs() } else { 0.0 };
        let line = |l: &Line| {
            let stated = if l.domain().is_empty() { 0.0 } else { finite(l.domain().least()) };
            finite(l.typical_spend()) + finite(l.current) + stated
        };
        let lines: f64 = problem.lines.iter().map(line).sum();
        let money = |limit: &Limit| {
            let plain = limit.denominator.is_none() && limit.numerator.is_spend();
            let numbers = [limit.min, limit.max].into_iter().flatten().map(finite).fold(0.0, f64::max);
            if plain { numbers } else { 0.0 }
        };
        let limits = problem.limits.iter().map(money).fold(0.0, f64::max);
        lines + limits
    }
}

/// What a solution of the closed problem proves of the open one.
fn prove(problem: &Problem, found: Solution) -> Solution {
    let ratio = match problem.goal {
        Goal::MinimizeRatio { .. } => Some(found.certificate.bound),
        Goal::Maximize(_) => None,
    };
    let leaves = &found.certificate.leaves;
    let bounds = certificate::leaf_bounds(problem, leaves, ratio).unwrap_or_default();
    let bound = if bounds.is_empty() { f64::NAN } else { certificate::largest(leaves, &bounds) };
    let empty = bound == f64::NEG_INFINITY;
    let (holds, bound) = match ratio {
        Some(ratio) => (empty || bound <= 0.0, if empty { bound } else { ratio }),
        None => (empty || bound <= found.certificate.bound + slack(&found), bound),
    };
    let bound = if holds || ratio.is_none() { bound } else { f64::NAN };
    let certificate = Certificate { bound, bounds, ..found.certificate };
    let status = match (&found.plan, found.status) {
        (None, _) if empty => Status::Infeasible,
        (None, _) => Status::Undetermined,
        (Some(_), Status::Optimal) if !holds => Status::WithinGap,
        (Some(_), status) => status,
    };
    Solution { status, plan: found.plan, certificate }
}

/// Round-off between two sums of the same bounds.
fn slack(found: &Solution) -> f64 {
    1e-12 * found.certificate.bound.abs()
}
