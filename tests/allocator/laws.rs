//! What must stay true when a problem is written another way or changed in a
//! known direction, whatever the optimum is.

use outlay_allocator::{
    Deal, Domain, Fact, Goal, Limit, Line, Options, Plan, Problem, Solution, Status, Terms, slopes, solve,
};
use proptest::prelude::*;

use crate::classes::{Case, Class};
use crate::evaluate;

const CLASSES: [Class; 7] = [
    Class::Concave,
    Class::SShaped,
    Class::Tiers,
    Class::Flat,
    Class::AtLeast,
    Class::Lots,
    Class::ResponseFloor,
];

fn any_case() -> impl Strategy<Value = Case> {
    (0..CLASSES.len(), 1_usize..7, 0_u64..100_000).prop_map(|(class, n, seed)| CLASSES[class].case(n, seed))
}

fn concave_case() -> impl Strategy<Value = Case> {
    (1_usize..7, 0_u64..100_000).prop_map(|(n, seed)| Class::Concave.case(n, seed))
}

fn solved(problem: &Problem) -> Solution {
    solve(problem, &Options { nodes: 400, ..Options::default() }).unwrap()
}

/// The interval in which a solution proves the optimum to lie.
fn interval(solution: &Solution) -> (f64, f64) {
    let low = solution.plan.as_ref().map_or(f64::NEG_INFINITY, |p| p.value);
    let high = if solution.certificate.bound.is_nan() { f64::INFINITY } else { solution.certificate.bound };
    (low, high)
}

/// What a search leaves open says nothing: such draws are rejected, and more than
/// a few of them fail the test.
fn concluded(solution: &Solution) -> Result<(), TestCaseError> {
    if matches!(solution.status, Status::Optimal | Status::Infeasible) {
        return Ok(());
    }
    Err(TestCaseError::reject("nothing proven"))
}

/// Two problems with the same optimum, the second in units `unit` times as large.
fn same_optimum(a: &Solution, b: &Solution, unit: f64) -> Result<(), TestCaseError> {
    concluded(a)?;
    concluded(b)?;
    prop_assert_eq!(a.status, b.status);
    if let (Some(x), Some(y)) = (&a.plan, &b.plan) {
        let allowed = (a.certificate.gap + b.certificate.gap + 1e-9) * x.value.abs().max(1e-300);
        prop_assert!((x.value - y.value / unit).abs() <= allowed, "{} and {}", x.value, y.value / unit);
    }
    let ((a_low, a_high), (b_low, b_high)) = (interval(a), interval(b));
    let slack = 1e-9 * a_low.abs().max(a_high.abs().min(1e300));
    prop_assert!(a_low <= b_high / unit + slack, "{a_low} beyond {}", b_high / unit);
    prop_assert!(b_low / unit <= a_high + slack, "{} beyond {a_high}", b_low / unit);
    Ok(())
}

/// The second problem allows every plan of the first.
fn no_worse(tight: &Solution, loose: &Solution) -> Result<(), TestCaseError> {
    concluded(tight)?;
    concluded(loose)?;
    let (low, high) = (interval(tight).0, interval(loose).1);
    prop_assert!(low <= high + 1e-9 * low.abs(), "tight {low}, loose at most {high}");
    prop_assert!(loose.status != Status::Infeasible || tight.plan.is_none());
    Ok(())
}

fn each(terms: &Terms, of: impl Fn(&[f64]) -> Vec<f64>) -> Terms {
    let map = |v: &Option<std::sync::Arc<[f64]>>| v.as_ref().map(|v| of(v).into());
    Terms {
        spend: map(&terms.spend),
        response: map(&terms.response),
        active: map(&terms.active),
        moved: map(&terms.moved),
        constant: terms.constant,
        few: terms.few.clone(),
    }
}

fn rewritten(
    problem: &Problem,
    lines: Vec<Line>,
    terms: impl Fn(&Terms) -> Terms,
    number: impl Fn(&Limit, f64) -> f64,
) -> Problem {
    let goal = match &problem.goal {
        Goal::Maximize(t) => Goal::Maximize(terms(t)),
        Goal::MinimizeRatio { numerator, denominator } => {
            Goal::MinimizeRatio { numerator: terms(numerator), denominator: terms(denominator) }
        }
    };
    let limit = |l: &Limit| Limit {
        numerator: terms(&l.numerator),
        denominator: l.denominator.as_ref().map(&terms),
        min: l.min.map(|v| number(l, v)),
        max: l.max.map(|v| number(l, v)),
    };
    Problem { lines, goal, limits: problem.limits.iter().map(limit).collect() }
}

fn permuted(problem: &Problem, order: &[usize]) -> Problem {
    let lines = order.iter().map(|&i| problem.lines[i].clone()).collect();
    rewritten(problem, lines, |t| each(t, |v| order.iter().map(|&i| v[i]).collect()), |_, v| v)
}

/// Money and outcomes counted in units of `1 / unit`.
fn rescaled(problem: &Problem, unit: f64) -> Problem {
    let fact = |f: &Fact| match *f {
        Fact::Min(x) => Fact::Min(x * unit),
        Fact::Max(x) => Fact::Max(x * unit),
        Fact::Deal(Deal::Flat(x)) => Fact::Deal(Deal::Flat(x * unit)),
        Fact::Deal(Deal::AtLeast(x)) => Fact::Deal(Deal::AtLeast(x * unit)),
        Fact::Deal(Deal::Lots(x)) => Fact::Deal(Deal::Lots(x * unit)),
        marginal => marginal,
    };
    let line = |l: &Line| {
        Line::new(l.curve.stretched(unit, unit), l.current * unit, l.facts.iter().map(fact).collect())
    };
    let terms = |t: &Terms| Terms {
        constant: t.constant * unit,
        active: t.active.as_ref().map(|v| v.iter().map(|a| a * unit).collect()),
        ..t.clone()
    };
    let number = |l: &Limit, v: f64| if l.denominator.is_none() { v * unit } else { v };
    rewritten(problem, problem.lines.iter().map(line).collect(), terms, number)
}

/// Line 0 replaced by its lower and its upper half, of which the upper may
/// start only where the lower ends: together they allow what the line did.
fn halves(problem: &Problem) -> (Problem, Problem) {
    let domain = problem.lines[0].domain();
    let top = domain.largest().min(1e9);
    let at = domain.nearest(domain.least() + 0.5 * (top - domain.least()));
    let part = |low: f64, high: f64| {
        let mut half = problem.clone();
        half.lines[0] = half.lines[0].within(&Domain::interval(low, high));
        half
    };
    (part(0.0, at), part(at, f64::INFINITY))
}

fn spend_of(problem: &Problem) -> Terms {
    Terms::default().with_spend(vec![1.0; problem.lines.len()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24 * crate::seeds(1).end as u32, failure_persistence: None,
        max_global_rejects: 8 * crate::seeds(1).end as u32, ..ProptestConfig::default() })]

    #[test]
    fn order_of_lines_does_not_matter(case in any_case(), turn in 0_usize..7) {
        let n = case.problem.lines.len();
        let order: Vec<usize> = (0..n).rev().map(|i| (i + turn) % n).collect();
        same_optimum(&solved(&case.problem), &solved(&permuted(&case.problem, &order)), 1.0)?;
    }

    #[test]
    fn currency_does_not_matter(case in any_case(), unit in prop::sample::select(vec![1e-6, 1e-3, 0.37, 7.3, 1e4, 1e6])) {
        same_optimum(&solved(&case.problem), &solved(&rescaled(&case.problem, unit)), unit)?;
    }

    /// Products with a power of two are not rounded; what is left is where the
    /// search stops.
    #[test]
    fn a_currency_of_a_power_of_two_changes_next_to_nothing(case in any_case(), power in prop::sample::select(vec![-10, -1, 1, 12])) {
        let unit = 2.0_f64.powi(power);
        let (a, b) = (solved(&case.problem), solved(&rescaled(&case.problem, unit)));
        let value = |p: &Option<Plan>| p.as_ref().map(|p| p.value);
        same_optimum(&a, &b, unit)?;
        if let (Some(a), Some(b)) = (value(&a.plan), value(&b.plan)) {
            prop_assert!((a - b / unit).abs() <= 2e-8 * a.abs(), "{a} and {}", b / unit);
        }
    }

    #[test]
    fn halves_of_a_domain_hold_the_whole(case in any_case()) {
        let whole = solved(&case.problem);
        let (lower, upper) = halves(&case.problem);
        let (a, b) = (solved(&lower), solved(&upper));
        no_worse(&a, &whole)?;
        no_worse(&b, &whole)?;
        let high = interval(&a).1.max(interval(&b).1);
        let low = interval(&whole).0;
        prop_assert!(low <= high + 1e-9 * low.abs(), "whole {low}, halves at most {high}");
    }

    #[test]
    fn another_limit_never_raises(case in any_case(), tightness in 0.3_f64..1.0) {
        let before = solved(&case.problem);
        let mut tighter = case.problem.clone();
        let money = evaluate(&spend_of(&tighter), &tighter.lines, &case.witness);
        tighter.limits.push(Limit::on(spend_of(&tighter), None, Some(tightness * money)));
        no_worse(&solved(&tighter), &before)?;
    }

    #[test]
    fn loosening_never_lowers(case in any_case(), which in 0_usize..10, by in 0.01_f64..0.5) {
        let before = solved(&case.problem);
        let mut looser = case.problem.clone();
        let limit = which % looser.limits.len();
        let l = &mut looser.limits[limit];
        l.max = l.max.map(|m| m + by * m.abs());
        l.min = l.min.map(|m| m - by * m.abs());
        no_worse(&before, &solved(&looser))?;
    }

    #[test]
    fn dropping_a_limit_never_lowers(case in any_case(), which in 0_usize..10) {
        let before = solved(&case.problem);
        let mut looser = case.problem.clone();
        looser.limits.remove(which % looser.limits.len());
        no_worse(&before, &solved(&looser))?;
    }

    #[test]
    fn more_budget_never_lowers(case in any_case(), more in 1.0_f64..3.0) {
        let mut richer = case.problem.clone();
        let budget = richer.limits[0].max.unwrap();
        richer.limits[0].max = Some(more * budget);
        no_worse(&solved(&case.problem), &solved(&richer))?;
    }

    #[test]
    fn a_duplicated_limit_changes_nothing(case in any_case(), which in 0_usize..10) {
        let mut twice = case.problem.clone();
        let copy = twice.limits[which % twice.limits.len()].clone();
        twice.limits.push(copy);
        same_optimum(&solved(&case.problem), &solved(&twice), 1.0)?;
    }

    /// What one more unit of a cap earns is at least what a larger step earns per
    /// unit, and what one less costs at most what a larger one does. Proven
    /// values on either side decide, so that no draw is near.
    #[test]
    fn shadow_prices_lie_between_the_slopes(case in concave_case()) {
        let solution = solved(&case.problem);
        prop_assume!(solution.status == Status::Optimal);
        let plan = solution.plan.as_ref().unwrap();
        let found = slopes(&case.problem, &plan.spends, &solution.certificate, &|| false);
        let value = plan.value;
        for (r, limit) in case.problem.limits.iter().enumerate() {
            let Some(max) = limit.max else { continue };
            let at_max = (limit.value(&case.problem.lines, &plan.spends) - max).abs() <= 1e-6 * max.abs();
            let Some(slope) = found.limits[r].filter(|s| !s.local && at_max && limit.min.is_none()) else {
                continue;
            };
            let step = 1e-3 * max;
            let at = |number: f64| {
                let mut problem = case.problem.clone();
                problem.limits[r].max = Some(number);
                interval(&solved(&problem))
            };
            // Concave in a cap of its own: slopes fall. Ratios are so only nearby.
            let curved = if limit.denominator.is_some() { 0.02 } else { 0.01 };
            let error = |price: f64| 3e-8 * value.abs() / step + curved * price.abs();
            if let Some(more) = slope.more {
                let right = (at(max + step).0 - value) / step;
                prop_assert!(more >= right - error(more), "limit {r}: {more} right {right}");
                prop_assert!(slope.less.is_none_or(|less| less >= more - error(more)), "{slope:?}");
            }
            if let Some(less) = slope.less {
                let below = at(max - step).1;
                let left = (solution.certificate.bound - below) / step;
                prop_assert!(!below.is_finite() || less <= left + error(less), "limit {r}: {less} left {left}");
            }
        }
    }
}
