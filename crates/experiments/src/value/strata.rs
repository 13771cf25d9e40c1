//! What a test may say, in steps of like probability.

use statrs::distribution::{ContinuousCDF, Normal};

/// Steps that a test's answer is told in.
pub(super) const STEPS: usize = 48;

/// Errors looked at for each draw, to place the steps.
const ERRORS: usize = 16;

/// Probability of every step under every draw: `by_step[k][d]`. For every draw
/// they add up to 1.
///
/// The answer `y` of a test is Normal about the lift of the draw. The steps are
/// cut where the mixture of these over all draws has its quantiles (systematic
/// quantiles of the preposterior distribution). To know the step and no more is
/// worth a little less than to know `y`, and has two virtues: the draws' weights
/// add up over the steps to what they were, so that the mean over all answers is
/// the prior exactly; and no answer weighs a single draw by chance.
pub(super) fn strata(lifts: &[f64], error: f64) -> Vec<Vec<f64>> {
    let normal = Normal::standard();
    let quantiles: Vec<f64> =
        (0..ERRORS).map(|m| normal.inverse_cdf((m as f64 + 0.5) / ERRORS as f64)).collect();
    // Midpoints of few parts spread less than the Normal itself.
    let spread = (quantiles.iter().map(|z| z * z).sum::<f64>() / ERRORS as f64).sqrt();
    let mut answers: Vec<f64> =
        lifts.iter().flat_map(|l| quantiles.iter().map(move |z| l + error * z / spread)).collect();
    answers.sort_unstable_by(f64::total_cmp);
    let cut = |k: usize| answers[(k * answers.len() / STEPS).min(answers.len() - 1)];
    let cuts: Vec<f64> = (1..STEPS).map(cut).collect();
    let mut by_step = vec![vec![0.0; lifts.len()]; STEPS];
    for (d, lift) in lifts.iter().enumerate() {
        let mut below = 0.0;
        for (k, step) in by_step.iter_mut().enumerate() {
            let up_to = cuts.get(k).map_or(1.0, |cut| cumulative(&normal, (cut - lift) / error));
            step[d] = up_to - below;
            below = up_to;
        }
    }
    by_step
}

fn cumulative(normal: &Normal, z: f64) -> f64 {
    /// Beyond, nothing is left that a mean over draws could show.
    const FAR: f64 = 8.0;
    match z {
        z if z > FAR => 1.0,
        z if z < -FAR => 0.0,
        z => normal.cdf(z),
    }
}

/// Draws that count, of weights that differ (Kish 1965).
pub(super) fn effective(weights: &[f64]) -> f64 {
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}
