//! From today's outcome to the plan's, line by line.

use std::fmt::Write as _;

use crate::html::chart::escaped;
use crate::html::title;
use crate::number::{Kind, short, signed};
use crate::view::{LineRow, View};

/// Most steps drawn one by one; the rest is one step.
const MOST: usize = 10;
const BAR: f64 = 46.0;
/// Room for the first names, which lean to the left.
const LEFT: f64 = 70.0;
/// Fewer bars are drawn no larger.
const NARROWEST: f64 = 640.0;
const HEIGHT: f64 = 275.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 88.0;

struct Step {
    name: String,
    from: f64,
    to: f64,
    whole: bool,
}

pub(super) fn render(view: &View) -> String {
    let steps = steps(view);
    let ends = steps.iter().flat_map(|s| [s.from, s.to]).filter(|v| *v != 0.0);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if steps.len() < 3 || !(high > 0.0 && low.is_finite() && high.is_finite()) {
        return String::new();
    }
    // The changes are what matters: whole bars start above 0 where that shows them better.
    let base = if low > 0.5 * high { (low - 1.5 * (high - low)).max(0.0) } else { low.min(0.0) };
    let y = |v: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (v.max(base) - base) / (high - base);
    let width = (LEFT + BAR * steps.len() as f64).max(NARROWEST);
    let mut svg = format!(
        "<svg class=\"chart waterfall\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\" aria-label=\"Revenue from today to the plan\">"
    );
    for (i, step) in steps.iter().enumerate() {
        let x = LEFT + BAR * i as f64;
        let (top, bottom) = (y(step.from.max(step.to)), y(step.from.min(step.to)));
        let class = match (step.whole, step.to >= step.from) {
            (true, _) => "whole",
            (false, true) => "up",
            (false, false) => "down",
        };
        let figure = if step.whole {
            short(Kind::Money, Some(step.to))
        } else {
            signed(Kind::Money, Some(step.to - step.from))
        };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{top:.1}\" width=\"{}\" height=\"{:.1}\" data-delta=\"{}\"><title>{}: {}</title></rect>\
             <text class=\"figure mid\" x=\"{mid}\" y=\"{:.1}\">{figure}</text>\
             <text class=\"name\" transform=\"translate({mid} {}) rotate(-35)\">{}</text>",
            BAR - 8.0,
            (bottom - top).max(1.0),
            step.to - step.from,
            escaped(&step.name),
            title(step.to - step.from),
            top - 5.0,
            HEIGHT - BOTTOM + 14.0,
            escaped(&crate::layout::fit(&step.name, 16)),
            mid = x + (BAR - 8.0) / 2.0,
        );
    }
    svg.push_str("</svg>");
    svg
}

fn steps(view: &View) -> Vec<Step> {
    let known = |l: &LineRow| Some((l.name.clone(), l.revenue? - l.revenue_today?));
    let Some(mut changes) = view.lines.iter().map(known).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let start: f64 = view.lines.iter().filter_map(|l| l.revenue_today).sum();
    changes.retain(|(_, d)| *d != 0.0);
    changes.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    if changes.len() > MOST {
        let rest = changes.split_off(MOST - 1);
        changes.push(("all others".to_owned(), rest.iter().map(|c| c.1).sum()));
    }
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut level = start;
    let mut steps = vec![Step { name: "today".to_owned(), from: 0.0, to: start, whole: true }];
    for (name, change) in changes {
        steps.push(Step { name, from: level, to: level + change, whole: false });
        level += change;
    }
    steps.push(Step { name: "plan".to_owned(), from: 0.0, to: level, whole: true });
    steps
}
