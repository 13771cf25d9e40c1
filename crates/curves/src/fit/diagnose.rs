use nalgebra::DMatrix;

use super::model::Model;
use super::posterior::{ChannelFit, quantile};
use super::{Convergence, HoldOut, TestedLift};

/// What a careful analyst would say of a fit. Codes and figures; the words
/// are made where they are shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Spend hardly varies: `variation` is its coefficient of variation.
    LittleVariation {
        /// Standard deviation over mean.
        variation: f64,
    },
    /// Few periods for each effect to be estimated.
    FewPoints {
        /// Periods per effect.
        per_effect: f64,
    },
    /// The channel spends in few periods.
    FewActive {
        /// Periods with spend.
        periods: usize,
    },
    /// Moves together with another channel.
    Collinear {
        /// The other channel.
        with: String,
        /// Correlation of the two spends.
        correlation: f64,
    },
    /// The other channels together nearly determine this one's spend.
    Inflated {
        /// Variance inflation factor.
        factor: f64,
    },
    /// Spend stays below half-saturation: the ceiling is a guess.
    BelowHalfSaturation {
        /// Largest spend observed.
        max: f64,
        /// Fitted half-saturation.
        half_saturation: f64,
    },
    /// Nearly all spend lies where the curve is flat.
    Saturated {
        /// Lower quartile of spend.
        spend: f64,
        /// Fitted half-saturation.
        half_saturation: f64,
    },
    /// A straight line fits as well.
    StraightLine {
        /// Slope at the largest spend over slope at a tenth of it.
        ratio: f64,
    },
    /// Average return is hard to believe.
    HighReturn {
        /// Outcome per unit of spend.
        value: f64,
    },
    /// Carry-over at the end of its range.
    LongMemory {
        /// Fitted retention.
        retention: f64,
    },
    /// The history adds little to the prior: a lift test would.
    PriorDominates {
        /// Width of the interval of the ln marginal return over the prior's.
        ratio: f64,
    },
    /// A lift test and the history disagree.
    Conflict {
        /// Measured lift.
        measured: f64,
        /// What the history expects.
        expected: f64,
        /// The difference in standard deviations.
        z: f64,
    },
    /// The model predicts held-out periods worse than last year's values.
    WorseThanNaive {
        /// Error of the model over mean outcome.
        error: f64,
        /// Error of repeating last year.
        naive: f64,
    },
    /// The sampler's chains disagree: do not trust the intervals.
    NotConverged {
        /// Largest R-hat.
        r_hat: f64,
        /// Smallest effective number of draws.
        effective: f64,
    },
}

/// Warnings on one channel of a fit.
pub(crate) fn channel(model: &Model, i: usize, fit: &ChannelFit, prior_deviation: f64) -> Vec<Warning> {
    let mut all = Vec::new();
    let spend = &model.channels[i].spend;
    spend_warnings(model, i, spend, &mut all);
    curve_warnings(model, i, fit, &mut all);
    let ln = fit.interval(0.8, |p| p.marginal.ln());
    let ratio = (ln.high - ln.low) / (2.563 * prior_deviation);
    if ratio > 0.7 && model.baseline.width() > 0 {
        all.push(Warning::PriorDominates { ratio });
    }
    all
}

fn spend_warnings(model: &Model, i: usize, spend: &[f64], all: &mut Vec<Warning>) {
    let variation = deviation(spend);
    if variation < 0.2 {
        all.push(Warning::LittleVariation { variation });
    }
    let effects = model.baseline.width() + model.width();
    let per_effect = spend.len() as f64 / effects.max(1) as f64;
    if per_effect < 10.0 {
        all.push(Warning::FewPoints { per_effect });
    }
    let periods = spend.iter().filter(|x| **x > 0.0).count();
    if periods < 20 && periods < spend.len() {
        all.push(Warning::FewActive { periods });
    }
    for (j, other) in model.channels.iter().enumerate() {
        let correlation = correlation(spend, &other.spend);
        if j != i && correlation.abs() > 0.7 {
            all.push(Warning::Collinear { with: other.name.clone(), correlation });
        }
    }
    let factor = inflation(model, i);
    if factor > 10.0 {
        all.push(Warning::Inflated { factor });
    }
}

fn curve_warnings(model: &Model, i: usize, fit: &ChannelFit, all: &mut Vec<Warning>) {
    let part = &model.channels[i];
    let Ok(curve) = fit.central.curve() else { return };
    let mut sorted: Vec<f64> = part.spend.iter().filter(|x| **x > 0.0).map(|x| x * part.mean).collect();
    sorted.sort_by(f64::total_cmp);
    let (quartile, max) = (quantile(&sorted, 0.25), quantile(&sorted, 1.0));
    let half_saturation = fit.central.ln_half.exp() * part.mean;
    if max < half_saturation {
        all.push(Warning::BelowHalfSaturation { max, half_saturation });
    }
    if quartile > 3.0 * half_saturation {
        all.push(Warning::Saturated { spend: quartile, half_saturation });
    }
    let ratio = curve.marginal(max) / curve.marginal(0.1 * max).max(f64::MIN_POSITIVE);
    if ratio > 0.75 {
        all.push(Warning::StraightLine { ratio });
    }
    let value = curve.value(part.mean) / part.mean;
    if value > 10.0 && model.money {
        all.push(Warning::HighReturn { value });
    }
    if fit.central.retention > 0.9 {
        all.push(Warning::LongMemory { retention: fit.central.retention });
    }
}

/// Warnings on the fit as a whole.
pub(crate) fn whole(convergence: &Convergence, hold_out: Option<HoldOut>) -> Vec<Warning> {
    let mut all = Vec::new();
    if convergence.r_hat > 1.1 || convergence.effective < 50.0 {
        all.push(Warning::NotConverged { r_hat: convergence.r_hat, effective: convergence.effective });
    }
    if let Some(h) = hold_out.filter(|h| h.error >= h.naive) {
        all.push(Warning::WorseThanNaive { error: h.error, naive: h.naive });
    }
    all
}

/// Warnings on tests that contradict the history.
pub(crate) fn conflicts(channel: &str, tests: &[TestedLift]) -> Vec<Warning> {
    const SURPRISING: f64 = 2.0;
    let of = tests.iter().filter(|t| t.channel == channel && t.z.abs() > SURPRISING);
    of.map(|t| Warning::Conflict { measured: t.measured, expected: t.expected, z: t.z }).collect()
}

/// Standard deviation of values whose mean is 1.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    (values.iter().map(|v| (v - 1.0) * (v - 1.0)).sum::<f64>() / n).sqrt()
}

/// Correlation of two series of mean 1.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let cross = a.iter().zip(b).map(|(a, b)| (a - 1.0) * (b - 1.0)).sum::<f64>() / a.len().max(1) as f64;
    let scale = deviation(a) * deviation(b);
    if scale > 0.0 { cross / scale } else { 0.0 }
}

/// Variance inflation factor: diagonal of the inverse correlation matrix.
fn inflation(model: &Model, i: usize) -> f64 {
    let k = model.channels.len();
    let matrix = DMatrix::from_fn(k, k, |a, b| {
        let r = correlation(&model.channels[a].spend, &model.channels[b].spend);
        if a == b { 1.0 } else { r }
    });
    matrix.cholesky().map_or(f64::INFINITY, |c| c.inverse()[(i, i)])
}
