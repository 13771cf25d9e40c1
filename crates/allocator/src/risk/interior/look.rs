//! Curves, rows and groups at the current spends, and what is left to do.

use super::super::cholesky::dot;
use super::super::program::{Role, Row};
use super::{INNER, Run};

impl Run<'_> {
    /// Evaluates everything at the current spends.
    pub(super) fn look(&mut self) {
        let (n, count) = (self.lines, self.draws);
        let groups = &self.program.groups;
        let pass = &mut self.pass;
        pass.slopes.resize(n * count, 0.0);
        pass.bend.clear();
        pass.bend.resize(n, 0.0);
        pass.mean.clear();
        pass.groups.resize(groups.len(), Vec::new());
        for (group, sums) in groups.iter().zip(&mut pass.groups) {
            let fixed =
                group.row.constant + group.row.of.iter().zip(&self.x).map(|(c, x)| c.spend * x).sum::<f64>();
            sums.clear();
            match &group.base {
                None => sums.resize(count, fixed),
                Some(base) => sums.extend(base.iter().map(|b| fixed - b)),
            }
        }
        for i in 0..n {
            let p = self.field.mean(i, self.x[i]);
            pass.mean.push((p.value, p.marginal, p.curvature));
            if groups.iter().all(|g| g.row.of[i].response == 0.0) {
                pass.slopes[i * count..(i + 1) * count].fill(0.0);
                continue;
            }
            self.field.sample(i, self.x[i], &mut self.samples);
            let own = &self.samples;
            let row = &mut pass.slopes[i * count..(i + 1) * count];
            for (d, slope) in row.iter_mut().enumerate() {
                *slope = own.slope[(self.index)(i, d)];
            }
            for (g, group) in groups.iter().enumerate() {
                let c = group.row.of[i].response;
                if c == 0.0 {
                    continue;
                }
                let weights = self.clouds.get(g).map(|cloud| &cloud.pi);
                let mut bend = 0.0;
                for (d, sum) in pass.groups[g].iter_mut().enumerate() {
                    let k = (self.index)(i, d);
                    *sum += c * (own.value[k] - self.field.less(i, k));
                    bend -= weights.map_or(0.0, |w| w[d]) * c * own.bend[k];
                }
                pass.bend[i] += bend;
            }
        }
        let returned: Vec<f64> = pass.mean.iter().map(|m| m.0).collect();
        pass.rows.clear();
        let inside = self.margin.iter().chain(std::iter::repeat(&0.0));
        let rows = self.program.rows.iter().zip(inside);
        pass.rows.extend(rows.map(|(r, margin)| r.value(&self.x, &returned) - margin));
        pass.equations.clear();
        pass.equations.extend(self.program.equations.iter().map(|r| r.value(&self.x, &returned)));
        if !self.asked.elastic {
            for i in 0..n {
                pass.bend[i] -= self.program.goal.of[i].response * pass.mean[i].2;
            }
        }
        for (slack, row) in self.rows.iter().zip(&self.program.rows) {
            for i in 0..n {
                pass.bend[i] -= slack.dual * row.of[i].response * pass.mean[i].2;
            }
        }
    }

    /// Slope of a row at the current spends.
    pub(super) fn gradient(&self, row: &Row) -> Vec<f64> {
        let each = row.of.iter().zip(&self.pass.mean);
        each.map(|(c, m)| c.spend + if c.response == 0.0 { 0.0 } else { c.response * m.1 }).collect()
    }

    /// Adds `sum_d weights_d a_d` with `a_d` the slope of `Q_d - eta`.
    pub(super) fn gather(&self, g: usize, weights: &[f64], out: &mut [f64]) {
        let (count, group) = (self.draws, &self.program.groups[g]);
        let sum: f64 = weights.iter().sum();
        for (i, c) in group.row.of.iter().enumerate() {
            let mut own = c.spend * sum;
            if c.response != 0.0 {
                own += c.response * dot(&self.pass.slopes[i * count..(i + 1) * count], weights);
            }
            out[i] += own;
        }
        if let Some(eta) = self.eta[g] {
            out[eta] -= sum;
        }
    }

    /// `a_d . y` for every draw.
    pub(super) fn along(&self, g: usize, y: &[f64]) -> Vec<f64> {
        let (count, group) = (self.draws, &self.program.groups[g]);
        let flat: f64 = group.row.of.iter().zip(y).map(|(c, y)| c.spend * y).sum();
        let eta = self.eta[g].map_or(0.0, |k| y[k]);
        let mut out = vec![flat - eta; count];
        for (i, c) in group.row.of.iter().enumerate() {
            let factor = c.response * y[i];
            if factor != 0.0 {
                let row = &self.pass.slopes[i * count..(i + 1) * count];
                out.iter_mut().zip(row).for_each(|(o, s)| *o += factor * s);
            }
        }
        out
    }

    /// Slope of the Lagrangian in every unknown, bounds included.
    pub(super) fn slope(&self) -> Vec<f64> {
        let mut slope = vec![0.0; self.unknowns];
        if !self.asked.elastic {
            for (slot, own) in slope.iter_mut().zip(self.gradient(&self.program.goal)) {
                *slot += own;
            }
        }
        for (row, slack) in self.program.rows.iter().zip(&self.rows) {
            slope.iter_mut().zip(self.gradient(row)).for_each(|(slot, own)| *slot += slack.dual * own);
        }
        for (row, dual) in self.program.equations.iter().zip(&self.equations) {
            slope.iter_mut().zip(self.gradient(row)).for_each(|(slot, own)| *slot += dual * own);
        }
        for (g, cloud) in self.clouds.iter().enumerate() {
            self.gather(g, &cloud.pi, &mut slope);
            if let Some(eta) = self.eta[g] {
                slope[eta] += match self.program.groups[g].role {
                    Role::Limit => cloud.row.dual,
                    Role::Goal(weight) => weight,
                    Role::Below => 0.0,
                };
            }
        }
        let bounds = self.lower.iter().zip(&self.upper).zip(&self.free);
        for (slot, ((lower, upper), free)) in slope.iter_mut().zip(bounds) {
            *slot = if *free { *slot + lower - upper } else { 0.0 };
        }
        slope
    }

    /// A limit on the worst draws at the current boundary, less its margin.
    pub(super) fn held(&self, g: usize) -> f64 {
        let (group, cloud) = (&self.program.groups[g], &self.clouds[g]);
        cloud.eta - group.most * cloud.s.iter().sum::<f64>() - self.margin_clouds[g]
    }

    /// The goal at the current spends, or minus what is missed.
    pub(super) fn worth(&self) -> f64 {
        if self.asked.elastic {
            let rows = self.rows.iter().zip(&self.elastic).map(|(r, price)| price * r.e);
            let clouds = self.clouds.iter().zip(&self.elastic_clouds).zip(&self.program.groups);
            let clouds = clouds.filter(|(_, g)| g.role == Role::Limit).map(|((c, price), _)| price * c.row.e);
            return -(rows.sum::<f64>() + clouds.sum::<f64>());
        }
        let returned: Vec<f64> = self.pass.mean.iter().map(|m| m.0).collect();
        let mut worth = self.program.goal.value(&self.x, &returned);
        for (group, cloud) in self.program.groups.iter().zip(&self.clouds) {
            let spent = group.most * cloud.s.iter().sum::<f64>();
            worth += match group.role {
                Role::Goal(weight) => weight * (cloud.eta - spent),
                Role::Below => -spent,
                Role::Limit => 0.0,
            };
        }
        worth
    }

    /// What is left between plan and bound, and whether the limits hold.
    pub(super) fn is_done(&self) -> bool {
        let slope = self.slope();
        let mut left = 0.0;
        for (i, slope) in slope.iter().enumerate().take(self.lines) {
            let (down, up) = (self.x[i] - self.asked.low[i], self.asked.high[i] - self.x[i]);
            let up_part = if up.is_finite() { self.upper[i] * up } else { 0.0 };
            left += self.lower[i] * down + up_part;
            let reach = if *slope > 0.0 { if up.is_finite() { up } else { self.x[i] } } else { down };
            left += slope.abs() * reach;
        }
        let mut kept = true;
        for ((slack, value), margin) in self.rows.iter().zip(&self.pass.rows).zip(&self.margin) {
            left += slack.z * slack.dual + slack.e * slack.sigma;
            kept &= self.asked.elastic || *value >= -INNER * margin;
        }
        for (scale, value) in self.scales.iter().zip(&self.pass.equations) {
            kept &= value.abs() <= 1e-11 * scale;
        }
        for (g, cloud) in self.clouds.iter().enumerate() {
            left += dot(&cloud.pi, &cloud.a) + dot(&cloud.rho, &cloud.s);
            if self.program.groups[g].role == Role::Limit {
                kept &= self.asked.elastic || self.held(g) >= -INNER * self.margin_clouds[g];
                left += cloud.row.z * cloud.row.dual + cloud.row.e * cloud.row.sigma;
            }
            if let Some(eta) = self.eta[g] {
                left += slope[eta].abs() * cloud.eta.abs().max(1e-3 * self.size);
            }
        }
        let worth = self.worth();
        let scale =
            if self.asked.elastic { worth.abs().max(1e-7) } else { worth.abs().max(1e-3 * self.size) };
        kept && left <= 0.3 * self.asked.gap * scale
    }
}
