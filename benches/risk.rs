//! The mean of the worst tenth of 1,000 draws with stage shares and a CAC limit,
//! concave and S-shaped: processor time to a proof of 1e-4.
//!
//! `cargo bench -p outlay-allocator --bench risk`

#[path = "../tests/allocator/drawn.rs"]
mod drawn;

use cpu_time::ProcessTime;
use outlay_allocator::Options;
use outlay_allocator::risk::solve;

#[allow(clippy::print_stdout)]
fn main() {
    for (lines, shape, tight) in
        [(12, 0.9, 1.0), (100, 0.9, 1.0), (12, 2.5, 1.2), (100, 2.5, 1.2), (12, 2.5, 0.7)]
    {
        for seed in 0..5 {
            let risky = drawn::instance(seed, lines, 1000, shape, tight);
            let runs = if shape > 1.0 { 1 } else { 5 };
            let start = ProcessTime::now();
            let mut found = None;
            for _ in 0..runs {
                found = solve(&risky, &Options { nodes: 60, ..Options::default() }).ok();
            }
            let each = start.elapsed().as_secs_f64() * 1e3 / f64::from(runs);
            let proof =
                found.map(|f| (f.solution.status, f.solution.certificate.gap, f.solution.certificate.nodes));
            println!("{lines} lines, shape {shape}, budget {tight}, seed {seed}: {each:.2} ms, {proof:?}");
        }
    }
}
