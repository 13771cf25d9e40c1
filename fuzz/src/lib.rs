//! What is done with bytes that claim to be a file of one kind: it is read, and
//! what can be read is used.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use outlay::exchange::{self, Options, Source};
use outlay::{Chosen, Data, Effort, Files, Format, HistoryFile, LiftAsk, Record, Scenario, Split, show};

/// A kind of file, and what is done with one; true if it was of use.
pub type Kind = (&'static str, fn(&[u8]) -> bool);

/// Every kind.
pub const KINDS: [Kind; 12] = [
    ("scenario", scenario),
    ("library", library),
    ("result", result),
    ("history", history),
    ("panel", panel),
    ("experiment", experiment),
    ("actuals", actuals),
    ("plan", plan),
    ("tests", tests),
    ("question", question),
    ("model", model),
    ("media_plan", media_plan),
];

/// The `main` of a target.
#[macro_export]
macro_rules! target {
    ($kind:ident) => {
        #[cfg(feature = "libfuzzer")]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::$kind(bytes);
        });

        #[cfg(not(feature = "libfuzzer"))]
        fn main() {
            for path in std::env::args_os().skip(1) {
                let bytes = std::fs::read(&path).expect("a file that can be read");
                println!("{}: {}", path.display(), if $crate::$kind(&bytes) { "of use" } else { "refused" });
            }
        }
    };
}

/// The scenario that other files are about, and its plan.
const SCENARIO: &str = r#"
outlay = 1
name = "S"
currency = "USD"
goal = { maximize = "revenue" }
budget = { max = 900 }
horizon = { start = 2026-01-05, periods = 4, unit = "week" }
[[lines]]
name = "TV"
spend = { current = 400, max = 600 }
rate = { cpm = 5, viewability = 0.5 }
deal = { at_least = 100, tiers = [{ from = 200, discount = 0.2 }] }
curve = { family = "hill", ceiling = 3000, half_saturation = 500, shape = 1.4 }
outcome = "revenue"
[[lines]]
name = "Search"
spend = { current = 400, max = 600 }
curve = { family = "michaelis_menten", ceiling = 2500, half_saturation = 400 }
outcome = "revenue"
"#;

static PLANNED: LazyLock<(Scenario, Record)> = LazyLock::new(|| {
    let files = Files::memory([("s.toml", SCENARIO.as_bytes().to_vec())]);
    let scenario = outlay::read(&files, "s.toml").and_then(|b| Ok(b.scenario(0)?)).expect("a scenario");
    let solved = outlay::solve(&scenario, &Effort::default()).expect("a plan");
    let json = show::plan(&solved.result, &scenario, Format::Json).expect("JSON");
    let both = [("s.toml", SCENARIO.as_bytes().to_vec()), ("s.json", json.into_bytes())];
    let record = outlay::record(&Files::memory(both), "s.json").expect("a record");
    (scenario, record)
});

/// Runs something whose search is ended after so many questions for it: an input
/// may ask for more than a minute's work.
fn briefly<T>(run: impl FnOnce(&Effort) -> T) -> T {
    const QUESTIONS: usize = 300;
    let asked = AtomicUsize::new(0);
    let late = || asked.fetch_add(1, Ordering::Relaxed) > QUESTIONS;
    run(&Effort::default().nodes(3).cancel(&late))
}

/// A scenario, TOML or JSON: solved and shown where it is small.
pub fn scenario(bytes: &[u8]) -> bool {
    const LINES: usize = 50;
    let name = if bytes.starts_with(b"{") { "s.json" } else { "s.toml" };
    let Ok(batch) = outlay::read(&Files::memory([(name, bytes.to_vec())]), name) else { return false };
    let Ok(scenario) = batch.scenario(0) else { return false };
    if scenario.lines.len() > LINES || scenario.calendar.is_some() {
        return true;
    }
    if let Ok(solved) = briefly(|effort| outlay::solve(&scenario, effort)) {
        for format in [Format::Table, Format::Csv, Format::Json, Format::Markdown] {
            show::plan(&solved.result, &scenario, format).expect("a plan is shown");
        }
        let _ = outlay::buy(&solved.result, &scenario, &[]);
    }
    true
}

/// A curve library.
pub fn library(bytes: &[u8]) -> bool {
    let name = "curves.json";
    outlay::library(&Files::memory([(name, bytes.to_vec())]), name).is_ok()
}

/// A saved result with its scenario inside: proven again.
pub fn result(bytes: &[u8]) -> bool {
    let name = "result.json";
    outlay::verify(&Files::memory([(name, bytes.to_vec())]), name, None).iter().all(Result::is_ok)
}

fn table(bytes: &[u8]) -> Data {
    Data::bytes("table.csv", bytes.to_vec())
}

/// A history of one market, in any form.
pub fn history(bytes: &[u8]) -> bool {
    outlay::history(&table(bytes), &Chosen::default()).is_ok()
}

/// A history of several markets.
pub fn panel(bytes: &[u8]) -> bool {
    outlay::panel(&table(bytes), &Chosen::default(), None).is_ok()
}

/// A panel whose last periods are a test: it is read, and shown.
pub fn experiment(bytes: &[u8]) -> bool {
    const LONGEST: usize = 40_000;
    const TEST: usize = 4;
    let Ok(panel) = outlay::panel(&table(bytes), &Chosen::default(), None) else { return false };
    let [.., start, _, _, end] = panel.dates[..] else { return false };
    if bytes.len() > LONGEST || panel.dates.len() < 2 * TEST {
        return true;
    }
    match outlay::lift(&panel, &LiftAsk { start, end, treated: &[], channel: "tv", level: 0.9 }) {
        Ok(read) => show::lift(&read, Format::Table).is_ok(),
        Err(_) => false,
    }
}

/// A buy sheet that was filled in: compared with its plan, and kept.
pub fn actuals(bytes: &[u8]) -> bool {
    let (scenario, record) = &*PLANNED;
    let sheet = table(bytes);
    let kept = outlay::buy(&record.file, scenario, std::slice::from_ref(&sheet)).is_ok();
    let Ok(actuals) = outlay::actuals(&sheet, record) else { return kept };
    if let Ok(file) = outlay::track(record, &actuals, None, Split::Shapley) {
        show::tracking(&file, Format::Table).expect("a comparison is shown");
    }
    true
}

/// A plan made by hand.
pub fn plan(bytes: &[u8]) -> bool {
    outlay::hand_plan(&table(bytes), &PLANNED.0).is_ok()
}

/// Lift tests beside a history.
pub fn tests(bytes: &[u8]) -> bool {
    static HISTORY: LazyLock<HistoryFile> = LazyLock::new(|| {
        let weeks = table(include_bytes!("../corpus/history/wide.csv"));
        outlay::history(&weeks, &Chosen::default()).expect("a history")
    });
    outlay::lift_tests(&table(bytes), &HISTORY).is_ok()
}

/// A field to set, or a limit.
pub fn question(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    outlay::question::setting(&text).is_ok() | outlay::question::limit(&text).is_ok()
}

/// A model of another program, under every name that one may have.
pub fn model(bytes: &[u8]) -> bool {
    let read = |name| exchange::import(&Source { name, bytes, options: &Options::default() }).is_ok();
    let plan = exchange::optimized(bytes).is_some_and(|found| found.is_ok());
    plan | ["model.nc", "model.binpb", "RobynModel.json", "curves.csv"].into_iter().any(read)
}

/// A media plan, or a spreadsheet of lines: a scenario begun from it, and a plan
/// written into it.
pub fn media_plan(bytes: &[u8]) -> bool {
    let name = match bytes {
        b if b.starts_with(b"PK") => "plan.xlsx",
        b if b.trim_ascii_start().starts_with(b"{") => "plan.json",
        _ => "lines.csv",
    };
    let started = outlay::start(&Data::bytes(name, bytes.to_vec()), &exchange::Columns::default());
    let line = |name: &str| exchange::Planned { name: name.into(), id: None, parts: vec![(None, 7.0)] };
    let written = exchange::planned(bytes, &[line("TV"), line("search")]);
    started.is_ok() | written.is_ok()
}
