//! What treated markets would have earned: a regression on the controls' factors.

use nalgebra::{DMatrix, DVector};

use crate::factors::factors;
use crate::noise::Noise;
use crate::panel::{mean, total};
use crate::regression::Regression;

/// Most factors taken from the controls.
const FACTORS: usize = 3;

/// A series explained by what the controls have in common.
#[derive(Debug, Clone)]
pub(crate) struct Counterfactual {
    /// Expected values, of all periods.
    pub(crate) expected: Vec<f64>,
    /// How far off that may be, relative to it.
    pub(crate) noise: Noise,
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
    let found = Regression::on(factors, before, block)?;
    let relative: Vec<DVector<f64>> =
        treated.iter().map(|&row| found.usual(outcome.row(row).transpose() / level)).collect();
    let mut sum = DVector::zeros(series.len());
    relative.iter().for_each(|row| sum += row);
    let fitted = found.fitted(&sum);
    // A counterfactual of nothing or less has no relative error.
    let expected: Vec<f64> = fitted.iter().map(|f| level * f.max(0.01)).collect();
    let whole = found.left_out(&sum);
    // Errors of the rows apart: where they happen to cancel in the sum, as those
    // of markets chosen for it do, they need not go on doing so.
    let apart: f64 = relative.iter().flat_map(|row| found.left_out(row)).map(|e| e * e).sum();
    let together: f64 = whole.iter().map(|e| e * e).sum();
    let cancelled = if together > 0.0 { (apart / together).max(1.0).sqrt() } else { 1.0 };
    let each = whole.iter().zip(&expected).map(|(e, y)| cancelled * e * level / y);
    let last = (level * sum[before - 1] - expected[before - 1]) / expected[before - 1];
    // A test that has not come yet is as long as a block.
    let ahead = if series.len() > before { series.len() - before } else { block };
    let each: Vec<f64> = each.collect();
    let freedom = before.saturating_sub(found.columns()) as f64;
    let noise = Noise::of(&each, last, freedom, found.reach(ahead));
    Some(Counterfactual { expected, noise })
}
