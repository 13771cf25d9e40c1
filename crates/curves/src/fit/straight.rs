//! Every channel's curve against a straight line.

use super::mode::{self, Mode};
use super::model::Model;
use super::watch::Watch;
use super::{Family, Warning};

/// How a channel's curve compares with a straight line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Straight {
    /// Probability of the data under a straight line over that under the
    /// curve, all else fitted to either.
    odds: f64,
}

/// Odds from which a line does about as well as the curve: less than two to one
/// against it says nothing.
const EVEN: f64 = 0.5;

impl Straight {
    /// A line that does about as well as the curve.
    pub(crate) fn warning(self) -> Option<Warning> {
        (self.odds >= EVEN).then_some(Warning::StraightLine { odds: self.odds })
    }
}

/// Compares every channel's curve with a straight line, in the most probable
/// model that has curves. Half-saturation far above all spend is a straight
/// line; the rest is fitted again, and the odds are those of Laplace: the
/// density gained, over the share of the prior's width that the data leave to
/// half-saturation.
///
/// `lines` are the odds for all responses being straight together; where they
/// are about even or better, no channel has shown a bend. Ends early when time is
/// up.
pub(crate) fn compare(models: &[(&Model, &Mode)], lines: Option<f64>, watch: &Watch<'_>) -> Vec<Straight> {
    const FAR: f64 = 9.0;
    let bends = |m: &&(&Model, &Mode)| m.0.family != Family::Linear && !m.0.family.is_hill();
    let Some((model, mode)) = models.iter().find(bends) else { return Vec::new() };
    let mut space = model.workspace();
    let curved = mode.density;
    let mut one = |i: usize| {
        let (j, prior) = model.half(i);
        let mut at = mode.at.clone();
        at[j] = FAR;
        let found = mode::climb(model, at, Some(mode.given(j)), Some(j), &mut space, watch);
        let unlikely = 0.5 * ((FAR - prior.mean) / prior.deviation).powi(2);
        let odds = (found.density + unlikely - curved).exp() * prior.deviation / mode.deviation(j);
        let odds = odds.max(lines.filter(|l| *l >= EVEN).unwrap_or(0.0));
        found.reached.then_some(Straight { odds })
    };
    (0..model.channels.len()).map_while(|i| if watch.stopped() { None } else { one(i) }).collect()
}
