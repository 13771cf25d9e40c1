//! Two files of figures, field by field.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Largest relative difference of numbers that counts as none: summation may
/// be ordered differently where the result was written.
const SAME: f64 = 1e-12;

/// What the search took to find is no claim: the field, and its name in a text.
const COUNTED: (&str, &str) = ("certificate.nodes", "\"nodes\"");

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
/// figures compared. Tables and lists are taken apart as text, so that of a
/// hundred thousand lines one is in memory at a time.
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

type Fields<'a> = BTreeMap<String, &'a RawValue>;

fn within(
    field: &str,
    stated: &str,
    recomputed: &str,
    differences: &mut Vec<Difference>,
    figures: &mut usize,
) -> Result<(), serde_json::Error> {
    let both = |with: char| [stated, recomputed].iter().all(|text| text.trim_start().starts_with(with));
    if field.ends_with(COUNTED.0) {
        // No claim.
    } else if stated == recomputed && !stated.contains(COUNTED.1) {
        *figures += serde_json::from_str::<Figures>(stated)?.0;
    } else if both('{') {
        let (a, b): (Fields, Fields) = (serde_json::from_str(stated)?, serde_json::from_str(recomputed)?);
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let [x, y] = [&a, &b].map(|fields| fields.get(key).map_or("null", |value| value.get()));
            within(&inside(field, key), x, y, differences, figures)?;
        }
    } else if both('[') {
        let (a, b): (Vec<&RawValue>, Vec<&RawValue>) =
            (serde_json::from_str(stated)?, serde_json::from_str(recomputed)?);
        if a.len() != b.len() {
            let count = |n: usize| format!("{n} entries");
            differences.push(Difference::new(field, count(a.len()), count(b.len())));
        }
        for (index, (x, y)) in a.iter().zip(&b).enumerate() {
            // Only what differs needs a name.
            let name = (x.get() != y.get()).then(|| serde_json::from_str::<Named>(y.get()).ok()?.name);
            let key = name.flatten().unwrap_or_else(|| index.to_string());
            within(&inside(field, &key), x.get(), y.get(), differences, figures)?;
        }
    } else {
        *figures += 1;
        let (a, b): (Value, Value) = (serde_json::from_str(stated)?, serde_json::from_str(recomputed)?);
        if !same(&a, &b) {
            differences.push(Difference::new(field, a, b));
        }
    }
    Ok(())
}

/// True for figures that differ by rounding only, and for what is empty.
fn same(stated: &Value, recomputed: &Value) -> bool {
    match (stated.as_f64(), recomputed.as_f64()) {
        (Some(x), Some(y)) => (x - y).abs() <= SAME * x.abs().max(y.abs()),
        _ => {
            let empty = |v: &Value| v.is_null() || v.as_array().is_some_and(Vec::is_empty);
            stated == recomputed || empty(stated) && empty(recomputed)
        }
    }
}

/// What an entry of a list goes by.
#[derive(Deserialize)]
struct Named {
    name: Option<String>,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The fields that differ, and the number of figures.
    fn told(stated: &Value, recomputed: &Value) -> (Vec<String>, usize) {
        let mut differences = Vec::new();
        let figures = texts(&stated.to_string(), &recomputed.to_string(), &mut differences).expect("JSON");
        (differences.into_iter().map(|d| d.field).collect(), figures)
    }

    #[test]
    fn every_field_that_differs_is_told() {
        let line = |k: usize| json!({ "name": format!("l{k}"), "spend": k as f64 * 0.1, "tags": { "a": null }, "at": [] });
        let lines: Vec<Value> = (0..300).map(line).collect();
        let right = json!({ "lines": lines, "certificate": { "nodes": 3, "bound": 7.0 }, "conflict": [], "zero": 0.0, "rows": [[1, true], [2, -3]] });
        let all = 300 * 3 + 1 + 1 + 4;
        assert_eq!(told(&right, &right), (vec![], all), "nodes are no claim, an empty list has no figures");
        type Lie = fn(&mut Value);
        let lies: [(Lie, &[&str], usize); 12] = [
            (|v| v["lines"][299]["spend"] = json!(1.0), &["lines.l299.spend"], all),
            (|v| v["lines"][7]["tags"]["a"] = json!("x"), &["lines.l7.tags.a"], all),
            (|v| v["lines"][7]["more"] = json!(1), &["lines.l7.more"], all + 1),
            (|v| v["lines"] = Value::Null, &["lines"], all - 900 + 1),
            (|v| drop(v["lines"].as_array_mut().map(Vec::pop)), &["lines"], all - 3),
            (|v| v["certificate"]["bound"] = json!(8.0), &["certificate.bound"], all),
            (|v| v["zero"] = json!(1e-300), &["zero"], all),
            (|v| v["zero"] = json!("0"), &["zero"], all),
            (|v| v["rows"][1][1] = json!(3), &["rows.1.1"], all),
            (|v| v["rows"][0][1] = json!(false), &["rows.0.1"], all),
            (|v| drop(v.as_object_mut().map(|o| o.remove("certificate"))), &["certificate"], all),
            (|v| v["other"] = json!([1, 2]), &["other"], all + 1),
        ];
        for (lie, fields, figures) in lies {
            let mut stated = right.clone();
            lie(&mut stated);
            for (a, b) in [(&stated, &right), (&right, &stated)] {
                assert_eq!(told(a, b), (fields.iter().map(|f| (*f).to_owned()).collect(), figures));
            }
        }
        let mut counted = right.clone();
        counted["certificate"]["nodes"] = json!(9);
        assert_eq!(told(&counted, &right), (vec![], all));
        // Elsewhere a number of nodes is a claim.
        let asked = |nodes: u32| json!({ "asked": { "nodes": nodes } });
        assert_eq!(told(&asked(1), &asked(2)), (vec!["asked.nodes".to_owned()], 1));
        assert_eq!(told(&asked(1), &asked(1)), (vec![], 1));
        assert_eq!(told(&json!({ "zero": 0 }), &json!({ "zero": 0.0 })), (vec![], 1));
        let mut digit = right.clone();
        digit["lines"][9]["spend"] = json!(0.9 * (1.0 + 1e-13));
        digit["lines"][8]["at"] = Value::Null;
        let (differences, _) = told(&digit, &right);
        assert_eq!(differences, Vec::<String>::new());
        assert!(texts("{", "{}", &mut Vec::new()).is_err());
    }
}
