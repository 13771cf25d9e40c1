use outlay_curves::Curve;
use outlay_scenario::spec::Outcome;
use outlay_scenario::{Draws, Scenario, ScenarioLine};

use crate::number::Kind;
use crate::view::{LineRow, View};

/// A scenario with what pictures and workbooks need besides its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its figures.
    pub view: View,
    /// What turns spends into figures.
    pub facts: Facts,
}

/// The inputs behind a scenario's totals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// One entry per line; empty without a plan.
    pub lines: Vec<LineFacts>,
    /// New customers without the lines.
    pub baseline_customers: f64,
    /// Revenue without the lines.
    pub baseline_revenue: f64,
    /// Marketing cost outside the lines.
    pub other_cost: f64,
}

/// What turns a line's spend into figures.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFacts {
    /// Outcome by spend.
    pub curve: Curve,
    /// How outcomes are written.
    pub outcome: Kind,
    /// Least and largest spend the curve was observed at.
    pub observed: Option<(f64, f64)>,
    /// Where else the curve may lie.
    pub draws: Draws,
    /// Fee on top of spend, a fraction.
    pub fee: f64,
    /// Revenue per unit of the curve.
    pub revenue_per_outcome: Option<f64>,
    /// New customers per unit of the curve.
    pub customers_per_outcome: Option<f64>,
}

impl Sheet {
    /// A view with the curves and inputs of its scenario.
    pub fn new(view: View, scenario: &Scenario) -> Self {
        let lines = if view.has_plan() { &scenario.lines[..] } else { &[] };
        let facts = Facts {
            lines: lines.iter().map(|line| line_facts(line)).collect(),
            baseline_customers: scenario.baseline.customers.unwrap_or(0.0),
            baseline_revenue: scenario.baseline.revenue.unwrap_or(0.0),
            other_cost: scenario.baseline.other_cost.unwrap_or(0.0),
        };
        Sheet { view, facts }
    }

    /// Lines with what is known of them, in order.
    pub fn lines(&self) -> impl Iterator<Item = (&LineRow, &LineFacts)> {
        self.view.lines.iter().zip(&self.facts.lines)
    }
}

fn line_facts(line: &ScenarioLine) -> LineFacts {
    LineFacts {
        curve: line.curve.clone(),
        outcome: if line.outcome == Outcome::Customers { Kind::Count } else { Kind::Money },
        observed: line.observed_max.map(|max| (line.observed_min.unwrap_or(0.0), max)),
        draws: line.draws.clone(),
        fee: line.fee,
        revenue_per_outcome: line.revenue_per_outcome,
        customers_per_outcome: line.customers_per_outcome.map(|c| c * line.new_customer_share),
    }
}
