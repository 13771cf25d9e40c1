//! One scenario, from its file's text to its result.

use std::time::{Duration, Instant};

use outlay_allocator::{Options, ProblemError};
use outlay_scenario::{ResultFile, Scenario, solved};

/// When to stop, for every scenario of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effort {
    pub(crate) gap: Option<f64>,
    pub(crate) nodes: Option<usize>,
    pub(crate) time: Option<Duration>,
    /// Every spend a multiple of this.
    pub(crate) round: Option<f64>,
}

/// The certified plan of a scenario, or the proof that there is none.
pub(crate) fn solve(scenario: &Scenario, effort: &Effort) -> Result<ResultFile, ProblemError> {
    let deadline = effort.time.and_then(|time| Instant::now().checked_add(time));
    let late = move || deadline.is_some_and(|d| Instant::now() >= d);
    let defaults = Options::default();
    let nodes = effort.nodes.unwrap_or(defaults.nodes);
    let options = Options { gap: effort.gap, nodes, stop: &late, ..defaults };
    solved(scenario, effort.round, &options)
}
