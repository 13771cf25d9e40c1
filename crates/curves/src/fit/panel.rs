//! Many markets at once: what their differences say that their sum does not.
//!
//! Per head of market g in period t,
//!
//! `y_gt = baseline_g(t) + load_g u_t + sum_c (1 + d_gc) f_c(adstock of spend per head) + e_gt`
//!
//! with shocks `u` of the periods that all markets share, effects that differ
//! between markets by `d ~ N(0, between^2)`, and autocorrelated errors whose
//! deviation is each market's own.

mod agreement;
mod components;
mod data;
mod design;
mod estimate;
pub(super) mod ground;
mod national;
mod stacked;
mod together;
mod unexplained;

pub use agreement::{Contradiction, Estimates};
pub use data::Panel;
pub use national::{MarketCurve, MarketFit};
pub use together::{PanelFit, fit_panel};
