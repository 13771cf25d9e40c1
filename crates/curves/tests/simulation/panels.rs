//! Panels whose truth is known.

use ndarray::{Array2, Array3};
use outlay_curves::Curve;
use outlay_curves::fit::{Adstock, Channel, History, Panel};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::normal;

/// How a panel is made.
#[derive(Clone, Copy)]
pub(crate) struct Recipe {
    pub(crate) markets: usize,
    pub(crate) weeks: usize,
    /// Deviation of ln spend per head around the common flight.
    pub(crate) variation: f64,
    /// Share of the nation's noise that all markets share.
    pub(crate) common: f64,
    /// Correlation of local spend with local demand.
    pub(crate) follows: f64,
    /// Markets that begin late, and missing rows.
    pub(crate) ragged: bool,
}

pub(crate) const RECIPE: Recipe =
    Recipe { markets: 40, weeks: 104, variation: 0.3, common: 0.9, follows: 0.0, ragged: false };

/// A panel, the history of its sum and what they were made from.
pub(crate) struct Nation {
    pub(crate) history: History,
    pub(crate) panel: Panel,
    /// Marginal return of every channel at its mean national spend, spread
    /// over markets as it was.
    pub(crate) marginal: Vec<f64>,
    /// The same in every market at its own mean spend.
    pub(crate) local: Vec<Vec<f64>>,
}

const CHANNELS: usize = 4;
const WARM: usize = 30;

/// A series of deviation 1 with this autocorrelation.
fn series(random: &mut Pcg64, n: usize, phi: f64) -> Vec<f64> {
    let mut state = normal(random);
    let mut next = || {
        state = phi * state + (1.0 - phi * phi).sqrt() * normal(random);
        state
    };
    (0..n).map(|_| next()).collect()
}

/// Forty markets over two orders of magnitude. Spend per head is a common
/// flight (variation .5) times local variation; responses per head are
/// Michaelis-Menten of geometric adstock, returns LogNormal(0.2, 0.5),
/// half-saturations 0.4 to 3 times mean spend, effects that differ between
/// markets by a fifth. Noise of 5% of the nation's outcome, a part of it common;
/// the rest is the markets' own, and falls with the fourth root of their size.
pub(crate) fn make(recipe: Recipe, seed: u64) -> Nation {
    let mut random = Pcg64::seed_from_u64(seed);
    let (g, n) = (recipe.markets, recipe.weeks);
    let heads: Vec<f64> = (0..g).map(|_| 1e4 * 100_f64.powf(random.random::<f64>())).collect();
    let all: f64 = heads.iter().sum();
    // Local demand first: spend may follow it.
    let demand: Vec<Vec<f64>> = (0..g).map(|_| series(&mut random, n + WARM, 0.3)).collect();
    let mut spend = Array3::zeros((g, n, CHANNELS));
    let mut media = Array2::<f64>::zeros((g, n));
    let (mut local, mut marginal) = (vec![vec![0.0; CHANNELS]; g], vec![0.0; CHANNELS]);
    for c in 0..CHANNELS {
        let level = 0.5 + 2.0 * random.random::<f64>();
        let flight: Vec<f64> =
            series(&mut random, n + WARM, 0.5).iter().map(|z| level * (0.47 * z - 0.11_f64).exp()).collect();
        let roi = (0.2 + 0.5 * normal(&mut random)).exp();
        let half = level * (0.4_f64.ln() + (3.0_f64 / 0.4).ln() * random.random::<f64>()).exp();
        let curve = Curve::michaelis_menten(roi * (half + level), half).unwrap();
        let adstock = Adstock::Geometric { retention: 0.1 + 0.6 * random.random::<f64>() };
        let (mut slopes, mut spent) = (0.0, 0.0);
        for m in 0..g {
            let own = series(&mut random, n + WARM, 0.5);
            let v = recipe.variation;
            let kept = (1.0 - recipe.follows * recipe.follows).sqrt();
            let x: Vec<f64> = (0..n + WARM)
                .map(|t| {
                    let z = recipe.follows * demand[m][t] + kept * own[t];
                    flight[t] * (v * z - 0.5 * v * v).exp()
                })
                .collect();
            let effect = (1.0 + 0.2 * normal(&mut random)).max(0.2);
            let stock = adstock.apply(&x, level);
            for t in 0..n {
                spend[(m, t, c)] = x[t + WARM] * heads[m];
                media[(m, t)] += effect * curve.value(stock[t + WARM]) * heads[m];
            }
            let mean = x[WARM..].iter().sum::<f64>() / n as f64;
            local[m][c] = effect * curve.marginal(mean);
            slopes += heads[m] * mean * local[m][c];
            spent += heads[m] * mean;
        }
        marginal[c] = slopes / spent;
    }
    let earned = media.sum() / (n as f64 * all);
    let noise = 0.05 * 4.0 * earned;
    let size = |m: usize| (heads[m] / all).powf(-0.25);
    // What is left in the nation of noise that is each market's own.
    let left = (0..g).map(|m| (heads[m] / all * size(m)).powi(2)).sum::<f64>().sqrt();
    let shock = series(&mut random, n, 0.3);
    let phase = random.random::<f64>();
    let mut outcome = Array2::zeros((g, n));
    for m in 0..g {
        let base = 3.0 * earned * (1.0 + 0.2 * normal(&mut random)).max(0.3);
        let swing = 0.1 * (1.0 + 0.3 * normal(&mut random));
        let load = 1.0 + 0.2 * normal(&mut random);
        let own_size = size(m) / left;
        for t in 0..n {
            let year = std::f64::consts::TAU * (t as f64 / 52.18 + phase);
            let level =
                base * (1.0 + swing * year.sin() + 0.04 * (2.0 * year).cos() + 0.1 * t as f64 / n as f64);
            let common = recipe.common.sqrt() * load * shock[t];
            let own = (1.0 - recipe.common).sqrt() * own_size * demand[m][t + WARM];
            outcome[(m, t)] = media[(m, t)] + heads[m] * (level + noise * (common + own));
        }
    }
    let mut present = Array2::from_elem((g, n), true);
    if recipe.ragged {
        for m in 0..g {
            if m % 8 == 3 {
                (0..n / 3 + m).for_each(|t| present[(m, t)] = false);
            }
            if m % 5 == 1 {
                present[(m, n / 2 + m % 7)] = false;
            }
        }
    }
    let sum = |c: usize| (0..n).map(|t| (0..g).map(|m| spend[(m, t, c)]).sum()).collect();
    let channel = |c: usize| Channel { name: format!("c{c}"), spend: sum(c), ..Channel::default() };
    let history = History {
        periods_per_year: 52.18,
        channels: (0..CHANNELS).map(channel).collect(),
        outcome: Some((0..n).map(|t| (0..g).map(|m| outcome[(m, t)]).sum()).collect()),
        outcome_is_money: true,
        ..History::default()
    };
    let panel = Panel {
        markets: (0..g).map(|m| format!("m{m}")).collect(),
        heads: Some(heads),
        spend,
        exposure: None,
        outcome,
        present,
        controls: Array3::zeros((g, n, 0)),
        left_out: Vec::new(),
    };
    Nation { history, panel, marginal, local }
}
