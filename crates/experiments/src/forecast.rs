//! What markets are expected to earn, how far off that may be, and so what was
//! earned beyond it: the one place where a lift is estimated.

use nalgebra::DMatrix;

use crate::common::Common;
use crate::counterfactual::{Counterfactual, explain, explain_by};
use crate::estimate::Estimate;
use crate::noise::{Mixture, Noise};
use crate::panel::mean;

/// Some periods ahead of others that were learnt from.
#[derive(Debug, Clone)]
pub(crate) struct Forecast {
    /// Expected outcome of each period ahead.
    pub(crate) ahead: Vec<f64>,
    /// Expected outcome of a period, on average over those learnt from.
    level: f64,
    noise: Noise,
}

impl Forecast {
    /// Of the sum of `treated` rows by what `controls` have in common, learnt
    /// from the first `before` periods, of which blocks of `block` are left out
    /// in turn. Errors are those seen before, times `factor`.
    pub(crate) fn of(
        outcome: &DMatrix<f64>,
        (treated, controls): (&[usize], &[usize]),
        before: usize,
        block: usize,
        factor: f64,
    ) -> Option<Forecast> {
        let found = explain(outcome, treated, controls, before, block)?;
        Some(Forecast::from(&found, before, factor))
    }

    /// The same where what controls have in common is known already.
    pub(crate) fn by(
        common: &Common,
        outcome: &DMatrix<f64>,
        treated: &[usize],
        before: usize,
        block: usize,
    ) -> Option<Forecast> {
        let found = explain_by(common, outcome, treated, before, block)?;
        Some(Forecast::from(&found, before, 1.0))
    }

    fn from(found: &Counterfactual, before: usize, factor: f64) -> Forecast {
        let noise = found.noise.clone().scaled(factor);
        let level = mean(&found.expected, before);
        Forecast { ahead: found.expected[before..].to_vec(), level, noise }
    }

    /// What an outcome that differs by so much from the expected one shows, with
    /// its interval. `weights` say how the errors of the periods ahead enter,
    /// each relative to what is expected of its period.
    pub(crate) fn lift(&self, weights: &[f64], difference: f64, level: f64) -> Estimate {
        let error = self.noise.sum(weights);
        let alpha = (1.0 - level) / 2.0;
        Estimate {
            low: difference - error.quantile(1.0 - alpha),
            high: difference - error.quantile(alpha),
            ..shown(&error, difference)
        }
    }

    /// The lift of whole periods ahead that earned this much, without its
    /// interval.
    pub(crate) fn beyond(&self, earned: &[f64]) -> Estimate {
        let difference = earned.iter().zip(&self.ahead).map(|(y, e)| y - e).sum();
        shown(&self.noise.sum(&self.ahead), difference)
    }

    /// Standard error, relative to what is expected, of a sum over so many
    /// periods that have not come yet, whatever the last error was.
    pub(crate) fn relative_error(&self, length: usize) -> f64 {
        let sum = self.noise.clone().at_rest().sum(&vec![self.level; length]);
        sum.deviation() / (self.level * length as f64)
    }
}

fn shown(error: &Mixture, difference: f64) -> Estimate {
    let value = difference - error.mean();
    Estimate { value, low: value, high: value, standard_error: error.deviation() }
}
