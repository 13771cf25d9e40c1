//! How long the full answer of a check takes: feasibility, conflict, reasons,
//! repairs, room. Processor time of the one thread.
//!
//! ```text
//! cargo bench -p outlay-allocator --bench feasibility -- [SEEDS] [FEWEST LINES]
//! ```
#![allow(clippy::print_stdout, reason = "the table is the output")]

use cpu_time::ThreadTime;
use outlay_allocator::{
    Fact, Feasibility, Goal, Limit, Line, Options, Problem, Terms, cheapest_repair, conflict, feasibility,
    fewest_changes, least_change, repair, sharp, solve_open,
};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Lines and limits.
const SIZES: [(usize, usize); 3] = [(12, 8), (30, 20), (100, 40)];

fn main() {
    let seeds: u64 = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(20);
    println!("| lines | limits | answer | median | slowest | members | repairs |");
    println!("|---|---|---|---|---|---|---|");
    let fewest = std::env::args().filter_map(|a| a.parse().ok()).nth(1).unwrap_or(0_usize);
    for (lines, limits) in SIZES.into_iter().filter(|s| s.0 >= fewest) {
        for answer in [Answer::Feasible, Answer::Cost, Answer::Shares, Answer::Several] {
            row(lines, limits, answer, seeds);
        }
    }
}

/// What is to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    /// A plan.
    Feasible,
    /// The cost per customer is below what the budget's floor leaves.
    Cost,
    /// Two shares and the lines' minima contradict each other.
    Shares,
    /// Both of these, and two limits on one selection: three conflicts.
    Several,
}

fn row(lines: usize, limits: usize, wanted: Answer, seeds: u64) {
    let mut times = Vec::new();
    let (mut members, mut repairs) = (0, 0);
    for seed in 0..seeds {
        let problem = draw(lines, limits, wanted, seed);
        let start = ThreadTime::now();
        let found = answer(&problem);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(found.is_none(), wanted == Answer::Feasible, "{lines} lines, seed {seed}");
        let (m, r) = found.unwrap_or_default();
        (members, repairs) = (members + m, repairs + r);
    }
    times.sort_by(f64::total_cmp);
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    println!("| {lines} | {limits} | {wanted:?} | {median:.1} ms | {most:.1} ms | {members} | {repairs} |");
}

/// Everything that a check asks of the allocator; the sizes of the conflict and
/// of the menu of repairs.
fn answer(problem: &Problem) -> Option<(usize, usize)> {
    let options = Options::default();
    let rules = problem.rules();
    if let Feasibility::Feasible(_) = feasibility(problem, &options).expect("a sound problem") {
        room(problem);
        return None;
    }
    let found = conflict(problem, &rules, &options).expect("sound").expect("proven");
    let mut singles = Vec::new();
    for &k in &found.members {
        singles.extend(repair(problem, &rules, k, &options).expect("sound"));
    }
    cheapest_repair(problem, &rules, &singles, &options).expect("sound").expect("nothing is firm");
    fewest_changes(problem, &rules, &singles, &options).expect("sound").expect("nothing is firm");
    let others = (0..rules.len()).filter(|k| !found.members.contains(k));
    let gone: Vec<_> = others.map(|rule| outlay_allocator::Change { rule, to: None }).collect();
    for &k in &found.members {
        least_change(problem, &rules, &gone, k, &options).expect("sound");
    }
    Some((found.members.len(), singles.len()))
}

/// How far every side of every limit can go under all the others.
fn room(problem: &Problem) {
    for (r, limit) in problem.limits.iter().enumerate() {
        let goals = [limit.max.and_then(|_| limit.lowest()), limit.min.and_then(|_| limit.highest())];
        for goal in goals.into_iter().flatten() {
            let mut without = Problem { goal, ..problem.clone() };
            (without.limits[r].min, without.limits[r].max) = (None, None);
            solve_open(&without, &sharp(&without, &Options::default())).expect("sound");
        }
    }
}

/// Concave lines under a budget, a cost per customer and shares of random
/// selections.
fn draw(n: usize, limits: usize, wanted: Answer, seed: u64) -> Problem {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut lines = Vec::new();
    for _ in 0..n {
        let k = 1e5 * (3.0 * rng.random::<f64>() - 1.5).exp();
        let curve = Curve::hill(k / 20.0, k, 0.6 + 0.4 * rng.random::<f64>()).expect("a curve");
        lines.push(Line::new(curve, k, vec![Fact::Min(0.05 * k), Fact::Max(3.0 * k)]));
    }
    let at: Vec<f64> = lines.iter().map(|l| l.current * (0.4 + 0.4 * rng.random::<f64>())).collect();
    let spend = Terms::default().with_spend(vec![1.0; n]);
    let customers = Terms::default().with_response(vec![1.0; n]);
    let (total, won) = (spend.measure(&lines, &at).0, customers.measure(&lines, &at).0);
    let dear = matches!(wanted, Answer::Cost | Answer::Several);
    let cap = if dear { 0.5 } else { 1.2 } * total / won;
    let mut all = vec![
        Limit::on(spend.clone(), Some(0.95 * total), Some(1.05 * total)),
        Limit::ratio(spend.clone(), customers.clone(), None, Some(cap)),
    ];
    while all.len() < limits {
        let mask: Vec<f64> = (0..n).map(|_| f64::from(u8::from(rng.random_bool(0.3)))).collect();
        let part = Terms::default().with_spend(mask);
        let share = part.measure(&lines, &at).0 / total;
        all.push(Limit::ratio(part, spend.clone(), Some(0.7 * share), Some((1.3 * share).min(1.0))));
    }
    if matches!(wanted, Answer::Shares | Answer::Several) {
        contradict(&mut all, &mut lines, &spend, total);
    }
    if wanted == Answer::Several {
        let half =
            Terms::default().with_spend((0..n).map(|i| f64::from(u8::from(i % 2 == 1))).collect::<Vec<_>>());
        all.push(Limit::ratio(half.clone(), spend.clone(), Some(0.6), None));
        all.push(Limit::ratio(half, spend, None, Some(0.5)));
    }
    Problem { lines, goal: Goal::Maximize(customers), limits: all }
}

/// Shares at most 0.2 and 0.3 for every other two of three groups, and minima of the
/// third that take up more than half of the most money.
fn contradict(all: &mut Vec<Limit>, lines: &mut [Line], spend: &Terms, total: f64) {
    let n = lines.len();
    for (group, cap) in [(0, 0.2), (1, 0.3)] {
        let mask: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 3 == group))).collect();
        all.push(Limit::ratio(Terms::default().with_spend(mask), spend.clone(), None, Some(cap)));
    }
    let third = (0..n).filter(|i| i % 3 == 2).count() as f64;
    for line in lines.iter_mut().skip(2).step_by(3) {
        let most = 0.45 * 0.95 * total / third;
        *line = line.with_facts(vec![Fact::Max(most)]);
    }
}
