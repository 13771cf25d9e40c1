//! Answers saved for `outlay verify`.

use std::path::{Path, PathBuf};

use outlay::scenario::{InputsFile, escaped_json, inputs_path};
use serde::Serialize;

use super::sinks::{SinkError, whole};
use crate::made;

/// Where an answer is saved: in the file that is named, or in a folder under
/// the stem of its scenario and what kind of answer it is.
pub(crate) fn place(out: &Path, stem: &str, kind: &str, lines: bool) -> PathBuf {
    if out.extension().is_some_and(|e| e == "json" || e == "jsonl") {
        return out.to_owned();
    }
    out.join(format!("{stem}.{kind}.{}", if lines { "jsonl" } else { "json" }))
}

/// An answer as a line of JSON, which a terminal may show whatever names are in
/// it.
pub(crate) fn line(answer: &impl Serialize) -> Result<String, String> {
    Ok(serde_json::to_string(answer).map(escaped_json).map_err(|e| e.to_string())? + "\n")
}

/// Writes a file, whole or not at all, in a folder that is made if needed.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), SinkError> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        made::folder(folder).map_err(|error| SinkError::Write { path: folder.to_owned(), error })?;
    }
    whole(path, text.as_bytes())
}

/// Where what an answer was made from is kept: beside it, under its own stem
/// where it has a name of its own, else under that of its scenario.
pub(crate) fn inputs_at(saved: &Path, out: &Path, stem: &str) -> PathBuf {
    let folder = saved.parent().unwrap_or(Path::new(""));
    let own = saved.file_stem().filter(|_| saved == out).map(|s| s.to_string_lossy().into_owned());
    inputs_path(folder, own.as_deref().unwrap_or(stem))
}

/// Keeps what answers were made from, so that they can be proven wherever they
/// go.
pub(crate) fn keep_inputs(path: &Path, inputs: &InputsFile) -> Result<(), SinkError> {
    let failed = |error: serde_json::Error| SinkError::Write { path: path.to_owned(), error: error.into() };
    whole(path, escaped_json(serde_json::to_string(inputs).map_err(failed)?).as_bytes())
}
