//! One-sided slopes of the optimum against solving again with numbers moved.

use outlay_allocator::{
    Fact, Goal, Limit, Line, Options, Problem, ProblemError, Slope, Solution, Status, Sweep, Terms, frontier,
    slopes, solve,
};
use outlay_curves::Curve;

use crate::seeds;
use crate::sweeps::Swept;

/// How far off a price may be, relative.
const OFF: f64 = 0.01;

fn sharp(problem: &Problem) -> Option<f64> {
    let options = Options { gap: Some(1e-11), nodes: 400, ..Options::default() };
    let solution = solve(problem, &options).unwrap();
    let close = solution.certificate.gap <= 1e-9;
    solution.plan.filter(|_| close).map(|plan| plan.value)
}

/// The slope on one side by re-solving, where two steps agree on it.
fn again(moved: impl Fn(f64) -> Problem, base: f64, by: f64) -> Option<f64> {
    let quotient = |by: f64| Some((sharp(&moved(by))? - base) / by);
    let (far, near) = (quotient(2.0 * by)?, quotient(by)?);
    ((far - near).abs() <= 0.02 * near.abs().max(far.abs())).then_some(2.0 * near - far)
}

fn moved(problem: &Problem, r: usize, by: f64) -> Problem {
    let mut moved = problem.clone();
    let limit = &mut moved.limits[r];
    (limit.min, limit.max) = (limit.min.map(|n| n + by), limit.max.map(|n| n + by));
    moved
}

/// Compares what is not marked local; how many slopes agreed.
fn compared(seed: u64, problem: &Problem, solution: &Solution) -> usize {
    let plan = solution.plan.as_ref().unwrap();
    let found = slopes(problem, &plan.spends, &solution.certificate, &|| false);
    let Some(base) = sharp(problem) else { return 0 };
    let mut agreed = 0;
    for (r, slope) in found.limits.iter().enumerate() {
        let limit = &problem.limits[r];
        let Some(slope) = slope.filter(|s| !s.local) else { continue };
        let step = 3e-5 * limit.max.or(limit.min).unwrap().abs().max(1e-3);
        for (side, by) in [(slope.more, step), (slope.less, -step)] {
            let Some(again) = again(|by| moved(problem, r, by), base, by) else { continue };
            let side = side.unwrap_or_else(|| {
                panic!("seed {seed}: no price of limit {r} at {by}, where {again} is right")
            });
            let noise = 1e-9 * base.abs() / step;
            assert!(
                (side - again).abs() <= OFF * again.abs() + noise,
                "seed {seed}: {side} instead of {again} for limit {r} by {by}: {slope:?}"
            );
            agreed += 1;
        }
    }
    agreed
}

#[test]
fn unmarked_prices_are_slopes() {
    let (mut agreed, mut solved) = (0, 0);
    for seed in seeds(120) {
        let swept = Swept::draw(seed);
        let (from, to) = swept.range;
        let problem = swept.at(from + 0.61 * (to - from));
        let solution = solve(&problem, &Options { nodes: 400, ..Options::default() }).unwrap();
        if solution.status == Status::Optimal {
            solved += 1;
            agreed += compared(seed, &problem, &solution);
        }
    }
    let drawn = seeds(120).count();
    assert!(10 * solved >= 6 * drawn, "{solved} of {drawn} solved");
    assert!(agreed >= solved, "{agreed} slopes agreed over {solved} problems");
}

#[test]
fn marginals_of_frontiers_lie_between_the_slopes() {
    let (mut compared, drawn) = (0, seeds(16).count());
    for seed in seeds(16) {
        let swept = Swept::draw(seed);
        let (from, to) = swept.range;
        let options = Options { nodes: 200, ..Options::default() };
        let sweep = Sweep { from, to, gap: 1e-3, solves: 400, options };
        let found = frontier(|t| Ok::<_, ProblemError>(swept.at(t)), &sweep, |_| false).unwrap();
        for point in found.points.iter().skip(1).step_by(7) {
            let Some(marginal) = point.marginal else { continue };
            let problem = swept.at(point.at);
            let Some(base) = sharp(&problem) else { continue };
            let step = 2e-6 * (to - from);
            let side = |by: f64| again(|by| swept.at(point.at + by), base, by);
            let (Some(right), Some(left)) = (side(step), side(-step)) else { continue };
            let noise = 1e-9 * base.abs() / step + OFF * right.abs().max(left.abs());
            assert!(
                marginal >= right.min(left) - noise && marginal <= right.max(left) + noise,
                "seed {seed}: {marginal} at {}, {left} and {right} beside it",
                point.at
            );
            compared += 1;
        }
    }
    assert!(compared >= 2 * drawn, "{compared} compared");
}

fn one(curve: Curve, facts: Vec<Fact>, limits: Vec<Limit>, goal: Goal) -> (Problem, Slope) {
    let problem = Problem { lines: vec![Line::new(curve, 10.0, facts)], goal, limits };
    let solution = solve(&problem, &Options::default()).unwrap();
    assert_eq!(solution.status, Status::Optimal);
    let plan = solution.plan.as_ref().unwrap();
    let found = slopes(&problem, &plan.spends, &solution.certificate, &|| false);
    let slope = found.limits[0].expect("a price");
    (problem, slope)
}

fn budget(most: f64) -> Vec<Limit> {
    vec![Limit::on(Terms::default().with_spend(vec![1.0]), None, Some(most))]
}

fn revenue() -> Goal {
    Goal::Maximize(Terms::default().with_response(vec![1.0]))
}

#[test]
fn a_budget_of_nothing_has_a_price() {
    let (_, slope) = one(Curve::michaelis_menten(200.0, 100.0).unwrap(), vec![], budget(0.0), revenue());
    assert!((slope.more.unwrap() - 2.0).abs() < 1e-3 && slope.less.is_none() && !slope.local, "{slope:?}");
}

#[test]
fn a_kink_has_two_prices() {
    let curve = Curve::table(&[(0.0, 0.0), (50.0, 100.0), (100.0, 120.0)]).unwrap();
    let (_, slope) = one(curve, vec![], budget(50.0), revenue());
    let (more, less) = (slope.more.unwrap(), slope.less.unwrap());
    assert!((more - 0.4).abs() < 1e-6 && (less - 2.0).abs() < 1e-6 && !slope.local, "{slope:?}");
    // A line that is full earns nothing more, and as much as before on the way back.
    let curve = Curve::michaelis_menten(200.0, 100.0).unwrap();
    let (_, slope) = one(curve, vec![Fact::Max(100.0)], budget(100.0), revenue());
    let (more, less) = (slope.more.unwrap(), slope.less.unwrap());
    assert!(more.abs() < 1e-6 && (less - 0.5).abs() < 1e-3 && !slope.local, "{slope:?}");
}

/// On the rising part of an S-curve one line holds all the money: the slope is
/// the curve's own, on either side.
#[test]
fn the_rising_part_of_a_curve_has_its_own_slope() {
    let curve = Curve::hill(1000.0, 200.0, 3.0).unwrap();
    let own = curve.marginal(90.0);
    let (_, slope) = one(curve, vec![], budget(90.0), revenue());
    for side in [slope.more, slope.less] {
        assert!((side.unwrap() - own).abs() < 1e-3 * own, "{slope:?}, {own} is right");
    }
}

/// A ratio's slope, in closed form: spend over what it wins, on one line whose
/// floor on customers fixes the spend.
#[test]
fn a_ratio_to_minimise_has_prices() {
    let spend = Terms::default().with_spend(vec![1.0]);
    let customers = Terms::default().with_response(vec![1.0]);
    let goal = Goal::MinimizeRatio { numerator: spend, denominator: customers.clone() };
    let floor = vec![Limit::on(customers, Some(40.0), None)];
    // c = 200 x / (100 + x), so x = 100 c / (200 - c) and x / c = 100 / (200 - c).
    let (_, slope) = one(Curve::michaelis_menten(200.0, 100.0).unwrap(), vec![], floor, goal);
    let right = 100.0 / 160.0_f64.powi(2);
    for side in [slope.more, slope.less] {
        assert!((side.unwrap() - right).abs() < 1e-3 * right && !slope.local, "{slope:?}");
    }
}
