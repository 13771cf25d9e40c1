//! Reports of blocks as pages: the same look, the same template as plans.

use std::fmt::Write as _;

use askama::Template;

use crate::blocks::{Block, Entry, Rows};
use crate::document::Document;
use crate::glossary;
use crate::html::Page;
use crate::html::article::Article;
use crate::html::markup::{Cell, Head, Part, Table, escaped, id, list};
use crate::html::room::Room;
use crate::layout::Align;
use crate::sentence::{self, capital};
use crate::view::View;

/// Documents as one page, each with the plan that it speaks of below it.
///
/// # Errors
/// Only if text cannot be written to memory.
pub fn documents(title: &str, documents: &[Document]) -> Result<String, askama::Error> {
    let plans: Vec<&View> = documents.iter().filter_map(|d| d.plan.as_ref()).map(|p| &p.view).collect();
    let room = Room::for_scenarios(documents.len());
    let mut articles = Vec::new();
    for document in documents {
        articles.push(Article::of(articles.len(), document));
        if let Some(plan) = &document.plan {
            let plan = Article::new(articles.len(), plan, &room);
            articles.push(match document.kind {
                // It is the best of what little the changes leave: no proof worth telling.
                "Check" => Article {
                    name: "The closest plan".to_owned(),
                    said: String::new(),
                    certificate: String::new(),
                    verify: String::new(),
                    ..plan
                },
                _ => Article { name: "The new plan".to_owned(), ..plan },
            });
        }
    }
    Page {
        title: crate::layout::visible(title),
        count: documents.len(),
        comparison: String::new(),
        articles,
        folded: false,
        terms: if plans.is_empty() { Vec::new() } else { glossary::terms(&plans) },
        version: env!("CARGO_PKG_VERSION"),
    }
    .render()
    .map(crate::layout::visible_lines)
}

impl Article {
    /// A document in the place of a plan.
    fn of(index: usize, document: &Document) -> Self {
        let mut article =
            Article { id: id(index), name: crate::layout::visible(document.name()), ..Article::default() };
        if let Some((code, text)) = document.status {
            (article.status, article.said) = (code, text.to_owned());
        }
        let mut parts: Vec<Part> = Vec::new();
        for block in &document.blocks {
            let said = !article.headline.is_empty() || !parts.is_empty();
            match block {
                Block::Title(_, about) => article.about.clone_from(about),
                Block::Heading(heading) => {
                    parts.push(Part { key: "report", heading: heading.clone(), body: String::new() });
                }
                Block::Proof(text) => article.certificate = sentence::without_gap(text),
                Block::Paragraph(text) if !said => article.headline.clone_from(text),
                Block::Lines(all) if !said => {
                    if let [first, rest @ ..] = all.as_slice() {
                        article.headline.clone_from(first);
                        article.why = rest.join(" ");
                    }
                }
                // Remarks that follow a table belong to the whole report.
                Block::Lines(all) => {
                    parts.push(Part { key: "notes", heading: "To be noted".to_owned(), body: list(all) });
                }
                block => {
                    if parts.is_empty() {
                        parts.push(Part { key: "report", heading: String::new(), body: String::new() });
                    }
                    if let Some(part) = parts.last_mut() {
                        let markup = markup(block, &part.heading);
                        part.body.push_str(&markup);
                    }
                }
            }
        }
        article.parts = parts;
        article
    }
}

fn markup(block: &Block, heading: &str) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>{}</p>", escaped(text)),
        Block::Bullets(items) => list(items),
        Block::Numbered(items) => {
            let first = items.first().map_or(1, |i| i.0);
            let mut out = format!("<ol start=\"{first}\">");
            for (_, parts) in items {
                let parts: Vec<String> = parts.iter().map(|p| escaped(p)).collect();
                let _ = write!(out, "<li>{}</li>", parts.join("<br>"));
            }
            out + "</ol>"
        }
        Block::Table(rows) => table(rows, heading),
        Block::Picture(markup) => markup.clone(),
        Block::Title(..) | Block::Heading(_) | Block::Lines(_) | Block::Proof(_) => String::new(),
    }
}

fn table(rows: &Rows, label: &str) -> String {
    let columns = rows.columns.len();
    let cell = |entry: &Entry| match entry.exact {
        Some((_, value)) => Cell::written(entry.text.clone(), Some(value)),
        None => Cell::text(&entry.text),
    };
    let cells = |row: &Vec<Entry>| -> Vec<Cell> {
        (0..columns).map(|i| row.get(i).map_or_else(|| Cell::text(""), cell)).collect()
    };
    let Some((heads, body)) = rows.rows.split_first() else { return String::new() };
    let head = |i: usize| Head {
        key: "".into(),
        label: capital(rows.text(heads, i)),
        numeric: rows.columns.get(i) == Some(&Align::Right),
    };
    let (body, foot) = body.split_at(body.len().saturating_sub(rows.totals));
    Table {
        key: "report",
        label: label.to_owned(),
        sortable: body.len() > 4,
        heads: (0..columns).map(head).collect(),
        rows: body.iter().map(cells).collect(),
        foot: foot.iter().map(cells).collect(),
    }
    .render()
}
