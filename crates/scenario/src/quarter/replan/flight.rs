//! The past of a flight: periods that are over keep what was spent in them, so
//! that it carries over into the rest.

use serde_json::{Map, Value, json};

use super::past::{FlightPast, LinePast};
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
    let path = course.happened();
    let over = (share * path.len() as f64 + 1e-9).floor() as usize;
    let reports = &happening.reported.reports;
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

/// Writes a flight's past into its line: what is over is fixed, a rule that the
/// past breaks is dropped, and the rest may change by at most a fraction.
pub(super) fn resume(
    line: &mut Map<String, Value>,
    past: &LinePast,
    flight: (&FlightPast, &Flight),
    (most_change, ample): (Option<f64>, f64),
) {
    let (under_way, planned) = flight;
    let count = under_way.path.len();
    let bounds = |t: usize| -> (f64, f64) {
        let own = under_way.path.get(t).copied().unwrap_or(0.0);
        if t < under_way.over {
            return (own, own);
        }
        let closed = planned.blackout.get(t).copied().unwrap_or(false);
        let written = |list: &[f64], absent: f64| list.get(t).copied().unwrap_or(absent).min(ample);
        let (mut min, mut max) =
            if closed { (0.0, 0.0) } else { (written(&planned.min, 0.0), written(&planned.max, ample)) };
        if let Some(change) = most_change {
            (min, max) = (min.max(own * (1.0 - change)).min(max), max.min(own * (1.0 + change)).max(min));
        }
        let started = if t == under_way.over { under_way.started } else { 0.0 };
        (min.max(started), max.max(started))
    };
    let (min, max): (Vec<f64>, Vec<f64>) = (0..count).map(bounds).unzip();
    let list = |numbers: &[f64]| Value::Array(numbers.iter().map(|&n| figure(n)).collect());
    let entry = line.entry("flight").or_insert_with(|| json!({}));
    let Some(written) = entry.as_object_mut() else { return };
    written.remove("blackout");
    written.insert("min".to_owned(), list(&min));
    written.insert("max".to_owned(), list(&max));
    for rule in broken(planned, &under_way.path[..under_way.over.min(count)]) {
        written.remove(rule);
    }
    if let Some(ratio) = past.ratio {
        let before = written.get("price").and_then(Value::as_array).cloned();
        let index = |t: usize| before.as_ref().and_then(|p| p.get(t)).and_then(Value::as_f64).unwrap_or(1.0);
        let prices: Vec<f64> = (0..count).map(|t| index(t) * ratio.rate * ratio.quality).collect();
        written.insert("price".to_owned(), list(&prices));
    }
    let spend = line.entry("spend").or_insert_with(|| json!({}));
    let Some(spend) = spend.as_object_mut() else { return };
    let number = |spend: &Map<String, Value>, key: &str| spend.get(key).and_then(Value::as_f64);
    let least = number(spend, "min").unwrap_or(0.0);
    let bound = if past.committed > 0.0 { past.spend + past.committed } else { 0.0 };
    spend.insert("current".to_owned(), figure(past.spend + past.left));
    if least.max(bound) > 0.0 {
        spend.insert("min".to_owned(), figure(least.max(bound)));
    }
    if let Some(max) = number(spend, "max") {
        spend.insert("max".to_owned(), figure(max.max(past.spend).max(bound)));
    }
}

/// Rules of a flight that spends already break.
fn broken(flight: &Flight, spent: &[f64]) -> Vec<&'static str> {
    let mut rules = Vec::new();
    let least = flight.at_least.unwrap_or(0.0);
    if spent.iter().any(|&x| x > 0.0 && x < least * (1.0 - 1e-9)) {
        rules.push("at_least");
    }
    let most = flight.smooth.unwrap_or(f64::INFINITY);
    let jumps = |w: &[f64]| (w[1] - w[0]).abs() > most * w[0] * (1.0 + 1e-9) + 1e-9;
    if most.is_finite() && spent.windows(2).any(jumps) {
        rules.push("smooth");
    }
    let bursts: Vec<usize> = spent.split(|&x| x == 0.0).map(<[f64]>::len).filter(|&n| n > 0).collect();
    if flight.bursts.is_some_and(|most| bursts.len() > most as usize) {
        rules.push("bursts");
    }
    let ended = bursts.len() - usize::from(spent.last().is_some_and(|&x| x > 0.0));
    let shortest = bursts.iter().take(ended).min();
    if flight.on_at_least.zip(shortest).is_some_and(|(least, &n)| n < least as usize) {
        rules.push("on_at_least");
    }
    rules
}
