//! Limits with what is left of them, what they cost and whose they are.

use crate::html::markup::{Cell, Part, Table, figures, note, words};
use crate::number::short;
use crate::table::allowed;
use crate::view::{LimitRow, View};
use crate::{metric, sentence};

const BROKEN: &str = " <abbr title=\"broken today\">✗</abbr>";

pub(super) fn part(view: &View) -> Option<Part> {
    if view.limits.is_empty() {
        return None;
    }
    let table = Table {
        key: "limits",
        label: "Limits".to_owned(),
        sortable: true,
        heads: vec![
            words("limit", "Limit"),
            words("owner", "Owner"),
            words("metric", "Metric"),
            words("allowed", "Allowed"),
            figures("today", "Today"),
            figures("value", "Plan"),
            figures("slack", "Slack"),
            figures("shadow_price", "Price"),
        ],
        rows: view.limits.iter().map(|l| row(view, l)).collect(),
        foot: Vec::new(),
    };
    let mut body = table.render();
    if view.limits.iter().any(|l| l.broken_today) {
        body.push_str(&note("✗ broken by today's spend."));
    }
    if view.has_local_price() {
        body.push_str(&note(sentence::LOCAL_PRICE));
    }
    Part::new("limits", "Limits", body)
}

fn row(view: &View, limit: &LimitRow) -> Vec<Cell> {
    let today = match Cell::figure(limit.kind, limit.today) {
        Cell::Figure { text, exact } if limit.broken_today => Cell::Marked { text, exact, mark: BROKEN },
        cell => cell,
    };
    let slack = if limit.binding.is_some() { "none".to_owned() } else { short(limit.kind, limit.slack) };
    vec![
        Cell::text(&limit.name),
        Cell::text(&limit.owner),
        Cell::text(metric::label(&limit.metric)),
        Cell::text(allowed(limit)),
        today,
        Cell::figure(limit.kind, limit.value),
        Cell::written(slack, limit.slack),
        Cell::written(sentence::price(view, limit).unwrap_or_default(), limit.price),
    ]
}
