//! The goal against a number that the what-ifs vary: how much more a larger
//! budget or a looser limit brings, and where it stops to pay.

use std::fmt::Write as _;

use crate::html::chart::{Frame, around};
use crate::html::markup::{escaped, title};
use crate::number::{Kind, short};
use crate::sheet::Sheet;
use crate::view::View;
use crate::{metric, sentence};

/// Lines in one picture.
const MOST_SERIES: usize = 8;
/// Fewer values are no curve.
const FEWEST: usize = 3;

/// One line: what is set besides the number along the axis, and its points.
struct Series {
    name: String,
    /// The number, and the goal's value where there is a plan.
    points: Vec<(f64, Option<f64>)>,
}

pub(super) fn render(sheets: &[Sheet]) -> String {
    let views: Vec<&View> = sheets.iter().map(|s| &s.view).collect();
    let Some((path, series)) = series(&views) else { return String::new() };
    let Some(frame) = frame(&series) else { return String::new() };
    let goal = views.first().map_or("", |v| v.goal.metric.as_str());
    let along = views.first().map_or_else(String::new, |v| sentence::along(&path, v));
    let what = format!("{} over {along}", sentence::capital(metric::label(goal)));
    let mut out = format!("<h3>{}</h3>", escaped(&what));
    if series.len() > 1 {
        out.push_str("<p class=\"key\">");
        for (i, one) in series.iter().enumerate() {
            let _ = write!(out, "<i class=\"c{i}\"></i> {} ", escaped(&one.name));
        }
        out.push_str("</p>");
    }
    out + &draw(&series, &frame, metric::kind(goal), &what)
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
        let point = (set[along].1.parse().ok()?, view.goal.value);
        match series.iter_mut().find(|s| s.name == name) {
            Some(one) => one.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    series.iter_mut().for_each(|s| s.points.sort_by(|a, b| a.0.total_cmp(&b.0)));
    (series.len() <= MOST_SERIES).then(|| (paths[along].to_owned(), series))
}

fn settings(view: &View) -> Vec<(&str, &str)> {
    view.set.iter().filter_map(|s| s.rsplit_once(" = ")).collect()
}

fn frame(series: &[Series]) -> Option<Frame> {
    let points = || series.iter().flat_map(|s| &s.points);
    let from = points().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let to = points().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    Frame::wide((from, to), around(points().filter_map(|p| p.1))?)
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
    let planned = series.points.iter().filter_map(|(x, value)| Some((*x, (*value)?)));
    let _ = write!(svg, "<path class=\"c{colour}\" d=\"{}\"/>", frame.path(planned));
    for (x, value) in &series.points {
        let number = title(*x);
        svg.push_str(&match value {
            Some(value) => {
                let facts = format!("data-x=\"{x}\" data-value=\"{value}\"");
                let words = format!("{number}: {}", short(kind, Some(*value)));
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
        assert_eq!(lines[1].points, [(1.0, Some(60.0)), (2.0, Some(120.0)), (3.0, Some(180.0))]);
    }

    #[test]
    fn other_scenarios_are_none() {
        let (a, b) = (what_if(&["budget.max = 1"], 1.0), what_if(&["goal = revenue"], 2.0));
        assert!(series(&[&a, &b]).is_none());
        assert!(series(&[&a, &a, &a]).is_none(), "one number is no curve");
        assert!(series(&[&sample::plan(), &sample::plan()]).is_none());
    }
}
