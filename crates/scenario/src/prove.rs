//! Re-proves a result from its scenario alone.

pub(crate) mod difference;
pub(crate) mod verify;
