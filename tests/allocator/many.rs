//! Many limits on shares, of which few bind, or which leave nothing to spend.

use outlay_allocator::certificate::bound;
use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Status, Terms, solve};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::excess;

/// Lines with tags of so many values each, and a cap on the share of every
/// value that is `factor` times the mean share.
fn tagged(lines: usize, tags: usize, values: usize, factor: f64, seed: u64) -> Problem {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let total = Terms::default().with_spend(vec![1.0; lines]);
    let shape = |random: &mut Pcg64Mcg| random.random_range(0.7..1.0);
    let all: Vec<Line> = (0..lines)
        .map(|_| {
            let today = random.random_range(1e4..1e5);
            let (ceiling, half) =
                (today * random.random_range(3.0..8.0), today * random.random_range(0.6..2.0));
            let curve = Curve::hill(ceiling, half, shape(&mut random)).unwrap();
            Line::new(curve, today, vec![Fact::Max(3.0 * today)])
        })
        .collect();
    let budget: f64 = all.iter().map(|l| l.current).sum();
    let mut limits = vec![Limit::on(total.clone(), None, Some(budget))];
    for _ in 0..tags {
        let of: Vec<usize> = (0..lines).map(|_| random.random_range(0..values)).collect();
        for value in (0..values).filter(|value| of.contains(value)) {
            let own: Vec<f64> = of.iter().map(|v| f64::from(u8::from(v == &value))).collect();
            let own = Terms::default().with_spend(own);
            limits.push(Limit::ratio(own, total.clone(), None, Some(factor / values as f64)));
        }
    }
    let goal = Goal::Maximize(Terms::default().with_response(vec![1.0; lines]));
    Problem { lines: all, limits, goal }
}

#[test]
fn plans_keep_limits_that_were_not_asked_at_first() {
    for (seed, factor) in [(1, 1.4), (2, 1.5), (3, 1.7)] {
        let problem = tagged(120, 10, 20, factor, seed);
        assert!(problem.limits.len() > 180);
        let solution = solve(&problem, &Options::default()).unwrap();
        let plan = solution.plan.as_ref().unwrap();
        assert_eq!(solution.status, Status::Optimal);
        assert!(excess(&problem, &plan.spends) <= 1e-9);
        let proven = bound(&problem, &solution.certificate.leaves, None).unwrap();
        assert!(plan.value > 0.0 && (proven - plan.value).abs() <= 1e-8 * plan.value);
        let bind = problem.limits.iter().filter(|l| l.is_binding(&problem.lines, &plan.spends)).count();
        assert!(bind > 2, "{bind} of {} limits bind", problem.limits.len());
    }
}

#[test]
fn shares_that_add_up_to_less_than_all_leave_nothing() {
    let problem = tagged(90, 4, 60, 0.95, 5);
    let solution = solve(&problem, &Options::default()).unwrap();
    assert_eq!(solution.status, Status::Optimal);
    assert!(solution.plan.unwrap().spends.iter().all(|x| *x == 0.0));
    // With something that must be spent there is no plan.
    let mut must = problem.clone();
    must.limits[0] = Limit::on(Terms::default().with_spend(vec![1.0; 90]), Some(1e5), Some(1e6));
    let none = solve(&must, &Options::default()).unwrap();
    assert_eq!(none.status, Status::Infeasible);
    assert_eq!(bound(&must, &none.certificate.leaves, None), Ok(f64::NEG_INFINITY));
}
