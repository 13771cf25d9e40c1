//! Tests of nothing: the same markets read before anything was done to them.

use crate::counterfactual::explain;
use crate::noise::Noise;
use crate::seen::Seen;

/// Fewest periods before a placebo test.
const LEAST: usize = 16;

/// What tests of nothing showed (A/A tests): windows of the test's length before
/// its start, one after the other, each read from the periods before it alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Placebo {
    /// Windows read.
    pub windows: usize,
    /// Of them, those whose interval holds 0.
    pub covered: usize,
    /// Root mean square of what they showed, relative to what was expected; 0
    /// without windows.
    pub error: f64,
}

pub(crate) fn placebo(seen: &Seen, length: usize, level: f64) -> Placebo {
    let alpha = (1.0 - level) / 2.0;
    let mut found = Placebo::default();
    let mut squares = 0.0;
    let mut start = seen.before;
    while start >= LEAST + length {
        start -= length;
        let Some(read) =
            explain(&columns(seen, start + length), &seen.treated, &seen.controls, start, length)
        else {
            continue;
        };
        let ahead = &read.expected[start..];
        let error = Noise::of(&read.left_out, read.last, read.freedom).sum(ahead);
        let shown: f64 = seen.series[start..start + length].iter().zip(ahead).map(|(y, e)| y - e).sum();
        found.windows += 1;
        let inside = error.quantile(alpha) <= shown && shown <= error.quantile(1.0 - alpha);
        found.covered += usize::from(inside);
        squares += ((shown - error.mean()) / ahead.iter().sum::<f64>()).powi(2);
    }
    if found.windows > 0 {
        found.error = (squares / found.windows as f64).sqrt();
    }
    found
}

fn columns(seen: &Seen, count: usize) -> nalgebra::DMatrix<f64> {
    seen.outcome.columns(0, count).into_owned()
}
