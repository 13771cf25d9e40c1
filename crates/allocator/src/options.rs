//! When a search stops, and what it is told to begin with.

use std::fmt;

use crate::Answers;

/// When to stop.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Relative gap asked for; `None` means 1e-8 when every line is concave and
    /// free of deals, otherwise 1e-6.
    pub gap: Option<f64>,
    /// Most subproblems to solve.
    pub nodes: usize,
    /// Asked between subproblems; true ends the search with what is proven by
    /// then. The caller owns the clock.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Spends to begin with; ignored if they break a limit.
    pub start: Option<&'a [f64]>,
    /// Where answers come from instead of a search, or where they are kept.
    pub answers: Option<&'a dyn Answers>,
}

impl Options<'_> {
    /// Makes searches that keep no answers; nothing if time was up before they
    /// ended.
    pub fn whole<T>(&self, search: impl FnOnce() -> T) -> Option<T> {
        let (mut search, mut found) = (Some(search), None);
        let mut run = || found = search.take().map(|search| search());
        let whole = match self.answers {
            Some(answers) => answers.whole(self.stop, &mut run),
            None => {
                run();
                !(self.stop)()
            }
        };
        found.filter(|_| whole)
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { gap: None, nodes: 20_000, stop: &|| false, start: None, answers: None }
    }
}

/// Asked within a subproblem whether the search should end.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'a>(pub(crate) &'a (dyn Fn() -> bool + Sync));

impl Stop<'_> {
    /// Never ends anything.
    pub(crate) const NEVER: Stop<'static> = Stop(&|| false);

    /// True if the search should end now.
    pub(crate) fn now(self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}
