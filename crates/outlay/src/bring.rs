//! What other programs wrote: models as curve libraries; spreadsheets, media
//! plans, libraries and histories as scenarios to start from.

use std::path::Path;

use outlay_exchange::{Columns, Draft, DraftError, Imported, Options, Planned, Source};
use outlay_report::visible;
use outlay_scenario::buy::buy_sheet;
use outlay_scenario::history::{Blank, Chosen, HistoryFile, read_history};
use outlay_scenario::library::LibraryFile;
use outlay_scenario::{Data, Files, ResultFile, Scenario};
use serde_json::Value;

use crate::error::Error;
use crate::fit::library;

/// Curves of a model that another program fitted (PyMC-Marketing, Meridian,
/// Robyn); the format is found from the content. [`crate::show::library`] makes
/// the text of its library.
///
/// # Errors
/// [`Error::Import`]: what the file is not, or why what it holds cannot be
/// curves here.
pub fn import(data: &Data, options: &Options) -> Result<Imported, Error> {
    let path = data.path();
    let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let source = Source { name: &name, bytes: &data.to_bytes(), options };
    outlay_exchange::import(&source).map_err(|error| Error::Import { path: path.to_owned(), error })
}

/// What a file is to start from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// A spreadsheet of lines or a media plan, as a scenario, with sentences
    /// about what was found, decided and left out.
    Scenario {
        /// The scenario; [`Draft::toml`] is its text.
        draft: Draft,
        /// What a reader should know.
        notes: Vec<String>,
    },
    /// A curve library: [`start_from_library`].
    Library(LibraryFile),
    /// A history: [`crate::fit`] it, and start from its library.
    History(Box<HistoryFile>),
}

/// Recognises what a scenario can start from: a spreadsheet of lines with last
/// period's spend and revenue, a media plan (JSON or workbook), a curve library,
/// or a history. `columns` names a spreadsheet's columns where they are not
/// guessed; with a line or spend named it is never taken for a history.
///
/// ```
/// use outlay::{Data, Start, exchange::Columns, start};
///
/// let sheet = "line,Q3 spend,revenue\nsearch,5000,21000\nvideo,3000,9000\n";
/// let Start::Scenario { draft, .. } = start(&Data::bytes("q3.csv", sheet), &Columns::default())? else {
///     unreachable!("a spreadsheet of lines");
/// };
/// let scenario = outlay::parse(&draft.toml())?.scenario(0)?;
/// assert_eq!(scenario.budget.and_then(|b| b.max), Some(8000.0));
/// # Ok::<(), outlay::Error>(())
/// ```
///
/// # Errors
/// [`Error::Draft`] for what cannot be understood, [`Error::Rejected`] for a
/// library that is wrong.
pub fn start(data: &Data, columns: &Columns) -> Result<Start, Error> {
    let path = data.path();
    let wrong = |error| draft_error(data, error);
    let bytes = data.to_bytes();
    let read_library = || {
        let files = Files::memory([(path, bytes.to_vec())]);
        library(&files, path).map(Start::Library)
    };
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{') {
        let parsed = serde_json::from_slice(&bytes);
        let value: Value =
            parsed.map_err(|e| Error::Unreadable { path: path.to_owned(), error: e.into() })?;
        return if outlay_exchange::is_media_plan(&value) {
            media_plan(&value, path).map_err(wrong)
        } else {
            read_library()
        };
    }
    if outlay_exchange::is_media_workbook(&bytes) {
        let value = outlay_exchange::workbook(&bytes).map_err(wrong)?;
        return media_plan(&value, path).map_err(wrong);
    }
    if path.extension().is_some_and(|e| e == "toml") {
        return read_library();
    }
    // Empty cells are told where it is fitted.
    let chosen = Chosen { sheet: columns.sheet.clone(), blank: Blank::Zero, ..Chosen::default() };
    if columns.line.is_none()
        && columns.spend.is_none()
        && let Ok(history) = read_history(data, &chosen)
    {
        return Ok(Start::History(Box::new(history)));
    }
    let (draft, table) = outlay_exchange::lines(&bytes, &stem(path), columns).map_err(wrong)?;
    let mut notes: Vec<String> = outlay_report::source(&table.source).iter().map(|n| visible(n)).collect();
    notes.extend(draft.remarks.iter().cloned());
    notes.extend(draft.horizon_remark.iter().map(|remark| format!("horizon: {remark}")));
    let out = draft.lines.iter().filter(|line| line.out);
    notes.extend(
        out.map(|line| format!("`{}` has no spend or no outcome: it is written as a comment", line.name)),
    );
    Ok(Start::Scenario { draft, notes })
}

/// A scenario with a line for every curve of a library, at the spend of the last
/// periods; `path` is where the library stands, seen from the scenario's folder,
/// and `name` the scenario's.
pub fn start_from_library(library: &LibraryFile, path: &str, name: &str) -> Draft {
    outlay_exchange::library_lines(library, path, name)
}

/// A media plan with a plan's money in it.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaPlan {
    /// The file: JSON or a workbook, as the one it was made from.
    pub bytes: Vec<u8>,
    /// What a reader should know, a sentence each.
    pub notes: Vec<String>,
}

/// A plan written into a copy of the media plan that its lines came from (JSON
/// or workbook of the Media Plan Open Data Standard): every part of a line
/// item's cost is multiplied alike and nothing else touched; a plan by period
/// makes a line item for every period with money. `None` without a plan.
///
/// # Errors
/// [`Error::Draft`]: a file that is no media plan, or a line that is none of its
/// items.
pub fn into_media_plan(
    result: &ResultFile,
    scenario: &Scenario,
    data: &Data,
) -> Result<Option<MediaPlan>, Error> {
    let (Some(lines), Some(sheet)) = (&result.lines, buy_sheet(result, scenario)) else { return Ok(None) };
    let planned = lines.iter().map(|line| {
        let own = sheet.iter().filter(|row| row.planned && row.line == line.name);
        let mut parts: Vec<_> = own.map(|row| (row.dates.clone(), row.budget)).collect();
        if scenario.calendar.is_none() {
            parts = vec![(None, line.spend)];
        }
        if parts.is_empty() {
            parts.push((None, 0.0));
        }
        Planned { name: line.name.clone(), id: line.tags.get("id").cloned(), parts }
    });
    let planned: Vec<Planned> = planned.collect();
    let written = outlay_exchange::planned(&data.to_bytes(), &planned);
    let wrong = |error| draft_error(data, error);
    let (bytes, notes) = written.map_err(wrong)?;
    Ok(Some(MediaPlan { bytes, notes: notes.iter().map(|note| visible(note)).collect() }))
}

fn draft_error(data: &Data, error: DraftError) -> Error {
    let shown = data.shown(error.address());
    Error::Draft { path: data.path().to_owned(), error: Box::new(error), shown }
}

fn media_plan(value: &Value, path: &Path) -> Result<Start, DraftError> {
    let (draft, notes) = outlay_exchange::media_plan(value, &stem(path))?;
    Ok(Start::Scenario { draft, notes: notes.iter().map(|note| visible(note)).collect() })
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or(String::new(), |s| s.to_string_lossy().into_owned())
}
