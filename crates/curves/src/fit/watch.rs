//! The progress of a fit, and its stop.

use std::sync::atomic::{AtomicU64, Ordering};

/// Hears which share is done, and says when to stop.
pub(crate) type Heard<'a> = (&'a (dyn Fn(f64) + Sync), &'a (dyn Fn() -> bool + Sync));

/// Tells someone who waits which share of a fit is done.
pub(crate) struct Watch<'a> {
    heard: Heard<'a>,
    done: AtomicU64,
    total: u64,
}

/// Parts of the work that one chain of the sampler is.
pub(crate) const CHAIN: u64 = 10;

impl<'a> Watch<'a> {
    pub(crate) fn new(total: u64, heard: Heard<'a>) -> Watch<'a> {
        Watch { heard, done: AtomicU64::new(0), total: total.max(1) }
    }

    /// Whether the one who waits has waited enough.
    pub(crate) fn stopped(&self) -> bool {
        (self.heard.1)()
    }

    /// `parts` more of the total are done.
    pub(crate) fn tick(&self, parts: u64) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        (self.heard.0)((done as f64 / self.total as f64).min(1.0));
    }
}
