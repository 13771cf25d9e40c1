//! How far the rules of a scenario let a plan go.

use outlay_allocator::{Goal, Limit, Options, Problem, ProblemError, Status, certificate, solve};

use crate::check::{Extreme, ExtremeReason, Extremes, PlanLine, Room};
use crate::figures::finite;
use crate::lower::{Lowered, goal_of};
use crate::scenario::{Scenario, ScenarioLine};
use crate::spec::{GoalSpec, Maximize, Metric, Minimize};

/// A plan keeps its rules up to this.
const KEPT: f64 = 1e-9;

/// The four extremes over all lines, each under all rules but those on the
/// figure itself: the lowest cost per customer under the other rules shows what
/// a cap on it must leave.
pub(crate) fn extremes(
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<Extremes, ProblemError> {
    let spec = |maximize, minimize| GoalSpec { maximize, minimize, ..GoalSpec::default() };
    let of = |spec: GoalSpec, metric: Metric, known: fn(&ScenarioLine) -> bool| {
        if !scenario.lines.iter().all(|l| known(l)) {
            return Ok(none(ExtremeReason::MissingInputs));
        }
        extreme(scenario, lowered, spec, &metric, options)
    };
    let customers = |l: &ScenarioLine| l.customers_per_outcome.is_some() || l.new_customer_share == 0.0;
    Ok(Extremes {
        cac_min: of(spec(None, Some(Minimize::Cac)), Metric::Cac, customers)?,
        revenue_max: of(spec(Some(Maximize::Revenue), None), Metric::Revenue, |l| {
            l.revenue_per_outcome.is_some()
        })?,
        customers_max: of(spec(Some(Maximize::Customers), None), Metric::Customers, customers)?,
        budget_min: of(spec(None, Some(Minimize::Spend)), Metric::Spend, |_| true)?,
    })
}

fn none(reason: ExtremeReason) -> Extreme {
    Extreme { reason: Some(reason), ..Extreme::default() }
}

fn extreme(
    scenario: &Scenario,
    lowered: &Lowered,
    spec: GoalSpec,
    metric: &Metric,
    options: &Options,
) -> Result<Extreme, ProblemError> {
    let goal = goal_of(scenario, spec);
    let mut problem = Problem { goal, ..lowered.problem.clone() };
    for (limit, source) in problem.limits.iter_mut().zip(&lowered.limits) {
        let whole =
            source.name == "budget" || scenario.limits.iter().any(|l| l.name == source.name && covers_all(l));
        if source.listed && whole && source.metric == *metric {
            (limit.min, limit.max) = (None, None);
        }
    }
    if let Goal::MinimizeRatio { denominator, .. } = &problem.goal {
        let off = vec![0.0; problem.lines.len()];
        let nothing = denominator.measure(&problem.lines, &off).0 <= 0.0;
        if nothing && certificate::judge(&at_zero(&problem), &off).violation <= KEPT {
            return Ok(none(ExtremeReason::NoForcedOutcome));
        }
    }
    let solution = solve(&problem, options)?;
    let sign = if spec.minimize == Some(Minimize::Spend) { -1.0 } else { 1.0 };
    let bound = finite(sign * solution.certificate.bound);
    let Some(plan) = solution.plan else {
        return Ok(Extreme {
            reason: Some(match solution.status {
                Status::Infeasible => ExtremeReason::Infeasible,
                _ if solution.certificate.bound == f64::INFINITY => ExtremeReason::Unbounded,
                _ => ExtremeReason::Undetermined,
            }),
            ..Extreme::default()
        });
    };
    if bound.is_none() && solution.certificate.bound == f64::INFINITY {
        return Ok(none(ExtremeReason::Unbounded));
    }
    let value = finite(sign * plan.value).map(|v| v + 0.0);
    let lines = lowered.names.iter().zip(&plan.spends);
    let plan = lines.map(|(name, &spend)| PlanLine { name: name.clone(), spend }).collect();
    let reason = value.is_none().then_some(ExtremeReason::NoForcedOutcome);
    Ok(Extreme { value, bound, reason, plan: value.is_some().then_some(plan) })
}

fn covers_all(limit: &crate::ScenarioLimit) -> bool {
    limit.groups.iter().all(|g| g.lines.is_none())
}

/// The problem with a goal that has a value where nothing is spent.
fn at_zero(problem: &Problem) -> Problem {
    Problem { goal: Goal::Maximize(outlay_allocator::Terms::default()), ..problem.clone() }
}

/// How far each limit's figure can go under all the other rules.
pub(crate) fn room(lowered: &Lowered, options: &Options) -> Result<Vec<Room>, ProblemError> {
    let mut rooms = Vec::new();
    for (r, (limit, source)) in lowered.problem.limits.iter().zip(&lowered.limits).enumerate() {
        if !source.listed {
            continue;
        }
        let figure = |goal: Option<Goal>| -> Result<Option<f64>, ProblemError> {
            let Some(goal) = goal else { return Ok(None) };
            let mut problem = Problem { goal, ..lowered.problem.clone() };
            if let Some(own) = problem.limits.get_mut(r) {
                *own = Limit { min: None, max: None, ..own.clone() };
            }
            let solution = solve(&problem, options)?;
            let plan = solution.plan.filter(|_| solution.status == Status::Optimal);
            Ok(plan.and_then(|p| finite(limit.value(&problem.lines, &p.spends))))
        };
        rooms.push(Room {
            name: source.name.clone(),
            owner: source.owner.clone(),
            metric: Some(source.metric.clone()),
            tightest_max: if limit.max.is_some() { figure(limit.lowest())? } else { None },
            tightest_min: if limit.min.is_some() { figure(limit.highest())? } else { None },
            min: limit.min,
            max: limit.max,
        });
    }
    Ok(rooms)
}
