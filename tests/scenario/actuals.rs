//! Actuals files, however broken, are read or refused; nothing panics.

use outlay_curves::variance::Split;
use outlay_scenario::actuals::{Actuals, read_actuals};
use outlay_scenario::track::{Tracking, track};
use outlay_scenario::{Data, Files, InputFile, Record, load, lower, plan};
use proptest::prelude::*;

const SCENARIO: &str = r#"
outlay = 1
horizon = { periods = 4, unit = "week" }
budget = { max = 900 }
[[lines]]
name = "A"
spend = { current = 100 }
rate = { cpm = 5, viewability = 0.5 }
deal = { tiers = [{ from = 200, discount = 0.2 }] }
curve = { family = "hill", ceiling = 1000, half_saturation = 300, shape = 1.5 }
outcome = "revenue"
[[lines]]
name = "B"
spend = { current = 100 }
curve = { family = "table", points = [[100, 50], [300, 500], [900, 700]] }
outcome = "revenue"
"#;

fn record(folder: &std::path::Path) -> Record {
    let path = folder.join("plan.toml");
    std::fs::write(&path, SCENARIO).expect("written");
    let scenario = load(&Files::disk(), &[path]).batches[0].scenario(0).expect("a scenario");
    let result = plan(&scenario, &lower(&scenario), &outlay_allocator::Options::default()).expect("a plan");
    let saved = folder.join("plan.json");
    std::fs::write(&saved, serde_json::to_string(&result).expect("JSON")).expect("written");
    Record::read(&Files::disk(), &saved).expect("a record")
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        4 => (0.0..1e4f64).prop_map(|v| v.to_string()),
        2 => (0u32..7).prop_map(|v| v.to_string()),
        1 => prop_oneof![Just("A"), Just("B"), Just("C"), Just("50%"), Just("-1"), Just("1e15"), Just("1e-300"),
            Just("NaN"), Just("\"x"), Just("2026-01-05"), Just("=1+1"), Just("0")].prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_what_is_read_adds_up(
        rows in prop::collection::vec((prop_oneof![Just("A"), Just("B"), Just("C")], prop::collection::vec(cell(), 8)), 0..8),
        shapley in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let record = record(folder.path());
        let mut csv = "line,period,actual_spend,actual_units,actual_invalid_traffic,actual_viewability,actual_revenue,complete,as_of\n".to_owned();
        for (line, cells) in &rows {
            csv.push_str(&format!("{line},{}\n", cells.join(",")));
        }
        if let Ok(actuals) = read_actuals(&Data::bytes("actuals.csv", csv.as_str()), &record.scenario, record.file.lines.as_deref().unwrap_or_default()) {
            let split = if shapley { Split::Shapley } else { Split::Sequential };
            let tracking = Tracking { plan: &record.file, scenario: &record.scenario, now: None, actuals: &actuals, split };
            let none = InputFile { path: String::new(), sha256: String::new() };
            let file = track(&tracking, none, None).expect("a plan");
            for figures in file.lines.iter().map(|l| &l.figures).chain([&file.total]) {
                let v = figures.variance;
                let parts = [v.spend, v.rate, v.quality, v.revision, v.unexplained];
                let size: f64 = parts.iter().map(|p| p.abs()).sum::<f64>() + v.plan.abs() + v.actual.abs();
                let sum: f64 = parts.iter().sum();
                prop_assert!(size.is_finite(), "{csv}");
                prop_assert!((sum - (v.actual - v.plan)).abs() <= 1e-12 * size, "{csv}");
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let folder = tempfile::tempdir().expect("a folder");
        let record = record(folder.path());
        let head = b"line,period,actual_spend\nA,1,5\n";
        for content in [bytes.clone(), [&head[..], &bytes].concat()] {
            let _ = read_actuals(&Data::bytes("actuals.csv", content), &record.scenario, record.file.lines.as_deref().unwrap_or_default());
        }
    }
}

fn read(record: &Record, text: &str) -> Result<Actuals, String> {
    let planned = record.file.lines.as_deref().unwrap_or_default();
    read_actuals(&Data::bytes("actuals.csv", text), &record.scenario, planned).map_err(|e| e.to_string())
}

/// Money in thousands is another unit, not a plan that was hardly bought: by what
/// the plan has, whether a sheet repeats it or not, and of a single row as well.
#[test]
fn amounts_in_thousands_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = record(folder.path());
    let planned = record.file.lines.as_ref().expect("a plan");
    let spend = |name: &str| planned.iter().find(|l| l.name == name).expect("a line").spend;
    let weeks = f64::from(record.scenario.horizon.as_ref().map_or(1, |h| h.periods));
    let sheet = |scale: f64, rows: usize, budget: bool| {
        let mut text = format!("line,period,actual_spend{}\n", if budget { ",budget" } else { "" });
        for (line, period) in [("A", 1), ("A", 2), ("B", 1), ("B", 2)].into_iter().take(rows) {
            let due = spend(line) / weeks;
            let end = if budget { format!(",{}", due * scale) } else { String::new() };
            text.push_str(&format!("{line},{period},{}{end}\n", due * 0.97 * scale));
        }
        read(&record, &text)
    };
    assert!(spend("A") > 50.0 && spend("B") > 50.0, "a plan that spends");
    for rows in 1..=4 {
        for budget in [false, true] {
            for usual in [1.0, 0.02, 3.0] {
                assert!(sheet(usual, rows, budget).is_ok(), "{usual} {rows}");
            }
            for (scale, unit) in
                [(1e-3, "in thousands"), (1e-6, "in millions"), (1e2, "in cents"), (1e3, "too large")]
            {
                let said = sheet(scale, rows, budget).expect_err("another unit");
                assert!(said.contains(unit), "{said}");
            }
        }
    }
    // One line that hardly ran, beside one that did.
    let text = format!("line,period,actual_spend\nA,1,{}\nB,1,{}\n", spend("A") * 1e-3, spend("B") / weeks);
    assert!(read(&record, &text).is_ok());
}

/// Sheets of people's own, with headings as they write them.
#[test]
fn headings_may_be_written_as_people_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = record(folder.path());
    let of = |heading: &str| {
        let found = read(&record, &format!("{heading}\nA,1,100.5\nB,1,90\nA,2,80\n"));
        found.map(|actuals| format!("{:?}", actuals.lines))
    };
    let plain = of("line,period,actual_spend").expect("ours");
    for heading in [
        "LINE ,Week,Spend (actual)",
        "Placement,Week starting,Actual cost",
        "Line item,Period start,Spend - actuals",
        "Campaign,Date,Amount spent (USD)",
        "Position,Woche,Ist-Ausgaben",
        "Ligne,Semaine,Dépenses réelles",
        "Línea,Semana,Gasto real",
        "Linea,Settimana,Spesa effettiva (EUR)",
    ] {
        assert_eq!(of(heading).as_ref(), Ok(&plain), "{heading}");
    }
    for heading in ["Placement,Week,Budget", "Placement,Week,Planned spend"] {
        assert!(of(heading).is_err(), "{heading}");
    }
}

/// A row that is the sum of others is counted nowhere, whatever it is called.
#[test]
fn totals_are_no_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = record(folder.path());
    for name in ["", "Everything", "Total A", "All lines", "Σ", "**Total**"] {
        for at in [0, 2, 4] {
            let mut rows = vec!["A,1,100.25,", "A,2,101,", "B,1,90,", "B,2,95.25,"];
            let total = format!("{name},,{},", if at == 2 && name != "Everything" { 201.25 } else { 386.5 });
            rows.insert(at, &total);
            let text = format!("line,period,actual_spend,note\n{}\n", rows.join("\n"));
            let found = read(&record, &text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            let spend: f64 = found.lines.iter().flat_map(|l| &l.reports).map(|r| r.spend).sum();
            assert_eq!((spend, found.totals.len()), (386.5, 1), "{text}");
        }
    }
    // A line outside the plan is none.
    let own = "line,period,actual_spend\nA,1,100.25\nA,2,101\nNewcomer,1,90\n";
    assert_eq!(read(&record, own).expect("actuals").lines.iter().filter(|l| !l.planned).count(), 1);
}
