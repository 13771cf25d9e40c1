//! Days added up to weeks that are counted from the start of a test.

use nalgebra::DMatrix;

/// How the periods of a panel are grouped for a test.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Blocks {
    /// First and last-but-one column of each block.
    pub(crate) spans: Vec<(usize, usize)>,
    /// Blocks before the test.
    pub(crate) before: usize,
    /// What each block holds of a whole one, by the outcome that its weekdays
    /// usually bring: 1 but for a last block that is cut short.
    pub(crate) share: Vec<f64>,
}

impl Blocks {
    /// Single periods, or weeks where periods are days: whole weeks before the
    /// start (what is left over at the panel's beginning is not used), and weeks
    /// from the start to the end, the last one perhaps cut short.
    pub(crate) fn of(outcome: &DMatrix<f64>, start: usize, end: usize, daily: bool) -> Blocks {
        if !daily {
            let spans: Vec<(usize, usize)> = (0..end).map(|t| (t, t + 1)).collect();
            return Blocks { share: vec![1.0; spans.len()], spans, before: start };
        }
        let before = start / 7;
        let first = start - 7 * before;
        let mut spans: Vec<(usize, usize)> =
            (0..before).map(|b| (first + 7 * b, first + 7 * b + 7)).collect();
        let mut from = start;
        while from < end {
            spans.push((from, (from + 7).min(end)));
            from += 7;
        }
        let day = |d: usize| -> f64 { (0..before).map(|b| outcome.column(first + 7 * b + d).sum()).sum() };
        let usual: Vec<f64> = (0..7).map(day).collect();
        let all: f64 = usual.iter().sum();
        let share = |&(from, to): &(usize, usize)| {
            let some: f64 = usual.iter().take(to - from).sum();
            if to - from == 7 || all <= 0.0 { (to - from) as f64 / 7.0 } else { some / all }
        };
        Blocks { share: spans.iter().map(share).collect(), spans, before }
    }

    /// The blocks' sums, those cut short scaled up to whole ones.
    pub(crate) fn whole(&self, matrix: &DMatrix<f64>) -> DMatrix<f64> {
        let sum = |i: usize, b: usize| {
            let (from, to) = self.spans[b];
            (from..to).map(|t| matrix[(i, t)]).sum::<f64>() / self.share[b]
        };
        DMatrix::from_fn(matrix.nrows(), self.spans.len(), sum)
    }
}
