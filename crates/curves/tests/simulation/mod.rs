//! Histories whose truth is known.
#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod kinds;
pub(crate) mod meeting;
pub(crate) mod panels;

use outlay_curves::Curve;
use outlay_curves::fit::{Adstock, Channel, History, LiftTest};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

/// A history and what it was made from.
pub(crate) struct World {
    pub(crate) history: History,
    pub(crate) tests: Vec<LiftTest>,
    pub(crate) truth: Vec<Curve>,
    pub(crate) means: Vec<f64>,
}

/// How the data are made.
#[derive(Clone, Copy)]
pub(crate) struct Recipe {
    pub(crate) channels: usize,
    pub(crate) weeks: usize,
    pub(crate) correlation: f64,
    /// Relative standard error of one lift test per channel.
    pub(crate) test_error: Option<f64>,
    /// Standard deviation of the noise over mean outcome.
    pub(crate) noise: f64,
}

pub(crate) fn normal(random: &mut Pcg64) -> f64 {
    random.sample::<f64, _>(StandardNormal)
}

/// Weekly revenue of several channels with Michaelis-Menten curves, geometric
/// adstock (retention 0.1 to 0.7), return on spend LogNormal(0.2, 0.5),
/// half-saturation 0.4 to 3 times mean spend, half of revenue from media at
/// most, yearly season, trend, mildly autocorrelated noise.
pub(crate) fn joint(recipe: Recipe, seed: u64) -> World {
    let mut random = Pcg64::seed_from_u64(seed);
    let (k, n) = (recipe.channels, recipe.weeks);
    let warm = 30;
    let mut shocks = vec![vec![0.0; n + warm]; k];
    for t in 0..n + warm {
        let common = normal(&mut random);
        for shock in &mut shocks {
            let own = normal(&mut random);
            shock[t] = recipe.correlation.sqrt() * common + (1.0 - recipe.correlation).sqrt() * own;
        }
    }
    let (mut channels, mut truth, mut means, mut tests) = (vec![], vec![], vec![], vec![]);
    let mut media = vec![0.0; n];
    for (i, shock) in shocks.iter().enumerate() {
        let level = 10_000.0 * (1.0 + 4.0 * random.random::<f64>());
        // Spend of mean `level` and coefficient of variation about 0.5.
        let (mut state, mut spend) = (0.0, Vec::new());
        for z in shock {
            state = 0.5 * state + 0.866 * z;
            spend.push(level * (0.47 * state - 0.11_f64).exp());
        }
        let mean = spend[warm..].iter().sum::<f64>() / n as f64;
        let roi = (0.2 + 0.5 * normal(&mut random)).exp();
        let half = mean * (0.4_f64.ln() + (3.0_f64 / 0.4).ln() * random.random::<f64>()).exp();
        let curve = Curve::michaelis_menten(roi * (half + mean), half).unwrap();
        let retention = 0.1 + 0.6 * random.random::<f64>();
        let adstock = Adstock::Geometric { retention };
        let stock = adstock.apply(&spend, level);
        for t in 0..n {
            media[t] += curve.value(stock[t + warm]);
        }
        if let Some(error) = recipe.test_error {
            let (periods, delta) = (8, 0.5 * mean);
            let build: Vec<f64> = adstock.apply(&vec![mean + delta; periods], mean);
            let lift: f64 = build.iter().map(|&a| curve.value(a) - curve.value(mean)).sum();
            let standard_error = error * lift;
            let lift = lift + standard_error * normal(&mut random);
            tests.push(LiftTest {
                channel: format!("c{i}"),
                periods,
                spend: mean,
                delta,
                lift,
                standard_error,
                first: None,
            });
        }
        channels.push(Channel { name: format!("c{i}"), spend: spend[warm..].to_vec(), ..Channel::default() });
        truth.push(curve);
        means.push(mean);
    }
    let base = 3.0 * media.iter().sum::<f64>() / n as f64;
    let noise = recipe.noise * base * 4.0 / 3.0;
    let history = weekly(channels, &media, (base, noise), &mut random);
    World { history, tests, truth, means }
}

/// The share of the best outcome lost by planning with `believed` curves: the
/// same total, every channel within half of its mean.
pub(crate) fn regret(truth: &[Curve], means: &[f64], believed: &dyn Fn(usize, f64) -> f64) -> (f64, f64) {
    let plan = |marginal: &dyn Fn(usize, f64) -> f64| allocate(means, marginal);
    let value = |plan: &[f64]| plan.iter().zip(truth).map(|(x, c)| c.value(*x)).sum::<f64>();
    let best = value(&plan(&|i, x| truth[i].marginal(x)));
    let ours = value(&plan(believed));
    (1.0 - ours / best, 1.0 - value(means) / best)
}

/// Equal slopes within the bounds, by bisection on the price.
pub(crate) fn allocate(means: &[f64], marginal: &dyn Fn(usize, f64) -> f64) -> Vec<f64> {
    let budget: f64 = means.iter().sum();
    let spend_at = |price: f64| -> Vec<f64> {
        let one = |(i, mean): (usize, &f64)| {
            let (mut low, mut high) = (0.5 * mean, 1.5 * mean);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if marginal(i, middle) > price { low = middle } else { high = middle }
            }
            0.5 * (low + high)
        };
        means.iter().enumerate().map(one).collect()
    };
    let (mut low, mut high) = (-12.0_f64, 6.0_f64);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if spend_at(middle.exp()).iter().sum::<f64>() > budget { low = middle } else { high = middle }
    }
    spend_at(high.exp())
}

pub(crate) fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

/// Weeks in which media earn so much beside a base with a season and a trend, and
/// noise that lasts.
fn weekly(channels: Vec<Channel>, media: &[f64], (base, noise): (f64, f64), random: &mut Pcg64) -> History {
    let (mut error, mut outcome) = (0.0, Vec::new());
    let phase = random.random::<f64>();
    for (t, m) in media.iter().enumerate() {
        error = 0.3 * error + 0.954 * noise * normal(random);
        let year = std::f64::consts::TAU * (t as f64 / 52.18 + phase);
        let trend = 0.1 * t as f64 / media.len() as f64;
        let level = base * (1.0 + 0.1 * year.sin() + 0.04 * (2.0 * year).cos() + trend);
        outcome.push(level + m + error);
    }
    History {
        periods_per_year: 52.18,
        year_fraction: 0.0,
        channels,
        outcome: Some(outcome),
        outcome_is_money: true,
        ..History::default()
    }
}
