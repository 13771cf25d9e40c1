//! The quantity that a metric is in the problem.

use outlay_allocator::Terms;

use crate::files::spec::{Metric, Over};
use crate::model::inputs::chosen;
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit};
use crate::plan::columns::{Chosen, Columns, Kind};

/// The quantity a limit limits: numerator, and denominator for a ratio.
///
/// `change` is `(sum x - sum current) / sum current` over the selection.
/// Baseline enters `cac` and `mer` only, and only where all lines are meant.
pub(crate) fn quantity(
    scenario: &Scenario,
    limit: &ScenarioLimit,
    group: &LimitGroup,
    columns: &mut Columns,
) -> (Terms, Option<Terms>) {
    let picked = Chosen::by(group);
    columns.with_past = limit.spec.over != Some(Over::Rest);
    let baseline = scenario.baseline;
    let outside = |figure: Option<f64>| if picked.is_all() { figure.unwrap_or(0.0) } else { 0.0 };
    let mut on_spend = |kind, picked, constant| Terms {
        spend: Some(columns.get(kind, picked)),
        constant,
        ..Terms::default()
    };
    let cost = on_spend(Kind::Cost, picked, 0.0);
    let full_cost = Terms { constant: outside(baseline.other_cost), ..cost.clone() };
    let mut earned = |kind: Kind, constant: f64| Terms {
        constant: constant + columns.carried_in(&kind, picked),
        response: Some(columns.get(kind, picked)),
        ..Terms::default()
    };
    match &limit.spec.metric {
        Metric::Spend | Metric::Mroas => (cost, None),
        Metric::Revenue => (earned(Kind::Revenue, 0.0), None),
        Metric::Customers => (earned(Kind::Customers, 0.0), None),
        Metric::LifetimeValue => (earned(Kind::LifetimeValue, 0.0), None),
        Metric::Profit => {
            let margin = earned(Kind::Margin, 0.0);
            (Terms { spend: Some(columns.get(Kind::NegativeCost, picked)), ..margin }, None)
        }
        Metric::Cac => (full_cost, Some(earned(Kind::Customers, outside(baseline.customers)))),
        Metric::Mer => (earned(Kind::Revenue, outside(baseline.revenue)), Some(full_cost)),
        Metric::Iroas => (earned(Kind::Revenue, 0.0), Some(cost)),
        Metric::LtvToCac => (earned(Kind::LifetimeValue, 0.0), Some(cost)),
        Metric::SpendShare => {
            let of = Chosen { lines: limit.of.as_ref(), ..picked };
            let whole = Terms { spend: Some(columns.get(Kind::Cost, of)), ..Terms::default() };
            (cost, Some(whole))
        }
        Metric::Change => {
            let share = match (&group.periods, &scenario.calendar) {
                (Some(periods), Some(calendar)) => periods.len() as f64 / calendar.periods.len() as f64,
                _ => 1.0,
            };
            let current: f64 = chosen(group, &scenario.lines).map(|l| l.before * share).sum();
            let spend = Some(columns.get(Kind::One, picked));
            let moved = Terms { spend, constant: -current, ..Terms::default() };
            (moved, Some(Terms::constant(current)))
        }
        Metric::ActiveLines if scenario.calendar.is_some() && picked.periods.is_none() => {
            (Terms { spend: Some(columns.used(picked)), ..Terms::default() }, None)
        }
        Metric::ActiveLines => {
            (Terms { active: Some(columns.get(Kind::One, picked)), ..Terms::default() }, None)
        }
        Metric::Units => (Terms { spend: Some(columns.get(Kind::Units, picked)), ..Terms::default() }, None),
        Metric::Attribute(name) => {
            let kind = Kind::Attribute(name.clone());
            (Terms { spend: Some(columns.get(kind, picked)), ..Terms::default() }, None)
        }
    }
}
