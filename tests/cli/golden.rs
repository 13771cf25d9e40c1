//! The shipped scenarios, as the program prints them.

use crate::common::{outlay, root};

/// Certified figures move in their last digits with every change of the
/// solver; what is printed has few enough digits not to. The size of a gap
/// and the number of nodes are the solver's own business.
fn settled(text: &str) -> String {
    let gap = |line: &str| match line.split_once(" (gap ") {
        Some((head, tail)) => {
            let rest = tail.split_once(')').map_or("", |(_, rest)| rest);
            let rest = if rest.starts_with(';') { "." } else { rest };
            format!("{head} (gap …){rest}")
        }
        None => line.to_owned(),
    };
    // The sentence may be wrapped anywhere.
    let mut out = String::new();
    for paragraph in text.split("\n\n") {
        if paragraph.starts_with("Proven") || paragraph.starts_with("Stopped") {
            let (sentence, notes) = paragraph
                .split_once("\n* ")
                .map_or((paragraph, String::new()), |(s, n)| (s, format!("\n* {n}")));
            out.push_str(&gap(&sentence.replace('\n', " ")));
            out.push_str(&notes);
        } else {
            out.push_str(paragraph);
        }
        out.push_str("\n\n");
    }
    out.trim_end().to_owned()
}

fn golden(name: &str) {
    let ran = outlay(&["run", &format!("scenarios/{name}.toml"), "--width", "110"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stderr);
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, settled(&ran.stdout));
    });
}

#[test]
fn funnel() {
    golden("funnel");
}

#[test]
fn steady() {
    golden("steady");
}

#[test]
fn launch() {
    golden("launch");
}

#[test]
fn halo() {
    golden("halo");
}

#[test]
fn profit() {
    golden("profit");
}

#[test]
fn lifetime() {
    golden("lifetime");
}

#[test]
fn media_mix() {
    golden("media_mix");
}

#[test]
fn quarter() {
    golden("quarter");
}

#[test]
fn steps() {
    golden("steps");
}

#[test]
fn deals() {
    golden("deals");
}

#[test]
fn targets_that_contradict_each_other() {
    let ran = outlay(&["run", "scenarios/infeasible", "--width", "110"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("infeasible", settled(&ran.stdout));
    });
}

/// The main job: everything shipped is solved and certified.
#[test]
fn the_main_job_ends_well_and_every_result_can_be_re_proved() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let ran = outlay(&["run", "scenarios", "--out", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut saved: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the folder is there")
        .map(|e| e.expect("readable").path().to_str().expect("UTF-8").to_owned())
        .collect();
    saved.retain(|path| !path.contains("/inputs."));
    saved.sort();
    let shipped = std::fs::read_dir(root().join("scenarios")).expect("it is there").flatten();
    let files = shipped.filter(|e| e.path().extension().is_some_and(|x| x == "toml")).count();
    assert_eq!(saved.len(), files);
    let mut arguments = vec!["verify"];
    arguments.extend(saved.iter().map(String::as_str));
    let verified = outlay(&arguments);
    assert_eq!((verified.code, verified.stderr.as_str()), (0, ""));
    // One file asks five what-ifs.
    assert_eq!(verified.stdout.matches("the proof holds").count(), files + 4);
}

/// The reference answer of the S-curve trap: local solvers stop at 5.9 to 8.3
/// million.
#[test]
fn the_launch_is_solved_globally() {
    let ran = outlay(&["run", "scenarios/launch.toml", "--format", "json"]);
    let result: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let value = result["value"].as_f64().expect("a value");
    assert!((value - 9_087_476.79).abs() < 1.0, "{value}");
    let spend = |i: usize| result["lines"][i]["spend"].as_f64().expect("a spend");
    assert_eq!(spend(0), 0.0);
    assert!((spend(1) - 3_263_730.0).abs() < 500.0 && (spend(2) - 2_736_270.0).abs() < 500.0);
}

/// Compares what a text shows with what the program prints.
/// `OUTLAY_WRITE_README=1 cargo test -p outlay --test cli shows` writes it anew.
fn compare_shown(text: &str, command: &[&str], settle: fn(&str) -> String) {
    let path = root().join(text);
    let whole = std::fs::read_to_string(&path).expect("the text is there");
    let start = format!("<!-- outlay {} -->\n```text\n", command.join(" "));
    let (head, rest) = whole.split_once(&start).expect("the example's start");
    let (shown, tail) = rest.split_once("```").expect("the example's end");
    let printed = outlay(command).stdout;
    if std::env::var_os("OUTLAY_WRITE_README").is_some() {
        std::fs::write(&path, format!("{head}{start}{printed}```{tail}")).expect("written");
    } else {
        assert_eq!(settle(shown), settle(&printed));
    }
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    for command in [&["run", "scenarios/funnel.toml"], &["check", "scenarios/infeasible"]] {
        compare_shown("README.md", command, settled);
    }
}

#[test]
fn the_text_on_what_ifs_shows_what_the_program_prints() {
    let over = ["frontier", "scenarios/funnel.toml", "--over", "budget.max"];
    let range = ["--from", "1_500_000", "--to", "3_000_000", "--until", "marginal>=1.5"];
    compare_shown("docs/what-ifs.md", &[&over[..], &range].concat(), counted);
}

#[test]
fn the_text_on_goals_shows_what_the_program_prints() {
    compare_shown("docs/what-ifs.md", &["run", "scenarios/steps.toml"], settled);
}

/// As much money as the limits let out is the least return that they ask for:
/// what a search for the spend at which the best return falls to it finds.
#[test]
fn the_most_spend_is_where_the_return_reaches_its_floor() {
    let figure = |arguments: &[&str], key: &str| -> f64 {
        let ran = outlay(&[&["run", "scenarios/steps.toml", "--format", "json"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let result: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        result["totals"][key].as_f64().expect("a figure")
    };
    let most = figure(&[], "spend");
    // The best revenue of a budget, with no floor: its return falls with the budget.
    let best = |budget: f64| {
        let exact = format!("budget.exact={budget}");
        let asked = [
            "--goal",
            "maximize revenue",
            "--set",
            "budget.max=null",
            "--set",
            &exact,
            "--set",
            "limits.Return.min=0",
        ];
        figure(&asked, "revenue") / budget
    };
    let (mut low, mut high) = (620_000.0, 800_000.0);
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        if best(middle) >= 3.0 { low = middle } else { high = middle }
    }
    assert!((most - low).abs() < 1.0, "{most} for {low}");
    assert!(best(most - 100.0) > 3.0 && best(most + 100.0) < 3.0);
}

/// Plans solved and points kept are the solver's own business.
fn counted(text: &str) -> String {
    let number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let close = |line: &str| {
        let words = line.split(' ').map(|w| if number(w) && !w.is_empty() { "…" } else { w });
        words.collect::<Vec<_>>().join(" ")
    };
    let (body, end) = text.rsplit_once("\n\n").unwrap_or((text, ""));
    format!("{body}\n\n{}", close(end))
}

#[test]
fn frontier() {
    let sweep = ["--over", "budget.max", "--from", "1000000", "--to", "3000000", "--width", "100"];
    let ran = outlay(&[&["frontier", "scenarios/funnel.toml"][..], &sweep].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("frontier", counted(&ran.stdout));
    });
}

#[test]
fn round() {
    let ran = outlay(&["run", "scenarios/funnel.toml", "--round", "10000", "--width", "100"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("round", settled(&ran.stdout));
    });
}

#[test]
fn compare() {
    let here = tempfile::tempdir().expect("a folder");
    let solved = |name: &str, more: &[&str]| {
        let folder = here.path().join(name).display().to_string();
        let ran = outlay(&[&["run", "scenarios/funnel.toml", "--out", &folder][..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        here.path().join(name).join("funnel.json").display().to_string()
    };
    let (a, b) = (solved("a", &[]), solved("b", &["--set", "limits.Blended CAC.max=60"]));
    let ran = outlay(&["compare", &a, &b, "--width", "100"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::with_settings!({ snapshot_path => root().join("tests/snapshots"), prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("compare", ran.stdout);
    });
}
