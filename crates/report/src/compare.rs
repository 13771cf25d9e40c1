//! Results side by side as people read them.

use outlay_scenario::comparison::{Attribution, ComparedColumn, ComparisonFile};
use outlay_scenario::result::{Range, Totals};
use outlay_scenario::spec::Metric;

use crate::csv;
use crate::layout::{Align, Grid, fit, visible, wrap};
use crate::metric::Key;
use crate::number::{Column, Kind, short};
use crate::sentence;
use crate::sentence::compare::letter;
use crate::table::Page;
use crate::view::goal_metric;

/// Columns a cell of a figure takes at most.
const CELL: usize = 10;
/// Of the first column, with names.
const NAMES: usize = 26;
/// Lines shown; the rest is told as a number.
const MOST_LINES: usize = 40;

type Figure = (Metric, fn(&Totals) -> Option<f64>);

const FIGURES: [Figure; 7] = [
    (Metric::Revenue, |t| t.revenue),
    (Metric::Spend, |t| t.spend),
    (Metric::Profit, |t| t.profit),
    (Metric::Customers, |t| t.customers),
    (Metric::Cac, |t| t.cac),
    (Metric::Mer, |t| t.mer),
    (Metric::Iroas, |t| t.iroas),
];

/// The comparison on a terminal.
pub fn table(file: &ComparisonFile, page: Page) -> String {
    let shown = (page.width.saturating_sub(NAMES) / CELL).clamp(2, file.columns.len());
    let mut out = legend(file, shown, page);
    let heads = || (0..shown).map(head);
    let align: Vec<Align> = [Align::Left].into_iter().chain((0..shown).map(|_| Align::Right)).collect();
    let mut grid = Grid::new(&align);
    grid.row(["".to_owned()].into_iter().chain(heads()));
    for (metric, figure) in FIGURES {
        let key = Key::from(metric);
        let cells: Vec<Option<f64>> =
            file.columns.iter().take(shown).map(|c| c.totals.as_ref().and_then(figure)).collect();
        if cells.iter().any(Option::is_some) {
            let (kind, name) = (key.kind(), sentence::capital(key.label()));
            grid.row([name].into_iter().chain(cells.into_iter().map(|c| short(kind, c))));
            bands(file, shown, &key, &mut grid);
        }
    }
    section(&mut out, "", &grid, page);
    section(&mut out, "Spend by line", &spends(file, shown, &align), page);
    for difference in &file.differences {
        out.push('\n');
        out.push_str(&attribution(file, difference, page));
    }
    out
}

/// The intervals of a figure, where some column has one.
fn bands(file: &ComparisonFile, shown: usize, key: &Key, grid: &mut Grid) {
    let ranges: Vec<Option<Range>> = file
        .columns
        .iter()
        .take(shown)
        .map(|c| c.uncertainty.as_ref().and_then(|u| u.totals.get(&*key.name())).copied())
        .collect();
    let level = file.columns.iter().find_map(|c| c.uncertainty.as_ref()).map(|u| u.level);
    let Some(level) = level.filter(|_| ranges.iter().any(Option::is_some)) else { return };
    let kind = key.kind();
    let level = short(Kind::Percent, Some(level));
    let mut row = |name: String, end: &dyn Fn(Range) -> f64| {
        let cells = ranges.iter().map(|r| r.map_or_else(String::new, |r| short(kind, Some(end(r)))));
        grid.row([name].into_iter().chain(cells));
    };
    row(format!("  {level}: from"), &|r| r.low);
    row("  to".to_owned(), &|r| r.high);
}

fn head(column: usize) -> String {
    match column {
        0 => "today".to_owned(),
        c => letter(c),
    }
}

/// What the columns stand for.
fn legend(file: &ComparisonFile, shown: usize, page: Page) -> String {
    let mut out = String::new();
    for (k, column) in file.columns.iter().enumerate().take(shown).skip(1) {
        let name = visible(&column.scenario);
        let status = sentence::unproven(column);
        let held = sentence::held_by(column);
        let text = format!("{}  {name}{status}{held}", letter(k));
        for line in wrap(&text, page.width, 0) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    let more = file.columns.len() - shown;
    if more > 0 {
        out.push_str(&sentence::more_columns(more));
    }
    out.push('\n');
    out
}

fn section(out: &mut String, title: &str, grid: &Grid, page: Page) {
    if !title.is_empty() {
        out.push_str(&format!("\n{title}\n"));
    }
    for line in grid.lines(page.width) {
        out.push_str(&line);
        out.push('\n');
    }
}

/// Spends by line: each column rounded so that it adds up.
fn spends(file: &ComparisonFile, shown: usize, align: &[Align]) -> Grid {
    let mut grid = Grid::new(align);
    grid.row(["line".to_owned()].into_iter().chain((0..shown).map(head)));
    let columns: Vec<Option<Column>> = (0..shown)
        .map(|c| {
            let has_plan = file.columns.get(c).is_some_and(|c| c.totals.is_some());
            let amounts: Vec<f64> =
                file.lines.iter().map(|l| l.spends.get(c).copied().flatten().unwrap_or(0.0)).collect();
            has_plan.then(|| Column::new(&amounts))
        })
        .collect();
    for (i, line) in file.lines.iter().enumerate().take(MOST_LINES) {
        let cell = |c: &Option<Column>| c.as_ref().map_or_else(|| "-".to_owned(), |c| c.part(i));
        grid.row([line.name.clone()].into_iter().chain(columns.iter().map(cell)));
    }
    let rest = file.lines.len().saturating_sub(MOST_LINES);
    if rest > 0 {
        grid.row([sentence::more_lines(rest)]);
    }
    grid.rule();
    let total = |c: &Option<Column>| c.as_ref().map_or_else(|| "-".to_owned(), Column::total);
    grid.row(["Total".to_owned()].into_iter().chain(columns.iter().map(total)));
    grid
}

/// Why one result differs from the first, and which lines moved most.
fn attribution(file: &ComparisonFile, difference: &Attribution, page: Page) -> String {
    let mut out = String::new();
    for line in wrap(&sentence::difference(file, difference), page.width, 0) {
        out.push_str(&line);
        out.push('\n');
    }
    let kind = goal_kind(file);
    let mut grid = Grid::new(&[Align::Left, Align::Right]);
    for part in &difference.parts {
        grid.row([fit(&sentence::input(&part.input), 60), sentence::added(kind, difference, part.adds)]);
    }
    for line in grid.lines(page.width) {
        out.push_str(&line);
        out.push('\n');
    }
    for line in wrap(&sentence::moves(file, difference.column), page.width, 2) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

pub(crate) fn goal_kind(file: &ComparisonFile) -> Kind {
    goal_metric(&file.goal).1.kind()
}

/// Lines by column, then totals, then what explains the differences: one row
/// per figure, unrounded.
pub fn csv(file: &ComparisonFile) -> String {
    let names = file.columns.iter().map(|c| csv::text(&c.scenario));
    let mut out = csv::record(["kind".to_owned(), "name".to_owned()].into_iter().chain(names));
    let mut row = |kind: &str, name: &str, cells: Vec<Option<f64>>| {
        let cells = cells.into_iter().map(csv::number);
        out.push_str(&csv::record([kind.to_owned(), csv::text(name)].into_iter().chain(cells)));
    };
    let each = |figure: &dyn Fn(&ComparedColumn) -> Option<f64>| file.columns.iter().map(figure).collect();
    row("goal", &goal_metric(&file.goal).1.name(), each(&|c| c.value));
    for (metric, figure) in FIGURES {
        row("total", &metric.name(), each(&|c| c.totals.as_ref().and_then(figure)));
    }
    for line in &file.lines {
        row("spend", &line.name, line.spends.clone());
    }
    let mut causes: Vec<String> = Vec::new();
    for part in file.differences.iter().flat_map(|d| &d.parts) {
        let name = sentence::cause(&part.input);
        if !causes.contains(&name) {
            causes.push(name);
        }
    }
    for cause in causes {
        let mut cells: Vec<Option<f64>> = vec![None; file.columns.len()];
        for difference in &file.differences {
            let part = difference.parts.iter().find(|p| sentence::cause(&p.input) == cause);
            if let Some(slot) = cells.get_mut(difference.column) {
                *slot = part.map(|p| p.adds);
            }
        }
        row("adds", &cause, cells);
    }
    out
}
