//! Curves through measured points.

use crate::{CurveError, Point};

/// Straight lines between measured points, from (0, 0) to the last point.
///
/// Concavity is not assumed: a table may bend either way at any point.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    spends: Vec<f64>,
    outcomes: Vec<f64>,
}

impl Table {
    /// A table through `(spend, outcome)` points with strictly increasing
    /// spends and outcomes that never fall. (0, 0) is implied; a point given
    /// at spend 0 shifts all outcomes so that the response is incremental.
    pub fn new(points: &[(f64, f64)]) -> Result<Self, CurveError> {
        let mut spends = vec![0.0];
        let mut outcomes = vec![0.0];
        let mut base = 0.0;
        for (index, &(spend, outcome)) in points.iter().enumerate() {
            let wrong = |parameter, value| CurveError::Parameter {
                family: "table",
                parameter,
                value,
                allowed: "a finite number of at least 0",
            };
            if !(spend.is_finite() && spend >= 0.0) {
                return Err(wrong("spend", spend));
            }
            if !(outcome.is_finite() && outcome >= 0.0) {
                return Err(wrong("outcome", outcome));
            }
            if index == 0 && spend == 0.0 {
                base = outcome;
                continue;
            }
            if spend <= spends[spends.len() - 1] {
                return Err(CurveError::SpendOrder { index, spend });
            }
            if outcome - base < outcomes[outcomes.len() - 1] {
                return Err(CurveError::OutcomeFalls { index, outcome });
            }
            spends.push(spend);
            outcomes.push(outcome - base);
        }
        if spends.len() < 2 {
            return Err(CurveError::EmptyTable);
        }
        Ok(Table { spends, outcomes })
    }

    /// Spends of all points, (0, 0) included.
    pub fn spends(&self) -> &[f64] {
        &self.spends
    }

    /// The largest spend the table covers; beyond it the outcome is unknown
    /// and [`Table::point`] stays at the last outcome.
    pub fn last_spend(&self) -> f64 {
        self.spends[self.spends.len() - 1]
    }

    /// The outcome at the last point.
    pub fn last_outcome(&self) -> f64 {
        self.outcomes[self.outcomes.len() - 1]
    }

    /// Value and slope to the right of `x` (curvature 0); at the last point
    /// the slope of the last segment.
    pub fn point(&self, x: f64) -> Point {
        let last = self.spends.len() - 1;
        if x > self.spends[last] {
            return Point { value: self.outcomes[last], marginal: 0.0, curvature: 0.0 };
        }
        let right = self.spends.partition_point(|&s| s <= x).clamp(1, last);
        let (x0, x1) = (self.spends[right - 1], self.spends[right]);
        let (y0, y1) = (self.outcomes[right - 1], self.outcomes[right]);
        let marginal = (y1 - y0) / (x1 - x0);
        // Anchored at the nearer end, so that every given point is met exactly.
        let value = if x - x0 <= x1 - x { y0 + marginal * (x - x0) } else { y1 - marginal * (x1 - x) };
        Point { value, marginal, curvature: 0.0 }
    }

    /// The table with spends and outcomes multiplied.
    pub fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Table {
            spends: self.spends.iter().map(|x| x * spend).collect(),
            outcomes: self.outcomes.iter().map(|y| y * outcome).collect(),
        }
    }
}
