//! Rendering the shipped twelve-line funnel in every format.

use std::path::Path;

use divan::{Bencher, black_box};
use outlay_allocator::{Options, solve};
use outlay_report::table::Page;
use outlay_report::{Sheet, View, csv, html, markdown, table, xlsx};
use outlay_scenario::{Files, ResultFile, Scenario, load, lower, result};

fn main() {
    divan::main();
}

fn solved() -> Option<(Scenario, ResultFile)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/funnel.toml");
    let scenario = load(&Files::disk(), &[path]).batches.first()?.scenario(0).ok()?;
    let lowered = lower(&scenario);
    let solution = solve(&lowered.problem, &Options::default()).ok()?;
    let file = result(&scenario, &lowered, &solution);
    Some((scenario, file))
}

fn time<T>(bencher: Bencher, render: impl Fn(&View) -> T) {
    let Some((scenario, file)) = solved() else { return };
    let view = View::new(&file, Some(&scenario));
    bencher.bench_local(|| render(black_box(&view)));
}

#[divan::bench]
fn result_to_view(bencher: Bencher) {
    let Some((scenario, file)) = solved() else { return };
    bencher.bench_local(|| View::new(black_box(&file), Some(&scenario)));
}

#[divan::bench]
fn json_line(bencher: Bencher) {
    let Some((_, file)) = solved() else { return };
    bencher.bench_local(|| serde_json::to_string(black_box(&file)));
}

#[divan::bench]
fn terminal_table(bencher: Bencher) {
    time(bencher, |view| table::render(view, Page::default()));
}

#[divan::bench]
fn csv_rows(bencher: Bencher) {
    time(bencher, csv::rows);
}

#[divan::bench]
fn markdown_page(bencher: Bencher) {
    time(bencher, markdown::render);
}

/// One report over as many scenarios.
#[divan::bench(args = [1, 20], sample_count = 20)]
fn html_report(bencher: Bencher, scenarios: usize) {
    let Some((scenario, file)) = solved() else { return };
    let sheets = vec![Sheet::new(View::new(&file, Some(&scenario)), &scenario); scenarios];
    bencher.bench_local(|| html::render("Benchmark", black_box(&sheets)));
}

/// One workbook over as many scenarios.
#[divan::bench(args = [1, 20], sample_count = 20)]
fn workbook(bencher: Bencher, scenarios: usize) {
    let Some((scenario, file)) = solved() else { return };
    let sheets = vec![Sheet::new(View::new(&file, Some(&scenario)), &scenario); scenarios];
    bencher.bench_local(|| xlsx::render(black_box(&sheets)));
}
