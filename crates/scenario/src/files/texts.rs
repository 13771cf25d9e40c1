//! The texts of one load, so that a place is shown as file, line and
//! column.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::files::diagnostic::{Diagnostic, Issue};
use crate::files::excerpt::Excerpt;
use crate::files::storage::Files;
use crate::files::tree::Span;

/// The files of one load, so that places can be shown as line and column.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    /// Where they are read from.
    from: Files,
    files: Vec<Text>,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) sha256: String,
}

impl Texts {
    /// Nothing read yet.
    pub(crate) fn new(from: &Files) -> Self {
        Texts { from: from.clone(), files: Vec::new() }
    }

    /// Where they are read from.
    pub(crate) fn from(&self) -> &Files {
        &self.from
    }

    /// Adds a file and gives its index.
    pub(crate) fn add(&mut self, text: Text) -> u32 {
        self.files.push(text);
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn get(&self, file: u32) -> Option<&Text> {
        self.files.get(file as usize)
    }

    pub(crate) fn files(&self) -> &[Text] {
        &self.files
    }

    /// A diagnostic at a place.
    pub(crate) fn diagnostic(&self, span: Span, field: impl Into<String>, issue: Issue) -> Diagnostic {
        let text = self.get(span.file);
        let path = text.map_or_else(PathBuf::new, |text| text.path.clone());
        let place = text.filter(|_| !span.is_outside()).map(|text| {
            let range = span.start as usize..span.end as usize;
            (line_column(&text.text, range.start), Excerpt::of(&text.text, range))
        });
        let ((line, column), excerpt) = place.unwrap_or_default();
        Diagnostic { path, line, column, field: field.into(), issue, excerpt }
    }
}

/// Line and column, from 1, the column in characters, of a byte of a text.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Largest file read, in bytes.
const LARGEST: u64 = 256 << 20;

/// Reads a file as text; a byte order mark is dropped.
pub(crate) fn read(from: &Files, path: &Path) -> Result<Text, Vec<Diagnostic>> {
    let whole = |issue| Diagnostic::whole(path, issue);
    let unreadable = |e: std::io::Error| vec![whole(Issue::Unreadable { reason: e.to_string() })];
    let size = from.size(path).map_err(unreadable)?;
    if size > LARGEST {
        return Err(vec![whole(Issue::TooLarge { bytes: size, allowed: LARGEST })]);
    }
    let bytes = from.read(path).map_err(unreadable)?;
    let sha256 = sha256(&bytes);
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let good = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            let (line, column) = line_column(&good, valid);
            let issue = Issue::NotUtf8 { byte: valid };
            return Err(vec![Diagnostic { line, column, ..whole(issue) }]);
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if text.trim().is_empty() {
        return Err(vec![whole(Issue::Empty)]);
    }
    Ok(Text { path: path.to_owned(), text, sha256 })
}
