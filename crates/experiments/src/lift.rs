//! What a test showed: the lift of the treated markets, with its interval.

use crate::check::{self, Doubt};
use crate::estimate::Estimate;
use crate::placebo::{self, Placebo};
use crate::seen::{Seen, Test};
use crate::spend::{self, Moved};
use crate::{ExperimentError, Panel, synthetic, typical};

/// How a test is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Probability that intervals claim.
    pub level: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { level: 0.9 }
    }
}

/// What a test showed. Outcomes are totals over the test; a test that stops
/// spend has a negative lift.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Outcome of the treated markets beyond what was expected without the test.
    pub lift: Estimate,
    /// What was expected of them without the test.
    pub counterfactual: f64,
    /// The same by period: columns of the panel (first, and the one after the
    /// last), what was earned, and the lift. Days are told in weeks.
    pub periods: Vec<((usize, usize), f64, Estimate)>,
    /// Change of spend and what a unit of it returned, where spend is known.
    pub spend: Option<Moved>,
    /// The treated markets' share of the outcome before the test.
    pub share: f64,
    /// The lift by synthetic control, a second method.
    pub synthetic: f64,
    /// Tests of nothing, read before the test.
    pub placebo: Placebo,
    /// What a careful reader should know.
    pub doubts: Vec<Doubt>,
}

/// Reads a test.
///
/// The treated markets' sum is regressed on the first three factors of the
/// controls over the periods before the test (see the crate's documentation);
/// what it misses there, left out in blocks of the test's length, gives the
/// size and the correlation of its errors, which are taken for proportional to
/// the counterfactual. Intervals integrate over that correlation.
///
/// # Errors
/// [`ExperimentError`] where there is nothing to compare, or too little time.
pub fn read(panel: &Panel, test: &Test, options: &Options) -> Result<Reading, ExperimentError> {
    let seen = Seen::of(panel, test)?;
    let length = seen.series.len() - seen.before;
    let factor = typical::factor(&seen, length);
    let found = seen.forecast(factor).ok_or(ExperimentError::NoOutcome)?;
    let (ahead, level) = (&found.ahead, options.level);
    let earned = &seen.series[seen.before..];
    let part = |k: usize| seen.blocks.share[seen.before + k];
    let weights: Vec<f64> = ahead.iter().enumerate().map(|(k, e)| e * part(k).sqrt()).collect();
    let differences: Vec<f64> =
        ahead.iter().zip(earned).enumerate().map(|(k, (e, y))| (y - e) * part(k)).collect();
    let lift = found.lift(&weights, differences.iter().sum(), level);
    let periods = (0..weights.len()).map(|k| {
        let mut alone = vec![0.0; weights.len()];
        alone[k] = weights[k];
        (seen.blocks.spans[seen.before + k], earned[k] * part(k), found.lift(&alone, differences[k], level))
    });
    let periods = periods.collect();
    let counterfactual =
        seen.series[seen.before..].iter().enumerate().map(|(k, y)| y * part(k)).sum::<f64>() - lift.value;
    Ok(Reading {
        lift,
        counterfactual,
        periods,
        spend: spend::moved(panel, test, &seen, &lift),
        share: seen.share(),
        synthetic: synthetic::lift(&seen),
        placebo: placebo::placebo(&seen, length, factor, level),
        doubts: check::doubts(panel, test, &seen),
    })
}
