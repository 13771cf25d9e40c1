//! The buy sheet as a workbook.

use outlay_scenario::actuals::{ACTUAL, PLANNED};
use outlay_scenario::buy::{BuyRow, BuyStatus};
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use super::{Cell, all_cells, columns};
use crate::xlsx::place::{column, row};
use crate::xlsx::style::{self, Styles, number};

/// Columns as wide as what stands in them.
fn width(head: &str) -> f64 {
    match head {
        "line" => 28.0,
        "deal" => 30.0,
        "fee" | "unit" | "complete" | "period" => 10.0,
        _ => 12.0,
    }
}

/// The buy sheet as a workbook: committed money is shaded, and so are the
/// columns to fill in.
pub fn workbook(rows: &[BuyRow]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::default();
    let page = book.add_worksheet();
    page.set_name("Buy sheet")?;
    let columns = columns(rows);
    let cells: Vec<Vec<Cell>> = rows.iter().map(|row| all_cells(row, &columns)).collect();
    for (i, head) in columns.iter().enumerate() {
        page.write_string_with_format(0, column(i), head, &styles.head)?;
        let empty = i < PLANNED.len() && cells.iter().all(|row| matches!(row.get(i), Some(Cell::Empty)));
        page.set_column_width(column(i), if empty { EMPTY } else { width(head) })?;
    }
    for (i, (bought, cells)) in rows.iter().zip(cells).enumerate() {
        let at = row(i + 1);
        let bound = bought.status == BuyStatus::Committed;
        let shaded = |format: Format| if bound { format.set_background_color(COMMITTED) } else { format };
        for (k, cell) in cells.into_iter().enumerate() {
            let to_fill = (PLANNED.len()..PLANNED.len() + ACTUAL.len()).contains(&k);
            match cell {
                Cell::Empty if to_fill => page.write_blank(at, column(k), &styles.input)?,
                Cell::Text(text) => {
                    page.write_string_with_format(at, column(k), text, &shaded(Format::new()))?
                }
                Cell::Number(value, kind) => {
                    page.write_number_with_format(at, column(k), value, &shaded(number(kind)))?
                }
                Cell::Empty => page.write_blank(at, column(k), &shaded(Format::new()))?,
            };
        }
    }
    totals(page, rows)?;
    page.set_freeze_panes(1, 1)?;
    printed(page, rows, &columns)?;
    page.autofilter(0, 0, row(rows.len()), column(columns.len() - 1))?;
    book.save_to_buffer()
}

/// Width of a column that nothing stands in.
const EMPTY: f64 = 9.0;
/// Where a page across begins: money, then people and what happened.
const ACROSS: [&str; 2] = ["budget", "owner"];
/// Rows on a page, the heading not counted.
const DOWN: usize = 42;

/// Pages that can be read: three across, each with line and period at its left;
/// the rows of a line stay together where they fit.
fn printed(page: &mut Worksheet, rows: &[BuyRow], columns: &[String]) -> Result<(), XlsxError> {
    style::paper(page, true);
    page.set_print_scale(62).set_repeat_rows(0, 0)?.set_repeat_columns(0, 1)?;
    page.set_page_order(false);
    let across = ACROSS.iter().filter_map(|head| columns.iter().position(|c| c == head));
    page.set_vertical_page_breaks(&across.map(row).collect::<Vec<_>>())?;
    let (mut breaks, mut on_page, mut at) = (Vec::new(), 0, 0);
    for group in rows.chunk_by(|a, b| a.line == b.line) {
        if on_page > 0 && on_page + group.len() > DOWN {
            breaks.push(row(at + 1));
            on_page = 0;
        }
        at += group.len();
        on_page = (on_page + group.len()) % DOWN;
    }
    if !breaks.is_empty() {
        page.set_page_breaks(&breaks)?;
    }
    Ok(())
}

const COMMITTED: Color = Color::RGB(0xE3EEF9);

/// Totals as a note on the heading: below the rows they would be read as a line.
fn totals(page: &mut rust_xlsxwriter::Worksheet, rows: &[BuyRow]) -> Result<(), XlsxError> {
    let sum = |of: fn(&BuyRow) -> f64| rows.iter().map(of).sum::<f64>();
    let note = format!(
        "Budget {:.2}, of which committed {:.2}; with fees {:.2}. Shaded rows are committed. Fill in the yellow columns and give the file to `outlay track`.",
        sum(|r| r.budget),
        sum(|r| r.committed),
        sum(|r| r.budget * (1.0 + r.fee))
    );
    page.insert_note(0, 0, &rust_xlsxwriter::Note::new(note).set_width(320).set_height(120))?;
    Ok(())
}
