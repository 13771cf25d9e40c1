//! Figures worked out elsewhere, to all the digits published.

use approx::assert_relative_eq;
use outlay_curves::{Curve, Piece};

const WHOLE: Piece = Piece { from: 0.0, inflection: 0.0, to: f64::INFINITY };

fn piece(curve: &Curve) -> Piece {
    let mut all = Vec::new();
    curve.for_each_piece(0.0, f64::INFINITY, |p| all.push(p));
    all[0]
}

#[test]
fn hill_inflects_where_calculus_says() {
    for (v, k, a) in [(100.0, 40.0, 3.0), (80.0, 30.0, 2.5), (60.0, 20.0, 4.0f64)] {
        let curve = Curve::hill(v, k, a).unwrap();
        let x = piece(&curve).inflection;
        assert_relative_eq!(x, k * ((a - 1.0) / (a + 1.0)).powf(1.0 / a), max_relative = 1e-13);
        assert_relative_eq!(curve.value(x), v * (a - 1.0) / (2.0 * a), max_relative = 1e-13);
    }
}

#[test]
fn hill_tangents_from_the_origin_touch_at_the_published_spends() {
    // Tangent from 0: f(x) = x f'(x), at k (a - 1)^(1/a) with value V (a - 1) / a.
    let published = [(100.0, 40.0, 3.0, 50.397), (80.0, 30.0, 2.5, 35.282), (60.0, 20.0, 4.0, 26.321)];
    for (v, k, a, tangent) in published {
        let curve = Curve::hill(v, k, a).unwrap();
        let at = curve.point(tangent);
        assert_relative_eq!(at.value, tangent * at.marginal, max_relative = 1e-4);
        assert_relative_eq!(at.value, v * (a - 1.0) / a, max_relative = 1e-4);
    }
}

#[test]
fn s_curve_trap_has_its_published_value() {
    let b = Curve::hill(80.0, 30.0, 2.5).unwrap().value(32.63730);
    let c = Curve::hill(60.0, 20.0, 4.0).unwrap().value(27.36270);
    assert_relative_eq!(b + c, 90.8747679, epsilon = 5e-7);
}

#[test]
fn equal_slopes_spend_the_budget_as_published() {
    let (v, k) = ([1000.0, 600.0, 300.0], [400.0, 100.0, 50.0]);
    type Family = fn(f64, f64) -> Result<Curve, outlay_curves::CurveError>;
    let families: [(Family, [f64; 3], f64); 3] = [
        (Curve::michaelis_menten, [264.158676, 157.227549, 78.613775], 947.849522),
        (Curve::exponential, [268.130683, 154.579545, 77.289772], 1196.630540),
        (Curve::log, [152.631579, 231.578947, 115.789474], 1402.053182),
    ];
    for (family, spends, total) in families {
        let curves: Vec<Curve> = (0..3).map(|i| family(v[i], k[i]).unwrap()).collect();
        let price = curves[0].marginal(spends[0]);
        for (curve, spend) in curves.iter().zip(spends) {
            assert_relative_eq!(curve.spend_at_marginal(price, WHOLE), spend, max_relative = 1e-7);
        }
        let value: f64 = curves.iter().zip(spends).map(|(c, x)| c.value(x)).sum();
        assert_relative_eq!(value, total, max_relative = 1e-9);
    }
    let roots: Vec<Curve> = v.iter().map(|&v| Curve::power(v, 0.5).unwrap()).collect();
    let spends = [344.827586, 124.137931, 31.034483];
    let value: f64 = roots.iter().zip(spends).map(|(c, x)| c.value(x)).sum();
    assert_relative_eq!(value, 26925.824036, max_relative = 1e-9);
}

#[test]
fn blended_cap_example_has_its_published_marginal_cac() {
    let n = [(50.0, 4000.0), (30.0, 2000.0), (12.0, 500.0)];
    let spends = [2499.70, 1560.03, 625.78];
    let mut customers = 0.0;
    for ((v, k), x) in n.into_iter().zip(spends) {
        let curve = Curve::michaelis_menten(v, k).unwrap();
        customers += curve.value(x);
        assert_relative_eq!(1.0 / curve.marginal(x), 211.2304, max_relative = 1e-4);
    }
    assert_relative_eq!(customers, 39.04593, max_relative = 1e-6);
}

#[test]
fn meridian_hills_return_the_published_outcomes() {
    let v = [144.020, 67.683, 41.790, 149.172, 160.038];
    let k = [49.386, 41.801, 23.290, 99.979, 49.461];
    let a = [0.9316, 0.9073, 0.8846, 0.9149, 0.8950];
    let total = |spends: [f64; 5]| -> f64 {
        (0..5).map(|i| Curve::hill(v[i], k[i], a[i]).unwrap().value(spends[i])).sum()
    };
    assert_relative_eq!(total([52.65, 27.58, 15.73, 61.53, 62.01]), 265.371, epsilon = 5e-3);
    assert_relative_eq!(total([40.5, 31.3, 12.1, 87.9, 47.7]), 258.493, max_relative = 5e-3);
}

#[test]
fn tiers_over_a_table_answer_prices_by_the_segment_they_are_on() {
    use outlay_curves::families::Tier;
    // Thirds make every break inexact in binary.
    let table = Curve::table(&[(1.0 / 3.0, 3.0), (2.0 / 3.0, 4.0), (1.0, 4.5)]).unwrap();
    let tiered = table.tiered(&[Tier { from: 0.1, units: 1.0 / 0.7 }]).unwrap();
    let mut slopes = Vec::new();
    let mut total = 0.0;
    tiered.for_each_piece(0.0, tiered.last_spend(), |p| {
        let slope = (tiered.value(p.to) - tiered.value(p.from)) / (p.to - p.from);
        total += slope * (p.to - p.from);
        assert_eq!(tiered.spend_at_marginal(slope * 1.01, p), p.from);
        assert_eq!(tiered.spend_at_marginal(slope * 0.99, p), p.to);
        slopes.push(slope);
    });
    assert_eq!(slopes.len(), 4);
    assert_relative_eq!(total, 4.5, max_relative = 1e-12);
}

#[test]
fn a_table_earns_nothing_beyond_its_last_point() {
    let table = Curve::table(&[(1.0, 5.0), (2.0, 9.0)]).unwrap();
    let mut ends = Vec::new();
    table.for_each_piece(0.0, f64::INFINITY, |p| ends.push(table.spend_at_marginal(0.5, p)));
    assert_eq!(ends, [1.0, 2.0, 2.0]);
}
