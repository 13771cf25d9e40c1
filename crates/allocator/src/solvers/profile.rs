//! A symmetric matrix of which every row is stored from its first entry to
//! the diagonal, and its Cholesky factor, which needs no more room.

/// Lower triangle by rows; see the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    first: Vec<usize>,
    start: Vec<usize>,
    entries: Vec<f64>,
}

/// A pivot that vanishes against its diagonal entry belongs to a redundant
/// row: it is made huge, which leaves that row's price where it is.
const REDUNDANT: f64 = 1e64;

impl Profile {
    /// A matrix of zeros whose row `r` has entries from column `first[r]` on.
    pub(crate) fn new(first: Vec<usize>) -> Self {
        let mut start = Vec::with_capacity(first.len() + 1);
        let mut length = 0;
        for (row, first) in first.iter().enumerate() {
            start.push(length);
            length += row + 1 - first;
        }
        start.push(length);
        Profile { first, start, entries: vec![0.0; length] }
    }

    pub(crate) fn rows(&self) -> usize {
        self.first.len()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.fill(0.0);
    }

    /// Adds to the entry of two rows, in either order.
    #[inline]
    pub(crate) fn add(&mut self, a: usize, b: usize, value: f64) {
        let (row, column) = if a >= b { (a, b) } else { (b, a) };
        self.entries[self.start[row] + column - self.first[row]] += value;
    }

    /// Adds `weight v v'` to the leading rows of a full matrix.
    pub(crate) fn add_outer(&mut self, v: &[f64], weight: f64) {
        for (row, &value) in v.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            let own = &mut self.entries[self.start[row]..self.start[row + 1]];
            let factor = weight * value;
            own.iter_mut().zip(v).for_each(|(entry, v)| *entry += factor * v);
        }
    }

    pub(crate) fn diagonal(&self, row: usize) -> f64 {
        self.entries[self.start[row + 1] - 1]
    }

    /// Cholesky factor in place. False if an entry is not finite.
    pub(crate) fn factor(&mut self) -> bool {
        for row in 0..self.rows() {
            let (above, rest) = self.entries.split_at_mut(self.start[row]);
            let first = self.first[row];
            let own = &mut rest[..row + 1 - first];
            let mut squares = 0.0;
            for column in first..row {
                let from = first.max(self.first[column]);
                let at = self.start[column];
                let other = &above[at + from - self.first[column]..at + column + 1 - self.first[column]];
                let (done, here) = own.split_at_mut(column - first);
                let length = column - from;
                let sum = here[0] - dot(&done[from - first..], &other[..length]);
                here[0] = sum / other[length];
                squares += here[0] * here[0];
            }
            let pivot = &mut own[row - first];
            let left = *pivot - squares;
            if !left.is_finite() {
                return false;
            }
            *pivot = if left > 1e-15 * *pivot { left.sqrt() } else { REDUNDANT };
        }
        true
    }

    fn row(&self, row: usize) -> (&[f64], f64) {
        let own = &self.entries[self.start[row]..self.start[row + 1]];
        match own.split_last() {
            Some((diagonal, before)) => (before, *diagonal),
            None => (own, 1.0),
        }
    }

    /// Solves `L z = x` in place; entries before `from` are known to be 0.
    pub(crate) fn forward(&self, x: &mut [f64], from: usize) {
        for row in from..self.rows() {
            let (entries, diagonal) = self.row(row);
            let begin = self.first[row].max(from);
            let (done, here) = x.split_at_mut(row);
            here[0] = (here[0] - dot(&entries[begin - self.first[row]..], &done[begin..])) / diagonal;
        }
    }

    /// Solves `L' z = x` in place.
    pub(crate) fn backward(&self, x: &mut [f64]) {
        for row in (0..self.rows()).rev() {
            let (entries, diagonal) = self.row(row);
            let (done, here) = x.split_at_mut(row);
            here[0] /= diagonal;
            let value = here[0];
            done[self.first[row]..].iter_mut().zip(entries).for_each(|(x, entry)| *x -= entry * value);
        }
    }
}

/// Sum of products in a fixed order, several side by side.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 4;
    let mut sums = [0.0; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (x, y) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
