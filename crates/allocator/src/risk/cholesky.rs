//! A full symmetric matrix and its Cholesky factor, and the sum of outer
//! products that it is made of.

/// A symmetric matrix, lower triangle, row by row.
#[derive(Debug, Clone)]
pub(super) struct Symmetric {
    size: usize,
    entries: Vec<f64>,
}

impl Symmetric {
    pub(super) fn new(size: usize) -> Self {
        Symmetric { size, entries: vec![0.0; size * size] }
    }

    pub(super) fn clear(&mut self) {
        self.entries.fill(0.0);
    }

    pub(super) fn add(&mut self, r: usize, s: usize, value: f64) {
        let (r, s) = (r.max(s), r.min(s));
        self.entries[r * self.size + s] += value;
    }

    /// Adds `factor v v'`.
    pub(super) fn outer(&mut self, factor: f64, v: &[f64]) {
        for (r, a) in v.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            let row = &mut self.entries[r * self.size..=r * self.size + r];
            row.iter_mut().zip(v).for_each(|(entry, b)| *entry += factor * a * b);
        }
    }

    /// Makes a variable keep its value.
    pub(super) fn hold(&mut self, r: usize) {
        for s in 0..self.size {
            let (a, b) = (r.max(s), r.min(s));
            self.entries[a * self.size + b] = if s == r { 1.0 } else { 0.0 };
        }
    }

    /// Factor in place; a pivot that vanishes is raised. False if an entry is
    /// not finite.
    pub(super) fn factor(&mut self) -> bool {
        let n = self.size;
        for i in 0..n {
            let (above, rest) = self.entries.split_at_mut(i * n);
            let row = &mut rest[..n];
            let original = row[i];
            for k in 0..i {
                let other = &above[k * n..=k * n + k];
                row[k] = (row[k] - dot(&row[..k], &other[..k])) / other[k];
            }
            let pivot = original - dot(&row[..i], &row[..i]);
            if !pivot.is_finite() {
                return false;
            }
            row[i] = pivot.max(1e-14 * original.abs()).max(f64::MIN_POSITIVE).sqrt();
        }
        true
    }

    /// Solves with the factor, in place.
    pub(super) fn solve(&self, x: &mut [f64]) {
        let n = self.size;
        for i in 0..n {
            let row = &self.entries[i * n..=i * n + i];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..n).rev() {
            let row = &self.entries[i * n..=i * n + i];
            x[i] /= row[i];
            let last = x[i];
            x[..i].iter_mut().zip(row).for_each(|(x, l)| *x -= l * last);
        }
    }
}

/// A scalar product, eight terms side by side.
#[inline]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}
