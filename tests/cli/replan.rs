//! The rest of a plan, planned again.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Ran, outlay_in, write};
use crate::loops::{FIVE_WEEKS, planned};

fn replan(folder: &Path, actuals: &str, arguments: &[&str]) -> Ran {
    write(folder, "actuals.csv", actuals);
    outlay_in(folder, &[&["replan", "quarter.json", "actuals.csv"], arguments].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn saved(folder: &Path, name: &str) -> Value {
    json(&fs::read_to_string(folder.join(name)).expect("saved"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Every line spends its plan, week by week.
fn as_planned(folder: &Path, weeks: u32) -> String {
    let mut csv = "line,period,actual_spend\n".to_owned();
    for line in saved(folder, "quarter.json")["lines"].as_array().expect("lines") {
        for week in 1..=weeks {
            let name = line["name"].as_str().expect("a name");
            csv.push_str(&format!("{name},{week},{}\n", number(&line["spend"]) / 13.0));
        }
    }
    csv
}

#[test]
fn the_rest_is_a_scenario_with_its_own_proof() {
    let folder = planned();
    let ran = replan(folder.path(), FIVE_WEEKS, &["--least-gain", "0.001", "--out", "next"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (shown, _) = ran.stdout.split_once("Proven").expect("a proof");
    insta::assert_snapshot!(shown);
    let proved = outlay_in(folder.path(), &["verify", "next/quarter-after-5.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
    // The scenario is a file like any other, and gives the same plan.
    let again = outlay_in(folder.path(), &["run", "next/quarter-after-5.scenario.json", "--format", "json"]);
    let (again, first) = (json(&again.stdout), saved(folder.path(), "next/quarter-after-5.json"));
    assert_eq!((&again["lines"], &again["value"]), (&first["lines"], &first["value"]));
    // Money spent stays spent, and the budget holds with it and with what went
    // to a line outside the plan.
    let scenario = saved(folder.path(), "next/quarter-after-5.scenario.json");
    for (line, planned) in
        scenario["lines"].as_array().expect("lines").iter().zip(first["lines"].as_array().expect("lines"))
    {
        assert!(number(&planned["spend"]) >= number(&line["past"]["spend"]) * (1.0 - 1e-12), "{planned}");
    }
    assert!(number(&first["totals"]["spend"]) <= (520_000.0 - 5000.0) * (1.0 + 1e-9));
    // A changed scenario is another one.
    let text = fs::read_to_string(folder.path().join("next/quarter-after-5.scenario.json")).expect("saved");
    write(folder.path(), "next/quarter-after-5.scenario.json", text.replace("\"share\"", " \"share\""));
    assert_eq!(outlay_in(folder.path(), &["verify", "next/quarter-after-5.json"]).code, 1);
}

/// Without a cost of moving, the last unit of money earns the same wherever it
/// can go: found without the solver.
#[test]
fn money_goes_where_the_rest_earns_most() {
    let folder = planned();
    let ran = replan(folder.path(), FIVE_WEEKS, &["--friction", "0", "--least-gain", "0", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let result = saved(folder.path(), "quarter-after-5.json");
    let scenario = saved(folder.path(), "quarter-after-5.scenario.json");
    let mut returns = Vec::new();
    for (line, file) in
        result["lines"].as_array().expect("lines").iter().zip(scenario["lines"].as_array().expect("lines"))
    {
        if line["at"] != "price" || file["curve"]["family"] != "michaelis_menten" {
            continue;
        }
        // d/dx of (1 - s) F((x - past) / (1 - s)) at prices as paid.
        let left = 8.0 / 13.0;
        let rate = &file["rate"];
        let effective = |price: &str, seen: &str| number(&rate[price]) / number(&rate[seen]);
        let dearer = if rate.is_object() {
            effective("cpm", "viewability") / effective("fitted_at", "fitted_viewability")
        } else {
            1.0
        };
        let (v, k) = (number(&file["curve"]["ceiling"]), number(&file["curve"]["half_saturation"]) * dearer);
        let x = (number(&line["spend"]) - number(&file["past"]["spend"])) / left;
        let fee = file["fee"].as_f64().unwrap_or(0.0);
        returns.push(v * k / ((k + x) * (k + x)) / (1.0 + fee));
    }
    assert_eq!(returns.len(), 3);
    for each in &returns {
        assert!((each / returns[0] - 1.0).abs() < 1e-6, "{returns:?}");
    }
}

#[test]
fn a_plan_that_runs_as_planned_is_kept() {
    let folder = planned();
    let actuals = as_planned(folder.path(), 6);
    let ran = replan(folder.path(), &actuals, &["--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Keep the plan"), "{}", ran.stdout);
    let (kept, plan) = (saved(folder.path(), "quarter-after-6.json"), saved(folder.path(), "quarter.json"));
    for (a, b) in
        kept["lines"].as_array().expect("lines").iter().zip(plan["lines"].as_array().expect("lines"))
    {
        assert!((number(&a["spend"]) - number(&b["spend"])).abs() <= 1e-9 * 520_000.0, "{a}\n{b}");
    }
    let proved = outlay_in(folder.path(), &["verify", "quarter-after-6.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
}

#[test]
fn commitments_are_kept_and_changes_bounded() {
    let folder = planned();
    // Social's curve turns out much weaker: without a contract it would lose
    // most of its money.
    let library = r#"{ "outlay": 1, "currency": "USD", "unit": "week", "curves": [ { "name": "Social",
        "outcome": "revenue", "curve": { "family": "michaelis_menten", "ceiling": 20000, "half_saturation": 11538 } } ] }"#;
    write(folder.path(), "new.json", library);
    let plain =
        "line,period,actual_spend,committed\nVideo,4,15000,\nSocial,4,12000,\nSearch,4,12000,\n".to_owned();
    let social = |ran: &Ran| -> (f64, f64) {
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let file = json(&ran.stdout);
        (number(&file["lines"][1]["rest"]), number(&file["lines"][1]["running"]))
    };
    let arguments = ["--curves", "new.json", "--format", "json"];
    let (free, running) = social(&replan(folder.path(), &plain, &arguments));
    assert!(free < 0.5 * running, "{free} of {running}");
    let signed = plain.clone() + "Social,5,,60000\nSocial,6,,20000\n";
    let (bound, _) = social(&replan(folder.path(), &signed, &arguments));
    assert!((bound - 80_000.0).abs() < 1e-3, "{bound}");
    let (held, _) =
        social(&replan(folder.path(), &plain, &[&arguments[..], &["--most-change", "0.1"]].concat()));
    assert!((held / running - 0.9).abs() < 1e-9, "{held} of {running}");
}

/// The same limit over the whole horizon and over what is left of it.
#[test]
fn limits_cover_the_whole_or_the_rest() {
    let folder = planned();
    let text = fs::read_to_string(folder.path().join("quarter.toml")).expect("written");
    let text = text
        + "\n[[limits]]\nname = \"Video share\"\nmetric = \"spend_share\"\nwhere = { name = \"Video\" }\nmax = 0.3\n";
    write(folder.path(), "quarter.toml", text);
    assert_eq!(outlay_in(folder.path(), &["run", "quarter.toml", "--out", "."]).code, 0);
    let actuals = "line,period,actual_spend\nVideo,4,40000\nSocial,4,40000\nSearch,4,40000\n";
    let share = |limits: &str| {
        let ran = replan(
            folder.path(),
            actuals,
            &["--limits", limits, "--friction", "0", "--least-gain", "0", "--out", limits],
        );
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let proved = outlay_in(folder.path(), &["verify", &format!("{limits}/quarter-after-4.json")]);
        assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
        let result = saved(folder.path(), &format!("{limits}/quarter-after-4.json"));
        let scenario = saved(folder.path(), &format!("{limits}/quarter-after-4.scenario.json"));
        let (mut whole, mut rest) = ([0.0; 2], [0.0; 2]);
        for (line, file) in result["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .zip(scenario["lines"].as_array().expect("lines"))
        {
            let with_fee = 1.0 + file["fee"].as_f64().unwrap_or(0.0);
            let (all, past) = (with_fee * number(&line["spend"]), with_fee * number(&file["past"]["spend"]));
            for k in 0..if line["name"] == "Video" { 2 } else { 1 } {
                whole[k] += all;
                rest[k] += all - past;
            }
        }
        (whole[1] / whole[0], rest[1] / rest[0])
    };
    let (whole, _) = share("whole");
    assert!((whole - 0.3).abs() < 1e-6, "{whole}");
    let (_, rest) = share("rest");
    assert!((rest - 0.3).abs() < 1e-6, "{rest}");
}

#[test]
fn a_rest_without_a_plan_names_the_conflict() {
    let folder = planned();
    let ran = replan(folder.path(), "line,period,actual_spend\nVideo,3,530000\n", &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("No plan exists"), "{}", ran.stdout);
    assert!(ran.stdout.contains("budget"), "{}", ran.stdout);
}

#[test]
fn the_loop_goes_round_again() {
    let folder = planned();
    let ran = replan(folder.path(), FIVE_WEEKS, &["--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let eight = FIVE_WEEKS.to_owned()
        + "Search,5,13000,,,29000,\nVideo,6,15000,,,33000,\nVideo,7,15000,,,33000,\nVideo,8,15000,,,33000,\n";
    write(folder.path(), "actuals.csv", &eight);
    let ran = outlay_in(folder.path(), &["track", "quarter-after-5.json", "actuals.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("8 of 13 weeks"), "{}", ran.stdout);
    let ran = outlay_in(folder.path(), &["replan", "quarter-after-5.json", "actuals.csv", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // The new buy sheet has the weeks that are over as they were, and the rest.
    let ran = outlay_in(
        folder.path(),
        &["replan", "quarter-after-5.json", "actuals.csv", "--out", ".", "--buy", "buy"],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let sheet = fs::read_to_string(folder.path().join("buy/quarter-after-8.csv")).expect("written");
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let head = reader.headers().expect("a heading").clone();
    let budget = head.iter().position(|h| h == "budget").expect("budget");
    let rows = reader.records().map(|r| r.expect("a row")).filter(|r| &r[0] == "Video");
    let weeks: Vec<f64> = rows.map(|r| r[budget].parse().expect("a number")).collect();
    let result = saved(folder.path(), "quarter-after-8.json");
    assert_eq!(weeks.len(), 13);
    assert!((weeks.iter().sum::<f64>() - number(&result["lines"][0]["spend"])).abs() < 0.006);
    let spent = 15_000.0 + 15_500.0 + 15_500.0 + 16_000.0 + 16_000.0 + 45_000.0;
    assert!((weeks[..8].iter().sum::<f64>() - spent).abs() < 0.02, "{weeks:?}");
    let scenario = saved(folder.path(), "quarter-after-8.scenario.json");
    assert_eq!(scenario["name"], "Quarter, after 8");
    assert!((number(&scenario["lines"][0]["past"]["share"]) - 8.0 / 13.0).abs() < 1e-12);
    let spent = 15_000.0 + 15_500.0 + 15_500.0 + 16_000.0 + 16_000.0 + 45_000.0;
    assert!((number(&scenario["lines"][0]["past"]["spend"]) - spent).abs() < 1e-6);
    let proved = outlay_in(folder.path(), &["verify", "quarter-after-8.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
}

/// The account of a reset adds up, and a step that changes nothing is worth
/// nothing.
#[test]
fn the_next_plan_accounts_for_every_change() {
    let folder = planned();
    let text = fs::read_to_string(folder.path().join("quarter.toml")).expect("written");
    write(folder.path(), "next.toml", text.replace("520_000", "600_000").replace("\"Quarter\"", "\"Next\""));
    let actuals = as_planned(folder.path(), 13);
    let ran = replan(
        folder.path(),
        &actuals,
        &["--reset", "--scenario", "next.toml", "--format", "json", "--out", "."],
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = json(&ran.stdout);
    let account = &file["account"];
    let steps = account["steps"].as_array().expect("steps");
    let causes: Vec<&str> = steps.iter().filter_map(|s| s["cause"].as_str()).collect();
    assert_eq!(causes, ["limits", "budget"]);
    let total = number(&account["after"]) - number(&account["before"]);
    let sum: f64 = steps.iter().map(|s| number(&s["change"])).sum();
    assert!((sum - total).abs() < 1e-9 * number(&account["after"]));
    assert!(number(&steps[0]["change"]).abs() < 1e-6 * number(&account["after"]));
    assert!(number(&steps[1]["change"]) > 10_000.0);
    let proved = outlay_in(folder.path(), &["verify", "quarter-after-all.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
}

#[test]
fn what_cannot_be_planned_again_is_said() {
    let folder = planned();
    for (actuals, arguments, words) in [
        (as_planned(folder.path(), 13), &[][..], "the horizon is over; `--reset` plans the next one"),
        ("line,actual_spend\nVideo,150000\n".to_owned(), &[], "no row has a period"),
        (FIVE_WEEKS.to_owned(), &["--scenario", "quarter.toml"], "it goes with --reset"),
        (FIVE_WEEKS.to_owned(), &["--friction=-1"], "a share of at least 0, such as 2%"),
        (FIVE_WEEKS.to_owned(), &["--curves", "none.json"], "none.json"),
    ] {
        let ran = replan(folder.path(), &actuals, arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{words}\n{}", ran.stderr);
    }
}

/// A goal after the first is left out of the rest, and back in the next plan.
#[test]
fn several_goals_are_re_planned_and_proved() {
    let folder = planned();
    let text = fs::read_to_string(folder.path().join("quarter.toml")).expect("written");
    let goals = "goal = [{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";
    write(folder.path(), "quarter.toml", text.replace("goal = { maximize = \"revenue\" }", goals));
    assert_eq!(outlay_in(folder.path(), &["run", "quarter.toml", "--out", "."]).code, 0);
    for arguments in [&["--out", "."][..], &["--reset", "--out", "."]] {
        let ran = replan(folder.path(), FIVE_WEEKS, arguments);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
    for name in ["quarter-after-5.json", "quarter-after-all.json"] {
        let proved = outlay_in(folder.path(), &["verify", name]);
        assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
    }
    // Of several plans in one file none is the plan.
    let one = fs::read_to_string(folder.path().join("quarter.json")).expect("saved");
    write(folder.path(), "quarter.json", one.clone() + &one);
    let ran = replan(folder.path(), FIVE_WEEKS, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("holds 2 plans"), "{}", ran.stderr);
}

/// A lower cost per customer is a gain, and told as less of it.
#[test]
fn a_goal_that_is_minimised_gains_by_being_less() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |name| {
        format!(
            "[[lines]]\nname = \"{name}\"\noutcome = \"customers\"\nspend.current = 500\nrate = {{ cpm = 10 }}\ncurve = {{ family = \"michaelis_menten\", ceiling = 100, half_saturation = 500 }}\n"
        )
    };
    let text = "outlay = 1\nhorizon = { periods = 13, unit = \"week\" }\nbudget.exact = 1000\ngoal = { minimize = \"cac\" }\n";
    write(folder.path(), "quarter.toml", text.to_owned() + &line("A") + &line("B"));
    assert_eq!(outlay_in(folder.path(), &["run", "quarter.toml", "--out", "."]).code, 0);
    let actuals = as_planned(folder.path(), 5);
    let dearer = ["--set", "lines.A.rate.cpm=90"];
    let ran = replan(folder.path(), &actuals, &[&dearer[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = json(&ran.stdout);
    assert_eq!(told["verdict"], "change", "{told}");
    assert!(!ran.stdout.contains("-0.0,") && !ran.stdout.contains("-0.0}"), "{told}");
    assert!(number(&told["gain"]["net"]) > 0.0 && number(&told["gain"]["relative"]) > 0.0, "{told}");
    let said = replan(folder.path(), &actuals, &dearer).stdout;
    assert!(said.contains("Change the plan: -"), "{said}");
    let kept = replan(folder.path(), &actuals, &[&dearer[..], &["--least-gain", "0.9"]].concat()).stdout;
    assert!(kept.contains("Keep the plan: a new one would gain"), "{kept}");
}

/// Actuals of the first weeks of a plan by period: each week's plan times a
/// factor.
fn weeks(result: &Value, weeks: usize, factor: impl Fn(&str, usize) -> f64) -> String {
    let mut csv = "line,period,actual_spend\n".to_owned();
    for line in result["lines"].as_array().expect("lines") {
        let name = line["name"].as_str().expect("a name");
        for (t, period) in
            line["flight"]["periods"].as_array().expect("periods").iter().enumerate().take(weeks)
        {
            let spend = number(&period["spend"]) * factor(name, t);
            csv.push_str(&format!("{name},{},{spend}\n", period["name"].as_str().expect("a name")));
        }
    }
    csv
}

fn by_week() -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(crate::common::root().join("scenarios/quarter.toml")).expect("shipped");
    write(folder.path(), "quarter.toml", text);
    let ran = outlay_in(folder.path(), &["run", "quarter.toml", "--out", "."]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let result = saved(folder.path(), "quarter.json");
    (folder, result)
}

#[test]
fn flights_that_run_as_planned_are_kept() {
    let (folder, result) = by_week();
    let actuals = weeks(&result, 5, |_, _| 1.0);
    write(folder.path(), "actuals.csv", &actuals);
    let ran = outlay_in(folder.path(), &["track", "quarter.json", "actuals.csv", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = json(&ran.stdout);
    // What is expected so far is what the plan says of those weeks.
    let planned: f64 =
        result["periods"].as_array().expect("periods")[..5].iter().map(|p| number(&p["revenue"])).sum();
    assert!((number(&file["total"]["variance"]["plan"]) / planned - 1.0).abs() < 1e-12);
    let total = number(&file["total"]["outcome"]["projected"]);
    assert!((total / number(&result["totals"]["revenue"]) - 1.0).abs() < 1e-9, "{total}");
    let ran = replan(folder.path(), &actuals, &["--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Keep the plan"), "{}", ran.stdout);
    let proved = outlay_in(folder.path(), &["verify", "quarter-after-2026-02-02.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
}

/// The weeks that are over keep what was spent in them, and it carries over.
#[test]
fn what_was_spent_carries_over_into_the_rest() {
    let (folder, result) = by_week();
    let factor = |name: &str, t: usize| if name == "Television" { 0.7 + 0.1 * (t % 3) as f64 } else { 0.98 };
    let actuals = weeks(&result, 5, factor);
    let ran = replan(folder.path(), &actuals, &["--least-gain", "0", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let next = saved(folder.path(), "quarter-after-2026-02-02.json");
    let flight = |file: &Value, field: &str| -> Vec<f64> {
        let periods = file["lines"][0]["flight"]["periods"].as_array().expect("periods").clone();
        periods.iter().map(|p| number(&p[field])).collect()
    };
    let (planned, spends, stocks) =
        (flight(&result, "spend"), flight(&next, "spend"), flight(&next, "stock"));
    let price = [0.85, 0.85, 0.90, 0.95, 1.00, 1.00, 1.00, 1.00, 1.05, 1.05, 1.10, 1.10, 1.10];
    let mut stock = 18_000.0;
    for t in 0..13 {
        if t < 5 {
            let spent = planned[t] * factor("Television", t);
            assert!((spends[t] - spent).abs() <= 1e-9 * spent, "week {t}");
        }
        stock = 0.5 * stock + 0.5 * spends[t] / price[t];
        assert!((stocks[t] / stock - 1.0).abs() < 1e-9, "week {t}: {} {stock}", stocks[t]);
    }
    assert!(spends[5..].iter().zip(&planned[5..]).any(|(x, p)| (x - p).abs() > 100.0));
    let proved = outlay_in(folder.path(), &["verify", "quarter-after-2026-02-02.json"]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
    let refused = outlay_in(folder.path(), &["replan", "quarter.json", "actuals.csv", "--reset"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("give the next horizon's scenario"), "{}", refused.stderr);
}

/// By period and without a stated baseline: what was measured, less than the
/// curves say, counts in CAC as in the books.
#[test]
fn cac_of_a_plan_by_period_counts_what_was_measured() {
    const PLAN: &str = r#"
outlay = 1
horizon = { start = 2026-01-05, periods = 6, unit = "week", plan = "by_period" }
goal = { maximize = "revenue" }
budget = { max = 60000 }
limits = [{ name = "CAC", metric = "cac", max = 60 }]
[[lines]]
name = "a"
spend = { current = 30000, max = 60000 }
curve = { family = "michaelis_menten", ceiling = 120000, half_saturation = 30000 }
outcome = "revenue"
revenue_per_customer = 50
[[lines]]
name = "b"
spend = { current = 30000, max = 60000 }
curve = { family = "michaelis_menten", ceiling = 100000, half_saturation = 40000 }
outcome = "revenue"
revenue_per_customer = 50
"#;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "quarter.toml", PLAN);
    let ran = outlay_in(folder.path(), &["run", "quarter.toml", "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let plan = saved(folder.path(), "quarter.json");
    let mut sheet = "line,period,actual_spend,actual_revenue\n".to_owned();
    let (mut spent, mut measured) = (0.0, 0.0);
    for line in plan["lines"].as_array().expect("lines") {
        for week in line["flight"]["periods"].as_array().expect("weeks").iter().take(4) {
            let (spend, period) = (number(&week["spend"]), week["name"].as_str().expect("a period"));
            let earned = 0.6 * spend;
            (spent, measured) = (spent + spend, measured + earned);
            sheet
                .push_str(&format!("{},{period},{spend},{earned}\n", line["name"].as_str().expect("a name")));
        }
    }
    let ran = replan(folder.path(), &sheet, &["--out", "next"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let next = saved(folder.path(), "next/quarter-after-2026-01-26.json");
    // Two weeks are left; a week earns F(6 x) / 6.
    let (mut rest, mut left) = (0.0, 0.0);
    for (line, (ceiling, half)) in
        next["lines"].as_array().expect("lines").iter().zip([(120_000.0, 30_000.0), (100_000.0, 40_000.0)])
    {
        for week in line["flight"]["periods"].as_array().expect("weeks").iter().skip(4) {
            let x = number(&week["spend"]);
            rest += ceiling * x / (half + 6.0 * x);
            left += x;
        }
    }
    let books = (spent + left) / ((measured + rest) / 50.0);
    let told = number(&next["totals"]["cac"]);
    assert!((told / books - 1.0).abs() < 1e-9, "{told} {books}");
    assert!(books > 45.0, "far above the 29 of the curves: {books}");
    for field in ["past.spend=1000", "flight.past.spend=[1,2]", "past=null"] {
        let set = format!("lines.a.{field}");
        let rewritten = replan(folder.path(), &sheet, &["--set", &set]);
        assert!(
            rewritten.code == 2 && rewritten.stderr.contains("comes from the actuals"),
            "{}",
            rewritten.stderr
        );
    }
    // What the limit cannot keep any more is said.
    let tight = replan(folder.path(), &sheet, &["--set", "limits.CAC.max=40", "--out", "tight"]);
    assert_eq!(tight.code, 1, "{} {}", tight.stdout, tight.stderr);
}
