//! Two files of figures, field by field.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

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

/// Adds every field in which two texts of JSON differ; gives the number of
/// figures compared. Large tables and lists are taken apart as text, so that of
/// a hundred thousand lines one is in memory at a time.
///
/// # Errors
/// Where one of them is no JSON.
pub(crate) fn texts(
    stated: &str,
    recomputed: &str,
    differences: &mut Vec<Difference>,
) -> Result<usize, serde_json::Error> {
    let mut figures = 0;
    within("", stated, recomputed, differences, &mut figures)?;
    Ok(figures)
}

/// Texts shorter than this, together, are read as a whole.
const WHOLE: usize = 1 << 16;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

fn within(
    field: &str,
    stated: &str,
    recomputed: &str,
    differences: &mut Vec<Difference>,
    figures: &mut usize,
) -> Result<(), serde_json::Error> {
    let begins = |with: char| [stated, recomputed].iter().all(|text| text.trim_start().starts_with(with));
    let large = stated.len() + recomputed.len() > WHOLE;
    if stated == recomputed && !COUNTED.iter().any(|counted| may_hold(field, stated, counted)) {
        *figures += serde_json::from_str::<Figures>(stated)?.0;
    } else if large && begins('{') && !COUNTED.iter().any(|counted| field.ends_with(counted)) {
        let (a, b): (Fields, Fields) = (serde_json::from_str(stated)?, serde_json::from_str(recomputed)?);
        for (key, value) in &a {
            let other = b.get(key).map_or(NULL, |v| v.get());
            within(&inside(field, key), value.get(), other, differences, figures)?;
        }
        for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
            within(&inside(field, key), NULL, value.get(), differences, figures)?;
        }
    } else if large && begins('[') {
        let (a, b): (Vec<&RawValue>, Vec<&RawValue>) =
            (serde_json::from_str(stated)?, serde_json::from_str(recomputed)?);
        lengths(field, a.len(), b.len(), differences);
        for (index, (x, y)) in a.iter().zip(&b).enumerate() {
            // Only what differs needs a name.
            let name = (x.get() != y.get()).then(|| serde_json::from_str::<Named>(y.get()).ok()?.name);
            let key = name.flatten().unwrap_or_else(|| index.to_string());
            within(&inside(field, &key), x.get(), y.get(), differences, figures)?;
        }
    } else {
        at(field, &serde_json::from_str(stated)?, &serde_json::from_str(recomputed)?, differences, figures);
    }
    Ok(())
}

const NULL: &str = "null";

/// What an entry of a list goes by.
#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

/// Whether what is no claim may stand somewhere in a text.
fn may_hold(field: &str, text: &str, counted: &str) -> bool {
    let last = counted.rsplit('.').next().unwrap_or(counted);
    field.ends_with(counted) || text.contains(&format!("\"{last}\""))
}

/// How many figures a text holds, without what they are.
struct Figures(usize);

impl<'de> Deserialize<'de> for Figures {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Counting)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = Figures;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_str<E>(self, _: &str) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_unit<E>(self) -> Result<Figures, E> {
        Ok(Figures(1))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Figures, A::Error> {
        let mut figures = 0;
        while let Some(Figures(more)) = items.next_element()? {
            figures += more;
        }
        Ok(Figures(figures))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Figures, A::Error> {
        let mut figures = 0;
        while let Some((IgnoredAny, Figures(more))) = fields.next_entry()? {
            figures += more;
        }
        Ok(Figures(figures))
    }
}

fn inside(field: &str, key: &str) -> String {
    if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") }
}

fn lengths(field: &str, stated: usize, recomputed: usize, differences: &mut Vec<Difference>) {
    if stated != recomputed {
        let count = |n: usize| format!("{n} entries");
        differences.push(Difference::new(field, count(stated), count(recomputed)));
    }
}

fn at(
    field: &str,
    stated: &Value,
    recomputed: &Value,
    differences: &mut Vec<Difference>,
    figures: &mut usize,
) {
    let inside = |key: &str| inside(field, key);
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
            lengths(field, a.len(), b.len(), differences);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Differences and figures, by parts and as a whole.
    fn both(stated: &Value, recomputed: &Value) -> [(Vec<Difference>, usize); 2] {
        let mut parts = Vec::new();
        let figures = texts(&stated.to_string(), &recomputed.to_string(), &mut parts).expect("JSON");
        let (mut whole, mut all) = (Vec::new(), 0);
        at("", stated, recomputed, &mut whole, &mut all);
        [(parts, figures), (whole, all)]
    }

    #[test]
    fn large_texts_are_compared_as_small_ones_are() {
        let line = |k: usize| json!({ "name": format!("l{k}"), "spend": k as f64 * 0.1, "tags": { "a": null }, "at": [] });
        let lines: Vec<Value> = (0..3_000).map(line).collect();
        let right = json!({ "lines": lines, "certificate": { "nodes": 3, "bound": 7.0 }, "conflict": [] });
        assert!(right.to_string().len() > WHOLE);
        let [parts, whole] = both(&right, &right);
        assert_eq!((&parts, parts.0.len()), (&whole, 0));
        assert_eq!(parts.1, 3_000 * 3 + 1, "nodes are no claim");
        let lies: [fn(&mut Value); 8] = [
            |v| v["lines"][2_999]["spend"] = json!(1.0),
            |v| v["lines"][7]["tags"]["a"] = json!("x"),
            |v| v["lines"][7]["more"] = json!(1),
            |v| v["lines"] = Value::Null,
            |v| drop(v["lines"].as_array_mut().map(Vec::pop)),
            |v| v["certificate"]["bound"] = json!(8.0),
            |v| drop(v.as_object_mut().map(|o| o.remove("certificate"))),
            |v| v["other"] = json!([1, 2]),
        ];
        for lie in lies {
            let mut stated = right.clone();
            lie(&mut stated);
            for (a, b) in [(&stated, &right), (&right, &stated)] {
                let [parts, whole] = both(a, b);
                assert_eq!(parts, whole);
                assert!(!parts.0.is_empty());
            }
        }
        let mut counted = right.clone();
        counted["certificate"]["nodes"] = json!(9);
        assert_eq!(both(&counted, &right)[0].0, []);
        let mut digit = right.clone();
        digit["lines"][9]["spend"] = json!(0.9 * (1.0 + 1e-13));
        assert_eq!(both(&digit, &right)[0].0, []);
    }
}
