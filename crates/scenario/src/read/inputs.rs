//! The texts a result was made from, kept beside it: once per scenario file,
//! however many what-ifs it has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::inputs::{InputText, InputsFile};
use crate::files::result::{FORMAT, Source};
use crate::files::storage::{Files, read_to_string};
use crate::files::texts::{Text, sha256};
use crate::read::load::{Batch, load};

impl Batch {
    /// The texts of the scenario and of every file it reads.
    pub fn inputs(&self) -> InputsFile {
        self.inputs_later()()
    }

    /// The same for when the batch itself is gone: what was read takes far more
    /// memory than its text.
    pub fn inputs_later(&self) -> impl Fn() -> InputsFile + Send + use<> {
        let texts = Arc::clone(&self.texts);
        let text = |text: &Text| {
            // A byte order mark is read over, but hashed.
            let marked = sha256(text.text.as_bytes()) != text.sha256;
            let mark = if marked { "\u{feff}" } else { "" };
            InputText {
                path: text.path.to_string_lossy().into_owned(),
                sha256: text.sha256.clone(),
                text: format!("{mark}{}", text.text),
            }
        };
        move || InputsFile { outlay: FORMAT, files: texts.files().iter().map(text).collect() }
    }
}

/// Where the inputs of a saved file stand: beside it, under the stem of its
/// scenario, and not among the results of that name.
pub fn inputs_path(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("inputs.{stem}.json"))
}

/// Where the inputs of a saved file may be kept.
pub(crate) fn places(saved: &Path, source: &Source) -> Vec<PathBuf> {
    let folder = saved.parent().unwrap_or(Path::new(""));
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned());
    let name = stem(saved);
    let short = name.as_ref().and_then(|name| Some(name.rsplit_once('.')?.0.to_owned()));
    let all = [name, short, stem(Path::new(&source.path))];
    all.into_iter().flatten().map(|stem| inputs_path(folder, &stem)).collect()
}

/// The inputs kept for a saved file of a source: within it, or beside it; `None`
/// where they are not those it was made from.
pub(crate) fn kept(
    files: &Files,
    saved: &Path,
    source: &Source,
    within: Option<&InputsFile>,
) -> Option<InputsFile> {
    let read = |path: PathBuf| serde_json::from_str(&read_to_string(files, &path).ok()?).ok();
    let beside = places(saved, source).into_iter().filter_map(read);
    within.cloned().into_iter().chain(beside).find_map(|inputs| inputs.of(source))
}

/// The scenario of a saved file, from the inputs kept for it.
pub(crate) fn restored(files: &Files, inputs: InputsFile) -> Option<Batch> {
    let own = PathBuf::from(&inputs.files.first()?.path);
    let memory = files.with(inputs.files.into_iter().map(|f| (f.path, f.text.into_bytes())));
    load(&memory, &[own]).batches.into_iter().next()
}
