//! Where a result came from: its files and what was asked.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a scenario came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The scenario file as given on the command line.
    pub path: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// What a what-if set, by path.
    pub set: IndexMap<String, serde_json::Value>,
    /// The other files the scenario reads: bases it extends, curve libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputFile>,
    /// What was asked of the run besides the scenario.
    #[serde(default, skip_serializing_if = "Asked::is_nothing")]
    pub asked: Asked,
    /// First half of the SHA-256 of `set` and `asked`, in hexadecimal: where
    /// another question has the same answer, it was not asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Version of the program that wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Number of the order in which searches were made.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub proofs: u32,
}

/// Number of the order of the searches that answers are built from: raised with
/// every change to which searches are made, in what order, or what is made of
/// what they find. Proofs that were saved in another order are read as long as
/// they hold; where they do not, the program that wrote them is named.
pub(crate) const PROOFS: u32 = 5;

fn is_nothing(proofs: &u32) -> bool {
    *proofs == 0
}

impl Source {
    /// What wrote a file, if it was not this version: proofs without a number
    /// are older than the numbers.
    pub(crate) fn foreign(&self) -> Option<String> {
        let version = if self.version.is_empty() { "0.1.0 or earlier" } else { &self.version };
        match self.proofs {
            PROOFS => None,
            0 => Some(format!("{version} (proofs older than format 1)")),
            other => Some(format!("{version} (proofs of format {other})")),
        }
    }
}

/// What was asked of a run on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// The gap to prove, where another than the default was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
    /// Every spend a multiple of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<f64>,
    /// Most subproblems, where another number than the default was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<usize>,
}

impl Asked {
    /// True if nothing but the scenario was asked for.
    pub fn is_nothing(&self) -> bool {
        *self == Asked::default()
    }
}

/// A file a scenario reads besides itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputFile {
    /// The path as the scenario names it, resolved.
    pub path: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
}
