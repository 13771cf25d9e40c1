//! `outlay lift` and `outlay design` from the command line.

use std::fmt::Write;

use serde_json::Value;

use crate::common::outlay_in;

/// Twelve markets, 40 weeks and 4 of test; the first four earn 30 more a week in
/// the test. What is left is a season and small steps that markets share.
pub(crate) fn panel(marks: bool) -> String {
    let mut text =
        String::from(if marks { "week,region,sales,spend,treated\n" } else { "week,region,sales,spend\n" });
    let first: jiff::civil::Date = "2026-01-05".parse().expect("a date");
    for t in 0..44i32 {
        let date = first.checked_add(jiff::Span::new().weeks(t)).expect("a date");
        for m in 0..12i32 {
            let size = 400.0 + 50.0 * f64::from(m);
            let season = 1.0 + 0.1 * (f64::from(t) / 7.0).sin();
            let own = f64::from((t * 7 + m * 13 + t * t * m) % 11 - 5);
            let tested = m < 4 && t >= 40;
            let sales = size * season + own + if tested { 30.0 } else { 0.0 };
            let spend = 100.0 + if tested { 20.0 } else { 0.0 };
            let mark = if marks { format!(",{}", u8::from(m < 4)) } else { String::new() };
            writeln!(text, "{date},r{m},{sales:.3},{spend}{mark}").expect("written");
        }
    }
    text
}

pub(crate) const TEST: [&str; 4] = ["--start", "2026-10-12", "--end", "2026-11-02"];

#[test]
fn a_test_is_read_and_its_row_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("panel.csv"), panel(true)).expect("written");
    std::fs::write(folder.path().join("plain.csv"), panel(false)).expect("written");
    let read = |args: &[&str]| outlay_in(folder.path(), &[args, &TEST[..]].concat());
    let marked = read(&["lift", "panel.csv", "--format", "json", "--channel", "tv"]);
    assert_eq!(marked.code, 0, "{}", marked.stderr);
    let file: Value = serde_json::from_str(&marked.stdout).expect("JSON");
    let number = |path: &str| file.pointer(path).and_then(Value::as_f64).expect(path);
    // 4 markets, 4 weeks, 30 a week; 20 more spend each.
    assert!((number("/lift/value") - 480.0).abs() < 60.0, "{file}");
    assert!(number("/lift/low") > 250.0 && number("/lift/high") < 700.0, "{file}");
    assert!((number("/iroas/value") - 1.5).abs() < 0.2, "{file}");
    assert_eq!(number("/spend/expected"), 1600.0);
    assert_eq!(file["row"]["channel"], "tv");
    let share = number("/share");
    assert!((number("/row/delta_spend") * share - 80.0).abs() < 1e-9, "{file}");
    assert!((number("/row/lift") * share - number("/lift/value")).abs() < 1e-9);
    assert_eq!(number("/row/spend"), 1200.0);
    let named =
        read(&["lift", "plain.csv", "--treated", "r0,r1,r2,r3", "--format", "json", "--channel", "tv"]);
    assert_eq!(named.stdout, marked.stdout);
    let row = read(&["lift", "panel.csv", "--format", "csv", "--channel", "tv"]);
    let text = row.stdout;
    assert!(text.starts_with(
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2026-10-12,2026-11-08,1200.00,"
    ));
    let table = read(&["lift", "panel.csv"]);
    let text = table.stdout;
    assert!(text.contains("The test raised the outcome") && text.contains("iROAS"), "{text}");
}

#[test]
fn a_test_is_named_by_days_weeks_or_months() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("panel.csv"), panel(true)).expect("written");
    let read = |start: &str, end: &str| {
        let args = ["lift", "panel.csv", "--start", start, "--end", end, "--format", "json"];
        let run = outlay_in(folder.path(), &args);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).expect("JSON")["lift"].clone()
    };
    let days = read("2026-10-12", "2026-11-02");
    assert_eq!(days, read("2026-W42", "2026-W45"));
    assert_eq!(days, read("2026-10-12", "2026-W45"));
}

#[test]
fn a_design_lists_every_market_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("panel.csv"), panel(false)).expect("written");
    let design = |args: &[&str]| outlay_in(folder.path(), &[&["design", "panel.csv"], args].concat());
    let json = design(&["--weeks", "4", "--change", "-100%", "--treated", "r5", "--format", "json"]);
    assert_eq!(json.code, 0, "{}", json.stderr);
    let file: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let cell = &file["designs"][0];
    let count = |field: &str| cell[field].as_array().map_or(0, Vec::len);
    assert_eq!(count("treated") + count("control"), 12, "{file}");
    assert!(cell["treated"].as_array().expect("a list").contains(&"r5".into()));
    assert!(cell["power"].as_f64().is_some_and(|p| p > 0.0 && p <= 1.0), "{file}");
    assert!(cell["money"]["spend"].as_f64().is_some_and(|s| s < 0.0));
    assert!(cell["minimum_detectable_effect"].as_f64().is_some_and(|m| m > 0.0));
    let list = design(&["--weeks", "4", "--format", "csv"]).stdout;
    assert_eq!(list.lines().count(), 13, "{list}");
}

#[test]
fn wrong_tests_name_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("panel.csv"), panel(false)).expect("written");
    std::fs::write(folder.path().join("odd.csv"), panel(true).replace(",1\n", ",maybe\n")).expect("written");
    let fails = |args: &[&str], said: &str| {
        let run = outlay_in(folder.path(), args);
        let error = run.stderr;
        assert_eq!(run.code, 2, "{error}");
        assert!(error.contains(said) && run.stdout.is_empty(), "{said}: {error}");
    };
    let start = ["lift", "panel.csv", "--start"];
    fails(&[&start[..], &["2026-10-12", "--end", "2026-11-02"]].concat(), "no market is treated");
    fails(&[&start[..], &["10/12/2026", "--end", "2026-11-02"]].concat(), "such as 2020-03-15, 2020-W11");
    fails(
        &[&start[..], &["2027-10-12", "--end", "2027-11-02", "--treated", "r1"]].concat(),
        "belongs to no period",
    );
    fails(
        &[&start[..], &["2026-11-02", "--end", "2026-10-12", "--treated", "r1"]].concat(),
        "before it starts",
    );
    fails(
        &[&start[..], &["2026-10-12", "--end", "2026-11-02", "--treated", "r1,rr2"]].concat(),
        "did you mean `r2`",
    );
    fails(&[&start[..], &["2026-01-19", "--end", "2026-11-02", "--treated", "r1"]].concat(), "at least 8");
    fails(&["lift", "odd.csv", "--start", "2026-10-12", "--end", "2026-11-02"], "a mark of a treated market");
    fails(&["design", "panel.csv", "--cells", "9"], "markets that can be chosen");
    fails(&["design", "panel.csv", "--change", "0"], "other than 0");
}

/// The panel of [`panel`] with every row changed, or left out, by its week and
/// market.
fn changed(change: impl Fn(i32, i32, f64, f64) -> Option<(f64, f64)>) -> String {
    let text = panel(true);
    let mut lines = text.lines();
    let mut changed = format!("{}\n", lines.next().expect("a heading"));
    for (row, line) in (0..).zip(lines) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().expect("a number");
        if let Some((sales, spend)) = change(row / 12, row % 12, number(2), number(3)) {
            writeln!(changed, "{},{},{sales},{spend},{}", cells[0], cells[1], cells[4]).expect("written");
        }
    }
    changed
}

/// Each cause of doubt is told, by its code and in words; what is in order is not
/// doubted.
#[test]
fn every_doubt_comes_with_its_cause_and_not_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let doubts = |name: &str, text: String, start: &str| {
        std::fs::write(folder.path().join("panel.csv"), text).expect("written");
        let args = ["lift", "panel.csv", "--channel", "tv", "--start", start, "--end", "2026-11-02"];
        let json = outlay_in(folder.path(), &[&args[..], &["--format", "json"]].concat());
        let file: Value =
            serde_json::from_str(&json.stdout).unwrap_or_else(|e| panic!("{name}: {e}: {}", json.stderr));
        let told = outlay_in(folder.path(), &args).stdout;
        let codes: Vec<String> = file["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|w| Some(w["code"].as_str()?.to_owned()))
            .collect();
        (codes, told)
    };
    let start = TEST[1];
    let (none, _) = doubts("clean", changed(|_, _, sales, spend| Some((sales, spend))), start);
    assert!(none.is_empty(), "{none:?}");
    let tested = |t: i32| t >= 40;
    type Change = Box<dyn Fn(i32, i32, f64, f64) -> Option<(f64, f64)>>;
    // A level that rises by more every four weeks: no time before foretells it.
    let steps = |t: i32| (0..(t - 12) / 4).map(|k| 1.0 + 0.02 * 2f64.powi(k)).product::<f64>();
    let causes: [(&str, &str, Change); 9] = [
        // A mixture of controls has no trend of its own.
        (
            "cross_check",
            "Synthetic control",
            Box::new(|t, m, sales, spend| {
                Some((if m < 4 { (1.0 + 0.02 * f64::from(t)) * sales } else { sales }, spend))
            }),
        ),
        (
            "placebo",
            "hold 0",
            Box::new(move |t, m, sales, spend| {
                Some((if m < 4 { steps(t.min(39)) * sales } else { sales }, spend))
            }),
        ),
        (
            "zeros",
            "r7",
            Box::new(|t, m, sales, spend| Some((if m == 7 && t == 20 { 0.0 } else { sales }, spend))),
        ),
        (
            "dominant",
            "r2",
            Box::new(|_, m, sales, spend| Some((if m == 2 { 9.0 * sales } else { sales }, spend))),
        ),
        (
            "contaminated",
            "r9",
            Box::new(move |t, m, sales, spend| {
                Some((if m == 9 && tested(t) { 1.4 * sales } else { sales }, spend))
            }),
        ),
        (
            "control_spend",
            "spend",
            Box::new(move |t, m, sales, spend| {
                Some((sales, if m >= 4 && tested(t) { 2.0 * spend } else { spend }))
            }),
        ),
        ("spend_still", "spend", Box::new(|_, _, sales, _| Some((sales, 100.0)))),
        ("incomplete", "r11", Box::new(|t, m, sales, spend| (m != 11 || t != 5).then_some((sales, spend)))),
        (
            "cut_limited",
            "spend",
            Box::new(move |t, m, sales, _| {
                Some((sales, if m < 4 { if tested(t) { 0.0 } else { 900.0 } } else { 100.0 }))
            }),
        ),
    ];
    for (code, word, change) in causes {
        let (found, told) = doubts(code, changed(change), start);
        assert!(found.iter().any(|c| c == code), "{code}: {found:?}");
        assert!(told.contains(word), "{code}: {told}");
    }
    // Eight weeks before the test.
    let late = changed(|t, _, sales, spend| (t >= 32).then_some((sales, spend)));
    let (short, told) = doubts("short_before", late, start);
    assert!(short.iter().any(|c| c == "short_before") && told.contains('8'), "{short:?} {told}");
}
