//! Points of every curve, with a chart each.

use rust_xlsxwriter::{Chart, ChartType, Workbook, XlsxError, utility};

use super::formula::Points;
use super::style::{Styles, number};
use super::{column, row};
use crate::Sheet;
use crate::number::Kind;
use outlay_curves::Curve;

/// Charts drawn; the points of all lines are there.
const MOST_CHARTS: usize = 60;
/// The first row with points, after the name and the heads.
const FIRST: usize = 2;
/// Most points of a table that a sheet carries.
const MOST_POINTS: usize = 20_000;

pub(super) fn write(
    book: &mut Workbook,
    sheet: &Sheet,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let name = name(suffix);
    let page = book.add_worksheet();
    page.set_name(&name)?;
    let longest = (0..sheet.facts.lines.len()).map(|i| pairs(sheet, i).len()).max().unwrap_or(0);
    for (i, line) in sheet.view.lines.iter().enumerate().take(sheet.facts.lines.len()) {
        let (x, y) = (column(2 * i), column(2 * i + 1));
        page.write_string_with_format(0, x, &line.name, &styles.head)?;
        page.write_string_with_format(1, x, "spend", &styles.head)?;
        page.write_string_with_format(1, y, "outcome", &styles.head)?;
        let points = pairs(sheet, i);
        for (k, (spend, outcome)) in points.iter().enumerate() {
            page.write_number_with_format(row(FIRST + k), x, *spend, &number(Kind::Money))?;
            page.write_number_with_format(row(FIRST + k), y, *outcome, &number(Kind::Count))?;
        }
        if i < MOST_CHARTS && !points.is_empty() {
            let (from, to) = (row(FIRST), row(FIRST + points.len() - 1));
            let mut chart = Chart::new(ChartType::ScatterSmooth);
            chart.title().set_name(&line.name);
            chart.legend().set_hidden();
            chart.x_axis().set_name("spend");
            chart.add_series().set_categories((name.as_str(), from, x, to, x)).set_values((
                name.as_str(),
                from,
                y,
                to,
                y,
            ));
            let at = row(FIRST + longest + 2 + 16 * (i / 4));
            page.insert_chart(at, column(5 * (i % 4)), &chart.set_width(420).set_height(300).clone())?;
        }
    }
    page.set_freeze_panes(row(FIRST), 0)?;
    page.set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// Where a line's points stand.
pub(super) fn points(sheet: &Sheet, i: usize, suffix: &str) -> Points {
    let count = pairs(sheet, i).len().max(1);
    let range = |k: usize| {
        let (from, to) = (row(FIRST), row(FIRST + count - 1));
        let cells = utility::row_col_to_cell_absolute(from, column(k));
        format!("'{}'!{cells}:{}", name(suffix), utility::row_col_to_cell_absolute(to, column(k)))
    };
    Points { spends: range(2 * i), outcomes: range(2 * i + 1) }
}

/// A table's own points from `(0, 0)` on; the drawn ones of other curves.
fn pairs(sheet: &Sheet, i: usize) -> Vec<(f64, f64)> {
    match sheet.facts.lines.get(i).map(|f| &f.curve) {
        Some(Curve::Table(table)) => {
            let spends = table.spends().iter().take(MOST_POINTS);
            let mut pairs: Vec<(f64, f64)> = spends.map(|&x| (x, table.point(x).value)).collect();
            if pairs.first().is_none_or(|p| p.0 > 0.0) {
                pairs.insert(0, (0.0, 0.0));
            }
            pairs
        }
        _ => sheet.curve(i).map(|c| c.points).unwrap_or_default(),
    }
}

fn name(suffix: &str) -> String {
    format!("Curves{suffix}")
}
