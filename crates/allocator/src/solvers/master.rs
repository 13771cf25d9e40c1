//! The master program over known flights: which mixture of them is best within
//! the limits, and at which prices.
//!
//! ```text
//! maximise    sum_k g_k z_k - price_r excess_r
//! subject to  sum_k a_rk z_k - excess_r <= upper_r      for every side r of a limit
//!             sum of z_k over the flights of a block = 1
//! ```
//!
//! A primal-dual interior point (Mehrotra 1992) that starts within both
//! programs. It is stopped early on purpose: prices well inside what the known
//! flights allow are better to ask at than a corner (Gondzio, Gonzalez-Brevis
//! and Munari 2013). A linear-programming library gives neither these prices
//! nor, in pure Rust, any: so the few lines are our own.

use super::dense::Dense;
use crate::options::Stop;

/// Most steps of the interior point.
const STEPS: usize = 60;

/// A known flight.
#[derive(Debug, Clone)]
struct Column {
    block: usize,
    goal: f64,
    /// By side of its block.
    values: Vec<f64>,
}

/// One side of a row.
#[derive(Debug, Clone, Copy)]
struct Side {
    row: usize,
    sign: f64,
    number: f64,
    /// What cannot be used of the number.
    unspent: f64,
    /// Both sides at once.
    equal: bool,
}

/// Blocks, rows and the flights known so far.
pub(crate) struct Master {
    sides: Vec<Side>,
    /// Sides that each block enters.
    blocks: Vec<Vec<usize>>,
    columns: Vec<Column>,
    rows: usize,
    /// What counts as one unit of the goal and of every side.
    goal_unit: f64,
    units: Vec<f64>,
}

/// The mixture and the prices that an interior point ends with.
pub(crate) struct Mixed {
    /// Signed price of every row.
    pub(crate) prices: Vec<f64>,
    /// Weight of every column asked for, in order.
    pub(crate) weights: Vec<f64>,
    /// What the mixture is worth, excesses paid for.
    pub(crate) value: f64,
    /// Largest excess over a side, relative to its size.
    pub(crate) excess: f64,
}

impl Master {
    /// A master program over rows `lower <= .. <= upper`; `enters` says which
    /// rows each block enters and `goal_unit` what a large goal is.
    pub(crate) fn new(lower: &[f64], upper: &[f64], enters: &[Vec<usize>], goal_unit: f64) -> Self {
        let mut sides = Vec::new();
        let mut of = vec![Vec::new(); lower.len()];
        for (row, (&low, &high)) in lower.iter().zip(upper).enumerate() {
            let mut side = |sign: f64, number: f64, equal: bool| {
                of[row].push(sides.len());
                sides.push(Side { row, sign, number, unspent: 0.0, equal });
            };
            if low == high {
                side(1.0, high, true);
                continue;
            }
            if high.is_finite() {
                side(1.0, high, false);
            }
            if low.is_finite() {
                side(-1.0, -low, false);
            }
        }
        let blocks = enters.iter().map(|rows| rows.iter().flat_map(|&r| of[r].clone()).collect()).collect();
        let units =
            sides.iter().map(|s| if s.number == 0.0 { f64::MIN_POSITIVE } else { s.number.abs() }).collect();
        Master { sides, blocks, columns: Vec::new(), rows: lower.len(), goal_unit, units }
    }

    /// Says by row how much of its upper number no flights can use.
    pub(crate) fn leave(&mut self, unspent: impl Fn(usize) -> f64) {
        for side in self.sides.iter_mut().filter(|s| s.sign > 0.0 && !s.equal) {
            side.unspent = unspent(side.row);
        }
    }

    /// Adds a flight of a block that earns `goal` and takes `row(r)` of row r.
    pub(crate) fn add(&mut self, block: usize, goal: f64, row: impl Fn(usize) -> f64) -> usize {
        let value = |&s: &usize| self.sides[s].sign * row(self.sides[s].row);
        let values: Vec<f64> = self.blocks[block].iter().map(value).collect();
        for (&s, v) in self.blocks[block].iter().zip(&values) {
            self.units[s] = self.units[s].max(v.abs());
        }
        self.columns.push(Column { block, goal, values });
        self.columns.len() - 1
    }

    /// Solves over the given columns, at least one of every block, to a
    /// relative gap, or until told to stop; an excess of a whole unit costs `price`
    /// units of goal.
    pub(crate) fn solve(
        &self,
        chosen: &[usize],
        gap: f64,
        (price, with_goal): (f64, bool),
        stop: Stop,
    ) -> Mixed {
        let mut inside = Inside::new(self, chosen, price, with_goal);
        for _ in 0..STEPS {
            if stop.now() || inside.missing() <= gap * inside.value().abs().max(1e-3) || !inside.step(stop) {
                break;
            }
        }
        let mut prices = vec![0.0; self.rows];
        for ((side, y), unit) in self.sides.iter().zip(&inside.y).zip(&self.units) {
            prices[side.row] += side.sign * y * self.goal_unit / unit;
        }
        let excess = |s: usize| inside.over[s].0 + if self.sides[s].equal { inside.under[s].0 } else { 0.0 };
        Mixed {
            prices,
            weights: inside.z.iter().map(|z| z.0).collect(),
            value: inside.value() * self.goal_unit,
            excess: (0..self.sides.len()).map(excess).fold(0.0, f64::max),
        }
    }
}

/// A variable and what its constraint in the other program leaves.
type Pair = (f64, f64);

/// An interior point, in units.
struct Inside<'a> {
    master: &'a Master,
    blocks: Vec<usize>,
    goals: Vec<f64>,
    values: Vec<Vec<f64>>,
    numbers: Vec<f64>,
    price: f64,
    z: Vec<Pair>,
    over: Vec<Pair>,
    under: Vec<Pair>,
    y: Vec<f64>,
    theta: Vec<f64>,
}

/// Changes of an interior point.
struct Move {
    z: Vec<Pair>,
    over: Vec<Pair>,
    under: Vec<Pair>,
    y: Vec<f64>,
    theta: Vec<f64>,
}

impl<'a> Inside<'a> {
    fn new(master: &'a Master, chosen: &[usize], price: f64, with_goal: bool) -> Self {
        let columns = || chosen.iter().filter_map(|&k| master.columns.get(k));
        let blocks: Vec<usize> = columns().map(|c| c.block).collect();
        let goal = |c: &Column| if with_goal { c.goal / master.goal_unit } else { 0.0 };
        let scaled = |c: &Column| -> Vec<f64> {
            c.values.iter().zip(&master.blocks[c.block]).map(|(v, &s)| v / master.units[s]).collect()
        };
        let mut inside = Inside {
            master,
            goals: columns().map(goal).collect(),
            values: columns().map(scaled).collect(),
            numbers: master
                .sides
                .iter()
                .zip(&master.units)
                .map(|(s, unit)| (s.number - s.unspent) / unit)
                .collect(),
            price,
            z: vec![(0.0, 0.0); blocks.len()],
            over: Vec::new(),
            under: Vec::new(),
            y: vec![0.0; master.sides.len()],
            theta: vec![0.0; master.blocks.len()],
            blocks,
        };
        inside.start();
        inside
    }

    /// A point within both programs.
    fn start(&mut self) {
        let mut count = vec![0.0_f64; self.theta.len()];
        self.blocks.iter().for_each(|&b| count[b] += 1.0);
        let size = 1.0 / self.theta.len() as f64;
        for (z, &b) in self.z.iter_mut().zip(&self.blocks) {
            z.0 = 1.0 / count[b];
        }
        let taken = self.taken(|z| z.0);
        for (s, side) in self.master.sides.iter().enumerate() {
            let room = self.numbers[s] - taken[s];
            let least = 0.01;
            let (over, under) = match side.equal {
                true => (least - room.min(0.0), least + room.max(0.0)),
                false => (1e-3 + (1e-2 - room).max(0.0), 0.0),
            };
            let under = if side.equal { under } else { room + over };
            self.y[s] = if side.equal { 0.0 } else { 0.3_f64.min(0.5 * self.price) };
            let other = if side.equal { self.price + self.y[s] } else { self.y[s] };
            self.over.push((over, self.price - self.y[s]));
            self.under.push((under, other));
        }
        let mut worth = Vec::with_capacity(self.z.len());
        let mut most = vec![f64::NEG_INFINITY; self.theta.len()];
        for k in 0..self.z.len() {
            let w = self.goals[k] - self.charge(k, &self.y);
            most[self.blocks[k]] = most[self.blocks[k]].max(w);
            worth.push(w);
        }
        self.theta.iter_mut().zip(&most).for_each(|(theta, most)| *theta = most + 0.3 * size);
        for (k, w) in worth.iter().enumerate() {
            self.z[k].1 = self.theta[self.blocks[k]] - w;
        }
    }

    fn charge(&self, k: usize, y: &[f64]) -> f64 {
        let sides = &self.master.blocks[self.blocks[k]];
        self.values[k].iter().zip(sides).map(|(a, &s)| a * y[s]).sum()
    }

    /// What a part of every column takes of each side.
    fn taken(&self, part: impl Fn(&Pair) -> f64) -> Vec<f64> {
        let mut taken = vec![0.0; self.y.len()];
        for (k, z) in self.z.iter().enumerate() {
            let part = part(z);
            for (a, &s) in self.values[k].iter().zip(&self.master.blocks[self.blocks[k]]) {
                taken[s] += a * part;
            }
        }
        taken
    }

    fn value(&self) -> f64 {
        let earned: f64 = self.z.iter().zip(&self.goals).map(|(z, g)| z.0 * g).sum();
        let each = self.over.iter().zip(&self.under).zip(&self.master.sides);
        let paid: f64 =
            each.map(|((over, under), side)| over.0 + if side.equal { under.0 } else { 0.0 }).sum();
        earned - self.price * paid
    }

    fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.z.iter().chain(&self.over).chain(&self.under)
    }

    /// What the dual program's value exceeds the primal one's by.
    fn missing(&self) -> f64 {
        self.pairs().map(|p| p.0 * p.1).sum()
    }

    /// One step; false if it leads nowhere.
    fn step(&mut self, stop: Stop) -> bool {
        let count = self.pairs().count() as f64;
        let mean = self.missing() / count;
        let Some(factor) = Factor::new(self, stop) else { return false };
        let guess = factor.step(self, |p| -p.0 * p.1, None);
        let (primal, dual) = self.reach(&guess);
        let left: f64 = self
            .pairs()
            .zip(guess.pairs())
            .map(|(p, d)| (p.0 + primal * d.0) * (p.1 + dual * d.1))
            .sum::<f64>()
            / count;
        let target = mean * (left / mean).powi(3).clamp(1e-4, 1.0);
        let step = factor.step(self, |p| target - p.0 * p.1, Some(&guess));
        let (primal, dual) = self.reach(&step);
        let short = |reach: f64| (0.9995 * reach).min(1.0);
        let (primal, dual) = (short(primal), short(dual));
        if !(primal.is_finite() && dual.is_finite()) || primal.max(dual) < 1e-8 {
            return false;
        }
        let shift = |pairs: &mut Vec<Pair>, by: &[Pair]| {
            for (p, d) in pairs.iter_mut().zip(by) {
                *p = (p.0 + primal * d.0, p.1 + dual * d.1);
            }
        };
        shift(&mut self.z, &step.z);
        shift(&mut self.over, &step.over);
        shift(&mut self.under, &step.under);
        self.y.iter_mut().zip(&step.y).for_each(|(y, d)| *y += dual * d);
        self.theta.iter_mut().zip(&step.theta).for_each(|(t, d)| *t += dual * d);
        true
    }

    /// How far a move may go before a variable of either program vanishes.
    fn reach(&self, step: &Move) -> (f64, f64) {
        let mut reach = (1.0 / 0.9995, 1.0 / 0.9995);
        for (p, d) in self.pairs().zip(step.pairs()) {
            if d.0 < 0.0 {
                reach.0 = f64::min(reach.0, -p.0 / d.0);
            }
            if d.1 < 0.0 {
                reach.1 = f64::min(reach.1, -p.1 / d.1);
            }
        }
        reach
    }
}

impl Move {
    fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.z.iter().chain(&self.over).chain(&self.under)
    }
}

/// The factored equations of a step.
struct Factor {
    matrix: Dense,
    /// Weights of columns, their sum and their mean values by block.
    weights: Vec<f64>,
    sums: Vec<f64>,
    means: Vec<Vec<f64>>,
}

impl Factor {
    fn new(inside: &Inside, stop: Stop) -> Option<Self> {
        let sides = &inside.master.blocks;
        let weights: Vec<f64> = inside.z.iter().map(|z| z.0 / z.1).collect();
        let mut sums = vec![0.0; sides.len()];
        let mut means: Vec<Vec<f64>> = sides.iter().map(|s| vec![0.0; s.len()]).collect();
        for (k, &d) in weights.iter().enumerate() {
            let b = inside.blocks[k];
            sums[b] += d;
            means[b].iter_mut().zip(&inside.values[k]).for_each(|(mean, a)| *mean += d * a);
        }
        for (mean, sum) in means.iter_mut().zip(&sums) {
            mean.iter_mut().for_each(|m| *m /= sum);
        }
        let mut matrix = Dense::new(inside.y.len());
        let mut apart = Vec::new();
        for (k, &d) in weights.iter().enumerate() {
            let b = inside.blocks[k];
            apart.clear();
            apart.extend(inside.values[k].iter().zip(&means[b]).map(|(a, mean)| a - mean));
            for (i, &s) in sides[b].iter().enumerate() {
                for (j, &r) in sides[b][..=i].iter().enumerate() {
                    let (row, column) = (s.max(r), s.min(r));
                    let sum = matrix.get(row, column) + d * apart[i] * apart[j];
                    matrix.set(row, column, sum);
                }
            }
        }
        for s in 0..inside.y.len() {
            let ends = inside.over[s].0 / inside.over[s].1 + inside.under[s].0 / inside.under[s].1;
            matrix.add_diagonal(s, ends);
        }
        matrix.factor(stop).then_some(Factor { matrix, weights, sums, means })
    }

    /// The move that brings every product of a pair by `target` nearer to its
    /// aim, corrected by the second-order terms of an earlier guess.
    fn step(&self, inside: &Inside, target: impl Fn(&Pair) -> f64, guess: Option<&Move>) -> Move {
        let aims = |pairs: &[Pair], moves: Option<&[Pair]>| -> Vec<f64> {
            let second = |k: usize| moves.map_or(0.0, |m| m[k].0 * m[k].1);
            pairs.iter().enumerate().map(|(k, p)| target(p) - second(k)).collect()
        };
        let z = aims(&inside.z, guess.map(|g| &g.z[..]));
        let over = aims(&inside.over, guess.map(|g| &g.over[..]));
        let under = aims(&inside.under, guess.map(|g| &g.under[..]));
        let sides = &inside.master.blocks;
        // Residuals are rounding only; they are taken along.
        let mut right = inside.taken(|p| p.0);
        for (s, right) in right.iter_mut().enumerate() {
            *right += inside.under[s].0 - inside.over[s].0 - inside.numbers[s];
            *right += under[s] / inside.under[s].1 - over[s] / inside.over[s].1;
        }
        let mut convex = vec![-1.0; self.sums.len()];
        for (k, aim) in z.iter().enumerate() {
            let (b, own) = (inside.blocks[k], aim / inside.z[k].1);
            convex[b] += own + inside.z[k].0;
            for (a, &s) in inside.values[k].iter().zip(&sides[b]) {
                right[s] += a * own;
            }
        }
        for (b, mean) in self.means.iter().enumerate() {
            for (m, &s) in mean.iter().zip(&sides[b]) {
                right[s] -= m * convex[b];
            }
        }
        self.matrix.solve(&mut right);
        let y = right;
        let mean_charge = |b: usize| self.means[b].iter().zip(&sides[b]).map(|(m, &s)| m * y[s]).sum::<f64>();
        let theta: Vec<f64> =
            (0..self.sums.len()).map(|b| convex[b] / self.sums[b] - mean_charge(b)).collect();
        let moved = |k: usize| {
            let other = theta[inside.blocks[k]] + inside.charge(k, &y);
            (z[k] / inside.z[k].1 - self.weights[k] * other, other)
        };
        let end = |pair: &Pair, aim: f64, other: f64| ((aim - pair.0 * other) / pair.1, other);
        Move {
            z: (0..z.len()).map(moved).collect(),
            over: (0..y.len()).map(|s| end(&inside.over[s], over[s], -y[s])).collect(),
            under: (0..y.len()).map(|s| end(&inside.under[s], under[s], y[s])).collect(),
            y,
            theta,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_and_its_prices() {
        // Two blocks, each off or on: 10 for 4, 6 for 3, within 5.
        let mut master = Master::new(&[f64::NEG_INFINITY], &[5.0], &[vec![0], vec![0]], 10.0);
        let all: Vec<usize> = [(0, 0.0, 0.0), (0, 10.0, 4.0), (1, 0.0, 0.0), (1, 6.0, 3.0)]
            .map(|(block, goal, taken)| master.add(block, goal, |_| taken))
            .to_vec();
        let mixed = master.solve(&all, 1e-10, (100.0, true), Stop::NEVER);
        assert!((mixed.value - 12.0).abs() < 1e-6, "{}", mixed.value);
        assert!((mixed.prices[0] - 2.0).abs() < 1e-5, "{:?}", mixed.prices);
        assert!((mixed.weights[3] - 1.0 / 3.0).abs() < 1e-5 && mixed.excess < 1e-8, "{:?}", mixed.weights);
    }

    #[test]
    fn an_excess_is_paid_for() {
        let mut master = Master::new(&[7.0], &[7.0], &[vec![0]], 1.0);
        let all = [(0.0, 0.0), (3.0, 4.0)].map(|(goal, taken)| master.add(0, goal, |_| taken));
        let mixed = master.solve(&all, 1e-9, (50.0, true), Stop::NEVER);
        assert!((mixed.excess - 3.0 / 7.0).abs() < 1e-6, "{}", mixed.excess);
    }
}
