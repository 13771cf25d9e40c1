//! What treated markets would have earned: a regression on the controls' factors.

use nalgebra::{DMatrix, DVector};

use crate::common::{Common, LEAST};
use crate::noise::Noise;
use crate::panel::{mean, total};
use crate::regression::Averaged;

/// A series explained by what the controls have in common.
#[derive(Debug, Clone)]
pub(crate) struct Counterfactual {
    /// Expected values, of all periods.
    pub(crate) expected: Vec<f64>,
    /// How far off that may be, relative to it.
    pub(crate) noise: Noise,
}

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
    let common = Common::of(outcome, controls, before)?;
    explain_by(&common, outcome, treated, before, block)
}

/// Explains the sum of some rows by what controls have in common.
pub(crate) fn explain_by(
    common: &Common,
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
    let found = Averaged::on(common, before, block)?;
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
