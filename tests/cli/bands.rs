//! Intervals where plans are judged, traced, compared and changed.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::{outlay_in, write};
use crate::sure::{Random, entry, hills, middle, number, run, same, value};

const WEEKS: f64 = 13.0;
const DRAWS: usize = 200;

/// Two lines with draws, and the revenue of spends under every draw.
struct Case {
    folder: tempfile::TempDir,
    draws: [Vec<[f64; 3]>; 2],
}

impl Case {
    fn new(budget: f64) -> (Case, Value) {
        let mut random = Random(31);
        let [a, b] = [[1000.0, 100.0, 0.9], [800.0, 60.0, 1.0]].map(|at| hills(at, DRAWS, &mut random));
        let line = |name: &str| json!({"name": name, "spend": {"current": 1300}});
        let scenario = json!({
            "outlay": 1, "curves": "c.json", "horizon": {"periods": 13, "unit": "week"},
            "budget": {"max": budget}, "lines": [line("A"), line("B")],
        });
        let folder = tempfile::tempdir().expect("a folder");
        let (result, _) = run(folder.path(), vec![entry("A", &a), entry("B", &b)], scenario);
        (Case { folder, draws: [a, b] }, result)
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    fn line(&self, i: usize, spend: f64) -> Vec<f64> {
        self.draws[i].iter().map(|&d| WEEKS * value(d, spend / WEEKS)).collect()
    }

    fn revenue(&self, spends: [f64; 2]) -> Vec<f64> {
        self.line(0, spends[0]).iter().zip(self.line(1, spends[1])).map(|(a, b)| a + b).collect()
    }
}

fn spends(lines: &Value) -> [f64; 2] {
    [0, 1].map(|i| number(&lines[i]["spend"]))
}

fn less(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Share of figures above 0.
fn above(all: &[f64]) -> f64 {
    all.iter().filter(|v| **v > 0.0).count() as f64 / all.len() as f64
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}

fn interval(found: &Value, all: Vec<f64>) {
    let (low, high) = middle(all);
    same(&found["low"], low);
    same(&found["high"], high);
}

/// A plan made by hand: what each line earns, how sure that is, and what better
/// plans for as much and for no more money would earn.
#[test]
fn a_judged_plan_has_its_intervals() {
    let (case, best) = Case::new(3000.0);
    let own = [500.0, 2000.0];
    write(case.at(), "plan.csv", "line,spend\nA,500\nB,2000\n");
    let ran = outlay_in(case.at(), &["check", "s.json", "--plan", "plan.csv", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    for (i, &spend) in own.iter().enumerate() {
        let (line, each) = (&file["lines"][i], case.line(i, spend));
        let near = |found: &Value, exact: f64| {
            assert!((number(found) / exact - 1.0).abs() < 1e-6, "{found} is not {exact}");
        };
        near(&line["revenue"], mean(&each));
        near(&line["iroas"], mean(&each) / spend);
        let next = mean(&case.line(i, spend * 1.0001)) - mean(&each);
        assert!((number(&line["mroas"]) / (next / (0.0001 * spend)) - 1.0).abs() < 1e-3, "{line}");
        interval(&line["uncertainty"]["revenue"], each);
    }
    let revenue = case.revenue(own);
    interval(&file["uncertainty"]["totals"]["revenue"], revenue.clone());
    let lead = |left: &Value, best: [f64; 2]| {
        let ahead = less(&case.revenue(best), &revenue);
        interval(&left["uncertainty"], ahead.clone());
        same(&left["uncertainty"]["probability_better"], above(&ahead));
    };
    assert_eq!(spends(&file["best"]["lines"]), spends(&best["lines"]));
    lead(&file["left_on_table"], spends(&file["best"]["lines"]));
    // For no more than 2,500, against a grid.
    let same_spend = spends(&file["best_at_same_spend"]["lines"]);
    assert!(same_spend.iter().sum::<f64>() <= 2500.0 * (1.0 + 1e-9), "{same_spend:?}");
    let grid = (0..=1000).map(|k| mean(&case.revenue([2.5 * f64::from(k), 2500.0 - 2.5 * f64::from(k)])));
    let most = grid.fold(0.0, f64::max);
    assert!(mean(&case.revenue(same_spend)) >= most * (1.0 - 1e-9), "{same_spend:?}");
    lead(&file["left_at_same_spend"], same_spend);
    let saved = outlay_in(case.at(), &["check", "s.json", "--plan", "plan.csv", "--out", "judged.json"]);
    for words in
        ["90.0%: from", "For no more money than the plan spends", "Over the draws that one is better by"]
    {
        let text = saved.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{words}: {text}");
    }
    let verified = outlay_in(case.at(), &["verify", "judged.json"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

/// Every point of a frontier, and every column of a comparison.
#[test]
fn frontiers_and_comparisons_have_bands() {
    let (case, result) = Case::new(3000.0);
    let over = ["frontier", "s.json", "--over", "budget.max", "--from", "2000", "--to", "4000"];
    let ran = outlay_in(case.at(), &[&over[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let points = file["points"].as_array().expect("points");
    assert!(points.len() > 3);
    for point in points {
        let spends = [0, 1].map(|i| number(&point["spends"][i]));
        interval(&point["range"], case.revenue(spends));
    }
    let table = outlay_in(case.at(), &over);
    assert!(table.stdout.contains("90.0%: from"), "{}", table.stdout);
    let csv = outlay_in(case.at(), &[&over[..], &["--format", "csv"]].concat());
    assert!(csv.stdout.lines().next().is_some_and(|head| head.ends_with(",low,high")), "{}", csv.stdout);

    let more = ["run", "s.json", "--set", "budget.max=4000", "--out", "more"];
    assert_eq!(outlay_in(case.at(), &more).code, 0);
    let compare = ["compare", "out/s.json", "more/s.json"];
    let ran = outlay_in(case.at(), &[&compare[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(file["columns"][1]["uncertainty"], result["uncertainty"]);
    interval(
        &file["columns"][2]["uncertainty"]["totals"]["revenue"],
        case.revenue([0, 1].map(|i| number(&file["lines"][i]["spends"][2]))),
    );
    let table = outlay_in(case.at(), &compare);
    assert!(table.stdout.contains("90.0%: from"), "{}", table.stdout);
}

/// A change is proposed only where it gains with the probability asked for.
#[test]
fn a_plan_is_changed_where_the_gain_is_likely() {
    let (mut case, result) = Case::new(3000.0);
    let planned = spends(&result["lines"]);
    // Fitted again, A returns less and B more than was believed.
    let mut random = Random(77);
    case.draws = [[700.0, 90.0, 0.9], [1000.0, 80.0, 1.0]].map(|at| hills(at, DRAWS, &mut random));
    let curves = [entry("A", &case.draws[0]), entry("B", &case.draws[1])];
    write(case.at(), "new.json", json!({"outlay": 1, "unit": "week", "curves": curves}).to_string());
    let mut actuals = "line,period,actual_spend\n".to_owned();
    for week in 1..=6 {
        for (name, spend) in ["A", "B"].iter().zip(planned) {
            actuals.push_str(&format!("{name},{week},{}\n", spend / WEEKS));
        }
    }
    write(case.at(), "actuals.csv", actuals);
    let replan = |more: &[&str]| {
        let usual = [
            "replan",
            "out/s.json",
            "actuals.csv",
            "--curves",
            "new.json",
            "--friction",
            "0",
            "--least-gain",
            "0.0001",
        ];
        outlay_in(case.at(), &[&usual[..], more].concat())
    };
    let ran = replan(&["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let file = file.get("replan").unwrap_or(&file);
    assert_eq!(file["verdict"], "change");
    // What is left of a line earns 7/13 of its curve at the pace of the rest.
    let left = 7.0 / WEEKS;
    let rest = |what: &str| -> Vec<f64> {
        let line = |i: usize| case.line(i, number(&file["lines"][i][what]) / left);
        line(0).iter().zip(line(1)).map(|(a, b)| left * (a + b)).collect()
    };
    let gains = less(&rest("rest"), &rest("running"));
    let probability = number(&file["gain"]["probability"]);
    assert!((probability - above(&gains)).abs() < 1e-9, "{probability} {}", above(&gains));
    assert!(probability > 0.5 && probability < 1.0, "in doubt: {probability}");
    assert!((number(&file["gain"]["net"]) / mean(&gains) - 1.0).abs() < 1e-5);
    let asked = |share: f64| replan(&["--probability", &share.to_string()]);
    let (likely, sure) = (asked(probability - 0.01), asked(probability + 0.01));
    assert!(likely.stdout.contains("Change the plan"), "{}", likely.stdout);
    let text = sure.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Keep the plan") && text.contains("is asked for"), "{text}");
}
