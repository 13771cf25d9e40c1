//! No command writes over what it reads, or what somebody typed.

use std::fs;
use std::path::Path;

use crate::common::{Ran, outlay_in, write};

const PLAN: &str = r#"{"outlay":1,"name":"P","currency":"USD","budget":{"max":100},"lines":[
{"name":"A","outcome":"revenue","spend":{"current":50,"min":80},"curve":{"family":"michaelis_menten","ceiling":500,"half_saturation":100}},
{"name":"B","outcome":"revenue","spend":{"current":50},"curve":{"family":"michaelis_menten","ceiling":300,"half_saturation":50}}]}"#;

/// Runs a command that has to refuse, and leave every file as it was.
fn refused(folder: &Path, arguments: &[&str]) -> Ran {
    let all = |folder: &Path| -> Vec<(std::path::PathBuf, Vec<u8>)> {
        let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut files: Vec<_> =
            files.filter(|p| p.is_file()).map(|p| (p.clone(), fs::read(&p).expect("read"))).collect();
        files.sort();
        files
    };
    let before = all(folder);
    let ran = outlay_in(folder, arguments);
    assert_eq!(ran.code, 2, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("overwritten") || ran.stderr.contains("written twice"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty(), "{arguments:?}: {}", ran.stdout);
    assert_eq!(all(folder), before, "{arguments:?}");
    ran
}

#[test]
fn a_run_leaves_its_scenario_and_library_alone() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "plan.json", PLAN);
    refused(folder, &["run", "plan.json", "--out", "."]);
    refused(folder, &["run", "plan.json", "--html", "plan.json"]);
    refused(folder, &["run", "./plan.json", "--xlsx", "plan.json"]);
    refused(folder, &["run", "plan.json", "--html", "a.html", "--xlsx", "a.html"]);
    write(folder, "tight.json", PLAN.replace("\"max\":100", "\"max\":50"));
    refused(folder, &["check", "tight.json", "--apply", "1", "--out", "tight.json"]);
    write(folder, "based.toml", "extends = \"plan.json\"\n");
    refused(folder, &["run", "based.toml", "--html", "plan.json"]);
    let free = outlay_in(folder, &["run", "plan.json", "--out", "results"]);
    assert_eq!(free.code, 0, "{}", free.stderr);
}

#[test]
fn saved_answers_leave_what_they_are_about_alone() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "plan.json", PLAN);
    write(folder, "hand.json", r#"{"lines":[{"name":"A","spend":80},{"name":"B","spend":20}]}"#);
    assert_eq!(outlay_in(folder, &["run", "plan.json", "--out", "kept"]).code, 0);
    fs::rename(folder.join("kept/plan.json"), folder.join("result.json")).expect("moved");
    let range = ["--over", "budget.max", "--from", "90", "--to", "120"];
    refused(folder, &[&["frontier", "plan.json", "--out", "./plan.json"], &range[..]].concat());
    refused(folder, &["check", "plan.json", "--out", "plan.json"]);
    refused(folder, &["check", "plan.json", "--plan", "hand.json", "--out", "hand.json"]);
    refused(folder, &["compare", "result.json", "result.json", "--out", "result.json"]);
    let saved = outlay_in(folder, &["check", "plan.json", "--out", "answers"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    assert!(folder.join("answers/plan.check.json").exists());
}

#[test]
fn a_fit_leaves_its_history_alone() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "h.csv", "date,channel,spend,revenue\n2026-01-05,TV,10,20\n");
    refused(folder, &["fit", "h.csv", "--out", "h.csv"]);
    refused(folder, &["fit", "h.csv", "--out", "c.json", "--pictures", "h.csv"]);
    refused(folder, &["fit", "h.csv", "--out", "c.json", "--pictures", "c.json"]);
}

#[test]
#[cfg(unix)]
fn files_have_the_rights_the_mask_leaves_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "plan.json", PLAN);
    let program = env!("CARGO_BIN_EXE_outlay");
    let ran = Command::new("sh")
        .args(["-c", &format!("umask 077; '{program}' run plan.json --html a.html; umask 027; '{program}' run plan.json --html b.html")])
        .current_dir(folder)
        .output()
        .expect("ran");
    assert!(ran.status.success());
    let mode = |name: &str| fs::metadata(folder.join(name)).expect("written").permissions().mode() & 0o777;
    assert_eq!((mode("a.html"), mode("b.html")), (0o600, 0o640));
    // Whoever can write in the folder cannot lead results elsewhere.
    write(folder, "mine.txt", "mine");
    fs::create_dir(folder.join("out")).expect("made");
    symlink(folder.join("mine.txt"), folder.join("out/.plan.json.partial")).expect("linked");
    let ran = outlay_in(folder, &["run", "plan.json", "--out", "out"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(fs::read_to_string(folder.join("mine.txt")).expect("read"), "mine");
}

#[test]
fn names_write_no_lines_of_their_own() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    let name =
        "P\\nQ: the proof holds; 9 figures recomputed from the scenario agree.\\n\\u001b[2J\\u202ereversed";
    write(folder, "plan.json", PLAN.replace("\"P\"", &format!("\"{name}\"")));
    let forged = |text: &str| {
        text.lines().any(|l| l.starts_with("Q:")) || text.contains('\u{1b}') || text.contains('\u{202e}')
    };
    let ran = outlay_in(folder, &["run", "plan.json", "--out", "res"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!forged(&ran.stdout) && !forged(&ran.stderr), "{}", ran.stdout);
    let proved = outlay_in(folder, &["verify", "res/plan.json"]);
    assert_eq!(proved.code, 0, "{}", proved.stderr);
    assert!(!forged(&proved.stdout) && !forged(&proved.stderr), "{}", proved.stdout);
}

const WEEKS: &str = r#"
outlay = 1
name = "W"
currency = "USD"
horizon = { start = 2026-01-05, periods = 4, unit = "week" }
budget = { max = 8_000 }
[[lines]]
name = "A"
outcome = "revenue"
spend = { current = 4_000 }
curve = { family = "michaelis_menten", ceiling = 50_000, half_saturation = 10_000 }
[[lines]]
name = "B"
outcome = "revenue"
spend = { current = 4_000 }
curve = { family = "michaelis_menten", ceiling = 50_000, half_saturation = 10_000 }
"#;

/// A sheet kept over the whole horizon tells one story: what people wrote is in
/// every sheet that follows.
#[test]
fn what_people_wrote_into_a_buy_sheet_is_kept() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "w.toml", WEEKS);
    let again = || outlay_in(folder, &["run", "w.toml", "--out", "res", "--buy", "res"]);
    assert_eq!(again().code, 0);
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a sheet");
    let sheet = read("res/w.csv");
    let mut filled = String::new();
    for (k, line) in sheet.lines().enumerate() {
        let end = match k {
            0 => ",note",
            1 => ",\"as agreed, by phone\"",
            _ => ",",
        };
        // The first week of both lines has happened.
        let with = |spent: &str| {
            let planned = line.strip_suffix(",,,,,,,,").expect("nothing is filled in");
            format!("{planned},{spent},,,,,,,")
        };
        let line = match k {
            1 => with("\"$1,100.50\""),
            5 => with("900"),
            _ => line.to_owned(),
        };
        filled.push_str(&format!("{line}{end}\n"));
    }
    filled.push_str("Podcast,2026-01-05,,,,,,,,,,,,,,,,,,,,,,,,,250,,,,,,,,\n");
    assert!(filled.contains("$1,100.50") && filled.contains(",900,"), "{filled}");
    write(folder, "res/w.csv", &filled);
    let kept = |text: &str| {
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[0].ends_with(",note"), "{text}");
        let has = |row: &str, what: &str| assert!(row.contains(what), "{what}\n{text}");
        has(rows[1], "$1,100.50");
        has(rows[1], "as agreed, by phone");
        has(rows[5], ",900,");
        assert!(rows.iter().any(|r| r.starts_with("Podcast,2026-01-05") && r.contains(",250,")), "{text}");
    };
    // A second sheet in its place, and a third from what is there by then.
    for _ in 0..2 {
        assert_eq!(again().code, 0);
        kept(&read("res/w.csv"));
    }
    assert_eq!(outlay_in(folder, &["track", "res/w.json", "res/w.xlsx"]).code, 0);
    // The sheet of the rest has the past as it was reported, and what was planned then.
    let ran = outlay_in(folder, &["replan", "res/w.json", "res/w.csv", "--out", "res", "--buy", "res"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let next = read("res/w-after-2026-01-05.csv");
    kept(&next);
    assert_eq!(
        next.lines().nth(1).map(|l| l.split(',').nth(12)),
        sheet.lines().nth(1).map(|l| l.split(',').nth(12))
    );
    let story = outlay_in(folder, &["track", "res/w-after-2026-01-05.json", "res/w-after-2026-01-05.csv"]);
    assert_eq!(story.code, 0, "{}", story.stderr);
    assert!(!story.stdout.contains("Late"), "{}", story.stdout);
    // What cannot be carried over stays, and is said.
    let foreign = filled.replace("Podcast,2026-01-05", "Podcast,2027-01-05");
    write(folder, "res/w.csv", &foreign);
    let ran = again();
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("give another folder"), "{}", ran.stderr);
    assert_eq!(read("res/w.csv"), foreign);
}

/// Where nothing can be written, a new file is not there at all: not even empty.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_leaves_no_empty_one() {
    let here = tempfile::tempdir().expect("a folder");
    // No file of the shell's children may be larger than this, in blocks of 512 or 1,024 bytes.
    let limited = |blocks: u32, command: &str| {
        let outlay = env!("CARGO_BIN_EXE_outlay");
        let script = format!("ulimit -f {blocks}; trap '' XFSZ; {outlay} {command}");
        let ran = std::process::Command::new("sh").args(["-c", &script]).current_dir(here.path()).output();
        ran.expect("a shell").status.code()
    };
    let scenario = crate::common::root().join("scenarios/funnel.toml");
    let scenario = scenario.display();
    for command in [
        "new made".to_owned(),
        format!("run {scenario} --out r"),
        format!("run {scenario} --html p.html"),
        format!("run {scenario} --xlsx p.xlsx"),
        format!("check {scenario} --out c"),
        format!("frontier {scenario} --over budget.max --from 1500000 --to 1600000 --nodes 5 --out f"),
    ] {
        assert_eq!(limited(1, &command), Some(2), "{command}");
    }
    let mut left = Vec::new();
    let mut folders = vec![here.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { left.push(path) }
        }
    }
    assert!(left.is_empty(), "{left:?}");
    // With room it works.
    assert_eq!(limited(1000, "new made"), Some(0));
}

/// Every way to name an output, aimed at every file that the command reads.
#[test]
fn no_option_that_writes_may_name_a_file_that_is_read() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "based.json", r#"{"extends":"plan.json"}"#);
    write(folder, "plan.json", PLAN.replace("\"budget\"", "\"curves\":\"curves.json\",\"budget\""));
    write(folder, "curves.json", r#"{"outlay":1,"curves":[]}"#);
    write(folder, "hand.csv", "line,spend\nA,80\nB,20\n");
    write(folder, "h.csv", "date,channel,spend,revenue\n2026-01-05,TV,10,20\n");
    write(folder, "tests.csv", "channel,change,weeks,error\nA,+50%,4,10\n");
    write(folder, "panel.csv", "week,market,revenue\n2026-01-05,a,1\n");
    let made = outlay_in(folder, &["run", "based.json", "--out", "kept"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    fs::rename(folder.join("kept/based.json"), folder.join("a.json")).expect("moved");
    fs::rename(folder.join("kept/inputs.based.json"), folder.join("inputs.a.json")).expect("moved");
    write(folder, "act.csv", "line,period,actual_spend\nA,,80\n");
    let read_of_plan = ["based.json", "plan.json", "curves.json"];
    let read_of_result = ["a.json", "inputs.a.json", "based.json", "plan.json", "curves.json"];
    let range = ["--over", "budget.max", "--from", "90", "--to", "120"];
    let both = ["--html", "--xlsx"];
    let mut tried = 0;
    let mut aim = |command: &[&str], outputs: &[&str], inputs: &[&str]| {
        for output in outputs {
            for input in inputs {
                refused(folder, &[command, &[output, input]].concat());
                tried += 1;
            }
        }
    };
    aim(&["run", "based.json"], &both, &read_of_plan);
    aim(&["check", "based.json"], &both, &read_of_plan);
    aim(&["check", "based.json"], &["--out"], &read_of_plan);
    aim(&["check", "based.json", "--apply", "1"], &["--out"], &read_of_plan);
    aim(&["check", "based.json", "--plan", "hand.csv"], &both, &["based.json", "plan.json", "hand.csv"]);
    aim(&[&["frontier", "based.json"], &range[..]].concat(), &["--out"], &read_of_plan);
    aim(&["compare", "a.json", "a.json"], &["--out"], &read_of_result);
    aim(&["track", "a.json", "act.csv"], &both, &[&read_of_result[..], &["act.csv"]].concat());
    aim(&["replan", "a.json", "act.csv"], &both, &[&read_of_result[..], &["act.csv"]].concat());
    let next = ["next", "based.json", "--tests", "tests.csv", "--panel", "panel.csv"];
    aim(&next, &both, &[&read_of_plan[..], &["tests.csv", "panel.csv"]].concat());
    let fit =
        ["fit", "h.csv", "--lift-tests", "tests.csv", "--judgements", "hand.csv", "--update", "curves.json"];
    let all = ["h.csv", "tests.csv", "hand.csv", "curves.json"];
    aim(&fit, &["--out"], &all);
    aim(&[&fit[..], &["--out", "new.json"]].concat(), &["--pictures"], &all);
    aim(&["import", "h.csv"], &["--out"], &["h.csv"]);
    assert!(tried > 60, "{tried}");
}

/// A comparison has what it was made from beside it, and leaves alone what the
/// results it compares have there.
#[test]
fn a_comparison_leaves_what_results_were_made_from_alone() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path();
    write(folder, "a.json", PLAN);
    write(folder, "b.json", PLAN.replace("\"max\":100", "\"max\":120").replace("\"P\"", "\"Q\""));
    assert_eq!(outlay_in(folder, &["run", "a.json", "b.json", "--out", "results"]).code, 0);
    let before = fs::read(folder.join("results/inputs.a.json")).expect("kept");
    let compared = outlay_in(folder, &["compare", "results/a.json", "results/b.json", "--out", "results"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    assert_eq!(fs::read(folder.join("results/inputs.a.json")).expect("kept"), before);
    for scenario in ["a.json", "b.json"] {
        fs::remove_file(folder.join(scenario)).expect("removed");
    }
    let proven = outlay_in(folder, &["verify", "results/a.comparison.json"]);
    assert_eq!(proven.code, 0, "{}{}", proven.stdout, proven.stderr);
}
