//! The frontier: the best value over one number, with its breakpoints.

use std::fmt::Write as _;

use outlay_scenario::frontier::FrontierFile;

use crate::html::markup::{Cell, Table, escaped, figures, title, words};
use crate::number::{Kind, short};
use crate::sentence::frontier::{aim, over_kind};
use crate::{metric, sentence};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 14.0;
const FLOOR: f64 = HEIGHT - 34.0;
/// Most breakpoints listed.
const MOST: usize = 12;

/// The picture with where the scenario stands now, and its breakpoints.
pub fn course(file: &FrontierFile, now: Option<f64>) -> String {
    let points: Vec<(f64, f64)> = file.points.iter().filter_map(|p| Some((p.at, p.value?))).collect();
    let said: String =
        sentence::frontier(file).iter().map(|s| format!("<p class=\"note\">{}</p>", escaped(s))).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return said };
    let low = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let room = if high > low { 0.08 * (high - low) } else { 0.08 * high.abs().max(1.0) };
    let (low, high) = (low - room, high + room);
    let x = |v: f64| LEFT + (WIDTH - LEFT - RIGHT) * (v - file.from) / (file.to - file.from);
    let y = |v: f64| FLOOR - (FLOOR - TOP) * (v - low) / (high - low);
    let (goal, over) = (metric::kind(&aim(file).0), over_kind(file));
    let name = format!("Best {} over {}", metric::label(&aim(file).0), file.over);
    let mut svg = format!(
        "<svg class=\"frontier\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}: {} to {} between {} and {}\" data-from=\"{}\" data-to=\"{}\" data-low=\"{low}\" data-high=\"{high}\"><path class=\"axis\" d=\"M{LEFT} {TOP}V{FLOOR}H{}\"/>",
        escaped(&name),
        short(goal, Some(first.1)),
        short(goal, Some(last.1)),
        short(over, Some(first.0)),
        short(over, Some(last.0)),
        file.from,
        file.to,
        WIDTH - RIGHT,
    );
    let mut path = String::new();
    for (at, value) in &points {
        let _ = write!(path, "{}{:.1} {:.1}", if path.is_empty() { 'M' } else { 'L' }, x(*at), y(*value));
    }
    let _ = write!(svg, "<path class=\"c0\" d=\"{path}\"/>");
    for (at, class) in [(file.from, "start"), (0.5 * (file.from + file.to), "mid"), (file.to, "end")] {
        let _ = write!(
            svg,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{}\">{}</text>",
            x(at),
            HEIGHT - 16.0,
            short(over, Some(at))
        );
    }
    for value in [low + room, high - room] {
        let _ = write!(
            svg,
            "<text class=\"end\" x=\"{}\" y=\"{:.1}\">{}</text>",
            LEFT - 5.0,
            y(value) + 3.5,
            short(goal, Some(value))
        );
    }
    if let Some(now) = now.filter(|n| *n >= file.from && *n <= file.to) {
        let _ = write!(
            svg,
            "<path class=\"here\" d=\"M{0:.1} {TOP}V{FLOOR}\"><title>now: {1}</title></path>",
            x(now),
            title(now)
        );
    }
    for b in &file.breakpoints {
        let Some(value) = b.value else { continue };
        let _ = write!(
            svg,
            "<circle class=\"c0\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" data-x=\"{}\" data-value=\"{value}\"><title>{}: {}</title></circle>",
            x(b.at),
            y(value),
            b.at,
            title(b.at),
            short(goal, Some(value)),
        );
    }
    format!("<h4>{}</h4>{svg}</svg>{}{said}", escaped(&name), changes(file, goal, over))
}

fn changes(file: &FrontierFile, goal: Kind, over: Kind) -> String {
    let row = |b: &outlay_scenario::frontier::FrontierBreak| {
        let shifts: Vec<String> = b.shifts.iter().map(sentence::shift).collect();
        vec![Cell::figure(over, Some(b.at)), Cell::figure(goal, b.value), Cell::text(shifts.join("; "))]
    };
    let rows: Vec<Vec<Cell>> = file.breakpoints.iter().take(MOST).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let left = file.breakpoints.len().saturating_sub(MOST);
    let more = if left == 0 { String::new() } else { format!("<p class=\"note\">and {left} more</p>") };
    Table {
        key: "breakpoints",
        label: "Breakpoints".to_owned(),
        sortable: false,
        heads: vec![
            figures("at", "From"),
            figures("value", sentence::capital(metric::label(&aim(file).0))),
            words("shifts", "What changes there"),
        ],
        rows,
        foot: Vec::new(),
    }
    .render()
        + &more
}
