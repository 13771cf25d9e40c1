//! Bars: spend of every line today and in the plan.

use std::fmt::Write as _;

use crate::html::lines::largest;
use crate::html::markup::{Part, escaped, title};
use crate::html::room::Room;
use crate::number::{Kind, short, signed};
use crate::view::{LineRow, View};

/// Most lines drawn; the rest is summed, and the table lists all.
const MOST: usize = 40;

pub(super) fn part(view: &View, room: &Room) -> Option<Part> {
    let (mut shown, mut rest) = (view.lines.iter().collect::<Vec<_>>(), Vec::new());
    if shown.len() > MOST {
        (shown, rest) = largest(&view.lines, MOST - 1);
    }
    let sum = |of: fn(&LineRow) -> f64| rest.iter().map(|l| of(l)).sum::<f64>();
    let others = (sum(|l| l.spend), sum(|l| l.current));
    let most = shown.iter().flat_map(|l| [l.spend, l.current]).fold(0.0, f64::max);
    if !room.pictures || most <= 0.0 {
        return None;
    }
    // What changes most is looked for first.
    shown.sort_by(|a, b| (b.spend - b.current).abs().total_cmp(&(a.spend - a.current).abs()));
    let mut out = key(["plan", "today"]) + "<div class=\"rows\" data-chart=\"allocation\">";
    for line in shown {
        bar(&mut out, &line.name, (line.spend, line.current), ["planned", "today"], most);
    }
    if !rest.is_empty() {
        // A bar of all the others would dwarf the ones above.
        let name = format!("{} smaller lines", rest.len());
        let _ = writeln!(
            out,
            "<div><b>{name}</b><span></span><em>{}</em><em class=\"moved\">{}</em></div>",
            short(Kind::Money, Some(others.0)),
            signed(Kind::Money, Some(others.0 - others.1)),
        );
    }
    Part::new("allocation", "Where the money goes", out + "</div>")
}

/// What the two colours of the bars stand for.
fn key([plan, today]: [&str; 2]) -> String {
    format!("<p class=\"key\"><i class=\"plan\"></i> {plan} <i class=\"today\"></i> {today}</p>")
}

/// Two amounts by name, called `called`, as bars below each other.
pub(crate) fn pairs(rows: &[(&str, f64, f64)], called: [&str; 2]) -> String {
    let most = rows.iter().flat_map(|r| [r.1, r.2]).fold(0.0, f64::max);
    if most <= 0.0 {
        return String::new();
    }
    let mut out = key(called) + "<div class=\"rows\" data-chart=\"allocation\">";
    for (name, first, second) in rows.iter().take(MOST) {
        bar(&mut out, name, (*first, *second), called, most);
    }
    out + "</div>"
}

fn bar(out: &mut String, name: &str, (plan, today): (f64, f64), called: [&str; 2], most: f64) {
    let name = escaped(name);
    let width = |v: f64| 100.0 * v / most;
    let change = plan - today;
    let _ = writeln!(
        out,
        "<div title=\"{name}: {} {}, {} {}\"><b>{name}</b><span>\
         <i class=\"plan\" style=\"width:{:.2}%\" data-spend=\"{plan}\"></i>\
         <i class=\"today\" style=\"width:{:.2}%\" data-current=\"{today}\"></i></span>\
         <em>{}</em><em class=\"moved\">{}</em></div>",
        title(plan),
        called[0],
        title(today),
        called[1],
        width(plan),
        width(today),
        short(Kind::Money, Some(plan)),
        if change.abs() > 5e-4 * most { signed(Kind::Money, Some(change)) } else { String::new() },
    );
}
