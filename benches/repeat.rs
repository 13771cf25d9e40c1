//! Solves one plan over and over, and nothing else: what to run under a
//! profiler.
//!
//! ```text
//! cargo bench -p outlay-allocator --bench repeat -- CLASS LINES TIMES
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
    let [class, lines, times] = words.as_slice() else { return };
    let class = CLASSES.into_iter().find(|c| c.name() == class);
    let (Some(class), Ok(lines), Ok(times)) = (class, lines.parse(), times.parse::<usize>()) else { return };
    let problem = class.problem(lines, 0);
    for _ in 0..times {
        black_box(solve(black_box(&problem), &Options::default()).ok());
    }
}
