//! What prices prove and what a plan is judged to be, against closed forms.

use outlay_allocator::certificate::{NotProven, bound, judge, largest, leaf_bounds};
use outlay_allocator::{
    Cut, CutSide, Deal, Fact, Goal, Leaf, Limit, Line, Options, Prices, Problem, Terms, solve,
};
use outlay_curves::Curve;

use crate::flights::{self, Flight};

/// By how much plans, and parts without one, may exceed limits.
const KEPT: f64 = 1e-10;
const HOPELESS: f64 = 1e-9;

fn spend(c: &[f64]) -> Terms {
    Terms::default().with_spend(c.to_vec())
}

fn response(c: &[f64]) -> Terms {
    Terms::default().with_response(c.to_vec())
}

fn one(facts: &[Fact], goal: Goal, limits: Vec<Limit>) -> Problem {
    let line = Line::new(Curve::michaelis_menten(100.0, 20.0).unwrap(), 10.0, facts.to_vec());
    Problem { lines: vec![line], goal, limits }
}

fn at_price(max: f64) -> Prices {
    Prices { min: 0.0, max }
}

fn leaf(cuts: &[Cut], prices: &[Prices], empty: bool) -> Leaf {
    Leaf { cuts: cuts.to_vec(), prices: prices.to_vec(), empty, step: None }
}

/// The largest `w f(x) - p x` on a range, by the closed form of the best spend.
fn best(w: f64, p: f64, (low, high): (f64, f64)) -> f64 {
    let at = if p <= 0.0 { high } else { ((w * 100.0 * 20.0 / p).sqrt() - 20.0).clamp(low, high) };
    w * 100.0 * at / (20.0 + at) - p * at
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within * expected.abs(), "{found} instead of {expected}");
}

/// Never below the closed form, and above it by round-off alone.
#[track_caller]
fn just_above(found: f64, expected: f64, size: f64) {
    let over = found - expected;
    assert!((-1e-15 * size..=2e-13 * size).contains(&over), "{found} instead of {expected}: {over:e}");
}

#[test]
fn prices_prove_the_closed_form() {
    let budget = 40.0;
    let problem = one(
        &[Fact::Max(80.0)],
        Goal::Maximize(Terms { constant: 7.0, ..response(&[2.0]) }),
        vec![Limit::on(spend(&[1.0]), None, Some(budget))],
    );
    for price in [0.0, 0.01, 0.5, 2.0, 5.0, 50.0] {
        let proven = bound(&problem, &[leaf(&[], &[at_price(price)], false)], None).unwrap();
        let expected = 7.0 + best(2.0, price, (0.0, 80.0)) + price * budget * (1.0 + KEPT);
        just_above(proven, expected, 7.0 + 200.0 + 120.0 * price);
    }
    // Parts that cuts leave, each with prices of its own.
    let cut = |side| Cut { line: 0, at: 30.0, side };
    let leaves = [
        leaf(&[cut(CutSide::Below)], &[at_price(1.0)], false),
        leaf(&[cut(CutSide::Above)], &[at_price(3.0)], false),
    ];
    let bounds = leaf_bounds(&problem, &leaves, None).unwrap();
    just_above(bounds[0], 7.0 + best(2.0, 1.0, (0.0, 30.0)) + budget * (1.0 + KEPT), 300.0);
    just_above(bounds[1], 7.0 + best(2.0, 3.0, (30.0, 80.0)) + 3.0 * budget * (1.0 + KEPT), 500.0);
    assert_eq!(bound(&problem, &leaves, None).unwrap(), bounds[0].max(bounds[1]));
    assert_eq!(largest(&leaves, &bounds), bounds[0].max(bounds[1]));
}

#[test]
fn every_kind_of_row_is_priced_as_it_stands() {
    let facts = [Fact::Max(80.0)];
    let goal = || Goal::Maximize(response(&[1.0]));
    let proven = |limit: Limit, prices: Prices| {
        bound(&one(&facts, goal(), vec![limit]), &[leaf(&[], &[prices], false)], None).unwrap()
    };
    let floor = Prices { min: 0.7, max: 0.0 };
    // At least 30 spent.
    let found = proven(Limit::on(spend(&[1.0]), Some(30.0), None), floor);
    just_above(found, best(1.0, -0.7, (0.0, 80.0)) - 0.7 * 30.0 * (1.0 - KEPT), 300.0);
    // A least outcome: worth more.
    let found = proven(Limit::on(response(&[1.0]), Some(30.0), None), floor);
    just_above(found, best(1.7, 0.0, (0.0, 80.0)) - 0.7 * 30.0 * (1.0 - KEPT), 300.0);
    // A cap below 0: loosened, it lies higher.
    let found = proven(Limit::on(spend(&[-1.0]), None, Some(-30.0)), at_price(0.7));
    just_above(found, best(1.0, -0.7, (0.0, 80.0)) - 0.7 * 30.0 * (1.0 - KEPT), 300.0);
    // Cost per outcome of at most 0.5, with a fixed cost of 3 and 2 for nothing.
    let cost = Limit::ratio(
        Terms { constant: 3.0, ..spend(&[1.0]) },
        Terms { constant: 2.0, ..response(&[1.0]) },
        None,
        Some(0.5),
    );
    let found = proven(cost, at_price(0.8));
    let most = 0.5 * (1.0 + KEPT);
    let expected = best(1.0 + 0.8 * most, 0.8, (0.0, 80.0)) - 0.8 * (3.0 - most * 2.0);
    just_above(found, expected, 400.0);
    // A price of a side that is not there counts for nothing.
    let found = proven(Limit::on(spend(&[1.0]), None, Some(30.0)), Prices { min: 9.0, max: 0.0 });
    just_above(found, best(1.0, 0.0, (0.0, 80.0)), 100.0);
}

/// What is lost to rounding is added, however much cancels.
#[test]
fn round_off_is_on_the_safe_side() {
    let exact = Limit::on(Terms { constant: -1e16, ..spend(&[1.0]) }, None, Some(-1e16 + 40.0));
    let problem = one(&[Fact::Max(80.0)], Goal::Maximize(response(&[1.0])), vec![exact]);
    for price in [0.3, 0.7, 1.0, 1.9] {
        let proven = bound(&problem, &[leaf(&[], &[at_price(price)], false)], None).unwrap();
        let least = best(1.0, price, (0.0, 80.0)) + price * 40.0;
        assert!(proven >= least && proven <= least + 1e-9 * price * 1e16, "{proven}, at least {least}");
    }
    // Rows that cancel to nothing: a unit in the last place for each, and two more.
    let large = 2.0_f64.powi(53);
    let rows = [-1.0, 1.0, -1.0, 1.0]
        .map(|sign| Limit::on(Terms { constant: sign * large, ..spend(&[-sign]) }, None, Some(0.0)));
    let problem = one(&[Fact::Max(80.0)], Goal::Maximize(response(&[1.0])), rows.to_vec());
    let proven = bound(&problem, &[leaf(&[], &[at_price(1.0); 4], false)], None).unwrap();
    just_above(proven, 80.0 + 4.0 * large * f64::EPSILON * 6.0, 1e3);
    // Two large terms that cancel, written in one row each.
    for shift in [1e12, 3e13, 7e14] {
        let rows = vec![
            Limit::on(Terms { constant: -shift, ..spend(&[1.0]) }, None, Some(0.1 - shift)),
            Limit::on(Terms { constant: shift, ..spend(&[-1.0]) }, None, Some(shift - 0.1)),
        ];
        let problem = one(&[Fact::Max(80.0)], Goal::Maximize(response(&[1.0])), rows);
        let prices = [at_price(0.9), at_price(0.4)];
        let proven = bound(&problem, &[leaf(&[], &prices, false)], None).unwrap();
        assert!(proven >= best(1.0, 0.5, (0.0, 80.0)) + 0.05, "{proven} at {shift:e}");
    }
}

#[test]
fn prices_beyond_numbers_prove_nothing() {
    let endless = Problem {
        lines: vec![Line::new(Curve::linear(2.0).unwrap(), 1.0, Vec::new()); 2],
        goal: Goal::Maximize(response(&[1.0, 1.0])),
        limits: Vec::new(),
    };
    assert_eq!(bound(&endless, &[leaf(&[], &[], false)], None), Ok(f64::INFINITY));
    let problem = |limits: Vec<Limit>| one(&[Fact::Max(80.0)], Goal::Maximize(response(&[1.0])), limits);
    let huge = at_price(f64::MAX);
    let budget = || Limit::on(spend(&[1.0]), None, Some(40.0));
    let proven = bound(&problem(vec![budget()]), &[leaf(&[], &[huge], false)], None);
    assert_eq!(proven, Ok(f64::INFINITY));
    // Constants that overflow each way.
    let up = Limit::on(Terms { constant: 10.0, ..spend(&[1.0]) }, None, Some(10.0));
    let proven = bound(&problem(vec![up.clone(), up]), &[leaf(&[], &[huge, huge], false)], None);
    assert_eq!(proven, Ok(f64::INFINITY));
    let claim = [leaf(&[], &[huge], true)];
    assert_eq!(bound(&problem(vec![budget()]), &claim, None), Err(NotProven::NotEmpty { leaf: 0 }));
}

/// A part is empty only if limits contradict each other by more than plans, and
/// ten times that, may exceed them.
#[test]
fn emptiness_is_proven_beyond_what_is_tolerated() {
    let most = 40.0;
    let problem = |least: f64| {
        one(
            &[Fact::Max(80.0)],
            Goal::Maximize(response(&[1.0])),
            vec![Limit::on(spend(&[1.0]), None, Some(most)), Limit::on(spend(&[1.0]), Some(least), None)],
        )
    };
    let prices = [at_price(1.0), Prices { min: 1.0, max: 0.0 }];
    let claim = |least: f64| bound(&problem(least), &[leaf(&[], &prices, true)], None);
    assert_eq!(claim(41.0), Ok(f64::NEG_INFINITY));
    assert_eq!(claim(most * (1.0 + 2.1 * HOPELESS)), Ok(f64::NEG_INFINITY));
    for less in [1.9 * HOPELESS, HOPELESS, 2.0 * KEPT, 0.0, -0.1] {
        assert_eq!(claim(most * (1.0 + less)), Err(NotProven::NotEmpty { leaf: 0 }), "{less:e}");
    }
    let bounds = leaf_bounds(&problem(41.0), &[leaf(&[], &prices, true)], None).unwrap();
    near(bounds[0], -1.0 + 81.0 * HOPELESS, 1e-12);
    // The same leaf as a bound on the goal is no proof of emptiness, and finite.
    let leaves = [leaf(&[], &prices, false)];
    let open = bound(&problem(41.0), &leaves, None).unwrap();
    near(open, 80.0 - 1.0 + 81.0 * KEPT, 1e-12);
    // No prices show that nothing is there where goal 0 is all there is.
    let nothing = [leaf(&[], &[Prices::default(); 2], true)];
    assert_eq!(bound(&problem(41.0), &nothing, None), Err(NotProven::NotEmpty { leaf: 0 }));
    // The empty one of two parts is left out of the bound, and told by its place.
    let cut = |side| Cut { line: 0, at: 30.0, side };
    let lower = problem(35.0);
    let parts = [
        leaf(&[cut(CutSide::Above)], &[at_price(1.0), Prices::default()], false),
        leaf(&[cut(CutSide::Below)], &[Prices::default(), Prices { min: 1.0, max: 0.0 }], true),
    ];
    let bounds = leaf_bounds(&lower, &parts, None).unwrap();
    assert!(bounds[1] < -4.9 && bound(&lower, &parts, None) == Ok(bounds[0]));
    let swapped = [leaf(&parts[0].cuts, &parts[0].prices, true), parts[1].clone()];
    assert_eq!(bound(&lower, &swapped, None), Err(NotProven::NotEmpty { leaf: 0 }));
    let both = [parts[0].clone(), leaf(&parts[1].cuts, &parts[0].prices, true)];
    assert_eq!(bound(&lower, &both, None), Err(NotProven::NotEmpty { leaf: 1 }));
}

#[test]
fn a_line_without_spends_leaves_no_plan() {
    let problem = one(&[Fact::Deal(Deal::Flat(50.0))], Goal::Maximize(response(&[1.0])), Vec::new());
    let cut = |at, side| Cut { line: 0, at, side };
    let leaves = [
        leaf(&[cut(20.0, CutSide::Below)], &[], false),
        leaf(&[cut(20.0, CutSide::Above), cut(40.0, CutSide::Below)], &[], false),
        leaf(&[cut(20.0, CutSide::Above), cut(40.0, CutSide::Above)], &[], false),
    ];
    let bounds = leaf_bounds(&problem, &leaves, None).unwrap();
    just_above(bounds[0], 0.0, 1.0);
    assert_eq!(bounds[1], f64::NEG_INFINITY);
    just_above(bounds[2], 100.0 * 50.0 / 70.0, 100.0);
}

#[test]
fn ratios_are_proven_at_a_trial() {
    let goal = Goal::MinimizeRatio {
        numerator: Terms { constant: 5.0, ..spend(&[1.0]) },
        denominator: Terms { constant: 1.0, ..response(&[0.1]) },
    };
    let problem = one(&[Fact::Max(80.0)], goal, vec![Limit::on(spend(&[1.0]), None, Some(40.0))]);
    for ratio in [0.5, 3.0, 12.0] {
        let proven = bound(&problem, &[leaf(&[], &[at_price(0.2)], false)], Some(ratio)).unwrap();
        let expected = ratio - 5.0 + best(0.1 * ratio, 1.2, (0.0, 80.0)) + 0.2 * 40.0 * (1.0 + KEPT);
        just_above(proven, expected, 10.0 + 20.0 * ratio);
    }
    // No trial is one at 0.
    let none = bound(&problem, &[leaf(&[], &[at_price(0.2)], false)], None).unwrap();
    just_above(none, -5.0 + 0.2 * 40.0 * (1.0 + KEPT), 100.0);
}

/// Twins are put in order, which only parts that are cut make use of.
#[test]
fn lines_that_cannot_be_told_apart_are_cut_together() {
    let line = || Line::new(Curve::michaelis_menten(100.0, 20.0).unwrap(), 10.0, vec![Fact::Max(80.0)]);
    let problem = Problem {
        lines: vec![line(), line()],
        goal: Goal::Maximize(response(&[1.0, 1.0])),
        limits: vec![Limit::on(spend(&[1.0, 1.0]), None, Some(60.0))],
    };
    let cut = |side| Cut { line: 0, at: 30.0, side };
    let leaves = [
        leaf(&[cut(CutSide::Below)], &[at_price(0.5)], false),
        leaf(&[cut(CutSide::Above)], &[at_price(0.5)], false),
    ];
    let bounds = leaf_bounds(&problem, &leaves, None).unwrap();
    let rest = 0.5 * 60.0 * (1.0 + KEPT);
    // The second spends at most what the first does.
    just_above(bounds[0], 2.0 * best(1.0, 0.5, (0.0, 30.0)) + rest, 300.0);
    just_above(bounds[1], best(1.0, 0.5, (30.0, 80.0)) + best(1.0, 0.5, (0.0, 80.0)) + rest, 300.0);
}

#[test]
fn cuts_and_steps_that_mean_nothing_are_refused() {
    let problem = one(
        &[Fact::Max(80.0)],
        Goal::Maximize(response(&[1.0])),
        vec![Limit::on(spend(&[1.0]), None, Some(40.0))],
    );
    let prices = [at_price(1.0)];
    let pair = |cut: Cut| {
        let other = if cut.side == CutSide::Below { CutSide::Above } else { CutSide::Below };
        [leaf(&[cut], &prices, false), leaf(&[Cut { side: other, ..cut }], &prices, false)]
    };
    for side in [CutSide::Below, CutSide::Above] {
        assert!(bound(&problem, &pair(Cut { line: 0, at: 10.0, side }), None).is_ok());
        assert!(bound(&problem, &pair(Cut { line: 0, at: 0.0, side }), None).is_ok());
        for (line, at) in [(1, 10.0), (2, 10.0), (0, -1.0), (0, f64::NAN), (0, f64::INFINITY)] {
            let found = bound(&problem, &pair(Cut { line, at, side }), None);
            assert_eq!(found, Err(NotProven::Malformed { leaf: 0 }), "{line} {at}");
        }
        // The first cut is sound, the second is not.
        let below = Cut { line: 0, at: 10.0, side };
        let mut deep = pair(Cut { line: 7, at: 5.0, side: CutSide::Below }).to_vec();
        deep.iter_mut().for_each(|l| l.cuts.insert(0, below));
        deep.insert(0, pair(below)[1].clone());
        assert_eq!(bound(&problem, &deep, None), Err(NotProven::Malformed { leaf: 1 }));
    }
    // Grids are for flights; a step must be one.
    for step in [0.1, 0.0, -0.1, f64::NAN, f64::INFINITY] {
        let stepped = Leaf { step: Some(step), ..leaf(&[], &prices, false) };
        assert_eq!(bound(&problem, &[stepped], None), Err(NotProven::Malformed { leaf: 0 }), "{step}");
    }
    for count in [0, 2] {
        let many = leaf(&[], &vec![at_price(1.0); count], false);
        assert_eq!(bound(&problem, &[many], None), Err(NotProven::Malformed { leaf: 0 }));
    }
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        for prices in [Prices { min: wrong, max: 1.0 }, Prices { min: 1.0, max: wrong }] {
            let found = bound(&problem, &[leaf(&[], &[prices], false)], None);
            assert_eq!(found, Err(NotProven::Malformed { leaf: 0 }));
        }
    }
    // Overlaps, gaps and sides that are there twice.
    let cut = |at, side| Cut { line: 0, at, side };
    let whole = leaf(&[], &prices, false);
    let low = leaf(&[cut(10.0, CutSide::Below)], &prices, false);
    let high = leaf(&[cut(10.0, CutSide::Above)], &prices, false);
    let higher = leaf(&[cut(12.0, CutSide::Above)], &prices, false);
    let covers = |leaves: &[&Leaf]| {
        let leaves: Vec<Leaf> = leaves.iter().map(|l| (*l).clone()).collect();
        bound(&problem, &leaves, None).is_ok()
    };
    assert!(covers(&[&whole]) && covers(&[&low, &high]) && covers(&[&high, &low]));
    let not: [&[&Leaf]; 10] = [
        &[],
        &[&low],
        &[&high],
        &[&low, &low],
        &[&high, &high],
        &[&low, &higher],
        &[&whole, &whole],
        &[&whole, &low, &high],
        &[&low, &high, &high],
        &[&low, &whole],
    ];
    for leaves in not {
        assert!(!covers(leaves), "{leaves:?}");
    }
    assert_eq!(bound(&problem, &[], None), Err(NotProven::NotCovering { leaf: 0 }));
}

/// Leaves of flights, each with the grid that it names.
#[test]
fn flights_are_bounded_on_the_grid_that_a_leaf_names() {
    let flight = |half: f64| Flight {
        curve: Curve::hill(300.0, half, 2.5).unwrap(),
        retention: 0.5,
        opening: 0.0,
        most: 120.0,
        demand: vec![1.0, 1.3, 0.9],
        price: vec![1.0, 1.1, 0.9],
        tail: 4,
    };
    let problem = flights::problem(&[flight(40.0), flight(60.0)], 200.0);
    let solution = solve(&problem, &Options { nodes: 40, ..Options::default() }).unwrap();
    let value = solution.plan.unwrap().value;
    let first = solution.certificate.leaves.iter().find(|l| l.step.is_some() && !l.empty).expect("a grid");
    let on = |steps: [Option<f64>; 2]| {
        let cut = |side| Cut { line: 0, at: 60.0, side };
        let leaf = |side, step| Leaf { cuts: vec![cut(side)], step, ..first.clone() };
        leaf_bounds(&problem, &[leaf(CutSide::Below, steps[0]), leaf(CutSide::Above, steps[1])], None)
    };
    let (coarse, fine) = (Some(0.2), Some(0.05));
    let [wide, near] = [coarse, fine].map(|step| on([step, step]).unwrap());
    assert!(wide.iter().zip(&near).all(|(w, n)| n < w), "{near:?} on a finer grid than {wide:?}");
    for bounds in [&wide, &near] {
        let most = bounds[0].max(bounds[1]);
        assert!(most >= value && most < 1.5 * value, "{most} for a plan worth {value}");
    }
    assert_eq!(on([coarse, fine]).unwrap(), [wide[0], near[1]]);
    assert_eq!(on([fine, coarse]).unwrap(), [near[0], wide[1]]);
    for step in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(on([coarse, Some(step)]), Err(NotProven::Malformed { leaf: 1 }), "{step}");
    }
}

#[test]
fn plans_are_judged_by_hand() {
    let lines = vec![
        Line::new(Curve::michaelis_menten(100.0, 20.0).unwrap(), 10.0, vec![Fact::Max(80.0)]),
        Line::new(Curve::linear(2.0).unwrap(), 10.0, vec![Fact::Min(5.0), Fact::Max(50.0)]),
    ];
    let goal = Goal::Maximize(Terms { constant: 3.0, ..response(&[1.0, 1.0]) }.with_spend(vec![-1.0, -1.0]));
    let budget = Limit::on(spend(&[1.0, 1.0]), Some(20.0), Some(60.0));
    let share = Limit::ratio(spend(&[1.0, 0.0]), spend(&[1.0, 1.0]), None, Some(0.6));
    let problem = Problem { lines, goal, limits: vec![budget, share] };
    let found = judge(&problem, &[20.0, 30.0]);
    assert_eq!((found.value, found.violation), (3.0 + 50.0 + 60.0 - 50.0, 0.0));
    // Line by line: what it earns less what it costs.
    assert_eq!(found.size, 3.0 + (50.0 - 20.0) + (60.0 - 30.0));
    // 66 of at most 60; 36 of 66 in the first is 0.545.
    near(judge(&problem, &[36.0, 30.0]).violation, 0.1, 1e-12);
    // 16 of at least 20.
    near(judge(&problem, &[8.0, 8.0]).violation, 0.2, 1e-12);
    // 30 of 40 where 24 would be 60%: over half of what the row adds up to.
    near(judge(&problem, &[30.0, 10.0]).violation, 6.0 / (0.5 * (30.0 + 0.6 * 40.0)), 1e-12);
    // 4 where at least 5, 55 where at most 50.
    near(judge(&problem, &[20.0, 4.0]).violation.max(0.0), judge(&problem, &[20.0, 4.0]).violation, 0.0);
    assert!(judge(&problem, &[20.0, 4.0]).violation >= 0.25);
    near(judge(&problem, &[4.0, 55.0]).violation, 5.0 / 55.0, 1e-12);
    assert_eq!(judge(&problem, &[20.0, f64::NAN]).violation, f64::INFINITY);
}

#[test]
fn a_gap_is_told_by_the_value_or_by_what_it_adds_up_to() {
    let goal = |worth: f64, cost: f64| {
        one(&[Fact::Max(80.0)], Goal::Maximize(response(&[worth]).with_spend(vec![-cost])), Vec::new())
    };
    let found = judge(&goal(1.0, 0.0), &[20.0]);
    near(found.gap(55.0), 0.1, 1e-12);
    near(found.gap(45.0), 0.1, 1e-12);
    assert_eq!(found.gap(50.0), 0.0);
    assert_eq!(found.gap(f64::INFINITY), f64::INFINITY);
    // A constant takes away all but a ten-thousandth: a thousandth stands in.
    let fixed = Goal::Maximize(Terms { constant: -49.99, ..response(&[1.0]) });
    let found = judge(&one(&[Fact::Max(80.0)], fixed, Vec::new()), &[20.0]);
    near(found.gap(1.0), 0.99 / (99.99 / 1000.0), 1e-9);
    let loss = Goal::Maximize(Terms { constant: -90.0, ..response(&[1.0]) });
    near(judge(&one(&[Fact::Max(80.0)], loss, Vec::new()), &[20.0]).gap(-38.0), 0.05, 1e-12);
    // Worth nothing at all: a thousandth of what the line could earn, 80, stands
    // in for the size; without a maximum, what it earns far beyond its bend.
    let found = judge(&goal(1.0, 0.0), &[0.0]);
    near(found.size, 0.08, 1e-12);
    near(found.gap(1e-6), 1e-6 / 8e-5, 1e-9);
    let open = one(&[], Goal::Maximize(response(&[1.0])), Vec::new());
    near(judge(&open, &[0.0]).size, 1e-3 * 100.0 * 80.0 / 100.0, 1e-9);
    let dear = one(&[Fact::Max(40.0)], Goal::Maximize(response(&[1.0])), Vec::new());
    near(judge(&dear, &[0.0]).size, 1e-3 * 100.0 * 40.0 / 60.0, 1e-9);
    // A ratio's size is its own.
    let ratio = Goal::MinimizeRatio { numerator: spend(&[1.0]), denominator: response(&[0.1]) };
    let found = judge(&one(&[Fact::Max(80.0)], ratio, Vec::new()), &[20.0]);
    assert_eq!((found.value, found.size), (4.0, 4.0));
    near(found.gap(3.0), 0.25, 1e-12);
}
