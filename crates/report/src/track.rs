//! A plan against what happened: table, Markdown and CSV.

mod measured;
mod rounded;
mod words;

use outlay_scenario::track::{Figures, Measure, Pace, TrackFile, TrackLine};

use crate::csv::{number, record, text};
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, short, signed};
use crate::sentence::{capital, plural};
use crate::table::Page;
use measured::{EXPECTED, Measured};
use rounded::{Rounded, Row};

pub use words::{headline, notes, pacing};

/// What outcomes are called and how they are written.
pub(crate) fn measure(file: &TrackFile) -> (&'static str, Kind) {
    match file.measure {
        Measure::Revenue => ("revenue", Kind::Money),
        Measure::Customers => ("new customers", Kind::Count),
    }
}

/// The report on a terminal.
pub fn table(file: &TrackFile, page: Page) -> String {
    let mut out = Out { page, text: String::new() };
    out.title(&file.plan.scenario);
    out.line(&about(file));
    out.line("");
    out.paragraph(&headline(file));
    out.paragraph(&pacing(file));
    out.section("So far");
    out.grid(&so_far(file));
    out.section("Money by line");
    out.grid(&money(file));
    let rounded = Rounded::new(file);
    let what = capital(measure(file).0);
    let measured = Measured::of(file);
    let towards = if measured == Measured::None { "what the curves expect" } else { "actual" };
    out.section(&format!("{what} by line: from plan to {towards}, so far"));
    out.grid(&variance(&rounded.lines, &rounded.total, "line", measured));
    if !rounded.stages.is_empty() {
        out.section(&format!("{what} by stage"));
        out.grid(&variance(&rounded.stages, &rounded.total, "stage", measured));
    }
    if !file.periods.is_empty() {
        out.section("By period");
        out.grid(&periods(file));
    }
    let notes = notes(file);
    if !notes.is_empty() {
        out.line("");
        notes.iter().for_each(|note| out.paragraph(note));
    }
    out.text
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

struct Out {
    page: Page,
    text: String,
}

impl Out {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        let title = visible(title);
        let title = if self.page.color { format!("\x1b[1m{title}\x1b[0m") } else { title };
        self.line(&title);
    }

    fn section(&mut self, title: &str) {
        self.line("");
        self.title(title);
    }

    fn paragraph(&mut self, text: &str) {
        wrap(text, self.page.width.max(40), 0).iter().for_each(|l| self.line(l));
    }

    fn grid(&mut self, grid: &Grid) {
        grid.lines(self.page.width).iter().for_each(|l| self.line(l));
    }
}

/// Figures of all lines: planned so far, actual, and where they are heading.
fn so_far(file: &TrackFile) -> Grid {
    const RIGHT: Align = Align::Right;
    let mut grid = Grid::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]);
    grid.row(["", "planned", "actual", "difference", "", "whole plan", "heading for"]);
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
        grid.row([
            capital(name),
            short(kind, Some(pace.to_date)),
            format!("{mark}{}", short(kind, actual)),
            signed(kind, difference),
            signed(Kind::Percent, difference.map(|d| d / pace.to_date)),
            short(kind, Some(pace.plan)),
            short(kind, Some(pace.projected)),
        ]);
    }
    let t = &file.totals;
    let mut whole = |name: &str, kind, plan, projected| {
        grid.row([
            name.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            short(kind, plan),
            short(kind, projected),
        ]);
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
    grid
}

/// Spend, pace and prices line by line.
fn money(file: &TrackFile) -> Grid {
    const RIGHT: Align = Align::Right;
    let priced = file.lines.iter().any(|l| l.price.is_some());
    let mut columns = vec![Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT];
    let mut heads = vec!["line", "planned", "spent", "pace", "whole plan", "heading for"];
    if priced {
        columns.push(RIGHT);
        heads.push("price");
    }
    let mut grid = Grid::new(&columns);
    grid.row(heads);
    let cells = |spend: &Pace| {
        let money = |v: f64| short(Kind::Money, Some(v));
        let pace = short(Kind::Percent, spend.pace());
        [money(spend.to_date), money(spend.actual), pace, money(spend.plan), money(spend.projected)]
    };
    for line in &file.lines {
        let mut row = vec![line.name.clone()];
        row.extend(cells(&line.figures.spend));
        if priced {
            let paid = line.price.map(|p| signed(Kind::Percent, Some(p.paid / p.planned - 1.0)));
            row.push(paid.unwrap_or_default());
        }
        grid.row(row);
    }
    grid.rule();
    let mut row = vec!["Total".to_owned()];
    row.extend(cells(&file.total.spend));
    grid.row(row);
    grid
}

/// The way from plan to actual; every row and every column adds up as printed.
fn variance(rows: &[Row], total: &Row, head: &str, measured: Measured) -> Grid {
    const RIGHT: Align = Align::Right;
    let mut grid = Grid::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]);
    grid.row([head, "plan", "spend", "price", "quality", "curve", "rest", measured.head()]);
    let cells = |row: &Row| {
        let ends = [row.name.clone(), row.plan.clone()];
        ends.into_iter().chain(row.parts.iter().cloned()).chain([row.actual.clone()]).collect::<Vec<_>>()
    };
    rows.iter().for_each(|row| grid.row(cells(row)));
    grid.rule();
    grid.row(cells(total));
    grid
}

fn periods(file: &TrackFile) -> Grid {
    const RIGHT: Align = Align::Right;
    let (name, kind) = measure(file);
    let mut grid = Grid::new(&[Align::Left, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, Align::Left]);
    let unit = file.unit.as_deref().unwrap_or("period");
    let planned = format!("{name} planned");
    grid.row([unit, "spend planned", "spent", "", &planned, "actual", "", ""]);
    let none = Measured::of(file) == Measured::None;
    let known = |value: f64| Some(value).filter(|_| !none);
    for period in &file.periods {
        let change = |actual: f64, plan: f64| signed(Kind::Percent, Some((actual - plan) / plan));
        let late = match period.late.len() {
            0 => String::new(),
            n => format!("{n} {} late", plural(n, "line", "lines")),
        };
        grid.row([
            period.name.clone(),
            short(Kind::Money, Some(period.spend_plan)),
            short(Kind::Money, Some(period.spend)),
            change(period.spend, period.spend_plan),
            short(kind, known(period.outcome_plan)),
            short(kind, known(period.outcome)),
            known(0.0).map_or(String::new(), |_| change(period.outcome, period.outcome_plan)),
            late,
        ]);
    }
    grid
}

/// The report for chat and pull requests.
pub fn markdown(file: &TrackFile) -> String {
    let escaped = crate::markdown::escaped;
    let mut out = format!("## {}\n\n{}\n\n", escaped(&file.plan.scenario), escaped(&about(file)));
    out.push_str(&format!("{}\n\n{}\n\n", escaped(&headline(file)), escaped(&pacing(file))));
    let rounded = Rounded::new(file);
    out.push_str(&format!(
        "| line | spend planned | spent | pace | heading for | plan | spend | price | quality | curve | rest | {} |\n",
        Measured::of(file).head()
    ));
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    let mut row = |spend: &Pace, row: &Row, bold: bool| {
        let name = if bold { format!("**{}**", row.name) } else { escaped(&row.name) };
        let money = |v: f64| short(Kind::Money, Some(v));
        let spend = [
            money(spend.to_date),
            money(spend.actual),
            short(Kind::Percent, spend.pace()),
            money(spend.projected),
        ];
        let cells: Vec<&str> = [name.as_str()]
            .into_iter()
            .chain(spend.iter().map(String::as_str))
            .chain([row.plan.as_str()])
            .chain(row.parts.iter().map(String::as_str))
            .chain([row.actual.as_str()])
            .collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    };
    for (line, rounded) in file.lines.iter().zip(&rounded.lines) {
        row(&line.figures.spend, rounded, false);
    }
    row(&file.total.spend, &rounded.total, true);
    for note in notes(file) {
        out.push_str(&format!("\n{}\n", escaped(&note)));
    }
    out
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
