//! Lines that meet: alone, as counted, and taken away.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::place::{column, row};
use super::style::{Styles, number};
use crate::layout::visible;
use crate::sentence;
use crate::view::View;

pub(super) fn write(
    book: &mut Workbook,
    view: &View,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let rows = sentence::met_rows(view);
    if rows.is_empty() {
        return Ok(());
    }
    let page = book.add_worksheet();
    page.set_name(format!("Meeting{suffix}"))?;
    for (k, head) in ["Line", "Alone", "Counted", "Taken away"].into_iter().enumerate() {
        page.write_string_with_format(0, column(k), head, &styles.head)?;
        page.set_column_width(column(k), if k == 0 { 28.0 } else { 14.0 })?;
    }
    for (i, r) in rows.iter().enumerate() {
        page.write_string_with_format(row(i + 1), 0, visible(&r.line.name), &styles.text)?;
        for (k, value) in [r.alone, r.counted, r.taken_away].into_iter().enumerate() {
            if let Some(value) = value {
                page.write_number_with_format(row(i + 1), column(k + 1), value, &number(r.kind))?;
            }
        }
    }
    for (k, words) in sentence::met(view).into_iter().enumerate() {
        page.write_string(row(rows.len() + 2 + k), 0, words)?;
    }
    page.set_freeze_panes(1, 1)?;
    Ok(())
}
