//! The error over periods that a fit did not see.

use super::FitError;
use super::mode::{self, Mode};
use super::model::Model;
use super::watch::Watch;

/// Error over the last periods, which the fit did not see, against repeating
/// the same periods of the year before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HoldOut {
    /// Periods held out.
    pub periods: usize,
    /// Root mean square error over mean outcome.
    pub error: f64,
    /// The same of repeating last year, or the last value where the history
    /// is shorter than a year and the periods held out.
    pub naive: f64,
}

/// Refits without the last `periods` and predicts them from their spend and
/// controls; `None` if too little history would remain, or no time.
pub(crate) fn hold_out(
    model: &Model,
    mode: &Mode,
    (periods, year): (usize, f64),
    watch: &Watch<'_>,
) -> Option<HoldOut> {
    let n = model.outcome.len();
    let kept = n.saturating_sub(periods);
    if periods == 0 || kept < (2 * (model.width() + model.baseline.width())).max(FitError::FEWEST_PERIODS) {
        return None;
    }
    let short = model.first(kept);
    let found = mode::point_near(&short, model, mode, watch);
    let at = found.reached.then_some(found.at)?;
    let mut space = short.workspace();
    let seen = short.likelihood(&at, &mut space);
    let mut whole = model.workspace();
    model.likelihood(&at, &mut whole);
    let baseline = model.baseline.value(&seen.coefficients);
    let known = |t: usize| baseline.get(t).copied().unwrap_or(0.0);
    // What neither channels nor baseline explain.
    let left = |t: usize| model.outcome[t] - model.responses(&whole, t) - known(t);
    let last = (0..kept).rev().find(|t| model.weight(*t) > 0.0);
    let carried = last.map_or(0.0, left);
    let phi = model.phi(&at);
    let lag = year.round() as usize;
    let (mut ours, mut naive, mut counted) = (0.0, 0.0, 0.0_f64);
    for t in (kept..n).filter(|t| model.weight(*t) > 0.0) {
        let miss = left(t) - carried * phi.powi((t - last.unwrap_or(0)) as i32);
        ours += miss * miss;
        let before = if lag > 0 && t >= lag && t - lag < kept { t - lag } else { kept.saturating_sub(1) };
        let repeat = model.outcome[t] - model.outcome[before];
        naive += repeat * repeat;
        counted += 1.0;
    }
    let root = |sum: f64| (sum / counted.max(1.0)).sqrt();
    Some(HoldOut { periods, error: root(ours), naive: root(naive) })
}
