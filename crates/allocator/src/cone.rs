//! Limits on shares that leave nothing to spend: prices of theirs at which
//! every spend costs something, found by a linear program.
//!
//! Shares say how spends stand to each other, not how much is spent: where they
//! allow one plan other than 0 they allow every multiple of it. They allow none
//! just where some prices of theirs charge every line (Farkas). The program asks
//! for the plan that comes nearest: `min z` with `N x <= c + z h`, `d x = 1` and
//! `x >= 0`, by a primal-dual interior point that starts, and stays, feasible
//! on both sides. Like all solvers here it proposes; the prices are judged by
//! the certificate.

use std::sync::Arc;

use crate::options::Stop;
use crate::solvers::dense::Dense;
use crate::{Prices, Problem, Terms};

/// Fewest sides of limits for which this is worth a try.
const MANY: usize = 16;
/// Most lines: the matrix of a step has a row for each.
const LINES: usize = 1_500;
/// Most steps of the interior point.
const STEPS: usize = 40;
/// Most totals that are told apart.
const TOTALS: usize = 8;
/// Share of the way to a bound that a step goes.
const SAFE: f64 = 0.95;
/// How far, relative to the limits' numbers, prices must charge every line.
const CLEAR: f64 = 1e-6;

/// A side of a limit on a share: `sum of its entries <= number * total`.
struct Share {
    limit: usize,
    most: bool,
    entries: Vec<(usize, f64)>,
    number: f64,
}

/// Prices at which every spend costs something, if limits on shares leave no
/// plan but 0; `None` if they leave one, or there are few.
pub(crate) fn prices(problem: &Problem, stop: Stop) -> Option<Vec<Prices>> {
    let sides: usize =
        problem.limits.iter().map(|l| usize::from(l.min.is_some()) + usize::from(l.max.is_some())).sum();
    if sides < MANY || problem.lines.len() > LINES {
        return None;
    }
    let (total, shares) = shares(problem)?;
    let found = Game::new(&total, &shares).solve(stop)?;
    let mut prices = vec![Prices::default(); problem.limits.len()];
    for (share, price) in shares.iter().zip(found) {
        let slot = &mut prices[share.limit];
        *(if share.most { &mut slot.max } else { &mut slot.min }) = price;
    }
    Some(prices)
}

/// The coefficients of a quantity of spends without a constant.
fn spend(terms: &Terms) -> Option<&Arc<[f64]>> {
    terms.spend.as_ref().filter(|_| terms.is_spend() && terms.constant == 0.0)
}

/// What most shares are shares of, and all limits on shares; lines that cannot
/// be on are left out.
fn shares(problem: &Problem) -> Option<(Vec<f64>, Vec<Share>)> {
    let of = |r: usize| {
        let limit = &problem.limits[r];
        Some((r, spend(&limit.numerator)?, spend(limit.denominator.as_ref()?)?))
    };
    let plain: Vec<_> = (0..problem.limits.len()).filter_map(of).collect();
    let mut totals: Vec<(&Arc<[f64]>, usize)> = Vec::new();
    for (_, _, total) in &plain {
        match totals.iter().position(|(known, _)| Arc::ptr_eq(known, total) || known == total) {
            Some(at) => totals[at].1 += 1,
            None if totals.len() < TOTALS => totals.push((total, 1)),
            None => {}
        }
    }
    let total = totals.iter().max_by_key(|(_, count)| *count)?.0;
    let on: Vec<bool> = problem.lines.iter().map(|line| line.domain().largest() > 0.0).collect();
    if (0..on.len()).any(|i| on[i] && total[i] <= 0.0) {
        return None;
    }
    let place: Vec<usize> = on
        .iter()
        .scan(0, |next, on| {
            *next += usize::from(*on);
            Some(*next - usize::from(*on))
        })
        .collect();
    let mut shares = Vec::new();
    for (limit, numerator, denominator) in plain {
        let shared = Arc::ptr_eq(denominator, total) || denominator == total;
        for (most, number) in [(false, problem.limits[limit].min), (true, problem.limits[limit].max)] {
            let Some(number) = number else { continue };
            let sign = if most { 1.0 } else { -1.0 };
            let coefficient =
                |i: usize| sign * if shared { numerator[i] } else { numerator[i] - number * denominator[i] };
            let entries = (0..on.len()).filter(|&i| on[i]).map(|i| (place[i], coefficient(i)));
            let entries = entries.filter(|(_, c)| *c != 0.0).collect();
            shares.push(Share { limit, most, entries, number: if shared { sign * number } else { 0.0 } });
        }
    }
    let total = (0..on.len()).filter(|&i| on[i]).map(|i| total[i]).collect();
    (shares.len() >= MANY).then_some((total, shares))
}

/// The linear program, and where it stands.
struct Game<'a> {
    total: &'a [f64],
    shares: &'a [Share],
    /// What a unit of `z` adds to each number.
    units: Vec<f64>,
    x: Vec<f64>,
    slack: Vec<f64>,
    price: Vec<f64>,
    /// What each line is charged beyond what a unit of the total is worth.
    reduced: Vec<f64>,
}

impl<'a> Game<'a> {
    fn new(total: &'a [f64], shares: &'a [Share]) -> Self {
        let largest = shares.iter().map(|s| s.number.abs()).fold(0.0, f64::max);
        let unit = |s: &Share| if s.number != 0.0 { s.number.abs() } else { largest.max(f64::MIN_POSITIVE) };
        let units: Vec<f64> = shares.iter().map(unit).collect();
        let x: Vec<f64> = total.iter().map(|d| 1.0 / (total.len() as f64 * d)).collect();
        let price: Vec<f64> = units.iter().map(|h| 1.0 / (shares.len() as f64 * h)).collect();
        let mut game = Game { total, shares, units, x, slack: Vec::new(), price, reduced: Vec::new() };
        let excess: Vec<f64> = game.rows(&game.x).iter().zip(shares).map(|(a, s)| a - s.number).collect();
        let nearest =
            excess.iter().zip(&game.units).map(|(e, h)| e / h).fold(f64::NEG_INFINITY, f64::max) + 1.0;
        game.slack = excess.iter().zip(&game.units).map(|(e, h)| nearest * h - e).collect();
        let charged = game.lines(&game.price);
        let each = charged.iter().zip(total).map(|(c, d)| c / d);
        let worth = each.fold(f64::INFINITY, f64::min) - 1.0;
        game.reduced = charged.iter().zip(total).map(|(c, d)| c - worth * d).collect();
        game
    }

    /// `N v`
    fn rows(&self, v: &[f64]) -> Vec<f64> {
        self.shares.iter().map(|s| s.entries.iter().map(|&(i, c)| c * v[i]).sum()).collect()
    }

    /// `N' v`
    fn lines(&self, v: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.total.len()];
        for (share, v) in self.shares.iter().zip(v) {
            share.entries.iter().for_each(|&(i, c)| sums[i] += c * v);
        }
        sums
    }

    /// Prices that charge every line; `None` if there are none.
    fn solve(mut self, stop: Stop) -> Option<Vec<f64>> {
        for _ in 0..STEPS {
            if self.charges_all() {
                return Some(self.price);
            }
            let (all, scale) = (self.rows(&self.x), dot(&self.x, self.total));
            if all.iter().zip(self.shares).all(|(a, s)| *a <= s.number * scale) || stop.now() {
                return None;
            }
            self.step(stop)?;
        }
        None
    }

    fn charges_all(&self) -> bool {
        let charged = self.lines(&self.price);
        let numbers: f64 = self.shares.iter().zip(&self.price).map(|(s, p)| s.number * p).sum();
        let size: f64 = self.shares.iter().zip(&self.price).map(|(s, p)| (s.number * p).abs()).sum();
        charged.iter().zip(self.total).all(|(c, d)| c - numbers * d > CLEAR * size * d)
    }

    /// One step along the central path.
    fn step(&mut self, stop: Stop) -> Option<()> {
        let (n, m) = (self.x.len(), self.slack.len());
        let gap = dot(&self.x, &self.reduced) + dot(&self.slack, &self.price);
        let mu = CENTER * gap / (n + m) as f64;
        let weights: Vec<f64> = self.price.iter().zip(&self.slack).map(|(y, s)| y / s).collect();
        let mut matrix = Dense::new(n);
        for (share, weight) in self.shares.iter().zip(&weights) {
            for (at, &(i, a)) in share.entries.iter().enumerate() {
                for &(j, b) in &share.entries[..=at] {
                    matrix.set(i, j, matrix.get(i, j) + weight * a * b);
                }
            }
        }
        (0..n).for_each(|i| matrix.add_diagonal(i, self.reduced[i] / self.x[i]));
        if !matrix.factor(stop) {
            return None;
        }
        let solved = |mut right: Vec<f64>| {
            matrix.solve(&mut right);
            right
        };
        let pull: Vec<f64> = self.slack.iter().zip(&self.price).map(|(s, y)| mu / s - y).collect();
        let weighted: Vec<f64> = weights.iter().zip(&self.units).map(|(w, h)| w * h).collect();
        let border = self.lines(&weighted);
        let pulled = self.lines(&pull);
        let right = (0..n).map(|i| mu / self.x[i] - self.reduced[i] - pulled[i]).collect();
        let (own, by_unit, by_total) = (solved(right), solved(border.clone()), solved(self.total.to_vec()));
        // The two rows at the border: `h y = 1` and `d x = 1`.
        let (a, b) = (dot(&border, &by_unit) - dot(&weighted, &self.units), dot(&border, &by_total));
        let (c, d) = (dot(self.total, &by_unit), dot(self.total, &by_total));
        let (e, f) = (-dot(&pull, &self.units) - dot(&border, &own), -dot(self.total, &own));
        let det = a * d - b * c;
        let (dz, dw) = ((e * d - b * f) / det, (a * f - e * c) / det);
        let dx: Vec<f64> = (0..n).map(|i| own[i] + by_unit[i] * dz + by_total[i] * dw).collect();
        let moved = self.rows(&dx);
        let ds: Vec<f64> = (0..m).map(|r| self.units[r] * dz - moved[r]).collect();
        let dy: Vec<f64> = (0..m).map(|r| pull[r] - weights[r] * ds[r]).collect();
        let charged = self.lines(&dy);
        let dt: Vec<f64> = (0..n).map(|i| charged[i] - self.total[i] * dw).collect();
        if !(dz.is_finite() && dw.is_finite()) {
            return None;
        }
        let primal = reach(&self.x, &dx).min(reach(&self.slack, &ds));
        let dual = reach(&self.price, &dy).min(reach(&self.reduced, &dt));
        for (values, changes, length) in [
            (&mut self.x, &dx, primal),
            (&mut self.slack, &ds, primal),
            (&mut self.price, &dy, dual),
            (&mut self.reduced, &dt, dual),
        ] {
            values.iter_mut().zip(changes).for_each(|(v, change)| *v += length * change);
        }
        Some(())
    }
}

/// Share of the mean product that a step aims at.
const CENTER: f64 = 0.1;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// How much of a change leaves all values above 0; at most 1.
fn reach(values: &[f64], changes: &[f64]) -> f64 {
    let each = values.iter().zip(changes).filter(|(_, change)| **change < 0.0);
    each.map(|(value, change)| -SAFE * value / change).fold(1.0, f64::min)
}
