//! The texts a result was made from, kept beside it: once per scenario file,
//! however many what-ifs it has.

use std::path::{Path, PathBuf};

use crate::files::inputs::{InputText, InputsFile};
use crate::files::result::{FORMAT, Source};
use crate::files::storage::{Files, read_to_string};
use crate::files::texts::{Text, sha256};
use crate::read::load::{Batch, load};

impl Batch {
    /// The texts of the scenario and of every file it reads.
    pub fn inputs(&self) -> InputsFile {
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
        InputsFile { outlay: FORMAT, files: self.texts().files().iter().map(text).collect() }
    }
}

/// Where the inputs of a saved file stand: beside it, under the stem of its
/// scenario, and not among the results of that name.
pub fn inputs_path(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("inputs.{stem}.json"))
}

/// The inputs kept for a saved file of a source: within it, or beside it; `None`
/// where they are not those it was made from.
pub(crate) fn kept(
    files: &Files,
    saved: &Path,
    source: &Source,
    within: Option<&InputsFile>,
) -> Option<InputsFile> {
    let folder = saved.parent().unwrap_or(Path::new(""));
    let name = saved.file_stem()?.to_string_lossy().into_owned();
    let short = name.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let scenario = Path::new(&source.path).file_stem().map(|s| s.to_string_lossy().into_owned());
    let read = |stem: String| {
        let text = read_to_string(files, &inputs_path(folder, &stem)).ok()?;
        serde_json::from_str(&text).ok()
    };
    let beside = [Some(name), short, scenario].into_iter().flatten().filter_map(read);
    within.cloned().into_iter().chain(beside).find_map(|inputs| inputs.of(source))
}

/// The scenario of a saved file, from the inputs kept for it.
pub(crate) fn restored(files: &Files, inputs: InputsFile) -> Option<Batch> {
    let own = PathBuf::from(&inputs.files.first()?.path);
    let memory = files.with(inputs.files.into_iter().map(|f| (f.path, f.text.into_bytes())));
    load(&memory, &[own]).batches.into_iter().next()
}
