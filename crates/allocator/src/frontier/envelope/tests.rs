//! The gap between two samples against dense samples solved by themselves, and
//! every part of it against closed forms.

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
/// way; what a line earns for another, and lines whose level others multiply, are
/// not what the leaves are taken for here.
#[test]
fn ties_and_pools_are_left_alone() {
    let tied = |t: f64, last: crate::Coefficients| {
        let mut problem = two(t);
        let few = vec![(0, last), (1, crate::Coefficients::on_spend(-1.0))];
        let tie = Terms { few: Some(few.into()), ..Terms::default() };
        problem.limits.push(Limit::on(tie, Some(0.0), Some(0.0)));
        problem
    };
    let spend = crate::Coefficients::on_spend;
    assert!(affine(20.0, 60.0, |t| tied(t, spend(1.0))));
    assert!(!affine(20.0, 60.0, |t| tied(t, spend(t))));
    let earned = crate::Coefficients { response: 1.0, ..crate::Coefficients::default() };
    assert!(!affine(20.0, 60.0, |t| tied(t, earned)));
    let pooled = |t: f64| {
        let mut problem = two(t);
        problem.lines[1].pool = Some(0);
        problem
    };
    assert!(!affine(20.0, 60.0, pooled));
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

/// A stated plan of a problem.
fn stated(problem: &Problem, spends: &[f64]) -> Plan {
    Plan { spends: spends.to_vec(), value: judge(problem, spends).value }
}

/// `[late, lost]` of two problems with plans of their own.
fn mixed([a, b]: [&Problem; 2], [x, y]: [&[f64]; 2]) -> Option<[f64; 2]> {
    let (first, last) = (stated(a, x), stated(b, y));
    let found = mixture((a, &first), (b, &last))?;
    // Backwards it is the same.
    let back = mixture((b, &last), (a, &first)).expect("either way");
    assert!((found.late - back.late).abs() <= 1e-12 && found.lost == back.lost);
    Some([found.late, found.lost])
}

#[test]
fn mixtures_are_late_by_as_much_as_limits_move_unevenly() {
    // A budget moves by the same at every plan: nothing is late.
    assert_eq!(mixed([&two(20.0), &two(40.0)], [&[15.0, 5.0], &[30.0, 10.0]]), Some([0.0, 0.0]));
    // A share moves by what is spent in all, here 10 and 90.
    let share = |t: f64| {
        let mut problem = two(100.0);
        problem.limits.push(Limit::ratio(spend(&[1.0, 0.0]), spend(&[1.0, 1.0]), None, Some(t)));
        problem
    };
    let found = mixed([&share(0.3), &share(0.4)], [&[3.0, 7.0], &[36.0, 54.0]]).unwrap();
    assert!((found[0] - 0.5).abs() < 1e-12 && found[1] == 0.0, "{found:?}");
    // Two that move unevenly in the same way are one; in another way, or at a
    // plan only one of them, they are too many.
    let both = |t: f64, upper: f64, on: &[f64]| {
        let mut problem = share(t);
        problem.limits.push(Limit::ratio(spend(&[0.0, 1.0]), spend(on), None, Some(upper)));
        problem
    };
    let plans: [&[f64]; 2] = [&[3.0, 7.0], &[36.0, 54.0]];
    let same = mixed([&both(0.3, 0.8, &[1.0, 1.0]), &both(0.4, 0.9, &[1.0, 1.0])], plans);
    assert!((same.unwrap()[0] - 0.5).abs() < 1e-12);
    assert_eq!(mixed([&both(0.3, 3.0, &[1.0, 0.0]), &both(0.4, 4.0, &[1.0, 0.0])], plans), None);
    assert_eq!(
        mixed([&both(0.3, 0.9, &[1.0, 1.0]), &both(0.4, 0.8, &[1.0, 1.0])], plans).map(|m| m[1]),
        Some(0.0)
    );
    assert_eq!(mixed([&both(0.3, 0.9, &[-1.0, 0.2]), &both(0.4, 0.8, &[-1.0, 0.2])], plans), None);
    // The same but for rounding, in units large and small.
    for unit in [1e-3, 1.0, 1e3, 1e6] {
        let scaled = |t: f64, upper: f64| {
            let mut problem = both(t, upper, &[1.0, 1.0]);
            let limit = &mut problem.limits[1];
            limit.numerator = Terms::default().plus(unit, &limit.numerator);
            limit.denominator = Some(spend(&[unit * (1.0 + 1e-12), unit]));
            problem
        };
        let found = mixed([&scaled(0.3, 0.8), &scaled(0.4, 0.9)], plans).expect("one way");
        assert!((found[0] - 0.5).abs() < 1e-9, "{found:?} at {unit:e}");
    }
    assert_eq!(mixed([&share(0.3), &share(0.4)], [&[36.0, 54.0], &[0.0, 0.0]]), None);
    // What a plan does not move is no reason for another to move.
    assert_eq!(mixed([&share(0.3), &share(0.4)], [&[0.0, 0.0], &[36.0, 54.0]]), None);
}

#[test]
fn goals_that_move_are_no_mixtures() {
    let goal = |t: f64| Problem { goal: Goal::Maximize(response(&[1.0, t])), ..two(20.0) };
    assert_eq!(mixed([&goal(1.0), &goal(2.0)], [&[15.0, 5.0], &[5.0, 15.0]]), None);
    assert_eq!(mixed([&goal(1.0), &goal(2.0)], [&[15.0, 0.0], &[5.0, 15.0]]), None);
    assert_eq!(mixed([&goal(1.0), &goal(2.0)], [&[15.0, 5.0], &[5.0, 0.0]]), None);
    let cost = |t: f64| Problem {
        goal: Goal::MinimizeRatio {
            numerator: Terms { constant: t, ..spend(&[1.0, 1.0]) },
            denominator: response(&[0.1, 0.2]),
        },
        ..two(40.0)
    };
    assert_eq!(mixed([&cost(1.0), &cost(2.0)], [&[15.0, 5.0], &[5.0, 15.0]]), None);
}

/// Of ratios the denominators weigh as well: twice as many customers at one
/// plan make it count twice.
#[test]
fn ratios_are_weighted_by_their_denominators() {
    let per = |budget: f64, denominator: Terms| Problem {
        goal: Goal::MinimizeRatio { numerator: spend(&[1.0, 1.0]), denominator },
        ..two(budget)
    };
    let [x, y]: [&[f64]; 2] = [&[15.0, 5.0], &[20.0, 20.0]];
    let customers = |x: &[f64]| 0.1 * 100.0 * x[0] / (20.0 + x[0]) + 0.2 * 60.0 * x[1] / (5.0 + x[1]);
    let found = mixed([&per(20.0, response(&[0.1, 0.2])), &per(40.0, response(&[0.1, 0.2]))], [x, y]);
    let (a, b) = (customers(y).sqrt(), customers(x).sqrt());
    let late = (a - b).abs() / (a + b);
    assert!((found.unwrap()[0] - late).abs() < 1e-12 && late > 0.02, "{found:?}, not {late}");
    // A denominator that vanishes, or a convex one, weighs nothing.
    let less = || Terms { constant: -customers(x), ..response(&[0.1, 0.2]) };
    assert_eq!(mixed([&per(20.0, less()), &per(40.0, less())], [x, y]), None);
    let convex = || response(&[-0.1, 0.2]);
    assert_eq!(mixed([&per(20.0, convex()), &per(40.0, convex())], [x, y]), None);
    // Both together: budget by share.
    let share = |t: f64| {
        let mut problem = per(100.0, response(&[0.1, 0.2]));
        problem.limits.push(Limit::ratio(spend(&[1.0, 0.0]), spend(&[1.0, 1.0]), None, Some(t)));
        problem
    };
    let [x, y]: [&[f64]; 2] = [&[3.0, 7.0], &[36.0, 54.0]];
    let found = mixed([&share(0.3), &share(0.4)], [x, y]);
    let (a, b) = ((customers(y) * 10.0).sqrt(), (customers(x) * 90.0).sqrt());
    let late = (a - b).abs() / (a + b);
    assert!((found.unwrap()[0] - late).abs() < 1e-12, "{found:?}, not {late}");
}

#[test]
fn mixtures_keep_no_limit_that_curves_the_other_way() {
    let [x, y]: [&[f64]; 2] = [&[10.0, 2.0], &[20.0, 4.0]];
    let with = |budget: f64, limit: Limit| {
        let mut problem = two(budget);
        problem.limits.push(limit);
        problem
    };
    let pair = |limit: &dyn Fn() -> Limit| mixed([&with(12.0, limit()), &with(24.0, limit())], [x, y]);
    let moved = |c: f64| Terms::default().with_moved(vec![c, 0.0]);
    // Outcomes are concave: a floor on them keeps, a cap does not; a cap on
    // movement keeps, a floor does not.
    assert!(pair(&|| Limit::on(response(&[1.0, 1.0]), Some(1.0), None)).is_some());
    assert!(pair(&|| Limit::on(response(&[1.0, 1.0]), None, Some(500.0))).is_none());
    assert!(pair(&|| Limit::on(response(&[0.0, 1.0]), None, Some(500.0))).is_none());
    assert!(pair(&|| Limit::on(response(&[-1.0, 0.0]), None, Some(500.0))).is_some());
    assert!(pair(&|| Limit::on(moved(1.0), None, Some(50.0))).is_some());
    assert!(pair(&|| Limit::on(moved(1.0), Some(-1.0), None)).is_none());
    assert!(pair(&|| Limit::on(moved(-1.0), None, Some(50.0))).is_none());
    // The first limit is one like the others.
    let first = |budget: f64| {
        let mut problem = with(budget, Limit::on(response(&[1.0, 1.0]), None, Some(500.0)));
        problem.limits.swap(0, 1);
        problem
    };
    assert!(mixed([&first(12.0), &first(24.0)], [x, y]).is_none());
    // The same in the goal, the other way round.
    let goal = |budget: f64, goal: Terms| Problem { goal: Goal::Maximize(goal), ..two(budget) };
    let goals = |terms: &dyn Fn() -> Terms| mixed([&goal(12.0, terms()), &goal(24.0, terms())], [x, y]);
    assert!(goals(&|| response(&[1.0, 1.0])).is_some());
    assert!(goals(&|| response(&[1.0, -1.0])).is_none());
    assert!(goals(&|| response(&[1.0, 1.0]).with_moved(vec![-0.1, 0.0])).is_some());
    assert!(goals(&|| response(&[1.0, 1.0]).with_moved(vec![0.1, 0.0])).is_none());
    // Wrong at one end of the number only.
    let cap = |c: f64| with(24.0, Limit::on(response(&[c, 0.0]), None, Some(500.0)));
    assert_eq!(mixed([&cap(-1.0), &cap(1.0)], [x, y]), None);
    assert_eq!(mixed([&cap(1.0), &cap(-1.0)], [x, y]), None);
    // A line that both plans treat alike curves nothing.
    let alike: [&[f64]; 2] = [&[10.0, 2.0], &[10.0, 4.0]];
    let cap = || Limit::on(response(&[1.0, 0.0]), None, Some(500.0));
    assert!(mixed([&with(12.0, cap()), &with(14.0, cap())], alike).is_some());
    assert!(mixed([&with(12.0, cap()), &with(14.0, cap())], [&[10.0, 2.0], &[12.0, 2.0]]).is_none());
}

#[test]
fn mixtures_switch_nothing_on_that_is_counted() {
    let counted = |budget: f64| {
        let mut problem = two(budget);
        problem.limits.push(Limit::on(active(&[1.0, 0.0]), None, Some(1.0)));
        problem
    };
    let pair = |x: &[f64], y: &[f64]| mixed([&counted(30.0), &counted(40.0)], [x, y]);
    assert!(pair(&[10.0, 5.0], &[20.0, 10.0]).is_some());
    assert!(pair(&[0.0, 5.0], &[0.0, 10.0]).is_some());
    assert!(pair(&[10.0, 0.0], &[20.0, 10.0]).is_some());
    assert!(pair(&[0.0, 5.0], &[20.0, 10.0]).is_none());
    assert!(pair(&[20.0, 5.0], &[0.0, 10.0]).is_none());
}

#[test]
fn mixtures_stay_in_the_spends_that_a_deal_allows() {
    let sold = |budget: f64, facts: &[Fact]| {
        let mut problem = two(budget);
        problem.lines[0] = problem.lines[0].with_facts(facts.to_vec());
        problem
    };
    let pair = |facts: &[Fact], x: f64, y: f64| {
        mixed([&sold(60.0, facts), &sold(80.0, facts)], [&[x, 5.0], &[y, 10.0]]).is_some()
    };
    let least = [Fact::Deal(Deal::AtLeast(10.0)), Fact::Max(50.0)];
    assert!(pair(&least, 10.0, 50.0) && pair(&least, 50.0, 10.0));
    assert!(!pair(&least, 0.0, 20.0) && !pair(&least, 20.0, 0.0));
    assert!(pair(&least, 0.0, 0.0));
    let lots = [Fact::Deal(Deal::Lots(10.0)), Fact::Max(50.0)];
    assert!(pair(&lots, 20.0, 20.0) && !pair(&lots, 20.0, 40.0));
    let flat = [Fact::Deal(Deal::Flat(10.0))];
    assert!(pair(&flat, 10.0, 10.0) && !pair(&flat, 0.0, 10.0));
}

/// An S-shaped line costs a mixture what it sags, unless a limit that does not
/// move leaves room for it.
#[test]
fn mixtures_lose_what_curves_sag() {
    let curve = Curve::hill(100.0, 40.0, 3.0).unwrap();
    let steep = |budget: f64| {
        let mut problem = two(budget);
        problem.lines[0] = line(curve.clone(), 10.0, &[Fact::Max(80.0)]);
        problem
    };
    let [x, y]: [&[f64]; 2] = [&[5.0, 5.0], &[35.0, 5.0]];
    let sagged = sag(&curve, 5.0, 35.0);
    assert!(sagged > 5.0);
    assert_eq!(mixed([&steep(10.0), &steep(40.0)], [x, y]), Some([0.0, sagged]));
    let twice = |budget| Problem { goal: Goal::Maximize(response(&[2.0, 1.0])), ..steep(budget) };
    assert_eq!(mixed([&twice(10.0), &twice(40.0)], [x, y]), Some([0.0, 2.0 * sagged]));
    let floor = |budget: f64, least: f64, times: f64| {
        let mut problem = steep(budget);
        problem.limits.push(Limit::on(response(&[times, 0.0]), Some(least), None));
        problem
    };
    let made = curve.value(5.0);
    let pair = |a: f64, b: f64| mixed([&floor(10.0, a, 1.0), &floor(40.0, b, 1.0)], [x, y]);
    assert_eq!(pair(made - 1.01 * sagged, made - 1.01 * sagged), Some([0.0, sagged]));
    assert_eq!(pair(made - 0.99 * sagged, made - 0.99 * sagged), None);
    assert_eq!(pair(made - 3.0 * sagged, made - 2.0 * sagged), None, "a floor that moves");
    // Room at one plan is none at the other.
    let near = |k: usize| {
        let mut problem = floor([10.0, 40.0][k], made - 0.5 * sagged, 1.0);
        problem.limits[1].numerator = response(&[1.0, 0.0]);
        problem
    };
    assert_eq!(mixed([&near(0), &near(1)], [x, y]), None);
    assert_eq!(mixed([&near(1), &near(0)], [y, x]), None);
    // Nor does a ratio put up with any.
    let per = |budget: f64, denominator: Terms| Problem {
        goal: Goal::MinimizeRatio { numerator: spend(&[1.0, 1.0]), denominator },
        ..steep(budget)
    };
    assert_eq!(mixed([&per(10.0, response(&[1.0, 1.0])), &per(40.0, response(&[1.0, 1.0]))], [x, y]), None);
    assert!(mixed([&per(10.0, response(&[0.0, 1.0])), &per(40.0, response(&[0.0, 1.0]))], [x, y]).is_some());
    let net = |budget: f64| Problem {
        goal: Goal::MinimizeRatio {
            numerator: spend(&[1.0, 1.0]).plus(-0.01, &response(&[1.0, 0.0])),
            denominator: response(&[0.0, 1.0]),
        },
        ..steep(budget)
    };
    assert_eq!(mixed([&net(10.0), &net(40.0)], [x, y]), None);
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
