//! What happened to a line, and what its plan has left.

use crate::files::spec::PastPeriod;
use crate::quarter::buy::IN_CENTS;
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
    /// The same by period, where it is spread over periods.
    pub(crate) periods: Vec<PastPeriod>,
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
    /// Outcome measured in the periods that are over, in units of the curve.
    pub(crate) measured: Vec<Option<f64>>,
    /// The same in the period under way, beyond what the curve expects.
    pub(crate) surplus: f64,
    /// Prices paid over prices planned, by period, where they differ.
    pub(crate) paid: Option<Vec<f64>>,
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

/// Whether money spent is what was planned but for what sheets round: by half
/// a part in ten thousand; to cents, where the sheet of a line that spends
/// `whole` has them or these are little of it; or to whole units, likewise.
pub(crate) fn as_planned(spent: f64, planned: f64, whole: f64) -> bool {
    let off = (spent - planned).abs();
    // What is less than a cent is written as nothing.
    let cents = off <= CENT && (whole >= IN_CENTS || CENT <= PART * planned || spent == 0.0);
    let units = spent.fract() == 0.0 && off <= UNIT && UNIT <= PART * planned;
    off <= ROUNDED * planned || cents || units
}

/// What sheets leave out of an amount: a cent, for they round what is spent by
/// then, or half of the unit; and the share of an amount that figures in
/// thousands leave out at most.
const CENT: f64 = 0.0101;
const UNIT: f64 = 0.51;
pub(crate) const ROUNDED: f64 = 5e-5;
/// The most that a unit may be of an amount that is written in units.
const PART: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sheets_round_is_as_planned() {
        for (spent, planned, whole) in [
            (1034.34, 1034.345, 5000.0),
            (1034.0, 1034.34, 5000.0),
            (102_340.0, 102_343.0, 1e6),
            (37.42, 37.4237, 149.7),
            (0.0, 0.0004, 0.002),
            (0.0, 0.0, 9.0),
        ] {
            assert!(as_planned(spent, planned, whole), "{spent} of {planned}");
        }
        for (spent, planned, whole) in
            [(1030.0, 1034.34, 5000.0), (0.15, 0.16, 2.0), (16.0, 16.4, 100.0), (0.0, 10.0, 5000.0)]
        {
            assert!(!as_planned(spent, planned, whole), "{spent} of {planned}");
        }
    }
}
