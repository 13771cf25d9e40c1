//! A search that is told to stop within a part ends there, with what it has.

use std::sync::atomic::{AtomicUsize, Ordering};

use outlay_allocator::{Coefficients, Fact, Goal, Limit, Line, Options, Problem, Status, Terms, solve};
use outlay_curves::Curve;

/// Three flights of eight weeks on one budget; each week's stock is half of the
/// last one's and what is spent.
fn weeks() -> Problem {
    let (mut lines, mut limits, mut worth) = (Vec::new(), Vec::new(), Vec::new());
    let mut budget = Vec::new();
    for flight in 0..3 {
        let first = lines.len();
        for t in 0..8 {
            let fact = Fact::Max(60.0);
            lines.push(Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![fact]));
            let half = 25.0 + 10.0 * f64::from(flight) + f64::from(t);
            lines.push(Line::new(Curve::exponential(100.0, half).unwrap(), 0.0, Vec::new()));
            worth.extend([0.0, 1.0 + 0.1 * f64::from(t)]);
            let spend = lines.len() - 2;
            budget.push((spend, Coefficients::on_spend(1.0)));
            let mut few = vec![(spend, Coefficients::on_spend(-1.0))];
            if spend > first {
                few.push((spend - 1, Coefficients::on_spend(-0.5)));
            }
            few.push((spend + 1, Coefficients::on_spend(1.0)));
            few.sort_by_key(|(line, _)| *line);
            limits.push(Limit::on(Terms::default().with_few(few), Some(0.0), Some(0.0)));
        }
    }
    limits.push(Limit::on(Terms::default().with_few(budget), None, Some(400.0)));
    Problem { lines, goal: Goal::Maximize(Terms::default().with_response(worth)), limits }
}

#[test]
fn a_search_stops_within_its_first_part() {
    let problem = weeks();
    let asked = |most: usize| {
        let count = AtomicUsize::new(0);
        let stop = || count.fetch_add(1, Ordering::Relaxed) >= most;
        let solution = solve(&problem, &Options { stop: &stop, ..Options::default() }).unwrap();
        (solution, count.into_inner())
    };
    let (whole, all) = asked(usize::MAX);
    assert_eq!(whole.status, Status::Optimal);
    let best = whole.plan.unwrap().value;
    assert!(all > 6, "asked {all} times only");
    for most in [0, 1, 3] {
        let (cut, count) = asked(most);
        assert!(count <= most + 6, "asked {count} times, {most} before the stop");
        assert!(matches!(cut.status, Status::WithinGap | Status::Undetermined), "{:?}", cut.status);
        assert!(cut.certificate.bound >= best * (1.0 - 1e-9), "{} below {best}", cut.certificate.bound);
        if let Some(plan) = cut.plan {
            assert!(plan.value <= best * (1.0 + 1e-6));
        }
    }
}

/// Forty lines in groups that overlap, each held to a share.
fn groups(count: usize, current: f64) -> Problem {
    let line = |i: usize| {
        let curve = Curve::hill(1000.0 + 37.0 * (i % 7) as f64, 80.0 + 11.0 * (i % 5) as f64, 0.9).unwrap();
        Line::new(curve, current, vec![Fact::Max(200.0)])
    };
    let lines: Vec<Line> = (0..40).map(line).collect();
    let spend = Terms::default().with_spend(vec![1.0; 40]);
    let mut limits = vec![Limit::on(spend.clone(), None, Some(2000.0))];
    limits.extend((0..count).map(|g| {
        let member = |i: usize| f64::from(u8::from((i * (g + 3) + g) % 11 < 3));
        let group = Terms::default().with_spend((0..40).map(member).collect::<Vec<f64>>());
        Limit::ratio(group, spend.clone(), None, Some(0.45))
    }));
    Problem { lines, goal: Goal::Maximize(Terms::default().with_response(vec![1.0; 40])), limits }
}

#[test]
fn a_plan_in_total_stops_within_its_first_part() {
    let asked = |problem: &Problem, most: usize| {
        let count = AtomicUsize::new(0);
        let stop = || count.fetch_add(1, Ordering::Relaxed) >= most;
        (solve(problem, &Options { stop: &stop, ..Options::default() }).unwrap(), count.into_inner())
    };
    // All limits at once, and those only that a plan breaks.
    for (groups, least) in
        [(140, 15), (200, 5)].map(|(count, least)| (move |today| groups(count, today), least))
    {
        let (whole, all) = asked(&groups(50.0), usize::MAX);
        assert_eq!((whole.status, whole.certificate.nodes), (Status::Optimal, 1));
        let best = whole.plan.unwrap().value;
        assert!(all > least, "asked {all} times only");
        for most in [0, 1, 5, 12] {
            // Today's spends keep the limits, or break them.
            for (current, kept) in [(50.0, true), (150.0, false)] {
                let problem = groups(current);
                let (cut, count) = asked(&problem, most);
                assert!(count <= most + 12, "asked {count} times, {most} before the stop");
                assert!(
                    cut.certificate.bound >= best * (1.0 - 1e-9),
                    "{} below {best}",
                    cut.certificate.bound
                );
                match &cut.plan {
                    Some(plan) => assert!(plan.value <= best * (1.0 + 1e-6)),
                    None => assert!(!kept, "today's spends are a plan"),
                }
            }
        }
    }
}
