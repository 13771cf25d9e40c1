//! What is believed before looking at the data.

use std::sync::LazyLock;

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{Continuous, ContinuousCDF};

use super::adstock::Carry;
use super::shape::Shape;
use super::{Family, HalfLife, History};

/// A Normal prior.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normal {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

impl Normal {
    pub(crate) const STANDARD: Normal = Normal { mean: 0.0, deviation: 1.0 };

    /// ln density of a parameter, up to a constant; its slope is added.
    pub(crate) fn add(self, at: &DVector<f64>, j: usize, slope: &mut DVector<f64>) -> f64 {
        let z = (at[j] - self.mean) / self.deviation;
        slope[j] -= z / self.deviation;
        -0.5 * z * z
    }
}

/// The standard Normal distribution.
pub(crate) static STANDARD: LazyLock<statrs::distribution::Normal> =
    LazyLock::new(statrs::distribution::Normal::standard);

/// A Normal prior whose upper tail is heavy: from so many deviations above the mean
/// on, its density falls no faster than there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tailed {
    pub(crate) normal: Normal,
    pub(crate) from: f64,
}

impl Tailed {
    /// ln density, up to a constant that makes it 0 at the mean, and its slope.
    pub(crate) fn ln_density(self, at: f64) -> (f64, f64) {
        let z = (at - self.normal.mean) / self.normal.deviation;
        let steep = z.min(self.from);
        (steep * (0.5 * steep - z), -steep / self.normal.deviation)
    }

    /// What the density of a Normal without the tail must be divided by.
    fn mass(self) -> f64 {
        if self.from.is_finite() {
            STANDARD.cdf(self.from) + STANDARD.pdf(self.from) / self.from
        } else {
            1.0
        }
    }

    /// The standard Normal score of a value: as likely to be undercut.
    pub(crate) fn score(self, at: f64) -> f64 {
        let z = (at - self.normal.mean) / self.normal.deviation;
        if self.from == f64::INFINITY || !z.is_finite() {
            z
        } else if z <= self.from {
            STANDARD.inverse_cdf(STANDARD.cdf(z) / self.mass())
        } else {
            let above = STANDARD.pdf(self.from) / self.from * (-self.from * (z - self.from)).exp();
            -STANDARD.inverse_cdf(above / self.mass())
        }
    }

    /// The value of a standard Normal score.
    pub(crate) fn value(self, score: f64) -> f64 {
        let mass = self.mass();
        let top = STANDARD.pdf(self.from) / self.from;
        let above = mass * STANDARD.sf(score);
        let z = if self.from == f64::INFINITY || !score.is_finite() {
            score
        } else if above < top {
            self.from - (above / top).ln() / self.from
        } else {
            STANDARD.inverse_cdf(mass * STANDARD.cdf(score))
        };
        self.normal.mean + self.normal.deviation * z
    }

    /// Slope of a value by its score, and the slope of that slope's logarithm.
    pub(crate) fn by_score(self, at: f64) -> (f64, f64) {
        let (ln, rise) = self.ln_density(at);
        let score = self.score(at);
        let by = self.normal.deviation * self.mass() * (-0.5 * score * score - ln).exp();
        (by, -score - rise * by)
    }
}

/// A joint Normal prior.
#[derive(Debug, Clone)]
pub(crate) struct Joint {
    pub(crate) mean: DVector<f64>,
    pub(crate) precision: DMatrix<f64>,
}

/// What is believed before looking at the data. Free of scale: spend enters
/// relative to its mean, outcome relative to money or to its own mean.
///
/// * ln average return at the level (mean spend of the periods that spend), spent
///   steadily: a return common to all channels, Normal([`RETURN`], [`COMMON`]) if
///   the outcome is money, otherwise around the return at which all channels
///   together would earn [`SHARE`] of the outcome, with deviation
///   [`COMMON_OTHER`]; each channel differs from the common one by Normal(0,
///   [`BETWEEN`]). Were it the marginal return instead, a curve that is nearly flat
///   at the level could have any average: what an average is believed to be must
///   not depend on how far a curve has bent.
/// * ln half-saturation over the level: Normal(ln 1.3, 0.8) up to twice the level
///   (1.3 e^0.48); from there the density falls as its power -1.75, which leaves
///   13% to more than ten times the level: lines that hardly bend.
/// * logit retention: around one that channels have in common, Normal(-0.2, 1.4),
///   by Normal(0, 0.9), 90% between 0.05 and 0.93; or what someone states of the
///   half-life, which says nothing of other channels.
/// * ln exponent: Normal(0, 0.3) (Hill), Normal(0.35, 0.6) (S-shaped).
/// * atanh autocorrelation of the errors: Normal(0.2, 0.4).
///
/// A channel with an outcome of its own speaks for itself: the deviations are
/// 3 for the return, 1.2 for half-saturation, and ln exponent is Normal(0.35,
/// 0.6), which puts 90% between 0.5 and 3.8.
#[derive(Debug, Clone)]
pub(crate) struct Priors {
    /// Of the average return at the level.
    pub(crate) ln_return: Joint,
    /// Covariance of what follows for the ln marginal return there.
    pub(crate) ln_marginal: DMatrix<f64>,
    pub(crate) ln_half: Tailed,
    /// Of the channels that carry over, in order.
    pub(crate) logit_retention: Joint,
    pub(crate) ln_exponent: Normal,
    pub(crate) atanh_phi: Normal,
}

/// ln of the median average return, outcome in money. With the deviations below
/// its mean is 1.8, that of Meridian's default prior, LogNormal(0.2, 0.9).
const RETURN: f64 = 0.3;
/// Deviation between channels of the ln average return.
const BETWEEN: f64 = 0.5;
/// Deviation of the common level, outcome in money.
const COMMON: f64 = 0.6;
/// Deviation of the common level, any other outcome.
const COMMON_OTHER: f64 = 1.2;
/// Share of the outcome that all channels are first thought to earn.
const SHARE: f64 = 0.2;

/// Deviations above the mean from which the density of half-saturation falls slowly:
/// as its power -1.75, so that a line that hardly bends is not ruled out.
const STRAIGHT: f64 = 0.6;

/// Deviation of a channel whose test came out clearly negative.
const NEGATIVE: f64 = 2.5;
/// ln exponent of curves that may be S-shaped.
const RISING: Normal = Normal { mean: 0.35, deviation: 0.6 };
/// ln exponent of curves whose returns diminish but for a little.
const FALLING: Normal = Normal { mean: 0.0, deviation: 0.3 };

/// logit retention of someone's half-life.
fn stated(half_life: HalfLife) -> Normal {
    const BOTH_TAILS: f64 = 2.0 * 1.645;
    let logit = |half_life: f64| {
        let kept = 0.5_f64.powf(1.0 / half_life).clamp(1e-9, 1.0 - 1e-9);
        (kept / (1.0 - kept)).ln()
    };
    let (low, high) = (logit(half_life.low), logit(half_life.high));
    Normal { mean: 0.5 * (low + high), deviation: ((high - low) / BOTH_TAILS).max(0.01) }
}

/// logit retentions: around a common one, but for those that someone states.
fn retentions(half_lives: &[Option<HalfLife>]) -> Joint {
    const KEPT: f64 = -0.2;
    const COMMON: f64 = 1.4;
    const BETWEEN: f64 = 0.9;
    let known: Vec<Option<Normal>> = half_lives.iter().map(|h| h.map(stated)).collect();
    let k = known.len();
    let covariance = DMatrix::from_fn(k, k, |i, j| match (known[i], known[j]) {
        (Some(own), Some(_)) if i == j => own.deviation.powi(2),
        (None, None) => COMMON * COMMON + if i == j { BETWEEN * BETWEEN } else { 0.0 },
        _ => 0.0,
    });
    let precision = covariance.cholesky().map_or_else(|| DMatrix::identity(k, k), |c| c.inverse());
    Joint { mean: DVector::from_iterator(k, known.iter().map(|n| n.map_or(KEPT, |n| n.mean))), precision }
}

impl Priors {
    pub(crate) fn of(
        history: &History,
        (which, carries): (&[usize], &[Carry]),
        negative: &[bool],
        outcome_mean: f64,
        (family, width): (Family, f64),
    ) -> Priors {
        let k = which.len();
        let n = history.periods() as f64;
        let carry = which.iter().zip(carries).filter(|(_, carry)| **carry != Carry::None);
        let carrying: Vec<Option<HalfLife>> = carry.map(|(&i, _)| history.channels[i].half_life).collect();
        let own = which.iter().all(|&i| history.channels[i].outcome.is_some());
        let spend: f64 = which.iter().map(|&i| history.channels[i].spend.iter().sum::<f64>() / n).sum();
        let earned = |share: f64| (share * outcome_mean / spend).ln();
        let (mean, common) = match (own, history.outcome_is_money) {
            (true, _) => (earned(1.0), 3.0),
            (false, true) => (RETURN, COMMON),
            (false, false) => (earned(SHARE), COMMON_OTHER),
        };
        // A test that says clearly negative is to be believed towards zero.
        let between = |i: usize| if negative[i] { NEGATIVE } else { BETWEEN };
        let covariance = DMatrix::from_fn(k, k, |i, j| {
            width * width * (common * common + if i == j { between(i).powi(2) } else { 0.0 })
        });
        let (deviation, from) = if own { (1.2, f64::INFINITY) } else { (0.8, STRAIGHT) };
        let ln_half = Tailed { normal: Normal { mean: 1.3_f64.ln(), deviation }, from };
        let ln_exponent = if own || family == Family::SShaped { RISING } else { FALLING };
        let bend = DMatrix::identity(k, k) * bend(family, ln_half, ln_exponent);
        let ln_marginal = &covariance + bend;
        let precision = covariance.cholesky().map_or_else(|| DMatrix::identity(k, k), |c| c.inverse());
        Priors {
            ln_return: Joint { mean: DVector::from_element(k, mean), precision },
            ln_marginal,
            ln_half,
            logit_retention: retentions(&carrying),
            ln_exponent,
            atanh_phi: Normal { mean: 0.2, deviation: 0.4 },
        }
    }

    /// Standard deviation of channel `i`'s ln marginal return.
    pub(crate) fn deviation(&self, i: usize) -> f64 {
        self.ln_marginal[(i, i)].sqrt()
    }
}

/// Variance, under the priors of the curve's form, of ln average over marginal
/// return at the level.
fn bend(family: Family, ln_half: Tailed, ln_exponent: Normal) -> f64 {
    const STEPS: i32 = 6;
    const FAR: i32 = 20;
    let exponents = if family.is_hill() { -STEPS..=STEPS } else { 0..=0 };
    let mut sums = [0.0; 3];
    for a in -STEPS..=FAR {
        for b in exponents.clone() {
            let [a, b] = [a, b].map(|z| 0.5 * f64::from(z));
            let half = ln_half.normal.mean + a * ln_half.normal.deviation;
            let exponent = ln_exponent.mean + b * ln_exponent.deviation;
            let average = Shape::new(family, half, exponent).at(1.0).value.ln();
            let weight = (ln_half.ln_density(half).0 - 0.5 * b * b).exp();
            let part = [1.0, average, average * average];
            sums.iter_mut().zip(part).for_each(|(s, p)| *s += weight * p);
        }
    }
    sums[2] / sums[0] - (sums[1] / sums[0]).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn scores_are_as_likely_to_be_undercut() {
        for from in [STRAIGHT, f64::INFINITY] {
            let prior = Tailed { normal: Normal { mean: 0.26, deviation: 0.8 }, from };
            // The density summed in small steps, against the score's probability.
            const STEP: f64 = 1e-3;
            let at = |k: i32| 0.26 + STEP * f64::from(k);
            let density = |k: i32| prior.ln_density(at(k)).0.exp();
            let whole: f64 = (-6_000..40_000).map(density).sum();
            let mut below = 0.0;
            for k in -6_000..8_000 {
                below += 0.5 * density(k);
                if k % 500 == 0 {
                    let score = prior.score(at(k));
                    assert_relative_eq!(STANDARD.cdf(score), below / whole, epsilon = 1e-6);
                    assert_relative_eq!(prior.value(score), at(k), epsilon = 1e-6);
                    let slope = (prior.value(score + 1e-4) - prior.value(score - 1e-4)) / 2e-4;
                    assert_relative_eq!(prior.by_score(at(k)).0, slope, max_relative = 1e-5);
                }
                below += 0.5 * density(k);
            }
            // A trajectory may leave everything: no answer, and no panic.
            assert!(prior.value(f64::NAN).is_nan() && prior.score(f64::NAN).is_nan());
            assert!(prior.value(60.0) > prior.value(9.0) && prior.value(-60.0) <= prior.value(-9.0));
        }
    }
}
