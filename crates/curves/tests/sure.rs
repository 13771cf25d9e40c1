//! How often a plan is better than today where the draws say how sure that is,
//! with truths drawn as the fit's priors have them.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::Curve;
use outlay_curves::fit::{Carry, Channel, Family, Fit, History, Options, fit};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use simulation::normal;

const WEEKS: usize = 104;

/// Three channels, two years of weeks, a season, demand that wanders by 3%.
struct World {
    history: History,
    truth: Vec<Curve>,
    means: Vec<f64>,
    retention: Vec<f64>,
}

/// What is made otherwise than the priors have it: nothing, if empty.
fn is(what: &str) -> bool {
    std::env::var("WORLD").unwrap_or_default().split(',').any(|w| w == what)
}

fn world(seed: u64) -> World {
    let mut random = Pcg64::seed_from_u64(seed);
    let common = 0.6 * normal(&mut random);
    let (mut channels, mut truth, mut means, mut kept) = (vec![], vec![], vec![], vec![]);
    let mut media = vec![0.0; WEEKS];
    for (name, size) in [("a", 10_000.0), ("b", 16_000.0), ("c", 12_000.0)] {
        let mean = size * (0.3 * normal(&mut random)).exp();
        let back = (0.3 + common + 0.5 * normal(&mut random)).exp();
        let half = mean * 1.3 * (0.8 * normal(&mut random)).exp();
        let retention = 1.0 / (1.0 + (0.2 - 1.6 * normal(&mut random)).exp());
        let news: Vec<f64> = (0..WEEKS + 3).map(|_| 0.35 * normal(&mut random)).collect();
        let spend: Vec<f64> = (0..WEEKS).map(|t| (0.5 * news[t..t + 4].iter().sum::<f64>()).exp()).collect();
        let unit = mean * WEEKS as f64 / spend.iter().sum::<f64>();
        let spend: Vec<f64> = spend.iter().map(|x| x * unit).collect();
        let curve = Curve::michaelis_menten(back * (half + mean), half).unwrap();
        let mut stock = if is("steady") { spend[..8].iter().sum::<f64>() / 8.0 } else { spend[0] };
        for (t, x) in spend.iter().enumerate() {
            stock = retention * stock + (1.0 - retention) * x;
            media[t] += curve.value(stock);
        }
        channels.push(Channel { name: name.into(), spend, ..Channel::default() });
        truth.push(curve);
        means.push(mean);
        kept.push(retention);
    }
    let mut demand = 0.0;
    let outcome = media.iter().enumerate().map(|(t, m)| {
        demand = 0.4 * demand + 0.03 * normal(&mut random);
        let season = 0.1 * (std::f64::consts::TAU * t as f64 / 52.18 + 1.0).sin();
        300_000.0 * (1.0 + season + demand) + m
    });
    let outcome = Some(outcome.collect());
    let history =
        History { periods_per_year: 52.18, channels, outcome, outcome_is_money: true, ..History::default() };
    World { history, truth, means, retention: kept }
}

fn options() -> Options {
    let mut options = Options::default();
    if is("family") {
        options.families = vec![Family::MichaelisMenten];
    }
    if is("carry") {
        options.carries = vec![Carry::Geometric];
    }
    options
}

/// The plan on the mean of the draws within half of each channel's spend.
fn plan(fit: &Fit, means: &[f64], from: usize) -> (Vec<f64>, Vec<Vec<Curve>>) {
    const STEP: usize = 4;
    let curves: Vec<Vec<Curve>> = fit
        .channels
        .iter()
        .map(|c| c.draws.iter().skip(from).step_by(STEP).map(|p| p.curve().unwrap()).collect())
        .collect();
    let slope =
        |i: usize, x: f64| curves[i].iter().map(|c| c.marginal(x)).sum::<f64>() / curves[i].len() as f64;
    (simulation::allocate(means, &slope), curves)
}

/// One history: whether the plan is better, what is claimed, gains, and ranks of the
/// truth among the draws.
struct One {
    better: bool,
    claimed: f64,
    gain: f64,
    expected: f64,
    ranks: Vec<[f64; 3]>,
}

fn one(seed: u64) -> Option<One> {
    let world = world(seed);
    let fit = fit(&world.history, &[], &options()).ok()?;
    let (plan, curves) = plan(&fit, &world.means, 0);
    let spent: f64 = world.means.iter().sum();
    let gain: f64 =
        (0..3).map(|i| world.truth[i].value(plan[i]) - world.truth[i].value(world.means[i])).sum();
    let gains: Vec<f64> = (0..curves[0].len())
        .map(|d| (0..3).map(|i| curves[i][d].value(plan[i]) - curves[i][d].value(world.means[i])).sum())
        .collect();
    let n = gains.len() as f64;
    let ranks = (0..3)
        .map(|i| {
            let (mean, draws) = (world.means[i], &fit.channels[i].draws);
            let rank = |truth: f64, of: &dyn Fn(usize) -> f64| {
                (0..draws.len()).filter(|d| of(*d) < truth).count() as f64 / draws.len() as f64
            };
            [
                rank(world.truth[i].value(mean), &|d| draws[d].curve().unwrap().value(mean)),
                rank(world.truth[i].marginal(mean), &|d| draws[d].curve().unwrap().marginal(mean)),
                rank(world.retention[i], &|d| draws[d].retention),
            ]
        })
        .collect();
    let claimed = gains.iter().filter(|g| **g > 0.0).count() as f64 / n;
    Some(One {
        better: gain > 0.0,
        claimed,
        gain: gain / spent,
        expected: gains.iter().sum::<f64>() / n / spent,
        ranks,
    })
}

/// `SETS` histories from `FIRST` on; `WORLD=family,carry,steady` takes doubts away:
/// the fit knows the family, the kind of carry-over, spend before the first week.
#[test]
#[ignore = "the whole study takes minutes"]
fn the_probability_claimed() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
    };
    let (first, sets) = (number("FIRST", 1), number("SETS", 400));
    let found: Vec<One> = (first..first + sets).into_par_iter().filter_map(one).collect();
    let n = found.len() as f64;
    let mean = |of: &dyn Fn(&One) -> f64| {
        let m = found.iter().map(of).sum::<f64>() / n;
        let v = found.iter().map(|f| (of(f) - m).powi(2)).sum::<f64>() / (n - 1.0);
        (m, (v / n).sqrt())
    };
    let better = |f: &One| f64::from(u8::from(f.better));
    println!(
        "{n} histories: better {:?}, claimed {:?}, difference {:?}",
        mean(&better),
        mean(&|f| f.claimed),
        mean(&|f| f.claimed - better(f))
    );
    println!(
        "gain {:?}, expected {:?}, difference {:?}",
        mean(&|f| f.gain),
        mean(&|f| f.expected),
        mean(&|f| f.expected - f.gain)
    );
    for (k, name) in ["response", "marginal", "retention"].iter().enumerate() {
        let ranks: Vec<f64> = found.iter().flat_map(|f| f.ranks.iter().map(|r| r[k])).collect();
        let mut tenths = [0; 10];
        ranks.iter().for_each(|r| tenths[((r * 10.0) as usize).min(9)] += 1);
        println!(
            "{name}: mean rank {:.3}, in tenths {tenths:?}",
            ranks.iter().sum::<f64>() / ranks.len() as f64
        );
    }
}
