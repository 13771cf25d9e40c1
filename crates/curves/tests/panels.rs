//! Panels: what markets together say that their sum does not.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{
    Carry, Family, FitError, Interval, Options, PanelFit, Sampling, Warning, fit_panel,
};
use rand::{RngExt, SeedableRng};
use simulation::panels::{Nation, RECIPE, Recipe, make};
use simulation::quantile;

fn fitted(nation: &Nation) -> PanelFit {
    fit_panel(&nation.history, &nation.panel, &[], &Options::default(), (&|_| (), &|| false)).unwrap()
}

/// Errors and hits over channels and data sets.
#[derive(Default)]
struct Found {
    error: Vec<f64>,
    covered: Vec<bool>,
}

impl Found {
    fn look(&mut self, interval: outlay_curves::fit::Interval, truth: f64) {
        self.error.push((interval.median / truth - 1.0).abs());
        self.covered.push((interval.low..=interval.high).contains(&truth));
    }

    /// Median error and coverage, with standard errors from data sets drawn again
    /// (bootstrap): what is found in one set is off together.
    fn say(&self, sets: usize) -> String {
        let size = self.error.len() / sets;
        let figures = |which: &[usize]| {
            let of = |set: &usize| set * size..(set + 1) * size;
            let mut errors: Vec<f64> = which.iter().flat_map(|s| self.error[of(s)].to_vec()).collect();
            let hits = which.iter().flat_map(|s| &self.covered[of(s)]).filter(|c| **c).count();
            [quantile(&mut errors, 0.5), 100.0 * hits as f64 / errors.len() as f64]
        };
        let found = figures(&(0..sets).collect::<Vec<_>>());
        let mut random = rand_pcg::Pcg64::seed_from_u64(1);
        let mut again = || figures(&(0..sets).map(|_| random.random_range(0..sets)).collect::<Vec<_>>());
        let drawn: Vec<[f64; 2]> = (0..200).map(|_| again()).collect();
        let deviation = |j: usize| {
            let mean = drawn.iter().map(|f| f[j]).sum::<f64>() / 200.0;
            (drawn.iter().map(|f| (f[j] - mean).powi(2)).sum::<f64>() / 199.0).sqrt()
        };
        let [error, covers] = found;
        format!("error {error:.3} ± {:.3}, covers {covers:.1} ± {:.1}%", deviation(0), deviation(1))
    }
}

const SMALL: Recipe = Recipe { markets: 12, weeks: 70, ..RECIPE };

/// Cheap: the carry-over that the panels have, one family, few draws.
fn quick(nation: &Nation) -> PanelFit {
    let options = Options {
        families: vec![Family::MichaelisMenten],
        carries: vec![Carry::Geometric],
        sampling: Sampling { chains: 2, warm_up: 60, draws: 120, seed: 1 },
        ..Options::default()
    };
    fit_panel(&nation.history, &nation.panel, &[], &options, (&|_| (), &|| false)).unwrap()
}

#[test]
fn markets_that_differ_say_more_than_their_sum() {
    let nation = make(Recipe { ragged: true, variation: 0.5, common: 0.97, ..SMALL }, 4);
    let fit = quick(&nation);
    assert!(!fit.agreement.clear, "{:?}", fit.agreement);
    let width = |i: Interval| (i.high / i.low).ln();
    for (e, truth) in fit.estimates.iter().zip(&nation.marginal) {
        assert!(width(e.panel) < 0.7 * width(e.summed), "{e:?}");
        let off = (e.panel.median / truth).ln();
        assert!(off.abs() < width(e.panel), "{e:?} {truth}");
    }
    assert!(fit.common > 0.4 && fit.between < 0.5, "{} {}", fit.common, fit.between);
    // The nation's curves are the sum of the markets', draw by draw.
    for (c, channel) in fit.fit.channels.iter().enumerate() {
        let all: Vec<_> = fit.markets.iter().filter_map(|m| m.channels.iter().find(|x| x.0 == c)).collect();
        let level = channel.central.level;
        let sum: f64 = all.iter().map(|(_, m)| m.draws[0].level * m.draws[0].marginal).sum();
        assert!((sum / (level * channel.draws[0].marginal) - 1.0).abs() < 1e-6, "{sum}");
    }
}

#[test]
fn local_spend_that_follows_local_demand_is_found_out() {
    let nation = make(Recipe { follows: 0.5, common: 0.5, ..SMALL }, 2);
    let fit = quick(&nation);
    assert!(fit.agreement.clear && fit.agreement.ratio > 1.5, "{:?}", fit.agreement);
    for (channel, e) in fit.fit.channels.iter().zip(&fit.estimates) {
        assert!(channel.warnings.iter().any(|w| matches!(w, Warning::MarketsContradict { .. })));
        assert_eq!(channel.marginal(channel.central.level, 0.9), e.summed);
    }
}

#[test]
fn a_panel_that_does_not_fit_its_history_is_refused() {
    let nation = make(Recipe { markets: 3, weeks: 30, ..RECIPE }, 1);
    let fails = |change: &dyn Fn(&mut Nation)| {
        let mut nation = make(Recipe { markets: 3, weeks: 30, ..RECIPE }, 1);
        change(&mut nation);
        let heard: (&(dyn Fn(f64) + Sync), &(dyn Fn() -> bool + Sync)) = (&|_| (), &|| false);
        fit_panel(&nation.history, &nation.panel, &[], &Options::default(), heard).unwrap_err()
    };
    assert_eq!(fails(&|n| n.panel.spend[(1, 2, 0)] = -1.0), FitError::Panel);
    assert_eq!(fails(&|n| n.panel.outcome[(0, 3)] = f64::NAN), FitError::Panel);
    assert_eq!(fails(&|n| n.panel.heads = Some(vec![1.0, 0.0, 2.0])), FitError::Panel);
    assert_eq!(fails(&|n| drop(n.panel.markets.pop())), FitError::FewMarkets { markets: 2 });
    assert_eq!(nation.panel.periods(), 30);
}

/// `SETS` panels of one kind; `VARIATION`, `COMMON`, `FOLLOWS` say which.
/// `QUICK=1` knows the family and the kind of carry-over.
#[test]
#[ignore = "the whole study takes minutes"]
fn study() {
    let number = |name: &str, otherwise: f64| {
        std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
    };
    let recipe = Recipe {
        variation: number("VARIATION", RECIPE.variation),
        common: number("COMMON", RECIPE.common),
        follows: number("FOLLOWS", 0.0),
        ragged: number("RAGGED", 0.0) > 0.0,
        ..RECIPE
    };
    let (mut summed, mut within, mut panel, mut local) = <(Found, Found, Found, Found)>::default();
    let mut flagged = Vec::new();
    let first = number("FIRST", 0.0) as u64;
    let cheap = number("QUICK", 0.0) > 0.0;
    for seed in first..first + number("SETS", 10.0) as u64 {
        let nation = make(recipe, seed);
        let fit = if cheap { quick(&nation) } else { fitted(&nation) };
        for (c, e) in fit.estimates.iter().enumerate() {
            summed.look(e.summed, nation.marginal[c]);
            within.look(e.within, nation.marginal[c]);
            panel.look(e.panel, nation.marginal[c]);
        }
        for (g, market) in fit.markets.iter().enumerate() {
            for (c, curve) in &market.channels {
                local.look(curve.marginal(0.9), nation.local[g][*c]);
            }
        }
        flagged.push(fit.agreement.clear);
        println!(
            "{seed}: p {:.3}, ratio {:.2}, between {:.2}, common {:.2}; {:?}",
            fit.agreement.probability,
            fit.agreement.ratio,
            fit.between,
            fit.common,
            fit.fit.outcomes[0].convergence
        );
    }
    let sets = flagged.len();
    println!("summed: {}", summed.say(sets));
    println!("within: {}", within.say(sets));
    println!("panel: {}", panel.say(sets));
    println!("markets: {}", local.say(sets));
    println!("flagged {} of {}", flagged.iter().filter(|f| **f).count(), flagged.len());
}
