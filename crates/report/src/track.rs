//! A plan against what happened: blocks for every format, and CSV.

mod measured;
mod picture;
mod rounded;
mod words;

use outlay_scenario::track::{Figures, Measure, Pace, TrackFile, TrackLine};

use crate::blocks::{self, Block, Entry, Rows};
use crate::csv::{number, record, text};
use crate::document::Document;
use crate::layout::{Align, visible};
use crate::number::{Kind, short};
use crate::sentence::{capital, plural};
use crate::table::Page;
use measured::{EXPECTED, Measured, measure};
use rounded::{Rounded, Row};

pub use words::{headline, notes, pacing};

/// The report on a terminal.
pub fn table(file: &TrackFile, page: Page) -> String {
    blocks::text(&all(file), page)
}

/// The report for chat and pull requests.
pub fn markdown(file: &TrackFile) -> String {
    blocks::markdown(&all(file))
}

/// The report for a page or a workbook.
pub fn document(file: &TrackFile) -> Document {
    Document::new("Track", all(file))
}

fn all(file: &TrackFile) -> Vec<Block> {
    let rounded = Rounded::new(file);
    let what = capital(measure(file).0);
    let measured = Measured::of(file);
    let towards = if measured == Measured::None { "what the curves expect" } else { "actual" };
    let mut out = vec![
        Block::Title(file.plan.scenario.clone(), about(file)),
        Block::Lines(vec![headline(file), pacing(file)]),
        Block::Heading("So far".to_owned()),
        Block::Table(so_far(file)),
        Block::Heading("Money by line".to_owned()),
        Block::Picture(picture::pace(file)),
        Block::Table(money(file)),
        Block::Heading(format!("{what} by line: from plan to {towards}, so far")),
        Block::Picture(picture::causes(file)),
        Block::Table(variance(&rounded.lines, &rounded.total, "line", measured)),
    ];
    if !rounded.stages.is_empty() {
        out.push(Block::Heading(format!("{what} by stage")));
        out.push(Block::Table(variance(&rounded.stages, &rounded.total, "stage", measured)));
    }
    if !file.periods.is_empty() {
        out.push(Block::Heading("By period".to_owned()));
        out.push(Block::Table(periods(file)));
    }
    let notes = notes(file);
    if !notes.is_empty() {
        out.push(Block::Lines(notes));
    }
    out
}

/// Where the plan stands, in one line.
fn about(file: &TrackFile) -> String {
    let unit = file.unit.as_deref().unwrap_or("period");
    let mut about: Vec<String> = file.currency.iter().map(|c| visible(c)).collect();
    if let (Some(elapsed), true) = (file.elapsed, file.horizon > 1) {
        let over = elapsed * f64::from(file.horizon);
        let over =
            if (over - over.round()).abs() < 1e-9 { format!("{over:.0}") } else { format!("{over:.1}") };
        about.push(format!("{over} of {} {unit}s", file.horizon));
    }
    about.push("plan against actual".to_owned());
    about.join(" · ")
}

/// Figures of all lines: planned so far, actual, and where they are heading.
fn so_far(file: &TrackFile) -> Rows {
    const RIGHT: Align = Align::Right;
    let mut rows = Rows::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]);
    rows.row(["", "planned", "actual", "difference", "", "whole plan", "heading for"]);
    let (name, kind) = measure(file);
    let measured = Measured::of(file);
    for (name, kind, pace, known) in [
        ("spend", Kind::Money, &file.total.spend, Measured::All),
        (name, kind, &file.total.outcome, measured),
    ] {
        // What nobody measured is no actual.
        let actual = Some(pace.actual).filter(|_| known != Measured::None);
        let difference = actual.map(|actual| actual - pace.to_date);
        let mark = if known == Measured::Some { EXPECTED } else { "" };
        rows.row([
            capital(name).into(),
            Entry::figure(kind, Some(pace.to_date)),
            Entry::written(format!("{mark}{}", short(kind, actual)), kind, actual),
            Entry::moved(kind, difference),
            Entry::moved(Kind::Percent, difference.map(|d| d / pace.to_date)),
            Entry::figure(kind, Some(pace.plan)),
            Entry::figure(kind, Some(pace.projected)),
        ]);
    }
    let t = &file.totals;
    let mut whole = |name: &str, kind, plan, projected| {
        let mut row = vec![Entry::default(); 7];
        row[0] = name.into();
        row[5] = Entry::figure(kind, plan);
        row[6] = Entry::figure(kind, projected);
        rows.row(row);
    };
    if t.cost_plan != file.total.spend.plan {
        whole("Cost with fees", Kind::Money, Some(t.cost_plan), Some(t.cost_projected));
    }
    if t.cac[0].is_some() {
        whole("Blended CAC", Kind::Price, t.cac[0], t.cac[1]);
    }
    if t.mer[0].is_some() {
        whole("MER", Kind::Ratio, t.mer[0], t.mer[1]);
    }
    rows
}

/// Spend, pace and prices line by line.
fn money(file: &TrackFile) -> Rows {
    const RIGHT: Align = Align::Right;
    let priced = file.lines.iter().any(|l| l.price.is_some());
    let mut columns = vec![Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT];
    let mut heads = vec!["line", "planned", "spent", "pace", "whole plan", "heading for"];
    if priced {
        columns.push(RIGHT);
        heads.push("price");
    }
    let mut rows = Rows::new(&columns);
    rows.row(heads);
    let cells = |spend: &Pace| {
        let money = |v: f64| Entry::figure(Kind::Money, Some(v));
        let pace = Entry::figure(Kind::Percent, spend.pace());
        [money(spend.to_date), money(spend.actual), pace, money(spend.plan), money(spend.projected)]
    };
    for line in &file.lines {
        let mut row = vec![Entry::from(line.name.clone())];
        row.extend(cells(&line.figures.spend));
        if priced {
            let paid = line.price.map(|p| p.paid / p.planned - 1.0);
            row.push(paid.map_or_else(Entry::default, |p| Entry::moved(Kind::Percent, Some(p))));
        }
        rows.row(row);
    }
    let mut row = vec![Entry::from("Total")];
    row.extend(cells(&file.total.spend));
    rows.total(row);
    rows
}

/// The way from plan to actual; every row and every column adds up as printed.
fn variance(lines: &[Row], total: &Row, head: &str, measured: Measured) -> Rows {
    const RIGHT: Align = Align::Right;
    let mut rows = Rows::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]);
    rows.row([head, "plan", "spend", "price", "quality", "curve", "rest", measured.head()]);
    let cells = |row: &Row| {
        let parts = row.parts.iter().map(|part| Entry { moved: true, ..part.clone() });
        let mut cells = vec![Entry::from(row.name.clone()), row.plan.clone()];
        cells.extend(parts.chain([row.actual.clone()]));
        cells
    };
    lines.iter().for_each(|row| rows.row(cells(row)));
    rows.total(cells(total));
    rows
}

fn periods(file: &TrackFile) -> Rows {
    const RIGHT: Align = Align::Right;
    let (name, kind) = measure(file);
    let mut rows = Rows::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, Align::Left]);
    let unit = file.unit.as_deref().unwrap_or("period");
    let planned = format!("{name} planned");
    rows.row([unit, "spend planned", "spent", "", &planned, "actual", "", ""]);
    let none = Measured::of(file) == Measured::None;
    let known = |value: f64| Some(value).filter(|_| !none);
    for period in &file.periods {
        let change = |actual: f64, plan: f64| Entry::moved(Kind::Percent, Some((actual - plan) / plan));
        let late = match period.late.len() {
            0 => String::new(),
            n => format!("{n} {} late", plural(n, "line", "lines")),
        };
        rows.row([
            period.name.clone().into(),
            Entry::figure(Kind::Money, Some(period.spend_plan)),
            Entry::figure(Kind::Money, Some(period.spend)),
            change(period.spend, period.spend_plan),
            Entry::figure(kind, known(period.outcome_plan)),
            Entry::figure(kind, known(period.outcome)),
            known(0.0).map_or_else(Entry::default, |_| change(period.outcome, period.outcome_plan)),
            late.into(),
        ]);
    }
    rows
}

/// The columns of the CSV, in order.
const COLUMNS: [&str; 26] = [
    "level",
    "name",
    "stage",
    "planned",
    "spend_plan",
    "spend_to_date",
    "spend_actual",
    "spend_projected",
    "outcome_plan",
    "outcome_to_date",
    "outcome_actual",
    "outcome_projected",
    "variance_spend",
    "variance_rate",
    "variance_quality",
    "variance_revision",
    "variance_unexplained",
    "variance_total",
    "measured",
    "unit",
    "units_to_date",
    "units_actual",
    "price_planned",
    "price_paid",
    "late",
    "measure",
];

/// Unrounded figures: a row per line, stage and for the total.
pub fn csv(file: &TrackFile) -> String {
    let mut out = record(COLUMNS.map(str::to_owned));
    for line in &file.lines {
        let stage = line.tags.get("stage").map_or("", String::as_str);
        let planned = if line.planned { "yes" } else { "no" };
        out.push_str(&row(file, ["line", &line.name, stage, planned], &line.figures, Some(line)));
    }
    for stage in &file.stages {
        out.push_str(&row(file, ["stage", &stage.name, &stage.name, ""], &stage.figures, None));
    }
    out.push_str(&row(file, ["total", "", "", ""], &file.total, None));
    out
}

fn row(file: &TrackFile, head: [&str; 4], figures: &Figures, line: Option<&TrackLine>) -> String {
    let mut cells: Vec<String> = head.map(text).to_vec();
    let Figures { spend, outcome, variance: v } = figures;
    for pace in [spend, outcome] {
        cells.extend([pace.plan, pace.to_date, pace.actual, pace.projected].map(|f| number(Some(f))));
    }
    let parts = [v.spend, v.rate, v.quality, v.revision, v.unexplained, v.actual - v.plan];
    cells.extend(parts.map(|f| number(Some(f))));
    let units = line.and_then(|l| l.units.as_ref());
    let price = line.and_then(|l| l.price);
    cells.extend([
        number(line.map(|l| l.measured)),
        units.map_or(String::new(), |u| text(&u.unit)),
        number(units.map(|u| u.to_date)),
        number(units.map(|u| u.actual)),
        number(price.map(|p| p.planned)),
        number(price.map(|p| p.paid)),
        line.map_or(String::new(), |l| text(&l.late.join("; "))),
        if file.measure == Measure::Revenue { "revenue".to_owned() } else { "customers".to_owned() },
    ]);
    record(cells)
}
