//! Do fits find the truth, and do their intervals cover it?
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{Options, fit};
use rayon::prelude::*;
use simulation::{Recipe, World, joint, quantile, regret};

/// What one data set showed.
struct Outcome {
    errors: Vec<f64>,
    covered: Vec<bool>,
    regret: f64,
    central: f64,
    status_quo: f64,
    r_hat: f64,
    effective: f64,
}

fn study(recipe: Recipe, seeds: std::ops::Range<u64>) -> Vec<Outcome> {
    let one = |seed: u64| {
        let world = joint(recipe, seed);
        let fit = fit(&world.history, &world.tests, &Options::default()).unwrap();
        judge(&world, &fit)
    };
    seeds.into_par_iter().map(one).collect()
}

/// The same model and tests with a prior on returns so wide that it says
/// nothing, and the most probable point instead of the whole posterior.
fn reference(recipe: Recipe, seed: u64) -> Vec<f64> {
    let world = joint(recipe, seed);
    let options = Options {
        prior_width: 20.0,
        families: vec![outlay_curves::fit::Family::MichaelisMenten],
        carries: vec![outlay_curves::fit::Carry::Geometric],
        sampling: outlay_curves::fit::Sampling { chains: 0, ..Default::default() },
        ..Default::default()
    };
    let fit = fit(&world.history, &world.tests, &options).unwrap();
    let error = |((c, truth), mean): ((&outlay_curves::fit::ChannelFit, &outlay_curves::Curve), &f64)| {
        (c.central.marginal / truth.marginal(*mean) - 1.0).abs()
    };
    fit.channels.iter().zip(&world.truth).zip(&world.means).map(error).collect()
}

fn judge(world: &World, fit: &outlay_curves::fit::Fit) -> Outcome {
    let (mut errors, mut covered) = (vec![], vec![]);
    for ((channel, truth), &mean) in fit.channels.iter().zip(&world.truth).zip(&world.means) {
        let interval = channel.marginal(mean, 0.9);
        let true_marginal = truth.marginal(mean);
        errors.push((interval.median / true_marginal - 1.0).abs());
        covered.push(interval.low <= true_marginal && true_marginal <= interval.high);
    }
    let draws: Vec<Vec<_>> = (fit.channels.iter())
        .map(|c| c.draws.iter().step_by(8).map(|p| p.curve().unwrap()).collect())
        .collect();
    let mean = |i: usize, x: f64| {
        draws[i].iter().map(|c: &outlay_curves::Curve| c.marginal(x)).sum::<f64>() / draws[i].len() as f64
    };
    let (lost, status_quo) = regret(&world.truth, &world.means, &mean);
    let central: Vec<_> = fit.channels.iter().map(|c| c.central.curve().unwrap()).collect();
    let (by_centre, _) = regret(&world.truth, &world.means, &|i, x| central[i].marginal(x));
    let (r_hat, effective) = (fit.convergence.r_hat, fit.convergence.effective);
    Outcome { errors, covered, regret: lost, central: by_centre, status_quo, r_hat, effective }
}

fn report(name: &str, sets: &[Outcome]) -> (f64, f64, f64) {
    let mut errors: Vec<f64> = sets.iter().flat_map(|s| s.errors.clone()).collect();
    let covered: Vec<bool> = sets.iter().flat_map(|s| s.covered.clone()).collect();
    let coverage = covered.iter().filter(|c| **c).count() as f64 / covered.len() as f64;
    let regret = sets.iter().map(|s| s.regret).sum::<f64>() / sets.len() as f64;
    let central = sets.iter().map(|s| s.central).sum::<f64>() / sets.len() as f64;
    let worse = sets.iter().filter(|s| s.regret > s.status_quo).count() as f64 / sets.len() as f64;
    let quo = sets.iter().map(|s| s.status_quo).sum::<f64>() / sets.len() as f64;
    let mut hats: Vec<f64> = sets.iter().map(|s| s.r_hat).collect();
    let mut effective: Vec<f64> = sets.iter().map(|s| s.effective).collect();
    let median = quantile(&mut errors, 0.5);
    println!(
        "{name}: median error {median:.3}, p90 {:.2}; coverage {coverage:.3}; regret {:.2}% (central {:.2}%, status quo {:.2}%), worse {:.1}%; R-hat p95 {:.3}, ESS p5 {:.0}",
        quantile(&mut errors, 0.9),
        100.0 * regret,
        100.0 * central,
        100.0 * quo,
        100.0 * worse,
        quantile(&mut hats, 0.95),
        quantile(&mut effective, 0.05),
    );
    (median, coverage, regret)
}

const RECIPE: Recipe = Recipe { channels: 4, weeks: 104, correlation: 0.0, test_error: None, noise: 0.05 };

#[test]
#[ignore = "the whole study takes minutes"]
fn the_study() {
    let sets: u64 = std::env::var("SETS").ok().and_then(|s| s.parse().ok()).unwrap_or(200);
    for correlation in [0.0, 0.7] {
        for test_error in [None, Some(0.2)] {
            let recipe = Recipe { correlation, test_error, ..RECIPE };
            let start = std::time::Instant::now();
            let outcomes = study(recipe, 1..sets + 1);
            report(&format!("correlation {correlation}, tests {test_error:?}"), &outcomes);
            println!("  {:.2} s per set", start.elapsed().as_secs_f64() / sets as f64);
            let mut plain: Vec<f64> =
                (1..sets + 1).into_par_iter().flat_map(|s| reference(recipe, s)).collect();
            println!(
                "  plain reference: median error {:.3}, p90 {:.2}",
                quantile(&mut plain, 0.5),
                quantile(&mut plain, 0.9)
            );
        }
    }
}

#[test]
fn a_lift_test_per_channel_decides_the_margin() {
    let bare = report("bare", &study(Recipe { correlation: 0.7, ..RECIPE }, 1..6));
    let tested = report("tested", &study(Recipe { correlation: 0.7, test_error: Some(0.2), ..RECIPE }, 1..6));
    assert!(tested.0 < 0.2 && tested.0 < 0.7 * bare.0, "{tested:?} {bare:?}");
    assert!(tested.1 >= 0.75 && bare.1 >= 0.75, "coverage {tested:?} {bare:?}");
    assert!(tested.2 < 0.02, "regret {tested:?}");
}
