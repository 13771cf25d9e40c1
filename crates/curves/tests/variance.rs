//! Actual against plan: a worked example, and parts that always add up.

use outlay_curves::Curve;
use outlay_curves::variance::{Cause, Happened, Split, Variance};
use proptest::prelude::*;

/// Plan `1000 q / (50 + q)`, 100 at a price of 1; actual `900 q / (55 + q)`,
/// 120 at a price of 1.15.
fn example(split: Split) -> Variance {
    Variance::new(split, None, |h: Happened| {
        let spend = if h.has(Cause::Spend) { 120.0 } else { 100.0 };
        let price = if h.has(Cause::Rate) { 1.15 } else { 1.0 };
        let q = spend / price;
        if h.has(Cause::Response) { 900.0 * q / (55.0 + q) } else { 1000.0 * q / (50.0 + q) }
    })
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 5e-5, "{found}, expected {expected}");
}

#[test]
fn one_cause_after_the_other() {
    let v = example(Split::Sequential);
    near(v.spend, 39.2157);
    near(v.rate, -29.8260);
    near(v.revision, -86.6975);
    near(v.total(), -77.3079);
    assert_eq!((v.quality, v.unexplained), (0.0, 0.0));
}

/// A cause that changes nothing gets nothing and leaves the others alone, so
/// four causes give what three would.
#[test]
fn the_mean_over_all_orders() {
    let v = example(Split::Shapley);
    near(v.spend, 38.6965);
    near(v.rate, -29.7049);
    near(v.revision, -86.2994);
    near(v.total(), -77.3079);
    assert!(v.quality.abs() < 1e-12);
}

/// The Shapley value the slow way: all 24 orders written out.
#[test]
fn weights_agree_with_all_orders_written_out() {
    let response = |h: Happened| {
        let x = if h.has(Cause::Spend) { 3.0 } else { 2.0 };
        let rate = if h.has(Cause::Rate) { 0.7 } else { 1.0 };
        let quality = if h.has(Cause::Quality) { 1.9 } else { 1.0 };
        let q: f64 = x / (rate * quality);
        if h.has(Cause::Response) { q.powf(0.8) } else { q.sqrt() }
    };
    let fast = Variance::new(Split::Shapley, None, response).parts();
    let mut slow = [0.0; 4];
    for code in 0..256usize {
        let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3];
        if (0..4).any(|k| !order.contains(&k)) {
            continue;
        }
        let mut so_far = Happened::NOTHING;
        for k in order {
            let next = so_far.with(Cause::ALL[k]);
            slow[k] += (response(next) - response(so_far)) / 24.0;
            so_far = next;
        }
    }
    for (fast, slow) in fast.iter().zip(slow) {
        assert!((fast - slow).abs() < 1e-14, "{fast} {slow}");
    }
}

fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 4 => (-3.0..9.0f64).prop_map(|e| 10f64.powf(e))]
}

fn curve() -> impl Strategy<Value = Curve> {
    let some = (1.0..7.0f64, 1.0..7.0f64, 0.4..3.0f64);
    some.prop_map(|(v, k, a)| Curve::hill(10f64.powf(v), 10f64.powf(k), a).expect("a curve"))
}

proptest! {
    #[test]
    fn parts_add_up_whatever_happened(
        (plan, now) in (curve(), curve()),
        (planned, spent) in (amount(), amount()),
        (rate, quality) in (0.1..10.0f64, 0.1..10.0f64),
        measured in prop::option::of(-1e6..1e9f64),
    ) {
        let response = |h: Happened| {
            let x = if h.has(Cause::Spend) { spent } else { planned };
            let rate = if h.has(Cause::Rate) { rate } else { 1.0 };
            let quality = if h.has(Cause::Quality) { quality } else { 1.0 };
            let curve = if h.has(Cause::Response) { &now } else { &plan };
            curve.value(x / (rate * quality))
        };
        for split in [Split::Sequential, Split::Shapley] {
            let v = Variance::new(split, measured, response);
            let size = v.plan.abs() + v.actual.abs() + v.parts().iter().map(|p| p.abs()).sum::<f64>();
            let sum: f64 = v.parts().iter().sum();
            prop_assert!((sum - v.total()).abs() <= 1e-12 * size, "{v:?}");
            // Rounded alike, the steps' differences add up exactly.
            let rounded = v.steps().map(|s| s.round() as i64);
            let parts: i64 = rounded.windows(2).map(|w| w[1] - w[0]).sum();
            prop_assert_eq!(parts, v.actual.round() as i64 - v.plan.round() as i64);
            prop_assert_eq!(measured.unwrap_or(v.actual), v.actual);
        }
    }

    #[test]
    fn more_money_never_counts_against_a_line(plan in curve(), x in amount(), more in amount()) {
        for split in [Split::Sequential, Split::Shapley] {
            let v = Variance::new(split, None, |h: Happened| {
                plan.value(if h.has(Cause::Spend) { x + more } else { x })
            });
            prop_assert!(v.spend >= 0.0);
            prop_assert!(v.rate.abs() + v.quality.abs() + v.revision.abs() == 0.0);
        }
    }
}
