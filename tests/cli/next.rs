//! `outlay next`: which test to run, in money.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{Ran, outlay_in};

/// Channels whose curves are known the worse the later they come: 200 draws
/// `ceiling x / (x + half)`, weekly, with 60% of an effect carried over.
const CHANNELS: [(&str, f64, f64, f64); 3] =
    [("search", 900.0, 120.0, 0.05), ("social", 800.0, 100.0, 0.2), ("video", 700.0, 80.0, 0.6)];
pub(crate) const DRAWS: usize = 200;
pub(crate) const RETENTION: f64 = 0.6;

/// Quasi-random numbers in (0, 1) that no two channels share.
fn draw(channel: usize, parameter: usize, d: usize) -> f64 {
    const STEPS: [f64; 6] = [0.618_034, 0.414_214, 0.732_051, 0.236_068, 0.645_751, 0.316_625];
    ((d as f64 + 0.5) * STEPS[2 * channel + parameter]).fract()
}

pub(crate) fn drawn(channel: usize, d: usize) -> (f64, f64) {
    let (_, ceiling, half, spread) = CHANNELS[channel];
    let of = |mean: f64, parameter: usize| mean * (spread * 3.4 * (draw(channel, parameter, d) - 0.5)).exp();
    (of(ceiling, 0), of(half, 1))
}

pub(crate) fn write(folder: &Path) {
    let curve = |c: usize| {
        let (name, ceiling, half, _) = CHANNELS[c];
        let family = "michaelis_menten";
        let draws: Vec<Value> = (0..DRAWS)
            .map(|d| drawn(c, d))
            .map(|(v, k)| json!({ "family": family, "ceiling": v, "half_saturation": k }))
            .collect();
        json!({
            "name": name,
            "outcome": "revenue",
            "curve": { "family": family, "ceiling": ceiling, "half_saturation": half },
            "adstock": { "kind": "geometric", "retention": RETENTION },
            "draws": draws,
        })
    };
    let curves: Vec<Value> = (0..3).map(curve).collect();
    let library = json!({ "outlay": 1, "currency": "USD", "unit": "week", "curves": curves });
    let lines: Vec<Value> = CHANNELS
        .iter()
        .map(|(name, ..)| json!({ "name": name, "margin": 0.5, "spend": { "current": 1300, "min": 650, "max": 2600 } }))
        .collect();
    let scenario = json!({
        "outlay": 1, "name": "spring", "currency": "USD", "curves": "curves.json",
        "horizon": { "periods": 13, "unit": "week" }, "budget": { "max": 3900 },
        "baseline": { "revenue": 50_000 }, "lines": lines,
    });
    std::fs::write(folder.join("curves.json"), library.to_string()).expect("written");
    std::fs::write(folder.join("spring.json"), scenario.to_string()).expect("written");
}

pub(crate) fn next(folder: &Path, args: &[&str]) -> Ran {
    outlay_in(folder, &[&["next", "spring.json"], args].concat())
}

#[test]
fn the_next_test_is_valued_in_money() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let tests = "channel,change,weeks,error,cost,periods,share\nvideo,+50%,6,300,40,26,20%\nsocial,-100%,4,\"1,000\",,,\nsearch,0.5,6,300,,,\n";
    std::fs::write(folder.path().join("tests.csv"), tests).expect("written");
    let run = next(folder.path(), &["--tests", "tests.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let tests = file["tests"].as_array().expect("a list");
    assert_eq!(tests.len(), 3);
    let found = |name: &str| tests.iter().find(|t| t["channel"] == name).expect("a test");
    let number = |test: &Value, field: &str| test[field].as_f64().expect(field);
    let net: Vec<f64> = tests.iter().map(|t| number(t, "net")).collect();
    assert!(net.windows(2).all(|n| n[0] >= n[1]), "{net:?}");
    // The least certain channel first; the one that is nearly known is worth nothing.
    assert_eq!((tests[0]["channel"].as_str(), tests[0]["rank"].as_u64()), (Some("video"), Some(1)));
    assert!(number(found("search"), "evsi") < 0.02 * number(found("video"), "evsi"), "{file}");
    assert_eq!(found("search")["verdict"], "not_worth_it");
    // What the fit would expect the test to show: spend of 100 a week raised by
    // half, the change built up by the carry-over.
    let video = found("video");
    let lift = |d: usize| {
        let (v, k) = drawn(2, d);
        let f = |x: f64| v * x / (x + k);
        (0..6).map(|t| f(100.0 * (1.5 - 0.5 * RETENTION.powi(t + 1))) - f(100.0)).sum::<f64>()
    };
    let lifts: Vec<f64> = (0..DRAWS).map(lift).collect();
    let mean = lifts.iter().sum::<f64>() / DRAWS as f64;
    assert!((number(video, "lift") / mean - 1.0).abs() < 1e-9, "{video} {mean}");
    // Money: 20% of 50 more a week for 6 weeks, less half of the outcome.
    assert!((number(video, "spend") - 60.0).abs() < 1e-9, "{video}");
    assert!((number(video, "outcome") - 0.2 * 0.5 * mean).abs() < 1e-9, "{video}");
    let cost = 40.0 + (60.0 - 0.1 * mean).max(0.0);
    assert!((number(video, "cost") - cost).abs() < 1e-9, "{video}");
    let net = 0.5 * number(video, "evsi") * 26.0 - cost;
    assert!((number(video, "net") - net).abs() < 1e-9, "{video}");
    let evpi = file["evpi"].as_f64().expect("evpi");
    assert!(tests.iter().all(|t| number(t, "evsi") <= evpi && number(t, "evsi") >= 0.0), "{file}");
    assert_eq!((number(&file, "money"), file["margin_assumed"].as_bool()), (0.5, Some(false)));
    // The bytes do not depend on the number of threads.
    for jobs in ["1", "3"] {
        let again = next(folder.path(), &["--tests", "tests.csv", "--format", "json", "--jobs", jobs]);
        assert!(again.stdout == run.stdout, "{jobs} at once: other bytes");
    }
}

/// Page and workbook hold every test, with the figures of the JSON, and neither is
/// written over what is read.
#[test]
fn every_test_is_on_a_page_and_in_a_workbook() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let path = folder.path().join("spring.json");
    let mut scenario: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("the scenario")).expect("JSON");
    scenario["goal"] = json!([{ "maximize": "revenue" }, { "maximize": "profit", "within": 0.01 }]);
    std::fs::write(&path, scenario.to_string()).expect("written");
    let run = next(folder.path(), &["--html", "next.html", "--xlsx", "next.xlsx", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(file["later_goals"], 1);
    let page = std::fs::read_to_string(folder.path().join("next.html")).expect("a page");
    let nets: Vec<f64> =
        page.split("data-net=\"").skip(1).filter_map(|s| s.split('"').next()?.parse().ok()).collect();
    let expected: Vec<f64> =
        file["tests"].as_array().expect("a list").iter().filter_map(|t| t["net"].as_f64()).collect();
    assert_eq!((nets.len(), nets), (18, expected));
    for said in ["later goals choose among plans", "outlay design PANEL", "dark, 8 weeks", "EVPI"] {
        assert!(page.contains(said), "{said}");
    }
    let sheet = std::fs::read(folder.path().join("next.xlsx")).expect("a workbook");
    assert!(sheet.starts_with(b"PK"));
    let before = std::fs::read(folder.path().join("spring.json")).expect("the scenario");
    let over = next(folder.path(), &["--html", "spring.json"]);
    assert!(over.code == 2 && over.stderr.contains("would be overwritten"), "{}", over.stderr);
    assert!(before == std::fs::read(folder.path().join("spring.json")).expect("the scenario"));
}

#[test]
fn one_screen_says_what_to_test_and_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let run = next(folder.path(), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = &run.stdout;
    assert!(text.starts_with("Test video (") && text.contains("EVPI") && text.contains("EVSI"), "{text}");
    assert!(text.contains("outlay design PANEL --weeks ") && text.lines().count() <= 30, "{text}");
    let csv = next(folder.path(), &["--format", "csv"]).stdout;
    assert_eq!(csv.lines().count(), 1 + 3 * 6, "{csv}");
    // A panel of one's own: twelve markets that earn about 4,000 a week.
    let mut panel = String::from("week,region,sales\n");
    let first: jiff::civil::Date = "2026-01-05".parse().expect("a date");
    for t in 0..52i32 {
        let date = first.checked_add(jiff::Span::new().weeks(t)).expect("a date");
        for m in 0..12i32 {
            let own = f64::from((t * 7 + m * 13 + t * t * m) % 11 - 5);
            writeln!(panel, "{date},r{m},{}", 340.0 + 2.0 * own).expect("written");
        }
    }
    std::fs::write(folder.path().join("panel.csv"), panel).expect("written");
    let run = next(folder.path(), &["--panel", "panel.csv"]);
    assert!(run.stdout.contains("outlay design panel.csv --weeks "), "{}{}", run.stdout, run.stderr);
    let json = next(folder.path(), &["--panel", "panel.csv", "--format", "json"]).stdout;
    let file: Value = serde_json::from_str(&json).expect("JSON");
    let errors: Vec<f64> = file["tests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|t| {
            assert_eq!(t["measured"], "panel");
            t["standard_error"].as_f64().expect("a number")
        })
        .collect();
    assert!(errors.iter().all(|e| *e > 10.0 && *e < 2000.0), "{errors:?}");
}

#[test]
fn what_cannot_be_valued_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let fails = |args: &[&str], said: &str| {
        let run = next(folder.path(), args);
        assert_eq!(run.code, 2, "{said}: {}", run.stdout);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{said}: {}", run.stderr);
    };
    fails(&["--goal", "minimize spend"], "maximize revenue");
    fails(&["--set", "budget.max=100"], "no plan keeps all limits");
    for (row, said) in [
        ("vidio,+50%,6,300", "row 2, column `channel`: no line `vidio`; did you mean `video`?"),
        ("video,-150%,6,300", "row 2, column `change`: `-150%` is not a change"),
        ("video,50%,0,300", "column `weeks`"),
        ("video,50%,6.5,300", "column `weeks`"),
        ("video,50%,6,0", "no measurement is exact"),
        ("video,50%,6,-3", "negative"),
        ("video,50%,6,5%", "`5%` is not a number"),
    ] {
        std::fs::write(folder.path().join("tests.csv"), format!("channel,change,weeks,error\n{row}\n"))
            .expect("written");
        fails(&["--tests", "tests.csv"], said);
    }
    std::fs::write(folder.path().join("tests.csv"), "channel,weeks\nvideo,6\n").expect("written");
    fails(&["--tests", "tests.csv"], "no column `change`");
    fails(&["--tests", "nothing.csv"], "nothing.csv");
    fails(&["--panel", "spring.json"], "spring.json");
    // Certain curves: nothing to learn.
    let path = folder.path().join("curves.json");
    let mut library: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("text")).expect("JSON");
    for curve in library["curves"].as_array_mut().expect("a list") {
        curve["draws"] = json!([]);
    }
    std::fs::write(&path, library.to_string()).expect("written");
    fails(&[], "no curve comes with draws");
}

#[test]
fn rows_of_the_file_that_are_no_tests_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path());
    let tests = "channel,change,weeks,error,cost\nvideo,+50%,6,300,40\nTotal,,,,40\nsocial,-100%,4,1000,\n";
    std::fs::write(folder.path().join("tests.csv"), tests).expect("written");
    let run = next(folder.path(), &["--tests", "tests.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(file["tests"].as_array().map(Vec::len), Some(2));
    assert_eq!(file["rows_left_out"], json!([{ "row": 3, "text": "Total | 40", "why": "total" }]));
    let table = next(folder.path(), &["--tests", "tests.csv", "--width", "200"]).stdout;
    assert!(table.contains("Note: of the file of tests, not data, a total: row 3 `Total | 40`."), "{table}");
}
