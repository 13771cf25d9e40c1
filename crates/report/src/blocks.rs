//! A report as a list of blocks, written as text, as Markdown, as a part of a
//! page (`html/document.rs`) or as a sheet of a workbook (`xlsx/document.rs`).

use crate::layout::{Align, Grid, visible, wrap};
use crate::markdown::escaped;
use crate::number::{Kind, short, signed};
use crate::table::Page;

/// Narrower pages are laid out as if they had this many columns.
const NARROWEST: usize = 72;

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// The report's title and a line about it.
    Title(String, String),
    /// A heading.
    Heading(String),
    /// A sentence or more.
    Paragraph(String),
    /// Sentences below each other.
    Lines(Vec<String>),
    /// What is proven.
    Proof(String),
    /// A list.
    Bullets(Vec<String>),
    /// A numbered list; an entry of several parts has them below each other.
    Numbered(Vec<(usize, Vec<String>)>),
    /// A table.
    Table(Rows),
    /// Markup of a picture, for pages alone: what it shows stands in words or
    /// in a table too.
    Picture(String),
}

/// A table; the first row is its heading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<Align>,
    pub(crate) rows: Vec<Vec<Entry>>,
    /// How many of the last rows are totals.
    pub(crate) totals: usize,
}

/// A cell: as it is shown, and the figure behind it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Entry {
    pub(crate) text: String,
    /// How the figure is written and what it is.
    pub(crate) exact: Option<(Kind, f64)>,
    /// The figure is a change and shows its sign.
    pub(crate) moved: bool,
}

impl Rows {
    pub(crate) fn new(columns: &[Align]) -> Self {
        Rows { columns: columns.to_vec(), rows: Vec::new(), totals: 0 }
    }

    /// Adds a row; missing cells are blank.
    pub(crate) fn row<E: Into<Entry>>(&mut self, cells: impl IntoIterator<Item = E>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Adds a row below the rule.
    pub(crate) fn total<E: Into<Entry>>(&mut self, cells: impl IntoIterator<Item = E>) {
        self.row(cells);
        self.totals += 1;
    }

    /// A cell as text.
    pub(crate) fn text<'a>(&self, row: &'a [Entry], column: usize) -> &'a str {
        row.get(column).map_or("", |e| e.text.as_str())
    }
}

impl Entry {
    /// A figure in short.
    pub(crate) fn figure(kind: Kind, value: Option<f64>) -> Self {
        Entry::written(short(kind, value), kind, value)
    }

    /// A change in short, with its sign.
    pub(crate) fn moved(kind: Kind, value: Option<f64>) -> Self {
        Entry { moved: true, ..Entry::written(signed(kind, value), kind, value) }
    }

    /// A figure written in its own way.
    pub(crate) fn written(text: String, kind: Kind, value: Option<f64>) -> Self {
        let exact = value.filter(|v| v.is_finite()).map(|v| (kind, v));
        Entry { text, exact, moved: false }
    }
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Entry { text, ..Entry::default() }
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// The blocks for a terminal.
pub(crate) fn text(blocks: &[Block], page: Page) -> String {
    let width = page.width.max(NARROWEST);
    let paint = |text: &str, code: &str| {
        if page.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let mut lines: Vec<String> = Vec::new();
    let shown: Vec<&Block> = blocks.iter().filter(|b| !matches!(b, Block::Picture(_))).collect();
    for (index, block) in shown.iter().enumerate() {
        let below = index > 0 && matches!(shown[index - 1], Block::Heading(_));
        if index > 0 && !below {
            lines.push(String::new());
        }
        match block {
            Block::Title(title, about) => {
                lines.push(paint(&visible(title), "1"));
                lines.extend(wrap(about, width, 0).iter().map(|line| paint(line, "2")));
            }
            Block::Heading(heading) => lines.push(paint(heading, "1")),
            Block::Paragraph(text) | Block::Proof(text) => {
                lines.extend(wrap(text, width, if below { 2 } else { 0 }));
            }
            Block::Lines(all) => all.iter().for_each(|text| lines.extend(wrap(text, width, 0))),
            Block::Bullets(items) => items.iter().for_each(|item| hang(&mut lines, "  • ", item, width)),
            Block::Numbered(items) => {
                for (number, parts) in items {
                    for (part, text) in parts.iter().enumerate() {
                        let mark = if part == 0 { format!("{number:>3}. ") } else { "     ".to_owned() };
                        hang(&mut lines, &mark, text, width);
                    }
                }
            }
            Block::Table(table) => {
                let mut grid = Grid::new(&table.columns);
                for (at, row) in table.rows.iter().enumerate() {
                    if table.totals > 0 && at + table.totals == table.rows.len() {
                        grid.rule();
                    }
                    grid.row(row.iter().map(|entry| entry.text.clone()));
                }
                lines.extend(grid.lines(width));
            }
            Block::Picture(_) => {}
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A paragraph whose further lines stand below the text of the first.
fn hang(lines: &mut Vec<String>, mark: &str, text: &str, width: usize) {
    let indent = mark.chars().count();
    for (index, line) in wrap(text, width.saturating_sub(indent), 0).iter().enumerate() {
        let before = if index == 0 { mark.to_owned() } else { " ".repeat(indent) };
        lines.push(format!("{before}{line}"));
    }
}

/// The blocks for chat and pull requests.
pub(crate) fn markdown(blocks: &[Block]) -> String {
    let shown = blocks.iter().filter(|block| !matches!(block, Block::Picture(_)));
    shown.map(|block| markdown_block(block) + "\n").collect()
}

fn markdown_block(block: &Block) -> String {
    match block {
        Block::Title(title, about) => format!("## {}\n\n{}\n", escaped(title), escaped(about)),
        Block::Heading(heading) => format!("**{}**\n", escaped(heading)),
        Block::Paragraph(text) | Block::Proof(text) => format!("{}\n", escaped(text)),
        Block::Lines(all) => all.iter().map(|t| format!("{}\n", escaped(t))).collect::<Vec<_>>().join("\n"),
        Block::Picture(_) => String::new(),
        Block::Bullets(items) => items.iter().map(|item| format!("- {}\n", escaped(item))).collect(),
        Block::Numbered(items) => {
            let entry = |(number, parts): &(usize, Vec<String>)| {
                let parts: Vec<String> = parts.iter().map(|p| escaped(p)).collect();
                format!("{number}. {}\n", parts.join("; "))
            };
            items.iter().map(entry).collect()
        }
        Block::Table(table) => {
            let row = |cells: &Vec<Entry>, bold: bool| {
                let cell = |i: usize| match escaped(table.text(cells, i)) {
                    text if bold && !text.is_empty() => format!("**{text}**"),
                    text => text,
                };
                let all: Vec<String> = (0..table.columns.len()).map(cell).collect();
                format!("| {} |\n", all.join(" | "))
            };
            let rule = |align: &Align| if *align == Align::Left { "---" } else { "---:" };
            let rules: Vec<&str> = table.columns.iter().map(rule).collect();
            let mut out = String::new();
            for (index, cells) in table.rows.iter().enumerate() {
                out.push_str(&row(cells, index + table.totals >= table.rows.len()));
                if index == 0 {
                    out.push_str(&format!("|{}|\n", rules.join("|")));
                }
            }
            out
        }
    }
}
