//! Frontiers of the shipped scenarios.

use std::path::PathBuf;

use divan::{Bencher, black_box};
use outlay_allocator::Options;
use outlay_scenario::frontier::{Course, frontier};
use outlay_scenario::{Batch, Files, load};

fn main() {
    divan::main();
}

fn batch(name: &str) -> Option<Batch> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../scenarios", name].iter().collect();
    load(&Files::disk(), &[path]).batches.pop()
}

fn course(over: &'static str, from: f64, to: f64) -> Course<'static> {
    Course { over, from, to, gap: 1e-5, options: Options::default() }
}

/// Twelve lines, four stages and a CAC cap, over the budget.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn funnel_over_its_budget(bencher: Bencher) {
    let Some(batch) = batch("funnel.toml") else { return };
    let course = course("budget.max", 1.5e6, 3e6);
    bencher.bench_local(|| frontier(black_box(&batch), &course, None).map(|f| f.points.len()).ok());
}

/// The same over the cap.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn funnel_over_its_cac(bencher: Bencher) {
    let Some(batch) = batch("funnel.toml") else { return };
    let course = course("limits.Blended CAC.max", 52.0, 66.0);
    bencher.bench_local(|| frontier(black_box(&batch), &course, None).map(|f| f.points.len()).ok());
}

/// Three S-curves over the budget.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn launch_over_its_budget(bencher: Bencher) {
    let Some(batch) = batch("launch.toml") else { return };
    let course = course("budget.max", 3e6, 1.2e7);
    bencher.bench_local(|| frontier(black_box(&batch), &course, None).map(|f| f.points.len()).ok());
}
