//! Optima found by other means: linear programs on tangents, brute force,
//! exhaustive enumeration and local search.

use outlay_allocator::{Options, Problem, Status, certificate, solve};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::classes::{Case, Class};
use crate::tangents::{Choice, Tangents};
use crate::{evaluate, excess, seeds, worth};

/// To what the two methods must agree, beyond the gap left open.
const GAP: f64 = 1e-6;

fn concave(problem: &Problem) -> bool {
    problem.lines.iter().all(|l| l.curve.is_concave())
}

/// The allocator's plan and bound lie around what another method found from
/// above, to the allocator's own gap; with `proven` that gap is within `GAP`.
fn agree(problem: &Problem, other: Option<(f64, f64)>, proven: bool, name: &str) {
    let solution = solve(problem, &Options { nodes: 3000, ..Options::default() }).unwrap();
    let c = &solution.certificate;
    let bound = certificate::bound(problem, &c.leaves, None).unwrap();
    let Some((low, high)) = other else {
        assert!(solution.plan.is_none(), "{name}: the other method finds no plan");
        assert!(!proven || solution.status == Status::Infeasible, "{name}: {:?}", solution.status);
        return;
    };
    // A linear program is right to a fraction of its largest terms.
    let most: f64 = problem.lines.iter().map(|l| l.curve.value(l.domain().largest())).sum();
    let slack = GAP * high.abs().max(1e-2 * most);
    assert!(bound >= low - slack, "{name}: bound {bound} below {low}");
    assert!(!proven || c.gap <= GAP, "{name}: gap {:e}", c.gap);
    if let Some(plan) = &solution.plan {
        let value = plan.value;
        let gap = c.gap * value.abs();
        assert!(value <= high + slack, "{name}: {value} where there is at most {high}");
        assert!(value >= low - gap - slack, "{name}: {value} where there is {low}");
        // Both are close: what lies between them is the program's tolerance.
        assert!(bound <= high + gap + 20.0 * slack, "{name}: bound {bound} far above {high}");
        assert!(bound >= high - 20.0 * slack, "{name}: bound {bound} far below {high}");
    }
}

#[test]
fn concave_problems_against_tangent_programs() {
    for n in [2, 5, 9, 14] {
        for seed in seeds(12) {
            let Case { problem, .. } = Class::Concave.case(n, seed);
            let other = Tangents::new(&problem).optimum(&Choice::whole(&problem));
            agree(&problem, other, true, &format!("n {n} seed {seed}"));
        }
    }
}

/// The parts of a line's domain between which no spend is allowed, or which
/// differ in whether the line is on.
fn parts(problem: &Problem, i: usize) -> Vec<(f64, f64, bool)> {
    let switched = problem.quantities().any(|t| t.of(i).active != 0.0);
    let mut parts = Vec::new();
    for span in problem.lines[i].domain().spans() {
        if span.step > 0.0 {
            let lots = ((span.to - span.from) / span.step).round() as usize;
            parts.extend((0..=lots).map(|k| {
                let x = span.from + k as f64 * span.step;
                (x, x, x > 0.0)
            }));
        } else {
            if span.from == 0.0 && (switched || span.to == 0.0) {
                parts.push((0.0, 0.0, false));
            }
            if span.to > 0.0 {
                parts.push((span.from, span.to, true));
            }
        }
    }
    parts
}

/// The best over every choice of parts.
fn enumerate(problem: &Problem) -> Option<(f64, f64)> {
    let n = problem.lines.len();
    let parts: Vec<_> = (0..n).map(|i| parts(problem, i)).collect();
    let count: usize = parts.iter().map(Vec::len).product();
    let mut tangents = Tangents::new(problem);
    let mut best: Option<(f64, f64)> = None;
    for mut index in 0..count {
        let mut choice = Choice { low: vec![], high: vec![], on: vec![] };
        for options in &parts {
            let (low, high, on) = options[index % options.len()];
            index /= options.len();
            choice.low.push(low);
            choice.high.push(high);
            choice.on.push(on);
        }
        let active = |i: usize| if choice.on[i] { 1.0 } else { 0.0 };
        let switched = problem.limits.iter().filter(|l| l.numerator.active.is_some());
        let mut allowed = switched.map(|l| {
            let sum: f64 = (0..n).map(|i| l.numerator.of(i).active * active(i)).sum();
            l.max.is_none_or(|max| sum <= max) && l.min.is_none_or(|min| sum >= min)
        });
        if allowed.all(|a| a)
            && let Some((low, high)) = tangents.optimum(&choice)
        {
            best = Some(best.map_or((low, high), |b| (b.0.max(low), b.1.max(high))));
        }
    }
    best
}

#[test]
fn deals_against_enumeration() {
    for n in [2, 3, 5, 6] {
        for seed in seeds(8) {
            let Case { problem, .. } = Class::Deals.case(n, seed);
            assert!(concave(&problem));
            let other = enumerate(&problem);
            agree(&problem, other, true, &format!("n {n} seed {seed}"));
        }
    }
}

/// The best plan on a grid of the domains, refined around the best found.
fn brute_force(problem: &Problem, points: usize) -> Option<(f64, Vec<f64>)> {
    let n = problem.lines.len();
    let mut low: Vec<f64> = problem.lines.iter().map(|l| l.domain().least()).collect();
    let mut high: Vec<f64> = problem.lines.iter().map(|l| l.domain().largest().min(1e7)).collect();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..6 {
        for index in 0..points.pow(n as u32) {
            let mut rest = index;
            let x: Vec<f64> = (0..n)
                .map(|i| {
                    let share = (rest % points) as f64 / (points - 1) as f64;
                    rest /= points;
                    problem.lines[i].domain().nearest(low[i] + share * (high[i] - low[i]))
                })
                .collect();
            let value = worth(problem, &x);
            if best.as_ref().is_none_or(|(b, _)| value > *b) && excess(problem, &x) == 0.0 {
                best = Some((value, x));
            }
        }
        let Some((_, x)) = &best else { break };
        for i in 0..n {
            let reach = 2.0 * (high[i] - low[i]) / (points - 1) as f64;
            (low[i], high[i]) = ((x[i] - reach).max(low[i]), (x[i] + reach).min(high[i]));
        }
    }
    best
}

#[test]
fn never_beaten_by_brute_force() {
    let classes = [Class::SShaped, Class::Tables, Class::Tiers, Class::ResponseCap, Class::PricedMoves];
    for class in classes {
        for (n, points) in [(1, 400), (2, 60), (3, 16)] {
            for seed in seeds(4) {
                let Case { problem, .. } = class.case(n, seed);
                let Some((value, x)) = brute_force(&problem, points) else { continue };
                never_beaten(&problem, value, &format!("{class:?} n {n} seed {seed} at {x:?}"));
            }
        }
    }
}

/// A plan that keeps the limits is never worth more than the bound, nor more
/// than the allocator's plan beyond the gap.
fn never_beaten(problem: &Problem, known: f64, name: &str) {
    let solution = solve(problem, &Options { nodes: 300, ..Options::default() }).unwrap();
    let c = &solution.certificate;
    assert!(known <= c.bound + 1e-9 * known.abs(), "{name}: worth {known}, bound {}", c.bound);
    assert!(c.bound.is_finite() && c.gap.is_finite(), "{name}: nothing is proven");
    let value = solution.plan.as_ref().map_or(f64::NAN, |p| p.value);
    let gap = c.gap.max(1e-6) * value.abs().max(known.abs());
    assert!(value >= known - 1.01 * gap, "{name}: worth {known}, plan {value}, gap {:e}", c.gap);
}

/// Moves money between lines, to and from none, as long as it pays.
fn climb(problem: &Problem, start: &[f64], rng: &mut Pcg64Mcg, steps: usize) -> f64 {
    let mut x = start.to_vec();
    let n = x.len();
    let mut value = worth(problem, &x);
    let mut reach = 0.5;
    for step in 0..steps {
        if step % (steps / 12).max(1) == 0 {
            reach *= 0.5;
        }
        let (i, j) = (rng.random_range(0..n), rng.random_range(0..n));
        let unit = problem.lines[i].curve.typical_spend() * reach;
        let amount = unit * (2.0 * rng.random::<f64>() - 1.0);
        let mut y = x.clone();
        y[i] = problem.lines[i].domain().nearest((x[i] + amount).max(0.0));
        if i != j && rng.random::<f64>() < 0.7 {
            y[j] = problem.lines[j].domain().nearest((x[j] - (y[i] - x[i])).max(0.0));
        }
        let candidate = worth(problem, &y);
        if candidate > value && excess(problem, &y) == 0.0 {
            (x, value) = (y, candidate);
        }
    }
    value
}

#[test]
fn never_beaten_by_local_search() {
    for (class, n, starts, steps) in [
        (Class::SShaped, 12, 6, 6000),
        (Class::SShaped, 40, 2, 8000),
        (Class::SShaped, 100, 1, 10000),
        (Class::Identical, 24, 3, 6000),
        (Class::Everything, 10, 4, 4000),
    ] {
        for seed in seeds(2) {
            let Case { problem, witness, .. } = class.case(n, seed);
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let mut best = f64::NEG_INFINITY;
            for start in 0..starts {
                // Every start but the first sheds some money at random.
                let thin = |x: &f64| if start == 0 { *x } else { x * rng.random::<f64>() };
                let shed: Vec<f64> = witness.iter().map(thin).collect();
                let legal: Vec<f64> =
                    shed.iter().zip(&problem.lines).map(|(x, l)| l.domain().nearest(*x)).collect();
                let from = if excess(&problem, &legal) == 0.0 { legal } else { witness.clone() };
                best = best.max(climb(&problem, &from, &mut rng, steps));
            }
            never_beaten(&problem, best, &format!("{class:?} n {n} seed {seed}"));
        }
    }
}

/// The tangent oracle itself: within a budget alone, spends at equal slopes.
#[test]
fn tangent_programs_know_the_closed_form() {
    use outlay_allocator::{Fact, Goal, Limit, Line, Terms};
    use outlay_curves::Curve;
    let (v, k) = ([1000.0, 600.0, 300.0], [400.0, 100.0, 50.0]);
    let line = |i: usize| Line::new(Curve::exponential(v[i], k[i]).unwrap(), 0.0, vec![Fact::Max(500.0)]);
    let problem = Problem {
        lines: (0..3).map(line).collect(),
        goal: Goal::Maximize(Terms::default().with_response(vec![1.0; 3])),
        limits: vec![Limit::on(Terms::default().with_spend(vec![1.0; 3]), None, Some(500.0))],
    };
    let (_, other) = Tangents::new(&problem).optimum(&Choice::whole(&problem)).unwrap();
    approx::assert_relative_eq!(other, 1196.630540, max_relative = 1e-7);
    let spend = evaluate(&Terms::default().with_spend(vec![1.0; 3]), &problem.lines, &[1.0, 2.0, 3.0]);
    assert_eq!(spend, 6.0);
}
