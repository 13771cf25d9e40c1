//! What goals, budget and limits need of the lines.

use std::collections::HashSet;
use std::sync::Arc;

use outlay_allocator::Fact;

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::result::FORMAT;
use crate::files::spec::{BaselineSpec, GoalSpec, Maximize, Metric, Minimize, OneOrMany, Over, ScenarioFile};
use crate::files::tree::Tree;
use crate::model::inputs::{chosen, lacks, missing_input};
use crate::model::scenario::{LimitGroup, ScenarioLimit, ScenarioLine};

type Lines = [Arc<ScenarioLine>];

/// Goals in order; revenue where the file names none.
pub(crate) fn goals(goal: Option<&OneOrMany<GoalSpec>>) -> Vec<GoalSpec> {
    match goal {
        Some(goals) => goals.as_slice().to_vec(),
        None => vec![GoalSpec { maximize: Some(Maximize::Revenue), ..GoalSpec::default() }],
    }
}

/// Checks the header and what spans several members.
pub(crate) fn check<'a>(
    header: &ScenarioFile,
    tree: &Tree,
    lines: &Lines,
    limits: &[Arc<ScenarioLimit>],
    limit_tree: &dyn Fn(usize) -> &'a Tree,
    faults: &mut Vec<Fault>,
) {
    let mut check = Check { tree, faults };
    check.header(header);
    let goals = goals(header.goal.as_ref());
    check.goals(&goals, lines);
    if goals.iter().any(|g| g.minimize == Some(Minimize::Cac)) {
        check.forced(header, lines, limits);
    }
    let mut names = HashSet::new();
    for (k, limit) in limits.iter().enumerate() {
        let mut check = Check { tree: limit_tree(k), faults: check.faults };
        check.limit(limit, lines, &mut names);
    }
}

/// What is wrong with the horizon, where it stands.
pub(crate) fn horizon(tree: &Tree, wrong: Vec<crate::model::calendar::Wrong>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = Check { tree, faults: &mut faults };
    for (field, issue) in wrong {
        check.header_wrong(&["horizon", field], issue);
    }
    faults
}

struct Check<'a> {
    tree: &'a Tree,
    faults: &'a mut Vec<Fault>,
}

impl Check<'_> {
    fn wrong(&mut self, keys: &[&str], field: String, issue: Issue) {
        self.faults.push(Fault { span: self.tree.along(keys).span, field, issue });
    }

    fn header_wrong(&mut self, keys: &[&str], issue: Issue) {
        self.wrong(keys, keys.join("."), issue);
    }

    fn header(&mut self, header: &ScenarioFile) {
        if header.outlay != FORMAT {
            let issue = Issue::out_of_range(f64::from(header.outlay), "a known format version: 1");
            self.header_wrong(&["outlay"], issue);
        }
        if header.horizon.as_ref().is_some_and(|h| h.periods == 0) {
            self.header_wrong(&["horizon", "periods"], Issue::out_of_range(0.0, "at least 1"));
        }
        if let Some(budget) = &header.budget {
            let given = [("min", budget.min), ("max", budget.max), ("exact", budget.exact)];
            for (field, value) in given {
                if let Some(value) = value.filter(|&v| v < 0.0) {
                    self.header_wrong(&["budget", field], Issue::out_of_range(value, "at least 0"));
                }
            }
            if let (Some(min), Some(max)) = (budget.min, budget.max)
                && min > max
            {
                self.header_wrong(&["budget", "min"], Issue::MinOverMax { min, max });
            }
            let found = given.iter().filter(|(_, v)| v.is_some()).count();
            if found == 0 || (budget.exact.is_some() && found > 1) {
                let fields = given.map(|(f, _)| f.to_owned()).to_vec();
                let allowed = "`exact`, or `min`, `max` or both";
                self.header_wrong(&["budget"], Issue::Choice { fields, found, allowed });
            }
            for (i, spent) in budget.outside.iter().enumerate() {
                if !(spent.spend >= 0.0 && spent.spend.is_finite()) {
                    let at = ["budget", "outside", &i.to_string(), "spend"];
                    self.header_wrong(&at, Issue::out_of_range(spent.spend, "at least 0"));
                }
            }
            if let Some(weight) = budget.weight.filter(|&w| w <= 0.0) {
                self.header_wrong(&["budget", "weight"], Issue::out_of_range(weight, "above 0"));
            }
        }
        let baseline = header.baseline.unwrap_or_default();
        for (field, value) in [
            ("customers", baseline.customers),
            ("revenue", baseline.revenue),
            ("other_cost", baseline.other_cost),
        ] {
            if let Some(value) = value.filter(|&v| v < 0.0) {
                self.header_wrong(&["baseline", field], Issue::out_of_range(value, "at least 0"));
            }
        }
    }

    fn goals(&mut self, goals: &[GoalSpec], lines: &Lines) {
        if goals.is_empty() {
            self.header_wrong(&["goal"], Issue::missing("goal", None));
        }
        for (index, goal) in goals.iter().enumerate() {
            let found = usize::from(goal.maximize.is_some()) + usize::from(goal.minimize.is_some());
            if found != 1 {
                let fields = vec!["maximize".to_owned(), "minimize".to_owned()];
                self.header_wrong(&["goal"], Issue::Choice { fields, found, allowed: "exactly one" });
                continue;
            }
            if let Some(cost) = goal.move_cost {
                if cost < 0.0 {
                    self.header_wrong(&["goal", "move_cost"], Issue::out_of_range(cost, "at least 0"));
                } else if goal.minimize == Some(Minimize::Cac) {
                    let reason = "a ratio has no cost to add to".to_owned();
                    let (field, with) = ("move_cost".to_owned(), "minimize = \"cac\"".to_owned());
                    self.header_wrong(&["goal"], Issue::NotAllowed { field, with, reason });
                }
            }
            if let Some(within) = goal.within {
                if index == 0 {
                    let reason = "there is no goal before it to give up".to_owned();
                    let with = "the first goal".to_owned();
                    self.header_wrong(
                        &["goal"],
                        Issue::NotAllowed { field: "within".to_owned(), with, reason },
                    );
                } else if !(0.0..=1.0).contains(&within) {
                    self.header_wrong(&["goal"], Issue::out_of_range(within, "a fraction from 0 to 1"));
                }
            }
            let (metric, name) = match (goal.maximize, goal.minimize) {
                (Some(Maximize::Revenue | Maximize::LongTermRevenue), _) => (Metric::Revenue, "revenue"),
                (Some(Maximize::Profit), _) => (Metric::Profit, "profit"),
                (Some(Maximize::Customers), _) => (Metric::Customers, "customers"),
                (Some(Maximize::LifetimeValue), _) => (Metric::LifetimeValue, "lifetime_value"),
                (_, Some(Minimize::Cac)) => (Metric::Cac, "cac"),
                _ => continue,
            };
            for line in lines {
                if let Some(field) = lacks(&metric, line) {
                    let reason = Some(format!("goal {name} over line {}", line.name));
                    self.wrong(
                        &["goal"],
                        format!("lines.{}.{field}", line.name),
                        Issue::missing(&field, reason),
                    );
                }
            }
        }
    }

    /// The lowest cost per customer means nothing where no plan has to buy any,
    /// or none can.
    fn forced(&mut self, header: &ScenarioFile, lines: &Lines, limits: &[Arc<ScenarioLimit>]) {
        let baseline = header.baseline.unwrap_or_default();
        let above = |v: Option<f64>| v.is_some_and(|v| v > 0.0);
        if above(baseline.customers) {
            return;
        }
        let mut refuse = |reason: &str| {
            let (field, with) = ("minimize".to_owned(), "cac".to_owned());
            self.header_wrong(&["goal"], Issue::NotAllowed { field, with, reason: reason.to_owned() });
        };
        if !lines.iter().any(|l| wins_customers(l)) {
            return refuse(
                "no line can win a new customer: look at `new_customer_share`, `revenue_per_customer`, \
                 `spend.max` and the curves",
            );
        }
        let budget = header.budget.as_ref().is_some_and(|b| above(b.min) || above(b.exact));
        let least =
            |fact: &Fact| matches!(fact, Fact::Min(least) | Fact::Past { spent: least, .. } if *least > 0.0);
        let flown = |l: &ScenarioLine| l.flight.as_ref().is_some_and(|f| f.min.iter().any(|m| *m > 0.0));
        let line = lines.iter().any(|l| l.facts.iter().any(least) || flown(l));
        if !(budget || line || limits.iter().any(|l| rules_out_nothing(l, lines, baseline))) {
            refuse("nothing forces a positive outcome; give a least budget, spend or number of customers");
        }
    }

    fn limit(&mut self, limit: &ScenarioLimit, lines: &Lines, names: &mut HashSet<String>) {
        let at = |key: &str| format!("limits.{}.{key}", limit.name);
        for group in &limit.groups {
            if !names.insert(group.name.clone()) {
                let issue = Issue::DuplicateName { what: "limit", name: group.name.clone() };
                self.wrong(&["name"], at("name"), issue);
            }
        }
        if let Some((index, field)) = missing_input(limit, lines) {
            let name = lines.get(index).map_or("", |l| l.name.as_str());
            let reason = Some(format!("metric {} over line {name}", limit.spec.metric));
            self.wrong(&["metric"], at("metric"), Issue::missing(&format!("lines.{name}.{field}"), reason));
            return;
        }
        if limit.spec.over == Some(Over::Rest) && lines.iter().any(|l| l.flight.is_some()) {
            let reason = "`where = { period = [...] }` says which periods a limit covers".to_owned();
            let (field, with) = ("over".to_owned(), "plan = \"by_period\"".to_owned());
            self.wrong(&["over"], at("over"), Issue::NotAllowed { field, with, reason });
        }
        if limit.spec.over == Some(Over::Rest) && matches!(limit.spec.metric, Metric::ActiveLines) {
            let reason = "a line that was on cannot be undone".to_owned();
            let (field, with) = ("over".to_owned(), "active_lines".to_owned());
            self.wrong(&["over"], at("over"), Issue::NotAllowed { field, with, reason });
        }
        for group in &limit.groups {
            match limit.spec.metric {
                Metric::Units => self.units(limit, group, lines),
                Metric::Change => {
                    if let Some(line) = unwritten(group, lines) {
                        let reason = Some(format!("a change of {}", group.name));
                        let field = format!("lines.{line}.spend.current");
                        self.wrong(&["metric"], at("metric"), Issue::missing(&field, reason));
                    }
                }
                _ => {}
            }
        }
    }

    fn units(&mut self, limit: &ScenarioLimit, group: &LimitGroup, lines: &Lines) {
        let field = format!("limits.{}.metric", limit.name);
        let mut kinds = HashSet::new();
        for line in chosen(group, lines) {
            kinds.extend(line.media.as_ref().map(|m| m.unit.as_str()));
            if line.deal.as_ref().is_some_and(|d| !d.tiers.is_empty()) {
                let reason = format!("line {} has price tiers", line.name);
                let issue =
                    Issue::NotAllowed { field: "metric".to_owned(), with: "units".to_owned(), reason };
                self.wrong(&["metric"], field.clone(), issue);
            }
        }
        if kinds.len() > 1 {
            let mut kinds: Vec<&str> = kinds.into_iter().collect();
            kinds.sort_unstable();
            let reason = format!("it would add {}", kinds.join(" and "));
            let issue = Issue::NotAllowed { field: "metric".to_owned(), with: "units".to_owned(), reason };
            self.wrong(&["metric"], field, issue);
        }
    }
}

/// True where some spend of a line brings new customers.
fn wins_customers(line: &ScenarioLine) -> bool {
    let each = line.new_customer_share * line.customers_per_outcome.unwrap_or(0.0);
    each > 0.0 && line.max.is_none_or(|max| max > 0.0) && line.curve.ceiling() > 0.0
}

/// True for a limit that a plan without any spend breaks.
fn rules_out_nothing(limit: &ScenarioLimit, lines: &Lines, baseline: BaselineSpec) -> bool {
    let Some(min) = limit.spec.min else { return false };
    match limit.spec.metric {
        // Nothing over nothing keeps every floor.
        Metric::Cac | Metric::Iroas | Metric::LtvToCac | Metric::SpendShare | Metric::Mroas => false,
        Metric::Mer => {
            let all = limit.groups.iter().any(|g| g.lines.is_none() && g.periods.is_none());
            all && baseline.revenue.unwrap_or(0.0) < min * baseline.other_cost.unwrap_or(0.0)
        }
        Metric::Change => {
            let spends = |g: &LimitGroup| chosen(g, lines).any(|l| l.before > 0.0);
            min > -1.0 && limit.groups.iter().any(spends)
        }
        Metric::Spend
        | Metric::Revenue
        | Metric::Customers
        | Metric::LifetimeValue
        | Metric::Profit
        | Metric::ActiveLines
        | Metric::Units
        | Metric::Attribute(_) => min > 0.0,
    }
}

/// A line of a group whose spend today is not written, where no other line
/// spends either: 0 that is written stays 0, 0 that is assumed would be a rule
/// that nobody made.
fn unwritten<'a>(group: &'a LimitGroup, lines: &'a Lines) -> Option<&'a str> {
    if chosen(group, lines).any(|l| l.before > 0.0) {
        return None;
    }
    chosen(group, lines).find(|l| !l.current_written).map(|l| l.name.as_str())
}
