//! The goal against a number that the what-ifs vary: how much more a larger
//! budget or a looser limit brings, and where it stops to pay.

use std::fmt::Write as _;

use crate::html::chart::{Frame, around};
use crate::html::markup::{escaped, title};
use crate::number::{Kind, short};
use crate::sentence;
use crate::sheet::Sheet;
use crate::view::{Over, View};

/// Lines in one picture.
const MOST_SERIES: usize = 8;
/// Fewer values are no curve.
const FEWEST: usize = 3;

/// One line: what is set besides the number along the axis, and its points.
struct Series {
    name: String,
    points: Vec<Point>,
}

/// What one scenario brings.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    /// The number along the axis.
    x: f64,
    /// The goal's value, where there is a plan.
    value: Option<f64>,
    /// The interval that holds it, where curves come with draws.
    range: Option<(f64, f64)>,
}

impl Point {
    fn of(x: f64, view: &View) -> Self {
        // A goal over the draws is not what the interval is of.
        let mean = matches!(view.goal.over, Over::Mean) && !view.goal.moves_cost;
        let totals = view.uncertainty.as_ref().map(|u| &u.totals).filter(|_| mean);
        let range = totals.and_then(|t| t.get(&*view.goal.metric.name())).map(|r| (r.low, r.high));
        Point { x, value: view.goal.value, range }
    }
}

pub(super) fn render(sheets: &[Sheet]) -> String {
    let views: Vec<&View> = sheets.iter().map(|s| &s.view).collect();
    let Some((path, series)) = series(&views) else { return String::new() };
    let Some(frame) = frame(&series) else { return String::new() };
    let Some(goal) = views.first().map(|v| &v.goal.metric) else { return String::new() };
    let along = views.first().map_or_else(String::new, |v| sentence::along(&path, v));
    let what = format!("{} over {along}", sentence::capital(goal.label()));
    let mut out = format!("<h3>{}</h3>", escaped(&what));
    if series.len() > 1 {
        out.push_str("<p class=\"key\">");
        for (i, one) in series.iter().enumerate() {
            let _ = write!(out, "<i class=\"c{i}\"></i> {} ", escaped(&one.name));
        }
        out.push_str("</p>");
    }
    let banded = series.iter().flat_map(|s| &s.points).any(|p| p.range.is_some());
    if let Some(level) = views.iter().find_map(|v| v.uncertainty.as_ref()).map(|u| u.level).filter(|_| banded)
    {
        let level = sentence::exact(Kind::Percent, level);
        let _ =
            write!(out, "<p class=\"key\"><i class=\"band\"></i> where it lies with probability {level}</p>");
    }
    out + &draw(&series, &frame, goal.kind(), &what)
}

/// The path with most numbers along the axis, a line for every combination of
/// the others; `None` where the scenarios are not what-ifs over a number.
fn series(views: &[&View]) -> Option<(String, Vec<Series>)> {
    let settings: Vec<Vec<(&str, &str)>> = views.iter().map(|v| settings(v)).collect();
    let first = settings.first()?;
    let paths: Vec<&str> = first.iter().map(|s| s.0).collect();
    let alike = |s: &Vec<(&str, &str)>| s.iter().map(|s| s.0).eq(paths.iter().copied());
    if !settings.iter().all(alike) || views.iter().any(|v| v.goal.metric != views[0].goal.metric) {
        return None;
    }
    let numbers = |k: usize| -> Option<usize> {
        let mut all: Vec<f64> = settings.iter().map(|s| s[k].1.parse::<f64>().ok()).collect::<Option<_>>()?;
        all.sort_by(f64::total_cmp);
        all.dedup();
        (all.len() >= FEWEST).then_some(all.len())
    };
    // Of equal counts the first path.
    let along = (0..paths.len()).rev().filter_map(|k| Some((numbers(k)?, k))).max_by_key(|n| n.0)?.1;
    let mut series: Vec<Series> = Vec::new();
    for (view, set) in views.iter().zip(&settings) {
        let others = set.iter().enumerate().filter(|(k, _)| *k != along);
        let all = sentence::settings(view);
        let name = others.filter_map(|(k, _)| all.get(k).cloned()).collect::<Vec<_>>().join(", ");
        let point = Point::of(set[along].1.parse().ok()?, view);
        match series.iter_mut().find(|s| s.name == name) {
            Some(one) => one.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    series.iter_mut().for_each(|s| s.points.sort_by(|a, b| a.x.total_cmp(&b.x)));
    (series.len() <= MOST_SERIES).then(|| (paths[along].to_owned(), series))
}

fn settings(view: &View) -> Vec<(&str, &str)> {
    view.set.iter().filter_map(|s| s.rsplit_once(" = ")).collect()
}

fn frame(series: &[Series]) -> Option<Frame> {
    let points = || series.iter().flat_map(|s| &s.points);
    let from = points().map(|p| p.x).fold(f64::INFINITY, f64::min);
    let to = points().map(|p| p.x).fold(f64::NEG_INFINITY, f64::max);
    let ends = points().flat_map(|p| [p.value, p.range.map(|r| r.0), p.range.map(|r| r.1)]);
    Frame::wide((from, to), around(ends.flatten())?)
}

fn draw(series: &[Series], frame: &Frame, kind: Kind, what: &str) -> String {
    let ((from, to), (low, high)) = (frame.x, frame.y);
    let facts = format!("data-from=\"{from}\" data-to=\"{to}\" data-low=\"{low}\" data-high=\"{high}\"");
    let mut svg = frame.open("frontier", what, &facts) + &frame.axes();
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, y) = (from + share * (to - from), low + share * (high - low));
        svg.push_str(&frame.below(x, &short(Kind::Money, Some(x))));
        svg.push_str(&frame.beside(y, &short(kind, Some(y))));
    }
    for (i, one) in series.iter().enumerate() {
        line(&mut svg, one, frame, kind, i);
    }
    svg + "</svg>"
}

fn line(svg: &mut String, series: &Series, frame: &Frame, kind: Kind, colour: usize) {
    // Between points without a plan nothing is known.
    for run in series.points.split(|p| p.range.is_none()).filter(|run| run.len() > 1) {
        let edges: Vec<(f64, f64, f64)> =
            run.iter().filter_map(|p| p.range.map(|(low, high)| (p.x, low, high))).collect();
        let _ = write!(svg, "<path class=\"band c{colour}\" d=\"{}\"/>", frame.area(&edges));
    }
    let planned = series.points.iter().filter_map(|p| Some((p.x, p.value?)));
    let _ = write!(svg, "<path class=\"c{colour}\" d=\"{}\"/>", frame.path(planned));
    for Point { x, value, range } in &series.points {
        let number = title(*x);
        svg.push_str(&match value {
            Some(value) => {
                let facts = format!("data-x=\"{x}\" data-value=\"{value}\"");
                let between = range.map_or_else(String::new, |(low, high)| {
                    format!(", between {} and {}", short(kind, Some(low)), short(kind, Some(high)))
                });
                let words = format!("{number}: {}{between}", short(kind, Some(*value)));
                frame.dot(&format!("c{colour}"), (*x, *value), 3.0, &facts, &words)
            }
            None => frame.cross(*x, &format!("{number}: no plan")),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn what_if(set: &[&str], value: f64) -> View {
        let mut view = sample::plan();
        view.set = set.iter().map(|s| (*s).to_owned()).collect();
        view.goal.value = Some(value);
        view
    }

    #[test]
    fn what_ifs_over_a_number_are_lines() {
        let mut views = Vec::new();
        for budget in [3.0, 1.0, 2.0] {
            for cap in [50, 60] {
                let set = [format!("budget.max = {budget}"), format!("limits.CAC.max = {cap}")];
                views.push(what_if(&[&set[0], &set[1]], budget * f64::from(cap)));
            }
        }
        let views: Vec<&View> = views.iter().collect();
        let (path, lines) = series(&views).expect("a frontier");
        assert_eq!((path.as_str(), lines.len()), ("budget.max", 2));
        assert_eq!(lines[1].name, "CAC at most 60");
        let points: Vec<_> = lines[1].points.iter().map(|p| (p.x, p.value, p.range)).collect();
        assert_eq!(points, [(1.0, Some(60.0), None), (2.0, Some(120.0), None), (3.0, Some(180.0), None)]);
    }

    #[test]
    fn intervals_are_drawn_where_they_are_of_the_goal() {
        let ranged = |budget: f64| {
            let mut view = what_if(&[&format!("budget.max = {budget}")], 10.0 * budget);
            let range = outlay_scenario::result::Range { low: 8.0 * budget, high: 13.0 * budget };
            let totals = [(view.goal.metric.name().into_owned(), range)].into_iter().collect();
            view.uncertainty =
                Some(outlay_scenario::result::Uncertainty { level: 0.9, totals, ..Default::default() });
            view
        };
        let drawn = |views: &[View]| {
            let views: Vec<&View> = views.iter().collect();
            let (_, series) = series(&views).expect("a frontier");
            let frame = frame(&series).expect("a frame");
            assert!(frame.y.0 <= 8.0 || series[0].points[0].range.is_none(), "the band is inside");
            draw(&series, &frame, Kind::Money, "x")
        };
        let mut views: Vec<View> = [1.0, 2.0, 3.0].map(ranged).into();
        let all = drawn(&views);
        assert!(all.contains("class=\"band c0\"") && all.contains("between 8 and 13"), "{all}");
        views.iter_mut().for_each(|v| v.goal.over = Over::Shortfall(9.0));
        assert!(!drawn(&views).contains("band"), "a shortfall has no such interval");
    }

    #[test]
    fn other_scenarios_are_none() {
        let (a, b) = (what_if(&["budget.max = 1"], 1.0), what_if(&["goal = revenue"], 2.0));
        assert!(series(&[&a, &b]).is_none());
        assert!(series(&[&a, &a, &a]).is_none(), "one number is no curve");
        assert!(series(&[&sample::plan(), &sample::plan()]).is_none());
    }
}
