//! A curve from the point a horizon has reached, against the curve it goes on
//! with.

use outlay_curves::families::Tier;
use outlay_curves::{Curve, Piece};
use proptest::prelude::*;

fn base() -> impl Strategy<Value = Curve> {
    prop_oneof![
        (0.4..3.0f64).prop_map(|a| Curve::hill(1000.0, 300.0, a).expect("a curve")),
        Just(Curve::s_logistic(900.0, 200.0, 0.02).expect("a curve")),
        Just(Curve::table(&[(100.0, 50.0), (250.0, 300.0), (900.0, 500.0)]).expect("a curve")),
        (0.5..3.0f64).prop_map(|a| {
            let tiers = [Tier { from: 120.0, units: 1.2 }, Tier { from: 400.0, units: 1.5 }];
            Curve::hill(1000.0, 300.0, a).expect("a curve").tiered(&tiers).expect("tiers")
        }),
    ]
}

proptest! {
    #[test]
    fn it_goes_on_where_it_was(rest in base(), past in 1.0..500.0f64, earned in -10.0..800.0f64, more in 0.0..600.0f64) {
        let curve = rest.clone().resumed(past, earned).expect("a curve");
        let x = past + more;
        let expected = earned + rest.value(x - past);
        prop_assert!((curve.value(x) - expected).abs() <= 1e-12 * expected.abs().max(1.0));
        prop_assert_eq!(curve.marginal(x), rest.marginal(x - past));
        prop_assert_eq!(curve.is_concave(), rest.is_concave());
        // Twice the horizon has twice the past, twice the rest and twice the outcome.
        let twice = curve.stretched(2.0, 2.0);
        prop_assert!((twice.value(2.0 * x) - 2.0 * curve.value(x)).abs() < 1e-9);
    }

    /// The pieces cover what was asked for, to the last bit, and the best spend
    /// of each beats a grid.
    #[test]
    fn pieces_cover_and_answer_prices(
        rest in base(),
        past in 1.0..500.0f64,
        room in 1.0..400.0f64,
        price in 0.01..6.0f64,
    ) {
        let curve = rest.resumed(past, 100.0).expect("a curve");
        let to = past + room;
        for (from, to) in [(0.0, to), (past, to), (past + 0.3 * room, to), (past, past), (0.0, past), (to, to)] {
            let mut pieces: Vec<Piece> = Vec::new();
            curve.for_each_piece(from, to, |p| pieces.push(p));
            prop_assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), (from, to));
            for pair in pieces.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            for p in pieces {
                prop_assert!(p.from <= p.inflection && p.inflection <= p.to);
                let best = curve.spend_at_marginal(price, p);
                prop_assert!((p.inflection..=p.to).contains(&best));
                let worth = |x: f64| curve.value(x) - price * x;
                for k in 0..=50 {
                    let x = (p.inflection + (p.to - p.inflection) * f64::from(k) / 50.0).min(p.to);
                    prop_assert!(worth(best) >= worth(x) - 1e-9 * (1.0 + price * x), "{best} {x} {p:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_spent_is_no_past() {
    let curve = Curve::linear(2.0).expect("a curve");
    assert!(curve.clone().resumed(0.0, 0.0).is_err());
    assert!(curve.clone().resumed(f64::NAN, 0.0).is_err());
    assert!(curve.resumed(1.0, f64::INFINITY).is_err());
}
