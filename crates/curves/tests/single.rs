//! Fits of one channel to its own outcome: 52 weeks, 10% noise.
//!
//! The reference errors are those of bounded least squares on the same kind
//! of data, by largest spend over the true half-saturation.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::Curve;
use outlay_curves::fit::{
    Carry, Channel, Family, History, Incrementality, LiftTest, Options, Sampling, Warning, fit,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use simulation::{normal, quantile};

fn history(truth: &Curve, max: f64, seed: u64) -> History {
    let mut random = Pcg64::seed_from_u64(seed);
    let spend: Vec<f64> = (0..52).map(|_| max * (0.05 + 0.95 * random.random::<f64>())).collect();
    let outcome =
        spend.iter().map(|&x| (truth.value(x) * (1.0 + 0.1 * normal(&mut random))).max(0.0)).collect();
    let channel = Channel { name: "search".into(), spend, outcome: Some(outcome), ..Channel::default() };
    History {
        periods_per_year: 52.18,
        year_fraction: 0.0,
        channels: vec![channel],
        outcome: None,
        outcome_is_money: true,
        ..History::default()
    }
}

/// Median relative errors of half-saturation, slope at mean spend and
/// response at 1.5 times the largest spend; coverage of the slope.
fn errors(truth: &Curve, family: Family, max: f64, sets: u64) -> [f64; 4] {
    let options = Options {
        families: vec![family],
        carries: vec![Carry::None],
        sampling: Sampling { chains: 2, ..Sampling::default() },
        ..Options::default()
    };
    let one = |seed: u64| {
        let history = history(truth, max, seed);
        let channel = fit(&history, &[], &options).unwrap().channels.remove(0);
        let mean = channel.central.level;
        let half = (channel.central.ln_half.exp() * mean / truth.typical_spend() - 1.0).abs();
        let slope = channel.marginal(mean, 0.9);
        let beyond = channel.response(1.5 * max, 0.9).median;
        let covered = slope.low <= truth.marginal(mean) && truth.marginal(mean) <= slope.high;
        [
            half,
            (slope.median / truth.marginal(mean) - 1.0).abs(),
            (beyond / truth.value(1.5 * max) - 1.0).abs(),
            f64::from(u8::from(covered)),
        ]
    };
    let all: Vec<[f64; 4]> = (1..sets + 1).into_par_iter().map(one).collect();
    let median = |j: usize| quantile(&mut all.iter().map(|e| e[j]).collect::<Vec<_>>(), 0.5);
    let covered = all.iter().map(|e| e[3]).sum::<f64>() / sets as f64;
    [median(0), median(1), median(2), covered]
}

fn table(sets: u64, slack: f64) {
    let michaelis_menten = Curve::michaelis_menten(1000.0, 100.0).unwrap();
    let hill = Curve::hill(1000.0, 100.0, 1.5).unwrap();
    let references = [
        (25.0, [0.29, 0.04, 0.04], [0.73, 0.03, 0.06]),
        (100.0, [0.15, 0.06, 0.03], [0.30, 0.03, 0.06]),
        (400.0, [0.15, 0.11, 0.02], [0.12, 0.14, 0.04]),
    ];
    for (max, first, second) in references {
        for (truth, family, reference) in
            [(&michaelis_menten, Family::MichaelisMenten, first), (&hill, Family::Hill, second)]
        {
            let found = errors(truth, family, max, sets);
            println!("{} max/k {}: {found:.3?} against {reference:?}", family.name(), max / 100.0);
            for j in 0..3 {
                assert!(
                    found[j] <= slack * reference[j],
                    "{family:?}, {max}: {found:?} against {reference:?}"
                );
            }
            assert!(found[3] >= 0.7, "{family:?}, {max}: covers {}", found[3]);
        }
    }
}

#[test]
fn one_channel_is_recovered_as_well_as_by_least_squares() {
    table(20, 2.0);
}

#[test]
#[ignore = "takes a minute"]
fn one_channel_study() {
    table(200, 1.1);
}

fn quick() -> Options {
    Options {
        families: vec![Family::MichaelisMenten],
        carries: vec![Carry::None],
        sampling: Sampling { chains: 2, ..Sampling::default() },
        ..Options::default()
    }
}

/// A test of half as much again for four weeks, `factor` times as effective
/// as what is attributed.
fn test(truth: &Curve, spend: f64, factor: f64, error: f64) -> LiftTest {
    let lift = 4.0 * factor * (truth.value(1.5 * spend) - truth.value(spend));
    LiftTest {
        channel: "search".into(),
        periods: 4,
        spend,
        delta: 0.5 * spend,
        lift,
        standard_error: error * lift,
        first: None,
    }
}

#[test]
fn a_lift_test_narrows_the_incrementality_factor() {
    let truth = Curve::michaelis_menten(1000.0, 100.0).unwrap();
    let mut history = history(&truth, 100.0, 3);
    history.channels[0].incrementality = Some(Incrementality { factor: 0.5, standard_error: 0.2 });
    let slope = |tests: &[LiftTest]| {
        let channel = fit(&history, tests, &quick()).unwrap().channels.remove(0);
        let interval = channel.marginal(50.0, 0.9);
        (interval.low, interval.median, interval.high)
    };
    let attributed = truth.marginal(50.0);
    let (low, stated, high) = slope(&[]);
    assert!((stated / attributed / 0.5 - 1.0).abs() < 0.1 && high / low > 2.5, "{low} {stated} {high}");
    // Measured: 0.7 of what is attributed, to 5%.
    let (low, measured, high) = slope(&[test(&truth, 50.0, 0.7, 0.05)]);
    assert!((measured / attributed / 0.7 - 1.0).abs() < 0.1 && high / low < 1.5, "{low} {measured} {high}");
}

#[test]
fn lift_tests_that_contradict_are_shown() {
    let truth = Curve::michaelis_menten(1000.0, 100.0).unwrap();
    let history = history(&truth, 100.0, 4);
    let found = |tests: &[LiftTest]| {
        let fit = fit(&history, tests, &quick()).unwrap();
        let conflicts = |w: &Warning| matches!(w, Warning::Conflict { .. } | Warning::TestsDisagree { .. });
        (fit.channels[0].warnings.iter().filter(|w| conflicts(w)).cloned().collect::<Vec<_>>(), fit.tests)
    };
    let agreeing = [test(&truth, 50.0, 1.0, 0.1), test(&truth, 60.0, 1.0, 0.1)];
    assert_eq!(found(&agreeing).0, []);
    let (warnings, tests) = found(&[test(&truth, 50.0, 1.0, 0.1), test(&truth, 60.0, 3.0, 0.1)]);
    let disagree = |w: &&Warning| matches!(w, Warning::TestsDisagree { .. });
    assert!(warnings.iter().any(|w| matches!(w, Warning::Conflict { z, .. } if *z > 2.0)), "{warnings:?}");
    assert!(warnings.iter().filter(disagree).count() >= 1, "{warnings:?}");
    // The other test is not in the expectation that it is compared with.
    assert!(tests[1].history.value < 0.5 * tests[1].measured && tests[1].others.is_some());
}

#[test]
fn one_channel_is_predicted_ahead_of_last_year() {
    let truth = Curve::michaelis_menten(1000.0, 100.0).unwrap();
    let mut history = history(&truth, 400.0, 5);
    // What is attributed differs from period to period by what was spent.
    let fit = fit(&history, &[], &quick()).unwrap();
    let hold_out = fit.outcome_of(0).unwrap().hold_out.unwrap();
    assert_eq!(hold_out.periods, 12);
    assert!(hold_out.error < 0.2 && hold_out.error < hold_out.naive, "{hold_out:?}");
    history.channels[0].spend.truncate(20);
    history.channels[0].outcome.as_mut().unwrap().truncate(20);
    let short = outlay_curves::fit::fit(&history, &[], &quick()).unwrap();
    assert_eq!(short.outcome_of(0).unwrap().hold_out, None);
}
