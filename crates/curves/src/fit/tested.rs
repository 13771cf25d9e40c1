use nalgebra::DVector;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::FitError;
use super::mode;
use super::model::Model;

/// A lift test beside what the history alone would have expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedLift {
    /// Channel.
    pub channel: String,
    /// Measured change of the outcome.
    pub measured: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// What the history alone expects.
    pub expected: f64,
    /// Standard deviation of that expectation.
    pub expected_deviation: f64,
    /// Measured minus expected, over the standard deviation of the difference.
    pub z: f64,
}

/// Compares every test with the history, fitted without any test.
pub(crate) fn compare(model: &Model, seed: u64) -> Result<Vec<TestedLift>, FitError> {
    const DRAWS: usize = 300;
    let alone = model.without_tests();
    let found = mode::find(&alone, &[alone.start(-0.5), alone.start(1.0)])?;
    let mut random = Pcg64::seed_from_u64(seed);
    let draws: Vec<DVector<f64>> = (0..DRAWS)
        .map(|_| {
            let z = DVector::from_fn(found.at.len(), |_, _| random.sample::<f64, _>(StandardNormal));
            &found.at + &found.spread * z
        })
        .collect();
    let mut all = Vec::new();
    for (i, part) in model.channels.iter().enumerate() {
        let expected: Vec<Vec<f64>> =
            draws.iter().map(|at| model.tested(i, at).iter().map(|t| t.0).collect()).collect();
        for (j, (_, measured, standard_error)) in model.tested(i, &found.at).into_iter().enumerate() {
            let values: Vec<f64> = expected.iter().filter_map(|e| e.get(j).copied()).collect();
            let n = values.len().max(1) as f64;
            let mean = values.iter().sum::<f64>() / n;
            let deviation = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
            let z = (measured - mean) / (deviation * deviation + standard_error * standard_error).sqrt();
            all.push(TestedLift {
                channel: part.name.clone(),
                measured,
                standard_error,
                expected: mean,
                expected_deviation: deviation,
                z,
            });
        }
    }
    Ok(all)
}
