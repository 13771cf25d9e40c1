//! The negative exponential family.

use super::Sigmoid;
use crate::error::positive;
use crate::{CurveError, Point};

/// Negative exponential curve `V (1 - e^(-x/k))`, concave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    ceiling: f64,
    scale: f64,
}

impl Exponential {
    /// `ceiling` V and `scale` k, both finite and above 0.
    pub fn new(ceiling: f64, scale: f64) -> Result<Self, CurveError> {
        positive("exponential", "ceiling", ceiling)?;
        positive("exponential", "scale", scale)?;
        Ok(Exponential { ceiling, scale })
    }

    /// Ceiling and scale.
    pub fn parameters(&self) -> (f64, f64) {
        (self.ceiling, self.scale)
    }
}

impl Sigmoid for Exponential {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let fallen = (-x / self.scale).exp_m1();
        let marginal = self.ceiling / self.scale * (-x / self.scale).exp();
        Point { value: -self.ceiling * fallen, marginal, curvature: -marginal / self.scale }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        (self.scale * (self.ceiling / (self.scale * marginal)).ln()).max(0.0)
    }

    fn ceiling(&self) -> f64 {
        self.ceiling
    }

    fn typical_spend(&self) -> f64 {
        self.scale
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Exponential { ceiling: self.ceiling * outcome, scale: self.scale * spend }
    }
}
