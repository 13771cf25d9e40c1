//! Rules on which lines are on, over draws, against every choice of lines solved
//! by itself.

use outlay_allocator::risk::{Measure, Risky, TailLimit, bound, judge, solve};
use outlay_allocator::{Deal, Fact, Limit, Options, Status, Terms, certificate};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::drawn::instance;

const LINES: usize = 5;

/// A count of lines with coefficients, between two numbers.
fn count(of: &[(usize, f64)], min: Option<f64>, max: Option<f64>) -> Limit {
    let mut active = vec![0.0; LINES];
    of.iter().for_each(|&(i, c)| active[i] = c);
    Limit::on(Terms::default().with_active(active), min, max)
}

/// The best value, with what no choice exceeds, over all sets of lines that the
/// rules allow.
fn by_choices(risky: &Risky, rules: &[Limit], options: &Options) -> Option<(f64, f64)> {
    let mut best: Option<(f64, f64)> = None;
    for set in 0..1_u32 << LINES {
        let on = |i: usize| set >> i & 1 == 1;
        let allowed = |rule: &Limit| {
            let active = rule.numerator.active.as_ref().unwrap();
            let counted: f64 = (0..LINES).filter(|i| on(*i)).map(|i| active[i]).sum();
            rule.min.is_none_or(|min| counted >= min) && rule.max.is_none_or(|max| counted <= max)
        };
        if !rules.iter().all(allowed) {
            continue;
        }
        let mut own = risky.clone();
        for (i, line) in own.problem.lines.iter_mut().enumerate() {
            let mut facts = line.facts.clone();
            match on(i) {
                false => facts.push(Fact::Max(0.0)),
                // On: of what is sold from a least amount at least that.
                true => {
                    let least = |f: &Fact| if let Fact::Deal(Deal::AtLeast(x)) = f { Some(*x) } else { None };
                    facts.extend(line.facts.iter().filter_map(least).map(Fact::Min).collect::<Vec<_>>());
                }
            }
            *line = line.with_facts(facts);
        }
        let found = solve(&own, options).unwrap().solution;
        let Some(plan) = found.plan else { continue };
        let (value, above) = best.unwrap_or((f64::NEG_INFINITY, f64::NEG_INFINITY));
        best = Some((value.max(plan.value), above.max(found.certificate.bound)));
    }
    best
}

fn case(seed: u64, shape: f64) -> (Risky, Vec<Limit>) {
    let mut random = Pcg64::seed_from_u64(1000 + seed);
    let mut risky = instance(seed, LINES, 40, shape, if shape > 1.0 { 1.2 } else { 0.8 });
    // Budget alone; some lines are sold from a least amount.
    risky.problem.limits.truncate(1);
    for line in &mut risky.problem.lines {
        if random.random_bool(0.3) {
            let mut facts = line.facts.clone();
            facts.push(Fact::Deal(Deal::AtLeast(0.4 * line.current)));
            *line = line.with_facts(facts);
        }
    }
    let all: Vec<(usize, f64)> = (0..LINES).map(|i| (i, 1.0)).collect();
    let mut pair = || {
        let a = random.random_range(0..LINES);
        (a, (a + random.random_range(1..LINES)) % LINES)
    };
    let (a, b) = pair();
    let (c, d) = pair();
    let requires = count(&[(a, 1.0), (b, -1.0)], None, Some(0.0));
    let excludes = count(&[(c, 1.0), (d, 1.0)], None, Some(1.0));
    let rules = match seed % 4 {
        0 => vec![count(&all, None, Some(2.0))],
        1 => vec![requires, excludes],
        2 => vec![count(&all, Some(3.0), Some(3.0)), excludes],
        _ => vec![count(&all, Some(2.0), Some(3.0)), requires, excludes],
    };
    (risky, rules)
}

/// Solves, checks what is claimed, compares with all choices; the value.
fn agrees(risky: &Risky, rules: &[Limit], gap: f64) -> f64 {
    let options = Options { gap: Some(gap), ..Options::default() };
    let mut ruled = risky.clone();
    ruled.problem.limits.extend(rules.iter().cloned());
    assert_eq!(ruled.unsupported(), None);
    let found = solve(&ruled, &options).unwrap();
    let proof = &found.solution.certificate;
    // Without weights the leaves are those of the expected curves.
    let proven = match found.weights.is_empty() {
        true => certificate::bound(&ruled.problem, &proof.leaves, None).unwrap(),
        false => bound(&ruled, &proof.leaves, &found.weights).unwrap(),
    };
    assert_eq!(proven, proof.bound);
    let Some((value, above)) = by_choices(risky, rules, &options) else {
        assert_eq!(found.solution.status, Status::Infeasible);
        return f64::NAN;
    };
    assert_eq!(found.solution.status, Status::Optimal, "gap {} after {}", proof.gap, proof.nodes);
    let plan = found.solution.plan.as_ref().unwrap();
    assert!(judge(&ruled, &plan.spends).violation <= 1e-9, "{plan:?}");
    let room = gap * above.abs() + 1e-9;
    assert!(plan.value >= value - room, "{} beaten by {value}", plan.value);
    assert!(plan.value <= above + 1e-9 * above.abs(), "{} above {above}", plan.value);
    assert!(proof.bound >= value - 1e-9 * value.abs(), "bound {} below {value}", proof.bound);
    plan.value
}

#[test]
fn rules_on_lines_are_chosen_as_if_every_choice_were_solved() {
    for seed in 0..8 {
        for shape in [0.9, 2.5] {
            let (risky, rules) = case(seed, shape);
            let value = agrees(&risky, &rules, 1e-4);
            assert!(value > 0.0);
        }
    }
}

#[test]
fn rules_on_lines_hold_for_shortfalls() {
    for seed in 0..4 {
        let (mut risky, rules) = case(seed, 0.9);
        let found = solve(&risky, &Options::default()).unwrap().solution.plan.unwrap();
        let goal = risky.goal.as_mut().unwrap();
        goal.base = Some(vec![found.value; 40].into());
        goal.measure = Measure::Below;
        assert!(agrees(&risky, &rules, 1e-3) < 0.0);
    }
}

#[test]
fn rules_on_lines_beside_limits_on_the_worst_draws_are_refused() {
    let (mut risky, rules) = case(0, 0.9);
    risky.problem.limits.extend(rules);
    assert_eq!(risky.unsupported(), None);
    let spend = Terms::default().with_spend(vec![1.0; LINES]);
    let limit = Limit::ratio(spend, risky.goal.as_ref().unwrap().terms.clone(), None, Some(1.1));
    risky.limits.push(TailLimit { limit, share: 0.2 });
    assert!(risky.unsupported().is_some());
}

#[test]
fn rules_that_no_choice_keeps_are_refuted() {
    let (risky, _) = case(1, 0.9);
    // The first needs the second and excludes it, and three of the first three are on.
    let rules = [
        count(&[(0, 1.0), (1, -1.0)], None, Some(0.0)),
        count(&[(0, 1.0), (1, 1.0)], None, Some(1.0)),
        count(&[(0, 1.0), (1, 1.0), (2, 1.0)], Some(3.0), None),
    ];
    assert!(agrees(&risky, &rules, 1e-4).is_nan());
}

#[test]
fn being_on_is_charged_whatever_is_claimed() {
    let (risky, rules) = case(0, 0.9);
    let mut ruled = risky.clone();
    ruled.problem.limits.extend(rules);
    let found = solve(&ruled, &Options::default()).unwrap();
    let best = found.solution.plan.as_ref().unwrap().value;
    let mut random = Pcg64::seed_from_u64(9);
    for _ in 0..100 {
        let mut leaves = found.solution.certificate.leaves.clone();
        for leaf in &mut leaves {
            leaf.prices.iter_mut().for_each(|p| p.max *= random.random_range(0.0..3.0));
        }
        let above = bound(&ruled, &leaves, &found.weights).unwrap();
        assert!(above >= best, "{above} below {best}");
    }
}
