//! The best value as a function of one field of a scenario.

mod certainty;
mod course;
mod file;

use std::sync::Arc;

pub(crate) use certainty::WEIGHT;
use course::asked;
pub use course::{Course, FrontierError};
pub use file::{
    Condition, FrontierBreak, FrontierFile, FrontierPoint, FrontierShift, Held, Reached, ShiftKind,
};

use indexmap::IndexMap;
use outlay_allocator::{
    Coefficients, Fact, Hold, Limit, Point, Problem, ProblemError, Shift, Side, Sweep, Terms,
};

use crate::files::result::{FORMAT, Status};
use crate::files::spec::Metric;
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::figures::totals;
use crate::plan::lower::{Lowered, lower};
use crate::plan::outcome::{Sense, status_of};
use crate::plan::proofs;
use crate::plan::solved::limited;
use crate::plan::uncertain;
use crate::read::load::Batch;

/// Most plans a frontier solves, and of plans by period.
const MOST_SOLVES: usize = 2_000;
const MOST_BY_PERIOD: usize = 200;

/// The figures a condition can be on.
pub const FIGURES: [&str; 11] = [
    "marginal",
    "value",
    "spend",
    "revenue",
    "customers",
    "profit",
    "lifetime_value",
    "cac",
    "mer",
    "iroas",
    "ltv_to_cac",
];

impl Condition {
    fn holds(&self, point: &FrontierPoint) -> bool {
        let figure = self.figure(point);
        figure.is_some_and(|f| if self.at_least { f >= self.number } else { f <= self.number })
    }

    fn figure(&self, point: &FrontierPoint) -> Option<f64> {
        let totals = point.totals.as_ref();
        match self.figure.as_str() {
            "marginal" => point.marginal,
            "value" => point.value,
            name => totals?.figure(&Metric::parse(name)?),
        }
    }
}

/// Traces the best value of a scenario over one of its fields; what-ifs of the
/// file are left out.
///
/// # Errors
/// A path that leads nowhere, a number that makes the scenario wrong, or a
/// condition on a marginal value where none is known.
pub fn frontier(
    batch: &Batch,
    course: &Course,
    condition: Option<&Condition>,
) -> Result<FrontierFile, FrontierError> {
    let set = |t: f64| IndexMap::from([(course.over.to_owned(), serde_json::Value::from(t))]);
    let scenario = |t: f64| batch.with(&set(t));
    let (first, last) = (scenario(course.from)?, scenario(course.to)?);
    if course.over == WEIGHT && condition.is_none() {
        return certainty::traced(batch, course, &first);
    }
    let (lowered, at_last) = (lower(&first), lower(&last));
    if lowered.over_draws.is_some() || at_last.over_draws.is_some() {
        return Err(FrontierError::Problem(ProblemError::Draws(
            "a frontier is traced for the mean over the draws: leave out `worst`, `shortfall`, `regret` and \
             `probability`, or vary the field with `vary`; what certainty costs is traced with --over \
             goal.weight, without --until",
        )));
    }
    for (end, at) in [(&lowered, course.from), (&at_last, course.to)] {
        let without_end = |problem| FrontierError::At { over: course.over.to_owned(), at, problem };
        limited(end, &course.options).map_err(without_end)?;
    }
    let moving = Moving::find(&lowered.problem, &at_last.problem);
    // Both ends are asked for again: a scenario of 100,000 lines takes a while to read.
    let ends = [(course.from, &first, &lowered), (course.to, &last, &at_last)];
    let end = |t: f64| ends.iter().find(|(at, ..)| *at == t);
    let problem = |t: f64| -> Result<Problem, FrontierError> {
        let lowered =
            end(t).map_or_else(|| Ok(lower(&scenario(t)?).problem), |end| Ok(end.2.problem.clone()));
        lowered.map(|problem| moving.as_limits(problem))
    };
    let sense = Sense::new(first.goals.first(), &lowered.problem);
    let point = |p: &Point| {
        let plan = p.solution.plan.as_ref();
        let spends = plan.map(|plan| lowered.layout.totals(&plan.spends));
        let read = plan.filter(|_| end(p.at).is_none()).and_then(|_| scenario(p.at).ok());
        let scenario = end(p.at).map(|end| end.1).or(read.as_ref());
        let figures = scenario.zip(plan);
        FrontierPoint {
            at: p.at,
            status: status(p),
            value: p.solution.plan.as_ref().and_then(|plan| finite(sense.sign * plan.value)),
            bound: finite(sense.sign * p.solution.certificate.bound),
            range: figures.and_then(|(scenario, plan)| uncertain::goal(scenario, &lowered, &plan.spends)),
            marginal: p.marginal.and_then(|m| finite(sense.sign * m)),
            totals: figures.map(|(scenario, plan)| totals(scenario, &lowered.layout, &plan.spends)),
            spends,
            draws: None,
        }
    };
    let sweep = Sweep {
        from: course.from,
        to: course.to,
        gap: course.gap,
        solves: if first.calendar.is_some() { MOST_BY_PERIOD } else { MOST_SOLVES },
        options: course.options,
    };
    let watch = |p: &Point| condition.is_some_and(|c| c.holds(&point(p)));
    let traced = outlay_allocator::frontier(problem, &sweep, watch)?;
    let stopped = (course.options.stop)();
    if !traced.certified && !stopped && condition.is_some_and(|c| c.figure == "marginal") {
        return Err(FrontierError::NoMarginal { over: course.over.to_owned() });
    }
    let points: Vec<FrontierPoint> = traced.points.iter().map(point).collect();
    let names = Names { lowered: &lowered, moving: &moving };
    let breakpoints = traced.breakpoints.iter().filter_map(|b| {
        let shifts: Vec<FrontierShift> = b.shifts.iter().filter_map(|s| names.shift(s)).collect();
        let find = |t: f64| points.iter().find(|p| p.at == t);
        let (before, after) = (find(b.low), find(b.high));
        let at = if b.shifts.contains(&Shift::Impossible) { b.low } else { b.high };
        (!shifts.is_empty()).then(|| FrontierBreak {
            at,
            low: b.low,
            high: b.high,
            value: after.and_then(|p| p.value),
            before: before.and_then(|p| p.marginal),
            after: after.and_then(|p| p.marginal),
            shifts,
        })
    });
    Ok(FrontierFile {
        outlay: FORMAT,
        scenario: batch.name().to_owned(),
        source: proofs::asked_of(batch.asked_source(), asked(&course.options, course.gap)),
        currency: first.currency.clone(),
        goal: first.goals.first().copied().unwrap_or_default(),
        over: course.over.to_owned(),
        metric: measured(course.over, &first),
        from: course.from,
        to: course.to,
        gap: finite(traced.gap),
        certified: traced.certified,
        complete: traced.complete,
        solves: traced.solves,
        level: uncertain::level(&first),
        lines: lowered.names.clone(),
        breakpoints: breakpoints.collect(),
        until: condition.map(|c| reached(c, &points)),
        proofs: Vec::new(),
        points,
    })
}

/// Where a condition begins or ceases to hold: the frontier has cornered it.
fn reached(condition: &Condition, points: &[FrontierPoint]) -> Reached {
    let holds_first = points.first().is_some_and(|p| condition.holds(p));
    let change = points.windows(2).find(|w| condition.holds(&w[0]) != condition.holds(&w[1]));
    let plan = change.map(|w| if holds_first { w[0].clone() } else { w[1].clone() });
    Reached { condition: condition.clone(), holds_first, at: plan.as_ref().map(|p| p.at), plan }
}

fn status(point: &Point) -> Status {
    status_of(point.solution.status)
}

/// What the number of a path measures, where that is known.
fn measured(over: &str, scenario: &Scenario) -> Option<Metric> {
    let side = over.ends_with(".max") || over.ends_with(".min") || over.ends_with(".exact");
    if side && (over.starts_with("budget.") || over.contains(".spend.")) {
        return Some(Metric::Spend);
    }
    let limit = scenario.limits.iter().find(|l| {
        ["min", "max"]
            .iter()
            .any(|s| over == format!("limits.{}.{s}", l.name) || over == format!("limits.\"{}\".{s}", l.name))
    });
    limit.map(|l| l.spec.metric.clone())
}

/// Bounds of lines that the number moves. As limits of their own they have a
/// price, and a proof at one number says something about its neighbours.
struct Moving {
    /// Line, place among its facts, and side.
    bounds: Vec<(usize, usize, Side)>,
}

impl Moving {
    fn find(first: &Problem, last: &Problem) -> Self {
        let mut bounds = Vec::new();
        for (i, (a, b)) in first.lines.iter().zip(&last.lines).enumerate() {
            let deal = |f: &Fact| matches!(f, Fact::Deal(_) | Fact::Marginal { .. });
            if a.facts.len() != b.facts.len() || a.facts.iter().any(deal) {
                continue;
            }
            for (k, (from, to)) in a.facts.iter().zip(b.facts.iter()).enumerate() {
                let both = |side| bound(from, side).is_some() && bound(to, side).is_some();
                let side = [Side::Min, Side::Max].into_iter().find(|side| both(*side));
                bounds.extend(side.filter(|_| from != to).map(|side| (i, k, side)));
            }
        }
        Moving { bounds }
    }

    fn as_limits(&self, mut problem: Problem) -> Problem {
        // From the last fact of a line on, so that places stay what they are.
        for &(i, k, side) in self.bounds.iter().rev() {
            let Some(line) = problem.lines.get_mut(i) else { continue };
            let Some(number) = line.facts.get(k).and_then(|f| bound(f, side)) else { continue };
            let number = if side == Side::Max { number.max(line.spent()) } else { number };
            let kept = line.facts.iter().enumerate().filter(|(at, _)| *at != k).map(|(_, f)| *f).collect();
            *line = line.with_facts(kept);
            let (min, max) = match side {
                Side::Min => (Some(number), None),
                Side::Max => (None, Some(number)),
            };
            problem.limits.push(Limit::on(alone(&problem, i), min, max));
        }
        problem
    }

    /// The line behind a limit that was made of a bound, counted from the first.
    fn line(&self, limit: usize) -> Option<usize> {
        let last = self.bounds.len().checked_sub(limit + 1)?;
        self.bounds.get(last).map(|b| b.0)
    }
}

/// The spend of one line: among flights as a quantity of few lines.
fn alone(problem: &Problem, i: usize) -> Terms {
    if problem.limits.iter().any(|l| l.numerator.few.is_some()) {
        return Terms::default().with_few(vec![(i, Coefficients::on_spend(1.0))]);
    }
    let spend: Arc<[f64]> = (0..problem.lines.len()).map(|k| if k == i { 1.0 } else { 0.0 }).collect();
    Terms::default().with_spend(spend)
}

fn bound(fact: &Fact, side: Side) -> Option<f64> {
    match (fact, side) {
        (Fact::Min(n), Side::Min) | (Fact::Max(n), Side::Max) => Some(*n),
        _ => None,
    }
}

/// What the indices of a problem are called.
struct Names<'a> {
    lowered: &'a Lowered,
    moving: &'a Moving,
}

impl Names<'_> {
    fn shift(&self, shift: &Shift) -> Option<FrontierShift> {
        let whole = |kind| FrontierShift { kind, name: None, from: None, to: None };
        Some(match *shift {
            Shift::Limit { limit, from, to } => {
                let held = |side: Option<Side>, none: Held| match side {
                    None => none,
                    Some(Side::Min) => Held::Min,
                    Some(Side::Max) => Held::Max,
                };
                let (kind, name, none) = match self.lowered.limits.get(limit) {
                    Some(source) => (ShiftKind::Limit, &source.name, Held::Slack),
                    None => {
                        let line = self.moving.line(limit - self.lowered.limits.len())?;
                        (ShiftKind::Line, self.lowered.names.get(line)?, Held::Price)
                    }
                };
                let (from, to) = (Some(held(from, none)), Some(held(to, none)));
                FrontierShift { kind, name: Some(name.clone()), from, to }
            }
            Shift::Line { line, from, to } => {
                let held = |hold: Hold| {
                    Some(match hold {
                        Hold::Off => Held::Off,
                        Hold::Min => Held::Min,
                        Hold::Max => Held::Max,
                        Hold::Deal => Held::Deal,
                        Hold::Price => Held::Price,
                    })
                };
                let name = self.lowered.names.get(line)?.clone();
                FrontierShift { kind: ShiftKind::Line, name: Some(name), from: held(from), to: held(to) }
            }
            Shift::Possible => whole(ShiftKind::Possible),
            Shift::Impossible => whole(ShiftKind::Impossible),
            Shift::Jump => whole(ShiftKind::Jump),
        })
    }
}
