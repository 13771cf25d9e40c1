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
//! bounds of `y` and `s`; the Hessian of the Lagrangian is diagonal, so a step
//! costs one pass over the variables and the factorisation of a small matrix
//! of one row per limit (`J D^-1 J' + E^-1`). Mehrotra's predictor and
//! corrector choose the barrier. What it returns is a proposal: nothing here
//! is proven.

use outlay_curves::Curve;

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
    /// Where to start.
    pub(crate) start: f64,
}

/// A program; coefficient tables hold one record per variable.
#[derive(Debug, Default)]
pub(crate) struct Program<'a> {
    pub(crate) variables: Vec<Variable<'a>>,
    /// `rows` coefficients per variable.
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
    /// Newton steps taken.
    pub(crate) steps: usize,
}

const MAX_STEPS: usize = 100;

/// Largest residual of a scaled row at which a point counts as feasible.
const FEASIBLE: f64 = 1e-10;

/// Solves a program to a relative complementarity of `tolerance`.
pub(crate) fn solve(program: &Program, tolerance: f64) -> Interior {
    let mut state = State::new(program);
    let mut steps = 0;
    let mut converged = false;
    while steps < MAX_STEPS {
        state.evaluate();
        if state.finished(tolerance) {
            converged = true;
            break;
        }
        if !state.step(tolerance) {
            break;
        }
        steps += 1;
    }
    let prices = state.p.iter().zip(&state.row_scale).map(|(p, s)| p * s / state.goal_scale).collect();
    Interior { y: state.y, prices, converged, steps }
}

struct State<'p, 'a> {
    program: &'p Program<'a>,
    rows: usize,
    row_scale: Vec<f64>,
    goal_scale: f64,
    lower: Vec<f64>,
    upper: Vec<f64>,
    y: Vec<f64>,
    below: Vec<f64>,
    above: Vec<f64>,
    slack: Vec<f64>,
    slack_below: Vec<f64>,
    slack_above: Vec<f64>,
    p: Vec<f64>,
    // Refreshed by `evaluate`.
    jacobian: Vec<f64>,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
    activity: Vec<f64>,
    // Directions.
    dy: Vec<f64>,
    ds: Vec<f64>,
    dp: Vec<f64>,
    diagonal: Vec<f64>,
    rhs: Vec<f64>,
    matrix: Vec<f64>,
    second_y: Vec<(f64, f64)>,
    second_s: Vec<(f64, f64)>,
    best_merit: f64,
    stalled: usize,
}

/// Slope and curvature beyond which a curve's infinite slope at 0 is cut off.
const STEEP: f64 = 1e150;

impl<'p, 'a> State<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Self {
        let n = program.variables.len();
        let rows = program.lower.len();
        let y: Vec<f64> = program.variables.iter().map(|v| v.start).collect();
        let mut state = State {
            program,
            rows,
            row_scale: vec![1.0; rows],
            goal_scale: 1.0,
            lower: program.lower.clone(),
            upper: program.upper.clone(),
            y,
            below: vec![0.0; n],
            above: vec![0.0; n],
            slack: vec![0.0; rows],
            slack_below: vec![0.0; rows],
            slack_above: vec![0.0; rows],
            p: vec![0.0; rows],
            jacobian: vec![0.0; n * rows],
            gradient: vec![0.0; n],
            hessian: vec![0.0; n],
            activity: vec![0.0; rows],
            dy: vec![0.0; n],
            ds: vec![0.0; rows],
            dp: vec![0.0; rows],
            diagonal: vec![0.0; n],
            rhs: vec![0.0; rows],
            matrix: vec![0.0; rows * rows],
            second_y: vec![(0.0, 0.0); n],
            second_s: vec![(0.0, 0.0); rows],
            best_merit: f64::INFINITY,
            stalled: 0,
        };
        state.scale();
        state.start();
        state
    }

    /// Scales rows and goal so that their terms at the start add up to 1.
    fn scale(&mut self) {
        self.evaluate();
        let mut size = vec![0.0; self.rows];
        let mut goal = 0.0;
        for (j, y) in self.y.iter().enumerate() {
            goal += (self.gradient[j] * y).abs();
            for (s, a) in size.iter_mut().zip(&self.jacobian[j * self.rows..]) {
                *s += (a * y).abs();
            }
        }
        self.goal_scale = if goal > 0.0 && goal.is_finite() { 1.0 / goal } else { 1.0 };
        for r in 0..self.rows {
            let finite = |b: f64| if b.is_finite() { b.abs() } else { 0.0 };
            let s = size[r].max(finite(self.lower[r])).max(finite(self.upper[r]));
            self.row_scale[r] = if s > 0.0 && s.is_finite() { 1.0 / s } else { 1.0 };
            self.lower[r] *= self.row_scale[r];
            self.upper[r] *= self.row_scale[r];
        }
    }

    /// Slacks inside their ranges, barrier multipliers on the central path.
    fn start(&mut self) {
        self.evaluate();
        let count = self.y.len() + self.rows;
        let mu = 0.1 / count as f64;
        for (j, v) in self.program.variables.iter().enumerate() {
            self.below[j] = mu / self.y[j];
            self.above[j] = if v.length.is_finite() { mu / (v.length - self.y[j]) } else { 0.0 };
        }
        for r in 0..self.rows {
            let (low, high) = (self.lower[r], self.upper[r]);
            let margin = if low.is_finite() && high.is_finite() { 0.1 * (high - low) } else { 0.1 };
            self.slack[r] = self.activity[r].max(low + margin).min(high - margin);
            if high > low {
                self.slack_below[r] = if low.is_finite() { mu / (self.slack[r] - low) } else { 0.0 };
                self.slack_above[r] = if high.is_finite() { mu / (high - self.slack[r]) } else { 0.0 };
            } else {
                self.slack[r] = low;
            }
            self.p[r] = self.slack_above[r] - self.slack_below[r];
        }
    }

    /// Values, slopes and curvatures at `y`.
    fn evaluate(&mut self) {
        let m = self.rows;
        let program = self.program;
        let curved_rows = &program.curved_rows;
        self.activity.fill(0.0);
        let mut curved_prices: [f64; 64] = [0.0; 64];
        let many = curved_rows.len() > curved_prices.len();
        let mut spill = Vec::new();
        let scaled_price = |r: usize| self.p[r] * self.row_scale[r];
        if many {
            spill.extend(curved_rows.iter().map(|&r| scaled_price(r)));
        } else {
            for (slot, &r) in curved_prices.iter_mut().zip(curved_rows) {
                *slot = scaled_price(r);
            }
        }
        let curved_prices: &[f64] = if many { &spill } else { &curved_prices[..curved_rows.len()] };
        for (j, v) in program.variables.iter().enumerate() {
            let y = self.y[j];
            let record = &program.linear[j * m..(j + 1) * m];
            let jac = &mut self.jacobian[j * m..(j + 1) * m];
            for r in 0..m {
                let a = record[r] * self.row_scale[r];
                jac[r] = a;
                self.activity[r] += a * y;
            }
            let mut gradient = v.goal;
            let mut hessian = 0.0;
            if let Some((curve, from)) = v.arc {
                let point = curve.point(from + y);
                let slope = point.marginal.min(STEEP);
                gradient += v.worth * slope;
                let mut worth = v.worth * self.goal_scale;
                let coefficients = &program.curved[j * curved_rows.len()..(j + 1) * curved_rows.len()];
                if !coefficients.is_empty() {
                    let risen = point.value - curve.value(from);
                    for ((&r, &b), &p) in curved_rows.iter().zip(coefficients).zip(curved_prices) {
                        let b_scaled = b * self.row_scale[r];
                        jac[r] += b_scaled * slope;
                        self.activity[r] += b_scaled * risen;
                        worth -= p * b;
                    }
                }
                hessian = (worth * point.curvature.max(-STEEP)).abs();
            }
            self.gradient[j] = gradient * self.goal_scale;
            self.hessian[j] = hessian;
        }
    }

    /// Sum of all products of a bound's distance and its multiplier.
    fn complementarity(&self) -> (f64, usize) {
        let mut sum = 0.0;
        let mut count = 0;
        for (j, v) in self.program.variables.iter().enumerate() {
            sum += self.below[j] * self.y[j];
            count += 1;
            if v.length.is_finite() {
                sum += self.above[j] * (v.length - self.y[j]);
                count += 1;
            }
        }
        for r in 0..self.rows {
            if self.upper[r] > self.lower[r] {
                if self.lower[r].is_finite() {
                    sum += self.slack_below[r] * (self.slack[r] - self.lower[r]);
                    count += 1;
                }
                if self.upper[r].is_finite() {
                    sum += self.slack_above[r] * (self.upper[r] - self.slack[r]);
                    count += 1;
                }
            }
        }
        (sum, count)
    }

    /// Residual of stationarity, weighted by how far each variable can move.
    fn dual_residual(&self) -> f64 {
        let m = self.rows;
        let mut sum = 0.0;
        for (j, v) in self.program.variables.iter().enumerate() {
            let jac = &self.jacobian[j * m..(j + 1) * m];
            let priced: f64 = jac.iter().zip(&self.p).map(|(a, p)| a * p).sum();
            let residual = self.gradient[j] - priced + self.below[j] - self.above[j];
            let reach = if v.length.is_finite() { v.length } else { 2.0 * self.y[j] };
            sum += residual.abs() * reach.min(4.0 * self.y[j].max(1e-3 * reach));
        }
        sum
    }

    fn primal_residual(&self) -> f64 {
        self.activity.iter().zip(&self.slack).map(|(a, s)| (a - s).abs()).fold(0.0, f64::max)
    }

    fn finished(&mut self, tolerance: f64) -> bool {
        let (gap, _) = self.complementarity();
        let primal = self.primal_residual();
        let dual = self.dual_residual();
        let merit = gap.max(dual).max(primal);
        if merit < 0.9 * self.best_merit {
            self.best_merit = merit;
            self.stalled = 0;
        } else {
            self.stalled += 1;
        }
        gap <= tolerance && dual <= tolerance && primal <= FEASIBLE
    }

    /// One predictor-corrector step; false when the method cannot go on.
    fn step(&mut self, tolerance: f64) -> bool {
        if self.stalled > 25 || !self.factor() {
            return false;
        }
        let (gap, count) = self.complementarity();
        let mu = gap / count as f64;
        self.second_y.fill((0.0, 0.0));
        self.second_s.fill((0.0, 0.0));
        self.direction(0.0);
        let (primal, dual) = self.lengths(1.0, 0.0);
        let after = self.gap_after(primal, dual) / count as f64;
        // The barrier never falls below what is asked for: it would leave the residuals behind.
        let floor = 0.1 * tolerance / count as f64;
        let target = (mu * (after / mu).powi(3).clamp(0.0, 1.0)).max(floor);
        self.correction();
        self.direction(target);
        let safety = (1.0 - 0.1 * gap).clamp(0.9, 0.9999);
        let (primal, dual) = self.lengths(safety, target);
        self.advance(primal, dual, target);
        self.y.iter().all(|y| y.is_finite()) && self.p.iter().all(|p| p.is_finite())
    }

    /// Factors `J D^-1 J' + E^-1` in place (lower triangle).
    fn factor(&mut self) -> bool {
        let m = self.rows;
        self.matrix.fill(0.0);
        for (j, v) in self.program.variables.iter().enumerate() {
            let y = self.y[j];
            let mut d = self.hessian[j] + self.below[j] / y;
            if v.length.is_finite() {
                d += self.above[j] / (v.length - y);
            }
            self.diagonal[j] = d;
            let inverse = 1.0 / d;
            let jac = &self.jacobian[j * m..(j + 1) * m];
            for r in 0..m {
                let t = jac[r] * inverse;
                if t != 0.0 {
                    let line = &mut self.matrix[r * m..r * m + r + 1];
                    for (s, a) in line.iter_mut().zip(jac) {
                        *s += t * a;
                    }
                }
            }
        }
        for r in 0..m {
            self.matrix[r * m + r] += self.slack_inverse(r);
        }
        cholesky(&mut self.matrix, m)
    }

    /// `1 / E_r`; 0 for an equality.
    fn slack_inverse(&self, r: usize) -> f64 {
        if self.upper[r] <= self.lower[r] {
            return 0.0;
        }
        let mut e = 0.0;
        if self.lower[r].is_finite() {
            e += self.slack_below[r] / (self.slack[r] - self.lower[r]);
        }
        if self.upper[r].is_finite() {
            e += self.slack_above[r] / (self.upper[r] - self.slack[r]);
        }
        1.0 / e
    }

    /// Solves for the direction towards barrier `mu`.
    fn direction(&mut self, mu: f64) {
        let m = self.rows;
        for r in 0..m {
            let e = self.slack_inverse(r);
            self.ds[r] = self.slack_right(r, mu);
            self.rhs[r] = self.activity[r] - self.slack[r] - e * self.ds[r];
        }
        for (j, v) in self.program.variables.iter().enumerate() {
            let y = self.y[j];
            let jac = &self.jacobian[j * m..(j + 1) * m];
            let (second_below, second_above) = self.second_y[j];
            let mut right = self.gradient[j] + (mu - second_below) / y;
            if v.length.is_finite() {
                right -= (mu - second_above) / (v.length - y);
            }
            for (a, p) in jac.iter().zip(&self.p) {
                right -= a * p;
            }
            self.dy[j] = right;
            let scaled = right / self.diagonal[j];
            for (s, a) in self.rhs.iter_mut().zip(jac) {
                *s += scaled * a;
            }
        }
        self.dp.copy_from_slice(&self.rhs);
        solve_factored(&self.matrix, m, &mut self.dp);
        for j in 0..self.dy.len() {
            let jac = &self.jacobian[j * m..(j + 1) * m];
            let mut right = self.dy[j];
            for (a, dp) in jac.iter().zip(&self.dp) {
                right -= a * dp;
            }
            self.dy[j] = right / self.diagonal[j];
        }
        for r in 0..m {
            self.ds[r] = self.slack_inverse(r) * (self.ds[r] + self.dp[r]);
        }
    }

    fn slack_right(&self, r: usize, mu: f64) -> f64 {
        if self.upper[r] <= self.lower[r] {
            return 0.0;
        }
        let (second_below, second_above) = self.second_s[r];
        let mut right = self.p[r];
        if self.lower[r].is_finite() {
            right += (mu - second_below) / (self.slack[r] - self.lower[r]);
        }
        if self.upper[r].is_finite() {
            right -= (mu - second_above) / (self.upper[r] - self.slack[r]);
        }
        right
    }

    /// Change of the multipliers that belongs to the direction.
    fn multiplier_change(&self, j: usize, mu: f64) -> (f64, f64) {
        let (second_below, second_above) = self.second_y[j];
        let (y, dy) = (self.y[j], self.dy[j]);
        let below = (mu - second_below - self.below[j] * dy) / y - self.below[j];
        let room = self.program.variables[j].length - y;
        let above = if room.is_finite() {
            (mu - second_above + self.above[j] * dy) / room - self.above[j]
        } else {
            0.0
        };
        (below, above)
    }

    fn slack_multiplier_change(&self, r: usize, mu: f64) -> (f64, f64) {
        if self.upper[r] <= self.lower[r] {
            return (0.0, 0.0);
        }
        let (second_below, second_above) = self.second_s[r];
        let (low, high) = (self.slack[r] - self.lower[r], self.upper[r] - self.slack[r]);
        let below = if low.is_finite() {
            (mu - second_below - self.slack_below[r] * self.ds[r]) / low - self.slack_below[r]
        } else {
            0.0
        };
        let above = if high.is_finite() {
            (mu - second_above + self.slack_above[r] * self.ds[r]) / high - self.slack_above[r]
        } else {
            0.0
        };
        (below, above)
    }

    /// Longest primal and dual steps towards barrier `mu` that use up at most
    /// the given fraction of every distance to a bound.
    fn lengths(&self, fraction: f64, mu: f64) -> (f64, f64) {
        let (mut primal, mut dual) = (1.0_f64, 1.0_f64);
        let limit = |value: f64, change: f64, step: &mut f64| {
            if change < 0.0 && value + *step * change < (1.0 - fraction) * value {
                *step = -fraction * value / change;
            }
        };
        for (j, v) in self.program.variables.iter().enumerate() {
            limit(self.y[j], self.dy[j], &mut primal);
            limit(v.length - self.y[j], -self.dy[j], &mut primal);
            let (below, above) = self.multiplier_change(j, mu);
            limit(self.below[j], below, &mut dual);
            limit(self.above[j], above, &mut dual);
        }
        for r in 0..self.rows {
            if self.upper[r] <= self.lower[r] {
                continue;
            }
            limit(self.slack[r] - self.lower[r], self.ds[r], &mut primal);
            limit(self.upper[r] - self.slack[r], -self.ds[r], &mut primal);
            let (below, above) = self.slack_multiplier_change(r, mu);
            limit(self.slack_below[r], below, &mut dual);
            limit(self.slack_above[r], above, &mut dual);
        }
        (primal, dual)
    }

    fn gap_after(&self, primal: f64, dual: f64) -> f64 {
        let mut sum = 0.0;
        for (j, v) in self.program.variables.iter().enumerate() {
            let (below, above) = self.multiplier_change(j, 0.0);
            let y = self.y[j] + primal * self.dy[j];
            sum += (self.below[j] + dual * below) * y;
            if v.length.is_finite() {
                sum += (self.above[j] + dual * above) * (v.length - y);
            }
        }
        for r in 0..self.rows {
            if self.upper[r] <= self.lower[r] {
                continue;
            }
            let (below, above) = self.slack_multiplier_change(r, 0.0);
            let s = self.slack[r] + primal * self.ds[r];
            if self.lower[r].is_finite() {
                sum += (self.slack_below[r] + dual * below) * (s - self.lower[r]);
            }
            if self.upper[r].is_finite() {
                sum += (self.slack_above[r] + dual * above) * (self.upper[r] - s);
            }
        }
        sum
    }

    /// Second-order terms of Mehrotra's corrector, from the predictor.
    fn correction(&mut self) {
        for j in 0..self.y.len() {
            let (below, above) = self.multiplier_change(j, 0.0);
            self.second_y[j] = (self.dy[j] * below, -self.dy[j] * above);
        }
        for r in 0..self.rows {
            let (below, above) = self.slack_multiplier_change(r, 0.0);
            self.second_s[r] = (self.ds[r] * below, -self.ds[r] * above);
        }
    }

    fn advance(&mut self, primal: f64, dual: f64, mu: f64) {
        for j in 0..self.y.len() {
            let (below, above) = self.multiplier_change(j, mu);
            self.y[j] += primal * self.dy[j];
            self.below[j] += dual * below;
            self.above[j] += dual * above;
        }
        for r in 0..self.rows {
            let (below, above) = self.slack_multiplier_change(r, mu);
            self.slack[r] += primal * self.ds[r];
            self.slack_below[r] += dual * below;
            self.slack_above[r] += dual * above;
            self.p[r] += dual * self.dp[r];
        }
    }
}

/// Cholesky factor of the lower triangle of an `m` by `m` matrix, in place; a
/// pivot that vanishes against its diagonal entry (a redundant row) is made
/// huge, which leaves that row's price where it is.
fn cholesky(matrix: &mut [f64], m: usize) -> bool {
    for i in 0..m {
        let original = matrix[i * m + i];
        for k in 0..=i {
            let mut sum = matrix[i * m + k];
            for q in 0..k {
                sum -= matrix[i * m + q] * matrix[k * m + q];
            }
            if k < i {
                matrix[i * m + k] = sum / matrix[k * m + k];
            } else {
                if !sum.is_finite() {
                    return false;
                }
                matrix[i * m + i] = if sum > 1e-15 * original { sum.sqrt() } else { 1e64 };
            }
        }
    }
    true
}

/// Solves with the factor, in place.
fn solve_factored(matrix: &[f64], m: usize, x: &mut [f64]) {
    for i in 0..m {
        let mut sum = x[i];
        for k in 0..i {
            sum -= matrix[i * m + k] * x[k];
        }
        x[i] = sum / matrix[i * m + i];
    }
    for i in (0..m).rev() {
        let mut sum = x[i];
        for k in i + 1..m {
            sum -= matrix[k * m + i] * x[k];
        }
        x[i] = sum / matrix[i * m + i];
    }
}
