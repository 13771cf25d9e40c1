//! What one line earns.

use crate::model::scenario::ScenarioLine;

/// What one line earns; `None` where an input is missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Earned {
    pub(crate) cost: f64,
    pub(crate) revenue: Option<f64>,
    pub(crate) customers: Option<f64>,
    pub(crate) lifetime_value: Option<f64>,
    pub(crate) profit: Option<f64>,
    pub(crate) long_term_revenue: Option<f64>,
}

/// A figure, or nothing where it is undefined or infinite.
pub(crate) fn finite(figure: f64) -> Option<f64> {
    // Adding 0 turns -0 into 0.
    figure.is_finite().then_some(figure + 0.0)
}

impl Earned {
    /// From an outcome, in units of the line's curve, and the spend behind it.
    pub(crate) fn new(line: &ScenarioLine, outcome: f64, spend: f64) -> Self {
        let cost = spend * (1.0 + line.fee);
        let revenue = line.revenue_per_outcome.map(|r| r * outcome);
        let buyers = line.customers_per_outcome.map(|c| c * outcome);
        let share = line.new_customer_share;
        Earned {
            cost,
            revenue,
            customers: if share == 0.0 { Some(0.0) } else { buyers.map(|q| share * q) },
            lifetime_value: buyers.zip(line.lifetime_value).map(|(q, value)| q * value),
            profit: revenue.zip(line.margin).map(|(r, margin)| margin * r - cost),
            long_term_revenue: revenue.map(|r| r * line.long_term.as_ref().map_or(1.0, |l| l.0)),
        }
    }
}
