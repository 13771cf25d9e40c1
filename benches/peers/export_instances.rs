//! Writes random plans and our certified answers as JSON, for `peers.py`.
//!
//! ```text
//! cargo run --release -p outlay-allocator --example export_instances -- OUT SEEDS LINES...
//! ```
#![allow(clippy::print_stderr, reason = "a tool for the terminal")]

#[path = "../../tests/allocator/plans.rs"]
mod plans;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use cpu_time::ThreadTime;
use outlay_allocator::{Coefficients, Limit, Options, Problem, Solution, certificate, solve};
use outlay_curves::Curve;
use serde_json::{Value, json};

/// Longest time for one solve.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [out, seeds, sizes @ ..] = words.as_slice() else {
        return Err("usage: export_instances OUT SEEDS LINES...".into());
    };
    fs::create_dir_all(out)?;
    for lines in sizes {
        let lines: usize = lines.parse()?;
        for seed in 0..seeds.parse()? {
            for (class, s_shaped) in [("concave", 0.0), ("s-shaped", 0.6)] {
                let problem = plans::draw(lines, s_shaped, seed).problem();
                let text = serde_json::to_string(&instance(class, seed, &problem)?)?;
                fs::write(Path::new(out).join(format!("{class}-{lines}-{seed}.json")), text)?;
                eprintln!("{class} {lines} {seed}");
            }
        }
    }
    Ok(())
}

/// A plan, what is asked of it, and our answer with its processor time.
fn instance(class: &str, seed: u64, problem: &Problem) -> Result<Value, Box<dyn std::error::Error>> {
    let (solution, seconds) = timed(problem)?;
    let hill = |curve: &Curve| match curve {
        Curve::Hill(h) => Ok(json!(h.parameters())),
        _ => Err("only Hill curves are exported"),
    };
    let curves = problem.lines.iter().map(|l| hill(&l.curve)).collect::<Result<Vec<_>, _>>()?;
    let largest: Vec<f64> = problem.lines.iter().map(|l| l.domain().largest()).collect();
    let rows: Vec<Value> = problem.limits.iter().flat_map(|l| rows(l, problem.lines.len())).collect();
    let spends = solution.plan.as_ref().map(|p| p.spends.clone());
    let value = spends.as_ref().map(|x| certificate::judge(problem, x).value);
    Ok(json!({
        "class": class, "seed": seed, "lines": problem.lines.len(),
        "hill": curves, "max": largest, "rows": rows,
        "outlay": {
            "seconds": seconds, "spends": spends, "value": value,
            "bound": solution.certificate.bound, "nodes": solution.certificate.nodes,
            "proven": solution.status == outlay_allocator::Status::Optimal,
        },
    }))
}

/// The answer and the least processor time of some runs.
fn timed(problem: &Problem) -> Result<(Solution, f64), outlay_allocator::ProblemError> {
    let clock = Instant::now();
    let late = || clock.elapsed() > PATIENCE;
    let options = Options { stop: &late, ..Options::default() };
    let mut best: Option<(Solution, f64)> = None;
    for _ in 0..5 {
        let start = ThreadTime::now();
        let solution = solve(problem, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        if best.as_ref().is_none_or(|(_, least)| seconds < *least) {
            best = Some((solution, seconds));
        }
        if clock.elapsed() > Duration::from_secs(2) {
            break;
        }
    }
    best.ok_or(outlay_allocator::ProblemError::NoLines)
}

/// The limit's sides as rows `sum spend_i x_i + response_i f_i(x_i) <= most`.
fn rows(limit: &Limit, lines: usize) -> Vec<Value> {
    let side = |number: f64, sign: f64| {
        let under = |i: usize| limit.denominator.as_ref().map_or(Coefficients::default(), |d| d.of(i));
        let spend: Vec<f64> =
            (0..lines).map(|i| sign * (limit.numerator.of(i).spend - number * under(i).spend)).collect();
        let response: Vec<f64> = (0..lines)
            .map(|i| sign * (limit.numerator.of(i).response - number * under(i).response))
            .collect();
        let base = limit.denominator.as_ref().map_or(1.0, |d| d.constant);
        let most = sign * (number * base - limit.numerator.constant);
        json!({ "spend": spend, "response": response, "most": most })
    };
    let max = limit.max.map(|n| side(n, 1.0));
    let min = limit.min.map(|n| side(n, -1.0));
    max.into_iter().chain(min).collect()
}
