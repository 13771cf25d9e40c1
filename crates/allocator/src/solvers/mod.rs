//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

pub(crate) mod branch;
mod dense;
mod forced;
pub(crate) mod interior;
