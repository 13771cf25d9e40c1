//! The plan, live: every figure but the marginal one follows the spend cells.
//!
//! The first row holds the names that `outlay check --plan` reads: `Line`, `Spend`.
//! Spends are shown rounded; the exact ones stand beside.

use outlay_scenario::spec::Metric;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};

use super::curves;
use super::formula::{self, Points};
use super::place::{column, row};
use super::style::{self, Styles, number, still, total};
use crate::layout::visible;
use crate::number::Kind;
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::{LineRow, code};

const HEADS: [(&str, f64); 20] = [
    ("Line", 24.0),
    ("Stage", 12.0),
    ("Channel", 11.0),
    ("Method", 12.0),
    ("Today", 11.0),
    ("Spend", 12.0),
    ("Exact spend, as solved", 13.0),
    ("Share", 8.0),
    ("Fee", 6.0),
    ("Cost with fee", 11.0),
    ("Revenue", 12.0),
    ("New customers", 10.0),
    ("CAC", 9.0),
    ("iROAS", 7.0),
    ("mROAS, as solved", 9.0),
    ("Held by, as solved", 10.0),
    ("Least spend", 11.0),
    ("Largest spend", 11.0),
    ("Change against today", 9.0),
    ("Profit", 12.0),
];

/// Columns of the exact spend and of the change.
const EXACT: u16 = 6;
const CHANGE: u16 = 18;

pub(super) fn write(
    book: &mut Workbook,
    sheet: &Sheet,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name(format!("Plan{suffix}"))?;
    for (i, (head, width)) in HEADS.iter().enumerate() {
        page.write_string_with_format(0, column(i), *head, &styles.head)?;
        page.set_column_width(column(i), *width)?;
    }
    let last = sheet.view.lines.len() + 1;
    for (i, line) in sheet.view.lines.iter().enumerate() {
        let cells = Cells { page, number: i + 2, at: row(i + 1), last };
        cells.line(sheet, i, line, suffix, styles)?;
    }
    totals(page, sheet, last, styles)?;
    page.set_freeze_panes(1, 1)?;
    style::paper(page, true);
    page.set_repeat_rows(0, 0)?;
    page.set_print_area(0, 0, row(last + 7), column(HEADS.len() - 1))?;
    Ok(())
}

/// One row being written.
struct Cells<'a> {
    page: &'a mut Worksheet,
    /// The row as formulas call it.
    number: usize,
    at: u32,
    /// The last line's row as formulas call it.
    last: usize,
}

impl Cells<'_> {
    fn line(
        self,
        sheet: &Sheet,
        i: usize,
        line: &LineRow,
        suffix: &str,
        styles: &Styles,
    ) -> Result<(), XlsxError> {
        let Cells { page, number: n, at, last } = self;
        let tags = [&line.name, &line.stage, &line.channel, &line.method];
        for (k, text) in tags.into_iter().enumerate() {
            page.write_string_with_format(at, column(k), visible(text), &styles.text)?;
        }
        page.write_number_with_format(at, 4, line.current, &number(Kind::Money))?;
        page.write_number_with_format(at, 5, line.spend, &styles.input)?;
        let fee = sheet.facts.lines.get(i).map_or(0.0, |f| f.fee);
        page.write_number_with_format(at, 8, fee, &number(Kind::Percent))?;
        let cost = line.spend * (1.0 + fee);
        let mut live = |k: u16, text: String, result: Option<f64>, format: Format| {
            let result = result.map_or_else(|| "-".to_owned(), |v| v.to_string());
            page.write_formula_with_format(at, k, Formula::new(text).set_result(result), &format).map(drop)
        };
        live(CHANGE, format!("IF(E{n}=0,\"-\",F{n}/E{n}-1)"), line.change, number(Kind::Percent))?;
        live(
            7,
            format!("IF(SUM(J$2:J${last})=0,0,J{n}/SUM(J$2:J${last}))"),
            Some(line.share),
            number(Kind::Percent),
        )?;
        live(9, format!("F{n}*(1+I{n})"), Some(cost), number(Kind::Money))?;
        if line.cac.is_some() || line.customers.is_some() {
            live(12, format!("IF(N(L{n})=0,\"-\",J{n}/L{n})"), line.cac, number(Kind::Price))?;
        }
        if line.revenue.is_some() {
            live(13, format!("IF(J{n}=0,\"-\",K{n}/J{n})"), line.iroas, number(Kind::Ratio))?;
        }
        if let Some(margin) = sheet.facts.lines.get(i).and_then(|f| f.margin)
            && let Some(revenue) = line.revenue
        {
            live(19, format!("{margin}*K{n}-J{n}"), Some(margin * revenue - cost), number(Kind::Money))?;
        }
        page.write_number_with_format(at, EXACT, line.spend, &still(Kind::Money).set_num_format("#,##0.00"))?;
        outcome(page, sheet, i, line, suffix, (n, at))?;
        for (k, value, kind) in
            [(14, line.mroas, Kind::Ratio), (16, Some(line.min), Kind::Money), (17, line.max, Kind::Money)]
        {
            if let Some(value) = value.filter(|v| v.is_finite()) {
                page.write_number_with_format(at, k, value, &number(kind))?;
            }
        }
        let held = [code(&line.at), sentence::origin(line).to_owned()];
        let held: Vec<String> = held.into_iter().filter(|t| !t.is_empty()).collect();
        page.write_string_with_format(at, 15, visible(&held.join(", ")), &styles.text)?;
        Ok(())
    }
}

/// A line's outcome as a formula of its spend; `None` where the sheet cannot
/// follow it.
fn followed(sheet: &Sheet, i: usize, suffix: &str, n: usize) -> Option<String> {
    let points: Points = curves::points(sheet, i, suffix);
    // A flight's outcome depends on when it is spent, which this sheet does not hold.
    // What counts to a line that meets others depends on their spends too.
    let facts = sheet.facts.lines.get(i).filter(|f| sheet.view.flights.is_none() && !f.meets)?;
    formula::outcome(&facts.curve, &format!("F{n}"), &points)
}

/// True if revenue and customers of a line follow its spend.
pub(super) fn follows(sheet: &Sheet, i: usize, suffix: &str) -> bool {
    followed(sheet, i, suffix, i + 2).is_some()
}

/// Where the number of changed spends stands.
pub(super) fn edits(sheet: &Sheet, suffix: &str) -> String {
    format!("'Plan{suffix}'!G{}", sheet.view.lines.len() + 2)
}

/// Format of figures that do not follow the spend.
const NOT_LIVE: &str = "#,##0.0\" (as solved)\"";

/// Revenue and customers, from the curve where the sheet can follow it.
fn outcome(
    page: &mut Worksheet,
    sheet: &Sheet,
    i: usize,
    line: &LineRow,
    suffix: &str,
    (n, at): (usize, u32),
) -> Result<(), XlsxError> {
    let facts = sheet.facts.lines.get(i);
    let still = still(Kind::Money).set_num_format(NOT_LIVE);
    let formula = followed(sheet, i, suffix, n);
    let revenue = facts.and_then(|f| f.revenue_per_outcome);
    let customers = facts.and_then(|f| f.customers_per_outcome);
    for (k, factor, value, kind) in
        [(10, revenue, line.revenue, Kind::Money), (11, customers, line.customers, Kind::Count)]
    {
        let Some(value) = value.filter(|v| v.is_finite()) else { continue };
        match (&formula, factor) {
            (Some(formula), Some(factor)) => {
                let text = if factor == 1.0 { formula.clone() } else { format!("({formula})*{factor}") };
                let live = Formula::new(text).set_result(value.to_string());
                page.write_formula_with_format(at, k, live, &number(kind))?;
            }
            _ => {
                page.write_number_with_format(at, k, value, &still)?;
            }
        }
    }
    Ok(())
}

/// Sums below the lines; the first column stays empty, so that the row is not
/// read as a line.
fn totals(page: &mut Worksheet, sheet: &Sheet, last: usize, styles: &Styles) -> Result<(), XlsxError> {
    let (at, n) = (row(last), last + 1);
    let view = &sheet.view;
    let plan = |metric: Metric| view.figure(metric).and_then(|f| f.plan);
    page.write_string_with_format(at, 1, "Total", &total(Kind::Money))?;
    let lines = |of: fn(&LineRow) -> f64| Some(view.lines.iter().map(of).sum::<f64>());
    let mut sums =
        vec![(4u16, 'E', lines(|l| l.current), Kind::Money), (5, 'F', lines(|l| l.spend), Kind::Money)];
    sums.push((9, 'J', plan(Metric::Spend), Kind::Money));
    if plan(Metric::Revenue).is_some() {
        sums.push((10, 'K', plan(Metric::Revenue), Kind::Money));
    }
    if plan(Metric::Customers).is_some() {
        sums.push((11, 'L', plan(Metric::Customers), Kind::Count));
    }
    let live = |page: &mut Worksheet, at: u32, k: u16, text: String, result: Option<f64>, format: Format| {
        let result = result.map_or_else(|| "-".to_owned(), |v| v.to_string());
        page.write_formula_with_format(at, k, Formula::new(text).set_result(result), &format).map(drop)
    };
    for (k, letter, value, kind) in sums {
        live(page, at, k, format!("SUM({letter}2:{letter}{last})"), value, total(kind))?;
    }
    if let Some(profit) = plan(Metric::Profit) {
        live(page, at, 19, format!("SUM(T2:T{last})"), Some(profit), total(Kind::Money))?;
    }
    // To the cent: half a cent is how the sheet itself rounds.
    let edited = format!("SUMPRODUCT(--(ABS(F2:F{last}-G2:G{last})>0.005))");
    live(page, at, EXACT, edited, Some(0.0), total(Kind::Count).set_num_format("0\" changed\""))?;
    if plan(Metric::Iroas).is_some() {
        live(page, at, 13, format!("IF(J{n}=0,\"-\",K{n}/J{n})"), plan(Metric::Iroas), total(Kind::Ratio))?;
    }
    if let Some(cac) = plan(Metric::Cac) {
        let text = format!("(J{n}+F{})/(L{n}+F{})", n + 2, n + 3);
        live(page, at, 12, text, Some(cac), total(Kind::Price))?;
    }
    if let Some(mer) = plan(Metric::Mer) {
        page.write_string(at + 1, 12, "MER")?;
        let text = format!("(K{n}+F{})/(J{n}+F{})", n + 4, n + 2);
        live(page, at + 1, 13, text, Some(mer), number(Kind::Ratio))?;
    }
    let inputs = [
        ("Other cost", sheet.facts.other_cost, Kind::Money),
        ("Customers without the lines", sheet.facts.baseline_customers, Kind::Count),
        ("Revenue without the lines", sheet.facts.baseline_revenue, Kind::Money),
    ];
    for (i, (label, value, kind)) in inputs.into_iter().enumerate() {
        page.write_string(at + 2 + row(i), 1, label)?;
        page.write_number_with_format(at + 2 + row(i), 5, value, &number(kind))?;
    }
    page.write_string_with_format(at + 6, 1, sentence::edited_plan(view), &styles.remark)?;
    Ok(())
}
