//! Small multiples: one figure or line per picture, one bar per scenario.

use outlay_scenario::spec::Metric;
use std::fmt::Write as _;

use crate::html::markup::{escaped, exact};
use crate::metric::Key;
use crate::number::{Kind, short};
use crate::sentence;
use crate::sheet::Sheet;

/// Most lines with a picture: those whose spend differs most.
const MOST_LINES: usize = 12;
/// With more scenarios than this a bar would be too thin to see.
const MOST_BARS: usize = 400;
/// With more scenarios than this, bars are titled by number.
const MOST_NAMED: usize = 60;
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 64.0;

struct Panel {
    label: String,
    kind: Kind,
    /// One value per scenario; `None` without a plan.
    values: Vec<Option<f64>>,
    /// Today's, where all scenarios start from the same.
    today: Option<f64>,
}

pub(super) fn render(sheets: &[Sheet]) -> String {
    let sheets = &sheets[..sheets.len().min(MOST_BARS)];
    let panels: Vec<Panel> = figures(sheets).into_iter().chain(lines(sheets)).collect();
    if panels.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<h3>Across the scenarios</h3><p class=\"key\">One bar per scenario, in the order given; a cross where there is no plan. <i class=\"level\"></i> today</p><div class=\"panels\">",
    );
    for panel in &panels {
        draw(&mut out, panel, sheets);
    }
    out + "</div>"
}

fn figures(sheets: &[Sheet]) -> Vec<Panel> {
    let panel = |metric: &Metric| {
        let key = Key::from(metric);
        let figure = |s: &Sheet| s.view.figure(metric).cloned();
        let values: Vec<Option<f64>> = sheets.iter().map(|s| figure(s)?.plan).collect();
        let today = sheets.iter().filter_map(|s| figure(s)?.today);
        let panel =
            Panel { label: sentence::capital(key.label()), kind: key.kind(), today: common(today), values };
        panel.values.iter().any(Option::is_some).then_some(panel)
    };
    [Metric::Revenue, Metric::Customers, Metric::Profit, Metric::Spend, Metric::Cac, Metric::Iroas]
        .iter()
        .filter_map(panel)
        .collect()
}

/// Spend of the lines that differ most between the scenarios.
fn lines(sheets: &[Sheet]) -> Vec<Panel> {
    let mut names: Vec<&str> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for line in sheets.iter().flat_map(|s| &s.view.lines) {
        if seen.insert(line.name.as_str()) {
            names.push(&line.name);
        }
    }
    let panel = |name: &&str| {
        let line = |s: &Sheet| s.view.lines.iter().find(|l| l.name == **name).map(|l| (l.spend, l.current));
        Panel {
            label: (*name).to_owned(),
            kind: Kind::Money,
            values: sheets.iter().map(|s| Some(line(s)?.0)).collect(),
            today: common(sheets.iter().filter_map(|s| Some(line(s)?.1))),
        }
    };
    let mut panels: Vec<Panel> = names.iter().map(panel).collect();
    if panels.len() > MOST_LINES {
        panels.sort_by(|a, b| spread(b).total_cmp(&spread(a)));
        panels.truncate(MOST_LINES);
    }
    panels
}

fn spread(panel: &Panel) -> f64 {
    let known = || panel.values.iter().flatten().copied();
    known().fold(f64::NEG_INFINITY, f64::max) - known().fold(f64::INFINITY, f64::min)
}

/// The value all agree on.
fn common(mut values: impl Iterator<Item = f64>) -> Option<f64> {
    let first = values.next()?;
    values.all(|v| (v - first).abs() <= 1e-9 * first.abs()).then_some(first)
}

fn draw(out: &mut String, panel: &Panel, sheets: &[Sheet]) {
    let known = || panel.values.iter().flatten().copied().chain(panel.today);
    let (low, high) = (known().fold(0.0, f64::min), known().fold(0.0, f64::max));
    let span = if high > low { high - low } else { 1.0 };
    let y = |v: f64| HEIGHT * (high - v) / span;
    let step = WIDTH / panel.values.len() as f64;
    let width = (step * 0.8).min(28.0);
    let largest = short(panel.kind, panel.values.iter().flatten().copied().reduce(f64::max));
    let label = escaped(&panel.label);
    let list: Vec<String> = panel.values.iter().map(|v| exact(*v)).collect();
    let _ = write!(
        out,
        "<figure><figcaption><b>{label}</b> <span>up to {largest}</span></figcaption>\
         <svg class=\"panel\" viewBox=\"0 -2 {WIDTH} {}\" role=\"img\" aria-label=\"{label} across the scenarios\" data-values=\"{}\" data-low=\"{low}\" data-high=\"{high}\">",
        HEIGHT + 4.0,
        list.join(",")
    );
    // Names would be most of a page with many scenarios.
    let named = sheets.len() <= MOST_NAMED;
    for (i, (value, sheet)) in panel.values.iter().zip(sheets).enumerate() {
        let x = step * i as f64 + (step - width) / 2.0;
        let name = if named { escaped(&sentence::what_if(&sheet.view)) } else { (i + 1).to_string() };
        let _ = match value {
            Some(v) => write!(
                out,
                "<rect class=\"plan\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\"><title>{name}: {}</title></rect>",
                y(v.max(0.0)),
                (y(v.min(0.0)) - y(v.max(0.0))).max(0.5),
                short(panel.kind, Some(*v))
            ),
            None => {
                let (l, r) = (x + width / 2.0 - 3.0, x + width / 2.0 + 3.0);
                write!(
                    out,
                    "<path class=\"cross\" d=\"M{l:.1} {0}L{r:.1} {1}M{l:.1} {1}L{r:.1} {0}\"><title>{name}: no plan</title></path>",
                    HEIGHT - 7.0,
                    HEIGHT - 1.0
                )
            }
        };
    }
    if let Some(today) = panel.today {
        let _ = write!(
            out,
            "<line class=\"level\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\" data-today=\"{today}\"><title>today: {1}</title></line>",
            y(today),
            short(panel.kind, Some(today))
        );
    }
    out.push_str("</svg></figure>\n");
}
