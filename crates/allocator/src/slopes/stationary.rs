//! The prices at which a plan is stationary, if there is one choice only.

use super::bound::Bound;
use crate::certificate::{judge, linear_goal};
use crate::{Goal, Line, Prices, Problem, Terms};

/// A spend nearer to an end of its span, relative to where the curve has bent,
/// may be held by that end.
const END: f64 = 1e-5;
/// Slopes on either side of a spend that differ by more, relative, are a kink.
const KINK: f64 = 1e-4;
/// How uncertain a price may be, relative.
const CERTAIN: f64 = 2e-3;
/// Prices below this, relative to the goal's own slopes, are next to none.
const SMALL: f64 = 1e-3;
/// Most limits that bind at once.
const MOST: usize = 60;

/// Prices of limits, signed: a `max` has positive ones, a `min` negative ones.
pub(super) struct Stationary {
    pub(super) prices: Vec<f64>,
}

/// One line's slopes in its spend: of the goal, and of the binding rows.
struct Slopes {
    goal: f64,
    size: f64,
    rows: Vec<f64>,
}

impl Stationary {
    /// Solves "the goal's slope is the priced slopes of the limits" for the
    /// lines that are free to move, by least squares. `None` if they leave more
    /// than one choice, none, or prices of the wrong sign.
    pub(super) fn find(problem: &Problem, spends: &[f64], binding: &[Option<Bound>]) -> Option<Self> {
        let active: Vec<usize> = (0..binding.len()).filter(|&r| binding[r].is_some()).collect();
        let mut prices = vec![0.0; binding.len()];
        if active.is_empty() {
            return Some(Stationary { prices });
        }
        if active.len() > MOST {
            return None;
        }
        let goal = goal_at(problem, spends);
        let rows: Vec<Terms> = active.iter().map(|&r| row(problem, r, binding[r])).collect();
        let moves = problem.quantities().any(|terms| terms.moved.is_some() || terms.few.is_some());
        let free: Vec<Slopes> = problem
            .lines
            .iter()
            .zip(spends)
            .enumerate()
            .filter(|(i, (line, x))| is_free(problem, line, **x, moves.then_some(*i)))
            .map(|(i, (line, &x))| slopes(line, x, i, &goal, &rows))
            .collect();
        let (values, errors) = least_squares(&free, active.len())?;
        for ((&r, value), error) in active.iter().zip(values).zip(errors) {
            let wrong = match binding[r] {
                Some(Bound::Max) => -value,
                Some(Bound::Min) => value,
                _ => 0.0,
            };
            if wrong > error {
                return None;
            }
            prices[r] = value;
        }
        Some(Stationary { prices })
    }

    /// The prices by side of each limit.
    pub(super) fn sides(&self, binding: &[Option<Bound>]) -> Vec<Prices> {
        let side = |(price, bound): (&f64, &Option<Bound>)| {
            let (min, max) = ((-price).max(0.0), price.max(0.0));
            match bound {
                Some(Bound::Min) => Prices { min, max: 0.0 },
                Some(Bound::Max) => Prices { min: 0.0, max },
                Some(Bound::Exact) => Prices { min, max },
                None => Prices::default(),
            }
        };
        self.prices.iter().zip(binding).map(side).collect()
    }

    /// What one line's spend pulls at its bound, to the left and to the right:
    /// the goal's slope less the priced slopes of the limits.
    pub(super) fn pulls(&self, problem: &Problem, spends: &[f64], i: usize) -> [f64; 2] {
        let (Some(line), Some(&x)) = (problem.lines.get(i), spends.get(i)) else { return [0.0; 2] };
        let goal = goal_at(problem, spends);
        let active: Vec<usize> = (0..self.prices.len()).filter(|&r| self.prices[r] != 0.0).collect();
        let rows: Vec<Terms> = active
            .iter()
            .map(|&r| row(problem, r, Some(if self.prices[r] > 0.0 { Bound::Max } else { Bound::Min })))
            .collect();
        let sides = sides(line, x);
        [0, 1].map(|side| {
            let moved = if x == line.current { [-1.0, 1.0][side] } else { (x - line.current).signum() };
            let of = |terms: &Terms| {
                let c = terms.of(i);
                let earned = if c.response == 0.0 { 0.0 } else { c.response * sides[side] };
                c.spend + earned + c.moved * moved
            };
            let charged: f64 = active.iter().zip(&rows).map(|(&r, row)| self.prices[r] * of(row)).sum();
            of(&goal) - charged
        })
    }
}

/// A binding limit as `numerator - number * denominator`.
fn row(problem: &Problem, r: usize, bound: Option<Bound>) -> Terms {
    let limit = &problem.limits[r];
    let number = if bound == Some(Bound::Min) { limit.min } else { limit.max };
    match &limit.denominator {
        Some(d) => limit.numerator.plus(-number.unwrap_or(0.0), d),
        None => limit.numerator.clone(),
    }
}

/// Marginal outcome just below and just above a spend.
fn sides(line: &Line, x: f64) -> [f64; 2] {
    let by = 1e-9 * x.max(1e-3 * line.typical_spend().min(1e15));
    [(x - by).max(0.0), x + by].map(|x| line.curve.marginal(x))
}

/// True if a line's spend can go up and down, and its slope is one.
/// `moves`: the line's number where a quantity counts movement.
fn is_free(problem: &Problem, line: &Line, x: f64, moves: Option<usize>) -> bool {
    let room = END * x.max(line.typical_spend().min(1e15));
    let inside = |s: &crate::Span| s.step == 0.0 && s.from + room <= x && x + room <= s.to;
    if !line.domain().spans().iter().any(inside) {
        return false;
    }
    let [left, right] = sides(line, x);
    let moved = moves.is_some_and(|i| problem.quantities().any(|t| t.of(i).moved != 0.0));
    let smooth = (left - right).abs() <= KINK * left.abs().max(right.abs());
    smooth && !(moved && (x - line.current).abs() <= room)
}

fn slopes(line: &Line, x: f64, i: usize, goal: &Terms, rows: &[Terms]) -> Slopes {
    let marginal = line.curve.marginal(x);
    let moved = if x < line.current { -1.0 } else { 1.0 };
    let of = |terms: &Terms| {
        let c = terms.of(i);
        let earned = if c.response == 0.0 { 0.0 } else { c.response * marginal };
        let parts = [c.spend, earned, c.moved * moved];
        (parts.iter().sum::<f64>(), parts.iter().map(|p| p.abs()).sum::<f64>())
    };
    let (slope, size) = of(goal);
    Slopes { goal: slope, size, rows: rows.iter().map(|r| of(r).0).collect() }
}

/// Prices and how uncertain each is; `None` where they are too uncertain.
fn least_squares(free: &[Slopes], count: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    if free.len() < count {
        return None;
    }
    // Rows in units in which none is steeper than 1 where the goal's slope is 1.
    let relative = |s: &Slopes| if s.size > 0.0 { s.size } else { 1.0 };
    let units: Vec<f64> =
        (0..count).map(|r| free.iter().map(|s| s.rows[r].abs() / relative(s)).fold(0.0, f64::max)).collect();
    if units.iter().any(|u| *u <= 0.0 || !u.is_finite()) {
        return None;
    }
    let mut weights: Vec<f64> = free.iter().map(|s| 1.0 / relative(s)).collect();
    let mut prices = vec![0.0; count];
    for _ in 0..3 {
        let mut gram = vec![vec![0.0; count]; count];
        let mut right = vec![0.0; count];
        for (s, w) in free.iter().zip(&weights) {
            let scaled: Vec<f64> = s.rows.iter().zip(&units).map(|(a, u)| w * a / u).collect();
            for a in 0..count {
                right[a] += scaled[a] * w * s.goal;
                (0..count).for_each(|b| gram[a][b] += scaled[a] * scaled[b]);
            }
        }
        let inverse = inverse(gram)?;
        prices = inverse.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum()).collect();
        let charged = |s: &Slopes, r: usize| prices[r] * s.rows[r] / units[r];
        let missed = free.iter().zip(&weights).map(|(s, w)| {
            let all: f64 = (0..count).map(|r| charged(s, r)).sum();
            w * (s.goal - all).abs()
        });
        let missed = missed.fold(0.0, f64::max);
        let errors: Vec<f64> = (0..count).map(|r| (missed + 1e-12) * inverse[r][r].max(0.0).sqrt()).collect();
        let certain = prices.iter().zip(&errors).all(|(p, e)| *e <= CERTAIN * p.abs().max(SMALL));
        weights = free
            .iter()
            .map(|s| 1.0 / (relative(s) + (0..count).map(|r| charged(s, r).abs()).sum::<f64>()))
            .collect();
        if certain {
            let scale = |values: &[f64]| values.iter().zip(&units).map(|(v, u)| v / u).collect::<Vec<f64>>();
            return Some((scale(&prices), scale(&errors)));
        }
    }
    let _ = prices;
    None
}

/// The inverse of a small symmetric matrix by Gauss-Jordan with pivots; `None`
/// if it has none worth the name.
fn inverse(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    let largest = (0..n).map(|k| a[k][k]).fold(0.0, f64::max);
    let mut inverse: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs()))?;
        if a[pivot][k].abs() <= 1e-12 * largest {
            return None;
        }
        a.swap(k, pivot);
        inverse.swap(k, pivot);
        let scale = 1.0 / a[k][k];
        for j in 0..n {
            a[k][j] *= scale;
            inverse[k][j] *= scale;
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i][k];
            for j in 0..n {
                a[i][j] -= factor * a[k][j];
                inverse[i][j] -= factor * inverse[k][j];
            }
        }
    }
    Some(inverse)
}

/// The goal that prices refer to at a plan: of a ratio, at the plan's own.
fn goal_at(problem: &Problem, spends: &[f64]) -> Terms {
    let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. }).then(|| judge(problem, spends).value);
    linear_goal(&problem.goal, ratio)
}
