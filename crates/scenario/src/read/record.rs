//! Saved plans as records: a result with the files it was made from.

use std::path::{Path, PathBuf};

use outlay_allocator::ProblemError;
use thiserror::Error;

use crate::files::diagnostic::Rejected;
use crate::files::edits::{Edit, edits, told};
use crate::files::inputs::{InputText, InputsFile};
use crate::files::result::{InputFile, ResultFile, Source};
use crate::files::source::PROOFS;
use crate::files::storage::Files;
use crate::files::texts::{Text, read};
use crate::model::scenario::Scenario;
use crate::read::inputs;
use crate::read::load::{Batch, load};

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RecordError {
    /// The result file cannot be read.
    #[error("{path}: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system or the parser says.
        reason: String,
    },
    /// Its scenario cannot be used.
    #[error(transparent)]
    Scenario(#[from] Rejected),
    /// Its scenario makes no problem.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// A file the scenario reads has changed since.
    #[error(
        "{path} has changed since the result was written: {}. Run it again for a result of what it is now, or bring back what it was",
        told(edits.as_deref()), path = path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// SHA-256 in the result.
        stated: String,
        /// SHA-256 now.
        found: String,
        /// Which fields changed; `None` where what it was then is not kept with
        /// the result.
        edits: Option<Vec<Edit>>,
    },
    /// Another build wrote it, whose proofs this one cannot give again.
    #[error(
        "{path}: written by version {version}, whose proofs do not hold by this one, {} (proofs of format {PROOFS}); run its scenario again",
        env!("CARGO_PKG_VERSION"), path = path.display()
    )]
    Earlier {
        /// The result file.
        path: PathBuf,
        /// The version that wrote it.
        version: String,
    },
    /// What it answers cannot be asked.
    #[error("{0}")]
    Question(String),
    /// Its figures are not what its scenario gives.
    #[error("{path}: the proof fails: {first}; `outlay verify` tells all", path = path.display())]
    Refuted {
        /// The result file.
        path: PathBuf,
        /// The first figure that differs.
        first: String,
    },
}

impl From<serde_json::Error> for RecordError {
    fn from(error: serde_json::Error) -> Self {
        RecordError::Question(error.to_string())
    }
}

/// A saved plan and the scenario it belongs to.
#[derive(Debug)]
pub struct Record {
    /// The result as saved.
    pub file: ResultFile,
    /// Its scenario, with the settings of a what-if.
    pub scenario: Scenario,
    /// The result file and its hash.
    pub input: InputFile,
    pub(crate) batch: Batch,
}

impl Record {
    /// The files its scenario is made from, and those its inputs are kept in.
    pub fn sources(&self) -> Vec<PathBuf> {
        let source = self.batch.source();
        let others = source.inputs.iter().map(|input| PathBuf::from(&input.path));
        let kept = inputs::places(Path::new(&self.input.path), &self.file.source);
        others.chain([self.batch.path().to_owned()]).chain(kept).collect()
    }

    /// Where it was read from.
    pub fn files(&self) -> &Files {
        self.batch.texts().from()
    }
}

impl Record {
    /// Reads a saved result and its scenario, which must not have changed since.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn read(files: &Files, path: &Path) -> Result<Record, RecordError> {
        let unreadable = |reason: String| RecordError::Unreadable { path: path.to_owned(), reason };
        let Text { text, sha256, .. } = read(files, path).map_err(|diagnostics| {
            let all: Vec<String> = diagnostics.iter().map(|d| d.issue.to_string()).collect();
            unreadable(all.join("; "))
        })?;
        let several = text.lines().filter(|l| l.starts_with('{') && l.ends_with('}')).count();
        if several > 1 {
            let reason = format!("holds {several} plans; keep the one that is meant in a file of its own");
            return Err(unreadable(reason));
        }
        let parsed = serde_json::from_str(&text);
        let file: ResultFile = parsed.map_err(|e| unreadable(format!("not a saved plan: {e}")))?;
        let within = file.inputs.as_ref();
        let batch = find(files, path, &file.source, within)?;
        unchanged(&batch, &file.source, || inputs::kept(files, path, &file.source, within))?;
        let scenario = batch.with(&file.source.set)?;
        let input = InputFile { path: path.to_string_lossy().into_owned(), sha256 };
        Ok(Record { file, scenario, input, batch })
    }
}

/// Refuses a result that an earlier version wrote.
pub(crate) fn sealed(path: &Path, file: &ResultFile) -> Result<(), RecordError> {
    let later = file.goals.iter().filter_map(|g| g.certificate.as_ref());
    let open = file.certificate.iter().chain(later).any(|c| c.sha256.is_empty());
    if !open {
        return Ok(());
    }
    let version = match file.version.as_deref() {
        Some(version) if version == env!("CARGO_PKG_VERSION") => format!("{version} (an earlier build)"),
        version => version.unwrap_or("unknown").to_owned(),
    };
    Err(RecordError::Earlier { path: path.to_owned(), version })
}

/// The scenario file a result names: where it says, or beside the result.
pub(crate) fn find(
    files: &Files,
    result: &Path,
    source: &Source,
    within: Option<&InputsFile>,
) -> Result<Batch, RecordError> {
    let named = Path::new(&source.path);
    let beside = result.parent().unwrap_or(Path::new(""));
    let mut places = vec![named.to_owned(), beside.join(named)];
    places.extend(named.file_name().map(|name| beside.join(name)));
    let found = places.iter().find(|p| files.is_file(p));
    let loaded = load(files, &[found.unwrap_or(&places[0]).clone()]);
    // A scenario that is gone, or lacks a file it reads, is kept with the result.
    let kept = match loaded.batches.is_empty() {
        true => inputs::kept(files, result, source, within).and_then(|kept| inputs::restored(files, kept)),
        false => None,
    };
    match (kept.or(loaded.batches.into_iter().next()), loaded.rejected.into_iter().next()) {
        (Some(batch), _) => Ok(batch.reading(&source.set)?.unwrap_or(batch)),
        (None, Some(rejected)) => Err(rejected.into()),
        (None, None) => {
            Err(RecordError::Unreadable { path: named.to_owned(), reason: "no scenario".to_owned() })
        }
    }
}

impl Source {
    /// What tells the files of one source from those of another: a what-if over
    /// libraries reads its own.
    pub(crate) fn files(&self) -> String {
        let inputs: Vec<&str> = self.inputs.iter().map(|i| i.sha256.as_str()).collect();
        format!("{} {} {}", self.path, self.sha256, inputs.join(" "))
    }
}

/// Refuses a scenario whose files are not the ones the result was made from, and
/// says what is different where they were `kept`.
pub(crate) fn unchanged(
    batch: &Batch,
    source: &Source,
    kept: impl FnOnce() -> Option<InputsFile>,
) -> Result<(), RecordError> {
    let now = batch.source();
    let own = [(&now.path, &now.sha256, &source.sha256)];
    let others = now.inputs.iter().zip(&source.inputs).map(|(n, f)| (&n.path, &n.sha256, &f.sha256));
    for (path, found, stated) in own.into_iter().chain(others) {
        if found != stated {
            let edits = kept().and_then(|kept| {
                let text = |sha: &String, files: &[InputText]| {
                    files.iter().find(|f| f.sha256 == *sha).map(|f| f.text.clone())
                };
                let (was, is) = (text(stated, &kept.files)?, text(found, &batch.inputs().files)?);
                edits(Path::new(path), &was, &is)
            });
            let (path, stated, found) = (PathBuf::from(path), stated.clone(), found.clone());
            return Err(RecordError::Changed { path, stated, found, edits });
        }
    }
    if now.inputs.len() != source.inputs.len() {
        let count = |n: usize| format!("{n} input files");
        let (stated, found) = (count(source.inputs.len()), count(now.inputs.len()));
        let path = PathBuf::from(&now.path);
        return Err(RecordError::Changed { path, stated, found, edits: None });
    }
    Ok(())
}
