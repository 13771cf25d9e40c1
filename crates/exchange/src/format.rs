//! What a format is.

use outlay_scenario::library::LibraryFile;

use crate::error::ImportError;

/// A file to read, and what the caller knows about it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file's name, kept in the library as where its curves come from.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// What the caller adds.
    pub options: &'a Options,
}

/// What a file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Currency of spends and revenue.
    pub currency: Option<String>,
    /// Revenue of one unit of the model's outcome; outcomes are revenue when
    /// absent.
    pub revenue_per_outcome: Option<f64>,
    /// Periods that totals over a window cover.
    pub periods: Option<u32>,
    /// Length of a period: `day`, `week` or `month`.
    pub unit: Option<String>,
    /// Curves at the same spend in every period, where a model knows how its
    /// spend was flown.
    pub steady: bool,
}

/// A library as read, and what a reader should know about how.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The curves.
    pub library: LibraryFile,
    /// What was found, decided and left out, a sentence each.
    pub notes: Vec<String>,
}

/// A format of models.
pub trait Format: Sync {
    /// Program and file, in words.
    fn name(&self) -> &'static str;

    /// Whether a file is of this format.
    fn recognises(&self, source: &Source<'_>) -> bool;

    /// Reads a file of this format.
    ///
    /// # Errors
    /// Why what it holds cannot be curves here.
    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError>;
}
