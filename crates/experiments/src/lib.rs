//! Experiments in markets: what a test showed, and which test to run.
//!
//! A **panel** holds an outcome (and spend) of several markets over periods of
//! equal length. In a **test** some of the markets are *treated*: their spend
//! is raised, cut, or stopped for a while; the others are *controls*.
//!
//! - [`read`] says what the treated markets earned beyond what they would have
//!   earned: the lift, with its interval.
//! - [`design`] says which markets to treat, for how long, and how small an
//!   effect such a test would show.
//!
//! Amounts are in the panel's own currency, outcomes in its own units, and all
//! of them per period. Nothing here knows files, formats, terminals or clocks;
//! what is drawn at random is drawn from a seed.

mod check;
mod common;
mod counterfactual;
mod design;
mod error;
mod estimate;
mod factors;
mod forecast;
mod lift;
mod noise;
mod panel;
mod placebo;
mod regression;
mod seen;
mod spend;
mod synthetic;
mod typical;
pub mod value;
mod weeks;

pub use check::Doubt;
pub use design::{Ask, Design, Designs, Power, design};
pub use error::ExperimentError;
pub use estimate::Estimate;
pub use lift::{Options, Reading, read};
pub use panel::Panel;
pub use placebo::Placebo;
pub use seen::Test;
pub use spend::Moved;
