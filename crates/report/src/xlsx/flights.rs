//! The plan by period: lines down, periods across.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::place::{column, row};
use super::style::{Styles, number};
use crate::layout::visible;
use crate::number::Kind;
use crate::view::View;

pub(super) fn write(
    book: &mut Workbook,
    view: &View,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let Some(flights) = &view.flights else { return Ok(()) };
    let page = book.add_worksheet();
    page.set_name(format!("Flights{suffix}"))?;
    page.write_string_with_format(0, 0, "Line", &styles.head)?;
    page.set_column_width(0, 28.0)?;
    for (t, period) in flights.periods.iter().enumerate() {
        page.write_string_with_format(0, column(t + 1), &period.name, &styles.head)?;
        page.set_column_width(column(t + 1), 12.0)?;
    }
    for (i, own) in flights.rows.iter().enumerate() {
        page.write_string_with_format(row(i + 1), 0, visible(&own.line), &styles.text)?;
        for (t, &spend) in own.spends.iter().enumerate() {
            page.write_number_with_format(row(i + 1), column(t + 1), spend, &number(Kind::Money))?;
        }
    }
    let below = flights.rows.len() + 2;
    for (k, (name, of)) in [("Spend with fees", true), ("Revenue", false)].into_iter().enumerate() {
        page.write_string(row(below + k), 0, name)?;
        for (t, period) in flights.periods.iter().enumerate() {
            let value = if of { period.spend } else { period.revenue };
            if let Some(value) = value {
                page.write_number_with_format(row(below + k), column(t + 1), value, &number(Kind::Money))?;
            }
        }
    }
    page.set_freeze_panes(1, 1)?;
    page.set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}
