//! Sheets that are kept for several re-plans: every row's money adds up to the
//! plan, weeks that nobody has reported yet included.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::outlay_in;

const PLAN: &str = r#"
outlay = 1
name = "W"
currency = "USD"
horizon = { start = 2026-01-05, periods = 6, unit = "week" }
budget = { max = 60_000 }
[[lines]]
name = "A"
outcome = "revenue"
revenue_per_customer = 50
spend = { current = 30_000 }
curve = { family = "michaelis_menten", ceiling = 150_000, half_saturation = 30_000 }
[[lines]]
name = "B"
outcome = "revenue"
revenue_per_customer = 50
spend = { current = 30_000 }
fee = 0.05
curve = { family = "hill", ceiling = 140_000, half_saturation = 30_000, shape = 1.2 }
"#;

/// Fills in one line's week: so much of what the sheet has for it.
fn report(sheet: &Path, line: &str, week: &str, share: f64) {
    let mut reader = csv::Reader::from_path(sheet).expect("a sheet");
    let heads = reader.headers().expect("a heading").clone();
    let at = |name: &str| heads.iter().position(|h| h == name).expect("a column");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&heads).expect("written");
    for record in reader.records() {
        let mut cells: Vec<String> = record.expect("a row").iter().map(str::to_owned).collect();
        if cells[at("line")] == line && cells[at("period")] == week {
            let planned: f64 = cells[at("budget")].parse().expect("a number");
            cells[at("actual_spend")] = format!("{:.2}", planned * share);
        }
        writer.write_record(&cells).expect("written");
    }
    fs::write(sheet, writer.into_inner().expect("written")).expect("written");
}

/// By line, what happened where it is known, and what is planned elsewhere.
fn money(sheet: &Path) -> BTreeMap<String, f64> {
    let mut reader = csv::Reader::from_path(sheet).expect("a sheet");
    let heads = reader.headers().expect("a heading").clone();
    let at = |name: &str| heads.iter().position(|h| h == name).expect("a column");
    let mut sums = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let spent: Option<f64> = record[at("actual_spend")].parse().ok();
        let planned: f64 = record[at("budget")].parse().expect("a number");
        *sums.entry(record[at("line")].to_owned()).or_default() += spent.unwrap_or(planned);
    }
    sums
}

#[test]
fn rows_of_a_kept_sheet_add_up_to_the_plan() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    fs::write(folder.join("w.toml"), PLAN).expect("written");
    assert_eq!(outlay_in(folder, &["run", "w.toml", "--out", "r", "--buy", "r"]).code, 0);
    let mut name = "w".to_owned();
    // B comes late in the second and third week, after a first that changed the plan.
    for (week, reported) in [
        ("2026-01-05", &[("A", 1.3), ("B", 1.0)][..]),
        ("2026-01-12", &[("A", 0.9)]),
        ("2026-01-19", &[("A", 1.0)]),
        ("2026-01-26", &[("A", 1.0), ("B", 0.8)]),
    ] {
        let sheet = folder.join(format!("r/{name}.csv"));
        for (line, share) in reported {
            report(&sheet, line, week, *share);
        }
        let (plan, sheet) = (format!("r/{name}.json"), format!("r/{name}.csv"));
        // What is asked for again stands already.
        let asked = ["--limit", "customers>=100", "--out", "r", "--buy", "r"];
        let ran = outlay_in(folder, &[&["replan", &plan, &sheet][..], &asked].concat());
        assert_eq!(ran.code, 0, "{week}: {}", ran.stderr);
        name = format!("w-after-{week}");
        let text = fs::read_to_string(folder.join(format!("r/{name}.json"))).expect("a result");
        let result: Value = serde_json::from_str(&text).expect("JSON");
        let sums = money(&folder.join(format!("r/{name}.csv")));
        for line in result["lines"].as_array().expect("lines") {
            let (spend, sum) =
                (line["spend"].as_f64().expect("a number"), sums[line["name"].as_str().expect("a name")]);
            assert!((spend - sum).abs() <= 0.05, "{week}, {}: {sum} of {spend}", line["name"]);
        }
    }
}
