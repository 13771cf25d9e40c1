//! `outlay next` where spends are planned by period, and where lines meet.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::outlay_in;
use crate::next::{DRAWS, RETENTION, drawn, next, write};

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).expect("text")).expect("JSON")
}

/// The usual scenario and its library, changed.
fn changed(folder: &Path, scenario: impl Fn(&mut Value), library: impl Fn(&mut Value)) {
    write(folder);
    for (name, change) in [("spring.json", &scenario as &dyn Fn(&mut Value)), ("curves.json", &library)] {
        let mut file = read(folder, name);
        change(&mut file);
        std::fs::write(folder.join(name), file.to_string()).expect("written");
    }
}

fn by_period(scenario: &mut Value) {
    scenario["horizon"] =
        json!({ "periods": 13, "unit": "week", "start": "2026-10-05", "plan": "by_period" });
}

fn valued(folder: &Path, args: &[&str]) -> Value {
    let run = next(folder, &[&["--format", "json"], args].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// The best plan of the scenario as it stands in the folder.
fn planned(folder: &Path) -> Value {
    let run = outlay_in(folder, &["run", "spring.json", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let results: Value = serde_json::from_str(&run.stdout).expect("JSON");
    if results.is_array() { results[0].clone() } else { results }
}

/// What perfect information is worth, by planning for every draw in a run of its
/// own, against what the plan for the mean earns under it.
fn perfect(folder: &Path, earned: impl Fn(usize, &Value) -> f64) -> f64 {
    let first = planned(folder);
    let library = read(folder, "curves.json");
    let gain = |d: usize| {
        let mut known = library.clone();
        for c in 0..3 {
            let (v, k) = drawn(c, d);
            known["curves"][c]["draws"] = json!([]);
            known["curves"][c]["curve"] =
                json!({ "family": "michaelis_menten", "ceiling": v, "half_saturation": k });
        }
        std::fs::write(folder.join("curves.json"), known.to_string()).expect("written");
        earned(d, &planned(folder)) - earned(d, &first)
    };
    let sum: f64 = (0..DRAWS).map(gain).sum();
    std::fs::write(folder.join("curves.json"), library.to_string()).expect("written");
    sum / DRAWS as f64
}

fn value(c: usize, d: usize, x: f64) -> f64 {
    let (v, k) = drawn(c, d);
    v * x / (x + k)
}

/// Without carry-over and with weeks alike, a plan by period is the plan in total,
/// and so is what a test is worth.
#[test]
fn without_carry_over_a_test_is_worth_the_same_by_period() {
    let folder = tempfile::tempdir().expect("a folder");
    let forgets = |library: &mut Value| {
        for c in 0..3 {
            library["curves"][c]["adstock"]["retention"] = json!(0.0);
        }
    };
    changed(folder.path(), |_| {}, forgets);
    let whole = valued(folder.path(), &[]);
    changed(folder.path(), by_period, forgets);
    let weekly = valued(folder.path(), &[]);
    let tests = |file: &Value| file["tests"].as_array().expect("a list").clone();
    assert_eq!(tests(&weekly).len(), 18);
    for test in tests(&weekly) {
        let same = |t: &&Value| ["channel", "change", "weeks"].iter().all(|f| t[f] == test[f]);
        let all = tests(&whole);
        let other = all.iter().find(same).expect("the same test");
        for field in ["evsi", "lift", "standard_error", "cost"] {
            let (a, b) = (test[field].as_f64().expect(field), other[field].as_f64().expect(field));
            assert!((a - b).abs() <= 1e-3 * b.abs() + 1e-3, "{field}: {a} by period, {b} in total: {test}");
        }
    }
    let (a, b) = (weekly["evpi"].as_f64().expect("evpi"), whole["evpi"].as_f64().expect("evpi"));
    assert!(b > 1.0 && (a / b - 1.0).abs() < 1e-3, "{a} {b}");
}

/// With carry-over: what every draw's own best flights earn beyond the first plan's,
/// stocks and tail added up here.
#[test]
fn perfect_information_by_period_is_that_of_each_draws_own_flights() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = |scenario: &mut Value| {
        by_period(scenario);
        (0..3).for_each(|c| scenario["lines"][c]["flight"] = json!({ "opening": 100 }));
    };
    changed(folder.path(), before, |_| {});
    let earned = |d: usize, plan: &Value| {
        let mut sum = 0.0;
        for c in 0..3 {
            // Steady spend of 100 a week before: what it leaves counts in neither.
            let (mut stock, mut left) = (100.0, 100.0);
            let periods = plan["lines"][c]["flight"]["periods"].as_array().expect("a flight");
            for t in 0..13 + 30 {
                let spend = periods.get(t).map_or(0.0, |p| p["spend"].as_f64().expect("a spend"));
                stock = RETENTION * stock + (1.0 - RETENTION) * spend;
                left *= RETENTION;
                sum += value(c, d, stock) - value(c, d, left);
            }
        }
        sum
    };
    let file = valued(folder.path(), &[]);
    let expected = perfect(folder.path(), earned) / 13.0;
    let found = file["evpi"].as_f64().expect("evpi");
    assert!(expected > 1.0 && (found / expected - 1.0).abs() < 2e-3, "{found} {expected}");
    let most = file["tests"].as_array().expect("a list").iter().filter_map(|t| t["evsi"].as_f64());
    assert!(most.fold(0.0, f64::max) <= found, "{file}");
}

/// Search and social reach the same people: what both return together counts, in
/// the plans and in what a test of one shows.
#[test]
fn lines_that_meet_are_valued_together() {
    const MOST: f64 = 9_000.0;
    let folder = tempfile::tempdir().expect("a folder");
    let meet = |scenario: &mut Value| {
        scenario["audiences"] = json!([{ "name": "people", "lines": ["search", "social"],
            "curve": { "family": "exponential", "ceiling": MOST, "scale": MOST } }]);
    };
    changed(folder.path(), meet, |_| {});
    let together = |z: f64| MOST * (1.0 - (-z / MOST).exp());
    let own = |c: usize, d: usize, x: f64| 13.0 * value(c, d, x / 13.0);
    let earned = |d: usize, plan: &Value| {
        let x = |c: usize| plan["lines"][c]["spend"].as_f64().expect("a spend");
        together(own(0, d, x(0)) + own(1, d, x(1))) + own(2, d, x(2))
    };
    std::fs::write(folder.path().join("tests.csv"), "channel,change,weeks,error\nsocial,+50%,6,300\n")
        .expect("written");
    let file = valued(folder.path(), &["--tests", "tests.csv"]);
    let lift = |d: usize| {
        let both = |x: f64| together(own(0, d, 1300.0) + own(1, d, x)) / 13.0;
        (0..6).map(|t| both(1300.0 * (1.5 - 0.5 * RETENTION.powi(t + 1))) - both(1300.0)).sum::<f64>()
    };
    let mean = (0..DRAWS).map(lift).sum::<f64>() / DRAWS as f64;
    let found = file["tests"][0]["lift"].as_f64().expect("a lift");
    assert!((found / mean - 1.0).abs() < 1e-9, "{found} {mean}");
    let expected = perfect(folder.path(), earned) / 13.0;
    let found = file["evpi"].as_f64().expect("evpi");
    assert!(expected > 1.0 && (found / expected - 1.0).abs() < 2e-3, "{found} {expected}");
    let evsi = file["tests"][0]["evsi"].as_f64().expect("a worth");
    assert!(evsi > 0.0 && evsi <= found, "{file}");
}
