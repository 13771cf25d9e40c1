//! Mixtures of known answers of blocks to prices: what is left of a part where
//! only the limits are shared.
//!
//! A block is a line, or a pool with the lines that draw on it. At prices every
//! block answers for itself (Dantzig and Wolfe 1960); a master program over the
//! answers known so far says at which prices to ask next.
//!
//! Words: torn lines are the branching candidates.

use crate::best::{Best, Offer, best_response};
use crate::groups::pool::Pools;
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::Region;
use crate::rows::Rows;
use crate::solvers::master::{Master, Mixed};
use crate::sum::Sum;
use crate::tolerance::{HOPELESS, KEPT};
use crate::{Coefficients, Prices, Problem, Terms};

/// What an excess over a limit costs in the master program, in units of the
/// goal, one after the other where it is not enough.
const EXCESS: [f64; 3] = [3.0, 100.0, 1e4];
/// Most questions about a part, and without progress.
const ASKED: usize = 40;
const IDLE: usize = 6;
/// Weights below this are rounding.
const TRACE: f64 = 1e-7;

/// A line, or a pool's level and the lines that draw on it.
pub(super) struct Block {
    /// The level first, if it is a pool.
    pub(super) lines: Vec<usize>,
    pub(super) pool: bool,
}

/// One answer of a block.
struct Column {
    block: usize,
    at: Vec<f64>,
}

pub(super) struct Mixture<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    rows: Rows,
    pools: Pools,
    pub(super) blocks: Vec<Block>,
    entries: Vec<Vec<(usize, Coefficients)>>,
    columns: Vec<Column>,
    master: Master,
}

/// What is known of a part once it is settled.
pub(super) struct Settled {
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) columns: Vec<usize>,
    pub(super) mixed: Option<Mixed>,
}

/// A mixture of one block: its mean, and what it is worth beyond it.
pub(super) struct Torn {
    /// The line to cut, and the mean there.
    pub(super) line: usize,
    pub(super) mean: f64,
    pub(super) loss: f64,
    /// True where no spend at the mean is for sale: between lots, below a deal.
    pub(super) hole: bool,
    /// What the mean lacks of the limits that all means together break, as
    /// shares of what goes into them: a mixture keeps limits that its mean
    /// breaks, and where it keeps them with room they have no price.
    pub(super) lacks: f64,
    /// The answers, each with its weight.
    answers: Vec<(f64, f64)>,
    /// Of a level: by line that draws on it, what the mixture draws beyond what
    /// the mean level would give.
    beyond: Vec<(usize, f64)>,
}

impl<'p> Mixture<'p> {
    pub(super) fn new(problem: &'p Problem, goal: &'p Terms) -> Self {
        let rows = Rows::new(problem, goal);
        let pools = Pools::find(problem);
        let alone = (0..problem.lines.len()).filter(|&i| !pools.has(problem, i));
        let mut blocks: Vec<Block> = alone.map(|i| Block { lines: vec![i], pool: false }).collect();
        let drawn = pools.0.iter().map(|p| std::iter::once(p.block).chain(p.lines.iter().copied()).collect());
        blocks.extend(drawn.map(|lines| Block { lines, pool: true }));
        let entries: Vec<_> = (0..problem.lines.len()).map(|i| rows.entries(i)).collect();
        let enters: Vec<Vec<usize>> = blocks
            .iter()
            .map(|block| {
                let mut own: Vec<usize> =
                    block.lines.iter().flat_map(|&i| entries[i].iter().map(|e| e.0)).collect();
                own.sort_unstable();
                own.dedup();
                own
            })
            .collect();
        let region = Region::whole(problem);
        let large = |i: usize| {
            let line = &problem.lines[i];
            let level = line.pool.map_or(1.0, |p| region.high[p]);
            let x = region.high[i].min(4.0 * line.typical_spend());
            let c = goal.of(i);
            (Coefficients { response: c.response * level, ..c }).at(line, x).abs()
        };
        let unit: f64 = (0..problem.lines.len()).map(large).filter(|x| x.is_finite()).sum();
        let master = Master::new(&rows.lower, &rows.upper, &enters, if unit > 0.0 { unit } else { 1.0 });
        Mixture { problem, goal, rows, pools, blocks, entries, columns: Vec::new(), master }
    }

    /// Adds what a plan does as columns.
    pub(super) fn know(&mut self, spends: &[f64], columns: &mut Vec<usize>) {
        for b in 0..self.blocks.len() {
            let at = self.blocks[b].lines.iter().map(|&i| spends[i]).collect();
            self.take(b, at, columns);
        }
    }

    fn take(&mut self, block: usize, at: Vec<f64>, columns: &mut Vec<usize>) {
        if at.iter().any(|x| !x.is_finite() || *x >= 1e250) {
            return;
        }
        let known = |k: &usize| self.columns[*k].block == block && self.columns[*k].at == at;
        if columns.iter().any(known) {
            return;
        }
        let mut goal = 0.0;
        let mut own = vec![0.0; self.rows.len()];
        self.each(block, &at, |i, c| {
            goal += c(&self.goal.of(i));
            self.entries[i].iter().for_each(|(r, e)| own[*r] += c(e));
        });
        self.master.add(block, goal, |r| own[r]);
        self.columns.push(Column { block, at });
        columns.push(self.columns.len() - 1);
    }

    /// Every line of an answer, with what coefficients make of it.
    fn each(&self, block: usize, at: &[f64], mut visit: impl FnMut(usize, &dyn Fn(&Coefficients) -> f64)) {
        let block = &self.blocks[block];
        for (k, (&i, &x)) in block.lines.iter().zip(at).enumerate() {
            let line = &self.problem.lines[i];
            let level = if block.pool && k > 0 { at[0] } else { 1.0 };
            let f = level * line.curve.value(x);
            let (on, moved) = (if x > 0.0 { 1.0 } else { 0.0 }, (x - line.current).abs());
            visit(i, &|c| c.spend * x + c.response * f + c.active * on + c.moved * moved);
        }
    }

    /// What an answer is worth at prices.
    fn worth(&self, block: usize, at: &[f64], pricing: &Pricing) -> f64 {
        let mut sum = 0.0;
        self.each(block, at, |i, c| {
            let Offer { worth, cost, active, moved } = pricing.offer(i);
            sum += c(&Coefficients { spend: -cost, response: worth, active: -active, moved: -moved });
        });
        sum
    }

    fn by_limit(&self, signed: &[f64]) -> Vec<Prices> {
        self.rows.prices(signed, self.problem.limits.len())
    }

    /// The best answer of every block at prices, and the bound they prove;
    /// `None` if a line has no spend left.
    fn ask(&self, region: &Region, prices: &[Prices], with_goal: bool) -> Option<(f64, Vec<Vec<f64>>)> {
        let (goal, slack) = if with_goal { (Some(self.goal), KEPT) } else { (None, HOPELESS) };
        let pricing = Pricing::new(self.problem, goal, prices, slack);
        let (constant, absolute) = pricing.constant();
        let mut total = Sum::default();
        total.add(constant + absolute * f64::EPSILON * (2.0 + prices.len() as f64));
        let mut found = Vec::with_capacity(self.blocks.len());
        let best = |i: usize, level: f64| -> Option<Best> {
            let offer = pricing.offer(i);
            let offer = Offer { worth: offer.worth * level, ..offer };
            best_response(&self.problem.lines[i], region.low[i], region.high[i], offer)
        };
        for block in &self.blocks {
            if !block.pool {
                let best = best(block.lines[0], 1.0)?;
                total.add(best.bound);
                found.push(vec![best.spend]);
                continue;
            }
            let d = block.lines[0];
            let mut top: Option<(f64, f64, Vec<f64>)> = None;
            for level in [region.low[d], region.high[d]] {
                let own = best_response(&self.problem.lines[d], level, level, pricing.offer(d))?;
                let mut at = vec![level];
                let (mut bound, mut value) = (own.bound, own.value);
                for &i in &block.lines[1..] {
                    let best = best(i, level)?;
                    (bound, value) = (bound + best.bound, value + best.value);
                    at.push(best.spend);
                }
                top = Some(match top {
                    Some((old, best, _)) if value > best => (bound.max(old), value, at),
                    Some((old, best, kept)) => (bound.max(old), best, kept),
                    None => (bound, value, at),
                });
            }
            let (bound, _, at) = top?;
            total.add(bound);
            found.push(at);
        }
        Some((total.upper(), found))
    }

    /// True if an answer lies in a region.
    fn inside(&self, region: &Region, k: usize) -> bool {
        let column = &self.columns[k];
        let near = |x: f64| 1e-12 * x.abs();
        let lines = self.blocks[column.block].lines.iter().zip(&column.at);
        lines.into_iter().all(|(&i, &x)| region.low[i] <= x + near(x) && x <= region.high[i] + near(x))
    }

    /// Asks at one set of prices after another until the bound is at most
    /// `enough`, or the master program shows that it will not be, or by how
    /// much. `None` if the region holds nothing at all.
    pub(super) fn settle(
        &mut self,
        region: &Region,
        start: &[Prices],
        columns: &[usize],
        (enough, fine): (f64, f64),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Settled> {
        let columns: Vec<usize> = columns.iter().copied().filter(|&k| self.inside(region, k)).collect();
        let mut state = Settled { bound: f64::INFINITY, prices: start.to_vec(), columns, mixed: None };
        let mut ask = start.to_vec();
        let (mut excess, mut idle) = (0, 0);
        for round in 0..ASKED {
            let (bound, found) = self.ask(region, &ask, true)?;
            idle += 1;
            if bound < state.bound || !state.bound.is_finite() {
                if bound < state.bound - 0.01 * fine {
                    idle = 0;
                }
                (state.bound, state.prices) = (bound, ask.clone());
            }
            if state.bound <= enough || (stop() && round > 0) || idle > IDLE {
                break;
            }
            // Both ends of a level are worth knowing.
            for (b, at) in found.into_iter().enumerate() {
                self.take(b, at, &mut state.columns);
            }
            let known =
                state.mixed.as_ref().map_or(f64::INFINITY, |m| state.bound - m.value - self.goal.constant);
            let scale = state.bound.abs().max(f64::MIN_POSITIVE);
            let accuracy = (0.1 * known / scale).min(1e-2).max(0.01 * fine / scale).min(0.1);
            let mixed = self.master.solve(&state.columns, accuracy, (EXCESS[excess], true), Stop(stop));
            let least = mixed.value + self.goal.constant;
            let short = mixed.excess > 1e-6;
            ask = self.by_limit(&mixed.prices);
            state.mixed = Some(mixed);
            let missing = state.bound - least;
            let hopeless = least > enough && missing <= 0.3 * (least - enough);
            if missing <= 0.1 * fine || (hopeless && missing <= 30.0 * fine.max(1e-4 * scale)) {
                if short && excess + 1 < EXCESS.len() {
                    excess += 1;
                    idle = 0;
                    continue;
                }
                break;
            }
        }
        Some(state)
    }

    /// Prices that prove a region empty: those at which the least sum of
    /// excesses is above 0.
    pub(super) fn prove_empty(&mut self, region: &Region, columns: &[usize]) -> Option<Vec<Prices>> {
        let mut columns: Vec<usize> = columns.iter().copied().filter(|&k| self.inside(region, k)).collect();
        for _ in 0..ASKED {
            let mixed = self.master.solve(&columns, 1e-6, (1.0, false), Stop::NEVER);
            let prices = self.by_limit(&mixed.prices);
            let (bound, found) = self.ask(region, &prices, false)?;
            if bound < 0.0 {
                return Some(prices);
            }
            let before = columns.len();
            for (b, at) in found.into_iter().enumerate() {
                self.take(b, at, &mut columns);
            }
            if mixed.excess < 1e-9 || columns.len() == before {
                return None;
            }
        }
        None
    }

    /// What the mixtures of lines and levels are worth beyond their means, and
    /// the means.
    pub(super) fn torn(&self, settled: &Settled) -> (Vec<Torn>, Vec<f64>) {
        let mut torn = Vec::new();
        let mut means = vec![0.0; self.problem.lines.len()];
        let Some(mixed) = &settled.mixed else { return (torn, means) };
        let pricing = Pricing::new(self.problem, Some(self.goal), &settled.prices, 0.0);
        let mut parts: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.blocks.len()];
        for (&k, &w) in settled.columns.iter().zip(&mixed.weights) {
            if w > TRACE {
                parts[self.columns[k].block].push((k, w));
            }
        }
        for (b, mut parts) in parts.into_iter().enumerate() {
            let whole: f64 = parts.iter().map(|p| p.1).sum();
            parts.iter_mut().for_each(|p| p.1 /= whole);
            let block = &self.blocks[b];
            let mean_of = |k: usize| parts.iter().map(|&(c, w)| w * self.columns[c].at[k]).sum::<f64>();
            let mean: Vec<f64> = (0..block.lines.len()).map(mean_of).collect();
            block.lines.iter().zip(&mean).for_each(|(&i, &x)| means[i] = x);
            if parts.len() < 2 {
                continue;
            }
            if !block.pool {
                let each: f64 =
                    parts.iter().map(|&(c, w)| w * self.worth(b, &self.columns[c].at, &pricing)).sum();
                let i = block.lines[0];
                let near = self.problem.lines[i].domain().nearest(mean[0]);
                let loss = each - self.worth(b, &[near], &pricing);
                let each = |&(c, w): &(usize, f64)| (self.columns[c].at[0], w);
                let own: Vec<(f64, f64)> = parts.iter().map(each).collect();
                let (hole, off) = self.missed((i, 1.0), (near, mean[0]), &own, &mixed.prices);
                let loss = loss.max(off);
                torn.push(Torn {
                    line: i,
                    mean: mean[0],
                    loss,
                    hole,
                    lacks: 0.0,
                    answers: own,
                    beyond: Vec::new(),
                });
                continue;
            }
            // A product is lost apart from what each curve loses at the mean level.
            let mut product = 0.0;
            let mut beyond = Vec::new();
            for (k, &j) in block.lines.iter().enumerate().skip(1) {
                let line = &self.problem.lines[j];
                let worth = pricing.offer(j).worth;
                let curved = |x: f64| line.curve.value(x);
                let averaged = |of: &dyn Fn(&[f64]) -> f64| -> f64 {
                    parts.iter().map(|&(c, w)| w * of(&self.columns[c].at)).sum()
                };
                let more = averaged(&|at| (at[0] - mean[0]) * curved(at[k]));
                product += worth * more;
                beyond.push((j, more));
                let on = pricing.offer(j).active * averaged(&|at| if at[k] > 0.0 { 1.0 } else { 0.0 });
                let near = line.domain().nearest(mean[k]);
                let whole = if near > 0.0 { pricing.offer(j).active } else { 0.0 };
                let loss = mean[0] * worth * (averaged(&|at| curved(at[k])) - curved(near)) + whole - on;
                let each = |&(c, w): &(usize, f64)| (self.columns[c].at[k], w);
                let own: Vec<(f64, f64)> = parts.iter().map(each).collect();
                let (hole, off) = self.missed((j, mean[0]), (near, mean[k]), &own, &mixed.prices);
                let loss = loss.max(off);
                torn.push(Torn {
                    line: j,
                    mean: mean[k],
                    loss,
                    hole,
                    lacks: 0.0,
                    answers: own,
                    beyond: Vec::new(),
                });
            }
            let (line, answers) = (block.lines[0], Vec::new());
            torn.push(Torn { line, mean: mean[0], loss: product, hole: false, lacks: 0.0, answers, beyond });
        }
        self.lack(&mut torn, &means);
        (torn, means)
    }

    /// Says of every mixture what its mean lacks.
    fn lack(&self, torn: &mut [Torn], means: &[f64]) {
        let at = |i: usize, c: &Coefficients, x: f64| {
            let line = &self.problem.lines[i];
            let level = line.pool.map_or(1.0, |block| means[block]);
            Coefficients { response: c.response * level, ..*c }.at(line, x)
        };
        let (mut sums, mut sizes) = (vec![0.0; self.rows.len()], vec![0.0; self.rows.len()]);
        for (i, &x) in means.iter().enumerate() {
            for (r, c) in &self.entries[i] {
                let value = at(i, c, x);
                sums[*r] += value;
                sizes[*r] += value.abs();
            }
        }
        let broken = |r: usize| {
            let over = (sums[r] - self.rows.upper[r]).max(self.rows.lower[r] - sums[r]);
            sizes[r] > 0.0 && over > 1e-6 * sizes[r]
        };
        for one in torn {
            let mixed =
                |c: &Coefficients| one.answers.iter().map(|&(x, w)| w * at(one.line, c, x)).sum::<f64>();
            let own = self.entries[one.line].iter().filter(|(r, _)| !one.answers.is_empty() && broken(*r));
            one.lacks = own.map(|(r, c)| (mixed(c) - at(one.line, c, one.mean)).abs() / sizes[*r]).sum();
            for &(j, more) in &one.beyond {
                let drawn = self.entries[j].iter().filter(|(r, _)| broken(*r));
                one.lacks += drawn.map(|(r, c)| (c.response * more).abs() / sizes[*r]).sum::<f64>();
            }
        }
    }

    /// Whether the mean of a line's answers, each with its weight, is not for
    /// sale; and then what limits and goal are off by at the nearest spend, at
    /// the size of their prices: answers that are worth the same to prices that
    /// cancel lose nothing to each other.
    fn missed(
        &self,
        (i, level): (usize, f64),
        (near, mean): (f64, f64),
        answers: &[(f64, f64)],
        prices: &[f64],
    ) -> (bool, f64) {
        if (near - mean).abs() <= 1e-9 * near.abs().max(mean.abs()) {
            return (false, 0.0);
        }
        let line = &self.problem.lines[i];
        let off = |c: &Coefficients| {
            let c = Coefficients { response: c.response * level, ..*c };
            (c.at(line, near) - answers.iter().map(|&(x, w)| w * c.at(line, x)).sum::<f64>()).abs()
        };
        let limits = self.entries[i].iter().map(|(r, c)| prices.get(*r).map_or(0.0, |p| p.abs()) * off(c));
        (true, limits.sum::<f64>() + off(&self.goal.of(i)))
    }

    /// True if being on costs a line something at prices.
    pub(super) fn switched(&self, line: usize, prices: &[Prices]) -> bool {
        Pricing::new(self.problem, Some(self.goal), prices, 0.0).offer(line).active != 0.0
    }

    /// The blocks that are levels.
    pub(super) fn levels(&self) -> impl Iterator<Item = usize> {
        self.pools.0.iter().map(|p| p.block)
    }
}
