//! What markets have in common: the first factors of the controls.

use nalgebra::{DMatrix, SymmetricEigen};

/// Standardised outcomes beyond this many noises are cut: a promotion in one
/// market is not what markets have in common.
const CLIP: f64 = 8.0;

/// The first `count` factors of some rows, a column each, over all periods,
/// with mean 0 and standard deviation 1 over the first `before` periods.
///
/// Each row is written relative to its mean before the test and divided by its
/// own noise (1.48 times the median absolute deviation of first differences,
/// over the square root of 2), so that small, noisy markets count for little. The factors are
/// the leading eigenvectors of what is left (principal components; Bai 2003).
/// Rows without outcome or without noise before the test are left out.
pub(crate) fn factors(outcome: &DMatrix<f64>, rows: &[usize], before: usize, count: usize) -> DMatrix<f64> {
    let periods = outcome.ncols();
    let scaled: Vec<Vec<f64>> = rows.iter().filter_map(|&i| standardised(outcome, i, before)).collect();
    if scaled.is_empty() || before == 0 {
        return DMatrix::zeros(periods, 0);
    }
    let z = DMatrix::from_fn(scaled.len(), periods, |i, t| scaled[i][t]);
    // The smaller of the two Gram matrices has the same leading vectors.
    let vectors = if scaled.len() <= periods {
        let (_, u) = leading(&z * z.transpose(), count);
        z.transpose() * u
    } else {
        leading(z.transpose() * &z, count).1
    };
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for column in vectors.column_iter() {
        let mean = column.iter().take(before).sum::<f64>() / before as f64;
        let square = column.iter().take(before).map(|v| (v - mean).powi(2)).sum::<f64>() / before as f64;
        if square > 1e-18 {
            kept.push(column.iter().map(|v| (v - mean) / square.sqrt()).collect());
        }
    }
    DMatrix::from_fn(periods, kept.len(), |t, k| kept[k][t])
}

/// A row relative to its mean before the test, in units of its noise.
fn standardised(outcome: &DMatrix<f64>, row: usize, before: usize) -> Option<Vec<f64>> {
    let mean = (0..before).map(|t| outcome[(row, t)]).sum::<f64>() / before as f64;
    let relative = |t: usize| outcome[(row, t)] / mean - 1.0;
    let steps: Vec<f64> = (1..before).map(|t| relative(t) - relative(t - 1)).collect();
    let middle = median(steps.clone());
    let noise = median(steps.iter().map(|d| (d - middle).abs()).collect()) * 1.4826 / 2f64.sqrt();
    if !(mean > 0.0 && noise > 1e-12) {
        return None;
    }
    let all: Vec<f64> = (0..outcome.ncols()).map(|t| relative(t) / noise).collect();
    let centre = median(all.iter().take(before).copied().collect());
    let clipped = all.iter().map(|v| centre + (v - centre).clamp(-CLIP, CLIP));
    let clipped: Vec<f64> = clipped.collect();
    let mean = clipped.iter().take(before).sum::<f64>() / before as f64;
    Some(clipped.iter().map(|v| v - mean).collect())
}

/// Leading eigenvalues and eigenvectors of a symmetric matrix, largest first.
fn leading(matrix: DMatrix<f64>, count: usize) -> (Vec<f64>, DMatrix<f64>) {
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    order.truncate(count);
    let vectors =
        DMatrix::from_fn(eigen.eigenvectors.nrows(), order.len(), |i, k| eigen.eigenvectors[(i, order[k])]);
    (order.iter().map(|&k| eigen.eigenvalues[k]).collect(), vectors)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}
