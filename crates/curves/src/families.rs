//! One file per curve family. A family is a struct with its parameters and an
//! implementation of [`Sigmoid`]; `Curve` lists them.

mod adbudg;
mod exponential;
mod exposed;
mod hill;
mod linear;
mod log;
mod logistic;
mod mean;
mod michaelis_menten;
mod power;
mod resumed;
mod s_logistic;
mod table;
mod tiered;

pub use adbudg::adbudg;
pub use exponential::Exponential;
pub use exposed::{Exposed, Reach};
pub use hill::Hill;
pub use linear::Linear;
pub use log::Log;
pub use logistic::Logistic;
pub use mean::Mean;
pub use michaelis_menten::MichaelisMenten;
pub use power::Power;
pub use resumed::Resumed;
pub use s_logistic::SLogistic;
pub use table::Table;
pub use tiered::{Tier, Tiered};

use crate::Point;

/// A smooth curve that is convex on `[0, inflection]` and concave beyond.
///
/// Spend and outcome are totals over one horizon. Implementations must be
/// finite for every finite `x > 0`, however small or large; at `x = 0` a
/// derivative may be infinite.
pub trait Sigmoid: Copy {
    /// Incremental outcome `f(x)`; 0 at 0, never falling.
    fn value(&self, x: f64) -> f64 {
        self.point(x).value
    }

    /// Slope `f'(x)`.
    fn marginal(&self, x: f64) -> f64 {
        self.point(x).marginal
    }

    /// Value, slope and second derivative in one evaluation.
    fn point(&self, x: f64) -> Point;

    /// Spend at which the curve turns from convex to concave; 0 if it is
    /// concave throughout, infinite if it is convex throughout.
    fn inflection(&self) -> f64 {
        0.0
    }

    /// Spend on the concave branch (`x >= inflection`) at which the slope is
    /// `marginal`: the inflection when the slope is never that high, infinite
    /// when it is never that low.
    fn spend_at_marginal(&self, marginal: f64) -> f64;

    /// Least upper bound of the outcome, possibly infinite.
    fn ceiling(&self) -> f64;

    /// A spend at which the curve visibly bends: sets scales, never results.
    fn typical_spend(&self) -> f64;

    /// The curve `x -> outcome * f(x / spend)`.
    fn stretched(&self, spend: f64, outcome: f64) -> Self;
}

/// What another curve can be bought through tiers or resumed from: what
/// [`Curve`](crate::Curve) answers whatever its family.
pub trait Response {
    /// Value, slope and second derivative at a spend.
    fn point(&self, x: f64) -> Point;

    /// Spends at which the slope jumps, in increasing order.
    fn breaks(&self) -> Vec<f64>;

    /// The curve `x -> outcome * f(x / spend)`.
    #[must_use]
    fn stretched(&self, spend: f64, outcome: f64) -> Self;
}

/// The logistic function and its complement, both without cancellation.
#[inline]
pub(crate) fn logistic(t: f64) -> (f64, f64) {
    let e = (-t.abs()).exp();
    let large = 1.0 / (1.0 + e);
    let small = e * large;
    if t >= 0.0 { (large, small) } else { (small, large) }
}
