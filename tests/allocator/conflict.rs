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

/// Every value of each of many tags is capped so low that no tag's caps add up
/// to the whole: the budget and the caps of one tag are a conflict, and one that
/// can be read.
#[test]
fn caps_by_many_tags_conflict_tag_by_tag() {
    const VALUES: usize = 16;
    let lines: Vec<Line> = (0..4 * VALUES).map(|i| line(50.0, 40.0 + i as f64, 0.0, 500.0)).collect();
    let spend = Terms::default().with_spend(vec![1.0; lines.len()]);
    let mut limits = vec![Limit::on(spend.clone(), Some(1_000.0), Some(1_000.0))];
    for tag in 0..4 {
        for value in 0..VALUES {
            let carries = |i: usize| (i * (2 * tag + 1) + i / VALUES * tag) % VALUES == value;
            let of: Vec<f64> = (0..lines.len()).map(|i| if carries(i) { 1.0 } else { 0.0 }).collect();
            let cap = Some(0.9 / VALUES as f64);
            limits.push(Limit::ratio(Terms::default().with_spend(of), spend.clone(), None, cap));
        }
    }
    let problem = Problem { lines, goal: Goal::Maximize(spend), limits };
    let rules = problem.rules();
    let found = conflict(&problem, &rules, &Options::default()).unwrap().unwrap();
    assert!(found.undetermined.is_empty());
    assert_irreducible(&problem, &rules, &found.members);
    let caps: Vec<usize> = found
        .members
        .iter()
        .filter_map(|&k| if let [Part::Max(r)] = rules[k].parts[..] { Some(r) } else { None })
        .collect();
    let tag = |r: &usize| (r - 1) / VALUES;
    let caps: Vec<usize> = caps.into_iter().filter(|r| *r > 0).collect();
    assert_eq!(caps.len(), VALUES, "{caps:?}");
    assert!(caps.iter().all(|r| tag(r) == tag(&caps[0])), "{caps:?}");
}

/// A share of an exact budget is a quantity: a repair of it is one search, and
/// what has to be nothing is proven to be.
#[test]
fn a_share_of_an_exact_budget_has_a_proven_repair() {
    let spend = Terms::default().with_spend(vec![1.0; 3]);
    let share = |i: usize, min: Option<f64>, max: Option<f64>| {
        let of: Vec<f64> = (0..3).map(|k| if k == i { 1.0 } else { 0.0 }).collect();
        Limit::ratio(Terms::default().with_spend(of), spend.clone(), min, max)
    };
    let lines = vec![line(50.0, 40.0, 0.0, 300.0), line(30.0, 20.0, 0.0, 300.0), line(12.0, 5.0, 0.0, 300.0)];
    let goal = Goal::Maximize(spend.clone());
    let exact = Limit::on(spend.clone(), Some(400.0), Some(400.0));
    let limits =
        vec![exact, share(0, None, Some(0.25)), share(1, None, Some(0.25)), share(2, None, Some(0.3))];
    let problem = Problem { lines, goal, limits };
    assert!(matches!(problem.lowest(&problem.limits[1]), Some(Goal::Maximize(_))));
    let rules = problem.rules();
    let cap = rule_of(&rules, Part::Max(1));
    let repaired = repair(&problem, &rules, cap, &Options::default()).unwrap().unwrap();
    assert!(repaired.proven);
    // What the other caps leave of the whole.
    assert_relative_eq!(repaired.changes[0].to.unwrap(), 0.45, max_relative = 3e-7);
    // Without the other caps nothing has to be spent on the first line.
    let mut free = problem.clone();
    free.limits.truncate(2);
    let lowest = free.lowest(&free.limits[1]).unwrap();
    free.limits[1].max = None;
    let found = solve(&Problem { goal: lowest, ..free }, &Options::default()).unwrap();
    assert_eq!((found.status, found.plan.unwrap().value), (Status::Optimal, 0.0));
}

/// The same money in other units: at every scale a ratio that its bounds fix is
/// proven, down to where what is missing is less than a last digit.
#[test]
fn a_least_ratio_is_proven_in_every_unit() {
    for k in 0..400 {
        let unit = 10.0_f64.powf(-12.0 + 0.06 * f64::from(k));
        let curve = |c: f64, scale: f64| Curve::log(c, scale * unit).unwrap();
        let lines = vec![
            Line::new(curve(1.148, 11.763), 0.0, vec![Fact::Min(0.0)]),
            Line::new(curve(1.7471, 22.464), 0.0, vec![Fact::Min(3.325 * unit)]),
        ];
        let mut cost = Terms::default().with_spend(vec![1.001, 1.0]);
        cost.constant = 6.009 * unit;
        let mut gained = Terms::default().with_response(vec![1.0; 2]);
        gained.constant = 2.442;
        let budget = Limit::on(Terms::default().with_spend(vec![1.001, 1.0]), None, Some(120.0 * unit));
        let goal = Goal::MinimizeRatio { numerator: cost, denominator: gained };
        let found = solve(&Problem { lines, goal, limits: vec![budget] }, &Options::default()).unwrap();
        // Nothing more is worth its money: the least spends are the best.
        let least = 9.334 * unit / (2.442 + 1.7471 * (3.325_f64 / 22.464).ln_1p());
        assert_eq!(found.status, Status::Optimal, "{unit:e}");
        assert_relative_eq!(found.plan.unwrap().value, least, max_relative = 1e-12);
    }
}
