//! `outlay fit` from files to files, and its library in a scenario.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn outlay(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_outlay")).args(arguments).current_dir(folder).output().expect("runs")
}

/// Sixty weeks of revenue from two Michaelis-Menten channels, a season and
/// noise of a multiplicative congruential generator with a fixed start.
fn history() -> String {
    let mut state: u64 = 42;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut text = String::from("date,revenue,tv_spend,search_spend\n");
    let monday = 1_704_067_200_u64;
    for week in 0..60_u64 {
        let (tv, search) = (2_000.0 + 8_000.0 * uniform(), 500.0 + 2_500.0 * uniform());
        let season = 3_000.0 * (week as f64 / 52.18 * std::f64::consts::TAU).sin();
        let noise = 600.0 * (uniform() + uniform() + uniform() - 1.5);
        let media = 20_000.0 * tv / (tv + 6_000.0) + 9_000.0 * search / (search + 2_000.0);
        let date = day(monday / 86_400 + 7 * week);
        let _ = writeln!(text, "{date},{:.2},{tv:.2},{search:.2}", 40_000.0 + season + media + noise);
    }
    text
}

/// Days since 1970 as a date (Howard Hinnant's algorithm).
fn day(days: u64) -> String {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}

#[test]
fn history_becomes_a_library_that_scenarios_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("reads");
    write("history.csv", &history());
    write(
        "tests.csv",
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2024-03-04,2024-04-28,6000,3000,9000,1800\n",
    );
    write(
        "judgements.csv",
        "channel,source,current,min,max,at_current,at_150_percent,like\nradio,planning team,1000,0,5000,2000,2600,\npodcast,similar audience,,,,,,tv\n",
    );
    let arguments = ["fit", "history.csv", "--lift-tests", "tests.csv", "--judgements", "judgements.csv"];
    let with = |out: &str| {
        let rest = ["--out", out, "--currency", "USD", "--pictures", "curves.html"];
        outlay(folder.path(), &[&arguments[..], &rest[..]].concat())
    };
    let first = with("curves.json");
    let errors = String::from_utf8_lossy(&first.stderr).into_owned();
    assert_eq!(first.status.code(), Some(0), "{errors}");
    let shown = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(shown.contains("tv") && shown.contains("hold-out") && shown.contains("planning team"), "{shown}");
    with("again.json");
    assert_eq!(read("curves.json"), read("again.json"), "the same input gives the same bytes");
    let page = read("curves.html");
    let drawn: Vec<&str> = page.split("<svg").skip(1).filter_map(|s| s.split("</svg>").next()).collect();
    assert!(drawn.len() > 1 && drawn.iter().all(|svg| !svg.contains("NaN") && !svg.contains("inf")));

    let library: serde_json::Value = serde_json::from_str(&read("curves.json")).expect("JSON");
    let tv = &library["curves"][0];
    // The true slope at the mean: 20000 * 6000 / (6000 + mean)^2.
    let mean = tv["observed"]["mean"].as_f64().expect("a mean");
    let truth = 20_000.0 * 6_000.0 / (6_000.0 + mean).powi(2);
    let bound = |name: &str| tv["marginal"][name].as_f64().expect("an interval");
    assert!(bound("low") <= truth && truth <= bound("high"), "{truth} outside {}", tv["marginal"]);
    assert!(tv["draws"].as_array().is_some_and(|d| d.len() >= 100));

    let update =
        outlay(folder.path(), &["fit", "history.csv", "--out", "new.json", "--update", "curves.json"]);
    let said = String::from_utf8_lossy(&update.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("no new weeks since 2025-02-17"), "{said}");
    assert!(said.contains("tv: had more lift tests before"), "{said}");
    assert!(said.contains("search: marginal at") && said.contains("noise: no more than new data"), "{said}");
    assert!(said.contains("podcast: no longer there"), "{said}");

    // The library in a scenario: a horizon of weeks, an extrapolation and a
    // judgement marked in every format.
    let most = 1.6 * tv["observed"]["max"].as_f64().expect("a maximum") * 4.0;
    let scenario = format!(
        "outlay = 1\ncurrency = \"USD\"\ncurves = \"curves.json\"\nhorizon = {{ periods = 4, unit = \"week\" }}\n\
         goal = {{ maximize = \"revenue\" }}\nbudget = {{ exact = {} }}\n\
         [[lines]]\nname = \"tv\"\nspend = {{ current = 24000, min = {most} }}\n\
         [[lines]]\nname = \"radio\"\nspend = {{ current = 4000, min = 3000 }}\n",
        most + 4000.0
    );
    write("plan.toml", &scenario);
    for (format, marks) in [
        ("table", ["tv†", "radio‡", "planning team"]),
        ("markdown", ["tv†", "radio‡", "planning team"]),
        ("json", ["\"extrapolated\":true", "\"judgement\":\"planning team\"", "\"name\":\"radio\""]),
        ("csv", ["true,false", "false,true", "radio"]),
    ] {
        let run = outlay(folder.path(), &["run", "plan.toml", "--format", format, "--html", "plan.html"]);
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        let shown = String::from_utf8_lossy(&run.stdout).into_owned();
        for mark in marks {
            assert!(shown.contains(mark), "{format}: {mark}: {shown}");
        }
    }
    let page = read("plan.html");
    assert!(page.contains(">†</abbr>") && page.contains("radio‡") && page.contains("a judgement, not a fit"));
}

#[test]
fn attributed_outcomes_are_credited_by_their_factor() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("date,channel,spend,revenue\n");
    for week in 0..30_u64 {
        let spend = 1_000.0 + 250.0 * (week * 7 % 13) as f64;
        let wiggle = 1.0 + 0.03 * ((week * 5 % 7) as f64 - 3.0);
        let _ = writeln!(
            text,
            "{},social,{spend},{:.1}",
            day(19_723 + 7 * week),
            wiggle * 9_000.0 * spend / (spend + 3_000.0)
        );
    }
    fs::write(folder.path().join("history.csv"), text).expect("writes");
    let slope = |extra: &[&str]| {
        let found = outlay(folder.path(), &[&["fit", "history.csv", "--out", "curves.json"], extra].concat());
        assert_eq!(found.status.code(), Some(0), "{found:?}");
        let text = fs::read_to_string(folder.path().join("curves.json")).expect("reads");
        let library: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let figure = |name: &str| library["curves"][0]["marginal"][name].as_f64().expect("a number");
        (figure("value"), figure("high") / figure("low"))
    };
    let (all, narrow) = slope(&[]);
    let (half, wide) = slope(&["--incrementality", "social=0.5:0.1"]);
    assert!(
        (half / all - 0.5).abs() < 0.03 && wide > 1.2 * narrow,
        "{half} of {all}, {wide} against {narrow}"
    );
    let unknown = ["fit", "history.csv", "--out", "x.json", "--incrementality", "tv=0.5:0.1"];
    assert_eq!(outlay(folder.path(), &unknown).status.code(), Some(2));
}

#[test]
fn wrong_input_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let broken = history().replacen("2024-01-15,", "2024-01-15,-", 1);
    fs::write(folder.path().join("history.csv"), broken).expect("writes");
    let found = outlay(folder.path(), &["fit", "history.csv", "--out", "curves.json"]);
    assert_eq!(found.status.code(), Some(2));
    assert!(found.stdout.is_empty() && !folder.path().join("curves.json").exists());
    let errors = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(errors.contains("row 4, column `revenue`") && errors.contains("is negative"), "{errors}");
}

#[test]
fn judgements_that_make_no_curve_blame_the_right_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
    write("history.csv", &history());
    write(
        "judgements.csv",
        "channel,source,current,min,max,at_current,at_150_percent,return,at,half_saturation,like,outcome_scale\n\
         a,team,1000,3000,5000,2000,2600,,,,,\nb,team,1000,0,5000,2000,1600,,,,,\n\
         c,team,1000,4000,3000,2000,1600,,,,,\nd,team,0,0,5000,2000,2600,,,,,\n\
         e,team,,,,,,0,1000,500,,\nf,team,,,,,,2,1000,0,,\ng,team,,,,,,,,,tv,0\nh,team,,,,,,,,,radio,\n",
    );
    let arguments =
        ["fit", "history.csv", "--judgements", "judgements.csv", "--out", "curves.json", "--time", "1"];
    let done = outlay(folder.path(), &arguments);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    let blamed = [
        "row 2, column `at_current`",
        "row 3, column `at_150_percent`",
        "row 4, column `max`",
        "row 5, column `current`",
        "row 6, column `return`",
        "row 7, column `half_saturation`",
        "row 8, column `outcome_scale`",
        "row 9, column `like`",
    ];
    assert!(said.contains("8 things are wrong") && blamed.iter().all(|b| said.contains(b)), "{said}");
    assert!(!folder.path().join("curves.json").exists());
}

/// Neither the total below the tests nor the remark under it is a test, and both
/// are said to be left out, with their rows.
#[test]
fn rows_of_lift_tests_that_are_none_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
    write("history.csv", &history());
    let heading = "channel,start,end,spend,delta_spend,lift,standard_error";
    let test = "tv,2024-03-04,2024-04-28,6000,3000,9000,1800";
    write(
        "tests.csv",
        &format!("{heading}\n{test}\nTotal,,,6000,3000,9000,\nfrom the spring report,,,,,,\n"),
    );
    let arguments =
        ["fit", "history.csv", "--lift-tests", "tests.csv", "--out", "curves.json", "--time", "1"];
    let ran = outlay(folder.path(), &arguments);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert!(said.contains("tests.csv: not data, a total: row 3 `Total | 6000 | 3000 | 9000`\n"), "{said}");
    assert!(
        said.contains("tests.csv: not data, below the table: row 4 `from the spring report`\n"),
        "{said}"
    );
    write("tests.csv", &format!("{heading}\n{test}\n"));
    let ran = outlay(folder.path(), &arguments);
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("tests.csv"), "{ran:?}");
}
