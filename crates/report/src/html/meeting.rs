//! Lines that meet: alone, as counted, and taken away.

use crate::html::markup::{Cell, Part, Table, figures, list, words};
use crate::sentence;
use crate::view::View;

pub(super) fn part(view: &View) -> Option<Part> {
    let rows = sentence::met_rows(view);
    if rows.is_empty() {
        return None;
    }
    let row = |r: &sentence::MetRow| {
        let figure = |value: Option<f64>| Cell::figure(r.kind, value);
        vec![Cell::text(&r.line.name), figure(r.alone), figure(r.counted), figure(r.taken_away)]
    };
    let table = Table {
        key: "meeting",
        label: "Lines that meet".to_owned(),
        sortable: true,
        heads: vec![
            words("line", "Line"),
            figures("alone", "Alone"),
            figures("counted", "Counted"),
            figures("taken_away", "Taken away"),
        ],
        rows: rows.iter().map(row).collect(),
        foot: Vec::new(),
    };
    Part::new("meeting", "Lines that meet", table.render() + &list(&sentence::met(view)))
}
