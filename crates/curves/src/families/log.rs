//! The logarithmic family.

use super::Sigmoid;
use crate::error::positive;
use crate::{CurveError, Point};

/// Logarithmic curve `V ln(1 + x/k)`, concave, without a ceiling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Log {
    coefficient: f64,
    scale: f64,
}

impl Log {
    /// `coefficient` V and `scale` k, both finite and above 0.
    pub fn new(coefficient: f64, scale: f64) -> Result<Self, CurveError> {
        positive("log", "coefficient", coefficient)?;
        positive("log", "scale", scale)?;
        Ok(Log { coefficient, scale })
    }

    /// Coefficient and scale.
    pub fn parameters(&self) -> (f64, f64) {
        (self.coefficient, self.scale)
    }
}

impl Sigmoid for Log {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let inverse = 1.0 / (self.scale + x);
        let marginal = self.coefficient * inverse;
        Point { value: self.coefficient * (x / self.scale).ln_1p(), marginal, curvature: -marginal * inverse }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        (self.coefficient / marginal - self.scale).max(0.0)
    }

    fn ceiling(&self) -> f64 {
        f64::INFINITY
    }

    fn typical_spend(&self) -> f64 {
        self.scale
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Log { coefficient: self.coefficient * outcome, scale: self.scale * spend }
    }
}
