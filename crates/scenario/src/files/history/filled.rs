//! Histories without holes: missing periods are put in and left out of the fit.

use jiff::civil::Date;
use outlay_curves::fit::History;

use super::period::Calendar;

/// Puts in the periods that have no row. Their outcome is left out of the fit;
/// spend in them is taken to have gone on as around them, for zero would be a
/// claim; controls keep their last value.
pub(super) fn fill(history: &mut History, calendar: &Calendar, dates: &[Date], partial: &[Date]) -> usize {
    let numbers = &calendar.numbers;
    let periods = numbers.last().map_or(0, |n| n + 1);
    let at: Vec<Result<usize, usize>> = (0..periods).map(|t| numbers.binary_search(&t)).collect();
    let between = |values: &[f64]| -> Vec<f64> {
        let value = |t: usize| match at[t] {
            Ok(i) => values[i],
            Err(i) => {
                let (a, b) = (numbers[i - 1] as f64, numbers[i] as f64);
                values[i - 1] + (values[i] - values[i - 1]) * (t as f64 - a) / (b - a)
            }
        };
        (0..periods).map(value).collect()
    };
    let held =
        |values: &[f64]| at.iter().map(|i| values[i.map_or_else(|i| i - 1, |i| i)]).collect::<Vec<f64>>();
    for c in &mut history.channels {
        c.spend = between(&c.spend);
        c.exposure = c.exposure.as_deref().map(between);
        c.outcome = c.outcome.as_deref().map(between);
    }
    history.outcome = history.outcome.as_deref().map(between);
    for c in &mut history.controls {
        c.values = held(&c.values);
    }
    history.left_out = (0..periods).filter(|t| at[*t].is_err()).collect();
    let missing = history.left_out.len();
    let whole = |i: usize| dates.get(i).is_none_or(|d| !partial.contains(d));
    history.left_out.extend((0..periods).filter(|t| at[*t].is_ok_and(|i| !whole(i))));
    history.left_out.sort_unstable();
    missing
}
