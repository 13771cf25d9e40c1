//! Shared audiences and pools of demand, concave and S-shaped: processor time to
//! a proof of 1e-6 on one thread, the median and the slowest of 30 (or `SEEDS`).
//!
//! `cargo bench -p outlay-allocator --bench meeting`

#[path = "../tests/allocator/audiences.rs"]
mod audiences;
#[path = "../tests/allocator/pooled.rs"]
mod pooled;

use cpu_time::ProcessTime;
use outlay_allocator::{Options, Problem, Status, solve};

#[allow(clippy::print_stdout)]
fn timed(what: &str, problem: impl Fn(u64) -> Problem) {
    let seeds = std::env::var("SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    let (mut times, mut nodes, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..seeds {
        let problem = problem(seed);
        let options = Options { gap: Some(1e-6), ..Options::default() };
        let start = ProcessTime::now();
        let solution = solve(&problem, &options).ok();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        let Some(solution) = solution else { continue };
        nodes.push(solution.certificate.nodes);
        if !matches!(solution.status, Status::Optimal | Status::Infeasible) {
            open.push((seed, solution.certificate.gap));
        }
    }
    times.sort_by(f64::total_cmp);
    nodes.sort_unstable();
    let (middle, last) = (times.len() / 2, times.len() - 1);
    println!(
        "{what}: median {:.2} ms, slowest {:.2} ms; parts {} and {}; open {open:?}",
        times[middle],
        times[last],
        nodes.get(middle).unwrap_or(&0),
        nodes.last().unwrap_or(&0),
    );
}

fn main() {
    let only = std::env::args().nth(1).filter(|a| !a.starts_with('-'));
    let asked = |what: &str| only.as_ref().is_none_or(|part| what.contains(part.as_str()));
    for (lines, groups, s_shaped) in [(12, 1, false), (12, 1, true), (100, 10, false), (100, 10, true)] {
        let what = format!("{lines} lines, {groups} groups, {}", shape(s_shaped));
        if asked(&what) {
            timed(&what, |seed| audiences::Case::draw(lines, groups, seed, s_shaped).problem());
        }
    }
    for (lines, pools) in [(12, 1), (12, 2), (12, 3), (100, 1), (100, 2), (100, 3)] {
        for s_shaped in [false, true] {
            let what = format!("{lines} lines, {pools} pools, {}", shape(s_shaped));
            if asked(&what) {
                timed(&what, |seed| pooled::Case::draw(lines, pools, seed, s_shaped).problem());
            }
        }
    }
}

fn shape(s_shaped: bool) -> &'static str {
    if s_shaped { "S-shaped" } else { "concave" }
}
