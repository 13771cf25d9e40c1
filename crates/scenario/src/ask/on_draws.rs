//! Plans made by hand where goals or limits look at the draws.

use outlay_allocator::risk::{Risky, judge, lower_weights, solve};
use outlay_allocator::tolerance::STATED;
use outlay_allocator::{Certificate, Options, Problem, ProblemError, Solution, Status};

use crate::files::result::{Broken, GoalDraws};
use crate::plan::earned::finite;
use crate::plan::lower::{Lowered, Side};
use crate::plan::over_draws::{Completed, OverDraws};
use crate::plan::worst::goal_draws;

/// What of a scenario looks at the draws.
pub(super) struct OnDraws<'a> {
    over: &'a OverDraws,
    known: Completed,
}

impl<'a> OnDraws<'a> {
    /// Nothing where nothing looks at the draws.
    pub(super) fn of(lowered: &'a Lowered, options: &Options) -> Result<Option<Self>, ProblemError> {
        let Some(over) = lowered.over_draws.as_deref() else { return Ok(None) };
        let complete = || over.complete(&Options { answers: None, ..*options });
        let known = options.whole(complete).transpose()?.unwrap_or(Completed::Stopped);
        Ok(Some(OnDraws { over, known }))
    }

    fn risky(&self) -> Option<&Risky> {
        match &self.known {
            Completed::Ready(risky) => Some(risky),
            Completed::NoPlan | Completed::Stopped => None,
        }
    }

    /// True if limits look at the draws.
    pub(super) fn limits(&self) -> bool {
        !self.over.names.is_empty()
    }

    /// The goal at a plan, as the allocator sees it.
    pub(super) fn worth(&self, spends: &[f64]) -> f64 {
        self.risky().map_or(f64::NAN, |risky| judge(risky, spends).value)
    }

    /// The best plan where lines and limits are those of a problem.
    pub(super) fn best(&self, problem: &Problem, options: &Options) -> Result<Solution, ProblemError> {
        let open = || {
            let certificate = Certificate::nothing(problem.limits.len(), f64::NAN);
            Solution { status: Status::Undetermined, plan: None, certificate }
        };
        match &self.known {
            Completed::Ready(risky) => {
                let problem = Problem { goal: risky.problem.goal.clone(), ..problem.clone() };
                let risky = Risky { problem, ..(**risky).clone() };
                let search = || solve(&risky, &Options { answers: None, ..*options });
                Ok(options.whole(search).transpose()?.map_or_else(open, |found| found.solution))
            }
            // Without a plan on the expected curves there is none at all.
            Completed::NoPlan => outlay_allocator::solve(problem, options),
            Completed::Stopped => Ok(open()),
        }
    }

    /// What a plan is worth over the draws, where the goal looks at them.
    pub(super) fn goal(&self, spends: &[f64], today: &[f64]) -> Option<GoalDraws> {
        let risky = self.risky().filter(|_| self.over.spec.is_risk())?;
        Some(goal_draws(self.over, risky, spends, today))
    }

    /// The limits on the worst draws that a plan breaks, with the figure in the
    /// mean of these draws.
    pub(super) fn broken(&self, lowered: &Lowered, spends: &[f64]) -> Vec<Broken> {
        let risky = &self.over.risky;
        let each = risky.limits.iter().zip(&self.over.names).filter_map(|(tail, name)| {
            let excess = risky.excess(tail, spends);
            let r = lowered.limits.iter().position(|l| l.name == *name)?;
            let (side, number) = match (tail.limit.min, tail.limit.max) {
                (Some(min), _) => (Side::Min, min),
                (None, max) => (Side::Max, max?),
            };
            let member = lowered.member(r, side).filter(|_| excess > STATED)?.clone();
            let weights = {
                let signed = if side == Side::Min { 1.0 } else { -1.0 };
                let of = tail.limit.numerator.clone();
                let room = match &tail.limit.denominator {
                    Some(below) => of.plus(-number, below),
                    None => of,
                };
                let figures: Vec<f64> = risky.quantity(&room, spends).iter().map(|q| signed * q).collect();
                lower_weights(&figures, tail.share)
            };
            let mean = |terms| -> f64 {
                risky.quantity(terms, spends).iter().zip(&weights).map(|(q, w)| q * w).sum()
            };
            let below = tail.limit.denominator.as_ref().map_or(1.0, mean);
            let value = finite(mean(&tail.limit.numerator) / below);
            Some(Broken { member, value, number: Some(number), excess: finite(excess) })
        });
        each.collect()
    }
}
