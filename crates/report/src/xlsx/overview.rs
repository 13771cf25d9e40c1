//! The first sheet: what a reader wants to know before anything else.

use outlay_scenario::spec::Metric;
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartSolidFill, ChartType, Color, Formula, Workbook, Worksheet, XlsxError,
};

use super::place::{column, row};
use super::style::{self, Styles, number, still};
use super::{edits, plan};
use crate::layout::visible;
use crate::metric::Key;
use crate::number::Kind;
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::View;

/// Scenarios summed up; the rest is in the sheet of scenarios.
const MOST: usize = 20;
/// Most lines in the chart of spends.
const MOST_BARS: usize = 40;

/// `plans` names the plan sheet of the scenarios that have one, by index.
pub(super) fn write(
    book: &mut Workbook,
    sheets: &[Sheet],
    plans: &[Option<String>],
    styles: &Styles,
) -> Result<(), XlsxError> {
    let page = book.add_worksheet();
    page.set_name("Overview")?;
    page.set_column_width(0, 34)?;
    for k in 1..=4 {
        page.set_column_width(k, 16)?;
    }
    let mut at = 0;
    for (i, sheet) in sheets.iter().take(MOST).enumerate() {
        at = scenario(page, sheet, plans.get(i).and_then(Option::as_deref), styles, at)? + 2;
    }
    if sheets.len() > MOST {
        let rest = format!("{} more scenarios are in the sheet Scenarios.", sheets.len() - MOST);
        page.write_string(at, 0, rest)?;
        at += 1;
    }
    if let ([sheet], [Some(plan)]) = (sheets, plans) {
        page.insert_chart(at, 0, &spends(&sheet.view, plan))?;
        at += 24;
    }
    page.set_freeze_panes(1, 0)?;
    style::paper(page, false);
    page.set_print_area(0, 0, at.max(1), 4)?;
    Ok(())
}

/// One scenario from a row on; gives back the row after it.
fn scenario(
    page: &mut Worksheet,
    sheet: &Sheet,
    plan: Option<&str>,
    styles: &Styles,
    start: u32,
) -> Result<u32, XlsxError> {
    let view = &sheet.view;
    let edits = plan.map(|plan| edits::edits(sheet, plan.strip_prefix("Plan").unwrap_or_default()));
    let live = |key: &Key| {
        let follows = (0..view.lines.len()).all(|i| plan.is_some_and(|p| follows(sheet, i, p)));
        plan.filter(|_| follows || *key == Key::Limited(Metric::Spend))
            .and_then(|plan| cell(view, key).map(|c| format!("'{plan}'!{c}")))
    };
    let about = [&view.currency, &view.period, &sentence::aims(view)];
    let about: Vec<&str> = about.into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    page.write_string_with_format(start, 0, visible(&view.name), &styles.title)?;
    let about = visible(&about.join(" · "));
    let status = format!("{} · {about}", sentence::status(&view.ending));
    match &edits {
        Some(edits) => {
            let edited = format!("edited · {about}");
            let text = format!("IF({edits}=0,{},{})", quoted(&status), quoted(&edited));
            page.write_formula(start + 1, 0, Formula::new(text).set_result(&status))?;
        }
        None => drop(page.write_string(start + 1, 0, &status)?),
    }
    let headline = visible(&sentence::headline(view));
    match &edits {
        Some(edits) => {
            let goal = live(&view.goal.metric).map(|cell| {
                let label = sentence::capital(view.goal.metric.label());
                let decimals = if view.goal.metric.kind() == Kind::Price { "0.00" } else { "#,##0" };
                format!("&{}&TEXT({cell},\"{decimals}\")&\".\"", quoted(&format!(" {label} ")))
            });
            let text = format!("{edits}&{}{}", quoted(sentence::EDITED), goal.unwrap_or_default());
            unless_edited(page, start + 2, edits, &headline, &text, styles)?;
        }
        None => paragraph(page, start + 2, &headline, styles)?,
    }
    let mut at = start + 3;
    if !view.figures.is_empty() {
        for (k, head) in ["", "Today", "Plan", "Change", "Change in percent"].iter().enumerate() {
            page.write_string_with_format(at, column(k), *head, &styles.head)?;
        }
        at += 1;
    }
    for figure in &view.figures {
        let label = sentence::capital(figure.metric.label());
        page.write_string_with_format(at, 0, label, &styles.text)?;
        if let Some(today) = figure.today.filter(|v| v.is_finite()) {
            page.write_number_with_format(at, 1, today, &number(figure.kind))?;
        }
        let format = number(figure.kind);
        match (live(&figure.metric), figure.plan.filter(|v| v.is_finite())) {
            (_, None) => {}
            (Some(cell), Some(value)) => {
                let formula = Formula::new(cell).set_result(value.to_string());
                page.write_formula_with_format(at, 2, formula, &format)?;
            }
            (None, Some(value)) => {
                let format = if plan.is_some() { still(figure.kind) } else { format };
                page.write_number_with_format(at, 2, value, &format)?;
            }
        }
        if let (Some(today), Some(plan)) = (figure.today, figure.plan) {
            let n = at + 1;
            let change = Formula::new(format!("C{n}-B{n}")).set_result((plan - today).to_string());
            page.write_formula_with_format(at, 3, change, &number(figure.kind))?;
            let relative =
                if today == 0.0 { "-".to_owned() } else { ((plan - today) / today.abs()).to_string() };
            let relative =
                Formula::new(format!("IF(B{n}=0,\"-\",(C{n}-B{n})/ABS(B{n}))")).set_result(relative);
            page.write_formula_with_format(at, 4, relative, &number(Kind::Percent))?;
        }
        at += 1;
    }
    let mut texts: Vec<String> = view.warnings.iter().map(sentence::warned).collect();
    texts.extend(sentence::reconciled(view));
    if !view.conflict.is_empty() {
        texts.push("These cannot hold together:".to_owned());
        texts.extend(view.conflict.iter().map(|m| sentence::member(view, m)));
    }
    texts.extend(sheet.clashes.iter().map(|c| c.sentence.clone()));
    if !view.repairs.is_empty() {
        texts.push("Any one of these resolves it:".to_owned());
        texts.extend(view.repairs.iter().map(sentence::change_by));
    }
    let proven = [
        sentence::sure(view).unwrap_or_default(),
        sentence::certificate(view),
        sentence::how_to_verify(view),
    ];
    for text in texts.iter().filter(|t| !t.is_empty()) {
        paragraph(page, at, text, styles)?;
        at += 1;
    }
    for text in proven.iter().filter(|t| !t.is_empty()) {
        match &edits {
            // What was proven is no word about other spends.
            Some(edits) => unless_edited(page, at, edits, text, &quoted(sentence::UNPROVEN_EDITS), styles)?,
            None => paragraph(page, at, text, styles)?,
        }
        at += 1;
    }
    if plan.is_some() {
        paragraph(page, at, sentence::COLOURS, styles)?;
        at += 1;
    }
    Ok(at)
}

/// True if a line's figures follow its spend.
fn follows(sheet: &Sheet, i: usize, plan: &str) -> bool {
    plan::follows(sheet, i, plan.strip_prefix("Plan").unwrap_or_default())
}

/// A text as a formula has it, in pieces that are not too long for one.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 200;
    let letters: Vec<char> = text.chars().collect();
    let piece = |piece: &[char]| format!("\"{}\"", piece.iter().collect::<String>().replace('"', "\"\""));
    if letters.is_empty() {
        "\"\"".to_owned()
    } else {
        letters.chunks(LONGEST).map(piece).collect::<Vec<_>>().join("&")
    }
}

/// A text that holds of the plan as solved, and what stands there instead once
/// a spend is changed.
fn unless_edited(
    page: &mut Worksheet,
    at: u32,
    edits: &str,
    text: &str,
    otherwise: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    paragraph(page, at, "", styles)?;
    let formula = Formula::new(format!("IF({edits}=0,{},{otherwise})", quoted(text))).set_result(text);
    page.write_formula_with_format(at, 0, formula, &styles.wrapped)?;
    page.set_row_height(at, style::height(text, 90))?;
    Ok(())
}

/// Where the plan sheet has a live figure.
fn cell(view: &View, key: &Key) -> Option<String> {
    let total = view.lines.len() + 2;
    let Key::Limited(metric) = key else { return None };
    Some(match metric {
        Metric::Spend => format!("J{total}"),
        Metric::Revenue => format!("K{total}"),
        Metric::Customers => format!("L{total}"),
        Metric::Cac => format!("M{total}"),
        Metric::Iroas => format!("N{total}"),
        Metric::Mer => format!("N{}", total + 1),
        Metric::Profit => format!("T{total}"),
        Metric::LifetimeValue
        | Metric::LtvToCac
        | Metric::SpendShare
        | Metric::Change
        | Metric::Mroas
        | Metric::ActiveLines
        | Metric::Units
        | Metric::Attribute(_) => return None,
    })
}

/// Text over all columns, in as many lines as it takes.
fn paragraph(page: &mut Worksheet, at: u32, text: &str, styles: &Styles) -> Result<(), XlsxError> {
    let text = visible(text);
    page.merge_range(at, 0, at, 4, &text, &styles.wrapped)?;
    page.set_row_height(at, style::height(&text, 90))?;
    Ok(())
}

/// Today's spend and the plan's, by line.
fn spends(view: &View, plan: &str) -> Chart {
    let last = row(view.lines.len().min(MOST_BARS));
    let mut chart = Chart::new(ChartType::Bar);
    chart.title().set_name("Spend by line");
    chart.x_axis().set_num_format("#,##0");
    chart.y_axis().set_reverse();
    for (k, name, colour) in [(4, "today", 0xD97400), (5, "plan", 0x0067A5)] {
        let fill =
            ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(colour))).clone();
        chart
            .add_series()
            .set_name(name)
            .set_categories((plan, 1, 0, last, 0))
            .set_values((plan, 1, k, last, k))
            .set_format(&mut fill.clone());
    }
    chart.set_width(720).set_height(470).clone()
}
