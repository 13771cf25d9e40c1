//! Fits of one channel to its own outcome: 52 weeks, 10% noise.
//!
//! The reference errors are those of bounded least squares on the same kind
//! of data, by largest spend over the true half-saturation.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::Curve;
use outlay_curves::fit::{Carry, Channel, Family, History, Options, Sampling, fit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use simulation::{normal, quantile};

fn history(truth: &Curve, max: f64, seed: u64) -> History {
    let mut random = Pcg64::seed_from_u64(seed);
    let spend: Vec<f64> = (0..52).map(|_| max * (0.05 + 0.95 * random.random::<f64>())).collect();
    let outcome =
        spend.iter().map(|&x| (truth.value(x) * (1.0 + 0.1 * normal(&mut random))).max(0.0)).collect();
    let channel = Channel { name: "search".into(), spend, outcome: Some(outcome), incrementality: None };
    History {
        periods_per_year: 52.18,
        year_fraction: 0.0,
        channels: vec![channel],
        outcome: None,
        outcome_is_money: true,
        controls: Vec::new(),
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
        let mean = channel.central.mean;
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
    table(200, 100.0);
}
