//! Concave problems by linear programs on tangent cuts (Kelley 1960): an upper
//! bound that falls onto the optimum, by a method and a library that the
//! allocator does not use. Cuts are valid everywhere, so that many problems
//! which differ in their bounds alone share them.

use good_lp::{Expression, IntoAffineExpression, ProblemVariables, Solution, SolverModel, microlp, variable};
use outlay_allocator::{Goal, Limit, Problem, Terms};

use crate::{excess, worth};

const ROUNDS: usize = 60;

/// What is decided before the linear program: bounds and who is on.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    pub(crate) on: Vec<bool>,
}

impl Choice {
    /// Every line anywhere between the ends of its domain, and on.
    pub(crate) fn whole(problem: &Problem) -> Self {
        let n = problem.lines.len();
        Choice {
            low: problem.lines.iter().map(|l| l.domain().least()).collect(),
            high: problem.lines.iter().map(|l| l.domain().largest()).collect(),
            on: vec![true; n],
        }
    }
}

/// A problem and the tangents drawn so far, as `(at, value, slope)` per line.
pub(crate) struct Tangents<'p> {
    problem: &'p Problem,
    cuts: Vec<Vec<(f64, f64, f64)>>,
    /// Units of spend and response in the linear program.
    unit: Vec<(f64, f64)>,
}

impl<'p> Tangents<'p> {
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let mut tangents =
            Tangents { problem, cuts: vec![Vec::new(); problem.lines.len()], unit: Vec::new() };
        for (i, line) in problem.lines.iter().enumerate() {
            let top = line.domain().largest();
            assert!(top.is_finite() && line.curve.is_concave());
            tangents.unit.push((top.max(1e-300), line.curve.value(top).max(1e-300)));
            (0..12).for_each(|k| tangents.touch(i, top * 0.5_f64.powi(k)));
        }
        tangents
    }

    fn touch(&mut self, i: usize, x: f64) {
        let p = self.problem.lines[i].curve.point(x);
        if x > 0.0 && p.marginal.is_finite() {
            self.cuts[i].push((x, p.value, p.marginal));
        }
    }

    /// The optimum under a choice, from below (a plan) and from above (the last
    /// program); `None` if there is no plan. They differ by what the program's
    /// own tolerances leave.
    pub(crate) fn optimum(&mut self, choice: &Choice) -> Option<(f64, f64)> {
        let mut found: Option<(f64, f64)> = None;
        for _ in 0..ROUNDS {
            let (value, spends, responses) = self.program(choice)?;
            let plan = excess(self.problem, &spends) <= 1e-12;
            let low = if plan { worth(self.problem, &spends) } else { f64::NEG_INFINITY };
            found = Some((found.map_or(low, |(best, _)| best.max(low)), value));
            let mut close = true;
            for (i, line) in self.problem.lines.iter().enumerate() {
                if responses[i] - line.curve.value(spends[i]) > 1e-9 * self.unit[i].1 {
                    close = false;
                    self.touch(i, spends[i]);
                }
            }
            if close {
                break;
            }
        }
        found
    }

    pub(crate) fn program(&self, choice: &Choice) -> Option<(f64, Vec<f64>, Vec<f64>)> {
        let n = self.problem.lines.len();
        let mut variables = ProblemVariables::new();
        let mut spends = Vec::new();
        let mut responses = Vec::new();
        for i in 0..n {
            let (x, y) = self.unit[i];
            let top = self.problem.lines[i].curve.value(choice.high[i]) / y;
            spends.push(variables.add(variable().min(choice.low[i] / x).max(choice.high[i] / x)));
            responses.push(variables.add(variable().min(0.0).max(top)));
        }
        let express = |terms: &Terms, factor: f64| -> (Expression, f64) {
            let mut sum = Expression::default();
            let mut constant = factor * terms.constant;
            for i in 0..n {
                let c = terms.of(i);
                assert_eq!(c.moved, 0.0);
                sum += factor * c.spend * self.unit[i].0 * spends[i];
                sum += factor * c.response * self.unit[i].1 * responses[i];
                constant += if choice.on[i] { factor * c.active } else { 0.0 };
            }
            (sum, constant)
        };
        let Goal::Maximize(goal) = &self.problem.goal else { panic!("a ratio is no linear goal") };
        let size = (0..n).map(|i| goal.of(i).response.abs() * self.unit[i].1).sum::<f64>().max(1e-300);
        let (objective, constant) = express(goal, 1.0 / size);
        let mut model = variables.maximise(objective.clone()).using(microlp);
        for limit in &self.problem.limits {
            for (sum, most) in rows(limit, &express) {
                model = model.with(sum.leq(most));
            }
        }
        for i in 0..n {
            let (ux, uy) = self.unit[i];
            for &(x, value, slope) in &self.cuts[i] {
                let line = (value - slope * x) / uy + (slope * ux / uy) * spends[i];
                model = model.with((Expression::from(responses[i]) - line).leq(0.0));
            }
        }
        let solution = model.solve().ok()?;
        let read = |v: &[good_lp::Variable], unit: &dyn Fn(usize) -> f64| -> Vec<f64> {
            v.iter().enumerate().map(|(i, &v)| solution.value(v) * unit(i)).collect()
        };
        let value = (solution.eval(&objective) + constant) * size;
        Some((value, read(&spends, &|i| self.unit[i].0), read(&responses, &|i| self.unit[i].1)))
    }
}

/// The sides of a limit as `sum <= most`, scaled to sizes near 1.
fn rows(limit: &Limit, express: &dyn Fn(&Terms, f64) -> (Expression, f64)) -> Vec<(Expression, f64)> {
    let mut out = Vec::new();
    for (number, sign) in [(limit.max, 1.0), (limit.min, -1.0)] {
        let Some(number) = number else { continue };
        let (sum, constant) = express(&limit.numerator, sign);
        let (mut sum, mut most) = (sum, sign * number - constant);
        if let Some(denominator) = &limit.denominator {
            let (other, constant) = express(denominator, -sign * number);
            sum += other;
            most = most - sign * number - constant;
        }
        let size = sum.clone().linear_coefficients().map(|(_, c)| c.abs()).fold(most.abs(), f64::max);
        if size > 0.0 {
            out.push((sum * (1.0 / size), most / size));
        }
    }
    out
}
