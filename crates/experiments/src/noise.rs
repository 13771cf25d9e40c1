//! How far what was left unexplained may carry a forecast: autoregressive
//! errors whose correlation is not known.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

/// Correlations from one period to the next that are weighed.
const CORRELATIONS: [f64; 26] = {
    let mut grid = [0.0; 26];
    let mut k = 0;
    while k < 26 {
        grid[k] = -0.3 + 0.05 * k as f64;
        k += 1;
    }
    grid
};

/// Errors that follow an autoregression of order 1 relative to what is
/// expected, over all correlations that what was left before allows.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    /// Correlation, its probability, and the variance of one innovation.
    each: Vec<(f64, f64, f64)>,
    last: f64,
    freedom: f64,
}

impl Noise {
    /// From relative errors left out in blocks, and the last error before the
    /// forecast. Correlations are weighed by their likelihood, the variance
    /// maximised out. `reach` says by what factor a forecast is farther off than
    /// these errors show, at a correlation.
    pub(crate) fn of(left_out: &[f64], last: f64, freedom: f64, reach: impl Fn(f64) -> f64) -> Noise {
        let n = left_out.len() as f64;
        let freedom = freedom.max(1.0);
        let innovations = |rho: f64| {
            let first = (1.0 - rho * rho).sqrt();
            let mut sum = 0.0;
            let mut before: Option<f64> = None;
            for &z in left_out {
                sum += before.map_or(first * z, |b| z - rho * b).powi(2);
                before = Some(z);
            }
            sum.max(f64::MIN_POSITIVE)
        };
        let likelihood = |rho: f64| 0.5 * (1.0 - rho * rho).ln() - 0.5 * n * innovations(rho).ln();
        let logs: Vec<f64> = CORRELATIONS.iter().map(|&r| likelihood(r)).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|l| (l - most).exp()).sum();
        let weigh = |(&rho, log): (&f64, &f64)| {
            (rho, (log - most).exp() / sum, reach(rho).powi(2) * innovations(rho) / freedom)
        };
        Noise { each: CORRELATIONS.iter().zip(&logs).map(weigh).collect(), last, freedom }
    }

    /// The same errors, larger by a factor.
    pub(crate) fn scaled(mut self, factor: f64) -> Noise {
        self.each.iter_mut().for_each(|(_, _, innovation)| *innovation *= factor * factor);
        self
    }

    /// The same, without a last error to carry on.
    pub(crate) fn at_rest(self) -> Noise {
        Noise { last: 0.0, ..self }
    }

    /// The distribution of a weighted sum of the errors of the next periods,
    /// given the last one: `weights[k]` belongs to the period `k + 1` ahead.
    pub(crate) fn sum(&self, weights: &[f64]) -> Mixture {
        let one = |&(rho, probability, innovation): &(f64, f64, f64)| {
            // Backwards, an innovation of a period reaches all later ones.
            let (mut reach, mut variance) = (0.0, 0.0);
            for &w in weights.iter().rev() {
                reach = w + rho * reach;
                variance += innovation * reach * reach;
            }
            Part { probability, mean: rho * reach * self.last, deviation: variance.sqrt() }
        };
        Mixture { parts: self.each.iter().map(one).collect(), freedom: self.freedom }
    }
}

/// A mixture of Student distributions with the same degrees of freedom.
#[derive(Debug, Clone)]
pub(crate) struct Mixture {
    parts: Vec<Part>,
    freedom: f64,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    probability: f64,
    mean: f64,
    deviation: f64,
}

impl Mixture {
    pub(crate) fn mean(&self) -> f64 {
        self.parts.iter().map(|p| p.probability * p.mean).sum()
    }

    /// Its standard deviation; that of its Normal core below three degrees of
    /// freedom, where a Student has none.
    pub(crate) fn deviation(&self) -> f64 {
        let mean = self.mean();
        let tails = if self.freedom > 2.5 { self.freedom / (self.freedom - 2.0) } else { 1.0 };
        let spread = |p: &Part| p.probability * (tails * p.deviation.powi(2) + (p.mean - mean).powi(2));
        self.parts.iter().map(spread).sum::<f64>().sqrt()
    }

    /// The value that a share `q` of the distribution lies below: Newton's steps
    /// within a bracket that is halved where they leave it.
    pub(crate) fn quantile(&self, q: f64) -> f64 {
        const STEPS: usize = 100;
        let Ok(student) = StudentsT::new(0.0, 1.0, self.freedom) else { return self.mean() };
        // Below x, and the density there.
        let at = |x: f64| {
            let mut sum = (0.0, 0.0);
            for p in self.parts.iter().filter(|p| p.probability > 1e-15) {
                if p.deviation > 0.0 {
                    let z = (x - p.mean) / p.deviation;
                    sum.0 += p.probability * student.cdf(z);
                    sum.1 += p.probability * student.pdf(z) / p.deviation;
                } else if x >= p.mean {
                    sum.0 += p.probability;
                }
            }
            sum
        };
        let widest = self.parts.iter().map(|p| p.deviation + p.mean.abs()).fold(0.0, f64::max);
        let (mut low, mut high) = (-1e3 * widest, 1e3 * widest);
        let mut x = self.mean();
        for _ in 0..STEPS {
            let (below, density) = at(x);
            if below < q {
                low = x
            } else {
                high = x
            }
            let newton = x + (q - below) / density;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            if (next - x).abs() <= 1e-12 * widest {
                return next;
            }
            x = next;
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_without_correlation_add_up_as_squares() {
        // A long white series: the sum of h errors has h times the variance.
        let mut state = 7u64;
        let mut draw = || {
            let sum: f64 = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (state >> 11) as f64 / (1u64 << 53) as f64
                })
                .sum();
            sum - 6.0
        };
        let left: Vec<f64> = (0..4000).map(|_| draw()).collect();
        let noise = Noise::of(&left, 0.0, 3999.0, |_| 1.0);
        for h in [1usize, 4, 16] {
            let found = noise.sum(&vec![1.0; h]);
            let expected = (h as f64).sqrt();
            assert!((found.deviation() / expected - 1.0).abs() < 0.05, "{h}: {}", found.deviation());
            let z = found.quantile(0.95) / found.deviation();
            assert!((z - 1.6449).abs() < 0.02, "{z}");
        }
    }

    #[test]
    fn quantiles_are_where_the_distribution_is() {
        let part = |probability, mean, deviation| Part { probability, mean, deviation };
        let parts = vec![part(0.2, -1.0, 0.3), part(0.5, 0.4, 2.0), part(0.3, 5.0, 0.01)];
        for freedom in [1.0, 3.0, 60.0] {
            let mixture = Mixture { parts: parts.clone(), freedom };
            let student = StudentsT::new(0.0, 1.0, freedom).expect("a distribution");
            for q in [0.001, 0.05, 0.5, 0.68, 0.9, 0.999] {
                let x = mixture.quantile(q);
                let below: f64 =
                    parts.iter().map(|p| p.probability * student.cdf((x - p.mean) / p.deviation)).sum();
                assert!((below - q).abs() < 1e-9, "{freedom} {q}: {below}");
            }
        }
    }

    #[test]
    fn the_last_error_fades() {
        let mut left = vec![0.0; 400];
        let mut state = 3u64;
        for t in 1..400 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let shock = (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
            left[t] = 0.6 * left[t - 1] + shock;
        }
        let noise = Noise::of(&left, 1.0, 399.0, |_| 1.0);
        let ahead = |k: usize| {
            let mut weights = vec![0.0; k];
            weights[k - 1] = 1.0;
            noise.sum(&weights).mean()
        };
        assert!((ahead(1) - 0.6).abs() < 0.1, "{}", ahead(1));
        assert!((ahead(3) - 0.216).abs() < 0.1, "{}", ahead(3));
        assert!(ahead(40).abs() < 0.01);
    }
}
