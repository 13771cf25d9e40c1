//! The rest of a horizon as a scenario file.

use serde_json::{Map, Value, json};

use super::asked::{ReplanError, Replanning, Scope, pretty};
use super::flight;
use super::past::LinePast;
use crate::files::spec::OutsideSpec;
use crate::quarter::refitted::{lines, take_curves};
use crate::quarter::track::Ratio;
use crate::read::load::Batch;
use crate::read::written::figure;

/// The text of the new scenario.
pub(super) fn write(replanning: &Replanning, past: &[LinePast]) -> Result<String, ReplanError> {
    let record = replanning.record;
    let beside = replanning.at.parent().unwrap_or(std::path::Path::new(""));
    let mut file = record.batch.written(&record.file.source.set, beside)?;
    if let Some(curves) = replanning.curves {
        take_curves(record.files(), &mut file, curves, beside)?;
    }
    // More than any line will spend in a period: files have no infinity.
    let ample = 10.0 * past.iter().map(|p| p.spend + p.left).sum::<f64>();
    for line in lines(&mut file) {
        let name = line.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(past) = past.iter().find(|p| p.name == name) else { continue };
        let planned = record.scenario.lines.iter().find(|l| l.name == past.name);
        if let (Some(under_way), Some(planned)) = (&past.flight, planned.and_then(|l| l.flight.as_deref())) {
            flight::resume(
                line,
                past,
                (under_way, planned, &replanning.actuals.periods),
                (replanning.most_change, ample),
            );
            continue;
        }
        resume(line, past);
        if let Some(ratio) = past.ratio {
            reprice(line, ratio);
        }
    }
    note_outside(replanning, &mut file);
    if replanning.scope == Scope::Rest {
        for limit in file.get_mut("limits").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(limit) = limit.as_object_mut() {
                limit.insert("over".to_owned(), json!("rest"));
            }
        }
    }
    forget_hold(&mut file);
    if let Some(change) = replanning.most_change {
        hold(replanning, &mut file, past, change);
    }
    ask(replanning, &mut file, beside)?;
    let cost = move_cost(replanning);
    if cost > 0.0 {
        charge_moves(&mut file, cost);
    }
    let after = replanning.actuals.through().and_then(|p| replanning.actuals.periods.get(p));
    if let (Some(name), Some(period)) = (file.get("name").and_then(Value::as_str), after) {
        let plain = name.split(", after ").next().unwrap_or(name);
        let name = format!("{plain}, after {}", period.name);
        file.insert("name".to_owned(), json!(name));
    }
    Ok(pretty(&Value::Object(file)))
}

/// Writes what has changed besides. A price that changes was the one the curve
/// was fitted at, unless another is given.
fn ask(
    replanning: &Replanning,
    file: &mut Map<String, Value>,
    beside: &std::path::Path,
) -> Result<(), ReplanError> {
    let mut asked = replanning.asked.clone();
    if let Some(goal) = asked.shift_remove("goal") {
        file.insert("goal".to_owned(), goal);
    }
    if asked.keys().any(|path| path.ends_with(".past") || path.contains(".past.")) {
        return Err(ReplanError::Unsupported(
            "`--set` of a `past`: what happened comes from the actuals; correct it there",
        ));
    }
    asked.retain(|path, value| !stands(file, path, value));
    if asked.is_empty() {
        return Ok(());
    }
    if asked.keys().any(|path| path.contains(".rate")) {
        if replanning.record.scenario.calendar.is_some() {
            return Err(ReplanError::Unsupported(
                "a plan by period has prices by period: set `lines.NAME.flight.price`, a number for each period, 1 being usual",
            ));
        }
        for line in lines(file) {
            keep_fitted(line);
            if let Some(rate) = line.get_mut("rate").and_then(Value::as_object_mut) {
                for (fitted, usual) in
                    [("fitted_discount", 0), ("fitted_invalid_traffic", 0), ("fitted_viewability", 1)]
                {
                    rate.entry(fitted).or_insert_with(|| json!(usual));
                }
            }
        }
    }
    let batch =
        Batch::of_text(replanning.record.files(), replanning.at, pretty(&Value::Object(file.clone())))?;
    *file = batch.written(&asked, beside)?;
    Ok(())
}

/// Whether a limit that is asked for stands in the file since an earlier re-plan.
fn stands(file: &Map<String, Value>, path: &str, value: &Value) -> bool {
    let name = path.strip_prefix("limits.\"").and_then(|rest| rest.strip_suffix('"'));
    let (Some(name), Some(asked)) = (name, value.as_object()) else { return false };
    let same = |a: &Value, b: Option<&Value>| match (a.as_f64(), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => a == b,
        _ => b == Some(a),
    };
    let limits = file.get("limits").and_then(Value::as_array).into_iter().flatten();
    limits
        .filter(|limit| limit.get("name").and_then(Value::as_str) == Some(name))
        .any(|limit| asked.iter().all(|(field, value)| same(value, limit.get(field))))
}

/// Money spent on lines that are not in the plan, by line and period: what an
/// earlier re-plan knows of, and what is reported in its place or besides.
fn outside_by_period(replanning: &Replanning) -> Vec<OutsideSpec> {
    let budget = replanning.record.scenario.budget.as_ref();
    let mut all: Vec<OutsideSpec> = budget.map_or_else(Vec::new, |b| b.outside.clone());
    let actuals = replanning.actuals;
    for line in actuals.lines.iter().filter(|l| !l.planned) {
        for report in &line.reports {
            let period = report.period.and_then(|p| actuals.periods.get(p)).map(|p| p.name.clone());
            let spent = OutsideSpec { line: line.name.clone(), period, spend: report.spend };
            match all.iter_mut().find(|o| o.line == spent.line && o.period == spent.period) {
                Some(known) => *known = spent,
                None => all.push(spent),
            }
        }
    }
    all.retain(|o| o.spend > 0.0);
    all
}

/// Money spent on lines that are not in the plan.
pub(super) fn outside(replanning: &Replanning) -> f64 {
    outside_by_period(replanning).iter().fold(0.0, |sum, spent| sum + spent.spend)
}

/// What moving one unit of money costs, in the goal's units: a fraction of
/// what the running plan earns per unit. A goal that is a ratio has none, nor
/// has a plan by period.
pub(super) fn move_cost(replanning: &Replanning) -> f64 {
    let file = &replanning.record.file;
    let by_period = replanning.record.scenario.calendar.is_some();
    let ratio = by_period || file.goal.minimize == Some(crate::files::spec::Minimize::Cac);
    // What moving costs is known in the plan's own goal alone.
    let ratio = ratio || replanning.asked.contains_key("goal");
    let spend = file.totals.as_ref().and_then(|t| t.spend).filter(|&s| s > 0.0);
    match (file.value, spend) {
        (Some(value), Some(spend)) if !ratio => replanning.friction * value.abs() / spend,
        _ => 0.0,
    }
}

fn table<'a>(of: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Map<String, Value>> {
    of.entry(key).or_insert_with(|| json!({})).as_object_mut()
}

/// Writes a line's past, with what orders bind, and its running plan; what the
/// line's rules say stays as it is written.
fn resume(line: &mut Map<String, Value>, past: &LinePast) {
    let (share, spend, outcome) = (figure(past.share), figure(past.spend), figure(past.outcome));
    let mut happened = json!({ "share": share, "spend": spend, "outcome": outcome });
    if past.ordered > 0.0 {
        happened["committed"] = figure(past.ordered);
    }
    if !past.periods.is_empty() {
        let each = past.periods.iter();
        happened["periods"] =
            each.map(|p| json!({ "spend": figure(p.spend), "outcome": figure(p.outcome) })).collect();
    }
    line.insert("past".to_owned(), happened);
    if let Some(spend) = table(line, "spend") {
        spend.insert("running".to_owned(), figure(past.spend + past.left));
    }
}

/// What the names of limits that `--most-change` adds begin with.
const HOLD: &str = "Most change, ";

/// Limits that an earlier `--most-change` added say nothing of this one.
pub(super) fn forget_hold(file: &mut Map<String, Value>) {
    if let Some(limits) = file.get_mut("limits").and_then(Value::as_array_mut) {
        let name = |l: &Value| l.get("name").and_then(Value::as_str).map(str::to_owned);
        limits.retain(|l| !name(l).is_some_and(|name| name.starts_with(HOLD)));
    }
}

/// Keeps what every line has left near the running plan, as limits beside the
/// scenario's own.
fn hold(replanning: &Replanning, file: &mut Map<String, Value>, past: &[LinePast], most_change: f64) {
    let planned = &replanning.record.scenario.lines;
    let limits = file.entry("limits").or_insert_with(|| json!([]));
    let Some(limits) = limits.as_array_mut() else { return };
    for past in past.iter().filter(|p| p.flight.is_none()) {
        let fee = planned.iter().find(|l| l.name == past.name).map_or(0.0, |l| l.fee);
        let cost = past.left * (1.0 + fee);
        limits.push(json!({
            "name": format!("{HOLD}{}", past.name), "metric": "spend", "where": { "name": past.name },
            "over": "rest", "min": figure(cost * (1.0 - most_change)), "max": figure(cost * (1.0 + most_change))
        }));
    }
}

/// What a media price is called.
const PRICES: [&str; 4] = ["cpm", "cpc", "cpp", "cost_per_unit"];

/// States what the curve was fitted at: what is not given was as it is now, and
/// must stay so when a price changes.
fn keep_fitted(line: &mut Map<String, Value>) {
    let Some(rate) = line.get_mut("rate").and_then(Value::as_object_mut) else { return };
    let price = PRICES.into_iter().find(|f| rate.contains_key(*f)).map(|field| (field, "fitted_at"));
    let quality = [
        ("discount", "fitted_discount"),
        ("invalid_traffic", "fitted_invalid_traffic"),
        ("viewability", "fitted_viewability"),
    ];
    for (own, fitted) in price.into_iter().chain(quality) {
        if let (None, Some(value)) = (rate.get(fitted), rate.get(own).cloned()) {
            rate.insert(fitted.to_owned(), value);
        }
    }
}

/// Prices as they were paid: the price rises by `rate`, viewability falls by
/// `quality`; what the curve was fitted at stays.
pub(super) fn reprice(line: &mut Map<String, Value>, ratio: Ratio) {
    keep_fitted(line);
    let Some(rate) = line.get_mut("rate").and_then(Value::as_object_mut) else { return };
    let Some(field) = PRICES.into_iter().find(|f| rate.contains_key(*f)) else { return };
    let number = |rate: &Map<String, Value>, key: &str| rate.get(key).and_then(Value::as_f64);
    let Some(price) = number(rate, field) else { return };
    if ratio.quality != 1.0 && !rate.contains_key("fitted_viewability") {
        rate.insert("fitted_viewability".to_owned(), json!(1));
    }
    let seen = number(rate, "viewability").unwrap_or(1.0) / ratio.quality;
    let (seen, rest) = if seen > 1.0 { (1.0, seen) } else { (seen, 1.0) };
    rate.insert(field.to_owned(), figure(price * ratio.rate / rest));
    if ratio.quality != 1.0 {
        rate.insert("viewability".to_owned(), figure(seen));
    }
}

/// Money spent outside the plan comes out of the same budget.
fn note_outside(replanning: &Replanning, file: &mut Map<String, Value>) {
    let Some(budget) = file.get_mut("budget").and_then(Value::as_object_mut) else { return };
    let spent = |o: &OutsideSpec| {
        let mut spent = json!({ "line": o.line, "spend": figure(o.spend) });
        if let Some(period) = &o.period {
            spent["period"] = json!(period);
        }
        spent
    };
    let all: Vec<Value> = outside_by_period(replanning).iter().map(spent).collect();
    if !all.is_empty() {
        budget.insert("outside".to_owned(), Value::Array(all));
    }
}

/// The first goal pays for every unit of money moved, at least what it did.
fn charge_moves(file: &mut Map<String, Value>, cost: f64) {
    let goal = file.entry("goal").or_insert_with(|| json!({ "maximize": "revenue" }));
    let first = match goal {
        Value::Array(goals) => goals.first_mut(),
        one => Some(one),
    };
    if let Some(goal) = first.and_then(Value::as_object_mut) {
        let before = goal.get("move_cost").and_then(Value::as_f64).unwrap_or(0.0);
        goal.insert("move_cost".to_owned(), figure(cost.max(before)));
    }
}
