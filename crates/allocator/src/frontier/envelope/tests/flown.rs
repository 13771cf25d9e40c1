//! Plans of a flight carried on to the other end of a stretch, against closed
//! forms.

use super::*;
use crate::Coefficients;

/// Spends without memory, each with a stock of the same size that earns by its
/// own curve, under a budget.
fn flight(curves: &[Curve], budget: f64) -> Problem {
    let n = curves.len();
    let money = line(Curve::linear(1.0).unwrap(), 0.0, &[Fact::Max(100.0)]);
    let mut lines = vec![money; n];
    lines.extend(curves.iter().map(|curve| line(curve.clone(), 0.0, &[Fact::Max(100.0)])));
    let on = |k: usize| [vec![0.0; k * n], vec![1.0; n], vec![0.0; (1 - k) * n]].concat();
    let tie = |t: usize| {
        let few = vec![(t, Coefficients::on_spend(-1.0)), (n + t, Coefficients::on_spend(1.0))];
        Limit::on(Terms::default().with_few(few), Some(0.0), Some(0.0))
    };
    let mut limits = vec![Limit::on(spend(&on(0)), None, Some(budget))];
    limits.extend((0..n).map(tie));
    Problem { lines, goal: Goal::Maximize(response(&on(1))), limits }
}

fn stated(problem: &Problem, spends: &[f64]) -> Plan {
    let spends = [spends, spends].concat();
    Plan { value: judge(problem, &spends).value, spends }
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-5 * expected.abs(), "{found}, not {expected}");
}

/// Where a limit moves unevenly, plans in between come later than the line.
#[test]
fn a_plan_carried_on_is_late_by_as_much_as_limits_move_unevenly() {
    let curves = [bent(100.0, 20.0), bent(10.0, 20.0)];
    // The first week at most `t` times the second: 60 - 60 / (1 + t).
    let capped = |t: f64| {
        let mut problem = flight(&curves, 60.0);
        problem.limits.push(Limit::ratio(
            spend(&[1.0, 0.0, 0.0, 0.0]),
            spend(&[0.0, 1.0, 0.0, 0.0]),
            None,
            Some(t),
        ));
        problem
    };
    let best = |t: f64| [60.0 * t / (1.0 + t), 60.0 / (1.0 + t)];
    let worth = |x: [f64; 2]| curves[0].value(x[0]) + curves[1].value(x[1]);
    for (from, to) in [(0.5, 1.0), (1.0, 0.5), (0.2, 2.0)] {
        let (a, b) = (capped(from), capped(to));
        let plan = stated(&a, &best(from));
        let found = carried((&a, &plan), &b).expect("a line");
        let [w_a, w_b] = [best(from), best(to)].map(|x| x[1].sqrt());
        let lost = (w_a - w_b).abs() / (w_a + w_b) * (worth(best(to)) - worth(best(from))).abs();
        assert!(lost > 0.1, "{lost}");
        near(found.start, worth(best(from)) - lost);
        near(found.end, worth(best(to)) - lost);
    }
}

/// What a curve sags between both plans is lost all along the line.
#[test]
fn a_plan_carried_on_loses_what_its_curves_sag() {
    let curve = Curve::hill(100.0, 40.0, 3.0).unwrap();
    let (a, b) = (flight(std::slice::from_ref(&curve), 10.0), flight(std::slice::from_ref(&curve), 30.0));
    let value = |x: f64| curve.value(x);
    let sagged = (0..=20_000).map(|k| {
        let x = 10.0 + 20.0 * f64::from(k) / 20_000.0;
        value(10.0) + (value(30.0) - value(10.0)) * (x - 10.0) / 20.0 - value(x)
    });
    let sagged = sagged.fold(0.0, f64::max);
    assert!(sagged > 1.0, "{sagged}");
    for ((own, at), (other, to)) in [((&a, 10.0), (&b, 30.0)), ((&b, 30.0), (&a, 10.0))] {
        let found = carried((own, &stated(own, &[at])), other).expect("a line");
        near(found.start, value(at) - sagged);
        near(found.end, value(to) - sagged);
    }
}

/// Two best plans that fill different weeks say nothing of each other; each,
/// carried on, says as much as if both filled the same.
#[test]
fn plans_of_different_weeks_are_carried_on() {
    let curve = Curve::hill(100.0, 40.0, 3.0).unwrap();
    let at = |budget: f64| flight(&[curve.clone(), curve.clone()], budget);
    let (a, b) = (at(40.0), at(42.0));
    let filled = |problem: &Problem, week: usize, budget: f64| {
        let mut spends = [0.0; 2];
        spends[week] = budget;
        let mut found = solved(problem);
        let plan = stated(problem, &spends);
        near(found.plan.as_ref().expect("a plan").value, plan.value);
        found.plan = Some(plan);
        found
    };
    let claimed = |weeks: [usize; 2]| {
        let [first, last] = [filled(&a, weeks[0], 40.0), filled(&b, weeks[1], 42.0)];
        deviation((&a, &first), (&b, &last))
    };
    let same = claimed([0, 0]);
    assert!(same < 5e-3, "{same:e}");
    for weeks in [[0, 1], [1, 0], [1, 1]] {
        let found = claimed(weeks);
        assert!((found - same).abs() <= 1e-3 * same, "{weeks:?}: {found:e}, not {same:e}");
    }
}
