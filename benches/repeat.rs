//! Solves a few plans over and over, and nothing else: what to run under a
//! profiler.
//!
//! ```text
//! cargo bench -p outlay-allocator --bench repeat -- CLASS LINES TIMES [PLANS] [FIRST]
//! ```

#[path = "allocator/classes.rs"]
#[allow(dead_code)]
mod classes;
#[path = "../tests/allocator/plans.rs"]
mod plans;

use std::hint::black_box;

use classes::CLASSES;
use outlay_allocator::{Options, solve};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize| words.get(at).and_then(|w| w.parse::<usize>().ok());
    let class = words.first().and_then(|w| CLASSES.into_iter().find(|c| c.name() == w));
    let (Some(class), Some(lines), Some(times)) = (class, number(1), number(2)) else { return };
    let first = number(4).unwrap_or(0);
    for seed in first..first + number(3).unwrap_or(1) {
        let problem = class.problem(lines, seed as u64);
        for _ in 0..times {
            black_box(solve(black_box(&problem), &Options::default()).ok());
        }
    }
}
