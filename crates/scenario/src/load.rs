use std::path::{Path, PathBuf};

use crate::{Diagnostic, Issue, Rejected, Scenario};

/// What the paths of one call hold.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The scenario files that can be used, in input order.
    pub batches: Vec<Batch>,
    /// What cannot be used, in input order: exit code 2.
    pub rejected: Vec<Rejected>,
    /// Files of folders that are not scenarios.
    pub skipped: Vec<Skipped>,
}

/// A file of a folder that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file of a folder is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// It has neither `lines` nor `extends`.
    NoScenario,
}

/// One scenario file and the what-ifs it asks for, expanded on demand.
#[derive(Debug)]
pub struct Batch {
    path: PathBuf,
}

/// Reads scenario files and folders of them, in the order given; files of a
/// folder by name. Nothing read stops another file from being used.
pub fn load(paths: &[PathBuf]) -> Loaded {
    let batches = paths.iter().map(|path| Batch { path: path.clone() }).collect();
    Loaded { batches, ..Loaded::default() }
}

impl Batch {
    /// The scenario file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name of the scenario without any settings.
    pub fn name(&self) -> &str {
        ""
    }

    /// Stem of the file's name: results are written to `<stem>.json`, or
    /// `<stem>.jsonl` if it varies.
    pub fn stem(&self) -> &str {
        ""
    }

    /// True if the file has `vary`.
    pub fn varies(&self) -> bool {
        false
    }

    /// Number of scenarios; at least 1.
    pub fn len(&self) -> u64 {
        1
    }

    /// Never true; here for form.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The scenario at an index below [`Batch::len`], in constant memory and
    /// independent of the others. The last `vary` changes fastest.
    pub fn scenario(&self, _index: u64) -> Result<Scenario, Rejected> {
        let diagnostic = Diagnostic {
            path: self.path.clone(),
            line: 0,
            column: 0,
            field: String::new(),
            issue: Issue::Unread,
        };
        Err(Rejected { path: self.path.clone(), diagnostics: vec![diagnostic] })
    }
}
