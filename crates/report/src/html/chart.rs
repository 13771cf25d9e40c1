//! Bars: spend of every line today and in the plan, and shares in a strip.

use std::fmt::Write as _;

use crate::html::title;
use crate::number::{Kind, short};
use crate::view::View;

/// Most lines drawn; the table lists all.
const MOST: usize = 80;
const ROW: f64 = 26.0;
const LEFT: f64 = 170.0;
const WIDTH: f64 = 720.0;
const RIGHT: f64 = 70.0;

/// Today's spend (thin) and the plan's (thick) of every line.
pub(super) fn allocation(view: &View) -> String {
    let lines = &view.lines[..view.lines.len().min(MOST)];
    let most = lines.iter().map(|l| l.spend.max(l.current)).fold(0.0, f64::max);
    if lines.is_empty() || most <= 0.0 {
        return String::new();
    }
    let height = ROW * lines.len() as f64 + 4.0;
    let x = |v: f64| (WIDTH - LEFT - RIGHT) * v / most;
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Spend by line, today and planned\">"
    );
    for (i, line) in lines.iter().enumerate() {
        let top = ROW * i as f64 + 3.0;
        let _ = write!(
            svg,
            "<g data-line=\"{name}\"><text x=\"{}\" y=\"{}\" class=\"name\">{short_name}</text>\
             <rect class=\"plan\" x=\"{LEFT}\" y=\"{top}\" width=\"{:.2}\" height=\"13\" data-spend=\"{spend}\"><title>{name}: {} planned</title></rect>\
             <rect class=\"today\" x=\"{LEFT}\" y=\"{}\" width=\"{:.2}\" height=\"5\" data-current=\"{current}\"><title>{name}: {} today</title></rect>\
             <text x=\"{:.2}\" y=\"{}\" class=\"figure\">{}</text></g>",
            LEFT - 8.0,
            top + 13.0,
            x(line.spend),
            title(line.spend),
            top + 14.0,
            x(line.current),
            title(line.current),
            LEFT + x(line.spend.max(line.current)) + 6.0,
            top + 12.0,
            short(Kind::Money, Some(line.spend)),
            name = escaped(&line.name),
            short_name = escaped(&crate::layout::fit(&line.name, 24)),
            spend = line.spend,
            current = line.current,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The plan's spend by the first grouping as one strip.
pub(super) fn shares(view: &View) -> String {
    let Some(group) = view.groups.first() else {
        return String::new();
    };
    let mut svg =
        String::from("<svg class=\"strip\" viewBox=\"0 0 120 12\" role=\"img\" aria-label=\"Spend by ");
    svg.push_str(group.by);
    svg.push_str("\">");
    let mut x = 0.0;
    for (i, row) in group.rows.iter().enumerate() {
        let width = 120.0 * row.share.clamp(0.0, 1.0);
        let _ = write!(
            svg,
            "<rect class=\"c{}\" x=\"{x:.2}\" y=\"0\" width=\"{width:.2}\" height=\"12\"><title>{}: {}</title></rect>",
            i % 8,
            escaped(&row.name),
            short(Kind::Percent, Some(row.share))
        );
        x += width;
    }
    svg.push_str("</svg>");
    svg
}

/// Text that is safe in markup and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
