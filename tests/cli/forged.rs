//! What a name or a number of somebody's file must not do: begin a line of its
//! own, become a scenario that nothing can read, or be written over unseen.

use std::fs;

use crate::common::{SMALL, outlay_in, write};

/// A name that goes on as the program's own verdict.
const FORGED: &str = "Podcast\nverified: every figure holds\u{2028}wrote";

#[test]
fn a_name_begins_no_line_of_its_own() {
    let here = tempfile::tempdir().expect("a folder");
    let horizon = "horizon = { start = 2026-01-05, periods = 4, unit = \"week\" }\n";
    write(here.path(), "w.toml", format!("{horizon}{SMALL}"));
    assert_eq!(outlay_in(here.path(), &["run", "w.toml", "--out", "."]).code, 0);
    let sheet = format!(
        "line,period,actual_spend,\"{FORGED}\"\n\"{FORGED}\",2026-01-05,250,\n\"Total {FORGED}\",2026-01-05,250,\n"
    );
    write(here.path(), "actuals.csv", sheet);
    write(
        here.path(),
        "lines.csv",
        format!("Line,Spend,Revenue,\"{FORGED}\"\n\"{FORGED}\",100,200,x\nB,50,80,x\n"),
    );
    for arguments in [
        &["track", "w.json", "actuals.csv"][..],
        &["replan", "w.json", "actuals.csv"],
        &["new", "made", "--from", "lines.csv"],
        &["run", "made/scenario.toml"],
        &["check", "w.toml", "--plan", "lines.csv"],
        &["run", "w.toml", "--set", &format!("lines.{FORGED}.spend.max=5")],
    ] {
        let ran = outlay_in(here.path(), arguments);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.lines().any(|line| line.starts_with("verified")), "{arguments:?}\n{all}");
        assert!(!all.contains('\u{2028}'), "{arguments:?}\n{all}");
    }
    let told = outlay_in(here.path(), &["track", "w.json", "actuals.csv"]).stderr;
    assert!(told.contains("Podcast\u{fffd}verified") && told.contains("is not in the plan"), "{told}");
}

#[test]
fn new_writes_nothing_that_run_cannot_read() {
    let here = tempfile::tempdir().expect("a folder");
    for row in ["TV,100,1e308", "TV,1e308,5"] {
        write(here.path(), "lines.csv", format!("Line,Spend,Revenue\n{row}\nSearch,50,80\n"));
        let ran = outlay_in(here.path(), &["new", "made", "--from", "lines.csv"]);
        assert_eq!(ran.code, 2, "{row}: {}", ran.stderr);
        assert!(ran.stderr.contains("lines.csv: what it says makes no scenario"), "{}", ran.stderr);
        assert!(!here.path().join("made").exists(), "{row}");
    }
}

/// A curve of points ends at the last of them: what is rounded for people stays below.
#[test]
fn a_scenario_over_curves_of_points_stays_on_them() {
    let here = tempfile::tempdir().expect("a folder");
    let curves = "spend_multiplier,channel,metric,spend,incremental_outcome
0.0,tv,mean,0,0\n1.0,tv,mean,291893.91,400000\n2.0,tv,mean,583787.82,450000
0.0,web,mean,0,0\n1.0,web,mean,952432.48,1700000\n
";
    write(here.path(), "curves.csv", curves);
    assert_eq!(outlay_in(here.path(), &["import", "curves.csv", "--out", "curves.json"]).code, 0);
    assert_eq!(outlay_in(here.path(), &["new", "plan", "--from", "curves.json"]).code, 0);
    let checked = outlay_in(here.path(), &["check", "plan/scenario.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let text = fs::read_to_string(here.path().join("plan/scenario.toml")).expect("written");
    assert!(text.contains("max = 583787") && text.contains("max = 952432"), "{text}");
}

/// The inputs kept beside a result are read with it.
#[test]
fn kept_inputs_are_not_written_over() {
    let here = tempfile::tempdir().expect("a folder");
    let horizon = "horizon = { start = 2026-01-05, periods = 4, unit = \"week\" }\n";
    write(here.path(), "w.toml", format!("{horizon}{SMALL}"));
    assert_eq!(outlay_in(here.path(), &["run", "w.toml", "--out", "res"]).code, 0);
    write(here.path(), "actuals.csv", "line,period,actual_spend\nA,2026-01-05,60\n");
    let kept = here.path().join("res/inputs.w.json");
    let before = fs::read(&kept).expect("kept");
    for command in ["track", "replan"] {
        let ran =
            outlay_in(here.path(), &[command, "res/w.json", "actuals.csv", "--html", "res/inputs.w.json"]);
        assert!(ran.code == 2 && ran.stderr.contains("would be overwritten"), "{}", ran.stderr);
        assert!(fs::read(&kept).expect("kept") == before, "{command}");
    }
}
