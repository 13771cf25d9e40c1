//! The logistic saturation family.

use super::Sigmoid;
use crate::error::positive;
use crate::{CurveError, Point};

/// Logistic saturation `V tanh(x / 2k)`, concave for `x >= 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logistic {
    ceiling: f64,
    scale: f64,
}

impl Logistic {
    /// `ceiling` V and `scale` k, both finite and above 0.
    pub fn new(ceiling: f64, scale: f64) -> Result<Self, CurveError> {
        positive("logistic", "ceiling", ceiling)?;
        positive("logistic", "scale", scale)?;
        Ok(Logistic { ceiling, scale })
    }

    /// Ceiling and scale.
    pub fn parameters(&self) -> (f64, f64) {
        (self.ceiling, self.scale)
    }
}

impl Sigmoid for Logistic {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let u = x / self.scale;
        let e = (-u).exp();
        let tanh = -(-u).exp_m1() / (1.0 + e);
        let marginal = 2.0 * self.ceiling / self.scale * e / ((1.0 + e) * (1.0 + e));
        Point { value: self.ceiling * tanh, marginal, curvature: -marginal * tanh / self.scale }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        let ratio = self.ceiling / (2.0 * self.scale * marginal);
        if ratio <= 1.0 {
            return 0.0;
        }
        // acosh(sqrt r) = ln(sqrt r + sqrt(r - 1))
        2.0 * self.scale * (ratio.sqrt() + (ratio - 1.0).sqrt()).ln()
    }

    fn ceiling(&self) -> f64 {
        self.ceiling
    }

    fn typical_spend(&self) -> f64 {
        2.0 * self.scale
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Logistic { ceiling: self.ceiling * outcome, scale: self.scale * spend }
    }
}
