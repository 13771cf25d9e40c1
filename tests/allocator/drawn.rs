//! Problems over draws: as a fit leaves them, with a budget, a share and a cap.

use outlay_allocator::risk::{Drawn, Draws, Measure, Risky, Tail};
use outlay_allocator::{Fact, Goal, Limit, Line, Problem, Terms};
use outlay_curves::Curve;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

/// Lines with draws, a budget, a share for the first half and a cap on cost per
/// unit of outcome.
pub(crate) fn instance(seed: u64, lines: usize, count: usize, shape: f64, tight: f64) -> Risky {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut own = Vec::new();
    let mut drawn = Vec::new();
    for _ in 0..lines {
        let (ceiling, half) = (random.random_range(50.0..150.0), random.random_range(20.0..80.0));
        // What a fit leaves open: the scale, how soon it saturates, and what both share.
        let spread: f64 = random.random_range(0.1..0.5);
        let curves: Vec<Curve> = (0..count)
            .map(|_| {
                let shared: f64 = random.random_range(-1.0..1.0);
                let (a, b): (f64, f64) = (random.random_range(-1.0..1.0), random.random_range(-1.0..1.0));
                let bent = shape * (1.0 + 0.1 * random.random_range(-1.0..0.0));
                Curve::hill(
                    ceiling * (spread * (shared + a)).exp(),
                    half * (spread * (shared + 0.5 * b)).exp(),
                    bent,
                )
                .unwrap()
            })
            .collect();
        let top = 4.0 * half;
        own.push(Line::new(Curve::mean(&curves).unwrap(), half, vec![Fact::Max(top)]));
        drawn.push(Drawn { curves: curves.into(), order: None, less: None });
    }
    let ones = vec![1.0; lines];
    let spend = Terms::default().with_spend(ones.clone());
    let outcome = Terms::default().with_response(ones.clone());
    let first: Vec<f64> = (0..lines).map(|i| if i < lines.div_ceil(2) { 1.0 } else { 0.0 }).collect();
    let need: f64 = own.iter().map(|l| l.current).sum();
    let limits = vec![
        Limit::on(spend.clone(), None, Some(tight * need)),
        Limit::ratio(Terms::default().with_spend(first), spend.clone(), Some(0.3), Some(0.7)),
        Limit::ratio(spend, outcome.clone(), None, Some(1.2)),
    ];
    Risky {
        problem: Problem { lines: own, goal: Goal::Maximize(Terms::default()), limits },
        draws: Draws { count, lines: drawn },
        goal: Some(Tail {
            terms: outcome,
            base: None,
            slack: 0.0,
            measure: Measure::Worst { share: 0.1, weight: 1.0 },
        }),
        limits: Vec::new(),
    }
}
