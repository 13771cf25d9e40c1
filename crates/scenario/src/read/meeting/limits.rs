//! Limits beside lines that meet: what one of them earns by itself cannot be
//! limited.

use std::sync::Arc;

use super::Lines;
use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::Metric;
use crate::files::tree::Tree;
use crate::model::meeting::Meeting;
use crate::model::scenario::ScenarioLimit;

/// Refuses limits that ask what some lines of a web earn by themselves.
pub(crate) fn limits<'a>(
    meeting: &Meeting,
    lines: &Lines,
    limits: &[Arc<ScenarioLimit>],
    limit_tree: &dyn Fn(usize) -> &'a Tree,
    faults: &mut Vec<Fault>,
) {
    for (k, limit) in limits.iter().enumerate() {
        let earned = match limit.spec.metric {
            Metric::Revenue
            | Metric::Customers
            | Metric::LifetimeValue
            | Metric::Profit
            | Metric::Cac
            | Metric::Mer
            | Metric::Iroas
            | Metric::LtvToCac
            | Metric::Mroas => true,
            Metric::Spend
            | Metric::SpendShare
            | Metric::Change
            | Metric::ActiveLines
            | Metric::Units
            | Metric::Attribute(_) => false,
        };
        let split = limit.groups.iter().filter(|_| earned).find_map(|group| {
            let has = |i: &usize| group.lines.as_ref().is_none_or(|l| l.contains(i));
            let web = meeting.webs.iter().find(|web| {
                let inside = web.lines.iter().filter(|i| has(i)).count();
                inside > 0 && (inside < web.lines.len() || limit.spec.metric == Metric::Mroas)
            })?;
            let out = web.lines.iter().find(|i| !has(i)).or(web.lines.first())?;
            let own = web.lines.iter().find(|i| has(i))?;
            Some((lines.get(*own)?.name.clone(), lines.get(*out)?.name.clone()))
        });
        let Some((own, out)) = split else { continue };
        let place = limit_tree(k);
        let span = place.get("metric").map_or(place.span, |t| t.span);
        let reason = if limit.spec.metric == Metric::Mroas {
            format!("what the last unit of {own} earns depends on the lines it meets; limit `spend` instead")
        } else {
            format!(
                "what {own} earns depends on {out}, which the limit leaves out; take all lines that meet \
                 into its `where`, or none, or limit `spend`"
            )
        };
        let field = format!("limits.{}.metric", limit.name);
        let with = "lines that meet".to_owned();
        faults.push(Fault {
            span,
            field,
            issue: Issue::NotAllowed { field: limit.spec.metric.to_string(), with, reason },
        });
    }
}
