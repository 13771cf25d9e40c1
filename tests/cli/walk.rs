//! From a history to a tested plan (`docs/experiments.md`), with the data behind
//! it.
//!
//! The files of `docs/experiments/` are made here. A shop earns about 300,000 a
//! week over 24 markets, of which 10 to 20% come from three channels with curves
//! `V x / (k + x)` of spend per week, of which a share carries over: search
//! (V 50,000, k 12,000, 20%), social (60,000, 20,000, 40%) and video (20,000,
//! 15,000, 50%). Search follows demand's season, social runs in waves, video has
//! hardly moved. Markets hold shares from 1 to 12%, follow shocks that last (0.6)
//! and have noise of their own. After 104 weeks video goes dark for eight weeks in
//! the markets that `outlay design` names. Noise is Normal from SplitMix64 seeded
//! with 20,262, by the sum of twelve uniforms.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::common::{outlay_in, root};
use crate::story::settled;

const WEEKS: usize = 104;
const TEST: usize = 8;
const MARKETS: usize = 24;
/// Name, ceiling and half-saturation per week, share carried over.
const CHANNELS: [(&str, f64, f64, f64); 3] = [
    ("search", 50_000.0, 12_000.0, 0.2),
    ("social", 60_000.0, 20_000.0, 0.4),
    ("video", 20_000.0, 15_000.0, 0.5),
];

struct Seeded(u64);

impl Seeded {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self, deviation: f64) -> f64 {
        deviation * ((0..12).map(|_| self.uniform()).sum::<f64>() - 6.0)
    }
}

/// Sizes of the markets, national spend by channel and week, and what each market
/// earns without media, by week: the test's weeks included.
struct World {
    shares: Vec<f64>,
    spend: Vec<[f64; 3]>,
    base: Vec<Vec<f64>>,
}

fn world() -> World {
    let mut random = Seeded(20_262);
    let sizes: Vec<f64> = (0..MARKETS).map(|m| (-(m as f64) / 9.0).exp()).collect();
    let all: f64 = sizes.iter().sum();
    let shares: Vec<f64> = sizes.iter().map(|s| s / all).collect();
    let mut spend = Vec::new();
    let mut shock = 0.0;
    let mut own = [0.0; MARKETS];
    let mut base = vec![Vec::new(); MARKETS];
    for t in 0..WEEKS + TEST {
        let season = (std::f64::consts::TAU * t as f64 / 52.0).sin();
        let wave = (std::f64::consts::TAU * t as f64 / 9.0).sin();
        spend.push([
            10_000.0 * (1.0 + 0.25 * season) * random.normal(0.12).exp(),
            15_000.0 * (1.0 + 0.5 * wave) * random.normal(0.2).exp(),
            12_000.0 * random.normal(0.04).exp(),
        ]);
        shock = 0.6 * shock + random.normal(0.012);
        for m in 0..MARKETS {
            own[m] = 0.4 * own[m] + random.normal(0.012 + 0.002 / shares[m].sqrt());
            let level = 1.0 + 0.08 * season + 0.0005 * t as f64;
            base[m].push(255_000.0 * shares[m] * level * (shock + own[m]).exp());
        }
    }
    World { shares, spend, base }
}

impl World {
    /// A market's outcome and spend on every channel, by week; `dark` if video
    /// goes dark there in the test.
    fn market(&self, m: usize, dark: bool) -> Vec<(f64, [f64; 3])> {
        let mut stock: Option<[f64; 3]> = None;
        let week = |t: usize| {
            let mut own = self.spend[t];
            if dark && t >= WEEKS {
                own[2] = 0.0;
            }
            let mut outcome = self.base[m][t];
            let before = stock.unwrap_or(own);
            let mut now = before;
            for (c, (_, ceiling, half, carried)) in CHANNELS.into_iter().enumerate() {
                now[c] = carried * before[c] + (1.0 - carried) * own[c];
                outcome += self.shares[m] * ceiling * now[c] / (half + now[c]);
            }
            stock = Some(now);
            (outcome, own.map(|x| x * self.shares[m]))
        };
        (0..WEEKS + TEST).map(week).collect()
    }

    fn history(&self) -> String {
        let mut text = "week,search_spend,social_spend,video_spend,revenue\n".to_owned();
        let markets: Vec<_> = (0..MARKETS).map(|m| self.market(m, false)).collect();
        for t in 0..WEEKS {
            let revenue: f64 = markets.iter().map(|m| m[t].0).sum();
            let [search, social, video] = self.spend[t];
            let _ = writeln!(text, "{},{search:.0},{social:.0},{video:.0},{revenue:.0}", date(t));
        }
        text
    }

    /// The last year before the test by market, with the test if some are dark.
    fn panel(&self, weeks: usize, dark: &BTreeSet<String>) -> String {
        let marks = !dark.is_empty();
        let mut text = "week,market,revenue,video_spend".to_owned();
        text.push_str(if marks { ",treated\n" } else { "\n" });
        let markets: Vec<_> = (0..MARKETS).map(|m| self.market(m, dark.contains(&name(m)))).collect();
        for t in WEEKS - 52..weeks {
            for (m, own) in markets.iter().enumerate() {
                let mark =
                    if marks { format!(",{}", u8::from(dark.contains(&name(m)))) } else { String::new() };
                let _ = writeln!(text, "{},{},{:.0},{:.0}{mark}", date(t), name(m), own[t].0, own[t].1[2]);
            }
        }
        text
    }
}

fn name(m: usize) -> String {
    format!("market {:02}", m + 1)
}

fn date(t: usize) -> String {
    let first: jiff::civil::Date = "2024-07-01".parse().expect("a date");
    first.checked_add(jiff::Span::new().weeks(t as i64)).expect("a date").to_string()
}

fn writes() -> bool {
    std::env::var_os("OUTLAY_WRITE_STORY").is_some()
}

/// Compares a shipped file with what it should be, or writes it.
fn shipped(name: &str, text: &str, folder: &Path) {
    let path = root().join("docs/experiments").join(name);
    if writes() {
        fs::write(&path, text).expect("written");
    }
    assert!(fs::read_to_string(&path).expect("shipped") == text, "{name} is not what its process makes");
    fs::write(folder.join(name), text).expect("written");
}

/// Every command of the page in its order, with what it prints.
#[test]
fn the_page_on_tests_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world();
    shipped("history.csv", &world.history(), folder.path());
    shipped("panel.csv", &world.panel(WEEKS, &BTreeSet::new()), folder.path());
    let plan = fs::read_to_string(root().join("docs/experiments/autumn.toml")).expect("shipped");
    fs::write(folder.path().join("autumn.toml"), plan).expect("written");
    let path = root().join("docs/experiments.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (mut out, mut rest, mut commands) = (String::new(), page.as_str(), 0);
    while let Some((head, tail)) = rest.split_once("<!-- outlay ") {
        let (command, tail) = tail.split_once(" -->\n```text\n").expect("a command and its output");
        let (shown, tail) = tail.split_once("```").expect("the end of the output");
        let (plain, saved) = command.split_once(" > ").map_or((command, None), |(c, f)| (c, Some(f)));
        let ran = outlay_in(folder.path(), &plain.split_whitespace().collect::<Vec<_>>());
        assert!(ran.code == 0, "{command}\n{}", ran.stderr);
        if let Some(file) = saved {
            fs::write(folder.path().join(file), &ran.stdout).expect("written");
        }
        if plain.starts_with("design ") {
            let dark: BTreeSet<String> = {
                let list = outlay_in(
                    folder.path(),
                    &[&plain.split_whitespace().collect::<Vec<_>>()[..], &["--format", "csv"]].concat(),
                );
                let rows = list.stdout.lines().filter_map(|l| l.strip_prefix("treated,"));
                rows.map(str::to_owned).collect()
            };
            assert!(dark.len() >= 4, "{dark:?}");
            shipped("tested.csv", &world.panel(WEEKS + TEST, &dark), folder.path());
        }
        if !writes() {
            assert_eq!(settled(shown), settled(&ran.stdout), "{command}");
        }
        let _ = write!(out, "{head}<!-- outlay {command} -->\n```text\n{}```", ran.stdout);
        rest = tail;
        commands += 1;
    }
    assert!(commands >= 6, "{commands} commands");
    if writes() {
        fs::write(&path, out + rest).expect("written");
    }
}

/// The first page of the book: every output is the program's, and every command
/// but the first is the one that the output before it names.
#[test]
fn the_tutorial_shows_what_the_program_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = fs::read_to_string(root().join("docs/experiments/history.csv")).expect("shipped");
    let path = root().join("docs/tutorial.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let head: String = history.lines().take(2).map(|line| format!("{line}\n")).collect();
    assert!(page.contains(&head), "the page shows the first rows of the history");
    fs::write(folder.path().join("history.csv"), history).expect("written");
    let (mut out, mut rest, mut named) = (String::new(), page.as_str(), Vec::new());
    let mut before = String::new();
    while let Some((head, tail)) = rest.split_once("<!-- outlay ") {
        let (command, tail) = tail.split_once(" -->\n```text\n").expect("a command and its output");
        let (shown, tail) = tail.split_once("```").expect("the end of the output");
        assert!(before.is_empty() || before.contains(&format!("outlay {command}\n")), "{command}: {before}");
        let ran = outlay_in(folder.path(), &command.split_whitespace().collect::<Vec<_>>());
        assert!(ran.code == 0, "{command}\n{}", ran.stderr);
        // What is decided on the way stands on standard error.
        let last = ran.stderr.lines().rfind(|line| line.starts_with("wrote")).map(|line| format!("{line}\n"));
        let printed = format!("{}{}{}", ran.stdout, last.unwrap_or_default(), ran.next);
        if !writes() {
            assert_eq!(settled(shown), settled(&printed), "{command}");
        }
        let _ = write!(out, "{head}<!-- outlay {command} -->\n```text\n{printed}```");
        (before, rest) = (printed, tail);
        named.push(command);
    }
    assert!((5..=6).contains(&named.len()), "{named:?}");
    assert!(named[3].contains("--html plan.html") && folder.path().join("plan.html").exists());
    if writes() {
        fs::write(&path, out + rest).expect("written");
    }
}
