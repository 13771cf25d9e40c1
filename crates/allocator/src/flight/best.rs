//! The best flight at given prices: a dynamic program over a grid of stocks,
//! with an upper bound that holds for all flights, those between nodes too.
//!
//! Backwards over the periods, with `u` the stock that is left when a period
//! begins and `s` the one after its spend `(s - u) / weight`:
//!
//! ```text
//! J_t(u) = p_t u + max over s in reach of u of  F_t(s)
//! F_t(s) = worth_t f(s) - (cost_t + p_t) s + J_(t+1)(retention s)
//! ```
//!
//! `p_t` is the cost of spend per unit of stock. `f` is replaced by straight
//! lines above it, a decay moves nodes to nodes, and a maximum over what is in
//! reach lies below straight lines again ([`super::reach`]): so values at the
//! nodes bound everything. What an on/off rule remembers is a state beside the
//! stock.

use super::grid::Grid;
use super::reach::{upwards, value_at, within};
use super::states::States;
use super::{Flight, Step};
use crate::pricing::Pricing;
use crate::region::Region;
use crate::{Problem, Span};

/// Round-off of the whole program, relative to its absolute terms.
const ROUND_OFF: f64 = 1e-11;

/// A bound of a box counts as on a node within this, relative to it.
const NEAR: f64 = 1e-12;

/// The first lots of a period are told apart, those beyond are taken as a
/// continuum.
const LOTS: f64 = 24.0;

/// More lots than this in a period are taken as a continuum all together.
pub(crate) const MANY: f64 = 96.0;

/// What is spent where being on is worth more than any spend, over the largest
/// stock.
const BARELY: f64 = 1e-9;

/// Most times that a flight is looked for again with caps it exceeded.
const ROUNDS: usize = 8;

/// What prices make of a flight, step by step.
pub(crate) struct Asked {
    /// Worth of a unit of the curve, and cost of a unit of stock.
    stock: Vec<(f64, f64)>,
    /// Cost of a unit of spend, and of being on.
    spend: Vec<(f64, f64)>,
    /// Cost of being in use at all.
    used: f64,
}

/// The best flight found and what bounds all others.
#[derive(Debug, Clone)]
pub(crate) struct BestFlight {
    /// No flight is worth more.
    pub(crate) bound: f64,
    /// Spend of every step that has one.
    pub(crate) spends: Vec<f64>,
}

impl Asked {
    pub(crate) fn new(problem: &Problem, flight: &Flight, pricing: &Pricing) -> Self {
        let money = |line: usize| {
            let offer = pricing.offer(line);
            // The curve of a spend is a straight line.
            (offer.cost - offer.worth * problem.lines[line].curve.marginal(1.0), offer.active)
        };
        let used = flight.used.map_or(0.0, |line| pricing.offer(line).cost);
        let mut asked = Asked { stock: Vec::new(), spend: Vec::new(), used };
        for step in &flight.steps {
            let offer = pricing.offer(step.stock);
            asked.stock.push((offer.worth, offer.cost));
            asked.spend.push(step.spend.map_or((0.0, 0.0), |spend| money(spend.line)));
        }
        asked
    }
}

/// The spends that a step allows, as stock that they add.
#[derive(Debug, Clone, Default)]
struct Ways {
    off: bool,
    /// Intervals of what may be added when on.
    on: Vec<(f64, f64)>,
    /// True if the one interval's upper end is left aside until it is exceeded.
    open: bool,
}

impl Ways {
    fn new(problem: &Problem, step: &Step, region: &Region) -> Self {
        let Some(spend) = step.spend else { return Ways { off: true, ..Ways::default() } };
        let (low, high) = (region.low[spend.line], region.high[spend.line]);
        let mut ways = Ways::default();
        for span in problem.lines[spend.line].domain().spans() {
            let Some(Span { from, to, step }) = span.clip(low, high) else { continue };
            ways.off |= from <= 0.0;
            let count = (to - from) / step;
            if step > 0.0 && count <= MANY {
                let lots = (0..=count.min(LOTS).round() as usize).map(|k| from + k as f64 * step);
                ways.on.extend(lots.filter(|x| *x > 0.0).map(|x| (spend.weight * x, spend.weight * x)));
                if count > LOTS + 0.5 {
                    ways.on.push((spend.weight * (from + LOTS * step), spend.weight * to));
                }
            } else if to > 0.0 {
                ways.on.push((spend.weight * from, spend.weight * to));
            }
        }
        ways.open = matches!(ways.on[..], [(from, to)] if from < 1e-290 && to > from);
        ways
    }
}

/// Memory that one flight after another is worked out in.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// `F_t` by step and state.
    after: Vec<Vec<f64>>,
    /// The node that is best from each node on, by step and state.
    best: Vec<Vec<u32>>,
    /// `J_t` by state, now and next.
    value: Vec<Vec<f64>>,
    next: Vec<Vec<f64>>,
    /// What being on leads to, by the state after it.
    on: Vec<Vec<f64>>,
    raised: Vec<f64>,
}

impl Scratch {
    fn fit(&mut self, steps: usize, states: usize, nodes: usize) {
        let fit = |rows: &mut Vec<Vec<f64>>, count: usize| {
            rows.resize_with(count.max(rows.len()), Vec::new);
            rows[..count].iter_mut().for_each(|row| row.resize(nodes, 0.0));
        };
        fit(&mut self.after, steps * states);
        fit(&mut self.value, states);
        fit(&mut self.next, states);
        fit(&mut self.on, states);
        self.best.resize_with((steps * states).max(self.best.len()), Vec::new);
        self.best[..steps * states].iter_mut().for_each(|row| row.resize(nodes, 0));
        self.raised.resize(nodes, 0.0);
    }
}

/// The best flight of a region at given prices; `None` if it holds none.
pub(crate) fn best_flight(
    problem: &Problem,
    flight: &Flight,
    grid: &Grid,
    asked: &Asked,
    region: &Region,
    scratch: &mut Scratch,
) -> Option<BestFlight> {
    let mut ways: Vec<Ways> = flight.steps.iter().map(|s| Ways::new(problem, s, region)).collect();
    for round in 0.. {
        let program = Program { flight, grid, asked, region, states: States::new(flight), ways: &ways };
        let (bound, spends, over) = program.solve(scratch)?;
        if over.is_empty() || round == ROUNDS {
            return Some(BestFlight { bound, spends });
        }
        over.into_iter().for_each(|t| ways[t].open = false);
    }
    None
}

struct Program<'a> {
    flight: &'a Flight,
    grid: &'a Grid,
    asked: &'a Asked,
    region: &'a Region,
    states: States,
    ways: &'a [Ways],
}

impl Program<'_> {
    /// The bound, the spends and the steps at which they exceed a cap that was
    /// left aside.
    fn solve(&self, scratch: &mut Scratch) -> Option<(f64, Vec<f64>, Vec<usize>)> {
        let last = self.flight.steps.iter().rposition(|s| s.spend.is_some()).map_or(0, |t| t + 1);
        let (states, n) = (self.states.list.len(), self.grid.at.len());
        scratch.fit(last, states, n);
        let tail = self.tail(last);
        for (value, memory) in scratch.value.iter_mut().zip(&self.states.list) {
            let end = self.ends(memory.ever);
            value.iter_mut().zip(&tail).for_each(|(v, tail)| *v = tail + end);
        }
        for t in (0..last).rev() {
            for state in 0..states {
                self.earn(t, &scratch.value[state], &mut scratch.after[t * states + state]);
            }
            self.choose(t, scratch);
        }
        let bound = value_at(&self.grid.at, &scratch.value[self.states.first()], self.flight.opening);
        if bound == f64::NEG_INFINITY {
            return None;
        }
        let bound = bound + ROUND_OFF * self.absolute();
        let (spends, over) = self.follow(last, scratch);
        Some((if bound.is_nan() { f64::INFINITY } else { bound }, spends, over))
    }

    /// What having been on counts; `-inf` where a cut rules it out.
    fn ends(&self, ever: bool) -> f64 {
        let Some(used) = self.flight.used else { return 0.0 };
        let (low, high) = (self.region.low[used], self.region.high[used]);
        match ever {
            true if high < 1.0 => f64::NEG_INFINITY,
            false if low > 0.0 => f64::NEG_INFINITY,
            true => -self.asked.used,
            false => 0.0,
        }
    }

    /// `F_t` from `J_(t+1)`.
    fn earn(&self, t: usize, later: &[f64], out: &mut [f64]) {
        let grid = self.grid;
        grid.decayed(later, out);
        let (worth, cost) = self.asked.stock[t];
        let cost = cost + self.per_stock(t);
        for ((out, f), s) in out.iter_mut().zip(grid.curve(worth)).zip(&grid.at) {
            *out += worth * f - cost * s;
        }
        // Only what a cut narrows: elsewhere spends keep stocks in their range,
        // and an end of `F` beside a plan would be a kink.
        let Step { stock, range, .. } = self.flight.steps[t];
        let (low, high) = (self.region.low[stock], self.region.high[stock]);
        if low > range.0 {
            let from = grid.at.partition_point(|&x| x * (1.0 - NEAR) <= low).saturating_sub(1);
            out[..from].fill(f64::NEG_INFINITY);
        }
        if high < range.1 {
            let to = grid.at.partition_point(|&x| x * (1.0 + NEAR) < high).min(grid.at.len() - 1);
            out[to + 1..].fill(f64::NEG_INFINITY);
        }
    }

    /// Cost of the spend that adds a unit of stock.
    fn per_stock(&self, t: usize) -> f64 {
        self.flight.steps[t].spend.map_or(0.0, |spend| self.asked.spend[t].0 / spend.weight)
    }

    /// `J_t` from `F_t`, by the state before.
    fn choose(&self, t: usize, scratch: &mut Scratch) {
        let (ways, states, at) = (&self.ways[t], self.states.list.len(), &self.grid.at);
        let (per, active) = (self.per_stock(t), self.asked.spend[t].1);
        let rows = t * states..(t + 1) * states;
        let (after, best) = (&scratch.after[rows.clone()], &mut scratch.best[rows]);
        if self.states.plain && ways.open && active >= 0.0 && (ways.off && active == 0.0) {
            upwards(&after[0], &mut scratch.value[0], &mut best[0]);
            scratch.value[0].iter_mut().zip(at).for_each(|(a, u)| *a += per * u);
            return;
        }
        for state in 0..states {
            let on = &mut scratch.on[state];
            if ways.open {
                upwards(&after[state], on, &mut best[state]);
            } else {
                on.fill(f64::NEG_INFINITY);
                for &reach in &ways.on {
                    within(at, &after[state], reach, &mut scratch.raised);
                    on.iter_mut().zip(&scratch.raised).for_each(|(a, b)| *a = a.max(*b));
                }
            }
            on.iter_mut().for_each(|a| *a -= active);
        }
        for state in 0..states {
            let (off, on) = self.states.moves(state);
            let next = &mut scratch.next[state];
            match off.filter(|_| ways.off) {
                Some(off) => next.copy_from_slice(&after[off]),
                None => next.fill(f64::NEG_INFINITY),
            }
            if let Some(on) = on.filter(|_| !ways.on.is_empty()) {
                next.iter_mut().zip(&scratch.on[on]).for_each(|(a, b)| *a = a.max(*b));
            }
            next.iter_mut().zip(at).for_each(|(a, u)| *a += per * u);
        }
        std::mem::swap(&mut scratch.value, &mut scratch.next);
    }

    /// What stocks after the last spend are worth.
    fn tail(&self, last: usize) -> Vec<f64> {
        let rest = self.asked.stock.get(last..).unwrap_or(&[]);
        let n = self.grid.at.len();
        let Some(&(worth, _)) = rest.first() else { return vec![0.0; n] };
        if rest.iter().all(|&(w, cost)| w == worth && cost == 0.0) {
            return self.grid.tail(worth).iter().map(|s| worth * s).collect();
        }
        let (mut value, mut out) = (vec![0.0; n], vec![0.0; n]);
        for &(worth, cost) in rest.iter().rev() {
            self.grid.decayed(&value, &mut out);
            let own = self.grid.curve(worth).iter().zip(&self.grid.at).map(|(f, s)| worth * f - cost * s);
            value.iter_mut().zip(own).zip(&out).for_each(|((v, own), d)| *v = own + d);
        }
        value
    }

    /// Sum of the largest absolute terms.
    fn absolute(&self) -> f64 {
        let most = self.grid.curve(1.0).last().map_or(0.0, |f| f.abs());
        let top = self.flight.top;
        let each = (0..self.flight.steps.len()).map(|t| {
            let (worth, cost) = self.asked.stock[t];
            worth.abs() * most
                + (cost.abs() + 2.0 * self.per_stock(t).abs()) * top
                + self.asked.spend[t].1.abs()
        });
        each.sum::<f64>() + self.asked.used.abs()
    }

    /// The best choices from the first period on.
    fn follow(&self, last: usize, scratch: &Scratch) -> (Vec<f64>, Vec<usize>) {
        let states = self.states.list.len();
        let (mut state, mut stock) = (self.states.first(), self.flight.opening);
        let (mut spends, mut over) = (Vec::new(), Vec::new());
        let at = &self.grid.at;
        for t in 0..last {
            let (after, best) = (&scratch.after[t * states..], &scratch.best[t * states..]);
            if t > 0 {
                stock *= self.flight.retention;
            }
            let Some(spend) = self.flight.steps[t].spend else { continue };
            let (off, on) = self.states.moves(state);
            let mut choice = (f64::NEG_INFINITY, 0.0, state);
            if let Some(off) = off.filter(|_| self.ways[t].off) {
                choice = (value_at(at, &after[off], stock), 0.0, off);
            }
            let active = self.asked.spend[t].1;
            for &(from, to) in self.ways[t].on.iter().filter(|_| on.is_some()) {
                let on = on.unwrap_or(0);
                let values = &after[on];
                let mut offer = |added: f64, value: f64| {
                    if value - active > choice.0 {
                        choice = (value - active, added, on);
                    }
                };
                if self.ways[t].open {
                    let (cell, _) = self.grid.cell(stock);
                    let node = best[on][cell + 1] as usize;
                    offer((at[node] - stock).max(from), values[node]);
                    continue;
                }
                for added in [from, to] {
                    offer(added, value_at(at, values, stock + added));
                }
                let first = at.partition_point(|&x| x < stock + from);
                let end = at.partition_point(|&x| x <= stock + to);
                (first..end).for_each(|node| offer(at[node] - stock, values[node]));
            }
            let (_, mut added, next) = choice;
            if self.states.used && self.states.list[next].on && added == 0.0 {
                // Any spend counts as on.
                added = BARELY * self.flight.top;
            }
            if self.ways[t].open && self.ways[t].on.iter().any(|way| added > way.1 * (1.0 + NEAR)) {
                over.push(t);
            }
            let most = self.ways[t].on.iter().fold(0.0_f64, |most, way| most.max(way.1));
            let added = added.min(most);
            spends.push(added / spend.weight);
            (stock, state) = (stock + added, next);
        }
        (spends, over)
    }
}

#[cfg(test)]
mod tests;
