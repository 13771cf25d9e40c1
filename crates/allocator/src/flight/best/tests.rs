//! Flights at random: none is worth more than the bound.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::flight::{self, Spend};
use crate::{Coefficients, Deal, Fact, Goal, Limit, Line, Prices, Terms};
use outlay_curves::Curve;

/// One flight of `periods` spends and `tail` more stocks, its rules as a
/// scenario states them, and random worths and costs of everything.
fn problem(rng: &mut impl Rng) -> Problem {
    let (periods, tail) = (rng.random_range(2..6), rng.random_range(0..4));
    let retention: f64 = [0.2, 0.5, 0.8][rng.random_range(0..3)];
    let curve = match rng.random_range(0..4) {
        0 => Curve::hill(100.0, 40.0, rng.random_range(0.6..3.5)).unwrap(),
        1 => Curve::s_logistic(100.0, 40.0, 0.1).unwrap(),
        2 => Curve::power(10.0, 0.5).unwrap(),
        _ => Curve::exponential(100.0, 30.0).unwrap(),
    };
    let least: Option<f64> = rng.random_bool(0.5).then(|| rng.random_range(5.0..30.0));
    let caps: f64 = rng.random_range(40.0..150.0);
    let run = if least.is_some() { rng.random_range(1..4) } else { 1 };
    let starts = if least.is_some() && rng.random_bool(0.5) { Some(rng.random_range(1..3)) } else { None };
    let money = |facts| Line::new(Curve::linear(1.0).unwrap(), 0.0, facts);
    let mut lines = Vec::new();
    for _ in 0..periods {
        let mut facts = vec![Fact::Max(caps)];
        facts.extend(least.map(|a| Fact::Deal(Deal::AtLeast(a))));
        if rng.random_bool(0.1) {
            facts = vec![Fact::Min(12.5), Fact::Max(12.5)];
        }
        lines.push(money(facts));
    }
    let first = lines.len();
    (0..starts.map_or(0, |_| periods)).for_each(|_| lines.push(money(vec![Fact::Max(1.0)])));
    let stocks = lines.len();
    (0..periods + tail).for_each(|_| lines.push(Line::new(curve.clone(), 0.0, Vec::new())));
    let mut limits = Vec::new();
    let row = |few: Vec<(usize, Coefficients)>, max: f64| {
        Limit::on(Terms::default().with_few(few), None, Some(max))
    };
    let on = Coefficients::on_active;
    let begin = |t: usize| {
        let before = t.checked_sub(1).map(|b| (b, on(-1.0)));
        before.into_iter().chain([(t, on(1.0))]).collect::<Vec<_>>()
    };
    for t in 0..periods {
        for k in (1..run).filter(|k| t + k < periods) {
            limits.push(row([begin(t), vec![(t + k, on(-1.0))]].concat(), 0.0));
        }
        if starts.is_some() {
            limits.push(row([begin(t), vec![(first + t, Coefficients::on_spend(-1.0))]].concat(), 0.0));
        }
    }
    if let Some(k) = starts {
        let all = (0..periods).map(|t| (first + t, Coefficients::on_spend(1.0))).collect();
        limits.push(row(all, f64::from(k)));
    }
    let opening: f64 = if rng.random_bool(0.5) { rng.random_range(0.0..60.0) } else { 0.0 };
    for t in 0..periods + tail {
        let mut few = Vec::new();
        if t < periods {
            few.push((t, Coefficients::on_spend(-(1.0 - retention) / rng.random_range(0.8..1.2))));
        }
        if t > 0 {
            few.push((stocks + t - 1, Coefficients::on_spend(-retention)));
        }
        few.push((stocks + t, Coefficients::on_spend(1.0)));
        let number = if t == 0 { opening } else { 0.0 };
        limits.push(Limit::on(Terms::default().with_few(few), Some(number), Some(number)));
    }
    let n = lines.len();
    let (mut cost, mut worth, mut active) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for t in 0..periods {
        cost[t] = -rng.random_range(-0.2..2.0);
        active[t] = if rng.random_bool(0.3) { rng.random_range(-5.0..5.0) } else { 0.0 };
    }
    let sign = if rng.random_bool(0.8) { 1.0 } else { -1.0 };
    (0..periods + tail).for_each(|t| worth[stocks + t] = sign * rng.random_range(0.5..1.5));
    let goal = Terms::default().with_spend(cost).with_response(worth).with_active(active);
    Problem { lines, goal: Goal::Maximize(goal), limits }
}

/// A random flight that keeps the rules, or `None`.
fn random(
    rng: &mut impl Rng,
    problem: &Problem,
    spends: &[Spend],
    flight: &Flight,
    chance: f64,
) -> Option<Vec<f64>> {
    let mut x = vec![0.0; problem.lines.len()];
    let (mut owed, mut on, mut left) = (0, false, flight.starts.unwrap_or(usize::MAX));
    for spend in spends {
        let domain = problem.lines[spend.line].domain();
        let may = on || left > 0;
        let forced = owed > 0 || domain.least() > 0.0;
        let now = forced || may && rng.random_bool(chance);
        if now && !may {
            return None;
        }
        if now && !on {
            left -= 1;
            owed = flight.run;
        }
        owed = owed.saturating_sub(1);
        on = now;
        if now {
            let span = domain.spans().iter().rfind(|s| s.to > 0.0)?;
            x[spend.line] = match rng.random_range(0..4) {
                0 => span.from.max(1e-9),
                1 => span.to,
                _ => rng.random_range(span.from..=span.to),
            };
        }
    }
    problem.settle(&mut x);
    Some(x)
}

#[test]
fn no_flight_is_worth_more_than_the_bound_and_the_best_found_is_near_it() {
    let mut rng = Pcg64::seed_from_u64(11);
    let mut open = 0;
    for case in 0..150 {
        let problem = problem(&mut rng);
        let flights = flight::find(&problem).unwrap_or_else(|| panic!("case {case} is no flight"));
        let flight = &flights.list[0];
        let spends: Vec<Spend> = flight.steps.iter().filter_map(|s| s.spend).collect();
        let Goal::Maximize(goal) = &problem.goal else { unreachable!() };
        let mut region = Region::whole(&problem);
        if case % 3 == 1 {
            // A box as cuts make it.
            let stock = flight.steps[1].stock;
            region.low[stock] = rng.random_range(0.0..20.0);
            region.high[stock] = region.low[stock] + rng.random_range(1.0..30.0);
        }
        let prices = vec![Prices::default(); problem.limits.len()];
        let grids = flights.grids(0.004);
        let (bound, found) =
            flights.bound(&problem, Some(goal), &prices, &region, &grids, &mut Scratch::default());
        let worth = |x: &[f64]| goal.measure(&problem.lines, x).0;
        let inside = |x: &[f64]| {
            flight
                .steps
                .iter()
                .all(|s| region.low[s.stock] <= x[s.stock] && x[s.stock] <= region.high[s.stock])
        };
        for round in 0..400 {
            let Some(x) = random(&mut rng, &problem, &spends, flight, [0.3, 0.6, 0.9][round % 3]) else {
                continue;
            };
            if inside(&x) {
                assert!(worth(&x) <= bound, "case {case}: {} above the bound {bound}", worth(&x));
            }
        }
        if let Some(best) = found.first() {
            let mut x = vec![0.0; problem.lines.len()];
            spends.iter().zip(&best.spends).for_each(|(s, spend)| x[s.line] = *spend);
            problem.settle(&mut x);
            let size = goal.measure(&problem.lines, &x).1.max(1.0);
            // A worth of being barely on, or a box between nodes, is the only looseness.
            if bound - worth(&x) > 2e-4 * size {
                open += 1;
            }
            for spend in &spends {
                assert!(problem.lines[spend.line].distance(x[spend.line]) < 1e-9, "case {case}");
            }
        }
    }
    assert!(open <= 25, "{open} bounds are loose");
}
