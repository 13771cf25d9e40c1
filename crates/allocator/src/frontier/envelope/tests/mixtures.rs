//! What a mixture of two samples' plans breaks and loses, against closed forms.

use super::*;

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
        // A millionth faster is another way, in any units.
        let other = |t: f64, upper: f64| {
            let mut problem = scaled(t, upper);
            problem.limits[1].denominator = Some(spend(&[unit * (1.0 + 1e-6), unit]));
            problem
        };
        assert_eq!(mixed([&other(0.3, 0.8), &other(0.4, 0.9)], plans), None, "at {unit:e}");
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

#[test]
fn products_sag_by_a_quarter_of_both_changes() {
    let pooled = |t: f64| {
        let mut problem = two(t);
        problem.lines[1].pool = Some(0);
        problem
    };
    // The level rises by 15 and 60 x / (5 + x) from 30 to 40.
    let lost = mixed([&pooled(20.0), &pooled(40.0)], [&[15.0, 5.0], &[30.0, 10.0]]).unwrap();
    assert!(lost[0] == 0.0 && (lost[1] - 37.5).abs() < 1e-12, "{lost:?}");
    // Where one falls the product lies above its chord.
    let lost = mixed([&pooled(35.0), &pooled(25.0)], [&[30.0, 5.0], &[15.0, 10.0]]).unwrap();
    assert_eq!(lost[1], 0.0);
}
