//! Names that would run, turn or hide something, through every command and every
//! file it writes: a scenario whose every text is one of them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::common::{Ran, outlay_in};
use serde_json::{Value, json};

/// What moves a cursor, turns and hides text, and would be markup.
const EVIL: &str = "\u{1b}[2Jx\u{202e}y\u{2066}z\u{200b}\u{9b}31m\u{7f}<b onmouseover=x>\"'&";

/// What a spreadsheet would run, in front of it.
const FIRST: [&str; 8] = ["=1+1 ", "+SUM(1) ", "-2+3 ", "@x ", "  =4 ", "\u{ff1d}5 ", "\t=6 ", "\r=7 "];

fn name(what: &str, k: usize) -> String {
    format!("{}{what}{k}{EVIL}", FIRST[k % FIRST.len()])
}

fn scenario() -> Value {
    let line = |k: usize| {
        json!({
            "name": name("line", k), "stage": name("stage", k % 2), "channel": name("channel", k),
            "owner": name("owner", k), "accountable": name("accountable", k), "tags": {"team": name("team", k)},
            "spend": {"current": 100 + k, "max": 300}, "outcome": "revenue", "revenue_per_customer": 10,
            "curve": {"family": "hill", "ceiling": 900 + 50 * k, "half_saturation": 150, "shape": 1.0}
        })
    };
    json!({
        "outlay": 1, "name": name("scenario", 0), "currency": "USD", "goal": {"maximize": "revenue"},
        "budget": {"max": 900}, "horizon": {"start": "2026-01-05", "periods": 4, "unit": "week"},
        "lines": (0..8).map(line).collect::<Vec<_>>(),
        "limits": [
            {"name": name("limit", 2), "metric": "spend_share", "where": {"stage": name("stage", 0)}, "max": 0.6,
             "owner": name("owner", 3)},
            {"name": name("limit", 4), "metric": "cac", "max": 40}
        ]
    })
}

/// What a hidden character is found in, with what stands around it.
fn shown(place: &str, text: &str, problems: &mut Vec<String>) {
    let hidden = |c: char| outlay::scenario::is_hidden(c) && !matches!(c, '\n' | '\r' | '\t');
    if let Some(at) = text.find(hidden) {
        let around: String =
            text[..at].chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
        problems.push(format!("{place}: {:?} after {around:?}", text[at..].chars().next()));
    }
}

fn file(path: &Path, problems: &mut Vec<String>) {
    let place = path.display().to_string();
    let bytes = fs::read(path).expect("read");
    // A buy sheet goes back into the program: its names are as they are written.
    let buy = path.components().any(|c| matches!(c.as_os_str().to_str(), Some("buy" | "rebuy")));
    match path.extension().and_then(|e| e.to_str()) {
        Some("xlsx") => {
            let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
            for k in 0..book.len() {
                let mut part = book.by_index(k).expect("a part");
                let place = format!("{place}!{}", part.name().expect("a name"));
                let mut text = String::new();
                part.read_to_string(&mut text).expect("a text");
                if !buy {
                    shown(&place, &text, problems);
                }
                let formulas = text.split("<f>").chain(text.split("<c:f>")).skip(1);
                let run = formulas.filter_map(|f| f.split("</").next()).any(|f| f.contains("onmouseover"));
                if run && !text.split("<f>").skip(1).all(|f| f.split("</").next().is_some_and(quoted)) {
                    problems.push(format!("{place}: a name within a formula"));
                }
            }
        }
        Some("csv") => {
            let text = String::from_utf8(bytes).expect("UTF-8");
            if !buy {
                shown(&place, &text, problems);
            }
            for row in csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).records() {
                for cell in row.expect("a row").iter() {
                    if outlay::scenario::is_formula(cell) && cell.parse::<f64>().is_err() {
                        problems.push(format!("{place}: runs {cell:?}"));
                    }
                }
            }
        }
        _ => {
            let text = String::from_utf8(bytes).expect("UTF-8");
            shown(&place, &text, problems);
            if place.ends_with(".html") && text.contains("<b onmouseover") {
                problems.push(format!("{place}: markup"));
            }
        }
    }
}

/// A name within a formula is a text between quotes.
fn quoted(formula: &str) -> bool {
    !formula.contains("onmouseover") || formula.contains("&quot;")
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path);
        }
    }
    all
}

/// Runs commands in a folder and looks at all they say and write.
struct Walk<'a> {
    folder: &'a Path,
    known: BTreeSet<PathBuf>,
    problems: Vec<String>,
    looked_at: usize,
}

impl Walk<'_> {
    fn run(&mut self, arguments: &[&str]) -> Ran {
        let ran = outlay_in(self.folder, arguments);
        let place = arguments.join(" ");
        for text in [&ran.stdout, &ran.stderr, &ran.next] {
            shown(&place, text, &mut self.problems);
        }
        let markdown = arguments.contains(&"markdown");
        if markdown && ran.stdout.replace("\\<b", "").contains("<b onmouseover") {
            self.problems.push(format!("{place}: markup"));
        }
        let now = files(self.folder);
        for new in now.difference(&self.known) {
            file(new, &mut self.problems);
            self.looked_at += 1;
        }
        self.known = now;
        ran
    }

    fn good(&mut self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert!(ran.code <= 1, "{arguments:?}: {}", ran.stderr);
        ran
    }

    fn write(&mut self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), text).expect("written");
        self.known.insert(self.folder.join(name));
    }
}

#[test]
fn no_name_runs_turns_or_hides_anything() {
    let here = tempfile::tempdir().expect("a folder");
    let (folder, problems, looked_at) = (here.path(), Vec::new(), 0);
    let mut walk = Walk { folder, known: BTreeSet::new(), problems, looked_at };
    let good = scenario();
    let mut weeks = good.clone();
    weeks["horizon"]["plan"] = json!("by_period");
    let mut clash = good.clone();
    let floor = json!({"name": name("floor", 5), "metric": "revenue", "min": 1e6, "owner": name("owner", 6)});
    clash["limits"].as_array_mut().expect("limits").push(floor);
    let mut wrong = good.clone();
    wrong["lines"][0]["curve"]["family"] = json!(name("family", 0));
    wrong["lines"][1][name("field", 1)] = json!(1);
    wrong["lines"][2]["spend"]["max"] = json!(name("max", 2));
    wrong["lines"][3]["name"] = wrong["lines"][4]["name"].clone();
    for (file, value) in
        [("s.json", &good), ("weeks.json", &weeks), ("clash.json", &clash), ("wrong.json", &wrong)]
    {
        walk.write(file, value.to_string());
    }
    for file in ["s.json", "weeks.json", "clash.json"] {
        let [html, xlsx] = ["html", "xlsx"].map(|e| format!("{file}.{e}"));
        for format in ["json", "csv", "markdown"] {
            walk.good(&["run", file, "--format", format]);
        }
        walk.good(&["run", file, "--out", "out", "--html", &html, "--xlsx", &xlsx, "--buy", "buy"]);
        walk.good(&["check", file, "--format", "json"]);
        let [html, xlsx] = ["html", "xlsx"].map(|e| format!("check.{file}.{e}"));
        walk.good(&["check", file, "--out", "out", "--html", &html, "--xlsx", &xlsx]);
        walk.good(&["verify", &format!("out/{}", file)]);
    }
    for arguments in [
        &["run", "wrong.json"][..],
        &["run", "s.json", "--goal", &name("goal", 1)],
        &["run", "s.json", "--limit", &name("limit", 1)],
        &["run", "s.json", &name("--option", 1)],
        &["run", "s.json", "--set", &format!("{}=3", name("path", 1))],
        &["run", &name("file", 3)],
        &[&name("command", 3)],
        &["import", &name("file", 3)],
    ] {
        assert_eq!(walk.run(arguments).code, 2, "{arguments:?}");
    }
    for format in ["json", "csv", "table"] {
        let over = ["--over", "budget.max", "--from", "500", "--to", "900", "--format", format];
        walk.good(&[&["frontier", "s.json"][..], &over].concat());
    }
    walk.good(&["run", "s.json", "--set", "budget.max=-10%", "--out", "less"]);
    for format in ["json", "csv", "table"] {
        walk.good(&["compare", "out/s.json", "less/s.json", "--format", format]);
    }
    let actuals = reported(&folder.join("buy/s.csv"));
    walk.write("actuals.csv", actuals);
    for format in ["json", "csv", "markdown", "table"] {
        walk.good(&["track", "out/s.json", "actuals.csv", "--format", format]);
        walk.good(&["replan", "out/s.json", "actuals.csv", "--format", format]);
    }
    walk.good(&["track", "out/s.json", "actuals.csv", "--html", "t.html", "--xlsx", "t.xlsx"]);
    let written = ["--out", "again", "--buy", "rebuy", "--html", "r.html", "--xlsx", "r.xlsx"];
    walk.good(&[&["replan", "out/s.json", "actuals.csv"][..], &written].concat());
    let mut plan = csv::Writer::from_writer(Vec::new());
    plan.write_record(["line", "spend", &name("column", 1)]).expect("written");
    for k in 0..8 {
        plan.write_record([name("line", k), "100".to_owned(), name("cell", k)]).expect("written");
    }
    walk.write("plan.csv", plan.into_inner().expect("written"));
    walk.good(&["check", "s.json", "--plan", "plan.csv", "--html", "p.html", "--xlsx", "p.xlsx"]);
    walk.good(&["check", "s.json", "--plan", "plan.csv", "--format", "json"]);
    walk.good(&["new", "new", "--from", "plan.csv"]);
    walk.write(
        "history.csv",
        format!("date,\"{}\",revenue\n2024-01-01,x,5\n", name("tv", 1).replace('"', "\"\"")),
    );
    walk.run(&["fit", "history.csv", "--out", "library.json"]);
    walk.run(&["lift", "history.csv"]);
    assert!(walk.looked_at > 30, "{} files", walk.looked_at);
    assert!(walk.problems.is_empty(), "{:#?}", walk.problems);
}

/// A buy sheet with a week filled in, a column of somebody's own, a line outside
/// the plan and a total.
fn reported(sheet: &Path) -> Vec<u8> {
    let mut reader = csv::Reader::from_path(sheet).expect("a sheet");
    let heads = reader.headers().expect("a heading").clone();
    let at = |name: &str| heads.iter().position(|h| h == name).expect("a column");
    let (line, period, budget, spent) = (at("line"), at("period"), at("budget"), at("actual_spend"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut row = |cells: &[String]| writer.write_record(cells).expect("written");
    let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    row(&[texts(&heads), vec![name("own", 1)]].concat());
    let mut total = 0.0;
    for (k, record) in reader.records().enumerate() {
        let mut cells = texts(&record.expect("a row"));
        if cells[period] == "2026-01-05" {
            let planned: f64 = cells[budget].parse().expect("a number");
            total += planned;
            cells[spent] = planned.to_string();
        }
        row(&[cells, vec![name("typed", k)]].concat());
    }
    let mut other = vec![String::new(); heads.len() + 1];
    (other[line], other[period], other[spent]) =
        (name("newcomer", 1), "2026-01-05".to_owned(), "12".to_owned());
    row(&other);
    (other[line], other[period], other[spent]) = (format!("Total {EVIL}"), String::new(), total.to_string());
    row(&other);
    writer.into_inner().expect("written")
}
