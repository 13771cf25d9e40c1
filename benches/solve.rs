//! Solving and proving, by class and number of lines, next to one pass over
//! all curves and slopes. `ratios.rs` measures the same over many seeds.

#[path = "allocator/classes.rs"]
#[allow(dead_code)]
mod classes;
#[path = "allocator/pass.rs"]
mod pass;
#[path = "../tests/allocator/plans.rs"]
mod plans;

use classes::Class;
use divan::{Bencher, black_box};
use outlay_allocator::{Options, certificate, solve};
use pass::{interior, pass};

const SIZES: [usize; 6] = [12, 30, 100, 1_000, 10_000, 100_000];
/// Classes whose random plans need at least this many lines.
const LARGE: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

fn time(bencher: Bencher, class: Class, lines: usize) {
    let problem = class.problem(lines, 0);
    bencher.bench_local(|| solve(black_box(&problem), &Options::default()));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn concave(bencher: Bencher, lines: usize) {
    time(bencher, Class::Concave, lines);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn s_shaped(bencher: Bencher, lines: usize) {
    time(bencher, Class::SShaped, lines);
}

#[divan::bench(args = LARGE, sample_count = 5)]
fn mixed(bencher: Bencher, lines: usize) {
    time(bencher, Class::Mixed, lines);
}

#[divan::bench(args = LARGE, sample_count = 5)]
fn deals(bencher: Bencher, lines: usize) {
    time(bencher, Class::Deals, lines);
}

#[divan::bench(args = LARGE, sample_count = 5)]
fn fifty_limits(bencher: Bencher, lines: usize) {
    time(bencher, Class::FiftyLimits, lines);
}

#[divan::bench(args = SIZES)]
fn one_pass(bencher: Bencher, lines: usize) {
    let problem = plans::draw(lines, 0.0, 0).without_cac();
    let spends = interior(&problem);
    bencher.bench_local(|| pass(black_box(&problem), black_box(&spends)));
}

/// The bound re-derived from the leaves alone, and the plan judged.
#[divan::bench(args = SIZES)]
fn certify(bencher: Bencher, lines: usize) {
    let problem = Class::Concave.problem(lines, 0);
    let Ok(solution) = solve(&problem, &Options::default()) else { return };
    let Some(plan) = &solution.plan else { return };
    bencher.bench_local(|| {
        let bound = certificate::bound(black_box(&problem), &solution.certificate.leaves, None);
        (bound, certificate::judge(&problem, &plan.spends))
    });
}
