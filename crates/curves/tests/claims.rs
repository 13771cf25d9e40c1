//! What fits claim on histories outside the ordinary, against simulated truth.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{Fit, Options, Warning, fit};
use rayon::prelude::*;
use simulation::kinds::{Case, Kind, bought, make};
use simulation::quantile;

/// Shares of hits, errors and widths over channels and data sets.
#[derive(Default)]
struct Found {
    marginal: Vec<bool>,
    error: Vec<f64>,
    signed: Vec<f64>,
    width: Vec<f64>,
    /// What was achieved, where an average is claimed.
    achieved: Vec<bool>,
    unclaimed: usize,
    /// Response at the levels bought: truth in the band, exported curve in it.
    response: Vec<bool>,
    exported: Vec<bool>,
    straight: Vec<bool>,
}

impl Found {
    fn look(&mut self, case: &Case, fit: &Fit, first_only: bool) {
        for (i, (channel, truth)) in fit.channels.iter().zip(&case.truth).enumerate() {
            if first_only && i > 0 {
                break;
            }
            let at = channel.central.level;
            let (interval, right) = (channel.marginal(at, 0.9), truth.marginal(at));
            self.marginal.push((interval.low..=interval.high).contains(&right));
            self.error.push((interval.median / right - 1.0).abs());
            self.signed.push(interval.median / right - 1.0);
            self.width.push((interval.high - interval.low) / right);
            if channel.rises() {
                self.unclaimed += 1;
            } else {
                let achieved = channel.achieved(0.9);
                self.achieved.push((achieved.low..=achieved.high).contains(&truth.achieved));
            }
            for x in bought(channel) {
                let band = channel.response(x, 0.9);
                self.response.push((band.low..=band.high).contains(&(truth.curve)(x)));
                let exported = channel.expected.curve().unwrap().value(x);
                self.exported.push((band.low..=band.high).contains(&exported));
            }
            self.straight.push(channel.warnings.iter().any(|w| matches!(w, Warning::StraightLine { .. })));
        }
    }

    fn say(&mut self, name: &str) {
        let share = |v: &[bool]| {
            let p = v.iter().filter(|b| **b).count() as f64 / v.len().max(1) as f64;
            format!("{:.1}% ± {:.1}", 100.0 * p, 100.0 * (p * (1.0 - p) / v.len().max(1) as f64).sqrt())
        };
        println!(
            "{name}: marginal covered {}, median error {:.3}, bias {:+.3}, width {:.2}; achieved covered {} (not claimed {}); response covered {}; exported in its band {}; straight {}",
            share(&self.marginal),
            quantile(&mut self.error, 0.5),
            quantile(&mut self.signed, 0.5),
            quantile(&mut self.width, 0.5),
            share(&self.achieved),
            self.unclaimed,
            share(&self.response),
            share(&self.exported),
            share(&self.straight),
        );
    }
}

fn study(kind: Kind, seeds: std::ops::Range<u64>, first_only: bool) -> Found {
    let fits: Vec<(Case, Fit)> = seeds
        .into_par_iter()
        .map(|seed| {
            let case = make(kind, seed);
            let fit = fit(&case.history, &case.tests, &Options::default()).unwrap();
            (case, fit)
        })
        .collect();
    let mut found = Found::default();
    fits.iter().for_each(|(case, fit)| found.look(case, fit, first_only));
    found
}

/// `SETS` data sets a kind, from seed `FIRST` on; `KIND` runs those alone whose name it
/// begins.
#[test]
#[ignore = "the whole study takes minutes"]
fn the_study() {
    let given = |name: &str| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    let (first, sets) = (given("FIRST").unwrap_or(1), given("SETS").unwrap_or(100));
    let only = std::env::var("KIND").unwrap_or_default();
    let kinds = [
        (Kind::Plain, false),
        (Kind::Days, false),
        (Kind::Flights(2), true),
        (Kind::Flights(6), true),
        (Kind::Flights(12), true),
        (Kind::Outlier(1.5), false),
        (Kind::Outlier(40.0), false),
        (Kind::Exposure, true),
        (Kind::Rising, false),
        (Kind::Straight, false),
        (Kind::Long, false),
        (Kind::Regional(0.2), true),
    ];
    for (kind, first_only) in kinds {
        let name = format!("{kind:?}");
        if name.starts_with(&only) {
            study(kind, first..first + sets, first_only).say(&name);
        }
    }
}
