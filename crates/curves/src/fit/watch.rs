use std::sync::atomic::{AtomicU64, Ordering};

/// Tells someone who waits which share of a fit is done.
pub(crate) struct Watch<'a> {
    told: &'a (dyn Fn(f64) + Sync),
    done: AtomicU64,
    total: u64,
}

/// Parts of the work that one chain of the sampler is.
pub(crate) const CHAIN: u64 = 10;

impl<'a> Watch<'a> {
    pub(crate) fn new(total: u64, told: &'a (dyn Fn(f64) + Sync)) -> Watch<'a> {
        Watch { told, done: AtomicU64::new(0), total: total.max(1) }
    }

    /// `parts` more of the total are done.
    pub(crate) fn tick(&self, parts: u64) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        (self.told)((done as f64 / self.total as f64).min(1.0));
    }
}
