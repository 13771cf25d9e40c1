//! A primal-dual interior point (Mehrotra 1992) over spends and the draws'
//! boundaries, the draws' own slacks eliminated.
//!
//! For each group of draws `s_d >= eta - Q_d(x)` and `s_d >= 0` have the
//! multipliers `pi_d` and `rho_d`, which sum to what a unit of `s_d` costs. Of
//! both and of `s_d` one weight is left, `theta = ab / (a + b)` with
//! `a = pi / (Q - eta + s)` and `b = rho / s`, so that a step takes one pass over
//! the draws and a system of as many unknowns as there are lines and groups.

mod direction;
mod look;
mod walk;

use super::cholesky::Symmetric;
use super::field::{Field, Samples};
use super::program::{Program, Role, Row};

/// Steps at most.
const STEPS: usize = 80;

/// How far of the way to the nearest bound a step goes.
const SHARE: f64 = 0.995;

/// How far inside a limit a plan is looked for, as a share of the gap and of the
/// limit's terms, and how much of that may be used up.
const INSIDE: f64 = 0.01;
const INNER: f64 = 0.9;

/// What is asked of a run.
pub(super) struct Asked<'a> {
    pub(super) low: &'a [f64],
    pub(super) high: &'a [f64],
    /// Spends to begin near.
    pub(super) start: &'a [f64],
    /// Relative gap to reach.
    pub(super) gap: f64,
    /// Look for the least violation of rows and limits instead of the goal.
    pub(super) elastic: bool,
    pub(super) stop: &'a dyn Fn() -> bool,
}

/// Where a run ended.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) x: Vec<f64>,
    /// Multiplier of each row, of each equation, and weight of each draw by group.
    pub(super) rows: Vec<f64>,
    pub(super) equations: Vec<f64>,
    pub(super) groups: Vec<Vec<f64>>,
    /// True if the gap and the limits were reached.
    pub(super) done: bool,
}

/// Curves, rows and groups at the current spends.
#[derive(Default)]
struct Pass {
    mean: Vec<(f64, f64, f64)>,
    /// Slope of line `i` under draw `d` at `i D + d`.
    slopes: Vec<f64>,
    /// The groups' quantities less their bases, by draw.
    groups: Vec<Vec<f64>>,
    /// Minus the second derivative of the Lagrangian, by line.
    bend: Vec<f64>,
    rows: Vec<f64>,
    equations: Vec<f64>,
}

/// One row with slack and multiplier; elastic ones may be missed at a price.
#[derive(Clone, Copy)]
struct Slack {
    z: f64,
    dual: f64,
    /// Elastic part and its multiplier.
    e: f64,
    sigma: f64,
}

#[derive(Clone)]
struct Cloud {
    eta: f64,
    s: Vec<f64>,
    a: Vec<f64>,
    pi: Vec<f64>,
    rho: Vec<f64>,
    /// Of a limit: its row `eta - most sum s >= 0`.
    row: Slack,
}

/// A step of one row.
#[derive(Clone, Copy, Default)]
struct RowStep {
    z: f64,
    dual: f64,
    e: f64,
    sigma: f64,
}

#[derive(Clone, Default)]
struct CloudStep {
    s: Vec<f64>,
    a: Vec<f64>,
    pi: Vec<f64>,
    rho: Vec<f64>,
    row: RowStep,
}

/// A step of everything.
#[derive(Clone, Default)]
struct Step {
    y: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    rows: Vec<RowStep>,
    clouds: Vec<CloudStep>,
    equations: Vec<f64>,
}

struct Run<'a> {
    program: &'a Program,
    field: &'a Field<'a>,
    asked: &'a Asked<'a>,
    lines: usize,
    draws: usize,
    /// Which curve of a line a draw is.
    index: &'a dyn Fn(usize, usize) -> usize,
    x: Vec<f64>,
    free: Vec<bool>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    rows: Vec<Slack>,
    clouds: Vec<Cloud>,
    equations: Vec<f64>,
    /// Place of a group's `eta` among the unknowns.
    eta: Vec<Option<usize>>,
    unknowns: usize,
    /// Price of missing a row or limit by one unit, where elastic.
    elastic: Vec<f64>,
    elastic_clouds: Vec<f64>,
    /// How far inside rows, and limits on the worst draws, a plan is looked for:
    /// what is left of a residual then breaks none.
    margin: Vec<f64>,
    margin_clouds: Vec<f64>,
    /// Size of the terms of each equation.
    scales: Vec<f64>,
    size: f64,
    pass: Pass,
    samples: Samples,
}

/// Runs the method.
pub(super) fn run(
    program: &Program,
    field: &Field,
    (draws, index): (usize, &dyn Fn(usize, usize) -> usize),
    asked: &Asked,
) -> Found {
    let mut run = Run::new(program, field, (draws, index), asked);
    let done = run.steps();
    Found {
        x: run.x,
        rows: run.rows.iter().map(|r| r.dual).collect(),
        equations: run.equations,
        groups: run.clouds.into_iter().map(|c| c.pi).collect(),
        done,
    }
}

impl<'a> Run<'a> {
    fn new(
        program: &'a Program,
        field: &'a Field<'a>,
        (draws, index): (usize, &'a dyn Fn(usize, usize) -> usize),
        asked: &'a Asked<'a>,
    ) -> Self {
        const AWAY: f64 = 0.03;
        let lines = asked.start.len();
        let mut free = vec![true; lines];
        let mut x = asked.start.to_vec();
        for i in 0..lines {
            let (low, high) = (asked.low[i], asked.high[i]);
            let range = if high.is_finite() { high - low } else { low.abs().max(x[i].abs()).max(1.0) };
            free[i] = range > 1e-12 * high.abs().min(f64::MAX) && range > 0.0;
            if free[i] {
                x[i] = x[i].clamp(low + AWAY * range, high - AWAY * range);
            } else {
                x[i] = low;
            }
        }
        let mut unknowns = lines;
        let eta = program.groups.iter().map(|g| {
            (g.role != Role::Below).then(|| {
                unknowns += 1;
                unknowns - 1
            })
        });
        let eta = eta.collect();
        Run {
            program,
            field,
            asked,
            lines,
            draws,
            index,
            x,
            free,
            lower: vec![0.0; lines],
            upper: vec![0.0; lines],
            rows: Vec::new(),
            clouds: Vec::new(),
            equations: vec![0.0; program.equations.len()],
            eta,
            unknowns,
            elastic: Vec::new(),
            elastic_clouds: Vec::new(),
            margin: Vec::new(),
            margin_clouds: Vec::new(),
            scales: Vec::new(),
            size: 1.0,
            pass: Pass::default(),
            samples: Samples::default(),
        }
    }

    /// What `s` costs in a group.
    fn cost(&self, g: usize) -> f64 {
        let group = &self.program.groups[g];
        match group.role {
            Role::Goal(weight) => weight * group.most,
            Role::Below => group.most,
            Role::Limit => group.most * self.clouds[g].row.dual,
        }
    }

    /// Slacks and multipliers that fit the first spends.
    fn begin(&mut self) {
        self.look();
        let (n, count) = (self.lines, self.draws as f64);
        let sized = |row: &Row, x: &[f64], mean: &[(f64, f64, f64)]| {
            let each = row.of.iter().zip(x.iter().zip(mean));
            each.map(|(c, (x, m))| (c.spend * x).abs() + (c.response * m.0).abs()).sum::<f64>()
        };
        let mut size = sized(&self.program.goal, &self.x, &self.pass.mean);
        for group in &self.program.groups {
            let own = sized(&group.row, &self.x, &self.pass.mean);
            match group.role {
                Role::Goal(weight) => size += weight * own,
                Role::Below => size += own,
                Role::Limit => {}
            }
        }
        if self.asked.elastic {
            size = 1.0;
        }
        self.size = size.max(f64::MIN_POSITIVE);
        let pairs =
            2.0 * n as f64 + self.program.rows.len() as f64 + 2.0 * count * self.program.groups.len() as f64;
        let mu = 0.1 * self.size / pairs;
        for i in 0..n {
            if self.free[i] {
                self.lower[i] = mu / (self.x[i] - self.asked.low[i]);
                self.upper[i] =
                    if self.asked.high[i].is_finite() { mu / (self.asked.high[i] - self.x[i]) } else { 0.0 };
            }
        }
        let slack = |value: f64, scale: f64, elastic: bool| {
            let unit = 1.0 / scale;
            let z = value.max(0.01 * scale);
            let (e, sigma) = if elastic { (z - value + 0.1 * scale, 0.5 * unit) } else { (0.0, 0.0) };
            Slack { z, dual: if elastic { 0.5 * unit } else { mu / z }, e, sigma }
        };
        let elastic = self.asked.elastic;
        let inside = if elastic { 0.0 } else { INSIDE * self.asked.gap };
        let equations = self.program.equations.iter();
        self.scales.extend(equations.map(|row| sized(row, &self.x, &self.pass.mean).max(row.constant.abs())));
        for (row, &value) in self.program.rows.iter().zip(&self.pass.rows) {
            let scale = sized(row, &self.x, &self.pass.mean).max(row.constant.abs()).max(f64::MIN_POSITIVE);
            self.rows.push(slack(value - inside * scale, scale, elastic));
            self.margin.push(inside * scale);
            self.elastic.push(1.0 / scale);
        }
        for (group, figures) in self.program.groups.iter().zip(&self.pass.groups) {
            let scale = sized(&group.row, &self.x, &self.pass.mean)
                .max(group.row.constant.abs())
                .max(f64::MIN_POSITIVE);
            let spread = figures.iter().map(|f| f.abs()).sum::<f64>() / count;
            let mut sorted = figures.clone();
            sorted.sort_by(f64::total_cmp);
            let at = ((1.0 / group.most) as usize).min(sorted.len()).saturating_sub(1);
            let eta = if group.role == Role::Below { 0.0 } else { sorted[at] };
            let cost = match group.role {
                Role::Goal(weight) => weight * group.most,
                Role::Below => group.most,
                Role::Limit => group.most * if elastic { 0.5 / scale } else { mu / (0.01 * scale) },
            };
            let (mut s, mut a, mut pi, mut rho) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            // On the central path of the group alone: pi a = rho s = m, pi + rho = cost.
            let m = mu.max(1e-3 * cost * spread.max(1e-3 * scale));
            for q in figures {
                let g = eta - q;
                let root = (cost * g).hypot(2.0 * m);
                let own = (cost * g + 2.0 * m + root) / (2.0 * cost);
                let other = (2.0 * m - cost * g + root) / (2.0 * cost);
                s.push(own);
                a.push(other);
                pi.push(cost * own / (own + other));
                rho.push(cost * other / (own + other));
            }
            self.margin_clouds.push(inside * scale);
            let value = eta - group.most * s.iter().sum::<f64>() - inside * scale;
            let row = slack(value, scale, elastic);
            self.elastic_clouds.push(1.0 / scale);
            self.clouds.push(Cloud { eta, s, a, pi, rho, row });
        }
        self.look();
    }

    fn steps(&mut self) -> bool {
        self.begin();
        let mut matrix = Symmetric::new(self.unknowns);
        for _ in 0..STEPS {
            if self.is_done() {
                return true;
            }
            if (self.asked.stop)() || !self.step(&mut matrix) {
                return false;
            }
            self.look();
        }
        false
    }

    /// One predictor and corrector; false where no step can be made.
    fn step(&mut self, matrix: &mut Symmetric) -> bool {
        let slope = self.slope();
        let gradients: Vec<Vec<f64>> = self.program.rows.iter().map(|r| self.gradient(r)).collect();
        let ties: Vec<Vec<f64>> =
            self.program.equations.iter().map(|r| self.masked(self.gradient(r))).collect();
        let vectors = self.assemble(matrix, &gradients);
        if !matrix.factor() {
            return false;
        }
        let tied: Vec<Vec<f64>> = ties
            .iter()
            .map(|t| {
                let mut w = t.clone();
                w.resize(self.unknowns, 0.0);
                matrix.solve(&mut w);
                w
            })
            .collect();
        let solved = |run: &Self, target: f64, affine: Option<&Step>| {
            run.direction(matrix, (&slope, &gradients, &vectors), (&ties, &tied), target, affine)
        };
        let predictor = solved(self, 0.0, None);
        let mu = self.complementarity(None);
        let reach = self.reach(&predictor, 1.0);
        let after = self.complementarity(Some((&predictor, reach)));
        let sigma = (after / mu).max(0.0).powi(3).clamp(1e-6, 1.0);
        let pairs = self.pairs();
        let step = solved(self, sigma * mu / pairs, Some(&predictor));
        let reach = self.reach(&step, SHARE);
        if reach.is_nan() || reach <= 1e-10 || step.y.iter().any(|y| !y.is_finite()) {
            return false;
        }
        self.take(&step, reach);
        true
    }
}

impl Slack {
    /// How far an elastic row gives way per unit of its multiplier.
    fn give(&self) -> f64 {
        if self.sigma > 0.0 { self.e / self.sigma } else { 0.0 }
    }
}
