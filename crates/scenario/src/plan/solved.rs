//! One scenario's result: its plan, or what contradicts what.

use outlay_allocator::{Feasibility, Options, ProblemError, Recorded, feasibility};

use crate::files::result::{ResultFile, Status};
use crate::model::scenario::Scenario;
use crate::plan::conflict::reconciled;
use crate::plan::contradicted::contradicted;
use crate::plan::kept::kept;
use crate::plan::lower::{Lowered, lower};
use crate::plan::ordered::plan;
use crate::plan::proofs;
use crate::plan::rounding::{rounded, within};

/// The certified plan of a scenario, its goals taken in order, every spend a
/// multiple of `round` if that is asked for; or the proof that there is none,
/// with the conflict and its repairs.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn solved(
    scenario: &Scenario,
    round: Option<f64>,
    options: &Options,
) -> Result<ResultFile, ProblemError> {
    let lowered = lower(scenario);
    limited(&lowered, options)?;
    let mut file = match round {
        None => {
            let mut file = plan(scenario, &lowered, options)?;
            if let Some(line) = endless(&file, &lowered) {
                return Err(ProblemError::Unlimited { line });
            }
            explain(&mut file, scenario, &lowered, options)?;
            file
        }
        Some(_) if scenario.looks_at_draws() => {
            return Err(ProblemError::Draws(
                "whole amounts need a goal and limits on the mean over the draws: leave out --round, or `worst`, \
                 `shortfall`, `regret` and `probability`",
            ));
        }
        Some(unit) => {
            let recorded = Recorded::default();
            let mut file = rounded(scenario, unit, &Options { answers: Some(&recorded), ..*options })?;
            file.proofs = proofs::written(recorded);
            let round = Scenario { round, ..scenario.clone() };
            explain(&mut file, &round, &lower(&round), &within(&round, options))?;
            file
        }
    };
    file.source = proofs::asked_of(file.source, proofs::asked(options, round));
    Ok(file)
}

/// Refuses a goal that grows without end, if the rules leave any plan.
pub(crate) fn limited(lowered: &Lowered, options: &Options) -> Result<(), ProblemError> {
    let Some(line) = lowered.problem.unlimited() else { return Ok(()) };
    match feasibility(&lowered.problem, options)? {
        Feasibility::Infeasible(_) => Ok(()),
        _ => Err(ProblemError::Unlimited { line: lowered.names[line].clone() }),
    }
}

/// The line that a plan without any bound spends most on, beyond every amount of
/// money that the scenario knows: such a search ran after what has no end.
fn endless(file: &ResultFile, lowered: &Lowered) -> Option<String> {
    const BEYOND: f64 = 1e6;
    let open = file.certificate.as_ref().is_some_and(|c| c.bound.is_none());
    let lines = file.lines.as_deref().filter(|_| open)?;
    let most = lines.iter().max_by(|a, b| a.spend.total_cmp(&b.spend))?;
    (most.spend > BEYOND * lowered.problem.money()).then(|| most.name.clone())
}

/// True where only the worst draws leave no plan.
fn over_draws(file: &ResultFile) -> bool {
    file.certificate.as_ref().is_some_and(|c| c.leaves.iter().any(|leaf| leaf.draws.is_some()))
}

/// Adds the conflict and the repairs to the result of a scenario without a
/// plan, and the proofs of both; leaves any other result as it is.
///
/// # Errors
/// As [`solved`].
pub fn explain(
    file: &mut ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<(), ProblemError> {
    if file.status != Status::Infeasible {
        return Ok(());
    }
    let ((), proofs) = kept(options, |options| contradicting(file, scenario, lowered, options))?;
    file.proofs.extend(proofs);
    Ok(())
}

/// Adds what [`explain`] adds, but for the proofs.
///
/// # Errors
/// As [`solved`].
pub(crate) fn contradicting(
    file: &mut ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<(), ProblemError> {
    match lowered.over_draws.as_ref().filter(|_| over_draws(file)) {
        Some(over) => file.conflict = contradicted(scenario, lowered, over, options)?,
        None => reconciled(file, scenario, lowered, options)?,
    }
    Ok(())
}
