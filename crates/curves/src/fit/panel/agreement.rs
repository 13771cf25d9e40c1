//! Do the markets' sum and their differences tell the same story?

use nalgebra::{DMatrix, DVector};

use super::super::Interval;

/// Marginal returns of one channel at its level, three ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// The channel.
    pub channel: String,
    /// From the sum of all markets.
    pub summed: Interval,
    /// From what markets do differently in the same period alone (period fixed
    /// effects).
    pub within: Interval,
    /// From both: the panel.
    pub panel: Interval,
}

/// How far the sum and the differences between markets are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contradiction {
    /// Probability of a distance like this if both were right.
    pub probability: f64,
    /// Mean ratio over the channels of the return within periods to the sum's.
    pub ratio: f64,
    /// Whether that is too far to go on as if nothing were.
    pub clear: bool,
}

/// Probability below which two estimates are said to contradict each other.
const CLEAR: f64 = 0.05;

/// Estimates of ln marginal returns: mean and covariance.
pub(super) type Normal = (DVector<f64>, DMatrix<f64>);

/// Median and interval of one of them.
pub(super) fn interval(of: &Normal, i: usize, level: f64) -> Interval {
    let z = -quantile(0.5 * (1.0 - level));
    let (mean, deviation) = (of.0[i], of.1[(i, i)].max(0.0).sqrt());
    let [low, median, high] = [-z, 0.0, z].map(|z| (mean + z * deviation).exp());
    Interval { low, median, high }
}

/// Compares two estimates of the same figures from data that have nothing to
/// do with each other, but share a prior of the given precision. If both are
/// right, their difference has the variance `V1 + V2 - V1 P V2 - V2 P V1`.
///
/// Two tests share the level: chi-squared on all channels, and on their common
/// direction, for spend that follows demand moves all of them the same way.
pub(super) fn compare(summed: &Normal, within: &Normal, prior: &DMatrix<f64>) -> Contradiction {
    let (a, b) = (&summed.1, &within.1);
    let off = &within.0 - &summed.0;
    let k = off.len();
    let ratio = (off.sum() / k.max(1) as f64).exp();
    let shared = a * prior * b;
    let mut variance = a + b - &shared - shared.transpose();
    // Nothing is known to better than a few percent.
    (0..k).for_each(|j| variance[(j, j)] += 0.05_f64.powi(2));
    let Some(factor) = variance.cholesky() else {
        return Contradiction { probability: 1.0, ratio, clear: false };
    };
    let pulled = factor.solve(&off);
    let ones = DVector::from_element(k, 1.0);
    let common = pulled.sum().powi(2) / ones.dot(&factor.solve(&ones));
    let each = [chi_squared(off.dot(&pulled), k), chi_squared(common, 1)];
    let probability = (2.0 * each[0].min(each[1])).min(1.0);
    Contradiction { probability, ratio, clear: probability < CLEAR }
}

/// Probability of a larger chi-squared (Wilson and Hilferty 1931).
fn chi_squared(value: f64, freedom: usize) -> f64 {
    let k = freedom.max(1) as f64;
    let ninth = 2.0 / (9.0 * k);
    let z = ((value / k).cbrt() - 1.0 + ninth) / ninth.sqrt();
    upper_tail(z)
}

/// Probability that a standard Normal is larger (Abramowitz and Stegun 26.2.17).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() * series;
    if z >= 0.0 { tail } else { 1.0 - tail }
}

/// The value that a standard Normal falls below with probability `p`, by
/// bisection.
fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if upper_tail(middle) > 1.0 - p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn tails_are_those_of_the_tables() {
        assert_relative_eq!(upper_tail(1.959_964), 0.025, epsilon = 1e-6);
        assert_relative_eq!(upper_tail(-1.0), 0.841_345, epsilon = 1e-6);
        assert_relative_eq!(quantile(0.95), 1.644_854, epsilon = 1e-5);
        // 95% and 99% points of 4 degrees of freedom.
        assert_relative_eq!(chi_squared(9.488, 4), 0.05, epsilon = 1e-3);
        assert_relative_eq!(chi_squared(13.277, 4), 0.01, epsilon = 1e-3);
    }

    #[test]
    fn estimates_that_agree_do_not_contradict() {
        let near = |x: f64, v: f64| (DVector::from_element(3, x), DMatrix::identity(3, 3) * v);
        let prior = DMatrix::identity(3, 3) * 2.0;
        let same = compare(&near(0.1, 0.1), &near(0.2, 0.02), &prior);
        assert!(!same.clear && same.probability > 0.5, "{same:?}");
        let apart = compare(&near(0.0, 0.1), &near(0.7, 0.02), &prior);
        assert!(apart.clear, "{apart:?}");
        assert_relative_eq!(apart.ratio, 0.7_f64.exp(), max_relative = 1e-12);
        // Two that only repeat the prior say nothing, however alike.
        let idle = compare(&near(0.0, 0.5), &near(0.0, 0.5), &prior);
        assert!(!idle.clear);
    }
}
