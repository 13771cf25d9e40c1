//! Many scenarios: a table to sort and small pictures side by side.

use outlay_scenario::spec::Metric;
use std::fmt::Write as _;

use crate::html::markup::{Cell, Table, escaped, figures, id, words};
use crate::html::{frontier, panels};
use crate::number::{Kind, short, signed};
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::View;

/// With more scenarios than this, pictures come before the table.
const MOST_ROWS: usize = 24;

/// The whole comparison; empty for a single scenario.
pub(super) fn render(sheets: &[Sheet]) -> String {
    if sheets.len() < 2 {
        return String::new();
    }
    let parts = Legend::of(sheets);
    let table = Table {
        key: "scenarios",
        label: "Scenarios side by side".to_owned(),
        sortable: true,
        heads: vec![
            words("scenario", "Scenario"),
            words("status", "Status"),
            figures("spend", "Spend"),
            figures("value", "Goal"),
            figures("against_today", "Against today"),
            figures("revenue", "Revenue"),
            figures("customers", "New customers"),
            figures("cac", "Blended CAC"),
            figures("iroas", "iROAS"),
            figures("gap", "Gap"),
            words("shares", if parts.names.is_empty() { "" } else { "Share" }),
        ],
        rows: sheets.iter().enumerate().map(|(i, s)| row(i, &s.view, &parts)).collect(),
        foot: Vec::new(),
    };
    let table = parts.key() + &table.render();
    let pictures = frontier::render(sheets) + &panels::render(sheets);
    // A long table would hide the pictures.
    if sheets.len() > MOST_ROWS { pictures + "<h3>Every scenario</h3>" + &table } else { table + &pictures }
}

fn row(index: usize, view: &View, parts: &Legend) -> Vec<Cell> {
    let kind = view.goal.metric.kind();
    let change =
        view.goal.value.zip(view.goal.today).filter(|(_, t)| *t != 0.0).map(|(v, t)| (v - t) / t.abs());
    let plan = |metric: Metric| view.figure(metric).and_then(|f| f.plan);
    let gap = view.proof().map(|p| p.gap);
    vec![
        Cell::Safe(format!("<a href=\"#{}\">{}</a>", id(index), escaped(&sentence::what_if(view)))),
        Cell::Safe(status(view)),
        Cell::figure(Kind::Money, plan(Metric::Spend)),
        Cell::figure(kind, view.goal.value),
        Cell::written(signed(Kind::Percent, change), change),
        Cell::figure(Kind::Money, plan(Metric::Revenue)),
        Cell::figure(Kind::Count, plan(Metric::Customers)),
        Cell::figure(Kind::Price, plan(Metric::Cac)),
        Cell::figure(Kind::Ratio, plan(Metric::Iroas)),
        Cell::written(gap.map(sentence::plain_gap).unwrap_or_default(), gap),
        Cell::Safe(parts.strip(view)),
    ]
}

fn status(view: &View) -> String {
    format!("<span class=\"status {}\">{}</span>", view.status(), sentence::status(&view.ending))
}

/// Colours there are.
const COLOURS: usize = 8;

/// The parts of the first grouping that most scenarios have, in a colour each.
struct Legend {
    by: &'static str,
    names: Vec<String>,
}

impl Legend {
    fn of(sheets: &[Sheet]) -> Self {
        let by = sheets.iter().find_map(|s| s.view.groups.first()).map_or("", |g| g.by);
        let mut names: Vec<String> = Vec::new();
        let groups = sheets.iter().flat_map(|s| &s.view.groups).filter(|g| g.by == by);
        for row in groups.flat_map(|g| &g.rows) {
            if !names.contains(&row.name) {
                names.push(row.name.clone());
            }
        }
        Legend { by, names }
    }

    fn key(&self) -> String {
        if self.names.is_empty() {
            return String::new();
        }
        let mut out = format!("<p class=\"key\">Share by {}:", self.by);
        for (i, name) in self.names.iter().enumerate() {
            let name = if name.is_empty() { "(none)" } else { name };
            let _ = write!(out, " <i class=\"c{}\"></i> {}", i % COLOURS, escaped(name));
        }
        out + "</p>"
    }

    /// The plan's spend as one strip.
    fn strip(&self, view: &View) -> String {
        let Some(group) = view.groups.iter().find(|g| g.by == self.by) else {
            return String::new();
        };
        let mut svg = format!(
            "<svg class=\"strip\" viewBox=\"0 0 120 12\" role=\"img\" aria-label=\"Share by {}\">",
            group.by
        );
        let mut x = 0.0;
        for row in &group.rows {
            let width = 120.0 * row.share.clamp(0.0, 1.0);
            let colour = self.names.iter().position(|n| *n == row.name).unwrap_or(0) % COLOURS;
            let _ = write!(
                svg,
                "<rect class=\"c{colour}\" x=\"{x:.1}\" width=\"{width:.1}\" height=\"12\"><title>{}: {}</title></rect>",
                escaped(&row.name),
                short(Kind::Percent, Some(row.share))
            );
            x += width;
        }
        svg + "</svg>"
    }
}
