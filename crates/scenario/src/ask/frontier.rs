//! The best value as a function of one field of a scenario.

use std::sync::Arc;

use indexmap::IndexMap;
use outlay_allocator::{
    Fact, Hold, Limit, Line, Options, Point, Problem, ProblemError, Shift, Side, Sweep, Terms,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::files::diagnostic::Rejected;
use crate::files::result::{Asked, FORMAT, Range, SearchFile, Source, Status, Totals};
use crate::files::spec::{GoalSpec, Metric};
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::figures::totals;
use crate::plan::layout::Layout;
use crate::plan::lower::{Lowered, lower};
use crate::plan::outcome::{Sense, status_of};
use crate::plan::proofs;
use crate::plan::solved::limited;
use crate::plan::uncertain;
use crate::read::load::Batch;

/// A frontier, unrounded: what `outlay frontier --format json` writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierFile {
    /// Format version.
    pub outlay: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Where the scenario came from.
    pub source: Source,
    /// Currency of all money, if the scenario names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What was optimised.
    pub goal: GoalSpec,
    /// The field that varies, by path.
    pub over: String,
    /// What the field limits: `spend` for money, or a limit's metric.
    pub metric: Option<Metric>,
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// Largest relative distance of the best value from the straight line
    /// between neighbouring points.
    pub gap: Option<f64>,
    /// Whether `gap` is proven; otherwise it is an estimate from the points.
    pub certified: bool,
    /// Whether the gap asked for was reached and every change was cornered.
    pub complete: bool,
    /// Plans solved.
    pub solves: usize,
    /// Share of the draws that the points' ranges hold, where curves come with
    /// draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Names of the lines, in the order of `spends`.
    pub lines: Vec<String>,
    /// The best plans by rising number.
    pub points: Vec<FrontierPoint>,
    /// Where what holds the plan in place changes.
    pub breakpoints: Vec<FrontierBreak>,
    /// The first number at which a condition begins or ceases to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Reached>,
    /// What the searches behind the figures found and proved, in the order in
    /// which they were made; in saved files only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<SearchFile>,
}

/// The best plan at one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierPoint {
    /// The number.
    pub at: f64,
    /// How the solve ended.
    pub status: Status,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// No plan does better.
    pub bound: Option<f64>,
    /// The middle of what the goal is under the draws of the curves, where they
    /// come with draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Change of the goal per unit of the number; null where the number enters
    /// otherwise than linearly.
    pub marginal: Option<f64>,
    /// Every metric over all lines at the plan.
    pub totals: Option<Totals>,
    /// Spend of every line.
    pub spends: Option<Vec<f64>>,
}

/// Where what holds the plan in place changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierBreak {
    /// The number.
    pub at: f64,
    /// It lies above this.
    pub low: f64,
    /// It lies at most here.
    pub high: f64,
    /// The goal after the change.
    pub value: Option<f64>,
    /// Marginal value before.
    pub before: Option<f64>,
    /// Marginal value after.
    pub after: Option<f64>,
    /// What changes.
    pub shifts: Vec<FrontierShift>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrontierShift {
    /// What changes.
    pub kind: ShiftKind,
    /// The limit or line; absent where the plan as a whole changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What held before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Held>,
    /// What holds after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Held>,
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShiftKind {
    /// A limit begins or ceases to bind.
    Limit,
    /// A line is held by something else.
    Line,
    /// From here on there is a plan.
    Possible,
    /// From here on there is none.
    Impossible,
    /// The value jumps.
    Jump,
}

/// What holds a limit's figure or a line's spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A limit that does not bind.
    Slack,
    /// A line without spend.
    Off,
    /// The least value or spend.
    Min,
    /// The largest value or spend.
    Max,
    /// A line's deal.
    Deal,
    /// The prices of the limits.
    Price,
}

/// A condition on the way, for example `customers >= 10000`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// A figure of `totals`, or `value` or `marginal`.
    pub figure: String,
    /// True for at least, false for at most.
    pub at_least: bool,
    /// The number.
    pub number: f64,
}

/// Where a condition begins or ceases to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds at the first number.
    pub holds_first: bool,
    /// The last number up to which, or the first from which, it holds; null if
    /// that does not change over the range.
    pub at: Option<f64>,
    /// The plan there.
    pub plan: Option<FrontierPoint>,
}

/// Most plans a frontier solves.
const MOST_SOLVES: usize = 2_000;

/// What to trace.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    /// Path of the field, as in `vary`.
    pub over: &'a str,
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// Largest relative distance from the straight line between points.
    pub gap: f64,
    /// For every solve.
    pub options: Options<'a>,
}

fn asked(options: &Options, gap: f64) -> Asked {
    Asked { gap: Some(gap), ..proofs::asked(options, None) }
}

/// Why there is no frontier.
#[derive(Debug, Error)]
pub enum FrontierError {
    /// A number of the range makes a wrong scenario, or the path leads nowhere.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The problem makes no sense.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// A plan by period.
    #[error("{path}: it is planned by period, and a frontier needs a plan in total", path = path.display())]
    ByPeriod {
        /// The scenario file.
        path: std::path::PathBuf,
    },
    /// Pools of demand.
    #[error(
        "{path}: what is proven between two budgets does not hold with pools of demand; list the numbers in `[[vary]]` instead",
        path = path.display()
    )]
    Pools {
        /// The scenario file.
        path: std::path::PathBuf,
    },
    /// No best plan at one end of the range.
    #[error("{over} = {at}: {problem}")]
    At {
        /// The field.
        over: String,
        /// Its number.
        at: f64,
        /// What is wrong there.
        problem: ProblemError,
    },
    /// A condition on a marginal value that is not known.
    #[error("the marginal value over {over} is not known: the field enters otherwise than linearly")]
    NoMarginal {
        /// The field.
        over: String,
    },
}

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
            "spend" => totals?.spend,
            "revenue" => totals?.revenue,
            "customers" => totals?.customers,
            "profit" => totals?.profit,
            "lifetime_value" => totals?.lifetime_value,
            "cac" => totals?.cac,
            "mer" => totals?.mer,
            "iroas" => totals?.iroas,
            "ltv_to_cac" => totals?.ltv_to_cac,
            _ => None,
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
    if first.calendar.is_some() {
        return Err(FrontierError::ByPeriod { path: batch.path().to_owned() });
    }
    if !first.meeting.pools.is_empty() {
        return Err(FrontierError::Pools { path: batch.path().to_owned() });
    }
    if lower(&first).over_draws.is_some() || lower(&last).over_draws.is_some() {
        return Err(FrontierError::Problem(ProblemError::Draws(
            "a frontier is traced for the mean over the draws: leave out `worst`, `shortfall`, `regret` and \
             `probability`, or vary the field with `vary`",
        )));
    }
    for (end, at) in [(&first, course.from), (&last, course.to)] {
        let without_end = |problem| FrontierError::At { over: course.over.to_owned(), at, problem };
        limited(&lower(end), &course.options).map_err(without_end)?;
    }
    let moving = Moving::find(&lower(&first).problem, &lower(&last).problem);
    let problem =
        |t: f64| -> Result<Problem, FrontierError> { Ok(moving.as_limits(lower(&scenario(t)?).problem)) };
    let lowered = lower(&first);
    let sense = Sense::new(first.goals.first(), &lowered.problem);
    let point = |p: &Point| {
        let scenario = scenario(p.at).ok();
        let spends = p.solution.plan.as_ref().map(|plan| lowered.layout.totals(&plan.spends));
        let figures = scenario.as_ref().zip(spends.as_ref());
        FrontierPoint {
            at: p.at,
            status: status(p),
            value: p.solution.plan.as_ref().and_then(|plan| finite(sense.sign * plan.value)),
            bound: finite(sense.sign * p.solution.certificate.bound),
            range: scenario
                .as_ref()
                .zip(p.solution.plan.as_ref())
                .and_then(|(scenario, plan)| uncertain::goal(scenario, &lowered, &plan.spends)),
            marginal: p.marginal.and_then(|m| finite(sense.sign * m)),
            totals: figures.map(|(scenario, spends)| totals(scenario, &Layout::new(scenario), spends)),
            spends,
        }
    };
    let sweep = Sweep {
        from: course.from,
        to: course.to,
        gap: course.gap,
        solves: MOST_SOLVES,
        options: course.options,
    };
    let watch = |p: &Point| condition.is_some_and(|c| c.holds(&point(p)));
    let traced = outlay_allocator::frontier(problem, &sweep, watch)?;
    if !traced.certified && condition.is_some_and(|c| c.figure == "marginal") {
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
    bounds: Vec<(usize, Side)>,
}

impl Moving {
    fn find(first: &Problem, last: &Problem) -> Self {
        let mut bounds = Vec::new();
        for (i, (a, b)) in first.lines.iter().zip(&last.lines).enumerate() {
            let deal = a.facts.iter().any(|f| matches!(f, Fact::Deal(_) | Fact::Marginal { .. }));
            for side in [Side::Min, Side::Max] {
                let (from, to) = (bound(a, side), bound(b, side));
                if !deal && from != to && from.is_some() && to.is_some() {
                    bounds.push((i, side));
                }
            }
        }
        Moving { bounds }
    }

    fn as_limits(&self, mut problem: Problem) -> Problem {
        let count = problem.lines.len();
        for &(i, side) in &self.bounds {
            let Some(line) = problem.lines.get_mut(i) else { continue };
            let Some(number) = bound(line, side) else { continue };
            let number = if side == Side::Max { number.max(line.spent()) } else { number };
            let kept = line.facts.iter().filter(|f| is(f, side).is_none()).copied().collect();
            *line = line.with_facts(kept);
            let spend: Arc<[f64]> = (0..count).map(|k| if k == i { 1.0 } else { 0.0 }).collect();
            let (min, max) = match side {
                Side::Min => (Some(number), None),
                Side::Max => (None, Some(number)),
            };
            problem.limits.push(Limit::on(Terms::default().with_spend(spend), min, max));
        }
        problem
    }
}

fn is(fact: &Fact, side: Side) -> Option<f64> {
    match (fact, side) {
        (Fact::Min(n), Side::Min) | (Fact::Max(n), Side::Max) => Some(*n),
        _ => None,
    }
}

fn bound(line: &Line, side: Side) -> Option<f64> {
    line.facts.iter().find_map(|f| is(f, side))
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
                        let &(line, _) = self.moving.bounds.get(limit - self.lowered.limits.len())?;
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
