//! Sums with compensated rounding.

/// A sum with compensated rounding (Ogita, Rump and Oishi 2005), so that a million small
/// terms neither drift nor depend on how large the first ones are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
    count: f64,
    absolute: f64,
}

impl Sum {
    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        // Knuth's two-sum: what the addition loses, without asking which is larger.
        let total = self.total + term;
        let added = total - self.total;
        self.lost += (self.total - (total - added)) + (term - added);
        self.total = total;
        self.count += 1.0;
        self.absolute += term.abs();
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        // Once infinite, the total says it all, and nothing lost is a number.
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }

    /// A value that the exact sum does not exceed.
    pub(crate) fn upper(&self) -> f64 {
        let second_order = self.count * f64::EPSILON * f64::EPSILON * self.absolute;
        let value = self.value();
        if value.is_finite() { value + f64::EPSILON * value.abs() + 4.0 * second_order } else { value }
    }
}
