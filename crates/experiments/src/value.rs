//! What a test is worth before it is run: the expected value of sample
//! information (Raiffa and Schlaifer 1961), for a plan under its limits.

mod model;
mod plan;
mod strata;

use std::borrow::Cow;

use outlay_allocator::{Goal, Options, Problem};
use outlay_curves::{Curve, Pool, PoolSum};

pub use model::Model;
use plan::Planned;

/// A line whose curve is not known for sure.
pub struct Uncertain<'a> {
    /// Where its curve stands in the problem: once, or by period once a stock.
    pub places: Vec<usize>,
    /// Its curve under every draw, as it stands in the problem.
    pub curves: Vec<Curve>,
    /// What `finish` makes the line's curve of: its draws before prices, tiers
    /// and what has happened.
    pub pool: Pool,
    /// From a mean of the pool to a curve of the line.
    pub finish: Box<dyn Fn(Curve) -> Option<Curve> + Sync + 'a>,
}

/// A plan, and what is not known about its curves. Draw `d` of all lines
/// together is one way the truth may be; every second draw comes first, so that
/// either half is a fair sample.
pub struct Prior<'a> {
    model: Model<'a>,
    lines: Vec<Uncertain<'a>>,
    draws: usize,
    /// The problem under every draw, and the goal of the first plan in it, where
    /// lines meet: what one returns then depends on the draws of the others.
    each: Vec<(Problem, f64)>,
    /// The plan over all draws, and over either half.
    planned: [Planned; 3],
}

/// A test that could be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What it would show without error under every draw, in the order of
    /// [`order`].
    pub lifts: Vec<f64>,
    /// Standard error of what it shows.
    pub error: f64,
}

/// What a test is worth, in units of the goal over the plan's horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    /// Expected value of sample information: how much better the plan is, on
    /// average, for having been made after the test.
    pub evsi: f64,
    /// Standard error of that, from the number of draws.
    pub error: f64,
    /// Draws that count after an answer, on average over answers.
    pub effective_draws: f64,
    /// Probability that after the answer no plan keeps all limits.
    pub unplanned: f64,
    /// What each draw contributes to `evsi`; their differences between two tests
    /// say how well the tests can be told apart.
    pub by_draw: Vec<f64>,
}

/// Every second draw, then the others: how [`Prior`] counts them.
pub fn order(draws: usize) -> Vec<usize> {
    (0..draws).step_by(2).chain((1..draws).step_by(2)).collect()
}

/// Why the value of tests cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The goal is a ratio.
    #[error("the goal is a ratio, which tests have no value in")]
    Ratio,
    /// No line's curve is uncertain.
    #[error("no curve comes with draws: what is certain need not be tested")]
    Certain,
    /// Too few draws.
    #[error("{draws} draws of the curves: at least {least} are needed to say what a test is worth")]
    FewDraws {
        /// Draws there are.
        draws: usize,
        /// Least number.
        least: usize,
    },
    /// There is no plan to improve.
    #[error("no plan keeps all limits: there is nothing yet that a test could improve")]
    NoPlan,
}

/// Fewest draws.
const LEAST: usize = 50;

/// Weight below which a draw has no part in an answer.
const FAINT: f64 = 1e-9;

impl<'a> Prior<'a> {
    /// Plans on what is known before any test.
    ///
    /// # Errors
    /// [`ValueError`] where there is nothing to improve.
    pub fn new(
        model: Model<'a>,
        lines: Vec<Uncertain<'a>>,
        options: &Options,
    ) -> Result<Prior<'a>, ValueError> {
        let Goal::Maximize(_) = model.problem.goal else { return Err(ValueError::Ratio) };
        let draws = lines.iter().map(|l| l.curves.len()).min().ok_or(ValueError::Certain)?;
        if draws < LEAST {
            return Err(ValueError::FewDraws { draws, least: LEAST });
        }
        let half = draws.div_ceil(2);
        let equal = vec![1.0; draws];
        let sums: Vec<[PoolSum; 2]> = lines.iter().map(|l| halves(l, &equal, half)).collect();
        let planned = |part: Part| {
            let problem = with(&model, &lines, &sums, part)?;
            let spends = plan::best(&problem, options)?.plan?.spends;
            Some(Planned { problem, spends })
        };
        let all = planned(Part::All).ok_or(ValueError::NoPlan)?;
        // Where half of the draws leave no plan, that of all stands.
        let or_all = |part: Part| {
            let same = || Planned { problem: all.problem.clone(), spends: all.spends.clone() };
            planned(part).unwrap_or_else(same)
        };
        let (even, odd) = (or_all(Part::Even), or_all(Part::Odd));
        let drawn = |d: usize| {
            let problem = under(&model, &lines, d);
            let goal = plan::goal(&problem, &all.spends);
            (problem, goal)
        };
        let each = if model.meets() { (0..draws).map(drawn).collect() } else { Vec::new() };
        Ok(Prior { model, lines, draws, each, planned: [all, even, odd] })
    }

    /// Spends planned before any test.
    pub fn spends(&self) -> &[f64] {
        &self.planned[0].spends
    }

    /// The goal of that plan on the mean of the draws.
    pub fn value(&self) -> f64 {
        plan::goal(&self.planned[0].problem, self.spends())
    }

    /// Expected value of sample information of a test: for every step of its
    /// answer the draws are weighed by the answer's probability, and the plan is
    /// made again on their weighted means. What is gained over the first plan is
    /// too large by what the new plan makes of chance among the draws, about in
    /// inverse proportion to their number: twice the gain less the mean gain of
    /// either half of the draws is without that (the jackknife; Quenouille 1956).
    pub fn worth(&self, trial: &Trial, options: &Options) -> Worth {
        let half = self.draws.div_ceil(2);
        let mean = trial.lifts.iter().sum::<f64>() / self.draws as f64;
        let largest = trial.lifts.iter().fold(0.0f64, |m, l| m.max((l - mean).abs()));
        let mut gains = [0.0; 3];
        let (mut effective, mut unplanned) = (0.0, 0.0);
        let mut by_draw = vec![0.0; self.draws];
        if largest <= 1e-9 * trial.error {
            // Every draw says the same: no answer tells them apart.
            return Worth { evsi: 0.0, error: 0.0, effective_draws: self.draws as f64, unplanned, by_draw };
        }
        for weights in strata::strata(&trial.lifts, trial.error) {
            let sums: Vec<[PoolSum; 2]> = self.lines.iter().map(|l| halves(l, &weights, half)).collect();
            let share = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
            let shares = [share(&weights), share(&weights[..half]), share(&weights[half..])];
            effective += shares[0] * strata::effective(&weights);
            for (part, share) in PARTS.into_iter().zip(shares) {
                let planned = &self.planned[part as usize];
                let start = Options { start: Some(&planned.spends), ..*options };
                let found = with(&self.model, &self.lines, &sums, part).filter(|_| share > 0.0);
                let found = found.and_then(|problem| Some((plan::best(&problem, &start)?, problem)));
                let Some((solution, problem)) = found else {
                    unplanned += if part == Part::All { share } else { 0.0 };
                    continue;
                };
                gains[part as usize] += share * plan::gain(&problem, &solution, &planned.spends);
                if let (Part::All, Some(plan)) = (part, &solution.plan) {
                    let differences = self.differences(&problem, &plan.spends, &weights);
                    by_draw.iter_mut().zip(differences).zip(&weights).for_each(|((b, v), w)| *b += w * v);
                }
            }
        }
        let evsi = 2.0 * gains[0] - 0.5 * (gains[1] + gains[2]);
        Worth {
            evsi: evsi.max(0.0),
            error: deviation(&by_draw),
            effective_draws: effective,
            unplanned,
            by_draw,
        }
    }

    /// Expected value of perfect information, with its standard error: every
    /// draw planned for as if it were known, against the first plan. At most
    /// `most` draws are looked at.
    pub fn perfect(&self, most: usize, options: &Options) -> (f64, f64) {
        let spends = self.spends();
        let every = self.draws.div_ceil(most.max(1));
        let gain = |d: usize| {
            let known = self.each.get(d).map(|(problem, _)| Cow::Borrowed(problem));
            let problem = known.unwrap_or_else(|| Cow::Owned(under(&self.model, &self.lines, d)));
            let start = Options { start: Some(spends), ..*options };
            plan::best(&problem, &start).map_or(0.0, |s| plan::gain(&problem, &s, spends))
        };
        let gains: Vec<f64> = (0..self.draws).step_by(every).map(gain).collect();
        (gains.iter().sum::<f64>() / gains.len() as f64, deviation(&gains))
    }

    /// What some spends earn beyond the first plan, under every draw that an
    /// answer leaves some weight; 0 under the others.
    fn differences(&self, problem: &Problem, spends: &[f64], weights: &[f64]) -> Vec<f64> {
        if self.model.meets() {
            let one = |((problem, first), weight): (&(Problem, f64), &f64)| {
                if *weight > FAINT { plan::goal(problem, spends) - first } else { 0.0 }
            };
            return self.each.iter().zip(weights).map(one).collect();
        }
        let first = self.spends();
        let Goal::Maximize(terms) = &problem.goal else { return vec![0.0; self.draws] };
        let mut known = plan::goal(problem, spends) - plan::goal(problem, first);
        let mut values = vec![0.0; self.draws];
        for line in &self.lines {
            for &i in line.places.iter().filter(|&&i| spends[i] != first[i]) {
                let each = terms.of(i).response;
                let change = |c: &Curve| each * (c.value(spends[i]) - c.value(first[i]));
                known -= change(&problem.lines[i].curve);
                values.iter_mut().zip(&line.curves).for_each(|(v, c)| *v += change(c));
            }
        }
        values.iter_mut().for_each(|v| *v += known);
        values
    }
}

/// The problem under one draw.
fn under(model: &Model, lines: &[Uncertain], d: usize) -> Problem {
    model.with(lines, lines.iter().map(|l| l.curves[d].clone()).collect())
}

/// Which of the draws a plan is made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    All = 0,
    Even = 1,
    Odd = 2,
}

const PARTS: [Part; 3] = [Part::All, Part::Even, Part::Odd];

/// Weighted sums over the even and over the odd draws of a line.
fn halves(line: &Uncertain, weights: &[f64], half: usize) -> [PoolSum; 2] {
    let draws = weights.len();
    [line.pool.sum(0..half, &weights[..half]), line.pool.sum(half..draws, &weights[half..])]
}

/// The problem on weighted means; `None` where no draw has weight.
fn with(model: &Model, lines: &[Uncertain], sums: &[[PoolSum; 2]], part: Part) -> Option<Problem> {
    let curve = |(line, sum): (&Uncertain, &[PoolSum; 2])| {
        let mean = match part {
            Part::All => line.pool.mean(&sum[0].plus(&sum[1])),
            Part::Even => line.pool.mean(&sum[0]),
            Part::Odd => line.pool.mean(&sum[1]),
        };
        (line.finish)(mean?)
    };
    let curves: Option<Vec<Curve>> = lines.iter().zip(sums).map(curve).collect();
    Some(model.with(lines, curves?))
}

/// Standard deviation of the mean.
fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0) / count).sqrt()
}
