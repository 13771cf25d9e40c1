//! Scenarios as read: files of the folder, read again when they change, and
//! files dropped on the page, kept in memory.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use outlay::{Batch, Error, Storage};

use crate::folder::Folder;

/// Most dropped files that are kept; the oldest goes first.
const MOST: usize = 16;
/// What the names of dropped files begin with: no file of a folder does.
pub(super) const DROPPED: &str = "dropped:";

/// A scenario that was dropped on the page.
#[derive(Debug, Clone)]
pub(super) struct Dropped {
    pub(super) name: String,
    pub(super) batch: Arc<Batch>,
    /// What was decided when it was read.
    pub(super) notes: Vec<String>,
}

/// When the files of a scenario were last changed, and their sizes.
type Stamp = Vec<(SystemTime, u64)>;

#[derive(Debug, Default)]
pub(super) struct Shelf {
    read: Mutex<HashMap<String, (Stamp, Arc<Batch>)>>,
    dropped: Mutex<Vec<Dropped>>,
}

impl Shelf {
    /// The scenario of a file, by its name in the folder or as it was dropped.
    pub(super) fn batch(&self, folder: &Folder, file: &str) -> Result<Arc<Batch>, Vec<String>> {
        if file.starts_with(DROPPED) {
            let gone = || vec![format!("{file}: is no longer here; drop it again")];
            return self.dropped(file).map(|d| d.batch).ok_or_else(gone);
        }
        folder.existing(file).map_err(|e| vec![e])?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stamp, batch)) = read.get(file)
            && *stamp == stamped(folder, batch)
        {
            return Ok(Arc::clone(batch));
        }
        let batch = outlay::read(&folder.files(), file).map_err(|e| told(&e))?;
        let batch = Arc::new(batch);
        read.insert(file.to_owned(), (stamped(folder, &batch), Arc::clone(&batch)));
        Ok(batch)
    }

    pub(super) fn dropped(&self, name: &str) -> Option<Dropped> {
        let dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.iter().find(|d| d.name == name).cloned()
    }

    /// Keeps a dropped scenario; its name on the page.
    pub(super) fn keep(&self, stem: &str, batch: Batch, notes: Vec<String>) -> String {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (1u32..)
            .map(|n| if n == 1 { format!("{DROPPED}{stem}") } else { format!("{DROPPED}{stem} {n}") })
            .find(|name| dropped.iter().all(|d| d.name != *name))
            .unwrap_or_default();
        dropped.push(Dropped { name: name.clone(), batch: Arc::new(batch), notes });
        if dropped.len() > MOST {
            dropped.remove(0);
        }
        name
    }
}

fn stamped(folder: &Folder, batch: &Batch) -> Stamp {
    let source = batch.source();
    let paths =
        std::iter::once(batch.path().to_owned()).chain(source.inputs.iter().map(|i| PathBuf::from(&i.path)));
    let stamp = |path: PathBuf| {
        let found = fs::metadata(folder.real(&path));
        found.map_or((SystemTime::UNIX_EPOCH, 0), |m| {
            (m.modified().unwrap_or(SystemTime::UNIX_EPOCH), m.len())
        })
    };
    paths.map(stamp).collect()
}

/// What is wrong with a file, each with its place.
pub(super) fn told(error: &Error) -> Vec<String> {
    error.to_string().lines().take(50).map(str::to_owned).collect()
}

/// Scenario files directly in the folder, by name.
pub(super) fn scenarios(folder: &Folder) -> Vec<String> {
    let loaded = outlay::read_all(&folder.files(), &[PathBuf::from("")]);
    let good = loaded.batches.iter().map(|b| b.path().to_owned());
    let bad = loaded.rejected.iter().map(|r| r.path.clone());
    let name =
        |path: PathBuf| path.strip_prefix(Path::new("./")).unwrap_or(&path).to_string_lossy().into_owned();
    let mut names: Vec<String> = good.chain(bad).map(name).filter(|n| !n.is_empty()).collect();
    names.sort();
    names.truncate(200);
    names
}
