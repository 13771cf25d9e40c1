//! The answer for one scenario within the effort that was asked for.

use std::time::{Duration, Instant};

use outlay_allocator::{Options, ProblemError};
use outlay_scenario::check::CheckFile;
use outlay_scenario::result::SearchFile;
use outlay_scenario::{Scenario, check, kept, lower};

use crate::arguments::Check;
use crate::solve::Effort;

pub(super) fn effort(arguments: &Check) -> Effort {
    Effort {
        nodes: arguments.nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
        time: arguments.time.map(Duration::from_secs_f64),
        ..Effort::default()
    }
}

/// The answer for one scenario, within the effort allowed.
pub(super) fn solve(scenario: &Scenario, effort: &Effort) -> Result<CheckFile, ProblemError> {
    with_options(effort, |options| check(scenario, &lower(scenario), options))
}

/// Runs something that stops when the effort is spent.
pub(super) fn with_options<T>(effort: &Effort, run: impl FnOnce(&Options) -> T) -> T {
    let deadline = effort.time.and_then(|time| Instant::now().checked_add(time));
    let late = move || deadline.is_some_and(|d| Instant::now() >= d);
    let defaults = Options::default();
    let nodes = effort.nodes.unwrap_or(defaults.nodes);
    run(&Options { gap: effort.gap, nodes, stop: &late, ..defaults })
}

/// The answer to a question within the effort allowed, and the proofs of its
/// searches where it is to be saved.
pub(super) fn answered<T>(
    arguments: &Check,
    question: impl FnOnce(&Options) -> Result<T, ProblemError>,
) -> Result<(T, Vec<SearchFile>), ProblemError> {
    with_options(&effort(arguments), |options| match &arguments.out {
        Some(_) => kept(options, question),
        None => Ok((question(options)?, Vec::new())),
    })
}
