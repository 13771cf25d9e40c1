//! Pools of demand: a line that draws on one returns the pool's level times its
//! curve.

use crate::best::{Offer, best_response};
use crate::pricing::Pricing;
use crate::region::Region;
use crate::sum::Sum;
use crate::{Domain, Line, Problem};

/// The pools of a problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Pools(pub(crate) Vec<Pool>);

/// One pool: the block whose spend is its level, and the lines that draw on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pool {
    pub(crate) block: usize,
    pub(crate) lines: Vec<usize>,
}

impl Pools {
    pub(crate) fn find(problem: &Problem) -> Self {
        let mut pools: Vec<Pool> = Vec::new();
        for (i, line) in problem.lines.iter().enumerate() {
            let Some(block) = line.pool else { continue };
            match pools.iter_mut().find(|p| p.block == block) {
                Some(pool) => pool.lines.push(i),
                None => pools.push(Pool { block, lines: vec![i] }),
            }
        }
        Pools(pools)
    }

    /// The problem with its pools at fixed levels: an ordinary one.
    pub(crate) fn fixed(&self, problem: &Problem, levels: &[f64]) -> Problem {
        let mut problem = problem.clone();
        for (pool, &level) in self.0.iter().zip(levels) {
            let block = &mut problem.lines[pool.block];
            *block = block.within(&Domain::interval(level, level));
            for &j in &pool.lines {
                problem.lines[j] = problem.lines[j].drawing(level);
            }
        }
        problem
    }

    /// True if a line is part of a pool: its level, or drawing on it.
    pub(crate) fn has(&self, problem: &Problem, i: usize) -> bool {
        !self.0.is_empty() && (problem.lines[i].pool.is_some() || self.0.iter().any(|p| p.block == i))
    }
}

impl Pool {
    /// What the pool can yield at these prices: at a level `d` that is
    /// `sum_j max_x (w_j d f_j(x) - c_j x) - c d`, a sum of suprema of functions
    /// linear in `d`, thus convex in `d`, and largest at an end of its range.
    /// `None` if a line of the pool has no spend left.
    pub(crate) fn bound(&self, problem: &Problem, pricing: &Pricing, region: &Region) -> Option<f64> {
        let (low, high) = (region.low[self.block], region.high[self.block]);
        let least = self.at(problem, pricing, region, low)?;
        let most = if high > low { self.at(problem, pricing, region, high)? } else { least };
        Some(least.max(most))
    }

    /// A bound on what the pool yields at one level.
    pub(crate) fn at(
        &self,
        problem: &Problem,
        pricing: &Pricing,
        region: &Region,
        level: f64,
    ) -> Option<f64> {
        if !level.is_finite() {
            return Some(f64::INFINITY);
        }
        let mut total = Sum::default();
        total.add(best_response(&problem.lines[self.block], level, level, pricing.offer(self.block))?.bound);
        for &j in &self.lines {
            let offer = pricing.offer(j);
            let offer = Offer { worth: offer.worth * level, ..offer };
            total.add(best_response(&problem.lines[j], region.low[j], region.high[j], offer)?.bound);
        }
        Some(total.upper())
    }
}

impl Line {
    /// The line where what it draws on is at this level.
    pub(super) fn drawing(&self, level: f64) -> Line {
        // A curve of nothing is none.
        let level = level.max(f64::MIN_POSITIVE.sqrt());
        let mut line = self.clone();
        line.curve = self.curve.stretched(1.0, level);
        line.pool = None;
        line
    }
}
