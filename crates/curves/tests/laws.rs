//! Laws every response curve obeys, over parameters and spends far wider than
//! any media plan: money from 1e-12 to 1e15, ceilings from 1e-6 to 1e12.

use outlay_curves::families::Tier;
use outlay_curves::{Curve, Piece};
use proptest::prelude::*;

/// A curve with what a test must know to choose its step width.
#[derive(Debug, Clone)]
struct Case {
    curve: Curve,
    /// Spend at which the curve bends.
    scale: f64,
    /// Largest |d ln f' / d ln x| at or below `scale`.
    steepness: f64,
    /// Slopes fall exponentially beyond `scale`, not like a power.
    exponential: bool,
}

impl Case {
    /// Relative step for central differences at `x`.
    fn step(&self, x: f64) -> f64 {
        let tail = if self.exponential { (x / self.scale).max(1.0) } else { 1.0 };
        2e-5 / (self.steepness * tail)
    }
}

fn decades(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|e| 10f64.powf(e))
}

prop_compose! {
    fn ceiling_and_scale()(v in decades(-6.0, 12.0), k in decades(-3.0, 10.0)) -> (f64, f64) { (v, k) }
}

fn smooth() -> impl Strategy<Value = Case> {
    let case = |curve: Curve, scale, steepness, exponential| Case { curve, scale, steepness, exponential };
    let shape = decades(0.05f64.log10(), 60f64.log10());
    prop_oneof![
        (ceiling_and_scale(), shape).prop_map(move |((v, k), a)| case(
            Curve::hill(v, k, a).unwrap(),
            k,
            a + 1.0,
            false
        )),
        ceiling_and_scale().prop_map(move |(v, k)| case(
            Curve::michaelis_menten(v, k).unwrap(),
            k,
            2.0,
            false
        )),
        ceiling_and_scale().prop_map(move |(v, k)| case(Curve::exponential(v, k).unwrap(), k, 1.0, true)),
        ceiling_and_scale().prop_map(move |(v, k)| case(Curve::logistic(v, k).unwrap(), k, 1.0, true)),
        (ceiling_and_scale(), decades(-1.0, 1.6)).prop_map(move |((v, k), bk)| {
            case(Curve::s_logistic(v, k, bk / k).unwrap(), k, 1.0 + bk, true)
        }),
        (decades(-6.0, 6.0), decades(-1.3, 0.0)).prop_map(move |(v, a)| case(
            Curve::power(v, a).unwrap(),
            1.0,
            1.0,
            false
        )),
        ceiling_and_scale().prop_map(move |(v, k)| case(Curve::log(v, k).unwrap(), k, 1.0, false)),
        decades(-6.0, 6.0).prop_map(move |r| case(Curve::linear(r).unwrap(), 1.0, 1.0, false)),
    ]
}

fn s_shaped() -> impl Strategy<Value = Case> {
    prop_oneof![
        (ceiling_and_scale(), 1.01f64..60.0).prop_map(|((v, k), a)| Case {
            curve: Curve::hill(v, k, a).unwrap(),
            scale: k,
            steepness: a + 1.0,
            exponential: false,
        }),
        (ceiling_and_scale(), decades(-1.0, 1.6)).prop_map(|((v, k), bk)| Case {
            curve: Curve::s_logistic(v, k, bk / k).unwrap(),
            scale: k,
            steepness: 1.0 + bk,
            exponential: true,
        }),
    ]
}

/// Points of a table, from steps of spend and outcome (some of them flat).
fn points() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let step = (decades(-2.0, 6.0), prop_oneof![Just(0.0), decades(-3.0, 6.0)]);
    prop::collection::vec(step, 1..12).prop_map(|steps| {
        let (mut x, mut y) = (0.0, 0.0);
        let mut points = Vec::new();
        for (dx, dy) in steps {
            x += dx;
            y += dy;
            points.push((x, y));
        }
        points
    })
}

fn tiers() -> impl Strategy<Value = Vec<Tier>> {
    prop::collection::vec((decades(-1.0, 7.0), 0.3f64..3.0), 1..4).prop_map(|steps| {
        let mut from = 0.0;
        let tier = |(step, units)| {
            from += step;
            Tier { from, units }
        };
        steps.into_iter().map(tier).collect()
    })
}

fn any_curve() -> impl Strategy<Value = Curve> {
    let table = points().prop_map(|p| Curve::table(&p).unwrap());
    let base = prop_oneof![smooth().prop_map(|c| c.curve), points().prop_map(|p| Curve::table(&p).unwrap())];
    let tiered = (base, tiers()).prop_map(|(c, t)| c.tiered(&t).unwrap());
    prop_oneof![3 => smooth().prop_map(|c| c.curve), 1 => table, 1 => tiered]
}

fn spend() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 12 => decades(-12.0, 15.0)]
}

fn pieces(curve: &Curve, from: f64, to: f64) -> Vec<Piece> {
    let mut all = Vec::new();
    curve.for_each_piece(from, to, |p| all.push(p));
    all
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn starts_at_zero_never_falls_stays_below_the_ceiling(c in any_curve(), x in spend(), more in decades(-15.0, 3.0)) {
        prop_assert_eq!(c.value(0.0), 0.0);
        let (near, far) = (c.point(x), c.point(x * (1.0 + more)));
        prop_assert!(near.value.is_finite() && far.value.is_finite());
        prop_assert!(near.value >= 0.0 && far.value >= near.value * (1.0 - 1e-12), "{near:?} {far:?}");
        prop_assert!(far.value <= c.ceiling() * (1.0 + 1e-12));
        prop_assert!(near.marginal >= 0.0);
        prop_assert!(x == 0.0 || (near.marginal.is_finite() && near.curvature.is_finite()), "{near:?}");
        prop_assert_eq!(near.value, c.value(x));
        prop_assert!(close(near.marginal, c.marginal(x), 1e-15) );
    }

    #[test]
    fn no_number_is_lost_at_the_smallest_and_largest_spends(c in any_curve(), e in -323i32..308) {
        let p = c.point(10f64.powi(e));
        prop_assert!(!p.value.is_nan() && !p.marginal.is_nan() && !p.curvature.is_nan(), "{p:?}");
        prop_assert!(p.value >= 0.0 && p.marginal >= 0.0);
    }

    #[test]
    fn slope_and_curvature_are_the_derivatives(case in smooth(), at in decades(-6.0, 4.0)) {
        let (c, x) = (&case.curve, case.scale * at);
        let h = case.step(x);
        let (left, here, right) = (c.point(x * (1.0 - h)), c.point(x), c.point(x * (1.0 + h)));
        prop_assume!(right.marginal > 1e-290 && here.value > 1e-290);
        let slope = (right.value - left.value) / (2.0 * h * x);
        let noise = 1e-12 * here.value / (h * x);
        prop_assert!((slope - here.marginal).abs() <= 1e-6 * here.marginal + noise,
            "slope {} but {slope}", here.marginal);
        let bend = (right.marginal - left.marginal) / (2.0 * h * x);
        // At an inflection the curvature vanishes but its own slope does not.
        let scale = case.steepness * here.marginal / x;
        prop_assert!((bend - here.curvature).abs() <= 1e-5 * (here.curvature.abs() + scale) + 1e-12 * here.marginal / (h * x),
            "curvature {} but {bend}", here.curvature);
    }

    #[test]
    fn pieces_cover_the_interval_and_bend_as_they_say(c in any_curve(), low in decades(-6.0, 6.0), width in decades(-3.0, 6.0), inside in 0.001f64..0.999) {
        let (from, to) = (low, low + width);
        let all = pieces(&c, from, to);
        prop_assert_eq!(all[0].from, from);
        prop_assert_eq!(all[all.len() - 1].to, to);
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
        }
        for p in all {
            prop_assert!(p.from <= p.inflection && p.inflection <= p.to, "{p:?}");
            let convex = p.from + inside * (p.inflection - p.from);
            let concave = p.inflection + inside * (p.to - p.inflection);
            let slack = |x: f64| 1e-9 * c.marginal(x) / x;
            prop_assert!(p.inflection == p.from || c.point(convex).curvature >= -slack(convex));
            prop_assert!(p.inflection == p.to || c.point(concave).curvature <= slack(concave));
        }
    }

    #[test]
    fn the_inverse_finds_the_spend(case in smooth(), beyond in decades(-3.0, 3.0)) {
        let c = &case.curve;
        let whole = pieces(c, 0.0, f64::INFINITY)[0];
        let x = whole.inflection + case.scale * beyond;
        let here = c.point(x);
        prop_assume!(here.marginal > 1e-290 && here.marginal.is_finite() && here.curvature < 0.0);
        let found = c.spend_at_marginal(here.marginal, whole);
        prop_assert!(close(c.marginal(found), here.marginal, 1e-9), "{} for {}", c.marginal(found), here.marginal);
        // One part in 1e-15 of the slope moves the spend by `condition` parts.
        let condition = (here.marginal / (x * here.curvature)).abs().max(1.0) * case.steepness;
        prop_assert!(close(found, x, 1e-13 * condition), "found {found}, not {x}; condition {condition}");
    }

    #[test]
    fn the_inverse_is_the_best_answer_to_a_price(c in any_curve(), from in prop_oneof![Just(0.0), decades(-3.0, 6.0)], width in decades(-3.0, 7.0), price in decades(-9.0, 9.0), other in 0.0f64..1.0) {
        let all = pieces(&c, from, from + width);
        // A break is known to one part in 1e-15 of its spend: a steep segment
        // turns that into outcome.
        let slope = |p: &Piece| (c.value(p.to) - c.value(p.from)) / (p.to - p.from);
        let steepest = all.iter().map(slope).fold(0.0, f64::max);
        for p in all {
            let best = c.spend_at_marginal(price, p);
            prop_assert!(best >= p.inflection && best <= p.to);
            let rival = p.inflection + other * (p.to - p.inflection);
            let worth = |x: f64| c.value(x) - price * x;
            let scale = c.value(p.to) + (price + steepest) * p.to;
            prop_assert!(worth(best) >= worth(rival) - 1e-12 * scale, "{best} worth {}, {rival} worth {}", worth(best), worth(rival));
        }
    }

    #[test]
    fn the_convex_inverse_is_the_worst_answer(case in s_shaped(), inside in 0.01f64..0.99) {
        let whole = pieces(&case.curve, 0.0, f64::INFINITY)[0];
        let x = whole.inflection * inside;
        let m = case.curve.marginal(x);
        prop_assume!(m > 1e-290);
        let found = case.curve.convex_spend_at_marginal(m, whole);
        prop_assert!(close(case.curve.marginal(found), m, 1e-9 * case.steepness), "{found} for {x}");
        let price = |x: f64| case.curve.value(x) - m * x;
        prop_assert!(price(found) <= price(x) + 1e-12 * (case.curve.value(x) + m * x));
    }

    #[test]
    fn stretching_composes(case in smooth(), x in decades(-6.0, 4.0), s in decades(-3.0, 3.0), o in decades(-3.0, 3.0)) {
        let (f, g) = (&case.curve, case.curve.stretched(s, o));
        let x = x * case.scale;
        let (was, is) = (f.point(x), g.point(x * s));
        let loss = 1e-13 * case.steepness * (1.0 + x / case.scale);
        prop_assume!(was.value > 1e-280 && is.value > 1e-280);
        prop_assert!(close(is.value, o * was.value, loss));
        prop_assert!(close(is.marginal, o / s * was.marginal, loss) || was.marginal < 1e-290);
        prop_assert!(close(g.ceiling(), o * f.ceiling(), 1e-12));
    }

    #[test]
    fn stretched_tables_and_tiers_compose(c in any_curve(), x in decades(-3.0, 7.0), s in 0.01f64..100.0, o in 0.01f64..100.0) {
        let g = c.stretched(s, o);
        // Where a step is as steep as a wall, the last digit of a spend decides.
        let (least, most) = (o * c.value(x * (1.0 - 1e-12)), o * c.value(x * (1.0 + 1e-12)));
        let here = g.value(x * s);
        let tiny = 1e-280;
        prop_assert!(least * (1.0 - 1e-9) - tiny <= here && here <= most * (1.0 + 1e-9) + tiny,
            "{here}, not {least} to {most}");
    }

    #[test]
    fn tables_meet_their_points(points in points(), inside in 0.0f64..1.0) {
        let c = Curve::table(&points).unwrap();
        for &(x, y) in &points {
            prop_assert_eq!(c.value(x), y);
        }
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let y = c.value(x0 + inside * (x1 - x0));
            prop_assert!(y >= y0 && y <= y1);
        }
        let last = points[points.len() - 1];
        prop_assert_eq!((c.last_spend(), c.ceiling()), last);
    }

    #[test]
    fn tiers_join_and_buy_what_they_cost(case in smooth(), tiers in tiers()) {
        let c = case.curve.clone().tiered(&tiers).unwrap();
        let mut effective = tiers[0].from;
        prop_assert_eq!(c.value(0.5 * tiers[0].from), case.curve.value(0.5 * tiers[0].from));
        for (i, tier) in tiers.iter().enumerate() {
            let below = c.value(tier.from * (1.0 - 1e-14));
            prop_assert!(close(below, c.value(tier.from), 1e-11 * case.steepness));
            prop_assert!(close(c.value(tier.from), case.curve.value(effective), 1e-11 * case.steepness));
            let end = tiers.get(i + 1).map_or(tier.from * 3.0, |next| next.from);
            effective += tier.units * (end - tier.from);
        }
    }
}
