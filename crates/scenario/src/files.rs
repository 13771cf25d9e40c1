//! File formats and nothing else: trees with places, texts, paths, edits,
//! diagnostics; scenario, library, result and history files as written.

pub mod history;
pub mod library;
pub mod result;
pub mod spec;

pub(crate) mod amount;
pub(crate) mod data;
pub(crate) mod decode;
pub(crate) mod diagnostic;
pub(crate) mod disk;
pub(crate) mod edit;
pub(crate) mod edits;
pub(crate) mod excerpt;
pub(crate) mod fitted_meeting;
pub(crate) mod flight;
pub(crate) mod inputs;
pub(crate) mod meeting;
pub(crate) mod parse;
pub(crate) mod path;
pub(crate) mod proof;
mod shared;
pub(crate) mod source;
pub(crate) mod storage;
pub(crate) mod texts;
pub(crate) mod tree;
pub(crate) mod uncertainty;
pub(crate) mod wanted;
pub(crate) mod warning;
