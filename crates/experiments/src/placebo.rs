//! Tests of nothing: the same markets read before anything was done to them.

use crate::forecast::Forecast;
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

/// Windows are read as the test itself is, with errors times the same `factor`.
pub(crate) fn placebo(seen: &Seen, length: usize, factor: f64, level: f64) -> Placebo {
    let mut found = Placebo::default();
    let mut squares = 0.0;
    let mut start = seen.before;
    while start >= LEAST + length {
        start -= length;
        let outcome = seen.outcome.columns(0, start + length).into_owned();
        let groups = (&seen.treated[..], &seen.controls[..]);
        let Some(read) = Forecast::of(&outcome, groups, start, length, factor) else { continue };
        let earned = &seen.series[start..start + length];
        let difference = earned.iter().zip(&read.ahead).map(|(y, e)| y - e).sum();
        let lift = read.lift(&read.ahead, difference, level);
        found.windows += 1;
        found.covered += usize::from(lift.low <= 0.0 && 0.0 <= lift.high);
        squares += (lift.value / read.ahead.iter().sum::<f64>()).powi(2);
    }
    if found.windows > 0 {
        found.error = (squares / found.windows as f64).sqrt();
    }
    found
}
