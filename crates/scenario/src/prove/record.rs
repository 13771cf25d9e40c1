//! Saved results, proven before anything is made of them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::ask::comparison::Compared;
use crate::files::inputs::InputsFile;
use crate::files::result::{FORMAT, ResultFile, Source};
use crate::files::storage::{Files, read_to_string};
use crate::model::scenario::Scenario;
use crate::prove::plan::prove;
use crate::read::inputs::kept;
use crate::read::load::Batch;
use crate::read::record::{Record, RecordError, find, sealed, unchanged};

/// Reads a saved plan and its scenario, and proves it.
///
/// # Errors
/// See [`RecordError`].
pub fn read_record(files: &Files, path: &Path) -> Result<Record, RecordError> {
    let record = Record::read(files, path)?;
    proven(path, &record.file, &record.scenario)?;
    Ok(record)
}

/// Reads the results in a file (one, or one per line of a `.jsonl`) with their
/// scenarios, and proves them.
///
/// # Errors
/// See [`RecordError`].
pub fn read_results(files: &Files, path: &Path) -> Result<Vec<Compared>, RecordError> {
    let unreadable = |reason: String| RecordError::Unreadable { path: path.to_owned(), reason };
    let text = read_to_string(files, path).map_err(|e| unreadable(e.to_string()))?;
    let mut known: HashMap<String, Batch> = HashMap::new();
    let one = |part: &str| {
        let read = serde_json::from_str(part);
        let file: ResultFile = read.map_err(|e| unreadable(format!("not a result: {e}")))?;
        let batch = match known.entry(file.source.files()) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(slot) => slot.insert(find(files, path, &file.source, file.inputs.as_ref())?),
        };
        unchanged(batch, &file.source, || kept(files, path, &file.source, file.inputs.as_ref()))?;
        let scenario = batch.with(&file.source.set)?;
        proven(path, &file, &scenario)?;
        let scenario = Scenario { round: file.source.asked.round, ..scenario };
        Ok(Compared { path: path.to_string_lossy().into_owned(), file, scenario })
    };
    if path.extension().is_some_and(|e| e == "jsonl") {
        return text.lines().filter(|l| !l.trim().is_empty()).map(one).collect();
    }
    std::iter::once(text.as_str()).map(one).collect()
}

/// The texts that saved results were made from, those of a scenario once.
///
/// # Errors
/// See [`RecordError`].
pub fn inputs_of(files: &Files, paths: &[PathBuf]) -> Result<InputsFile, RecordError> {
    let mut all = InputsFile { outlay: FORMAT, files: Vec::new() };
    let mut known = HashSet::new();
    for path in paths {
        let unreadable = |reason: String| RecordError::Unreadable { path: path.clone(), reason };
        let text = read_to_string(files, path).map_err(|e| unreadable(e.to_string()))?;
        for file in serde_json::Deserializer::from_str(&text).into_iter::<ResultFile>() {
            let file = file.map_err(|e| unreadable(format!("not a result: {e}")))?;
            if known.insert(file.source.files()) {
                all.and(find(files, path, &file.source, file.inputs.as_ref())?.inputs());
            }
        }
    }
    Ok(all)
}

/// Refuses a result whose figures are not what its scenario gives.
fn proven(path: &Path, file: &ResultFile, scenario: &Scenario) -> Result<(), RecordError> {
    sealed(path, file)?;
    let mut differences = Vec::new();
    let stated = serde_json::to_string(file)?;
    prove(scenario, &mut file.clone(), &stated, &mut differences)?;
    let written = Source { version: file.version.clone().unwrap_or_default(), ..file.source.clone() };
    match (differences.first(), written.foreign()) {
        (None, _) => Ok(()),
        (Some(_), Some(version)) => Err(RecordError::Earlier { path: path.to_owned(), version }),
        (Some(d), None) => {
            let first = format!("{} says {}, the scenario gives {}", d.field, d.stated, d.recomputed);
            Err(RecordError::Refuted { path: path.to_owned(), first })
        }
    }
}
