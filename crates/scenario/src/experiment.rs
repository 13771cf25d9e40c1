//! Experiments as files: what a test showed, how one is to be run, and which is
//! worth its money.

mod candidates;
pub mod designed;
mod error;
mod known;
mod left_out;
pub mod lifted;
pub mod next;
mod today;
