//! From files to the model: every name resolved, every what-if expanded.

mod alike;
pub(crate) mod base;
pub(crate) mod by_period;
pub(crate) mod draft;
pub(crate) mod flight;
pub(crate) mod inputs;
pub(crate) mod limit;
pub(crate) mod line;
pub(crate) mod load;
pub(crate) mod meeting;
pub(crate) mod over_draws;
pub(crate) mod period_column;
pub(crate) mod plan_file;
pub(crate) mod rate;
pub(crate) mod record;
pub(crate) mod restate;
pub(crate) mod rules;
pub(crate) mod scale;
pub(crate) mod select;
mod under_way;
pub(crate) mod units;
pub(crate) mod vary;
pub(crate) mod warnings;
pub(crate) mod written;
