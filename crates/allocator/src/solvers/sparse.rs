//! A primal-dual interior-point method for separable concave programs with
//! many rows, most of them within one block of variables.
//!
//! ```text
//! maximise    sum_j g_j(x_j)
//! subject to  h_r(x) = sum_j a_rj x_j + b_rj phi_j(x_j) = right_r    for every row r
//!             0 <= x_j <= length_j
//! ```
//!
//! A row with a range has a slack variable of its own, so that every row is an
//! equation. Newton's method on the optimality conditions with log barriers;
//! the Hessian is diagonal. A step eliminates flights one by one (see
//! [`super::blocks`]) and then solves for the prices of what is left, an
//! [`Arrow`]. Mehrotra's
//! predictor and corrector (1992) choose the barrier. What it returns is a
//! proposal: nothing here is proven.

mod program;
mod slot;

pub(crate) use program::{Program, Variable};

use super::arrow::Arrow;
use super::blocks::{Block, Entries, Role};
use super::interior::Interior;
use slot::Slot;

const MAX_STEPS: usize = 150;

/// Steps without progress after which the method gives up.
const PATIENCE: usize = 25;

/// Largest residual of a scaled row at which a point counts as feasible.
const FEASIBLE: f64 = 2e-11;

/// Least product of a distance and its multiplier, as a fraction of their mean.
const CENTRAL: f64 = 0.03;

/// Slope and curvature beyond which a curve's infinite slope at 0 is cut off.
const STEEP: f64 = 1e150;

/// Solves a program until the goal is within `tolerance` of its size, or until
/// told to stop: asked before the first point and every step.
pub(crate) fn solve(program: &Program, tolerance: f64, stop: &dyn Fn() -> bool) -> Interior {
    if stop() {
        // Even a first point takes a factorisation.
        let y = program.variables.iter().map(|v| v.start).collect();
        return Interior { y, prices: vec![0.0; program.lower.len()], converged: false };
    }
    let mut state = State::new(program);
    let mut converged = false;
    let (mut best, mut stalled) = (f64::INFINITY, 0);
    for _ in 0..MAX_STEPS {
        let residual = state.evaluate();
        if residual.gap <= tolerance && residual.dual <= tolerance && residual.primal <= FEASIBLE {
            converged = true;
            break;
        }
        let merit = residual.gap.max(residual.dual).max(residual.primal);
        if merit < 0.9 * best {
            (best, stalled) = (merit, 0);
        } else {
            stalled += 1;
        }
        if stalled > PATIENCE || !merit.is_finite() || stop() || !state.step(&residual, tolerance) {
            break;
        }
    }
    let scaled = state.prices.iter().zip(&state.row_scale);
    let prices = scaled.map(|(p, scale)| p * scale / state.goal_scale).collect();
    let y = state.slots[..program.variables.len()].iter().map(|s| s.x).collect();
    Interior { y, prices, converged }
}

/// How far a point is from optimal, in units of the goal's size.
struct Residual {
    gap: f64,
    dual: f64,
    primal: f64,
}

struct State<'p, 'a> {
    program: &'p Program<'a>,
    goal_scale: f64,
    row_scale: Vec<f64>,
    /// The program's variables, then a slack for every row with a range.
    slots: Vec<Slot>,
    /// Row of each slack.
    slack_rows: Vec<usize>,
    right: Vec<f64>,
    prices: Vec<f64>,
    activity: Vec<f64>,
    rhs: Vec<f64>,
    /// Slopes of the rows, entry by entry.
    jacobian: Vec<f64>,
    blocks: Vec<Block>,
    /// Variables outside the blocks.
    plain: Vec<usize>,
    matrix: Arrow,
}

impl<'p, 'a> State<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Self {
        let m = program.lower.len();
        let slot = |v: &Variable| Slot {
            x: v.start,
            low: v.start,
            high: v.length - v.start,
            base: v.arc.map_or(0.0, |(curve, from)| curve.value(from)),
            length: v.length,
            ..Slot::default()
        };
        let entries = Entries { start: &program.start, rows: &program.rows, jacobian: &program.linear };
        let mut gone = vec![false; m];
        let blocks = Block::all(&program.roles, &entries, &mut gone);
        let meets: Vec<Vec<usize>> = blocks.iter().map(|b| b.rows().to_vec()).collect();
        let plain = (0..program.roles.len()).filter(|&j| program.roles[j] == Role::Plain).collect();
        let mut state = State {
            program,
            goal_scale: 1.0,
            row_scale: vec![1.0; m],
            slots: program.variables.iter().map(slot).collect(),
            slack_rows: (0..m).filter(|&r| program.upper[r] > program.lower[r]).collect(),
            right: vec![0.0; m],
            prices: vec![0.0; m],
            activity: vec![0.0; m],
            rhs: vec![0.0; m],
            jacobian: program.linear.clone(),
            matrix: Arrow::new(&program.blocks, &gone, &meets),
            blocks,
            plain,
        };
        state.scale();
        state.start();
        state
    }

    fn entries(&self, j: usize) -> std::ops::Range<usize> {
        self.program.start[j]..self.program.start[j + 1]
    }

    /// Scales rows and goal so that their terms at the start add up to 1.
    fn scale(&mut self) {
        self.evaluate();
        let mut size = vec![0.0; self.row_scale.len()];
        let mut goal = 0.0;
        for (j, slot) in self.slots.iter().enumerate() {
            goal += (slot.gradient * slot.x).abs();
            for k in self.entries(j) {
                size[self.program.rows[k]] += (self.jacobian[k] * slot.x).abs();
            }
        }
        if goal > 0.0 && goal.is_finite() {
            self.goal_scale = 1.0 / goal;
        }
        let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
        for (r, size) in size.into_iter().enumerate() {
            let s: f64 = size.max(finite(self.program.lower[r])).max(finite(self.program.upper[r]));
            self.row_scale[r] = if s > 0.0 && s.is_finite() { 1.0 / s } else { 1.0 };
            if self.program.lower[r] == self.program.upper[r] {
                self.right[r] = self.program.upper[r] * self.row_scale[r];
            }
        }
        self.blocks.iter_mut().for_each(|b| b.scale(&self.row_scale));
    }

    /// Slacks inside their ranges; prices that fit the slopes best, and
    /// multipliers that take up the rest.
    fn start(&mut self) {
        self.evaluate();
        self.guess_prices();
        let mu = 1.0 / (self.slots.len() + self.slack_rows.len()) as f64;
        for &r in &self.slack_rows {
            let scale = self.row_scale[r];
            let (low, high) = (self.program.lower[r] * scale, self.program.upper[r] * scale);
            let margin = if low.is_finite() && high.is_finite() { 0.1 * (high - low) } else { 0.1 };
            let x = self.activity[r].max(low + margin).min(high - margin);
            self.slots.push(Slot {
                x,
                low: x - low,
                high: high - x,
                length: (high - low).min(1.0),
                ..Slot::default()
            });
        }
        let variables = self.program.variables.len();
        for j in 0..self.slots.len() {
            let reduced = self.reduced(j, variables);
            let slot = &mut self.slots[j];
            slot.z_low = if slot.low.is_finite() { (-reduced).max(0.0) + mu / slot.low } else { 0.0 };
            slot.z_high = if slot.high.is_finite() { reduced.max(0.0) + mu / slot.high } else { 0.0 };
        }
    }

    /// Slope of the goal less what the prices charge.
    #[inline]
    fn reduced(&self, j: usize, variables: usize) -> f64 {
        if j >= variables {
            return self.prices[self.slack_rows[j - variables]];
        }
        self.slots[j].gradient - self.priced(j, &self.prices)
    }

    /// Sum of a variable's slopes times row figures.
    #[inline]
    fn priced(&self, j: usize, figures: &[f64]) -> f64 {
        self.entries(j).map(|k| self.jacobian[k] * figures[self.program.rows[k]]).sum()
    }

    /// Prices that explain the slopes of the goal best, each variable weighted
    /// by its size.
    fn guess_prices(&mut self) {
        for slot in &mut self.slots {
            slot.inverse = (slot.x * slot.x).max(f64::MIN_POSITIVE);
            slot.right = slot.gradient;
        }
        let residuals = std::mem::replace(&mut self.activity, vec![0.0; self.rhs.len()]);
        if self.assemble() {
            self.matrix.ridge();
            if self.matrix.factor() {
                self.solve();
                for (price, guess) in self.prices.iter_mut().zip(&self.rhs) {
                    *price = if guess.is_finite() { *guess } else { 0.0 };
                }
            }
        }
        self.activity = residuals;
    }

    /// Values, slopes and curvatures at the current point, and its residuals.
    fn evaluate(&mut self) -> Residual {
        let program = self.program;
        let variables = program.variables.len();
        self.activity.iter_mut().zip(&self.right).for_each(|(a, right)| *a = -right);
        let mut residual = Residual { gap: 0.0, dual: 0.0, primal: 0.0 };
        for (j, v) in program.variables.iter().enumerate() {
            let slot = &mut self.slots[j];
            slot.gradient = v.goal * self.goal_scale;
            let (mut slope, mut risen, mut worth) = (0.0, 0.0, v.worth * self.goal_scale);
            let mut curvature = 0.0;
            if let Some((curve, from)) = v.arc {
                let point = curve.point(from + slot.x);
                slope = point.marginal.min(STEEP);
                curvature = point.curvature.max(-STEEP);
                risen = point.value - slot.base;
                if v.worth != 0.0 {
                    slot.gradient += v.worth * slope * self.goal_scale;
                }
            }
            for k in program.start[j]..program.start[j + 1] {
                let r = program.rows[k];
                let (a, b) = (program.linear[k] * self.row_scale[r], program.curved[k] * self.row_scale[r]);
                self.jacobian[k] = if b == 0.0 { a } else { a + b * slope };
                self.activity[r] += a * slot.x + b * risen;
                worth -= self.prices[r] * b;
            }
            slot.hessian = (worth * curvature).abs();
        }
        for (slot, &r) in self.slots[variables..].iter().zip(&self.slack_rows) {
            self.activity[r] -= slot.x;
        }
        for j in 0..self.slots.len() {
            let reduced = self.reduced(j, variables);
            let slot = &self.slots[j];
            let side = |z: f64, distance: f64| if distance.is_finite() { z * distance } else { 0.0 };
            residual.gap += side(slot.z_low, slot.low) + side(slot.z_high, slot.high);
            let reach = if j >= variables {
                slot.length
            } else {
                slot.length.min(1e3 * slot.x).min(4.0 * slot.x.max(1e-3 * slot.length))
            };
            residual.dual += (reduced + slot.z_low - slot.z_high).abs() * reach;
        }
        residual.primal = self.activity.iter().fold(0.0, |most: f64, a| most.max(a.abs()));
        residual
    }

    /// One predictor-corrector step; false when the method cannot go on.
    fn step(&mut self, residual: &Residual, tolerance: f64) -> bool {
        let gap = residual.gap;
        let count = self.slots.iter().map(Slot::bounds).sum::<usize>().max(1) as f64;
        if !self.factor() {
            return false;
        }
        let (after, reach) = self.predict();
        let mu = gap / count;
        let sigma = (after / gap).powi(3).clamp(0.0, 1.0);
        // The barrier never falls below what is asked for, nor below what the step will leave of
        // the residual: either would leave the residual behind.
        let left = (1.0 - reach) * residual.dual;
        let target = (mu * sigma).max(left.min(10.0 * gap) / count).max(0.1 * tolerance / count);
        self.correct(target);
        let safety = (1.0 - 0.1 * gap).clamp(0.9, 0.995);
        self.advance(mu, target, safety)
    }

    /// Prepares the Hessians and factors the matrix.
    fn factor(&mut self) -> bool {
        let variables = self.program.variables.len();
        for j in 0..self.slots.len() {
            let reduced = self.reduced(j, variables);
            let slot = &mut self.slots[j];
            let pull = |z: f64, distance: f64| if distance.is_finite() { z / distance } else { 0.0 };
            slot.inverse = 1.0 / (slot.hessian + pull(slot.z_low, slot.low) + pull(slot.z_high, slot.high));
            slot.right = reduced;
        }
        self.assemble() && self.matrix.factor()
    }

    /// Adds up the matrix over the rows.
    fn assemble(&mut self) -> bool {
        let State { program, slots, blocks, matrix, jacobian, .. } = self;
        let entries = Entries { start: &program.start, rows: &program.rows, jacobian };
        matrix.clear();
        for &j in &self.plain {
            let own = program.start[j]..program.start[j + 1];
            for k in own.clone() {
                for q in own.start..=k {
                    let value = slots[j].inverse * jacobian[k] * jacobian[q];
                    matrix.add(program.rows[k], program.rows[q], value);
                }
            }
        }
        for (slot, &r) in slots[program.variables.len()..].iter().zip(&self.slack_rows) {
            matrix.add(r, r, slot.inverse);
        }
        blocks.iter_mut().all(|b| b.add_to(matrix, &entries, |j| slots[j].inverse))
    }

    /// Solves for the changes of prices and variables, given every slot's
    /// right-hand side.
    fn solve(&mut self) {
        let State { program, slots, blocks, matrix, jacobian, rhs, slack_rows, .. } = self;
        let entries = Entries { start: &program.start, rows: &program.rows, jacobian };
        let variables = program.variables.len();
        rhs.copy_from_slice(&self.activity);
        for &j in &self.plain {
            for k in program.start[j]..program.start[j + 1] {
                rhs[program.rows[k]] += slots[j].right * slots[j].inverse * jacobian[k];
            }
        }
        for (slot, &r) in slots[variables..].iter().zip(slack_rows.iter()) {
            rhs[r] -= slot.right * slot.inverse;
        }
        for block in blocks.iter_mut() {
            block.reduce(rhs, |j| slots[j].inverse, |j| slots[j].right, &entries);
        }
        matrix.solve(rhs);
        for &j in &self.plain {
            let own = program.start[j]..program.start[j + 1];
            let charge: f64 = own.map(|k| jacobian[k] * rhs[program.rows[k]]).sum();
            slots[j].dx = (slots[j].right - charge) * slots[j].inverse;
        }
        for (slot, &r) in slots[variables..].iter_mut().zip(slack_rows.iter()) {
            slot.dx = (slot.right + rhs[r]) * slot.inverse;
        }
        let mut steps = Vec::new();
        for block in blocks.iter_mut() {
            let moved = |j: usize, dx: f64| steps.push((j, dx));
            block.expand(rhs, |j| slots[j].inverse, |j| slots[j].right, &entries, moved);
        }
        for (j, dx) in steps {
            slots[j].dx = dx;
        }
    }

    /// The step towards barrier 0: the complementarity it would leave, and how
    /// far it reaches.
    fn predict(&mut self) -> (f64, f64) {
        self.solve();
        let (mut primal, mut dual) = (1.0, 1.0);
        for slot in &mut self.slots {
            (slot.d_low, slot.d_high) = slot.multipliers((0.0, 0.0));
            slot.shorten(&mut primal, &mut dual, 1.0);
        }
        (self.slots.iter().map(|s| s.gap_after(primal, dual)).sum(), primal.min(dual))
    }

    /// The step towards barrier `mu` with the predictor's second-order terms.
    fn correct(&mut self, mu: f64) {
        for slot in &mut self.slots {
            let target = (mu - slot.dx * slot.d_low, mu + slot.dx * slot.d_high);
            if slot.low.is_finite() {
                slot.right += target.0 / slot.low;
            }
            if slot.high.is_finite() {
                slot.right -= target.1 / slot.high;
            }
            (slot.d_low, slot.d_high) = target;
        }
        self.solve();
        for slot in &mut self.slots {
            (slot.d_low, slot.d_high) = slot.multipliers((slot.d_low, slot.d_high));
        }
    }

    /// Takes the corrected step as far as the bounds allow.
    fn advance(&mut self, mu: f64, target: f64, fraction: f64) -> bool {
        let (mut primal, mut dual) = (1.0, 1.0);
        for slot in &self.slots {
            slot.shorten(&mut primal, &mut dual, fraction);
        }
        let reach = primal.min(dual);
        // A product far below the others makes its variable next to weightless, and the next step
        // runs into its bound at once.
        let least = CENTRAL * (reach * target + (1.0 - reach) * mu);
        let mut finite = primal.is_finite() && dual.is_finite();
        for slot in &mut self.slots {
            slot.x += primal * slot.dx;
            if slot.low.is_finite() {
                slot.low += primal * slot.dx;
                slot.z_low = (slot.z_low + dual * slot.d_low).max(least / slot.low);
            }
            if slot.high.is_finite() {
                slot.high -= primal * slot.dx;
                slot.z_high = (slot.z_high + dual * slot.d_high).max(least / slot.high);
            }
            finite &= slot.x.is_finite() && slot.low > 0.0 && slot.high > 0.0;
        }
        for (price, dp) in self.prices.iter_mut().zip(&self.rhs) {
            *price += dual * dp;
            finite &= price.is_finite();
        }
        finite
    }
}
