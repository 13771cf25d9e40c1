//! Limits that say what a block is: at most what other lines' responses add up to.

use crate::{Limit, Line, Problem};

/// The blocks of a problem in the order of their limits, each with what it
/// sums: `block - constant - sum_i weight_i f_i(x_i) <= 0`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ties(Vec<Tie>);

#[derive(Debug, Clone, PartialEq)]
struct Tie {
    block: usize,
    constant: f64,
    weights: Vec<(usize, f64)>,
}

impl Ties {
    pub(crate) fn find(problem: &Problem) -> Self {
        Ties(problem.limits.iter().filter_map(Limit::tie).collect())
    }

    /// Gives every block what its lines add up to; a block that sums others
    /// comes after them.
    pub(crate) fn settle(&self, lines: &[Line], spends: &mut [f64]) {
        for tie in &self.0 {
            let mut sum = crate::Sum::default();
            sum.add(tie.constant);
            for &(i, weight) in &tie.weights {
                if let (Some(line), Some(&x)) = (lines.get(i), spends.get(i)) {
                    sum.add(weight * line.curve.value(x));
                }
            }
            if let Some(slot) = spends.get_mut(tie.block) {
                *slot = sum.value().max(0.0);
            }
        }
    }
}

impl Problem {
    /// Gives every line that follows from others its spend: an equation of few
    /// lines, like `stock - sum of weights times spends = opening`, gives the
    /// last of them, in the order of the limits, and a block what the responses
    /// it is tied to add up to.
    pub fn settle(&self, spends: &mut [f64]) {
        for limit in &self.limits {
            let Some((number, &(last, own), rest)) = limit.gives() else { continue };
            let others = rest.iter().map(|&(i, c)| c.spend * spends.get(i).copied().unwrap_or(0.0));
            let left = number - limit.numerator.constant - others.sum::<f64>();
            if let Some(slot) = spends.get_mut(last) {
                *slot = left / own.spend + 0.0;
            }
        }
        Ties::find(self).settle(&self.lines, spends);
    }
}

impl Limit {
    /// The block that this limit ties to the responses of other lines: of all
    /// plain limits only a tie charges one line alone for its spend, at 1, and
    /// credits the responses of others.
    fn tie(&self) -> Option<Tie> {
        let terms = &self.numerator;
        let plain = self.denominator.is_none() && terms.few.is_none();
        let number = self.max.filter(|_| plain && terms.active.is_none() && terms.moved.is_none())?;
        let (spend, response) = (terms.spend.as_ref()?, terms.response.as_ref()?);
        let mut charged = spend.iter().enumerate().filter(|(_, c)| **c != 0.0);
        let block = charged.next().filter(|(_, c)| **c == 1.0).map(|(i, _)| i)?;
        let weights = || response.iter().enumerate().filter(|(_, c)| **c != 0.0);
        let sums = charged.next().is_none() && weights().next().is_some();
        if !sums || weights().any(|(i, c)| i == block || *c > 0.0) {
            return None;
        }
        let constant = number - terms.constant;
        Some(Tie { block, constant, weights: weights().map(|(i, c)| (i, -c)).collect() })
    }
}
