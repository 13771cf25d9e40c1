//! The mean of the worst tenth of 1,000 draws with stage shares and a CAC limit,
//! concave and S-shaped: processor time to a proof of 1e-4.
//!
//! `cargo bench -p outlay-allocator --bench risk`; `SEEDS=20 ALL=1` for other
//! counts and a line for each problem.

#[path = "../tests/allocator/drawn.rs"]
mod drawn;

use cpu_time::ProcessTime;
use outlay_allocator::risk::solve;
use outlay_allocator::{Options, Status};

#[allow(clippy::print_stdout)]
fn main() {
    let seeds = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(20);
    let each = std::env::var("ALL").is_ok();
    println!("| lines | shape | budget | proven | median | least to most, ms | parts |");
    println!("|---|---|---|---|---|---|---|");
    for (lines, shape, tight) in
        [(12, 0.9, 1.0), (100, 0.9, 1.0), (12, 2.5, 1.2), (100, 2.5, 1.2), (12, 2.5, 0.7)]
    {
        let (mut times, mut proven, mut parts) = (Vec::new(), 0, Vec::new());
        for seed in 0..seeds {
            let risky = drawn::instance(seed, lines, 1000, shape, tight);
            let runs = if shape > 1.0 { 1 } else { 5 };
            let start = ProcessTime::now();
            let mut found = None;
            for _ in 0..runs {
                found = solve(&risky, &Options { nodes: 60, ..Options::default() }).ok();
            }
            let time = start.elapsed().as_secs_f64() * 1e3 / f64::from(runs);
            let Some(found) = found else { continue };
            let proof = &found.solution.certificate;
            if each {
                println!("seed {seed}: {time:.2} ms, gap {:.1e}, {} parts", proof.gap, proof.nodes);
            }
            times.push(time);
            proven += usize::from(found.solution.status == Status::Optimal);
            parts.push(proof.nodes);
        }
        times.sort_by(f64::total_cmp);
        parts.sort_unstable();
        let (Some(least), Some(most), Some(largest)) = (times.first(), times.last(), parts.last()) else {
            continue;
        };
        let median = times[times.len() / 2];
        println!(
            "| {lines} | {shape} | {tight} | {proven} of {} | {median:.1} | {least:.1} to {most:.1} | {} to {largest} |",
            times.len(),
            parts[0]
        );
    }
}
