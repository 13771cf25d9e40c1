//! What a metric needs of the lines it is meant for.

use std::sync::Arc;

use crate::files::spec::Metric;
use crate::model::scenario::{LimitGroup, ScenarioLimit, ScenarioLine};

type Lines = [Arc<ScenarioLine>];

/// The lines of a group.
pub(crate) fn chosen<'a>(group: &'a LimitGroup, lines: &'a Lines) -> impl Iterator<Item = &'a ScenarioLine> {
    let count = group.lines.as_ref().map_or(lines.len(), |l| l.len());
    let at = move |k: usize| group.lines.as_ref().map_or(Some(k), |l| l.get(k).copied());
    (0..count).filter_map(at).filter_map(|i| lines.get(i)).map(Arc::as_ref)
}

/// The first line of a limit that lacks what its metric needs, and the field.
pub(crate) fn missing_input(limit: &ScenarioLimit, lines: &Lines) -> Option<(usize, String)> {
    let group = |g: &LimitGroup| -> Option<(usize, String)> {
        let mut all = 0..lines.len();
        let lacks = |i: usize| lacks(&limit.spec.metric, &lines[i]).map(|field| (i, field));
        match &g.lines {
            Some(chosen) => chosen.iter().copied().find_map(lacks),
            None => all.find_map(lacks),
        }
    };
    limit.groups.iter().find_map(group)
}

/// The field a metric needs and a line lacks.
pub(crate) fn lacks(metric: &Metric, line: &ScenarioLine) -> Option<String> {
    let revenue = || line.revenue_per_outcome.is_none().then_some("revenue_per_customer");
    let per_customer = || line.customers_per_outcome.is_none().then_some("revenue_per_customer");
    let lifetime = || line.lifetime_value.is_none().then_some("lifetime_value");
    let field = match metric {
        Metric::Spend | Metric::SpendShare | Metric::Change | Metric::ActiveLines => None,
        Metric::Revenue | Metric::Mer | Metric::Iroas | Metric::Mroas => revenue(),
        Metric::Customers | Metric::Cac => per_customer().filter(|_| line.new_customer_share != 0.0),
        Metric::LifetimeValue | Metric::LtvToCac => lifetime().or_else(per_customer),
        Metric::Profit => line.margin.is_none().then_some("margin").or_else(revenue),
        Metric::Units => line.media.is_none().then_some("rate"),
        Metric::Attribute(name) if !line.attributes.contains_key(name) => {
            return Some(format!("attributes.{name}"));
        }
        Metric::Attribute(_) => None,
    };
    field.map(str::to_owned)
}
