//! The problem: lines, a goal over them, and limits.

use thiserror::Error;

use crate::terms::Evaluated;
use crate::{Coefficients, Line, Terms};

/// What to solve: lines, a goal over them, and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The lines that share the money.
    pub lines: Vec<Line>,
    /// What to make as large as possible.
    pub goal: Goal,
    /// What must hold, the budget included.
    pub limits: Vec<Limit>,
}

/// What to make as large, or as small, as possible.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    /// The largest value of a quantity. To minimise one, negate it.
    Maximize(Terms),
    /// The smallest ratio of two quantities, for example cost per customer.
    /// The denominator must be positive in every plan worth having.
    MinimizeRatio {
        /// For example cost.
        numerator: Terms,
        /// For example customers.
        denominator: Terms,
    },
}

/// A rule over lines: `min * denominator <= numerator <= max * denominator`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The quantity limited, or its numerator.
    pub numerator: Terms,
    /// What the numbers multiply; 1 when absent.
    pub denominator: Option<Terms>,
    /// Least value, as written.
    pub min: Option<f64>,
    /// Largest value, as written.
    pub max: Option<f64>,
}

/// Why a problem makes no sense, whatever its numbers.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ProblemError {
    /// A question that is not answered for goals or limits over draws.
    #[error("{0}")]
    Draws(&'static str),
    /// There is no line to give money to.
    #[error("no lines")]
    NoLines,
    /// A coefficient vector does not have one entry per line.
    #[error("coefficients for {found} lines where there are {lines}")]
    Length {
        /// Number of lines.
        lines: usize,
        /// Length found.
        found: usize,
    },
    /// A number is NaN or infinite where it must be finite.
    #[error("limit {limit} is not finite")]
    NotFinite {
        /// Index of the limit.
        limit: usize,
    },
    /// No plan is the best: see [`Problem::unlimited`].
    #[error(
        "nothing limits the spend of line {line}, and every further unit of it is worth something: give \
         `budget.max`, its `spend.max`, or a limit on cost per customer or on return"
    )]
    Unlimited {
        /// Name of the line.
        line: String,
    },
}

impl Problem {
    /// Every quantity of the goal and the limits.
    pub fn quantities(&self) -> impl Iterator<Item = &Terms> {
        let goal = match &self.goal {
            Goal::Maximize(terms) => [Some(terms), None],
            Goal::MinimizeRatio { numerator, denominator } => [Some(numerator), Some(denominator)],
        };
        let limits = self.limits.iter().flat_map(|l| [Some(&l.numerator), l.denominator.as_ref()]);
        goal.into_iter().chain(limits).flatten()
    }

    /// True if every line is concave on one interval and no quantity counts
    /// lines.
    pub fn is_concave(&self) -> bool {
        self.lines.iter().all(|l| l.pool.is_none() && l.is_concave())
            && self.quantities().all(|t| t.active.is_none() && t.few().iter().all(|(_, c)| c.active == 0.0))
    }

    /// True if the problem ties lines together through quantities of few of
    /// them: flights over several periods.
    pub(crate) fn is_linked(&self) -> bool {
        self.limits.iter().any(|l| l.numerator.few.is_some())
    }

    /// True if some lines are stocks, which follow from spends by equations.
    pub(crate) fn is_flown(&self) -> bool {
        let only = |c: &Coefficients| *c == Coefficients::on_spend(c.spend);
        let stock = |l: &Limit| l.gives().is_some() && l.numerator.few().iter().all(|(_, c)| only(c));
        self.limits.iter().any(stock)
    }

    /// True if lines draw on pools: what they return is a product.
    pub(crate) fn is_pooled(&self) -> bool {
        self.lines.iter().any(|l| l.pool.is_some())
    }

    /// By how much spends exceed each limit; see [`Limit::excess`].
    pub fn excesses(&self, spends: &[f64]) -> Vec<f64> {
        let outcome = Evaluated::new(&self.lines, spends);
        self.limits.iter().map(|limit| limit.excess_in(&outcome)).collect()
    }

    /// Checks lengths and numbers.
    pub fn validate(&self) -> Result<(), ProblemError> {
        if self.lines.is_empty() {
            return Err(ProblemError::NoLines);
        }
        for terms in self.quantities() {
            if let Some(found) = terms.lengths().find(|&l| l != self.lines.len()) {
                return Err(ProblemError::Length { lines: self.lines.len(), found });
            }
            let few = terms.few();
            let sorted = few.windows(2).all(|w| w[0].0 < w[1].0);
            if let Some(&(last, _)) = few.last().filter(|(last, _)| !sorted || *last >= self.lines.len()) {
                return Err(ProblemError::Length { lines: self.lines.len(), found: last + 1 });
            }
        }
        for (limit, l) in self.limits.iter().enumerate() {
            let finite = |v: Option<f64>| v.is_none_or(f64::is_finite);
            if !finite(l.min) || !finite(l.max) || !l.numerator.constant.is_finite() {
                return Err(ProblemError::NotFinite { limit });
            }
        }
        Ok(())
    }
}

type Entry = (usize, Coefficients);

impl Limit {
    /// For an equation of few lines: its number, the line it gives and the rest.
    pub(crate) fn gives(&self) -> Option<(f64, &Entry, &[Entry])> {
        let number = self.max.filter(|_| self.min == self.max && self.denominator.is_none())?;
        if !self.numerator.is_sparse() {
            return None;
        }
        let (last, rest) = self.numerator.few().split_last()?;
        (last.1.spend != 0.0).then_some((number, last, rest))
    }

    /// A limit on a plain quantity.
    pub fn on(numerator: Terms, min: Option<f64>, max: Option<f64>) -> Self {
        Limit { numerator, denominator: None, min, max }
    }

    /// A limit on a ratio, enforced as numerator minus limit times denominator.
    pub fn ratio(numerator: Terms, denominator: Terms, min: Option<f64>, max: Option<f64>) -> Self {
        Limit { numerator, denominator: Some(denominator), min, max }
    }

    /// The limited figure at the given spends; NaN or infinite where the
    /// denominator vanishes.
    pub fn value(&self, lines: &[Line], spends: &[f64]) -> f64 {
        let numerator = self.numerator.measure(lines, spends).0;
        match &self.denominator {
            Some(denominator) => numerator / denominator.measure(lines, spends).0,
            None => numerator,
        }
    }

    /// Excess over the limit relative to it: over `|limit|` or, where terms of
    /// either sign cancel to something smaller, over what cancels; for a ratio or
    /// a limit of 0, over half the sum of the absolute terms of
    /// `numerator - limit * denominator`. At most 0 when the limit is kept.
    pub fn excess(&self, lines: &[Line], spends: &[f64]) -> f64 {
        self.excess_in(&Evaluated::new(lines, spends))
    }

    pub(crate) fn excess_in(&self, outcome: &Evaluated) -> f64 {
        let (numerator, size) = self.numerator.measure_in(outcome);
        let (denominator, base) = match &self.denominator {
            Some(d) => d.measure_in(outcome),
            None => (1.0, 1.0),
        };
        let relative = |number: f64, sign: f64| {
            let excess = sign * (numerator - number * denominator);
            let scale = match self.denominator {
                None if number != 0.0 => number.abs().max(0.5 * (size - numerator.abs())),
                _ => 0.5 * (size + number.abs() * base),
            };
            if excess <= 0.0 { 0.0 } else { excess / scale }
        };
        let over = self.max.map_or(0.0, |max| relative(max, 1.0));
        over.max(self.min.map_or(0.0, |min| relative(min, -1.0)))
    }
}
