//! The numbers of a scenario that can be changed, with their paths.

use outlay::report::html::desk::{Control, Place};
use outlay::report::metric;
use outlay::report::number::Kind;
use outlay::scenario::{Scenario, segment};
use serde_json::{Map, Value};

use super::desk::Plan;

/// Fields of a rate that can be changed, how they are called and written.
const RATES: [(&str, &str, Kind); 5] = [
    ("cpm", "CPM", Kind::Price),
    ("cpc", "CPC", Kind::Price),
    ("cpp", "CPP", Kind::Price),
    ("cost_per_unit", "cost per unit", Kind::Price),
    ("discount", "discount", Kind::Percent),
];

/// Everything that can be changed, in the order of the page.
pub(super) fn controls(plan: &Plan) -> Vec<Control> {
    let (now, filed) = (&plan.written, &plan.filed);
    let mut all = budget(now, filed, &plan.scenario);
    for (i, limit) in list(now, "limits").iter().enumerate() {
        all.extend(limits(
            limit,
            list(filed, "limits").get(i),
            plan.scenario.limits.get(i).map(|l| l.name.as_str()),
        ));
    }
    for (i, line) in list(now, "lines").iter().enumerate() {
        let was = list(filed, "lines").get(i).unwrap_or(&Value::Null);
        let Some(name) = line.get("name").and_then(Value::as_str) else { continue };
        let Some(step) = segment(name) else { continue };
        all.extend(prices(name, &step, line, was));
        all.extend(bounds(name, &step, line, was, plan));
    }
    all
}

fn list<'a>(file: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    file.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value, keys: &[&str]) -> Option<f64> {
    keys.iter().try_fold(value, |v, key| v.get(key)).and_then(Value::as_f64)
}

/// Round steps, about two hundred over the slider.
fn step(range: f64) -> f64 {
    let raw = range / 200.0;
    if !(raw > 0.0 && raw.is_finite()) {
        return 1.0;
    }
    let power = raw.log10().floor() as i32;
    let unit = if power < 0 { 1.0 / 10f64.powi(-power) } else { 10f64.powi(power) };
    let rounded = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * unit).find(|s| *s >= raw * 0.999);
    rounded.unwrap_or(raw)
}

/// A slider from nothing to twice what is written, and at least to `reach`.
fn slid(control: Control, reach: f64) -> Control {
    let size = control.filed.or(control.value).map_or(0.0, f64::abs);
    let (low, high) = match control.kind {
        Kind::Percent if size <= 1.0 && control.value.is_none_or(|v| v >= 0.0) => (0.0, 1.0),
        Kind::Percent => (-1.0, (2.0 * size).max(1.0)),
        _ if control.value.is_some_and(|v| v < 0.0) => (-2.0 * size, 2.0 * size),
        _ => (0.0, 2.0 * size),
    };
    let most = control.value.map_or(high, |v| v.max(high)).max(reach);
    // Ends on a step, so that what is written can be reached again.
    let step = step(most - low);
    Control { low, high: (most / step).ceil() * step, step, ..control }
}

fn budget(now: &Map<String, Value>, filed: &Map<String, Value>, scenario: &Scenario) -> Vec<Control> {
    let (now, filed) =
        (now.get("budget").unwrap_or(&Value::Null), filed.get("budget").unwrap_or(&Value::Null));
    let sides = [("exact", "Budget, exactly"), ("min", "Budget, at least"), ("max", "Budget, at most")];
    let stated = |side: &&(&str, &str)| number(now, &[side.0]).or(number(filed, &[side.0])).is_some();
    let mut shown: Vec<&(&str, &str)> = sides.iter().filter(stated).collect();
    if shown.is_empty() {
        shown.push(&sides[2]);
    }
    let control = |(side, label): &&(&str, &str)| {
        slid(
            Control {
                path: format!("budget.{side}"),
                label: (*label).to_owned(),
                owner: scenario.budget.as_ref().and_then(|b| b.owner.clone()).unwrap_or_default(),
                kind: Kind::Money,
                value: number(now, &[side]),
                filed: number(filed, &[side]),
                low: 0.0,
                high: 0.0,
                step: 1.0,
                place: Place::Budget,
            },
            0.0,
        )
    };
    shown.iter().map(control).collect()
}

fn limits(limit: &Value, filed: Option<&Value>, called: Option<&str>) -> Vec<Control> {
    let filed = filed.unwrap_or(&Value::Null);
    let name = limit.get("name").and_then(Value::as_str).or(called).unwrap_or_default();
    let Some(path) = segment(name) else { return Vec::new() };
    let metric = limit.get("metric").and_then(Value::as_str).unwrap_or_default();
    let control = |(side, word): (&str, &str)| {
        let (value, filed) = (number(limit, &[side]), number(filed, &[side]));
        value.or(filed).map(|_| {
            slid(
                Control {
                    path: format!("limits.{path}.{side}"),
                    label: format!("{name}: {word}"),
                    owner: limit.get("owner").and_then(Value::as_str).unwrap_or_default().to_owned(),
                    kind: metric::kind(metric),
                    value,
                    filed,
                    low: 0.0,
                    high: 0.0,
                    step: 1.0,
                    place: Place::Limit,
                },
                0.0,
            )
        })
    };
    [("min", "at least"), ("max", "at most")].into_iter().filter_map(control).collect()
}

fn prices(name: &str, path: &str, line: &Value, filed: &Value) -> Vec<Control> {
    let control = |(field, called, kind): &(&str, &str, Kind)| {
        let value = number(line, &["rate", field])?;
        Some(slid(
            Control {
                path: format!("lines.{path}.rate.{field}"),
                label: format!("{name}: {called}"),
                owner: String::new(),
                kind: *kind,
                value: Some(value),
                filed: number(filed, &["rate", field]),
                low: 0.0,
                high: 0.0,
                step: 1.0,
                place: Place::Price,
            },
            0.0,
        ))
    };
    RATES.iter().filter_map(control).collect()
}

fn bounds(name: &str, path: &str, line: &Value, filed: &Value, plan: &Plan) -> Vec<Control> {
    let at = plan.scenario.lines.iter().position(|l| l.name == name);
    let spend = at.map_or(0.0, |i| plan.scenario.lines[i].current);
    let planned = at.and_then(|i| plan.view().lines.get(i)).map_or(0.0, |l| l.spend);
    // Of a line that is off now and nowhere bounded: where its curve bends.
    let usual = at.map_or(0.0, |i| plan.scenario.lines[i].curve.typical_spend());
    let reach = if spend.max(planned) > 0.0 { (2.0 * spend).max(1.25 * planned) } else { 2.0 * usual };
    let control = |(side, place): (&str, Place)| {
        let control = Control {
            path: format!("lines.{path}.spend.{side}"),
            label: name.to_owned(),
            owner: String::new(),
            kind: Kind::Money,
            value: number(line, &["spend", side]),
            filed: number(filed, &["spend", side]),
            low: 0.0,
            high: 0.0,
            step: 1.0,
            place,
        };
        slid(control, if reach.is_finite() { reach } else { 0.0 })
    };
    [("min", Place::Least), ("max", Place::Most)].into_iter().map(control).collect()
}

/// What a price was fitted at, where a change of it would otherwise leave that
/// unknown: the price as filed.
pub(super) fn fitted(plan: &Plan, path: &str) -> Option<(String, Value)> {
    let (line, field) = path.rsplit_once(".rate.")?;
    let counterpart = if field == "discount" { "fitted_discount" } else { "fitted_at" };
    let found = list(&plan.filed, "lines").iter().find(|l| {
        let name = l.get("name").and_then(Value::as_str).and_then(segment);
        name.is_some_and(|name| format!("lines.{name}") == line)
    })?;
    if number(found, &["rate", counterpart]).is_some() {
        return None;
    }
    let filed = found.get("rate")?.get(field)?.clone();
    Some((format!("{line}.rate.{counterpart}"), filed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sliders_move_in_round_steps() {
        assert_eq!([step(4_320_000.0), step(1.0), step(114.0)], [50_000.0, 0.005, 1.0]);
        assert_eq!(step(0.0), 1.0);
    }
}
