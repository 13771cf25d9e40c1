//! A report as a list of blocks, written as text or as Markdown.

use crate::layout::{Align, Grid, visible, wrap};
use crate::markdown::escaped;
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
    /// A list.
    Bullets(Vec<String>),
    /// A numbered list; an entry of several parts has them below each other.
    Numbered(Vec<(usize, Vec<String>)>),
    /// A table; the first row is its heading.
    Table(Vec<Align>, Vec<Vec<String>>),
}

/// The blocks for a terminal.
pub(crate) fn text(blocks: &[Block], page: Page) -> String {
    let width = page.width.max(NARROWEST);
    let paint = |text: &str, code: &str| {
        if page.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let mut lines: Vec<String> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let below = index > 0 && matches!(blocks[index - 1], Block::Heading(_));
        if index > 0 && !below {
            lines.push(String::new());
        }
        match block {
            Block::Title(title, about) => {
                lines.push(paint(&visible(title), "1"));
                lines.extend(wrap(about, width, 0).iter().map(|line| paint(line, "2")));
            }
            Block::Heading(heading) => lines.push(paint(heading, "1")),
            Block::Paragraph(paragraph) => lines.extend(wrap(paragraph, width, if below { 2 } else { 0 })),
            Block::Bullets(items) => items.iter().for_each(|item| hang(&mut lines, "  • ", item, width)),
            Block::Numbered(items) => {
                for (number, parts) in items {
                    for (part, text) in parts.iter().enumerate() {
                        let mark = if part == 0 { format!("{number:>3}. ") } else { "     ".to_owned() };
                        hang(&mut lines, &mark, text, width);
                    }
                }
            }
            Block::Table(columns, rows) => {
                let mut grid = Grid::new(columns);
                rows.iter().for_each(|row| grid.row(row.clone()));
                lines.extend(grid.lines(width));
            }
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
    blocks.iter().map(|block| markdown_block(block) + "\n").collect()
}

fn markdown_block(block: &Block) -> String {
    match block {
        Block::Title(title, about) => format!("## {}\n\n{}\n", escaped(title), escaped(about)),
        Block::Heading(heading) => format!("**{}**\n", escaped(heading)),
        Block::Paragraph(text) => format!("{}\n", escaped(text)),
        Block::Bullets(items) => items.iter().map(|item| format!("- {}\n", escaped(item))).collect(),
        Block::Numbered(items) => {
            let entry = |(number, parts): &(usize, Vec<String>)| {
                let parts: Vec<String> = parts.iter().map(|p| escaped(p)).collect();
                format!("{number}. {}\n", parts.join("; "))
            };
            items.iter().map(entry).collect()
        }
        Block::Table(columns, rows) => {
            let row = |cells: &Vec<String>| {
                let all: Vec<String> =
                    (0..columns.len()).map(|i| escaped(cells.get(i).map_or("", String::as_str))).collect();
                format!("| {} |\n", all.join(" | "))
            };
            let rule = |align: &Align| if *align == Align::Left { "---" } else { "---:" };
            let rules: Vec<&str> = columns.iter().map(rule).collect();
            let mut out = String::new();
            for (index, cells) in rows.iter().enumerate() {
                out.push_str(&row(cells));
                if index == 0 {
                    out.push_str(&format!("|{}|\n", rules.join("|")));
                }
            }
            out
        }
    }
}
