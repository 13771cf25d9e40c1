//! Curves that go on from what a horizon has seen already.

use super::Response;
use crate::Point;

/// A horizon that has begun: spend `from` has earned `value`, and what is
/// spent from there on earns what `rest` says, `f(x) = value + rest(x - from)`
/// for `x >= from`. Below `from` nothing can be chosen any more; the curve is
/// a straight line there, so that it is defined everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Resumed<C> {
    from: f64,
    value: f64,
    rest: C,
}

impl<C: Response> Resumed<C> {
    /// `from` and `value` must be finite and at least 0.
    pub(crate) fn new(from: f64, value: f64, rest: C) -> Self {
        Resumed { from, value, rest }
    }

    /// Spend that is past.
    pub fn from(&self) -> f64 {
        self.from
    }

    /// Outcome of the past spend.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Outcome of further spend.
    pub fn rest(&self) -> &C {
        &self.rest
    }

    /// Value and right-hand derivatives.
    pub fn point(&self, x: f64) -> Point {
        if x < self.from {
            let marginal = self.value / self.from;
            return Point { value: marginal * x, marginal, curvature: 0.0 };
        }
        let point = self.rest.point(x - self.from);
        Point { value: self.value + point.value, ..point }
    }

    /// The curve with spends and outcomes multiplied.
    pub fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Resumed {
            from: self.from * spend,
            value: self.value * outcome,
            rest: self.rest.stretched(spend, outcome),
        }
    }
}
