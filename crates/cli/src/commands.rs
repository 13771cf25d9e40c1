//! One file per command.

pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod design;
pub(crate) mod documents;
pub(crate) mod fit;
pub(crate) mod frontier;
pub(crate) mod import;
pub(crate) mod lift;
pub(crate) mod mcp;
pub(crate) mod new;
pub(crate) mod next;
pub(crate) mod replan;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod track;
pub(crate) mod verify;
