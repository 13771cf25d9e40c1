//! The most of a line's response against a dense grid of spends.

use outlay_curves::Curve;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use super::{Response, Weighted};
use crate::Span;

const POINTS: u32 = 1200;

/// The largest value on a grid over the spans.
fn by_grid(response: &Response) -> f64 {
    let mut most = f64::NEG_INFINITY;
    for span in &response.spans {
        let to = if span.to.is_finite() { span.to } else { 1e4 };
        for k in 0..=POINTS {
            let x = span.from + (to - span.from) * (f64::from(k) / f64::from(POINTS)).powi(2);
            most = most.max(response.sum(x).0);
        }
    }
    most
}

fn curves(random: &mut Pcg64, kind: usize) -> Vec<Curve> {
    let half: f64 = random.random_range(20.0..200.0);
    let shape = [0.7, 1.0, 1.6, 3.0, 6.0][kind % 5];
    (0..30)
        .map(|_| {
            let a: f64 = random.random_range(-1.0..1.0);
            let b: f64 = random.random_range(-1.0..1.0);
            let (ceiling, half) = (100.0 * (0.5 * a).exp(), half * (0.7 * b).exp());
            match kind {
                5 => Curve::s_logistic(ceiling, half, 6.0 / half).unwrap(),
                6 => Curve::power(ceiling / half, random.random_range(0.3..1.0)).unwrap(),
                // Turns more than once.
                7 => {
                    let steps = [(0.0, 0.0), (1.0, 0.1), (2.0, 1.0), (3.0, 1.1), (5.0, 1.6)];
                    Curve::table(&steps.map(|(x, y)| (x * half, y * ceiling))).unwrap()
                }
                _ => Curve::hill(ceiling, half, shape).unwrap(),
            }
        })
        .collect()
}

#[test]
fn the_most_is_what_a_grid_finds_and_no_less() {
    let mut random = Pcg64::seed_from_u64(3);
    let mut torn = 0;
    for case in 0..120 {
        let curves = curves(&mut random, case % 8);
        let top: f64 = random.random_range(50.0..800.0);
        let spans = match case % 3 {
            0 => vec![Span::interval(0.0, top)],
            1 => vec![Span::point(0.0), Span::interval(0.3 * top, top)],
            _ => vec![Span::interval(0.2 * top, 0.9 * top)],
        };
        let weights: Vec<f64> =
            curves.iter().map(|_| f64::max(0.0, random.random_range(-1.0..1.0))).collect();
        let each: f64 = curves.iter().zip(&weights).map(|(c, w)| w * c.value(top) / top).sum();
        let mut response = Response {
            spans,
            cost: each * random.random_range(0.0..2.5),
            flat: 0.0,
            curves: curves.iter().zip(&weights).map(|(c, w)| Weighted::new(*w, c)).collect(),
            on: 0.0,
            sound: true,
        };
        if case % 4 == 0 {
            // As prices are: what the first and the last spend yield is nearly the same.
            if let Some(touch) = response.touch() {
                let from = response.spans[0].from;
                let slope = response.sum(touch).0 - response.sum(from).0;
                response.cost += slope / (touch - from);
                torn += 1;
            }
        }
        let found = by_grid(&response);
        for at in [0.0, 0.4 * top, top] {
            let best = response.best(at);
            assert!(best.bound >= found - 1e-12 * best.size, "case {case}: {} below {found}", best.bound);
            assert!((response.sum(best.spend).0 - best.bound).abs() <= 1e-6 * best.size, "case {case}");
        }
    }
    assert!(torn > 8, "{torn}");
}

#[test]
fn without_an_end_only_a_falling_response_has_a_most() {
    let curves = [Curve::hill(100.0, 50.0, 3.0).unwrap(), Curve::hill(80.0, 30.0, 0.8).unwrap()];
    let response = |cost: f64| Response {
        spans: vec![Span::interval(0.0, f64::INFINITY)],
        cost,
        flat: 0.0,
        curves: curves.iter().map(|c| Weighted::new(1.0, c)).collect(),
        on: 0.0,
        sound: true,
    };
    let priced = response(0.4);
    let best = priced.best(10.0);
    let found = by_grid(&priced);
    assert!(best.bound >= found && best.bound <= found + 1e-4 * best.size, "{} {found}", best.bound);
    assert_eq!(response(-0.1).best(10.0).bound, f64::INFINITY);
}
