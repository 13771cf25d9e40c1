//! Goals and limits over draws, from the file to the proof: against counts over
//! the draws and dense grids.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{outlay_in, write};
use crate::sure::{Random, entry, hills, number, run, same, value};

const WEEKS: f64 = 13.0;
const BUDGET: f64 = 3000.0;
const TODAY: f64 = 1300.0;
const COUNT: usize = 200;

struct Case {
    a: Vec<[f64; 3]>,
    b: Vec<[f64; 3]>,
}

impl Case {
    fn new(shape: f64) -> Self {
        let mut random = Random(7);
        let mut own = |median: [f64; 3]| {
            let all = hills(median, COUNT, &mut random);
            // Concave draws stay concave.
            all.into_iter().map(|[c, k, s]| [c, k, if shape < 1.0 { s.min(1.0) } else { s }]).collect()
        };
        Case { a: own([1000.0, 100.0, shape]), b: own([700.0, 60.0, 0.8]) }
    }

    fn revenues(&self, x: f64, y: f64) -> Vec<f64> {
        let each = self.a.iter().zip(&self.b);
        each.map(|(a, b)| WEEKS * (value(*a, x / WEEKS) + value(*b, y / WEEKS))).collect()
    }

    fn scenario(goal: Value, limits: Value) -> Value {
        let line = |name: &str| json!({"name": name, "spend": {"current": TODAY}, "revenue_per_customer": 5});
        json!({
            "outlay": 1, "curves": "c.json", "horizon": {"periods": 13, "unit": "week"}, "goal": goal,
            "budget": {"max": BUDGET}, "lines": [line("A"), line("B")], "limits": limits,
        })
    }

    fn solved(&self, folder: &Path, goal: Value, limits: Value) -> (Value, String) {
        let scenario = Case::scenario(goal, limits);
        let (result, table) = run(folder, vec![entry("A", &self.a), entry("B", &self.b)], scenario);
        (result, table.stdout.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}

/// The mean of the worst, counted.
fn worst(mut all: Vec<f64>, share: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    let whole = share * all.len() as f64;
    let full = whole.floor() as usize;
    let part = if full < all.len() { (whole - full as f64) * all[full] } else { 0.0 };
    (all[..full].iter().sum::<f64>() + part) / whole
}

fn spends(result: &Value) -> (f64, f64) {
    (number(&result["lines"][0]["spend"]), number(&result["lines"][1]["spend"]))
}

/// The most of a figure over a grid of the budget.
fn best(figure: impl Fn(f64, f64) -> f64) -> f64 {
    let each = (0..=300).flat_map(|i| (0..=300 - i).map(move |j| (i, j)));
    let spend = |k: i32| BUDGET * f64::from(k) / 300.0;
    each.map(|(i, j)| figure(spend(i), spend(j))).fold(f64::NEG_INFINITY, f64::max)
}

fn verified(folder: &Path) {
    let verified = outlay_in(folder, &["verify", "out/s.json"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn the_worst_tenth_is_counted_and_never_beaten() {
    for shape in [0.8, 1.8] {
        let case = Case::new(shape);
        let folder = tempfile::tempdir().expect("a folder");
        let goal = json!({"maximize": "revenue", "worst": 0.15});
        let (result, text) = case.solved(folder.path(), goal, json!([]));
        assert_eq!(result["status"], "optimal", "{}", result["certificate"]["gap"]);
        let (x, y) = spends(&result);
        let planned = case.revenues(x, y);
        same(&result["value"], worst(planned.clone(), 0.15));
        same(&result["uncertainty"]["goal"]["worst"], worst(planned.clone(), 0.15));
        same(&result["uncertainty"]["goal"]["mean"], mean(&planned));
        same(&result["reference"]["value"], worst(case.revenues(TODAY, TODAY), 0.15));
        let found = number(&result["value"]);
        let other = best(|x, y| worst(case.revenues(x, y), 0.15));
        assert!(other <= found * (1.0 + 1e-4), "{other} beats {found}");
        assert!(number(&result["certificate"]["bound"]) >= other);
        for words in [
            "Mean revenue of the worst 15.0% of draws",
            "maximise mean revenue of the worst",
            "if these curves are right",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        verified(folder.path());
        // Weights are what proves: others, or none, are refused.
        for change in ["goal", "at"] {
            let mut forged = result.clone();
            let weights = &mut forged["certificate"]["leaves"][0]["draws"][change];
            let first = weights.as_array_mut().expect("weights").first_mut().expect("one");
            *first = if change == "goal" { json!([0, 0.9]) } else { json!(number(first) * 1.5) };
            write(folder.path(), "out/s.json", forged.to_string());
            assert_eq!(outlay_in(folder.path(), &["verify", "out/s.json"]).code, 1, "{change}");
        }
    }
}

#[test]
fn mixes_shortfalls_and_regrets_are_counted() {
    let case = Case::new(0.8);
    let folder = tempfile::tempdir().expect("a folder");
    let none = || json!([]);
    let (result, _) =
        case.solved(folder.path(), json!({"maximize": "revenue", "worst": 0.1, "weight": 0.4}), none());
    let (x, y) = spends(&result);
    let mixed = |x: f64, y: f64| {
        let all = case.revenues(x, y);
        0.6 * mean(&all) + 0.4 * worst(all, 0.1)
    };
    assert!((number(&result["value"]) / mixed(x, y) - 1.0).abs() < 1e-8);
    assert!(best(mixed) <= number(&result["value"]) * (1.0 + 1e-4));
    verified(folder.path());

    let target = mean(&case.revenues(x, y));
    let below =
        |x: f64, y: f64| mean(&case.revenues(x, y).iter().map(|r| (target - r).max(0.0)).collect::<Vec<_>>());
    let (result, text) =
        case.solved(folder.path(), json!({"maximize": "revenue", "shortfall": target}), none());
    let (x, y) = spends(&result);
    same(&result["value"], below(x, y));
    assert!(-best(|x, y| -below(x, y)) >= number(&result["value"]) * (1.0 - 2e-4));
    assert!(number(&result["certificate"]["bound"]) <= number(&result["value"]));
    assert!(text.contains("Expected shortfall of revenue below"), "{text}");
    verified(folder.path());

    let (result, text) = case.solved(folder.path(), json!({"maximize": "revenue", "regret": true}), none());
    let (x, y) = spends(&result);
    // The best plan of each draw spends all: one number decides.
    let line =
        |d: usize, x: f64| WEEKS * (value(case.a[d], x / WEEKS) + value(case.b[d], (BUDGET - x) / WEEKS));
    let each = |d: usize| {
        let (mut low, mut high) = (0.0, BUDGET);
        for _ in 0..80 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if line(d, a) < line(d, b) { low = a } else { high = b }
        }
        line(d, 0.5 * (low + high))
    };
    let missed: Vec<f64> = case.revenues(x, y).iter().enumerate().map(|(d, r)| each(d) - r).collect();
    let found = number(&result["value"]);
    assert!((found / mean(&missed) - 1.0).abs() < 1e-3, "{found} is not {}", mean(&missed));
    assert!(found >= mean(&missed) * (1.0 - 1e-9) && text.contains("Expected regret of revenue"), "{text}");
    verified(folder.path());
}

#[test]
fn rules_on_lines_hold_over_draws() {
    let case = Case::new(1.8);
    let folder = tempfile::tempdir().expect("a folder");
    let goal = || json!({"maximize": "revenue", "worst": 0.15});
    let limits = json!([{"name": "One", "metric": "active_lines", "max": 1}]);
    let (result, _) = case.solved(folder.path(), goal(), limits);
    assert_eq!(result["status"], "optimal", "{}", result["certificate"]["gap"]);
    let (x, y) = spends(&result);
    assert!((x == 0.0) != (y == 0.0), "{x} and {y}");
    same(&result["value"], worst(case.revenues(x, y), 0.15));
    let alone = worst(case.revenues(BUDGET, 0.0), 0.15).max(worst(case.revenues(0.0, BUDGET), 0.15));
    assert!((number(&result["value"]) / alone - 1.0).abs() < 1e-4, "{} is not {alone}", result["value"]);
    verified(folder.path());
    // Another price proves another bound than the stated one.
    let mut forged = result.clone();
    forged["certificate"]["leaves"][0]["prices"]["limits.One.max"] = json!(1e9);
    write(folder.path(), "out/s.json", forged.to_string());
    assert_eq!(outlay_in(folder.path(), &["verify", "out/s.json"]).code, 1);
    // Each excludes the other: the same plan.
    let mut scenario = Case::scenario(goal(), json!([]));
    scenario["lines"][0]["excludes"] = json!(["B"]);
    let library = vec![entry("A", &case.a), entry("B", &case.b)];
    let (other, _) = run(folder.path(), library, scenario);
    assert!((number(&other["value"]) / alone - 1.0).abs() < 1e-4, "{}", other["value"]);
    verified(folder.path());
}

#[test]
fn a_limit_holds_with_the_probability_asked_for() {
    let case = Case::new(0.8);
    let folder = tempfile::tempdir().expect("a folder");
    let cap = 1.3;
    let limits = json!([{"name": "CAC", "metric": "cac", "max": cap, "probability": 0.9}]);
    let (result, text) = case.solved(folder.path(), json!({"maximize": "revenue"}), limits);
    assert_eq!(result["status"], "optimal");
    let (x, y) = spends(&result);
    let room =
        |x: f64, y: f64| worst(case.revenues(x, y).iter().map(|r| cap * r / 5.0 - x - y).collect(), 0.1);
    assert!(room(x, y) >= -1e-6 && room(x, y) < 1.0, "the limit binds: {}", room(x, y));
    let held = case.revenues(x, y).iter().filter(|r| (x + y) / (**r / 5.0) <= cap * (1.0 + 1e-9)).count();
    assert!(held >= 180);
    let sure = &result["limits"][1]["uncertainty"];
    same(&sure["probability"], held as f64 / 200.0);
    assert_eq!(sure["asked"], 0.9);
    assert!(text.contains("asked: 90.0%"), "{text}");
    let other = best(|x, y| if room(x, y) >= 0.0 { mean(&case.revenues(x, y)) } else { 0.0 });
    assert!(other <= number(&result["value"]) * (1.0 + 1e-4), "{other} beats {}", result["value"]);
    verified(folder.path());
}

#[test]
fn a_stated_spread_is_drawn_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let spread = 0.3;
    let line = |name: &str, half: f64| {
        json!({"name": name, "spend": {"current": 500}, "outcome": "revenue", "uncertainty": spread,
            "curve": {"family": "michaelis_menten", "ceiling": 3000, "half_saturation": half}})
    };
    let scenario =
        json!({"outlay": 1, "budget": {"max": 1000}, "lines": [line("A", 400.0), line("B", 500.0)]});
    write(folder.path(), "s.json", scenario.to_string());
    let solved = outlay_in(folder.path(), &["run", "s.json", "--out", "out"]);
    assert_eq!(solved.code, 0, "{}", solved.stderr);
    let text = std::fs::read_to_string(folder.path().join("out/s.json")).expect("the result");
    let result: Value = serde_json::from_str(&text).expect("JSON");
    let sure = &result["uncertainty"];
    assert_eq!((&sure["draws"], &sure["stated"]), (&json!(1000), &json!(["A", "B"])));
    let (a, b) = (number(&result["lines"][0]["revenue"]), number(&result["lines"][1]["revenue"]));
    // Log-normal: 5% lie below exp(-1.645 sigma) times the median.
    let sigma = (1.0_f64 + spread * spread).ln().sqrt();
    let low = a * (-1.6449 * sigma - 0.5 * sigma * sigma).exp();
    assert!((number(&result["lines"][0]["uncertainty"]["revenue"]["low"]) / low - 1.0).abs() < 0.01);
    // Drawn apart: the sum's variance is the sum of the variances.
    let apart = 1.6449 * spread * (a * a + b * b).sqrt();
    let half = 0.5 * (number(&sure["totals"]["revenue"]["high"]) - number(&sure["totals"]["revenue"]["low"]));
    assert!((half / apart - 1.0).abs() < 0.08, "{half} is not {apart}");
    verified(folder.path());
    let tail = outlay_in(folder.path(), &["run", "s.json", "--goal", "maximize revenue worst tenth"]);
    assert!(tail.code == 0 && tail.stdout.contains("worst 10.0% of draws"), "{}{}", tail.stdout, tail.stderr);
}

#[test]
fn what_cannot_be_weighed_over_draws_is_refused_with_a_remedy() {
    let case = Case::new(0.8);
    let folder = tempfile::tempdir().expect("a folder");
    let library = json!({"outlay": 1, "unit": "week", "curves": [entry("A", &case.a), entry("B", &case.b)]});
    write(folder.path(), "c.json", library.to_string());
    let refused = |change: &dyn Fn(&mut Value), words: &str| {
        let line = |name: &str| json!({"name": name, "spend": {"current": TODAY}, "revenue_per_customer": 5});
        let mut scenario = json!({
            "outlay": 1, "curves": "c.json", "horizon": {"periods": 13, "unit": "week"},
            "goal": {"maximize": "revenue", "worst": 0.1}, "budget": {"max": BUDGET}, "lines": [line("A"), line("B")],
        });
        change(&mut scenario);
        write(folder.path(), "s.json", scenario.to_string());
        let ran = outlay_in(folder.path(), &["run", "s.json"]);
        assert!(ran.code == 2 && ran.stderr.contains(words), "{words}: {}{}", ran.stdout, ran.stderr);
    };
    refused(&|s| s["goal"]["worst"] = json!(0), "goal.worst: 0 is not a share of the draws above 0");
    refused(&|s| s["goal"] = json!({"maximize": "revenue", "weight": 0.5}), "give `worst`");
    refused(&|s| s["goal"]["shortfall"] = json!(5), "choose one");
    refused(&|s| s["goal"] = json!({"minimize": "spend", "worst": 0.1}), "for something to maximise");
    refused(&|s| s["goal"] = json!([s["goal"], {"minimize": "moved"}]), "make the others limits");
    refused(&|s| s["goal"]["move_cost"] = json!(0.1), "move_cost");
    refused(&|s| s["limits"] = json!([{"metric": "revenue", "max": 10}]), "cap `spend` instead");
    refused(
        &|s| s["limits"] = json!([{"metric": "spend", "max": 10, "probability": 0.9}]),
        "no draw changes it",
    );
    refused(&|s| s["limits"] = json!([{"metric": "cac", "max": 10, "probability": 1}]), "below 1, like 0.9");
    refused(&|s| s["lines"][0]["uncertainty"] = json!(0.3), "the library says how sure its curve is");
    let curve = json!({"family": "michaelis_menten", "ceiling": 10, "half_saturation": 4});
    refused(
        &|s| {
            for k in 0..2 {
                s["lines"][k]["curve"] = curve.clone();
                s["lines"][k]["outcome"] = json!("revenue");
            }
        },
        "nothing is uncertain here",
    );
}

/// A probability that cannot be had: what contradicts what is named, and each is
/// needed; a limit, a budget and bounds that have nothing to do with it are not.
#[test]
fn an_impossible_probability_names_what_it_contradicts() {
    let case = Case::new(0.8);
    let folder = tempfile::tempdir().expect("a folder");
    let cac = || json!({"name": "CAC", "metric": "cac", "max": 1.3, "probability": 0.9});
    let floor = || json!({"name": "Volume", "metric": "spend", "min": 2_950, "owner": "sales"});
    let other = || json!({"name": "First", "metric": "spend", "where": {"name": "A"}, "max": 2_900});
    let goal = || json!({"maximize": "revenue"});
    let (_, text) = case.solved(folder.path(), goal(), json!([cac(), other()]));
    assert!(text.contains("asked: 90.0%"), "{text}");
    let (_, text) = case.solved(folder.path(), goal(), json!([floor(), other()]));
    assert!(text.contains("Proven optimal"), "{text}");
    // On the expected curves both hold.
    let mut likely = cac();
    likely.as_object_mut().expect("a limit").remove("probability");
    let (_, text) = case.solved(folder.path(), goal(), json!([likely, floor()]));
    assert!(text.contains("Proven optimal"), "{text}");
    let both = Case::scenario(goal(), json!([cac(), floor(), other()]));
    write(folder.path(), "s.json", both.to_string());
    let run = outlay_in(folder.path(), &["run", "s.json", "--out", "out"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let text = std::fs::read_to_string(folder.path().join("out/s.json")).expect("the result");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["status"], "infeasible");
    let members = file["conflict"].as_array().expect("members");
    let mut names: Vec<&str> = members.iter().filter_map(|m| m["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["CAC", "Volume"], "{}", file["conflict"]);
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("with a probability of 90.0%") && said.contains("(sales)"), "{said}");
    verified(folder.path());
    let lie = text.replace("\"name\":\"Volume\"", "\"name\":\"First\"");
    write(folder.path(), "out/s.json", lie);
    assert_eq!(outlay_in(folder.path(), &["verify", "out/s.json"]).code, 1);
}

/// What docs say does not go with draws is refused, with what to write instead;
/// each row of the table is tried, and what is tried is in the table.
#[test]
fn the_table_of_what_does_not_go_with_draws_is_the_programs() {
    type Change = fn(&mut Value);
    const RUN: &[&str] = &["run", "s.json"];
    let by_period = |s: &mut Value| {
        s["horizon"] = json!({"periods": 13, "unit": "week", "start": "2026-01-05", "plan": "by_period"});
    };
    let tried: Vec<(&str, Change, &[&str], &str)> = vec![
        (
            "`minimize` with",
            |s| s["goal"] = json!({"minimize": "cac", "worst": 0.1}),
            RUN,
            "give a limit with a `probability`",
        ),
        (
            "several goals",
            |s| s["goal"] = json!([s["goal"], {"minimize": "moved"}]),
            RUN,
            "make the others limits",
        ),
        ("`move_cost`", |s| s["goal"]["move_cost"] = json!(0.1), RUN, "leave one of them out"),
        (
            "by period: `requires`",
            |s| s["lines"][0]["requires"] = json!(["B"]),
            RUN,
            "`spend.min` and `spend.max`",
        ),
        (
            "by period: `requires`",
            |s| s["limits"] = json!([{"metric": "active_lines", "max": 1}]),
            RUN,
            "`spend.min` and `spend.max`",
        ),
        (
            "`requires`, `excludes`, `active_lines` beside",
            |s| {
                s["lines"][0]["requires"] = json!(["B"]);
                s["limits"] = json!([{"metric": "cac", "max": 10, "probability": 0.9}]);
            },
            RUN,
            "beside a limit with a `probability`",
        ),
        (
            "by period: `bursts`",
            |s| s["lines"][0]["flight"] = json!({"bursts": 1, "at_least": 10}),
            RUN,
            "`flight.blackout`",
        ),
        (
            "by period: `bursts`",
            |s| s["lines"][0]["flight"] = json!({"on_at_least": 2, "at_least": 10}),
            RUN,
            "plan in total",
        ),
        ("by period: `bursts`", |s| s["lines"][0]["deal"] = json!({"at_least": 200}), RUN, "plan in total"),
        (
            "caps on what",
            |s| s["limits"] = json!([{"metric": "revenue", "max": 10}]),
            RUN,
            "cap `spend` instead",
        ),
        (
            "`audiences`",
            |s| {
                let curve =
                    json!({"family": "michaelis_menten", "ceiling": 20_000, "half_saturation": 20_000});
                s["audiences"] = json!([{"name": "U", "lines": ["A", "B"], "curve": curve}]);
            },
            RUN,
            "plan for the mean",
        ),
        (
            "`regret` beside",
            |s| {
                s["goal"] = json!({"maximize": "revenue", "regret": true});
                s["limits"] = json!([{"metric": "cac", "max": 10, "probability": 0.9}]);
            },
            RUN,
            "leave one of them out",
        ),
        ("`--round`", |_| (), &["run", "s.json", "--round", "10"], "leave out --round"),
        (
            "`check` with",
            |s| s["limits"] = json!([{"metric": "cac", "max": 10, "probability": 0.9}]),
            &["check", "s.json"],
            "`outlay run` proves",
        ),
        (
            "`frontier` over",
            |_| (),
            &["frontier", "s.json", "--over", "budget.max", "--from", "100", "--to", "200"],
            "vary the field with `vary`",
        ),
    ];
    // Tried where such plans are tested.
    let elsewhere = ["by period: a plan under way", "`next`, `replan`"];
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/certainty.md");
    let docs = std::fs::read_to_string(docs).expect("docs");
    let section = docs.split("## What does not go with draws").nth(1).and_then(|s| s.split("\n## ").next());
    let rows: Vec<&str> =
        section.expect("the table").lines().filter_map(|l| l.strip_prefix("| ")).skip(1).collect();
    assert!(rows.len() >= 12, "{}", rows.len());
    for row in &rows {
        let known = tried.iter().map(|t| t.0).chain(elsewhere).any(|first| row.starts_with(first));
        assert!(known, "{row}");
        assert_eq!(row.split(" | ").count(), 3, "why, and what instead: {row}");
    }
    let case = Case::new(0.8);
    let folder = tempfile::tempdir().expect("a folder");
    let library = json!({"outlay": 1, "unit": "week", "curves": [entry("A", &case.a), entry("B", &case.b)]});
    write(folder.path(), "c.json", library.to_string());
    for (first, change, arguments, words) in tried {
        assert!(rows.iter().any(|row| row.starts_with(first)), "{first} is not in the table");
        let mut scenario = Case::scenario(json!({"maximize": "revenue", "worst": 0.1}), json!([]));
        if first.starts_with("by period") {
            by_period(&mut scenario);
        }
        write(folder.path(), "s.json", scenario.to_string());
        assert_eq!(outlay_in(folder.path(), RUN).code, 0, "{first}: it goes without");
        change(&mut scenario);
        write(folder.path(), "s.json", scenario.to_string());
        let ran = outlay_in(folder.path(), arguments);
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == 2 && said.contains(words), "{first}, {words}: {}{said}", ran.stdout);
    }
}
