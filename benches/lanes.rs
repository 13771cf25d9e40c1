//! What curves in lanes would bring: value, slope and curvature of a thousand
//! Hill curves, one at a time as everywhere in the project, and four or eight
//! in the lanes of a vector. `benches/README.md` says what follows.
//!
//! ```text
//! cargo bench -p outlay-curves --bench lanes
//! RUSTFLAGS="-C target-cpu=native" cargo bench -p outlay-curves --bench lanes
//! ```

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use outlay_curves::{Curve, Point};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wide::{f64x4, f64x8};

const LINES: usize = 1_000;

fn main() {
    divan::main();
}

/// Curves by parameter, as lanes need them, and the spends they are asked at.
struct Lines {
    curves: Vec<Curve>,
    ceiling: Vec<f64>,
    rate: Vec<f64>,
    shape: Vec<f64>,
    spend: Vec<f64>,
}

fn lines() -> Lines {
    let mut rng = Pcg64Mcg::seed_from_u64(0);
    let mut draw = |low: f64, high: f64| -> Vec<f64> {
        (0..LINES).map(|_| low + (high - low) * rng.random::<f64>()).collect()
    };
    let (ceiling, half, shape, spend) = (draw(1e3, 1e6), draw(1e3, 1e5), draw(0.4, 2.5), draw(1e2, 2e5));
    let curve = |i: usize| Curve::hill(ceiling[i], half[i], shape[i]).unwrap();
    let curves = (0..LINES).map(curve).collect();
    Lines { curves, ceiling, rate: half.iter().map(|k| 1.0 / k).collect(), shape, spend }
}

#[divan::bench]
fn one_at_a_time(bencher: Bencher) {
    let lines = lines();
    let mut points = vec![Point { value: 0.0, marginal: 0.0, curvature: 0.0 }; LINES];
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| {
        for ((point, curve), &x) in points.iter_mut().zip(black_box(&lines.curves)).zip(&lines.spend) {
            *point = curve.point(x);
        }
        black_box(&points);
    });
}

macro_rules! lanes {
    ($name:ident, $lanes:ty, $width:literal) => {
        #[divan::bench]
        fn $name(bencher: Bencher) {
            let lines = lines();
            let mut points = vec![[<$lanes>::ZERO; 3]; LINES / $width];
            bencher.counter(ItemsCount::new(LINES)).bench_local(|| {
                let lines = black_box(&lines);
                for (at, point) in points.iter_mut().enumerate() {
                    let of = |v: &[f64]| <$lanes>::from(std::array::from_fn(|i| v[$width * at + i]));
                    let (x, a) = (of(&lines.spend), of(&lines.shape));
                    let z = a * (x * of(&lines.rate)).ln();
                    let e = (-z.abs()).exp();
                    let near = <$lanes>::ONE / (<$lanes>::ONE + e);
                    let (s, c) = (
                        z.is_sign_negative().select(e * near, near),
                        z.is_sign_negative().select(near, e * near),
                    );
                    let value = of(&lines.ceiling) * s;
                    let marginal = value / x * (a * c);
                    *point = [value, marginal, marginal / x * (a * (c - s) - <$lanes>::ONE)];
                }
                black_box(&points);
            });
            for (i, (curve, &x)) in lines.curves.iter().zip(&lines.spend).enumerate() {
                let (lanes, one) = (points[i / $width][1].to_array()[i % $width], curve.point(x).marginal);
                assert!((lanes - one).abs() <= 1e-12 * one, "{lanes}, not {one}");
            }
        }
    };
}

lanes!(four_lanes, f64x4, 4);
lanes!(eight_lanes, f64x8, 8);
