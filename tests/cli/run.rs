//! `outlay run` as a program: exit codes, streams, formats, files.

use std::fs;

use crate::common::{SMALL, outlay, outlay_in, root, small, write};
use serde_json::Value;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Michaelis-Menten closed form: sqrt(price) = sum sqrt(V k) / (B + sum k).
#[test]
fn the_answer_is_the_closed_form() {
    let here = folder();
    let path = write(here.path(), "small.toml", SMALL);
    let ran = outlay(&["run", &path, "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let result: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let curves = [(1000.0, 400.0), (600.0, 100.0), (300.0, 50.0)];
    let root: f64 = curves.iter().map(|(v, k): &(f64, f64)| (v * k).sqrt()).sum::<f64>() / (500.0 + 550.0);
    for (i, (v, k)) in curves.iter().enumerate() {
        let spend = result["lines"][i]["spend"].as_f64().expect("a spend");
        let exact = (v * k).sqrt() / root - k;
        assert!((spend - exact).abs() < 1e-3, "{spend} {exact}");
    }
    let price = result["limits"][0]["shadow_price"].as_f64().expect("a price");
    assert!((price - root * root).abs() < 1e-6, "{price}");
    assert_eq!(result["status"], "optimal");
}

#[test]
fn exit_codes_the_highest_wins() {
    let here = folder();
    let good = write(here.path(), "good.toml", SMALL);
    let impossible = small(|t| t + "\n[[limits]]\nname = \"Floor\"\nmetric = \"revenue\"\nmin = 5000\n");
    let infeasible = write(here.path(), "infeasible.toml", impossible);
    let broken = write(here.path(), "broken.toml", small(|t| t.replace("ceiling", "cieling")));
    let code = |paths: &[&str]| outlay(&[&["run"], paths].concat()).code;
    assert_eq!(code(&[&good]), 0);
    assert_eq!(code(&[&good, &infeasible]), 1);
    assert_eq!(code(&[&infeasible, &broken, &good]), 2);
    assert_eq!(code(&[]), 2);
}

#[test]
fn stopped_early_is_said_with_its_gap() {
    let hard = [
        "run",
        "scenarios/lifetime.toml",
        "scenarios/deals.toml",
        "scenarios/profit.toml",
        "--nodes",
        "1",
        "--gap",
        "1e-12",
        "--format",
        "json",
    ];
    let ran = outlay(&hard);
    let mut early = 0;
    for line in ran.stdout.lines() {
        let result: Value = serde_json::from_str(line).expect("JSON");
        match result["status"].as_str() {
            Some("within_gap") => {
                early += 1;
                assert!(result["certificate"]["gap"].as_f64().expect("a gap") > 1e-12);
            }
            Some("undetermined") => {
                early += 1;
                assert!(result["value"].is_null() && result["lines"].is_null());
            }
            Some("optimal") => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ran.code, if early > 0 { 3 } else { 0 });
    assert!(early > 0, "one node cannot close all of these to 1e-12");
}

#[test]
fn one_bad_scenario_never_stops_the_others() {
    let here = folder();
    write(here.path(), "a.toml", SMALL);
    write(here.path(), "b.toml", small(|t| t.replace("max = 500", "max = -500")));
    write(here.path(), "c.toml", SMALL);
    let ran = outlay(&["run", here.path().to_str().expect("UTF-8"), "--format", "json"]);
    assert_eq!(ran.code, 2);
    let names: Vec<Value> = ran
        .stdout
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).expect("JSON")["scenario"].clone())
        .collect();
    assert_eq!(names, ["a", "c"]);
    assert!(ran.stderr.contains("b.toml:"), "{}", ran.stderr);
}

/// Every kind of wrong input: exit code 2, nothing on stdout, the file named.
#[test]
fn wrong_input_is_named_and_prints_no_result() {
    let here = folder();
    let deep = format!("{}{}{}", "{\"outlay\": ", "[".repeat(100_000), "]".repeat(100_000));
    let replaced = |from: &str, to: &str| small(|t| t.replacen(from, to, 1)).into_bytes();
    let added = |text: &str| small(|t| t + text).into_bytes();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.toml", Vec::new(), ""),
        ("latin.toml", vec![0xff, 0xfe, b'a'], "UTF-8"),
        ("missing.toml", replaced("curve = ", "# "), ""),
        ("unknown.toml", replaced("half_saturation", "half_saturaton"), "half_saturation"),
        ("negative.toml", replaced("current = 250", "current = -250"), "current"),
        ("nan.toml", replaced("ceiling = 1000", "ceiling = nan"), "ceiling"),
        ("infinite.toml", replaced("ceiling = 1000", "ceiling = inf"), "ceiling"),
        ("crossed.toml", replaced("current = 250", "current = 250, min = 9, max = 8"), ""),
        ("twice.toml", replaced("name = \"B\"", "name = \"A\""), "A"),
        (
            "tag.toml",
            added("\n[[limits]]\nmetric = \"spend\"\nmax = 1\nwhere = { stage = \"uper\" }\n"),
            "upper",
        ),
        (
            "key.toml",
            added("\n[[limits]]\nmetric = \"spend\"\nmax = 1\nwhere = { stag = \"upper\" }\n"),
            "stage",
        ),
        ("metric.toml", added("\n[[limits]]\nmetric = \"cacc\"\nmax = 1\n"), "cac"),
        ("inputs.toml", added("\n[[limits]]\nmetric = \"lifetime_value\"\nmin = 1\n"), ""),
        ("syntax.toml", b"outlay = = 1".to_vec(), ""),
        ("deep.json", deep.into_bytes(), ""),
        (
            "garbage.toml",
            (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
            "",
        ),
        ("version.toml", replaced("outlay = 1", "outlay = 2"), ""),
        ("base.toml", b"outlay = 1\nextends = \"nowhere.toml\"".to_vec(), "nowhere.toml"),
        ("cycle.toml", b"outlay = 1\nextends = \"cycle.toml\"".to_vec(), ""),
    ];
    for (name, text, expected) in cases {
        let path = write(here.path(), name, text);
        let ran = outlay(&["run", &path]);
        assert_eq!(ran.code, 2, "{name}: {} {}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "", "{name}");
        assert!(ran.stderr.contains(name) && ran.stderr.contains(expected), "{name}: {}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn errors_name_file_line_column_and_the_nearest_name() {
    let here = folder();
    let text = small(|t| t.replacen("half_saturation", "half_saturaton", 1));
    write(here.path(), "plan.toml", &text);
    let ran = outlay_in(here.path(), &["run", "plan.toml"]);
    let line = 1 + text.lines().position(|l| l.contains("half_saturaton")).expect("it is there");
    assert!(ran.stderr.contains(&format!("plan.toml:{line}:")), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("\"half_saturation\"")
            || ran.stderr.contains("`half_saturation`")
            || ran.stderr.contains("half_saturation?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_fault_in_thousands_of_places_is_told_by_the_first_and_their_number() {
    let here = folder();
    let line = |k: usize| format!("[[lines]]\nname = \"L{k}\"\nspent = 1\n");
    let text = format!("outlay = 1\n{}", (0..3000).map(line).collect::<String>());
    write(here.path(), "plan.toml", &text);
    let ran = outlay_in(here.path(), &["run", "plan.toml"]);
    assert_eq!(ran.code, 2);
    let (faults, drawn): (Vec<&str>, Vec<&str>) = ran.stderr.lines().partition(|l| l.starts_with("error: "));
    assert_eq!(faults.len(), 51);
    // The first ten with their line of the file, the fault marked.
    assert_eq!(drawn.len(), 30, "{}", ran.stderr);
    assert!(drawn[1].ends_with("| spent = 1") && drawn[2].ends_with("| ^^^^^"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `spend`"), "{}", ran.stderr);
    // No more are looked for after a thousand.
    assert_eq!(ran.stderr.lines().last(), Some("error: and at least 950 more"));
}

#[test]
fn folders_without_scenarios_and_missing_paths_are_wrong_input() {
    let here = folder();
    let path = here.path().to_str().expect("UTF-8");
    assert_eq!(outlay(&["run", path]).code, 2);
    write(here.path(), "notes.json", "{\"curves\": []}");
    let ran = outlay(&["run", path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(outlay(&["run", &format!("{path}/nowhere.toml")]).code, 2);
}

#[test]
fn equal_names_in_one_call_are_wrong_input() {
    let here = folder();
    fs::create_dir(here.path().join("x")).expect("a folder");
    let first = write(here.path(), "plan.toml", SMALL);
    let second = write(&here.path().join("x"), "plan.toml", SMALL);
    let ran = outlay(&["run", &first, &second, "--format", "json"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.stdout.lines().count(), 1, "the first is solved all the same");
    assert!(ran.stderr.contains("x/plan.toml"), "{}", ran.stderr);
    // Different names whose results would land in one file.
    let third = write(
        &here.path().join("x"),
        "plan.toml",
        small(|t| t.replace("outlay = 1", "outlay = 1\nname = \"other\"")),
    );
    assert_eq!(outlay(&["run", &first, &third]).code, 0);
    let out = here.path().join("out");
    let ran = outlay(&["run", &first, &third, "--out", out.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("overwrite"), "{}", ran.stderr);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    for format in ["table", "json", "csv", "markdown"] {
        let with = |jobs: &str| {
            outlay(&["run", "scenarios", "scenarios/infeasible", "--format", format, "--jobs", jobs])
        };
        let (one, two) = (with("1"), with("2"));
        assert_eq!(one.code, 1);
        assert_eq!(one, two, "{format}");
    }
}

#[test]
fn results_are_saved_whole_under_the_files_stem() {
    let here = folder();
    let path = write(here.path(), "plan.toml", SMALL);
    let varied = write(
        here.path(),
        "grid.toml",
        small(|t| t + "\n[[vary]]\nset = \"budget.max\"\nfrom = 100\nto = 700\nsteps = 7\n"),
    );
    let out = here.path().join("out/deeper");
    let ran = outlay(&["run", &path, &varied, "--format", "json", "--out", out.to_str().expect("UTF-8")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut names: Vec<String> = fs::read_dir(&out)
        .expect("made")
        .map(|e| e.expect("readable").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    let all = ["grid.jsonl", "inputs.grid.json", "inputs.plan.json", "plan.json"];
    assert_eq!(names, all, "nothing unfinished is left behind");
    let saved = fs::read_to_string(out.join("plan.json")).expect("saved")
        + &fs::read_to_string(out.join("grid.jsonl")).expect("saved");
    assert_eq!(saved, ran.stdout, "files and stdout carry the same bytes");
    let values: Vec<f64> = saved
        .lines()
        .skip(1)
        .map(|l| serde_json::from_str::<Value>(l).expect("JSON")["value"].as_f64().expect("a value"))
        .collect();
    assert_eq!(values.len(), 7);
    assert!(values.windows(2).all(|w| w[0] < w[1]), "more money never earns less: {values:?}");
}

#[test]
fn nothing_is_written_where_it_cannot_be() {
    let here = folder();
    let path = write(here.path(), "plan.toml", SMALL);
    let taken = write(here.path(), "taken", "a file");
    let ran = outlay(&["run", &path, "--out", &taken]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(fs::read_to_string(&taken).expect("still there"), "a file");
}

#[test]
fn csv_has_one_row_per_line_and_reads_back() {
    let here = folder();
    let path =
        write(here.path(), "plan.toml", small(|t| t.replace("name = \"B\"", "name = \"=1+1, \\\"B\\\"\"")));
    let csv = outlay(&["run", &path, "--format", "csv"]).stdout;
    let json: Value =
        serde_json::from_str(&outlay(&["run", &path, "--format", "json"]).stdout).expect("JSON");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(rows[2].contains("\"'=1+1, \"\"B\"\"\""), "{}", rows[2]);
    let spend = rows[1].split(',').nth(8).expect("a column").parse::<f64>().expect("a number");
    let exact = json["lines"][0]["spend"].as_f64().expect("a spend");
    assert!((spend - exact).abs() <= 5e-15 * exact, "{spend} for {exact}");
    // No round-off shows, in sheets for people even less.
    let digits = |cell: &str| cell.bytes().filter(u8::is_ascii_digit).count();
    assert!(csv.split([',', '\n']).all(|cell| cell.parse::<f64>().is_err() || digits(cell) <= 17), "{csv}");
}

#[test]
fn a_closed_pipe_is_no_panic() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let here = folder();
    let grid = "\n[[vary]]\nset = \"budget.max\"\nfrom = 100\nto = 700\nsteps = 5000\n";
    let path = write(here.path(), "grid.toml", small(|t| t + grid));
    let mut child = Command::new(env!("CARGO_BIN_EXE_outlay"))
        .args(["run", &path, "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut stdout = child.stdout.take().expect("piped");
    let mut some = [0; 100];
    stdout.read_exact(&mut some).expect("something is printed");
    drop(stdout);
    let output = child.wait_with_output().expect("ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.status.code().is_some());
}

#[test]
fn the_starter_solves_and_is_never_overwritten() {
    let here = folder();
    let made = outlay_in(here.path(), &["new", "first"]);
    assert_eq!((made.code, made.stdout.as_str()), (0, ""));
    let path = here.path().join("first/scenario.toml");
    let ran = outlay(&["run", path.to_str().expect("UTF-8")]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    fs::write(&path, "mine").expect("written");
    assert_eq!(outlay_in(here.path(), &["new", "first"]).code, 2);
    assert_eq!(fs::read_to_string(&path).expect("still there"), "mine");
}

#[test]
fn schemas_are_json() {
    for kind in ["scenario", "result", "curves"] {
        let ran = outlay(&["schema", kind]);
        assert_eq!(ran.code, 0);
        let schema: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert!(schema["$schema"].as_str().is_some_and(|s| s.contains("2020-12")), "{kind}");
        assert!(schema["properties"].is_object(), "{kind}");
    }
    assert_eq!(outlay(&["schema", "nothing"]).code, 2);
}

#[test]
fn help_and_version_go_to_stdout() {
    for arguments in [&["--help"][..], &["run", "--help"], &["--version"]] {
        let ran = outlay(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(!ran.stdout.is_empty());
    }
    let wrong = outlay(&["run", "--gap", "2", "x.toml"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (2, ""));
}

#[test]
fn reports_are_written_beside_the_results() {
    let here = folder();
    let page = here.path().join("report.html");
    let book = here.path().join("plan.xlsx");
    let (html, xlsx) = (page.to_str().expect("UTF-8"), book.to_str().expect("UTF-8"));
    let ran = outlay(&["run", "scenarios", "scenarios/infeasible", "--html", html, "--xlsx", xlsx]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let page = fs::read_to_string(page).expect("written");
    assert!(page.contains("scenarios side by side") && page.ends_with("</html>"));
    assert!(fs::read(book).expect("written").starts_with(b"PK"));
}

#[test]
fn results_name_the_scenario_as_it_was_given() {
    let ran = outlay_in(&root().join("scenarios"), &["run", "launch.toml", "--format", "json"]);
    let result: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(result["source"]["path"], "launch.toml");
    assert_eq!(result["source"]["sha256"].as_str().map(str::len), Some(64));
}
