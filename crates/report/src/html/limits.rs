//! Limits with what is left of them, what they cost and whose they are.

use crate::html::markup::{Cell, Part, Table, figures, note, words};
use crate::html::room::Room;
use crate::sentence;
use crate::table::allowed;
use crate::view::{LimitRow, View};

const BROKEN: &str = " <abbr title=\"broken today\">✗</abbr>";

/// Limits listed one by one where there is little room.
const FEW: usize = 8;

pub(super) fn part(view: &View, room: &Room) -> Option<Part> {
    if view.limits.is_empty() {
        return None;
    }
    let (shown, left) = select(view, room);
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
        rows: shown.iter().map(|l| row(view, l)).collect(),
        foot: Vec::new(),
    };
    let mut body = table.render();
    if left > 0 {
        body.push_str(&note(&sentence::limits_left_out(left)));
    }
    if shown.iter().any(|l| l.broken_today) {
        body.push_str(&note("✗ broken by today's spend."));
    }
    let prices = sentence::prices(view);
    if !prices.is_empty() {
        body.push_str(&note(&prices));
    }
    if view.has_local_price() {
        body.push_str(&note(sentence::LOCAL_PRICE));
    }
    Part::new("limits", "Limits", body)
}

/// The limits listed, and how many are not: where there is little room, those
/// that hold the plan back come first.
fn select<'a>(view: &'a View, room: &Room) -> (Vec<&'a LimitRow>, usize) {
    let all: Vec<&LimitRow> = view.limits.iter().collect();
    if room.pictures || all.len() <= FEW {
        return (all, 0);
    }
    let (mut shown, slack): (Vec<_>, Vec<_>) = all.into_iter().partition(|l| l.binding.is_some());
    shown.truncate(FEW);
    shown.extend(slack.into_iter().take(FEW - shown.len()));
    let left = view.limits.len() - shown.len();
    (shown, left)
}

fn row(view: &View, limit: &LimitRow) -> Vec<Cell> {
    let today = match Cell::figure(limit.kind, limit.today) {
        Cell::Figure { text, exact } if limit.broken_today => Cell::Marked { text, exact, mark: BROKEN },
        cell => cell,
    };
    vec![
        Cell::text(&limit.name),
        Cell::text(&limit.owner),
        Cell::text(limit.metric.label()),
        Cell::text(allowed(limit)),
        today,
        Cell::figure(limit.kind, limit.value),
        Cell::written(sentence::slack(limit), limit.slack),
        Cell::written(sentence::price(view, limit).unwrap_or_default(), limit.price),
    ]
}
