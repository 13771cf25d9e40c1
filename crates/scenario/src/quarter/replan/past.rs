//! What happened to a line, and what its plan has left.

use crate::quarter::track::Ratio;

/// The past of one line and what its plan has left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinePast {
    pub(crate) name: String,
    /// Share of the horizon that is over.
    pub(crate) share: f64,
    /// Money spent.
    pub(crate) spend: f64,
    /// What it earned, in units of the curve.
    pub(crate) outcome: f64,
    /// Money the running plan has left.
    pub(crate) left: f64,
    /// Money bound by orders for what is left.
    pub(crate) ordered: f64,
    /// Prices paid over prices planned.
    pub(crate) ratio: Option<Ratio>,
    /// Part of the past of which nothing is reported, taken as planned.
    pub(crate) assumed: f64,
    /// Period by period, where it is planned so.
    pub(crate) flight: Option<FlightPast>,
}

/// A flight that is under way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlightPast {
    /// Spend by period: what is over as it happened, the rest as planned.
    pub(crate) path: Vec<f64>,
    /// How many periods are over.
    pub(crate) over: usize,
    /// Spent so far in the period that is under way.
    pub(crate) started: f64,
    /// Outcome measured beyond what the curve expects of the same spend, in
    /// units of the curve.
    pub(crate) surplus: f64,
}

impl FlightPast {
    /// Spend by period up to now.
    pub(crate) fn spent(&self) -> Vec<f64> {
        let mut spent = vec![0.0; self.path.len()];
        spent.iter_mut().zip(&self.path).take(self.over).for_each(|(s, x)| *s = *x);
        if let Some(slot) = spent.get_mut(self.over) {
            *slot = self.started;
        }
        spent
    }
}

/// A part of an amount, without what rounding leaves of nothing.
pub(crate) fn settled(part: f64, whole: f64) -> f64 {
    if part <= 1e-9 * whole { 0.0 } else { part }
}

/// What rounding in a sheet may add up to.
pub(crate) fn noise(planned: f64, reports: usize) -> f64 {
    (CENT * (reports + 1) as f64).max(ROUNDED * planned)
}

/// Half of the smallest amount that sheets write, and the share of a line's
/// money that figures in whole units leave out at most.
const CENT: f64 = 0.005;
pub(crate) const ROUNDED: f64 = 5e-5;
