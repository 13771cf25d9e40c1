//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

mod arrow;
mod blocks;
pub(crate) mod branch;
mod curved;
mod cuts;
pub(crate) mod dense;
pub(crate) mod dual;
mod faces;
pub(crate) mod flights;
mod folded;
mod forced;
mod gather;
pub(crate) mod incumbent;
pub(crate) mod interior;
mod kinks;
mod linked;
pub(crate) mod lots;
pub(crate) mod master;
mod mend;
mod pick;
mod profile;
pub(crate) mod program;
mod relaxed;
mod rounding;
mod slot;
mod sparse;
mod switches;
pub(crate) mod tree;
mod way;
pub(crate) mod weeks;
