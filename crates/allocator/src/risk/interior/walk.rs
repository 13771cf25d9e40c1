//! How far a step goes, and what it does.

use super::super::cholesky::dot;
use super::super::program::Role;
use super::{RowStep, Run, Slack, Step};

impl Run<'_> {
    pub(super) fn pairs(&self) -> f64 {
        let free = self.free.iter().filter(|f| **f).count();
        let upper = (0..self.lines).filter(|&i| self.free[i] && self.asked.high[i].is_finite()).count();
        let limits = self.program.groups.iter().filter(|g| g.role == Role::Limit).count();
        let each = if self.asked.elastic { 2 } else { 1 };
        (free + upper + each * (self.rows.len() + limits) + 2 * self.draws * self.clouds.len()) as f64
    }

    /// Sum of all products, after a step if one is given.
    pub(super) fn complementarity(&self, moved: Option<(&Step, f64)>) -> f64 {
        let mut sum = 0.0;
        let row = |slack: &Slack, step: Option<&RowStep>, t: f64| {
            let s = step.copied().unwrap_or_default();
            (slack.z + t * s.z) * (slack.dual + t * s.dual)
                + (slack.e + t * s.e) * (slack.sigma + t * s.sigma)
        };
        let t = moved.map_or(0.0, |m| m.1);
        let step = moved.map(|m| m.0);
        for i in (0..self.lines).filter(|&i| self.free[i]) {
            let (dy, dl, du) = step.map_or((0.0, 0.0, 0.0), |s| (t * s.y[i], t * s.lower[i], t * s.upper[i]));
            sum += (self.x[i] - self.asked.low[i] + dy) * (self.lower[i] + dl);
            if self.asked.high[i].is_finite() {
                sum += (self.asked.high[i] - self.x[i] - dy) * (self.upper[i] + du);
            }
        }
        for (r, slack) in self.rows.iter().enumerate() {
            sum += row(slack, step.map(|s| &s.rows[r]), t);
        }
        for (g, cloud) in self.clouds.iter().enumerate() {
            match step {
                None => sum += dot(&cloud.pi, &cloud.a) + dot(&cloud.rho, &cloud.s),
                Some(step) => {
                    let own = &step.clouds[g];
                    for d in 0..self.draws {
                        sum += (cloud.pi[d] + t * own.pi[d]) * (cloud.a[d] + t * own.a[d])
                            + (cloud.rho[d] + t * own.rho[d]) * (cloud.s[d] + t * own.s[d]);
                    }
                }
            }
            if self.program.groups[g].role == Role::Limit {
                sum += row(&cloud.row, step.map(|s| &s.clouds[g].row), t);
            }
        }
        sum
    }

    /// The largest part of a step, at most 1, that keeps `share` of the way to
    /// every bound.
    pub(super) fn reach(&self, step: &Step, share: f64) -> f64 {
        let mut reach: f64 = 1.0;
        let mut meet = |value: f64, change: f64| {
            if change < 0.0 {
                reach = reach.min(-share * value / change);
            }
        };
        for i in (0..self.lines).filter(|&i| self.free[i]) {
            meet(self.x[i] - self.asked.low[i], step.y[i]);
            meet(self.lower[i], step.lower[i]);
            if self.asked.high[i].is_finite() {
                meet(self.asked.high[i] - self.x[i], -step.y[i]);
                meet(self.upper[i], step.upper[i]);
            }
        }
        let mut row = |slack: &Slack, s: &RowStep| {
            meet(slack.z, s.z);
            meet(slack.dual, s.dual);
            if self.asked.elastic {
                meet(slack.e, s.e);
                meet(slack.sigma, s.sigma);
            }
        };
        self.rows.iter().zip(&step.rows).for_each(|(slack, s)| row(slack, s));
        for (g, (cloud, own)) in self.clouds.iter().zip(&step.clouds).enumerate() {
            if self.program.groups[g].role == Role::Limit {
                row(&cloud.row, &own.row);
            }
        }
        let mut draws: f64 = 1.0;
        for (cloud, own) in self.clouds.iter().zip(&step.clouds) {
            for (values, changes) in
                [(&cloud.s, &own.s), (&cloud.a, &own.a), (&cloud.pi, &own.pi), (&cloud.rho, &own.rho)]
            {
                for (value, change) in values.iter().zip(changes).filter(|(_, c)| **c < 0.0) {
                    draws = draws.min(-share * value / change);
                }
            }
        }
        reach.min(draws)
    }

    pub(super) fn take(&mut self, step: &Step, t: f64) {
        for i in (0..self.lines).filter(|&i| self.free[i]) {
            self.x[i] += t * step.y[i];
            self.lower[i] += t * step.lower[i];
            self.upper[i] += t * step.upper[i];
        }
        let row = |slack: &mut Slack, s: &RowStep| {
            slack.z += t * s.z;
            slack.dual += t * s.dual;
            slack.e += t * s.e;
            slack.sigma += t * s.sigma;
        };
        self.rows.iter_mut().zip(&step.rows).for_each(|(slack, s)| row(slack, s));
        self.equations.iter_mut().zip(&step.equations).for_each(|(dual, change)| *dual += t * change);
        for (g, (cloud, own)) in self.clouds.iter_mut().zip(&step.clouds).enumerate() {
            if let Some(eta) = self.eta[g] {
                cloud.eta += t * step.y[eta];
            }
            for d in 0..self.draws {
                cloud.s[d] += t * own.s[d];
                cloud.a[d] += t * own.a[d];
                cloud.pi[d] += t * own.pi[d];
                cloud.rho[d] += t * own.rho[d];
            }
            row(&mut cloud.row, &own.row);
        }
    }
}
