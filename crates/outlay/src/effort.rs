//! How hard to try, when to stop, and who is told how far the work has come.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use outlay_allocator::Options;
use outlay_scenario::kept;
use outlay_scenario::result::SearchFile;

/// How hard to try. The default proves a gap of 1e-8 where every line is
/// concave and free of deals and 1e-6 elsewhere, looks at no more than 20,000
/// subproblems, and is never stopped.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// let deadline = Instant::now() + Duration::from_secs(10);
/// let late = || Instant::now() >= deadline;
/// let effort = outlay::Effort::default().gap(1e-4).cancel(&late);
/// assert_eq!(effort.asked_gap(), Some(1e-4));
/// ```
#[derive(Clone, Copy)]
pub struct Effort<'a> {
    gap: Option<f64>,
    nodes: Option<usize>,
    round: Option<f64>,
    proofs: bool,
    cancel: &'a (dyn Fn() -> bool + Sync),
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Default for Effort<'_> {
    fn default() -> Self {
        Effort { gap: None, nodes: None, round: None, proofs: false, cancel: &|| false, progress: &|_| {} }
    }
}

impl fmt::Debug for Effort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Effort");
        shown.field("gap", &self.gap).field("nodes", &self.nodes).field("round", &self.round);
        shown.finish_non_exhaustive()
    }
}

impl<'a> Effort<'a> {
    /// Relative gap to prove: 0.01 is content with a plan that is proven to be
    /// within 1% of the best.
    #[must_use]
    pub fn gap(self, gap: impl Into<Option<f64>>) -> Self {
        Effort { gap: gap.into(), ..self }
    }

    /// Most subproblems to look at (nodes of the branch and bound tree).
    #[must_use]
    pub fn nodes(self, nodes: impl Into<Option<usize>>) -> Self {
        Effort { nodes: nodes.into(), ..self }
    }

    /// Every spend without a flat price or lots of its own is to be a multiple
    /// of this, in the scenario's currency.
    #[must_use]
    pub fn round(self, unit: impl Into<Option<f64>>) -> Self {
        Effort { round: unit.into(), ..self }
    }

    /// Whether answers other than plans carry the proofs of their searches, so
    /// that they can be saved and [`crate::verify`] can redo them; plans always do.
    #[must_use]
    pub fn proofs(self, kept: bool) -> Self {
        Effort { proofs: kept, ..self }
    }

    /// Asked between subproblems, from whichever thread solves; true ends the
    /// search with what is proven by then. The library has no clock: a time
    /// limit is a closure that looks at yours.
    #[must_use]
    pub fn cancel(self, cancel: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Effort { cancel, ..self }
    }

    /// Told between subproblems how many there have been in this call.
    #[must_use]
    pub fn progress(self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Effort { progress, ..self }
    }

    /// The gap asked for; `None` for the default.
    pub fn asked_gap(&self) -> Option<f64> {
        self.gap
    }

    /// The number of subproblems allowed; `None` for the default.
    pub fn asked_nodes(&self) -> Option<usize> {
        self.nodes
    }

    /// What spends are rounded to; `None` where they are not.
    pub fn asked_round(&self) -> Option<f64> {
        self.round
    }

    pub(crate) fn keeps_proofs(&self) -> bool {
        self.proofs
    }

    /// Asks something, and gives the proofs of its searches where they are kept.
    pub(crate) fn ask<T, E>(
        &self,
        question: impl FnOnce(&Options) -> Result<T, E>,
    ) -> Result<(T, Vec<SearchFile>), E> {
        let (answer, _) = self.spend(|options| match self.proofs {
            true => kept(options, question),
            false => question(options).map(|answer| (answer, Vec::new())),
        });
        answer
    }

    /// Runs something with the solver's options, and says whether it was
    /// stopped.
    pub(crate) fn spend<T>(&self, run: impl FnOnce(&Options) -> T) -> (T, bool) {
        let (stopped, asked) = (AtomicBool::new(false), AtomicU64::new(0));
        let stop = || {
            (self.progress)(asked.fetch_add(1, Ordering::Relaxed) + 1);
            let stop = (self.cancel)();
            if stop {
                stopped.store(true, Ordering::Relaxed);
            }
            stop
        };
        let defaults = Options::default();
        let nodes = self.nodes.unwrap_or(defaults.nodes);
        let answer = run(&Options { gap: self.gap, nodes, stop: &stop, ..defaults });
        (answer, stopped.into_inner())
    }
}
