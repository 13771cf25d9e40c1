//! Goals in order: each next one is reached within what the ones before allow.
//!
//! Goal `k` is solved with a row for every goal `j < k`: it must keep at least
//! `best_j - (w + ROOM) |best_j|` (at most, where less is better), with `w` the
//! largest `within` of the goals from `j + 1` to `k`: what was allowed once stays
//! allowed, or no plan would be left that serves the goals in between. Every
//! stage has a certificate of its own; the last one's plan is the plan.

use outlay_allocator::certificate::{Judgement, judge};
use outlay_allocator::{Certificate, Goal, Limit, Options, ProblemError, Solution, solve};

use crate::files::result::{Member, MemberField, MemberKind, OrderedGoalResult, ResultFile};
use crate::files::spec::Metric;
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::lower::{LimitSource, Lowered};
use crate::plan::outcome::{Sense, certificate_file, result_until};
use crate::plan::worst;

/// Part of an earlier goal that may always be given up: the plans that attain
/// it exactly may be a single one.
const ROOM: f64 = 1e-7;

/// Least gap asked of goals after the first. Near the best of an earlier goal
/// a later one changes with the square root of what is given up, so that the
/// limits' tolerance alone is worth nearly this much.
const LATER_GAP: f64 = 1e-5;

/// What was asked of them before; files that say so are held to it.
const FORMER_GAP: f64 = 1e-6;

/// The certified plan of a scenario, its goals taken in order.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn plan(scenario: &Scenario, lowered: &Lowered, options: &Options) -> Result<ResultFile, ProblemError> {
    if let Some(over) = &lowered.over_draws {
        return worst::plan(scenario, lowered, over, options);
    }
    Ok(serve(scenario, lowered, options)?.file(scenario, lowered, options.stop))
}

/// A plan that serves goals in order.
pub(crate) struct Served {
    /// The first goal's solution, with the plan of the last goal reached.
    pub(crate) first: Solution,
    /// The best of each goal that was reached.
    bests: Vec<f64>,
    /// The certificates of those after the first.
    later: Vec<Certificate>,
}

impl Served {
    /// A plan for the first goal alone.
    pub(crate) fn alone(first: Solution) -> Served {
        let bests = first.plan.iter().map(|plan| plan.value).collect();
        Served { first, bests, later: Vec::new() }
    }

    pub(crate) fn file(
        &self,
        scenario: &Scenario,
        lowered: &Lowered,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> ResultFile {
        if lowered.goals.len() < 2 || self.bests.is_empty() {
            return result_until(scenario, lowered, &self.first, stop);
        }
        file(scenario, lowered, &self.first, (&self.bests, &self.later), stop)
    }
}

/// Reaches one goal after the other.
///
/// # Errors
/// As [`plan`].
pub(crate) fn serve(
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<Served, ProblemError> {
    let mut served = Served::alone(lowered.settled(scenario, solve(&lowered.problem, options)?));
    for k in 1..lowered.goals.len() {
        let Some(best) = served.first.plan.as_ref().filter(|_| !(options.stop)()) else { break };
        let stage = stage(lowered, k, &served.bests);
        let options = Options { gap: Some(later_gap(options.gap)), start: Some(&best.spends), ..*options };
        let solution = stage.settled(scenario, solve(&stage.problem, &options)?);
        let Some(plan) = solution.plan else { break };
        served.bests.push(plan.value);
        served.later.push(solution.certificate);
        served.first.plan = Some(plan);
    }
    Ok(served)
}

/// The gap asked of a goal after the first.
pub(crate) fn later_gap(asked: Option<f64>) -> f64 {
    asked.map_or(LATER_GAP, |gap| gap.max(LATER_GAP))
}

/// The gap that a file was asked for of a goal after the first: it may state
/// what was asked of such goals before, which is stricter.
pub(crate) fn later_gap_of(asked: Option<f64>, stated: Option<f64>) -> f64 {
    let former = asked.map_or(FORMER_GAP, |gap| gap.max(FORMER_GAP));
    if stated == Some(former) { former } else { later_gap(asked) }
}

/// The problem of goal `k`, the goals before it kept near their best values.
pub(crate) fn stage(lowered: &Lowered, k: usize, bests: &[f64]) -> Lowered {
    let mut stage = lowered.clone();
    let Some(goal) = lowered.goals.get(k) else { return stage };
    stage.problem.goal = goal.goal.clone();
    for (j, (earlier, &best)) in lowered.goals.iter().zip(bests).enumerate().take(k) {
        let allowed = lowered.goals[j + 1..=k].iter().map(|g| g.within).fold(0.0, f64::max);
        let given_up = (allowed + ROOM) * best.abs();
        stage.problem.limits.push(match &earlier.goal {
            Goal::Maximize(terms) => Limit::on(terms.clone(), Some(best - given_up), None),
            Goal::MinimizeRatio { numerator, denominator } => {
                Limit::ratio(numerator.clone(), denominator.clone(), None, Some(best + given_up))
            }
        });
        stage.limits.push(source(j));
    }
    stage
}

fn source(j: usize) -> LimitSource {
    let name = format!("goal {}", j + 1);
    let member = |field| Member { kind: MemberKind::Limit, name: name.clone(), field, owner: None };
    LimitSource {
        key: format!("goals.{}", j + 1),
        owner: None,
        metric: Metric::Revenue,
        min: Some(member(MemberField::Min)),
        max: Some(member(MemberField::Max)),
        name,
        firm: false,
        weight: 1.0,
        listed: false,
    }
}

/// The goals' own best values that a result states, as the allocator sees them.
pub(crate) fn restated(lowered: &Lowered, goals: &[OrderedGoalResult]) -> Vec<f64> {
    let each = goals.iter().enumerate().map_while(|(k, goal)| {
        let best = goal.best?;
        Some(sense(lowered, k).sign * best)
    });
    each.collect()
}

fn sense(lowered: &Lowered, k: usize) -> Sense {
    let goal = lowered.goals.get(k);
    let ratio = goal.is_some_and(|g| matches!(g.goal, Goal::MinimizeRatio { .. }));
    Sense::of(goal.map(|g| &g.spec), ratio)
}

/// The result of the last stage's plan: the first goal's solution with that
/// plan, every goal's own best value, and the certificates of the later ones.
pub(crate) fn file(
    scenario: &Scenario,
    lowered: &Lowered,
    first: &Solution,
    (bests, later): (&[f64], &[Certificate]),
    stop: &(dyn Fn() -> bool + Sync),
) -> ResultFile {
    let spends = &first.plan.as_ref().map_or_else(Vec::new, |p| p.spends.clone());
    let mut proven = bests.len() == lowered.goals.len() && later.len() + 1 == bests.len();
    let mut first = first.clone();
    let mut goals = Vec::with_capacity(lowered.goals.len());
    for (k, ordered) in lowered.goals.iter().enumerate() {
        let stage = stage(lowered, k, bests);
        let judgement = judge(&stage.problem, spends);
        let best = bests.get(k).copied().unwrap_or(f64::NAN);
        let gap = |bound: f64| Judgement { value: best, ..judgement }.gap(bound);
        let mut proof = if k == 0 { Some(first.certificate.clone()) } else { later.get(k - 1).cloned() };
        if let Some(proof) = &mut proof {
            proof.gap = gap(proof.bound);
            proof.violation = judgement.violation;
            proven &= proof.gap <= proof.asked;
        }
        let sense = sense(lowered, k);
        if let (0, Some(plan)) = (k, first.plan.as_mut()) {
            plan.value = judgement.value;
            first.certificate.gap = gap(first.certificate.bound);
        }
        // The last stage has every row.
        first.certificate.violation = judgement.violation;
        // The prices at the plan are told in the first goal's units alone.
        let written = |p: Certificate| certificate_file(&stage, &p, &[], &sense);
        goals.push(OrderedGoalResult {
            goal: ordered.spec,
            best: finite(sense.sign * best),
            value: finite(sense.sign * judgement.value),
            certificate: proof.filter(|_| k > 0).map(written),
        });
    }
    first.status =
        if proven { outlay_allocator::Status::Optimal } else { outlay_allocator::Status::WithinGap };
    let mut file = result_until(scenario, lowered, &first, stop);
    file.goals = goals;
    without_line_prices(&mut file);
    file
}

/// What a line's bound costs the first goal means nothing where a later goal
/// chose the spend.
fn without_line_prices(file: &mut ResultFile) {
    for line in file.lines.iter_mut().flatten() {
        line.shadow_price = None;
    }
}
