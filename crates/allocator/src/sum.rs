/// A sum with compensated rounding (Neumaier 1974), so that a million small
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
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        if total.is_finite() {
            self.lost += if self.total.abs() >= term.abs() {
                (self.total - total) + term
            } else {
                (term - total) + self.total
            };
        }
        self.total = total;
        self.count += 1.0;
        self.absolute += term.abs();
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        self.total + self.lost
    }

    /// A value that the exact sum does not exceed.
    pub(crate) fn upper(&self) -> f64 {
        let second_order = self.count * f64::EPSILON * f64::EPSILON * self.absolute;
        let value = self.value();
        if value.is_finite() { value + f64::EPSILON * value.abs() + 4.0 * second_order } else { value }
    }
}
