//! Whether a limit's figure can be nothing, by a plan known already: its lines
//! are left out and the others take their money. That no figure is less needs no
//! search, so of a thousand caps few are searched for.

use outlay_allocator::certificate::judge;
use outlay_allocator::tolerance::KEPT;
use outlay_allocator::{Goal, Limit, Problem, Terms};

/// Rounds in which what a line or a cap does not allow goes to others.
const ROUNDS: usize = 6;
/// What of a cap is used then.
const LESS: f64 = 0.99;

/// True if a plan like `kept` without the lines that limit `r` counts keeps all
/// other limits, and the figure is at least 0 whatever the plan.
pub(super) fn can_be(problem: &Problem, r: usize, kept: &[f64]) -> bool {
    let Some(limit) = problem.limits.get(r) else { return false };
    let lines = 0..problem.lines.len();
    // Flights tie lines to each other, and a plan of one is no plan of the other.
    if kept.len() != lines.len() || problem.quantities().any(|terms| terms.few.is_some()) {
        return false;
    }
    let parts = || std::iter::once(&limit.numerator).chain(&limit.denominator);
    if !parts().all(|terms| never_negative(terms, problem.lines.len())) || limit.numerator.constant != 0.0 {
        return false;
    }
    // What counts lines, movement or outcomes is no sum of spends.
    let other = [&limit.numerator.response, &limit.numerator.active, &limit.numerator.moved];
    let Some(counts) = limit.numerator.spend.as_ref().filter(|_| other.iter().all(|o| o.is_none())) else {
        return false;
    };
    let counted = |i: usize| counts[i] != 0.0;
    if lines.clone().all(counted) {
        return false;
    }
    let others: Vec<usize> = lines.filter(|&i| !counted(i)).collect();
    // Fees count as an exact budget counts them.
    let exact = |l: &&Limit| l.denominator.is_none() && l.min == l.max && l.numerator.spend.is_some();
    let exact = problem.limits.iter().find(exact);
    let cost = |i: usize| exact.map_or(1.0, |l| l.numerator.of(i).spend);
    let sum = |spends: &[f64]| (0..spends.len()).map(|i| cost(i) * spends[i]).sum::<f64>();
    let whole = sum(kept);
    let mut spends = vec![0.0; kept.len()];
    others.iter().for_each(|&i| spends[i] = kept[i]);
    let mut without = Problem { goal: Goal::Maximize(Terms::default()), ..problem.clone() };
    (without.limits[r].min, without.limits[r].max) = (None, None);
    for _ in 0..ROUNDS {
        let left = sum(&spends);
        if left <= 0.0 {
            break;
        }
        let factor = whole / left;
        others.iter().for_each(|&i| {
            spends[i] = (spends[i] * factor).min(problem.lines[i].domain().largest());
        });
        if judge(&without, &spends).violation <= KEPT {
            return limit.denominator.as_ref().is_none_or(|d| d.measure(&problem.lines, &spends).0 > 0.0);
        }
        // What another cap does not allow goes to lines that it does not count.
        for (limit, max) in without.limits.iter().filter_map(|l| Some((l, l.max?))) {
            let value = limit.value(&problem.lines, &spends);
            if limit.min != limit.max
                && limit.numerator.response.is_none()
                && value > max.max(0.0)
                && value.is_finite()
            {
                let less = LESS * max.max(0.0) / value;
                others
                    .iter()
                    .filter(|&&i| limit.numerator.of(i).spend > 0.0)
                    .for_each(|&i| spends[i] *= less);
            }
        }
    }
    false
}

/// True if no spends make a quantity negative.
fn never_negative(terms: &Terms, lines: usize) -> bool {
    let fair = |i: usize| {
        let c = terms.of(i);
        c.spend >= 0.0 && c.response >= 0.0 && c.active >= 0.0 && c.moved >= 0.0
    };
    terms.constant >= 0.0 && (0..lines).all(fair)
}
