//! The best plan so far, and what a bound has to beat.

use crate::certificate::judge_linear;
use crate::tolerance::KEPT;
use crate::{Limit, Prices, Problem, Terms};

/// A plan that keeps the limits.
#[derive(Debug, Clone)]
pub(crate) struct Incumbent {
    pub(crate) spends: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) size: f64,
    pub(crate) prices: Vec<Prices>,
}

/// The best plan that a search has found.
pub(crate) struct Best<'p> {
    pub(crate) problem: &'p Problem,
    pub(crate) goal: &'p Terms,
    /// Relative gap asked for.
    pub(crate) gap: f64,
    pub(crate) plan: Option<Incumbent>,
}

impl<'p> Best<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64) -> Self {
        Best { problem, goal, gap, plan: None }
    }

    /// A bound at or below this proves a part uninteresting.
    pub(crate) fn cutoff(&self) -> f64 {
        match &self.plan {
            None => f64::NEG_INFINITY,
            Some(plan) => plan.value + 0.9 * self.gap * plan.value.abs().max(plan.size / 1000.0),
        }
    }

    /// Takes a plan that keeps the limits and beats the best. Its goal, or
    /// `-inf` if it breaks a limit.
    pub(crate) fn take(&mut self, spends: Vec<f64>, prices: Vec<Prices>) -> f64 {
        let judged = judge_linear(self.problem, self.goal, &spends);
        if judged.violation > KEPT || !judged.value.is_finite() {
            return f64::NEG_INFINITY;
        }
        if self.plan.as_ref().is_none_or(|old| judged.value > old.value) {
            self.plan = Some(Incumbent { spends, value: judged.value, size: judged.size, prices });
        }
        judged.value
    }
}

/// How fast the gap falls: a search that has a plan ends where twice as many
/// parts leave most of the gap that there was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    /// Parts at which the gap is looked at next, and what it was last.
    next: usize,
    gap: Option<f64>,
}

/// Parts before a search is judged at all.
const JUDGED: usize = 200;

/// More of a gap than this after twice as many parts is no progress.
const LEFT: f64 = 0.9;

impl Pace {
    /// True if going on is not worth it. `bound` is that of all that is open.
    pub(crate) fn stalls(&mut self, nodes: usize, bound: f64, best: &Best) -> bool {
        let Some(plan) = &best.plan else { return false };
        if nodes < JUDGED.max(self.next) {
            return false;
        }
        let gap = bound - plan.value;
        let stalled = self.gap.is_some_and(|last| gap > LEFT * last);
        (self.next, self.gap) = (2 * nodes, Some(gap));
        stalled
    }
}

/// No limit priced.
pub(crate) fn no_prices(problem: &Problem) -> Vec<Prices> {
    vec![Prices::default(); problem.limits.len()]
}

/// Prices at which a cap on the goal itself is the bound, if there is one.
pub(crate) fn own_cap(problem: &Problem, goal: &Terms) -> Option<Vec<Prices>> {
    let bare = |terms: &Terms| Terms { constant: 0.0, ..terms.clone() };
    let goal = bare(goal);
    let caps = |l: &Limit| l.denominator.is_none() && l.max.is_some() && bare(&l.numerator) == goal;
    let r = problem.limits.iter().position(caps).filter(|_| goal != Terms::default())?;
    let mut prices = no_prices(problem);
    prices[r].max = 1.0;
    Some(prices)
}
