//! From plan to buy sheet, to what happened, to the next plan.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Ran, outlay_in, write};

const QUARTER: &str = r#"
outlay = 1
name = "Quarter"
currency = "USD"
horizon = { periods = 13, unit = "week" }
goal = { maximize = "revenue" }
budget = { max = 520_000, owner = "finance" }
baseline = { revenue = 900_000, customers = 3000 }

[[lines]]
name = "Video"
stage = "upper"
audience = "18-34"
creative = "Spring film"
owner = "Ada"
accountable = "Bo"
consulted = "Cy"
informed = "Di"
spend = { current = 130_000, min = 65_000 }
rate = { cpm = 12, discount = 0.1, fitted_at = 10, viewability = 0.7 }
curve = { family = "michaelis_menten", ceiling = 900_000, half_saturation = 200_000 }
outcome = "revenue"
revenue_per_customer = 80

[[lines]]
name = "Social"
stage = "upper"
spend = { current = 200_000 }
curve = { family = "michaelis_menten", ceiling = 700_000, half_saturation = 150_000 }
outcome = "revenue"
revenue_per_customer = 80

[[lines]]
name = "Search"
stage = "lower"
fee = 0.05
spend = { current = 170_000 }
curve = { family = "michaelis_menten", ceiling = 800_000, half_saturation = 160_000 }
outcome = "revenue"
revenue_per_customer = 80

[[lines]]
name = "Takeover"
stage = "upper"
deal = { flat = 40_000 }
spend = { current = 0 }
curve = { family = "exponential", ceiling = 30_000, scale = 30_000 }
outcome = "revenue"
revenue_per_customer = 80
"#;

/// A folder with the plan, its result and its buy sheet.
pub(crate) fn planned() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "quarter.toml", QUARTER);
    let ran = outlay_in(folder.path(), &["run", "quarter.toml", "--out", ".", "--buy", "buy"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    folder
}

fn track(folder: &Path, actuals: &str, arguments: &[&str]) -> Ran {
    write(folder, "actuals.csv", actuals);
    outlay_in(folder, &[&["track", "quarter.json", "actuals.csv"], arguments].concat())
}

/// Five weeks, not quite as planned: Video dearer and less seen, a week of
/// Search late, a week of Social revised, a line nobody planned.
pub(crate) const FIVE_WEEKS: &str = "\
line,period,actual_spend,actual_units,actual_viewability,actual_revenue,as_of
Video,1,15000,1250000,70%,33000,
Video,2,15500,1250000,66%,33500,
Video,3,15500,1240000,65%,31000,
Video,4,16000,1280000,0.66,35000,
Video,5,16000,1270000,0.66,34000,
Social,1,11500,,,26000,
Social,2,9000,,,20000,2026-01-19

Social,2,11000,,,24500,2026-01-26
Social,3,12000,,,26000,
Social,4,12000,,,25500,
Social,5,12500,,,,
Search,1,13000,,,29000,
Search,2,13000,,,28000,
Search,3,0,,,0,
Search,4,13500,,,30000,
Podcast,3,5000,,,9000,
";

#[test]
fn the_buy_sheet_names_units_prices_people_and_what_is_committed() {
    let folder = planned();
    let sheet = fs::read_to_string(folder.path().join("buy/quarter.csv")).expect("written");
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let head = reader.headers().expect("a heading").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    let cell = |row: &csv::StringRecord, name: &str| {
        row.get(head.iter().position(|h| h == name).expect(name)).unwrap_or_default().to_owned()
    };
    let number = |row: &csv::StringRecord, name: &str| cell(row, name).parse::<f64>().expect(name);
    // Three lines by week, and a takeover that is bought at once or not.
    assert_eq!(rows.len(), 3 * 13 + 1);
    let video = &rows[2];
    for (name, value) in [
        ("line", "Video"),
        ("period", "3"),
        ("audience", "18-34"),
        ("creative", "Spring film"),
        ("status", "committed"),
        ("priced_by", "cpm"),
        ("unit", "impressions"),
        ("owner", "Ada"),
        ("accountable", "Bo"),
        ("consulted", "Cy"),
        ("informed", "Di"),
        ("actual_spend", ""),
    ] {
        assert_eq!(cell(video, name), value, "{name}");
    }
    assert!((number(video, "rate") - 10.8).abs() < 1e-9);
    assert!((number(video, "effective_rate") - 10.8 / 0.7).abs() < 1e-6);
    let units = number(video, "budget") / 10.8 * 1000.0;
    assert!((number(video, "units") - units).abs() < 1e-6 * units);
    assert_eq!(cell(&rows[39], "deal"), "flat 40,000");
    // The weeks add up to the plan, to the cent.
    let result: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("quarter.json")).expect("saved"))
            .expect("JSON");
    for line in result["lines"].as_array().expect("lines") {
        let name = line["name"].as_str().expect("a name");
        let sum = |column: &str| {
            rows.iter().filter(|r| cell(r, "line") == name).map(|r| number(r, column)).sum::<f64>()
        };
        assert!((sum("budget") - line["spend"].as_f64().expect("a spend")).abs() < 0.006, "{name}");
        let committed = if name == "Video" { 65_000.0 } else { 0.0 };
        assert!((sum("committed") - committed).abs() < 0.006, "{name}");
    }
}

/// The workbook and the CSV are the same sheet, and both come back.
#[test]
fn the_buy_sheet_comes_back_as_actuals_in_either_format() {
    let folder = planned();
    for sheet in ["buy/quarter.csv", "buy/quarter.xlsx"] {
        let ran = outlay_in(folder.path(), &["track", "quarter.json", sheet]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("`actual_spend` is empty in every row"), "{}", ran.stderr);
    }
}

#[test]
fn a_what_if_has_no_one_buy_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{QUARTER}\n[[vary]]\nset = \"budget.max\"\nvalues = [1, 2]\n");
    write(folder.path(), "many.toml", text);
    let ran = outlay_in(folder.path(), &["run", "many.toml", "--buy", "buy"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--buy needs one plan, and `vary` makes 2"), "{}", ran.stderr);
}

#[test]
fn five_weeks_against_plan() {
    let folder = planned();
    let ran = track(folder.path(), FIVE_WEEKS, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("Podcast is not in the plan"), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    let ran = track(folder.path(), FIVE_WEEKS, &["--format", "markdown"]);
    insta::assert_snapshot!(ran.stdout);
}

fn figures<'a>(file: &'a Value, list: &str) -> Vec<&'a Value> {
    file[list].as_array().expect("a list").iter().collect()
}

const PARTS: [&str; 5] = ["spend", "rate", "quality", "revision", "unexplained"];

/// Every level adds up: parts to the difference, lines to stages, stages to
/// the total. Figures are drawn at random, zero spends and new lines included.
#[test]
fn the_variance_adds_up_in_every_direction() {
    let folder = planned();
    let mut state = 7_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for round in 0..12 {
        let mut csv =
            "line,period,actual_spend,actual_units,actual_invalid_traffic,actual_viewability,actual_revenue,actual_customers,complete\n"
                .to_owned();
        for line in ["Video", "Social", "Search", "Takeover", "Radio", "Pop-up"] {
            for period in 1..=draw(14) {
                let spend = [0, draw(100_000), draw(20_000)][draw(3) as usize];
                let some = |draw: &mut dyn FnMut(u64) -> u64, text: String| {
                    if draw(3) == 0 { String::new() } else { text }
                };
                let units = 1 + draw(5_000_000);
                let seen = 1 + draw(100);
                let cells = [
                    some(&mut draw, units.to_string()),
                    some(&mut draw, format!("0.{:02}", units % 100)),
                    some(&mut draw, format!("{seen}%")),
                    some(&mut draw, format!("{}", units % 300_000)),
                    some(&mut draw, format!("{}", units % 5000)),
                    if draw(4) == 0 { "0.5".to_owned() } else { String::new() },
                ];
                let _ = writeln!(csv, "{line},{period},{spend},{}", cells.join(","));
            }
        }
        let split = if round % 2 == 0 { "sequential" } else { "shapley" };
        let ran = track(folder.path(), &csv, &["--format", "json", "--split", split]);
        if ran.stderr.contains("empty in every row") || ran.stderr.contains("needs at least") {
            continue;
        }
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let file: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let number = |v: &Value| v.as_f64().expect("a number");
        let lines = figures(&file, "lines");
        for row in lines.iter().chain(&figures(&file, "stages")).chain(&[&file["total"]]) {
            let v = &row["variance"];
            let sum: f64 = PARTS.iter().map(|p| number(&v[p])).sum();
            let size: f64 = PARTS.iter().map(|p| number(&v[p]).abs()).sum::<f64>()
                + number(&v["plan"]).abs()
                + number(&v["actual"]).abs();
            let total = number(&v["actual"]) - number(&v["plan"]);
            assert!((sum - total).abs() <= 1e-12 * size, "{row}");
        }
        for field in PARTS.iter().chain(&["plan", "actual"]) {
            let sum = |list: &str| -> f64 {
                figures(&file, list).iter().map(|l| number(&l["variance"][field])).sum()
            };
            let total = number(&file["total"]["variance"][field]);
            let size: f64 = lines.iter().map(|l| number(&l["variance"][field]).abs()).sum();
            assert!((sum("lines") - total).abs() <= 1e-12 * size, "{field}");
            assert!((sum("stages") - total).abs() <= 1e-12 * size, "{field}");
        }
        printed_figures_add_up(&track(folder.path(), &csv, &["--width", "160"]).stdout);
    }
}

/// Reads the table of the variance back and adds it up as printed.
fn printed_figures_add_up(table: &str) {
    let start = table.find("from plan to actual").expect("the section");
    let rows: Vec<Vec<f64>> = table[start..]
        .lines()
        .skip(2)
        .take_while(|l| !l.trim().is_empty())
        .filter(|l| !l.contains('─'))
        .map(|l| l.split_whitespace().skip(1).map(shown).collect())
        .collect();
    let (total, lines) = rows.split_last().expect("rows");
    assert_eq!(
        lines.len(),
        4 + usize::from(table.contains("Radio  ")) + usize::from(table.contains("Pop-up  "))
    );
    for row in &rows {
        let sum: f64 = row[..6].iter().sum();
        assert!((sum - row[6]).abs() < 1e-6 * row[6].abs().max(1.0), "{row:?}\n{table}");
    }
    for (k, &total) in total.iter().enumerate() {
        let sum: f64 = lines.iter().map(|l| l[k]).sum();
        assert!((sum - total).abs() < 1e-6 * total.abs().max(1.0), "column {k}\n{table}");
    }
}

fn shown(text: &str) -> f64 {
    // What nobody measured is marked.
    let text = text.trim_start_matches('~');
    let (digits, scale) = match text.strip_suffix('K') {
        Some(digits) => (digits, 1e3),
        None => text.strip_suffix('M').map_or((text, 1.0), |digits| (digits, 1e6)),
    };
    digits.replace(',', "").parse::<f64>().unwrap_or_else(|_| panic!("{text}")) * scale
}

/// With everything as planned, nothing differs.
#[test]
fn as_planned_is_said_so() {
    let folder = planned();
    let sheet = fs::read_to_string(folder.path().join("buy/quarter.csv")).expect("written");
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let head = reader.headers().expect("a heading").clone();
    let at = |name: &str| head.iter().position(|h| h == name).expect(name);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&head).expect("in memory");
    for row in reader.records() {
        let row = row.expect("a row");
        let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
        if row[at("period")].parse::<u32>().is_ok_and(|p| p <= 4) {
            cells[at("actual_spend")] = row[at("budget")].to_owned();
            cells[at("actual_units")] = row[at("units")].to_owned();
        }
        writer.write_record(&cells).expect("in memory");
    }
    let sheet = String::from_utf8(writer.into_inner().expect("in memory")).expect("UTF-8");
    let ran = track(folder.path(), &sheet, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("No outcome is reported yet"), "{}", ran.stdout);
    assert!(ran.stdout.contains("as planned."), "{}", ran.stdout);
}

/// Refitted curves take their part out of what is unexplained.
#[test]
fn refitted_curves_explain_their_part() {
    let folder = planned();
    let library = r#"{ "outlay": 1, "currency": "USD", "unit": "week", "curves": [ { "name": "Social",
        "outcome": "revenue", "curve": { "family": "michaelis_menten", "ceiling": 48000, "half_saturation": 11538.46 } } ] }"#;
    write(folder.path(), "new.json", library);
    let plain = track(folder.path(), FIVE_WEEKS, &["--format", "json"]);
    let refit = track(folder.path(), FIVE_WEEKS, &["--format", "json", "--curves", "new.json"]);
    assert_eq!(refit.code, 0, "{}", refit.stderr);
    let read = |ran: &Ran| -> Value { serde_json::from_str(&ran.stdout).expect("JSON") };
    let (plain, refit) = (read(&plain), read(&refit));
    let part = |file: &Value, name: &str| file["lines"][1]["variance"][name].as_f64().expect("a number");
    assert_eq!(part(&plain, "revision"), 0.0);
    assert!(part(&refit, "revision") < -1000.0);
    assert_eq!(part(&plain, "spend"), part(&refit, "spend"));
    // A week of Social is not measured: there the curves' word stands.
    let sum = |f: &Value| part(f, "revision") + part(f, "unexplained");
    assert!(sum(&refit) < sum(&plain));
    let ran = track(folder.path(), FIVE_WEEKS, &["--curves", "new.json"]);
    assert!(ran.stdout.contains("weaker than"), "{}", ran.stdout);
    // A library without a curve of the plan is no refit.
    write(folder.path(), "other.json", library.replace("Social", "Socials"));
    let ran = track(folder.path(), FIVE_WEEKS, &["--curves", "other.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("unknown curve"), "{}", ran.stderr);
}

#[test]
fn wrong_actuals_are_named_by_row_and_column() {
    let folder = planned();
    let head = "line,period,actual_spend,actual_units,actual_viewability,complete\n";
    let with = |rows: &str| format!("{head}{rows}\n");
    for (file, words) in [
        (with("Vidoe,1,10,,,"), "row 2, column `line`: `Vidoe` is not in the plan; did you mean `Video`?"),
        (with("video,1,10,,,"), "did you mean `Video`?"),
        (with("\nVideo,14,10,,,"), "row 3, column `period`: unknown period `14`; the plan has 1 to 13"),
        (with("Video,1,ten,,,"), "row 2, column `actual_spend`: `ten` is not a number"),
        (with("Video,1,-5,,,"), "row 2, column `actual_spend`: `-5` is negative"),
        (with("Video,1,1e300,,,"), "row 2, column `actual_spend`: `1e300` is not at most 1e15"),
        (with("Video,1,10,0,,"), "row 2, column `actual_units`: `0` is not above 0 where money was spent"),
        (with("Video,1,10,,170%,"), "row 2, column `actual_viewability`: `170%` is not a fraction"),
        (with("Video,1,10,,,0"), "row 2, column `complete`: `0` is not a fraction above 0"),
        (with("Video,1,,5,,"), "column `actual_spend`: is empty although `actual_units` is given"),
        (with("Video,1,10,,,\nVideo,1,12,,,"), "row 3: Video, 1 stands in row 2 too"),
        (with("Video,1,10,,,\nVideo,,12,,,"), "for the whole horizon here and by period in row 2"),
        (with("Video,1,,,,"), "`actual_spend` is empty in every row"),
        ("line,period,spend\nVideo,1,5\n".to_owned(), "no column `actual_spend`"),
        (
            "line,actual_spent,actual_spend\nVideo,1,5\n".to_owned(),
            "unknown column `actual_spent`; did you mean `actual_spend`?",
        ),
        (head.to_owned(), "no table: a heading and rows of figures below it are needed"),
    ] {
        let ran = track(folder.path(), &file, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{file}{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{words}\n{}", ran.stderr);
    }
}

#[test]
fn a_plan_whose_inputs_changed_is_no_yardstick() {
    let folder = planned();
    write(folder.path(), "quarter.toml", QUARTER.replace("900_000, half", "900_001, half"));
    let ran = track(folder.path(), FIVE_WEEKS, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("has changed since the result was written"), "{}", ran.stderr);
    write(folder.path(), "quarter.json", "{}");
    let ran = track(folder.path(), FIVE_WEEKS, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("not a saved plan"), "{}", ran.stderr);
}

/// A third of a budget is no whole number of cents: what the sheet adds up to
/// beyond the budget is not money that anybody overspends.
#[test]
fn cents_of_a_sheet_are_not_over_the_budget() {
    let here = tempfile::tempdir().expect("a folder");
    let line = r#"{ name = "A", outcome = "revenue", spend = { current = 100 }, curve = { family = "michaelis_menten", ceiling = 900, half_saturation = 100 } }"#;
    let plan = format!(
        "outlay = 1\nbudget = {{ exact = 100 }}\nhorizon = {{ periods = 6, unit = \"week\" }}\nlines = [{line}]\n"
    );
    write(here.path(), "p.toml", plan);
    let ran = outlay_in(here.path(), &["run", "p.toml", "--out", ".", "--buy", "buy"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = |first: f64| {
        write(here.path(), "actuals.csv", format!("line,period,actual_spend\nA,1,{first}\nA,2,16.67\n"));
        let ran = outlay_in(here.path(), &["track", "p.json", "actuals.csv", "--width", "200"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.contains("over the budget of 100")
    };
    assert!(!told(16.67));
    assert!(told(18.0));
}
