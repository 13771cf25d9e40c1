//! The plan by stage, method and channel.

use crate::html::markup::{Cell, Part, Table, figures, words};
use crate::html::room::Room;
use crate::number::{Column, Kind};
use crate::sentence;
use crate::view::{Group, GroupRow, View};

/// Rows of a group shown where there is little room.
const FEW: usize = 8;

pub(super) fn part(view: &View, room: &Room) -> Option<Part> {
    let most = if room.pictures { view.groups.len() } else { 1 };
    let mut body = String::new();
    for group in view.groups.iter().filter(|g| room.pictures || g.rows.len() <= FEW).take(most) {
        let name = sentence::capital(group.by);
        body.push_str(&format!("<section><h4>By {}</h4>{}</section>", group.by, table(group, name)));
    }
    if !body.is_empty() {
        body = format!(
            "<p class=\"key\"><i class=\"plan\"></i> share in the plan <i class=\"today\"></i> share today</p><div class=\"groups\">{body}</div>"
        );
    }
    Part::new("groups", "By kind of line", body)
}

fn table(group: &Group, name: String) -> String {
    let today = Column::new(&group.rows.iter().map(|r| r.current).collect::<Vec<_>>());
    let plan = Column::new(&group.rows.iter().map(|r| r.spend).collect::<Vec<_>>());
    let earned = group.rows.iter().any(|r| r.revenue.is_some());
    let widest = group.rows.iter().map(|r| r.share.max(r.share_today)).fold(0.0, f64::max);
    let row = |(i, r): (usize, &GroupRow)| {
        let mut cells = vec![
            Cell::text(if r.name.is_empty() { "(none)" } else { &r.name }),
            Cell::written(today.part(i), Some(r.current)),
            Cell::written(plan.part(i), Some(r.spend)),
            Cell::figure(Kind::Percent, Some(r.share_today)),
            Cell::figure(Kind::Percent, Some(r.share)),
        ];
        if earned {
            cells.push(Cell::figure(Kind::Money, r.revenue));
        }
        cells.push(Cell::Safe(bars(r, widest)));
        cells
    };
    let mut heads = vec![
        words("name", name),
        figures("current", "Today"),
        figures("spend", "Plan"),
        figures("share_today", "Share today"),
        figures("share", "Share"),
    ];
    if earned {
        heads.push(figures("revenue", "Revenue"));
    }
    heads.push(words("bars", ""));
    let mut total = vec![Cell::text("Total"), Cell::text(today.total()), Cell::text(plan.total())];
    let sum = |of: fn(&GroupRow) -> f64| Some(group.rows.iter().map(of).sum::<f64>());
    total.extend([sum(|r| r.share_today), sum(|r| r.share)].map(|share| Cell::figure(Kind::Percent, share)));
    if earned {
        total.push(Cell::figure(Kind::Money, group.rows.iter().map(|r| r.revenue).sum()));
    }
    total.extend((total.len()..heads.len()).map(|_| Cell::text("")));
    Table {
        key: group.by,
        label: format!("Spend by {}", group.by),
        sortable: false,
        heads,
        rows: group.rows.iter().enumerate().map(row).collect(),
        foot: vec![total],
    }
    .render()
}

fn bars(row: &GroupRow, widest: f64) -> String {
    let width = |share: f64| if widest > 0.0 { 100.0 * (share / widest).clamp(0.0, 1.0) } else { 0.0 };
    format!(
        "<span class=\"bars\"><i class=\"plan\" style=\"width:{:.1}%\"></i><i class=\"today\" style=\"width:{:.1}%\"></i></span>",
        width(row.share),
        width(row.share_today)
    )
}
