//! The power family.

use super::Sigmoid;
use crate::error::positive;
use crate::{CurveError, Point};

/// Power curve `V x^a` with `0 < a <= 1`: diminishing returns without a
/// ceiling, slope infinite at 0 when `a < 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    coefficient: f64,
    exponent: f64,
}

impl Power {
    /// `coefficient` V finite and above 0, `exponent` a above 0 and at most 1.
    pub fn new(coefficient: f64, exponent: f64) -> Result<Self, CurveError> {
        positive("power", "coefficient", coefficient)?;
        if !(exponent > 0.0 && exponent <= 1.0) {
            return Err(CurveError::Parameter {
                family: "power",
                parameter: "exponent",
                value: exponent,
                allowed: "above 0 and at most 1 (more would mean increasing returns without end)",
            });
        }
        Ok(Power { coefficient, exponent })
    }

    /// Coefficient and exponent.
    pub fn parameters(&self) -> (f64, f64) {
        (self.coefficient, self.exponent)
    }
}

impl Sigmoid for Power {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let (v, a) = (self.coefficient, self.exponent);
        if x <= 0.0 {
            let marginal = if a < 1.0 { f64::INFINITY } else { v };
            let curvature = if a < 1.0 { f64::NEG_INFINITY } else { 0.0 };
            return Point { value: 0.0, marginal, curvature };
        }
        let value = v * (a * x.ln()).exp();
        let marginal = a * value / x;
        Point { value, marginal, curvature: (a - 1.0) * marginal / x }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        let (v, a) = (self.coefficient, self.exponent);
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        if a == 1.0 {
            return if v > marginal { f64::INFINITY } else { 0.0 };
        }
        ((v * a / marginal).ln() / (1.0 - a)).exp()
    }

    fn ceiling(&self) -> f64 {
        f64::INFINITY
    }

    fn typical_spend(&self) -> f64 {
        1.0
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        let unit = (-self.exponent * spend.ln()).exp();
        Power { coefficient: self.coefficient * outcome * unit, exponent: self.exponent }
    }
}
