//! Files a run writes besides standard output: whole, or not at all.

use std::fmt::Display;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use outlay_report::{Sheet, buy, html, xlsx};
use outlay_scenario::Batch;
use outlay_scenario::buy::BuyRow;
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::arguments::Run;

/// Why a file cannot be written.
#[derive(Debug, Error)]
pub(crate) enum SinkError {
    #[error("{path}: {error}", path = path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{path}: {error}", path = path.display())]
    Render { path: PathBuf, error: String },
}

/// The open files of a run.
pub(crate) struct Sinks {
    out: Option<PathBuf>,
    /// The result file being written.
    open: Option<BufWriter<NamedTempFile>>,
    html: Option<PathBuf>,
    xlsx: Option<PathBuf>,
    buy: Option<PathBuf>,
    sheets: Vec<Sheet>,
}

impl Sinks {
    /// Makes the output folder, so that a bad path shows before the work.
    pub(crate) fn open(arguments: &Run) -> Result<Self, SinkError> {
        for folder in [&arguments.out, &arguments.buy].into_iter().flatten() {
            fs::create_dir_all(folder).map_err(|error| write_error(folder, error))?;
        }
        let (out, html, xlsx) = (arguments.out.clone(), arguments.html.clone(), arguments.xlsx.clone());
        let buy = arguments.buy.clone();
        Ok(Sinks { out, open: None, html, xlsx, buy, sheets: Vec::new() })
    }

    /// True if results are saved.
    pub(crate) fn wants_json(&self) -> bool {
        self.out.is_some()
    }

    /// True if nothing but standard output is written.
    pub(crate) fn only_stdout(&self) -> bool {
        self.out.is_none() && self.html.is_none() && self.xlsx.is_none() && self.buy.is_none()
    }

    /// Writes the buy sheet of a plan, as CSV and as a workbook.
    pub(crate) fn buy(&self, batch: &Batch, rows: &[BuyRow]) -> Result<(), SinkError> {
        let Some(folder) = &self.buy else { return Ok(()) };
        let path = folder.join(format!("{}.csv", batch.stem()));
        whole(&path, buy::csv(rows).as_bytes())?;
        let path = path.with_extension("xlsx");
        let book = buy::workbook(rows);
        let book = book.map_err(|e| SinkError::Render { path: path.clone(), error: e.to_string() })?;
        whole(&path, &book)
    }

    /// Takes one scenario's result, in input order; a batch's file appears
    /// under its name with its last result.
    pub(crate) fn take(
        &mut self,
        batch: &Batch,
        json: Option<String>,
        sheet: Option<Sheet>,
        first: bool,
        last: bool,
    ) -> Result<(), SinkError> {
        self.sheets.extend(sheet);
        let Some(folder) = &self.out else {
            return Ok(());
        };
        let failed = |error| write_error(folder, error);
        if first {
            self.open = Some(BufWriter::new(NamedTempFile::new_in(folder).map_err(failed)?));
        }
        if let (Some(file), Some(json)) = (&mut self.open, &json) {
            file.write_all(json.as_bytes()).map_err(failed)?;
        }
        if last && let Some(file) = self.open.take() {
            let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
            let nothing = file.as_file().metadata().map_err(failed)?.len() == 0;
            let ending = if batch.varies() { "jsonl" } else { "json" };
            let path = folder.join(format!("{}.{ending}", batch.stem()));
            if !nothing {
                persist(file, &path)?;
            }
        }
        Ok(())
    }

    /// Writes the reports over all scenarios.
    pub(crate) fn close(self) -> Result<(), SinkError> {
        let failed = |path: &Path, error: &dyn Display| SinkError::Render {
            path: path.to_owned(),
            error: error.to_string(),
        };
        if let Some(path) = &self.html {
            let title = match self.sheets.as_slice() {
                [sheet] => sheet.view.name.clone(),
                sheets => format!("{} scenarios", sheets.len()),
            };
            let page = html::render(&title, &self.sheets).map_err(|e| failed(path, &e))?;
            whole(path, page.as_bytes())?;
        }
        if let Some(path) = &self.xlsx {
            whole(path, &xlsx::render(&self.sheets).map_err(|e| failed(path, &e))?)?;
        }
        Ok(())
    }
}

/// Writes a file so that its name never stands for a part of it.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> Result<(), SinkError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| write_error(path, error);
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    persist(file, path)
}

fn persist(file: NamedTempFile, path: &Path) -> Result<(), SinkError> {
    readable(&file).map_err(|error| write_error(path, error))?;
    file.persist(path).map_err(|e| write_error(path, e.error))?;
    Ok(())
}

/// Temporary files are private; results are files like any other.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

fn write_error(path: &Path, error: io::Error) -> SinkError {
    SinkError::Write { path: path.to_owned(), error }
}
