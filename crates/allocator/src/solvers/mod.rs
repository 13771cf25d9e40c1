//! Methods that propose plans and prices. None of them is believed: see
//! [`crate::certificate`].

pub(crate) mod branch;
mod dense;
pub(crate) mod interior;
