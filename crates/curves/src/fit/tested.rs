//! Every lift test against what the rest of the data expects.

use nalgebra::DVector;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::Sampling;
use super::mode::{self, Mode};
use super::model::Model;
use super::sample::{possible, sample_once};
use super::watch::Watch;

/// A lift test beside what everything else would have expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedLift {
    /// Channel.
    pub channel: String,
    /// Measured change of the outcome.
    pub measured: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// What the history alone expects.
    pub history: Expected,
    /// What the history with the channel's other tests expects; `None` if
    /// there is no other.
    pub others: Option<Expected>,
}

/// What was to be expected of a measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Mean.
    pub value: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Measured minus expected, over the standard deviation of the difference.
    pub z: f64,
}

/// Compares every test with the history, fitted without any test, and with the
/// other tests of its channel.
pub(crate) fn compare(model: &Model, mode: &Mode, seed: u64, watch: &Watch<'_>) -> Vec<TestedLift> {
    if model.channels.iter().all(|c| c.tests() == 0) || watch.stopped() {
        return Vec::new();
    }
    let alone = sampled(model.learning_from(|_, _| false), (model, mode), seed, watch);
    let mut all = Vec::new();
    for (i, part) in model.channels.iter().enumerate() {
        for j in 0..part.tests() {
            let others = match part.tests() {
                1 => None,
                _ => Some(draws(model.learning_from(|a, b| a == i && b != j), (model, mode), seed, watch)),
            };
            let measured = model.tested(i, &alone.1[0]).swap_remove(j);
            all.push(TestedLift {
                channel: part.name.clone(),
                measured: measured.1,
                standard_error: measured.2,
                history: expected(&alone, i, j),
                others: others.map(|o| expected(&o, i, j)),
            });
        }
    }
    all
}

/// A model with draws of its parameters.
type Draws = (Model, Vec<DVector<f64>>);

const DRAWS: usize = 300;

/// Without any test a posterior may be wide, and far from Normal.
fn sampled(model: Model, whole: (&Model, &Mode), seed: u64, watch: &Watch<'_>) -> Draws {
    let found = mode::near(&model, whole.0, whole.1, watch);
    let how = Sampling { chains: 2, warm_up: 120, draws: DRAWS / 2, seed };
    let drawn = sample_once(&model, &found, &how, watch, false).0;
    let possible = possible(&model, drawn).0;
    (model, possible)
}

/// With the other tests of a channel the Normal at the mode will do.
fn draws(model: Model, whole: (&Model, &Mode), seed: u64, watch: &Watch<'_>) -> Draws {
    let found = mode::near(&model, whole.0, whole.1, watch);
    let mut random = Pcg64::seed_from_u64(seed);
    let mut draw = || {
        let z = DVector::from_fn(found.at.len(), |_, _| random.sample::<f64, _>(StandardNormal));
        &found.at + &found.spread * z
    };
    let drawn = (0..DRAWS).map(|_| draw()).collect();
    let possible = possible(&model, drawn).0;
    (model, possible)
}

fn expected((model, draws): &Draws, channel: usize, test: usize) -> Expected {
    let one = |at: &DVector<f64>| model.tested(channel, at).swap_remove(test);
    let values: Vec<(f64, f64, f64)> = draws.iter().map(one).collect();
    let n = values.len() as f64;
    let value = values.iter().map(|v| v.0).sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v.0 - value).powi(2)).sum::<f64>() / n).sqrt();
    let (_, measured, standard_error) = values[0];
    let z = (measured - value) / deviation.hypot(standard_error);
    Expected { value, deviation, z }
}
