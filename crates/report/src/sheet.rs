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
    /// What each limit of the view is over, in its order; empty without a plan.
    pub limits: Vec<LimitFacts>,
    /// New customers without the lines.
    pub baseline_customers: f64,
    /// Revenue without the lines.
    pub baseline_revenue: f64,
    /// Marketing cost outside the lines.
    pub other_cost: f64,
}

/// What a limit is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitFacts {
    /// Positions of its lines; `None` for all.
    pub lines: Option<Vec<usize>>,
    /// For a share: positions of the lines that are the whole; `None` for all.
    pub of: Option<Vec<usize>>,
    /// It is over a part of the horizon, which sums over lines do not tell.
    pub partial: bool,
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
    /// Margin on revenue.
    pub margin: Option<f64>,
}

impl Sheet {
    /// A view with the curves and inputs of its scenario.
    pub fn new(view: View, scenario: &Scenario) -> Self {
        let lines = if view.has_plan() { &scenario.lines[..] } else { &[] };
        let facts = Facts {
            limits: if view.has_plan() { limit_facts(&view, scenario) } else { Vec::new() },
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

fn limit_facts(view: &View, scenario: &Scenario) -> Vec<LimitFacts> {
    let of = |name: &str| {
        let groups = scenario.limits.iter().flat_map(|l| l.groups.iter().map(move |g| (l, g)));
        let (limit, group) = groups.into_iter().find(|(_, g)| g.name == name)?;
        Some(LimitFacts {
            lines: group.lines.as_ref().map(|l| l.to_vec()),
            of: limit.of.as_ref().map(|l| l.to_vec()),
            partial: group.periods.is_some() || limit.spec.over.is_some(),
        })
    };
    view.limits.iter().map(|limit| of(&limit.name).unwrap_or_default()).collect()
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
        margin: line.margin,
    }
}
