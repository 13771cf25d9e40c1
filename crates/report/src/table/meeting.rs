//! Lines that meet on a terminal: alone, as counted, and taken away.

use crate::layout::{Align, Grid};
use crate::number::short;
use crate::sentence;
use crate::view::View;

/// The lines that meet others; nothing where none do.
pub(super) fn grid(view: &View) -> Option<Grid> {
    let rows = sentence::met_rows(view);
    if rows.is_empty() {
        return None;
    }
    let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
    grid.row(["line", "alone", "counted", "taken away"]);
    for r in rows {
        let [alone, counted, taken] = [r.alone, r.counted, r.taken_away].map(|v| short(r.kind, v));
        grid.row([r.line.name.clone(), alone, counted, taken]);
    }
    Some(grid)
}
