//! Conflicts and repairs against answers known otherwise.

use approx::assert_relative_eq;
use outlay_allocator::{
    Fact, Feasibility, Goal, Limit, Line, Options, Part, Problem, Rule, Status, Terms, certificate,
    cheapest_repair, conflict, feasibility, fewest_changes, repair, solve,
};
use outlay_curves::Curve;

fn line(ceiling: f64, half_saturation: f64, min: f64, max: f64) -> Line {
    let curve = Curve::michaelis_menten(ceiling, half_saturation).unwrap();
    Line::new(curve, 0.0, vec![Fact::Min(min), Fact::Max(max)])
}

/// Three lines that must spend 6500 together, with a cap on cost per customer.
fn capped(cap: f64) -> Problem {
    let lines = vec![
        line(50.0, 4000.0, 2000.0, 8000.0),
        line(30.0, 2000.0, 3000.0, 6000.0),
        line(12.0, 500.0, 200.0, 900.0),
    ];
    let spend = Terms::default().with_spend(vec![1.0; 3]);
    let customers = Terms::default().with_response(vec![1.0; 3]);
    Problem {
        lines,
        goal: Goal::Maximize(customers.clone()),
        limits: vec![
            Limit::on(spend.clone(), Some(6500.0), None),
            Limit::ratio(spend, customers, None, Some(cap)),
        ],
    }
}

fn rule_of(rules: &[Rule], part: Part) -> usize {
    rules.iter().position(|r| r.parts == [part]).unwrap()
}

fn can_hold(problem: &Problem) -> bool {
    match feasibility(problem, &Options::default()).unwrap() {
        Feasibility::Feasible(_) => true,
        Feasibility::Infeasible(_) => false,
        Feasibility::Undetermined(_) => panic!("undetermined"),
    }
}

/// Every part of the conflict cannot hold, and every part of it but one can.
fn assert_irreducible(problem: &Problem, rules: &[Rule], members: &[usize]) {
    let only = |kept: &[usize]| {
        let gone: Vec<_> = (0..rules.len()).filter(|k| !kept.contains(k)).map(|k| (k, None)).collect();
        problem.changed(rules, &gone)
    };
    assert!(!can_hold(&only(members)));
    for k in members {
        let rest: Vec<usize> = members.iter().copied().filter(|m| m != k).collect();
        assert!(can_hold(&only(&rest)), "{members:?} hold no plan even without {k}");
    }
}

/// The lowest cost per customer of these lines, found by Dinkelbach's
/// iteration elsewhere.
const LOWEST: f64 = 142.57592;

#[test]
fn a_cap_below_the_lowest_cost_is_repaired_to_it() {
    let problem = capped(60.0);
    let rules = problem.rules();
    let found = conflict(&problem, &rules, &Options::default()).unwrap().unwrap();
    let cap = rule_of(&rules, Part::Max(1));
    assert!(found.members.contains(&cap), "{found:?}");
    assert!(found.undetermined.is_empty());
    assert_irreducible(&problem, &rules, &found.members);
    let repaired = repair(&problem, &rules, cap, &Options::default()).unwrap().unwrap();
    let to = repaired.changes[0].to.unwrap();
    assert_relative_eq!(to, LOWEST, max_relative = 3e-7);
    assert!(can_hold(&capped(to)));
    assert!(!can_hold(&capped(to * (1.0 - 1e-6))));
}

#[test]
fn the_lowest_cost_has_its_plan_and_less_is_disproved() {
    let problem = capped(60.0);
    let mut lowest = problem.clone();
    lowest.goal = problem.limits[1].lowest().unwrap();
    lowest.limits[1].max = None;
    let found = solve(&lowest, &Options::default()).unwrap();
    let plan = found.plan.unwrap();
    assert_relative_eq!(plan.value, LOWEST, max_relative = 1e-7);
    assert_relative_eq!(found.certificate.bound, LOWEST, max_relative = 1e-7);
    for (spend, expected) in plan.spends.iter().zip([2818.927, 3000.0, 681.073]) {
        assert_relative_eq!(*spend, expected, max_relative = 1e-5);
    }
    let Feasibility::Infeasible(proof) = feasibility(&problem, &Options::default()).unwrap() else {
        panic!("60 is below the lowest cost")
    };
    assert_eq!(certificate::bound(&problem, &proof.leaves, None), Ok(f64::NEG_INFINITY));
    // The same prices prove nothing of a cap that can hold.
    assert!(certificate::bound(&capped(150.0), &proof.leaves, None) != Ok(f64::NEG_INFINITY));
}

#[test]
fn what_can_hold_has_no_conflict() {
    let problem = capped(150.0);
    assert_eq!(solve(&problem, &Options::default()).unwrap().status, Status::Optimal);
    assert!(conflict(&problem, &problem.rules(), &Options::default()).unwrap().is_none());
}

/// Two pairs of rules that have nothing to do with each other.
fn two_conflicts() -> Problem {
    let lines = vec![line(50.0, 40.0, 0.0, 100.0), line(30.0, 20.0, 0.0, 100.0)];
    let first = Terms::default().with_spend(vec![1.0, 0.0]);
    let second = Terms::default().with_spend(vec![0.0, 1.0]);
    Problem {
        lines,
        goal: Goal::Maximize(Terms::default().with_response(vec![1.0; 2])),
        limits: vec![
            Limit::on(first.clone(), Some(60.0), None),
            Limit::on(first, None, Some(50.0)),
            Limit::on(second.clone(), Some(90.0), None),
            Limit::on(second, None, Some(80.0)),
        ],
    }
}

#[test]
fn independent_conflicts_are_repaired_together() {
    let problem = two_conflicts();
    let mut rules = problem.rules();
    let options = Options::default();
    let found = conflict(&problem, &rules, &options).unwrap().unwrap();
    assert_irreducible(&problem, &rules, &found.members);
    for &k in &found.members {
        assert_eq!(repair(&problem, &rules, k, &options).unwrap(), None, "{k} alone does not suffice");
    }
    // Per unit moved, lowering 60 costs 1/60 and raising 50 costs 1/50; likewise 1/90 and 1/80.
    let cheapest = cheapest_repair(&problem, &rules, &[], &options).unwrap().unwrap();
    let changes: Vec<_> = cheapest.changes.iter().map(|c| (c.rule, c.to.unwrap())).collect();
    assert_eq!(changes.iter().map(|c| c.0).collect::<Vec<_>>(), [0, 2]);
    assert_relative_eq!(changes[0].1, 50.0, max_relative = 1e-6);
    assert_relative_eq!(changes[1].1, 80.0, max_relative = 1e-6);
    assert_relative_eq!(cheapest.cost, 10.0 / 60.0 + 10.0 / 90.0, max_relative = 1e-5);
    // A dear floor is left alone, a firm one too.
    rules[0].weight = 5.0;
    rules[2].firm = true;
    let cheapest = cheapest_repair(&problem, &rules, &[], &options).unwrap().unwrap();
    assert_eq!(cheapest.changes.iter().map(|c| c.rule).collect::<Vec<_>>(), [1, 3]);
    let fewest = fewest_changes(&problem, &rules, &[], &options).unwrap().unwrap();
    assert_eq!(fewest.changes.len(), 2);
    let list: Vec<_> = fewest.changes.iter().map(|c| (c.rule, c.to)).collect();
    assert!(can_hold(&problem.changed(&rules, &list)));
}

#[test]
fn firm_rules_leave_no_repair() {
    let problem = two_conflicts();
    let mut rules = problem.rules();
    assert!(cheapest_repair(&problem, &rules, &[], &Options::default()).unwrap().is_some());
    rules.iter_mut().for_each(|r| r.firm = true);
    assert_eq!(cheapest_repair(&problem, &rules, &[], &Options::default()).unwrap(), None);
    assert_eq!(fewest_changes(&problem, &rules, &[], &Options::default()).unwrap(), None);
}
