//! The texts a saved file was made from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::files::source::Source;

/// The files of one scenario, as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputsFile {
    /// Format version.
    pub outlay: u32,
    /// The scenario file first, then what it extends and its libraries.
    pub files: Vec<InputText>,
}

/// One file with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputText {
    /// The path as the scenario names it, resolved.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its text.
    pub text: String,
}

impl InputsFile {
    /// Those of them that a source names, its scenario first; `None` without it.
    /// One file may hold the inputs of several results.
    pub(crate) fn of(self, source: &Source) -> Option<InputsFile> {
        let (own, others): (Vec<_>, Vec<_>) = self.files.into_iter().partition(|f| f.sha256 == source.sha256);
        let own = own.into_iter().next()?;
        let named = |f: &InputText| source.inputs.iter().any(|input| input.sha256 == f.sha256);
        let files = std::iter::once(own).chain(others.into_iter().filter(named));
        Some(InputsFile { outlay: self.outlay, files: files.collect() })
    }

    /// Adds the inputs of another source.
    pub(crate) fn and(&mut self, more: InputsFile) {
        for file in more.files {
            if !self.files.contains(&file) {
                self.files.push(file);
            }
        }
    }
}
