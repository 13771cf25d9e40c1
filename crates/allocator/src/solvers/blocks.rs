//! One flight's part of an interior-point step, with its stocks eliminated.
//!
//! A stock is given by spends, `A_l = a_l + sum_j W_lj x_j`, and made up of
//! stretches `y_k`. With diagonal Hessians `D`, let `s_l = sum 1/D_k` over its
//! stretches and `m_lr` the mean of their slopes in row `r`, weighted by
//! `1/D_k`. Eliminating the stretches leaves, for the spends,
//!
//! ```text
//! H = D_x + sum_l W_l W_l' / s_l,        g_r = J_r + sum_l m_lr W_l
//! ```
//!
//! and for the rows `sum_r,q g_r' H^-1 g_q` plus the spread of the slopes
//! around their means. Everything added is positive: unlike the plain normal
//! equations, nothing cancels where spends have no curvature of their own.

use super::arrow::Arrow;
use super::profile::{Profile, dot};

/// What a variable is to a program's structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// On its own: slack, elastic.
    Plain,
    /// A spend of a block.
    Spend(usize),
    /// A stretch of the stock that a row gives, of a block.
    Stock {
        /// The block.
        block: usize,
        /// The row that gives the stock.
        row: usize,
    },
}

/// One flight.
#[derive(Default)]
pub(crate) struct Block {
    spends: Vec<usize>,
    stocks: Vec<Stock>,
    /// Rows the block enters, but for those that give stocks.
    rows: Vec<usize>,
    /// `W`, a row per stock.
    weights: Vec<f64>,
    hessian: Profile,
    /// `g`, then `L^-1 g`, a row for each of `rows`.
    slopes: Vec<f64>,
    step: Vec<f64>,
}

struct Stock {
    row: usize,
    /// What the row is multiplied by.
    scale: f64,
    stretches: Vec<usize>,
    /// Spends from here on do not enter.
    end: usize,
    /// `s`.
    give: f64,
    /// Index into the block's rows, and `m`.
    means: Vec<(usize, f64)>,
    /// Mean of the stretches' right-hand sides.
    right: f64,
}

/// A variable's entries, as the program holds them.
pub(crate) struct Entries<'a> {
    pub(crate) start: &'a [usize],
    pub(crate) rows: &'a [usize],
    pub(crate) jacobian: &'a [f64],
}

impl Entries<'_> {
    fn of(&self, j: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        (self.start[j]..self.start[j + 1]).map(|k| (self.rows[k], self.jacobian[k]))
    }
}

impl Block {
    /// The blocks of a program and the rows that each enters besides those
    /// that give its stocks; `gone` is set for the latter.
    pub(crate) fn all(roles: &[Role], entries: &Entries, gone: &mut [bool]) -> Vec<Block> {
        let number = |role: &Role| match role {
            Role::Plain => None,
            Role::Spend(block) | Role::Stock { block, .. } => Some(*block),
        };
        let count = roles.iter().filter_map(number).max().map_or(0, |b| b + 1);
        let mut blocks: Vec<Block> = (0..count).map(|_| Block::default()).collect();
        for (j, role) in roles.iter().enumerate() {
            match *role {
                Role::Plain => {}
                Role::Spend(block) => blocks[block].spends.push(j),
                Role::Stock { block, row } => {
                    gone[row] = true;
                    blocks[block].stretch(row, j);
                }
            }
        }
        blocks.iter_mut().for_each(|b| b.lay_out(entries, gone));
        blocks
    }

    fn stretch(&mut self, row: usize, j: usize) {
        match self.stocks.last_mut() {
            Some(stock) if stock.row == row => stock.stretches.push(j),
            _ => self.stocks.push(Stock {
                row,
                scale: 1.0,
                stretches: vec![j],
                end: 0,
                give: 0.0,
                means: Vec::new(),
                right: 0.0,
            }),
        }
    }

    fn lay_out(&mut self, entries: &Entries, gone: &[bool]) {
        let n = self.spends.len();
        let stretches = self.stocks.iter().flat_map(|s| &s.stretches);
        for &j in self.spends.iter().chain(stretches) {
            self.rows.extend(entries.of(j).map(|(r, _)| r).filter(|&r| !gone[r]));
        }
        self.rows.sort_unstable();
        self.rows.dedup();
        self.weights = vec![0.0; self.stocks.len() * n];
        for (x, &j) in self.spends.iter().enumerate() {
            for (r, a) in entries.of(j).filter(|(r, _)| gone[*r]) {
                let Some(l) = self.stocks.iter().position(|s| s.row == r) else { continue };
                self.weights[l * n + x] = -a;
                self.stocks[l].end = self.stocks[l].end.max(x + 1);
            }
        }
        for stock in &mut self.stocks {
            let each = stock.stretches.iter().flat_map(|&j| entries.of(j));
            let mut met: Vec<usize> = each.filter_map(|(r, _)| self.rows.binary_search(&r).ok()).collect();
            met.sort_unstable();
            met.dedup();
            stock.means = met.into_iter().map(|k| (k, 0.0)).collect();
        }
        self.hessian = Profile::new(vec![0; n]);
        self.slopes = vec![0.0; self.rows.len() * n];
        self.step = vec![0.0; n];
    }

    /// Notes what rows are multiplied by.
    pub(crate) fn scale(&mut self, scales: &[f64]) {
        self.stocks.iter_mut().for_each(|stock| stock.scale = scales[stock.row]);
    }

    /// The rows that meet in the block.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Adds the block to the matrix over the rows. False if it cannot be
    /// factored.
    pub(crate) fn add_to(
        &mut self,
        arrow: &mut Arrow,
        entries: &Entries,
        inverse: impl Fn(usize) -> f64,
    ) -> bool {
        let n = self.spends.len();
        self.hessian.clear();
        self.slopes.fill(0.0);
        for (x, &j) in self.spends.iter().enumerate() {
            self.hessian.add(x, x, 1.0 / inverse(j));
            for (r, a) in entries.of(j) {
                if let Ok(k) = self.rows.binary_search(&r) {
                    self.slopes[k * n + x] += a;
                }
            }
        }
        for l in 0..self.stocks.len() {
            self.average(l, entries, &inverse);
            self.spread(l, arrow, entries, &inverse);
            let stock = &self.stocks[l];
            let weights = &self.weights[l * n..l * n + stock.end];
            self.hessian.add_outer(weights, 1.0 / stock.give);
            for &(k, mean) in &stock.means {
                let slopes = &mut self.slopes[k * n..k * n + stock.end];
                slopes.iter_mut().zip(weights).for_each(|(g, w)| *g += mean * w);
            }
        }
        if !self.hessian.factor() {
            return false;
        }
        if n == 0 {
            return true;
        }
        let mut begins = Vec::with_capacity(self.rows.len());
        for slopes in self.slopes.chunks_exact_mut(n) {
            let begin = slopes.iter().position(|g| *g != 0.0).unwrap_or(n);
            self.hessian.forward(slopes, begin);
            begins.push(begin);
        }
        let slopes: Vec<&[f64]> = self.slopes.chunks_exact(n).collect();
        for (k, &r) in self.rows.iter().enumerate() {
            for (q, &s) in self.rows[..=k].iter().enumerate() {
                let begin = begins[k].max(begins[q]);
                if begin < n {
                    arrow.add(r, s, dot(&slopes[k][begin..], &slopes[q][begin..]));
                }
            }
        }
        true
    }

    /// `s` and `m` of a stock.
    fn average(&mut self, l: usize, entries: &Entries, inverse: impl Fn(usize) -> f64) {
        let Block { rows, stocks, .. } = self;
        let stock = &mut stocks[l];
        stock.give = stock.stretches.iter().map(|&j| inverse(j)).sum();
        stock.means.iter_mut().for_each(|(_, mean)| *mean = 0.0);
        for &j in &stock.stretches {
            let share = inverse(j) / stock.give;
            for (r, a) in entries.of(j) {
                let Ok(k) = rows.binary_search(&r) else { continue };
                if let Ok(at) = stock.means.binary_search_by_key(&k, |(k, _)| *k) {
                    stock.means[at].1 += share * a;
                }
            }
        }
    }

    /// The spread of a stock's slopes around their means.
    fn spread(&self, l: usize, arrow: &mut Arrow, entries: &Entries, inverse: impl Fn(usize) -> f64) {
        let stock = &self.stocks[l];
        if stock.stretches.len() < 2 {
            return;
        }
        for &j in &stock.stretches {
            let off = |(k, mean): &(usize, f64)| {
                let r = self.rows[*k];
                let a: f64 = entries.of(j).filter(|(row, _)| *row == r).map(|(_, a)| a).sum();
                (r, a - mean)
            };
            let off: Vec<(usize, f64)> = stock.means.iter().map(off).collect();
            for (k, &(r, a)) in off.iter().enumerate() {
                for &(s, b) in &off[..=k] {
                    arrow.add(r, s, inverse(j) * a * b);
                }
            }
        }
    }

    /// Takes the block's part of the right-hand sides: of each row what the
    /// stretches and spends leave. `right` is a variable's own, `rhs` holds
    /// residuals of the rows.
    pub(crate) fn reduce(
        &mut self,
        rhs: &mut [f64],
        inverse: impl Fn(usize) -> f64,
        right: impl Fn(usize) -> f64,
        entries: &Entries,
    ) {
        let n = self.spends.len();
        for (step, &j) in self.step.iter_mut().zip(&self.spends) {
            *step = right(j);
        }
        for (l, stock) in self.stocks.iter_mut().enumerate() {
            stock.right = stock.stretches.iter().map(|&j| inverse(j) * right(j)).sum::<f64>() / stock.give;
            rhs[stock.row] /= stock.scale;
            let left = rhs[stock.row] + stock.give * stock.right;
            let weights = &self.weights[l * n..l * n + stock.end];
            self.step.iter_mut().zip(weights).for_each(|(h, w)| *h += w * left / stock.give);
            // Of the rows: what the stretches push them by, less what follows from the stock as a
            // whole; only the spread around the mean is left, and the row's residual.
            for &(k, mean) in &stock.means {
                rhs[self.rows[k]] -= mean * rhs[stock.row];
            }
            if stock.stretches.len() > 1 {
                for &j in &stock.stretches {
                    let push = inverse(j) * (right(j) - stock.right);
                    for (r, a) in entries.of(j).filter(|(r, _)| *r != stock.row) {
                        rhs[r] += push * a;
                    }
                }
            }
        }
        if n == 0 {
            return;
        }
        self.hessian.forward(&mut self.step, 0);
        for (&r, slopes) in self.rows.iter().zip(self.slopes.chunks_exact(n)) {
            rhs[r] += dot(slopes, &self.step);
        }
    }

    /// The step of the block's variables, given the prices of the rows in
    /// `rhs`; replaces the residuals of the rows that give its stocks by their
    /// prices.
    pub(crate) fn expand(
        &mut self,
        rhs: &mut [f64],
        inverse: impl Fn(usize) -> f64,
        right: impl Fn(usize) -> f64,
        entries: &Entries,
        mut moved: impl FnMut(usize, f64),
    ) {
        let n = self.spends.len();
        if n > 0 {
            for (&r, slopes) in self.rows.iter().zip(self.slopes.chunks_exact(n)) {
                let price = rhs[r];
                self.step.iter_mut().zip(slopes).for_each(|(h, g)| *h -= price * g);
            }
            self.hessian.backward(&mut self.step);
        }
        self.spends.iter().zip(&self.step).for_each(|(&j, &dx)| moved(j, dx));
        for (l, stock) in self.stocks.iter().enumerate() {
            let weights = &self.weights[l * n..l * n + stock.end];
            let total = dot(weights, &self.step[..stock.end]) - rhs[stock.row];
            let priced: f64 = stock.means.iter().map(|&(k, mean)| mean * rhs[self.rows[k]]).sum();
            for &j in &stock.stretches {
                let share = inverse(j) / stock.give * total;
                if stock.stretches.len() == 1 {
                    moved(j, share);
                    continue;
                }
                let own: f64 = entries.of(j).filter(|(r, _)| *r != stock.row).map(|(r, a)| a * rhs[r]).sum();
                moved(j, share + inverse(j) * ((right(j) - stock.right) - (own - priced)));
            }
            rhs[stock.row] = (stock.right - total / stock.give - priced) / stock.scale;
        }
    }
}
