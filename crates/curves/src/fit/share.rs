//! What channels earn together of the whole outcome: no more than all of it.

/// The prior that the baseline of a history, summed over its periods, is not
/// negative. With s the share of the outcome that all channels earn, the density
/// is flat up to s = 1 and falls off above like a Normal of deviation
/// [`Share::BEYOND`], so that a sampler finds its way; draws above 1 are then
/// dropped, which leaves the posterior cut off at 1 exactly.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    /// What one unit earned in a period is of the whole.
    weights: Vec<f64>,
}

impl Share {
    const BEYOND: f64 = 0.1;

    /// Of outcomes that count as much as their weights; none if they do not
    /// add up to more than nothing.
    pub(crate) fn of(outcome: &[f64], weights: &[f64]) -> Option<Share> {
        let whole: f64 = outcome.iter().zip(weights).map(|(y, w)| y * w).sum();
        (whole > 0.0).then(|| Share { weights: weights.iter().map(|w| w / whole).collect() })
    }

    /// Share of the whole that is earned by responses, summed over channels.
    pub(crate) fn earned(&self, responses: impl Fn(usize) -> f64) -> f64 {
        self.weights.iter().enumerate().map(|(t, w)| w * responses(t)).sum()
    }

    /// ln of the density, and its slope by what is earned in every period over
    /// the period's weight.
    pub(crate) fn ln_density(&self, earned: f64) -> (f64, f64) {
        let beyond = (earned - 1.0).max(0.0) / Self::BEYOND;
        (-0.5 * beyond * beyond, -beyond / Self::BEYOND)
    }

    /// Adds a multiple of the weights.
    pub(crate) fn add(&self, times: f64, to: &mut [f64]) {
        to.iter_mut().zip(&self.weights).for_each(|(v, w)| *v += times * w);
    }
}
