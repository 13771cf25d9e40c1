//! The shapes of response that a fit chooses from.

use crate::families::logistic;
use crate::lanes::exp;
use crate::{Curve, CurveError};

/// Families a fit chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `V x / (k + x)`.
    MichaelisMenten,
    /// `V (1 - e^(-x/k))`.
    Exponential,
    /// `V x^a / (k^a + x^a)` with `a` near 1: returns diminish.
    Hill,
    /// The same with `a` free to exceed 1: returns may rise at first.
    SShaped,
    /// `m x`: nothing saturates.
    Linear,
}

impl Family {
    /// The name used in scenario and library files.
    pub fn name(self) -> &'static str {
        match self {
            Family::MichaelisMenten => "michaelis_menten",
            Family::Exponential => "exponential",
            Family::Hill => "hill",
            Family::SShaped => "s_shaped",
            Family::Linear => "linear",
        }
    }

    /// Every family.
    pub const ALL: [Family; 5] =
        [Family::MichaelisMenten, Family::Exponential, Family::Hill, Family::SShaped, Family::Linear];

    /// Whether it has an exponent.
    pub(crate) fn is_hill(self) -> bool {
        matches!(self, Family::Hill | Family::SShaped)
    }

    /// ln of the odds, before looking at the data, against Michaelis-Menten,
    /// for `channels` channels: rising returns are rarer than diminishing ones,
    /// and every exponent has to earn its place. Straight lines are compared,
    /// not believed: every channel saturates somewhere, and how
    /// far away that may be is the prior of half-saturation.
    pub(crate) fn ln_odds(self, channels: usize) -> f64 {
        const RARE: f64 = -2.3;
        // Densities leave out the constant of the exponent's prior, of
        // deviation 0.3 or 0.6.
        let exponent = (0.6 * (2.0 * std::f64::consts::PI).sqrt()).ln();
        match self {
            Family::MichaelisMenten | Family::Exponential | Family::Hill => 0.0,
            Family::SShaped => RARE - exponent * channels as f64,
            Family::Linear => f64::NEG_INFINITY,
        }
    }
}

/// A response normalised to slope 1 at spend 1: `h(u) = G(u) / G'(1)`, where
/// `u` is adstock over mean spend. The outcome is `mean spend * m * h(u)` with
/// `m` the marginal return at mean spend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    family: Family,
    /// Half-saturation over mean spend.
    half: f64,
    /// Hill's exponent, 1 otherwise.
    exponent: f64,
    /// What does not depend on spend: `G(1)`'s logistic, its complement and
    /// argument (Hill); scale and `e^(1/k)` (exponential).
    one: (f64, f64, f64),
}

/// `h(u)` and its derivatives by u, ln half-saturation and ln exponent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slopes {
    pub(crate) value: f64,
    pub(crate) by_stock: f64,
    pub(crate) by_half: f64,
    pub(crate) by_exponent: f64,
}

impl Shape {
    pub(crate) fn new(family: Family, ln_half: f64, ln_exponent: f64) -> Shape {
        // Wide of anything a prior allows, and far from overflow.
        let half = ln_half.clamp(-6.0, 12.0).exp();
        let exponent = ln_exponent.clamp(-3.0, 3.0).exp();
        let one = match family {
            Family::MichaelisMenten | Family::Linear => (0.0, 0.0, 0.0),
            Family::Exponential => {
                let k = half / std::f64::consts::LN_2;
                (k, (1.0 / k).exp(), 0.0)
            }
            Family::Hill | Family::SShaped => {
                let t = -exponent * half.ln();
                let (s, c) = logistic(t);
                (s, c, t)
            }
        };
        Shape { family, half, exponent, one }
    }

    #[inline]
    pub(crate) fn at(&self, u: f64) -> Slopes {
        match self.family {
            Family::MichaelisMenten => {
                let (k, below) = (self.half, 1.0 / (self.half + u));
                let unit = (k + 1.0) * (k + 1.0);
                let value = u * unit / k * below;
                let by_half = value * (2.0 * k / (k + 1.0) - 1.0 - k * below);
                Slopes { value, by_stock: unit * below * below, by_half, by_exponent: 0.0 }
            }
            Family::Exponential => {
                let (k, first, _) = self.one;
                let gone = (-u / k).exp_m1();
                let (value, here) = (-k * first * gone, first * (1.0 + gone));
                let by_half = value - first + here * (1.0 - u);
                Slopes { value, by_stock: here, by_half, by_exponent: 0.0 }
            }
            Family::Linear => Slopes { value: u, by_stock: 1.0, ..Slopes::default() },
            Family::Hill | Family::SShaped if u <= 0.0 => Slopes::default(),
            Family::Hill | Family::SShaped => {
                let a = self.exponent;
                let (s1, c1, t1) = self.one;
                let t = a * u.ln() + t1;
                let (s, c) = logistic(t);
                let value = s / (a * s1 * c1);
                Slopes {
                    value,
                    by_stock: s * c / (u * s1 * c1),
                    by_half: value * a * ((c1 - s1) - c),
                    by_exponent: value * (t * c - 1.0 - t1 * (c1 - s1)),
                }
            }
        }
    }

    /// [`Shape::at`] of every stock, into values, slopes by stock, by half and by
    /// exponent. Which family it is is asked once, so that lanes fill.
    pub(crate) fn along(&self, stocks: &[f64], into: [&mut [f64]; 4]) {
        let [values, by_stocks, by_halves, by_exponents] = into;
        match self.family {
            Family::MichaelisMenten => {
                let curves = values.iter_mut().zip(by_stocks).zip(by_halves);
                let k = self.half;
                let (unit, bend) = ((k + 1.0) * (k + 1.0), 2.0 * k / (k + 1.0) - 1.0);
                for (((value, by_stock), by_half), u) in curves.zip(stocks) {
                    let below = 1.0 / (k + u);
                    *value = u * unit / k * below;
                    *by_half = *value * (bend - k * below);
                    *by_stock = unit * below * below;
                }
            }
            Family::Exponential => {
                let (k, first, _) = self.one;
                let rate = -1.0 / k;
                by_halves.iter_mut().zip(stocks).for_each(|(left, u)| *left = u * rate);
                exp(by_halves);
                let curves = values.iter_mut().zip(by_stocks).zip(by_halves);
                for (((value, by_stock), by_half), u) in curves.zip(stocks) {
                    let here = first * *by_half;
                    *value = k * first * (1.0 - *by_half);
                    *by_half = *value - first + here * (1.0 - u);
                    *by_stock = here;
                }
            }
            _ => {
                let curves = values.iter_mut().zip(by_stocks).zip(by_halves);
                for ((((value, by_stock), by_half), by_exponent), u) in curves.zip(by_exponents).zip(stocks) {
                    let h = self.at(*u);
                    (*value, *by_stock) = (h.value, h.by_stock);
                    (*by_half, *by_exponent) = (h.by_half, h.by_exponent);
                }
            }
        }
    }

    /// The curve `mean * marginal * h(x / mean)`.
    pub(crate) fn curve(&self, mean: f64, marginal: f64) -> Result<Curve, CurveError> {
        let unit = mean * marginal;
        match self.family {
            Family::MichaelisMenten => Curve::michaelis_menten(
                unit * (self.half + 1.0) * (self.half + 1.0) / self.half,
                self.half * mean,
            ),
            Family::Exponential => {
                let (k, first, _) = self.one;
                Curve::exponential(unit * k * first, k * mean)
            }
            Family::Linear => Curve::linear(marginal),
            Family::Hill | Family::SShaped => {
                let (s1, c1, _) = self.one;
                Curve::hill(unit / (self.exponent * s1 * c1), self.half * mean, self.exponent)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn slopes_are_derivatives() {
        let h = 1e-6;
        for family in Family::ALL {
            for (k, a, u) in [(0.3, 0.2, 0.5), (-0.7, -0.4, 2.5), (1.5, 0.6, 0.01)] {
                let here = Shape::new(family, k, a).at(u);
                let by = |dk: f64, da: f64, du: f64| {
                    let up = Shape::new(family, k + dk, a + da).at(u + du).value;
                    (up - Shape::new(family, k - dk, a - da).at(u - du).value) / (2.0 * h)
                };
                assert_relative_eq!(by(h, 0.0, 0.0), here.by_half, epsilon = 1e-8, max_relative = 1e-6);
                assert_relative_eq!(by(0.0, h, 0.0), here.by_exponent, epsilon = 1e-8, max_relative = 1e-6);
                assert_relative_eq!(by(0.0, 0.0, h), here.by_stock, max_relative = 1e-6);
            }
        }
    }

    #[test]
    fn many_stocks_are_answered_as_one_is() {
        let stocks: Vec<f64> = (0..37).map(|k| 0.11 * f64::from(k)).collect();
        for family in Family::ALL {
            let shape = Shape::new(family, 0.3, -0.2);
            let mut found = [0; 4].map(|_| vec![0.0; stocks.len()]);
            shape.along(&stocks, found.each_mut().map(Vec::as_mut_slice));
            for (t, u) in stocks.iter().enumerate() {
                let h = shape.at(*u);
                let one = [h.value, h.by_stock, h.by_half, h.by_exponent];
                for (found, one) in found.iter().zip(one) {
                    assert_relative_eq!(found[t], one, epsilon = 1e-13, max_relative = 1e-13);
                }
            }
        }
    }

    #[test]
    fn curves_have_the_marginal_at_the_mean() {
        for family in Family::ALL {
            let shape = Shape::new(family, 0.4, 0.3);
            let curve = shape.curve(2500.0, 1.7).unwrap();
            assert_relative_eq!(curve.marginal(2500.0), 1.7, max_relative = 1e-12);
            assert_relative_eq!(
                curve.value(4000.0),
                2500.0 * 1.7 * shape.at(1.6).value,
                max_relative = 1e-12
            );
            if family == Family::Linear {
                continue;
            }
            assert_relative_eq!(
                curve.ceiling() / 2.0,
                curve.value(2500.0 * 0.4f64.exp()),
                max_relative = 1e-12
            );
        }
    }
}
