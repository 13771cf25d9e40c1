//! What a fit may be told.

use super::{Carry, Family, Meeting, Sampling};

/// What a fit tries, and how long it samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Families to choose from and average over.
    pub families: Vec<Family>,
    /// Kinds of carry-over to choose from, per channel.
    pub carries: Vec<Carry>,
    /// Yearly waves in the baseline of a joint fit.
    pub seasons: usize,
    /// Last periods held out to measure the prediction error.
    pub hold_out: usize,
    /// Multiplies the width of the priors on returns: 1 as documented, more to
    /// let the history speak alone.
    pub prior_width: f64,
    /// Probability of the intervals, in (0, 1).
    pub level: f64,
    /// Sampling of the posterior.
    pub sampling: Sampling,
    /// How some of the channels may meet, to be estimated with the curves.
    pub meeting: Option<Meeting>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            families: Family::ALL.to_vec(),
            carries: vec![Carry::Geometric, Carry::Delayed { peak: 1 }, Carry::Delayed { peak: 2 }],
            seasons: 2,
            hold_out: 12,
            prior_width: 1.0,
            level: 0.9,
            sampling: Sampling::default(),
            meeting: None,
        }
    }
}
