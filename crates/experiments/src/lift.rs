//! What a test showed: the lift of the treated markets, with its interval.

use nalgebra::DMatrix;

use crate::check::{self, Doubt};
use crate::counterfactual::{Counterfactual, LEAST, explain};
use crate::noise::Noise;
use crate::panel::total;
use crate::placebo::{self, Placebo};
use crate::spend::{self, Moved};
use crate::weeks::Blocks;
use crate::{ExperimentError, Panel};
use crate::{synthetic, typical};

/// A test: which markets were treated, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// First period of the test, counted from 0.
    pub start: usize,
    /// The period after its last one.
    pub end: usize,
    /// Positions of the treated markets.
    pub treated: Vec<usize>,
}

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

/// A figure with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Its standard deviation.
    pub standard_error: f64,
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
    let found = seen.explain()?;
    let length = seen.series.len() - seen.before;
    let noise = Noise::of(&found.left_out, found.last, found.freedom).scaled(typical::factor(&seen, length));
    let alpha = (1.0 - options.level) / 2.0;
    let ahead = &found.expected[seen.before..];
    let earned = &seen.series[seen.before..];
    let estimate = |weights: &[f64], difference: f64| {
        let error = noise.sum(weights);
        Estimate {
            value: difference - error.mean(),
            low: difference - error.quantile(1.0 - alpha),
            high: difference - error.quantile(alpha),
            standard_error: error.deviation(),
        }
    };
    let part = |k: usize| seen.blocks.share[seen.before + k];
    let weights: Vec<f64> = ahead.iter().enumerate().map(|(k, e)| e * part(k).sqrt()).collect();
    let differences: Vec<f64> =
        ahead.iter().zip(earned).enumerate().map(|(k, (e, y))| (y - e) * part(k)).collect();
    let lift = estimate(&weights, differences.iter().sum());
    let periods = (0..weights.len()).map(|k| {
        let mut alone = vec![0.0; weights.len()];
        alone[k] = weights[k];
        (seen.blocks.spans[seen.before + k], earned[k] * part(k), estimate(&alone, differences[k]))
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
        placebo: placebo::placebo(&seen, length, options.level),
        doubts: check::doubts(panel, test, &seen),
    })
}

/// Expected sum, and how far off it may be, of a test that has not been run:
/// the standard error relative to the counterfactual.
pub(crate) fn error_of(seen: &Seen, length: usize) -> Option<f64> {
    let found = explain(&seen.outcome, &seen.treated, &seen.controls, seen.before, length)?;
    let noise = Noise::of(&found.left_out, 0.0, found.freedom);
    let level = crate::panel::mean(&found.expected, seen.before);
    let mixture = noise.sum(&vec![level; length]);
    Some(mixture.deviation() / (level * length as f64))
}

/// A panel as a test sees it: in blocks, treated markets summed.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) blocks: Blocks,
    pub(crate) outcome: DMatrix<f64>,
    pub(crate) treated: Vec<usize>,
    pub(crate) controls: Vec<usize>,
    pub(crate) series: Vec<f64>,
    pub(crate) before: usize,
}

impl Seen {
    pub(crate) fn of(panel: &Panel, test: &Test) -> Result<Seen, ExperimentError> {
        let mut treated = test.treated.clone();
        treated.sort_unstable();
        treated.dedup();
        treated.retain(|&i| i < panel.markets.len());
        let controls: Vec<usize> = (0..panel.markets.len()).filter(|i| !treated.contains(i)).collect();
        if treated.is_empty() {
            return Err(ExperimentError::NoTreated);
        }
        if controls.is_empty() {
            return Err(ExperimentError::NoControl);
        }
        let end = test.end.min(panel.periods());
        if test.start >= end {
            return Err(ExperimentError::NoPeriods);
        }
        let blocks = Blocks::of(&panel.outcome, test.start, end, panel.daily);
        if blocks.before < LEAST {
            let days = if panel.daily { 7 } else { 1 };
            return Err(ExperimentError::TooShort { found: test.start, needed: LEAST * days });
        }
        let outcome = blocks.whole(&panel.outcome);
        let series = total(&outcome, &treated);
        let before = blocks.before;
        Ok(Seen { blocks, outcome, treated, controls, series, before })
    }

    pub(crate) fn explain(&self) -> Result<Counterfactual, ExperimentError> {
        let length = self.series.len() - self.before;
        explain(&self.outcome, &self.treated, &self.controls, self.before, length)
            .ok_or(ExperimentError::NoOutcome)
    }

    /// The treated markets' share of the outcome before the test.
    fn share(&self) -> f64 {
        let all: Vec<usize> = (0..self.outcome.nrows()).collect();
        let sum = |series: &[f64]| series.iter().take(self.before).sum::<f64>();
        sum(&self.series) / sum(&total(&self.outcome, &all))
    }
}
