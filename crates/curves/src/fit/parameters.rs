//! One channel's curve and carry-over.

use super::adstock::Carry;
use super::shape::{Family, Shape};

/// One channel's parameters, read from a parameter vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Response family.
    pub family: Family,
    /// Marginal return at the level, outcome per unit of spend.
    pub marginal: f64,
    /// ln of half-saturation over the level.
    pub ln_half: f64,
    /// ln of Hill's exponent.
    pub ln_exponent: f64,
    /// Share that carries over to the next period.
    pub retention: f64,
    /// Kind of carry-over.
    pub carry: Carry,
    /// Typical spend: the mean over the periods that spend.
    pub level: f64,
}

impl Parameters {
    /// The curve of steady spend per period.
    pub fn curve(&self) -> Result<crate::Curve, crate::CurveError> {
        Shape::new(self.family, self.ln_half, self.ln_exponent).curve(self.level, self.marginal)
    }

    /// What spend earns in every period, with spend `before` in all periods
    /// before the first.
    pub fn earned(&self, spend: &[f64], before: f64) -> Vec<f64> {
        let shape = Shape::new(self.family, self.ln_half, self.ln_exponent);
        let stock = self.carry.with(self.retention).apply(spend, before);
        let unit = self.level * self.marginal;
        stock.into_iter().map(|a| unit * shape.at((a / self.level).max(0.0)).value).collect()
    }
}
