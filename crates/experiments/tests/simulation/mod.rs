//! Panels whose truth is known: markets over two orders of magnitude in size,
//! a common season and common shocks that they follow more or less, noise of
//! their own that is larger in small markets and lasts, media that saturate and
//! carry over, one market with a season and a promotion of its own, and one
//! whose trend breaks.
#![allow(dead_code, unreachable_pub)]

use outlay_experiments::{Panel, Test};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

pub const MARKETS: usize = 40;
pub const BEFORE: usize = 60;
pub const LENGTH: usize = 6;

/// A panel and what its test really earned.
pub struct Simulated {
    pub panel: Panel,
    pub test: Test,
    /// Change of the treated markets' outcome in the test.
    pub lift: f64,
    /// What they would have earned without it.
    pub counterfactual: f64,
    /// Change of their spend.
    pub spend: f64,
}

/// `multiple` is what the treated markets' spend is multiplied by in the test.
pub fn panel(seed: u64, multiple: f64, treated: Option<&[usize]>) -> Simulated {
    let mut random = Pcg64::seed_from_u64(seed.wrapping_mul(7919) + 17);
    let mut normal = |sd: f64| sd * random.sample::<f64, _>(StandardNormal);
    let periods = BEFORE + LENGTH;
    let phase = std::f64::consts::TAU * (normal(1.0).abs() % 1.0);
    let season: Vec<f64> = (0..periods)
        .map(|t| {
            let angle = std::f64::consts::TAU * t as f64 / 52.0;
            0.15 * (angle + phase).sin() + 0.05 * (2.0 * angle + 3.0 * phase).sin()
        })
        .collect();
    let mut shocks = vec![0.0; periods];
    for t in 0..periods {
        shocks[t] = 0.7 * if t > 0 { shocks[t - 1] } else { 0.0 } + normal(0.03);
    }
    let mut sizes: Vec<f64> = Vec::new();
    let (mut base, mut spend) = (Vec::new(), Vec::new());
    let odd = (seed % 40) as usize;
    let broken = ((seed / 3 + 11) % 40) as usize;
    for i in 0..MARKETS {
        let size = 10f64.powf(3.3 + 2.0 * ((i as f64 + 0.5 + normal(0.2)) / MARKETS as f64).clamp(0.0, 1.0));
        let load = (1.0 + normal(0.25)).clamp(0.3, 1.8);
        let follows = (1.0 + normal(0.3)).clamp(0.2, 2.0);
        let trend = normal(0.001);
        let sd = 0.02 + 0.05 * (size / 1e4).powf(-0.3);
        let intensity = 0.05 * normal(0.25).exp();
        let mut own = normal(sd) / 0.84f64.sqrt();
        let (mut y, mut x) = (Vec::new(), Vec::new());
        for t in 0..periods {
            if t > 0 {
                own = 0.4 * own + normal(sd);
            }
            let mut log = trend * t as f64 + load * season[t] + follows * shocks[t] + own;
            if i == odd {
                log -= 1.6 * season[t];
                log += if (20..23).contains(&t) { 0.47 } else { 0.0 };
            }
            if i == broken && t >= 50 {
                log -= 0.012 * (t - 49) as f64;
            }
            y.push(size * log.exp());
            x.push(size * intensity * (0.5 * load * season[t] + normal(0.08)).exp());
        }
        sizes.push(size);
        base.push(y);
        spend.push(x);
    }
    let mut chosen: Vec<usize> = Vec::new();
    match treated {
        Some(given) => chosen.extend(given),
        None => {
            // One of each stratum of three or four markets of like size.
            for s in 0..12 {
                let (from, to) = (s * MARKETS / 12, (s + 1) * MARKETS / 12);
                let pick = (normal(1.0).abs() * 1000.0) as usize % (to - from);
                chosen.push(from + pick);
            }
        }
    }
    let media = |x: &[f64], size: f64| -> Vec<f64> {
        let mut stock = x[0] / size;
        x.iter()
            .map(|s| {
                stock = 0.4 * stock + 0.6 * s / size;
                size * 2.0 * 0.13 * stock / (stock + 0.08)
            })
            .collect()
    };
    let (mut lift, mut counterfactual, mut change) = (0.0, 0.0, 0.0);
    let (mut outcome, mut spent) = (Vec::new(), Vec::new());
    for i in 0..MARKETS {
        let mut tested = spend[i].clone();
        if chosen.contains(&i) {
            tested[BEFORE..].iter_mut().for_each(|x| *x *= multiple);
        }
        let (without, with) = (media(&spend[i], sizes[i]), media(&tested, sizes[i]));
        if chosen.contains(&i) {
            for t in BEFORE..periods {
                lift += with[t] - without[t];
                counterfactual += base[i][t] + without[t];
                change += tested[t] - spend[i][t];
            }
        }
        outcome.push(base[i].iter().zip(&with).map(|(b, m)| b + m).collect::<Vec<f64>>());
        spent.push(tested);
    }
    let names = (0..MARKETS).map(|i| format!("market {i}")).collect();
    let panel = Panel::new(names, &outcome, Some(&spent), false).expect("a whole panel");
    let test = Test { start: BEFORE, end: periods, treated: chosen };
    Simulated { panel, test, lift, counterfactual, spend: change }
}

/// Coverage, mean width, root mean square error and interval score of 90%
/// intervals, the last three in percent of the counterfactual.
pub fn score(each: impl Iterator<Item = (f64, f64, f64, f64, f64)>) -> (f64, f64, f64, f64) {
    let (mut n, mut covered, mut width, mut square, mut score) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (value, low, high, truth, scale) in each {
        n += 1.0;
        covered += f64::from(u8::from(low <= truth && truth <= high));
        width += 100.0 * (high - low) / scale;
        square += (100.0 * (value - truth) / scale).powi(2);
        score += 100.0 * (high - low + 20.0 * (low - truth).max(truth - high).max(0.0)) / scale;
    }
    (covered / n, width / n, (square / n).sqrt(), score / n)
}
