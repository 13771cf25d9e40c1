//! Goals and limits that look at the worst draws: solved, and written with
//! their proof.

use indexmap::IndexMap;
use outlay_allocator::risk::{
    RiskSolution, Risky, Weights, judge, leaf_bounds, lower_mean, solve as solve_over_draws,
};
use outlay_allocator::{Certificate, Options, ProblemError, Solution, Status, Terms};

use crate::files;
use crate::files::result::{CertificateFile, DrawsFile, GoalDraws, LeafFile, LimitResult, ResultFile};
use crate::model::scenario::Scenario;
use crate::plan::earned::finite;
use crate::plan::lower::Lowered;
use crate::plan::outcome::{Sense, certificate_file, result};
use crate::plan::over_draws::{Completed, OverDraws};
use crate::plan::proofs::hash;

/// Share of the draws whose mean is stated where the goal names none.
const SHARE: f64 = 0.1;

/// The result of a scenario that looks at the draws.
pub(crate) fn plan(
    scenario: &Scenario,
    lowered: &Lowered,
    over: &OverDraws,
    options: &Options,
) -> Result<ResultFile, ProblemError> {
    let options = Options { answers: None, ..*options };
    match over.complete(&options)? {
        Completed::Ready(risky) => {
            let found = solve_over_draws(&risky, &options)?;
            Ok(file(scenario, lowered, over, &risky, &found))
        }
        // Without a plan on the expected curves there is none at all.
        Completed::NoPlan => {
            let solution = outlay_allocator::solve(&lowered.problem, &options)?;
            Ok(result(scenario, lowered, &solution))
        }
        Completed::Stopped => Ok(nothing(scenario, lowered)),
    }
}

/// The result of a regret that was stopped before it was known what to measure
/// it against: it claims nothing, and holds no certificate.
pub(crate) fn nothing(scenario: &Scenario, lowered: &Lowered) -> ResultFile {
    let certificate = Certificate::nothing(lowered.problem.limits.len(), f64::NAN);
    let found = Solution { status: Status::Undetermined, plan: None, certificate };
    let mut file = ResultFile { certificate: None, ..result(scenario, lowered, &found) };
    if let Some(reference) = &mut file.reference {
        reference.value = None;
    }
    file
}

/// Whether a file is what [`nothing`] gives.
pub(crate) fn is_nothing(file: &ResultFile) -> bool {
    file.goal.regret && file.certificate.is_none() && file.status == files::result::Status::Undetermined
}

/// A solution over draws as a result file.
pub(crate) fn file(
    scenario: &Scenario,
    lowered: &Lowered,
    over: &OverDraws,
    risky: &Risky,
    found: &RiskSolution,
) -> ResultFile {
    // Leaves without weights are those of the expected curves.
    if found.weights.is_empty() {
        return result(scenario, lowered, &found.solution);
    }
    let sense = Sense::of(scenario.goals.first(), false);
    let plain = Certificate { leaves: Vec::new(), ..found.solution.certificate.clone() };
    let mut file = result(scenario, lowered, &Solution { certificate: plain, ..found.solution.clone() });
    let bounds = leaf_bounds(risky, &found.solution.certificate.leaves, &found.weights).unwrap_or_default();
    file.certificate = Some(certificate(lowered, over, found, &bounds, &sense));
    let value = |spends: &[f64]| finite(sense.sign * judge(risky, spends).value);
    let spends = found.solution.plan.as_ref().map(|p| p.spends.as_slice());
    file.value = spends.and_then(value);
    let today = lowered.today(scenario);
    if let Some(reference) = &mut file.reference {
        reference.value = value(&today);
    }
    if let (Some(spends), Some(uncertainty)) = (spends, &mut file.uncertainty) {
        uncertainty.goal = over.spec.is_risk().then(|| goal_draws(over, risky, spends, &today));
    }
    asked_of_limits(scenario, file.limits.iter_mut().flatten());
    file
}

/// Says of limits what probability they ask for.
pub(crate) fn asked_of_limits<'a>(
    scenario: &Scenario,
    limits: impl IntoIterator<Item = &'a mut LimitResult>,
) {
    for limit in limits {
        let spec = scenario.limits.iter().find(|l| l.groups.iter().any(|g| g.name == limit.name));
        if let (Some(spec), Some(sure)) = (spec, &mut limit.uncertainty) {
            sure.asked = spec.spec.probability;
        }
    }
}

/// What a plan and today's spend are worth over the draws.
pub(crate) fn goal_draws(over: &OverDraws, risky: &Risky, spends: &[f64], today: &[f64]) -> GoalDraws {
    let terms = risky.goal.as_ref().map_or_else(Terms::default, |t| t.terms.clone());
    let (plan, now) = (risky.quantity(&terms, spends), risky.quantity(&terms, today));
    let share = over.spec.worst.unwrap_or(SHARE);
    let below = |target: f64| plan.iter().filter(|q| **q < target).count() as f64 / plan.len() as f64;
    GoalDraws {
        mean: finite(lower_mean(&plan, 1.0)),
        mean_today: finite(lower_mean(&now, 1.0)),
        worst: finite(lower_mean(&plan, share)),
        worst_today: finite(lower_mean(&now, share)),
        share,
        probability_below: over.spec.shortfall.map(below),
    }
}

/// A certificate with the weights of the draws.
fn certificate(
    lowered: &Lowered,
    over: &OverDraws,
    found: &RiskSolution,
    bounds: &[f64],
    sense: &Sense,
) -> CertificateFile {
    let proof = &found.solution.certificate;
    let mut file = certificate_file(lowered, proof, &proof.prices, sense);
    for ((leaf, weights), k) in file.leaves.iter_mut().zip(&found.weights).zip(0..) {
        leaf.bound = bounds.get(k).copied().and_then(finite);
        leaf.draws = Some(written(over, weights));
    }
    file.sha256 = hash(&(&file.prices, &file.leaves));
    file
}

fn written(over: &OverDraws, weights: &Weights) -> DrawsFile {
    let sparse =
        |w: &[f64]| w.iter().copied().enumerate().filter(|(_, w)| *w != 0.0).collect::<Vec<(usize, f64)>>();
    let limits = over.names.iter().zip(&weights.limits).map(|(name, w)| (name.clone(), sparse(w)));
    DrawsFile { at: weights.at.clone(), goal: sparse(&weights.goal), limits: limits.collect() }
}

/// Weights as a leaf states them; those that fit nothing prove nothing.
pub(crate) fn stated(over: &OverDraws, leaf: &LeafFile) -> Weights {
    let Some(draws) = &leaf.draws else { return Weights::default() };
    let count = over.risky.draws.count;
    let full = |sparse: &[(usize, f64)]| {
        let mut all = vec![0.0; count];
        for &(d, w) in sparse {
            match all.get_mut(d) {
                Some(slot) => *slot = w,
                None => all.clear(),
            }
        }
        all
    };
    let none: IndexMap<String, Vec<(usize, f64)>> = IndexMap::new();
    let known = if draws.limits.len() == over.names.len() { &draws.limits } else { &none };
    Weights {
        at: draws.at.clone(),
        goal: if over.risky.goal.is_some() && !leaf.empty { full(&draws.goal) } else { Vec::new() },
        limits: over.names.iter().filter_map(|name| known.get(name)).map(|w| full(w)).collect(),
    }
}
