//! What a plan is worth and how well it keeps the limits, by the draws alone.

use std::sync::Arc;

use super::tail::{lower_mean, lower_weights};
use super::{Measure, Risky, Tail, TailLimit};
use crate::certificate::judge as judged;
use crate::tolerance::KEPT;
use crate::{Goal, Sum, Terms};

/// A plan by the problem and the draws alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The goal: what rests on the expected curves and what the draws add.
    pub value: f64,
    /// Sum of the absolute terms of the goal, for gaps.
    pub size: f64,
    /// Largest relative excess over a limit, over a line's domain or over a
    /// limit on the worst draws.
    pub violation: f64,
}

impl Judged {
    /// `|bound - value| / max(|value|, size / 1000)`.
    pub fn gap(&self, bound: f64) -> f64 {
        let scale = self.value.abs().max(self.size / 1000.0);
        if bound == self.value { 0.0 } else { (bound - self.value).abs() / scale }
    }
}

/// Judges spends.
pub fn judge(risky: &Risky, spends: &[f64]) -> Judged {
    let base = judged(&risky.problem, spends);
    let mut judgement = Judged { value: base.value, size: 0.0, violation: base.violation };
    if let Goal::Maximize(terms) = &risky.problem.goal {
        judgement.size = terms.measure(&risky.problem.lines, spends).1;
    }
    if let Some(tail) = &risky.goal {
        let figures = against(tail, risky.quantity(&tail.terms, spends));
        judgement.value += tail.measure.of(&figures);
        judgement.size += tail.terms.measure(&risky.problem.lines, spends).1 * tail.measure.weight();
    }
    for limit in &risky.limits {
        judgement.violation = judgement.violation.max(risky.excess(limit, spends));
    }
    judgement
}

/// What each draw's best plan earns more than this one: the base of a tail that
/// holds these bests, less the quantity.
pub fn regrets(risky: &Risky, tail: &Tail, spends: &[f64]) -> Vec<f64> {
    against(tail, risky.quantity(&tail.terms, spends)).into_iter().map(|f| -f).collect()
}

fn against(tail: &Tail, figures: Vec<f64>) -> Vec<f64> {
    match &tail.base {
        None => figures,
        Some(base) => figures.iter().zip(base.iter()).map(|(f, b)| f - b).collect(),
    }
}

impl Measure {
    /// The one number that draws become.
    pub fn of(&self, figures: &[f64]) -> f64 {
        match *self {
            Measure::Worst { share, weight } => weight * lower_mean(figures, share),
            Measure::Below => {
                let mut sum = Sum::default();
                figures.iter().for_each(|f| sum.add(f.min(0.0)));
                sum.value() / figures.len() as f64
            }
        }
    }

    /// By how much the number may be too low if each figure is by so much.
    pub fn slack(&self, each: &[f64]) -> f64 {
        let most = |share: f64| -lower_mean(&each.iter().map(|s| -s).collect::<Vec<f64>>(), share);
        match *self {
            Measure::Worst { share, weight } => weight * most(share),
            Measure::Below => most(1.0),
        }
    }

    pub(super) fn weight(&self) -> f64 {
        match *self {
            Measure::Worst { weight, .. } => weight,
            Measure::Below => 1.0,
        }
    }
}

impl Risky {
    /// A quantity under every draw.
    pub fn quantity(&self, terms: &Terms, spends: &[f64]) -> Vec<f64> {
        let flat = Terms { response: None, ..terms.clone() };
        let fixed = flat.measure(&self.problem.lines, spends).0;
        let mut sums = vec![Sum::default(); self.draws.count];
        sums.iter_mut().for_each(|sum| sum.add(fixed));
        for (i, (drawn, &x)) in self.draws.lines.iter().zip(spends).enumerate() {
            let c = terms.of(i).response;
            if c == 0.0 {
                continue;
            }
            let value = |(k, curve): (usize, &outlay_curves::Curve)| c * (curve.value(x) - drawn.less(k));
            let values: Arc<[f64]> = drawn.curves.iter().enumerate().map(value).collect();
            sums.iter_mut().enumerate().for_each(|(d, sum)| sum.add(values[drawn.index(d)]));
        }
        sums.iter().map(Sum::value).collect()
    }

    /// How far a plan is from a limit on the worst draws, relative to its number
    /// there; at most [`KEPT`] where the limit loosened by as much holds.
    pub fn excess(&self, limit: &TailLimit, spends: &[f64]) -> f64 {
        let missing = lower_mean(&self.quantity(&limit.terms(0.0), spends), limit.share);
        if missing >= 0.0 {
            return 0.0;
        }
        let figures = self.quantity(&limit.terms(KEPT), spends);
        let loosened = lower_mean(&figures, limit.share);
        let number = limit.limit.max.or(limit.limit.min).unwrap_or(0.0).abs();
        let unit = limit.limit.denominator.as_ref().map_or(1.0, |den| {
            let weights = lower_weights(&figures, limit.share);
            self.quantity(den, spends).iter().zip(&weights).map(|(q, w)| q.abs() * w).sum()
        });
        let excess = -missing / (number * unit);
        match loosened >= 0.0 {
            true => excess.min(KEPT),
            false if excess.is_nan() => f64::INFINITY,
            false => excess.max(2.0 * KEPT),
        }
    }
}
