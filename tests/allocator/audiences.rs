//! Shared audiences at random: lines, some of them in groups, and money.

use outlay_allocator::{Fact, Goal, Limit, Line, Problem, Terms};
use outlay_curves::Curve;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// Lines, the groups they are in with their ceilings, and money.
pub(crate) struct Case {
    pub(crate) lines: Vec<Line>,
    pub(crate) group: Vec<Option<usize>>,
    pub(crate) ceilings: Vec<f64>,
    /// The group that all groups are in.
    pub(crate) outer: Option<f64>,
    pub(crate) budget: f64,
}

impl Case {
    pub(crate) fn draw(lines: usize, groups: usize, seed: u64, s_shaped: bool) -> Self {
        let mut r = Pcg64Mcg::seed_from_u64(seed);
        let mut made = Vec::new();
        for _ in 0..lines {
            let (v, k) = (r.random_range(50.0..150.0), r.random_range(15.0..80.0));
            let shape = if s_shaped { r.random_range(1.0..3.0) } else { r.random_range(0.5..1.0) };
            let mut facts = Vec::new();
            if r.random_range(0.0..1.0) < 0.4 {
                facts.push(Fact::Max(r.random_range(20.0..60.0)));
            }
            made.push(Line::new(Curve::hill(v, k, shape).unwrap(), 10.0, facts));
        }
        let group = (0..lines).map(|i| (i % (groups + 1) < groups).then_some(i % (groups + 1)));
        let outer = (groups > 1 && r.random_range(0.0..1.0) < 0.5).then(|| r.random_range(80.0..400.0));
        Case {
            group: group.collect(),
            ceilings: (0..groups).map(|_| r.random_range(40.0..250.0)).collect(),
            outer,
            budget: r.random_range(15.0..40.0) * lines as f64,
            lines: made,
        }
    }

    pub(crate) fn problem(&self) -> Problem {
        let n = self.lines.len();
        let groups = self.ceilings.len();
        let all = n + groups + usize::from(self.outer.is_some());
        let mut lines = self.lines.clone();
        let mut limits =
            vec![Limit::on(Terms::default().with_spend(spread(all, |i| i < n)), None, Some(self.budget))];
        let mut tie = |block: usize, members: &dyn Fn(usize) -> bool, ceiling: f64| {
            lines.push(Line::new(Curve::exponential(ceiling, ceiling).unwrap(), 0.0, Vec::new()));
            let response: Vec<f64> = (0..all).map(|i| if members(i) { -1.0 } else { 0.0 }).collect();
            let terms = Terms::default().with_spend(spread(all, |i| i == block)).with_response(response);
            limits.push(Limit::on(terms, None, Some(0.0)));
        };
        for (g, &ceiling) in self.ceilings.iter().enumerate() {
            tie(n + g, &|i| i < n && self.group[i] == Some(g), ceiling);
        }
        if let Some(ceiling) = self.outer {
            tie(n + groups, &|i| n <= i && i < n + groups, ceiling);
        }
        let counts = |i: usize| match self.group.get(i) {
            Some(group) => group.is_none(),
            None => self.outer.is_none() || i == n + groups,
        };
        let goal = Goal::Maximize(Terms::default().with_response(spread(all, counts)));
        Problem { lines, goal, limits }
    }
}

fn spread(all: usize, one: impl Fn(usize) -> bool) -> Vec<f64> {
    (0..all).map(|i| if one(i) { 1.0 } else { 0.0 }).collect()
}
