//! The Michaelis-Menten family.

use super::Sigmoid;
use crate::error::positive;
use crate::{CurveError, Point};

/// Michaelis-Menten curve `V x / (k + x)`, concave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MichaelisMenten {
    ceiling: f64,
    half_saturation: f64,
}

impl MichaelisMenten {
    /// `ceiling` V and `half_saturation` k, both finite and above 0.
    pub fn new(ceiling: f64, half_saturation: f64) -> Result<Self, CurveError> {
        positive("michaelis_menten", "ceiling", ceiling)?;
        positive("michaelis_menten", "half_saturation", half_saturation)?;
        Ok(MichaelisMenten { ceiling, half_saturation })
    }

    /// Ceiling and half-saturation.
    pub fn parameters(&self) -> (f64, f64) {
        (self.ceiling, self.half_saturation)
    }
}

impl Sigmoid for MichaelisMenten {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let k = self.half_saturation;
        let inverse = 1.0 / (k + x);
        let marginal = self.ceiling * (k * inverse) * inverse;
        Point { value: self.ceiling * (x * inverse), marginal, curvature: -2.0 * marginal * inverse }
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        let k = self.half_saturation;
        (k * ((self.ceiling / (k * marginal)).sqrt() - 1.0)).max(0.0)
    }

    fn ceiling(&self) -> f64 {
        self.ceiling
    }

    fn typical_spend(&self) -> f64 {
        self.half_saturation
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        MichaelisMenten { ceiling: self.ceiling * outcome, half_saturation: self.half_saturation * spend }
    }
}
