//! Questions about a scenario: can its limits hold, how far do they let a
//! plan go, what is more budget worth, why do two plans differ.

pub mod check;
pub mod comparison;
pub mod frontier;
pub mod judged;
mod on_draws;

pub(crate) mod apply;
pub(crate) mod extremes;
pub(crate) mod feasibility;
pub(crate) mod hybrid;
pub(crate) mod settings;
