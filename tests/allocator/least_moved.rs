//! The least movement from today's spends that floors on outcomes ask for, where
//! lines are S-shaped and most stay where they are.

use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Status, Terms, solve};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// As many S-shaped lines in three stages, each of which has to return 5% more
/// than today.
fn problem(lines: usize, stages: usize, seed: u64) -> Problem {
    let mut rng = Pcg64::seed_from_u64(seed);
    let line = |_| {
        let today = rng.random_range(20.0..80.0);
        let ceiling = today * rng.random_range(3.0..8.0);
        let half = today * rng.random_range(0.6..2.0);
        let curve = Curve::hill(ceiling, half, rng.random_range(1.3..3.0)).unwrap();
        Line::new(curve, today, vec![Fact::Max(3.0 * today)])
    };
    let lines: Vec<Line> = (0..lines).map(line).collect();
    let floor = |stage: usize| {
        let own: Vec<f64> = (0..lines.len()).map(|i| f64::from(u8::from(i % stages == stage))).collect();
        let today: f64 = lines.iter().zip(&own).map(|(l, c)| c * l.curve.value(l.current)).sum();
        Limit::on(Terms::default().with_response(own), Some(1.05 * today), None)
    };
    let limits = (0..stages).map(floor).collect();
    let goal = Goal::Maximize(Terms::default().with_moved(vec![-1.0; lines.len()]));
    Problem { lines, goal, limits }
}

#[test]
fn it_is_proven_in_few_parts() {
    for seed in 0..3 {
        let problem = problem(60, 3, seed);
        let solution = solve(&problem, &Options { nodes: 400, ..Options::default() }).unwrap();
        let certificate = &solution.certificate;
        assert_eq!(solution.status, Status::Optimal, "{seed}: gap {:e}", certificate.gap);
        let plan = solution.plan.unwrap();
        let stay = plan.spends.iter().zip(&problem.lines).filter(|(x, line)| **x == line.current).count();
        assert!(stay > 30, "{seed}: only {stay} lines stay");
    }
}

#[test]
fn of_two_lines_no_grid_finds_less() {
    const STEPS: usize = 3000;
    for seed in 10..30 {
        let problem = problem(2, 1, seed);
        let found = solve(&problem, &Options::default()).unwrap();
        assert_eq!(found.status, Status::Optimal, "{seed}");
        let plan = found.plan.unwrap();
        let [a, b] = &problem.lines[..] else { unreachable!() };
        let floor = problem.limits[0].min.unwrap();
        let mut least = f64::INFINITY;
        for k in 0..=STEPS {
            let x = 3.0 * a.current * k as f64 / STEPS as f64;
            let missing = floor - a.curve.value(x);
            // Curves rise: the least spend of the other that suffices, or today's.
            let (mut low, mut high) = (0.0, 3.0 * b.current);
            if b.curve.value(high) < missing {
                continue;
            }
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if b.curve.value(middle) < missing { low = middle } else { high = middle }
            }
            let y = high.max(b.current);
            least = least.min((x - a.current).abs() + y - b.current);
        }
        let step = 3.0 * a.current / STEPS as f64;
        assert!(-plan.value <= least * (1.0 + 1e-6), "{seed}: {} and {least} on a grid", -plan.value);
        assert!(-plan.value >= least - 50.0 * step, "{seed}: {} and {least} on a grid", -plan.value);
    }
}
