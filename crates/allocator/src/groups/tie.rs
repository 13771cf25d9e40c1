//! Limits that say what a block is: at most what other lines' responses add up to.

use crate::tolerance::SETTLED;
use crate::{Limit, Line, Problem};

/// The blocks of a problem in the order of their limits, each with what it
/// sums: `block - constant - sum_k kept_k block_k - sum_i weight_i f_i(x_i) <= 0`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ties(pub(super) Vec<Tie>);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tie {
    pub(super) block: usize,
    pub(super) constant: f64,
    /// The limit, its own number, and whether the block is exactly what it sums.
    pub(super) limit: usize,
    pub(super) number: f64,
    pub(super) exact: bool,
    /// What is left of other blocks, of an earlier period.
    pub(super) kept: Vec<(usize, f64)>,
    pub(super) weights: Vec<(usize, f64)>,
}

impl Ties {
    pub(crate) fn find(problem: &Problem) -> Self {
        let tie = |(k, limit): (usize, &Limit)| Some(Tie { limit: k, ..limit.tie()? });
        Ties(problem.limits.iter().enumerate().filter_map(tie).collect())
    }

    /// Gives every block what its lines add up to; a block that sums others
    /// comes after them.
    pub(crate) fn settle(&self, lines: &[Line], spends: &mut [f64]) {
        for tie in &self.0 {
            let mut sum = crate::Sum::default();
            sum.add(tie.constant);
            for &(before, kept) in &tie.kept {
                sum.add(kept * spends.get(before).copied().unwrap_or(0.0));
            }
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

impl Ties {
    /// Those whose blocks are exactly what they sum.
    pub(crate) fn exact(problem: &Problem) -> Self {
        let exact = problem.limits.iter().filter(|l| l.min.is_some() && l.min == l.max);
        Ties(exact.filter_map(Limit::tie).collect())
    }

    /// Narrows blocks to what they can sum between least and largest spends, and
    /// what is left of an earlier one to what a later one leaves room for. Curves
    /// do not fall.
    pub(crate) fn narrow(&self, lines: &[Line], lowest: &mut [f64], highest: &mut [f64]) {
        for tie in self.0.iter().chain(self.0.iter().rev()) {
            let sum = |ends: &[f64]| {
                let curves = tie.weights.iter().map(|&(i, weight)| {
                    let level = lines[i].pool.map_or(1.0, |p| ends[p]);
                    let x = ends[i];
                    weight
                        * level
                        * if x.is_finite() { lines[i].curve.value(x) } else { lines[i].curve.ceiling() }
                });
                tie.constant + curves.sum::<f64>()
            };
            let kept = |ends: &[f64]| tie.kept.iter().map(|&(i, kept)| kept * ends[i]).sum::<f64>();
            let (low, high) = (sum(lowest), sum(highest));
            let (least, most) = (low + kept(lowest), high + kept(highest));
            let b = tie.block;
            if least * (1.0 - SETTLED) > lowest[b] {
                lowest[b] = (least * (1.0 - SETTLED)).min(highest[b]);
            }
            if most * (1.0 + SETTLED) < highest[b] {
                highest[b] = (most * (1.0 + SETTLED)).max(lowest[b]);
            }
            if let [(before, kept)] = tie.kept[..] {
                let slack = SETTLED * (highest[b] + high.abs());
                let most = (highest[b] - low + slack) / kept;
                let least = (lowest[b] - high - slack) / kept;
                if most < highest[before] {
                    highest[before] = most.max(lowest[before]);
                }
                if least > lowest[before] {
                    lowest[before] = least.min(highest[before]);
                }
            }
        }
    }

    /// The blocks, in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|tie| tie.block)
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
    /// True for a limit that says what a block is.
    pub(crate) fn is_tie(&self) -> bool {
        self.tie().is_some()
    }

    /// The block that this limit ties to the responses of other lines: of all
    /// plain limits only a tie charges one line alone for its spend, at 1, and
    /// credits the responses of others (if any are left: it names responses even
    /// so), and what an earlier block has left.
    fn tie(&self) -> Option<Tie> {
        let terms = &self.numerator;
        let plain = self.denominator.is_none() && terms.few.is_none();
        let number = self.max.filter(|_| plain && terms.active.is_none() && terms.moved.is_none())?;
        let (spend, response) = (terms.spend.as_ref()?, terms.response.as_ref()?);
        let mut charged = spend.iter().enumerate().filter(|(_, c)| **c > 0.0);
        let block = charged.next().filter(|(_, c)| **c == 1.0).map(|(i, _)| i)?;
        let weights = || response.iter().enumerate().filter(|(_, c)| **c != 0.0);
        if charged.next().is_some() || weights().any(|(i, c)| i == block || *c > 0.0) {
            return None;
        }
        let left = spend.iter().enumerate().filter(|(_, c)| **c < 0.0);
        let kept: Vec<(usize, f64)> = left.map(|(i, c)| (i, -c)).collect();
        if kept.iter().any(|(i, kept)| *i > block || *kept >= 1.0) {
            return None;
        }
        let constant = number - terms.constant;
        let exact = self.min == self.max;
        Some(Tie {
            block,
            constant,
            limit: 0,
            number,
            exact,
            kept,
            weights: weights().map(|(i, c)| (i, -c)).collect(),
        })
    }
}
