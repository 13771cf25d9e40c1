//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

mod arrow;
mod blocks;
pub(crate) mod branch;
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
