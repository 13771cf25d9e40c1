//! One variable or slack of the sparse interior point on its way.

use crate::solvers::slot::shorten;

/// A variable or a slack; `low` and `high` are its distances to its bounds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) x: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) z_low: f64,
    pub(super) z_high: f64,
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) inverse: f64,
    pub(super) right: f64,
    pub(super) dx: f64,
    pub(super) d_low: f64,
    pub(super) d_high: f64,
    /// Value of the curve where the variable starts.
    pub(super) base: f64,
    /// How far the slot can be thought to move, for the dual residual.
    pub(super) length: f64,
}

impl Slot {
    /// Changes of both multipliers that lead to products `mu` after `dx`.
    #[inline]
    pub(super) fn multipliers(&self, mu: (f64, f64)) -> (f64, f64) {
        let low =
            if self.low.is_finite() { (mu.0 - self.z_low * self.dx) / self.low - self.z_low } else { 0.0 };
        let high = if self.high.is_finite() {
            (mu.1 + self.z_high * self.dx) / self.high - self.z_high
        } else {
            0.0
        };
        (low, high)
    }

    #[inline]
    pub(super) fn shorten(&self, primal: &mut f64, dual: &mut f64, fraction: f64) {
        shorten(primal, self.low, self.dx, fraction);
        shorten(primal, self.high, -self.dx, fraction);
        shorten(dual, self.z_low, self.d_low, fraction);
        shorten(dual, self.z_high, self.d_high, fraction);
    }

    /// Sum of the products of distances and multipliers after a step.
    #[inline]
    pub(super) fn gap_after(&self, primal: f64, dual: f64) -> f64 {
        let product = |distance: f64, change: f64, z: f64, dz: f64| {
            if distance.is_finite() { (distance + primal * change) * (z + dual * dz) } else { 0.0 }
        };
        product(self.low, self.dx, self.z_low, self.d_low)
            + product(self.high, -self.dx, self.z_high, self.d_high)
    }

    pub(super) fn bounds(&self) -> usize {
        usize::from(self.low.is_finite()) + usize::from(self.high.is_finite())
    }
}
