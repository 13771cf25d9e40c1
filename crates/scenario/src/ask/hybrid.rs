//! Scenarios between two others: what differs between them, one thing at a time.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::spec::{BudgetSpec, LimitSpec};
use crate::files::tree::{Node, Span, Tree};
use crate::model::meeting::Meeting;
use crate::model::scenario::{Scenario, ScenarioLimit, ScenarioLine};
use crate::read::limit;

/// What kind of input changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// The budget.
    Budget,
    /// What happens without the lines.
    Baseline,
    /// A limit: changed, added or removed.
    Limit,
    /// A line as a whole: added, removed, or changed beyond the kinds below.
    Line,
    /// A line's response curve.
    Curve,
    /// What a line's media cost; its curve is only stretched by it.
    Price,
    /// A line's bounds, deal, or the lines it needs or excludes.
    Bounds,
    /// What a line's outcomes are worth, and its fee.
    Worth,
    /// A line's spend today.
    Current,
    /// The unit that spends are multiples of.
    Rounding,
    /// Audiences that lines share, and demand that they make and harvest.
    Meeting,
}

/// One input that differs between two scenarios.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// What kind.
    pub kind: InputKind,
    /// The line or limit; absent for the budget and the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number before, where one number changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Its number after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
}

/// The inputs that differ between two scenarios with the same goals.
pub(crate) fn changes(a: &Scenario, b: &Scenario) -> Vec<Changed> {
    let mut all = Vec::new();
    if a.budget != b.budget {
        let number = |s: &Scenario| s.budget.as_ref().and_then(budget_number);
        all.push(Changed { kind: InputKind::Budget, name: None, from: number(a), to: number(b) });
    }
    if a.baseline != b.baseline {
        all.push(Changed { kind: InputKind::Baseline, name: None, from: None, to: None });
    }
    let met = met_otherwise(a, b);
    if met {
        all.push(Changed { kind: InputKind::Meeting, name: None, from: None, to: None });
    }
    if a.round != b.round {
        all.push(Changed { kind: InputKind::Rounding, name: None, from: a.round, to: b.round });
    }
    for (name, old, new) in pairs(&a.limits, &b.limits, |l| &l.name) {
        match (old, new) {
            (Some(old), Some(new)) if old.spec == new.spec => {}
            (old, new) => {
                let (from, to) = limit_numbers(old.map(|l| &l.spec), new.map(|l| &l.spec));
                all.push(Changed { kind: InputKind::Limit, name: Some(name), from, to });
            }
        }
    }
    for (name, old, new) in pairs(&a.lines, &b.lines, |l| &l.name) {
        let named = |kind| Changed { kind, name: Some(name.clone()), from: None, to: None };
        match (old, new) {
            (Some(old), Some(new)) => {
                let before = all.len();
                line_changes(a, b, old, new, &mut all);
                if met && (reaches(a, &name) || reaches(b, &name)) {
                    // A curve of reach means something in its audience only.
                    let mut own = all.split_off(before);
                    own.retain(|c| !matches!(c.kind, InputKind::Curve | InputKind::Price));
                    all.extend(own);
                }
            }
            _ => all.push(named(InputKind::Line)),
        }
    }
    all
}

/// A name, and who bears it in either of two lists.
type Pair<'a, T> = (String, Option<&'a Arc<T>>, Option<&'a Arc<T>>);

/// Members of two lists by name, in the order of the first and then the second.
fn pairs<'a, T>(a: &'a [Arc<T>], b: &'a [Arc<T>], name: impl Fn(&T) -> &String) -> Vec<Pair<'a, T>> {
    let find = |list: &'a [Arc<T>]| list.iter().map(|m| (name(m).clone(), m)).collect::<HashMap<_, _>>();
    let (in_a, in_b) = (find(a), find(b));
    let first = a.iter().map(|m| (name(m).clone(), Some(m), in_b.get(name(m)).copied()));
    let second = b.iter().filter(|m| !in_a.contains_key(name(m))).map(|m| (name(m).clone(), None, Some(m)));
    first.chain(second).collect()
}

fn budget_number(budget: &BudgetSpec) -> Option<f64> {
    budget.exact.or(budget.max).or(budget.min)
}

/// The one number of a limit that changed, if it is one.
fn limit_numbers(old: Option<&LimitSpec>, new: Option<&LimitSpec>) -> (Option<f64>, Option<f64>) {
    let number = |l: Option<&LimitSpec>, max: bool| l.and_then(|l| if max { l.max } else { l.min });
    let (max, min) = ((number(old, true), number(new, true)), (number(old, false), number(new, false)));
    match (max.0 == max.1, min.0 == min.1) {
        (false, true) => max,
        (true, false) => min,
        _ => (None, None),
    }
}

fn line_changes(a: &Scenario, b: &Scenario, old: &ScenarioLine, new: &ScenarioLine, all: &mut Vec<Changed>) {
    let changed = |kind| Changed { kind, name: Some(old.name.clone()), from: None, to: None };
    let tiers = |l: &ScenarioLine| l.deal.as_ref().map(|d| d.tiers.clone()).unwrap_or_default();
    if old.past != new.past || old.outcome != new.outcome || old.tags != new.tags || tiers(old) != tiers(new)
    {
        all.push(changed(InputKind::Line));
        return;
    }
    if old.curve != new.curve || old.observed_max != new.observed_max || old.media != new.media {
        let price = |l: &ScenarioLine| l.media.as_ref().map(|m| m.effective_price);
        let ratio = price(new).zip(price(old)).map(|(n, o)| n / o);
        let same = ratio.is_some_and(|r| {
            let at = |share: f64| share * old.curve.typical_spend();
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
            [0.3, 1.0, 2.0].iter().all(|&s| near(old.curve.value(at(s)), new.curve.value(at(s) * r)))
        });
        if same {
            all.push(Changed { from: price(old), to: price(new), ..changed(InputKind::Price) });
        } else {
            all.push(changed(InputKind::Curve));
        }
    }
    let others = |s: &Scenario, l: &ScenarioLine| [names(s, &l.requires), names(s, &l.excludes)];
    if (old.min, old.max, &old.deal) != (new.min, new.max, &new.deal) || others(a, old) != others(b, new) {
        let (from, to) = match (old.min == new.min, old.max == new.max, old.deal == new.deal) {
            (true, false, true) => (old.max, new.max),
            (false, true, true) => (old.min, new.min),
            _ => (None, None),
        };
        all.push(Changed { from, to, ..changed(InputKind::Bounds) });
    }
    if !same_worth(old, new) {
        all.push(changed(InputKind::Worth));
    }
    if old.current != new.current {
        all.push(Changed { from: Some(old.current), to: Some(new.current), ..changed(InputKind::Current) });
    }
}

fn same_worth(a: &ScenarioLine, b: &ScenarioLine) -> bool {
    a.customers_per_outcome == b.customers_per_outcome
        && a.revenue_per_outcome == b.revenue_per_outcome
        && a.new_customer_share == b.new_customer_share
        && a.lifetime_value == b.lifetime_value
        && a.margin == b.margin
        && a.fee == b.fee
        && a.attributes == b.attributes
        && a.long_term == b.long_term
}

fn names(scenario: &Scenario, indices: &[usize]) -> Vec<String> {
    indices.iter().filter_map(|&i| scenario.lines.get(i)).map(|l| l.name.clone()).collect()
}

/// Scenario `a` with those inputs of `b` for which `taken` says so; `None` if
/// they do not make a scenario together.
pub(crate) fn hybrid(
    a: &Scenario,
    b: &Scenario,
    changes: &[Changed],
    taken: impl Fn(usize) -> bool,
) -> Option<Scenario> {
    let is = |kind: InputKind, name: Option<&str>| {
        changes.iter().enumerate().any(|(k, c)| taken(k) && c.kind == kind && c.name.as_deref() == name)
    };
    let mut lines: Vec<ScenarioLine> = Vec::new();
    let mut others: Vec<[Vec<String>; 2]> = Vec::new();
    for (name, old, new) in pairs(&a.lines, &b.lines, |l| &l.name) {
        let on = |kind| is(kind, Some(&name));
        let line = match (old, new) {
            (Some(old), Some(_)) if !on(InputKind::Line) => mixed(old, new?, on),
            (Some(old), None) if !on(InputKind::Line) => ScenarioLine::clone(old),
            (_, Some(new)) if old.is_some() || on(InputKind::Line) => ScenarioLine::clone(new),
            _ => continue,
        };
        let new_bounds = new.is_some() && (old.is_none() || on(InputKind::Bounds) || on(InputKind::Line));
        let (of, written) = if new_bounds { (b, new?) } else { (a, old?) };
        others.push([names(of, &written.requires), names(of, &written.excludes)]);
        lines.push(line);
    }
    let index: HashMap<String, usize> = lines.iter().enumerate().map(|(i, l)| (l.name.clone(), i)).collect();
    for (line, [requires, excludes]) in lines.iter_mut().zip(&others) {
        let find = |names: &[String]| names.iter().map(|n| index.get(n).copied()).collect::<Option<Vec<_>>>();
        line.requires = find(requires)?;
        // What is not there cannot get in the way.
        line.excludes = excludes.iter().filter_map(|n| index.get(n).copied()).collect();
    }
    let lines: Vec<Arc<ScenarioLine>> = lines.into_iter().map(Arc::new).collect();
    let mut limits = Vec::new();
    for (name, old, new) in pairs(&a.limits, &b.limits, |l| &l.name) {
        let limit = if is(InputKind::Limit, Some(&name)) { new } else { old };
        if let Some(limit) = limit {
            limits.push(Arc::new(again(limit, &lines)?));
        }
    }
    let source = |kind| if is(kind, None) { b } else { a };
    let meeting = meeting(source(InputKind::Meeting), &lines)?;
    let lines =
        lines.into_iter().map(|line| as_it_reaches(source(InputKind::Meeting), [a, b], line)).collect();
    Some(Scenario {
        budget: source(InputKind::Budget).budget.clone(),
        baseline: source(InputKind::Baseline).baseline,
        lines,
        limits,
        meeting,
        round: source(InputKind::Rounding).round,
        ..a.clone()
    })
}

/// True where lines meet otherwise in two scenarios.
fn met_otherwise(a: &Scenario, b: &Scenario) -> bool {
    let number = |i: usize| a.lines.iter().position(|l| l.name == b.lines[i].name);
    b.meeting.renumbered(number).as_ref() != Some(&*a.meeting)
}

fn reaches(scenario: &Scenario, name: &str) -> bool {
    let line = scenario.lines.iter().position(|l| l.name == name);
    line.is_some_and(|i| scenario.meeting.reaches(i))
}

/// How lines meet in a scenario, of the given lines.
fn meeting(scenario: &Scenario, lines: &[Arc<ScenarioLine>]) -> Option<Arc<Meeting>> {
    let number = |i: usize| lines.iter().position(|l| l.name == scenario.lines[i].name);
    scenario.meeting.renumbered(number).map(Arc::new)
}

/// A line whose curve is reach in one of two scenarios, with its curve from the
/// one whose audiences are meant.
fn as_it_reaches(meant: &Scenario, both: [&Scenario; 2], line: Arc<ScenarioLine>) -> Arc<ScenarioLine> {
    let differs = met_otherwise(both[0], both[1]);
    let curve = meant.lines.iter().find(|l| l.name == line.name).map(|l| l.curve.clone());
    match curve.filter(|_| differs && both.iter().any(|s| reaches(s, &line.name))) {
        Some(curve) => Arc::new(ScenarioLine { curve, ..line.as_ref().clone() }),
        None => line,
    }
}

/// A line with some of its inputs from another.
fn mixed(old: &ScenarioLine, new: &ScenarioLine, on: impl Fn(InputKind) -> bool) -> ScenarioLine {
    let mut line = old.clone();
    if on(InputKind::Curve) || on(InputKind::Price) {
        line.curve = new.curve.clone();
        line.observed_max = new.observed_max;
        line.media = new.media.clone();
    }
    if on(InputKind::Bounds) {
        (line.min, line.max) = (new.min, new.max);
        (line.deal, line.facts) = (new.deal.clone(), new.facts.clone());
    }
    if on(InputKind::Worth) {
        line.customers_per_outcome = new.customers_per_outcome;
        line.revenue_per_outcome = new.revenue_per_outcome;
        line.new_customer_share = new.new_customer_share;
        line.lifetime_value = new.lifetime_value;
        line.margin = new.margin;
        line.fee = new.fee;
        line.attributes = new.attributes.clone();
        line.long_term = new.long_term.clone();
    }
    if on(InputKind::Current) {
        (line.current, line.before) = (new.current, new.before);
        line.current_written = new.current_written;
    }
    line
}

/// A limit over other lines.
fn again(limit: &ScenarioLimit, lines: &[Arc<ScenarioLine>]) -> Option<ScenarioLimit> {
    let nowhere = Tree { node: Node::Null, span: Span { file: 0, start: 0, end: 0 } };
    limit::resolve(&limit.spec, &nowhere, &limit.name, lines, None).ok()
}
