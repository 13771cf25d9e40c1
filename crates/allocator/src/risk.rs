//! Plans over draws: goals and limits that look at the worst of what the curves
//! may be.
//!
//! Every draw `d` of `D` is one curve `f_id` for each line `i`, and a quantity
//! under it is `Q_d(x) = constant + sum_i c_i . x_i + r_i f_id(x_i)`. A plan is
//! judged by the lower-tail mean of such a quantity, the mean of the worst
//! `share` of its draws (conditional value at risk; Rockafellar and Uryasev
//! 2000):
//!
//! ```text
//! tail(Q) = max_eta  eta - sum_d max(0, eta - Q_d) / (share D)
//!         = min_q    sum_d q_d Q_d    over  0 <= q_d <= 1 / (share D),  sum_d q_d = 1
//! ```
//!
//! The second line is the certificate: any weights `q` in that set make of the
//! tail a quantity that is a sum over lines, and bounds it from above. With
//! prices on the limits the whole problem becomes one, whose maximum is taken
//! line by line ([`bound`]); so weights and prices prove a bound that no
//! statement of the solver enters.

mod best;
mod bound;
mod choice;
mod cholesky;
mod cut;
mod field;
mod interior;
mod judge;
mod local;
mod majorant;
mod node;
mod part;
mod program;
mod response;
mod search;
mod tail;
mod weights;

use std::sync::Arc;

use outlay_curves::Curve;

pub use best::{BestOfDraws, best_of_draws};
pub use bound::{RiskError, bound, leaf_bounds};
pub use judge::{Judged, judge, regrets};
pub use search::{GAP, solve};
pub use tail::{lower_mean, lower_weights};

use crate::{Limit, Problem, Solution, Terms};

/// What every line returns under every draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Number of draws.
    pub count: usize,
    /// One entry per line of the problem.
    pub lines: Vec<Drawn>,
}

/// One line's curves under the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The curves; one for a line that is certain.
    pub curves: Arc<[Curve]>,
    /// Which of them belongs to each draw; `None`: the draw's own number.
    pub order: Option<Arc<[usize]>>,
    /// By curve, what of its value does not count: how much more of it was earned
    /// before than on the expected curve; 0 when absent.
    pub less: Option<Arc<[f64]>>,
}

impl Drawn {
    /// Index of the curve under a draw.
    #[inline]
    pub(crate) fn index(&self, draw: usize) -> usize {
        match &self.order {
            Some(order) => order[draw],
            None if self.curves.len() == 1 => 0,
            None => draw,
        }
    }

    /// What of a curve's value does not count.
    #[inline]
    pub(crate) fn less(&self, curve: usize) -> f64 {
        self.less.as_ref().map_or(0.0, |less| less[curve])
    }

    /// The curve of one draw alone.
    pub(crate) fn only(&self, draw: usize) -> Drawn {
        let k = self.index(draw);
        let less = self.less.as_ref().map(|less| [less[k]].into());
        Drawn { curves: [self.curves[k].clone()].into(), order: None, less }
    }

    fn fits(&self, count: usize) -> bool {
        let own = self.curves.len();
        if self.less.as_ref().is_some_and(|less| less.len() != own) {
            return false;
        }
        match &self.order {
            Some(order) => order.len() == count && order.iter().all(|&k| k < own),
            None => own == 1 || own == count,
        }
    }
}

/// A problem whose goal or limits look at the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Risky {
    /// Lines on their expected curves, what of the goal rests on these, and the
    /// limits that hold for them. The goal is one to maximise.
    pub problem: Problem,
    /// The curves under each draw.
    pub draws: Draws,
    /// What the draws add to the goal.
    pub goal: Option<Tail>,
    /// Limits that hold on the mean of the worst draws.
    pub limits: Vec<TailLimit>,
}

/// A part of the goal that looks at the draws: of `Q_d(x) - base_d`, each draw
/// less what it is measured against.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// The quantity `Q_d`.
    pub terms: Terms,
    /// What each draw is measured against; 0 when absent.
    pub base: Option<Arc<[f64]>>,
    /// By how much the measure may be too low, because what the draws are
    /// measured against may be too high.
    pub slack: f64,
    /// How the draws become one number.
    pub measure: Measure,
}

/// How draws of a quantity become one number to maximise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// `weight` times the mean of the worst `share` of the draws.
    Worst {
        /// Above 0, at most 1.
        share: f64,
        /// Above 0.
        weight: f64,
    },
    /// The mean over the draws of `min(0, Q_d - base_d)`: the shortfall, negative.
    Below,
}

/// A limit on the mean of the worst `share` of the draws: a ratio as its
/// numerator less its number times its denominator. One side only.
#[derive(Debug, Clone, PartialEq)]
pub struct TailLimit {
    /// The limit, with `min` or `max`.
    pub limit: Limit,
    /// Share of the draws that are the worst.
    pub share: f64,
}

impl TailLimit {
    /// What has to be at least 0 on the mean of the worst draws, with the
    /// limit's number loosened by the fraction `slack` of itself.
    pub(crate) fn terms(&self, slack: f64) -> Terms {
        let Limit { numerator, denominator, min, max } = &self.limit;
        let (number, sign) = match (min, max) {
            (Some(min), _) => (min - slack * min.abs(), 1.0),
            (None, Some(max)) => (max + slack * max.abs(), -1.0),
            (None, None) => return Terms::default(),
        };
        let signed = Terms::default().plus(sign, numerator);
        match denominator {
            Some(denominator) => signed.plus(-sign * number, denominator),
            None => signed.plus(-sign * number, &Terms::constant(1.0)),
        }
    }
}

/// What [`solve`] returns: a solution, and for each leaf of its certificate
/// what the draws weigh there.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskSolution {
    /// Plan and certificate.
    pub solution: Solution,
    /// One entry per leaf.
    pub weights: Vec<Weights>,
}

/// What proves a leaf besides its prices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    /// Spends at whose tangents the lines' best responses are bounded.
    pub at: Vec<f64>,
    /// Weight of each draw in the goal; empty without a tail in the goal.
    pub goal: Vec<f64>,
    /// Weight of each draw in each limit on the worst draws.
    pub limits: Vec<Vec<f64>>,
}

impl Risky {
    /// Why the problem is none that this module can prove; `None` if it can.
    pub fn unsupported(&self) -> Option<&'static str> {
        let count = self.draws.count;
        let fits = self.draws.lines.len() == self.problem.lines.len();
        if count == 0 || !fits || !self.draws.lines.iter().all(|d| d.fits(count)) {
            return Some("draws that do not belong to the lines");
        }
        let crate::Goal::Maximize(goal) = &self.problem.goal else {
            return Some("a ratio to minimise");
        };
        let mut quantities = self.problem.quantities().chain(self.goal.iter().map(|t| &t.terms));
        let few = |t: &Terms| t.few().iter().any(|(_, c)| c.active != 0.0 || c.moved != 0.0);
        if quantities.any(|t| t.moved.is_some() || few(t)) {
            return Some("a cost of moving");
        }
        // Lines that are on are counted by limits alone, beside nothing else.
        let limits = || self.problem.limits.iter();
        let alone = |l: &Limit| {
            let Terms { spend, response, active, .. } = &l.numerator;
            active.is_none() || spend.is_none() && response.is_none() && l.denominator.is_none()
        };
        let worst =
            || self.limits.iter().flat_map(|l| [Some(&l.limit.numerator), l.limit.denominator.as_ref()]);
        let uncounted = || {
            let below = limits().filter_map(|l| l.denominator.as_ref());
            [goal].into_iter().chain(self.goal.iter().map(|t| &t.terms)).chain(below).chain(worst().flatten())
        };
        if uncounted().any(|t| t.active.is_some()) || !limits().all(alone) {
            return Some("a count of lines beside something else");
        }
        if !self.limits.is_empty() && limits().any(|l| l.numerator.active.is_some()) {
            return Some("a count of lines beside a limit on the worst draws");
        }
        let rises =
            |t: &Terms, sign: f64| t.response.as_ref().is_none_or(|r| r.iter().all(|&c| sign * c >= 0.0));
        let tails = self.limits.iter().map(|l| l.terms(0.0));
        if !rises(goal, 1.0)
            || self.goal.iter().any(|t| !rises(&t.terms, 1.0))
            || !tails.clone().all(|t| rises(&t, 1.0))
        {
            return Some("a quantity that falls with what lines return");
        }
        let sound = |l: &Limit| {
            let zero = Terms::default();
            let (of, number) = (l.denominator.as_ref().unwrap_or(&zero), |n: Option<f64>| n.unwrap_or(0.0));
            let low = l.min.is_none() || rises(&l.numerator.plus(-number(l.min), of), 1.0);
            let high = l.max.is_none() || rises(&l.numerator.plus(-number(l.max), of), -1.0);
            low && high
        };
        if !self.problem.limits.iter().all(sound) {
            return Some("a limit that caps what lines return");
        }
        None
    }
}
