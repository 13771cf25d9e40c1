//! Memory of this process, where the system tells (Linux).

use std::fs;

/// Below this many lines the allocator's own pages drown the figures.
const FEWEST_LINES: usize = 100_000;

/// Follows the memory of one plan: first the problem's, then the solve's.
pub(crate) struct Meter {
    before: u64,
    built: u64,
}

/// Bytes.
pub(crate) struct Use {
    /// What the problem itself holds.
    pub(crate) problem: u64,
    /// Peak on top of it while solving.
    pub(crate) solve: u64,
}

impl Meter {
    /// Before the problem is made; `None` for small ones.
    pub(crate) fn start(lines: usize) -> Option<Self> {
        let before = (lines >= FEWEST_LINES).then(|| status("VmRSS:")).flatten()?;
        Some(Meter { before, built: before })
    }

    /// When the problem is made: forgets the peak so far.
    pub(crate) fn built(self) -> Self {
        // Where this is refused, the peak includes making the problem.
        fs::write("/proc/self/clear_refs", "5").ok();
        Meter { built: status("VmRSS:").unwrap_or(self.before), ..self }
    }

    /// When it is solved.
    pub(crate) fn solved(self) -> Use {
        let peak = status("VmHWM:").unwrap_or(self.built);
        Use { problem: self.built.saturating_sub(self.before), solve: peak.saturating_sub(self.built) }
    }
}

/// A figure of `/proc/self/status` in bytes.
fn status(key: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(key))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| 1024 * kib)
}
