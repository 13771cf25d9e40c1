//! Searches that are told to stop anywhere on their way: what is saved holds.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use outlay::{Effort, Range};
use serde_json::json;

use super::kinds::*;

const WEEKS: &str = r#"
outlay = 1
horizon = { start = 2026-01-05, periods = 4, unit = "week", plan = "by_period" }
budget = { max = 300 }
lines = [
    { name = "A", stage = "upper", outcome = "revenue", adstock = { kind = "geometric", retention = 0.5 }, curve = { family = "hill", ceiling = 900, half_saturation = 200, shape = 2 } },
    { name = "B", stage = "lower", outcome = "revenue", flight = { at_least = 20 }, curve = { family = "michaelis_menten", ceiling = 600, half_saturation = 100 } },
]
"#;

/// A deal that contradicts the budget, one that does not, and a floor out of reach.
const CONTRADICTED: &str = r#"
outlay = 1
budget = { max = 300 }
lines = [
    { name = "A", stage = "upper", outcome = "revenue", spend = { current = 90 }, deal = { lots = 70 }, curve = { family = "hill", ceiling = 900, half_saturation = 200, shape = 2 } },
    { name = "B", stage = "lower", outcome = "revenue", spend = { min = 90, current = 90 }, curve = { family = "hill", ceiling = 700, half_saturation = 90, shape = 3 } },
    { name = "C", stage = "lower", outcome = "revenue", spend = { current = 90 }, deal = { at_least = 60 }, curve = { family = "michaelis_menten", ceiling = 600, half_saturation = 100 } },
]
[[limits]]
name = "Upper"
metric = "spend_share"
where = { stage = "upper" }
min = 0.8
[[limits]]
name = "Revenue"
metric = "revenue"
min = 1200
"#;

/// Shares that add up to more than all.
const SHARES: &str = r#"
[[limits]]
name = "Upper"
metric = "spend_share"
where = { stage = "upper" }
min = 0.7
[[limits]]
name = "Lower"
metric = "spend_share"
where = { stage = "lower" }
min = 0.5
[[limits]]
name = "Spend"
metric = "spend"
min = 100
"#;

type Ask = Box<dyn Fn(&Effort) -> Saved>;

/// Questions of every kind, with as much effort as they are given.
fn asks() -> Vec<(&'static str, Ask)> {
    fn plan(text: impl Into<String>) -> Ask {
        let text = text.into();
        Box::new(move |effort| solved(&text, effort))
    }
    fn check(text: impl Into<String>) -> Ask {
        let text = text.into();
        Box::new(move |effort| {
            asked(&text, |_, b| outlay::check(&b.scenario(0).unwrap(), &effort.proofs(true)).unwrap())
        })
    }
    fn trace(text: impl Into<String>, to: f64) -> Ask {
        let text = text.into();
        Box::new(move |effort| {
            asked(&text, |_, batch| {
                let range = Range { over: "budget.max", from: 250.0, to, gap: Some(0.02) };
                outlay::frontier(batch, &range, None, &effort.proofs(true)).unwrap()
            })
        })
    }
    let drawn = |goal: serde_json::Value, limits: serde_json::Value| -> Ask {
        Box::new(move |effort| over_draws_to(goal.clone(), limits.clone(), effort))
    };
    let goals = "[{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";
    let cac = text("{ minimize = \"cac\" }", "{ min = 300 }", SHARE);
    let floor = json!([{"name": "Floor", "metric": "revenue", "min": 2000, "probability": 0.75}]);
    let no_floor = json!([{"name": "Floor", "metric": "revenue", "min": 4900, "probability": 0.75}]);
    vec![
        ("plan", plan(plain())),
        ("steep plan", plan(TRAP)),
        ("plan by period", plan(WEEKS)),
        ("no plan", plan(plain() + REVENUE)),
        ("no plan with deals", plan(CONTRADICTED)),
        (
            "no plan by period",
            plan(
                WEEKS.replace("shape = 2", "shape = 0.8").replace("flight = { at_least = 20 }, ", "")
                    + SHARES,
            ),
        ),
        ("goals in order", plan(text(goals, "{ max = 500 }", SHARE))),
        ("least cost", plan(cac)),
        ("rounded", Box::new(|effort| solved(TRAP, &effort.round(7.0)))),
        (
            "rounded, no plan",
            Box::new(|effort| solved(&(TRAP.replace("max = 60", "exact = 59.5")), &effort.round(7.0))),
        ),
        ("check", check(plain())),
        ("steep check", check(TRAP)),
        ("check by period", check(WEEKS)),
        ("check that contradicts", check(plain() + REVENUE)),
        ("check that contradicts, with deals", check(CONTRADICTED)),
        ("frontier", trace(plain(), 700.0)),
        ("steep frontier", trace(TRAP, 700.0)),
        (
            "frontier of a ratio",
            trace(text("{ minimize = \"cac\" }", "{ min = 240, max = 500 }", SHARE), 700.0),
        ),
        ("frontier by period", trace(WEEKS, 270.0)),
        ("judged", Box::new(judged_to)),
        ("compared", Box::new(compared_to)),
        ("worst draws", drawn(json!({"maximize": "revenue", "worst": 0.4}), json!([]))),
        ("regret", drawn(json!({"maximize": "revenue", "regret": true}), json!([]))),
        ("shortfall", drawn(json!({"maximize": "revenue", "shortfall": 3000}), json!([]))),
        ("probable", drawn(json!({"maximize": "revenue"}), floor)),
        ("improbable", drawn(json!({"maximize": "revenue"}), no_floor)),
        (
            "regret without a plan",
            drawn(json!({"maximize": "revenue", "regret": true}), super::kinds::floor(9e9)),
        ),
        (
            "frontier of certainty",
            Box::new(move |effort| {
                let saved = over_draws_to(
                    json!({"maximize": "revenue", "worst": 0.4}),
                    json!([]),
                    &Effort::default(),
                );
                let batch = outlay::read(&saved.files(), "plan.json").unwrap();
                let range = Range { over: "goal.weight", from: 0.1, to: 1.0, gap: Some(1e-3) };
                let traced = outlay::frontier(&batch, &range, None, &effort.proofs(true)).unwrap();
                saved.with("result.json", serde_json::to_string(&traced).unwrap())
            }),
        ),
    ]
}

/// What is asked whether to stop says no so often, and then yes; `STOPS=100` for
/// a study.
#[test]
fn what_is_stopped_anywhere_holds() {
    let most: usize = std::env::var("STOPS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let (tried, stopped) = (Cell::new(0), Cell::new(0));
    for (name, ask) in asks() {
        let whole = AtomicUsize::new(0);
        let count = || {
            whole.fetch_add(1, Ordering::Relaxed);
            false
        };
        ask(&Effort::default().cancel(&count));
        let whole = whole.into_inner();
        // All of the first, and as many over the rest of the way.
        let mut stops: Vec<usize> = (0..most.min(whole)).collect();
        stops.extend((1..=most).map(|k| whole * k / (most + 1)));
        stops.sort_unstable();
        stops.dedup();
        for stop in stops {
            let asked = AtomicUsize::new(0);
            let late = || asked.fetch_add(1, Ordering::Relaxed) >= stop;
            let saved = ask(&Effort::default().cancel(&late));
            let refuted = saved.refuted();
            assert!(refuted.is_empty(), "{name}, stopped at {stop} of {whole}: {refuted:?}");
            tried.set(tried.get() + 1);
            stopped.set(stopped.get() + usize::from(saved.text().contains("\"stopped\":")));
        }
    }
    assert!(tried.get() > 16 * most && stopped.get() > 4 * most, "{tried:?} {stopped:?}");
}
