//! Goals and limits that look at the draws one by one: what they need and what
//! they cannot stand beside.

use std::sync::Arc;

use outlay_allocator::{Deal, Fact};

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::{GoalSpec, Maximize, Metric, ScenarioFile};
use crate::files::tree::Tree;
use crate::model::flight::Flight;
use crate::model::scenario::{ScenarioLimit, ScenarioLine};
use crate::read::rules;

/// Metrics that are more, the more lines return.
const RETURNS: [Metric; 7] = [
    Metric::Revenue,
    Metric::Customers,
    Metric::LifetimeValue,
    Metric::Profit,
    Metric::Mer,
    Metric::Iroas,
    Metric::LtvToCac,
];

/// Checks goals with `worst`, `shortfall` or `regret` and limits with a
/// `probability`.
pub(crate) fn check<'a>(
    header: &ScenarioFile,
    tree: &Tree,
    lines: &[Arc<ScenarioLine>],
    limits: &[Arc<ScenarioLimit>],
    limit_tree: &dyn Fn(usize) -> &'a Tree,
    (by_period, faults): (bool, &mut Vec<Fault>),
) {
    let goals = rules::goals(header.goal.as_ref());
    let mut check = Check { tree, faults };
    goals.iter().for_each(|goal| check.goal(goal, goals.len(), limits));
    let mut asking = goals.iter().find_map(asks);
    for (k, limit) in limits.iter().enumerate() {
        if limit.spec.probability.is_some() {
            let mut check = Check { tree: limit_tree(k), faults: check.faults };
            check.limit(limit);
            asking = asking.or(Some("probability"));
        }
    }
    let Some(asking) = asking.filter(|_| check.faults.is_empty()) else { return };
    let first = limits.iter().position(|l| l.spec.probability.is_some());
    let (place, field) = match (goals.iter().any(GoalSpec::is_risk), first) {
        (false, Some(k)) => (limit_tree(k), format!("limits.{}.probability", limits[k].name)),
        _ => (tree.get("goal").unwrap_or(tree), format!("goal.{asking}")),
    };
    let mut refuse = |with: &str, reason: &str| {
        let (what, with, reason) = (asking.to_owned(), with.to_owned(), reason.to_owned());
        let issue = Issue::NotAllowed { field: what, with, reason };
        check.faults.push(Fault { span: place.span, field: field.clone(), issue });
    };
    if by_period {
        let flights = || lines.iter().filter_map(|l| l.flight.as_deref());
        if flights().any(|f| f.bursts.is_some() || f.on_at_least.is_some_and(|n| n > 1)) {
            refuse(
                "bursts",
                "when a line is on is not weighed over draws; fix it with `flight.blackout` and `flight.min`, or plan \
                 in total",
            );
        }
        if lines
            .iter()
            .any(|l| l.facts.iter().any(|f| matches!(f, Fact::Deal(Deal::AtLeast(_) | Deal::Flat(_)))))
        {
            refuse("a deal", "by period a deal is a choice, which is not weighed over draws; plan in total");
        }
        if flights().any(Flight::is_measured) {
            refuse("a plan under way", "what was measured is no draw; plan the rest for the mean");
        }
    }
    let chosen = lines.iter().any(|l| !l.requires.is_empty() || !l.excludes.is_empty());
    let chosen = chosen || limits.iter().any(|l| l.spec.metric == Metric::ActiveLines);
    if chosen && (by_period || first.is_some()) {
        refuse(
            "rules on which lines are on",
            "by period, and beside a limit with a `probability`, `requires`, `excludes` and `active_lines` are not \
             weighed over draws; fix which lines are on with `spend.min` and `spend.max`",
        );
    }
    if !header.audiences.is_empty() || !header.demand.is_empty() {
        refuse(
            "lines that meet",
            "draws of audiences and pools are not weighed one by one; leave `audiences` and `demand` out, or plan \
             for the mean",
        );
    }
    if lines.iter().all(|l| l.draws.is_empty()) {
        refuse(
            "curves without draws",
            "nothing is uncertain here; give a library with draws, as `outlay fit` writes it, or state `uncertainty` \
             of a line",
        );
    }
    if goals.iter().any(|g| g.move_cost.is_some()) {
        refuse("move_cost", "a cost of moving is not weighed over draws; leave one of them out");
    }
    if lines.iter().any(|l| l.margin.is_some_and(|m| m < 0.0))
        && goals.iter().any(|g| g.maximize == Some(Maximize::Profit))
    {
        refuse("a margin below 0", "profit that falls with revenue is not weighed over draws");
    }
    for limit in limits.iter().filter(|l| l.spec.max.is_some()) {
        if RETURNS.contains(&limit.spec.metric) {
            refuse(
                &format!("limits.{}.max", limit.name),
                "a cap on what lines return is not weighed over draws; cap `spend` instead",
            );
        }
    }
}

/// The field by which a goal looks at the draws.
fn asks(goal: &GoalSpec) -> Option<&'static str> {
    match goal {
        GoalSpec { regret: true, .. } => Some("regret"),
        GoalSpec { shortfall: Some(_), .. } => Some("shortfall"),
        GoalSpec { worst: Some(_), .. } => Some("worst"),
        _ => None,
    }
}

struct Check<'a> {
    tree: &'a Tree,
    faults: &'a mut Vec<Fault>,
}

impl Check<'_> {
    fn wrong(&mut self, keys: &[&str], field: String, issue: Issue) {
        self.faults.push(Fault { span: self.tree.along(keys).span, field, issue });
    }

    fn refuse(&mut self, key: &str, with: &str, reason: &str) {
        let issue =
            Issue::NotAllowed { field: key.to_owned(), with: with.to_owned(), reason: reason.to_owned() };
        self.wrong(&["goal", key], format!("goal.{key}"), issue);
    }

    fn goal(&mut self, goal: &GoalSpec, count: usize, limits: &[Arc<ScenarioLimit>]) {
        let shares = [
            ("worst", goal.worst, "a share of the draws above 0 and at most 1, like 0.1 for the worst tenth"),
            ("weight", goal.weight, "a weight above 0 and at most 1"),
        ];
        for (key, value, allowed) in shares {
            if let Some(value) = value.filter(|v| !(*v > 0.0 && *v <= 1.0)) {
                self.wrong(&["goal", key], format!("goal.{key}"), Issue::out_of_range(value, allowed));
            }
        }
        if goal.weight.is_some() && (goal.worst.is_none() || goal.regret || goal.shortfall.is_some()) {
            self.refuse(
                "weight",
                "this goal",
                "it weighs the mean of the worst draws; give `worst` and no other",
            );
        }
        if goal.shortfall.is_some() && (goal.worst.is_some() || goal.regret) {
            self.refuse(
                "shortfall",
                "`worst` or `regret`",
                "a goal looks at the draws in one way; choose one",
            );
        }
        let Some(key) = asks(goal) else { return };
        if goal.maximize.is_none() && goal.minimize.is_some() {
            let reason = "draws are looked at for something to maximise: revenue, profit, customers, \
                          lifetime_value or long_term_revenue; of a ratio give a limit with a `probability`";
            self.refuse(key, "minimize", reason);
        }
        if count > 1 {
            let reason = "a goal over draws stands alone; make the others limits: a floor with a `probability` keeps \
                          what this one reached";
            self.refuse(key, "several goals", reason);
        }
        if goal.regret && limits.iter().any(|l| l.spec.probability.is_some()) {
            let reason =
                "each draw's best plan would have to keep a limit over all draws; leave one of them out";
            self.refuse(key, "a limit with a `probability`", reason);
        }
    }

    fn limit(&mut self, limit: &ScenarioLimit) {
        let at = |key: &str| format!("limits.{}.{key}", limit.name);
        let Some(probability) = limit.spec.probability else { return };
        if !(probability > 0.0 && probability < 1.0) {
            let issue = Issue::out_of_range(probability, "a probability above 0 and below 1, like 0.9");
            return self.wrong(&["probability"], at("probability"), issue);
        }
        let metric = &limit.spec.metric;
        let mut refuse = |with: String, reason: &str| {
            let issue =
                Issue::NotAllowed { field: "probability".to_owned(), with, reason: reason.to_owned() };
            self.wrong(&["probability"], at("probability"), issue);
        };
        if *metric != Metric::Cac && !RETURNS.contains(metric) {
            let reason = "it does not rest on what lines return, so that no draw changes it";
            return refuse(format!("metric {metric}"), reason);
        }
        if *metric != Metric::Cac && limit.spec.max.is_some() {
            refuse(format!("a largest {metric}"), "only a floor has a probability; give `min` alone");
        }
        if limit.spec.over.is_some() {
            refuse("over".to_owned(), "the probability is that of the whole horizon; leave `over` out");
        }
    }
}
