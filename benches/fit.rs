//! Fitting two years of weekly history, with the default models and sampling.

#[path = "../crates/curves/tests/simulation/mod.rs"]
mod simulation;

use divan::{Bencher, black_box};
use outlay_curves::fit::{Options, Sampling, fit};
use simulation::{Recipe, joint};

fn main() {
    divan::main();
}

fn recipe(channels: usize) -> Recipe {
    Recipe { channels, weeks: 104, correlation: 0.3, test_error: Some(0.2), noise: 0.05 }
}

/// The whole posterior.
#[divan::bench(args = [2, 4, 8], sample_count = 1, sample_size = 1)]
fn joint_posterior(bencher: Bencher, channels: usize) {
    let world = joint(recipe(channels), 1);
    bencher.bench_local(|| fit(black_box(&world.history), &world.tests, &Options::default()));
}

/// The most probable point of every model tried, without sampling.
#[divan::bench(args = [2, 4, 8], sample_count = 3, sample_size = 1)]
fn joint_modes(bencher: Bencher, channels: usize) {
    let world = joint(recipe(channels), 1);
    let sampling = Sampling { chains: 0, ..Sampling::default() };
    let options = Options { sampling, ..Options::default() };
    bencher.bench_local(|| fit(black_box(&world.history), &world.tests, &options));
}
