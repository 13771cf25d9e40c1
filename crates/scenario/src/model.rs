//! A scenario as meant: lines, limits, flights, calendar, draws.

pub mod calendar;
pub mod flight;
pub mod meeting;
pub(crate) mod names;

pub(crate) mod draws;
pub(crate) mod inputs;
pub(crate) mod scenario;
pub(crate) mod shuffle;
pub(crate) mod window;
