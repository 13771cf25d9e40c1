//! Goals that no rule keeps from growing.

use crate::region::Region;
use crate::{Goal, Limit, Problem};

impl Problem {
    /// A line on which every further unit of spend is worth something and that
    /// no limit holds: such a problem has no best plan, however good the search.
    /// Judged by what limits say of this line alone, so that nothing is called
    /// unlimited that has a best plan; of flights nothing is said.
    pub fn unlimited(&self) -> Option<usize> {
        let Goal::Maximize(goal) = &self.goal else { return None };
        if self.is_linked() {
            return None;
        }
        let high = Region::whole(self).high;
        let rewarded = |i: usize| {
            let c = goal.of(i);
            let curve = &self.lines[i].curve;
            c.response > 0.0 && c.spend >= 0.0 && c.moved >= 0.0 && curve.ceiling() > 0.0
        };
        (0..self.lines.len()).find(|&i| {
            high[i] == f64::INFINITY && rewarded(i) && !self.limits.iter().any(|limit| limit.holds(i))
        })
    }
}

impl Limit {
    /// True if spending more on a line brings a side of the limit nearer.
    fn holds(&self, i: usize) -> bool {
        let side = |number: Option<f64>, sign: f64| {
            number.is_some_and(|number| {
                let mut c = self.numerator.of(i);
                if let Some(denominator) = &self.denominator {
                    c = c.plus(-number, denominator.of(i));
                }
                [c.spend, c.response, c.moved].iter().any(|c| sign * c > 0.0)
            })
        };
        side(self.max, 1.0) || side(self.min, -1.0)
    }
}
