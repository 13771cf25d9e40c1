//! A result that was touched by hand does not verify.

use outlay_scenario::{Files, RecordError, verify};
use serde_json::Value;

use crate::support::{Folder, TWO, batch, proven, solved};

const LIMITS: &str = "\n[[limits]]\nname = \"CAC\"\nmetric = \"cac\"\nmax = 14\n\
    [[limits]]\nname = \"Shares\"\nmetric = \"spend_share\"\nby = \"stage\"\nmax = 0.7\n\
    [[vary]]\nset = \"budget.max\"\nvalues = [300, 500]\n";

fn written(folder: &Folder) -> Value {
    let path = folder.write("s.toml", format!("{TWO}{LIMITS}"));
    let scenario = batch(&path).scenario(1).unwrap();
    serde_json::to_value(proven(&scenario)).unwrap()
}

fn differences(folder: &Folder, value: &Value) -> usize {
    let path = folder.write("r.json", value.to_string());
    verify(&Files::disk(), &path, None).remove(0).map_or(1, |v| v.differences.len())
}

/// Every number in a value, as a pointer to it.
fn numbers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Number(_) => all.push(at),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| numbers(v, format!("{at}/{i}"), all));
        }
        Value::Object(fields) => {
            for (key, v) in fields {
                numbers(v, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

#[test]
fn an_untouched_result_stands() {
    let folder = Folder::new();
    let value = written(&folder);
    assert_eq!(value["status"], "optimal");
    let path = folder.write("r.json", value.to_string());
    let verified = verify(&Files::disk(), &path, None).remove(0).unwrap();
    assert_eq!(verified.differences, []);
}

/// Three S-shaped curves on which local solvers fail.
const TRAP: &str = r#"
outlay = 1
budget = { max = 60 }
lines = [
    { name = "A", outcome = "revenue", curve = { family = "hill", ceiling = 100, half_saturation = 40, shape = 3 } },
    { name = "B", outcome = "revenue", curve = { family = "hill", ceiling = 80, half_saturation = 30, shape = 2.5 } },
    { name = "C", outcome = "revenue", curve = { family = "hill", ceiling = 60, half_saturation = 20, shape = 4 } },
]
"#;

#[test]
fn an_s_shaped_optimum_is_proven_leaf_by_leaf() {
    let folder = Folder::new();
    let scenario = batch(&folder.write("s.toml", TRAP)).scenario(0).unwrap();
    let file = solved(&scenario);
    approx::assert_relative_eq!(file.value.unwrap(), 90.8747679, max_relative = 1e-8);
    assert!(file.certificate.as_ref().unwrap().leaves.len() > 1);
    // Leaves prove the price as they prove the plan.
    let limits = file.limits.as_ref().unwrap();
    let slope = |family: f64, k: f64, shape: f64, x: f64| {
        family * shape * k.powf(shape) * x.powf(shape - 1.0) / (k.powf(shape) + x.powf(shape)).powi(2)
    };
    let c = file.lines.as_ref().unwrap()[2].spend;
    approx::assert_relative_eq!(
        limits[0].shadow_price.unwrap(),
        slope(60.0, 20.0, 4.0, c),
        max_relative = 1e-4
    );
    assert!(!limits[0].local && limits[0].shadow_price_less.is_none());
    let value = serde_json::to_value(file).unwrap();
    assert_eq!(differences(&folder, &value), 0);
    every_edit_is_noticed(&folder, &value);
}

#[test]
fn any_edited_number_is_noticed() {
    let folder = Folder::new();
    let value = written(&folder);
    every_edit_is_noticed(&folder, &value);
}

fn every_edit_is_noticed(folder: &Folder, value: &Value) {
    let mut all = Vec::new();
    numbers(value, String::new(), &mut all);
    assert!(all.len() > 40);
    for pointer in all {
        if pointer.ends_with("/nodes") {
            continue;
        }
        let mut edited = value.clone();
        let number = edited.pointer_mut(&pointer).unwrap();
        let old = number.as_f64().unwrap();
        *number = if old == 0.0 { 1.0.into() } else { (old * 1.001).into() };
        assert!(differences(folder, &edited) > 0, "{pointer}: {old}");
    }
}

#[test]
fn a_status_cannot_be_claimed() {
    let folder = Folder::new();
    let mut value = written(&folder);
    for status in ["within_gap", "infeasible", "undetermined"] {
        value["status"] = status.into();
        assert!(differences(&folder, &value) > 0, "{status}");
    }
    let mut value = written(&folder);
    value["certificate"]["leaves"] = Value::Array(Vec::new());
    assert!(differences(&folder, &value) > 0);
}

#[test]
fn a_changed_scenario_is_noticed() {
    let folder = Folder::new();
    let value = written(&folder);
    let result = folder.write("r.json", value.to_string());
    folder.write("s.toml", format!("{TWO}{LIMITS}# changed"));
    assert!(matches!(verify(&Files::disk(), &result, None).remove(0), Err(RecordError::Changed { .. })));
}
