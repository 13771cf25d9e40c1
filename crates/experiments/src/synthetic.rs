//! A second method: the controls in the mixture that looks most like the
//! treated markets (synthetic control; Abadie, Diamond and Hainmueller 2010).

use nalgebra::{DMatrix, DVector};

use crate::panel::mean;
use crate::seen::Seen;

/// Most steps to the best mixture.
const STEPS: usize = 2000;

/// Distance to the least square at which a mixture is found, relative to the
/// largest curvature.
const CLOSE: f64 = 1e-7;

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

/// The weights of at least 0 that sum to 1 with the least square of what the
/// mixture misses the goal by before the test: projected gradients with momentum
/// (Beck and Teboulle 2009) that starts anew where it leads upwards (O'Donoghue
/// and Candes 2015).
fn mixture(rows: &[Vec<f64>], goal: &[f64], before: usize) -> Vec<f64> {
    // Weights sum to 1, so a mixture misses by the mixture of what each misses by.
    let missed = DMatrix::from_fn(before, rows.len(), |t, i| rows[i][t] - goal[t]);
    let mut weights = DVector::from_element(rows.len(), 1.0 / rows.len().max(1) as f64);
    let steepest = steepest(&missed);
    if steepest == 0.0 {
        return weights.as_slice().to_vec();
    }
    let (mut ahead, mut momentum) = (weights.clone(), 1.0f64);
    for _ in 0..STEPS {
        let slope = missed.tr_mul(&(&missed * &ahead));
        let next = on_simplex(&(&ahead - &slope / steepest));
        let moved = &next - &weights;
        if slope.dot(&moved) > 0.0 {
            momentum = 1.0;
        }
        let later = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
        ahead = &next + &moved * ((momentum - 1.0) / later);
        (weights, momentum) = (next, later);
        // No mixture misses by less than this says.
        let slope = missed.tr_mul(&(&missed * &weights));
        if slope.dot(&weights) - slope.min() <= CLOSE * steepest {
            break;
        }
    }
    weights.as_slice().to_vec()
}

/// A bound on the largest eigenvalue of the Gram matrix, close above it.
fn steepest(missed: &DMatrix<f64>) -> f64 {
    const ROUNDS: usize = 30;
    let all = missed.norm_squared();
    let mut vector = DVector::from_fn(missed.ncols(), |i, _| missed.column(i).norm());
    let mut found = 0.0;
    for _ in 0..ROUNDS {
        let length = vector.norm();
        if length == 0.0 {
            return all;
        }
        vector = missed.tr_mul(&(missed * (&vector / length)));
        found = vector.norm();
    }
    (1.2 * found).min(all)
}

/// The nearest point with coordinates of at least 0 that sum to 1 (Duchi and
/// others 2008).
fn on_simplex(point: &DVector<f64>) -> DVector<f64> {
    let mut sorted: Vec<f64> = point.iter().copied().collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (k, v) in sorted.iter().enumerate() {
        sum += v;
        let candidate = (sum - 1.0) / (k + 1) as f64;
        if *v > candidate {
            shift = candidate;
        }
    }
    point.map(|v| (v - shift).max(0.0))
}
