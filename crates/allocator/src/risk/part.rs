//! A part of the domain, with the ends of what its lines may spend there.

use super::Risky;
use crate::region::Region;

/// A part, and the ends of what its lines may spend there.
pub(super) struct Part {
    pub(super) region: Region,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
}

impl Part {
    /// `None` if some line has no spend left.
    pub(super) fn new(risky: &Risky, region: Region) -> Option<Self> {
        let (mut low, mut high) = (region.low.clone(), region.high.clone());
        for (i, line) in risky.problem.lines.iter().enumerate() {
            let mut parts =
                line.domain().spans().iter().filter_map(|s| s.clip(region.low[i], region.high[i]));
            let first = parts.next()?;
            low[i] = first.from;
            high[i] = parts.next_back().map_or(first.to, |s| s.to);
        }
        Some(Part { region, low, high })
    }

    /// Whether a line is on here; nothing where it may be either.
    pub(super) fn is_on(&self, i: usize) -> Option<bool> {
        match () {
            () if self.high[i] <= 0.0 => Some(false),
            () if self.low[i] > 0.0 => Some(true),
            () => None,
        }
    }

    /// True if a line may be on or off here.
    pub(super) fn is_open(&self, i: usize) -> bool {
        self.is_on(i).is_none()
    }
}
