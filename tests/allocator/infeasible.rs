//! Random problems whose limits contradict each other, judged by linear
//! programs on tangents.

use outlay_allocator::{
    Change, Fact, Feasibility, Goal, Limit, Line, Options, Part, Problem, Rule, Terms, certificate,
    cheapest_repair, conflict, feasibility, fewest_changes, repair, solve,
};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::plans;
use crate::tangents::{Choice, Tangents};
use crate::{excess, obeys, seeds, worth};

/// A violation up to this is round-off of the linear programs.
const NONE: f64 = 1e-8;

/// Spends beyond this many times today's are not looked at.
const FAR: f64 = 100.0;

/// The smallest sum of relative violations of the limits and facts of a
/// problem, by means that share no code with the allocator: from below and,
/// by spends that attain it, from above (infinite where the programs end
/// without such spends).
fn least_violation(problem: &Problem) -> (f64, f64) {
    let elastic = elastic(problem);
    let choice = Choice::whole(&elastic);
    let (low, high) = Tangents::new(&elastic).optimum(&choice).expect("an elastic problem has a plan");
    (-high, -low)
}

/// The problem with a slack for every limit's side, each in units of the size
/// of its terms; slacks cost their sum.
fn elastic(problem: &Problem) -> Problem {
    let n = problem.lines.len();
    let sides: Vec<(usize, bool)> = problem
        .limits
        .iter()
        .enumerate()
        .flat_map(|(r, l)| [(r, true, l.min), (r, false, l.max)])
        .filter_map(|(r, min, number)| number.map(|_| (r, min)))
        .collect();
    let all = n + sides.len();
    let mut lines: Vec<Line> = problem.lines.iter().map(closed).collect();
    let slack = Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![Fact::Max(30.0)]);
    lines.extend(sides.iter().map(|_| slack.clone()));
    let mut limits = Vec::new();
    for (k, &(r, min)) in sides.iter().enumerate() {
        let limit = &problem.limits[r];
        let number = if min { limit.min } else { limit.max }.unwrap();
        let unit = if limit.denominator.is_some() { size(problem, limit) } else { number.abs().max(1e-9) };
        let mut spend = longer(&limit.numerator.spend, all);
        spend[n + k] = if min { unit } else { -unit };
        let numerator = Terms {
            spend: Some(spend.into()),
            response: Some(longer(&limit.numerator.response, all).into()),
            ..limit.numerator.clone()
        };
        let denominator = limit.denominator.as_ref().map(|d| Terms {
            spend: Some(longer(&d.spend, all).into()),
            response: Some(longer(&d.response, all).into()),
            ..d.clone()
        });
        let (min, max) = if min { (Some(number), None) } else { (None, Some(number)) };
        limits.push(Limit { numerator, denominator, min, max });
    }
    let price: Vec<f64> = (0..all).map(|i| if i < n { 0.0 } else { -1.0 }).collect();
    Problem { lines, goal: Goal::Maximize(Terms::default().with_spend(price)), limits }
}

fn closed(line: &Line) -> Line {
    let mut facts = line.facts.clone();
    facts.push(Fact::Max(FAR * line.current));
    line.with_facts(facts)
}

fn longer(column: &Option<std::sync::Arc<[f64]>>, all: usize) -> Vec<f64> {
    let mut longer = column.as_ref().map_or_else(Vec::new, |c| c.to_vec());
    longer.resize(all, 0.0);
    longer
}

/// The absolute terms of a ratio at the lines' scales.
fn size(problem: &Problem, limit: &Limit) -> f64 {
    let spends: Vec<f64> = problem
        .lines
        .iter()
        .map(|l| l.current.clamp(l.domain().least(), l.domain().largest().max(l.domain().least())))
        .collect();
    limit.numerator.measure(&problem.lines, &spends).1
}

/// Whether all rules can hold together; `None` where the programs do not say.
fn can_hold(problem: &Problem) -> Option<bool> {
    if problem.lines.iter().any(|l| l.domain().is_empty()) {
        return Some(false);
    }
    match least_violation(problem) {
        (least, _) if least > NONE => Some(false),
        (_, most) if most <= NONE => Some(true),
        _ => None,
    }
}

fn only(problem: &Problem, rules: &[Rule], kept: &[usize]) -> Problem {
    let gone: Vec<_> = (0..rules.len()).filter(|k| !kept.contains(k)).map(|k| (k, None)).collect();
    problem.changed(rules, &gone)
}

/// A concave problem whose limits often contradict each other.
fn draw(seed: u64) -> Problem {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let n: usize = rng.random_range(2..=12);
    let mut lines = Vec::new();
    for _ in 0..n {
        let k = 100.0 * (3.0 * rng.random::<f64>() - 1.5).exp();
        let top = k * (0.05 + 0.2 * rng.random::<f64>());
        let curve = match rng.random_range(0..5) {
            0 => Curve::hill(top, k, 0.5 + 0.5 * rng.random::<f64>()),
            1 => Curve::exponential(top, k),
            2 => Curve::power(0.2 * k.powf(0.4), 0.3 + 0.5 * rng.random::<f64>()),
            3 => Curve::log(0.5 * top, k),
            _ => Curve::michaelis_menten(top, k),
        }
        .unwrap();
        let mut facts = Vec::new();
        if rng.random_bool(0.6) {
            facts.push(Fact::Min(k * rng.random::<f64>()));
        }
        if rng.random_bool(0.8) {
            facts.push(Fact::Max(k * (1.0 + 2.0 * rng.random::<f64>())));
        }
        lines.push(Line::new(curve, k, facts));
    }
    let all = Terms::default().with_spend(vec![1.0; n]);
    let won = Terms::default().with_response(vec![1.0; n]);
    // What spending about this much gives.
    let at: Vec<f64> = lines.iter().map(|l| l.current * (0.3 + rng.random::<f64>())).collect();
    let spent = all.measure(&lines, &at).0;
    let customers = won.measure(&lines, &at).0;
    let near = |rng: &mut Pcg64Mcg, x: f64| x * (0.7 + 0.6 * rng.random::<f64>());
    let mut limits = Vec::new();
    let least = rng.random_bool(0.5).then(|| near(&mut rng, spent) * 0.9);
    limits.push(Limit::on(all.clone(), least, Some(near(&mut rng, spent).max(least.unwrap_or(0.0)))));
    let fixed = if rng.random_bool(0.5) { 0.1 * spent } else { 0.0 };
    let cost = Terms { constant: fixed, ..all.clone() };
    limits.push(Limit::ratio(
        cost,
        won.clone(),
        None,
        Some(near(&mut rng, (spent + fixed) / customers) * 0.9),
    ));
    if rng.random_bool(0.7) {
        limits.push(Limit::on(won.clone(), Some(near(&mut rng, customers)), None));
    }
    for _ in 0..rng.random_range(0..4) {
        let mask: Vec<f64> = (0..n).map(|_| f64::from(u8::from(rng.random_bool(0.4)))).collect();
        let part = Terms::default().with_spend(mask.clone());
        let share = part.measure(&lines, &at).0 / spent;
        match rng.random_range(0..3) {
            0 => limits.push(Limit::ratio(part, all.clone(), Some((share * 1.4).min(0.95)), None)),
            1 => limits.push(Limit::ratio(part, all.clone(), None, Some(share * 0.6))),
            _ => limits.push(Limit::on(part, Some(near(&mut rng, share * spent).max(1.0)), None)),
        }
    }
    Problem { lines, goal: Goal::Maximize(won), limits }
}

/// The repair without its last millionth.
fn short_of(rules: &[Rule], change: &Change) -> Change {
    let (from, to) = (rules[change.rule].number.unwrap(), change.to.unwrap());
    let step = 1e-6 * to.abs().max((to - from).abs());
    Change { rule: change.rule, to: Some(to + step * (from - to).signum()) }
}

/// True if the figure of a rule, by the linear programs, can lie on the right
/// side of a number while all other rules hold: `None` where they say so but
/// their own spends break rules on the true curves.
fn reaches(problem: &Problem, rules: &[Rule], change: &Change) -> Option<bool> {
    let n = problem.lines.len();
    let number = change.to.unwrap();
    let mut apart = problem.changed(rules, &[(change.rule, None)]);
    apart.lines = apart.lines.iter().map(closed).collect();
    let goal = match rules[change.rule].parts[0] {
        Part::Min(r) => beyond(&problem.limits[r], n, number, 1.0),
        Part::Max(r) => beyond(&problem.limits[r], n, number, -1.0),
        Part::Fact { line, fact } => {
            let sign = if matches!(problem.lines[line].facts[fact], Fact::Min(_)) { 1.0 } else { -1.0 };
            let spend: Vec<f64> = (0..n).map(|i| if i == line { sign } else { 0.0 }).collect();
            Terms { constant: -sign * number, ..Terms::default().with_spend(spend) }
        }
    };
    let apart = Problem { goal: Goal::Maximize(goal), ..apart };
    let (choice, mut tangents) = (Choice::whole(&apart), Tangents::new(&apart));
    if tangents.optimum(&choice).is_none_or(|(_, high)| high < 0.0) {
        return Some(false);
    }
    let (_, spends, _) = tangents.program(&choice)?;
    (excess(&apart, &spends) <= 1e-9 && worth(&apart, &spends) >= 0.0).then_some(true)
}

/// `sign * (numerator - number * denominator)`.
fn beyond(limit: &Limit, lines: usize, number: f64, sign: f64) -> Terms {
    let part = |of: &dyn Fn(&Terms) -> Vec<f64>| -> Vec<f64> {
        let own = of(&limit.numerator);
        let whole = limit.denominator.as_ref().map_or(vec![0.0; lines], of);
        own.iter().zip(whole).map(|(a, b)| sign * (a - number * b)).collect()
    };
    let constant = limit.denominator.as_ref().map_or(number, |d| number * d.constant);
    Terms {
        spend: Some(part(&|t| longer(&t.spend, lines)).into()),
        response: Some(part(&|t| longer(&t.response, lines)).into()),
        constant: sign * (limit.numerator.constant - constant),
        ..Terms::default()
    }
}

fn assert_irreducible(seed: u64, problem: &Problem, rules: &[Rule], members: &[usize]) {
    assert_ne!(can_hold(&only(problem, rules, members)), Some(true), "seed {seed}: {members:?} can hold");
    for k in members {
        let rest: Vec<usize> = members.iter().copied().filter(|m| m != k).collect();
        assert_ne!(
            can_hold(&only(problem, rules, &rest)),
            Some(false),
            "seed {seed}: {members:?} without {k}"
        );
    }
}

/// Each change of one rule suffices, and a millionth less does not; several
/// changes together suffice and cost no more than one.
fn assert_repaired(seed: u64, problem: &Problem, rules: &[Rule], members: &[usize]) -> [usize; 2] {
    let mut open = 0;
    let options = Options::default();
    let mut singles = Vec::new();
    for &k in members {
        singles.extend(repair(problem, rules, k, &options).unwrap());
    }
    for single in &singles {
        let [change] = single.changes.as_slice() else { panic!("seed {seed}: {single:?}") };
        let enough = problem.changed(rules, &[(change.rule, change.to)]);
        assert_ne!(can_hold(&enough), Some(false), "seed {seed}: {single:?} does not suffice");
        assert!(excess(&enough, &single.spends) <= 1e-9, "seed {seed}: {single:?} breaks a limit");
        let less = reaches(problem, rules, &short_of(rules, change));
        assert_ne!(less, Some(true), "seed {seed}: less than {single:?} suffices");
        open += usize::from(less.is_none());
    }
    let cheapest = cheapest_repair(problem, rules, &singles, &options).unwrap().expect("nothing is firm");
    let fewest = fewest_changes(problem, rules, &singles, &options).unwrap().expect("nothing is firm");
    for several in [&cheapest, &fewest] {
        let list: Vec<_> = several.changes.iter().map(|c| (c.rule, c.to)).collect();
        let changed = problem.changed(rules, &list);
        assert_ne!(can_hold(&changed), Some(false), "seed {seed}: {several:?} does not suffice");
        assert!(excess(&changed, &several.spends) <= 1e-9, "seed {seed}: {several:?} breaks a limit");
    }
    let least = singles.iter().map(|s| s.cost).fold(f64::INFINITY, f64::min);
    assert!(cheapest.cost <= least, "seed {seed}: {} is dearer than {least}", cheapest.cost);
    assert!(singles.is_empty() || fewest.changes.len() == 1, "seed {seed}: {fewest:?}");
    [singles.len(), open]
}

#[test]
fn conflicts_are_irreducible_and_repairs_least() {
    let (mut infeasible, mut repairs, mut open) = (0, 0, 0);
    for seed in seeds(12) {
        let problem = draw(seed);
        let rules = problem.rules();
        let found = conflict(&problem, &rules, &Options::default()).unwrap();
        let (least, most) = least_violation(&problem);
        let Some(found) = found else {
            assert!(least <= 1e-7, "seed {seed}: {least:e} is not found infeasible");
            let answer = feasibility(&problem, &Options::default()).unwrap();
            assert!(matches!(answer, Feasibility::Feasible(_)), "seed {seed}: undetermined at {least:e}");
            continue;
        };
        assert!(most > 1e-9, "seed {seed}: {most:e} is called infeasible");
        assert_eq!(found.undetermined, [] as [usize; 0], "seed {seed}");
        assert_irreducible(seed, &problem, &rules, &found.members);
        infeasible += 1;
        let [single, doubtful] = assert_repaired(seed, &problem, &rules, &found.members);
        (repairs, open) = (repairs + single, open + doubtful);
    }
    assert!(infeasible > 5 && 2 * repairs > infeasible, "{infeasible} infeasible, {repairs} repairs");
    // The programs' own error leaves some undecided; none may be refuted.
    assert!(4 * open < repairs, "of {repairs} least changes {open} are not shown to be least");
}

/// A cap set at the least that the other limits allow, and a little to either
/// side of it.
#[test]
fn a_hair_of_slack_is_enough_and_a_hair_too_little_is_not() {
    let options = Options::default();
    let (mut cornered, mut feasible, mut refuted) = (0, 0, 0);
    for seed in seeds(6) {
        let mut problem = draw(seed);
        let cap = Limit { max: None, ..problem.limits[1].clone() };
        problem.limits[1] = cap.clone();
        let lowest = Problem { goal: cap.lowest().unwrap(), ..problem.clone() };
        let Some(plan) = solve(&lowest, &options).unwrap().plan else { continue };
        let least = cap.value(&problem.lines, &plan.spends);
        let with = |number: f64| {
            let mut capped = problem.clone();
            capped.limits[1].max = Some(number);
            feasibility(&capped, &options).unwrap()
        };
        for slack in [1e-9, 1e-8, 1e-6] {
            let found = with(least * (1.0 + slack));
            assert!(!matches!(found, Feasibility::Infeasible(_)), "seed {seed}: slack {slack:e}");
            feasible += usize::from(matches!(found, Feasibility::Feasible(_)));
        }
        let found = with(least * (1.0 - 2e-7));
        assert!(!matches!(found, Feasibility::Feasible(_)), "seed {seed}: a hair too little");
        refuted += usize::from(matches!(found, Feasibility::Infeasible(_)));
        cornered += 1;
    }
    // What is told at all is most of it.
    assert!(2 * feasible > 3 * cornered && 2 * refuted > cornered, "{feasible} and {refuted} of {cornered}");
    assert!(2 * cornered >= seeds(6).count(), "{cornered} cornered");
}

/// S-shaped curves: what is claimed of every drop is a plan, and of the whole a
/// proof; nothing else is claimed.
#[test]
fn s_curves_are_proven_or_marked() {
    let options = Options { nodes: 2000, ..Options::default() };
    let (mut found, mut marked) = (0, 0);
    for seed in seeds(12) {
        let mut problem = plans::draw(8, 0.6, seed).without_cac();
        let cac = problem.limits.len() - 1;
        problem.limits[0].min = problem.limits[0].max.map(|m| 0.9 * m);
        let lowest = Problem { goal: problem.limits[cac].lowest().unwrap(), ..problem.clone() };
        let Some(plan) = solve(&lowest, &options).unwrap().plan else { continue };
        let least = problem.limits[cac].value(&problem.lines, &plan.spends);
        problem.limits[cac].max = Some(0.8 * least);
        let rules = problem.rules();
        let Some(conflict) = conflict(&problem, &rules, &options).unwrap() else { continue };
        found += 1;
        marked += conflict.undetermined.len();
        let whole = only(&problem, &rules, &conflict.members);
        let proof = certificate::bound(&whole, &conflict.certificate.leaves, None);
        assert_eq!(proof, Ok(f64::NEG_INFINITY), "seed {seed}");
        for k in conflict.members.iter().filter(|k| !conflict.undetermined.contains(k)) {
            let rest: Vec<usize> = conflict.members.iter().copied().filter(|m| m != k).collect();
            let part = only(&problem, &rules, &rest);
            let Feasibility::Feasible(spends) = feasibility(&part, &options).unwrap() else {
                panic!("seed {seed}: {k} is not proven to be needed")
            };
            assert!(excess(&part, &spends) <= 1e-9, "seed {seed}");
            assert!(part.lines.iter().zip(&spends).all(|(l, &x)| obeys(l, x)), "seed {seed}");
        }
    }
    assert!(found >= 6, "{found} conflicts, {marked} members not proven");
}
