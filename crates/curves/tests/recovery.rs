//! Do fits find the truth, and do their intervals cover it?
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{
    Carry, ChannelFit, Control, Family, Fit, History, LiftTest, Options, Sampling, Warning, fit, fit_watched,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use simulation::{Recipe, World, joint, quantile, regret};

/// What one data set showed.
struct Outcome {
    errors: Vec<f64>,
    covered: Vec<bool>,
    regret: f64,
    by_draws: f64,
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
        families: vec![Family::MichaelisMenten],
        carries: vec![Carry::Geometric],
        sampling: Sampling { chains: 0, ..Default::default() },
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
    // The plan made with the curves that a library carries, and with draws.
    let expected: Vec<_> = fit.channels.iter().map(|c| c.expected.curve().unwrap()).collect();
    let (lost, status_quo) = regret(&world.truth, &world.means, &|i, x| expected[i].marginal(x));
    let draws: Vec<Vec<_>> = (fit.channels.iter())
        .map(|c| c.draws.iter().step_by(8).map(|p| p.curve().unwrap()).collect())
        .collect();
    let mean = |i: usize, x: f64| {
        draws[i].iter().map(|c: &outlay_curves::Curve| c.marginal(x)).sum::<f64>() / draws[i].len() as f64
    };
    let (by_draws, _) = regret(&world.truth, &world.means, &mean);
    let trust = fit.outcomes[0].convergence;
    let (r_hat, effective) = (trust.r_hat, trust.effective);
    Outcome { errors, covered, regret: lost, by_draws, status_quo, r_hat, effective }
}

/// Median error, coverage, mean regret and share of plans worse than today's.
fn figures(sets: &[&Outcome]) -> [f64; 4] {
    let mut errors: Vec<f64> = sets.iter().flat_map(|s| s.errors.clone()).collect();
    let covered: Vec<bool> = sets.iter().flat_map(|s| s.covered.clone()).collect();
    let n = sets.len() as f64;
    [
        quantile(&mut errors, 0.5),
        covered.iter().filter(|c| **c).count() as f64 / covered.len() as f64,
        sets.iter().map(|s| s.regret).sum::<f64>() / n,
        sets.iter().filter(|s| s.regret > s.status_quo).count() as f64 / n,
    ]
}

fn report(name: &str, sets: &[Outcome]) -> Found {
    let all: Vec<&Outcome> = sets.iter().collect();
    let found = figures(&all);
    // Standard errors from data sets drawn again (bootstrap): channels of one
    // set are off together.
    let mut random = Pcg64::seed_from_u64(1);
    let mut drawn = || -> [f64; 4] {
        let again: Vec<&Outcome> = (0..sets.len()).map(|_| all[random.random_range(0..sets.len())]).collect();
        figures(&again)
    };
    let again: Vec<[f64; 4]> = (0..200).map(|_| drawn()).collect();
    let error = |j: usize| {
        let mean = again.iter().map(|f| f[j]).sum::<f64>() / 200.0;
        (again.iter().map(|f| (f[j] - mean).powi(2)).sum::<f64>() / 199.0).sqrt()
    };
    let found = Found { figures: found, errors: [error(0), error(1), error(2), error(3)] };
    let mean = |of: fn(&Outcome) -> f64| 100.0 * sets.iter().map(of).sum::<f64>() / sets.len() as f64;
    let mut hats: Vec<f64> = sets.iter().map(|s| s.r_hat).collect();
    let mut effective: Vec<f64> = sets.iter().map(|s| s.effective).collect();
    let ([median, coverage, regret, worse], off) = (found.figures, found.errors);
    println!(
        "{name}: median error {median:.3} ± {:.3}; coverage {:.1}% ± {:.1}; regret {:.2}% ± {:.2} (by draws {:.2}%, status quo {:.2}%), worse {:.1}% ± {:.1}; R-hat p95 {:.3}, ESS p5 {:.0}",
        off[0],
        100.0 * coverage,
        100.0 * off[1],
        100.0 * regret,
        100.0 * off[2],
        mean(|s| s.by_draws),
        mean(|s| s.status_quo),
        100.0 * worse,
        100.0 * off[3],
        quantile(&mut hats, 0.95),
        quantile(&mut effective, 0.05),
    );
    found
}

/// What a study found, over all its data sets: [`figures`] and their standard
/// errors.
#[derive(Debug)]
struct Found {
    figures: [f64; 4],
    errors: [f64; 4],
}

impl Found {
    /// What is asked of a fit, to within two standard errors: few data sets may
    /// lie to either side of what many would show.
    fn meets(&self, tested: bool, correlation: f64) {
        let low = |j: usize| self.figures[j] - 2.0 * self.errors[j];
        let high = |j: usize| self.figures[j] + 2.0 * self.errors[j];
        assert!(low(1) <= 0.95 && high(1) >= 0.85, "{self:?}");
        if tested {
            assert!(low(0) <= 0.13 && low(2) <= 0.007 && low(3) <= 0.06, "{self:?}");
        } else {
            assert!(low(0) < if correlation > 0.0 { 0.45 } else { 0.33 }, "{self:?}");
        }
    }
}

const RECIPE: Recipe = Recipe { channels: 4, weeks: 104, correlation: 0.0, test_error: None, noise: 0.05 };

/// `SETS` data sets per cell, from seed `FIRST` on; `CELL` runs one of the four alone.
#[test]
#[ignore = "the whole study takes minutes"]
fn the_study() {
    let given = |name: &str| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    let (first, only) = (given("FIRST").unwrap_or(1), given("CELL"));
    let seeds = first..first + given("SETS").unwrap_or(200);
    let cells = [(0.0, None), (0.0, Some(0.2)), (0.7, None), (0.7, Some(0.2))];
    for (_, (correlation, test_error)) in (1..).zip(cells).filter(|c| only.is_none_or(|o| o == c.0)) {
        let recipe = Recipe { correlation, test_error, ..RECIPE };
        let name = format!("correlation {correlation}, tests {test_error:?}");
        let found = report(&name, &study(recipe, seeds.clone()));
        let mut plain: Vec<f64> = seeds.clone().into_par_iter().flat_map(|s| reference(recipe, s)).collect();
        println!(
            "  plain reference: median error {:.3}, p90 {:.2}",
            quantile(&mut plain, 0.5),
            quantile(&mut plain, 0.9)
        );
        found.meets(test_error.is_some(), correlation);
    }
}

#[test]
fn a_lift_test_per_channel_decides_the_margin() {
    let bare = report("bare", &study(Recipe { correlation: 0.7, ..RECIPE }, 1..6));
    let tested = report("tested", &study(Recipe { correlation: 0.7, test_error: Some(0.2), ..RECIPE }, 1..6));
    let ([median, coverage, regret, worse], plain) = (tested.figures, bare.figures);
    assert!(median < 0.2 && median < 0.7 * plain[0], "{tested:?} {bare:?}");
    assert!(coverage >= 0.75 && plain[1] >= 0.75, "coverage {tested:?} {bare:?}");
    assert!(regret < 0.02 && worse <= 0.2, "regret {tested:?}");
}

fn quick() -> Options {
    Options {
        families: vec![Family::MichaelisMenten],
        carries: vec![Carry::Geometric],
        sampling: Sampling { chains: 2, warm_up: 100, draws: 100, seed: 1 },
        ..Options::default()
    }
}

fn warned(history: &History, channel: usize, is: fn(&Warning) -> bool) -> bool {
    let fit = fit(history, &[], &quick()).unwrap();
    fit.channels[channel].warnings.iter().any(is)
}

#[test]
fn an_odd_period_is_named() {
    let mut history = joint(RECIPE, 11).history;
    assert!(!warned(&history, 0, |w| matches!(w, Warning::OddPeriods { .. })));
    let outcome = history.outcome.as_mut().unwrap();
    outcome[50] *= 1.6;
    assert!(warned(&history, 0, |w| matches!(w, Warning::OddPeriods { period: 50, z, .. } if *z > 5.0)));
}

/// Every unit spent on a channel brings fifteen: hard to believe in money, and
/// nothing to wonder at where the outcome is a number of something.
#[test]
fn a_return_that_is_hard_to_believe_is_named() {
    let mut history = joint(RECIPE, 11).history;
    history.outcome_is_money = true;
    let high = |w: &Warning| matches!(w, Warning::HighReturn { .. });
    assert!((0..4).all(|channel| !warned(&history, channel, high)));
    let spend = history.channels[0].spend.clone();
    let outcome = history.outcome.as_mut().unwrap();
    outcome.iter_mut().zip(&spend).for_each(|(y, x)| *y += 15.0 * x);
    assert!(warned(
        &history,
        0,
        |w| matches!(w, Warning::HighReturn { value } if (8.0..25.0).contains(value))
    ));
    assert!((1..4).all(|channel| !warned(&history, channel, high)));
    history.outcome_is_money = false;
    assert!(!warned(&history, 0, high));
}

/// Spend in dollars beside revenue in thousands of them.
#[test]
fn units_that_do_not_go_together_are_named() {
    let mut history = joint(RECIPE, 11).history;
    let low =
        |w: &Warning| matches!(w, Warning::LowReturn { value, spent } if *value < 0.05 && *spent > 10.0);
    assert!((0..4).all(|channel| !warned(&history, channel, low)));
    history.outcome.as_mut().unwrap().iter_mut().for_each(|y| *y /= 1000.0);
    assert!((0..4).all(|channel| warned(&history, channel, low)));
    history.outcome_is_money = false;
    assert!((0..4).all(|channel| !warned(&history, channel, low)));
}

#[test]
fn spend_that_something_else_drives_is_named() {
    let plain = joint(RECIPE, 12).history;
    let season = |w: &Warning| matches!(w, Warning::FollowsBaseline { .. });
    let demand = |w: &Warning| matches!(w, Warning::FollowsOutcome { .. });
    assert!(!warned(&plain, 0, season) && !warned(&plain, 0, demand));
    let mut seasonal = plain.clone();
    for (t, x) in seasonal.channels[0].spend.iter_mut().enumerate() {
        *x = 0.05 * *x + 10_000.0 * (1.5 + (std::f64::consts::TAU * t as f64 / 52.18).sin());
    }
    assert!(warned(&seasonal, 0, season));
    let mut driven = plain;
    let outcome = driven.outcome.clone().unwrap();
    let mean = outcome.iter().sum::<f64>() / outcome.len() as f64;
    for t in 1..outcome.len() {
        driven.channels[0].spend[t] *= (4.0 * (outcome[t - 1] / mean - 1.0)).exp();
    }
    assert!(warned(&driven, 0, demand));
}

#[test]
fn a_control_that_the_spend_moves_is_named() {
    let mut history = joint(RECIPE, 12).history;
    let n = history.periods();
    let chance = |t: usize| (t as f64 * t as f64 * 0.37).sin();
    let own = Control { name: "price".to_owned(), values: (0..n).map(chance).collect() };
    let spend = &history.channels[0].spend;
    let mean = spend.iter().sum::<f64>() / n as f64;
    let moved = (0..n).map(|t| 1000.0 + 100.0 * (spend[t] / mean + 0.5 * chance(t))).collect();
    history.controls = vec![own, Control { name: "brand searches".to_owned(), values: moved }];
    let fit = fit(&history, &[], &quick()).unwrap();
    let named = |channel: usize| -> Vec<String> {
        let of = |w: &Warning| match w {
            Warning::ControlFollows { control, .. } => Some(control.clone()),
            _ => None,
        };
        fit.channels[channel].warnings.iter().filter_map(of).collect()
    };
    assert_eq!(named(0), ["brand searches"]);
    assert!((1..4).all(|channel| named(channel).is_empty()));
}

#[test]
fn a_season_seen_once_is_named_and_progress_ends() {
    let history = joint(Recipe { weeks: 70, ..RECIPE }, 13).history;
    let shares = std::sync::Mutex::new(Vec::new());
    let fit = fit_watched(&history, &[], &quick(), &|share| shares.lock().unwrap().push(share)).unwrap();
    let short = |w: &Warning| matches!(w, Warning::ShortHistory { years } if *years < 1.5);
    assert!(fit.channels.iter().all(|c| c.warnings.iter().any(short)));
    let shares = shares.into_inner().unwrap();
    assert!(shares.len() > 10 && shares.iter().all(|s| (0.0..=1.0).contains(s)));
    assert!(shares.iter().copied().fold(0.0, f64::max) > 0.95, "{shares:?}");
}

/// Two channels that hardly vary, each with spend of a third of the outcome:
/// history says next to nothing of what they earn.
fn steady(seed: u64) -> (History, Vec<LiftTest>) {
    let world = joint(Recipe { channels: 2, test_error: Some(0.1), ..RECIPE }, seed);
    let (mut history, mut tests) = (world.history, world.tests);
    let outcome: f64 = history.outcome.iter().flatten().sum();
    let level = 0.33 * outcome / history.periods() as f64;
    for (i, (channel, test)) in history.channels.iter_mut().zip(&mut tests).enumerate() {
        let wave = |t: usize| level * (1.0 + 0.02 * (t as f64 * (1.3 + i as f64)).sin());
        channel.spend = (0..channel.spend.len()).map(wave).collect();
        (test.spend, test.delta) = (level, 0.5 * level);
    }
    (history, tests)
}

fn named_above(found: &Fit) -> usize {
    let above = |w: &Warning| matches!(w, Warning::AboveOutcome { probability } if *probability > 0.5);
    found.channels.iter().filter(|c| c.warnings.iter().any(above)).count()
}

#[test]
fn channels_earn_no_more_than_there_was() {
    let (history, _) = steady(14);
    let outcome: f64 = history.outcome.iter().flatten().sum();
    let found = fit(&history, &[], &quick()).unwrap();
    let earned = |d: usize| -> f64 {
        let one = |c: &ChannelFit| c.draws[d].earned(&c.spend, c.before).iter().sum::<f64>();
        found.channels.iter().map(one).sum::<f64>() / outcome
    };
    let mut shares: Vec<f64> = (0..found.channels[0].draws.len()).map(earned).collect();
    let (high, largest) = (quantile(&mut shares, 0.9), quantile(&mut shares, 1.0));
    println!("{} draws, p90 {high}, largest {largest}, beyond {}", shares.len(), found.outcomes[0].beyond);
    assert!(largest <= 1.0 + 1e-9 && high > 0.8 && shares.len() > 100);
    assert!((0.02..0.5).contains(&found.outcomes[0].beyond));
    assert_eq!(named_above(&found), 0);
}

/// Tests that say three and a half times what was spent, which is more than
/// twice the outcome.
#[test]
fn tests_that_want_more_than_the_outcome_are_named() {
    let (history, mut tests) = steady(15);
    for test in &mut tests {
        test.lift = 3.5 * test.delta * test.periods as f64;
        test.standard_error = 0.1 * test.lift;
    }
    let found = fit(&history, &tests, &quick()).unwrap();
    assert_eq!(named_above(&found), 2, "{}", found.outcomes[0].beyond);
}
