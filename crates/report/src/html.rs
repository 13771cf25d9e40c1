//! One self-contained page: no network, no tracking, prints cleanly.
//!
//! A part of a scenario's article is a file with a function `part`, listed in
//! `article`; what spans scenarios is in `compare`.

pub(crate) mod allocation;
mod article;
pub(crate) mod chart;
pub(crate) mod clash;
mod compare;
mod curves;
pub mod desk;
mod document;
mod flights;
mod frontier;
mod groups;
mod limits;
mod lines;
pub(crate) mod markup;
mod meeting;
mod panels;
mod room;
mod tiles;
pub(crate) mod waterfall;

use askama::Template;

use crate::glossary::{self, Term};
use crate::layout::{visible, visible_lines};
use crate::sheet::Sheet;
use crate::view::View;
use article::Article;
pub use document::documents;
use room::Room;

/// With more scenarios than this, only the comparison shows the rest.
const MOST_ARTICLES: usize = 400;
/// The whole page.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn render(title: &str, sheets: &[Sheet]) -> Result<String, askama::Error> {
    let room = Room::for_scenarios(sheets.len());
    let articles = sheets.iter().take(MOST_ARTICLES).enumerate();
    let views: Vec<&View> = sheets.iter().map(|s| &s.view).collect();
    Page {
        title: visible(title),
        count: sheets.len(),
        comparison: compare::render(sheets),
        articles: articles.map(|(i, s)| Article::new(i, s, &room)).collect(),
        folded: !room.pictures,
        terms: glossary::terms(&views),
        version: env!("CARGO_PKG_VERSION"),
    }
    .render()
    .map(visible_lines)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    title: String,
    count: usize,
    comparison: String,
    articles: Vec<Article>,
    folded: bool,
    terms: Vec<Term>,
    version: &'static str,
}

#[cfg(test)]
mod tests;
