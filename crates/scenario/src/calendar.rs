//! The periods of a horizon, by name.

use crate::spec::HorizonSpec;

/// One period of a horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// What it is called: its first day, or its number from 1.
    pub name: String,
    /// First day, where the horizon has a start.
    pub start: Option<String>,
    /// Last day.
    pub end: Option<String>,
}

/// The periods of a horizon, in order; a scenario without one is a single
/// period.
pub fn periods(horizon: Option<&HorizonSpec>) -> Vec<Period> {
    let count = horizon.map_or(1, |h| h.periods.max(1));
    (1..=count).map(|n| Period { name: n.to_string(), start: None, end: None }).collect()
}
