//! How far the rules of a scenario let a plan go.

mod spared;

use std::sync::Arc;

use outlay_allocator::tolerance::STATED;
use outlay_allocator::{
    Certificate, Domain, Feasibility, Goal, Limit, Options, Problem, ProblemError, Status, certificate,
    feasibility, sharp, solve_open,
};
use rayon::prelude::*;

use crate::ask::check::{Extreme, ExtremeReason, Extremes, PlanLine, Room, SelectionExtremes};
use crate::files::spec::{LimitSpec, Metric};
use crate::model::inputs::{chosen, lacks};
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit};
use crate::plan::columns::Columns;
use crate::plan::earned::finite;
use crate::plan::lower::Lowered;
use crate::plan::quantity::quantity;

/// Most selections whose extremes are looked for.
const MOST_SELECTIONS: usize = 60;

/// Looks for extremes, each under all rules but those on the very figure: the
/// lowest cost per customer under the other rules shows what a cap on it must
/// leave.
pub(crate) struct Reach<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) lowered: &'a Lowered,
    /// Proves that the rules contradict each other, if they do.
    pub(crate) proof: Option<&'a Certificate>,
    pub(crate) options: &'a Options<'a>,
}

/// Which end of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Lowest,
    Highest,
}

impl Reach<'_> {
    /// The extremes over all lines.
    pub(crate) fn overall(&self) -> Result<Extremes, ProblemError> {
        self.extremes(None)
    }

    /// The extremes over every selection of lines that some limit makes, and
    /// how many selections were left out.
    pub(crate) fn by_selection(&self) -> Result<(Vec<SelectionExtremes>, usize), ProblemError> {
        let mut found: Vec<(String, Arc<[usize]>)> = Vec::new();
        for limit in &self.scenario.limits {
            for group in &limit.groups {
                let Some(lines) = &group.lines else { continue };
                let whole = lines.is_empty() || lines.len() == self.scenario.lines.len();
                if !whole && !found.iter().any(|(_, known)| known == lines) {
                    found.push((selection(limit, group), lines.clone()));
                }
            }
        }
        let left_out = found.len().saturating_sub(MOST_SELECTIONS);
        found.truncate(MOST_SELECTIONS);
        let each = self.each(found, |(selection, lines)| {
            let names = lines.iter().filter_map(|&i| self.lowered.names.get(i).cloned()).collect();
            Ok(SelectionExtremes { selection, lines: names, extremes: self.extremes(Some(&lines))? })
        });
        Ok((each?, left_out))
    }

    /// Asks several questions at once, or one after the other where their
    /// searches are recorded.
    fn each<T: Send, U: Send>(
        &self,
        questions: Vec<T>,
        ask: impl Fn(T) -> Result<U, ProblemError> + Sync + Send,
    ) -> Result<Vec<U>, ProblemError> {
        match self.options.answers {
            Some(_) => questions.into_iter().map(ask).collect(),
            None => questions.into_par_iter().map(ask).collect(),
        }
    }

    fn extremes(&self, lines: Option<&Arc<[usize]>>) -> Result<Extremes, ProblemError> {
        Ok(Extremes {
            cac_min: self.extreme(Metric::Cac, End::Lowest, lines)?,
            revenue_max: self.extreme(Metric::Revenue, End::Highest, lines)?,
            customers_max: self.extreme(Metric::Customers, End::Highest, lines)?,
            budget_min: self.extreme(Metric::Spend, End::Lowest, lines)?,
        })
    }

    fn extreme(
        &self,
        metric: Metric,
        end: End,
        lines: Option<&Arc<[usize]>>,
    ) -> Result<Extreme, ProblemError> {
        let group = LimitGroup { name: String::new(), lines: lines.cloned(), periods: None };
        if chosen(&group, &self.scenario.lines).any(|line| lacks(&metric, line).is_some()) {
            return Ok(none(ExtremeReason::MissingInputs));
        }
        if metric != Metric::Spend && lines.is_some_and(|lines| self.parts(lines)) {
            return Ok(none(ExtremeReason::Meets));
        }
        let figure = self.figure(metric, &group);
        let goal = if end == End::Lowest { figure.lowest() } else { figure.highest() };
        let Some(goal) = goal else { return Ok(none(ExtremeReason::MissingInputs)) };
        let mut problem = Problem { goal, ..self.lowered.problem.clone() };
        for limit in &mut problem.limits {
            if limit.numerator == figure.numerator && limit.denominator == figure.denominator {
                (limit.min, limit.max) = (None, None);
            }
        }
        if self.proof.is_some_and(|proof| proof.refutes(&problem)) {
            return Ok(none(ExtremeReason::Infeasible));
        }
        if figure.denominator.is_some() && self.may_be_nothing(&problem, &figure, lines)? {
            return Ok(none(ExtremeReason::NoForcedOutcome));
        }
        // What takes no search is told whether or not time is up: where answers are
        // given again, time is up after the last of them.
        if (self.options.stop)() {
            return Ok(none(ExtremeReason::Undetermined));
        }
        self.attained(&problem, &figure, end)
    }

    /// True if some lines of a selection meet others outside it.
    fn parts(&self, lines: &[usize]) -> bool {
        let inside = |i: &&usize| lines.contains(i);
        self.scenario.meeting.webs.iter().any(|web| {
            let count = web.lines.iter().filter(inside).count();
            count > 0 && count < web.lines.len()
        })
    }

    /// The figure of a metric over a group of lines.
    fn figure(&self, metric: Metric, group: &LimitGroup) -> Limit {
        let spec = LimitSpec {
            probability: None,
            name: None,
            owner: None,
            metric,
            selection: None,
            by: None,
            over: None,
            of: None,
            min: None,
            max: None,
            firm: false,
            weight: None,
        };
        let limit = ScenarioLimit { name: String::new(), spec, groups: Vec::new(), of: None };
        let mut columns = Columns::new(&self.scenario.lines, &self.lowered.layout);
        let (numerator, denominator) = quantity(self.scenario, &limit, group, &mut columns);
        Limit { numerator, denominator, min: None, max: None }
    }

    /// True if a plan may leave a ratio's denominator at 0.
    fn may_be_nothing(
        &self,
        problem: &Problem,
        figure: &Limit,
        lines: Option<&Arc<[usize]>>,
    ) -> Result<bool, ProblemError> {
        let mut off = vec![0.0; problem.lines.len()];
        problem.settle(&mut off);
        let denominator = figure.denominator.as_ref().map_or(1.0, |d| d.measure(&problem.lines, &off).0);
        if denominator > 0.0 {
            return Ok(false);
        }
        let anything = Goal::Maximize(outlay_allocator::Terms::default());
        let mut without = Problem { goal: anything, ..problem.clone() };
        let Some(lines) = lines else {
            return Ok(certificate::judge(&without, &off).violation <= STATED);
        };
        switch_off(&mut without, lines.iter().flat_map(|&i| self.lowered.layout.spends_of(i)));
        Ok(matches!(feasibility(&without, self.options)?, Feasibility::Feasible(_)))
    }

    /// True if a limit on a ratio holds whatever its number once nothing is spent
    /// on what the ratio counts, and the other rules allow that; `broken` are the
    /// rules that a plan without any spend breaks.
    fn holds_of_nothing(&self, r: usize, broken: &Broken) -> Result<bool, ProblemError> {
        let problem = &self.lowered.problem;
        let limit = &problem.limits[r];
        let Some(denominator) = limit.denominator.as_ref() else {
            return Ok(false);
        };
        let parts = [&limit.numerator, denominator];
        let [above, below] = parts.map(|terms| terms.constant);
        let kept = limit.max.is_none_or(|_| above <= 0.0) && limit.min.is_none_or(|_| above >= 0.0);
        if below != 0.0 || !kept || problem.limits.iter().any(|l| l.numerator.few.is_some()) {
            return Ok(false);
        }
        let counts = |i: &usize| parts.iter().any(|t| t.of(*i).spend != 0.0 || t.of(*i).response != 0.0);
        let counted: Vec<usize> = (0..problem.lines.len()).filter(counts).collect();
        if counted.iter().any(|&i| !problem.lines[i].domain().contains(0.0)) {
            return Ok(false);
        }
        // Nothing at all may do; where every line counts, nothing else will.
        let nothing = !broken.line && broken.limits.iter().all(|&other| other == r);
        if nothing || counted.len() == problem.lines.len() || (self.options.stop)() {
            return Ok(nothing);
        }
        let mut without =
            Problem { goal: Goal::Maximize(outlay_allocator::Terms::default()), ..problem.clone() };
        (without.limits[r].min, without.limits[r].max) = (None, None);
        switch_off(&mut without, counted);
        Ok(matches!(feasibility(&without, self.options)?, Feasibility::Feasible(_)))
    }

    fn attained(&self, problem: &Problem, figure: &Limit, end: End) -> Result<Extreme, ProblemError> {
        let solution = solve_open(problem, self.options)?;
        // Inside, quantities are made as large as possible and ratios as small.
        let inside =
            if matches!(problem.goal, Goal::MinimizeRatio { .. }) { End::Lowest } else { End::Highest };
        let sign = if end == inside { 1.0 } else { -1.0 };
        let unbounded = solution.certificate.bound == f64::INFINITY;
        let Some(plan) = solution.plan else {
            return Ok(none(match solution.status {
                Status::Infeasible => ExtremeReason::Infeasible,
                _ if unbounded => ExtremeReason::Unbounded,
                _ => ExtremeReason::Undetermined,
            }));
        };
        if unbounded {
            return Ok(none(ExtremeReason::Unbounded));
        }
        let Some(value) = finite(figure.value(&problem.lines, &plan.spends)) else {
            return Ok(none(ExtremeReason::NoForcedOutcome));
        };
        let spends = self.lowered.layout.totals(&plan.spends);
        if figure.denominator.is_some() && spends.iter().all(|x| *x == 0.0) {
            return Ok(none(ExtremeReason::NoForcedOutcome));
        }
        let lines = self.lowered.names.iter().zip(&spends);
        let plan = lines.map(|(name, &spend)| PlanLine { name: name.clone(), spend }).collect();
        let bound = finite(sign * solution.certificate.bound);
        Ok(Extreme { value: Some(value), bound, reason: None, plan: Some(plan) })
    }

    /// How far each limit's figure can go under all the other rules.
    pub(crate) fn room(&self) -> Result<Vec<Room>, ProblemError> {
        let problem = &self.lowered.problem;
        let limits = &problem.limits;
        let sources = &self.lowered.limits;
        let listed: Vec<usize> =
            (0..limits.len()).filter(|&r| sources[r].listed && !sources[r].is_still(&limits[r])).collect();
        let broken = Broken::by_nothing(&self.lowered.problem);
        let room = |r: usize| {
            let (limit, source) = (&limits[r], &sources[r]);
            let idle = self.holds_of_nothing(r, &broken)?;
            let best = |goal: Option<Goal>| if idle { Ok(None) } else { self.without(r, goal) };
            let least = || match self.options.start {
                Some(kept) if !idle && spared::can_be(problem, r, kept) => Ok(Some(0.0)),
                _ => best(problem.lowest(limit)),
            };
            Ok(Room {
                name: source.name.clone(),
                owner: source.owner.clone(),
                metric: Some(source.metric.clone()),
                tightest_max: if limit.max.is_some() { least()? } else { None },
                tightest_min: if limit.min.is_some() { best(problem.highest(limit))? } else { None },
                min: limit.min,
                max: limit.max,
                idle,
            })
        };
        self.each(listed, room)
    }

    /// The figure of a limit where a goal is best without it; nothing unless
    /// that is proven.
    fn without(&self, r: usize, goal: Option<Goal>) -> Result<Option<f64>, ProblemError> {
        let Some(goal) = goal.filter(|_| !(self.options.stop)()) else { return Ok(None) };
        let mut problem = Problem { goal, ..self.lowered.problem.clone() };
        let Some(limit) = problem.limits.get_mut(r) else { return Ok(None) };
        (limit.min, limit.max) = (None, None);
        let solution = solve_open(&problem, &sharp(&problem, self.options))?;
        let plan = solution.plan.filter(|_| solution.status == Status::Optimal);
        let limit = self.lowered.problem.limits.get(r);
        // A ratio of nothing spent says nothing about what could be written.
        let idle = |spends: &[f64]| self.lowered.layout.totals(spends).iter().all(|x| *x == 0.0);
        let ratio = limit.is_some_and(|l| l.denominator.is_some());
        let plan = plan.filter(|p| !(ratio && idle(&p.spends)));
        Ok(plan.zip(limit).and_then(|(p, limit)| finite(limit.value(&problem.lines, &p.spends))))
    }
}

/// Rules that a plan breaks.
struct Broken {
    /// Whether a line's own rules are among them.
    line: bool,
    limits: Vec<usize>,
}

impl Broken {
    /// Those that a plan without any spend breaks.
    fn by_nothing(problem: &Problem) -> Self {
        let off = vec![0.0; problem.lines.len()];
        let excesses = problem.excesses(&off);
        let limits = (0..excesses.len()).filter(|&r| excesses[r] > STATED).collect();
        Broken { line: problem.lines.iter().any(|line| line.distance(0.0) > STATED), limits }
    }
}

/// Leaves some lines no spend but 0.
fn switch_off(problem: &mut Problem, lines: impl IntoIterator<Item = usize>) {
    for i in lines {
        if let Some(line) = problem.lines.get_mut(i) {
            *line = line.within(&Domain::interval(0.0, 0.0));
        }
    }
}

fn none(reason: ExtremeReason) -> Extreme {
    Extreme { reason: Some(reason), ..Extreme::default() }
}

/// A selection as a limit makes it: `stage=awareness`.
fn selection(limit: &ScenarioLimit, group: &LimitGroup) -> String {
    let tags = limit.spec.selection.iter().flatten();
    let mut parts: Vec<String> =
        tags.map(|(tag, values)| format!("{tag}={}", values.as_slice().join("|"))).collect();
    if let Some(by) = &limit.spec.by {
        let value = group.name.strip_prefix(&limit.name).unwrap_or(&group.name);
        parts.push(format!("{by}={}", value.trim_start_matches(": ")));
    }
    parts.join(" ")
}
