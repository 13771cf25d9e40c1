//! A frontier as people read it: a picture, what changes where, and CSV.

mod certainty;

use outlay_scenario::frontier::{FrontierBreak, FrontierFile, FrontierPoint};

use crate::csv;
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{ABSENT, Kind, short};
use crate::sentence;
use crate::sentence::frontier::{aim, over_kind};
use crate::table::Page;

/// Rows of the picture.
const HEIGHT: usize = 9;
/// Rows of the table, breakpoints apart.
const ROWS: usize = 7;

/// The frontier on a terminal.
pub fn table(file: &FrontierFile, page: Page) -> String {
    let bold = |text: &str| if page.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() };
    let mut out = format!("{}\n", bold(&visible(&file.scenario)));
    let (metric, maximize) = aim(file);
    let verb = if maximize { "maximise" } else { "minimise" };
    let kind = over_kind(file);
    let range = [file.from, file.to].map(|n| short(kind, Some(n)));
    let over = format!("{verb} {} over {} from {} to {}", metric.label(), file.over, range[0], range[1]);
    let parts: Vec<String> = file.currency.iter().cloned().chain([visible(&over)]).collect();
    out.push_str(&format!("{}\n\n", parts.join(" · ")));
    if certainty::is(file) {
        return out + &certainty::table(file, page.width);
    }
    out.push_str(&picture(file, page.width));
    out.push('\n');
    for line in rows(file).lines(page.width) {
        out.push_str(&format!("{line}\n"));
    }
    out.push('\n');
    out.push_str(&bands(file, page.width));
    for sentence in sentence::frontier(file) {
        for line in wrap(&sentence, page.width, 0) {
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

/// The best value with its interval, at evenly spaced points.
fn bands(file: &FrontierFile, width: usize) -> String {
    let (goal, over) = (aim(file).0.kind(), over_kind(file));
    let Some(level) = file.level.filter(|_| file.points.iter().any(|p| p.range.is_some())) else {
        return String::new();
    };
    let mut grid = Grid::new(&[Align::Right; 4]);
    let head = [
        file.over.rsplit('.').next().unwrap_or("number").to_owned(),
        aim(file).0.label().to_owned(),
        format!("{}: from", short(Kind::Percent, Some(level))),
        "to".to_owned(),
    ];
    grid.row(head);
    let mut last = None;
    for k in 0..ROWS {
        let at = file.from + (file.to - file.from) * k as f64 / (ROWS - 1) as f64;
        let off = |p: &FrontierPoint| (p.at - at).abs();
        let near = file.points.iter().filter(|p| p.range.is_some()).min_by(|a, b| off(a).total_cmp(&off(b)));
        let Some((p, range)) = near.and_then(|p| Some((p, p.range?))) else { continue };
        if last != Some(p.at) {
            let ends = [Some(range.low), Some(range.high)].map(|end| short(goal, end));
            let [low, high] = ends;
            grid.row([short(over, Some(p.at)), short(goal, p.value), low, high]);
        }
        last = Some(p.at);
    }
    grid.lines(width).iter().map(|line| format!("{line}\n")).collect::<String>() + "\n"
}

fn letter(k: usize) -> char {
    u8::try_from(k).ok().filter(|&k| k < 26).map_or('+', |k| char::from(b'a' + k))
}

/// An area under the value, with a letter below each breakpoint.
fn picture(file: &FrontierFile, width: usize) -> String {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let kind = aim(file).0.kind();
    let values: Vec<f64> = file.points.iter().filter_map(|p| p.value).collect();
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |r, &v| (r.0.min(v), r.1.max(v)));
    if values.len() < 2 || high <= low {
        return String::new();
    }
    let labels = [short(kind, Some(low)), short(kind, Some(high))];
    let margin = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let columns = width.saturating_sub(margin + 6).clamp(20, 100);
    let number = |column: usize| file.from + (file.to - file.from) * (column as f64 + 0.5) / columns as f64;
    let heights: Vec<Option<usize>> = (0..columns)
        .map(|c| {
            let share = (interpolated(&file.points, number(c))? - low) / (high - low);
            Some(1 + (share * (HEIGHT * 8 - 1) as f64).round() as usize)
        })
        .collect();
    let mut out = String::new();
    for row in (0..HEIGHT).rev() {
        let label = if row + 1 == HEIGHT {
            &labels[1]
        } else if row == 0 {
            &labels[0]
        } else {
            ""
        };
        let area: String =
            heights.iter().map(|h| BLOCKS[h.unwrap_or(0).saturating_sub(row * 8).min(8)]).collect();
        out.push_str(&format!("  {label:>margin$} ┤{}\n", area.trim_end()));
    }
    let mut marks = vec![' '; columns];
    for (k, b) in file.breakpoints.iter().enumerate() {
        let share = (b.at - file.from) / (file.to - file.from);
        let column = ((share * columns as f64) as usize).min(columns - 1);
        marks[column] = if marks[column] == ' ' { letter(k) } else { '+' };
    }
    out.push_str(&format!("  {:>margin$} └{}\n", "", "─".repeat(columns)));
    if !file.breakpoints.is_empty() {
        out.push_str(format!("  {:>margin$}  {}", "", marks.iter().collect::<String>()).trim_end());
        out.push('\n');
    }
    out
}

/// The value on the straight line between points.
fn interpolated(points: &[FrontierPoint], at: f64) -> Option<f64> {
    let next = points.iter().position(|p| p.at >= at)?;
    let (a, b) = (points.get(next.saturating_sub(1))?, points.get(next)?);
    if b.at == a.at {
        return b.value;
    }
    let share = (at - a.at) / (b.at - a.at);
    Some(a.value? + share * (b.value? - a.value?))
}

/// Some evenly spaced points, and every breakpoint with what changes there.
fn rows(file: &FrontierFile) -> Grid {
    let (goal, over) = (aim(file).0.kind(), over_kind(file));
    let mut grid = Grid::new(&[Align::Right, Align::Right, Align::Right, Align::Left, Align::Left]);
    let metric = aim(file).0;
    let value = metric.label();
    grid.row([file.over.rsplit('.').next().unwrap_or("number"), value, "marginal", "", "what changes"]);
    let step = (file.to - file.from) / (ROWS - 1) as f64;
    let wanted = |k: usize| file.from + step * k as f64;
    let mut k = 0;
    let mut changes = file.breakpoints.iter().enumerate().peekable();
    let row = |p: &FrontierPoint| {
        let status = if p.value.is_none() { "no plan" } else { "" };
        [
            short(over, Some(p.at)),
            short(goal, p.value),
            slope(file, p.marginal, p.value),
            String::new(),
            status.to_owned(),
        ]
    };
    for point in &file.points {
        while let Some((index, b)) = changes.next_if(|(_, b)| b.at <= point.at) {
            breakpoint_rows(file, &mut grid, index, b);
        }
        while k < ROWS && wanted(k) <= point.at {
            if (point.at - wanted(k)).abs() <= 1e-9 * step.abs() {
                grid.row(row(point));
            }
            k += 1;
        }
    }
    grid
}

fn breakpoint_rows(file: &FrontierFile, grid: &mut Grid, index: usize, b: &FrontierBreak) {
    let (goal, over) = (aim(file).0.kind(), over_kind(file));
    for (k, shift) in b.shifts.iter().enumerate() {
        let text = sentence::shift(shift);
        if k > 0 {
            grid.row(["", "", "", "", &text].map(str::to_owned));
        } else {
            let cells = [
                short(over, Some(b.at)),
                short(goal, b.value),
                slope(file, b.after, b.value),
                letter(index).into(),
                text,
            ];
            grid.row(cells);
        }
    }
}

/// A marginal value; one that over the whole range would change the value by
/// less than a millionth is a trace of the solver.
fn slope(file: &FrontierFile, marginal: Option<f64>, value: Option<f64>) -> String {
    let whole = (file.to - file.from).abs();
    let trace = |m: f64| (m * whole).abs() < 1e-6 * value.unwrap_or(0.0).abs();
    match marginal {
        Some(m) if trace(m) => "0".to_owned(),
        Some(m) if m.abs() >= 1000.0 => short(Kind::Money, Some(m)),
        Some(m) => short(Kind::Ratio, Some(m)),
        None => ABSENT.to_owned(),
    }
}

/// One row per point, unrounded; `changes` tells what changes at the point.
pub fn csv(file: &FrontierFile) -> String {
    let fixed = ["status", "value", "bound", "marginal", "spend", "revenue", "customers", "profit", "cac"];
    let mut cells = vec![csv::text(&file.over)];
    cells.extend(fixed.map(str::to_owned));
    cells.extend(file.lines.iter().map(|l| csv::text(l)));
    cells.push("changes".to_owned());
    let banded = file.level.is_some();
    let weighed = certainty::is(file);
    cells.extend(["mean", "worst"].iter().filter(|_| weighed).map(|&name| name.to_owned()));
    cells.extend(["low", "high"].iter().filter(|_| banded).map(|&end| end.to_owned()));
    let mut out = csv::record(cells);
    let number = csv::number;
    for point in &file.points {
        let status = serde_json::to_value(point.status).ok();
        let status = status.and_then(|s| s.as_str().map(str::to_owned)).unwrap_or_default();
        let totals = point.totals.clone().unwrap_or_default();
        let figures = [totals.spend, totals.revenue, totals.customers, totals.profit, totals.cac];
        let mut cells = vec![number(Some(point.at)), status];
        cells.extend([point.value, point.bound, point.marginal].map(number));
        cells.extend(figures.map(number));
        match &point.spends {
            Some(spends) => cells.extend(spends.iter().map(|&x| number(Some(x)))),
            None => cells.extend(file.lines.iter().map(|_| String::new())),
        }
        let here = file.breakpoints.iter().filter(|b| b.at == point.at).flat_map(|b| &b.shifts);
        let texts: Vec<String> = here.map(sentence::shift).collect();
        cells.push(csv::text(&texts.join("; ")));
        let draws = [point.draws.and_then(|d| d.mean), point.draws.and_then(|d| d.worst)];
        cells.extend(draws.into_iter().filter(|_| weighed).map(number));
        let ends = [point.range.map(|r| r.low), point.range.map(|r| r.high)];
        cells.extend(ends.into_iter().filter(|_| banded).map(number));
        out.push_str(&csv::record(cells));
    }
    out
}
