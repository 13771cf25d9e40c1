//! Straight lines.

use super::Sigmoid;
use crate::{CurveError, Point};

/// Straight line `r x`: no diminishing returns at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    rate: f64,
}

impl Linear {
    /// `rate` r: outcome per unit of spend, finite and at least 0.
    pub fn new(rate: f64) -> Result<Self, CurveError> {
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(CurveError::Parameter {
                family: "linear",
                parameter: "rate",
                value: rate,
                allowed: "a finite number of at least 0",
            });
        }
        Ok(Linear { rate })
    }

    /// Outcome per unit of spend.
    pub fn parameters(&self) -> f64 {
        self.rate
    }
}

impl Sigmoid for Linear {
    #[inline]
    fn point(&self, x: f64) -> Point {
        Point { value: self.rate * x, marginal: self.rate, curvature: 0.0 }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if self.rate > marginal || marginal <= 0.0 { f64::INFINITY } else { 0.0 }
    }

    fn ceiling(&self) -> f64 {
        if self.rate > 0.0 { f64::INFINITY } else { 0.0 }
    }

    fn typical_spend(&self) -> f64 {
        1.0
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Linear { rate: self.rate * outcome / spend }
    }
}
