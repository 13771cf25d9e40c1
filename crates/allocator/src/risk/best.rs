//! The best plan of each draw: what regret is measured against.

use super::search::Search;
use super::{Draws, Measure, Risky, Tail};
use crate::{Goal, Limit, Line, Options, Problem, ProblemError, Solution, Terms};

/// What the best plan of each draw alone attains.
#[derive(Debug, Clone, PartialEq)]
pub enum BestOfDraws {
    /// By draw.
    Known {
        /// No plan within the limits does better than this.
        bounds: Vec<f64>,
        /// How far below that the best plan found is.
        open: Vec<f64>,
    },
    /// No plan keeps the limits.
    NoPlan,
    /// Time was up before each draw's best was looked for.
    Stopped,
}

/// Relative gap to which each draw's best is looked for. A regret is a small
/// difference of large figures, so it is far below what is asked of regrets.
const NEAR: f64 = 1e-8;

/// The best that a quantity can be under each draw if that draw were known, the
/// limits being those of the problem.
///
/// # Errors
/// As [`crate::solve()`].
pub fn best_of_draws(risky: &Risky, terms: &Terms, options: &Options) -> Result<BestOfDraws, ProblemError> {
    risky.problem.validate()?;
    let expected = Problem { goal: Goal::Maximize(terms.clone()), ..risky.problem.clone() };
    let base = crate::solve(&expected, &Options { gap: Some(1e-5), answers: None, ..*options })?;
    if (options.stop)() {
        return Ok(BestOfDraws::Stopped);
    }
    let Some(mut start) = base.plan.map(|p| p.spends) else { return Ok(BestOfDraws::NoPlan) };
    let (mut bounds, mut open) = (Vec::new(), Vec::new());
    for d in 0..risky.draws.count {
        let found = match plain(risky, terms, d) {
            Some(own) => {
                let options = Options { gap: Some(NEAR), answers: None, start: Some(&start), ..*options };
                crate::solve(&own, &options)?
            }
            None => weighed(risky, terms, d, start.clone(), options),
        };
        if (options.stop)() {
            return Ok(BestOfDraws::Stopped);
        }
        let bound = found.certificate.bound;
        bounds.push(bound);
        open.push(found.plan.as_ref().map_or(f64::INFINITY, |plan| (bound - plan.value).max(0.0)));
        if let Some(plan) = found.plan {
            start = plan.spends;
        }
    }
    Ok(BestOfDraws::Known { bounds, open })
}

/// The problem of a draw as one without draws. `None` where it is none: limits
/// count what expected curves return, or what was earned before does not count.
fn plain(risky: &Risky, terms: &Terms, d: usize) -> Option<Problem> {
    let flat = |terms: &Terms| terms.response.iter().all(|all| all.iter().all(|c| *c == 0.0));
    let spends = |limit: &Limit| flat(&limit.numerator) && limit.denominator.as_ref().is_none_or(flat);
    let Problem { lines, limits, .. } = &risky.problem;
    if risky.problem.is_linked()
        || !limits.iter().all(spends)
        || risky.draws.lines.iter().any(|l| l.less.is_some())
    {
        return None;
    }
    let drawn = |(line, own): (&Line, &super::Drawn)| {
        Line::new(own.curves[own.index(d)].clone(), line.current, line.facts.clone())
    };
    let lines = lines.iter().zip(&risky.draws.lines).map(drawn).collect();
    Some(Problem { lines, goal: Goal::Maximize(terms.clone()), limits: limits.clone() })
}

/// The best of a draw, where limits hold on the expected curves.
fn weighed(risky: &Risky, terms: &Terms, d: usize, start: Vec<f64>, options: &Options) -> Solution {
    let nothing = Problem { goal: Goal::Maximize(Terms::default()), ..risky.problem.clone() };
    let measure = Measure::Worst { share: 1.0, weight: 1.0 };
    let own = Risky {
        problem: nothing,
        draws: Draws { count: 1, lines: risky.draws.lines.iter().map(|drawn| drawn.only(d)).collect() },
        goal: Some(Tail { terms: terms.clone(), base: None, slack: 0.0, measure }),
        limits: Vec::new(),
    };
    Search::new(&own, NEAR, options).run(Some(start)).solution
}
