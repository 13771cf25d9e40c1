//! Goals and limits over draws, judged by linear programs on tangents, dense
//! grids and closed forms.

use good_lp::{Expression, ProblemVariables, Solution as _, SolverModel, Variable, microlp, variable};
use outlay_allocator::risk::{
    BestOfDraws, Drawn, Draws, Measure, RiskError, Risky, Tail, TailLimit, best_of_draws, bound, judge,
    lower_mean, regrets, solve,
};
use outlay_allocator::{Fact, Goal, Limit, Line, Options, Problem, Status, Terms};
use outlay_curves::Curve;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::drawn::instance;

/// The optimum of a concave problem over draws by linear programs on tangents:
/// `(plan, bound)`.
fn by_tangents(risky: &Risky) -> Option<(f64, f64)> {
    let lines = &risky.problem.lines;
    let (n, count) = (lines.len(), risky.draws.count);
    let curve = |i: usize, d: usize| match d.checked_sub(1) {
        None => lines[i].curve.clone(),
        Some(d) => risky.draws.lines[i].curves[d].clone(),
    };
    let top: Vec<f64> = lines.iter().map(|l| l.domain().largest()).collect();
    let mut at: Vec<Vec<f64>> = top.iter().map(|t| (0..8).map(|k| t * 0.5_f64.powi(k)).collect()).collect();
    let mut best = f64::NEG_INFINITY;
    for _ in 0..40 {
        let mut variables = ProblemVariables::new();
        let x: Vec<Variable> =
            (0..n).map(|i| variables.add(variable().min(lines[i].domain().least()).max(top[i]))).collect();
        // What lines return: on the expected curve, then under each draw.
        let f: Vec<Vec<Variable>> = (0..n)
            .map(|_| (0..=count).map(|_| variables.add(variable().min(0.0).max(1e4))).collect())
            .collect();
        let mut rows: Vec<Expression> = Vec::new();
        let under = |terms: &Terms, d: usize| {
            let mut sum = Expression::from(terms.constant);
            for i in 0..n {
                sum += terms.of(i).spend * x[i];
                sum += terms.of(i).response * f[i][d];
            }
            sum
        };
        let Goal::Maximize(goal) = &risky.problem.goal else { panic!("a ratio") };
        let mut objective = under(goal, 0);
        let tail = |variables: &mut ProblemVariables,
                    rows: &mut Vec<Expression>,
                    share: f64,
                    figures: Vec<Expression>| {
            let eta = variables.add(variable().min(-1e5).max(1e5));
            let mut sum = Expression::from(eta);
            for q in figures {
                let s = variables.add(variable().min(0.0).max(1e6));
                rows.push(eta - q - s);
                sum -= s * (1.0 / (share * count as f64));
            }
            sum
        };
        if let Some(t) = &risky.goal {
            let base = |d: usize| t.base.as_ref().map_or(0.0, |b| b[d - 1]);
            let figures: Vec<Expression> = (1..=count).map(|d| under(&t.terms, d) - base(d)).collect();
            match t.measure {
                Measure::Worst { share, weight } => {
                    objective += weight * tail(&mut variables, &mut rows, share, figures)
                }
                Measure::Below => {
                    for q in figures {
                        let s = variables.add(variable().min(0.0).max(1e6));
                        rows.push(-q - s);
                        objective -= s * (1.0 / count as f64);
                    }
                }
            }
        }
        let mut limited = Vec::new();
        for l in &risky.limits {
            let Limit { numerator, denominator, min, max } = &l.limit;
            let (number, sign) = min.map_or_else(|| (max.unwrap(), -1.0), |m| (m, 1.0));
            let one = Terms::constant(1.0);
            let figure = |d: usize| {
                sign * under(numerator, d) - sign * number * under(denominator.as_ref().unwrap_or(&one), d)
            };
            limited.push(tail(&mut variables, &mut rows, l.share, (1..=count).map(figure).collect()));
        }
        let mut model = variables.maximise(objective.clone()).using(microlp);
        for sum in limited {
            model = model.with(sum.geq(0.0));
        }
        for row in rows {
            model = model.with(row.leq(0.0));
        }
        for limit in &risky.problem.limits {
            for (number, sign) in [(limit.max, 1.0), (limit.min, -1.0)] {
                let Some(number) = number else { continue };
                let one = Terms::constant(1.0);
                let of = under(limit.denominator.as_ref().unwrap_or(&one), 0);
                model = model.with((sign * under(&limit.numerator, 0) - sign * number * of).leq(0.0));
            }
        }
        for i in 0..n {
            for (d, &returned) in f[i].iter().enumerate() {
                for &z in &at[i] {
                    let p = curve(i, d).point(z);
                    model = model.with((returned - p.marginal * x[i]).leq(p.value - p.marginal * z));
                }
            }
        }
        let found = model.solve().ok()?;
        let above = found.eval(&objective);
        let spends: Vec<f64> = x.iter().map(|v| found.value(*v).max(0.0)).collect();
        // What the program's own tolerances exceed is taken back.
        let inside: Vec<f64> = spends.iter().map(|x| x * (1.0 - 1e-7)).collect();
        for plan in [&spends, &inside] {
            let judged = judge(risky, plan);
            if judged.violation <= 1e-6 {
                best = best.max(judged.value);
            }
        }
        if above - best <= 1e-6 * above.abs() {
            return Some((best, above));
        }
        (0..n).filter(|&i| spends[i] > 1e-6).for_each(|i| at[i].push(spends[i]));
    }
    // Where there is hardly a plan, what the program allows itself decides.
    Some((best, f64::INFINITY))
}

/// Solves, checks what is claimed, and compares with the tangents.
fn agrees(risky: &Risky, gap: f64) -> f64 {
    assert_eq!(risky.unsupported(), None);
    let found = solve(risky, &Options { gap: Some(gap), ..Options::default() }).unwrap();
    let proof = &found.solution.certificate;
    let Some((low, high)) = by_tangents(risky) else {
        assert_eq!(found.solution.status, Status::Infeasible, "{proof:?}");
        return f64::NAN;
    };
    let Some(plan) = found.solution.plan.as_ref() else {
        assert!(found.solution.status == Status::Infeasible && low == f64::NEG_INFINITY);
        return f64::NAN;
    };
    assert_eq!(found.solution.status, Status::Optimal, "gap {} after {}", proof.gap, proof.nodes);
    let judged = judge(risky, &plan.spends);
    assert!(judged.violation <= 1e-10);
    assert_eq!(judged.value, plan.value);
    assert_eq!(bound(risky, &proof.leaves, &found.weights), Ok(proof.bound));
    let scale = plan.value.abs().max(judged.size / 1000.0);
    assert!(plan.value <= high + 1e-6 * scale, "{} above {high}", plan.value);
    assert!(plan.value >= low - gap * scale, "{} beaten by {low}", plan.value);
    // The tangents' plan may exceed limits by 1e-6, worth as much of all terms.
    assert!(proof.bound >= low - 1e-6 * judged.size.max(scale), "bound {} below {low}", proof.bound);
    plan.value
}

#[test]
fn the_worst_tenth_is_what_tangents_say() {
    for seed in 0..6 {
        let mut risky = instance(seed, 3, 30, 0.9, [0.5, 1.0, 2.0][seed as usize % 3]);
        agrees(&risky, 1e-5);
        // A mix with the mean.
        risky.problem.goal = Goal::Maximize(Terms::default().with_response(vec![0.6; 3]));
        risky.goal.as_mut().unwrap().measure = Measure::Worst { share: 0.25, weight: 0.4 };
        agrees(&risky, 1e-5);
    }
}

#[test]
fn a_shortfall_is_what_tangents_say() {
    for seed in 0..6 {
        let mut risky = instance(seed, 3, 30, 0.9, 1.0);
        let found = solve(&risky, &Options::default()).unwrap().solution.plan.unwrap();
        let target = found.value * 1.2;
        let goal = risky.goal.as_mut().unwrap();
        goal.base = Some(vec![target; 30].into());
        goal.measure = Measure::Below;
        assert!(agrees(&risky, 1e-4) < 0.0);
    }
}

#[test]
fn limits_on_the_worst_draws_are_what_tangents_say() {
    let mut refuted = 0;
    for seed in 0..9 {
        let mut risky = instance(seed, 3, 30, 0.9, 1.0);
        let outcome = risky.goal.take().unwrap().terms;
        risky.problem.goal = Goal::Maximize(outcome.clone());
        let spend = Terms::default().with_spend(vec![1.0; 3]);
        let cap = [0.25, 0.9, 1.1][seed as usize % 3];
        if cap < 0.5 {
            // Nothing cheap enough: half of the money has to be spent.
            risky.problem.limits[0].min = risky.problem.limits[0].max.map(|most| 0.5 * most);
        }
        let limit = Limit::ratio(spend, outcome, None, Some(cap));
        risky.limits.push(TailLimit { limit, share: 0.2 });
        let value = agrees(&risky, 1e-5);
        refuted += usize::from(value.is_nan());
    }
    assert!(refuted > 0 && refuted < 9, "{refuted}");
}

#[test]
fn s_shaped_draws_are_never_beaten_by_a_grid() {
    for seed in 0..4 {
        let risky = instance(20 + seed, 2, 25, 2.5, 1.2);
        let mut free = risky.clone();
        free.problem.limits.truncate(1);
        for risky in [risky, free] {
            let found = solve(&risky, &Options { nodes: 400, ..Options::default() }).unwrap();
            let proof = &found.solution.certificate;
            assert_eq!(bound(&risky, &proof.leaves, &found.weights), Ok(proof.bound));
            let value = found.solution.plan.as_ref().map_or(f64::NEG_INFINITY, |p| p.value);
            let top: Vec<f64> = risky.problem.lines.iter().map(|l| l.domain().largest()).collect();
            let mut best = f64::NEG_INFINITY;
            for a in 0..=120 {
                for b in 0..=120 {
                    let plan = [top[0] * f64::from(a) / 120.0, top[1] * f64::from(b) / 120.0];
                    let judged = judge(&risky, &plan);
                    if judged.violation <= 1e-10 {
                        best = best.max(judged.value);
                    }
                }
            }
            assert!(value >= best - 1e-4 * best.abs(), "seed {seed}: {value} beaten by {best}");
            assert!(best == f64::NEG_INFINITY || proof.bound >= best, "bound {} below {best}", proof.bound);
            assert_eq!(
                found.solution.status,
                Status::Optimal,
                "seed {seed}: {} nodes, gap {}",
                proof.nodes,
                proof.gap
            );
        }
    }
}

#[test]
fn two_lines_of_opposite_luck_are_hedged() {
    // Straight lines: draw 1 pays 2 and 0, draw 2 pays 0 and 2; half each is
    // certain, and the mean does not care.
    let line = || Line::new(Curve::linear(1.0).unwrap(), 0.0, vec![Fact::Max(10.0)]);
    let pays = |a: f64, b: f64| Drawn {
        curves: [Curve::linear(a).unwrap(), Curve::linear(b).unwrap()].into(),
        order: None,
        less: None,
    };
    let budget = Limit::on(Terms::default().with_spend(vec![1.0, 1.0]), None, Some(10.0));
    let risky = Risky {
        problem: Problem {
            lines: vec![line(), line()],
            goal: Goal::Maximize(Terms::default()),
            limits: vec![budget],
        },
        draws: Draws { count: 2, lines: vec![pays(2.0, 1e-9), pays(1e-9, 2.0)] },
        goal: Some(Tail {
            terms: Terms::default().with_response(vec![1.0, 1.0]),
            base: None,
            slack: 0.0,
            measure: Measure::Worst { share: 0.5, weight: 1.0 },
        }),
        limits: Vec::new(),
    };
    let found = solve(&risky, &Options { gap: Some(1e-6), ..Options::default() }).unwrap().solution;
    assert_eq!(found.status, Status::Optimal);
    let plan = found.plan.unwrap();
    assert!((plan.value - 10.0).abs() < 1e-4 && (plan.spends[0] - 5.0).abs() < 1e-4, "{plan:?}");
}

#[test]
fn the_best_of_each_draw_is_a_problem_of_its_own() {
    let risky = instance(3, 3, 12, 0.9, 0.8);
    let terms = risky.goal.as_ref().unwrap().terms.clone();
    let bests = best_of_draws(&risky, &terms, &Options::default()).unwrap();
    let BestOfDraws::Known { bounds, .. } = bests else { panic!("{bests:?}") };
    for (d, best) in bounds.iter().enumerate() {
        // Of one draw, tail and mean are the same.
        let mut own = risky.clone();
        own.draws.count = 1;
        own.draws.lines.iter_mut().for_each(|l| l.curves = [l.curves[d].clone()].into());
        own.goal.as_mut().unwrap().measure = Measure::Worst { share: 1.0, weight: 1.0 };
        let (low, high) = by_tangents(&own).unwrap();
        assert!(*best >= low - 1e-7 * low && *best <= high * (1.0 + 1e-5), "{low} {best} {high}");
    }
    // No plan does better than the best of each draw.
    let mut against = risky.clone();
    against.goal.as_mut().unwrap().base = Some(bounds.into());
    let plan = solve(&against, &Options::default()).unwrap().solution.plan.unwrap();
    let missed = regrets(&against, against.goal.as_ref().unwrap(), &plan.spends);
    assert!(missed.iter().all(|r| *r >= 0.0));
    let worst = -lower_mean(&missed.iter().map(|r| -r).collect::<Vec<_>>(), 0.1);
    assert!((worst + plan.value).abs() < 1e-9 * worst.max(1.0));
}

#[test]
fn regrets_of_s_curves_are_bounded_from_both_sides() {
    // Two S-shaped lines and a budget, with and without a limit on what they
    // return: every draw's best, and the regret of a plan, on a fine grid.
    for seed in 0..12 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut uniform = |low: f64, high: f64| random.random_range(low..high);
        let curves = |c: f64, h: f64, shifts: &[f64]| -> Vec<Curve> {
            shifts.iter().map(|s| Curve::hill(c * s, h / s, 2.5).unwrap()).collect()
        };
        let shifts: Vec<Vec<f64>> = (0..2).map(|_| (0..5).map(|_| uniform(0.6, 1.6)).collect()).collect();
        let shape = [(uniform(40.0, 90.0), uniform(20.0, 60.0)), (uniform(40.0, 90.0), uniform(20.0, 60.0))];
        let line = |k: usize| {
            let mean = Curve::hill(shape[k].0, shape[k].1, 2.5).unwrap();
            Line::new(mean, 0.0, vec![Fact::Max(100.0)])
        };
        let drawn = |k: usize| Drawn {
            curves: curves(shape[k].0, shape[k].1, &shifts[k]).into(),
            order: None,
            less: None,
        };
        let both = || Terms::default().with_response(vec![1.0, 1.0]);
        let mut limits = vec![Limit::on(Terms::default().with_spend(vec![1.0, 1.0]), None, Some(100.0))];
        if seed % 2 == 1 {
            // The expected return of the first line.
            limits.push(Limit::on(
                Terms::default().with_response(vec![1.0, 0.0]),
                Some(0.3 * shape[0].0),
                None,
            ));
        }
        let tail = Tail {
            terms: both(),
            base: None,
            slack: 0.0,
            measure: Measure::Worst { share: 1.0, weight: 1.0 },
        };
        let mut risky = Risky {
            problem: Problem {
                lines: vec![line(0), line(1)],
                goal: Goal::Maximize(Terms::default()),
                limits,
            },
            draws: Draws { count: 5, lines: vec![drawn(0), drawn(1)] },
            goal: Some(tail),
            limits: Vec::new(),
        };
        let found = best_of_draws(&risky, &both(), &Options::default()).unwrap();
        let BestOfDraws::Known { bounds, open } = found else { panic!("{found:?}") };
        let step = 0.02;
        let value = |k: usize, d: usize, x: f64| risky.draws.lines[k].curves[d].value(x);
        // Where the first line returns as much as it has to.
        let least = if seed % 2 == 0 { 0.0 } else { shape[0].1 * (0.3_f64 / 0.7).powf(0.4) };
        let mut bests = [0.0_f64; 5];
        let mut returned = Vec::new();
        for i in 0..=5000 {
            let x = (f64::from(i) * step).max(least);
            let all: Vec<f64> = (0..5).map(|d| value(0, d, x) + value(1, d, 100.0 - x)).collect();
            bests.iter_mut().zip(&all).for_each(|(b, v)| *b = b.max(*v));
            returned.push(all);
        }
        let size: f64 = bests.iter().sum();
        for d in 0..5 {
            let (low, high) = (bounds[d] - open[d], bounds[d]);
            assert!(bests[d] <= high + 1e-7 * size && low <= bests[d] + 1e-4 * size, "{seed}: {bests:?}");
        }
        let regret = |all: &Vec<f64>| bests.iter().zip(all).map(|(b, v)| b - v).sum::<f64>() / 5.0;
        let least = returned.iter().map(regret).fold(f64::INFINITY, f64::min);
        let goal = risky.goal.as_mut().unwrap();
        // As if each draw's best were left open by one more.
        let (bounds, open): (Vec<f64>, Vec<f64>) = bounds
            .iter()
            .zip(&open)
            .map(|(b, o)| if seed < 6 { (*b, *o) } else { (b + 1.0, o + 1.0) })
            .unzip();
        goal.slack = goal.measure.slack(&open);
        goal.base = Some(bounds.into());
        let found = solve(&risky, &Options::default()).unwrap().solution;
        let (value, bound) = (-found.plan.unwrap().value, -found.certificate.bound);
        assert!(
            bound <= least + 1e-7 * size && value >= least - 1e-4 * size,
            "{seed}: {bound} {least} {value}"
        );
        // What is left open is told.
        assert!((value - least) <= (value - bound) + 1e-7 * size, "{seed}: {bound} {least} {value}");
    }
}

#[test]
fn weights_outside_the_set_prove_nothing() {
    let risky = instance(1, 3, 40, 0.9, 1.0);
    let found = solve(&risky, &Options::default()).unwrap();
    let leaves = &found.solution.certificate.leaves;
    let refused = |change: &dyn Fn(&mut Vec<f64>)| {
        let mut weights = found.weights.clone();
        change(&mut weights[0].goal);
        bound(&risky, leaves, &weights) == Err(RiskError::Weights { leaf: 0 })
    };
    assert!(!refused(&|_| {}));
    // All of it on one draw would pass for a bound that is far too low.
    assert!(refused(&|w| {
        w.fill(0.0);
        w[0] = 1.0;
    }));
    assert!(refused(&|w| w.iter_mut().for_each(|w| *w *= 0.99)));
    assert!(refused(&|w| w[0] = -w[1]));
    assert!(refused(&|w| w.truncate(10)));
    assert!(refused(&|w| w[3] = f64::NAN));
}

#[test]
fn a_proof_names_the_draws_that_weigh() {
    for (shape, tight) in [(0.9, 1.0), (2.5, 1.2)] {
        let risky = instance(2, 4, 400, shape, tight);
        let found = solve(&risky, &Options::default()).unwrap();
        assert_eq!(found.solution.status, Status::Optimal);
        for own in &found.weights {
            // Of the worst tenth at least 40, and those between them and the rest.
            let weigh = own.goal.iter().filter(|w| **w > 0.0).count();
            assert!((40..=100).contains(&weigh), "{weigh} of 400");
        }
    }
}

#[test]
fn any_weights_in_the_set_bound_every_plan() {
    let mut random = Pcg64::seed_from_u64(5);
    for shape in [0.8, 2.2] {
        let risky = instance(7, 3, 20, shape, 1.0);
        let found = solve(&risky, &Options::default()).unwrap();
        let best = found.solution.plan.as_ref().unwrap().value;
        let mut nearest = f64::INFINITY;
        for _ in 0..200 {
            let mut leaves = found.solution.certificate.leaves.clone();
            let mut weights = found.weights.clone();
            for (leaf, own) in leaves.iter_mut().zip(&mut weights) {
                // Two of twenty draws at random, half each.
                own.goal.fill(0.0);
                let first = random.random_range(0..20);
                own.goal[first] = 0.5;
                own.goal[(first + random.random_range(1..20)) % 20] = 0.5;
                own.at.iter_mut().for_each(|x| *x *= random.random_range(0.3..1.5));
                leaf.prices.iter_mut().for_each(|p| p.max *= random.random_range(0.0..2.0));
            }
            let above = bound(&risky, &leaves, &weights).unwrap();
            assert!(above >= best, "{above} below {best}");
            nearest = nearest.min(above);
        }
        assert!(nearest <= 2.0 * best, "{nearest}, the nearest, says nothing of {best}");
    }
}

#[test]
fn tight_limits_on_the_worst_draws_are_proven() {
    // Four lines of unlike size, the share of what they return common to all.
    for cap in [0.16, 0.18, 0.22, 0.3, 0.5] {
        let mut random = Pcg64::seed_from_u64(4);
        let mut risky = instance(4, 4, 200, 0.9, 1.0);
        for (i, (ceiling, half)) in
            [(1000.0, 400.0), (600.0, 100.0), (300.0, 50.0), (900.0, 700.0)].into_iter().enumerate()
        {
            let curves: Vec<Curve> = (0..200)
                .map(|_| {
                    let z: f64 = random.random_range(-3.0..3.0);
                    let own: f64 = random.random_range(-0.8..0.8);
                    Curve::hill(13.0 * ceiling * (0.3 * z).exp(), 13.0 * half * (0.2 * z + own).exp(), 0.9)
                        .unwrap()
                })
                .collect();
            risky.problem.lines[i] = Line::new(Curve::mean(&curves).unwrap(), 1300.0, Vec::new());
            risky.draws.lines[i] = Drawn { curves: curves.into(), order: None, less: None };
        }
        let outcome = risky.goal.take().unwrap().terms;
        risky.problem.goal = Goal::Maximize(outcome.clone());
        let spend = Terms::default().with_spend(vec![1.0; 4]);
        let limit = Limit::ratio(spend.clone(), outcome, None, Some(cap));
        risky.problem.limits = vec![Limit::on(spend, None, Some(9000.0)), limit.clone()];
        risky.limits.push(TailLimit { limit, share: 0.05 });
        let found = solve(&risky, &Options::default()).unwrap();
        let proof = &found.solution.certificate;
        assert_eq!(found.solution.status, Status::Optimal, "cap {cap}: gap {}", proof.gap);
        assert_eq!(bound(&risky, &proof.leaves, &found.weights), Ok(proof.bound));
    }
}
