//! The step: its matrix, its right-hand side, and the slacks that follow.

use super::super::cholesky::{Symmetric, dot};
use super::super::program::Role;
use super::{CloudStep, RowStep, Run, Slack, Step};

/// Of a limit on the worst draws: the vector that its multiplier enters with,
/// and its own diagonal.
type Entered = Option<(Vec<f64>, f64)>;

impl Run<'_> {
    pub(super) fn masked(&self, mut gradient: Vec<f64>) -> Vec<f64> {
        gradient.iter_mut().zip(&self.free).filter(|(_, free)| !**free).for_each(|(g, _)| *g = 0.0);
        gradient
    }

    /// The matrix of the step; of each limit on the worst draws the vector that
    /// its multiplier enters with, and its own diagonal.
    pub(super) fn assemble(&self, matrix: &mut Symmetric, gradients: &[Vec<f64>]) -> Vec<Entered> {
        let (n, count) = (self.lines, self.draws);
        matrix.clear();
        for i in 0..n {
            let mut own = self.pass.bend[i].max(0.0);
            if self.free[i] {
                own += self.lower[i] / (self.x[i] - self.asked.low[i]);
                if self.asked.high[i].is_finite() {
                    own += self.upper[i] / (self.asked.high[i] - self.x[i]);
                }
            }
            matrix.add(i, i, own);
        }
        for (slack, gradient) in self.rows.iter().zip(gradients) {
            matrix.outer(1.0 / (slack.z / slack.dual + slack.give()), gradient);
        }
        let mut vectors = Vec::with_capacity(self.clouds.len());
        let mut scaled = Vec::new();
        let mut sums = vec![0.0; n];
        for (g, (group, cloud)) in self.program.groups.iter().zip(&self.clouds).enumerate() {
            let of = &group.row.of;
            let theta: Vec<f64> = (0..count)
                .map(|d| {
                    let (a, b) = (cloud.pi[d] / cloud.a[d], cloud.rho[d] / cloud.s[d]);
                    a * b / (a + b)
                })
                .collect();
            // Draws that weigh nothing against the rest are left out of the products.
            let whole: f64 = theta.iter().sum();
            let kept: Vec<usize> = (0..count).filter(|&d| theta[d] * count as f64 > 1e-6 * whole).collect();
            let packed = |i: usize, out: &mut Vec<f64>| {
                let row = &self.pass.slopes[i * count..(i + 1) * count];
                out.extend(kept.iter().map(|&d| row[d]));
            };
            let mut slopes: Vec<f64> = Vec::with_capacity(n * kept.len());
            (0..n).for_each(|i| packed(i, &mut slopes));
            let own: Vec<f64> = kept.iter().map(|&d| theta[d]).collect();
            let all: f64 = own.iter().sum();
            let width = kept.len();
            for i in 0..n {
                let row = &slopes[i * width..(i + 1) * width];
                scaled.clear();
                scaled.extend(row.iter().zip(&own).map(|(s, t)| s * t));
                sums[i] = scaled.iter().sum();
                let (r, c) = (of[i].response, of[i].spend);
                for j in 0..=i {
                    let (rj, cj) = (of[j].response, of[j].spend);
                    let mut entry = r * cj * sums[i] + c * rj * sums[j] + c * cj * all;
                    if r != 0.0 && rj != 0.0 {
                        entry += r * rj * dot(&scaled, &slopes[j * width..(j + 1) * width]);
                    }
                    matrix.add(i, j, entry);
                }
                if let Some(eta) = self.eta[g] {
                    matrix.add(eta, i, -(r * sums[i] + c * all));
                }
            }
            if let Some(eta) = self.eta[g] {
                matrix.add(eta, eta, all);
            }
            vectors.push((group.role == Role::Limit).then(|| {
                let each = |d: usize| (cloud.pi[d] / cloud.a[d], cloud.rho[d] / cloud.s[d]);
                let phi: Vec<f64> = (0..count)
                    .map(|d| {
                        let (a, b) = each(d);
                        group.most * a / (a + b)
                    })
                    .collect();
                let loose: f64 = (0..count).map(|d| group.most * group.most / (each(d).0 + each(d).1)).sum();
                let mut v = vec![0.0; self.unknowns];
                self.gather(g, &phi, &mut v);
                if let Some(eta) = self.eta[g] {
                    v[eta] += 1.0;
                }
                let delta = cloud.row.z / cloud.row.dual + cloud.row.give() + loose;
                matrix.outer(1.0 / delta, &v);
                (v, delta)
            }));
        }
        for i in (0..n).filter(|&i| !self.free[i]) {
            matrix.hold(i);
        }
        vectors
    }

    /// The direction in which residuals vanish and products become `target`,
    /// less what the affine step's own products are.
    pub(super) fn direction(
        &self,
        matrix: &Symmetric,
        (slope, gradients, vectors): (&[f64], &[Vec<f64>], &[Entered]),
        (ties, tied): (&[Vec<f64>], &[Vec<f64>]),
        target: f64,
        affine: Option<&Step>,
    ) -> Step {
        let (n, count) = (self.lines, self.draws);
        let mut right = slope.to_vec();
        let mut step = Step { lower: vec![0.0; n], upper: vec![0.0; n], ..Step::default() };
        // Products to be reached, less those there are.
        let bounds: Vec<(f64, f64)> = (0..n)
            .map(|i| {
                let (down, up) = (self.x[i] - self.asked.low[i], self.asked.high[i] - self.x[i]);
                let (mut low, mut high) = (target - self.lower[i] * down, target - self.upper[i] * up);
                if let Some(a) = affine {
                    low -= a.lower[i] * a.y[i];
                    high += a.upper[i] * a.y[i];
                }
                if !up.is_finite() {
                    high = 0.0;
                }
                if self.free[i] {
                    right[i] += low / down - if up.is_finite() { high / up } else { 0.0 };
                }
                (low, high)
            })
            .collect();
        let wanted = |slack: &Slack, moved: Option<RowStep>| {
            let mut own = (target - slack.z * slack.dual, target - slack.e * slack.sigma);
            if let Some(m) = moved {
                own.0 -= m.z * m.dual;
                own.1 -= m.e * m.sigma;
            }
            own
        };
        let prices = |k: usize| self.elastic.get(k).copied().unwrap_or(0.0);
        let mut held: Vec<(f64, f64)> = Vec::with_capacity(self.rows.len());
        for (r, (slack, gradient)) in self.rows.iter().zip(gradients).enumerate() {
            let (own, other) = wanted(slack, affine.map(|a| a.rows[r]));
            let loose = self.loose(slack, other, prices(r));
            // z/dual d(dual) + g.y + de = own/dual + (z - value - e)
            let residual = slack.z - self.pass.rows[r] - slack.e;
            let omega = own / slack.dual + residual - loose;
            let delta = slack.z / slack.dual + slack.give();
            right.iter_mut().zip(gradient).for_each(|(o, g)| *o += g * omega / delta);
            held.push((omega, delta));
        }
        let mut clouds = Vec::with_capacity(self.clouds.len());
        for (g, (group, cloud)) in self.program.groups.iter().zip(&self.clouds).enumerate() {
            let cost = self.cost(g);
            let mut gamma = vec![0.0; count];
            let mut parts = Vec::with_capacity(count);
            let mut drawn = 0.0;
            for (d, gamma) in gamma.iter_mut().enumerate() {
                let (a, b) = (cloud.pi[d] / cloud.a[d], cloud.rho[d] / cloud.s[d]);
                let mut first = target - cloud.pi[d] * cloud.a[d];
                let mut second = target - cloud.rho[d] * cloud.s[d];
                if let Some(step) = affine {
                    let own = &step.clouds[g];
                    first -= own.pi[d] * own.a[d];
                    second -= own.rho[d] * own.s[d];
                }
                let residual = cloud.a[d] - (self.pass.groups[g][d] - cloud.eta + cloud.s[d]);
                let alpha = first / cloud.a[d] + a * residual;
                let beta = second / cloud.s[d];
                let missing = cloud.pi[d] + cloud.rho[d] - cost;
                let sum = alpha + beta + missing;
                *gamma = alpha - a / (a + b) * sum;
                drawn += sum / (a + b);
                parts.push((a, b, alpha, beta, missing, residual));
            }
            self.gather(g, &gamma, &mut right);
            let mut row = (0.0, 0.0);
            if let (Role::Limit, Some(Some((v, delta)))) = (group.role, vectors.get(g)) {
                let (own, other) = wanted(&cloud.row, affine.map(|a| a.clouds[g].row));
                let loose = self.loose(&cloud.row, other, self.elastic_clouds[g]);
                let value = self.held(g);
                let residual = cloud.row.z - value - cloud.row.e;
                let omega = own / cloud.row.dual + residual + group.most * drawn - loose;
                right.iter_mut().zip(v).for_each(|(o, v)| *o += v * omega / delta);
                row = (omega, *delta);
            }
            clouds.push((parts, row));
        }
        for i in (0..n).filter(|&i| !self.free[i]) {
            right[i] = 0.0;
        }
        matrix.solve(&mut right);
        self.tie(&mut right, (ties, tied), &mut step.equations);
        let y = right;
        for i in 0..n {
            let (down, up) = (self.x[i] - self.asked.low[i], self.asked.high[i] - self.x[i]);
            if self.free[i] {
                step.lower[i] = (bounds[i].0 - self.lower[i] * y[i]) / down;
                step.upper[i] = if up.is_finite() { (bounds[i].1 + self.upper[i] * y[i]) / up } else { 0.0 };
            }
        }
        for (r, slack) in self.rows.iter().enumerate() {
            let (omega, delta) = held[r];
            let dual = (omega - dot(&gradients[r], &y[..n])) / delta;
            let (own, other) = wanted(slack, affine.map(|a| a.rows[r]));
            step.rows.push(self.row_step(slack, dual, own, other, prices(r)));
        }
        for (g, (parts, (omega, delta))) in clouds.into_iter().enumerate() {
            let (group, cloud) = (&self.program.groups[g], &self.clouds[g]);
            let mut own = CloudStep::default();
            let mut moved = 0.0;
            if let (Role::Limit, Some(Some((v, _)))) = (group.role, vectors.get(g)) {
                let dual = (omega - dot(v, &y)) / delta;
                let (first, other) = wanted(&cloud.row, affine.map(|a| a.clouds[g].row));
                own.row = self.row_step(&cloud.row, dual, first, other, self.elastic_clouds[g]);
                moved = group.most * dual;
            }
            let along = self.along(g, &y);
            for (d, (a, b, alpha, beta, missing, residual)) in parts.into_iter().enumerate() {
                let s = (alpha + beta + missing - moved - a * along[d]) / (a + b);
                let pi = alpha - a * (along[d] + s);
                own.s.push(s);
                own.pi.push(pi);
                own.a.push(along[d] + s - residual);
                own.rho.push(beta - b * s);
            }
            step.clouds.push(own);
        }
        step.y = y;
        step
    }

    /// Moves a solution onto the equations.
    pub(super) fn tie(&self, y: &mut [f64], (ties, tied): (&[Vec<f64>], &[Vec<f64>]), duals: &mut Vec<f64>) {
        let m = ties.len();
        duals.clear();
        if m == 0 {
            return;
        }
        let n = self.lines;
        let mut small = Symmetric::new(m);
        let mut right = vec![0.0; m];
        for (r, t) in ties.iter().enumerate() {
            for (s, w) in tied.iter().enumerate().take(r + 1) {
                small.add(r, s, dot(t, &w[..n]));
            }
            if t.iter().all(|t| *t == 0.0) {
                // Nothing of the equation is free.
                small.add(r, r, 1.0);
                continue;
            }
            // t.(y + w dual) = -value
            right[r] = -self.pass.equations[r] - dot(t, &y[..n]);
        }
        if small.factor() {
            small.solve(&mut right);
            for (w, dual) in tied.iter().zip(&right) {
                y.iter_mut().zip(w).for_each(|(y, w)| *y += w * dual);
            }
            // The slope holds the old multiplier already.
            duals.extend(right);
        } else {
            duals.resize(m, 0.0);
        }
    }

    /// What an elastic part moves by itself, before the row's multiplier moves.
    pub(super) fn loose(&self, slack: &Slack, other: f64, price: f64) -> f64 {
        if !self.asked.elastic {
            return 0.0;
        }
        let missing = slack.dual + slack.sigma - price;
        (other + slack.e * missing) / slack.sigma
    }

    pub(super) fn row_step(&self, slack: &Slack, dual: f64, own: f64, other: f64, price: f64) -> RowStep {
        let z = (own - slack.z * dual) / slack.dual;
        if !self.asked.elastic {
            return RowStep { z, dual, e: 0.0, sigma: 0.0 };
        }
        let e = self.loose(slack, other, price) + slack.e / slack.sigma * dual;
        let sigma = (other - slack.sigma * e) / slack.e;
        RowStep { z, dual, e, sigma }
    }
}
