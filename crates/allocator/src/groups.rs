//! Lines that meet: blocks whose spend is no money but what other lines' curves
//! add up to, each tied to them by a limit of its own; and pools, blocks that
//! multiply what their lines return.

mod chain;
mod ends;
mod level;
mod mixture;
mod pool;
mod range;
mod search;
mod tangent;
mod tie;

pub(crate) use chain::Chain;
pub(crate) use pool::Pools;
pub(crate) use search::Search;
pub(crate) use tie::Ties;
