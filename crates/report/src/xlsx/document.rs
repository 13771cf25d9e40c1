//! Reports of blocks as sheets: words over the whole width, tables with figures
//! that are shown rounded and stand there in full.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

use super::place::{column, row};
use super::style::{self, Styles};
use super::{edits, plan_sheets, terms};
use crate::blocks::{Block, Entry, Rows};
use crate::document::Document;
use crate::layout::{Align, visible};
use crate::number::Kind;
use crate::sentence::{self, capital};
use crate::sheet::Sheet;

/// Width of the first column and of the others, in characters.
const FIRST: f64 = 34.0;
const OTHER: f64 = 15.0;
/// Columns that words are written over at least.
const FEWEST: usize = 5;
/// Documents with sheets of their own.
const MOST: usize = 50;

/// The workbook's bytes: a sheet for every document, and those of its plan.
///
/// # Errors
/// Only if the workbook would be larger than the format allows.
pub fn documents(all: &[Document]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::default();
    for (i, document) in all.iter().take(MOST).enumerate() {
        let suffix = if i == 0 { String::new() } else { format!(" {}", i + 1) };
        let page = book.add_worksheet();
        page.set_name(format!("{}{suffix}", document.kind))?;
        let plan = document.plan.as_ref().filter(|p| p.view.has_plan());
        let edits = plan.map(|plan| edits::edits(plan, &suffix));
        write(page, &document.blocks, edits, &styles)?;
        if let Some(plan) = plan {
            plan_sheets(&mut book, plan, &suffix, &styles)?;
        }
    }
    let plans: Vec<Sheet> = all.iter().take(MOST).filter_map(|d| d.plan.as_deref().cloned()).collect();
    if !plans.is_empty() {
        terms::write(&mut book, &plans, &styles)?;
    }
    book.save_to_buffer()
}

/// Writes a report; `edits` counts changed numbers of the plan beside it.
fn write(
    page: &mut Worksheet,
    blocks: &[Block],
    edits: Option<String>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let tables = blocks.iter().filter_map(|b| if let Block::Table(rows) = b { Some(rows) } else { None });
    let columns = tables.map(|t| t.columns.len()).max().unwrap_or(0).max(FEWEST);
    page.set_column_width(0, FIRST)?;
    page.set_column_range_width(1, column(columns - 1), OTHER)?;
    let last = column(columns - 1);
    let characters = (FIRST + OTHER * (columns - 1) as f64) as usize;
    let mut at = 0;
    let words = |page: &mut Worksheet, at: &mut u32, text: &str, format: &Format| {
        if !text.is_empty() {
            page.merge_range(*at, 0, *at, last, &visible(text), format)?;
            page.set_row_height(*at, style::height(text, characters))?;
            *at += 1;
        }
        Ok::<(), XlsxError>(())
    };
    for (index, block) in blocks.iter().enumerate() {
        match block {
            Block::Title(title, about) => {
                page.write_string_with_format(at, 0, visible(title), &styles.title)?;
                page.set_row_height(at, 22)?;
                at += 1;
                words(page, &mut at, about, &styles.remark)?;
                if let Some(edits) = &edits {
                    let text = format!("IF({edits}=0,\"\",\"{}\")", sentence::STALE);
                    let warning = Formula::new(text).set_result("");
                    page.write_formula_with_format(at, 0, warning, &Format::new().set_bold())?;
                    at += 1;
                }
            }
            Block::Heading(heading) => {
                at += 1;
                page.write_string_with_format(at, 0, visible(heading), &Format::new().set_bold())?;
                at += 1;
            }
            Block::Paragraph(text) | Block::Proof(text) => words(page, &mut at, text, &styles.wrapped)?,
            Block::Lines(all) => {
                at += u32::from(index > 1);
                all.iter().try_for_each(|text| words(page, &mut at, text, &styles.wrapped))?;
            }
            Block::Bullets(items) => items
                .iter()
                .try_for_each(|item| words(page, &mut at, &format!("• {item}"), &styles.wrapped))?,
            Block::Numbered(items) => {
                for (number, parts) in items {
                    let text = format!("{number}. {}", parts.join("; "));
                    words(page, &mut at, &text, &styles.wrapped)?;
                }
            }
            Block::Table(rows) => {
                at += u32::from(matches!(blocks.get(index.wrapping_sub(1)), Some(Block::Table(_))));
                at = table(page, at, rows, styles)?;
            }
            Block::Picture(_) => {}
        }
    }
    style::paper(page, columns > 6);
    page.set_print_area(0, 0, at, last)?;
    Ok(())
}

fn table(page: &mut Worksheet, start: u32, rows: &Rows, styles: &Styles) -> Result<u32, XlsxError> {
    let Some((heads, body)) = rows.rows.split_first() else { return Ok(start) };
    for (k, align) in rows.columns.iter().enumerate() {
        let format = match *align {
            Align::Right => styles.head.clone().set_align(FormatAlign::Right),
            Align::Left if k > 0 => styles.head.clone().set_indent(1),
            Align::Left => styles.head.clone(),
        };
        page.write_string_with_format(start, column(k), capital(rows.text(heads, k)), &format)?;
    }
    let totals = body.len().saturating_sub(rows.totals);
    for (i, cells) in body.iter().enumerate() {
        let at = start + 1 + row(i);
        for (k, entry) in cells.iter().enumerate().take(rows.columns.len()) {
            let right = rows.columns.get(k) == Some(&Align::Right);
            let mut format = shown(entry);
            if right {
                format = format.set_align(FormatAlign::Right);
            } else if k > 0 {
                format = format.set_indent(1);
            }
            if i >= totals {
                format = format.set_bold().set_border_top(FormatBorder::Thin);
            }
            match entry.exact {
                Some((_, value)) => page.write_number_with_format(at, column(k), value, &format)?,
                None => page.write_string_with_format(at, column(k), visible(&entry.text), &format)?,
            };
        }
    }
    Ok(start + 1 + row(body.len()))
}

/// The number format of a cell; a mark before the figure stays.
fn shown(entry: &Entry) -> Format {
    let Some((kind, _)) = entry.exact else { return Format::new() };
    let code = match kind {
        Kind::Money => "#,##0",
        Kind::Count => "#,##0.0",
        Kind::Price => "#,##0.00",
        Kind::Ratio => "0.00",
        Kind::Percent => "0.0%",
    };
    let mark = if entry.text.starts_with('~') { "\"~\"" } else { "" };
    let code = if entry.moved {
        format!("{mark}+{code};{mark}-{code};{mark}{code}")
    } else {
        format!("{mark}{code}")
    };
    Format::new().set_num_format(code)
}
