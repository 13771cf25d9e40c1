//! Scenarios side by side.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::style::{Styles, number};
use super::{column, row};
use crate::{Sheet, metric, sentence};

pub(super) fn write(book: &mut Workbook, sheets: &[Sheet], styles: &Styles) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name("Overview")?;
    page.write_string_with_format(0, 0, "Budget plans", &styles.title)?;
    let mut metrics: Vec<&str> = Vec::new();
    for figure in sheets.iter().flat_map(|s| &s.view.figures) {
        if !metrics.contains(&figure.metric.as_str()) {
            metrics.push(&figure.metric);
        }
    }
    for (i, head) in ["Scenario", "Status", "Currency", "Period"].iter().enumerate() {
        page.write_string_with_format(2, column(i), *head, &styles.head)?;
    }
    for (i, name) in metrics.iter().enumerate() {
        let label = sentence::capital(metric::label(name));
        page.write_string_with_format(2, column(4 + 2 * i), format!("{label}, today"), &styles.head)?;
        page.write_string_with_format(2, column(5 + 2 * i), format!("{label}, plan"), &styles.head)?;
    }
    let last = 4 + 2 * metrics.len();
    page.write_string_with_format(2, column(last), "What is proven", &styles.head)?;
    for (i, sheet) in sheets.iter().enumerate() {
        let (view, at) = (&sheet.view, row(3 + i));
        for (k, text) in [view.name.as_str(), view.status(), &view.currency, &view.period].iter().enumerate()
        {
            page.write_string_with_format(at, column(k), *text, &styles.wrapped)?;
        }
        for (k, name) in metrics.iter().enumerate() {
            let Some(figure) = view.figure(name) else { continue };
            for (side, value) in [figure.today, figure.plan].into_iter().enumerate() {
                if let Some(value) = value.filter(|v| v.is_finite()) {
                    page.write_number_with_format(at, column(4 + 2 * k + side), value, &number(figure.kind))?;
                }
            }
        }
        let proven = if view.has_plan() {
            sentence::certificate(view)
        } else {
            let conflict: Vec<String> = view.conflict.iter().map(|m| sentence::member(view, m)).collect();
            format!("{} {}", sentence::headline(view), conflict.join("; "))
        };
        page.write_string_with_format(at, column(last), proven, &styles.wrapped)?;
    }
    page.set_column_width(0, 30)?.set_column_width(column(last), 60)?;
    for k in 1..last {
        page.set_column_width(column(k), 14)?;
    }
    page.set_freeze_panes(3, 1)?;
    page.set_landscape().set_print_fit_to_pages(1, 0);
    page.set_print_area(0, 0, row(3 + sheets.len()), column(last))?;
    Ok(())
}
