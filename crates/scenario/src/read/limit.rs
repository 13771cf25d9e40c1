//! One limit as written to one limit with its lines.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::{LimitSpec, Metric, Selection};
use crate::files::tree::Tree;
use crate::model::calendar::Calendar;
use crate::model::scenario::{LimitGroup, ScenarioLimit, ScenarioLine};
use crate::read::select;

type Lines = [Arc<ScenarioLine>];

/// Collects what is wrong with one limit.
struct Check<'a> {
    spec: &'a LimitSpec,
    tree: &'a Tree,
    name: &'a str,
    lines: &'a Lines,
    calendar: Option<&'a Calendar>,
    faults: Vec<Fault>,
}

/// The name of a limit that has none: its metric and selection.
pub(crate) fn default_name(spec: &LimitSpec) -> String {
    let mut name = spec.metric.to_string();
    for (tag, values) in spec.selection.iter().flatten() {
        name.push_str(&format!(" {tag}={}", values.as_slice().join("|")));
    }
    match &spec.by {
        Some(by) => format!("{name} by {by}"),
        None => name,
    }
}

/// The limit a spec means.
pub(crate) fn resolve(
    spec: &LimitSpec,
    tree: &Tree,
    name: &str,
    lines: &Lines,
    calendar: Option<&Calendar>,
) -> Result<ScenarioLimit, Vec<Fault>> {
    let mut check = Check { spec, tree, name, lines, calendar, faults: Vec::new() };
    check.numbers();
    check.sides();
    let selected = check.select(spec.selection.as_ref(), "where");
    let of = check.select(spec.of.as_ref(), "of");
    if spec.of.is_some() && spec.metric != Metric::SpendShare {
        check.not_allowed("of", "it is the whole of a `spend_share`");
    }
    let periods = check.periods();
    let groups = check.groups(selected, periods);
    if check.faults.is_empty() {
        Ok(ScenarioLimit { name: name.to_owned(), spec: spec.clone(), groups, of })
    } else {
        Err(check.faults)
    }
}

impl Check<'_> {
    fn wrong(&mut self, keys: &[&str], issue: Issue) {
        let mut field = format!("limits.{}", self.name);
        for key in keys {
            field.push('.');
            field.push_str(key);
        }
        self.faults.push(Fault { span: self.tree.along(keys).span, field, issue });
    }

    fn not_allowed(&mut self, field: &str, reason: &str) {
        let with = format!("metric {}", self.spec.metric);
        let issue = Issue::NotAllowed { field: field.to_owned(), with, reason: reason.to_owned() };
        self.wrong(&[field], issue);
    }

    fn numbers(&mut self) {
        let spec = self.spec;
        if spec.min.is_none() && spec.max.is_none() {
            let fields = vec!["min".to_owned(), "max".to_owned()];
            self.wrong(&[], Issue::Choice { fields, found: 0, allowed: "at least one" });
        }
        if let (Some(min), Some(max)) = (spec.min, spec.max)
            && min > max
        {
            self.wrong(&["min"], Issue::MinOverMax { min, max });
        }
        if let Some(weight) = spec.weight.filter(|&w| w <= 0.0) {
            self.wrong(&["weight"], Issue::out_of_range(weight, "above 0"));
        }
        let allowed = spec.metric.allowed();
        let (least, most) = allowed.range();
        for (field, value) in [("min", spec.min), ("max", spec.max)] {
            if let Some(value) = value.filter(|v| !(least..=most).contains(v)) {
                self.wrong(&[field], Issue::out_of_range(value, allowed.words()));
            }
        }
    }

    /// Directions that have no sensible meaning.
    fn sides(&mut self) {
        if self.spec.metric == Metric::Cac && self.spec.min.is_some() {
            self.not_allowed(
                "min",
                "a floor on cost per customer asks for waste; limit `spend` or `customers`",
            );
        }
        if self.spec.metric == Metric::Mroas && self.spec.max.is_some() {
            self.not_allowed("max", "only a least marginal return is a rule; limit `spend` instead");
        }
    }

    /// The lines that a selection matches; `None` for all.
    fn select(&mut self, selection: Option<&Selection>, field: &str) -> Option<Arc<[usize]>> {
        let of_periods = |tag: &String| tag == "period" && field == "where" && self.calendar.is_some();
        let own: Selection = selection?
            .iter()
            .filter(|(tag, _)| !of_periods(tag))
            .map(|(t, v)| (t.clone(), v.clone()))
            .collect();
        let selection = &own;
        if selection.is_empty() {
            return None;
        }
        for (tag, issue) in select::unknown(selection, self.lines) {
            self.wrong(&[field, &tag], issue);
        }
        Some(select::matching(selection, self.lines).into())
    }

    /// The periods that `where` selects; `None` for all.
    fn periods(&mut self) -> Option<Arc<[usize]>> {
        let calendar = self.calendar?;
        let values = self.spec.selection.as_ref()?.get("period")?;
        let mut periods = BTreeSet::new();
        for text in values.as_slice() {
            match calendar.select(text) {
                Some(found) => periods.extend(found),
                None => {
                    self.wrong(&["where", "period"], Issue::unknown_name("period", text, calendar.names()));
                }
            }
        }
        Some(periods.into_iter().collect())
    }

    /// One limit for every period, month or quarter.
    fn by_time(
        &self,
        calendar: &Calendar,
        by: &str,
        lines: Option<&Arc<[usize]>>,
        within: Option<&[usize]>,
    ) -> Vec<LimitGroup> {
        let group = |(value, members): (String, Vec<usize>)| {
            let chosen = members.into_iter().filter(|t| within.is_none_or(|w| w.contains(t)));
            let periods: Arc<[usize]> = chosen.collect();
            let name = format!("{}: {value}", self.name);
            (!periods.is_empty()).then(|| LimitGroup { name, lines: lines.cloned(), periods: Some(periods) })
        };
        calendar.grouped(by).into_iter().filter_map(group).collect()
    }

    fn groups(&mut self, selected: Option<Arc<[usize]>>, periods: Option<Arc<[usize]>>) -> Vec<LimitGroup> {
        let name = self.name.to_owned();
        let Some(by) = &self.spec.by else { return vec![LimitGroup { name, lines: selected, periods }] };
        if let (Some(calendar), "period" | "month" | "quarter") = (self.calendar, by.as_str()) {
            return self.by_time(calendar, by, selected.as_ref(), periods.as_deref());
        }
        let mut groups: IndexMap<&str, Vec<usize>> = IndexMap::new();
        for (index, line) in self.lines.iter().enumerate() {
            if selected.as_ref().is_some_and(|s| s.binary_search(&index).is_err()) {
                continue;
            }
            let value = if by == "name" { Some(&line.name) } else { line.tags.get(by) };
            if let Some(value) = value {
                groups.entry(value).or_default().push(index);
            }
        }
        if groups.is_empty() && selected.as_ref().is_none_or(|s| !s.is_empty()) {
            let issue = Issue::unknown_name("tag", by, select::tags(self.lines));
            self.wrong(&["by"], issue);
        }
        let group = |(value, lines): (&str, Vec<usize>)| LimitGroup {
            name: format!("{name}: {value}"),
            lines: Some(lines.into()),
            periods: periods.clone(),
        };
        groups.into_iter().map(group).collect()
    }
}
