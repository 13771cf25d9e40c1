//! How hard a command tries, with its clock.

use std::time::{Duration, Instant};

/// When to stop, for every scenario of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effort {
    pub(crate) gap: Option<f64>,
    pub(crate) nodes: Option<usize>,
    pub(crate) time: Option<Duration>,
    /// Every spend a multiple of this.
    pub(crate) round: Option<f64>,
}

impl Effort {
    /// Runs something whose time begins now.
    pub(crate) fn spend<T>(&self, run: impl FnOnce(&outlay::Effort) -> T) -> T {
        let deadline = self.time.and_then(|time| Instant::now().checked_add(time));
        let late = || deadline.is_some_and(|d| Instant::now() >= d);
        run(&outlay::Effort::default().gap(self.gap).nodes(self.nodes).round(self.round).cancel(&late))
    }
}
