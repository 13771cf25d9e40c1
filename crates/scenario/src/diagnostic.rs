use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file, or one scenario of it, cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub struct Rejected {
    /// The file named on the command line.
    pub path: PathBuf,
    /// Everything found wrong, in the order of the file; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

/// One thing wrong in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The file it is in.
    pub path: PathBuf,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when the file as a whole is meant.
    pub column: usize,
    /// The field, as a path like `limits.CAC.max`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub issue: Issue,
}

/// What is wrong, with its figures.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Issue {
    /// Not possible yet.
    #[error("cannot be read yet")]
    Unread,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.issue)
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}
