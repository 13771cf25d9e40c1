//! Files of every kind, damaged in ways that keep most of their structure: each
//! is read, or refused with a reason, and what is read can be used.
//!
//! `INPUTS=100000 cargo test -p outlay --test outlay mutated -- --nocapture`
//! tries that many of each kind together; the suite tries a few hundred.
#![allow(clippy::print_stdout, reason = "the counts are for reading")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use outlay::exchange::{Options, Source, import};
use outlay::{Chosen, Data, Effort, Files, Format, show};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What a number, a date or a word becomes.
const ODD: &[&str] = &[
    "",
    "-1",
    "0",
    "1e308",
    "-1e308",
    "1e-320",
    "NaN",
    "inf",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "--",
    "1,000",
    "1.000,50",
    "€ 5",
    "5%",
    "=1+1",
    "2026-02-30",
    "2026-01-05",
    "01/02/2026",
    "45678",
    "\u{feff}",
    "\u{202e}x",
    "a\u{0}b",
    "999999999999999999999",
    "../../x",
    "[[lines]]",
    "lines.0.curve",
    "0x10",
    "1e",
    "\t",
    "\r\n",
    "'",
];

/// A text with one to four changes: a word replaced, a line dropped, doubled or
/// moved, a byte changed, a tail cut off.
fn damaged(text: &[u8], random: &mut Pcg64) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..random.random_range(1..5) {
        if bytes.is_empty() {
            break;
        }
        let at = random.random_range(0..bytes.len());
        let word = |b: &u8| b.is_ascii_alphanumeric() || b"._-+".contains(b);
        let from = bytes[..at].iter().rposition(|b| !word(b)).map_or(0, |i| i + 1);
        let to = bytes[at..].iter().position(|b| !word(b)).map_or(bytes.len(), |i| at + i).max(from);
        let line = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| at + i + 1);
        match random.random_range(0..8) {
            0..4 => {
                let odd = ODD[random.random_range(0..ODD.len())];
                bytes.splice(from..to, odd.bytes());
            }
            4 => {
                bytes.drain(line..end);
            }
            5 => {
                let copy = bytes[line..end].to_vec();
                let place = if random.random_range(0..2) == 0 { end } else { 0 };
                bytes.splice(place..place, copy);
            }
            6 => bytes[at] = random.next_u32() as u8,
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// A model as Robyn exports it: one channel, six weeks.
const ROBYN: &str = r#"{"InputCollect": {"adstock": ["geometric"], "intervalType": ["week"], "dep_var_type": ["revenue"], "paid_media_spends": ["tv_S"], "rollingWindowStartWhich": [2], "rollingWindowEndWhich": [6], "window_end": ["2024-02-05"]}, "ExportedModel": {"summary": [{"variable": "tv_S", "coef": 5000.0, "decompAgg": 7679.5789269755}], "hyper_values": {"tv_S_alphas": [2.0], "tv_S_gammas": [0.6], "tv_S_thetas": [0.25]}}, "Extras": {"raw_data": [{"tv_S": 400.0}, {"tv_S": 100.0}, {"tv_S": 300.0}, {"tv_S": 0.0}, {"tv_S": 800.0}, {"tv_S": 200.0}]}}"#;

/// A history, lift tests, a panel and so on, as people keep them.
fn tables() -> Vec<(&'static str, Vec<u8>)> {
    let week = |w: i64| jiff::civil::date(2024, 1, 1).saturating_add(jiff::Span::new().weeks(w));
    let mut history = String::from("week,revenue,tv_spend,search_spend,search_clicks,price\n");
    let mut long = String::from("Day;Campaign;Cost;Conversions\n");
    let mut panel = String::from("date,market,revenue,spend\n");
    for w in 0..40 {
        let (tv, search) = (100 + 37 * (w % 5), 50 + 11 * (w % 7));
        history += &format!("{},{},{tv},{search},{},3.5\n", week(w), 1000 + 2 * tv + 3 * search, 9 * search);
        for name in ["tv", "search"] {
            long += &format!("{};{name};\"{}\";{}\n", week(w), 100 + w, 10 + w % 3);
        }
        for market in ["A", "B", "C", "D", "E", "F"] {
            panel += &format!(
                "{},{market},{},{}\n",
                week(w),
                500 + 13 * (w % 4),
                if market == "A" { w } else { 0 }
            );
        }
    }
    let tests =
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2024-03-04,2024-03-18,150,50,300,80\n";
    vec![
        ("history", history.into()),
        ("long", long.into()),
        ("panel", panel.into()),
        ("tests", tests.into()),
        ("import", ROBYN.into()),
    ]
}

/// A workbook with one of its parts damaged.
fn damaged_book(book: &[u8], random: &mut Pcg64) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    let chosen = random.random_range(0..archive.len());
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let (name, mut text) = (entry.name().unwrap().into_owned(), Vec::new());
        entry.read_to_end(&mut text).unwrap();
        // The sheet is damaged more often than what stands around it.
        let sheet = name.contains("sheet1.xml") && random.random_range(0..2) == 0;
        if sheet || index == chosen {
            text = damaged(&text, random);
        }
        out.start_file(name, SimpleFileOptions::default()).unwrap();
        out.write_all(&text).unwrap();
    }
    let bytes = out.finish().unwrap().into_inner();
    if random.random_range(0..8) == 0 { damaged(&bytes, random) } else { bytes }
}

/// What is done with a damaged file; true if it was of use.
fn used(kind: &str, name: &str, bytes: Vec<u8>, others: &[(std::path::PathBuf, Vec<u8>)]) -> bool {
    let effort = || Effort::default().nodes(3);
    let data = |bytes: Vec<u8>| Data::bytes("table.csv", bytes);
    match kind {
        "library" => outlay::library(&Files::memory([(name, bytes)]), name).is_ok(),
        "scenario" => {
            let mut held = others.to_vec();
            held.retain(|(path, _)| path != Path::new(name));
            held.push((name.into(), bytes));
            let Ok(batch) = outlay::read(&Files::memory(held), name) else { return false };
            let Ok(scenario) = batch.scenario(0) else { return false };
            // Huge calendars are read, and take their time to solve.
            if scenario.lines.len() > 50 || scenario.calendar.is_some() {
                return true;
            }
            if let Ok(solved) = outlay::solve(&scenario, &effort()) {
                for format in [Format::Table, Format::Csv, Format::Json] {
                    show::plan(&solved.result, &scenario, format).unwrap();
                }
            }
            true
        }
        "result" => {
            let mut held = others.to_vec();
            held.push(("result.json".into(), bytes));
            outlay::verify(&Files::memory(held), "result.json", None).iter().all(Result::is_ok)
        }
        "panel" => outlay::panel(&data(bytes), &Chosen::default(), None).is_ok(),
        "tests" => {
            let history = outlay::history(&data(tables().remove(0).1), &Chosen::default()).unwrap();
            outlay::lift_tests(&data(bytes), &history).is_ok()
        }
        "hand" => {
            let batch = outlay::read(&Files::memory(others.to_vec()), "funnel.toml").unwrap();
            outlay::hand_plan(&data(bytes), &batch.scenario(0).unwrap()).is_ok()
        }
        "import" => {
            import(&Source { name: "RobynModel.json", bytes: &bytes, options: &Options::default() }).is_ok()
        }
        "workbook" => {
            let record = outlay::record(&Files::memory(others.to_vec()), "plan.json").unwrap();
            let sheet = Data::bytes("sheet.xlsx", bytes);
            outlay::buy(&record.file, &record.scenario, std::slice::from_ref(&sheet)).is_ok()
                | outlay::actuals(&sheet, &record).is_ok()
        }
        "question" => {
            let text = String::from_utf8_lossy(&bytes);
            outlay::question::setting(&text).is_ok() | outlay::question::limit(&text).is_ok()
        }
        _ => outlay::history(&data(bytes), &Chosen::default()).is_ok(),
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let inputs = std::env::var("INPUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(3000_usize);
    let others = super::bytes(&super::scenarios());
    let mut kinds: Vec<(&str, String, Vec<u8>)> = Vec::new();
    for (path, bytes) in &others {
        let kind = match path.extension().and_then(|e| e.to_str()) {
            Some("toml") => "scenario",
            Some("json") => "library",
            _ => continue,
        };
        kinds.push((kind, path.to_str().unwrap().to_owned(), bytes.clone()));
    }
    let batch = outlay::read(&Files::memory(others.clone()), "deals.toml").unwrap();
    let scenario = batch.scenario(0).unwrap();
    let result = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    let json = show::plan(&result, &scenario, Format::Json).unwrap();
    kinds.push(("result", "result.json".into(), json.into_bytes()));
    kinds.extend(tables().into_iter().map(|(kind, bytes)| (kind, String::new(), bytes)));
    let funnel = outlay::read(&Files::memory(others.clone()), "funnel.toml").unwrap().scenario(0).unwrap();
    let rows = funnel.lines.iter().map(|line| format!("{},{}\n", line.name, line.current));
    let hand = format!("line,spend\n{}", rows.collect::<String>());
    kinds.push(("hand", String::new(), hand.into_bytes()));
    let rows = outlay::buy(&result, &scenario, &[]).unwrap().unwrap();
    let sheet = show::buy_rows_csv(&rows).replacen(",,,,,,,,\n", ",500,,,,,,,\n", 3);
    let rows = outlay::buy(&result, &scenario, &[Data::bytes("sheet.csv", sheet)]).unwrap().unwrap();
    kinds.push(("workbook", String::new(), show::buy_rows_workbook(&rows).unwrap()));
    let mut others = others;
    others.push(("plan.json".into(), show::plan(&result, &scenario, Format::Json).unwrap().into_bytes()));
    kinds.push(("question", String::new(), b"limits.CAC.max=55".to_vec()));

    let mut counts: BTreeMap<&str, (usize, usize, Duration)> = BTreeMap::new();
    let mut random = Pcg64::seed_from_u64(1);
    for k in 0..inputs {
        let (kind, name, text) = &kinds[k % kinds.len()];
        let bytes = match *kind {
            "workbook" => damaged_book(text, &mut random),
            _ => damaged(text, &mut random),
        };
        let start = Instant::now();
        let of_use = used(kind, name, bytes, &others);
        let count = counts.entry(kind).or_default();
        (count.0, count.1) = (count.0 + 1, count.1 + usize::from(of_use));
        count.2 = count.2.max(start.elapsed());
    }
    for (kind, (tried, of_use, slowest)) in &counts {
        println!("{kind}: {tried} tried, {of_use} of use, slowest {slowest:?}");
        // Damage that always refuses, or never does, tests nothing.
        assert!(*of_use > 0 && of_use < tried, "{kind}: {of_use} of {tried} of use");
    }
    assert!(counts.len() >= 11, "kinds are missing");
}
