use outlay_scenario::actuals::{ACTUAL, PLANNED};
use outlay_scenario::buy::{BuyRow, BuyStatus};
use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};

use super::{Cell, all_cells, columns};
use crate::xlsx::place::{column, row};
use crate::xlsx::style::{Styles, number};

/// Columns as wide as what stands in them.
fn width(head: &str) -> f64 {
    match head {
        "line" => 28.0,
        "deal" => 32.0,
        "fee" | "unit" | "complete" | "period" => 10.0,
        _ => 14.0,
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
    for (i, head) in columns.iter().enumerate() {
        page.write_string_with_format(0, column(i), head, &styles.head)?;
        page.set_column_width(column(i), width(head))?;
    }
    for (i, bought) in rows.iter().enumerate() {
        let at = row(i + 1);
        let bound = bought.status == BuyStatus::Committed;
        let shaded = |format: Format| if bound { format.set_background_color(COMMITTED) } else { format };
        for (k, cell) in all_cells(bought, &columns).into_iter().enumerate() {
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
    page.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    page.autofilter(0, 0, row(rows.len()), column(columns.len() - 1))?;
    book.save_to_buffer()
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
