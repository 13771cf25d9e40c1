//! A primal-dual interior-point method for separable concave programs with
//! few coupling rows.
//!
//! Newton's method on the optimality conditions with log barriers on the
//! bounds of the variables and of the rows' slacks. The Hessian of the
//! Lagrangian is diagonal, so a step costs three passes over the variables and
//! the factorisation of a matrix with one row per limit, `J D^-1 J' + E^-1`.
//! Mehrotra's predictor and corrector (1992) choose the barrier. What it
//! returns is a proposal: nothing here is proven.

use super::dense::{Dense, padded};
use super::gather::{Gather, features};
use super::program::Program;
use super::slot::{After, Lengths, Row, Slot};
use crate::hull::Kind;

/// Slope and curvature beyond which a curve's infinite slope at 0 is cut off.
const STEEP: f64 = 1e150;

/// Where the method ended.
#[derive(Debug, Clone)]
pub(crate) struct Interior {
    /// Value of every variable.
    pub(crate) y: Vec<f64>,
    /// Signed price of every row (positive: the upper side).
    pub(crate) prices: Vec<f64>,
    /// True if the conditions for an optimum hold to the tolerance.
    pub(crate) converged: bool,
}

const MAX_STEPS: usize = 100;

/// Steps without progress after which the method gives up.
const PATIENCE: usize = 20;

/// A step that leaves more than this times the residual it found, and more
/// than the gap, is halved: the curves bend more than Newton's method assumes.
const RISE: f64 = 2.0;

/// Steps without progress after which steps are halved.
const SMOOTH: usize = 2;

/// Most halvings of one step.
const RETREATS: usize = 3;

/// Largest residual of a scaled row at which a point counts as feasible.
const FEASIBLE: f64 = 2e-11;

/// Barrier to keep for each unit of residual.
const HOLD: f64 = 1.0;

/// Barrier at the start, in units of the goal's size per bound.
const START: f64 = 1.0;

/// Least product of a distance and its multiplier, as a fraction of their mean.
const CENTRAL: f64 = 0.03;

/// A point this many times further from optimal than the best so far, and than
/// the goal's size, is on its way to infinity: the limits contradict each other.
const ASTRAY: f64 = 1e3;

/// Solves a program until the goal is within `tolerance` of its size.
pub(crate) fn solve(program: &Program, tolerance: f64) -> Interior {
    solve_within(program, tolerance, FEASIBLE)
}

/// As [`solve`], with rows kept to `feasible`, in units of their terms.
pub(crate) fn solve_within(program: &Program, tolerance: f64, feasible: f64) -> Interior {
    let mut state = State::new(program);
    let mu = state.first_barrier();
    let converged = state.descend(Move::Start { mu }, tolerance, feasible);
    state.end(converged)
}

/// How far a point is from optimal, in units of the goal's size.
struct Residual {
    /// Sum of the products of distances to bounds and their multipliers.
    gap: f64,
    /// Stationarity, weighted by how far each variable can move.
    dual: f64,
    /// Largest scaled excess of a row over its slack.
    primal: f64,
}

impl Residual {
    fn sum(&self) -> f64 {
        self.gap + self.dual + self.primal
    }
}

/// How the point to be evaluated follows from the state.
#[derive(Clone, Copy)]
enum Move {
    /// It is the first: multipliers take up what the prices leave.
    Start { mu: f64 },
    /// By a step that leaves no product below `least`.
    Step { lengths: Lengths, least: f64 },
}

struct State<'p, 'a> {
    program: &'p Program<'a>,
    goal_scale: f64,
    scales: Vec<f64>,
    slots: Vec<Slot>,
    rows: Vec<Row>,
    gather: Gather,
    /// Slope of the Lagrangian per unit of every column.
    net: Vec<f64>,
    /// A figure per column: activities, or what the prices' change charges.
    columns: Vec<f64>,
    /// What the barrier and the second order add, per column.
    barrier: Vec<f64>,
    second: Vec<f64>,
    /// Right-hand side from the variables, and the whole of it, then its solution.
    base: Vec<f64>,
    rhs: Vec<f64>,
    matrix: Dense,
}

impl<'p, 'a> State<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Self {
        let m = program.rows.len();
        let features = features(program.columns, program.extra());
        let columns = features.len();
        let width = padded(m);
        let mut state = State {
            program,
            goal_scale: 1.0,
            scales: vec![1.0; m],
            slots: Vec::with_capacity(program.len()),
            rows: vec![Row::default(); m],
            gather: Gather::new(&program.rows, &features),
            net: vec![0.0; columns],
            columns: vec![0.0; columns],
            barrier: vec![0.0; columns],
            second: vec![0.0; columns],
            base: vec![0.0; width],
            rhs: vec![0.0; width],
            matrix: Dense::new(m),
        };
        state.start();
        state
    }

    /// The slopes and sizes at the start: from them the scales of rows and
    /// goal, at which their terms add up to 1, and the prices that explain the
    /// goal's slopes best, each variable weighted by its size.
    fn start(&mut self) {
        let program = self.program;
        let mut sizes = vec![0.0; self.columns.len()];
        let mut goal = vec![0.0; self.columns.len()];
        program.goal.iter().for_each(|&(column, weight)| goal[column] = weight);
        let mut goal_size = 0.0;
        for (j, &y) in program.starts.iter().enumerate() {
            let v = program.variable(j);
            let mut slot = Slot::at(y, v.length());
            let mut risen = 0.0;
            match (v.arc, v.segment.kind) {
                (Some(line), _) => {
                    slot.base = line.curve.value(v.segment.from);
                    let point = line.curve.point(v.segment.from + y);
                    slot.slope = point.marginal.min(STEEP);
                    risen = point.value - slot.base;
                }
                (None, Kind::Chord(slope)) => {
                    slot.slope = slope;
                    risen = slope * y;
                }
                (None, Kind::Arc) => {}
            }
            let (linear, curved) = v.dot(&goal);
            let worth = linear + slot.slope * curved;
            goal_size += (worth * y).abs();
            v.each(y, slot.slope * y, |column, change| sizes[column] += change.abs());
            v.each(y, risen, |column, change| self.columns[column] += change);
            let weight = y * y;
            self.gather.add(&v, slot.slope, weight * worth, weight);
            self.slots.push(slot);
        }
        if goal_size > 0.0 && goal_size.is_finite() {
            self.goal_scale = 1.0 / goal_size;
        }
        self.scale(&sizes);
        self.price_rows();
    }

    fn scale(&mut self, sizes: &[f64]) {
        for (r, scale) in self.scales.iter_mut().enumerate() {
            *scale = 1.0 / self.program.row_size(r, sizes);
        }
        self.gather.scale(&self.scales);
        self.gather.expand(&mut self.rhs, &mut self.matrix);
        for (r, row) in self.rows.iter_mut().enumerate() {
            row.activity = self.gather.sum(r, &self.columns);
            self.rhs[r] *= self.goal_scale;
        }
    }

    /// Takes steps from a point until the conditions for an optimum hold to the
    /// tolerance; false if they stop leading anywhere.
    fn descend(&mut self, mut from: Move, tolerance: f64, feasible: f64) -> bool {
        let (mut best, mut stalled) = (f64::INFINITY, 0);
        let (mut left, mut retreats) = (f64::INFINITY, 0);
        for _ in 0..MAX_STEPS {
            if self.program.stop.now() {
                return false;
            }
            let residual = self.evaluate(from);
            let missing = residual.dual + residual.primal;
            if let Move::Step { lengths, least } = from
                && stalled > SMOOTH
                && missing > (RISE * left).max(residual.gap)
                && retreats < RETREATS
            {
                retreats += 1;
                from = self.retreat(lengths, least);
                continue;
            }
            (left, retreats) = (missing, 0);
            if residual.gap <= tolerance && residual.dual <= tolerance && residual.primal <= feasible {
                return true;
            }
            let merit = residual.gap.max(residual.dual).max(residual.primal);
            if merit < 0.9 * best {
                (best, stalled) = (merit, 0);
            } else {
                stalled += 1;
            }
            let astray = self.program.elastic.is_empty() && merit > ASTRAY * best.max(1.0);
            if stalled > PATIENCE || astray || !residual.sum().is_finite() {
                return false;
            }
            let Some(next) = self.step(&residual, tolerance) else { return false };
            from = next;
        }
        false
    }

    fn end(self, converged: bool) -> Interior {
        let scaled = self.rows.iter().zip(&self.scales);
        let prices = scaled.map(|(row, scale)| row.price * scale / self.goal_scale).collect();
        Interior { y: self.slots.iter().map(|s| s.y).collect(), prices, converged }
    }

    fn first_barrier(&self) -> f64 {
        START / (self.slots.len() + self.rows.len()) as f64
    }

    /// Guesses prices by least squares; slacks inside their ranges.
    fn price_rows(&mut self) {
        for r in 0..self.rows.len() {
            let diagonal = self.matrix.diagonal(r);
            self.matrix.add_diagonal(r, 0.1 * diagonal + f64::MIN_POSITIVE);
        }
        let known = self.matrix.factor(self.program.stop);
        if known {
            self.matrix.solve(&mut self.rhs);
        }
        let mu = self.first_barrier();
        for (r, row) in self.rows.iter_mut().enumerate() {
            row.price = if known && self.rhs[r].is_finite() { self.rhs[r] } else { 0.0 };
            let scale = self.scales[r];
            row.start(self.program.lower[r] * scale, self.program.upper[r] * scale, mu);
        }
    }

    /// Moves to the next point. Values, slopes and curvatures there, the
    /// condensed system and the point's residuals.
    fn evaluate(&mut self, from: Move) -> Residual {
        let program = self.program;
        let rows = &self.rows;
        self.gather.net(&program.goal, self.goal_scale, |r| rows[r].price, &mut self.net);
        self.columns.fill(0.0);
        self.gather.clear();
        let mut residual = Residual { gap: 0.0, dual: 0.0, primal: 0.0 };
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let v = program.variable(j);
            let length = v.length();
            if let Move::Step { lengths, least } = from {
                slot.advance(lengths, length, least);
            }
            let mut curvature = 0.0;
            let risen = match v.arc {
                Some(line) => {
                    let point = line.curve.point(v.segment.from + slot.y);
                    slot.slope = point.marginal.min(STEEP);
                    curvature = point.curvature.max(-STEEP);
                    point.value - slot.base
                }
                None => slot.slope * slot.y,
            };
            let (linear, worth) = v.dot(&self.net);
            let reduced = linear + worth * slot.slope;
            if let Move::Start { mu } = from {
                slot.below = (-reduced).max(0.0) + mu * slot.per_y;
                slot.above = if slot.bounded() { reduced.max(0.0) + mu * slot.per_room } else { 0.0 };
            }
            slot.reduced = reduced;
            let hessian = (worth * curvature).abs();
            slot.inverse = 1.0 / (hessian + slot.below * slot.per_y + slot.above * slot.per_room);
            let columns = &mut self.columns;
            v.each(slot.y, risen, |column, change| columns[column] += change);
            self.gather.add(&v, slot.slope, reduced * slot.inverse, slot.inverse);
            residual.gap += slot.below * slot.y + if slot.bounded() { slot.above * slot.room } else { 0.0 };
            let reach = length.min(1e3 * slot.y).min(4.0 * slot.y.max(1e-3 * length));
            residual.dual += (reduced + slot.below - slot.above).abs() * reach;
        }
        self.gather.expand(&mut self.base, &mut self.matrix);
        for (r, row) in self.rows.iter_mut().enumerate() {
            row.activity = self.gather.sum(r, &self.columns);
            residual.primal = residual.primal.max((row.activity - row.slack).abs());
            residual.gap += row.complementarity();
        }
        residual
    }

    /// One predictor-corrector step; `None` when the method cannot go on.
    fn step(&mut self, residual: &Residual, tolerance: f64) -> Option<Move> {
        let gap = residual.gap;
        let bounds: usize = self.slots.iter().map(|s| 1 + usize::from(s.bounded())).sum::<usize>()
            + self.rows.iter().map(Row::bounds).sum::<usize>();
        let count = bounds.max(1) as f64;
        for (r, row) in self.rows.iter_mut().enumerate() {
            let (diagonal, lacking) = row.prepare_prediction();
            self.matrix.add_diagonal(r, diagonal);
            self.rhs[r] = self.base[r] + lacking;
        }
        if !self.matrix.factor(self.program.stop) {
            return None;
        }
        let (after, reach) = self.predict();
        let mu = gap / count;
        let sigma = (after / gap).powi(3).clamp(0.0, 1.0);
        // The barrier never falls below what is asked for, nor below what the step will leave of
        // the residual: either would leave the residual behind.
        let left = HOLD * (1.0 - reach) * residual.dual;
        let target = (mu * sigma).max(left.min(10.0 * gap) / count).max(0.1 * tolerance / count);
        let safety = (1.0 - 0.1 * gap).clamp(0.9, 0.9999);
        let lengths = self.correct(target, safety);
        if !lengths.primal.is_finite() || !lengths.dual.is_finite() {
            return None;
        }
        // A product far below the others makes its variable next to weightless, and the next step
        // runs into its bound at once.
        let reach = lengths.primal.min(lengths.dual);
        let least = CENTRAL * (reach * target + (1.0 - reach) * mu);
        let finite = self.rows.iter_mut().all(|row| row.advance(lengths));
        finite.then_some(Move::Step { lengths, least })
    }

    /// Goes half of the last step back.
    fn retreat(&mut self, lengths: Lengths, least: f64) -> Move {
        let back = Lengths { primal: -0.5 * lengths.primal.abs(), dual: -0.5 * lengths.dual.abs() };
        self.rows.iter_mut().for_each(|row| {
            row.advance(back);
        });
        Move::Step { lengths: back, least }
    }

    /// The step towards barrier 0: the complementarity it would leave, and how
    /// far it can go.
    fn predict(&mut self) -> (f64, f64) {
        self.matrix.solve(&mut self.rhs);
        let rhs = &self.rhs;
        self.columns.fill(0.0);
        self.gather.charge(|r| rhs[r], 1.0, &mut self.columns);
        self.barrier.fill(0.0);
        self.second.fill(0.0);
        let mut step = Lengths::FULL;
        let mut after = After::default();
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let v = self.program.variable(j);
            let (linear, curved) = v.dot(&self.columns);
            let second = slot.predict(linear + slot.slope * curved, &mut step, &mut after);
            let (barrier, second) = ((slot.per_y - slot.per_room) * slot.inverse, second * slot.inverse);
            let (barriers, seconds) = (&mut self.barrier, &mut self.second);
            v.each(1.0, slot.slope, |column, slope| {
                barriers[column] += barrier * slope;
                seconds[column] += second * slope;
            });
        }
        for (row, d_price) in self.rows.iter_mut().zip(&self.rhs) {
            row.predict(*d_price, &mut step, &mut after);
        }
        (after.at(step), step.primal.min(step.dual))
    }

    /// The step towards barrier `mu` with the predictor's second-order terms,
    /// and how far the bounds let it go.
    fn correct(&mut self, mu: f64, fraction: f64) -> Lengths {
        self.second.iter_mut().zip(&self.barrier).for_each(|(s, b)| *s += mu * b);
        for (r, row) in self.rows.iter_mut().enumerate() {
            let lacking = row.prepare_correction(mu);
            self.rhs[r] = self.base[r] + self.gather.sum(r, &self.second) + lacking;
        }
        self.matrix.solve(&mut self.rhs);
        let rhs = &self.rhs;
        self.columns.fill(0.0);
        self.gather.charge(|r| rhs[r], 1.0, &mut self.columns);
        let mut step = Lengths::FULL;
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let v = self.program.variable(j);
            let (linear, curved) = v.dot(&self.columns);
            slot.correct(mu, linear + slot.slope * curved, &mut step, fraction);
        }
        for (row, d_price) in self.rows.iter_mut().zip(&self.rhs) {
            row.correct(*d_price, &mut step, fraction);
        }
        step
    }
}
