//! Panels: what markets together say that their sum does not.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{Options, PanelFit, fit_panel};
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

    fn say(&mut self) -> String {
        let n = self.covered.len() as f64;
        let p = self.covered.iter().filter(|c| **c).count() as f64 / n;
        let mut means: Vec<f64> = self.error.clone();
        format!("error {:.3}, covers {:.1}%", quantile(&mut means, 0.5), 100.0 * p)
    }
}

/// `SETS` panels of one kind; `VARIATION`, `COMMON`, `FOLLOWS` say which.
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
    for seed in first..first + number("SETS", 10.0) as u64 {
        let nation = make(recipe, seed);
        let fit = fitted(&nation);
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
    println!("summed: {}", summed.say());
    println!("within: {}", within.say());
    println!("panel: {}", panel.say());
    println!("markets: {}", local.say());
    println!("flagged {} of {}", flagged.iter().filter(|f| **f).count(), flagged.len());
}
