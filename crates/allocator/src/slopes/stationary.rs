//! The prices at which a plan is stationary, if there is one choice only.

use super::bound::Bound;
use super::reduced::Equations;
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
/// Most limits that bind at once, unless of flights.
const MOST: usize = 60;
/// Limits that bind, squared, times spends that are free, of flights.
const WORK: usize = 20_000_000;
/// A pivot this small beside the largest is none.
const NONE: f64 = 1e-12;
/// An unknown that hangs together with an idle one by less is determined.
const TIED: f64 = 1e-6;

/// Prices of limits, signed: a `max` has positive ones, a `min` negative ones.
pub(super) struct Stationary {
    pub(super) prices: Vec<f64>,
    /// Whether the plan leaves one choice of each price.
    pub(super) known: Vec<bool>,
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
    /// than one choice, none, or prices of the wrong sign. Of flights, stocks
    /// follow from spends, and prices of which there is more than one choice are
    /// only marked.
    pub(super) fn find(problem: &Problem, spends: &[f64], binding: &[Option<Bound>]) -> Option<Self> {
        let mut prices = vec![0.0; binding.len()];
        let mut known = vec![true; binding.len()];
        let moves = moves(problem);
        let free: Vec<bool> = problem
            .lines
            .iter()
            .zip(spends)
            .enumerate()
            .map(|(i, (line, x))| is_free(line, *x, moves[i]))
            .collect();
        let linked = problem.is_linked();
        let (equations, own) = Equations::find(problem, spends, if linked { &free } else { &[] });
        // What an equation costs is in the slopes of what it follows from.
        known.iter_mut().zip(&own).for_each(|(known, own)| *known = !own);
        let mut active: Vec<usize> =
            (0..binding.len()).filter(|&r| binding[r].is_some() && !own[r]).collect();
        if active.is_empty() {
            return Some(Stationary { prices, known });
        }
        let chosen: Vec<usize> = (0..free.len()).filter(|&i| free[i] && !equations.give(i)).collect();
        if active.len() > MOST && (!linked || active.len() * active.len() * chosen.len() > WORK) {
            return None;
        }
        let goal = equations.slopes(problem, spends, &goal_at(problem, spends));
        let mut rows = Vec::with_capacity(active.len());
        active.retain(|&r| {
            let row = equations.slopes(problem, spends, &row(problem, r, binding[r]));
            // What nothing that can move changes has no say in the others' prices.
            known[r] = !linked || chosen.iter().any(|&i| row.slope[i] != 0.0);
            rows.extend(known[r].then_some(row.slope));
            known[r]
        });
        let each = chosen.iter().map(|&i| Slopes {
            goal: goal.slope[i],
            size: goal.size[i],
            rows: rows.iter().map(|row| row[i]).collect(),
        });
        let found = least_squares(&each.collect::<Vec<_>>(), active.len(), linked)?;
        for (&r, (value, error)) in active.iter().zip(found) {
            known[r] = error.is_some();
            let wrong = match binding[r] {
                Some(Bound::Max) => -value,
                Some(Bound::Min) => value,
                _ => 0.0,
            };
            if error.is_some_and(|error| wrong > error) {
                return None;
            }
            prices[r] = value;
        }
        Some(Stationary { prices, known })
    }

    /// The prices by side of each limit; `searched` where they are not known.
    pub(super) fn sides(&self, binding: &[Option<Bound>], searched: &[Prices]) -> Vec<Prices> {
        let side = |(r, (price, bound)): (usize, (&f64, &Option<Bound>))| {
            let (min, max) = ((-price).max(0.0), price.max(0.0));
            match bound {
                None => Prices::default(),
                Some(_) if !self.known[r] => searched.get(r).copied().unwrap_or_default(),
                Some(Bound::Min) => Prices { min, max: 0.0 },
                Some(Bound::Max) => Prices { min: 0.0, max },
                Some(Bound::Exact) => Prices { min, max },
            }
        };
        self.prices.iter().zip(binding).enumerate().map(side).collect()
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

/// Whether some quantity counts a line's movement from today's spend.
fn moves(problem: &Problem) -> Vec<bool> {
    let mut moves = vec![false; problem.lines.len()];
    for terms in problem.quantities() {
        let all = terms.moved.iter().flat_map(|v| v.iter().copied().enumerate());
        let few = terms.few().iter().map(|(i, c)| (*i, c.moved));
        all.chain(few).filter(|(_, c)| *c != 0.0).for_each(|(i, _)| moves[i] = true);
    }
    moves
}

/// True if a line's spend can go up and down, and its slope is one; `moves`:
/// some quantity counts its movement.
fn is_free(line: &Line, x: f64, moves: bool) -> bool {
    let room = END * x.max(line.typical_spend().min(1e15));
    let inside = |s: &crate::Span| s.step == 0.0 && s.from + room <= x && x + room <= s.to;
    if !line.domain().spans().iter().any(inside) {
        return false;
    }
    let [left, right] = sides(line, x);
    let smooth = (left - right).abs() <= KINK * left.abs().max(right.abs());
    smooth && !(moves && (x - line.current).abs() <= room)
}

/// Prices, and how uncertain each is: `None` for one that is not, or not well
/// enough, determined. Unless `some` may be, none at all where one is not.
fn least_squares(free: &[Slopes], count: usize, some: bool) -> Option<Vec<(f64, Option<f64>)>> {
    if free.len() < count && !some {
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
    for round in 0..3 {
        let mut gram = vec![vec![0.0; count]; count];
        let mut right = vec![0.0; count];
        for (s, w) in free.iter().zip(&weights) {
            let scaled: Vec<f64> = s.rows.iter().zip(&units).map(|(a, u)| w * a / u).collect();
            for a in 0..count {
                right[a] += scaled[a] * w * s.goal;
                (0..count).for_each(|b| gram[a][b] += scaled[a] * scaled[b]);
            }
        }
        let (inverse, determined) = inverse(gram);
        if !some && determined.contains(&false) {
            return None;
        }
        let prices: Vec<f64> =
            inverse.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum()).collect();
        let charged = |s: &Slopes, r: usize| prices[r] * s.rows[r] / units[r];
        let missed = free.iter().zip(&weights).map(|(s, w)| {
            let all: f64 = (0..count).map(|r| charged(s, r)).sum();
            w * (s.goal - all).abs()
        });
        let missed = missed.fold(0.0, f64::max);
        let errors: Vec<Option<f64>> = (0..count)
            .map(|r| {
                let error = (missed + 1e-12) * inverse[r][r].max(0.0).sqrt();
                let certain = determined[r] && error <= CERTAIN * prices[r].abs().max(SMALL);
                certain.then_some(error / units[r])
            })
            .collect();
        if some && round == 2 || !errors.contains(&None) {
            return Some(prices.iter().zip(&units).map(|(p, u)| p / u).zip(errors).collect());
        }
        weights = free
            .iter()
            .map(|s| 1.0 / (relative(s) + (0..count).map(|r| charged(s, r).abs()).sum::<f64>()))
            .collect();
    }
    None
}

/// The inverse of a small symmetric matrix by Gauss-Jordan with pivots, and
/// which unknowns it determines. Those without a pivot are taken as 0.
fn inverse(mut a: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Vec<bool>) {
    let n = a.len();
    let largest = (0..n).map(|k| a[k][k]).fold(0.0, f64::max);
    let mut inverse: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    let mut pivots: Vec<usize> = Vec::new();
    let mut idle: Vec<usize> = Vec::new();
    for k in 0..n {
        let row = pivots.len();
        let pivot = (row..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs()));
        let Some(pivot) = pivot.filter(|&p| a[p][k].abs() > NONE * largest) else {
            idle.push(k);
            continue;
        };
        pivots.push(k);
        a.swap(row, pivot);
        inverse.swap(row, pivot);
        let scale = 1.0 / a[row][k];
        for j in 0..n {
            a[row][j] *= scale;
            inverse[row][j] *= scale;
        }
        for i in (0..n).filter(|&i| i != row) {
            let factor = a[i][k];
            for j in 0..n {
                a[i][j] -= factor * a[row][j];
                inverse[i][j] -= factor * inverse[row][j];
            }
        }
    }
    let mut rows = vec![vec![0.0; n]; n];
    let mut determined = vec![false; n];
    for (row, &k) in pivots.iter().enumerate() {
        determined[k] = idle.iter().all(|&j| a[row][j].abs() <= TIED);
        rows[k].clone_from(&inverse[row]);
    }
    (rows, determined)
}

/// The goal that prices refer to at a plan: of a ratio, at the plan's own.
fn goal_at(problem: &Problem, spends: &[f64]) -> Terms {
    let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. }).then(|| judge(problem, spends).value);
    linear_goal(&problem.goal, ratio)
}
