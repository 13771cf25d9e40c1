//! Answers as people read them: each function takes an answer and a format and
//! gives the text, rounded for display.

use outlay_report::table::Page;
use outlay_report::{
    Sheet, View, buy, check as checks, compare, csv, frontier as frontiers, html, markdown, table, xlsx,
};
use outlay_scenario::buy::buy_sheet;
use outlay_scenario::check::CheckFile;
use outlay_scenario::comparison::ComparisonFile;
use outlay_scenario::frontier::FrontierFile;
use outlay_scenario::judgement::JudgementFile;
use outlay_scenario::{ResultFile, Scenario, Verified};
use serde::Serialize;

use crate::error::Error;

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
    /// The page that a table is laid out for.
    fn page(self) -> Option<Page> {
        match self {
            Format::Table => Some(Page::default()),
            Format::Page(page) => Some(page),
            _ => None,
        }
    }
}

fn json(answer: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(answer)? + "\n")
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
    Ok(match (format, format.page()) {
        (_, Some(page)) => table::render(&view(), page),
        (Format::Csv, _) => csv::header() + &csv::rows(&view()),
        (Format::Markdown, _) => markdown::render(&view()),
        (_, None) => json(result)?,
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
    plans.iter().map(|(result, scenario)| Sheet::new(View::new(result, Some(scenario)), scenario)).collect()
}

/// The buy sheet of a plan as CSV, with empty columns for what happens: filled
/// in, it is what `outlay track` reads. `None` without a plan.
pub fn buy_csv(result: &ResultFile, scenario: &Scenario) -> Option<String> {
    buy_sheet(result, scenario).map(|rows| buy::csv(&rows))
}

/// The buy sheet of a plan as an Excel workbook; `None` without a plan.
///
/// # Errors
/// Only if the workbook would be larger than the format allows.
pub fn buy_workbook(result: &ResultFile, scenario: &Scenario) -> Result<Option<Vec<u8>>, Error> {
    let book = buy_sheet(result, scenario).map(|rows| buy::workbook(&rows));
    book.transpose().map_err(|e| Error::Render(e.to_string()))
}

/// Whether all limits can hold.
///
/// # Errors
/// [`Error::Unsupported`] for CSV.
pub fn check(answer: &CheckFile, scenario: &Scenario, format: Format) -> Result<String, Error> {
    Ok(match (format, format.page()) {
        (_, Some(page)) => checks::table(answer, scenario, page),
        (Format::Markdown, _) => checks::markdown(answer, scenario),
        (Format::Json, _) => json(answer)?,
        _ => return Err(unsupported("a check", format)),
    })
}

/// What is wrong with a plan made by hand.
///
/// # Errors
/// [`Error::Unsupported`] for CSV.
pub fn judgement(answer: &JudgementFile, scenario: &Scenario, format: Format) -> Result<String, Error> {
    Ok(match (format, format.page()) {
        (_, Some(page)) => checks::judgement(answer, scenario, page),
        (Format::Markdown, _) => checks::judgement_markdown(answer, scenario),
        (Format::Json, _) => json(answer)?,
        _ => return Err(unsupported("a judged plan", format)),
    })
}

/// The best value over a field.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn frontier(answer: &FrontierFile, format: Format) -> Result<String, Error> {
    Ok(match (format, format.page()) {
        (_, Some(page)) => frontiers::table(answer, page),
        (Format::Csv, _) => frontiers::csv(answer),
        (Format::Json, _) => json(answer)?,
        _ => return Err(unsupported("a frontier", format)),
    })
}

/// Results side by side.
///
/// # Errors
/// [`Error::Unsupported`] for Markdown.
pub fn comparison(answer: &ComparisonFile, format: Format) -> Result<String, Error> {
    Ok(match (format, format.page()) {
        (_, Some(page)) => compare::table(answer, page),
        (Format::Csv, _) => compare::csv(answer),
        (Format::Json, _) => json(answer)?,
        _ => return Err(unsupported("a comparison", format)),
    })
}

/// What re-proving a result found, in a sentence or a few.
pub fn verdict(answer: &Verified) -> String {
    outlay_report::sentence::verdict(answer)
}
