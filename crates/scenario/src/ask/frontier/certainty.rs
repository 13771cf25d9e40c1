//! What certainty costs: the mean against the mean of the worst draws, plan by
//! plan, as the weight between the two rises.
//!
//! With weight `w` the best value is `G(w) = max_x (1 - w) mean(x) + w worst(x)`,
//! the largest of straight lines in `w`, and so convex. Between two weights it is
//! at most the straight line between their proven bounds, and at least what their
//! plans are worth there. Where these two are farthest apart the next weight is
//! solved (noninferior set estimation; Cohon 1978).

use indexmap::IndexMap;
use outlay_allocator::ProblemError;

use super::course::{Course, FrontierError, asked};
use super::file::{FrontierFile, FrontierPoint};
use crate::files::result::{FORMAT, GoalDraws, Status};
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::lower::lower;
use crate::plan::ordered::plan;
use crate::plan::proofs;
use crate::plan::uncertain;
use crate::read::load::Batch;

/// The field that is the weight of the worst draws.
pub(crate) const WEIGHT: &str = "goal.weight";

/// Most plans.
const MOST: usize = 41;

/// The least gap aimed at: twice that to which plans over draws are proven.
const LEAST: f64 = 2e-4;

/// The best plans as the weight of the worst draws rises.
pub(super) fn traced(
    batch: &Batch,
    course: &Course,
    first: &Scenario,
) -> Result<FrontierFile, FrontierError> {
    if !first.goals.first().is_some_and(|g| g.worst.is_some() && !g.regret && g.shortfall.is_none()) {
        return Err(FrontierError::Problem(ProblemError::Draws(
            "a weight lies between the mean and the mean of the worst draws: give a goal with `worst`, like \
             --goal \"maximize revenue worst 10%\"",
        )));
    }
    // What is not proven before time is up is left out; an end says so.
    let solve = |at: f64| course.options.whole(|| point(batch, course, at)).transpose();
    let end = |at: f64| Ok::<_, FrontierError>(solve(at)?.unwrap_or_else(|| open(at)));
    let mut points = vec![end(course.from)?, end(course.to)?];
    let target = course.gap.max(LEAST);
    let (mut widest, mut stopped) = (wide(&points), false);
    while let Some((k, at, gap)) = widest.filter(|(_, _, gap)| *gap > target) {
        let (a, b) = (points[k].at, points[k + 1].at);
        stopped = points.len() >= MOST || (course.options.stop)() || gap.is_infinite();
        if stopped {
            break;
        }
        // Neither end again.
        let at = at.clamp(a + 0.1 * (b - a), b - 0.1 * (b - a));
        let Some(point) = solve(at)? else {
            stopped = true;
            break;
        };
        points.insert(k + 1, point);
        widest = wide(&points);
    }
    let gap = widest.and_then(|(_, _, gap)| finite(gap));
    Ok(FrontierFile {
        outlay: FORMAT,
        scenario: batch.name().to_owned(),
        source: proofs::asked_of(batch.asked_source(), asked(&course.options, course.gap)),
        currency: first.currency.clone(),
        goal: first.goals.first().copied().unwrap_or_default(),
        over: course.over.to_owned(),
        metric: None,
        from: course.from,
        to: course.to,
        certified: gap.is_some(),
        gap,
        complete: !stopped,
        solves: points.len(),
        level: uncertain::level(first),
        lines: lower(first).names,
        breakpoints: Vec::new(),
        until: None,
        proofs: Vec::new(),
        points,
    })
}

/// A point of which nothing is known.
fn open(at: f64) -> FrontierPoint {
    FrontierPoint {
        at,
        status: Status::Undetermined,
        value: None,
        bound: None,
        range: None,
        marginal: None,
        totals: None,
        spends: None,
        draws: None,
    }
}

fn point(batch: &Batch, course: &Course, at: f64) -> Result<FrontierPoint, FrontierError> {
    let scenario = batch.with(&IndexMap::from([(course.over.to_owned(), serde_json::Value::from(at))]))?;
    let lowered = lower(&scenario);
    let file = plan(&scenario, &lowered, &course.options)?;
    let spends = file.lines.as_ref().map(|lines| lines.iter().map(|l| l.spend).collect::<Vec<f64>>());
    let atoms = file.lines.as_ref().map(|lines| {
        let mut atoms = lowered.layout.stated(&scenario, lines);
        lowered.problem.settle(&mut atoms);
        atoms
    });
    let draws = file.uncertainty.as_ref().and_then(|u| u.goal);
    Ok(FrontierPoint {
        at,
        status: file.status,
        value: file.value,
        bound: file.certificate.as_ref().and_then(|c| c.bound),
        range: atoms.and_then(|atoms| uncertain::goal(&scenario, &lowered, &atoms)),
        marginal: draws.and_then(|d| finite(d.worst? - d.mean?)),
        totals: file.totals,
        spends,
        draws,
    })
}

/// Between which points the best value is known least, where, and how well
/// relative to it; nothing where there is no plan.
fn wide(points: &[FrontierPoint]) -> Option<(usize, f64, f64)> {
    let each = points.windows(2).enumerate().map(|(k, ends)| {
        let (at, gap) = between(&ends[0], &ends[1])?;
        Some((k, at, gap))
    });
    each.collect::<Option<Vec<_>>>()?.into_iter().max_by(|a, b| a.2.total_cmp(&b.2))
}

/// Where between two points the best value is known least, and the relative
/// distance there of what is proven from what a plan is worth.
fn between(a: &FrontierPoint, b: &FrontierPoint) -> Option<(f64, f64)> {
    let worth = |d: GoalDraws, at: f64| Some((1.0 - at) * d.mean? + at * d.worst?);
    let (left, right) = (a.draws?, b.draws?);
    let (low, high) = (a.bound?, b.bound?);
    // The two plans' lines meet where both are worth the same.
    let differ = |at: f64| Some(worth(left, at)? - worth(right, at)?);
    let (from, to) = (differ(a.at)?, differ(b.at)?);
    let share = if from > 0.0 && to < 0.0 { from / (from - to) } else { 0.5 };
    let at = a.at + share * (b.at - a.at);
    let distance = |at: f64| {
        let share = (at - a.at) / (b.at - a.at);
        let plan = worth(left, at)?.max(worth(right, at)?);
        Some((low + share * (high - low) - plan) / plan.abs().max(f64::MIN_POSITIVE))
    };
    let each = [(a.at, distance(a.at)?), (at, distance(at)?), (b.at, distance(b.at)?)];
    let gap = each.iter().map(|e| e.1).fold(0.0, f64::max);
    Some((at, gap))
}
