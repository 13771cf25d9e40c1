//! One scenario, from what it means to the plan and its proof.

use outlay_scenario::{ResultFile, Scenario, Status, solved};

use crate::effort::Effort;
use crate::error::Error;

/// The answer to a scenario.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Solved {
    /// The plan with its proof; or the proof that there is none, with the limits
    /// that contradict each other and the changes that would reconcile them.
    /// This is what `outlay run --out` saves, one JSON object.
    pub result: ResultFile,
    /// Why the search ended.
    pub ended: Ended,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The gap asked for is proven, or that there is no plan.
    Proven,
    /// It was told to stop.
    Cancelled,
    /// It had looked at as many subproblems as allowed, or could prove no more.
    Exhausted,
}

/// The certified plan of a scenario, or the proof that there is none: goals in
/// order, whole amounts where [`Effort::round`] asks for them, and where the
/// limits contradict each other, which, and what would reconcile them.
///
/// # Errors
/// [`Error::Problem`] when the problem makes no sense whatever its numbers;
/// [`Error::Unsupported`] for whole amounts of a plan by period with `smooth`
/// or other carry-over than a geometric one.
pub fn solve(scenario: &Scenario, effort: &Effort) -> Result<Solved, Error> {
    if effort.asked_round().is_some() && !scenario.rounds() {
        let why = "whole amounts by period need geometric carry-over and no `smooth`";
        return Err(Error::Unsupported(why.to_owned()));
    }
    let (result, stopped) = effort.spend(|options| solved(scenario, effort.asked_round(), options));
    let result = result?;
    let ended = match result.status {
        Status::Optimal | Status::Infeasible => Ended::Proven,
        Status::WithinGap | Status::Undetermined if stopped => Ended::Cancelled,
        Status::WithinGap | Status::Undetermined => Ended::Exhausted,
    };
    Ok(Solved { result, ended })
}
