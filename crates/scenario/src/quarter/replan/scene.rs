//! The rest of a horizon as a scenario file.

use serde_json::{Map, Value, json};

use super::asked::{ReplanError, Replanning, Scope, pretty};
use super::flight;
use super::past::LinePast;
use crate::quarter::refitted::{lines, take_curves};
use crate::quarter::track::Ratio;
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
            flight::resume(line, past, (under_way, planned), (replanning.most_change, ample));
            continue;
        }
        resume(line, past, replanning.most_change);
        if let Some(ratio) = past.ratio {
            reprice(line, ratio);
        }
    }
    measured(replanning, &mut file, past);
    let outside: f64 = outside(replanning);
    if outside > 0.0 {
        reduce_budget(&mut file, outside);
    }
    if replanning.scope == Scope::Rest {
        for limit in file.get_mut("limits").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(limit) = limit.as_object_mut() {
                limit.insert("over".to_owned(), json!("rest"));
            }
        }
    }
    // Later goals would be re-planned for within what the first gives up;
    // what moves is held by its cost.
    if let Some(first) = file.get("goal").and_then(Value::as_array).and_then(|g| g.first()).cloned() {
        file.insert("goal".to_owned(), first);
    }
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

/// Money spent on lines that are not in the plan.
pub(super) fn outside(replanning: &Replanning) -> f64 {
    let lines = replanning.actuals.lines.iter().filter(|l| !l.planned);
    lines.flat_map(|l| &l.reports).map(|r| r.spend).sum()
}

/// What moving one unit of money costs, in the goal's units: a fraction of
/// what the running plan earns per unit. A goal that is a ratio has none, nor
/// has a plan by period.
pub(super) fn move_cost(replanning: &Replanning) -> f64 {
    let file = &replanning.record.file;
    let by_period = replanning.record.scenario.calendar.is_some();
    let ratio = by_period || file.goal.minimize == Some(crate::files::spec::Minimize::Cac);
    let spend = file.totals.as_ref().and_then(|t| t.spend).filter(|&s| s > 0.0);
    match (file.value, spend) {
        (Some(value), Some(spend)) if !ratio => replanning.friction * value.abs() / spend,
        _ => 0.0,
    }
}

/// What flights earned beyond their curves counts in CAC and MER as baseline.
fn measured(replanning: &Replanning, file: &mut Map<String, Value>, past: &[LinePast]) {
    let lines = &replanning.record.scenario.lines;
    let beyond = |each: &dyn Fn(&crate::model::scenario::ScenarioLine) -> f64| -> f64 {
        let one = |(line, past): (&std::sync::Arc<crate::model::scenario::ScenarioLine>, &LinePast)| {
            past.flight.as_ref().map(|f| f.surplus * each(line))
        };
        lines.iter().zip(past).filter_map(one).sum()
    };
    let revenue = beyond(&|l| l.revenue_per_outcome.unwrap_or(0.0));
    let customers = beyond(&|l| l.new_customer_share * l.customers_per_outcome.unwrap_or(0.0));
    let Some(baseline) = file.get_mut("baseline").and_then(Value::as_object_mut) else { return };
    for (key, more) in [("revenue", revenue), ("customers", customers)] {
        let Some(number) = baseline.get(key).and_then(Value::as_f64) else { continue };
        if more != 0.0 {
            baseline.insert(key.to_owned(), figure((number + more).max(0.0)));
        }
    }
}

fn table<'a>(of: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Map<String, Value>> {
    of.entry(key).or_insert_with(|| json!({})).as_object_mut()
}

/// Writes a line's past, its running plan and what is bound.
fn resume(line: &mut Map<String, Value>, past: &LinePast, most_change: Option<f64>) {
    let running = past.spend + past.left;
    line.insert(
        "past".to_owned(),
        json!({ "share": figure(past.share), "spend": figure(past.spend), "outcome": figure(past.outcome) }),
    );
    let priced_at_once = line.get_mut("deal").and_then(|d| d.get_mut("flat"));
    if let Some(flat) = priced_at_once
        && flat.as_f64().is_some_and(|flat| flat < past.spend)
    {
        // The invoice was higher than the deal: it is what was paid.
        *flat = figure(past.spend);
    }
    let Some(spend) = table(line, "spend") else { return };
    let written = |spend: &Map<String, Value>, key: &str| spend.get(key).and_then(Value::as_f64);
    let (min, max) = (written(spend, "min"), written(spend, "max"));
    let bound = past.spend + past.committed.min(past.left.max(past.committed));
    let mut least = min.unwrap_or(0.0).max(if past.committed > 0.0 { bound } else { 0.0 });
    let mut most = max.map(|m| m.max(past.spend).max(least));
    if let Some(change) = most_change {
        least = least.max(past.spend + past.left * (1.0 - change)).min(most.unwrap_or(f64::INFINITY));
        let ceiling = (past.spend + past.left * (1.0 + change)).max(least);
        most = Some(most.map_or(ceiling, |m| m.min(ceiling)));
    }
    spend.insert("current".to_owned(), figure(running));
    if least > 0.0 {
        spend.insert("min".to_owned(), figure(least));
    }
    if let Some(most) = most {
        spend.insert("max".to_owned(), figure(most));
    }
}

/// Prices as they were paid: the price rises by `rate`, viewability falls by
/// `quality`; what the curve was fitted at stays.
pub(super) fn reprice(line: &mut Map<String, Value>, ratio: Ratio) {
    let Some(rate) = line.get_mut("rate").and_then(Value::as_object_mut) else { return };
    let fields = ["cpm", "cpc", "cpp", "cost_per_unit"];
    let Some(field) = fields.into_iter().find(|f| rate.contains_key(*f)) else { return };
    let number = |rate: &Map<String, Value>, key: &str| rate.get(key).and_then(Value::as_f64);
    let Some(price) = number(rate, field) else { return };
    // One that is not given was as it is now, and must stay so.
    for (own, fitted) in [
        (field, "fitted_at"),
        ("discount", "fitted_discount"),
        ("invalid_traffic", "fitted_invalid_traffic"),
        ("viewability", "fitted_viewability"),
    ] {
        if let (None, Some(value)) = (rate.get(fitted), rate.get(own).cloned()) {
            rate.insert(fitted.to_owned(), value);
        }
    }
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

/// Money spent outside the plan came out of the same budget.
fn reduce_budget(file: &mut Map<String, Value>, spent: f64) {
    let Some(budget) = file.get_mut("budget").and_then(Value::as_object_mut) else { return };
    for field in ["exact", "min", "max"] {
        if let Some(number) = budget.get(field).and_then(Value::as_f64) {
            budget.insert(field.to_owned(), figure((number - spent).max(0.0)));
        }
    }
}

/// The first goal pays for every unit of money moved.
fn charge_moves(file: &mut Map<String, Value>, cost: f64) {
    let goal = file.entry("goal").or_insert_with(|| json!({ "maximize": "revenue" }));
    let first = match goal {
        Value::Array(goals) => goals.first_mut(),
        one => Some(one),
    };
    if let Some(goal) = first.and_then(Value::as_object_mut) {
        goal.insert("move_cost".to_owned(), figure(cost));
    }
}
