//! Runs that are cut short and continued.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::{Ran, SMALL, outlay, outlay_in, write};

/// A folder with two scenario files, one of them with many what-ifs.
struct Place(tempfile::TempDir);

impl Place {
    fn new(steps: u32) -> Self {
        let here = tempfile::tempdir().expect("a folder");
        let axis = format!("[[vary]]\nset = \"budget.max\"\nfrom = 100\nto = 900\nsteps = {steps}\n");
        // One of the combinations is wrong, and some have no plan.
        let wrong = "[[vary]]\nset = \"lines.A.spend.min\"\nvalues = [0, -1, 102]\n";
        write(here.path(), "grid.toml", format!("{SMALL}\n{axis}{wrong}"));
        write(here.path(), "plain.toml", format!("name = \"plain\"\n{SMALL}"));
        Place(here)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, out: &str, more: &[&str]) -> Ran {
        let all = ["run", "grid.toml", "plain.toml", "--format", "json", "--out", out];
        outlay_in(self.path(), &[&all, more].concat())
    }

    /// Starts a run, ends it by force after a while, and tells whether it had
    /// ended by itself before.
    fn killed(&self, out: &str, after: Duration) -> bool {
        let mut run = Command::new(env!("CARGO_BIN_EXE_outlay"))
            .args(["run", "grid.toml", "plain.toml", "--out", out, "--resume", "--format", "csv"])
            .current_dir(self.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        thread::sleep(after);
        let ended = run.try_wait().expect("its state is known").is_some();
        let _ = run.kill();
        run.wait().expect("it has ended");
        ended
    }

    /// A run stopped by a limit on the size of files, as by a full disk.
    fn full_disk(&self, out: &str) -> Ran {
        let program = env!("CARGO_BIN_EXE_outlay");
        let shell =
            format!("trap '' XFSZ; ulimit -f 3000; exec '{program}' run grid.toml plain.toml --out {out}");
        let output = Command::new("sh").args(["-c", &shell]).current_dir(self.path()).output().expect("runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran {
            code: output.status.code().expect("ends"),
            stdout: text(output.stdout),
            next: String::new(),
            stderr: text(output.stderr),
        }
    }

    fn files(&self, out: &str) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.path().join(out)).expect("a folder");
        let mut files: Vec<_> = entries
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, fs::read(path).expect("a file"))
            })
            .collect();
        files.sort();
        files
    }

    fn partial(&self, out: &str) -> PathBuf {
        self.path().join(out).join(".grid.jsonl.partial")
    }
}

/// Ends a run by force so many times, at moments that differ, until one gets
/// through; the files must be those of an undisturbed run.
fn kill_again_and_again(steps: u32, kills: u32) {
    let place = Place::new(steps);
    assert_eq!(place.run("calm", &[]).code, 2, "one combination is wrong");
    let (mut killed, mut seed) = (0, 7_u64);
    while killed < kills {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_micros(200 + (seed >> 33) % 80_000);
        if place.killed("rough", after) {
            fs::remove_dir_all(place.path().join("rough")).expect("a folder to begin anew");
        } else {
            killed += 1;
        }
        for (name, _) in place.files_if_any("rough") {
            assert!(
                ["grid.jsonl", "inputs.grid.json", "inputs.plain.json", "plain.json"]
                    .contains(&name.as_str())
                    || name.starts_with('.'),
                "{name}"
            );
        }
    }
    let last = place.run("rough", &["--resume"]);
    assert_eq!(last.code, 2);
    assert_eq!(last.stdout, place.run("calm", &[]).stdout, "what is printed is complete too");
    assert_eq!(place.files("rough"), place.files("calm"));
}

impl Place {
    fn files_if_any(&self, out: &str) -> Vec<(String, Vec<u8>)> {
        if self.path().join(out).exists() { self.files(out) } else { Vec::new() }
    }
}

#[test]
fn a_killed_run_ends_with_the_same_bytes() {
    kill_again_and_again(400, 8);
}

#[test]
#[ignore = "takes a minute"]
fn a_run_killed_a_hundred_times_ends_with_the_same_bytes() {
    kill_again_and_again(2_000, 100);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_whole_files_and_the_rest_is_continued() {
    let place = Place::new(700);
    let calm = place.run("calm", &[]);
    let full = place.full_disk("full");
    assert_eq!(full.code, 2);
    assert!(full.stderr.contains("error: full"), "{}", full.stderr);
    let visible = |out: &str| place.files(out).into_iter().filter(|(n, _)| !n.starts_with('.')).count();
    assert_eq!(visible("full"), 0);
    assert!(place.partial("full").exists());
    let resumed = place.run("full", &["--resume"]);
    assert!(!resumed.stderr.contains("starting from the beginning"), "{}", resumed.stderr);
    assert_eq!((resumed.code, &resumed.stdout), (calm.code, &calm.stdout));
    assert_eq!(place.files("full"), place.files("calm"));
}

#[cfg(unix)]
#[test]
fn what_is_half_written_or_outdated_is_solved_again() {
    let place = Place::new(700);
    place.run("calm", &[]);
    for damage in [0.3, 0.9] {
        place.full_disk("out");
        let mut bytes = fs::read(place.partial("out")).expect("begun");
        let at = (bytes.len() as f64 * damage) as usize;
        bytes[at..].fill(0);
        fs::write(place.partial("out"), &bytes).expect("written");
        place.run("out", &["--resume"]);
        assert_eq!(place.files("out"), place.files("calm"));
    }
    let noted = |more: &[&str]| {
        place.full_disk("out");
        place.run("out", more).stderr
    };
    assert!(noted(&["--resume", "--gap", "1e-7"]).contains("had other options"));
    assert!(!noted(&[]).contains("starting from the beginning"), "nothing was asked to be continued");
    place.full_disk("out");
    let text = fs::read_to_string(place.path().join("plain.toml")).expect("there");
    fs::write(place.path().join("plain.toml"), text.replace("500", "501")).expect("written");
    let changed = place.run("out", &["--resume"]).stderr;
    assert!(changed.contains("plain.toml has changed since the interrupted run"), "{changed}");
}

#[test]
fn resuming_needs_a_folder_and_nothing_to_resume_is_said() {
    let ran = outlay(&["run", "scenarios/profit.toml", "--resume"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--out"), "{}", ran.stderr);
    let place = Place::new(2);
    let ran = place.run("out", &["--resume"]);
    assert!(ran.stderr.contains("no interrupted run"), "{}", ran.stderr);
    let names: Vec<String> = place.files("out").into_iter().map(|f| f.0).collect();
    assert_eq!(names, ["grid.jsonl", "inputs.grid.json", "inputs.plain.json", "plain.json"]);
}

/// Results of many files wait together for the disk: a run that is ended in
/// between goes on with them.
#[test]
fn a_killed_run_of_a_folder_ends_with_the_same_bytes() {
    const FILES: usize = 40;
    let here = tempfile::tempdir().expect("a folder");
    let folder = here.path().join("plans");
    fs::create_dir(&folder).expect("made");
    for k in 0..FILES {
        write(&folder, &format!("p{k}.toml"), format!("name = \"p{k}\"\n{SMALL}"));
    }
    let run = |out: &str| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_outlay"));
        run.args(["run", "plans", "--out", out, "--resume", "--format", "csv"]).current_dir(here.path());
        run.stdout(Stdio::null()).stderr(Stdio::null());
        run
    };
    let files = |out: &str| {
        let entries =
            fs::read_dir(here.path().join(out)).expect("a folder").map(|e| e.expect("an entry").path());
        let mut all: Vec<_> =
            entries.map(|p| (p.file_name().map(|n| n.to_owned()), fs::read(&p).expect("read"))).collect();
        all.sort();
        all
    };
    assert!(run("calm").status().expect("runs").success());
    for millis in [5, 15, 25, 35, 60] {
        let mut rough = run("rough").spawn().expect("starts");
        thread::sleep(Duration::from_millis(millis));
        let _ = rough.kill();
        rough.wait().expect("ended");
        let whole = files("calm");
        let there = if here.path().join("rough").exists() { files("rough") } else { Vec::new() };
        let named = there
            .into_iter()
            .filter(|(n, _)| !n.as_ref().is_some_and(|n| n.to_string_lossy().starts_with('.')));
        named.for_each(|file| assert!(whole.contains(&file), "a name stands for a whole file: {:?}", file.0));
    }
    assert!(run("rough").status().expect("runs").success());
    assert_eq!(files("rough"), files("calm"));
    assert_eq!(files("calm").len(), 2 * FILES);
}
