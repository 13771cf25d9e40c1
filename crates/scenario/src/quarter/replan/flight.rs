//! The past of a flight: periods that are over keep what was spent in them, so
//! that it carries over into the rest.

use serde_json::{Map, Value, json};

use super::past::{FlightPast, LinePast, noise};
use crate::model::flight::Flight;
use crate::model::scenario::ScenarioLine;
use crate::quarter::track::{Course, Happening};
use crate::read::written::figure;

/// The past of a line that is planned by period.
pub(super) fn past(
    happening: &Happening,
    course: &Course,
    line: &ScenarioLine,
    (share, price): (f64, f64),
) -> FlightPast {
    let mut path = course.happened();
    let over = (share * path.len() as f64 + 1e-9).floor() as usize;
    let reports = &happening.reported.reports;
    even_out(&mut path, over, happening.spend, reports.len());
    let at_work = reports.iter().filter(|r| r.period == Some(over));
    let started = at_work.map(|r| r.spend).sum();
    let believed = happening.now.unwrap_or(line);
    let each = crate::quarter::track::measure_of(line, happening.measure).unwrap_or(0.0);
    let bought = course.at_price(path.clone(), price, false);
    let beyond = |r: &crate::quarter::actuals::Report| {
        let measured = crate::plan::earned::finite(happening.outcome(r)? / each)?;
        Some(measured - course.response(believed, &bought, &[r]))
    };
    let surplus = reports.iter().filter_map(beyond).sum();
    FlightPast { path, over, started, surplus }
}

/// Sheets round: what is off by cents so far is made up for in the rest.
fn even_out(path: &mut [f64], over: usize, planned: f64, reports: usize) {
    let off = planned - path.iter().sum::<f64>();
    let Some(rest) = path.get_mut(over..) else { return };
    let left: f64 = rest.iter().sum();
    if off.abs() <= noise(planned, reports) && left > off.abs() {
        rest.iter_mut().for_each(|x| *x += off * *x / left);
    }
}

/// Writes a flight's past into its line: what is over is as it was, and the
/// rest may change by at most a fraction.
pub(super) fn resume(
    line: &mut Map<String, Value>,
    past: &LinePast,
    flight: (&FlightPast, &Flight),
    (most_change, ample): (Option<f64>, f64),
) {
    let (under_way, planned) = flight;
    let count = under_way.path.len();
    let list = |numbers: &[f64]| Value::Array(numbers.iter().map(|&n| figure(n)).collect());
    let entry = line.entry("flight").or_insert_with(|| json!({}));
    let Some(written) = entry.as_object_mut() else { return };
    let mut flown = Map::new();
    flown.insert(
        "spend".to_owned(),
        list(under_way.path.get(..under_way.over.min(count)).unwrap_or_default()),
    );
    for (key, number) in [("started", under_way.started), ("committed", past.ordered)] {
        if number > 0.0 {
            flown.insert(key.to_owned(), figure(number));
        }
    }
    written.insert("past".to_owned(), Value::Object(flown));
    if let Some(change) = most_change {
        let bounds = |t: usize| -> (f64, f64) {
            let own = under_way.path.get(t).copied().unwrap_or(0.0);
            let of = |list: &[f64], absent: f64| list.get(t).copied().unwrap_or(absent).min(ample);
            let (min, max) = (of(&planned.min, 0.0), of(&planned.max, ample));
            (min.max(own * (1.0 - change)).min(max), max.min(own * (1.0 + change)).max(min))
        };
        let (min, max): (Vec<f64>, Vec<f64>) = (0..count).map(bounds).unzip();
        written.insert("min".to_owned(), list(&min));
        written.insert("max".to_owned(), list(&max));
    }
    if let Some(ratio) = past.ratio {
        let before = written.get("price").and_then(Value::as_array).cloned();
        let index = |t: usize| before.as_ref().and_then(|p| p.get(t)).and_then(Value::as_f64).unwrap_or(1.0);
        let prices: Vec<f64> = (0..count).map(|t| index(t) * ratio.rate * ratio.quality).collect();
        written.insert("price".to_owned(), list(&prices));
    }
    let spend = line.entry("spend").or_insert_with(|| json!({}));
    let Some(spend) = spend.as_object_mut() else { return };
    spend.insert("running".to_owned(), figure(past.spend + past.left));
}
