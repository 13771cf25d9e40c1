//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

mod answer;
mod arrow;
mod blocks;
pub(crate) mod branch;
mod central;
mod dense;
pub(crate) mod flights;
mod forced;
mod gather;
pub(crate) mod interior;
mod linked;
mod profile;
pub(crate) mod program;
mod slot;
mod sparse;
