//! Files a run writes besides standard output: whole, or not at all.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use outlay::report::{Sheet, buy, html, sentence, xlsx};
use outlay::scenario::buy::BuyRow;
use outlay::scenario::inputs_path;
use tempfile::NamedTempFile;
use thiserror::Error;

use super::items::Item;
use super::journal::{Basis, Fresh, Journal, Saved, partial};
use super::lots::Lot;
use super::plan::{Kept, Plan};
use super::settle::Settling;
use crate::arguments::Run;
use crate::made;

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
    open: Option<Open>,
    journal: Option<Journal>,
    saved: Vec<Saved>,
    settling: Settling,
    html: Option<PathBuf>,
    xlsx: Option<PathBuf>,
    buy: Option<PathBuf>,
    sheets: Vec<Sheet>,
}

/// The results of one batch on their way to a file.
struct Open {
    file: BufWriter<File>,
    bytes: u64,
    stated: Instant,
    // Last, so that the file is closed before.
    left: Left,
}

/// A partial file that goes when nothing can go on from it: a run of one
/// scenario that failed, or a file that nothing was written to.
struct Left {
    path: PathBuf,
    resumes: bool,
    /// It waits for its name.
    whole: bool,
}

impl Drop for Left {
    fn drop(&mut self) {
        let empty = || self.path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == 0);
        if !self.whole && (!self.resumes || empty()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// How often the journal is brought up to date: what a crash can cost.
const EVERY: Duration = Duration::from_millis(20);

impl Sinks {
    /// Makes the output folder and the journal, so that a bad path shows before
    /// the work; says why an interrupted run is not continued, if it is to be.
    pub(crate) fn open(arguments: &Run, plan: &Plan) -> Result<(Self, Option<Fresh>), SinkError> {
        let (out, html, xlsx) = (arguments.out.clone(), arguments.html.clone(), arguments.xlsx.clone());
        let (mut journal, mut saved, mut fresh) = (None, Vec::new(), None);
        let buy = arguments.buy.clone();
        if let Some(folder) = &buy {
            made::folder(folder).map_err(|error| write_error(folder, error))?;
        }
        if let Some(folder) = &out {
            let failed = |error| write_error(folder, error);
            made::folder(folder).map_err(failed)?;
            // One scenario is written whole or not at all.
            if plan.lots.len() > 1 || plan.lots.iter().any(|lot| lot.len > 1) {
                let names: Vec<String> = plan.lots.iter().map(Lot::result_name).collect();
                let basis = Basis::new(plan);
                let (opened, kept, why) =
                    Journal::open(folder, &names, &basis, arguments.resume).map_err(failed)?;
                (journal, saved, fresh) = (Some(opened), kept, why);
            }
        }
        Ok((
            Sinks {
                out,
                open: None,
                journal,
                saved,
                settling: Settling::new(),
                html,
                xlsx,
                buy,
                sheets: Vec::new(),
            },
            fresh,
        ))
    }

    /// What an interrupted run finished, batch by batch.
    pub(super) fn saved(&self) -> &[Saved] {
        &self.saved
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
    pub(crate) fn buy(&self, lot: &Lot, rows: &[BuyRow]) -> Result<(), SinkError> {
        let Some(folder) = &self.buy else { return Ok(()) };
        let path = folder.join(format!("{}.csv", lot.stem));
        whole(&path, buy::csv(rows).as_bytes())?;
        let path = path.with_extension("xlsx");
        let book = buy::workbook(rows);
        let book = book.map_err(|e| SinkError::Render { path: path.clone(), error: e.to_string() })?;
        whole(&path, &book)
    }

    /// Takes one scenario's result, in input order; a batch's file appears
    /// under its name with its last result.
    pub(super) fn take(
        &mut self,
        lot: &Lot,
        item: &Item,
        kept: Kept,
        sheet: Option<Sheet>,
    ) -> Result<(), SinkError> {
        self.sheets.extend(sheet);
        let Some(folder) = self.out.clone() else { return Ok(()) };
        let failed = |error| write_error(&folder, error);
        let saved = self.saved.get(item.batch);
        if saved.is_some_and(|s| s.whole && s.scenarios >= lot.len) {
            return Ok(());
        }
        let already = saved.is_some_and(|s| item.index < s.scenarios);
        if item.first {
            let begun = saved.filter(|s| !s.whole).map_or(0, |s| s.bytes);
            let path = partial(&folder, &lot.result_name());
            self.open = Some(Open::new(&path, begun, self.journal.is_some()).map_err(failed)?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        if !already {
            open.write(kept.json.as_deref().map_or(&[][..], String::as_bytes)).map_err(failed)?;
            if let Some(journal) = &mut self.journal {
                journal.note(item.index, kept.json.as_deref().map(String::as_str));
            }
        }
        if item.last || (!already && open.stated.elapsed() >= EVERY) {
            open.stated = Instant::now();
            open.file.flush().map_err(failed)?;
            if let Some(journal) = &mut self.journal {
                journal.commit(item.batch, item.index + 1, open.bytes).map_err(failed)?;
            }
        }
        if item.last
            && let Some(open) = self.open.take()
        {
            // The result can be proven wherever both go.
            if let Some(inputs) = kept.inputs {
                let path = inputs_path(&folder, &lot.stem);
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let resumes = self.journal.is_some();
                let mut beside = Open::new(&partial(&folder, &name), 0, resumes).map_err(failed)?;
                beside.write(&inputs).map_err(failed)?;
                self.finish(beside, &folder, &name).map_err(failed)?;
            }
            self.finish(open, &folder, &lot.result_name()).map_err(failed)?;
            if self.settling.is_due() {
                self.settling.settle(&folder).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Ends a file that is whole; one without a result goes.
    fn finish(&mut self, mut open: Open, folder: &Path, name: &str) -> io::Result<()> {
        open.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let partial = partial(folder, name);
        if open.bytes == 0 {
            return fs::remove_file(&partial);
        }
        open.left.whole = true;
        self.settling.add(partial, folder.join(name));
        Ok(())
    }

    /// Gives whole files their names.
    pub(crate) fn settle(&mut self) -> Result<(), SinkError> {
        let Some(folder) = &self.out else { return Ok(()) };
        self.settling.settle(folder).map_err(|error| write_error(folder, error))
    }

    /// Writes the reports over all scenarios.
    pub(crate) fn close(self) -> Result<(), SinkError> {
        let failed = |path: &Path, error: &dyn Display| SinkError::Render {
            path: path.to_owned(),
            error: error.to_string(),
        };
        if let Some(path) = &self.html {
            let title = match self.sheets.as_slice() {
                [sheet] => sentence::title(&sheet.view),
                sheets => format!("{} scenarios", sheets.len()),
            };
            let page = html::render(&title, &self.sheets).map_err(|e| failed(path, &e))?;
            whole(path, page.as_bytes())?;
        }
        if let Some(path) = &self.xlsx {
            whole(path, &xlsx::render(&self.sheets).map_err(|e| failed(path, &e))?)?;
        }
        if let (Some(journal), Some(folder)) = (self.journal, &self.out) {
            journal.close().map_err(|error| write_error(folder, error))?;
        }
        Ok(())
    }
}

impl Open {
    /// Opens a file to write on after its first bytes.
    fn new(path: &Path, kept: u64, resumes: bool) -> io::Result<Self> {
        // Whoever can write in the folder could lead the results elsewhere.
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            let reason = format!("{} is no plain file; remove it", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
        }
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        if file.try_lock().is_err() {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another run is writing here"));
        }
        let left = Left { path: path.to_owned(), resumes, whole: false };
        file.set_len(kept)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Open { file: BufWriter::new(file), bytes: kept, stated: Instant::now(), left })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

/// Writes a file so that its name never stands for a part of it.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> Result<(), SinkError> {
    unnamed(path, bytes)?.persist(path).map(drop).map_err(|e| write_error(path, e.error))
}

/// The same for a file that must not be there yet, not even as a link.
pub(crate) fn fresh(path: &Path, bytes: &[u8]) -> Result<(), SinkError> {
    unnamed(path, bytes)?.persist_noclobber(path).map(drop).map_err(|e| write_error(path, e.error))
}

/// Bytes that are safe on the disk beside their place, without their name.
fn unnamed(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, SinkError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| write_error(path, error);
    let mut file = beside(folder).map_err(failed)?;
    file.as_file_mut().write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    Ok(file)
}

/// A temporary file with the rights of any other, which the system narrows by
/// the user's mask.
#[cfg(unix)]
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let rights = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(rights).tempfile_in(folder)
}

#[cfg(not(unix))]
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

fn write_error(path: &Path, error: io::Error) -> SinkError {
    // What failed beside the file names a place that nobody asked for.
    let inner = error.get_ref().and_then(std::error::Error::source);
    let plain = inner.and_then(|e| e.downcast_ref::<io::Error>()).and_then(io::Error::raw_os_error);
    let wrapped = error.get_ref().is_some_and(|e| e.to_string().contains(" at path "));
    let error = match plain {
        Some(code) => io::Error::from_raw_os_error(code),
        None if wrapped => error.kind().into(),
        None => error,
    };
    SinkError::Write { path: path.to_owned(), error }
}
