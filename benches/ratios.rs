//! Time of a certified solve over many random plans, as multiples of one pass
//! over all curves and slopes timed next to it.
//!
//! ```text
//! cargo bench -p outlay-allocator --bench ratios -- [SEEDS] [LARGEST] [CLASS]...
//! ```
//!
//! SEEDS plans (default 20, or a range such as 100..120) of each class and size
//! up to LARGEST lines (default 10,000). Time is processor time of the one
//! thread, the least of several runs, so that other work on the machine counts
//! little.
#![allow(clippy::print_stdout, reason = "the table is the output")]

#[path = "allocator/classes.rs"]
mod classes;
#[path = "allocator/memory.rs"]
mod memory;
#[path = "allocator/pass.rs"]
mod pass;
#[path = "../tests/allocator/plans.rs"]
mod plans;

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use classes::{CLASSES, Class};
use cpu_time::ThreadTime;
use outlay_allocator::{Options, Problem, Solution, Status, solve};

const SIZES: [usize; 7] = [12, 30, 100, 1_000, 10_000, 100_000, 1_000_000];
/// Longest time for one solve; a plan that takes longer counts as not proven.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize| words.get(at).and_then(|w| w.parse::<u64>().ok());
    let seeds = words.first().and_then(|w| range(w)).unwrap_or(0..20);
    let largest = number(1).unwrap_or(10_000) as usize;
    println!(
        "{:<9} {:>9} {:>11} {:>11} {:>11} {:>7} {:>7} {:>8} {:>6} {:>8} {:>8} {:>7}",
        "class",
        "lines",
        "pass",
        "median",
        "p95",
        "median",
        "p95",
        "ns/line",
        "nodes",
        "proven",
        "mem/line",
        "peak"
    );
    for class in CLASSES {
        let wanted = words.len() < 3 || words[2..].iter().any(|w| w == class.name());
        for lines in SIZES.into_iter().filter(|&n| n <= largest && wanted && class.makes_sense_at(n)) {
            row(class, lines, seeds_at(lines, &seeds));
        }
    }
}

/// Seeds from a number of them, or from `FIRST..LAST`.
fn range(word: &str) -> Option<Range<u64>> {
    let (first, end) = word.split_once("..").unwrap_or(("0", word));
    Some(first.parse().ok()?..end.parse().ok()?)
}

/// Fewer plans where each takes seconds.
fn seeds_at(lines: usize, seeds: &Range<u64>) -> Range<u64> {
    let count = seeds.end.saturating_sub(seeds.start);
    let count = match lines {
        0..=10_000 => count,
        10_001..=100_000 => count.div_ceil(4),
        _ => count.min(1),
    };
    seeds.start..seeds.start + count
}

/// What one plan took.
struct Timing {
    pass: f64,
    solve: f64,
    nodes: usize,
    proven: bool,
    memory: Option<memory::Use>,
}

fn row(class: Class, lines: usize, seeds: Range<u64>) {
    let timings: Vec<Timing> = seeds.map(|seed| timing(class, lines, seed)).collect();
    let of = |figure: &dyn Fn(&Timing) -> f64| {
        let mut values: Vec<f64> = timings.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let pass = median(&of(&|t| t.pass));
    let (times, ratios) = (of(&|t| t.solve), of(&|t| t.solve / t.pass));
    let nodes = median(&of(&|t| t.nodes as f64));
    let proven = timings.iter().filter(|t| t.proven).count();
    let bytes = |figure: fn(&memory::Use) -> u64| {
        let first = timings.first().and_then(|t| t.memory.as_ref());
        first.map_or("-".to_owned(), |m| format!("{}", figure(m) / lines as u64))
    };
    println!(
        "{:<9} {lines:>9} {:>11} {:>11} {:>11} {:>7.0} {:>7.0} {:>8.0} {nodes:>6} {:>8} {:>8} {:>7}",
        class.name(),
        duration(pass),
        duration(median(&times)),
        duration(late(&times)),
        median(&ratios),
        late(&ratios),
        1e9 * median(&times) / lines as f64,
        format!("{proven}/{}", timings.len()),
        bytes(|m| m.problem),
        bytes(|m| m.solve),
    );
}

fn timing(class: Class, lines: usize, seed: u64) -> Timing {
    let meter = memory::Meter::start(lines);
    let problem = class.problem(lines, seed);
    let meter = meter.map(memory::Meter::built);
    let runs = if lines <= 1_000 { 5 } else { 1 };
    let mut least = f64::INFINITY;
    let mut solution = solved(&problem, &mut least);
    let memory = meter.map(memory::Meter::solved);
    for _ in 1..runs {
        if least < 1.0 {
            solution = solved(&problem, &mut least);
        }
    }
    let proven = solution.as_ref().is_some_and(|s| s.status == Status::Optimal);
    let nodes = solution.map_or(0, |s| s.certificate.nodes);
    Timing { pass: yardstick(&problem), solve: least, nodes, proven, memory }
}

fn solved(problem: &Problem, least: &mut f64) -> Option<Solution> {
    let (clock, start) = (Instant::now(), ThreadTime::now());
    let late = || clock.elapsed() > PATIENCE;
    let options = Options { stop: &late, ..Options::default() };
    let solution = solve(black_box(problem), &options).ok();
    *least = least.min(start.elapsed().as_secs_f64());
    solution
}

/// Seconds of one pass: the least over batches of at least 0.2 ms each.
fn yardstick(problem: &Problem) -> f64 {
    let spends = pass::interior(problem);
    let repeats = 10_000usize.div_ceil(problem.lines.len());
    let batch = |_| {
        let start = ThreadTime::now();
        for _ in 0..repeats {
            black_box(pass::pass(black_box(problem), black_box(&spends)));
        }
        start.elapsed().as_secs_f64() / repeats as f64
    };
    (0..9).map(batch).fold(f64::INFINITY, f64::min)
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The 95th percentile: of 20 plans, the worst but one.
fn late(sorted: &[f64]) -> f64 {
    let at = (sorted.len() * 95).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.2} us", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}
