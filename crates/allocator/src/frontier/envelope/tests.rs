//! The gap between two samples against dense samples solved by themselves, and
//! every part of it against closed forms.

mod flown;
mod mixtures;

use outlay_curves::Curve;
use outlay_curves::families::Tier;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::{Deal, Fact, Line, Options, ProblemError, solve};

fn uniform(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

fn spend(c: &[f64]) -> Terms {
    Terms::default().with_spend(c.to_vec())
}

fn response(c: &[f64]) -> Terms {
    Terms::default().with_response(c.to_vec())
}

fn line(curve: Curve, current: f64, facts: &[Fact]) -> Line {
    Line::new(curve, current, facts.to_vec())
}

/// `ceiling x / (k + x)`.
fn bent(ceiling: f64, k: f64) -> Curve {
    Curve::michaelis_menten(ceiling, k).unwrap()
}

fn solved(problem: &Problem) -> Solution {
    solve(problem, &Options { gap: Some(1e-9), nodes: 400, ..Options::default() }).unwrap()
}

fn span(from: f64, to: f64) -> Sweep<'static> {
    Sweep { from, to, gap: 1e-5, solves: 100, options: Options::default() }
}

fn affine(from: f64, to: f64, at: impl Fn(f64) -> Problem) -> bool {
    let ends = [at(from), at(to)];
    is_affine(&|t| Ok::<_, ProblemError>(at(t)), &span(from, to), &ends).unwrap()
}

/// Two lines under a budget.
fn two(budget: f64) -> Problem {
    Problem {
        lines: vec![line(bent(100.0, 20.0), 10.0, &[Fact::Max(80.0)]), line(bent(60.0, 5.0), 5.0, &[])],
        goal: Goal::Maximize(response(&[1.0, 1.0])),
        limits: vec![Limit::on(spend(&[1.0, 1.0]), None, Some(budget))],
    }
}

/// A place in a problem, and the problem with a number there.
type Place = (&'static str, fn(f64) -> Problem);

/// Every place that a number can enter.
fn places() -> Vec<Place> {
    fn with(change: impl FnOnce(&mut Problem)) -> Problem {
        let mut problem = two(50.0);
        change(&mut problem);
        problem
    }
    fn ratio(numerator: Terms) -> Goal {
        Goal::MinimizeRatio { numerator, denominator: response(&[0.1, 0.2]) }
    }
    vec![
        ("budget", |t| with(|p| p.limits[0].max = Some(t))),
        ("floor", |t| with(|p| p.limits[0].min = Some(t))),
        ("share", |t| {
            with(|p| p.limits.push(Limit::ratio(spend(&[1.0, 0.0]), spend(&[1.0, 1.0]), None, Some(t))))
        }),
        ("return", |t| {
            with(|p| p.limits.push(Limit::ratio(response(&[1.0, 2.0]), spend(&[1.0, 1.0]), Some(t), None)))
        }),
        ("spend", |t| with(|p| p.limits[0].numerator = spend(&[1.0, t]))),
        ("response", |t| with(|p| p.goal = Goal::Maximize(response(&[1.0, t])))),
        ("active", |t| with(|p| p.limits.push(Limit::on(active(&[t, 1.0]), None, Some(9.0))))),
        ("moved", |t| {
            let moved = Terms::default().with_moved(vec![t, 1.0]);
            with(|p| p.limits.push(Limit::on(moved, None, Some(9.0))))
        }),
        ("constant", |t| with(|p| p.goal = Goal::Maximize(Terms { constant: t, ..response(&[1.0, 1.0]) }))),
        ("cost", |t| with(|p| p.goal = ratio(spend(&[1.0, t])))),
        ("fixed cost", |t| with(|p| p.goal = ratio(Terms { constant: t, ..spend(&[1.0, 1.0]) }))),
    ]
}

fn active(c: &[f64]) -> Terms {
    Terms::default().with_active(c.to_vec())
}

#[test]
fn a_number_that_enters_linearly_anywhere_is_told_from_one_that_does_not() {
    for (name, at) in places() {
        assert!(affine(2.0, 9.0, at), "{name}");
        assert!(affine(9.0, 2.0, |t| at(3.0 * t - 1.0)), "{name}");
        assert!(!affine(2.0, 9.0, |t| at(t * t)), "{name} squared");
        assert!(!affine(2.0, 9.0, |t| at(1.0 / t)), "{name} inverted");
        // Rounding is no bend; what anybody could see is.
        assert!(affine(2.0, 9.0, |t| at(t * (1.0 + 1e-12 * (7.0 * t).sin()))), "{name} rounded");
        assert!(!affine(2.0, 9.0, |t| at(t * (1.0 + 1e-7 * (7.0 * t).sin()))), "{name} wobbles");
        assert!(affine(2e6, 9e6, |t| at(t * (1.0 + 1e-12 * t.sin()))), "{name} rounded, in millions");
        // Straight but for one of the places looked at.
        for share in PROBES {
            let odd = 2.0 + share * 7.0;
            assert!(!affine(2.0, 9.0, |t| at(if (t - odd).abs() < 1e-6 { 1.1 * t } else { t })), "{name}");
        }
    }
}

#[test]
fn lines_denominators_and_sides_do_not_move_with_the_number() {
    let with = |change: &dyn Fn(&mut Problem)| {
        let mut problem = two(50.0);
        change(&mut problem);
        problem
    };
    let facts = |t: f64| vec![Fact::Max(t)];
    let wide = |t: f64| with(&|p| p.lines[1] = p.lines[1].with_facts(facts(t)));
    assert!(!affine(20.0, 30.0, wide));
    let denominator = |t: f64| {
        let goal = Goal::MinimizeRatio { numerator: spend(&[1.0, 1.0]), denominator: response(&[0.1, t]) };
        with(&|p| p.goal = goal.clone())
    };
    assert!(!affine(0.1, 0.2, denominator));
    // A side, or another goal, in the middle of the range only, or at its end.
    for (low, high) in [(5.0, 5.9), (8.9, 9.1)] {
        let inside = |t: f64| low < t && t < high;
        assert!(!affine(1.0, 9.0, |t| with(&|p| p.limits[0].min = inside(t).then_some(1.0))));
        assert!(!affine(1.0, 9.0, |t| with(&|p| if inside(t) {
            p.limits[0].max = None;
        })));
        assert!(!affine(1.0, 9.0, |t| if inside(t) { denominator(0.1) } else { two(50.0) }));
        assert!(!affine(1.0, 9.0, |t| if inside(t) { two(50.0) } else { denominator(0.1) }));
        assert!(!affine(1.0, 9.0, |t| with(&|p| if inside(t) {
            p.limits.push(Limit::on(spend(&[1.0, 0.0]), None, Some(10.0)));
        })));
    }
}

/// Stocks that follow from spends are known as long as they follow in the same
/// way; what a line earns for another is not what the leaves are taken for here,
/// nor is a limit, or a ratio to minimise, that counts what is drawn from a pool.
#[test]
fn ties_and_limits_on_what_is_drawn_are_left_alone() {
    let tied = |t: f64, last: crate::Coefficients| {
        let mut problem = two(t);
        let few = vec![(0, last), (1, crate::Coefficients::on_spend(-1.0))];
        let tie = Terms { few: Some(few.into()), ..Terms::default() };
        problem.limits.push(Limit::on(tie, Some(0.0), Some(0.0)));
        problem
    };
    let on_spend = crate::Coefficients::on_spend;
    assert!(affine(20.0, 60.0, |t| tied(t, on_spend(1.0))));
    assert!(!affine(20.0, 60.0, |t| tied(t, on_spend(t))));
    // Elsewhere at one end, or somewhere in between.
    assert!(!affine(20.0, 60.0, |t| tied(t, on_spend(if t > 59.0 { 2.0 } else { 1.0 }))));
    assert!(!affine(20.0, 60.0, |t| tied(t, on_spend(if t > 30.0 && t < 50.0 { 2.0 } else { 1.0 }))));
    let earned = crate::Coefficients { response: 1.0, ..crate::Coefficients::default() };
    assert!(!affine(20.0, 60.0, |t| tied(t, earned)));
    let pooled = |t: f64| {
        let mut problem = two(t);
        problem.lines[1].pool = Some(0);
        problem
    };
    assert!(affine(20.0, 60.0, pooled));
    let counted = |t: f64, limit: Limit| {
        let mut problem = pooled(t);
        problem.limits.push(limit);
        problem
    };
    let drawn = || response(&[0.0, 1.0]);
    assert!(!affine(20.0, 60.0, |t| counted(t, Limit::on(drawn(), None, Some(50.0)))));
    assert!(!affine(20.0, 60.0, |t| counted(t, Limit::ratio(spend(&[1.0, 1.0]), drawn(), None, Some(2.0)))));
    assert!(affine(20.0, 60.0, |t| counted(t, Limit::on(response(&[1.0, 0.0]), None, Some(50.0)))));
    let ratio = |t: f64| {
        let goal = Goal::MinimizeRatio { numerator: spend(&[1.0, 1.0]), denominator: drawn() };
        Problem { goal, ..pooled(t) }
    };
    assert!(!affine(20.0, 60.0, ratio));
}

/// Heights of straight lines over each other against a walk along them.
#[test]
fn straight_lines_lie_over_each_other_as_a_walk_finds() {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    for _ in 0..500 {
        let mut draw = || Straight { start: uniform(&mut rng, -9.0, 9.0), end: uniform(&mut rng, -9.0, 9.0) };
        let [own, a, b] = [draw(), draw(), draw()];
        let walk = |height: &dyn Fn(f64) -> f64| {
            let heights = (0..=1000).map(|k| height(f64::from(k) / 1000.0));
            heights.fold(f64::NEG_INFINITY, f64::max)
        };
        let above = walk(&|s| a.at(s).min(b.at(s)) - own.at(s));
        let found = own.least_above(&a, &b);
        assert!((above..=above + 0.04).contains(&found), "{found}, walked {above}");
        let below = walk(&|s| own.at(s) - a.at(s).max(b.at(s)));
        let found = own.most_below(&a, &b);
        assert!((below..=below + 0.04).contains(&found), "{found}, walked {below}");
        // A line that means nothing is left out; two of them leave nothing.
        let ends = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for nothing in ends.iter().flat_map(|&n| [(n, 1.0), (1.0, n), (n, n)]) {
            let nothing = Straight { start: nothing.0, end: nothing.1 };
            let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
            let alone = walk(&|s| a.at(s) - own.at(s));
            near(own.least_above(&a, &nothing), alone);
            near(own.least_above(&nothing, &a), alone);
            assert_eq!(own.least_above(&nothing, &nothing), f64::INFINITY);
            let alone = walk(&|s| own.at(s) - b.at(s));
            near(own.most_below(&b, &nothing), alone);
            near(own.most_below(&nothing, &b), alone);
        }
    }
}

/// How far curves sag below a chord, against a walk along it.
#[test]
fn what_a_curve_sags_below_its_chord_is_found() {
    let tiers = [Tier { from: 30.0, units: 1.6 }, Tier { from: 70.0, units: 0.7 }];
    let curves = [
        bent(100.0, 20.0),
        Curve::hill(100.0, 40.0, 3.0).unwrap(),
        Curve::hill(100.0, 40.0, 0.5).unwrap(),
        Curve::s_logistic(100.0, 50.0, 0.1).unwrap(),
        bent(100.0, 20.0).tiered(&tiers).unwrap(),
        Curve::hill(100.0, 40.0, 3.0).unwrap().tiered(&tiers).unwrap(),
        Curve::table(&[(0.0, 0.0), (20.0, 5.0), (40.0, 50.0), (60.0, 52.0), (120.0, 90.0)]).unwrap(),
    ];
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let mut sagging = 0;
    for curve in &curves {
        for round in 0..60 {
            let low = if round % 3 == 0 { 0.0 } else { uniform(&mut rng, 0.0, 60.0) };
            let high = low + uniform(&mut rng, 0.1, 60.0);
            let (first, last) = (curve.value(low), curve.value(high));
            let depth = |k: i32| {
                let share = f64::from(k) / 2000.0;
                first + share * (last - first) - curve.value(low + share * (high - low))
            };
            let walked = (0..=2000).map(depth).fold(0.0, f64::max);
            let found = sag(curve, low, high);
            let near = 1e-12 * last..=walked + 0.03;
            assert!(found >= walked - near.start(), "{found} {curve:?} {low} {high}, walked {walked}");
            assert!(found <= *near.end(), "{found} {curve:?} {low} {high}, walked {walked}");
            assert!(curve.is_concave() == (curve == &curves[0] || curve == &curves[2]));
            sagging += i32::from(walked > 1.0);
        }
        assert_eq!(sag(curve, 30.0, 30.0), 0.0);
        assert!(!curve.is_concave() || sag(curve, 3.0, 57.0) == 0.0);
    }
    assert!(sagging > 80, "{sagging} sag");
}

/// The claim about two samples of the problems that `at` gives.
fn claimed(at: impl Fn(f64) -> Problem, from: f64, to: f64) -> f64 {
    let (a, b) = (at(from), at(to));
    deviation((&a, &solved(&a)), (&b, &solved(&b)))
}

/// One line without a maximum under a budget is worth its curve: what is claimed
/// is where the tangents at the ends cross, above the chord.
#[test]
fn a_budget_bends_as_its_tangents_cross() {
    let curve = bent(100.0, 20.0);
    let problem = |times: f64, fixed: f64, limited: bool| {
        let (curve, facts) = (curve.clone(), if limited { vec![Fact::Max(90.0)] } else { Vec::new() });
        move |budget: f64| Problem {
            lines: vec![line(curve.clone(), 10.0, &facts)],
            goal: Goal::Maximize(Terms { constant: fixed, ..response(&[times]) }),
            limits: vec![Limit::on(spend(&[1.0]), None, Some(budget))],
        }
    };
    for (from, to) in [(10.0, 30.0), (20.0, 20.5), (1.0, 60.0)] {
        let (v, s) = ([from, to].map(|t| curve.value(t)), [from, to].map(|t| curve.marginal(t)));
        let at = (v[1] - v[0] + s[0] * from - s[1] * to) / (s[0] - s[1]);
        let chord = v[0] + (v[1] - v[0]) * (at - from) / (to - from);
        let above = v[0] + s[0] * (at - from) - chord;
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() <= 2e-3 * expected + 1e-8, "{found:e}, not {expected:e}");
        };
        near(claimed(problem(1.0, 0.0, true), from, to), above / v[0]);
        near(claimed(problem(1.0, 0.0, true), to, from), above / v[0]);
        near(claimed(problem(3.0, 0.0, true), from, to), above / v[0]);
        near(claimed(problem(1.0, 100.0, true), from, to), above / (v[0] + 100.0));
        // Worth next to nothing for what it adds up to: a thousandth of that stands in.
        near(claimed(problem(1.0, -v[0], true), from, to), above / (2.0 * v[0] / 1000.0));
        near(claimed(problem(-1.0, 0.0, true), from, to), 0.0);
        // Without a maximum as much is spent as the budget leaves: closer still.
        let truth = (0..=1000).map(|k| {
            let share = f64::from(k) / 1000.0;
            curve.value(from + share * (to - from)) - v[0] - share * (v[1] - v[0])
        });
        let truth = truth.fold(0.0, f64::max) / v[0];
        let open = claimed(problem(1.0, 0.0, false), from, to);
        assert!(open >= truth && open <= above / v[0] + 1e-8, "{open:e} of {truth:e} to {:e}", above / v[0]);
    }
}

/// The least cost per unit with a fixed cost, under a budget that is spent in
/// full: `(fixed + t) / f(t)` lies below its chord.
#[test]
fn least_costs_bend_the_other_way() {
    let curve = bent(100.0, 20.0);
    let problem = |fixed: f64| {
        let curve = curve.clone();
        move |budget: f64| Problem {
            lines: vec![line(curve.clone(), 10.0, &[Fact::Max(90.0)])],
            goal: Goal::MinimizeRatio {
                numerator: Terms { constant: fixed, ..spend(&[1.0]) },
                denominator: response(&[1.0]),
            },
            limits: vec![Limit::on(spend(&[1.0]), None, Some(budget))],
        }
    };
    for (from, to) in [(4.0_f64, 6.0), (4.0, 4.2), (2.0, 11.0)] {
        let value = |t: f64| (7.0 + t) / curve.value(t);
        let walked = (0..=1000).map(|k| {
            let share = f64::from(k) / 1000.0;
            (value(from) + share * (value(to) - value(from)) - value(from + share * (to - from))) / value(to)
        });
        let walked = walked.fold(0.0, f64::max);
        let found = claimed(problem(7.0), from, to);
        let back = claimed(problem(7.0), to, from);
        assert!((back - found).abs() <= 0.01 * found);
        assert!(found >= walked * (1.0 - 1e-6) && found <= 5.0 * walked, "{found:e}, walked {walked:e}");
    }
}

/// A cost that moves with the number moves the ratio along a straight line.
#[test]
fn a_fixed_cost_moves_a_ratio_straight() {
    let problem = |fixed: f64| Problem {
        goal: Goal::MinimizeRatio {
            numerator: Terms { constant: fixed, ..spend(&[1.0, 1.0]) },
            denominator: response(&[0.1, 0.2]),
        },
        limits: vec![Limit::on(spend(&[1.0, 1.0]), Some(40.0), Some(40.0))],
        ..two(40.0)
    };
    for (to, most) in [(3.3, 3e-5), (3.03, 3e-7), (3.0, 1e-8)] {
        let [found, back] = [claimed(problem, 3.0, to), claimed(problem, to, 3.0)];
        assert!(found <= most && back <= most, "{found:e}, {back:e} backwards");
    }
}

#[test]
fn where_a_plan_may_be_nothing_is_claimed() {
    // Exactly as much as is sold in one piece: possible at 10, and only there.
    let sold = |budget: f64| {
        let mut problem = two(budget);
        problem.lines = vec![line(bent(100.0, 20.0), 10.0, &[Fact::Deal(Deal::Flat(10.0))])];
        problem.goal = Goal::Maximize(response(&[1.0]));
        problem.limits = vec![Limit::on(spend(&[1.0]), Some(budget), Some(budget))];
        problem
    };
    assert!(solved(&sold(10.0)).plan.is_some());
    assert_eq!(claimed(sold, 7.0, 9.0), 0.0);
    assert_eq!(claimed(sold, 11.0, 19.0), 0.0);
    assert_eq!(claimed(sold, 7.0, 13.0), f64::INFINITY);
    assert_eq!(claimed(sold, 7.0, 10.0), f64::INFINITY);
    assert_eq!(claimed(sold, 10.0, 13.0), f64::INFINITY);
    // What nobody looked for is not refuted.
    let (a, b) = (sold(7.0), sold(9.0));
    let mut nothing = solved(&a);
    nothing.certificate.leaves.clear();
    assert_eq!(deviation((&a, &nothing), (&b, &nothing)), f64::INFINITY);
    // The proof at either end alone is enough.
    assert_eq!(deviation((&a, &nothing), (&b, &solved(&b))), 0.0);
    assert_eq!(deviation((&a, &solved(&a)), (&b, &nothing)), 0.0);
}
