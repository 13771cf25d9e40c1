//! A plan written into the text of a JSON media plan: only numbers of cost
//! change, so that order, spacing and whatever else stands there are kept.

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::error::DraftError;
use crate::planned::{Change, formula_parts, fresh, ids, with_money};

/// A stretch of the text and what stands there instead.
type Edit = (std::ops::Range<usize>, String);

/// The text with the changes in it.
pub(crate) fn written(
    text: &str,
    value: &serde_json::Value,
    changes: &[Change],
) -> Result<String, DraftError> {
    let wrong = || DraftError::Plan("its line items cannot be found in its text".to_owned());
    let ast = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let ast = ast.map_err(|e| DraftError::Plan(e.to_string()))?;
    let Some(Value::Object(root)) = ast.value else { return Err(wrong()) };
    let items = root.get_array("lineitems").ok_or_else(wrong)?;
    let ids = ids(value);
    let mut edits: Vec<Edit> = Vec::new();
    for change in changes {
        let Some(Value::Object(item)) = items.elements.get(change.item) else { return Err(wrong()) };
        if let [(None, media)] = change.parts[..] {
            edits.extend(costs(item, text, change, media)?);
            continue;
        }
        let whole = item.start()..item.end();
        let copies = weekly(item, text, change, &ids)?;
        // Copies stand as the item does: on lines of their own, as far in.
        let before = text[..whole.start].rsplit('\n').next().unwrap_or("");
        let joined = if before.trim().is_empty() { format!(",\n{before}") } else { ", ".to_owned() };
        edits.push((whole, copies.join(&joined)));
    }
    Ok(applied(text, edits))
}

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|e| std::cmp::Reverse(e.0.start));
    let mut written = text.to_owned();
    edits.into_iter().for_each(|(range, with)| written.replace_range(range, &with));
    written
}

/// Whether a field is money that a line costs.
pub(crate) fn is_cost(field: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["cost_minimum", "cost_maximum", "cost_currency", "cost_currency_exchange_rate"];
    field.starts_with("cost_") && !OTHERS.contains(&field)
}

fn numbers<'a>(
    item: &'a Object<'a>,
    wanted: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = (&'a ObjectProp<'a>, f64)> + 'a {
    item.properties.iter().filter(move |p| wanted(p.name.as_str())).filter_map(|p| match &p.value {
        Value::NumberLit(n) => Some((p, n.value.parse().ok()?)),
        _ => None,
    })
}

fn number(value: f64) -> String {
    serde_json::Number::from_f64(value).map_or_else(|| value.to_string(), |n| n.to_string())
}

/// The costs of an item for some money of media.
fn costs(item: &Object<'_>, text: &str, change: &Change, media: f64) -> Result<Vec<Edit>, DraftError> {
    if let Some(factor) = change.factor(media) {
        let scaled =
            |(p, value): (&ObjectProp<'_>, f64)| (p.value.start()..p.value.end(), number(value * factor));
        return Ok(if factor == 1.0 { Vec::new() } else { numbers(item, is_cost).map(scaled).collect() });
    }
    // An item without money has no shares: all of it is media.
    let whole = |(p, _): (&ObjectProp<'_>, f64)| (p.value.start()..p.value.end(), number(media));
    let fields = |name: &str| name == "cost_total" || name == "cost_media";
    let edits: Vec<Edit> = numbers(item, fields).map(whole).collect();
    let name = &text[item.start()..item.end().min(item.start() + 60)];
    if edits.is_empty() { Err(DraftError::Plan(format!("{name}... has no cost_total"))) } else { Ok(edits) }
}

/// A copy of an item for every period with money. Its costs are the period's;
/// its metrics and bounds are divided in proportion to the money, so that they
/// add up to what the item said.
fn weekly(item: &Object<'_>, text: &str, change: &Change, ids: &[&str]) -> Result<Vec<String>, DraftError> {
    let start = item.start();
    let own = &text[start..item.end()];
    let local = |range: std::ops::Range<usize>| range.start - start..range.end - start;
    let all: f64 = change.parts.iter().map(|p| p.1).sum();
    let parts = with_money(&change.parts);
    let several = parts.len() > 1;
    let mut copies = Vec::new();
    for (dates, media) in parts {
        let mut edits: Vec<Edit> = costs(item, text, change, *media)?;
        let share = if all > 0.0 { media / all } else { 1.0 };
        if several {
            let divided =
                |name: &str| name.starts_with("metric_") || name == "cost_minimum" || name == "cost_maximum";
            edits.extend(
                numbers(item, divided).map(|(p, v)| (p.value.start()..p.value.end(), number(v * share))),
            );
        }
        if let Some((from, to)) = dates.as_ref().filter(|_| all > 0.0) {
            for property in &item.properties {
                let text_of = |s: &str| (property.value.start()..property.value.end(), format!("\"{s}\""));
                match (property.name.as_str(), &property.value) {
                    ("start_date", Value::StringLit(_)) => edits.push(text_of(from)),
                    ("end_date", Value::StringLit(_)) => edits.push(text_of(to)),
                    ("metric_formulas", Value::Object(all)) if several => edits.extend(formulas(all, share)),
                    ("id", Value::StringLit(id)) if several => {
                        let id = serde_json::to_string(&fresh(&id.value, from, ids)).unwrap_or_default();
                        edits.push((property.value.start()..property.value.end(), id));
                    }
                    _ => {}
                }
            }
        }
        copies.push(applied(own, edits.into_iter().map(|(range, with)| (local(range), with)).collect()));
    }
    Ok(copies)
}

/// What a share of the money makes of formulas: coefficients and parameters such
/// that the formulas of all periods together give the metrics of the whole.
fn formulas(all: &Object<'_>, share: f64) -> Vec<Edit> {
    let mut edits = Vec::new();
    for formula in all.properties.iter().filter_map(|p| p.value.as_object()) {
        let kind = formula.get_string("formula_type").map(|t| t.value.clone()).unwrap_or_default();
        let known = |name: &'static str| numbers(formula, move |n| n == name).next();
        let (one, two) = (known("parameter1").map(|n| n.1), known("parameter2").map(|n| n.1));
        let (coefficient, first) = formula_parts(&kind, one, two, share);
        for (name, times) in [("coefficient", coefficient), ("parameter1", first)] {
            let edit = |(p, v): (&ObjectProp<'_>, f64)| (p.value.start()..p.value.end(), number(v * times));
            edits.extend(known(name).filter(|_| times != 1.0).map(edit));
        }
    }
    edits
}

/// The text of formulas for a share of the money; what is no JSON stays.
pub(crate) fn divided(text: &str, share: f64) -> String {
    let ast = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    match ast.map(|ast| ast.value) {
        Ok(Some(Value::Object(all))) => applied(text, formulas(&all, share)),
        _ => text.to_owned(),
    }
}
