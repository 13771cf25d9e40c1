//! Answers as people read them: each function takes an answer and a format and
//! gives the text, rounded for display.

use std::path::Path;

use outlay_report::sentence::clashes;
use outlay_report::table::Page;
use outlay_report::{
    Document, Sheet, View, buy, check as checks, compare, csv, design as designs, fit as fits,
    frontier as frontiers, html, lift as lifts, markdown, next as nexts, replan as replans, table,
    track as tracks, xlsx,
};
use outlay_scenario::buy::BuyRow;
use outlay_scenario::check::CheckFile;
use outlay_scenario::comparison::ComparisonFile;
use outlay_scenario::designed::DesignFile;
use outlay_scenario::frontier::FrontierFile;
use outlay_scenario::history::{HistoryFile, LiftTests, PanelFile};
use outlay_scenario::judged::JudgedFile;
use outlay_scenario::library::LibraryFile;
use outlay_scenario::lifted::LiftFile;
use outlay_scenario::moved::Refit;
use outlay_scenario::next::NextFile;
use outlay_scenario::replan::Replanned;
use outlay_scenario::track::TrackFile;
use outlay_scenario::{Files, ResultFile, Scenario, Verified, escaped_json, read_library};
use serde::Serialize;

use crate::effort::Effort;
use crate::error::Error;
use crate::fit::Fitted;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// Plain text, 80 columns; [`Format::Page`] for another width or colour.
    #[default]
    Table,
    /// Text laid out for a page.
    Page(Page),
    /// Comma-separated values, RFC 4180, with a heading.
    Csv,
    /// Markdown.
    Markdown,
    /// One JSON object and a newline, unrounded: the format the schemas of
    /// [`crate::schema`] describe.
    Json,
}

impl Format {
    /// With the page that a table is laid out for.
    fn shown(self) -> Shown {
        match self {
            Format::Table => Shown::Page(Page::default()),
            Format::Page(page) => Shown::Page(page),
            Format::Csv => Shown::Csv,
            Format::Markdown => Shown::Markdown,
            Format::Json => Shown::Json,
        }
    }
}

/// A format with all it takes; where a new one is forgotten, the compiler says
/// so.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Page(Page),
    Csv,
    Markdown,
    Json,
}

fn json(answer: &impl Serialize) -> Result<String, Error> {
    Ok(escaped_json(serde_json::to_string(answer)?) + "\n")
}

fn unsupported(what: &str, format: Format) -> Error {
    Error::Unsupported(format!("{what} cannot be written as {format:?}"))
}

/// A plan, or why there is none.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn plan(result: &ResultFile, scenario: &Scenario, format: Format) -> Result<String, Error> {
    let view = || View::new(result, Some(scenario));
    Ok(match format.shown() {
        Shown::Page(page) => table::render(&view(), page),
        Shown::Csv => csv::header() + &csv::rows(&view()),
        Shown::Markdown => markdown::render(&view()),
        Shown::Json => json(result)?,
    })
}

/// Plans as one self-contained HTML page; no network, no tracking.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn html(title: &str, plans: &[(ResultFile, Scenario)]) -> Result<String, Error> {
    html::render(title, &sheets(plans)).map_err(|e| Error::Render(e.to_string()))
}

/// Plans as an Excel workbook (`.xlsx`) with live formulas.
///
/// # Errors
/// Only if the workbook would be larger than the format allows.
pub fn workbook(plans: &[(ResultFile, Scenario)]) -> Result<Vec<u8>, Error> {
    xlsx::render(&sheets(plans)).map_err(|e| Error::Render(e.to_string()))
}

fn sheets(plans: &[(ResultFile, Scenario)]) -> Vec<Sheet> {
    plans.iter().map(|(result, scenario)| sheet(result, scenario, &Effort::default())).collect()
}

/// A plan for pages and workbooks; where there is none, with the numbers that
/// say why.
pub fn sheet(result: &ResultFile, scenario: &Scenario, effort: &Effort) -> Sheet {
    let sheet = Sheet::new(View::new(result, Some(scenario)), scenario);
    // The conflict stands without them.
    let why = crate::reasons(scenario, result, effort).unwrap_or_default();
    let currency = sheet.view.currency.clone();
    sheet.explained(clashes(&currency, &result.conflict, &why, scenario))
}

/// Reports other than plans as one self-contained HTML page.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn page(title: &str, reports: &[Document]) -> Result<String, Error> {
    html::documents(title, reports).map_err(|e| Error::Render(e.to_string()))
}

/// Reports other than plans as an Excel workbook: a sheet each, and those of
/// the plan it speaks of.
///
/// # Errors
/// Only if the workbook would be larger than the format allows.
pub fn book(reports: &[Document]) -> Result<Vec<u8>, Error> {
    xlsx::documents(reports).map_err(|e| Error::Render(e.to_string()))
}

/// Whether all limits can hold, for [`page`] and [`book`]; `closest` is what
/// [`crate::closest`] found.
pub fn check_document(
    answer: &CheckFile,
    scenario: &Scenario,
    closest: Option<&(ResultFile, Scenario)>,
) -> Document {
    let plan = closest.map(|(result, changed)| {
        Sheet::new(View::new(result, Some(changed)), changed).before(answer.closest_repair())
    });
    checks::document(answer, scenario, plan)
}

/// A judged plan for [`page`] and [`book`].
pub fn judgement_document(answer: &JudgedFile, scenario: &Scenario) -> Document {
    checks::judged(answer, scenario)
}

/// A plan against what happened, for [`page`] and [`book`].
pub fn tracking_document(answer: &TrackFile) -> Document {
    tracks::document(answer)
}

/// Which test to run, for [`page`] and [`book`].
pub fn next_document(answer: &NextFile) -> Document {
    nexts::document(answer)
}

/// A plan planned again, for [`page`] and [`book`].
pub fn replanned_document(answer: &Replanned, effort: &Effort) -> Document {
    replans::document(&answer.file, sheet(&answer.result, &answer.scenario, effort))
}

/// A buy sheet as CSV, with empty columns for what happens.
pub fn buy_rows_csv(rows: &[BuyRow]) -> String {
    buy::csv(rows)
}

/// A buy sheet as an Excel workbook.
///
/// # Errors
/// Only if the workbook would be larger than the format allows.
pub fn buy_rows_workbook(rows: &[BuyRow]) -> Result<Vec<u8>, Error> {
    buy::workbook(rows).map_err(|e| Error::Render(e.to_string()))
}

/// Whether all limits can hold.
///
/// # Errors
/// [`Error::Unsupported`] for CSV.
pub fn check(answer: &CheckFile, scenario: &Scenario, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => checks::table(answer, scenario, page),
        Shown::Markdown => checks::markdown(answer, scenario),
        Shown::Json => json(answer)?,
        Shown::Csv => return Err(unsupported("a check", format)),
    })
}

/// What is wrong with a plan made by hand.
///
/// # Errors
/// [`Error::Unsupported`] for CSV.
pub fn judgement(answer: &JudgedFile, scenario: &Scenario, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => checks::judgement(answer, scenario, page),
        Shown::Markdown => checks::judgement_markdown(answer, scenario),
        Shown::Json => json(answer)?,
        Shown::Csv => return Err(unsupported("a judged plan", format)),
    })
}

/// The best value over a field.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn frontier(answer: &FrontierFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => frontiers::table(answer, page),
        Shown::Csv => frontiers::csv(answer),
        Shown::Json => json(answer)?,
        Shown::Markdown => return Err(unsupported("a frontier", format)),
    })
}

/// Which test to run next.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn next(answer: &NextFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => nexts::table(answer, page),
        Shown::Csv => nexts::csv(answer),
        Shown::Json => json(answer)?,
        Shown::Markdown => return Err(unsupported("the next test", format)),
    })
}

/// Results side by side.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn comparison(answer: &ComparisonFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => compare::table(answer, page),
        Shown::Csv => compare::csv(answer),
        Shown::Json => json(answer)?,
        Shown::Markdown => return Err(unsupported("a comparison", format)),
    })
}

/// What re-proving a result found, in a sentence or a few.
pub fn verdict(answer: &Verified) -> String {
    outlay_report::sentence::verdict(answer)
}

/// The columns of a history and what each was taken for, with what else was
/// decided on the way.
pub fn history(read: &HistoryFile) -> String {
    fits::columns(read)
}

/// Where lift tests were found, and which rows of their file are none; empty
/// where all are.
pub fn lift_tests(read: &LiftTests) -> String {
    fits::tests_found(read)
}

/// The curves of a fit with their warnings; with `moved`, what a refit changed.
/// JSON is the library.
///
/// # Errors
/// [`Error::Unsupported`] for CSV and Markdown.
pub fn fit(fitted: &Fitted, moved: Option<&Refit>, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => fits::table(&fitted.library, &fitted.fit, moved, page),
        Shown::Json => library(&fitted.library)?,
        Shown::Csv | Shown::Markdown => return Err(unsupported("a fit", format)),
    })
}

/// The text of a curve library file. It has been read again: what could not be
/// is not written.
///
/// # Errors
/// [`Error::Unsupported`] for a curve with figures too large or too small to be
/// kept.
pub fn library(curves: &LibraryFile) -> Result<String, Error> {
    let text = compact(&escaped_json(serde_json::to_string_pretty(curves)?));
    let name = "curves.json";
    match read_library(&Files::memory([(name, text.as_str())]), Path::new(name)) {
        Ok(_) => Ok(text),
        Err(error) => Err(Error::Unsupported(format!(
            "not written, because a curve came out with figures too large or too small to be kept:\n{error}"
        ))),
    }
}

/// Indented JSON with every list of numbers on one line: draws fill files.
fn compact(text: &str) -> String {
    let number = |line: &&str| line.trim_end_matches(',').parse::<f64>().is_ok();
    let mut short = String::with_capacity(text.len() / 2);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        short.push_str(line);
        if line.ends_with('[') && lines.peek().is_some_and(|next| number(&next.trim())) {
            while let Some(next) = lines.next_if(|next| number(&next.trim())) {
                let next = next.trim();
                short.push_str(next);
                short.push_str(if next.ends_with(',') { " " } else { "" });
            }
            short.push_str(lines.next().unwrap_or_default().trim());
        }
        short.push('\n');
    }
    short
}

/// One picture per channel of a fit as a self-contained HTML page.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn fit_html(fitted: &Fitted) -> Result<String, Error> {
    page("Response curves", &[fits::document(&fitted.library, &fitted.fit)])
}

/// The columns of a panel, and where it was found.
pub fn panel(read: &PanelFile) -> String {
    let mut text = outlay_report::source(&read.source).join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text + &lifts::columns(read)
}

/// What a test in some of the markets showed; CSV is the row for a fit's lift
/// tests.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown, and for CSV where spend by market is not
/// known or did not move.
pub fn lift(answer: &LiftFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => lifts::table(answer, page),
        Shown::Json => json(answer)?,
        Shown::Csv => match &answer.row {
            Some(row) => lifts::csv(row),
            None => {
                let why = "no row for a fit: spend by market is not known, or it did not move in the test; name its column with --spend";
                return Err(Error::Unsupported(why.to_owned()));
            }
        },
        Shown::Markdown => return Err(unsupported("a test", format)),
    })
}

/// Which markets to treat, and what that would show; CSV is the list of markets.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn design(answer: &DesignFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => designs::table(answer, page),
        Shown::Csv => designs::csv(answer),
        Shown::Json => json(answer)?,
        Shown::Markdown => return Err(unsupported("a design", format)),
    })
}

/// A plan against what happened.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn tracking(answer: &TrackFile, format: Format) -> Result<String, Error> {
    Ok(match format.shown() {
        Shown::Page(page) => tracks::table(answer, page),
        Shown::Csv => tracks::csv(answer),
        Shown::Markdown => tracks::markdown(answer),
        Shown::Json => json(answer)?,
    })
}

/// The rest of a plan, or the next horizon, planned again; JSON is the account of
/// what changed ([`Replanned::file`]).
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn replanned(answer: &Replanned, format: Format) -> Result<String, Error> {
    let view = || View::new(&answer.result, Some(&answer.scenario));
    Ok(match format.shown() {
        Shown::Page(page) => replans::table(&answer.file, &view(), page),
        Shown::Csv => replans::csv(&answer.file),
        Shown::Markdown => replans::markdown(&answer.file, &view()),
        Shown::Json => json(&answer.file)?,
    })
}
