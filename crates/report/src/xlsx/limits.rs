//! Limits with slack and price: figures follow the yellow cells where sums of
//! the plan sheet tell them, and are marked where not.

use outlay_scenario::spec::Metric;
use rust_xlsxwriter::{Formula, Workbook, Worksheet, XlsxError};

use super::place::{column, row};
use super::plan;
use super::style::{self, Styles, number, still};
use crate::layout::visible;
use crate::metric::Key;
use crate::number::Kind;
use crate::sheet::{LimitFacts, Sheet};
use crate::view::LimitRow;

const HEADS: [(&str, f64); 13] = [
    ("Limit", 30.0),
    ("Owner", 14.0),
    ("Metric", 17.0),
    ("At least", 13.0),
    ("At most", 13.0),
    ("Today", 13.0),
    ("Plan", 13.0),
    ("Slack", 13.0),
    ("Kept?", 9.0),
    ("Shadow price, as solved", 14.0),
    ("Broken today", 9.0),
    ("At least, as asked", 13.0),
    ("At most, as asked", 13.0),
];

/// Columns of the numbers as they were asked for.
const ASKED: [u16; 2] = [11, 12];

/// How many numbers of limits were changed.
pub(super) fn edits(suffix: &str, limits: usize) -> String {
    let (page, last) = (format!("'Limits{suffix}'!"), limits + 1);
    format!("SUMPRODUCT(--({page}D2:E{last}<>{page}L2:M{last}))")
}

/// Most lines that a formula adds up one by one.
const MOST: usize = 150;

pub(super) fn write(
    book: &mut Workbook,
    sheet: &Sheet,
    suffix: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name(format!("Limits{suffix}"))?;
    for (i, (head, width)) in HEADS.iter().enumerate() {
        page.write_string_with_format(0, column(i), *head, &styles.head)?;
        page.set_column_width(column(i), *width)?;
    }
    let live = Live::of(sheet, suffix);
    let nothing = LimitFacts::default();
    for (i, limit) in sheet.view.limits.iter().enumerate() {
        let at = row(i + 1);
        let broken = if limit.broken_today { "yes" } else { "" };
        let texts = [(0, limit.name.as_str()), (1, &limit.owner), (2, limit.metric.label()), (10, broken)];
        for (k, text) in texts {
            let format = if k < 3 { &styles.text } else { &styles.centred };
            page.write_string_with_format(at, k, visible(text), format)?;
        }
        let yellow = style::yellow(limit.kind);
        for (k, value) in [(3, limit.min), (4, limit.max)] {
            match value.filter(|v| v.is_finite()) {
                Some(value) => {
                    page.write_number_with_format(at, k, value, &yellow)?;
                    let asked = ASKED[usize::from(k - 3)];
                    page.write_number_with_format(at, asked, value, &still(limit.kind))?;
                }
                None => drop(page.write_blank(at, k, &yellow)?),
            }
        }
        if let Some(today) = limit.today.filter(|v| v.is_finite()) {
            page.write_number_with_format(at, 5, today, &number(limit.kind))?;
        }
        let formula = live.figure(limit, sheet.facts.limits.get(i).unwrap_or(&nothing));
        judged(page, at, limit, formula, styles)?;
        if let Some(price) = limit.price.filter(|v| v.is_finite()) {
            page.write_number_with_format(at, 9, price, &still(Kind::Price))?;
        }
    }
    page.set_freeze_panes(1, 1)?;
    style::paper(page, true);
    page.set_repeat_rows(0, 0)?;
    page.set_print_area(0, 0, row(sheet.view.limits.len().max(1)), column(HEADS.len() - 1))?;
    Ok(())
}

/// The figure, its slack, and whether the limit is kept.
fn judged(
    page: &mut Worksheet,
    at: u32,
    limit: &LimitRow,
    formula: Option<String>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let Some(value) = limit.value.filter(|v| v.is_finite()) else { return Ok(()) };
    let Some(formula) = formula else {
        page.write_number_with_format(at, 6, value, &still(limit.kind))?;
        if let Some(slack) = limit.slack.filter(|v| v.is_finite()) {
            page.write_number_with_format(at, 7, slack, &still(limit.kind))?;
        }
        page.write_string_with_format(at, 8, "as solved", &styles.centred)?;
        return Ok(());
    };
    let n = at + 1;
    let live = Formula::new(formula).set_result(value.to_string());
    page.write_formula_with_format(at, 6, live, &number(limit.kind))?;
    // Either side may be filled in or taken out.
    let far = "9.9E+307";
    let text = format!(
        "IF(AND(ISNUMBER(G{n}),COUNT(D{n}:E{n})>0),MIN(IF(ISNUMBER(E{n}),E{n}-G{n},{far}),IF(ISNUMBER(D{n}),G{n}-D{n},{far})),\"-\")"
    );
    let slack = limit.slack.filter(|v| v.is_finite());
    let live = Formula::new(text).set_result(slack.map_or_else(|| "-".to_owned(), |s| s.to_string()));
    page.write_formula_with_format(at, 7, live, &number(limit.kind))?;
    // What whole cents alone break is kept.
    let size = format!("MAX(ABS(N(D{n})),ABS(N(E{n})))");
    let cents =
        if limit.kind == Kind::Money { format!("MAX(0.01,1E-9*{size})") } else { format!("1E-6*{size}") };
    let text = format!(
        "IF(ISNUMBER(H{n}),IF(H{n}<-{cents},\"BROKEN\",IF(H{n}<=1E-6*{size},\"reached\",\"kept\")),\"-\")"
    );
    let size = [limit.min, limit.max].into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
    let said = match slack {
        None => "-",
        Some(s) if s < -(if limit.kind == Kind::Money { 0.01_f64.max(1e-9 * size) } else { 1e-6 * size }) => {
            "BROKEN"
        }
        Some(s) if s <= 1e-6 * size => "reached",
        Some(_) => "kept",
    };
    let live = Formula::new(text).set_result(said);
    page.write_formula_with_format(at, 8, live, &styles.centred)?;
    Ok(())
}

/// Sums over the plan sheet.
struct Live<'a> {
    sheet: &'a Sheet,
    plan: String,
    /// Lines whose outcome follows their spend.
    follows: Vec<bool>,
}

impl<'a> Live<'a> {
    fn of(sheet: &'a Sheet, suffix: &str) -> Self {
        let follows = (0..sheet.view.lines.len()).map(|i| plan::follows(sheet, i, suffix)).collect();
        Live { sheet, plan: format!("'Plan{suffix}'!"), follows }
    }

    /// A column summed over lines; `None` where there are too many.
    fn sum(&self, letter: char, lines: Option<&[usize]>) -> Option<String> {
        let plan = &self.plan;
        let Some(lines) = lines else {
            return Some(format!("SUM({plan}{letter}2:{letter}{})", self.sheet.view.lines.len() + 1));
        };
        if lines.is_empty() {
            return Some("0".to_owned());
        }
        let cells: Vec<String> = lines.iter().map(|i| format!("N({plan}{letter}{})", i + 2)).collect();
        (lines.len() <= MOST).then(|| format!("({})", cells.join("+")))
    }

    /// True if the outcomes of these lines follow.
    fn outcomes(&self, lines: Option<&[usize]>) -> bool {
        lines.map_or_else(
            || self.follows.iter().all(|f| *f),
            |l| l.iter().all(|i| self.follows.get(*i) == Some(&true)),
        )
    }

    /// The limit's figure as a formula; `None` where sums do not tell it.
    fn figure(&self, limit: &LimitRow, facts: &LimitFacts) -> Option<String> {
        if facts.partial {
            return None;
        }
        let lines = facts.lines.as_deref();
        let outcome = || self.outcomes(lines).then_some(());
        let (cost, over) = (self.sum('J', lines)?, &self.sheet.facts);
        // Baselines enter where all lines are limited.
        let whole = lines.is_none();
        let plus =
            |sum: String, more: f64| if whole && more != 0.0 { format!("({sum}+{more})") } else { sum };
        let ratio = |above: String, below: String| format!("IF({below}=0,\"-\",{above}/{below})");
        let Key::Limited(metric) = &limit.metric else { return None };
        Some(match metric {
            Metric::Spend => cost,
            Metric::Revenue => outcome().and_then(|()| self.sum('K', lines))?,
            Metric::Customers => outcome().and_then(|()| self.sum('L', lines))?,
            Metric::Profit => outcome().and_then(|()| self.sum('T', lines))?,
            Metric::Cac => {
                outcome()?;
                ratio(plus(cost, over.other_cost), plus(self.sum('L', lines)?, over.baseline_customers))
            }
            Metric::Mer => {
                outcome()?;
                ratio(plus(self.sum('K', lines)?, over.baseline_revenue), plus(cost, over.other_cost))
            }
            Metric::Iroas => {
                outcome()?;
                ratio(self.sum('K', lines)?, cost)
            }
            Metric::SpendShare => ratio(cost, self.sum('J', facts.of.as_deref())?),
            Metric::LifetimeValue
            | Metric::LtvToCac
            | Metric::Change
            | Metric::Mroas
            | Metric::ActiveLines
            | Metric::Units
            | Metric::Attribute(_) => return None,
        })
    }
}
