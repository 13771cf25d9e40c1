//! Experiments as files: what a test showed, and how one is to be run.

pub mod designed;
pub mod lifted;
