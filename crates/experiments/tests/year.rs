//! A simulated year: three tests chosen by what they are worth, by spend, or
//! none, against curves that only the simulation knows.

use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Terms};
use outlay_curves::{Curve, Pool};
use outlay_experiments::value::{Model, Prior, Trial, Uncertain, order};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

const CHANNELS: usize = 5;
/// Draws that the history leaves, and those planned on.
const HISTORY: usize = 6000;
const DRAWS: usize = 500;
const QUARTERS: usize = 4;
const WEEKS: f64 = 13.0;
/// Weeks of a test, of half as much again.
const TEST: f64 = 6.0;

/// What a draw or the truth says of every channel: `A x / (x + k)` a week.
type Curves = Vec<Curve>;

/// A year that can be lived through several times.
struct World {
    /// Spend of each channel today, a week.
    today: Vec<f64>,
    /// Curves that the history allows.
    history: Vec<Curves>,
    /// The truth: one more of them.
    truth: Curves,
    /// Standard error of a test: that of all markets' outcome, whatever is tested.
    error: f64,
}

fn world(seed: u64) -> World {
    let mut random = Pcg64::seed_from_u64(seed.wrapping_mul(6151) + 11);
    let mut normal = move || random.sample::<f64, _>(StandardNormal);
    let today: Vec<f64> = (0..CHANNELS).map(|_| 50.0 * (0.8 * normal()).exp()).collect();
    let returns: Vec<f64> = (0..CHANNELS).map(|_| (0.25 * normal()).exp()).collect();
    // How much of a channel is known has little to do with what is spent on it.
    let unsure: Vec<f64> = (0..CHANNELS).map(|_| 0.1 + 0.6 * normal().abs().min(1.5) / 1.5).collect();
    let mut draw = || -> Curves {
        let one = |j: usize| {
            let marginal = returns[j] * (unsure[j] * normal()).exp();
            let k = today[j] * (0.5 * normal()).exp();
            Curve::michaelis_menten(marginal * (k + today[j]).powi(2) / k, k).expect("a curve")
        };
        (0..CHANNELS).map(one).collect()
    };
    let truth = draw();
    let history = (0..HISTORY).map(|_| draw()).collect();
    // Media earn a third of the outcome, which a test measures to 2%.
    let media: f64 = truth.iter().zip(&today).map(|(c, &x)| c.value(x)).sum();
    World { error: 0.02 * 3.0 * media * TEST, today, history, truth }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Choice {
    None,
    BySpend,
    ByWorth,
}

impl World {
    fn lift(&self, channel: usize, curve: &Curve) -> f64 {
        let x = self.today[channel];
        TEST * (curve.value(1.5 * x) - curve.value(x))
    }

    /// The true revenue of a year: every quarter planned on what is known, and
    /// after each of the first three one test.
    fn year(&self, choice: Choice, seed: u64) -> f64 {
        let mut random = Pcg64::seed_from_u64(seed.wrapping_mul(31) + 5);
        let options = Options { gap: Some(1e-6), ..Options::default() };
        let mut weights = vec![1.0; HISTORY];
        let mut tested = Vec::new();
        let mut earned = 0.0;
        for quarter in 0..QUARTERS {
            let known = self.known(&weights);
            let problem = self.problem(&known);
            let prior = Prior::new(Model::apart(&problem), uncertain(&known), &options).expect("a plan");
            let plan = prior.spends();
            earned += WEEKS * self.truth.iter().zip(plan).map(|(c, &x)| c.value(x)).sum::<f64>();
            if quarter + 1 == QUARTERS {
                break;
            }
            let worth = |j: usize| {
                let lifts = known[j].iter().map(|c| self.lift(j, c)).collect();
                prior.worth(&Trial { lifts, error: self.error }, &options).evsi
            };
            let untested = (0..CHANNELS).filter(|j| !tested.contains(j));
            let best = |value: &dyn Fn(usize) -> f64, among: &mut dyn Iterator<Item = usize>| {
                among.map(|j| (value(j), j)).max_by(|a, b| a.0.total_cmp(&b.0)).map(|b| b.1)
            };
            let channel = match choice {
                Choice::None => continue,
                Choice::BySpend => best(&|j| self.today[j], &mut { untested }),
                Choice::ByWorth => best(&worth, &mut (0..CHANNELS)),
            };
            let channel = channel.expect("a channel");
            tested.push(channel);
            // The same chance befalls whatever is tested.
            let noise = self.error * random.sample::<f64, _>(StandardNormal);
            let shown = self.lift(channel, &self.truth[channel]) + noise;
            for (w, draw) in weights.iter_mut().zip(&self.history) {
                let z = (shown - self.lift(channel, &draw[channel])) / self.error;
                *w *= (-0.5 * z * z).exp();
            }
        }
        earned
    }

    /// Draws as the weights have them (systematic resampling), by channel, every
    /// second one first.
    fn known(&self, weights: &[f64]) -> Vec<Vec<Curve>> {
        let sum: f64 = weights.iter().sum();
        let (mut below, mut chosen) = (0.0, Vec::new());
        for (d, w) in weights.iter().enumerate() {
            below += w / sum * DRAWS as f64;
            while (chosen.len() as f64) + 0.5 < below && chosen.len() < DRAWS {
                chosen.push(d);
            }
        }
        while chosen.len() < DRAWS {
            chosen.push(*chosen.last().expect("some draw"));
        }
        let order = order(DRAWS);
        let of = |j: usize| order.iter().map(|&k| self.history[chosen[k]][j].clone()).collect();
        (0..CHANNELS).map(of).collect()
    }

    fn problem(&self, known: &[Vec<Curve>]) -> Problem {
        let line = |(curves, &x): (&Vec<Curve>, &f64)| {
            let facts = vec![Fact::Min(0.3 * x), Fact::Max(2.0 * x)];
            Line::new(Curve::mean(curves).expect("a mean"), x, facts)
        };
        let one = vec![1.0; CHANNELS];
        let budget = Some(self.today.iter().sum());
        Problem {
            lines: known.iter().zip(&self.today).map(line).collect(),
            goal: Goal::Maximize(Terms::default().with_response(one.clone())),
            limits: vec![Limit::on(Terms::default().with_spend(one), None, budget)],
        }
    }
}

fn uncertain(known: &[Vec<Curve>]) -> Vec<Uncertain<'static>> {
    let one = |(line, curves): (usize, &Vec<Curve>)| Uncertain {
        places: vec![line],
        curves: curves.clone(),
        pool: Pool::new(curves, 1e4).expect("a pool"),
        finish: Box::new(Some),
    };
    known.iter().enumerate().map(one).collect()
}

/// Mean and its standard error, in percent.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (100.0 * mean, 100.0 * (square / n).sqrt())
}

/// `cargo test -p outlay-experiments --test year -- --ignored --nocapture`
#[test]
#[ignore = "a study of 100 years; docs/experiments.md has its figures"]
#[allow(clippy::print_stdout)]
fn tests_that_are_worth_most_earn_most() {
    let (mut spend, mut worth, mut ahead) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..100 {
        let world = world(seed);
        let [none, by_spend, by_worth] =
            [Choice::None, Choice::BySpend, Choice::ByWorth].map(|choice| world.year(choice, seed));
        spend.push(by_spend / none - 1.0);
        worth.push(by_worth / none - 1.0);
        ahead.push((by_worth - by_spend) / none);
    }
    for (name, values) in [("by spend", &spend), ("by worth", &worth), ("worth over spend", &ahead)] {
        let (mean, error) = mean(values);
        let better = values.iter().filter(|v| **v > 0.0).count();
        println!("{name}: {mean:+.2}% +- {error:.2}, better in {better} of {}", values.len());
    }
    for values in [&worth, &ahead] {
        let (mean, error) = mean(values);
        assert!(mean > 2.0 * error, "{mean} +- {error}");
    }
}
