//! Results side by side, and why they differ.

use outlay_allocator::{Options, ProblemError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ask::hybrid::{Changed, changes, hybrid};
use crate::files::result::{FORMAT, ResultFile, SearchFile, Status, Totals, Uncertainty};
use crate::files::spec::GoalSpec;
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::lower::lower;
use crate::plan::ordered::plan;
use crate::plan::rounding::within;

/// Most changed inputs of which every order is tried; beyond, they change in
/// the order listed.
const ALL_ORDERS: usize = 6;

/// Results side by side, unrounded: what `outlay compare --format json` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparisonFile {
    /// Format version.
    pub outlay: u32,
    /// Currency of all money, if the first scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The first scenario's goal.
    pub goal: GoalSpec,
    /// Today's spend, then the results in the order given.
    pub columns: Vec<ComparedColumn>,
    /// Spend by line, one entry per column.
    pub lines: Vec<ComparedLine>,
    /// Every result after the first against the first.
    pub differences: Vec<Attribution>,
    /// The results themselves; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ResultFile>,
    /// What the searches behind the figures found and proved, in the order in
    /// which they were made; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedColumn {
    /// Name of the scenario; `today` for today's spend.
    pub scenario: String,
    /// The result file; absent for today's spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How its run ended; absent for today's spend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The goal; of today's spend, the first scenario's.
    pub value: Option<f64>,
    /// Every metric over all lines.
    pub totals: Option<Totals>,
    /// How sure these are, where curves come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// Limits that hold the plan back, with their prices.
    pub binding: Vec<Binding>,
}

/// A limit that holds a plan back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The limit.
    pub name: String,
    /// Change of the goal per unit of its number.
    pub shadow_price: Option<f64>,
}

/// Spend of one line in every column; null where there is no plan or no line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedLine {
    /// The line.
    pub name: String,
    /// Spend by column.
    pub spends: Vec<Option<f64>>,
}

/// Why the goal of one result differs from the first's: its difference split
/// by the inputs that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// Index into `columns` of the result.
    pub column: usize,
    /// Its goal less the first's.
    pub difference: Option<f64>,
    /// What each changed input adds; the sum is the difference.
    pub parts: Vec<AttributedPart>,
    /// How the parts come about; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Why there are no parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NoParts>,
    /// Largest gap of the plans solved in between.
    pub gap: Option<f64>,
    /// What the difference or a part may be off by: no plan's goal is further
    /// from what is proven. Less than this is no difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// Plans solved in between.
    pub solves: usize,
}

/// What one changed input adds to the goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributedPart {
    /// The input.
    #[serde(flatten)]
    pub input: Changed,
    /// What it adds.
    pub adds: f64,
}

/// How a difference is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The mean over all orders in which the inputs could change that leave a
    /// plan at every step (Shapley).
    Shapley,
    /// The inputs change in the order listed.
    Sequential,
}

/// Why a difference is not split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoParts {
    /// One of the two has no plan.
    NoPlan,
    /// They have other goals, currencies or horizons, or plan by period.
    NotComparable,
    /// Every order of changes passes through a scenario without a plan.
    NoWay,
}

/// Why results cannot be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// The problem makes no sense.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// There is no result.
    #[error("no results")]
    Nothing,
}

/// A result, the file it stands in and the scenario it was made from.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The result's file.
    pub path: String,
    /// The result.
    pub file: ResultFile,
    /// Its scenario, with the settings of a what-if and its rounding.
    pub scenario: Scenario,
}

/// Compares results: what changed between two of them is found in their
/// scenarios, and the plans of scenarios in between are solved. The results'
/// figures are taken as they are; the caller has proven them.
///
/// # Errors
/// When there is none, or a problem makes no sense.
pub fn comparison(all: &[Compared], options: &Options) -> Result<ComparisonFile, CompareError> {
    let Some(Compared { file: first, scenario, .. }) = all.first() else { return Err(CompareError::Nothing) };
    let mut columns = vec![today(first)];
    columns.extend(all.iter().map(|c| column(&c.path, &c.file)));
    let mut differences = Vec::new();
    for (k, other) in all.iter().enumerate().skip(1) {
        let solver = Between { a: (first, scenario), b: (&other.file, &other.scenario), options };
        differences.push(solver.attribution(k + 1)?);
    }
    Ok(ComparisonFile {
        outlay: FORMAT,
        currency: first.currency.clone(),
        goal: first.goal,
        lines: lines(all),
        columns,
        differences,
        results: Vec::new(),
        proofs: Vec::new(),
    })
}

fn today(first: &ResultFile) -> ComparedColumn {
    let reference = first.reference.as_ref();
    ComparedColumn {
        scenario: "today".to_owned(),
        path: None,
        status: None,
        value: reference.and_then(|r| r.value),
        totals: reference.map(|r| r.totals.clone()),
        uncertainty: None,
        binding: Vec::new(),
    }
}

fn column(path: &str, file: &ResultFile) -> ComparedColumn {
    let binding = file.limits.iter().flatten().filter(|l| l.binding && l.shadow_price != Some(0.0));
    ComparedColumn {
        scenario: file.scenario.clone(),
        path: Some(path.to_owned()),
        status: Some(file.status),
        value: file.value,
        totals: file.totals.clone(),
        uncertainty: file.uncertainty.clone(),
        binding: binding.map(|l| Binding { name: l.name.clone(), shadow_price: l.shadow_price }).collect(),
    }
}

/// Every line of any scenario, in order of first appearance.
fn lines(all: &[Compared]) -> Vec<ComparedLine> {
    let mut names: Vec<&String> = Vec::new();
    for line in all.iter().flat_map(|c| &c.scenario.lines) {
        if !names.contains(&&line.name) {
            names.push(&line.name);
        }
    }
    let spends = |name: &String| {
        let current = all.iter().find_map(|c| c.scenario.lines.iter().find(|l| &l.name == name));
        let planned = |file: &ResultFile| {
            file.lines.as_ref().and_then(|lines| lines.iter().find(|l| &l.name == name)).map(|l| l.spend)
        };
        let mut spends = vec![current.map(|l| l.current)];
        spends.extend(all.iter().map(|c| planned(&c.file)));
        spends
    };
    names.into_iter().map(|name| ComparedLine { name: name.clone(), spends: spends(name) }).collect()
}

/// Two results and the scenarios between theirs.
struct Between<'a> {
    a: (&'a ResultFile, &'a Scenario),
    b: (&'a ResultFile, &'a Scenario),
    options: &'a Options<'a>,
}

/// The goals of scenarios with some inputs changed.
struct Values {
    known: Vec<Option<f64>>,
    gap: f64,
    within: f64,
    solves: usize,
}

impl Between<'_> {
    fn attribution(&self, column: usize) -> Result<Attribution, ProblemError> {
        let values = self.a.0.value.zip(self.b.0.value);
        let mut made = Attribution {
            column,
            difference: values.map(|(a, b)| b - a),
            parts: Vec::new(),
            method: None,
            reason: None,
            gap: None,
            within: None,
            solves: 0,
        };
        let Some((first, last)) = values else {
            made.reason = Some(NoParts::NoPlan);
            return Ok(made);
        };
        let (a, b) = (self.a.1, self.b.1);
        let by_period = a.calendar.is_some() || b.calendar.is_some();
        let risk = |s: &Scenario| s.looks_at_draws();
        if by_period
            || risk(a)
            || risk(b)
            || a.goals != b.goals
            || a.currency != b.currency
            || a.horizon != b.horizon
        {
            made.reason = Some(NoParts::NotComparable);
            return Ok(made);
        }
        let inputs = changes(a, b);
        let all_orders = inputs.len() <= ALL_ORDERS;
        let values = if all_orders {
            self.subsets(&inputs, (first, last))?
        } else {
            self.steps(&inputs, (first, last))?
        };
        (made.gap, made.solves) = (finite(values.gap), values.solves);
        let within = values.within.max(open(self.a.0)).max(open(self.b.0));
        made.within = finite(within);
        let adds = if all_orders {
            shapley(inputs.len(), &values.known)
        } else {
            values.known.windows(2).map(|w| Some(w[1]? - w[0]?)).collect()
        };
        let Some(mut adds) = adds else {
            made.reason = Some(NoParts::NoWay);
            return Ok(made);
        };
        settle(&mut adds, last - first);
        made.method = Some(if all_orders { Method::Shapley } else { Method::Sequential });
        let parts = inputs.into_iter().zip(adds);
        made.parts = parts.map(|(input, adds)| AttributedPart { input, adds }).collect();
        Ok(made)
    }

    /// The goal with every subset of the inputs changed; bit `k` of the index
    /// stands for input `k`.
    fn subsets(&self, inputs: &[Changed], (first, last): (f64, f64)) -> Result<Values, ProblemError> {
        let count = 1_usize << inputs.len();
        let mut values = Values { known: Vec::with_capacity(count), gap: 0.0, within: 0.0, solves: 0 };
        for subset in 0..count {
            let known = match subset {
                0 => Some(first),
                s if s + 1 == count => Some(last),
                _ => self.value(inputs, |k| subset & (1 << k) != 0, &mut values)?,
            };
            values.known.push(known);
        }
        Ok(values)
    }

    /// The goal with the first 0, 1, 2, ... inputs changed.
    fn steps(&self, inputs: &[Changed], (first, last): (f64, f64)) -> Result<Values, ProblemError> {
        let mut values = Values { known: vec![Some(first)], gap: 0.0, within: 0.0, solves: 0 };
        for step in 1..inputs.len() {
            let known = self.value(inputs, |k| k < step, &mut values)?;
            values.known.push(known);
        }
        values.known.push(Some(last));
        Ok(values)
    }

    fn value(
        &self,
        inputs: &[Changed],
        taken: impl Fn(usize) -> bool,
        values: &mut Values,
    ) -> Result<Option<f64>, ProblemError> {
        let Some(scenario) = hybrid(self.a.1, self.b.1, inputs, taken) else { return Ok(None) };
        let options = scenario.round.map_or(*self.options, |_| within(&scenario, self.options));
        let file = plan(&scenario, &lower(&scenario), &options)?;
        values.solves += 1;
        let gap = file.certificate.as_ref().and_then(|c| c.gap).filter(|_| file.value.is_some());
        values.gap = values.gap.max(gap.unwrap_or(0.0));
        values.within = values.within.max(open(&file));
        Ok(file.value)
    }
}

/// How far the goal of a plan may be from the best.
fn open(file: &ResultFile) -> f64 {
    let bound = file.certificate.as_ref().and_then(|c| c.bound);
    bound.zip(file.value).map_or(0.0, |(bound, value)| (bound - value).abs())
}

/// What each input adds, averaged over all orders whose every step is known.
///
/// With `to[S]` orders that lead to a subset `S` and `on[S]` that lead on from
/// it, an input `k` is the next after `S` in `to[S] on[S + k]` of `to[all]`
/// orders. `None` if no order is known throughout.
fn shapley(inputs: usize, known: &[Option<f64>]) -> Option<Vec<f64>> {
    let all = known.len() - 1;
    let (mut to, mut on) = (vec![0.0; known.len()], vec![0.0; known.len()]);
    (to[0], on[all]) = (1.0, 1.0);
    let bits = |subset: usize| (0..inputs).filter(move |k| subset & (1 << k) != 0);
    for subset in 1..=all {
        if known[subset].is_some() {
            to[subset] = bits(subset).map(|k| to[subset ^ (1 << k)]).sum();
        }
    }
    for subset in (0..all).rev() {
        if known[subset].is_some() {
            on[subset] = bits(all ^ subset).map(|k| on[subset | (1 << k)]).sum();
        }
    }
    if to[all] == 0.0 {
        return None;
    }
    let adds = |k: usize| {
        let without = (0..=all).filter(|s| s & (1 << k) == 0);
        without
            .filter_map(|s| {
                let weight = to[s] * on[s | (1 << k)] / to[all];
                Some(weight * (known[s | (1 << k)]? - known[s]?))
            })
            .sum()
    };
    Some((0..inputs).map(adds).collect())
}

/// Makes parts, summed in order, add up to the whole: what rounding left over
/// goes to one part after the other, the last first.
fn settle(adds: &mut [f64], whole: f64) {
    for k in (0..adds.len()).rev().cycle().take(4 * adds.len()) {
        let missing = whole - adds.iter().sum::<f64>();
        if missing == 0.0 {
            return;
        }
        if let Some(part) = adds.get_mut(k) {
            *part += missing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_means_over_orders() {
        // v({}) = 0, v({0}) = 1, v({1}) = 3, v({0,1}) = 10.
        let adds = shapley(2, &[Some(0.0), Some(1.0), Some(3.0), Some(10.0)]);
        assert_eq!(adds, Some(vec![4.0, 6.0]));
        // Without a plan for {1} alone only one order is left.
        assert_eq!(shapley(2, &[Some(0.0), Some(1.0), None, Some(10.0)]), Some(vec![1.0, 9.0]));
        assert_eq!(shapley(2, &[Some(0.0), None, None, Some(10.0)]), None);
        assert_eq!(shapley(0, &[Some(5.0)]), Some(Vec::new()));
    }

    #[test]
    fn parts_add_up_to_the_last_digit() {
        let mut adds = vec![0.1, 0.2, 1e9];
        settle(&mut adds, 1e9 + 0.3);
        assert_eq!(adds.iter().sum::<f64>(), 1e9 + 0.3);
    }
}
