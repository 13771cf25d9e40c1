//! Problems at the edge of what has an interior, a slope or a size.

use outlay_allocator::{
    Fact, Goal, Limit, Line, Offer, Options, Problem, Solution, Status, Terms, best_response, certificate,
    solve,
};
use outlay_curves::Curve;
use outlay_curves::families::Tier;

use crate::{excess, worth};

fn line(curve: Curve, min: f64, max: f64) -> Line {
    Line::new(curve, 0.5 * (min + max), vec![Fact::Min(min), Fact::Max(max)])
}

fn spend(n: usize) -> Terms {
    Terms::default().with_spend(vec![1.0; n])
}

fn response(n: usize) -> Terms {
    Terms::default().with_response(vec![1.0; n])
}

fn revenue(lines: Vec<Line>, limits: Vec<Limit>) -> Problem {
    let goal = Goal::Maximize(response(lines.len()));
    Problem { lines, goal, limits }
}

fn within(lines: Vec<Line>, min: Option<f64>, max: Option<f64>) -> Problem {
    let n = lines.len();
    revenue(lines, vec![Limit::on(spend(n), min, max)])
}

fn mm(v: f64, k: f64) -> Curve {
    Curve::michaelis_menten(v, k).unwrap()
}

fn hill(v: f64, k: f64, a: f64) -> Curve {
    Curve::hill(v, k, a).unwrap()
}

/// Solves, and demands an optimum that holds up.
fn optimal(problem: &Problem, name: &str) -> (f64, Vec<f64>, Solution) {
    let solution = solve(problem, &Options::default()).unwrap();
    let c = &solution.certificate;
    assert_eq!(solution.status, Status::Optimal, "{name}: gap {:e} bound {}", c.gap, c.bound);
    let plan = solution.plan.clone().unwrap();
    assert!(excess(problem, &plan.spends) <= 1e-9, "{name}: {:e}", excess(problem, &plan.spends));
    assert!(plan.value <= c.bound, "{name}: {} beyond {}", plan.value, c.bound);
    let proven = certificate::bound(problem, &c.leaves, None).unwrap();
    assert!(proven <= c.bound + 1e-12 * c.bound.abs(), "{name}");
    assert!(close(worth(problem, &plan.spends), plan.value, 1e-12), "{name}");
    (plan.value, plan.spends, solution)
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

#[test]
fn infinite_slopes_at_nothing() {
    let lines = |a: f64| (1..=6).map(|i| line(hill(1e4 * f64::from(i), 1e4, a), 0.0, 1e5)).collect();
    for a in [0.05, 0.2, 0.5, 0.9] {
        let (_, x, _) = optimal(&within(lines(a), None, Some(6e4)), &format!("shape {a}"));
        assert!(x.iter().all(|x| *x > 0.0), "shape {a}: {x:?}");
        assert!(close(x.iter().sum(), 6e4, 1e-9));
    }
    let roots = (1..=4).map(|i| line(Curve::power(f64::from(i), 0.5).unwrap(), 0.0, 1e6)).collect();
    let (value, _, _) = optimal(&within(roots, None, Some(1e3)), "roots");
    assert!(close(value, (1e3_f64 * 30.0).sqrt(), 1e-8), "{value}");
}

#[test]
fn extreme_shapes() {
    let lines = vec![
        line(hill(5e4, 1e4, 30.0), 0.0, 5e4),
        line(hill(3e4, 1e4, 0.05), 0.0, 5e4),
        line(hill(4e4, 2e4, 30.0), 0.0, 5e4),
        line(Curve::s_logistic(3e4, 1e4, 5e-3).unwrap(), 0.0, 5e4),
    ];
    let (value, x, _) = optimal(&within(lines.clone(), None, Some(3e4)), "steep");
    // Each steep line is all but on or off: no plan that fills one of two beats this.
    assert!(value > 6.5e4 && x.iter().sum::<f64>() <= 3e4 * (1.0 + 1e-9), "{value} {x:?}");
}

#[test]
fn cents_to_billions() {
    let scales = [0.01, 1.0, 1e3, 1e6, 1e9];
    let lines = scales.iter().map(|&k| line(mm(3.0 * k, k), 0.0, 10.0 * k)).collect();
    let total: f64 = scales.iter().sum();
    let (value, x, _) = optimal(&within(lines, None, Some(total)), "cents to billions");
    // In units of its k every line is the same: each gets its k.
    assert!(close(value, 1.5 * total, 1e-8), "{value}");
    for (x, k) in x.iter().zip(scales).skip(3) {
        assert!(close(*x, k, 1e-2), "{x} where {k} is best");
    }
}

#[test]
fn minima_that_sum_to_the_budget() {
    let minima = [1234.5, 777.7, 3141.59];
    let lines: Vec<Line> = minima.iter().map(|&m| line(mm(9e3, 2e3), m, 1e4)).collect();
    let total: f64 = minima.iter().sum();
    let (_, x, _) = optimal(&within(lines, None, Some(total)), "minima");
    for (x, m) in x.iter().zip(minima) {
        assert!(close(*x, m, 1e-8), "{x} {m}");
    }
}

#[test]
fn maxima_that_sum_to_an_exact_budget() {
    let maxima = [1234.5, 777.7, 3141.59];
    let lines: Vec<Line> = maxima.iter().map(|&m| line(mm(9e3, 2e3), 0.0, m)).collect();
    let total: f64 = maxima.iter().sum();
    let (_, x, _) = optimal(&within(lines, Some(total), Some(total)), "maxima");
    for (x, m) in x.iter().zip(maxima) {
        assert!(close(*x, m, 1e-8), "{x} {m}");
    }
}

#[test]
fn fixed_lines() {
    let some = vec![
        line(mm(9e3, 2e3), 500.0, 500.0),
        line(mm(5e3, 1e3), 0.0, 1e4),
        line(hill(5e3, 1e3, 3.0), 0.0, 0.0),
    ];
    let (_, x, _) = optimal(&within(some, None, Some(2e3)), "some fixed");
    assert_eq!((x[0], x[2]), (500.0, 0.0));
    assert!(close(x[1], 1500.0, 1e-7));
    let all = vec![line(mm(9e3, 2e3), 500.0, 500.0), line(mm(5e3, 1e3), 7.0, 7.0)];
    let (_, x, _) = optimal(&within(all.clone(), None, Some(2e3)), "all fixed");
    assert_eq!(x, [500.0, 7.0]);
    let (_, x, _) = optimal(&within(all.clone(), Some(507.0), Some(507.0)), "all fixed, exactly");
    assert_eq!(x, [500.0, 7.0]);
    let impossible = solve(&within(all, None, Some(506.0)), &Options::default()).unwrap();
    assert_eq!(impossible.status, Status::Infeasible);
}

#[test]
fn one_line() {
    for a in [0.4, 1.0, 3.0] {
        let (_, x, _) = optimal(&within(vec![line(hill(5e4, 1e4, a), 0.0, 1e5)], None, Some(2e4)), "capped");
        assert!(close(x[0], 2e4, 1e-8), "{x:?}");
        let (_, x, _) = optimal(&revenue(vec![line(hill(5e4, 1e4, a), 0.0, 1e5)], vec![]), "free");
        assert!(close(x[0], 1e5, 1e-7), "{x:?}");
        let exactly = within(vec![line(hill(5e4, 1e4, a), 0.0, 1e5)], Some(3e3), Some(3e3));
        let (_, x, _) = optimal(&exactly, "exact");
        assert!(close(x[0], 3e3, 1e-8), "{x:?}");
    }
}

#[test]
fn a_thousand_identical_lines() {
    let concave = vec![line(mm(5e3, 1e3), 0.0, 1e4); 1000];
    let (value, ..) = optimal(&within(concave, None, Some(1e6)), "concave");
    assert!(close(value, 1000.0 * 2500.0, 1e-7), "{value}");
    let steep = vec![line(hill(5e3, 1e3, 2.0), 0.0, 1e4); 1000];
    // The tangent from the origin touches at k: half the lines at k, exactly.
    let (value, ..) = optimal(&within(steep, None, Some(5e5)), "s-shaped");
    assert!(close(value, 500.0 * 2500.0, 1e-6), "{value}");
}

#[test]
fn an_exactly_attainable_floor() {
    let lines = vec![line(mm(9e3, 2e3), 0.0, 4e3), line(mm(5e3, 1e3), 0.0, 3e3)];
    let most = lines[0].curve.value(4e3) + lines[1].curve.value(3e3);
    let problem = Problem {
        lines,
        goal: Goal::Maximize(Terms::default().with_spend(vec![-1.0; 2])),
        limits: vec![Limit::on(response(2), Some(most), None)],
    };
    let (value, ..) = optimal(&problem, "floor at the most there is");
    assert!(close(value, -7e3, 1e-5), "{value}");
}

/// Proven impossible where the limits contradict each other by one part in a
/// million, never where a plan exists with one part in a billion to spare.
#[test]
fn the_edge_of_feasibility() {
    let lines = || {
        vec![line(mm(9e3, 2e3), 0.0, 1e4), line(mm(5e3, 1e3), 0.0, 1e4), line(hill(7e3, 2e3, 0.7), 0.0, 1e4)]
    };
    let sides = |budget: f64, floor: f64| {
        revenue(
            lines(),
            vec![Limit::on(spend(3), None, Some(budget)), Limit::on(response(3), Some(floor), None)],
        )
    };
    let (most, ..) = optimal(&within(lines(), None, Some(5e3)), "most");
    let status = |problem: &Problem| {
        let solution = solve(problem, &Options::default()).unwrap();
        if solution.status == Status::Infeasible {
            let proof = certificate::bound(problem, &solution.certificate.leaves, None);
            assert_eq!(proof, Ok(f64::NEG_INFINITY));
        }
        solution.status
    };
    for beyond in [1e-6, 1e-4, 1e-2, 1.0] {
        assert_eq!(status(&sides(5e3, most * (1.0 + beyond))), Status::Infeasible, "beyond {beyond}");
    }
    for spare in [1e-9, 1e-8, 1e-6, 1e-3] {
        assert_eq!(status(&sides(5e3, most * (1.0 - spare))), Status::Optimal, "spare {spare}");
    }
    let exact = |at: f64| within(lines(), Some(3e4 * at), None);
    assert_eq!(status(&exact(1.0 + 1e-6)), Status::Infeasible);
    assert_eq!(status(&exact(1.0)), Status::Optimal);
    assert_eq!(status(&exact(1.0 - 1e-9)), Status::Optimal);
}

#[test]
fn no_money() {
    let lines = vec![
        line(mm(9e3, 2e3), 0.0, 1e4),
        line(hill(5e3, 1e3, 2.0), 0.0, 1e4),
        line(hill(5e3, 1e3, 0.5), 0.0, 1e4),
    ];
    let solution = solve(&within(lines, None, Some(0.0)), &Options::default()).unwrap();
    let plan = solution.plan.clone().unwrap();
    assert!(plan.spends.iter().all(|x| *x == 0.0), "{plan:?}");
    assert_eq!(plan.value, 0.0);
    assert_eq!(solution.status, Status::Optimal, "bound {}", solution.certificate.bound);
}

#[test]
fn redundant_and_duplicated_limits() {
    let lines = || -> Vec<Line> { (1..=5).map(|i| line(mm(2e3 * f64::from(i), 1e3), 0.0, 1e4)).collect() };
    let (plain, ..) = optimal(&within(lines(), None, Some(5e3)), "plain");
    let mut problem = within(lines(), None, Some(5e3));
    for limit in [
        Limit::on(spend(5), None, Some(5e3)),
        Limit::on(spend(5), Some(0.0), Some(5e9)),
        Limit::ratio(spend(5), spend(5), Some(0.2), Some(1.0)),
        Limit::ratio(spend(5), spend(5), Some(1.0), Some(1.0)),
        Limit::on(Terms::default(), None, Some(0.0)),
        Limit::on(Terms::default(), Some(-1.0), Some(1.0)),
        Limit { numerator: spend(5), denominator: None, min: None, max: None },
    ] {
        let name = format!("{limit:?}");
        problem.limits.push(limit);
        let (value, ..) = optimal(&problem, &name);
        assert!(close(value, plain, 1e-7), "{value} {plain}");
    }
}

/// A point as the only plan: no interior, so prices have no limit.
#[test]
fn prices_without_a_limit() {
    let curve = Curve::exponential(99305.9, 23382.7).unwrap();
    let spent = 13099.5;
    let response = curve.value(spent);
    let lines = vec![Line::new(curve, 0.0, vec![Fact::Max(3e4)])];
    let mut problem = within(lines, Some(spent), Some(spent));
    let customers = Terms { constant: 10.0, ..Terms::default().with_response(vec![0.01]) };
    let cost = Terms { constant: 500.0, ..spend(1) };
    let cap = (spent + 500.0) / (10.0 + 0.01 * response);
    problem.limits.push(Limit::ratio(cost, customers, None, Some(cap)));
    problem.limits.push(Limit::on(Terms::default().with_active(vec![1.0]), Some(0.0), Some(1.0)));
    let (value, ..) = optimal(&problem, "a point");
    assert!(close(value, response, 1e-8), "{value} {response}");
}

/// The slope of a Hill curve of shape just below 1 has no end at 0 and falls
/// to the cost at once: at a spend far below the smallest number.
#[test]
fn a_slope_without_end_at_zero_leaves_the_bound_finite() {
    for shape in [0.9994192619617719, 0.9999, 0.999_999] {
        let line = line(hill(48_762.383, 23_853.09, shape), 0.0, f64::INFINITY);
        for high in [59_633.0, f64::INFINITY] {
            let offer = Offer { worth: 2.4273, cost: 8.0216, ..Offer::default() };
            let best = best_response(&line, 0.0, high, offer).unwrap();
            assert!((0.0..1e-200).contains(&best.bound), "{best:?}");
        }
    }
}

/// A table bought through tiers is made of straight lines: its best response
/// is at a corner or an end, and the bound says no more than that, also where
/// a corner's spend is not known to the last bit.
#[test]
fn tables_through_tiers_are_bounded_by_their_corners() {
    let points = [(0.0, 0.0), (71_252.793, 39_614.8), (142_505.587, 50_057.15), (213_758.38, 52_809.7)];
    for case in 0..100 {
        let units = 0.7 + 0.0137 * f64::from(case);
        let curve = Curve::table(&points).unwrap().tiered(&[Tier { from: 19_832.636_331, units }]).unwrap();
        let high = curve.last_spend();
        let mut corners = vec![0.0];
        curve.for_each_piece(0.0, high, |piece| corners.push(piece.to));
        let line = Line::new(curve, 0.0, Vec::new());
        for pair in corners.windows(2) {
            let cost = line.curve.marginal(0.5 * (pair[0] + pair[1])) * (1.0 - 1e-7);
            let best =
                best_response(&line, 0.0, high, Offer { worth: 1.0, cost, ..Offer::default() }).unwrap();
            let worth = |x: &f64| line.curve.value(*x) - cost * x;
            let most = corners.iter().map(worth).fold(f64::NEG_INFINITY, f64::max);
            assert!(best.bound >= most && best.bound <= most + 1e-6, "{best:?}, corners {most}");
        }
    }
}
