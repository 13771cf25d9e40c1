//! What controls have in common, and what the usual one of them does.

use nalgebra::DMatrix;

use crate::factors::{factors, standardised};

/// Most factors taken from the controls.
const FACTORS: usize = 4;

/// Fewest periods before a test from which one is read.
pub(crate) const LEAST: usize = 8;

/// What controls have in common.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    /// Factors, a column each.
    pub(crate) factors: DMatrix<f64>,
    /// The mean of the controls, each relative to its own mean before the test.
    pub(crate) usual: Vec<f64>,
}

impl Common {
    /// Of some rows, learnt from the first `before` periods; `None` where these
    /// are too few.
    pub(crate) fn of(outcome: &DMatrix<f64>, controls: &[usize], before: usize) -> Option<Common> {
        if before < LEAST {
            return None;
        }
        let periods = outcome.ncols();
        let rows: Vec<(Vec<f64>, f64)> =
            controls.iter().filter_map(|&i| standardised(outcome, i, before)).collect();
        let mut usual = vec![0.0; periods];
        for (row, noise) in &rows {
            usual.iter_mut().zip(row).for_each(|(u, v)| *u += v * noise / rows.len() as f64);
        }
        let scaled: Vec<Vec<f64>> = rows.into_iter().map(|(row, _)| row).collect();
        let count = FACTORS.min((before - 4) / 4);
        Some(Common { factors: factors(&scaled, before, periods, count), usual })
    }
}
