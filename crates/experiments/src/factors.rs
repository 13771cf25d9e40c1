//! What markets have in common: the first factors of the controls.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Standardised outcomes beyond this many noises are cut: a promotion in one
/// market is not what markets have in common.
const CLIP: f64 = 8.0;

/// The first `count` factors of standardised rows, a column each, over all
/// periods, with mean 0 and standard deviation 1 over the first `before` periods:
/// the leading eigenvectors (principal components; Bai 2003).
pub(crate) fn factors(scaled: &[Vec<f64>], before: usize, periods: usize, count: usize) -> DMatrix<f64> {
    if scaled.is_empty() || before == 0 {
        return DMatrix::zeros(periods, 0);
    }
    let z = DMatrix::from_fn(periods, scaled.len(), |t, i| scaled[i][t]);
    let vectors = leading(|v| &z * z.tr_mul(v), periods, count.min(scaled.len()));
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

/// A row relative to its mean before the test, in units of its noise, and that
/// noise: 1.48 times the median absolute deviation of first differences, over the
/// square root of 2, so that small, noisy markets count for little. `None` for a
/// row without outcome or without noise before the test.
pub(crate) fn standardised(outcome: &DMatrix<f64>, row: usize, before: usize) -> Option<(Vec<f64>, f64)> {
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
    Some((clipped.iter().map(|v| v - mean).collect(), noise))
}

/// Leading eigenvectors of a symmetric matrix without negative eigenvalues that
/// is known by its products: Lanczos's iteration, each vector made orthogonal to
/// all before it.
fn leading(product: impl Fn(&DVector<f64>) -> DVector<f64>, size: usize, count: usize) -> DMatrix<f64> {
    /// Residual at which a vector is found, relative to the largest eigenvalue.
    const FOUND: f64 = 1e-8;
    let mut random = Pcg64::seed_from_u64(1);
    let mut basis: Vec<DVector<f64>> = Vec::new();
    let (mut diagonal, mut beside) = (Vec::new(), Vec::new());
    let mut next = DVector::from_fn(size, |_, _| random.random_range(-1.0..1.0)).normalize();
    let mut looked = 4 * count + 4;
    loop {
        let mut image = product(&next);
        diagonal.push(next.dot(&image));
        basis.push(next);
        // Twice is enough (Parlett).
        for _ in 0..2 {
            for v in &basis {
                let along = v.dot(&image);
                image.axpy(-along, v, 1.0);
            }
        }
        let length = image.norm();
        let steps = basis.len();
        let over = steps == size || length <= 1e-14 * diagonal[0].abs();
        if steps == looked || over {
            let (values, vectors) = tridiagonal(&diagonal, &beside, count);
            let residual = |k: usize| length * vectors[(steps - 1, k)].abs();
            if over || (0..values.len()).all(|k| residual(k) <= FOUND * values[0]) {
                let basis = DMatrix::from_columns(&basis);
                return basis * vectors;
            }
            looked = steps + steps / 2;
        }
        beside.push(length);
        next = image / length;
    }
}

/// Leading eigenvalues and eigenvectors of a tridiagonal matrix, largest first.
fn tridiagonal(diagonal: &[f64], beside: &[f64], count: usize) -> (Vec<f64>, DMatrix<f64>) {
    let n = diagonal.len();
    let matrix = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    });
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    order.truncate(count);
    let vectors = DMatrix::from_fn(n, order.len(), |i, k| eigen.eigenvectors[(i, order[k])]);
    (order.iter().map(|&k| eigen.eigenvalues[k]).collect(), vectors)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let half = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(last) if even => (last + *middle) / 2.0,
        _ => *middle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the decomposition of the whole matrix, some eigenvalues close to
    /// each other.
    #[test]
    fn leading_vectors_are_those_of_the_whole_matrix() {
        let mut random = Pcg64::seed_from_u64(3);
        for (size, rank) in [(60, 200), (60, 40), (90, 2), (5, 1)] {
            let z = DMatrix::from_fn(size, rank, |_, _| random.random_range(-1.0..1.0));
            let whole = &z * z.transpose();
            let found = leading(|v| &whole * v, size, 3.min(rank));
            let eigen = SymmetricEigen::new(whole.clone());
            let mut values: Vec<f64> = eigen.eigenvalues.iter().copied().collect();
            values.sort_by(|a, b| b.total_cmp(a));
            for (k, column) in found.column_iter().enumerate() {
                let off = (&whole * column - values[k] * column).norm();
                assert!(
                    off <= 1e-7 * values[0] && (column.norm() - 1.0).abs() < 1e-9,
                    "{size} {rank} {k}: {off}"
                );
            }
        }
    }
}
