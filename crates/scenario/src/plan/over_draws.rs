//! What of a scenario looks at the draws one by one, as the allocator sees it.

use std::sync::Arc;

use outlay_allocator::risk::{BestOfDraws, Measure, Risky, Tail, TailLimit, best_of_draws};
use outlay_allocator::{Goal, Options, Problem, ProblemError, Terms};

use crate::files::spec::GoalSpec;
use crate::model::scenario::{LimitGroup, Scenario, ScenarioLimit};
use crate::plan::columns::Columns;
use crate::plan::layout::Layout;
use crate::plan::pairing::laid_out;
use crate::plan::quantity::quantity;

/// What of a scenario looks at the draws, and the names of its limits that do.
#[derive(Debug, Clone)]
pub struct OverDraws {
    /// The problem over the draws; of a regret without what each draw's best
    /// plan earns, which takes solving.
    pub(crate) risky: Risky,
    pub(crate) names: Vec<String>,
    pub(crate) spec: GoalSpec,
}

/// The part of a scenario that looks at the draws; nothing if none does.
pub(crate) fn over_draws(
    scenario: &Scenario,
    (problem, layout): (&Problem, &Layout),
    columns: &mut Columns,
) -> Option<Arc<OverDraws>> {
    let spec = scenario.goals.first().copied().unwrap_or_default();
    let asks = |limit: &&Arc<ScenarioLimit>| limit.spec.probability.is_some();
    if !spec.is_risk() && !scenario.limits.iter().any(|l| asks(&l)) {
        return None;
    }
    let draws = laid_out(&scenario.lines, layout, problem);
    let (mut limits, mut names) = (Vec::new(), Vec::new());
    for limit in scenario.limits.iter().filter(asks) {
        for group in &limit.groups {
            limits.extend(tail_limit(scenario, limit, group, columns));
            names.push(group.name.clone());
        }
    }
    let (goal, tail) = match &problem.goal {
        Goal::Maximize(terms) if spec.is_risk() => {
            let (own, tail) = tail(&spec, terms, draws.count);
            (Goal::Maximize(own), Some(tail))
        }
        goal => (goal.clone(), None),
    };
    let problem = Problem { goal, ..problem.clone() };
    Some(Arc::new(OverDraws { risky: Risky { problem, draws, goal: tail, limits }, names, spec }))
}

/// What of a goal rests on the expected curves, and what looks at the draws.
fn tail(spec: &GoalSpec, terms: &Terms, count: usize) -> (Terms, Tail) {
    let share = spec.worst.unwrap_or(1.0);
    let weight = spec.weight.unwrap_or(1.0);
    let (measure, base) = match spec.shortfall {
        Some(target) => (Measure::Below, Some(vec![target; count].into())),
        None => (Measure::Worst { share, weight }, None),
    };
    let own = if weight < 1.0 { Terms::default().plus(1.0 - weight, terms) } else { Terms::default() };
    (own, Tail { terms: terms.clone(), base, slack: 0.0, measure })
}

fn tail_limit(
    scenario: &Scenario,
    limit: &ScenarioLimit,
    group: &LimitGroup,
    columns: &mut Columns,
) -> Option<TailLimit> {
    let share = 1.0 - limit.spec.probability?;
    let (numerator, denominator) = quantity(scenario, limit, group, columns);
    let limit = outlay_allocator::Limit { numerator, denominator, min: limit.spec.min, max: limit.spec.max };
    Some(TailLimit { limit, share })
}

/// What of a scenario looks at the draws, with all that a search for its plan
/// needs.
#[derive(Debug, Clone)]
pub(crate) enum Completed {
    Ready(Box<Risky>),
    /// No plan keeps the limits.
    NoPlan,
    /// Time was up before every draw's best plan was known, and no regret can be
    /// told.
    Stopped,
}

impl OverDraws {
    /// With what each draw's best plan earns, where the goal is a regret.
    pub(crate) fn complete(&self, options: &Options) -> Result<Completed, ProblemError> {
        let mut risky = self.risky.clone();
        if let Some(reason) = risky.unsupported() {
            return Err(ProblemError::Draws(reason));
        }
        if let Some(tail) = risky.goal.as_mut().filter(|_| self.spec.regret) {
            match best_of_draws(&self.risky, &tail.terms, options)? {
                BestOfDraws::Known { bounds, open } => {
                    tail.slack = tail.measure.slack(&open);
                    tail.base = Some(bounds.into());
                }
                BestOfDraws::NoPlan => return Ok(Completed::NoPlan),
                BestOfDraws::Stopped => return Ok(Completed::Stopped),
            }
        }
        Ok(Completed::Ready(Box::new(risky)))
    }
}
