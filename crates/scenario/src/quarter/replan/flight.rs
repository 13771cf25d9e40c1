//! The past of a flight: periods that are over keep what was spent in them, so
//! that it carries over into the rest.

use serde_json::{Map, Value, json};

use super::past::{FlightPast, LinePast, as_planned};
use crate::model::calendar::Period;
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
    for (spend, planned) in path.iter_mut().zip(course.plan) {
        if as_planned(*spend, *planned, happening.spend) {
            *spend = *planned;
        }
    }
    let over = (share * path.len() as f64 + 1e-9).floor() as usize;
    let reports = &happening.reported.reports;
    let at_work = reports.iter().filter(|r| r.period == Some(over));
    let started = at_work.map(|r| r.spend).sum();
    let believed = happening.now.unwrap_or(line);
    let each = crate::quarter::track::measure_of(line, happening.measure).unwrap_or(0.0);
    // What an earlier re-plan knows of keeps the price it was paid at.
    let news = |t: usize| t >= course.flight.past.len() || reports.iter().any(|r| r.period == Some(t));
    let paid: Vec<f64> = (0..path.len()).map(|t| if news(t) { price } else { 1.0 }).collect();
    let bought: Vec<f64> = path.iter().zip(&paid).map(|(x, paid)| x / paid).collect();
    let by_curve = course.by_curve(believed, &bought);
    let expected = |t: usize| by_curve.get(t).copied().unwrap_or(0.0);
    let before = course.flight;
    let mut measured = before.measured.clone();
    measured.resize(over.min(path.len()), None);
    let mut surplus = before.surplus;
    // The period that was under way is over.
    let begun = before.past.len();
    if surplus != 0.0 && begun < over {
        measured[begun] = Some(expected(begun) + std::mem::take(&mut surplus));
    }
    for report in reports {
        let outcome = happening.outcome(report).and_then(|o| crate::plan::earned::finite(o / each));
        let (Some(outcome), Some(period)) = (outcome, report.period) else { continue };
        match measured.get_mut(period) {
            Some(slot) => *slot = Some(outcome + (1.0 - report.complete) * expected(period)),
            None if period == over => surplus = outcome - report.complete * expected(period),
            None => {}
        }
    }
    FlightPast { path, over, started, measured, surplus, paid: (price != 1.0).then_some(paid) }
}

/// Writes a flight's past into its line: what is over is as it was, and the
/// rest may change by at most a fraction.
pub(super) fn resume(
    line: &mut Map<String, Value>,
    past: &LinePast,
    flight: (&FlightPast, &Flight, &[Period]),
    (most_change, ample): (Option<f64>, f64),
) {
    let (under_way, planned, periods) = flight;
    let count = under_way.path.len();
    let list = |numbers: &[f64]| Value::Array(numbers.iter().map(|&n| figure(n)).collect());
    let entry = line.entry("flight").or_insert_with(|| json!({}));
    let Some(written) = entry.as_object_mut() else { return };
    let mut flown = Map::new();
    flown.insert(
        "spend".to_owned(),
        list(under_way.path.get(..under_way.over.min(count)).unwrap_or_default()),
    );
    for (key, number) in
        [("started", under_way.started), ("committed", past.ordered), ("surplus", under_way.surplus)]
    {
        if number != 0.0 {
            flown.insert(key.to_owned(), figure(number));
        }
    }
    let told = under_way.measured.iter().zip(periods);
    let told = told.filter_map(|(outcome, period)| {
        outcome.map(|outcome| json!({ "period": period.name, "outcome": figure(outcome) }))
    });
    let told: Vec<Value> = told.collect();
    if !told.is_empty() {
        flown.insert("measured".to_owned(), Value::Array(told));
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
    if let Some(paid) = &under_way.paid {
        let before = written.get("price").and_then(Value::as_array).cloned();
        let index = |t: usize| before.as_ref().and_then(|p| p.get(t)).and_then(Value::as_f64).unwrap_or(1.0);
        let prices: Vec<f64> = paid.iter().enumerate().map(|(t, paid)| index(t) * paid).collect();
        written.insert("price".to_owned(), list(&prices));
    }
    let spend = line.entry("spend").or_insert_with(|| json!({}));
    let Some(spend) = spend.as_object_mut() else { return };
    spend.insert("running".to_owned(), figure(past.spend + past.left));
}
