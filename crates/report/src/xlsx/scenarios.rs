//! Scenarios side by side: a row each with its figures, today and planned, and
//! what every line gets.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::place::{column, row};
use super::style::{self, Styles, number, tiny};
use crate::layout::visible;
use crate::metric::Key;
use crate::number::Kind;
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::View;

/// With more lines than this, only the plans show what each gets.
const MOST_LINES: usize = 500;

/// Reads a figure off a scenario.
type Reading<'a> = Box<dyn Fn(&View) -> Option<f64> + 'a>;

/// A column: its head and what it holds for a scenario.
struct Column<'a> {
    head: String,
    /// `None` for tiny numbers.
    kind: Option<Kind>,
    of: Reading<'a>,
}

pub(super) fn write(book: &mut Workbook, sheets: &[Sheet], styles: &Styles) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name("Scenarios")?;
    let columns = columns(sheets);
    let texts = ["Scenario", "Status", "Currency", "Period", "Goal"];
    for (i, head) in texts.iter().enumerate() {
        page.write_string_with_format(0, column(i), *head, &styles.head)?;
        page.set_column_width(column(i), if i == 0 { 34.0 } else { 13.0 })?;
    }
    for (i, Column { head, .. }) in columns.iter().enumerate() {
        let at = column(texts.len() + i);
        page.write_string_with_format(0, at, sentence::capital(head), &styles.head)?;
        page.set_column_width(at, 14)?;
    }
    for (i, sheet) in sheets.iter().enumerate() {
        let (view, at) = (&sheet.view, row(i + 1));
        let goal = sentence::aims(view);
        let facts =
            [&sentence::what_if(view), sentence::status(&view.ending), &view.currency, &view.period, &goal];
        for (k, text) in facts.into_iter().enumerate() {
            page.write_string_with_format(at, column(k), visible(text), &styles.text)?;
        }
        for (k, Column { kind, of, .. }) in columns.iter().enumerate() {
            if let Some(value) = of(view).filter(|v| v.is_finite()) {
                page.write_number_with_format(
                    at,
                    column(texts.len() + k),
                    value,
                    &kind.map_or_else(tiny, number),
                )?;
            }
        }
    }
    let last = column(texts.len() + columns.len() - 1);
    page.set_freeze_panes(1, 1)?;
    page.autofilter(0, 0, row(sheets.len()), last)?;
    style::paper(page, true);
    page.set_repeat_rows(0, 0)?;
    page.set_print_area(0, 0, row(sheets.len()), last)?;
    Ok(())
}

fn columns(sheets: &[Sheet]) -> Vec<Column<'_>> {
    let goal = sheets.first().map(|s| s.view.goal.metric.kind());
    let mut columns = vec![
        Column { head: "goal value".to_owned(), kind: goal, of: Box::new(|v| v.goal.value) },
        Column { head: "goal today".to_owned(), kind: goal, of: Box::new(|v| v.goal.today) },
    ];
    let mut metrics: Vec<&Key> = Vec::new();
    for figure in sheets.iter().flat_map(|s| &s.view.figures) {
        if !metrics.contains(&&figure.metric) {
            metrics.push(&figure.metric);
        }
    }
    for name in metrics {
        let (label, kind) = (name.label(), Some(name.kind()));
        let plan = move |v: &View| v.figure(name).and_then(|f| f.plan);
        let today = move |v: &View| v.figure(name).and_then(|f| f.today);
        columns.push(Column { head: format!("{label}, today"), kind, of: Box::new(today) });
        columns.push(Column { head: format!("{label}, plan"), kind, of: Box::new(plan) });
    }
    let gap = |v: &View| v.proof().map(|p| p.gap);
    columns.push(Column { head: "gap, proven".to_owned(), kind: None, of: Box::new(gap) });
    let mut lines: Vec<&str> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for line in sheets.iter().flat_map(|s| &s.view.lines) {
        if seen.insert(line.name.as_str()) {
            lines.push(&line.name);
        }
    }
    for name in lines.into_iter().take(MOST_LINES) {
        let spend = move |v: &View| v.lines.iter().find(|l| l.name == name).map(|l| l.spend);
        columns.push(Column { head: format!("spend: {name}"), kind: Some(Kind::Money), of: Box::new(spend) });
    }
    columns
}
