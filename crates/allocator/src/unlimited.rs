//! Goals that no rule keeps from growing.

use crate::region::Region;
use crate::{Goal, Limit, Line, Problem};

/// Where a curve has long become what it is without end, in units of the spend
/// at which it bends.
const FAR: f64 = 1e9;
/// Relative size of a sum of terms that cancel.
const CANCELLED: f64 = 1e-12;

impl Problem {
    /// A line on which every further unit of spend is worth something and that
    /// no limit holds: such a problem has no best plan, however good the search,
    /// if it has any. Judged by what limits say of this line alone, so that
    /// nothing is called unlimited that has a best plan; of flights nothing is
    /// said.
    pub fn unlimited(&self) -> Option<usize> {
        let Goal::Maximize(goal) = &self.goal else { return None };
        if self.is_linked() || self.is_pooled() {
            return None;
        }
        let high = Region::whole(self).high;
        let rewarded = |i: usize| {
            let c = goal.of(i);
            let line = &self.lines[i];
            let further = c.spend + c.moved + c.response * line.endless_slope();
            let earns = c.response > 0.0 && line.curve.ceiling() > 0.0;
            earns && (further > 0.0 || c.spend + c.moved >= 0.0)
        };
        let held = |i: usize| self.limits.iter().any(|limit| limit.holds(i, self.lines[i].endless_slope()));
        (0..self.lines.len()).find(|&i| high[i] == f64::INFINITY && rewarded(i) && !held(i))
    }
}

impl Line {
    /// The slope that the curve keeps without end: of a straight line its own,
    /// of one that bends for ever 0.
    fn endless_slope(&self) -> f64 {
        let far = FAR * self.typical_spend();
        let [near, beyond] = [far, 2.0 * far].map(|x| self.curve.marginal(x));
        if near == beyond { near } else { 0.0 }
    }
}

impl Limit {
    /// True if spending more and more on a line, which then returns `slope` a
    /// unit, brings a side of the limit nearer without end; where the curve
    /// bends for ever, if anything about the line brings it nearer.
    fn holds(&self, i: usize, slope: f64) -> bool {
        let side = |number: Option<f64>, sign: f64| {
            number.is_some_and(|number| {
                let mut c = self.numerator.of(i);
                if let Some(denominator) = &self.denominator {
                    c = c.plus(-number, denominator.of(i));
                }
                if slope == 0.0 {
                    return [c.spend, c.response, c.moved].iter().any(|c| sign * c > 0.0);
                }
                let terms = [c.spend, c.moved, c.response * slope];
                let size: f64 = terms.iter().map(|t| t.abs()).sum();
                sign * terms.iter().sum::<f64>() > CANCELLED * size
            })
        };
        side(self.max, 1.0) || side(self.min, -1.0)
    }
}
