//! Plans by period, from file to re-proved result.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Ran, outlay_in, write};

const QUARTER: &str = r#"
outlay = 1
currency = "USD"
horizon = { start = 2026-01-05, periods = 6, unit = "week", plan = "by_period", demand = [0.8, 1, 1, 1, 1.2, 1.2] }
budget = { max = 300 }

[[lines]]
name = "TV"
spend = { current = 150, max = 200 }
curve = { family = "exponential", ceiling = 800, scale = 150 }
outcome = "revenue"
revenue_per_customer = 10
adstock = { kind = "geometric", retention = 0.5 }
flight = { max = 60, blackout = "2026-01-19", opening = 10 }

[[lines]]
name = "Search"
spend = { current = 150 }
curve = { family = "michaelis_menten", ceiling = 900, half_saturation = 200 }
outcome = "revenue"
revenue_per_customer = 10
flight = { min = 5, smooth = 0.3 }

[[limits]]
name = "Cash"
owner = "finance"
metric = "spend"
by = "month"
max = 190
"#;

struct Saved {
    folder: tempfile::TempDir,
    result: Value,
}

fn saved() -> Saved {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", QUARTER);
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--out", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.stderr, ran.stdout);
    let text = fs::read_to_string(folder.path().join("plan.json")).expect("saved");
    Saved { folder, result: serde_json::from_str(&text).expect("JSON") }
}

impl Saved {
    fn verify(&self, edit: impl Fn(&mut Value)) -> Ran {
        let mut result = self.result.clone();
        edit(&mut result);
        write(self.folder.path(), "plan.json", result.to_string());
        outlay_in(self.folder.path(), &["verify", "plan.json"])
    }

    fn number(&self, path: &str) -> f64 {
        self.result.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {path}"))
    }
}

/// What spends earn, by the definition in docs/periods.md.
fn earned(spends: &[f64], retention: f64, opening: f64, curve: fn(f64) -> f64) -> (Vec<f64>, f64) {
    let demand = [0.8, 1.0, 1.0, 1.0, 1.2, 1.2];
    let (mut stock, mut before) = (opening, opening);
    let (mut each, mut tail) = (Vec::new(), 0.0);
    for t in 0..40 {
        let x = spends.get(t).copied().unwrap_or(0.0);
        stock = retention * stock + (1.0 - retention) * x;
        before *= retention;
        let more = curve(6.0 * stock) / 6.0 - curve(6.0 * before) / 6.0;
        match demand.get(t) {
            Some(d) => each.push(d * more),
            None => tail += more,
        }
    }
    (each, tail)
}

#[test]
fn a_plan_by_period_keeps_its_rules_and_is_proven() {
    let saved = saved();
    assert_eq!(saved.result["status"], "optimal");
    let spends = |line: usize| -> Vec<f64> {
        (0..6).map(|t| saved.number(&format!("/lines/{line}/flight/periods/{t}/spend"))).collect()
    };
    let (tv, search) = (spends(0), spends(1));
    assert_eq!(tv[2], 0.0, "blackout");
    assert!(tv.iter().all(|x| *x <= 60.0 * (1.0 + 1e-9)));
    assert!(search.iter().all(|x| *x >= 5.0 * (1.0 - 1e-9)));
    assert!(search.windows(2).all(|w| (w[1] - w[0]).abs() <= 0.3 * w[0] + 1e-6));
    let january: f64 = tv[..4].iter().chain(&search[..4]).sum();
    assert!(january <= 190.0 * (1.0 + 1e-9), "{january}");
    let all: f64 = tv.iter().chain(&search).sum();
    assert!((all - 300.0).abs() < 1e-6, "{all}");
    assert_eq!(saved.result["periods"].as_array().map(Vec::len), Some(6));
    assert_eq!(saved.result["periods"][5]["end"], "2026-02-15");
}

#[test]
fn what_is_stated_is_what_the_definition_gives() {
    let saved = saved();
    let spends: Vec<f64> =
        (0..6).map(|t| saved.number(&format!("/lines/0/flight/periods/{t}/spend"))).collect();
    let (each, tail) = earned(&spends, 0.5, 10.0, |x| 800.0 * (1.0 - (-x / 150.0).exp()));
    for (t, revenue) in each.iter().enumerate() {
        let stated = saved.number(&format!("/lines/0/flight/periods/{t}/revenue"));
        assert!((stated - revenue).abs() < 1e-9 * (1.0 + revenue.abs()), "period {t}: {stated} {revenue}");
    }
    let stated = saved.number("/lines/0/flight/tail/revenue");
    // The tail ends when less than a millionth is left.
    assert!((stated - tail).abs() < 1e-5 * tail, "tail {stated} {tail}");
    let total = saved.number("/lines/0/revenue");
    assert!((total - each.iter().sum::<f64>() - stated).abs() < 1e-9 * total);
    assert!(saved.number("/carried_in/revenue") > 0.0);
}

#[test]
fn every_edited_number_of_a_flight_is_caught() {
    let saved = saved();
    let ran = saved.verify(|_| {});
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let mut paths = Vec::new();
    let flights = ["/lines", "/periods", "/tail", "/carried_in", "/totals"];
    for part in flights {
        numbers(saved.result.pointer(part).expect("it is there"), part.to_owned(), &mut paths);
    }
    for key in
        saved.result["certificate"]["leaves"][0]["prices"].as_object().expect("prices").keys().step_by(5)
    {
        paths.push(format!("/certificate/leaves/0/prices/{key}"));
    }
    assert!(paths.len() > 60, "{}", paths.len());
    for path in paths {
        let ran = saved.verify(|r| {
            let value = r.pointer_mut(&path).expect("it is there");
            let number = value.as_f64().expect("a number");
            *value = json!(if number == 0.0 { 1.0 } else { number * 1.001 });
        });
        assert_ne!(ran.code, 0, "{path} can be edited unnoticed\n{}", ran.stdout);
    }
}

fn numbers(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Number(_) => paths.push(path),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| numbers(v, format!("{path}/{i}"), paths));
        }
        Value::Object(fields) => fields.iter().for_each(|(k, v)| numbers(v, format!("{path}/{k}"), paths)),
        _ => {}
    }
}

#[test]
fn what_cannot_be_planned_by_period_is_refused() {
    let cases = [
        ("plan = \"by_period\", demand = [0.8, 1, 1, 1, 1.2, 1.2]", "plan = \"total\"", "by_period"),
        ("start = 2026-01-05, ", "", "start"),
        ("[0.8, 1, 1, 1, 1.2, 1.2]", "[1, 1]", "number of periods, 6"),
        ("\"2026-01-19\"", "\"2026-01-20\"", "2026-01-19"),
        ("2026-01-05", "\"soon\"", "a date like"),
        ("retention = 0.5", "retention = 0.99", "0.97"),
        ("kind = \"geometric\"", "kind = \"geometrical\"", "geometric"),
        ("unit = \"week\"", "unit = \"fortnight\"", "week"),
        ("max = 60, ", "max = [60, 60], ", "number of periods, 6"),
        ("smooth = 0.3", "smooth = -1", "at least 0"),
        ("min = 5", "min = 5, max = 4", "above max"),
        ("min = 5", "bursts = 2", "flight.at_least"),
        ("metric = \"spend\"", "metric = \"active_lines\"", "single periods"),
        ("by = \"month\"", "where = { period = \"2026-07\" }", "2026-01"),
        ("budget = { max = 300 }", "", "spend.max"),
        (
            "flight = { min = 5",
            "deal = { tiers = [{ from = 100, discount = 0.1 }] }\nflight = { min = 5",
            "by_period",
        ),
    ];
    for (from, to, expected) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(QUARTER.contains(from), "{from}");
        write(folder.path(), "plan.toml", QUARTER.replacen(from, to, 1));
        let ran = outlay_in(folder.path(), &["run", "plan.toml"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{from} -> {to}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{from} -> {to}: {}", ran.stderr);
    }
}

#[test]
fn every_format_shows_flights() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "plan.toml", QUARTER);
    let table = outlay_in(folder.path(), &["run", "plan.toml"]);
    assert!(table.stdout.contains("By week") && table.stdout.contains("2026-02"), "{}", table.stdout);
    let markdown = outlay_in(folder.path(), &["run", "plan.toml", "--format", "markdown"]);
    assert!(markdown.stdout.contains("| line | 2026-01-05 |"), "{}", markdown.stdout);
    let ran = outlay_in(
        folder.path(),
        &["run", "plan.toml", "--html", "r.html", "--xlsx", "r.xlsx", "--buy", "buy"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let html = fs::read_to_string(folder.path().join("r.html")).expect("a page");
    assert!(html.contains("class=\"flights\""));
}

/// Pulsing: never a single week, at most two bursts, nothing or enough.
#[test]
fn bursts_and_runs_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = "at_least = 15, on_at_least = 2, bursts = 2, blackout";
    write(folder.path(), "plan.toml", QUARTER.replacen("blackout", rule, 1));
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--out", "."]);
    assert!(matches!(ran.code, 0 | 3), "{}{}", ran.stdout, ran.stderr);
    let text = fs::read_to_string(folder.path().join("plan.json")).expect("saved");
    let result: Value = serde_json::from_str(&text).expect("JSON");
    let periods = result["lines"][0]["flight"]["periods"].as_array().expect("periods").clone();
    let spends: Vec<f64> = periods.iter().map(|p| p["spend"].as_f64().expect("a spend")).collect();
    assert!(spends.iter().all(|x| *x == 0.0 || *x >= 15.0 * (1.0 - 1e-9)), "{spends:?}");
    assert!(spends.iter().sum::<f64>() > 0.0, "{spends:?}");
    let runs: Vec<usize> = spends.split(|x| *x == 0.0).map(<[f64]>::len).filter(|n| *n > 0).collect();
    assert!(runs.len() <= 2, "{spends:?}");
    // A run may end short only with the horizon.
    let ends_last = spends.last().is_some_and(|x| *x > 0.0);
    let inner = &runs[..runs.len() - usize::from(ends_last)];
    assert!(inner.iter().all(|n| *n >= 2), "{spends:?}");
    assert!(
        result["certificate"]["gap"].as_f64().is_some_and(|g| g < 0.02),
        "{}",
        result["certificate"]["gap"]
    );
    let verified = outlay_in(folder.path(), &["verify", "plan.json"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

#[test]
fn limits_that_contradict_over_periods_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = QUARTER.replacen("max = 190", "min = 250", 1);
    write(folder.path(), "plan.toml", text);
    let ran = outlay_in(folder.path(), &["run", "plan.toml", "--format", "json"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(result["status"], "infeasible");
    assert!(result["conflict"].as_array().is_some_and(|c| !c.is_empty()), "{result}");
}
