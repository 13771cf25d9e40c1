//! What a frontier claims to be proven, against dense samples solved by
//! themselves: goals and swept limits of every kind, lines of every class, with
//! and without a maximum.

use outlay_allocator::{
    Breakpoint, Deal, Fact, Frontier, Goal, Limit, Line, Options, Problem, ProblemError, Status, Sweep,
    Terms, frontier, solve,
};
use outlay_curves::Curve;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::pooled::Case;
use crate::seeds;

fn between(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// A curve of some family that has visibly bent at about `k`; `shaped` ones
/// begin with rising returns.
fn curve(rng: &mut impl Rng, k: f64, shaped: bool) -> Curve {
    let v = k * between(rng, 1.5, 5.0);
    let curve = match rng.random_range(0..6) {
        _ if shaped => Curve::hill(v, k, between(rng, 1.2, 3.0)),
        0 => Curve::michaelis_menten(v, k),
        1 => Curve::hill(v, k, between(rng, 0.6, 1.0)),
        2 => Curve::exponential(v, k),
        3 => Curve::log(0.5 * v, k),
        4 => Curve::power(v / k.powf(0.6), 0.6),
        _ => Curve::hill(v, 0.5 * k, 1.0),
    };
    curve.unwrap()
}

/// Lines of a class: 0 concave, 1 S-shaped, 2 with deals; about half of them
/// have no maximum.
fn lines(rng: &mut impl Rng, class: u64) -> Vec<Line> {
    let count = rng.random_range(1..5);
    let line = |rng: &mut Pcg64Mcg| {
        let k = between(rng, 50.0, 300.0);
        let shaped = class > 0 && rng.random::<bool>();
        let curve = curve(rng, k, shaped);
        let mut facts = Vec::new();
        if rng.random::<bool>() {
            facts.push(Fact::Max(between(rng, 1.0, 3.0) * k));
        }
        if class == 2 {
            match rng.random_range(0..4) {
                0 => facts.push(Fact::Deal(Deal::Flat(0.8 * k))),
                1 => facts.push(Fact::Deal(Deal::AtLeast(0.6 * k))),
                _ => {}
            }
        }
        Line::new(curve, between(rng, 0.3, 1.0) * k, facts)
    };
    let mut own = Pcg64Mcg::seed_from_u64(rng.random());
    (0..count).map(|_| line(&mut own)).collect()
}

/// A problem, the limit whose number moves, which side of it, and how far.
pub(crate) struct Swept {
    pub(crate) problem: Problem,
    limit: usize,
    min: bool,
    pub(crate) range: (f64, f64),
}

impl Swept {
    pub(crate) fn at(&self, number: f64) -> Problem {
        let mut problem = self.problem.clone();
        let limit = &mut problem.limits[self.limit];
        if self.min {
            limit.min = Some(number)
        } else {
            limit.max = Some(number)
        }
        problem
    }

    /// The goal and the swept metric are drawn apart.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let lines = lines(&mut rng, seed % 3);
        let n = lines.len();
        let budget: f64 = lines.iter().map(|l| l.current).sum();
        let all = |c: f64| vec![c; n];
        let spend = Terms::default().with_spend(all(1.0));
        let revenue = Terms::default().with_response(all(1.0));
        let values: Vec<f64> = (0..n).map(|_| between(&mut rng, 0.02, 0.1)).collect();
        let customers = Terms { constant: 1.0, ..Terms::default() }.with_response(values);
        let today: Vec<f64> = lines.iter().map(|l| l.domain().nearest(l.current)).collect();
        let figure = |terms: &Terms| terms.measure(&lines, &today).0;
        let first: Vec<f64> = (0..n).map(|i| if i == 0 { 1.0 } else { 0.0 }).collect();
        let (spent, sold, won) = (figure(&spend), figure(&revenue), figure(&customers));
        let profit = Terms::default().with_spend(all(-1.0)).with_response(all(0.8));
        let goal = match rng.random_range(0..5) {
            0 | 1 => Goal::Maximize(revenue.clone()),
            2 => Goal::Maximize(customers.clone()),
            3 => Goal::Maximize(profit),
            _ => Goal::MinimizeRatio { numerator: spend.clone(), denominator: customers.clone() },
        };
        let ratio = matches!(goal, Goal::MinimizeRatio { .. });
        let mut limits = vec![Limit::on(spend.clone(), None, Some(budget))];
        if ratio {
            limits.push(Limit::on(revenue.clone(), Some(0.3 * sold), None));
        }
        let share = Terms::default().with_spend(first.clone());
        let (limit, min, range) = match rng.random_range(0..7) {
            0 | 1 => (limits[0].clone(), false, (0.4 * budget, 1.8 * budget)),
            2 => (
                Limit::ratio(spend.clone(), customers, None, Some(1.0)),
                false,
                (0.6 * spent / won, 1.4 * spent / won),
            ),
            3 => (
                Limit::ratio(revenue.clone(), spend.clone(), Some(1.0), None),
                true,
                (0.6 * sold / spent, 1.3 * sold / spent),
            ),
            4 => (Limit::ratio(share, spend.clone(), None, Some(0.5)), false, (0.05, 0.9)),
            5 => (Limit::on(revenue.clone(), Some(1.0), None), true, (0.3 * sold, 1.1 * sold)),
            _ => (
                Limit::on(Terms::default().with_moved(all(1.0)), None, Some(budget)),
                false,
                (0.02 * budget, 0.9 * budget),
            ),
        };
        limits.push(limit);
        let limit = limits.len() - 1;
        Swept { problem: Problem { lines, goal, limits }, limit, min, range }
    }
}

/// Nodes that tell these problems apart.
fn options() -> Options<'static> {
    Options { nodes: 200, ..Options::default() }
}

/// How often dense samples lie where a frontier says they do; fails where one
/// does not.
fn survives(seed: u64, samples: usize) -> (Frontier, usize) {
    let swept = Swept::draw(seed);
    dense(seed, |number| swept.at(number), swept.range, (1e-5, 3_000, samples))
}

fn dense(
    seed: u64,
    at: impl Fn(f64) -> Problem,
    (from, to): (f64, f64),
    (gap, solves, samples): (f64, usize, usize),
) -> (Frontier, usize) {
    let sweep = Sweep { from, to, gap, solves, options: options() };
    let found = frontier(|t| Ok::<_, ProblemError>(at(t)), &sweep, |_| false).unwrap();
    let mut compared = 0;
    for k in 0..samples {
        let number = from + (to - from) * (k as f64 + 0.37) / samples as f64;
        if found.breakpoints.iter().any(|b: &Breakpoint| b.low <= number && number <= b.high) {
            continue;
        }
        let next = found.points.iter().position(|p| p.at >= number).unwrap().max(1);
        let [a, b] = [&found.points[next - 1], &found.points[next]];
        let problem = at(number);
        let own = solve(&problem, &options()).unwrap();
        let ends = (&a.solution.plan, &b.solution.plan);
        let (Some(first), Some(last)) = ends else {
            assert!(
                own.plan.is_none() || found.gap.is_infinite(),
                "seed {seed}: a plan at {number} where the frontier has none"
            );
            continue;
        };
        if found.gap.is_infinite() {
            continue;
        }
        let plan = own.plan.unwrap_or_else(|| panic!("seed {seed}: no plan at {number}"));
        let line = first.value + (last.value - first.value) * (number - a.at) / (b.at - a.at);
        let size = match &problem.goal {
            Goal::Maximize(terms) => terms.measure(&problem.lines, &plan.spends).1,
            Goal::MinimizeRatio { .. } => plan.value,
        };
        let scale = plan.value.abs().max(size / 1000.0);
        let allowed = found.gap + own.certificate.gap + 1e-9;
        let off = (plan.value - line).abs();
        assert!(
            off <= allowed * scale,
            "seed {seed}: {} instead of {line} at {number}: {:e} off, {:e} claimed, certified {}",
            plan.value,
            off / scale,
            found.gap,
            found.certified
        );
        compared += 1;
    }
    (found, compared)
}

#[test]
fn claimed_gaps_survive_dense_samples() {
    let (mut certified, mut complete, mut compared) = (0, 0, 0);
    let drawn = seeds(30).count();
    for seed in seeds(30) {
        let (found, samples) = survives(seed, 300);
        certified += usize::from(found.certified);
        complete += usize::from(found.complete);
        compared += samples;
    }
    assert!(
        certified == drawn && 10 * complete >= 8 * drawn,
        "{certified} certified, {complete} complete of {drawn}"
    );
    assert!(compared >= 150 * drawn, "{compared} samples compared");
}

/// The chord of a curve without a maximum lies below it by as much as is claimed.
#[test]
fn a_line_without_a_maximum_bends_with_the_budget() {
    let problem = |budget: f64| {
        let line = Line::new(Curve::michaelis_menten(500.0, 100.0).unwrap(), 50.0, Vec::new());
        let spend = Terms::default().with_spend(vec![1.0]);
        Ok::<_, ProblemError>(Problem {
            lines: vec![line],
            goal: Goal::Maximize(Terms::default().with_response(vec![1.0])),
            limits: vec![Limit::on(spend, None, Some(budget))],
        })
    };
    let sweep = Sweep { from: 20.0, to: 110.0, gap: 1e-5, solves: 3_000, options: Options::default() };
    let found = frontier(problem, &sweep, |_| false).unwrap();
    assert!(found.certified && found.complete && found.gap <= 1e-5, "{}", found.gap);
    let value = |x: f64| 500.0 * x / (100.0 + x);
    let mut worst: f64 = 0.0;
    for pair in found.points.windows(2) {
        let (a, b) = (pair[0].at, pair[1].at);
        for k in 0..50 {
            let x = a + (b - a) * f64::from(k) / 50.0;
            let chord = value(a) + (value(b) - value(a)) * (x - a) / (b - a);
            worst = worst.max((value(x) - chord) / value(x));
        }
    }
    assert!(worst <= found.gap, "{worst:e} off, {:e} claimed", found.gap);
}

/// What is drawn from a pool is a product, neither concave nor convex: between
/// points it is proven all the same, as long as no limit counts it.
#[test]
fn pools_are_proven_between_points() {
    let drawn = seeds(6).count();
    let (mut complete, mut compared) = (0, 0);
    for seed in seeds(6) {
        let case = Case::draw(4, 1, seed, seed % 3 == 1);
        let mut problem = case.problem();
        problem.limits.retain(|limit| limit.denominator.is_none());
        let budget = problem.limits[0].max.unwrap();
        let at = |number: f64| {
            let mut problem = problem.clone();
            problem.limits[0].max = Some(number);
            problem
        };
        let (found, samples) = dense(seed, at, (0.6 * budget, 1.4 * budget), (1e-3, 300, 30));
        assert!(found.certified, "seed {seed}");
        complete += usize::from(found.complete);
        compared += samples;
        // A climb from many starts, of the products as they are written.
        let mut own = case;
        (own.budget, own.cap) = (1.13 * budget, None);
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let best = (0..8).map(|_| own.climbed(&mut rng)).fold(0.0, f64::max);
        let next = found.points.iter().position(|p| p.at >= own.budget).unwrap();
        let value = |k: usize| found.points[k].solution.plan.as_ref().unwrap().value;
        let (a, b) = (&found.points[next - 1], &found.points[next]);
        let share = (own.budget - a.at) / (b.at - a.at);
        let line = value(next - 1) + (value(next) - value(next - 1)) * share;
        assert!(best <= line * (1.0 + found.gap.min(1.0)) + 1e-9, "seed {seed}: {best} above {line}");
        assert!(best >= line * 0.999, "seed {seed}: {best} far below {line}");
    }
    assert!(10 * complete >= 8 * drawn && compared >= 20 * drawn, "{complete} complete, {compared} compared");
}

/// Where a limit counts what is drawn, the distance between points is an estimate.
#[test]
fn where_a_limit_counts_what_is_drawn_nothing_is_proven_between_points() {
    let case = Case::draw(4, 1, 2, false);
    let sold = |number: f64| {
        let mut problem = case.problem();
        let Goal::Maximize(goal) = problem.goal.clone() else { panic!("a goal") };
        problem.limits[0].max = Some(number);
        problem.limits.push(Limit::on(goal, None, Some(1e9)));
        Ok::<_, ProblemError>(problem)
    };
    let sweep = Sweep { from: 20.0, to: 60.0, gap: 1e-3, solves: 60, options: options() };
    let found = frontier(sold, &sweep, |_| false).unwrap();
    let proven = found.points.iter().filter(|p| p.solution.status == Status::Optimal).count();
    assert!(proven > 2 && proven == found.points.len(), "{proven} proven");
    assert!(!found.certified && found.points.iter().all(|p| p.marginal.is_none()));
}
