//! Flights over several periods: concave ones against linear programs on
//! tangents, S-shaped ones against exhaustive search, and what any plan must
//! obey.

use outlay_allocator::{
    Coefficients, Fact, Goal, Limit, Line, Options, Problem, Solution, Status, Terms, certificate, solve,
};
use outlay_curves::Curve;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::tangents::{Choice, Tangents};

/// One line's flight: `stock_t = retention stock_(t-1) + (1 - retention) spend_t / price_t`,
/// earning `demand_t f(stock_t)`; after the horizon `tail` periods of decay.
#[derive(Clone)]
pub(crate) struct Flight {
    pub(crate) curve: Curve,
    pub(crate) retention: f64,
    pub(crate) opening: f64,
    pub(crate) most: f64,
    pub(crate) demand: Vec<f64>,
    pub(crate) price: Vec<f64>,
    pub(crate) tail: usize,
}

impl Flight {
    fn periods(&self) -> usize {
        self.demand.len()
    }

    fn atoms(&self) -> usize {
        2 * self.periods() + self.tail
    }

    /// What spends earn, by the definition.
    fn earned(&self, spends: &[f64]) -> f64 {
        let (mut stock, mut sum) = (self.opening, 0.0);
        for t in 0..self.periods() + self.tail {
            stock *= self.retention;
            if let (Some(spend), Some(price)) = (spends.get(t), self.price.get(t)) {
                stock += (1.0 - self.retention) * spend / price;
            }
            sum += self.demand.get(t).unwrap_or(&1.0) * self.curve.value(stock);
        }
        sum
    }
}

/// The problem of sharing at most `budget` among flights.
pub(crate) fn problem(flights: &[Flight], budget: f64) -> Problem {
    let mut lines = Vec::new();
    let (mut goal, mut cost) = (Vec::new(), Vec::new());
    let mut links = Vec::new();
    for flight in flights {
        let first = lines.len();
        for _ in 0..flight.periods() {
            lines.push(Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![Fact::Max(flight.most)]));
            goal.push(0.0);
            cost.push(1.0);
        }
        let ceiling = 2.0 * flight.most.max(flight.opening);
        for t in 0..flight.periods() + flight.tail {
            let own = lines.len();
            lines.push(Line::new(flight.curve.clone(), 0.0, vec![Fact::Max(ceiling)]));
            goal.push(*flight.demand.get(t).unwrap_or(&1.0));
            cost.push(0.0);
            let mut few = Vec::new();
            if t < flight.periods() {
                let weight = (1.0 - flight.retention) / flight.price[t];
                few.push((first + t, Coefficients::on_spend(-weight)));
            }
            if t > 0 {
                few.push((own - 1, Coefficients::on_spend(-flight.retention)));
            }
            few.push((own, Coefficients::on_spend(1.0)));
            let number = if t == 0 { flight.retention * flight.opening } else { 0.0 };
            links.push(Limit::on(Terms::default().with_few(few), Some(number), Some(number)));
        }
    }
    let mut limits = vec![Limit::on(Terms::default().with_spend(cost), None, Some(budget))];
    limits.extend(links);
    Problem { lines, goal: Goal::Maximize(Terms::default().with_response(goal)), limits }
}

/// Spends of every flight, from those of all lines.
fn spends<'a>(flights: &[Flight], all: &'a [f64]) -> Vec<&'a [f64]> {
    let mut rest = all;
    let mut out = Vec::new();
    for flight in flights {
        out.push(&rest[..flight.periods()]);
        rest = &rest[flight.atoms()..];
    }
    out
}

fn random(rng: &mut impl Rng, curve: Curve, periods: usize) -> Flight {
    let retention: f64 = [0.0, 0.3, 0.6, 0.8][rng.random_range(0..4)];
    let most = 2.0 * curve.typical_spend();
    Flight {
        retention,
        opening: if rng.random_bool(0.5) { rng.random_range(0.0..0.5) * most } else { 0.0 },
        most,
        demand: (0..periods).map(|_| rng.random_range(0.6..1.5)).collect(),
        price: (0..periods).map(|_| rng.random_range(0.8..1.3)).collect(),
        tail: if retention > 0.0 { (1e-3_f64.ln() / retention.ln()).ceil() as usize } else { 0 },
        curve,
    }
}

fn concave_curve(rng: &mut impl Rng) -> Curve {
    let (v, k) = (rng.random_range(50.0..500.0), rng.random_range(10.0..100.0));
    match rng.random_range(0..4) {
        0 => Curve::michaelis_menten(v, k).unwrap(),
        1 => Curve::hill(v, k, rng.random_range(0.6..1.0)).unwrap(),
        2 => Curve::exponential(v, k).unwrap(),
        _ => Curve::logistic(v, k).unwrap(),
    }
}

/// Random flights with limits on single periods and on one flight.
fn random_problem(seed: u64, lines: usize, periods: usize) -> (Vec<Flight>, Problem) {
    let mut rng = Pcg64::seed_from_u64(seed);
    let flights: Vec<Flight> = (0..lines)
        .map(|_| {
            let curve = concave_curve(&mut rng);
            random(&mut rng, curve, periods)
        })
        .collect();
    let room: f64 = flights.iter().map(|f| f.most * periods as f64).sum();
    let mut problem = problem(&flights, 0.3 * room);
    let starts: Vec<usize> =
        flights.iter().scan(0, |at, f| Some(std::mem::replace(at, *at + f.atoms()))).collect();
    for t in (0..periods).step_by(2) {
        let mut column = vec![0.0; problem.lines.len()];
        starts.iter().for_each(|s| column[s + t] = 1.0);
        let (min, max) = (0.1 * room / periods as f64, 0.35 * room / periods as f64);
        problem.limits.push(Limit::on(Terms::default().with_spend(column), Some(min), Some(max)));
    }
    let mut column = vec![0.0; problem.lines.len()];
    (0..periods).for_each(|t| column[t] = 1.0);
    let most = 0.4 * flights[0].most * periods as f64;
    problem.limits.push(Limit::on(Terms::default().with_spend(column), None, Some(most)));
    (flights, problem)
}

fn solved(problem: &Problem) -> Solution {
    let solution = solve(problem, &Options::default()).unwrap();
    let plan = solution.plan.as_ref().unwrap_or_else(|| panic!("no plan: {:?}", solution.status));
    let judged = certificate::judge(problem, &plan.spends);
    assert!(judged.violation <= 1e-9, "violation {}", judged.violation);
    let bound = certificate::bound(problem, &solution.certificate.leaves, None).unwrap();
    assert_eq!(bound, solution.certificate.bound);
    assert!(bound >= plan.value, "bound {bound} below plan {}", plan.value);
    solution
}

#[test]
fn concave_flights_equal_linear_programs_on_tangents() {
    for seed in 0..6 {
        let (flights, problem) = random_problem(seed, 2 + seed as usize % 2, 3 + seed as usize % 2);
        let solution = solved(&problem);
        assert_eq!(solution.status, Status::Optimal, "seed {seed}: gap {}", solution.certificate.gap);
        let plan = solution.plan.unwrap();
        let earned: f64 = flights.iter().zip(spends(&flights, &plan.spends)).map(|(f, x)| f.earned(x)).sum();
        assert!((earned - plan.value).abs() <= 1e-11 * earned, "seed {seed}: {earned} {}", plan.value);
        let (_, above) = Tangents::new(&problem).optimum(&Choice::whole(&problem)).unwrap();
        let difference = (above - plan.value) / plan.value;
        assert!((-1e-7..1e-6).contains(&difference), "seed {seed}: off by {difference:e}");
    }
}

/// The best of all plans on a grid, `steps` spends per period.
fn exhaustive(flights: &[Flight], budget: f64, steps: usize) -> f64 {
    let slots: usize = flights.iter().map(Flight::periods).sum();
    let mut best: f64 = 0.0;
    for code in 0..(steps + 1).pow(slots as u32) {
        let mut rest = code;
        let (mut spent, mut earned) = (0.0, 0.0);
        for flight in flights {
            let mut spends = Vec::new();
            for _ in 0..flight.periods() {
                spends.push((rest % (steps + 1)) as f64 / steps as f64 * flight.most);
                rest /= steps + 1;
            }
            spent += spends.iter().sum::<f64>();
            if spent > budget {
                break;
            }
            earned += flight.earned(&spends);
        }
        if spent <= budget {
            best = best.max(earned);
        }
    }
    best
}

fn s_shaped(seed: u64, lines: usize, periods: usize) -> (Vec<Flight>, Problem, f64) {
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut one = || {
        let (v, k) = (rng.random_range(50.0..500.0), rng.random_range(10.0..100.0));
        let curve = if rng.random_bool(0.5) {
            Curve::hill(v, k, rng.random_range(1.5..4.0)).unwrap()
        } else {
            Curve::s_logistic(v, k, 5.0 / k).unwrap()
        };
        let mut flight = random(&mut rng, curve, periods);
        flight.tail = flight.tail.min(6);
        flight
    };
    let flights: Vec<Flight> = (0..lines).map(|_| one()).collect();
    let budget = 0.35 * flights.iter().map(|f| f.most * periods as f64).sum::<f64>();
    let problem = problem(&flights, budget);
    (flights, problem, budget)
}

#[test]
fn s_shaped_flights_are_no_worse_than_exhaustive_search() {
    for seed in 0..9 {
        let (lines, periods) = [(1, 4), (2, 2), (2, 3)][seed as usize % 3];
        let (flights, problem, budget) = s_shaped(seed, lines, periods);
        let solution = solved(&problem);
        let value = solution.plan.as_ref().unwrap().value;
        let grid = exhaustive(&flights, budget, if lines * periods > 4 { 6 } else { 12 });
        assert!(value >= grid * (1.0 - 1e-9), "seed {seed}: {value} below the grid's {grid}");
        assert_eq!(solution.status, Status::Optimal, "seed {seed}: gap {:e}", solution.certificate.gap);
    }
}

/// The budget example of pymc-marketing's tests (0.19.2, `test_budget_optimizer.py`): two channels
/// whose curves are means of four draws, equal spend in each of 30 periods, a normalised kernel of
/// four periods and the full tail. A curve that is a mean is a stock for each draw.
#[test]
fn the_published_mean_over_draws_is_reproduced() {
    const PERIODS: usize = 30;
    let lambdas = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]];
    let (betas, alphas) = ([0.5, 1.0], [0.5_f64, 0.7]);
    let mut lines: Vec<Line> =
        (0..2).map(|_| Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![Fact::Max(100.0)])).collect();
    let (mut goal, mut links) = (vec![0.0; 2], Vec::new());
    for (channel, (alpha, beta)) in alphas.iter().zip(betas).enumerate() {
        let raw: Vec<f64> = (0..4).map(|l| alpha.powi(l)).collect();
        let sum: f64 = raw.iter().sum();
        for draw in lambdas {
            for t in 0..PERIODS + 3 {
                let reached = (0..4).filter(|lag| t >= *lag && t - lag < PERIODS);
                let weight: f64 = reached.map(|lag| raw[lag] / sum).sum();
                let own = lines.len();
                let curve = Curve::logistic(beta, 1.0 / draw[channel]).unwrap();
                lines.push(Line::new(curve, 0.0, vec![Fact::Max(200.0)]));
                goal.push(0.25);
                let few =
                    vec![(channel, Coefficients::on_spend(-weight)), (own, Coefficients::on_spend(1.0))];
                links.push(Limit::on(Terms::default().with_few(few), Some(0.0), Some(0.0)));
            }
        }
    }
    let mut cost = vec![0.0; lines.len()];
    (cost[0], cost[1]) = (1.0, 1.0);
    let mut limits = vec![Limit::on(Terms::default().with_spend(cost), None, Some(100.0))];
    limits.extend(links);
    let problem = Problem { lines, goal: Goal::Maximize(Terms::default().with_response(goal)), limits };
    let solution = solve(&problem, &Options { gap: Some(1e-9), ..Options::default() }).unwrap();
    let plan = solution.plan.unwrap();
    assert!((plan.value - 48.931_664_40).abs() < 1e-7, "{}", plan.value);
    assert!(solution.certificate.gap < 1e-8, "gap {:e}", solution.certificate.gap);
    for (x, exact) in plan.spends.iter().zip([54.783_327_34, 45.216_672_66]) {
        assert!((x - exact).abs() < 1e-6 * exact, "{x} is not {exact}");
    }
}

/// Even spend by period is worth what the same curve over the whole horizon is, but for the stock
/// that builds up first and fades last: the difference per period vanishes with their number.
#[test]
fn even_spend_agrees_with_the_total_over_long_horizons() {
    let curve = Curve::michaelis_menten(100.0, 50.0).unwrap();
    let mut before = f64::INFINITY;
    for periods in [10_usize, 100, 1_000] {
        let flight = Flight {
            curve: curve.clone(),
            retention: 0.6,
            opening: 0.0,
            most: 40.0,
            demand: vec![1.0; periods],
            price: vec![1.0; periods],
            tail: 28,
        };
        let total = curve.stretched(periods as f64, periods as f64).value(40.0 * periods as f64);
        let difference = (flight.earned(&vec![40.0; periods]) - total).abs() / total;
        assert!(difference < 0.2 * before && difference < 2.0 / periods as f64, "{periods}: {difference}");
        before = difference;
        if periods == 10 {
            let solution = solved(&problem(&[flight], 400.0));
            assert_eq!(solution.status, Status::Optimal);
            assert!(solution.plan.unwrap().value >= total * (1.0 - difference));
        }
    }
}

/// Of S-shaped flights, which fill other weeks from one budget to the next, what
/// is proven between the points of a frontier holds for plans solved there, and
/// a floor on what is sold, whose number moves, is traced just as well.
#[test]
fn between_the_points_of_a_frontier_nothing_lies_outside_its_gap() {
    let mut rng = Pcg64::seed_from_u64(83);
    let mut bent = 0;
    for case in 0..3 {
        let curve = |shape: f64| Curve::hill(100.0, 30.0, shape).unwrap();
        let flights: Vec<Flight> = [1.0, 2.2, 2.9]
            .map(|shape| Flight { tail: 3, opening: 0.0, ..random(&mut rng, curve(shape), 3) })
            .into();
        let at = |budget: f64| {
            let mut problem = problem(&flights, budget);
            if case % 2 == 1 {
                let response = |i: usize| if i < flights[0].atoms() { 1.0 } else { 0.0 };
                let first: Vec<f64> = (0..problem.lines.len()).map(response).collect();
                let stocks = Terms::default().with_response(
                    first.iter().enumerate().map(|(i, x)| if i < 3 { 0.0 } else { *x }).collect::<Vec<_>>(),
                );
                problem.limits.push(Limit::on(stocks, Some(0.1 * budget), None));
            }
            Ok::<_, outlay_allocator::ProblemError>(problem)
        };
        let sweep = outlay_allocator::Sweep {
            from: 60.0,
            to: 240.0,
            gap: 1e-3,
            solves: 50,
            options: Options::default(),
        };
        let found = outlay_allocator::frontier(at, &sweep, |_| false).unwrap();
        assert!(found.certified && found.gap < 0.02, "case {case}: {} after {}", found.gap, found.solves);
        assert!(found.points.iter().all(|p| p.solution.status == Status::Optimal), "case {case}");
        for pair in found.points.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let [low, high] = [a, b].map(|p| p.solution.plan.as_ref().unwrap().value);
            let share: f64 = rng.random_range(0.0..1.0);
            let between = solve(&at(a.at + share * (b.at - a.at)).unwrap(), &Options::default()).unwrap();
            assert_eq!(between.status, Status::Optimal, "case {case}");
            let value = between.plan.unwrap().value;
            let off = (value - (low + share * (high - low))).abs() / low.min(high);
            assert!(off <= found.gap + 2e-6, "case {case}: {off} beyond {} at {}", found.gap, a.at);
            bent += i32::from(off > 1e-5);
        }
    }
    assert!(bent > 10, "{bent} points lie off the lines: nothing was tried");
}
