//! The small symmetric matrix of the interior-point method, in rows padded to
//! a multiple of the vector width.

use crate::options::Stop;

/// Numbers handled side by side.
pub(crate) const LANES: usize = 4;

/// A length rounded up to whole vectors.
pub(crate) fn padded(length: usize) -> usize {
    length.div_ceil(LANES) * LANES
}

/// A symmetric matrix of which the lower triangle is kept.
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    rows: usize,
    width: usize,
    entries: Vec<f64>,
}

impl Dense {
    pub(crate) fn new(rows: usize) -> Self {
        let width = padded(rows);
        Dense { rows, width, entries: vec![0.0; rows * width] }
    }

    /// Sets the entry of row `r` and column `s <= r`.
    #[inline]
    pub(crate) fn set(&mut self, r: usize, s: usize, value: f64) {
        self.entries[r * self.width + s] = value;
    }

    /// The entry of row `r` and column `s <= r`.
    #[inline]
    pub(crate) fn get(&self, r: usize, s: usize) -> f64 {
        self.entries[r * self.width + s]
    }

    pub(crate) fn diagonal(&self, r: usize) -> f64 {
        self.entries[r * self.width + r]
    }

    pub(crate) fn add_diagonal(&mut self, r: usize, value: f64) {
        self.entries[r * self.width + r] += value;
    }

    /// Cholesky factor in place. A pivot that vanishes against its diagonal
    /// entry (a redundant row) is made huge, which leaves that row's price
    /// where it is. False if an entry is not finite, or if it is stopped.
    pub(crate) fn factor(&mut self, stop: Stop) -> bool {
        let (m, w) = (self.rows, self.width);
        for i in 0..m {
            if i % ASKED == ASKED - 1 && stop.now() {
                return false;
            }
            let (above, rest) = self.entries.split_at_mut(i * w);
            let row = &mut rest[..m];
            let original = row[i];
            for k in 0..i {
                let other = &above[k * w..k * w + m];
                row[k] = (row[k] - dot(&row[..k], &other[..k])) / other[k];
            }
            let sum = original - dot(&row[..i], &row[..i]);
            if !sum.is_finite() {
                return false;
            }
            row[i] = if sum > 1e-15 * original { sum.sqrt() } else { 1e64 };
        }
        true
    }

    /// Solves with the factor, in place.
    pub(crate) fn solve(&self, x: &mut [f64]) {
        let (m, w) = (self.rows, self.width);
        for i in 0..m {
            let row = &self.entries[i * w..i * w + m];
            let mut sum = x[i];
            for k in 0..i {
                sum -= row[k] * x[k];
            }
            x[i] = sum / row[i];
        }
        for i in (0..m).rev() {
            x[i] /= self.entries[i * w + i];
            let value = x[i];
            let row = &self.entries[i * w..i * w + i];
            x.iter_mut().zip(row).for_each(|(x, entry)| *x -= entry * value);
        }
    }
}

/// Rows between questions whether to stop.
const ASKED: usize = 32;

/// Figures added up side by side.
const WIDE: usize = 8;

/// The product of two vectors of the same length, added up in lanes where it is
/// long.
#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    if a.len() < 4 * WIDE {
        return a.iter().zip(b).map(|(x, y)| x * y).sum();
    }
    let (mut lanes, whole) = ([0.0; WIDE], a.len() - a.len() % WIDE);
    for (x, y) in a[..whole].chunks_exact(WIDE).zip(b[..whole].chunks_exact(WIDE)) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    let rest: f64 = a[whole..].iter().zip(&b[whole..]).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Solves a square system, stored by rows, in place: elimination with row
/// exchanges. `None` if it is singular, or stopped.
pub(crate) fn eliminate(system: &mut [f64], right: &mut [f64], stop: Stop) -> Option<()> {
    let n = right.len();
    for k in 0..n {
        if k % ASKED == ASKED - 1 && stop.now() {
            return None;
        }
        let size = |r: usize| system[r * n + k].abs();
        let pivot = (k..n).max_by(|&a, &b| size(a).total_cmp(&size(b)))?;
        let largest = system[pivot * n + k];
        if largest == 0.0 {
            return None;
        }
        if pivot != k {
            (k..n).for_each(|c| system.swap(pivot * n + c, k * n + c));
            right.swap(pivot, k);
        }
        let (above, below) = system.split_at_mut((k + 1) * n);
        let row = &above[k * n + k..];
        for (r, other) in below.chunks_exact_mut(n).enumerate() {
            let factor = other[k] / largest;
            if factor != 0.0 {
                other[k..].iter_mut().zip(row).for_each(|(x, y)| *x -= factor * y);
                right[k + 1 + r] -= factor * right[k];
            }
        }
    }
    for k in (0..n).rev() {
        let row = &system[k * n..(k + 1) * n];
        let known: f64 = row[k + 1..].iter().zip(&right[k + 1..]).map(|(a, x)| a * x).sum();
        right[k] = (right[k] - known) / row[k];
    }
    right.iter().all(|x| x.is_finite()).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eliminated_systems_are_solved(
            entries in prop::collection::vec(-1.0..1.0f64, 36), right in prop::collection::vec(-1.0..1.0f64, 6),
        ) {
            // A zero on the diagonal, as members of a working set have.
            let mut system = entries;
            system[0] = 0.0;
            let (mut factor, mut x) = (system.clone(), right.clone());
            eliminate(&mut factor, &mut x, Stop::NEVER).unwrap();
            let size = x.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
            for (row, right) in system.chunks(6).zip(&right) {
                let sum: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
                prop_assert!((sum - right).abs() <= 1e-10 * size);
            }
        }
    }

    #[test]
    fn a_singular_system_has_no_solution() {
        assert_eq!(eliminate(&mut [1.0, 2.0, 2.0, 4.0], &mut [1.0, 1.0], Stop::NEVER), None);
    }
}
