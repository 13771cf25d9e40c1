//! A second method: the controls in the mixture that looks most like the
//! treated markets (synthetic control; Abadie, Diamond and Hainmueller 2010).

use crate::panel::mean;
use crate::seen::Seen;

const STEPS: usize = 1000;

/// The lift over the test against a mixture of controls with weights of at
/// least 0 that sum to 1, fitted before the test.
pub(crate) fn lift(seen: &Seen) -> f64 {
    let level = mean(&seen.series, seen.before);
    let relative: Vec<Vec<f64>> = seen
        .controls
        .iter()
        .filter_map(|&i| {
            let row: Vec<f64> = seen.outcome.row(i).iter().copied().collect();
            let own = mean(&row, seen.before);
            (own > 0.0).then(|| row.iter().map(|y| y / own).collect())
        })
        .collect();
    let goal: Vec<f64> = seen.series.iter().map(|y| y / level).collect();
    let weights = mixture(&relative, &goal, seen.before);
    let expected = |t: usize| relative.iter().zip(&weights).map(|(row, w)| row[t] * w).sum::<f64>();
    let each = (seen.before..seen.series.len())
        .map(|t| (seen.series[t] - level * expected(t)) * seen.blocks.share[t]);
    each.sum()
}

/// Weights on the simplex by exponentiated gradient (Kivinen and Warmuth 1997).
fn mixture(rows: &[Vec<f64>], goal: &[f64], before: usize) -> Vec<f64> {
    let n = rows.len();
    let mut weights = vec![1.0 / n.max(1) as f64; n];
    let largest = rows.iter().flat_map(|r| r.iter().take(before)).fold(1.0f64, |m, v| m.max(v.abs()));
    let rate = 2.0 / (largest * largest);
    for _ in 0..STEPS {
        let mut left = vec![0.0; before];
        for (t, l) in left.iter_mut().enumerate() {
            *l = rows.iter().zip(&weights).map(|(r, w)| r[t] * w).sum::<f64>() - goal[t];
        }
        let slope = |row: &Vec<f64>| row.iter().zip(&left).map(|(x, l)| x * l).sum::<f64>() / before as f64;
        let slopes: Vec<f64> = rows.iter().map(slope).collect();
        let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
        for (w, s) in weights.iter_mut().zip(&slopes) {
            *w *= (-rate * (s - least)).exp();
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
    }
    weights
}
