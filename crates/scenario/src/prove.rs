//! Re-proves saved files from their scenario alone.

pub(crate) mod difference;
pub(crate) mod plan;
pub(crate) mod questions;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod verify;
