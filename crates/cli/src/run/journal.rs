//! What of a run is finished, so that an interrupted one can go on.
//!
//! Results of a batch are appended to `.NAME.partial`, which takes the name
//! `NAME` once it is whole. The journal beside them begins with what the
//! results depend on; each further line states how many scenarios of a batch
//! are finished, in how many bytes, and the SHA-256 of the bytes since the line
//! before. Only bytes that match are trusted: what a crash or a lost power
//! supply left half written is solved again.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use outlay::scenario::result::Source;
use outlay::scenario::sha256;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lots::Lot;
use super::plan::Plan;

/// What results depend on, besides the bytes of the inputs that `source` lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Basis {
    program: String,
    gap: Option<f64>,
    nodes: Option<usize>,
    seconds: Option<f64>,
    round: Option<f64>,
    #[serde(default)]
    embed: bool,
    batches: Vec<Share>,
}

/// One batch of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Share {
    name: String,
    source: Source,
    fixed: String,
    scenarios: u64,
}

/// So much of a batch is finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    batch: usize,
    scenarios: u64,
    bytes: u64,
    /// Scenarios since the line before that have no result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<u64>,
    sha256: String,
}

/// The finished part of a batch's results.
#[derive(Debug, Clone, Default)]
pub(super) struct Saved {
    /// The file that holds it.
    file: PathBuf,
    pub(super) scenarios: u64,
    pub(super) bytes: u64,
    without: BTreeSet<u64>,
    /// The file already bears its final name.
    pub(super) whole: bool,
}

/// Why an interrupted run is not continued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// There is none.
    Nothing,
    /// It ran with other options.
    Options,
    /// It was made by another version of the program.
    Program,
    /// A file it reads is not what it was.
    Input(String),
}

/// The journal of a run, locked as long as it is open.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    hash: Sha256,
    without: Vec<u64>,
}

impl Basis {
    pub(super) fn new(plan: &Plan) -> Self {
        let share = |lot: &Lot| Share {
            name: lot.name.clone(),
            source: lot.source.clone(),
            fixed: lot.fixed.clone(),
            scenarios: lot.len,
        };
        Basis {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            gap: plan.effort.gap,
            nodes: plan.effort.nodes,
            seconds: plan.effort.time.map(|t| t.as_secs_f64()),
            round: plan.effort.round,
            embed: plan.embed,
            batches: plan.lots.iter().map(share).collect(),
        }
    }

    /// What makes results of an earlier run useless.
    fn differs(&self, old: &Basis) -> Option<Fresh> {
        if self.program != old.program {
            return Some(Fresh::Program);
        }
        for (new, old) in self.batches.iter().zip(&old.batches) {
            if new.source.sha256 != old.source.sha256 {
                return Some(Fresh::Input(new.source.path.clone()));
            }
            let changed = new.source.inputs.iter().find(|i| !old.source.inputs.contains(i));
            if let Some(input) = changed {
                return Some(Fresh::Input(input.path.clone()));
            }
        }
        (self != old).then_some(Fresh::Options)
    }
}

impl Saved {
    /// Reads the finished results in order; `None` if nothing is finished.
    pub(super) fn open(&self) -> io::Result<Option<Finished>> {
        if self.scenarios == 0 {
            return Ok(None);
        }
        let lines = BufReader::new(File::open(&self.file)?.take(self.bytes));
        Ok(Some(Finished { lines, without: self.without.clone(), scenarios: self.scenarios, next: 0 }))
    }
}

/// The finished results of a batch, read one by one.
pub(super) struct Finished {
    lines: BufReader<io::Take<File>>,
    without: BTreeSet<u64>,
    scenarios: u64,
    next: u64,
}

impl Finished {
    /// The line of the next scenario; `None` if it has no result. False once
    /// the finished scenarios are through.
    pub(super) fn next(&mut self) -> Option<io::Result<Option<String>>> {
        if self.next >= self.scenarios {
            return None;
        }
        self.next += 1;
        if self.without.contains(&(self.next - 1)) {
            return Some(Ok(None));
        }
        let mut line = String::new();
        Some(match self.lines.read_line(&mut line) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(Some(line)),
            Err(error) => Err(error),
        })
    }
}

impl Journal {
    /// Opens the journal of a run in a folder. What an interrupted run of the
    /// same basis finished is given back per batch, if `resume` asks for it.
    pub(super) fn open(
        folder: &Path,
        names: &[String],
        basis: &Basis,
        resume: bool,
    ) -> io::Result<(Self, Vec<Saved>, Option<Fresh>)> {
        let key = sha256(names.join("\n").as_bytes());
        let path = folder.join(format!(".outlay-{}.journal", &key[..12]));
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        if file.try_lock().is_err() {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another run is writing here"));
        }
        let (old, entries, end) = read(&mut file)?;
        let fresh = match &old {
            None => Some(Fresh::Nothing),
            Some(old) => basis.differs(old),
        };
        let mut journal = Journal { path, file, hash: Sha256::new(), without: Vec::new() };
        if resume && fresh.is_none() {
            let each = names.iter().zip(&basis.batches).enumerate();
            let saved = each.map(|(batch, (name, share))| {
                let saved = saved(folder, name, batch, &entries);
                // A file that has its name but not these bytes is someone else's.
                if saved.whole && saved.scenarios < share.scenarios { Saved::default() } else { saved }
            });
            let saved = saved.collect();
            journal.file.set_len(end)?;
            journal.file.seek(SeekFrom::End(0))?;
            return Ok((journal, saved, None));
        }
        journal.file.set_len(0)?;
        journal.file.rewind()?;
        journal.line(basis)?;
        Ok((journal, vec![Saved::default(); names.len()], fresh.filter(|_| resume)))
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Takes note of a result that was written, or that there is none.
    pub(super) fn note(&mut self, index: u64, result: Option<&str>) {
        match result {
            Some(result) => self.hash.update(result.as_bytes()),
            None => self.without.push(index),
        }
    }

    /// States that everything noted is in the file.
    pub(super) fn commit(&mut self, batch: usize, scenarios: u64, bytes: u64) -> io::Result<()> {
        let hash = std::mem::take(&mut self.hash).finalize();
        let sha256 = hash.iter().map(|b| format!("{b:02x}")).collect();
        let without = std::mem::take(&mut self.without);
        self.line(&Entry { batch, scenarios, bytes, without, sha256 })
    }

    /// Removes the journal: the run is whole.
    pub(super) fn close(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The basis and entries of a journal, and where its last whole line ends.
fn read(file: &mut File) -> io::Result<(Option<Basis>, Vec<Entry>, u64)> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let mut lines = bytes.split_inclusive(|&b| b == b'\n').filter(|l| l.ends_with(b"\n"));
    let Some(head) = lines.next() else { return Ok((None, Vec::new(), 0)) };
    let Ok(basis) = serde_json::from_slice::<Basis>(head) else { return Ok((None, Vec::new(), 0)) };
    let mut end = head.len() as u64;
    let mut entries = Vec::new();
    for line in lines {
        let Ok(entry) = serde_json::from_slice::<Entry>(line) else { break };
        end += line.len() as u64;
        entries.push(entry);
    }
    Ok((Some(basis), entries, end))
}

/// What of a batch can be trusted.
fn saved(folder: &Path, name: &str, batch: usize, entries: &[Entry]) -> Saved {
    let partial = partial(folder, name);
    let whole = !partial.exists();
    let file = if whole { folder.join(name) } else { partial };
    let mut saved = Saved { file, whole, ..Saved::default() };
    let Ok(data) = File::open(&saved.file) else { return Saved::default() };
    let mut data = BufReader::new(data);
    for entry in entries.iter().filter(|e| e.batch == batch) {
        let Some(length) = entry.bytes.checked_sub(saved.bytes) else { continue };
        if entry.scenarios < saved.scenarios || data.seek(SeekFrom::Start(saved.bytes)).is_err() {
            continue;
        }
        if digest(&mut data, length).is_some_and(|found| found == entry.sha256) {
            saved.scenarios = entry.scenarios;
            saved.bytes = entry.bytes;
            saved.without.extend(&entry.without);
        }
    }
    saved
}

/// SHA-256 of the next bytes; `None` if there are not so many.
fn digest(data: &mut impl Read, length: u64) -> Option<String> {
    let mut hash = Sha256::new();
    let read = io::copy(&mut data.take(length), &mut Hashing(&mut hash)).ok()?;
    (read == length).then(|| hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where results stand until they are whole.
pub(super) fn partial(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}.partial"))
}
