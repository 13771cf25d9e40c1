//! What a scenario may ask for when it is planned by period.

use std::sync::Arc;

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::{Metric, Minimize, ScenarioFile};
use crate::files::tree::Tree;
use crate::model::scenario::{LimitGroup, ScenarioLimit, ScenarioLine};
use crate::read::rules;

/// Refuses goals, limits and lines that have no meaning over several periods
/// yet, and spends that nothing holds.
pub(crate) fn check<'a>(
    header: &ScenarioFile,
    tree: &Tree,
    lines: &[Arc<ScenarioLine>],
    limits: &[Arc<ScenarioLimit>],
    limit_tree: &dyn Fn(usize) -> &'a Tree,
    faults: &mut Vec<Fault>,
) {
    let refused = |place: &Tree, key: &str, field: String, value: String| {
        let reason = "it is not planned by period".to_owned();
        let with = "plan = \"by_period\"".to_owned();
        let span = place.get(key).map_or(place.span, |t| t.span);
        Fault { span, field, issue: Issue::NotAllowed { field: value, with, reason } }
    };
    if rules::goals(header.goal.as_ref()).iter().any(|g| g.minimize == Some(Minimize::Moved)) {
        faults.push(refused(tree, "goal", "goal".to_owned(), "moved".to_owned()));
    }
    if rules::goals(header.goal.as_ref()).iter().any(|g| g.move_cost.is_some()) {
        faults.push(refused(tree, "goal", "goal.move_cost".to_owned(), "move_cost".to_owned()));
    }
    for (k, limit) in limits.iter().enumerate() {
        if limit.spec.over.is_some() {
            let field = format!("limits.{}.over", limit.name);
            faults.push(refused(limit_tree(k), "over", field, "over".to_owned()));
        }
        if limit.spec.metric == Metric::Mroas {
            let field = format!("limits.{}.metric", limit.name);
            faults.push(refused(limit_tree(k), "metric", field, limit.spec.metric.to_string()));
        }
        let several = |g: &LimitGroup| g.periods.as_ref().is_some_and(|p| p.len() > 1);
        if limit.spec.metric == Metric::ActiveLines && limit.groups.iter().any(several) {
            let tree = limit_tree(k);
            let reason = "lines are counted over the whole horizon or in single periods (`by = \"period\"`)";
            let issue = Issue::NotAllowed {
                field: "active_lines".to_owned(),
                with: "several periods".to_owned(),
                reason: reason.to_owned(),
            };
            let span = tree.get("metric").map_or(tree.span, |t| t.span);
            faults.push(Fault { span, field: format!("limits.{}.metric", limit.name), issue });
        }
    }
    let capped = header.budget.as_ref().is_some_and(|b| b.max.or(b.exact).is_some());
    for line in lines {
        let held = line.max.is_some()
            || line.curve.last_spend().is_finite()
            || line.flight.as_ref().is_some_and(|f| f.max.iter().all(|m| m.is_finite()));
        if !capped && !held {
            let field = format!("lines.{}.spend.max", line.name);
            let reason = Some("a plan by period without a budget.max".to_owned());
            faults.push(Fault { span: tree.span, field, issue: Issue::missing("spend.max", reason) });
        }
    }
}
