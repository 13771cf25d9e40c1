//! A primal-dual interior-point method for separable concave programs with
//! few coupling rows.
//!
//! ```text
//! maximise    sum_j g_j(y_j)
//! subject to  h_r(y) = sum_j a_rj y_j + b_rj phi_j(y_j) = s_r,   lower_r <= s_r <= upper_r
//!             0 <= y_j <= length_j
//! ```
//!
//! Newton's method on the optimality conditions with log barriers on the
//! bounds of `y` and `s`. The Hessian of the Lagrangian is diagonal, so a step
//! costs a few passes over the variables and the factorisation of a matrix
//! with one row per limit, `J D^-1 J' + E^-1`. Mehrotra's predictor and
//! corrector (1992) choose the barrier. What it returns is a proposal: nothing
//! here is proven.

use outlay_curves::Curve;

use super::dense::{Dense, LANES, dot, padded};

/// One variable: money on a stretch of one line's curve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable<'a> {
    /// The curve and where on it the variable starts, for a curved stretch.
    pub(crate) arc: Option<(&'a Curve, f64)>,
    /// Largest value, possibly infinite.
    pub(crate) length: f64,
    /// Goal per unit of the variable.
    pub(crate) goal: f64,
    /// Goal per unit of the curve.
    pub(crate) worth: f64,
    /// Where to start, strictly inside.
    pub(crate) start: f64,
}

/// A program; coefficient tables hold one record per variable.
#[derive(Debug, Default)]
pub(crate) struct Program<'a> {
    pub(crate) variables: Vec<Variable<'a>>,
    /// One coefficient per row and variable.
    pub(crate) linear: Vec<f64>,
    /// Rows in which curves enter.
    pub(crate) curved_rows: Vec<usize>,
    /// One coefficient per curved row and variable.
    pub(crate) curved: Vec<f64>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
}

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

/// Largest residual of a scaled row at which a point counts as feasible.
const FEASIBLE: f64 = 2e-11;

/// Barrier to keep for each unit of residual.
const HOLD: f64 = 1.0;

/// Barrier at the start, in units of the goal's size per bound.
const START: f64 = 1.0;

/// Least product of a distance and its multiplier, as a fraction of their mean.
const CENTRAL: f64 = 0.03;

/// Slope and curvature beyond which a curve's infinite slope at 0 is cut off.
const STEEP: f64 = 1e150;

/// Solves a program until the goal is within `tolerance` of its size.
pub(crate) fn solve(program: &Program, tolerance: f64) -> Interior {
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
        if stalled > PATIENCE || !merit.is_finite() || !state.step(&residual, tolerance) {
            break;
        }
    }
    let prices = state.rows.iter().map(|row| row.price * row.scale / state.goal_scale).collect();
    Interior { y: state.slots.iter().map(|s| s.y).collect(), prices, converged }
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

/// A variable's state.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    y: f64,
    room: f64,
    below: f64,
    above: f64,
    gradient: f64,
    hessian: f64,
    inverse: f64,
    right: f64,
    dy: f64,
    d_below: f64,
    d_above: f64,
    /// Value of the curve where the variable starts.
    base: f64,
}

/// A row's state; `low` and `high` are the slack's distances to its ends.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    scale: f64,
    activity: f64,
    slack: f64,
    low: f64,
    high: f64,
    below: f64,
    above: f64,
    price: f64,
    right: f64,
    inverse: f64,
    ds: f64,
    d_below: f64,
    d_above: f64,
}

struct State<'p, 'a> {
    program: &'p Program<'a>,
    goal_scale: f64,
    slots: Vec<Slot>,
    rows: Vec<Row>,
    /// Scaled coefficients and slopes of the rows, `width` per variable.
    linear: Vec<f64>,
    jacobian: Vec<f64>,
    width: usize,
    curved: Vec<f64>,
    curved_prices: Vec<f64>,
    prices: Vec<f64>,
    activity: Vec<f64>,
    rhs: Vec<f64>,
    matrix: Dense,
}

/// Longest step that keeps `(1 - fraction)` of a distance.
#[inline]
fn shorten(step: &mut f64, distance: f64, change: f64, fraction: f64) {
    if change < 0.0 && *step * -change > fraction * distance {
        *step = fraction * distance / -change;
    }
}

/// Changes of a pair of multipliers that lead to barrier `mu`, given the
/// distances, their change, and the second-order terms to make up for.
#[inline]
fn multipliers(mu: (f64, f64), z: (f64, f64), distance: (f64, f64), change: f64) -> (f64, f64) {
    ((mu.0 - z.0 * change) / distance.0 - z.0, (mu.1 + z.1 * change) / distance.1 - z.1)
}

/// Sums from which the complementarity after any two steps follows.
#[derive(Default)]
struct After {
    now: f64,
    primal: f64,
    dual: f64,
    both: f64,
}

impl After {
    #[inline]
    fn add(&mut self, distance: f64, z: f64, change: f64, dz: f64) {
        self.now += distance * z;
        self.primal += change * z;
        self.dual += distance * dz;
        self.both += change * dz;
    }

    fn at(&self, primal: f64, dual: f64) -> f64 {
        self.now + primal * self.primal + dual * self.dual + primal * dual * self.both
    }
}

impl Slot {
    /// Adds what the slot's two bounds contribute.
    #[inline]
    fn foresee(&self, after: &mut After, d_below: f64, d_above: f64) {
        after.add(self.y, self.below, self.dy, d_below);
        if self.room < f64::INFINITY {
            after.add(self.room, self.above, -self.dy, d_above);
        }
    }

    fn bounds(&self) -> usize {
        1 + usize::from(self.room < f64::INFINITY)
    }
}

impl Row {
    fn fixed(&self) -> bool {
        self.low == 0.0 && self.high == 0.0
    }

    fn bounds(&self) -> usize {
        if self.fixed() { 0 } else { usize::from(self.low.is_finite()) + usize::from(self.high.is_finite()) }
    }

    /// Prepares the slack's part of a step towards barriers `mu`.
    fn prepare(&mut self, mu: (f64, f64)) {
        if self.fixed() {
            (self.inverse, self.right) = (0.0, 0.0);
            return;
        }
        self.inverse = 1.0 / (self.below / self.low + self.above / self.high);
        self.right = self.price + mu.0 / self.low - mu.1 / self.high;
    }

    /// Moves of slack and multipliers for a change of the price.
    fn respond(&mut self, dp: f64, mu: (f64, f64)) {
        self.ds = self.inverse * (self.right + dp);
        let (below, above) = if self.fixed() {
            (0.0, 0.0)
        } else {
            multipliers(mu, (self.below, self.above), (self.low, self.high), self.ds)
        };
        // An infinite distance has no multiplier.
        self.d_below = if self.low.is_finite() { below } else { 0.0 };
        self.d_above = if self.high.is_finite() { above } else { 0.0 };
    }

    fn foresee(&self, after: &mut After) {
        if self.fixed() {
            return;
        }
        if self.low.is_finite() {
            after.add(self.low, self.below, self.ds, self.d_below);
        }
        if self.high.is_finite() {
            after.add(self.high, self.above, -self.ds, self.d_above);
        }
    }

    fn shorten(&self, primal: &mut f64, dual: &mut f64, fraction: f64) {
        if !self.fixed() {
            shorten(primal, self.low, self.ds, fraction);
            shorten(primal, self.high, -self.ds, fraction);
            shorten(dual, self.below, self.d_below, fraction);
            shorten(dual, self.above, self.d_above, fraction);
        }
    }
}

impl<'p, 'a> State<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Self {
        let (n, m) = (program.variables.len(), program.lower.len());
        let width = padded(m);
        let mut linear = vec![0.0; n * width];
        for (to, from) in linear.chunks_exact_mut(width.max(1)).zip(program.linear.chunks_exact(m.max(1))) {
            to[..m].copy_from_slice(from);
        }
        let slot = |v: &Variable| Slot {
            y: v.start,
            room: v.length - v.start,
            base: v.arc.map_or(0.0, |(curve, from)| curve.value(from)),
            ..Slot::default()
        };
        let mut state = State {
            program,
            goal_scale: 1.0,
            slots: program.variables.iter().map(slot).collect(),
            rows: vec![Row { scale: 1.0, ..Row::default() }; m],
            jacobian: linear.clone(),
            linear,
            width,
            curved: program.curved.clone(),
            curved_prices: vec![0.0; program.curved_rows.len()],
            prices: vec![0.0; width],
            activity: vec![0.0; width],
            rhs: vec![0.0; width],
            matrix: Dense::new(m),
        };
        state.scale();
        state.start();
        state
    }

    /// Scales rows and goal so that their terms at the start add up to 1.
    fn scale(&mut self) {
        self.evaluate();
        let m = self.rows.len();
        let mut size = vec![0.0; m];
        let mut goal = 0.0;
        for (slot, jac) in self.slots.iter().zip(self.jacobian.chunks_exact(self.width.max(1))) {
            goal += (slot.gradient * slot.y).abs();
            for (s, a) in size.iter_mut().zip(jac) {
                *s += (a * slot.y).abs();
            }
        }
        if goal > 0.0 && goal.is_finite() {
            self.goal_scale = 1.0 / goal;
        }
        let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
        let ends = self.program.lower.iter().zip(&self.program.upper);
        for ((row, size), (low, high)) in self.rows.iter_mut().zip(size).zip(ends) {
            let s = size.max(finite(*low)).max(finite(*high));
            row.scale = if s > 0.0 && s.is_finite() { 1.0 / s } else { 1.0 };
        }
        for record in self.linear.chunks_exact_mut(self.width.max(1)) {
            record.iter_mut().zip(&self.rows).for_each(|(a, row)| *a *= row.scale);
        }
        let curved_rows = &self.program.curved_rows;
        if !curved_rows.is_empty() {
            for record in self.curved.chunks_exact_mut(curved_rows.len()) {
                record.iter_mut().zip(curved_rows).for_each(|(b, &r)| *b *= self.rows[r].scale);
            }
        }
    }

    /// Slacks inside their ranges; prices that fit the slopes best, and
    /// multipliers that take up the rest, so that the start is nearly
    /// stationary (after Mehrotra 1992).
    fn start(&mut self) {
        self.evaluate();
        let mu = START / (self.slots.len() + self.rows.len()) as f64;
        self.guess_prices();
        for (r, row) in self.rows.iter_mut().enumerate() {
            let (low, high) = (self.program.lower[r] * row.scale, self.program.upper[r] * row.scale);
            if high <= low {
                row.slack = low;
                continue;
            }
            let margin = if low.is_finite() && high.is_finite() { 0.1 * (high - low) } else { 0.1 };
            row.slack = row.activity.max(low + margin).min(high - margin);
            (row.low, row.high) = (row.slack - low, high - row.slack);
            let part =
                |p: f64, distance: f64| if distance.is_finite() { p.max(0.0) + mu / distance } else { 0.0 };
            (row.below, row.above) = (part(-row.price, row.low), part(row.price, row.high));
            row.price = row.above - row.below;
        }
        self.prices.iter_mut().zip(&self.rows).for_each(|(p, row)| *p = row.price);
        for (slot, jac) in self.slots.iter_mut().zip(self.jacobian.chunks_exact(self.width.max(1))) {
            let reduced = slot.gradient - dot(jac, &self.prices);
            slot.below = (-reduced).max(0.0) + mu / slot.y;
            slot.above = if slot.room < f64::INFINITY { reduced.max(0.0) + mu / slot.room } else { 0.0 };
        }
    }

    /// Prices that explain the slopes of the goal best, each variable weighted
    /// by its size.
    fn guess_prices(&mut self) {
        self.matrix.clear();
        self.rhs.fill(0.0);
        for (slot, jac) in self.slots.iter().zip(self.jacobian.chunks_exact(self.width.max(1))) {
            let weight = slot.y * slot.y;
            self.rhs.iter_mut().zip(jac).for_each(|(s, a)| *s += weight * slot.gradient * a);
            self.matrix.add_outer(jac, weight);
        }
        for r in 0..self.rows.len() {
            let diagonal = self.matrix.diagonal(r);
            self.matrix.add_diagonal(r, 0.1 * diagonal + f64::MIN_POSITIVE);
        }
        if self.matrix.factor() {
            self.matrix.solve(&mut self.rhs);
            for (row, p) in self.rows.iter_mut().zip(&self.rhs) {
                row.price = if p.is_finite() { *p } else { 0.0 };
            }
        }
    }

    /// Values, slopes and curvatures at the current point, and its residuals.
    fn evaluate(&mut self) -> Residual {
        let State { program, width, .. } = *self;
        let curves = program.curved_rows.len();
        self.prices.iter_mut().zip(&self.rows).for_each(|(p, row)| *p = row.price);
        for (price, &r) in self.curved_prices.iter_mut().zip(&program.curved_rows) {
            *price = self.rows[r].price;
        }
        self.activity.fill(0.0);
        let mut residual = Residual { gap: 0.0, dual: 0.0, primal: 0.0 };
        for (j, (slot, v)) in self.slots.iter_mut().zip(&program.variables).enumerate() {
            let linear = &self.linear[j * width..(j + 1) * width];
            let jac = &mut self.jacobian[j * width..(j + 1) * width];
            for ((a, activity), l) in jac.iter_mut().zip(&mut self.activity).zip(linear) {
                *a = *l;
                *activity += l * slot.y;
            }
            slot.gradient = v.goal * self.goal_scale;
            if let Some((curve, from)) = v.arc {
                let point = curve.point(from + slot.y);
                let slope = point.marginal.min(STEEP);
                slot.gradient += v.worth * slope * self.goal_scale;
                let mut worth = v.worth * self.goal_scale;
                let risen = point.value - slot.base;
                let coefficients = &self.curved[j * curves..(j + 1) * curves];
                for ((&r, b), p) in program.curved_rows.iter().zip(coefficients).zip(&self.curved_prices) {
                    jac[r] += b * slope;
                    self.activity[r] += b * risen;
                    worth -= p * b;
                }
                slot.hessian = (worth * point.curvature.max(-STEEP)).abs();
            }
            let upper = if slot.room < f64::INFINITY { slot.above * slot.room } else { 0.0 };
            residual.gap += slot.below * slot.y + upper;
            let stationarity = slot.gradient - dot(jac, &self.prices) + slot.below - slot.above;
            let reach = v.length.min(1e3 * slot.y).min(4.0 * slot.y.max(1e-3 * v.length));
            residual.dual += stationarity.abs() * reach;
        }
        for (row, activity) in self.rows.iter_mut().zip(&self.activity) {
            row.activity = *activity;
            residual.primal = residual.primal.max((row.activity - row.slack).abs());
            if !row.fixed() {
                let side = |z: f64, distance: f64| if distance.is_finite() { z * distance } else { 0.0 };
                residual.gap += side(row.below, row.low) + side(row.above, row.high);
            }
        }
        residual
    }

    /// One predictor-corrector step; false when the method cannot go on.
    fn step(&mut self, residual: &Residual, tolerance: f64) -> bool {
        let gap = residual.gap;
        let bounds: usize = self.slots.iter().map(Slot::bounds).sum::<usize>()
            + self.rows.iter().map(Row::bounds).sum::<usize>();
        let count = bounds.max(1) as f64;
        if !self.factor() {
            return false;
        }
        let (after, reach) = self.predict();
        let mu = gap / count;
        let sigma = (after / gap).powi(3).clamp(0.0, 1.0);
        // The barrier never falls below what is asked for, nor below what the step will leave of
        // the residual: either would leave the residual behind.
        let left = HOLD * (1.0 - reach) * residual.dual;
        let target = (mu * sigma).max(left.min(10.0 * gap) / count).max(0.1 * tolerance / count);
        self.correct(target);
        let safety = (1.0 - 0.1 * gap).clamp(0.9, 0.9999);
        self.advance(mu, target, safety)
    }

    /// Factors `J D^-1 J' + E^-1` and collects the predictor's right-hand side.
    fn factor(&mut self) -> bool {
        let width = self.width;
        self.matrix.clear();
        for (row, rhs) in self.rows.iter_mut().zip(&mut self.rhs) {
            row.prepare((0.0, 0.0));
            *rhs = row.activity - row.slack - row.inverse * row.right;
        }
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let jac = &self.jacobian[j * width..(j + 1) * width];
            slot.inverse = 1.0 / (slot.hessian + slot.below / slot.y + slot.above / slot.room);
            slot.right = slot.gradient - dot(jac, &self.prices);
            let scaled = slot.right * slot.inverse;
            self.rhs.iter_mut().zip(jac).for_each(|(s, a)| *s += scaled * a);
            self.matrix.add_outer(jac, slot.inverse);
        }
        for (r, row) in self.rows.iter().enumerate() {
            self.matrix.add_diagonal(r, row.inverse);
        }
        self.matrix.factor()
    }

    /// The step towards barrier 0, and the complementarity it would leave.
    fn predict(&mut self) -> (f64, f64) {
        let width = self.width;
        self.matrix.solve(&mut self.rhs);
        let (mut primal, mut dual) = (1.0, 1.0);
        let mut after = After::default();
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let jac = &self.jacobian[j * width..(j + 1) * width];
            slot.dy = (slot.right - dot(jac, &self.rhs)) * slot.inverse;
            let z = (slot.below, slot.above);
            let (d_below, d_above) = multipliers((0.0, 0.0), z, (slot.y, slot.room), slot.dy);
            shorten(&mut primal, slot.y, slot.dy, 1.0);
            shorten(&mut primal, slot.room, -slot.dy, 1.0);
            shorten(&mut dual, slot.below, d_below, 1.0);
            shorten(&mut dual, slot.above, d_above, 1.0);
            slot.foresee(&mut after, d_below, d_above);
            (slot.d_below, slot.d_above) = (d_below, d_above);
        }
        for (row, dp) in self.rows.iter_mut().zip(&self.rhs) {
            row.respond(*dp, (0.0, 0.0));
            row.shorten(&mut primal, &mut dual, 1.0);
            row.foresee(&mut after);
        }
        (after.at(primal, dual), primal.min(dual))
    }

    /// The step towards barrier `mu` with the predictor's second-order terms.
    fn correct(&mut self, mu: f64) {
        let width = self.width;
        for (row, rhs) in self.rows.iter_mut().zip(&mut self.rhs) {
            let target = (mu - row.ds * row.d_below, mu + row.ds * row.d_above);
            row.prepare(target);
            (row.d_below, row.d_above) = target;
            *rhs = row.activity - row.slack - row.inverse * row.right;
        }
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let jac = &self.jacobian[j * width..(j + 1) * width];
            let target = (mu - slot.dy * slot.d_below, mu + slot.dy * slot.d_above);
            slot.right += target.0 / slot.y - target.1 / slot.room;
            (slot.d_below, slot.d_above) = target;
            let scaled = slot.right * slot.inverse;
            self.rhs.iter_mut().zip(jac).for_each(|(s, a)| *s += scaled * a);
        }
        self.matrix.solve(&mut self.rhs);
    }

    /// Takes the corrected step as far as the bounds allow.
    fn advance(&mut self, mu: f64, target: f64, fraction: f64) -> bool {
        let width = self.width;
        let (mut primal, mut dual) = (1.0, 1.0);
        for (j, slot) in self.slots.iter_mut().enumerate() {
            let jac = &self.jacobian[j * width..(j + 1) * width];
            slot.dy = (slot.right - dot(jac, &self.rhs)) * slot.inverse;
            let aim = (slot.d_below, slot.d_above);
            let z = (slot.below, slot.above);
            (slot.d_below, slot.d_above) = multipliers(aim, z, (slot.y, slot.room), slot.dy);
            shorten(&mut primal, slot.y, slot.dy, fraction);
            shorten(&mut primal, slot.room, -slot.dy, fraction);
            shorten(&mut dual, slot.below, slot.d_below, fraction);
            shorten(&mut dual, slot.above, slot.d_above, fraction);
        }
        for (row, dp) in self.rows.iter_mut().zip(&self.rhs) {
            row.respond(*dp, (row.d_below, row.d_above));
            row.shorten(&mut primal, &mut dual, fraction);
        }
        // A product far below the others makes its variable next to weightless, and the next step
        // runs into its bound at once.
        let reach = primal.min(dual);
        let least = CENTRAL * (reach * target + (1.0 - reach) * mu);
        let mut finite = primal.is_finite() && dual.is_finite();
        for (slot, v) in self.slots.iter_mut().zip(&self.program.variables) {
            slot.y += primal * slot.dy;
            slot.room =
                if v.length.is_finite() { (slot.room - primal * slot.dy).min(v.length) } else { v.length };
            slot.below = (slot.below + dual * slot.d_below).max(least / slot.y);
            slot.above = (slot.above + dual * slot.d_above).max(least / slot.room);
            finite &= slot.y.is_finite() && slot.y > 0.0 && slot.room > 0.0;
        }
        for (row, dp) in self.rows.iter_mut().zip(&self.rhs) {
            row.price += dual * dp;
            if !row.fixed() {
                row.slack += primal * row.ds;
                row.low += primal * row.ds;
                row.high -= primal * row.ds;
                row.below = (row.below + dual * row.d_below).max(least / row.low);
                row.above = (row.above + dual * row.d_above).max(least / row.high);
                row.price = row.above - row.below;
            }
            finite &= row.price.is_finite() && row.slack.is_finite();
        }
        finite
    }
}

/// The padding of coefficient records is never read as a row.
const _: () = assert!(LANES == 4);
