//! What is typed is understood, or answered with what to write; what is probably
//! not meant is told in every format.

use tempfile::tempdir;

use crate::common::{Ran, outlay_in, write};

const ODD: &str = r#"
outlay = 1
name = "Odd"
currency = "USD"
budget = { max = 500 }
limits = [{ name = "No line moves by more than a tenth of its present spend", metric = "change", by = "name", max = 50 }]
[[lines]]
name = "Meta"
stage = "Awareness"
spend = { current = 250 }
curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 400 }
outcome = "revenue"
[[lines]]
name = "Radio"
stage = "Awareness"
spend = { current = 250 }
curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 200 }
outcome = "revenue"
[[lines]]
name = "Podcasts"
stage = "Awarness"
spend = { current = 250, max = 100 }
deal = { flat = 150 }
curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 200 }
outcome = "revenue"
"#;

/// What each of the three warnings is known by.
const TOLD: [&str; 3] = ["has stage \"Awarness\"", "deal.flat is 150", "is 5,000%; for 50% write 0.5"];

fn told(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{ran:?}");
    let all = format!("{}{}", ran.stdout, ran.stderr);
    let plain = all.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\\"", "\"");
    for words in TOLD {
        assert_eq!(plain.matches(words).count(), 1, "{words}: {all}");
    }
}

#[test]
fn warnings_show_in_every_format_and_change_no_exit_code() {
    let folder = tempdir().expect("a folder");
    write(folder.path(), "odd.toml", ODD);
    write(folder.path(), "plan.csv", "line,spend\nMeta,200\nRadio,200\nPodcasts,0\n");
    for format in ["table", "markdown", "csv", "json"] {
        told(&outlay_in(folder.path(), &["run", "odd.toml", "--format", format]), 0);
    }
    for format in ["table", "markdown", "json"] {
        told(&outlay_in(folder.path(), &["check", "odd.toml", "--format", format]), 0);
    }
    told(&outlay_in(folder.path(), &["check", "odd.toml", "--plan", "plan.csv"]), 0);
    let sweep = ["frontier", "odd.toml", "--over", "budget.max", "--from", "400", "--to", "500"];
    told(&outlay_in(folder.path(), &sweep), 0);
    // Once for all what-ifs.
    write(
        folder.path(),
        "vary.toml",
        format!("{ODD}[[vary]]\nset = \"budget.max\"\nvalues = [400, 450, 500]\n"),
    );
    told(&outlay_in(folder.path(), &["run", "vary.toml"]), 0);
    let pages = ["run", "odd.toml", "--format", "json", "--html", "o.html", "--xlsx", "o.xlsx"];
    assert_eq!(outlay_in(folder.path(), &pages).code, 0);
    let page = std::fs::read_to_string(folder.path().join("o.html")).expect("a page");
    assert!(page.contains("Awarness&quot;; others have"), "the page warns");
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(folder.path().join("o.xlsx")).expect("a workbook");
    let sheet = calamine::Reader::worksheet_range(&mut book, "Overview").expect("a sheet");
    let cells: Vec<String> = sheet.rows().flatten().map(ToString::to_string).collect();
    for words in TOLD {
        assert!(cells.iter().any(|cell| cell.contains(words)), "{words}: {cells:?}");
    }
}

#[test]
fn the_rows_of_a_limit_by_group_can_be_told_apart() {
    let folder = tempdir().expect("a folder");
    write(folder.path(), "odd.toml", ODD);
    for command in ["run", "check"] {
        let text = outlay_in(folder.path(), &[command, "odd.toml"]).stdout;
        for group in ["Meta", "Radio", "Podcasts"] {
            assert!(text.contains(&format!("…: {group}")), "{command}: {text}");
        }
    }
}

#[test]
fn amounts_are_understood_as_people_write_them() {
    let folder = tempdir().expect("a folder");
    write(folder.path(), "odd.toml", ODD);
    let spend = |arguments: &[&str]| {
        let all: Vec<&str> =
            ["run", "odd.toml", "--format", "json"].iter().chain(arguments).copied().collect();
        let ran = outlay_in(folder.path(), &all);
        assert_eq!(ran.code, 0, "{ran:?}");
        let result: serde_json::Value = serde_json::from_str(&ran.stdout).expect("a result");
        result["totals"]["spend"].as_f64().expect("a spend").round()
    };
    assert_eq!(spend(&["--set", "budget.max=0.3k"]), 300.0);
    assert_eq!(spend(&["--set", "budget.max=$420"]), 420.0);
    assert_eq!(spend(&["--set", "budget.max=+10%"]), 550.0);
    assert_eq!(spend(&["--set", "budget.max=-50%"]), 250.0);
    assert_eq!(spend(&["--limit", "spend<123", "--goal", "max revenue"]), 123.0);
    assert_eq!(spend(&["--limit", "Spend = 77"]), 77.0);
}

#[test]
fn what_is_not_understood_is_answered_with_what_to_write() {
    let folder = tempdir().expect("a folder");
    write(folder.path(), "odd.toml", ODD);
    let answer = |option: &str, value: &str| {
        let ran = outlay_in(folder.path(), &["run", "odd.toml", option, value]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(!ran.stderr.contains("struct") && !ran.stderr.contains("1:1"), "{}", ran.stderr);
        ran.stderr
    };
    for (option, value, words) in [
        ("--set", "budget=2500000", "budget.max=2500000"),
        ("--set", "budget=2.1M", "budget.max=2100000"),
        ("--set", "goal=profit", "maximize profit"),
        ("--set", "max profit", "--goal \"max profit\""),
        ("--set", "cac<57", "--limit \"cac<57\""),
        ("--set", "budget.max=15%", "budget.max=+15%"),
        ("--set", "budget.max=lots", "the text \"lots\" where a number is expected"),
        ("--set", "budget.max=+5000", "+10%"),
        ("--set", "limits.No line moves by more than a tenth of its present spend.max=+10%", "write limits."),
        ("--goal", "profit", "maximize profit"),
        ("--limit", "cac", "customers>=10000"),
        ("--limit", "cac<cheap", "`cheap` is not a number"),
    ] {
        let told = answer(option, value);
        assert!(told.contains(words), "{option} {value}: {told}");
    }
}
