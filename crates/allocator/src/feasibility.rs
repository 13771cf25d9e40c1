//! Whether any plan keeps all limits.

use crate::certificate::{self, judge};
use crate::elastic::{Elastic, Side};
use crate::open::solve_open;
use crate::tolerance::KEPT;
use crate::{
    Certificate, Cut, CutSide, Goal, Leaf, Limit, Options, Prices, Problem, ProblemError, Solution, Status,
    Terms,
};

/// Whether any plan keeps all rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Feasibility {
    /// These spends do.
    Feasible(Vec<f64>),
    /// Proven: none does.
    Infeasible(Certificate),
    /// Neither a plan nor a proof was found.
    Undetermined(Certificate),
}

/// Nodes after which the search of a concave problem turns to its violations.
const FEW: usize = 1;
/// Nodes of the search for the least violation.
const SOME: usize = 500;
/// Gap of the least violation at which most problems are told apart already.
const ROUGH: f64 = 1e-4;
/// How sharply a violation is told from none.
const SHARP: f64 = 1e-9;
/// Largest relative violation considered.
const MOST: f64 = 100.0;

/// Looks for any plan at all, whatever its goal is worth.
///
/// First by maximising nothing; where that ends in neither a plan nor a proof,
/// as it can where plans have no room around them, by making the largest
/// relative violation as small as possible.
///
/// # Errors
/// As [`crate::solve()`].
pub fn feasibility(problem: &Problem, options: &Options) -> Result<Feasibility, ProblemError> {
    let concave = problem.is_concave();
    let nodes = if concave { FEW } else { options.nodes };
    let first = any_plan(problem, &Options { nodes, ..*options })?;
    if !matches!(first, Feasibility::Undetermined(_)) || (options.stop)() {
        return Ok(first);
    }
    let nodes = options.nodes.min(SOME);
    match least_violation(problem, &Options { nodes, ..*options })? {
        Some(found) => Ok(found),
        None => Ok(first),
    }
}

/// A constant goal has no better plan than the first; its gap is never open.
fn any_plan(problem: &Problem, options: &Options) -> Result<Feasibility, ProblemError> {
    let goal = Goal::Maximize(Terms::constant(1.0));
    let anything = Problem { goal, ..problem.clone() };
    let solution = solve_open(&anything, &Options { gap: Some(0.5), ..*options })?;
    Ok(match (solution.plan, solution.status) {
        (Some(plan), _) => Feasibility::Feasible(plan.spends),
        (None, Status::Infeasible) => Feasibility::Infeasible(solution.certificate),
        (None, _) => Feasibility::Undetermined(solution.certificate),
    })
}

/// Makes `s` as small as possible where every side of a limit may be exceeded
/// by `s - 1` times its size: below 1 a plan has room on every side, above 1
/// the prices prove that there is none.
fn least_violation(problem: &Problem, options: &Options) -> Result<Option<Feasibility>, ProblemError> {
    if problem.lines.iter().any(|l| l.domain().is_empty()) {
        return Ok(None);
    }
    let split = Problem { limits: problem.limits.iter().flat_map(sides).collect(), ..problem.clone() };
    let mut elastic = Elastic::new(&split, 1, MOST);
    let typical: Vec<f64> = problem.lines.iter().map(|l| l.domain().nearest(l.typical_spend())).collect();
    for (r, limit) in problem.limits.iter().enumerate() {
        let unit = size(problem, &typical, limit);
        if limit.min == limit.max {
            continue;
        }
        for (side, index, sign) in [(Side::Min, 2 * r, -1.0), (Side::Max, 2 * r + 1, 1.0)] {
            elastic.loosen(index, side, 0, unit);
            if let Some(limit) = elastic.limits_mut().get_mut(index) {
                limit.numerator.constant += sign * unit;
            }
        }
    }
    let elastic = elastic.cheapest(&[1.0]);
    for gap in [ROUGH, SHARP] {
        let solution = solve_open(&elastic, &Options { gap: Some(gap), ..*options })?;
        // What is not found roughly is not found sharply.
        let open = solution.status != Status::Optimal;
        if let Some(answer) = concluded(problem, solution) {
            return Ok(Some(answer));
        }
        if open {
            break;
        }
    }
    Ok(None)
}

/// What the least violation says, if its plan keeps the limits or its prices
/// prove that none does.
fn concluded(problem: &Problem, solution: Solution) -> Option<Feasibility> {
    if let Some(plan) = &solution.plan {
        let mut spends = plan.spends.clone();
        spends.truncate(problem.lines.len());
        if judge(&constant(problem), &spends).violation <= KEPT {
            return Some(Feasibility::Feasible(spends));
        }
    }
    let own = problem.lines.len();
    let leaves: Vec<Leaf> = solution.certificate.leaves.iter().filter_map(|l| joined(l, own)).collect();
    let proof = certificate::bound(problem, &leaves, None);
    (proof == Ok(f64::NEG_INFINITY)).then(|| {
        let prices = vec![Prices::default(); problem.limits.len()];
        Feasibility::Infeasible(Certificate {
            bound: f64::NEG_INFINITY,
            gap: f64::NAN,
            violation: f64::NAN,
            leaves,
            prices,
            winner: None,
            bounds: Vec::new(),
            ..solution.certificate
        })
    })
}

/// A limit as one limit for either side.
fn sides(limit: &Limit) -> [Limit; 2] {
    [Limit { max: None, ..limit.clone() }, Limit { min: None, ..limit.clone() }]
}

/// A leaf of the problem whose limits are split, as one of the whole problem,
/// in which the slack is 1; `None` if it is not 1 in the leaf.
fn joined(leaf: &Leaf, own: usize) -> Option<Leaf> {
    let (cuts, slack): (Vec<Cut>, Vec<Cut>) = leaf.cuts.iter().partition(|cut| cut.line < own);
    let kept = |cut: &Cut| (cut.side == CutSide::Below) == (cut.at >= 1.0);
    if !slack.iter().all(kept) {
        return None;
    }
    let pair =
        |p: &[Prices]| Prices { min: p.first().map_or(0.0, |p| p.min), max: p.get(1).map_or(0.0, |p| p.max) };
    Some(Leaf { cuts, prices: leaf.prices.chunks(2).map(pair).collect(), empty: true, step: None })
}

/// The problem with a goal that any spends have a value under.
fn constant(problem: &Problem) -> Problem {
    Problem { goal: Goal::Maximize(Terms::constant(1.0)), ..problem.clone() }
}

/// The size of a limit's terms where the lines have visibly bent, at `typical`
/// spends.
fn size(problem: &Problem, typical: &[f64], limit: &Limit) -> f64 {
    let (_, terms) = limit.numerator.measure(&problem.lines, typical);
    let plain = [limit.min, limit.max].into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
    let size = if limit.denominator.is_none() && plain > 0.0 { plain } else { terms };
    if size > 0.0 && size.is_finite() { size } else { 1.0 }
}
