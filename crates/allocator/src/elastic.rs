//! Limits that may be exceeded, at a price.

use std::sync::Arc;

use outlay_curves::Curve;

use crate::{Fact, Goal, Limit, Line, Problem, Terms};

/// A problem with more lines, the *slacks*: what is spent on one loosens the
/// sides of limits that it is tied to.
pub(crate) struct Elastic {
    lines: Vec<Line>,
    limits: Vec<Limit>,
    own: usize,
}

/// A side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Min,
    Max,
}

impl Elastic {
    /// The lines and limits of a problem with slacks of at most `most` each.
    pub(crate) fn new(base: &Problem, slacks: usize, most: f64) -> Self {
        let own = base.lines.len();
        let mut lines = base.lines.clone();
        let slack = Curve::linear(1.0).map(|curve| Line::new(curve, 0.0, vec![Fact::Max(most)]));
        if let Ok(slack) = slack {
            lines.resize(own + slacks, slack);
        }
        let limits = base.limits.iter().map(|l| padded_limit(l, own + slacks)).collect();
        Elastic { lines, limits, own }
    }

    /// Lets every unit of a slack loosen a side of a limit by `unit` units of
    /// its row.
    pub(crate) fn loosen(&mut self, limit: usize, side: Side, slack: usize, unit: f64) {
        let (all, at) = (self.lines.len(), self.own + slack);
        let sign = if side == Side::Min { unit } else { -unit };
        if let Some(limit) = self.limits.get_mut(limit) {
            limit.numerator = plus_spend(&limit.numerator, all, at, sign);
        }
    }

    /// A limit on the spend of one line that a slack loosens.
    pub(crate) fn add(&mut self, line: usize, side: Side, number: f64, slack: usize, unit: f64) {
        let terms = plus_spend(&Terms::default(), self.lines.len(), line, 1.0);
        self.limits.push(match side {
            Side::Min => Limit::on(terms, Some(number), None),
            Side::Max => Limit::on(terms, None, Some(number)),
        });
        self.loosen(self.limits.len() - 1, side, slack, unit);
    }

    /// The limits, to be changed before the problem is made.
    pub(crate) fn limits_mut(&mut self) -> &mut Vec<Limit> {
        &mut self.limits
    }

    /// The problem of the least price, by slack.
    pub(crate) fn cheapest(self, prices: &[f64]) -> Problem {
        let mut goal = vec![0.0; self.own];
        goal.extend(prices.iter().map(|p| -p));
        goal.resize(self.lines.len(), 0.0);
        let goal = Goal::Maximize(Terms::default().with_spend(goal));
        Problem { lines: self.lines, goal, limits: self.limits }
    }
}

/// The terms with more lines, which do not enter.
fn padded(terms: &Terms, lines: usize) -> Terms {
    let pad = |v: &Option<Arc<[f64]>>| {
        v.as_ref().map(|v| {
            let mut longer = v.to_vec();
            longer.resize(lines, 0.0);
            longer.into()
        })
    };
    Terms {
        spend: pad(&terms.spend),
        response: pad(&terms.response),
        active: pad(&terms.active),
        moved: pad(&terms.moved),
        few: terms.few.clone(),
        constant: terms.constant,
    }
}

fn padded_limit(limit: &Limit, lines: usize) -> Limit {
    Limit {
        numerator: padded(&limit.numerator, lines),
        denominator: limit.denominator.as_ref().map(|d| padded(d, lines)),
        ..limit.clone()
    }
}

/// The terms with `coefficient` more per unit of one line's spend.
fn plus_spend(terms: &Terms, lines: usize, line: usize, coefficient: f64) -> Terms {
    let mut spend = terms.spend.as_ref().map_or_else(|| vec![0.0; lines], |v| v.to_vec());
    if let Some(slot) = spend.get_mut(line) {
        *slot += coefficient;
    }
    Terms { spend: Some(spend.into()), ..terms.clone() }
}
