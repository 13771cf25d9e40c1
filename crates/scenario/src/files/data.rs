//! A table to read: the bytes of a file, or columns in memory.

use std::io;
use std::path::{Path, PathBuf};

use outlay_table::{Address, Column, Table, TableError, Wanted, csv_of};

use crate::files::excerpt::Shown;
use crate::files::source::InputFile;
use crate::files::storage::Files;
use crate::files::texts::sha256;

/// A history, a panel, lift tests, judgements, a plan made by hand or what
/// happened, not read yet: the bytes of a CSV, Excel or OpenDocument file, or
/// columns in memory, with the name they go by.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    path: PathBuf,
    content: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Bytes(Vec<u8>),
    Columns(Vec<(String, Column)>),
}

impl Data {
    /// A file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(files: &Files, path: impl AsRef<Path>) -> io::Result<Data> {
        let path = path.as_ref();
        Ok(Data::bytes(path, files.read(path)?))
    }

    /// The bytes of a file of this name.
    pub fn bytes(path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Data {
        Data { path: path.into(), content: Content::Bytes(bytes.into()) }
    }

    /// Columns in memory, in their order, under a name. Rows are counted as in
    /// the CSV file of them: the columns' names are row 1.
    pub fn columns<N: Into<String>>(
        path: impl Into<PathBuf>,
        columns: impl IntoIterator<Item = (N, Column)>,
    ) -> Data {
        let columns = columns.into_iter().map(|(name, column)| (name.into(), column));
        Data { path: path.into(), content: Content::Columns(columns.collect()) }
    }

    /// The name it goes by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name and the hash of its bytes; columns have that of the CSV file of
    /// them.
    pub fn input(&self) -> InputFile {
        let hash = match &self.content {
            Content::Bytes(bytes) => sha256(bytes),
            Content::Columns(columns) => sha256(csv_of(columns).as_bytes()),
        };
        InputFile { path: self.path.to_string_lossy().into_owned(), sha256: hash }
    }

    /// The bytes of the file; columns are the CSV file of them.
    pub fn to_bytes(&self) -> std::borrow::Cow<'_, [u8]> {
        match &self.content {
            Content::Bytes(bytes) => bytes.into(),
            Content::Columns(columns) => csv_of(columns).into_bytes().into(),
        }
    }

    /// The lines of the file that stand at `addresses`; none of a workbook, of columns
    /// in memory, and of a file that is no text.
    pub fn shown<'a>(&self, addresses: impl IntoIterator<Item = Address<'a>>) -> Shown {
        match &self.content {
            Content::Bytes(bytes) => Shown::of(bytes, addresses),
            Content::Columns(_) => Shown::default(),
        }
    }

    pub(crate) fn table(&self, wanted: &Wanted<'_>) -> Result<Table, TableError> {
        match &self.content {
            Content::Bytes(bytes) => Table::from_bytes(bytes, wanted),
            Content::Columns(columns) => Table::from_columns(columns, wanted),
        }
    }
}
