//! The gap between two samples against dense samples solved by themselves, on
//! random problems of every class.

use outlay_curves::Curve;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::{Deal, Fact, Line, Options, Status, solve};

fn uniform(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

fn solved(problem: &Problem) -> Solution {
    solve(problem, &Options { gap: Some(1e-9), nodes: 200, ..Options::default() }).unwrap()
}

/// Problems that differ by a number.
struct Moving {
    problem: Problem,
    what: What,
    range: (f64, f64),
}

/// Where the number stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Max(usize),
    Min(usize),
    Both(usize),
    Worth,
    Fixed,
}

impl Moving {
    fn at(&self, number: f64) -> Problem {
        let mut problem = self.problem.clone();
        match (self.what, &mut problem.goal) {
            (What::Max(l), _) => problem.limits[l].max = Some(number),
            (What::Min(l), _) => problem.limits[l].min = Some(number),
            (What::Both(l), _) => {
                (problem.limits[l].min, problem.limits[l].max) = (Some(number), Some(number))
            }
            (What::Fixed, Goal::Maximize(terms) | Goal::MinimizeRatio { numerator: terms, .. }) => {
                terms.constant = number;
            }
            (What::Worth, Goal::Maximize(terms) | Goal::MinimizeRatio { numerator: terms, .. }) => {
                let per = if terms.response.is_some() { &mut terms.response } else { &mut terms.spend };
                let mut each = per.as_deref().expect("a goal").to_vec();
                each[0] = number;
                *per = Some(each.into());
            }
        }
        problem
    }

    fn draw(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let hard = !seed.is_multiple_of(3);
        let n = rng.random_range(1..4);
        let lines: Vec<Line> = (0..n).map(|_| draw_line(&mut rng, hard)).collect();
        let all = |c: f64| vec![c; n];
        let first: Vec<f64> = (0..n).map(|i| if i == 0 { 1.0 } else { 0.0 }).collect();
        let spend = Terms::default().with_spend(all(1.0));
        let revenue =
            Terms::default().with_response((0..n).map(|_| uniform(&mut rng, 0.5, 2.0)).collect::<Vec<_>>());
        let customers = Terms { constant: 1.0, ..Terms::default() }
            .with_response((0..n).map(|_| uniform(&mut rng, 0.02, 0.1)).collect::<Vec<_>>());
        let today: Vec<f64> = lines.iter().map(|l| l.domain().nearest(l.current)).collect();
        let figure = |terms: &Terms| terms.measure(&lines, &today).0;
        let (spent, sold, won) = (figure(&spend), figure(&revenue), figure(&customers));
        let goal = match rng.random_range(0..8) {
            0 | 1 => Goal::Maximize(revenue.clone()),
            2 => Goal::Maximize(revenue.clone().with_spend(all(-0.8))),
            3 => Goal::Maximize(revenue.clone().with_moved(all(-0.3))),
            4 => Goal::Maximize(revenue.clone().with_active(all(-5.0))),
            5 => Goal::Maximize(Terms::default().with_spend(all(-1.0))),
            6 => Goal::MinimizeRatio { numerator: spend.clone(), denominator: customers.clone() },
            _ => Goal::MinimizeRatio {
                numerator: Terms { constant: 0.1 * spent, ..spend.clone() },
                denominator: customers.clone(),
            },
        };
        let mut limits = vec![Limit::on(spend.clone(), None, Some(1.2 * spent))];
        if matches!(goal, Goal::MinimizeRatio { .. }) || rng.random_range(0..3) == 0 {
            limits.push(Limit::on(revenue.clone(), Some(0.4 * sold), None));
        }
        let one = Terms::default().with_spend(first.clone());
        let added = limits.len();
        let (limit, what, range) = match rng.random_range(0..12) {
            0 | 1 => (None, What::Max(0), (0.3 * spent, 2.0 * spent)),
            2 => (None, What::Both(0), (0.3 * spent, 2.0 * spent)),
            3 => {
                let limit = Limit::ratio(spend, customers, None, Some(1.0));
                (Some(limit), What::Max(added), (0.5 * spent / won, 1.5 * spent / won))
            }
            4 => {
                let limit = Limit::ratio(revenue, spend, Some(1.0), None);
                (Some(limit), What::Min(added), (0.6 * sold / spent, 1.3 * sold / spent))
            }
            5 => (Some(Limit::ratio(one, spend, None, Some(0.5))), What::Max(added), (0.05, 0.9)),
            6 => (Some(Limit::ratio(one, spend, Some(0.5), None)), What::Min(added), (0.05, 0.9)),
            7 => (Some(Limit::on(revenue, Some(1.0), None)), What::Min(added), (0.3 * sold, 1.2 * sold)),
            8 => {
                let moved = Terms::default().with_moved(all(1.0));
                (Some(Limit::on(moved, None, Some(1.0))), What::Max(added), (0.02 * spent, spent))
            }
            9 => (Some(Limit::on(one, None, Some(1.0))), What::Max(added), (0.0, 2.0 * today[0])),
            10 => (None, What::Worth, (0.2, 2.0)),
            _ => (None, What::Fixed, (0.0, 0.5 * spent)),
        };
        limits.extend(limit);
        Moving { problem: Problem { lines, goal, limits }, what, range }
    }
}

fn draw_line(rng: &mut Pcg64Mcg, hard: bool) -> Line {
    let k = uniform(rng, 5.0, 50.0);
    let v = k * uniform(rng, 1.5, 5.0);
    let curve = match rng.random_range(0..7) {
        0 | 1 if hard => Curve::hill(v, k, uniform(rng, 1.2, 3.0)),
        2 if hard => Curve::table(&[(0.0, 0.0), (0.5 * k, 0.1 * v), (k, 0.6 * v), (3.0 * k, v)]),
        0 => Curve::michaelis_menten(v, k),
        1 => Curve::hill(v, k, 0.7),
        2 => Curve::exponential(v, k),
        3 => Curve::log(0.5 * v, k),
        4 => Curve::power(v / k.powf(0.6), 0.6),
        _ => Curve::michaelis_menten(v, 0.4 * k),
    };
    let curve = curve.unwrap();
    let mut facts = Vec::new();
    if rng.random::<bool>() {
        facts.push(Fact::Max((uniform(rng, 1.0, 3.0) * k).min(curve.last_spend())));
    }
    match rng.random_range(0..8) {
        0 if hard => facts.push(Fact::Deal(Deal::Flat(0.8 * k))),
        1 if hard => facts.push(Fact::Deal(Deal::AtLeast(0.6 * k))),
        2 if hard => facts.push(Fact::Deal(Deal::Lots(0.3 * k))),
        3 => facts.push(Fact::Min(0.1 * k)),
        _ => {}
    }
    Line::new(curve, uniform(rng, 0.3, 1.0) * k, facts)
}

/// What came of a stretch.
#[derive(Default)]
struct Tally {
    proven: usize,
    none: usize,
    tight: usize,
    /// Of these such with a ratio to minimise, and such with a part proven empty.
    ratios: usize,
    empty: usize,
    /// Leaves without a plan that bound the goal by the plan's value.
    armed: usize,
    compared: usize,
}

/// Leaves that prove a part empty bound the goal there by what the plan is
/// worth, and say nothing else than before of the others; how many do.
fn bounded_where_empty(a: Sample, b: Sample) -> usize {
    let Some(plan) = &a.1.plan else { return 0 };
    let ratio = matches!(a.0.goal, Goal::MinimizeRatio { .. }).then_some(plan.value);
    let value = if ratio.is_some() { 0.0 } else { plan.value };
    let goals = [a, b].map(|s| linear_goal(&s.0.goal, ratio));
    let goals = [&goals[0], &goals[1]];
    let reach = Reach::new([a.0, b.0]);
    let leaves = armed(&reach, goals, a, value);
    let before = &a.1.certificate.leaves;
    assert_eq!(leaves.len(), before.len());
    let bounded = |(leaf, before): (&Leaf, &Leaf)| {
        assert!(!leaf.empty && leaf.cuts == before.cuts && leaf.step == before.step);
        if !before.empty {
            assert_eq!(leaf, before);
            return false;
        }
        let [start, end] = reach.of(Some(goals), leaf, &leaf.prices);
        let refuted = reach.of(None, before, &before.prices).iter().all(|bound| *bound < 0.0);
        refuted && start <= value + 1e-9 * value.abs() && end <= value + 1e-9 * value.abs()
    };
    leaves.iter().zip(before).filter(|pair| bounded(*pair)).count()
}

/// The claim about a stretch against samples of it.
fn holds(moving: &Moving, [from, to]: [f64; 2], samples: usize, seed: u64, tally: &mut Tally) {
    let ends = [from, to].map(|t| moving.at(t));
    let [first, last] = ends.each_ref().map(solved);
    let (a, b) = ((&ends[0], &first), (&ends[1], &last));
    tally.armed += bounded_where_empty(a, b) + bounded_where_empty(b, a);
    let claimed = deviation(a, b);
    let back = deviation(b, a);
    let same = claimed == back || (claimed - back).abs() <= 1e-7 + 1e-3 * claimed;
    assert!(same, "seed {seed}: {claimed:e} one way, {back:e} the other");
    if claimed.is_infinite() {
        return;
    }
    tally.proven += 1;
    let sign = if matches!(ends[0].goal, Goal::Maximize(_)) { 1.0 } else { -1.0 };
    let mut worst: f64 = 0.0;
    for k in 0..samples {
        let share = (k as f64 + 0.5) / samples as f64;
        let own = solved(&moving.at(from + share * (to - from)));
        if own.status == Status::Undetermined {
            continue;
        }
        let (Some(plan_a), Some(plan_b)) = (&first.plan, &last.plan) else {
            assert!(first.plan.is_none() && last.plan.is_none(), "seed {seed}: one plan");
            assert!(own.plan.is_none(), "seed {seed}: a plan at {share} of the way");
            tally.none += 1;
            continue;
        };
        let plan = own.plan.as_ref().unwrap_or_else(|| panic!("seed {seed}: no plan at {share}"));
        let chord = sign * (plan_a.value + share * (plan_b.value - plan_a.value));
        let size = judge(a.0, &plan_a.spends).size.min(judge(b.0, &plan_b.spends).size);
        let scale = plan_a.value.abs().min(plan_b.value.abs()).max(size / 1000.0);
        let above = (sign * plan.value - chord) / scale;
        let below = (chord - sign * own.certificate.bound) / scale;
        assert!(
            above.max(below) <= claimed + 1e-10,
            "seed {seed}: {above:e} above, {below:e} below the chord, {claimed:e} claimed, {:?} {from} {to}",
            moving.what
        );
        worst = worst.max(above).max(below);
        tally.compared += 1;
    }
    if claimed <= 4.0 * worst + 1e-5 && first.plan.is_some() {
        tally.tight += 1;
        tally.ratios += usize::from(sign < 0.0);
        let empty = |s: &Solution| s.certificate.leaves.iter().any(|leaf| leaf.empty);
        tally.empty += usize::from(empty(&first) || empty(&last));
    }
}

fn tally(seeds: std::ops::Range<u64>, samples: usize) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let moving = Moving::draw(seed);
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0xabc);
        for width in [0.3, 0.03, 0.002] {
            let width = width * (moving.range.1 - moving.range.0);
            let from = uniform(&mut rng, moving.range.0, moving.range.1 - width);
            holds(&moving, [from, from + width], samples, seed, &mut tally);
        }
    }
    tally
}

#[test]
fn a_gap_between_two_samples_survives_dense_ones() {
    let Tally { proven, none, tight, ratios, empty, armed, compared } = tally(0..150, 12);
    assert!(proven > 425 && tight > 360, "{proven} proven, {tight} tightly");
    assert!(ratios > 73 && empty > 10 && armed > 36, "{ratios} ratios, {empty} and {armed} with empty parts");
    assert!(compared > 4_900 && none > 190, "{compared} compared, {none} without a plan");
}

#[test]
#[ignore = "thousands of stretches: minutes"]
fn gaps_between_thousands_of_samples_survive_dense_ones() {
    let Tally { proven, none, tight, compared, .. } = tally(1_000..4_000, 40);
    assert!(proven > 5_000, "{proven} proven, {tight} tightly, {compared} compared, {none} without a plan");
}
