//! A panel as a test sees it, and how large the test's error is.

use nalgebra::DMatrix;

use crate::common::LEAST;
use crate::forecast::Forecast;
use crate::panel::total;
use crate::weeks::Blocks;
use crate::{ExperimentError, Panel};

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

    /// The treated markets' outcome in the test as the controls foretell it, with
    /// errors times `factor`.
    pub(crate) fn forecast(&self, factor: f64) -> Option<Forecast> {
        let length = self.series.len() - self.before;
        Forecast::of(&self.outcome, (&self.treated, &self.controls), self.before, length, factor)
    }

    /// The treated markets' share of the outcome before the test.
    pub(crate) fn share(&self) -> f64 {
        let all: Vec<usize> = (0..self.outcome.nrows()).collect();
        let sum = |series: &[f64]| series.iter().take(self.before).sum::<f64>();
        sum(&self.series) / sum(&total(&self.outcome, &all))
    }
}

/// How far off a test of some length may be that has not been run: the standard
/// error relative to the counterfactual.
pub(crate) fn error_of(seen: &Seen, length: usize) -> Option<f64> {
    let groups = (&seen.treated[..], &seen.controls[..]);
    let found = Forecast::of(&seen.outcome, groups, seen.before, length, 1.0)?;
    Some(found.relative_error(length))
}
