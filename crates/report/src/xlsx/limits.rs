//! Limits with slack and price.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::place::{column, row};
use super::style::{self, Styles, number};
use crate::metric;
use crate::number::Kind;
use crate::view::View;

const HEADS: [(&str, f64); 11] = [
    ("limit", 30.0),
    ("owner", 16.0),
    ("metric", 18.0),
    ("min", 14.0),
    ("max", 14.0),
    ("today", 14.0),
    ("plan", 14.0),
    ("slack", 14.0),
    ("binding", 9.0),
    ("shadow price", 14.0),
    ("broken today", 9.0),
];

pub(super) fn write(
    book: &mut Workbook,
    view: &View,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name(format!("Limits{suffix}"))?;
    for (i, (head, width)) in HEADS.iter().enumerate() {
        page.write_string_with_format(0, column(i), *head, &styles.head)?;
        page.set_column_width(column(i), *width)?;
    }
    for (i, limit) in view.limits.iter().enumerate() {
        let at = row(i + 1);
        let texts = [(0, limit.name.as_str()), (1, &limit.owner), (2, metric::label(&limit.metric))];
        let flags =
            [(8, limit.binding.as_deref().unwrap_or("")), (10, if limit.broken_today { "yes" } else { "" })];
        for (k, text) in texts.into_iter().chain(flags) {
            let format = if k < 3 { &styles.text } else { &styles.centred };
            page.write_string_with_format(at, k, text, format)?;
        }
        let figures = [(3, limit.min), (4, limit.max), (5, limit.today), (6, limit.value), (7, limit.slack)];
        for (k, value) in figures {
            if let Some(value) = value.filter(|v| v.is_finite()) {
                page.write_number_with_format(at, k, value, &number(limit.kind))?;
            }
        }
        if let Some(price) = limit.price.filter(|v| v.is_finite()) {
            page.write_number_with_format(at, 9, price, &number(Kind::Price))?;
        }
    }
    page.set_freeze_panes(1, 1)?;
    style::paper(page, true);
    page.set_print_area(0, 0, row(view.limits.len().max(1)), column(HEADS.len() - 1))?;
    Ok(())
}
