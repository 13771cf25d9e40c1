//! What treated markets would have earned: a regression on the controls' factors.

use nalgebra::{DMatrix, DVector};

use crate::factors::factors;
use crate::panel::{mean, total};

/// Most factors taken from the controls.
const FACTORS: usize = 3;

/// Weight of the ridge on each factor, in periods: a factor has standard
/// deviation 1, so a coefficient is drawn towards 0 as by one period more.
const RIDGE: f64 = 1.0;

/// A series explained by what the controls have in common.
#[derive(Debug, Clone)]
pub(crate) struct Counterfactual {
    /// Expected values, of all periods.
    pub(crate) expected: Vec<f64>,
    /// What was left before the test, relative to what was expected, each period
    /// as predicted from the others outside its block.
    pub(crate) left_out: Vec<f64>,
    /// What the regression leaves of the last period before the test, likewise
    /// relative.
    pub(crate) last: f64,
    /// Degrees of freedom left.
    pub(crate) freedom: f64,
}

/// Fewest periods before a test from which one is read.
pub(crate) const LEAST: usize = 8;

/// Explains the sum of some rows by the factors of control rows, from its first
/// `before` periods; blocks of `block` periods are left out in turn.
///
/// `None` if the rows have no outcome before the test.
pub(crate) fn explain(
    outcome: &DMatrix<f64>,
    treated: &[usize],
    controls: &[usize],
    before: usize,
    block: usize,
) -> Option<Counterfactual> {
    let factors = common(outcome, controls, before)?;
    explain_by(&factors, outcome, treated, before, block)
}

/// What control rows have in common; `None` where too little is learnt from.
pub(crate) fn common(outcome: &DMatrix<f64>, controls: &[usize], before: usize) -> Option<DMatrix<f64>> {
    (before >= LEAST).then(|| factors(outcome, controls, before, FACTORS.min((before - 4) / 4)))
}

/// Explains the sum of some rows by factors.
pub(crate) fn explain_by(
    factors: &DMatrix<f64>,
    outcome: &DMatrix<f64>,
    treated: &[usize],
    before: usize,
    block: usize,
) -> Option<Counterfactual> {
    let series = total(outcome, treated);
    let level = mean(&series, before);
    if !(level > 0.0 && before >= LEAST) {
        return None;
    }
    let x =
        DMatrix::from_fn(
            series.len(),
            factors.ncols() + 1,
            |t, k| {
                if k == 0 { 1.0 } else { factors[(t, k - 1)] }
            },
        );
    let relative = |rows: &[usize]| total(outcome, rows).iter().map(|y| y / level).collect::<Vec<f64>>();
    let sum = DVector::from_vec(relative(treated));
    let fitted = &x * regress(&x, &sum, |t| t < before)?;
    // A counterfactual of nothing or less has no relative error.
    let expected: Vec<f64> = fitted.iter().map(|f| level * f.max(0.01)).collect();
    let whole = left_out(&x, &sum, before, block)?;
    // Errors of the rows apart: where they happen to cancel in the sum, as those
    // of markets chosen for it do, they need not go on doing so.
    let mut apart = 0.0;
    for &row in treated {
        let errors = left_out(&x, &DVector::from_vec(relative(&[row])), before, block)?;
        apart += errors.iter().map(|e| e * e).sum::<f64>();
    }
    let together: f64 = whole.iter().map(|e| e * e).sum();
    let cancelled = if together > 0.0 { (apart / together).max(1.0).sqrt() } else { 1.0 };
    let each = whole.iter().zip(&expected).map(|(e, y)| cancelled * e * level / y);
    let last = (series[before - 1] - expected[before - 1]) / expected[before - 1];
    Some(Counterfactual { left_out: each.collect(), expected, last, freedom: (before - x.ncols()) as f64 })
}

/// What a regression misses of the periods before the test, each block as
/// predicted from the others.
fn left_out(x: &DMatrix<f64>, y: &DVector<f64>, before: usize, block: usize) -> Option<Vec<f64>> {
    let blocks = before.div_ceil(block.clamp(1, before / 3)).max(3);
    let mut errors = vec![0.0; before];
    for b in 0..blocks {
        let (from, to) = (b * before / blocks, (b + 1) * before / blocks);
        let without = regress(x, y, |t| t < before && !(from..to).contains(&t))?;
        let predicted = x.rows(from, to - from) * without;
        for t in from..to {
            errors[t] = y[t] - predicted[t - from];
        }
    }
    Some(errors)
}

/// Ridge regression over the periods that are kept; the constant is free.
fn regress(x: &DMatrix<f64>, y: &DVector<f64>, keep: impl Fn(usize) -> bool) -> Option<DVector<f64>> {
    let n = x.ncols();
    let mut gram = DMatrix::zeros(n, n);
    let mut right = DVector::zeros(n);
    for t in (0..x.nrows()).filter(|&t| keep(t)) {
        for a in 0..n {
            right[a] += x[(t, a)] * y[t];
            for b in 0..n {
                gram[(a, b)] += x[(t, a)] * x[(t, b)];
            }
        }
    }
    for a in 1..n {
        gram[(a, a)] += RIDGE;
    }
    gram.cholesky().map(|c| c.solve(&right))
}
