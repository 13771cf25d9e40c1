//! Re-proves a result from its scenario alone.

pub(crate) mod compare;
pub(crate) mod verify;
