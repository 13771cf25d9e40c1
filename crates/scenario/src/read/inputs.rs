//! The texts a result was made from, kept beside it: once per scenario file,
//! however many what-ifs it has.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::result::{FORMAT, Source};
use crate::files::storage::{Files, read_to_string};
use crate::files::texts::{Text, sha256};
use crate::read::load::{Batch, load_from};

/// The files of one scenario, as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputsFile {
    /// Format version.
    pub outlay: u32,
    /// The scenario file first, then what it extends and its libraries.
    pub files: Vec<InputText>,
}

/// One file with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputText {
    /// The path as the scenario names it, resolved.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its text.
    pub text: String,
}

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

/// The scenario of a saved file, from the inputs beside it; `None` where they
/// are not those it was made from.
pub(crate) fn beside(files: &Files, saved: &Path, source: &Source) -> Option<Batch> {
    let folder = saved.parent().unwrap_or(Path::new(""));
    let name = saved.file_stem()?.to_string_lossy().into_owned();
    let short = name.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let scenario = Path::new(&source.path).file_stem().map(|s| s.to_string_lossy().into_owned());
    let read = |stem: String| {
        let text = read_to_string(files, &inputs_path(folder, &stem)).ok()?;
        let inputs: InputsFile = serde_json::from_str(&text).ok()?;
        inputs.files.first().is_some_and(|f| f.sha256 == source.sha256).then_some(inputs)
    };
    let inputs = [Some(name), short, scenario].into_iter().flatten().find_map(read)?;
    let own = PathBuf::from(&inputs.files.first()?.path);
    let memory = Files::memory(inputs.files.into_iter().map(|f| (f.path, f.text.into_bytes())));
    load_from(&memory, &[own]).batches.into_iter().next()
}
