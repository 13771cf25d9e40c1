//! What-ifs: 10,000 variations of a twelve-line scenario, from file to problem.

use std::path::PathBuf;

use divan::{Bencher, black_box};
use outlay_scenario::{Batch, Files, load, lower};

fn main() {
    divan::main();
}

/// The shipped funnel with budget and CAC cap varied a hundred times each.
fn grid() -> Option<(tempfile::TempDir, PathBuf)> {
    let funnel = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/funnel.toml");
    let vary = "\n[[vary]]\nset = \"budget.max\"\nfrom = 1_900_000\nto = 2_400_000\nsteps = 100\n\
                [[vary]]\nset = \"limits.Blended CAC.max\"\nfrom = 50\nto = 60\nsteps = 100\n";
    let folder = tempfile::tempdir().ok()?;
    let path = folder.path().join("grid.toml");
    std::fs::write(&path, std::fs::read_to_string(funnel).ok()? + vary).ok()?;
    Some((folder, path))
}

fn batch(path: &PathBuf) -> Option<Batch> {
    load(&Files::disk(), std::slice::from_ref(path)).batches.pop()
}

/// Read, check and span the grid.
#[divan::bench]
fn read(bencher: Bencher) {
    let Some((_folder, path)) = grid() else { return };
    bencher.bench_local(|| batch(black_box(&path)).map(|b| b.len()));
}

/// Make one of the 10,000 scenarios.
#[divan::bench]
fn one_scenario(bencher: Bencher) {
    let Some((_folder, path)) = grid() else { return };
    let Some(batch) = batch(&path) else { return };
    bencher.bench_local(|| batch.scenario(black_box(4_711)));
}

/// Make one and lower it to the allocator's problem.
#[divan::bench]
fn one_problem(bencher: Bencher) {
    let Some((_folder, path)) = grid() else { return };
    let Some(batch) = batch(&path) else { return };
    bencher.bench_local(|| batch.scenario(black_box(4_711)).map(|s| lower(&s)));
}

/// All 10,000, one after the other.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn ten_thousand_problems(bencher: Bencher) {
    let Some((_folder, path)) = grid() else { return };
    let Some(batch) = batch(&path) else { return };
    bencher.bench_local(|| {
        let lowered = |i| batch.scenario(i).map(|s| lower(&s).problem.limits.len()).unwrap_or_default();
        (0..batch.len()).map(lowered).sum::<usize>()
    });
}
