//! The story of a quarter (`docs/loop.md`), with the data behind it.
//!
//! What "happened" in `scenarios/loop/` is made here. Every week each line
//! spends its share of the plan times a pace of its own and a wobble of up to
//! 6%, and earns what its true curve says of it, give or take 10%. Wobbles are
//! uniforms from SplitMix64 seeded with 20,261. Prices rise for Connected TV and
//! Meta in the fourth week; TikTok's true ceiling is 30% below what the plan
//! believes, Connected TV's 15% above.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{outlay, root};

struct Seeded(u64);

impl Seeded {
    /// From -1 to 1.
    fn wobble(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        2.0 * ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 1.0
    }
}

/// Pace of spending against plan, and the true ceiling over the believed one.
fn truth(line: &str) -> (f64, f64) {
    match line {
        "Connected TV" => (1.0, 1.15),
        "Meta prospecting" => (1.08, 1.0),
        "TikTok prospecting" => (0.9, 0.7),
        "Generic search" => (1.04, 1.0),
        "Out of home" => (0.97, 0.95),
        _ => (1.0, 1.0),
    }
}

/// Price of a thousand impressions and viewability in a week.
fn price(line: &str, week: usize) -> Option<(f64, f64)> {
    let late = week >= 4;
    match line {
        "Connected TV" => Some((if late { 27.5 } else { 24.0 }, 0.9)),
        "YouTube in-stream" => Some((10.8, 0.79)),
        "Meta prospecting" => Some((if late { 10.4 } else { 9.6 }, 0.63)),
        "TikTok prospecting" => Some((7.0, 0.55)),
        _ => None,
    }
}

/// Effective price as planned over the one of a week, for what a line buys.
fn value_of_money(line: &str, week: usize) -> f64 {
    let planned = match line {
        "Connected TV" => 24.0 / 0.9,
        "YouTube in-stream" => 11.0 / 0.8,
        "Meta prospecting" => 9.5 / 0.65,
        "TikTok prospecting" => 7.0 / 0.6,
        _ => return 1.0,
    };
    price(line, week).map_or(1.0, |(cpm, seen)| planned / (cpm / seen))
}

/// What happened in the first `weeks` weeks of a plan. Revenue of a week is
/// read off the plan's own curve by the line's revenue and slope: close to the
/// plan a curve is `R (x / x0)^e` with the elasticity `e` it has there.
fn happened(result: &Value, weeks: usize) -> String {
    let mut random = Seeded(20_261);
    let mut csv = "line,period,actual_spend,actual_units,actual_viewability,actual_revenue\n".to_owned();
    for week in 1..=13 {
        for line in result["lines"].as_array().expect("lines") {
            let number = |field: &str| line[field].as_f64().unwrap_or(0.0);
            let name = line["name"].as_str().expect("a name");
            let (pace, ceiling) = truth(name);
            let planned = number("spend") / 13.0;
            let spent = 10.0 * (planned * pace * (1.0 + 0.06 * random.wobble()) / 10.0).round();
            let elasticity = number("mroas") / number("iroas");
            let bought = spent * value_of_money(name, week) / planned;
            let noise = 1.0 + 0.1 * random.wobble();
            let earned = number("revenue") / 13.0 * bought.powf(elasticity) * ceiling * noise;
            let (units, seen) = price(name, week).map_or((String::new(), String::new()), |(cpm, seen)| {
                (format!("{:.0}", spent / cpm * 1000.0), format!("{seen}"))
            });
            if week <= weeks {
                let _ = writeln!(
                    csv,
                    "{name},{week},{spent},{units},{seen},{:.0}",
                    10.0 * (earned / 10.0).round()
                );
            }
        }
    }
    csv
}

/// Curves as a fit after thirteen weeks would find them: half way from what
/// was believed to what is true, per week.
const CURVES: &str = r#"{
  "outlay": 1,
  "currency": "USD",
  "unit": "week",
  "source": "thirteen weeks of the spring quarter; see tests/cli/story.rs",
  "curves": [
    {
      "name": "Connected TV",
      "outcome": "revenue",
      "curve": { "family": "hill", "ceiling": 108000, "half_saturation": 38462, "shape": 0.95 }
    },
    {
      "name": "TikTok prospecting",
      "outcome": "revenue",
      "curve": { "family": "hill", "ceiling": 97000, "half_saturation": 32308, "shape": 0.9 }
    }
  ]
}
"#;

fn shipped(name: &str) -> std::path::PathBuf {
    root().join("scenarios/loop").join(name)
}

/// `OUTLAY_WRITE_STORY=1` writes it anew.
fn writes() -> bool {
    std::env::var_os("OUTLAY_WRITE_STORY").is_some()
}

fn results() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8").to_owned();
    let ran = outlay(&["run", "scenarios/loop/spring.toml", "--out", &path, "--buy", &path]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    (folder, path)
}

#[test]
fn the_actuals_are_what_the_process_makes() {
    let (folder, _) = results();
    let result = fs::read_to_string(folder.path().join("spring.json")).expect("saved");
    let result: Value = serde_json::from_str(&result).expect("JSON");
    let made = [
        ("spring-5-weeks.csv", happened(&result, 5)),
        ("spring-13-weeks.csv", happened(&result, 13)),
        ("curves.json", CURVES.to_owned()),
    ];
    for (name, text) in made {
        if writes() {
            fs::write(shipped(name), &text).expect("written");
        }
        let found = fs::read_to_string(shipped(name)).expect("shipped");
        assert!(found == text, "{name} is not what this process makes");
    }
}

/// Every command of the page, with what it prints.
#[test]
fn the_page_shows_what_the_program_prints() {
    let (_folder, results) = results();
    let path = root().join("docs/loop.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let mut out = String::new();
    let mut rest = page.as_str();
    let mut commands = 0;
    while let Some((head, tail)) = rest.split_once("<!-- outlay ") {
        let (command, tail) = tail.split_once(" -->\n```text\n").expect("a command and its output");
        let (shown, tail) = tail.split_once("```").expect("the end of the output");
        let arguments: Vec<String> =
            command.split_whitespace().map(|a| a.replace("results", &results)).collect();
        let ran = outlay(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(ran.code == 0, "{command}\n{}", ran.stderr);
        let printed = ran.stdout.replace(&results, "results");
        if !writes() {
            assert_eq!(settled(shown), settled(&printed), "{command}");
        }
        let _ = write!(out, "{head}<!-- outlay {command} -->\n```text\n{printed}```");
        rest = tail;
        commands += 1;
    }
    assert!(commands >= 3, "{commands} commands");
    if writes() {
        fs::write(&path, out + rest).expect("written");
    }
    re_proved(Path::new(&results));
}

/// The certificate's gap is the solver's own business.
pub(crate) fn settled(text: &str) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((head, tail)) = rest.split_once("(gap ") {
        out.push_str(head);
        rest = tail.split_once(')').map_or("", |(_, tail)| tail);
    }
    out + rest
}

/// Everything the story saved proves itself.
fn re_proved(results: &Path) {
    let mut saved: Vec<String> = fs::read_dir(results)
        .expect("the folder is there")
        .map(|e| e.expect("readable").path().to_str().expect("UTF-8").to_owned())
        .filter(|p| p.ends_with(".json") && !p.ends_with(".scenario.json") && !p.contains("/inputs."))
        .collect();
    saved.sort();
    assert_eq!(saved.len(), 3, "{saved:?}");
    let arguments: Vec<&str> = std::iter::once("verify").chain(saved.iter().map(String::as_str)).collect();
    let ran = outlay(&arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
}
