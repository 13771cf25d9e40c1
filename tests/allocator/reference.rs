//! Answers with a closed form or published elsewhere.

use approx::assert_relative_eq;
use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Solution, Status, Terms, solve};
use outlay_curves::Curve;

/// Lines on `[min, max]` with the given curves.
fn lines(curves: Vec<Curve>, min: &[f64], max: &[f64]) -> Vec<Line> {
    let facts = min.iter().zip(max).map(|(&l, &u)| vec![Fact::Min(l), Fact::Max(u)]);
    curves.into_iter().zip(facts).map(|(c, f)| Line::new(c, 0.0, f)).collect()
}

fn ones(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

fn spend(n: usize) -> Terms {
    Terms::default().with_spend(ones(n))
}

fn response(n: usize) -> Terms {
    Terms::default().with_response(ones(n))
}

/// Largest response within a budget.
fn within_budget(curves: Vec<Curve>, budget: f64) -> Problem {
    let n = curves.len();
    Problem {
        lines: lines(curves, &vec![0.0; n], &vec![budget; n]),
        goal: Goal::Maximize(response(n)),
        limits: vec![Limit::on(spend(n), None, Some(budget))],
    }
}

fn optimum(problem: &Problem) -> (Vec<f64>, f64, Solution) {
    let solution = solve(problem, &Options::default()).unwrap();
    assert_eq!(solution.status, Status::Optimal, "{solution:?}");
    assert!(solution.certificate.violation <= 1e-9);
    let plan = solution.plan.clone().unwrap();
    (plan.spends, plan.value, solution)
}

const V: [f64; 3] = [1000.0, 600.0, 300.0];
const K: [f64; 3] = [400.0, 100.0, 50.0];
const B: f64 = 500.0;

#[test]
fn michaelis_menten_closed_form() {
    let curves = (0..3).map(|i| Curve::michaelis_menten(V[i], K[i]).unwrap()).collect();
    let (x, value, solution) = optimum(&within_budget(curves, B));
    let roots: f64 = (0..3).map(|i| (V[i] * K[i]).sqrt()).sum();
    let root_price = roots / (B + K.iter().sum::<f64>());
    for i in 0..3 {
        assert_relative_eq!(x[i], (V[i] * K[i]).sqrt() / root_price - K[i], max_relative = 1e-5);
    }
    assert_relative_eq!(value, 947.849522, max_relative = 1e-9);
    assert_relative_eq!(solution.certificate.prices[0].max, root_price * root_price, max_relative = 1e-6);
}

#[test]
fn exponential_closed_form() {
    let curves = (0..3).map(|i| Curve::exponential(V[i], K[i]).unwrap()).collect();
    let (x, value, solution) = optimum(&within_budget(curves, B));
    let total: f64 = (0..3).map(|i| K[i] * (V[i] / K[i]).ln()).sum();
    let log_price = (total - B) / K.iter().sum::<f64>();
    for i in 0..3 {
        assert_relative_eq!(x[i], K[i] * ((V[i] / K[i]).ln() - log_price), max_relative = 1e-5);
    }
    assert_relative_eq!(value, 1196.630540, max_relative = 1e-9);
    assert_relative_eq!(solution.certificate.prices[0].max, log_price.exp(), max_relative = 1e-6);
}

#[test]
fn log_closed_form() {
    let curves = (0..3).map(|i| Curve::log(V[i], K[i]).unwrap()).collect();
    let (x, value, solution) = optimum(&within_budget(curves, B));
    let price = V.iter().sum::<f64>() / (B + K.iter().sum::<f64>());
    for i in 0..3 {
        assert_relative_eq!(x[i], V[i] / price - K[i], max_relative = 1e-5);
    }
    assert_relative_eq!(value, 1402.053182, max_relative = 1e-9);
    assert_relative_eq!(solution.certificate.prices[0].max, price, max_relative = 1e-6);
}

#[test]
fn square_root_closed_form() {
    let curves = V.iter().map(|&v| Curve::power(v, 0.5).unwrap()).collect();
    let (x, value, _) = optimum(&within_budget(curves, B));
    let squares: f64 = V.iter().map(|v| v * v).sum();
    for i in 0..3 {
        assert_relative_eq!(x[i], B * V[i] * V[i] / squares, max_relative = 1e-5);
    }
    assert_relative_eq!(value, 26925.824036, max_relative = 1e-9);
}

#[test]
fn s_curves_where_local_solvers_stall() {
    let (v, k, a) = ([100.0, 80.0, 60.0], [40.0, 30.0, 20.0], [3.0, 2.5, 4.0]);
    let curves = (0..3).map(|i| Curve::hill(v[i], k[i], a[i]).unwrap()).collect();
    let (x, value, _) = optimum(&within_budget(curves, 60.0));
    assert_relative_eq!(value, 90.8747679, max_relative = 1e-8);
    assert_eq!(x[0], 0.0);
    assert_relative_eq!(x[1], 32.63730, max_relative = 1e-4);
    assert_relative_eq!(x[2], 27.36270, max_relative = 1e-4);
}

/// Three Michaelis-Menten lines that return customers.
fn customers() -> Vec<Curve> {
    let (v, k) = ([50.0, 30.0, 12.0], [4000.0, 2000.0, 500.0]);
    (0..3).map(|i| Curve::michaelis_menten(v[i], k[i]).unwrap()).collect()
}

fn cac_at_most(cap: f64) -> Limit {
    Limit::ratio(spend(3), response(3), None, Some(cap))
}

#[test]
fn most_customers_under_a_blended_cac() {
    let problem = Problem {
        lines: lines(customers(), &[0.0; 3], &[1e5; 3]),
        goal: Goal::Maximize(response(3)),
        limits: vec![cac_at_most(120.0)],
    };
    let (x, value, solution) = optimum(&problem);
    assert_relative_eq!(value, 39.04593, max_relative = 1e-6);
    for (x, expected) in x.iter().zip([2499.70, 1560.03, 625.78]) {
        assert_relative_eq!(*x, expected, max_relative = 1e-4);
    }
    // With price p: marginal CAC = (1 + p C) / p on every interior line.
    let price = solution.certificate.prices[0].max;
    assert_relative_eq!((1.0 + price * 120.0) / price, 211.2304, max_relative = 1e-5);
    for (line, x) in problem.lines.iter().zip(&x) {
        assert_relative_eq!(1.0 / line.curve.marginal(*x), 211.2304, max_relative = 1e-4);
    }
}

#[test]
fn most_profit_with_and_without_a_blended_cac() {
    let profit = Terms::default().with_response(vec![200.0; 3]).with_spend(vec![-1.0; 3]);
    let mut problem = Problem {
        lines: lines(customers(), &[0.0; 3], &[1e5; 3]),
        goal: Goal::Maximize(profit),
        limits: vec![],
    };
    let (x, _, _) = optimum(&problem);
    let cac = problem_cac(&problem, &x);
    assert_relative_eq!(cac, 116.66, max_relative = 1e-4);
    problem.limits.push(cac_at_most(95.0));
    let (x, _, _) = optimum(&problem);
    for (line, x) in problem.lines.iter().zip(&x) {
        assert_relative_eq!(1.0 / line.curve.marginal(*x), 135.52, max_relative = 1e-4);
    }
}

fn problem_cac(problem: &Problem, x: &[f64]) -> f64 {
    spend(3).measure(&problem.lines, x).0 / response(3).measure(&problem.lines, x).0
}

/// The lowest blended CAC at a required volume, and a cap below it.
#[test]
fn lowest_cac_by_dinkelbach() {
    let floors = [2000.0, 3000.0, 200.0];
    let caps = [8000.0, 6000.0, 900.0];
    let mut problem = Problem {
        lines: lines(customers(), &floors, &caps),
        goal: Goal::MinimizeRatio { numerator: spend(3), denominator: response(3) },
        limits: vec![Limit::on(spend(3), Some(6500.0), None)],
    };
    let (x, value, _) = optimum(&problem);
    assert_relative_eq!(value, 142.57592, max_relative = 1e-7);
    for (x, expected) in x.iter().zip([2818.927, 3000.0, 681.073]) {
        assert_relative_eq!(*x, expected, max_relative = 1e-4);
    }
    problem.goal = Goal::Maximize(response(3));
    problem.limits.push(cac_at_most(60.0));
    let solution = solve(&problem, &Options::default()).unwrap();
    assert_eq!(solution.status, Status::Infeasible);
    problem.limits[1].max = Some(142.5760);
    assert_eq!(solve(&problem, &Options::default()).unwrap().status, Status::Optimal);
    problem.limits[1].max = Some(142.5758);
    assert_eq!(solve(&problem, &Options::default()).unwrap().status, Status::Infeasible);
}

/// Meridian's "Getting Started" curves as Hill fits: +-30% of base spend, total fixed.
#[test]
fn meridian_hill_curves() {
    let base = [40.5, 31.3, 12.1, 87.9, 47.7];
    let v = [144.020, 67.683, 41.790, 149.172, 160.038];
    let k = [49.386, 41.801, 23.290, 99.979, 49.461];
    let a = [0.9316, 0.9073, 0.8846, 0.9149, 0.8950];
    let curves = (0..5).map(|i| Curve::hill(v[i], k[i], a[i]).unwrap()).collect();
    let min: Vec<f64> = base.iter().map(|b| 0.7 * b).collect();
    let max: Vec<f64> = base.iter().map(|b| 1.3 * b).collect();
    let problem = Problem {
        lines: lines(curves, &min, &max),
        goal: Goal::Maximize(response(5)),
        limits: vec![Limit::on(spend(5), Some(219.5), Some(219.5))],
    };
    let (x, value, _) = optimum(&problem);
    assert_relative_eq!(value, 265.371, max_relative = 1e-5);
    for (x, expected) in x.iter().zip([52.65, 27.58, 15.73, 61.53, 62.01]) {
        assert_relative_eq!(*x, expected, max_relative = 3e-3);
    }
}
