//! The shifted logistic family.

use super::{Sigmoid, logistic};
use crate::error::positive;
use crate::{CurveError, Point};

/// Shifted logistic `V [s(b (x - mu)) - s(-b mu)]`, S-shaped, inflecting at
/// `mu`. The outcome at unlimited spend is `V (1 - s(-b mu))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SLogistic {
    ceiling: f64,
    midpoint: f64,
    steepness: f64,
}

impl SLogistic {
    /// `ceiling` V, `midpoint` mu in currency, `steepness` b per unit of
    /// currency, all finite and above 0.
    pub fn new(ceiling: f64, midpoint: f64, steepness: f64) -> Result<Self, CurveError> {
        positive("s_logistic", "ceiling", ceiling)?;
        positive("s_logistic", "midpoint", midpoint)?;
        positive("s_logistic", "steepness", steepness)?;
        Ok(SLogistic { ceiling, midpoint, steepness })
    }

    /// Ceiling, midpoint and steepness.
    pub fn parameters(&self) -> (f64, f64, f64) {
        (self.ceiling, self.midpoint, self.steepness)
    }
}

impl Sigmoid for SLogistic {
    #[inline]
    fn point(&self, x: f64) -> Point {
        let b = self.steepness;
        let (s, c) = logistic(b * (x - self.midpoint));
        let (_, rest) = logistic(-b * self.midpoint);
        // s(t2) - s(t1) = (1 - e^(t1 - t2)) s(t2) (1 - s(t1)), free of cancellation.
        let value = self.ceiling * -(-b * x).exp_m1() * s * rest;
        let marginal = self.ceiling * b * s * c;
        Point { value, marginal, curvature: marginal * b * (c - s) }
    }

    fn inflection(&self) -> f64 {
        self.midpoint
    }

    fn spend_at_marginal(&self, marginal: f64) -> f64 {
        if marginal <= 0.0 {
            return f64::INFINITY;
        }
        let q = marginal / (self.ceiling * self.steepness);
        if q >= 0.25 {
            return self.midpoint;
        }
        let r = 0.5 * (1.0 + (1.0 - 4.0 * q).sqrt());
        (self.midpoint + (2.0 * r.ln() - q.ln()) / self.steepness).max(self.midpoint)
    }

    fn ceiling(&self) -> f64 {
        self.ceiling * logistic(self.steepness * self.midpoint).0
    }

    fn typical_spend(&self) -> f64 {
        self.midpoint
    }

    fn stretched(&self, spend: f64, outcome: f64) -> Self {
        SLogistic {
            ceiling: self.ceiling * outcome,
            midpoint: self.midpoint * spend,
            steepness: self.steepness / spend,
        }
    }
}
