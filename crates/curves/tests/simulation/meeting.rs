//! Histories of channels that meet, or do not.

use outlay_curves::Curve;
use outlay_curves::fit::{Adstock, Channel, History, LiftTest, Meeting, steeper};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{normal, weekly};

/// What is true of the first two of three channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Truth {
    /// Part of what they would earn one by one that they lose together.
    Overlap(f64),
    /// Part of what the first earns that runs through the second.
    Pool(f64),
}

impl Truth {
    pub(crate) fn share(self) -> f64 {
        match self {
            Truth::Overlap(share) | Truth::Pool(share) => share,
        }
    }

    pub(crate) fn asked(self) -> Meeting {
        let name = |k: usize| vec![format!("c{k}")];
        match self {
            Truth::Overlap(_) => Meeting::Overlap { channels: vec!["c0".into(), "c1".into()] },
            Truth::Pool(_) => Meeting::Pool { makes: name(0), harvests: name(1) },
        }
    }
}

/// How the data are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    pub(crate) truth: Truth,
    pub(crate) weeks: usize,
    /// Of the channels' spends.
    pub(crate) correlation: f64,
    /// Standard deviation of the noise over mean outcome.
    pub(crate) noise: f64,
    /// Relative standard error of a test of each of the two.
    pub(crate) test_error: Option<f64>,
}

pub(crate) struct Case {
    pub(crate) history: History,
    pub(crate) tests: Vec<LiftTest>,
    /// What a channel earns beside the others as usual, a period.
    pub(crate) curves: Vec<Curve>,
    pub(crate) means: Vec<f64>,
    /// Mean of what the members earn (overlap), or the harvester.
    pub(crate) usual: f64,
    /// The parameter behind the share: `q`, or `w`.
    pub(crate) number: f64,
}

/// `q` of an overlap.
fn ceiling(share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let q = 0.5 * (low + high);
        if 1.0 - 1.0 / steeper(q) < share { low = q } else { high = q }
    }
    low
}

/// What the two earn together in a week in which they would earn `own` beside
/// the other as usual.
pub(crate) fn together(truth: Truth, number: f64, usual: f64, own: [f64; 2]) -> f64 {
    match truth {
        Truth::Overlap(_) if number < 1e-9 => own[0] + own[1],
        Truth::Overlap(_) => {
            usual * (1.0 - (-number * (own[0] + own[1]) / usual).exp()) / (1.0 - (-number).exp())
        }
        Truth::Pool(_) => own[0] * (1.0 - number + number * own[1] / usual) + own[1],
    }
}

/// Three channels as in [`super::joint`] (Michaelis-Menten, adstock of 0.1 to
/// 0.7, returns around 1.3) which earn half of the outcome; season, trend,
/// noise; spend varies by about 0.7 of its mean.
pub(crate) fn make(recipe: Recipe, seed: u64) -> Case {
    let mut random = Pcg64::seed_from_u64(seed);
    let (n, warm) = (recipe.weeks, 30);
    let (mut states, mut spends) = ([0.0; 3], vec![Vec::new(); 3]);
    let levels: Vec<f64> = (0..3).map(|_| 10_000.0 * (1.0 + 2.0 * random.random::<f64>())).collect();
    for _ in 0..n + warm {
        let common = normal(&mut random);
        for k in 0..3 {
            let own = normal(&mut random);
            let z = recipe.correlation.sqrt() * common + (1.0 - recipe.correlation).sqrt() * own;
            states[k] = 0.5 * states[k] + 0.866 * z;
            spends[k].push(levels[k] * (0.65 * states[k] - 0.21_f64).exp());
        }
    }
    let (mut channels, mut curves, mut means, mut earned, mut stocks) =
        (vec![], vec![], vec![], vec![], vec![]);
    for (k, spend) in spends.iter().enumerate() {
        let mean = spend[warm..].iter().sum::<f64>() / n as f64;
        let returned = (0.2 + 0.3 * normal(&mut random)).exp();
        let half = mean * (0.6_f64.ln() + (3.0_f64 / 0.6).ln() * random.random::<f64>()).exp();
        let curve = Curve::michaelis_menten(returned * (half + mean), half).unwrap();
        let adstock = Adstock::Geometric { retention: 0.1 + 0.6 * random.random::<f64>() };
        let stock = adstock.apply(spend, levels[k]);
        earned.push((warm..n + warm).map(|t| curve.value(stock[t])).collect::<Vec<f64>>());
        channels.push(Channel { name: format!("c{k}"), spend: spend[warm..].to_vec(), ..Channel::default() });
        curves.push(curve);
        means.push(mean);
        stocks.push(adstock);
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (usual, number) = match recipe.truth {
        Truth::Overlap(share) => (mean(&earned[0]) + mean(&earned[1]), ceiling(share)),
        Truth::Pool(share) => (mean(&earned[1]), share),
    };
    let media: Vec<f64> = (0..n)
        .map(|t| together(recipe.truth, number, usual, [earned[0][t], earned[1][t]]) + earned[2][t])
        .collect();
    let mut tests = Vec::new();
    for k in 0..2 {
        let Some(error) = recipe.test_error else { break };
        let (periods, delta) = (8, 0.6 * means[k]);
        let build = stocks[k].apply(&vec![means[k] + delta; periods], means[k]);
        let other = mean(&earned[1 - k]);
        let both = |own: f64| {
            let own = if k == 0 { [own, other] } else { [other, own] };
            together(recipe.truth, number, usual, own)
        };
        let before = both(curves[k].value(means[k]));
        let lift: f64 = build.iter().map(|&a| both(curves[k].value(a)) - before).sum();
        let standard_error = error * lift;
        let lift = lift + standard_error * normal(&mut random);
        let (channel, spend, first) = (format!("c{k}"), means[k], None);
        tests.push(LiftTest { channel, periods, spend, delta, lift, standard_error, first });
    }
    let base = mean(&media);
    let noise = recipe.noise * 2.0 * base;
    let history = weekly(channels, &media, (base, noise), &mut random);
    Case { history, tests, curves, means, usual, number }
}
