//! What-ifs that are answered by more than one plan.

use std::fs;

use serde_json::Value;

use crate::common::{SMALL, outlay, outlay_in, small, write};

const V: [f64; 3] = [1000.0, 600.0, 300.0];
const K: [f64; 3] = [400.0, 100.0, 50.0];

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number instead of {value}"))
}

/// What the three lines of the small scenario earn at most with all of a
/// budget, where all of them are on.
fn best(budget: f64) -> f64 {
    let root: f64 = V.iter().zip(K).map(|(v, k)| (v * k).sqrt()).sum();
    V.iter().sum::<f64>() - root * root / (budget + K.iter().sum::<f64>())
}

#[test]
fn a_frontier_follows_the_closed_form() {
    let here = tempfile::tempdir().expect("a folder");
    let path = write(here.path(), "small.toml", SMALL);
    let over = ["--over", "budget.max", "--from", "300", "--to", "1_500"];
    let run = |more: &[&str]| outlay(&[&["frontier", &path], &over[..], more].concat());
    let ran = run(&["--format", "json", "--until", "marginal>=0.5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = json(&ran.stdout);
    assert_eq!((&file["certified"], &file["complete"]), (&Value::Bool(true), &Value::Bool(true)));
    assert!(number(&file["gap"]) <= 1e-5);
    for point in file["points"].as_array().expect("points") {
        let (at, value) = (number(&point["at"]), number(&point["value"]));
        assert!((value - best(at)).abs() < 1e-7 * value, "{value} at {at}");
    }
    // V'(b) = root^2 / (b + sum k)^2 = 0.5.
    let root: f64 = V.iter().zip(K).map(|(v, k)| (v * k).sqrt()).sum();
    let expected = root / 0.5_f64.sqrt() - K.iter().sum::<f64>();
    let reached = number(&file["until"]["at"]);
    assert!((reached - expected).abs() < 1e-4 * expected, "{reached} instead of {expected}");

    let csv = run(&["--format", "csv"]).stdout;
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[0].split(',').count(), 14);
    assert_eq!(
        rows.len() - 1,
        json(&run(&["--format", "json"]).stdout)["points"].as_array().expect("all").len()
    );
    let table = run(&[]).stdout;
    assert!(table.contains("budget.max") && table.contains("proven"), "{table}");
    assert!(table.lines().all(|l| l.chars().count() <= 80), "{table}");
}

#[test]
fn a_frontier_over_any_field_or_over_none() {
    let here = tempfile::tempdir().expect("a folder");
    let path =
        write(here.path(), "small.toml", small(|s| s.replace("current = 250", "current = 250, max = 300")));
    let run = |over: &str, from: &str, to: &str, more: &[&str]| {
        outlay(&[&["frontier", &path, "--over", over, "--from", from, "--to", to], more].concat())
    };
    let bound = run("lines.A.spend.max", "10", "400", &["--format", "json"]);
    let file = json(&bound.stdout);
    assert_eq!(file["certified"], Value::Bool(true), "a bound of a line is a limit like any other");
    let shifts = file["breakpoints"][0]["shifts"].as_array().expect("a change");
    assert_eq!((&shifts[0]["name"], &shifts[0]["to"]), (&Value::from("A"), &Value::from("price")));
    // Without its bound A spends 264.158676 of the 500.
    assert!((number(&file["breakpoints"][0]["at"]) - 264.158_676).abs() < 1e-3, "{}", file["breakpoints"]);
    let curve = json(&run("lines.A.curve.ceiling", "500", "1500", &["--format", "json"]).stdout);
    assert_eq!(curve["certified"], Value::Bool(false));
    let again =
        json(&outlay(&["run", &path, "--set", "lines.A.curve.ceiling=777", "--format", "json"]).stdout);
    let points = curve["points"].as_array().expect("points");
    let next = points.iter().position(|p| number(&p["at"]) >= 777.0).expect("inside");
    let (a, b) = (&points[next - 1], &points[next]);
    let share = (777.0 - number(&a["at"])) / (number(&b["at"]) - number(&a["at"]));
    let line = number(&a["value"]) + share * (number(&b["value"]) - number(&a["value"]));
    assert!((line / number(&again["value"]) - 1.0).abs() < 2e-5);

    for (over, from, to, more, expected) in [
        ("budge.max", "1", "2", vec![], "did you mean `budget`?"),
        ("budget.max", "5", "5", vec![], "the same number"),
        ("budget.max", "-5", "5", vec![], "at least 0"),
        ("budget.max", "1", "x", vec![], "a finite number"),
        ("budget.max", "1", "2", vec!["--until", "clicks>=5"], "unknown figure `clicks`"),
        ("lines.A.curve.ceiling", "500", "900", vec!["--until", "marginal>=1"], "is not known"),
    ] {
        let ran = run(over, from, to, &more);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{over} {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{over}: {}", ran.stderr);
    }
}

#[test]
fn a_comparison_adds_up() {
    let here = tempfile::tempdir().expect("a folder");
    write(here.path(), "base.toml", format!("name = \"base\"\n{SMALL}"));
    let change = "extends = \"base.toml\"\nname = \"other\"\noutlay = 1\nbudget = { max = 600 }\n\
        [[lines]]\nname = \"A\"\ncurve = { family = \"michaelis_menten\", ceiling = 900, half_saturation = 400 }\n\
        [[lines]]\nname = \"B\"\nspend = { max = 120 }\n\
        [[limits]]\nname = \"Lower\"\nmetric = \"spend\"\nwhere = { stage = \"lower\" }\nmin = 150\n";
    write(here.path(), "other.toml", change);
    assert_eq!(outlay_in(here.path(), &["run", "base.toml", "other.toml", "--out", "out"]).code, 0);
    let run = |more: &[&str]| {
        outlay_in(here.path(), &[&["compare", "out/base.json", "out/other.json"], more].concat())
    };
    let ran = run(&["--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = json(&ran.stdout);
    assert_eq!(file["columns"][0]["scenario"], "today");
    let difference = &file["differences"][0];
    let parts = difference["parts"].as_array().expect("parts");
    let kinds: Vec<&str> = parts.iter().filter_map(|p| p["kind"].as_str()).collect();
    assert_eq!(kinds, ["budget", "limit", "curve", "bounds"]);
    let sum: f64 = parts.iter().map(|p| number(&p["adds"])).sum();
    let whole = number(&difference["difference"]);
    assert!((sum - whole).abs() <= 1e-14 * whole.abs(), "{sum} {whole}");
    assert!(
        number(&parts[0]["adds"]) > 0.0 && parts[1..].iter().all(|p| number(&p["adds"]) < 0.0),
        "{parts:?}"
    );
    let value = |k: usize| number(&file["columns"][k]["value"]);
    assert!((value(2) - value(1) - sum).abs() < 1e-9);
    for line in file["lines"].as_array().expect("lines") {
        assert_eq!(line["spends"].as_array().expect("spends").len(), 3);
    }

    let table = run(&[]).stdout;
    for text in ["today", "Spend by line", "B against A", "the curve of \"A\"", "Total", "Moves"] {
        assert!(table.contains(text), "{text}: {table}");
    }
    assert!(table.lines().all(|l| l.chars().count() <= 80), "{table}");
    let csv = run(&["--format", "csv"]).stdout;
    assert!(csv.starts_with("kind,name,today,base,other\n"), "{csv}");
    assert!(csv.contains("adds,the budget,,,"), "{csv}");

    // One changed input explains everything, exactly.
    let only = outlay_in(here.path(), &["run", "base.toml", "--set", "budget.max=700", "--out", "more"]);
    assert_eq!(only.code, 0, "{}", only.stderr);
    let ran = outlay_in(here.path(), &["compare", "out/base.json", "more/base.json", "--format", "json"]);
    let file = json(&ran.stdout);
    let part = &file["differences"][0]["parts"][0];
    assert_eq!((number(&part["from"]), number(&part["to"])), (500.0, 700.0));
    assert!((number(&part["adds"]) - (best(700.0) - best(500.0))).abs() < 1e-4);
    assert_eq!(part["adds"], file["differences"][0]["difference"]);

    // A limit with room to spare changes nothing, and the last digits say nothing else.
    let idle = "extends = \"base.toml\"\nname = \"idle\"\noutlay = 1\n\
        [[limits]]\nname = \"Idle\"\nmetric = \"spend\"\nmax = 100_000\n";
    write(here.path(), "idle.toml", idle);
    assert_eq!(outlay_in(here.path(), &["run", "idle.toml", "--out", "out"]).code, 0);
    let idle = |more: &[&str]| {
        outlay_in(here.path(), &[&["compare", "out/base.json", "out/idle.json"], more].concat()).stdout
    };
    let table = idle(&[]);
    assert!(table.contains("B against A: revenue the same within the proven gap: what has"), "{table}");
    assert!(table.contains("limit \"Idle\": none → 100K  within the gap"), "{table}");
    let found = json(&idle(&["--format", "json"]))["differences"][0].clone();
    assert!(number(&found["difference"]).abs() <= number(&found["within"]), "{found}");

    fs::write(here.path().join("base.toml"), format!("name = \"base\"\n{SMALL}\n# changed\n"))
        .expect("written");
    let ran = run(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("base.toml has changed since"), "{}", ran.stderr);
}

#[test]
fn spends_are_multiples_of_a_unit_or_there_is_none() {
    let here = tempfile::tempdir().expect("a folder");
    let path = write(here.path(), "small.toml", SMALL);
    let out = here.path().join("out");
    let ran =
        outlay(&["run", &path, "--round", "25", "--format", "json", "--out", out.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = json(&ran.stdout);
    let spends: Vec<f64> =
        file["lines"].as_array().expect("a plan").iter().map(|l| number(&l["spend"])).collect();
    assert!(spends.iter().all(|x| x % 25.0 == 0.0), "{spends:?}");
    assert!(spends.iter().sum::<f64>() <= 500.0);
    // Every other plan in multiples of 25, one by one.
    let earns = |x: &[f64]| x.iter().zip(V.iter().zip(K)).map(|(x, (v, k))| v * x / (k + x)).sum::<f64>();
    let mut most: f64 = 0.0;
    for a in 0..=20 {
        for b in 0..=20 - a {
            let c = 20 - a - b;
            most = most.max(earns(&[a, b, c].map(|n| 25.0 * f64::from(n))));
        }
    }
    let value = number(&file["value"]);
    assert!((value - most).abs() <= 1e-4 * most, "{value} of {most}");
    let costs = number(&file["rounding"]["costs"]);
    assert!((costs - (best(500.0) - value)).abs() < 1e-3 && costs >= 0.0, "{costs}");
    let saved = out.join("small.json");
    assert_eq!(outlay(&["verify", saved.to_str().expect("UTF-8")]).code, 0);
    let table = outlay(&["run", &path, "--round", "25"]).stdout;
    assert!(table.contains("In multiples of 25"), "{table}");

    let exact = write(here.path(), "exact.toml", small(|s| s.replace("max = 500", "exact = 500")));
    let ran = outlay(&["run", &exact, "--round", "300"]);
    assert_eq!(ran.code, 1, "{} {}", ran.stdout, ran.stderr);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the nearest unit found that has one is 250"), "{text}");
    let ran = outlay(&["run", &path, "--round", "0"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn goals_are_reached_backwards() {
    let here = tempfile::tempdir().expect("a folder");
    let path = write(here.path(), "small.toml", SMALL);
    let out = here.path().join("out");
    let out = out.to_str().expect("UTF-8");
    // The smallest budget that earns what 400 earns at most.
    let floor = format!("revenue >= {}", best(400.0));
    let ask = ["run", &path, "--goal", "minimize spend", "--limit", &floor, "--limit", "cac<=5"];
    let ran = outlay(&[&ask[..], &["--format", "json", "--out", out]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!((number(&json(&ran.stdout)["value"]) - 400.0).abs() < 1e-3, "{}", ran.stdout);
    let verified = outlay(&["verify", &format!("{out}/small.json")]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    // The largest budget whose every last unit still earns 1.2.
    let ran = outlay(&["run", &path, "--set", "budget=null", "--limit", "mroas>=1.2", "--format", "json"]);
    let spent: f64 = V.iter().zip(K).map(|(v, k)| (v * k / 1.2).sqrt() - k).sum();
    assert!((number(&json(&ran.stdout)["totals"]["spend"]) - spent).abs() < 1e-6 * spent, "{}", ran.stdout);
    // Out of reach: which rules forbid it is said.
    let ran = outlay(&["run", &path, "--goal", "minimize spend", "--limit", "revenue>=1_000_000"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for (flag, value, expected) in [
        ("--goal", "spend less", "maximize"),
        ("--goal", "maximize clicks", "clicks"),
        ("--limit", "clicks>=5", "clicks"),
        ("--limit", "cac 60", "<="),
        ("--set", "budgt.max=5", "did you mean `budget`?"),
        ("--set", "budget.max", "a path"),
    ] {
        let ran = outlay(&["run", &path, flag, value]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{flag} {value}");
        assert!(ran.stderr.contains(expected), "{flag} {value}: {}", ran.stderr);
    }
}
