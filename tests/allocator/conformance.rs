//! One suite for every class of problem: what is claimed must follow from the
//! problem, the plan and the leaves alone.

use outlay_allocator::{Goal, Options, Problem, Solution, Status, certificate, solve};

use crate::classes::{CLASSES, Case, Class};
use crate::{excess, obeys, seeds, worth};

/// Gap asked for where nothing else is: every class may have an S-curve.
const GAP: f64 = 1e-6;

/// Collects what does not hold.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.0.push(message());
        }
    }
}

/// What is wrong with a solution of a problem for which `witness` is a plan,
/// other than that its gap may be open.
fn faults(problem: &Problem, witness: &[f64], solution: &Solution) -> Vec<String> {
    let mut faults = Faults::default();
    let c = &solution.certificate;
    let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. });
    let sign = if ratio { -1.0 } else { 1.0 };
    let known = worth(problem, witness);
    let (bound, unit) = (sign * c.bound, 1e-9 * known.abs());
    // Beyond a bound lies nothing; one that is not a number claims nothing.
    let beyond = |value: f64, slack: f64| sign * value > bound + slack;
    faults.check(solution.status != Status::Infeasible, || "a plan exists".into());
    faults.check(!beyond(known, unit), || format!("known {known} beyond the bound {}", c.bound));
    match certificate::bound(problem, &c.leaves, ratio.then_some(c.bound)) {
        Err(error) => faults.check(false, || format!("certificate: {error}")),
        Ok(left) if ratio => faults.check(c.bound.is_nan() || left <= 0.0, || format!("ratio leaves {left}")),
        Ok(proven) => {
            let more = proven > c.bound + 1e-12 * c.bound.abs();
            faults.check(!more, || format!("{proven} proven, {} stated", c.bound));
        }
    }
    let Some(plan) = &solution.plan else {
        return faults.0;
    };
    let value = worth(problem, &plan.spends);
    // What the problem is about: a plan may be worth nothing.
    let most: f64 = problem.lines.iter().map(|l| l.curve.value(l.domain().largest().min(1e7))).sum();
    let size = value.abs().max(1e-6 * most);
    let over = excess(problem, &plan.spends);
    faults.check((value - plan.value).abs() <= 1e-11 * size, || format!("{value} stated as {}", plan.value));
    faults.check(over <= 1e-9, || format!("violation {over:e}"));
    faults.check(c.violation <= 1e-9, || format!("stated violation {:e}", c.violation));
    faults.check(!beyond(value, 1e-12 * size), || format!("value {value} beyond the bound {}", c.bound));
    for (i, (line, &x)) in problem.lines.iter().zip(&plan.spends).enumerate() {
        faults.check(obeys(line, x), || format!("line {i} spends {x}: {:?}", line.facts));
    }
    if solution.status == Status::Optimal {
        faults.check(c.gap <= GAP, || format!("gap {:e}", c.gap));
        let apart = (c.bound - value).abs();
        faults.check(apart <= 1.001 * GAP * size + unit, || format!("{value} and bound {}", c.bound));
    }
    faults.0
}

/// Solves problems of a class and reports every fault; the number whose gap
/// stays open within `nodes`, and how many have no plan by then.
fn open_after(class: Class, n: usize, count: u64, nodes: usize) -> (usize, usize) {
    let (mut open, mut without) = (0, 0);
    for seed in seeds(count) {
        let Case { problem, witness, .. } = class.case(n, seed);
        assert!(excess(&problem, &witness) <= 1e-12, "{class:?} n {n} seed {seed}: not a plan");
        let solution = solve(&problem, &Options { nodes, ..Options::default() }).unwrap();
        let faults = faults(&problem, &witness, &solution);
        assert!(faults.is_empty(), "{class:?} n {n} seed {seed}: {faults:?}");
        if solution.status != Status::Optimal {
            open += 1;
        }
        without += usize::from(solution.plan.is_none());
    }
    (open, without)
}

#[test]
fn what_is_claimed_holds_for_every_class() {
    for class in CLASSES {
        let (mut drawn, mut open, mut without) = (0, 0, 0);
        for (n, count) in [(1, 8), (2, 8), (4, 6), (9, 2)] {
            let found = open_after(class, n, count, 100);
            (open, without) = (open + found.0, without + found.1);
            drawn += seeds(count).count();
        }
        // Nothing found would have no faults.
        assert!(
            2 * open <= drawn && 10 * without <= drawn,
            "{class:?}: {open} open, {without} without a plan"
        );
    }
}

/// Problems of these sizes are proven, not merely bounded.
#[test]
fn small_problems_are_proven() {
    // Caps on outcomes leave what is not convex between many small boxes.
    for class in CLASSES.into_iter().filter(|c| *c != Class::ResponseCap) {
        for (n, count) in [(1, 10), (2, 20), (4, 10), (8, 10)] {
            assert_eq!(open_after(class, n, count, 3000), (0, 0), "{class:?} n {n}");
        }
    }
    for n in [1, 2, 4] {
        assert_eq!(open_after(Class::ResponseCap, n, 10, 3000), (0, 0), "n {n}");
    }
}
