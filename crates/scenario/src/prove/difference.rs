//! Two files of figures, field by field.

use serde_json::Value;

/// Largest relative difference of numbers that counts as none: summation may
/// be ordered differently where the result was written.
const SAME: f64 = 1e-12;

/// What the search took to find is no claim.
const COUNTED: [&str; 1] = ["certificate.nodes"];

/// A field of a result that is not what the scenario gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The field, as a path like `lines.TV.revenue`.
    pub field: String,
    /// What the file says.
    pub stated: String,
    /// What the scenario gives.
    pub recomputed: String,
}

impl Difference {
    /// The same inside another field.
    pub(crate) fn inside(self, field: &str) -> Self {
        Difference { field: format!("{field}.{}", self.field), ..self }
    }

    pub(crate) fn new(field: impl Into<String>, stated: impl ToString, recomputed: impl ToString) -> Self {
        Difference { field: field.into(), stated: stated.to_string(), recomputed: recomputed.to_string() }
    }
}

/// Adds every field in which two values differ; gives the number of figures
/// compared.
pub(crate) fn values(stated: &Value, recomputed: &Value, differences: &mut Vec<Difference>) -> usize {
    let mut figures = 0;
    at("", stated, recomputed, differences, &mut figures);
    figures
}

fn at(
    field: &str,
    stated: &Value,
    recomputed: &Value,
    differences: &mut Vec<Difference>,
    figures: &mut usize,
) {
    let inside = |key: &str| if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") };
    if COUNTED.iter().any(|counted| field.ends_with(counted)) {
        return;
    }
    match (stated, recomputed) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                at(&inside(key), value, b.get(key).unwrap_or(&Value::Null), differences, figures);
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                at(&inside(key), &Value::Null, value, differences, figures);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                let count = |n: usize| format!("{n} entries");
                differences.push(Difference::new(field, count(a.len()), count(b.len())));
            }
            for (index, (x, y)) in a.iter().zip(b).enumerate() {
                let name = y.get("name").and_then(Value::as_str);
                let key = name.map_or_else(|| index.to_string(), str::to_owned);
                at(&inside(&key), x, y, differences, figures);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            *figures += 1;
            let (x, y) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            if x != y && (x - y).abs() > SAME * x.abs().max(y.abs()) {
                differences.push(Difference::new(field, stated, recomputed));
            }
        }
        _ => {
            *figures += 1;
            let empty = |v: &Value| v.is_null() || v.as_array().is_some_and(Vec::is_empty);
            if stated != recomputed && !(empty(stated) && empty(recomputed)) {
                differences.push(Difference::new(field, stated, recomputed));
            }
        }
    }
}
