//! Response curves: what a line's spend earns.
//!
//! A response curve maps the spend of one line over the whole horizon (in the
//! scenario's currency, `x >= 0`) to its **incremental** outcome over the same
//! horizon, `f(x) - f(0)`, in revenue or customers. Every curve here is
//! non-decreasing, is 0 at 0, and is either *sigmoid* (convex up to an
//! inflection, concave after it; concave throughout when the inflection is 0)
//! or consists of pieces that are.
//!
//! This crate knows nothing of lines, budgets, files or clocks.

mod curve;
mod dot;
mod error;
pub mod families;
pub mod fit;
mod lanes;
mod mean;
mod point;
mod pool;
pub mod variance;

pub use curve::{Curve, Piece};
pub use error::CurveError;
pub use families::Sigmoid;
pub use point::Point;
pub use pool::{Pool, PoolSum};
pub use variance::Variance;
