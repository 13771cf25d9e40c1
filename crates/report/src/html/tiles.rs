//! The figures a meeting asks for first: today, plan, change.

use outlay_scenario::spec::Metric;
use std::fmt::Write as _;

use crate::html::markup::{Part, escaped, exact};
use crate::metric::Key;
use crate::number::{Kind, short, signed};
use crate::sentence;
use crate::view::{Figure, View};

/// Tiles in large, in this order after the goal's; the rest follows.
const FIRST: [Metric; 4] = [Metric::Spend, Metric::Revenue, Metric::Cac, Metric::Iroas];

pub(super) fn part(view: &View) -> Option<Part> {
    let mut figures: Vec<&Figure> = view.figures.iter().filter(|f| f.plan.is_some()).collect();
    let rank = |f: &Figure| {
        let place = FIRST.iter().position(|m| Key::from(m) == f.metric).unwrap_or(FIRST.len());
        (f.metric != view.goal.metric, place)
    };
    figures.sort_by_key(|f| rank(f));
    if figures.is_empty() {
        return None;
    }
    let mut out = String::from("<dl class=\"tiles\">");
    for figure in figures {
        tile(&mut out, figure, view);
    }
    out.push_str("</dl>");
    for reconciled in sentence::reconciled(view) {
        let _ = writeln!(out, "<p>{}</p>", escaped(&reconciled));
    }
    if let Some(sure) = sentence::sure(view) {
        let _ = writeln!(out, "<p class=\"sure\">{}</p>", escaped(&sure));
    }
    Part::new("figures", "", out)
}

fn tile(out: &mut String, figure: &Figure, view: &View) {
    let change = figure.change();
    let relative = change.zip(figure.today).filter(|(_, t)| *t != 0.0).map(|(c, t)| c / t.abs());
    let mut text = signed(figure.kind, change);
    if let Some(relative) = relative {
        let _ = write!(text, " ({})", signed(Kind::Percent, Some(relative)));
    }
    let range =
        view.uncertainty.as_ref().and_then(|u| Some((u.totals.get(&*figure.metric.name())?, u.level)));
    let range = range.map_or_else(String::new, |(range, level)| {
        let words =
            format!("{}, {}", sentence::between(figure.kind, *range), short(Kind::Percent, Some(level)));
        format!(
            "<span class=\"was\" data-low=\"{}\" data-high=\"{}\">{words}</span>",
            exact(Some(range.low)),
            exact(Some(range.high))
        )
    });
    let _ = writeln!(
        out,
        "<div data-metric=\"{}\"><dt>{}</dt><dd><strong data-value=\"{}\">{}</strong>\
         <span class=\"was\" data-value=\"{}\">today {}</span><span class=\"moved\">{text}</span>{range}</dd></div>",
        escaped(&figure.metric.name()),
        escaped(&sentence::capital(figure.metric.label())),
        exact(figure.plan),
        short(figure.kind, figure.plan),
        exact(figure.today),
        short(figure.kind, figure.today),
    );
}
