//! What pictures and workbooks need besides a result's figures.

use std::sync::Arc;

use outlay_curves::Curve;
use outlay_scenario::result::Repair;
use outlay_scenario::spec::Outcome;
use outlay_scenario::{Draws, MemberField, MemberKind, Scenario, ScenarioLine};

use crate::clash::Clash;
use crate::number::Kind;
use crate::view::{LineRow, View};

/// A scenario with what pictures and workbooks need besides its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its figures.
    pub view: View,
    /// What turns spends into figures.
    pub facts: Facts,
    /// Why there is no plan, in numbers; empty where that is not known.
    pub clashes: Vec<Clash>,
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
    pub draws: Arc<Draws>,
    /// Fee on top of spend, a fraction.
    pub fee: f64,
    /// Revenue per unit of the curve.
    pub revenue_per_outcome: Option<f64>,
    /// New customers per unit of the curve.
    pub customers_per_outcome: Option<f64>,
    /// Margin on revenue.
    pub margin: Option<f64>,
    /// True where the curve is what the line adds to the plan beside the lines
    /// it meets, as planned: it does not say what counts to the line.
    pub meets: bool,
}

impl Sheet {
    /// A view with the curves and inputs of its scenario.
    pub fn new(view: View, scenario: &Scenario) -> Self {
        let lines = if view.has_plan() { &scenario.lines[..] } else { &[] };
        let facts = Facts {
            limits: if view.has_plan() { limit_facts(&view, scenario) } else { Vec::new() },
            lines: (0..lines.len()).map(|i| line_facts(scenario, &view, i)).collect(),
            baseline_customers: scenario.baseline.customers.unwrap_or(0.0),
            baseline_revenue: scenario.baseline.revenue.unwrap_or(0.0),
            other_cost: scenario.baseline.other_cost.unwrap_or(0.0),
        };
        Sheet { view, facts, clashes: Vec::new() }
    }

    /// The same with the numbers that say why there is no plan.
    #[must_use]
    pub fn explained(self, clashes: Vec<Clash>) -> Self {
        Sheet { clashes, ..self }
    }

    /// The same held against the numbers before some changes: limits and bounds
    /// of lines as they were, broken where the plan does not keep them.
    #[must_use]
    pub fn before(mut self, changes: &[Repair]) -> Self {
        for change in changes {
            let side = |low: &mut Option<f64>, high: &mut Option<f64>| match change.field {
                MemberField::Min => *low = change.from,
                MemberField::Max => *high = change.from,
                MemberField::Exact => (*low, *high) = (change.from, change.from),
                _ => {}
            };
            let budget = change.kind == MemberKind::Budget;
            let limits = self.view.limits.iter_mut();
            for limit in limits.filter(|l| {
                if budget { l.name.eq_ignore_ascii_case("budget") } else { l.name == change.name }
            }) {
                side(&mut limit.min, &mut limit.max);
            }
            if change.kind == MemberKind::Line {
                for line in self.view.lines.iter_mut().filter(|l| l.name == change.name) {
                    let mut least = Some(line.min);
                    side(&mut least, &mut line.max);
                    line.min = least.unwrap_or(0.0);
                }
            }
        }
        for limit in &mut self.view.limits {
            // Prices are those of the changed numbers.
            (limit.price, limit.binding) = (None, None);
            let Some(value) = limit.value else { continue };
            let room = [limit.max.map(|m| m - value), limit.min.map(|m| value - m)];
            let slack = room.into_iter().flatten().reduce(f64::min);
            let size = [limit.min, limit.max].into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
            // What binds is reached to round-off, not broken by it.
            limit.slack = slack.map(|s| if s.abs() <= 1e-9 * size { 0.0 } else { s });
        }
        self
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

fn line_facts(scenario: &Scenario, view: &View, i: usize) -> LineFacts {
    let line: &ScenarioLine = &scenario.lines[i];
    let added = added(scenario, view, i);
    LineFacts {
        meets: added.is_some(),
        outcome: if line.outcome == Outcome::Customers { Kind::Count } else { Kind::Money },
        observed: line.observed_max.map(|max| (line.observed_min.unwrap_or(0.0), max)),
        draws: if added.is_some() { Arc::default() } else { Arc::clone(&line.draws) },
        fee: line.fee,
        revenue_per_outcome: line.revenue_per_outcome,
        customers_per_outcome: line.customers_per_outcome.map(|c| c * line.new_customer_share),
        margin: line.margin,
        curve: added.unwrap_or_else(|| line.curve.clone()),
    }
}

/// What a line adds by spend beside the lines it meets, as planned: points of
/// it. `None` for a line that meets none.
fn added(scenario: &Scenario, view: &View, i: usize) -> Option<Curve> {
    const POINTS: u32 = 80;
    let web = scenario.meeting.web_of(i)?;
    let of = |line: &ScenarioLine, x: f64| line.curve.value(x);
    let planned = scenario.lines.iter().zip(&view.lines);
    let mut own: Vec<f64> = planned.map(|(line, row)| of(line, row.spend)).collect();
    let line = &scenario.lines[i];
    let row = view.lines.get(i)?;
    let most =
        row.max.unwrap_or(0.0).min(4.0 * row.spend.max(row.current)).max(2.0 * row.spend.max(row.current));
    let reach = if most > 0.0 { most } else { line.curve.typical_spend() }.min(line.curve.last_spend());
    let mut marks: Vec<f64> =
        (1..=POINTS).map(|k| reach * (f64::from(k) / f64::from(POINTS)).powf(1.5)).collect();
    marks.extend([row.spend, row.current].into_iter().filter(|x| *x > 0.0 && *x < reach));
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    let points: Vec<(f64, f64)> = marks
        .into_iter()
        .map(|x| {
            own[i] = of(line, x);
            (x, scenario.meeting.taken_away(web, &own, i).max(0.0))
        })
        .collect();
    // Rounding may make a figure fall that rises.
    let mut most = 0.0_f64;
    let rising = points.into_iter().map(|(x, y)| {
        most = most.max(y);
        (x, most)
    });
    Curve::table(&rising.collect::<Vec<_>>()).ok()
}
