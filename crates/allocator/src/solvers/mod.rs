//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

mod arrow;
mod blocks;
pub(crate) mod branch;
mod dense;
pub(crate) mod flights;
mod forced;
pub(crate) mod interior;
mod linked;
mod profile;
mod sparse;
