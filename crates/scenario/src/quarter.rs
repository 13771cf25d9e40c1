//! The quarter as it runs: buy, see what happened, fit again, plan the rest.

pub mod actuals;
pub mod buy;
pub mod by_market;
pub mod fitted;
pub mod moved;
pub mod replan;
pub mod track;

pub(crate) mod kept;
pub(crate) mod met;
pub(crate) mod refitted;
