//! Intervals of plans by period are plain Monte Carlo over the draws.

use serde_json::json;

use crate::sure::{Random, entry, hills, middle, number, run, same, value};

const DRAWS: usize = 120;
const RETENTION: f64 = 0.6;
const OPENING: f64 = 40.0;
const DEMAND: [f64; 6] = [1.0, 1.4, 0.8, 1.0, 1.2, 1.0];

/// What a flight earns under one draw: of a stock above what the opening stock has
/// left of it, until less than a millionth is left.
pub(crate) fn earned(draw: [f64; 3], spends: &[f64], (kept, opening): (f64, f64), demand: &[f64]) -> f64 {
    let tail = (0..).find(|k| kept.powi(*k) < 1e-6).map_or(0, |k| k as usize);
    let (mut stock, mut left) = (opening, opening);
    let periods = spends.len() + if kept > 0.0 { tail } else { 0 };
    let one = |t: usize| {
        stock = (1.0 - kept) * spends.get(t).copied().unwrap_or(0.0) + kept * stock;
        left *= kept;
        demand.get(t).copied().unwrap_or(1.0) * (value(draw, stock) - value(draw, left))
    };
    (0..periods).map(one).sum()
}

#[test]
fn intervals_by_period_are_those_of_every_draws_flight() {
    let mut random = Random(31);
    let a = hills([1000.0, 100.0, 1.0], DRAWS, &mut random);
    let b = hills([800.0, 60.0, 0.9], DRAWS, &mut random);
    let mut carries = entry("A", &a);
    carries["adstock"] = json!({"kind": "geometric", "retention": RETENTION});
    let scenario = json!({
        "outlay": 1, "curves": "c.json",
        "horizon": {"start": "2026-01-05", "periods": 6, "unit": "week", "plan": "by_period"},
        "budget": {"max": 600},
        "lines": [
            {"name": "A", "spend": {"current": 300}, "flight": {"opening": OPENING}},
            {"name": "B", "spend": {"current": 300}, "flight": {"demand": DEMAND}},
        ],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let result = run(folder.path(), vec![carries, entry("B", &b)], scenario).0;
    let spends = |i: usize| -> Vec<f64> {
        let periods = result["lines"][i]["flight"]["periods"].as_array().expect("periods");
        periods.iter().map(|p| number(&p["spend"])).collect()
    };
    let of = |x: &[f64], y: &[f64]| -> [Vec<f64>; 2] {
        let first = a.iter().map(|&d| earned(d, x, (RETENTION, OPENING), &[]));
        let second = b.iter().map(|&d| earned(d, y, (0.0, 0.0), &DEMAND));
        [first.collect(), second.collect()]
    };
    let sum = |[a, b]: &[Vec<f64>; 2]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
    let lines = of(&spends(0), &spends(1));
    let (plan, today) = (sum(&lines), sum(&of(&[50.0; 6], &[50.0; 6])));
    let gains: Vec<f64> = plan.iter().zip(&today).map(|(p, t)| p - t).collect();

    let sure = &result["uncertainty"];
    assert_eq!(sure["draws"], DRAWS);
    let between = |found: &serde_json::Value, all: &[f64]| {
        let (low, high) = middle(all.to_vec());
        same(&found["low"], low);
        same(&found["high"], high);
    };
    between(&sure["totals"]["revenue"], &plan);
    between(&sure["against_today"]["revenue"], &gains);
    between(&result["lines"][0]["uncertainty"]["revenue"], &lines[0]);
    between(&result["lines"][1]["uncertainty"]["revenue"], &lines[1]);
    let better = gains.iter().filter(|g| **g > 0.0).count();
    assert!(better > DRAWS / 2 && better < DRAWS, "in doubt: {better}");
    same(&sure["probability_better"], better as f64 / DRAWS as f64);
}
