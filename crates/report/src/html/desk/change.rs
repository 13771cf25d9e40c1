//! What changed against the plan before.

use crate::html::markup::{Cell, Table, escaped, figures, words};
use crate::number::{Column, Kind, short, signed};
use crate::sentence;
use crate::view::{LineRow, View};

/// Most lines listed.
const MOST: usize = 8;

/// The difference of two plans of one scenario; empty where there is none.
pub fn change(before: &View, now: &View) -> String {
    let head = format!("<p>{}</p>", escaped(&sentence::against_before(before, now)));
    let heading = "<h3>Against the plan before</h3>";
    if !(before.has_plan() && now.has_plan()) {
        return if before.status() == now.status() { String::new() } else { heading.to_owned() + &head };
    }
    let mut moves: Vec<(&LineRow, f64)> = now.lines.iter().zip(spends(before, now)).collect();
    let total: f64 = now.lines.iter().map(|l| l.spend).sum();
    moves.retain(|(line, was)| (line.spend - was).abs() > 5e-5 * total.max(1.0));
    if moves.is_empty() && before.goal.value == now.goal.value {
        return String::new();
    }
    let size = |m: &(&LineRow, f64)| (m.0.spend - m.1).abs();
    moves.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let left = moves.len().saturating_sub(MOST);
    moves.truncate(MOST);
    heading.to_owned() + &head + &table(&moves) + &more(left)
}

/// The spend before of every line of now.
fn spends(before: &View, now: &View) -> Vec<f64> {
    let of = |(i, line): (usize, &LineRow)| {
        let same = before.lines.get(i).filter(|l| l.name == line.name);
        same.or_else(|| before.lines.iter().find(|l| l.name == line.name)).map_or(0.0, |l| l.spend)
    };
    now.lines.iter().enumerate().map(of).collect()
}

fn table(moves: &[(&LineRow, f64)]) -> String {
    if moves.is_empty() {
        return String::new();
    }
    let column = Column::new(&moves.iter().flat_map(|m| [m.0.spend, m.1]).collect::<Vec<_>>());
    let row = |(line, was): &(&LineRow, f64)| {
        let text = |v: f64| Cell::written(column.amount(v), Some(v));
        let moved = line.spend - was;
        vec![
            Cell::text(&line.name),
            text(*was),
            text(line.spend),
            Cell::written(signed(Kind::Money, Some(moved)), Some(moved)),
        ]
    };
    Table {
        key: "changes",
        label: "Against the plan before".to_owned(),
        sortable: false,
        heads: vec![
            words("line", "Line"),
            figures("before", "Before"),
            figures("spend", "Now"),
            figures("moved", "Change"),
        ],
        rows: moves.iter().map(row).collect(),
        foot: Vec::new(),
    }
    .render()
}

fn more(left: usize) -> String {
    if left == 0 { String::new() } else { format!("<p class=\"note\">and {left} smaller changes</p>") }
}

/// The goal's figure of a view, in short.
pub(super) fn goal(view: &View) -> String {
    short(view.goal.metric.kind(), view.goal.value)
}
