//! Points of every curve, with a chart each that shows today and the plan.

use rust_xlsxwriter::{
    Chart, ChartFormat, ChartLine, ChartMarker, ChartMarkerType, ChartSolidFill, ChartType, Color, Formula,
    Workbook, Worksheet, XlsxError, utility,
};

use super::formula::{self, Points};
use super::place::{column, row};
use super::style::{self, Styles, number};
use crate::curve::CurveView;
use crate::layout::visible;
use crate::number::Kind;
use crate::sheet::Sheet;
use outlay_curves::Curve;

/// Charts drawn; the points of all lines are there.
const MOST_CHARTS: usize = 60;
/// Lines whose points are there: a sheet has 16,384 columns.
const MOST_LINES: usize = 1_000;
/// Rows of marks under a line's heads, then its points.
const TODAY: usize = 2;
const PLAN: usize = 3;
const FIRST: usize = 4;
/// Columns of a line: spend, outcome, and the interval around it.
const EACH: usize = 4;
/// Most points of a table that a sheet carries.
const MOST_POINTS: usize = 20_000;

/// The points of a line's curve.
struct Drawn {
    points: Vec<(f64, f64)>,
    band: Vec<(f64, f64)>,
    today: (f64, f64),
    plan: (f64, f64),
    kind: Kind,
}

pub(super) fn write(
    book: &mut Workbook,
    sheet: &Sheet,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let name = name(suffix);
    let page = book.add_worksheet();
    page.set_name(&name)?;
    for (at, label) in [(1, ""), (TODAY, "today"), (PLAN, "plan"), (FIRST, "curve")] {
        page.write_string_with_format(row(at), 0, label, &styles.head)?;
    }
    let drawn: Vec<Option<Drawn>> =
        (0..sheet.facts.lines.len().min(MOST_LINES)).map(|i| Drawn::new(sheet, i)).collect();
    let longest = drawn.iter().flatten().map(|d| d.points.len()).max().unwrap_or(0);
    for (i, (line, drawn)) in sheet.view.lines.iter().zip(&drawn).enumerate() {
        let Some(drawn) = drawn else { continue };
        page.write_string_with_format(0, first(i), visible(&line.name), &styles.head)?;
        figures(page, sheet, i, drawn, suffix, styles)?;
        if i < MOST_CHARTS {
            let at = row(FIRST + longest + 2 + 17 * (i / 3));
            let chart = chart(&name, &line.name, i, drawn);
            page.insert_chart(at, column(1 + 5 * (i % 3)), &chart)?;
        }
    }
    page.set_column_width(0, 10)?;
    let last = column(EACH * drawn.len().max(1));
    page.set_column_range_width(1, last, 13)?;
    page.set_freeze_panes(row(FIRST), 1)?;
    style::paper(page, true);
    let charts = drawn.len().min(MOST_CHARTS);
    if charts > 0 {
        // The points are for the charts and for formulas; the charts are for people.
        let top = FIRST + longest + 2;
        page.set_print_area(row(top), 1, row(top + 17 * charts.div_ceil(3)), 16)?;
    }
    Ok(())
}

fn figures(
    page: &mut Worksheet,
    sheet: &Sheet,
    i: usize,
    drawn: &Drawn,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let x = first(i);
    let heads: &[&str] = if drawn.band.is_empty() { &HEADS[..2] } else { &HEADS };
    for (k, head) in heads.iter().enumerate() {
        page.write_string_with_format(1, x + column(k), *head, &styles.head)?;
    }
    let mut pair = |at: usize, k: u16, (spend, outcome): (f64, f64)| {
        page.write_number_with_format(row(at), x + k, spend, &number(Kind::Money))?;
        page.write_number_with_format(row(at), x + k + 1, outcome, &number(drawn.kind)).map(drop)
    };
    pair(TODAY, 0, drawn.today)?;
    for (k, point) in drawn.points.iter().enumerate() {
        pair(FIRST + k, 0, *point)?;
    }
    for (k, (low, high)) in drawn.band.iter().enumerate() {
        let at = row(FIRST + k);
        page.write_number_with_format(at, x + 2, *low, &number(drawn.kind))?;
        page.write_number_with_format(at, x + 3, *high, &number(drawn.kind))?;
    }
    // The plan's mark follows the plan sheet.
    let cell = format!("'Plan{suffix}'!F{}", i + 2);
    let spend = Formula::new(cell.clone()).set_result(drawn.plan.0.to_string());
    page.write_formula_with_format(row(PLAN), x, spend, &number(Kind::Money))?;
    let facts = sheet.facts.lines.get(i);
    match facts.and_then(|f| formula::outcome(&f.curve, &cell, &points(sheet, i, suffix))) {
        Some(text) => {
            let live = Formula::new(text).set_result(drawn.plan.1.to_string());
            page.write_formula_with_format(row(PLAN), x + 1, live, &number(drawn.kind))?;
        }
        None => {
            page.write_number_with_format(row(PLAN), x + 1, drawn.plan.1, &number(drawn.kind))?;
        }
    }
    Ok(())
}

/// Millions and thousands in short.
const SHORT: &str = "[>=1000000]0.0,,\"M\";[>=1000]0,\"K\";0";

const HEADS: [&str; EACH] = ["spend", "outcome", "low", "high"];

fn chart(page: &str, title: &str, i: usize, drawn: &Drawn) -> Chart {
    let x = first(i);
    let (from, to) = (row(FIRST), row(FIRST + drawn.points.len() - 1));
    let mut chart = Chart::new(ChartType::ScatterSmooth);
    chart
        .title()
        .set_name(style::words(title).as_str())
        .set_font(rust_xlsxwriter::ChartFont::new().set_size(11));
    chart.legend().set_hidden();
    chart.x_axis().set_name("spend").set_min(0.0).set_num_format(SHORT);
    chart.y_axis().set_min(0.0).set_num_format(SHORT);
    let line = |colour: Color, width: f64| {
        ChartFormat::new().set_line(ChartLine::new().set_color(colour).set_width(width)).clone()
    };
    let mut series = |y: u16, from: u32, to: u32, format: &ChartFormat, marker: &ChartMarker| {
        chart
            .add_series()
            .set_categories((page, from, x, to, x))
            .set_values((page, from, y, to, y))
            .set_format(&mut format.clone())
            .set_marker(marker);
    };
    let none = ChartMarker::new().set_none().clone();
    series(x + 1, from, to, &line(Color::RGB(0x1A1C20), 1.75), &none);
    if !drawn.band.is_empty() {
        series(x + 2, from, to, &line(Color::RGB(0x9DB8D0), 1.0), &none);
        series(x + 3, from, to, &line(Color::RGB(0x9DB8D0), 1.0), &none);
    }
    for (at, colour, shape) in
        [(TODAY, 0xD97400, ChartMarkerType::Square), (PLAN, 0x0067A5, ChartMarkerType::Circle)]
    {
        let fill =
            ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(colour))).clone();
        let marker = ChartMarker::new().set_type(shape).set_size(8).set_format(&mut fill.clone()).clone();
        series(x + 1, row(at), row(at), &line(Color::RGB(colour), 0.75), &marker);
    }
    chart.set_width(430).set_height(320).clone()
}

impl Drawn {
    /// A table's own points from `(0, 0)` on; sampled ones of other curves.
    fn new(sheet: &Sheet, i: usize) -> Option<Self> {
        let CurveView { points, band, today, plan, outcome, .. } = sheet.curve(i)?;
        let (points, band) = match own_points(&sheet.facts.lines.get(i)?.curve) {
            Some(own) => (own, Vec::new()),
            None => (points, band),
        };
        (!points.is_empty()).then_some(Drawn { points, band, today, plan, kind: outcome })
    }
}

fn own_points(curve: &Curve) -> Option<Vec<(f64, f64)>> {
    let Curve::Table(table) = curve else { return None };
    let spends = table.spends().iter().take(MOST_POINTS);
    let mut pairs: Vec<(f64, f64)> = spends.map(|&x| (x, table.point(x).value)).collect();
    if pairs.first().is_none_or(|p| p.0 > 0.0) {
        pairs.insert(0, (0.0, 0.0));
    }
    Some(pairs)
}

/// Where the points of a line's table stand; nothing of other curves.
pub(super) fn points(sheet: &Sheet, i: usize, suffix: &str) -> Points {
    if i >= MOST_LINES {
        return Points { spends: String::new(), outcomes: String::new() };
    }
    let count = sheet.facts.lines.get(i).and_then(|f| own_points(&f.curve)).map_or(1, |p| p.len());
    let range = |k: u16| {
        let (from, to) = (row(FIRST), row(FIRST + count - 1));
        let start = utility::row_col_to_cell_absolute(from, k);
        format!("'{}'!{start}:{}", name(suffix), utility::row_col_to_cell_absolute(to, k))
    };
    Points { spends: range(first(i)), outcomes: range(first(i) + 1) }
}

/// The first column of a line.
fn first(i: usize) -> u16 {
    column(1 + EACH * i)
}

fn name(suffix: &str) -> String {
    format!("Curves{suffix}")
}
