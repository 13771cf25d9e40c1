//! Random media plans for tests and benchmarks: Hill lines in four funnel
//! stages with share floors and caps, a budget and a binding blended CAC.
#![allow(dead_code)]

use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Terms, solve};
use outlay_curves::Curve;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

pub(crate) const STAGES: usize = 4;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) lines: usize,
    /// Share of lines with an S-shaped curve.
    pub(crate) s_shaped: f64,
    /// Every line is repeated this often.
    pub(crate) copies: usize,
    pub(crate) seed: u64,
}

pub(crate) fn draw(lines: usize, s_shaped: f64, seed: u64) -> Draw {
    Draw { lines, s_shaped, copies: 1, seed }
}

/// A Hill line: its curve returns revenue; revenue per customer besides.
fn hill(rng: &mut impl Rng, s_shaped: bool) -> (Curve, f64, f64) {
    let k = 1e5 * (rng.random::<f64>() * 3.0 - 1.5).exp();
    let shape = if s_shaped { 1.2 + 2.3 * rng.random::<f64>() } else { 0.6 + 0.4 * rng.random::<f64>() };
    let ceiling = k * (2.0 + 6.0 * rng.random::<f64>());
    let per_customer = 60.0 + 80.0 * rng.random::<f64>();
    (Curve::hill(ceiling, k, shape).unwrap(), k, per_customer)
}

/// Makes the last limit of a problem, a cost per customer, bind.
pub(crate) fn cap_cac(mut problem: Problem) -> Problem {
    let options = Options { gap: Some(1e-3), nodes: 200, ..Options::default() };
    let cac = problem.limits.pop().unwrap();
    let uncapped = solve(&problem, &options).unwrap().plan.unwrap();
    let reached = cac.value(&problem.lines, &uncapped.spends);
    // As far below what the uncapped plan costs as the lines can go.
    for share in [0.9, 0.95, 0.98] {
        problem.limits.push(Limit { max: Some(share * reached), ..cac.clone() });
        if solve(&problem, &options).unwrap().plan.is_some() {
            return problem;
        }
        problem.limits.pop();
    }
    problem.limits.push(Limit { max: Some(reached), ..cac });
    problem
}

impl Draw {
    /// The problem: revenue under a budget of half the lines' scales.
    pub(crate) fn problem(self) -> Problem {
        cap_cac(self.without_cac())
    }

    pub(crate) fn without_cac(self) -> Problem {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed);
        let distinct = self.lines.div_ceil(self.copies);
        let (mut lines, mut customers, mut stage) = (Vec::new(), Vec::new(), Vec::new());
        let mut budget = 0.0;
        for i in 0..distinct {
            let s_shaped = (i as f64 + 0.5) / distinct as f64;
            let (curve, k, per_customer) = hill(&mut rng, s_shaped < self.s_shaped);
            let s: usize = rng.random_range(0..STAGES);
            for _ in 0..self.copies.min(self.lines - lines.len()) {
                let facts = vec![Fact::Min(0.0), Fact::Max(2.5 * k)];
                lines.push(Line::new(curve.clone(), 0.8 * k, facts));
                customers.push(1.0 / per_customer);
                stage.push(s);
                budget += 0.6 * k;
            }
        }
        let n = lines.len();
        let spend = Terms::default().with_spend(vec![1.0; n]);
        let mut limits = vec![Limit::on(spend.clone(), None, Some(budget))];
        for s in 0..STAGES {
            let selected: Vec<f64> = stage.iter().map(|&t| f64::from(u8::from(t == s))).collect();
            if selected.contains(&1.0) {
                let share = Terms::default().with_spend(selected);
                limits.push(Limit::ratio(share, spend.clone(), Some(0.12), Some(0.45)));
            }
        }
        limits.push(Limit::ratio(spend, Terms::default().with_response(customers), None, Some(1e12)));
        Problem { lines, goal: Goal::Maximize(Terms::default().with_response(vec![1.0; n])), limits }
    }
}
