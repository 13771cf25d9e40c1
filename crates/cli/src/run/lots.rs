//! The scenario files of a run: all known by name and hash, and in memory as far
//! as that is cheap. The others are read again when their turn comes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use outlay::scenario::result::Source;
use outlay::{Batch, Files};
use serde_json::Value;

/// Bytes of text that stay in memory, with some eight times as much made of them.
const KEPT: usize = 4 << 20;

/// One scenario file with its what-ifs.
pub(crate) struct Lot {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) stem: String,
    pub(crate) source: Source,
    /// What is set for all its scenarios, as JSON.
    pub(super) fixed: String,
    /// Number of its scenarios.
    pub(crate) len: u64,
    pub(crate) varies: bool,
    held: Mutex<Option<Arc<Batch>>>,
}

/// All scenario files of a run, in input order.
#[derive(Default)]
pub(crate) struct Lots {
    lots: Vec<Lot>,
    /// What is asked of each of them.
    set: IndexMap<String, Value>,
    /// Bytes of those in memory.
    kept: usize,
    once: bool,
    /// The one read again last.
    last: Mutex<Option<(usize, Arc<Batch>)>>,
}

impl Lots {
    pub(crate) fn new(set: IndexMap<String, Value>) -> Self {
        Lots { set, ..Lots::default() }
    }

    /// Adds a file that was read, and of which everything was asked.
    pub(crate) fn push(&mut self, batch: Batch) {
        let bytes = batch.bytes();
        // A pipe can be read once only.
        let again = !self.lots.is_empty() && self.kept + bytes > KEPT && batch.path().is_file();
        self.kept += if again { 0 } else { bytes };
        self.lots.push(Lot {
            path: batch.path().to_owned(),
            name: batch.name().to_owned(),
            stem: batch.stem().to_owned(),
            source: batch.source().clone(),
            fixed: batch.fixed(),
            len: batch.len(),
            varies: batch.varies(),
            held: Mutex::new((!again).then(|| Arc::new(batch))),
        });
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&Lot) -> bool) {
        self.lots.retain(keep);
    }

    /// Lets go of files of one scenario once they are opened: nothing else will
    /// ask for them.
    pub(crate) fn once(&mut self) {
        self.once = true;
    }

    /// The file at an index.
    ///
    /// # Errors
    /// Where it had to be read again and is not what it was.
    pub(crate) fn open(&self, index: usize) -> Result<Arc<Batch>, String> {
        let lot = &self.lots[index];
        let mut held = locked(&lot.held);
        if let Some(batch) = if self.once && lot.len == 1 { held.take() } else { held.clone() } {
            return Ok(batch);
        }
        drop(held);
        let last = || locked(&self.last);
        if let Some((_, batch)) = last().as_ref().filter(|(k, _)| *k == index) {
            return Ok(batch.clone());
        }
        let batch = Arc::new(lot.again(&self.set)?);
        *last() = Some((index, batch.clone()));
        Ok(batch)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::ops::Deref for Lots {
    type Target = [Lot];

    fn deref(&self) -> &[Lot] {
        &self.lots
    }
}

impl Lot {
    fn again(&self, set: &IndexMap<String, Value>) -> Result<Batch, String> {
        let read = outlay::read(&Files::disk(), &self.path).map_err(|e| e.to_string())?;
        let batch = if set.is_empty() { read } else { read.asked(set).map_err(|e| e.to_string())? };
        if *batch.source() != self.source {
            let path = self.path.display();
            return Err(format!(
                "{path}: it, or a file that it reads, was changed while the run was under way; run it again"
            ));
        }
        Ok(batch)
    }

    /// Name of its result file.
    pub(crate) fn result_name(&self) -> String {
        format!("{}.{}", self.stem, if self.varies { "jsonl" } else { "json" })
    }
}

/// Every file that scenarios are read from.
pub(crate) fn read_by(lots: &[Lot]) -> Vec<PathBuf> {
    let mut seen = std::collections::HashSet::new();
    let each = lots.iter().flat_map(|lot| {
        let others = lot.source.inputs.iter().map(|input| Path::new(&input.path));
        others.chain([lot.path.as_path(), Path::new(&lot.source.path)])
    });
    let named = each.filter(|path| !path.as_os_str().is_empty());
    named.filter(|path| seen.insert(*path)).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(folder: &Path, name: &str, budget: u32) -> Batch {
        let text = format!(
            "outlay = 1\nbudget.max = {budget}\n# {}\n[[lines]]\nname = \"tv\"\noutcome = \"revenue\"\n\
             curve = {{ family = \"power\", coefficient = 9, exponent = 0.5 }}\n",
            "x".repeat(KEPT / 3)
        );
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        outlay::read(&Files::disk(), &path).expect("a scenario")
    }

    #[test]
    fn what_memory_does_not_keep_is_read_again_and_must_be_the_same() {
        let here = tempfile::tempdir().expect("a folder");
        let set = IndexMap::from([("budget.max".to_owned(), Value::from(70))]);
        let mut lots = Lots::new(set.clone());
        for (name, budget) in [("a.toml", 10), ("b.toml", 20), ("c.toml", 30), ("d.toml", 40)] {
            lots.push(batch(here.path(), name, budget).asked(&set).expect("asked"));
        }
        assert_eq!(
            lots.iter().map(|l| locked(&l.held).is_some()).collect::<Vec<_>>(),
            [true, true, false, false]
        );
        for index in [0, 2, 3, 2] {
            let scenario = lots.open(index).expect("read").scenario(0).expect("right");
            assert_eq!(scenario.budget.and_then(|b| b.max), Some(70.0));
            assert_eq!(scenario.source.sha256, lots[index].source.sha256);
        }
        batch(here.path(), "d.toml", 41);
        assert!(lots.open(3).expect_err("another text").contains("was changed while"));
    }
}
