//! Pools of demand at random: lines that make, harvest or sell, a budget, and in
//! some a cap on what a unit costs.

use outlay_allocator::{Fact, Goal, Limit, Line, Problem, Terms};
use outlay_curves::Curve;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    Makes(usize),
    Harvests(usize),
    Sells,
}

pub(crate) struct Case {
    pub(crate) lines: Vec<Line>,
    pub(crate) roles: Vec<Role>,
    pub(crate) bases: Vec<f64>,
    pub(crate) budget: f64,
    /// Money per unit sold, where that is limited.
    pub(crate) cap: Option<f64>,
    /// Most of the money that goes to makers, where that is limited.
    pub(crate) share: Option<f64>,
    /// Most lines that are on.
    pub(crate) count: Option<usize>,
}

impl Case {
    pub(crate) fn draw(lines: usize, pools: usize, seed: u64, s_shaped: bool) -> Self {
        let mut r = Pcg64Mcg::seed_from_u64(1000 + seed);
        let (mut made, mut roles) = (Vec::new(), Vec::new());
        for i in 0..lines {
            let role = match i {
                i if i < pools => Role::Makes(i),
                i if i < 2 * pools => Role::Harvests(i - pools),
                _ => match r.random_range(0..3) {
                    0 => Role::Makes(r.random_range(0..pools)),
                    1 => Role::Harvests(r.random_range(0..pools)),
                    _ => Role::Sells,
                },
            };
            let k = r.random_range(15.0..80.0);
            let shape = if s_shaped { r.random_range(1.0..3.0) } else { r.random_range(0.6..1.0) };
            let ceiling = match role {
                Role::Harvests(_) => r.random_range(0.3..0.9) / lines as f64,
                Role::Makes(_) => r.random_range(100.0..600.0),
                Role::Sells => r.random_range(20.0..60.0),
            };
            let most = (r.random_range(0.0..1.0) < 0.3).then(|| Fact::Max(r.random_range(20.0..60.0)));
            made.push(Line::new(Curve::hill(ceiling, k, shape).unwrap(), 10.0, most.into_iter().collect()));
            roles.push(role);
        }
        Case {
            lines: made,
            roles,
            bases: (0..pools).map(|_| r.random_range(0.0..200.0)).collect(),
            budget: r.random_range(12.0..35.0) * lines as f64,
            cap: (r.random_range(0.0..1.0) < 0.3).then(|| r.random_range(1.5..6.0)),
            share: None,
            count: None,
        }
    }

    pub(crate) fn problem(&self) -> Problem {
        let (n, pools) = (self.lines.len(), self.bases.len());
        let all = n + pools;
        let vector = |one: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..all).map(one).collect() };
        let money = |i: usize| if i < n { 1.0 } else { 0.0 };
        let spend = Terms::default().with_spend(vector(&money));
        let sells = |i: usize| match self.roles.get(i) {
            Some(Role::Sells | Role::Harvests(_)) => 1.0,
            _ => 0.0,
        };
        let sold = Terms::default().with_response(vector(&sells));
        let mut limits = vec![Limit::on(spend.clone(), None, Some(self.budget))];
        if let Some(cap) = self.cap {
            limits.push(Limit::ratio(spend, sold.clone(), None, Some(cap)));
        }
        if let Some(share) = self.share {
            let makes = |i: usize| match self.roles.get(i) {
                Some(Role::Makes(_)) => 1.0 - share,
                Some(_) => -share,
                None => 0.0,
            };
            limits.push(Limit::on(Terms::default().with_spend(vector(&makes)), None, Some(0.0)));
        }
        if let Some(count) = self.count {
            limits.push(Limit::on(Terms::default().with_active(vector(&money)), None, Some(count as f64)));
        }
        let mut lines = self.lines.clone();
        for (line, role) in lines.iter_mut().zip(&self.roles) {
            if let Role::Harvests(k) = role {
                line.pool = Some(n + k);
            }
        }
        for (k, &base) in self.bases.iter().enumerate() {
            let makes = |i: usize| if self.roles.get(i) == Some(&Role::Makes(k)) { -1.0 } else { 0.0 };
            let own = |i: usize| if i == n + k { 1.0 } else { 0.0 };
            let tie = Terms::default().with_spend(vector(&own)).with_response(vector(&makes));
            limits.push(Limit::on(tie, None, Some(base)));
            let most: f64 = base
                + (0..n).filter(|&i| makes(i) != 0.0).map(|i| self.lines[i].curve.ceiling()).sum::<f64>();
            let facts = vec![Fact::Min(base), Fact::Max(most)];
            lines.push(Line::new(Curve::linear(1.0).unwrap(), base, facts));
        }
        Problem { lines, goal: Goal::Maximize(sold), limits }
    }
}
