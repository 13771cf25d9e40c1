//! The best stock within reach of another: `max F(s)` over `s` between
//! `u + from` and `u + to`.
//!
//! `F` is straight between nodes. As `u` moves through a cell, what is in reach
//! changes its shape only where an end of the reach passes a node; between two
//! such places the maximum is one of straight lines, convex, and its chord is
//! above it. Values at the nodes are raised by what the chord of a whole cell
//! would miss.

use std::collections::VecDeque;

use super::cells::mixed;

/// An end of the reach counts as on a node within this, relative to it.
const NEAR: f64 = 1e-12;

/// Everything from a stock on: a running maximum from the top down, which is
/// convex in every cell by itself. `best` says which node attains it.
pub(super) fn upwards(values: &[f64], out: &mut [f64], best: &mut [u32]) {
    let mut most = f64::NEG_INFINITY;
    let mut node = values.len() as u32 - 1;
    for k in (0..values.len()).rev() {
        if values[k] > most {
            most = values[k];
            node = k as u32;
        }
        out[k] = most;
        best[k] = node;
    }
}

/// `F` at a stock; minus infinity beyond the grid.
pub(super) fn value_at(at: &[f64], values: &[f64], stock: f64) -> f64 {
    let last = at.len() - 1;
    if stock >= at[last] {
        return if stock <= at[last] * (1.0 + NEAR) { values[last] } else { f64::NEG_INFINITY };
    }
    let next = at.partition_point(|&x| x <= stock).max(1);
    cell_value(at, values, next - 1, stock)
}

fn cell_value(at: &[f64], values: &[f64], k: usize, stock: f64) -> f64 {
    mixed(values[k], values[k + 1], (stock - at[k]) / (at[k + 1] - at[k]))
}

/// Upper bounds at the nodes, such that straight lines between them are
/// nowhere below the best value in reach.
pub(super) fn within(at: &[f64], values: &[f64], (from, to): (f64, f64), out: &mut [f64]) {
    if from == to {
        return shifted(at, values, from, out);
    }
    let n = at.len();
    let mut sweep = Sweep { at, values, from, to, low: 0, high: 0, next: 0, inside: VecDeque::new() };
    let mut exact = vec![f64::NEG_INFINITY; n];
    // Places inside each cell where the shape changes: (stock, value).
    let mut turns: Vec<(f64, f64)> = Vec::new();
    let mut starts = vec![0; n + 1];
    let (mut a, mut b) = (0, 0);
    for k in 0..n {
        while a < n && at[a] - from <= at[k] {
            a += 1;
        }
        while b < n && at[b] - to <= at[k] {
            b += 1;
        }
        exact[k] = sweep.best(at[k]);
        starts[k] = turns.len();
        let Some(&end) = at.get(k + 1) else { continue };
        loop {
            let by_low = at.get(a).map_or(f64::INFINITY, |x| x - from);
            let by_high = at.get(b).map_or(f64::INFINITY, |x| x - to);
            let turn = by_low.min(by_high);
            if turn >= end {
                break;
            }
            if by_low <= by_high {
                a += 1
            } else {
                b += 1
            }
            turns.push((turn, sweep.best(turn)));
        }
    }
    starts[n] = turns.len();
    out.copy_from_slice(&exact);
    for k in 0..n - 1 {
        let inside = &turns[starts[k]..starts[k + 1]];
        let (low, high) = (exact[k], exact[k + 1]);
        let most = inside.iter().map(|t| t.1).fold(low.max(high), f64::max);
        if most == f64::NEG_INFINITY || inside.is_empty() && low.min(high) > f64::NEG_INFINITY {
            continue;
        }
        if low == f64::NEG_INFINITY || high == f64::NEG_INFINITY {
            if !inside.is_empty() {
                out[k] = out[k].max(most);
                out[k + 1] = out[k + 1].max(most);
            }
            continue;
        }
        let chord = |x: f64| mixed(low, high, (x - at[k]) / (at[k + 1] - at[k]));
        let missing = inside.iter().map(|&(x, y)| y - chord(x)).fold(0.0, f64::max);
        out[k] = out[k].max(low + missing);
        out[k + 1] = out[k + 1].max(high + missing);
    }
}

/// As [`within`] where a single stock is in reach, as lots have it.
fn shifted(at: &[f64], values: &[f64], by: f64, out: &mut [f64]) {
    let last = at.len() - 1;
    let mut cell = 0;
    for (k, out) in out.iter_mut().enumerate() {
        let stock = at[k] + by;
        while cell < last && at[cell + 1] <= stock {
            cell += 1;
        }
        *out = match cell {
            _ if stock > at[last] * (1.0 + NEAR) => f64::NEG_INFINITY,
            c if c == last => values[last],
            c => cell_value(at, values, c, stock),
        };
    }
    // Places inside each cell where the shape changes.
    let mut turn = at.partition_point(|&x| x - by <= at[0]);
    let mut low = out[0];
    for k in 0..last {
        let high = out[k + 1];
        let first = turn;
        while turn <= last && at[turn] - by < at[k + 1] {
            turn += 1;
        }
        let inside = (first..turn).map(|j| (at[j] - by, values[j]));
        if low.min(high) == f64::NEG_INFINITY {
            if first < turn {
                let most = inside.fold(low.max(high), |most, (_, y)| most.max(y));
                (out[k], out[k + 1]) = (out[k].max(most), high.max(most));
            }
        } else if first < turn {
            let chord = |x: f64| mixed(low, high, (x - at[k]) / (at[k + 1] - at[k]));
            let missing = inside.fold(0.0_f64, |most, (x, y)| most.max(y - chord(x)));
            (out[k], out[k + 1]) = (out[k].max(low + missing), high.max(high + missing));
        }
        low = high;
        // A turn on a node belongs to no cell.
        while turn <= last && at[turn] - by <= at[k + 1] {
            turn += 1;
        }
    }
}

/// What is in reach of stocks that grow from question to question.
struct Sweep<'a> {
    at: &'a [f64],
    values: &'a [f64],
    from: f64,
    to: f64,
    /// Cells in which the ends of the reach lie.
    low: usize,
    high: usize,
    /// The first node not yet seen.
    next: usize,
    /// Nodes in reach, by falling value.
    inside: VecDeque<usize>,
}

impl Sweep<'_> {
    fn best(&mut self, stock: f64) -> f64 {
        let last = self.at.len() - 1;
        let (from, to) = (stock + self.from, stock + self.to);
        if from > self.at[last] * (1.0 + NEAR) {
            return f64::NEG_INFINITY;
        }
        while self.next <= last && self.at[self.next] <= to * (1.0 + NEAR) {
            while self.inside.back().is_some_and(|&k| self.values[k] <= self.values[self.next]) {
                self.inside.pop_back();
            }
            self.inside.push_back(self.next);
            self.next += 1;
        }
        while self.inside.front().is_some_and(|&k| self.at[k] < from * (1.0 - NEAR)) {
            self.inside.pop_front();
        }
        let mut most = self.inside.front().map_or(f64::NEG_INFINITY, |&k| self.values[k]);
        while self.low < last && self.at[self.low + 1] <= from {
            self.low += 1;
        }
        if self.low < last {
            most = most.max(cell_value(self.at, self.values, self.low, from));
        }
        if to < self.at[last] {
            self.high = self.high.max(self.low);
            while self.at[self.high + 1] <= to {
                self.high += 1;
            }
            most = most.max(cell_value(self.at, self.values, self.high, to));
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    #[test]
    fn the_best_in_reach_is_never_missed() {
        let mut rng = Pcg64::seed_from_u64(7);
        let at: Vec<f64> = std::iter::once(0.0).chain((0..60).map(|k| 1.08_f64.powi(k))).collect();
        let top = at[at.len() - 1];
        for round in 0..60 {
            let mut values: Vec<f64> = at.iter().map(|x| x.sin() + rng.random_range(0.0..0.5)).collect();
            let (mut low, mut high) = (0, at.len() - 1);
            if round % 3 == 1 {
                (low, high) = (rng.random_range(0..20), rng.random_range(30..60));
                (0..at.len()).filter(|k| *k < low || *k > high).for_each(|k| values[k] = f64::NEG_INFINITY);
            }
            let from = [0.0, 0.7, 13.0][rng.random_range(0..3)];
            let to = from + [0.0, 0.3, 9.0, 40.0, f64::INFINITY][rng.random_range(0..5)];
            let mut out = vec![0.0; at.len()];
            within(&at, &values, (from, to), &mut out);
            for _ in 0..400 {
                let u = rng.random_range(0.0..top);
                let bound = value_at(&at, &out, u);
                for _ in 0..30 {
                    let s = rng.random_range(u + from..=(u + to).min(2.0 * top));
                    if s < at[low] || s > at[high].min(top) {
                        continue;
                    }
                    let value = value_at(&at, &values, s);
                    assert!(value <= bound + 1e-9, "round {round}: {value} above {bound} at {u}, {s}");
                }
            }
        }
    }
}
