//! The schemas say what the reader reads.

use outlay_scenario::spec::{BUILT_IN_METRICS, Family};
use outlay_scenario::{SchemaKind, schema};
use serde_json::Value;

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_scenario_schema_has_every_field_and_no_other() {
    let schema = schema(SchemaKind::Scenario);
    let expected = [
        "audiences",
        "baseline",
        "budget",
        "currency",
        "curves",
        "demand",
        "extends",
        "goal",
        "horizon",
        "limits",
        "lines",
        "name",
        "outlay",
        "remove",
        "vary",
    ];
    let mut found = names(&schema["properties"]);
    found.sort_unstable();
    assert_eq!(found, expected);
    for definition in [
        "AudienceSpec",
        "DemandSpec",
        "ReachSpec",
        "LineSpec",
        "LimitSpec",
        "SpendSpec",
        "DealSpec",
        "RateSpec",
        "BudgetSpec",
        "VarySpec",
    ] {
        assert_eq!(schema["$defs"][definition]["additionalProperties"], false, "{definition}");
    }
    assert!(names(&schema["$defs"]["LimitSpec"]["properties"]).contains(&"where"));
}

#[test]
fn the_schema_lists_families_and_metrics() {
    let schema = schema(SchemaKind::Scenario);
    let variants = schema["$defs"]["CurveSpec"]["oneOf"].as_array().unwrap();
    let families: Vec<&str> =
        variants.iter().map(|v| v["properties"]["family"]["const"].as_str().unwrap()).collect();
    assert_eq!(families, Family::NAMES);
    let metrics = schema["$defs"]["Metric"]["anyOf"][0]["enum"].as_array().unwrap();
    assert_eq!(metrics.len() + 1, BUILT_IN_METRICS.len());
}

#[test]
fn results_and_libraries_have_schemas() {
    for (kind, field) in [(SchemaKind::Result, "certificate"), (SchemaKind::Curves, "curves")] {
        assert!(names(&schema(kind)["properties"]).contains(&field));
    }
}
