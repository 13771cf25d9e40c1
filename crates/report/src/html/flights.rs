//! The flight plan as a heat table: lines down, periods across.

use std::fmt::Write as _;

use crate::html::markup::{Part, escaped, note, title};
use crate::number::{Kind, short};
use crate::sentence;
use crate::view::{Flights, View};

pub(super) fn part(view: &View) -> Option<Part> {
    let flights = view.flights.as_ref()?;
    let mut body = table(flights);
    if let Some(words) = sentence::apart(flights) {
        body.push_str(&note(&words));
    }
    Part::new("flights", format!("What is spent in which {}", flights.unit), body)
}

/// The table; the darker a cell, the more is spent.
fn table(flights: &Flights) -> String {
    let most = flights.most();
    let mut html = String::from(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Spend by line and period\"><table class=\"flights\"><thead><tr><th scope=\"col\">Line</th>",
    );
    for period in &flights.periods {
        let _ = write!(
            html,
            "<th scope=\"col\" class=\"n\" title=\"{} to {}\">{}</th>",
            escaped(&period.name),
            escaped(&period.end),
            escaped(period.name.get(5..).unwrap_or(&period.name))
        );
    }
    html.push_str("</tr></thead><tbody>");
    for row in &flights.rows {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escaped(&row.line));
        for &spend in &row.spends {
            let heat = if most > 0.0 { (spend / most).clamp(0.0, 1.0) } else { 0.0 };
            let text = if spend > 0.0 { short(Kind::Money, Some(spend)) } else { String::new() };
            let _ = write!(
                html,
                "<td class=\"n\" data-value=\"{spend}\" title=\"{}\" style=\"background:rgba(37,99,235,{:.3})\">{text}</td>",
                title(spend),
                0.55 * heat
            );
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody><tfoot>");
    for (name, of) in [("Spend with fees", true), ("Revenue", false)] {
        let _ = write!(html, "<tr><th scope=\"row\">{name}</th>");
        for period in &flights.periods {
            let value = if of { period.spend } else { period.revenue };
            let _ = write!(html, "<td class=\"n\">{}</td>", short(Kind::Money, value));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tfoot></table></div>");
    html
}
