//! Plans and sheets as people keep them: in thousands, with titles, in another
//! order of days.

use std::fs;

use crate::common::{SMALL, outlay_in, write};

const WEEKS: &str = r#"
outlay = 1
name = "W"
currency = "USD"
horizon = { start = 2026-01-05, periods = 4, unit = "week" }
budget = { max = 50_000 }
[[lines]]
name = "TV, national"
outcome = "revenue"
spend = { current = 20_000 }
curve = { family = "michaelis_menten", ceiling = 150_000, half_saturation = 30_000 }
[[lines]]
name = "B"
outcome = "revenue"
spend = { current = 30_000 }
curve = { family = "michaelis_menten", ceiling = 140_000, half_saturation = 30_000 }
"#;

#[test]
fn plans_in_another_unit_are_refused() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS);
    let judge = |text: &str| {
        write(folder, "plan.csv", text);
        outlay_in(folder, &["check", "w.toml", "--plan", "plan.csv"])
    };
    for (unit, plan) in [
        ("in thousands", "line,spend\n\"TV, national\",20\nB,30\n"),
        ("in thousands", "Line item,Budget (USD)\n\"TV, national\",20.5\nB,0.8\n"),
        ("in millions", "line,spend\n\"TV, national\",0.02\nB,0.03\n"),
        ("in cents", "line,spend\n\"TV, national\",2000000\nB,3000000\n"),
    ] {
        let ran = judge(plan);
        assert_eq!(ran.code, 2, "{plan}: {}", ran.stdout);
        assert!(ran.stderr.contains(unit) && ran.stderr.contains("spend as meant"), "{}", ran.stderr);
    }
    for plan in [
        "line,spend\n\"TV, national\",20K\nB,30K\n",
        "line,spend\n\"TV, national\",20000\nB,0\n",
        // One line that is off, and a plan that is cut to a few percent.
        "line,spend\n\"TV, national\",20000\nB,20\n",
        "line,spend\n\"TV, national\",700\nB,900\n",
        "line,spend as meant\n\"TV, national\",20\nB,30\n",
    ] {
        let ran = judge(plan);
        assert!(ran.code < 2, "{plan}: {}", ran.stderr);
    }
}

#[test]
fn a_buy_sheet_is_a_plan() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS);
    assert_eq!(outlay_in(folder, &["run", "w.toml", "--buy", "."]).code, 0);
    for sheet in ["w.csv", "w.xlsx"] {
        let ran = outlay_in(folder, &["check", "w.toml", "--plan", sheet]);
        assert_eq!(ran.code, 0, "{sheet}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("keeps every rule") && ran.stdout.contains("50.0K"), "{}", ran.stdout);
    }
    let twice = fs::read_to_string(folder.join("w.csv")).expect("a sheet");
    let row = twice.lines().nth(1).expect("a row");
    write(folder, "twice.csv", format!("{twice}{row}\n"));
    let ran = outlay_in(folder, &["check", "w.toml", "--plan", "twice.csv"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("has a row already"), "{}", ran.stderr);
}

#[test]
fn what_stands_beside_a_sheets_table_is_not_written_over() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS);
    let buy = || outlay_in(folder, &["run", "w.toml", "--buy", "."]);
    assert_eq!(buy().code, 0);
    // Its own sheets, as they are, are no trouble.
    let again = buy();
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    let sheet = fs::read_to_string(folder.join("w.csv")).expect("a sheet");
    let titled = format!("Weeks of W\n\n{sheet}");
    write(folder, "w.csv", &titled);
    let ran = buy();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("row 1 (`Weeks of W`)"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(folder.join("w.csv")).expect("a sheet"), titled);
    write(folder, "w.csv", &sheet);
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    for (row, line) in csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(sheet.as_bytes())
        .records()
        .map(|r| r.expect("a row"))
        .enumerate()
    {
        for (column, cell) in line.iter().enumerate() {
            page.write(row as u32, column as u16, cell).expect("written");
        }
    }
    let notes = book.add_worksheet().set_name("Notes").expect("a name");
    notes.write(0, 0, "call Ana").expect("written");
    book.save(folder.join("w.xlsx")).expect("saved");
    let ran = buy();
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the sheet `Notes`"), "{}", ran.stderr);
}

#[test]
fn csv_of_every_answer_has_the_columns_of_its_heading() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS.replace("name = \"B\"", "name = \"B \\\"x\\\"\\ny\""));
    write(folder, "small.toml", SMALL);
    for (set, out) in [("50000", "a"), ("40000", "b")] {
        let set = format!("budget.max={set}");
        assert_eq!(outlay_in(folder, &["run", "w.toml", "--set", &set, "--out", out]).code, 0);
    }
    for arguments in [
        &["run", "w.toml", "small.toml", "--format", "csv"][..],
        &["compare", "a/w.json", "b/w.json", "--format", "csv"],
        &[
            "frontier",
            "w.toml",
            "--over",
            "budget.max",
            "--from",
            "20000",
            "--to",
            "60000",
            "--format",
            "csv",
        ],
    ] {
        let ran = outlay_in(folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
        let rows: Result<Vec<_>, _> = reader.records().collect();
        assert!(rows.expect("as many cells as the heading has").len() > 3, "{arguments:?}: {}", ran.stdout);
        let heads: Vec<String> = reader.headers().expect("a heading").iter().map(str::to_owned).collect();
        let named = |text: &str| ran.stdout.contains(text);
        assert!(heads.iter().any(|h| h == "TV, national") || named("\"TV, national\""), "{heads:?}");
    }
}

const FLIGHTED: &str = r#"
outlay = 1
name = "F"
currency = "USD"
horizon = { start = 2026-01-05, periods = 4, unit = "week", plan = "by_period" }
budget = { max = 50_000 }
[[lines]]
name = "TV"
outcome = "revenue"
spend = { current = 20_000, max = 40_000 }
curve = { family = "michaelis_menten", ceiling = 150_000, half_saturation = 30_000 }
adstock = { kind = "geometric", retention = 0.5 }
flight = { at_least = 8_000 }
[[lines]]
name = "B"
outcome = "revenue"
spend = { current = 30_000, max = 40_000 }
curve = { family = "michaelis_menten", ceiling = 140_000, half_saturation = 30_000 }
[[limits]]
name = "Cash"
metric = "spend"
by = "period"
max = 20_000
"#;

#[test]
fn a_plan_by_period_is_judged_as_it_is_flown() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "f.toml", FLIGHTED);
    let judge = |text: &str| {
        write(folder, "plan.csv", text);
        outlay_in(folder, &["check", "f.toml", "--plan", "plan.csv", "--format", "json"])
    };
    // TV runs in two weeks; its rows are in no order, and weeks that are off have none.
    let flown = judge(
        "Line,Week commencing,Spend\nB,2026-01-05,5000\nTV,19/01/2026,9000\nB,12/01/2026,7000\nTV,05/01/2026,10000\n",
    );
    assert_eq!(flown.code, 0, "{}{}", flown.stdout, flown.stderr);
    let said: serde_json::Value = serde_json::from_str(&flown.stdout).expect("JSON");
    let spends = |k: usize| -> Vec<f64> {
        let periods = said["lines"][k]["flight"]["periods"].as_array().expect("periods");
        periods.iter().map(|p| p["spend"].as_f64().expect("a spend")).collect()
    };
    assert_eq!((spends(0), spends(1)), (vec![10_000.0, 0.0, 9_000.0, 0.0], vec![5_000.0, 7_000.0, 0.0, 0.0]));
    // A curve F over four weeks works in one as F(4 a) / 4; TV's stock halves every week.
    let week = |ceiling: f64, stock: f64| ceiling * 4.0 * stock / (30_000.0 + 4.0 * stock) / 4.0;
    let (mut stock, mut tv) = (0.0, 0.0);
    for t in 0..60 {
        stock = 0.5 * stock + 0.5 * [10_000.0, 0.0, 9_000.0].get(t).unwrap_or(&0.0);
        tv += week(150_000.0, stock);
    }
    let worked = tv + week(140_000.0, 5_000.0) + week(140_000.0, 7_000.0);
    let revenue = said["totals"]["revenue"].as_f64().expect("a revenue");
    assert!((revenue - worked).abs() < 1e-4 * worked, "{revenue}, {worked} by hand");

    // The same money evenly: TV is below its least amount in every week.
    let evenly = outlay_in(folder, &["check", "f.toml", "--plan", "even.csv"]);
    assert_eq!(evenly.code, 2, "no such file yet");
    write(folder, "even.csv", "line,spend\nTV,19000\nB,12000\n");
    let evenly = outlay_in(folder, &["check", "f.toml", "--plan", "even.csv"]);
    assert_eq!(evenly.code, 1);
    assert!(
        evenly.stdout.contains("least amount") && evenly.stdout.contains("column\n`period`"),
        "{}",
        evenly.stdout
    );

    for (plan, wrong) in [
        (
            "line,period,spend\nTV,2026-01-05,9000\nTV,2026-01-05,9000\nB,2026-01-05,1\n",
            "a row already for 2026-01-05",
        ),
        ("line,period,spend\nTV,2026-01-05,9000\nTV,,9000\nB,2026-01-05,1\n", "a row already"),
        ("line,period,spend\nTV,,9000\nTV,2026-01-05,9000\nB,2026-01-05,1\n", "a row already for 2026-01-05"),
        (
            "line,Week of,spend\nTV,2026-01-07,9000\nB,2026-01-05,1\n",
            "column `Week of`: unknown period `2026-01-07`; the scenario has 2026-01-05 to 2026-01-26; if the period around this day is meant, write 2026-01-05",
        ),
    ] {
        let ran = judge(plan);
        let said = ran.stderr.replace("\n  ", " ");
        assert!(ran.code == 2 && said.contains(wrong), "{plan}: {}", ran.stderr);
    }
}

#[test]
fn a_plan_by_period_keeps_its_own_rules_as_a_buy_sheet() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "f.toml", FLIGHTED);
    let ran = outlay_in(folder, &["run", "f.toml", "--buy", "buy", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for sheet in ["buy/f.csv", "buy/f.xlsx"] {
        let judged = outlay_in(
            folder,
            &["check", "f.toml", "--plan", sheet, "--out", "judged.json", "--format", "json"],
        );
        assert_eq!(judged.code, 0, "{sheet}: {}{}", judged.stdout, judged.stderr);
        let said: serde_json::Value = serde_json::from_str(&judged.stdout).expect("JSON");
        let left = said["left_on_table"]["found"].as_f64().expect("a figure");
        assert!(left.abs() < 1e-3, "{sheet}: the best plan leaves {left}");
        let proof = outlay_in(folder, &["verify", "judged.json"]);
        assert_eq!(proof.code, 0, "{}", proof.stdout);
        fs::remove_file(folder.join("judged.json")).expect("it is there");
    }
}

const MEETING: &str = r#"
outlay = 1
name = "M"
currency = "USD"
horizon = { periods = 1, unit = "quarter" }
budget = { max = 400 }
audiences = [{ name = "Viewers", lines = ["tv", "video"], curve = { family = "exponential", ceiling = 1000, scale = 1000 } }]
[[lines]]
name = "tv"
outcome = "revenue"
spend = { current = 100 }
curve = { family = "exponential", ceiling = 900, scale = 120 }
[[lines]]
name = "video"
outcome = "revenue"
spend = { current = 100 }
curve = { family = "michaelis_menten", ceiling = 500, half_saturation = 90 }
[[lines]]
name = "social"
outcome = "revenue"
spend = { current = 100 }
curve = { family = "michaelis_menten", ceiling = 150, half_saturation = 40 }
"#;

#[test]
fn what_is_near_a_plan_of_lines_that_meet_is_near_in_money() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "m.toml", MEETING);
    write(folder, "plan.csv", "line,spend\ntv,300\nvideo,120\nsocial,80\n");
    let ran = outlay_in(
        folder,
        &["check", "m.toml", "--plan", "plan.csv", "--max-change", "30%", "--format", "json"],
    );
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    // 500 are spent where 400 are allowed: a hundred less is enough.
    let moved = said["nearest"]["moved"].as_f64().expect("a figure");
    assert!((moved - 100.0).abs() < 1e-3, "{moved}");
    // Within 30% of every line, on a grid of half a unit.
    let worth = |tv: f64, video: f64, social: f64| {
        let met = 900.0 * (1.0 - (-tv / 120.0).exp()) + 500.0 * video / (90.0 + video);
        1000.0 * (1.0 - (-met / 1000.0).exp()) + 150.0 * social / (40.0 + social)
    };
    let mut best: f64 = 0.0;
    for a in 0..=360 {
        for b in 0..=144 {
            let (tv, video) = (210.0 + 0.5 * f64::from(a), 84.0 + 0.5 * f64::from(b));
            let social = (400.0 - tv - video).min(104.0);
            if social >= 56.0 {
                best = best.max(worth(tv, video, social));
            }
        }
    }
    let within = said["within"]["plan"]["value"].as_f64().expect("a figure");
    assert!(
        (within - best).abs() < 1e-3 * best && within > best * (1.0 - 1e-6),
        "{within}, {best} on a grid"
    );
}

#[test]
fn a_plan_by_period_is_changed_within_a_part_of_every_line() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "f.toml", FLIGHTED);
    write(
        folder,
        "plan.csv",
        "line,week,spend\nTV,2026-01-05,10000\nTV,2026-01-12,10000\nB,2026-01-12,10000\n",
    );
    let near = |percent: &str| {
        let words = ["check", "f.toml", "--plan", "plan.csv", "--max-change", percent, "--format", "json"];
        let said: serde_json::Value = serde_json::from_str(&outlay_in(folder, &words).stdout).expect("JSON");
        let plan = said["within"]["plan"].clone();
        let spend = |k: usize| plan["lines"][k]["spend"].as_f64().expect("a spend");
        (
            plan["value"].as_f64().expect("a value"),
            spend(0),
            spend(1),
            said["value"].as_f64().expect("a value"),
        )
    };
    let (some, tv, b, own) = near("20%");
    assert!(
        (16_000.0 - 1e-3..=24_000.001).contains(&tv) && (8_000.0 - 1e-3..=12_000.001).contains(&b),
        "{tv}, {b}"
    );
    let (more, ..) = near("50%");
    assert!(own < some && some < more, "{own}, {some}, {more}");
}

#[test]
fn a_check_takes_a_question() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS);
    assert_eq!(outlay_in(folder, &["check", "w.toml"]).code, 0);
    // 50,000 earn at most 150,000 x 25,000 / 55,000 + 140,000 x 25,000 / 55,000 = 131,818 or so.
    for (limit, code) in [("revenue>=130000", 0), ("revenue>=135000", 1)] {
        let ran = outlay_in(folder, &["check", "w.toml", "--limit", limit, "--out", "saved.json"]);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("[revenue >= "), "{}", ran.stdout);
        assert_eq!(outlay_in(folder, &["verify", "saved.json"]).code, 0);
        fs::remove_file(folder.join("saved.json")).expect("saved");
    }
    let set =
        outlay_in(folder, &["check", "w.toml", "--limit", "revenue>=135000", "--set", "budget.max=60000"]);
    assert_eq!(set.code, 0, "{}{}", set.stdout, set.stderr);
    let both = outlay_in(
        folder,
        &["check", "w.toml", "--limit", "revenue>=135000", "--apply", "1", "--out", "r.toml"],
    );
    assert!(both.code == 2 && both.stderr.contains("--apply"), "{}", both.stderr);
}

#[test]
fn shares_of_the_budget_are_a_plan() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    // 50,000 of cost: a fee of a quarter comes on top of what TV spends.
    let with_fee = WEEKS.replacen("outcome = \"revenue\"", "outcome = \"revenue\"\nfee = 0.25", 1);
    write(folder, "w.toml", with_fee);
    let judge = |scenario: &str, text: &str| {
        write(folder, "plan.csv", text);
        outlay_in(folder, &["check", scenario, "--plan", "plan.csv", "--format", "json"])
    };
    for text in [
        "line,share\n\"TV, national\",60%\nB,40%\nTotal,100%\n",
        "Line item,Share of budget\n\"TV, national\",0.6\nB,0.4\n",
        "line,Split (%)\n\"TV, national\",60\nB,40\n",
        // Amounts count where both are there.
        "line,share,spend\n\"TV, national\",1%,24000\nB,2%,20000\n",
    ] {
        let ran = judge("w.toml", text);
        assert_eq!(ran.code, 0, "{text}: {}{}", ran.stdout, ran.stderr);
        let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let spend = |k: usize| said["lines"][k]["spend"].as_f64().expect("a spend");
        let near = |x: f64, y: f64| (x - y).abs() < 1e-6;
        assert!(near(spend(0), 24_000.0) && near(spend(1), 20_000.0), "{text}: {}, {}", spend(0), spend(1));
        assert!(near(said["totals"]["spend"].as_f64().expect("a total"), 50_000.0), "{text}");
    }
    // What is not shared out is not spent; more than the budget breaks it.
    assert_eq!(judge("w.toml", "line,share\n\"TV, national\",60%\nB,10%\n").code, 0);
    assert_eq!(judge("w.toml", "line,share\n\"TV, national\",60%\nB,50%\n").code, 1);
    let wrong = judge("w.toml", "line,share\n\"TV, national\",most\nB,10%\n");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("`most` is not a share of the budget"),
        "{}",
        wrong.stderr
    );
    write(folder, "free.toml", WEEKS.replace("budget = { max = 50_000 }", ""));
    let free = judge("free.toml", "line,share\n\"TV, national\",60%\nB,40%\n");
    assert!(free.code == 2 && free.stderr.contains("shares need a budget"), "{}", free.stderr);
    // By period a share is one of the whole budget.
    write(folder, "f.toml", FLIGHTED);
    let flown = judge("f.toml", "line,week,share\nTV,2026-01-05,20%\nTV,2026-01-12,20%\nB,2026-01-26,0.1\n");
    let said: serde_json::Value = serde_json::from_str(&flown.stdout).expect("JSON");
    let spend =
        |k: usize, t: usize| said["lines"][k]["flight"]["periods"][t]["spend"].as_f64().expect("a spend");
    assert_eq!((spend(0, 0), spend(0, 1), spend(0, 2), spend(1, 3)), (10_000.0, 10_000.0, 0.0, 5_000.0));
}
