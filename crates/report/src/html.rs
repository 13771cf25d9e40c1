//! One self-contained page: no network, no tracking, prints cleanly.
//!
//! A part of a scenario's article is a file with a function `part`, listed in
//! `article`; what spans scenarios is in `compare`.

mod allocation;
mod article;
mod compare;
mod curves;
mod flights;
mod frontier;
mod groups;
mod limits;
mod lines;
mod markup;
mod panels;
mod tiles;
mod waterfall;

use askama::Template;

use crate::glossary::{self, Term};
use crate::sheet::Sheet;
use crate::view::View;
use article::Article;

/// With more scenarios than this, pictures are left out of the sections and
/// the sections are folded, so that the page stays quick to open; the
/// comparison shows all.
const MOST_PICTURES: usize = 24;
/// With more scenarios than this, only the comparison shows the rest.
const MOST_ARTICLES: usize = 400;
/// Rows of lines over all scenarios; each then lists the largest.
const MOST_ROWS: usize = 3_000;
/// Lines listed for each scenario at least.
const FEWEST_LINES: usize = 10;

/// How much of each scenario there is room for.
struct Room {
    pictures: bool,
    /// Lines listed one by one.
    lines: usize,
}

impl Room {
    fn for_scenarios(count: usize) -> Self {
        let lines = MOST_ROWS / count.max(1);
        Room { pictures: count <= MOST_PICTURES, lines: lines.max(FEWEST_LINES) }
    }
}

/// The whole page.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn render(title: &str, sheets: &[Sheet]) -> Result<String, askama::Error> {
    let room = Room::for_scenarios(sheets.len());
    let articles = sheets.iter().take(MOST_ARTICLES).enumerate();
    let views: Vec<&View> = sheets.iter().map(|s| &s.view).collect();
    Page {
        title,
        count: sheets.len(),
        comparison: compare::render(sheets),
        articles: articles.map(|(i, s)| Article::new(i, s, &room)).collect(),
        folded: !room.pictures,
        terms: glossary::terms(&views),
        version: env!("CARGO_PKG_VERSION"),
    }
    .render()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: &'a str,
    count: usize,
    comparison: String,
    articles: Vec<Article>,
    folded: bool,
    terms: Vec<Term>,
    version: &'static str,
}

#[cfg(test)]
mod tests;
