//! Damages the files of the corpus and has each read: `damage INPUTS [SEED]`.
//!
//! A bounded run on the stable toolchain: words, lines, bytes, numbers of eight
//! bytes, and the parts of workbooks. Ends with 1 if anything panicked, took
//! longer than a second, or more than 2 GB of memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use outlay_fuzz::KINDS;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Longest that an input may take.
const LONGEST: Duration = Duration::from_secs(1);
/// Most memory, in kilobytes.
const MOST: u64 = 2_000_000;

/// What a word becomes.
const ODD: [&str; 36] = [
    "", "-1", "0", "1", "1e308", "-1e308", "1e-320", "NaN", "inf", "null", "true", "\"\"", "[]", "{}", "--",
    "1,000", "1.000,50", "€ 5", "5%", "=1+1", "2026-02-30", "2026-01-05", "01/02/2026", "45678", "\u{feff}",
    "\u{202e}x", "a\u{0}b", "999999999999999999999", "../../x", "[[lines]]", "lines.0.curve", "0x10", "1e",
    "\t", "\r\n", "Total",
];

/// A small generator (Knuth's 64-bit one).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

fn word(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    let within = |b: &u8| b.is_ascii_alphanumeric() || b"._-+".contains(b);
    let from = bytes[..at].iter().rposition(|b| !within(b)).map_or(0, |i| i + 1);
    let to = bytes[at..].iter().position(|b| !within(b)).map_or(bytes.len(), |i| at + i).max(from);
    bytes.splice(from..to, ODD[random.below(ODD.len())].bytes());
}

fn line(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    let from = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let to = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| at + i + 1);
    let copy: Vec<u8> = bytes[from..to].to_vec();
    match random.below(3) {
        0 => drop(bytes.drain(from..to)),
        1 => drop(bytes.splice(to..to, copy)),
        _ => drop(bytes.splice(0..0, copy)),
    }
}

/// A byte, a size or an address of eight bytes, a stretch over another, an end.
fn byte(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => bytes[at] = random.below(256) as u8,
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes.iter_mut().skip(at & !7).take(8).for_each(|b| *b = 0xff),
        3 => bytes.iter_mut().skip(at & !7).take(8).enumerate().for_each(|(i, b)| *b = u8::from(i == 5)),
        4 => bytes.truncate(at),
        _ => {
            let (from, len) = (random.below(bytes.len()), random.below(64));
            let copy: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
            bytes.iter_mut().skip(at).zip(copy).for_each(|(b, c)| *b = c);
        }
    }
}

fn damaged(whole: &[u8], random: &mut Random) -> Vec<u8> {
    if whole.starts_with(b"PK") && random.below(8) > 0 {
        return damaged_book(whole, random);
    }
    let mut bytes = whole.to_vec();
    let text = std::str::from_utf8(whole).is_ok();
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            break;
        }
        match random.below(8) {
            0..4 if text => word(&mut bytes, random),
            4..6 if text => line(&mut bytes, random),
            _ => byte(&mut bytes, random),
        }
    }
    bytes
}

/// A workbook with one of its parts damaged as a text.
fn damaged_book(book: &[u8], random: &mut Random) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let chosen = random.below(archive.len());
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("a part");
        let (name, mut part) = (entry.name().expect("a name").into_owned(), Vec::new());
        entry.read_to_end(&mut part).expect("a part");
        if index == chosen || (name.contains("worksheets/sheet") && random.below(2) == 0) {
            part = damaged(&part, random);
        }
        out.start_file(name, SimpleFileOptions::default()).expect("written");
        out.write_all(&part).expect("written");
    }
    out.finish().expect("written").into_inner()
}

/// Most memory so far, in kilobytes, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Tried, of use, panicked, too slow, slowest.
#[derive(Default)]
struct Count {
    tried: usize,
    of_use: usize,
    panicked: usize,
    slow: usize,
    slowest: Duration,
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().expect("a number"));
    let (inputs, seed) = (arguments.next().unwrap_or(10_000), arguments.next().unwrap_or(1));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut seeds = Vec::new();
    for kind in KINDS {
        let mut files: Vec<_> = std::fs::read_dir(folder.join(kind.0))
            .expect("a folder of the corpus")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{}: no corpus", kind.0);
        seeds.extend(files.into_iter().map(|path| {
            let bytes = std::fs::read(&path).expect("a file");
            assert!((kind.1)(&bytes), "{}: is of no use", path.display());
            (kind, path, bytes)
        }));
    }
    let mut random = Random(seed);
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for k in 0..inputs {
        let ((name, run), path, whole) = &seeds[k as usize % seeds.len()];
        let bytes = damaged(whole, &mut random);
        let start = Instant::now();
        let of_use = catch_unwind(AssertUnwindSafe(|| run(&bytes)));
        let took = start.elapsed();
        let what = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if of_use.is_err() || took > LONGEST {
            let kept = std::env::temp_dir().join(format!("outlay-fuzz-{name}-{k}"));
            std::fs::write(&kept, &bytes).expect("written");
            println!("{what}: input {k} in {took:?}, kept as {}", kept.display());
        }
        let count = counts.entry(what).or_default();
        count.tried += 1;
        count.of_use += usize::from(*of_use.as_ref().unwrap_or(&false));
        count.panicked += usize::from(of_use.is_err());
        count.slow += usize::from(took > LONGEST);
        count.slowest = count.slowest.max(took);
    }
    for (what, c) in &counts {
        println!(
            "{what}: {} tried, {} of use, {} panicked, {} over a second, slowest {:?}",
            c.tried, c.of_use, c.panicked, c.slow, c.slowest
        );
    }
    println!("{inputs} inputs, at most {} MB", peak() / 1000);
    let bad = counts.values().any(|c| c.panicked + c.slow > 0) || peak() > MOST;
    std::process::exit(i32::from(bad));
}
