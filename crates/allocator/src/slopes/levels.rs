//! Slopes with pools of demand: those at a plan's levels, as claims about all.

use super::{At, BEST, Slopes};

impl At<'_> {
    /// The slopes at the plan's levels: where these are the best, moving them as
    /// well changes nothing to first order (the envelope theorem). What that says
    /// of plans at all levels is for the leaves to prove.
    pub(super) fn over_levels(&self, mut found: Slopes) -> Slopes {
        for (r, slope) in found.limits.iter_mut().enumerate() {
            if let Some(slope) = slope {
                let sides = slope.more.is_some() && slope.less.is_some();
                let close = self.judged.gap(self.certificate.bound) <= BEST;
                slope.local = slope.local || !sides || !close || !self.proven(r, *slope).unwrap_or(false);
            }
        }
        found.lines.iter_mut().flatten().for_each(|slope| slope.local = true);
        found
    }
}
