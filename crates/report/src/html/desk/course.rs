//! The frontier: the best value over one number, with its breakpoints.

use std::fmt::Write as _;

use outlay_scenario::frontier::FrontierFile;

use crate::html::chart::{Frame, around};
use crate::html::markup::{Cell, Table, escaped, figures, title, words};
use crate::number::{Kind, short};
use crate::sentence;
use crate::sentence::frontier::{aim, over_kind};

/// Most breakpoints listed.
const MOST: usize = 12;

/// The picture with where the scenario stands now, and its breakpoints.
pub fn course(file: &FrontierFile, now: Option<f64>) -> String {
    let points: Vec<(f64, f64)> = file.points.iter().filter_map(|p| Some((p.at, p.value?))).collect();
    let said: String =
        sentence::frontier(file).iter().map(|s| format!("<p class=\"note\">{}</p>", escaped(s))).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return said };
    let frame = around(points.iter().map(|p| p.1)).and_then(|y| Frame::wide((file.from, file.to), y));
    let Some(frame) = frame else { return said };
    let (low, high) = frame.y;
    let (goal, over) = (aim(file).0.kind(), over_kind(file));
    let name = format!("Best {} over {}", aim(file).0.label(), sentence::field(&file.over));
    let label = format!(
        "{name}: {} to {} between {} and {}",
        short(goal, Some(first.1)),
        short(goal, Some(last.1)),
        short(over, Some(first.0)),
        short(over, Some(last.0)),
    );
    let facts = format!(
        "data-from=\"{}\" data-to=\"{}\" data-low=\"{low}\" data-high=\"{high}\"",
        file.from, file.to
    );
    let mut svg = frame.open("frontier", &label, &facts) + &frame.axes();
    let _ = write!(svg, "<path class=\"c0\" d=\"{}\"/>", frame.path(points.iter().copied()));
    for at in [file.from, 0.5 * (file.from + file.to), file.to] {
        svg.push_str(&frame.below(at, &short(over, Some(at))));
    }
    for value in [low, 0.5 * (low + high), high] {
        svg.push_str(&frame.beside(value, &short(goal, Some(value))));
    }
    if let Some(now) = now.filter(|n| *n >= file.from && *n <= file.to) {
        svg.push_str(&frame.upright("here", now, "", &format!("now: {}", title(now))));
    }
    for b in &file.breakpoints {
        let Some(value) = b.value else { continue };
        let facts = format!("data-x=\"{}\" data-value=\"{value}\"", b.at);
        let words = format!("{}: {}", title(b.at), short(goal, Some(value)));
        svg.push_str(&frame.dot("c0", (b.at, value), 3.5, &facts, &words));
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
            figures("value", sentence::capital(aim(file).0.label())),
            words("shifts", "What changes there"),
        ],
        rows,
        foot: Vec::new(),
    }
    .render()
        + &more
}
