//! The frontier against closed forms and against solving again.

use outlay_allocator::{
    Deal, Fact, Goal, Hold, Limit, Line, Options, Problem, ProblemError, Shift, Side, Status, Sweep, Terms,
    frontier, solve,
};
use outlay_curves::Curve;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::seeds;

const V: [f64; 3] = [1000.0, 600.0, 300.0];
const K: [f64; 3] = [400.0, 100.0, 60.0];

/// How closely a breakpoint is placed, relative to the range: plans proven to
/// a gap g tell spends apart only to about the square root of g.
const CORNERED: f64 = 5e-6;

fn sweep(from: f64, to: f64) -> Sweep<'static> {
    Sweep { from, to, gap: 1e-5, solves: 5_000, options: Options::default() }
}

/// Three Michaelis-Menten lines under a budget of `budget`; the second spends
/// at most 150.
fn three(budget: f64) -> Problem {
    let line = |i: usize| {
        let facts = if i == 1 { vec![Fact::Max(150.0)] } else { Vec::new() };
        Line::new(Curve::michaelis_menten(V[i], K[i]).unwrap(), 0.0, facts)
    };
    let spend = Terms::default().with_spend(vec![1.0; 3]);
    Problem {
        lines: (0..3).map(line).collect(),
        goal: Goal::Maximize(Terms::default().with_response(vec![1.0; 3])),
        limits: vec![Limit::on(spend, None, Some(budget))],
    }
}

/// At price p a line spends sqrt(V k / p) - k, so what is spent on some lines
/// down to price p is known in closed form.
fn spent(lines: &[usize], p: f64) -> f64 {
    lines.iter().map(|&i| (V[i] * K[i] / p).sqrt() - K[i]).sum()
}

#[test]
fn breakpoints_are_where_the_closed_form_has_them() {
    // Slopes at zero are V/k = 2.5, 6 and 5; line 1 is full at V k / (150 + k)^2 = 0.96.
    let full = V[1] * K[1] / (150.0 + K[1]).powi(2);
    let expected = [
        (spent(&[1], V[2] / K[2]), 2, Hold::Off, Hold::Price),
        (spent(&[1, 2], V[0] / K[0]), 0, Hold::Off, Hold::Price),
        (150.0 + spent(&[0, 2], full), 1, Hold::Price, Hold::Max),
    ];
    let found = frontier(|b| Ok::<_, ProblemError>(three(b)), &sweep(1.0, 1000.0), |_| false).unwrap();
    assert!(found.certified && found.complete && found.gap <= 1e-5, "{}", found.gap);
    assert_eq!(found.breakpoints.len(), expected.len(), "{:?}", found.breakpoints);
    for (b, (at, line, from, to)) in found.breakpoints.iter().zip(expected) {
        assert_eq!(b.shifts, [Shift::Line { line, from, to }]);
        assert!((b.high - at).abs() < CORNERED * 999.0, "{} instead of {at}", b.high);
    }
    for point in &found.points {
        // The marginal value is the price p at which just the budget is spent.
        let p = point.marginal.unwrap();
        let on: Vec<usize> = (0..3).filter(|&i| V[i] / K[i] > p && (i != 1 || p > full)).collect();
        let spent = spent(&on, p) + if p <= full { 150.0 } else { 0.0 };
        assert!((spent - point.at).abs() < 1e-4 * point.at, "{spent} at {}", point.at);
    }
}

#[test]
fn a_limit_that_stops_binding_is_found() {
    // A cap on line 0's outcome: 0.9 of what its best share of 2000 would earn.
    let problem = |budget: f64| {
        let mut problem = three(budget);
        let cap = Terms::default().with_spend(vec![1.0, 0.0, 0.0]);
        problem.limits.push(Limit::on(cap, None, Some(300.0)));
        problem.limits.push(Limit::on(Terms::default().with_spend(vec![1.0; 3]), None, Some(900.0)));
        problem
    };
    let found =
        frontier(|b| Ok::<_, ProblemError>(problem(b)), &sweep(100.0, 1200.0), |p| p.at > 777.0).unwrap();
    let limits: Vec<_> = found.breakpoints.iter().flat_map(|b| &b.shifts).collect();
    let price = V[0] * K[0] / (300.0 + K[0]).powi(2);
    let capped = 300.0 + 150.0 + spent(&[2], price);
    let cap = found
        .breakpoints
        .iter()
        .find(|b| b.shifts.contains(&Shift::Limit { limit: 1, from: None, to: Some(Side::Max) }));
    assert!((cap.expect("the cap binds").high - capped).abs() < 1e-4 * capped, "{limits:?}");
    // Where the other limit comes to bind, this one stops, a rounding apart.
    let stops = Shift::Limit { limit: 0, from: Some(Side::Max), to: None };
    let end = found.breakpoints.iter().any(|b| (b.high - 900.0).abs() < 1e-2 && b.shifts.contains(&stops));
    assert!(end, "the end of use: {limits:?}");
    assert!(found.points.last().unwrap().marginal.unwrap().abs() < 1e-9);
    // What is watched is cornered as well.
    let near = found.points.iter().filter(|p| (p.at - 777.0).abs() < 1e-5).count();
    assert!(near >= 2);
    assert!(found.points.iter().all(|p| p.solution.status == Status::Optimal));
}

#[test]
fn where_a_plan_becomes_possible_is_found() {
    let problem = |budget: f64| {
        let mut problem = three(budget);
        let floor = Terms::default().with_spend(vec![1.0, 1.0, 0.0]);
        problem.limits.push(Limit::on(floor, Some(345.678), None));
        problem
    };
    let found = frontier(|b| Ok::<_, ProblemError>(problem(b)), &sweep(100.0, 500.0), |_| false).unwrap();
    let first = &found.breakpoints[0];
    assert_eq!(first.shifts, [Shift::Possible]);
    assert!((first.high - 345.678).abs() < CORNERED * 400.0, "{}", first.high);
    assert_eq!(found.points[0].solution.status, Status::Infeasible);
}

/// The least cost per unit, with a fixed cost of 7: `(7 + x) / f(x)` is least at
/// `x^2 = 7 k`, and a floor on what is sold holds the plan from there on.
#[test]
fn a_floor_holds_a_ratio_from_where_more_is_asked_than_is_cheapest() {
    let problem = |least: f64| Problem {
        lines: vec![Line::new(Curve::michaelis_menten(100.0, 20.0).unwrap(), 10.0, vec![Fact::Max(90.0)])],
        goal: Goal::MinimizeRatio {
            numerator: Terms { constant: 7.0, ..Terms::default().with_spend(vec![1.0]) },
            denominator: Terms::default().with_response(vec![1.0]),
        },
        limits: vec![
            Limit::on(Terms::default().with_spend(vec![1.0]), None, Some(30.0)),
            Limit::on(Terms::default().with_response(vec![1.0]), Some(least), None),
        ],
    };
    let found = frontier(|t| Ok::<_, ProblemError>(problem(t)), &sweep(20.0, 55.0), |_| false).unwrap();
    assert!(found.certified && found.complete && found.gap <= 1e-5, "{}", found.gap);
    let cheapest = 140.0_f64.sqrt();
    let at = 100.0 * cheapest / (20.0 + cheapest);
    assert_eq!(found.breakpoints.len(), 1, "{:?}", found.breakpoints);
    let only = &found.breakpoints[0];
    assert_eq!(only.shifts, [Shift::Limit { limit: 1, from: None, to: Some(Side::Min) }]);
    assert!((only.high - at).abs() < 2e-3, "{} instead of {at}", only.high);
    // A plan that was known before the search has prices all the same.
    let held = found.points.iter().filter(|p| p.at > at + 0.1);
    assert!(held.clone().count() > 10);
    assert!(held.clone().all(|p| p.solution.certificate.prices[1].min > 0.0));
    assert!(found.points.iter().all(|p| p.solution.status == Status::Optimal));
}

/// Hill lines under a budget and a cost cap; `hard` ones are S-shaped, deals or
/// both.
fn random(rng: &mut impl Rng, hard: bool) -> Problem {
    let n = rng.random_range(2..6);
    let mut lines = Vec::new();
    for _ in 0..n {
        let k = 100.0 * (1.0 + 3.0 * rng.random::<f64>());
        let shape = if hard { 0.7 + 2.0 * rng.random::<f64>() } else { 0.7 + 0.3 * rng.random::<f64>() };
        let curve = Curve::hill(k * (1.0 + 4.0 * rng.random::<f64>()), k, shape).unwrap();
        let facts = match rng.random_range(0..6) {
            _ if !hard => vec![Fact::Max(3.0 * k)],
            0 => vec![Fact::Deal(Deal::Flat(0.7 * k))],
            1 => vec![Fact::Deal(Deal::AtLeast(0.5 * k)), Fact::Max(3.0 * k)],
            _ => vec![Fact::Max(3.0 * k)],
        };
        lines.push(Line::new(curve, k, facts));
    }
    let count = lines.len();
    let spend = Terms::default().with_spend(vec![1.0; count]);
    let customers = Terms { constant: 5.0, ..Terms::default() };
    let customers =
        customers.with_response((0..count).map(|_| 0.05 + 0.1 * rng.random::<f64>()).collect::<Vec<_>>());
    Problem {
        lines,
        goal: Goal::Maximize(Terms::default().with_response(vec![1.0; count])),
        limits: vec![
            Limit::on(spend.clone(), None, Some(250.0 * count as f64)),
            Limit::ratio(spend, customers, None, Some(6.0 + 6.0 * rng.random::<f64>())),
        ],
    }
}

/// The straight line between neighbouring points against a solve of its own; the
/// points compared.
fn agrees(problem: &Problem, moved: usize, range: (f64, f64), points: usize, rng: &mut impl Rng) -> usize {
    let at = |number: f64| {
        let mut problem = problem.clone();
        problem.limits[moved].max = Some(number);
        Ok::<_, ProblemError>(problem)
    };
    let found = frontier(at, &sweep(range.0, range.1), |_| false).unwrap();
    assert!(found.certified && (found.gap <= 1e-5 || !found.complete), "{}", found.gap);
    let mut compared = 0;
    for _ in 0..points {
        let number = range.0 + (range.1 - range.0) * rng.random::<f64>();
        let near = |b: &outlay_allocator::Breakpoint| b.low <= number && number <= b.high;
        if found.breakpoints.iter().any(near) {
            continue;
        }
        let next = found.points.iter().position(|p| p.at >= number).unwrap().max(1);
        let (a, b) = (&found.points[next - 1], &found.points[next]);
        let again = solve(&at(number).unwrap(), &Options::default()).unwrap();
        let value = |s: &outlay_allocator::Solution| s.plan.as_ref().map(|p| p.value);
        let (Some(low), Some(high)) = (value(&a.solution), value(&b.solution)) else {
            assert!(value(&again).is_none(), "a plan at {number} where the frontier has none");
            continue;
        };
        let line = low + (high - low) * (number - a.at) / (b.at - a.at);
        let value = value(&again).expect("a plan");
        assert!(
            (value - line).abs() <= (found.gap + 2e-6) * value,
            "{value} instead of {line} at {number}, gap {}",
            found.gap
        );
        compared += 1;
    }
    compared
}

fn compared(problems: u64, points: usize, hard: bool) {
    let mut compared = 0;
    for seed in seeds(problems) {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let problem = random(&mut rng, hard);
        let budget = problem.limits[0].max.unwrap();
        compared += agrees(&problem, 0, (0.2 * budget, 1.6 * budget), points, &mut rng);
        compared += agrees(&problem, 1, (4.0, 14.0), points, &mut rng);
    }
    // Without plans there would be nothing to compare.
    assert!(compared >= seeds(problems).count() * points, "{compared} compared");
}

#[test]
fn solving_again_gives_the_same() {
    compared(2, 20, false);
}

#[test]
fn solving_again_a_thousand_times_gives_the_same() {
    compared(12, 1_000, true);
}

/// What clearly holds the lines, then the limits, of a plan: 0 where a line is
/// off or a limit has room, 1 where a line is free, 2 where either is at its
/// end; nothing where that is hard to tell. A line whose slope at 0 has no end
/// is never off: its spend falls to next to nothing without a breakpoint.
fn clearly(problem: &Problem, spends: &[f64]) -> Vec<Option<u8>> {
    const AT: f64 = 1e-7;
    const OFF: f64 = 1e-3;
    let lines = problem.lines.iter().zip(spends).map(|(line, x)| match x / line.domain().largest() {
        share if share <= AT => line.curve.marginal(0.0).is_finite().then_some(0),
        share if share >= 1.0 - AT => Some(2),
        share if OFF < share && share < 1.0 - OFF => Some(1),
        _ => None,
    });
    let limits = problem.limits.iter().map(|limit| {
        let most = limit.max.unwrap();
        match 1.0 - limit.value(&problem.lines, spends) / most {
            room if room >= OFF => Some(0),
            room if room <= AT => Some(2),
            _ => None,
        }
    });
    lines.chain(limits).collect()
}

/// Between two breakpoints of the frontier, plans solved one by one, each by
/// itself, never show two different things that hold a line or a limit. False
/// if the frontier says itself that it is not complete.
fn misses_nothing(problem: &Problem, moved: usize, range: (f64, f64), samples: usize) -> bool {
    let at = |number: f64| {
        let mut problem = problem.clone();
        problem.limits[moved].max = Some(number);
        Ok::<_, ProblemError>(problem)
    };
    let found = frontier(at, &sweep(range.0, range.1), |_| false).unwrap();
    if !found.complete {
        return false;
    }
    let mut segment = 0;
    let mut seen: Vec<Option<u8>> = Vec::new();
    for k in 0..=samples {
        let number = range.0 + (range.1 - range.0) * (k as f64 + 0.5) / (samples as f64 + 1.0);
        let now = found.breakpoints.iter().filter(|b| b.high <= number).count();
        if found.breakpoints.iter().any(|b| b.low <= number && number <= b.high) {
            continue;
        }
        let problem = at(number).unwrap();
        let Some(plan) = solve(&problem, &Options::default()).unwrap().plan else { continue };
        let clear = clearly(&problem, &plan.spends);
        if now != segment || seen.is_empty() {
            (segment, seen) = (now, vec![None; clear.len()]);
        }
        for (which, (old, new)) in seen.iter_mut().zip(clear).enumerate() {
            let same = old.is_none() || new.is_none() || *old == new;
            assert!(same, "{which} changes from {old:?} to {new:?} before {number}: {:?}", found.breakpoints);
            *old = new.or(*old);
        }
    }
    true
}

/// The sweeps that were complete.
fn nothing_missed(problems: u64, samples: usize, hard: bool) -> usize {
    let mut complete = 0;
    for seed in seeds(problems) {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let problem = random(&mut rng, hard);
        let budget = problem.limits[0].max.unwrap();
        for (moved, range) in [(0, (0.2 * budget, 1.6 * budget)), (1, (4.0, 14.0))] {
            complete += usize::from(misses_nothing(&problem, moved, range, samples));
        }
    }
    complete
}

#[test]
fn no_breakpoint_is_missed() {
    assert_eq!(nothing_missed(8, 2_000, false), 2 * seeds(8).count());
}

#[test]
fn no_breakpoint_is_missed_among_curves_and_deals() {
    let complete = nothing_missed(6, 300, true);
    assert!(complete >= 8, "only {complete} of 12 frontiers are complete");
}
