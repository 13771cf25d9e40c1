//! When an answer to a program, or to a page, ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A deadline, or somebody who no longer wants to know.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
}

impl Stop {
    pub(crate) fn after(time: Duration, cancelled: Arc<AtomicBool>) -> Stop {
        Stop { deadline: Instant::now() + time, cancelled }
    }

    pub(crate) fn now(&self) -> bool {
        self.cancelled() || Instant::now() >= self.deadline
    }

    /// True if nobody waits any more.
    pub(crate) fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Cancels when it goes, which it does with whoever waits.
#[derive(Debug)]
pub(crate) struct Waiting(pub(crate) Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
