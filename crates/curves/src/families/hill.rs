//! The Hill family.

use super::{Sigmoid, logistic};
use crate::error::positive;
use crate::{CurveError, Point};

/// Hill curve `V x^a / (k^a + x^a)`, evaluated as `V s(a ln(x/k))` with the
/// logistic function `s`, which neither overflows nor cancels.
///
/// Concave for `a <= 1` (infinite slope at 0 when `a < 1`), S-shaped above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hill {
    /// `V`: outcome per horizon at unlimited spend.
    pub(crate) ceiling: f64,
    /// `1 / k`, with `k` the spend that earns half the ceiling.
    pub(crate) rate: f64,
    /// `a`: steepness.
    pub(crate) shape: f64,
    /// Spend where the second derivative changes sign, 0 when concave.
    inflection: f64,
}

impl Hill {
    /// A Hill curve; all parameters finite and above 0.
    pub fn new(ceiling: f64, half_saturation: f64, shape: f64) -> Result<Self, CurveError> {
        positive("hill", "ceiling", ceiling)?;
        positive("hill", "half_saturation", half_saturation)?;
        positive("hill", "shape", shape)?;
        let inflection = if shape > 1.0 {
            half_saturation * (((shape - 1.0) / (shape + 1.0)).ln() / shape).exp()
        } else {
            0.0
        };
        Ok(Hill { ceiling, rate: 1.0 / half_saturation, shape, inflection })
    }

    /// Ceiling, half-saturation and shape.
    pub fn parameters(&self) -> (f64, f64, f64) {
        (self.ceiling, 1.0 / self.rate, self.shape)
    }

    /// Root in `z = a ln(x/k)` of `ln f'(x) = ln m` on the concave branch.
    ///
    /// `g(z) = (1 - 1/a) ln s + (1 + 1/a) ln(1 - s)` is concave there, so
    /// Newton's method descends to it monotonically once it is right of the root.
    fn logit_at_marginal(&self, marginal: f64) -> f64 {
        const STEPS: usize = 60;
        let b = 1.0 / self.shape;
        let target = (marginal / (self.ceiling * self.shape * self.rate)).ln();
        let mut z = near_root(target, b).unwrap_or_else(|| self.right_of_root(target, b));
        for _ in 0..STEPS {
            let e = (-z.abs()).exp();
            let tail = e.ln_1p();
            let (ln_s, ln_c, s) =
                if z >= 0.0 { (-tail, -z - tail, 1.0 / (1.0 + e)) } else { (z - tail, -tail, e / (1.0 + e)) };
            let g = (1.0 - b) * ln_s + (1.0 + b) * ln_c;
            let slope = (1.0 - b) - 2.0 * s;
            let step = (g - target) / slope;
            if slope >= 0.0 || !step.is_finite() {
                break;
            }
            z -= step;
            // The next step would be the square of this one.
            if step.abs() <= 1e-8 * z.abs().max(1.0) {
                break;
            }
        }
        z
    }

    /// A point at or right of the root, close to it for large and small `m`.
    fn right_of_root(&self, target: f64, b: f64) -> f64 {
        if self.shape >= 1.0 {
            // ln s <= 0 and ln(1 - s) <= -z give g <= -(1 + b) z.
            -target / (1.0 + b)
        } else {
            // g <= (b - 1) softplus(-z) - (1 + b) softplus(z), and softplus(u) <= max(u, 0) + ln 2.
            let slack = (b - 1.0) * std::f64::consts::LN_2;
            if target >= slack { -(target - slack) / (b - 1.0) } else { (slack - target) / (1.0 + b) }
        }
    }
}

impl Sigmoid for Hill {
    #[inline]
    fn value(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        self.ceiling * logistic(self.shape * (x * self.rate).ln()).0
    }

    #[inline]
    fn point(&self, x: f64) -> Point {
        if x <= 0.0 {
            return self.at_zero();
        }
        let (s, c) = logistic(self.shape * (x * self.rate).ln());
        let value = self.ceiling * s;
        // Divided by x first: at the smallest spends shape / x overflows.
        let marginal = value / x * (self.shape * c);
        let curvature = marginal / x * (self.shape * (c - s) - 1.0);
        Point { value, marginal, curvature }
    }

    fn inflection(&self) -> f64 {
        self.inflection
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        if self.marginal(self.inflection) <= marginal {
            return self.inflection;
        }
        let x = (self.logit_at_marginal(marginal) / self.shape).exp() / self.rate;
        x.max(self.inflection)
    }

    fn ceiling(&self) -> f64 {
        self.ceiling
    }

    fn typical_spend(&self) -> f64 {
        1.0 / self.rate
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Hill {
            ceiling: self.ceiling * outcome,
            rate: self.rate / spend,
            shape: self.shape,
            inflection: self.inflection * spend,
        }
    }
}

impl Hill {
    fn at_zero(&self) -> Point {
        let unit = self.ceiling * self.rate;
        let (marginal, curvature) = match self.shape {
            a if a < 1.0 => (f64::INFINITY, f64::NEG_INFINITY),
            1.0 => (unit, -2.0 * unit * self.rate),
            a if a < 2.0 => (0.0, f64::INFINITY),
            2.0 => (0.0, 2.0 * unit * self.rate),
            _ => (0.0, 0.0),
        };
        Point { value: 0.0, marginal, curvature }
    }
}

/// The root where `g(z) = -(1 + b) z - 2 ln(1 + e^-z)` is replaced by its
/// Taylor polynomial `-2 ln 2 - b z - z^2 / 4`, if it is near enough to 0 for
/// that and not where `g` is flat.
fn near_root(target: f64, b: f64) -> Option<f64> {
    let square = b * b - target - 2.0 * std::f64::consts::LN_2;
    let z = 2.0 * (square.sqrt() - b);
    (square > 0.01 && z.abs() < 2.0).then_some(z)
}
