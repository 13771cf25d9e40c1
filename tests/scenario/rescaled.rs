//! Money in another unit: the same answers.

use outlay_scenario::Status;
use serde_json::Value;

use crate::support::{Folder, batch, solved};

/// Fields of money: on lines, curves, limits and the budget.
const MONEY: &[&str] = &[
    "current",
    "max",
    "min",
    "lots",
    "at_least",
    "scale",
    "half_saturation",
    "midpoint",
    "revenue_per_customer",
    "lifetime_value",
];

/// The same scenario where a unit of money is `1 / unit` of what it was.
fn rescaled(text: &str, unit: f64) -> Value {
    let mut scenario: Value = serde_json::from_str(text).unwrap();
    for line in scenario["lines"].as_array_mut().unwrap() {
        let sold = if line["outcome"] == "revenue" { unit } else { 1.0 };
        let curve = line["curve"].as_object_mut().unwrap();
        let exponent = curve.get("exponent").map_or(0.0, |e| e.as_f64().unwrap());
        for point in curve.get_mut("points").and_then(Value::as_array_mut).into_iter().flatten() {
            point[0] = (point[0].as_f64().unwrap() * unit).into();
            point[1] = (point[1].as_f64().unwrap() * sold).into();
        }
        for (name, value) in curve.iter_mut().filter(|(name, value)| value.is_number() && *name != "exponent")
        {
            let factor = match name.as_str() {
                "coefficient" => sold * unit.powf(-exponent),
                "rate" => sold / unit,
                "ceiling" | "min" | "max" | "at_current" | "at_150_percent" => sold,
                _ => unit,
            };
            *value = (value.as_f64().unwrap() * factor).into();
        }
        line["curve"] = Value::Object(curve.clone());
        for part in ["spend", "deal"] {
            line.get_mut(part).into_iter().for_each(|part| money(part, unit));
        }
        money(line, unit);
    }
    scenario.get_mut("budget").into_iter().for_each(|budget| money(budget, unit));
    for limit in scenario["limits"].as_array_mut().unwrap() {
        if ["cac", "revenue", "spend"].contains(&limit["metric"].as_str().unwrap()) {
            money(limit, unit);
        }
    }
    scenario
}

fn money(part: &mut Value, unit: f64) {
    let fields = part.as_object_mut().unwrap().iter_mut();
    for (_, value) in fields.filter(|(name, value)| MONEY.contains(&name.as_str()) && value.is_number()) {
        *value = (value.as_f64().unwrap() * unit).into();
    }
}

/// The least spend that earns and the least moved, each with lines that have no
/// scale of their own or no largest spend.
const SCENARIOS: [&str; 2] = [
    r#"{"outlay": 1, "name": "s195", "currency": "USD", "goal": {"minimize": "spend"}, "limits": [{"name": "lim_cac0", "metric": "cac", "max": 32.7311}, {"name": "lim_revenue1", "metric": "revenue", "min": 595.231}], "budget": {"min": 137.832}, "lines": [
        {"name": "L0", "outcome": "revenue", "curve": {"family": "michaelis_menten", "ceiling": 551.82, "half_saturation": 83.7238}, "spend": {"current": 71.7661, "max": 125.432, "min": 25.5776}, "revenue_per_customer": 73.0722, "margin": 0.584877, "lifetime_value": 159.631, "channel": "A", "stage": "z"},
        {"name": "L1", "outcome": "customers", "curve": {"family": "exponential", "ceiling": 4.369, "scale": 140.469}, "spend": {"current": 74.2557, "max": 158.008}, "revenue_per_customer": 34.7873, "margin": 0.513862, "lifetime_value": 191.097, "channel": "A", "stage": "x", "deal": {"at_least": 10.5005}},
        {"name": "L2", "outcome": "customers", "curve": {"family": "exponential", "ceiling": 8.30288, "scale": 64.1702}, "spend": {"current": 48.5974, "max": 144.281}, "revenue_per_customer": 63.9727, "margin": 0.560579, "lifetime_value": 131.028, "channel": "B", "stage": "x", "deal": {"at_least": 18.9262}},
        {"name": "L3", "outcome": "revenue", "curve": {"family": "power", "coefficient": 24.9338, "exponent": 0.816495}, "spend": {"current": 57.2952}, "revenue_per_customer": 66.0242, "margin": 0.265446, "lifetime_value": 172.813, "channel": "A", "stage": "z"},
        {"name": "L4", "outcome": "customers", "curve": {"family": "adbudg", "min": 0.0, "max": 11.5578, "at_current": 1.90057, "at_150_percent": 5.07077}, "spend": {"current": 58.4256, "max": 175.025}, "revenue_per_customer": 42.1281, "margin": 0.294978, "lifetime_value": 173.245, "channel": "A", "stage": "x", "deal": {"lots": 24.9551}},
        {"name": "L5", "outcome": "revenue", "curve": {"family": "michaelis_menten", "ceiling": 242.528, "half_saturation": 67.611}, "spend": {"current": 48.4689}, "revenue_per_customer": 44.5191, "margin": 0.3449, "lifetime_value": 85.6589, "channel": "A", "stage": "y"}
    ]}"#,
    r#"{"outlay": 1, "name": "s420", "currency": "USD", "goal": {"minimize": "moved"}, "limits": [{"name": "lim_cac0", "metric": "cac", "max": 34.5061}, {"name": "lim_mer1", "metric": "mer", "min": 1.86614}, {"name": "lim_spend_share2", "metric": "spend_share", "where": {"stage": "z"}, "max": 0.293978}], "budget": {"max": 87.8363}, "lines": [
        {"name": "L0", "outcome": "customers", "curve": {"family": "michaelis_menten", "ceiling": 4.76929, "half_saturation": 112.202}, "spend": {"current": 49.1598, "max": 85.0188}, "revenue_per_customer": 63.1842, "margin": 0.218132, "lifetime_value": 105.571, "channel": "A", "stage": "z", "deal": {"lots": 28.2131}},
        {"name": "L1", "outcome": "customers", "curve": {"family": "power", "coefficient": 0.0767311, "exponent": 0.837272}, "spend": {"current": 59.3208, "max": 127.577}, "revenue_per_customer": 42.369, "margin": 0.677723, "lifetime_value": 191.722, "channel": "A", "stage": "z"}
    ]}"#,
];

#[test]
fn a_unit_of_money_changes_no_answer() {
    let folder = Folder::new();
    for text in SCENARIOS {
        let answer = |unit: f64| {
            let path = folder.write("s.json", rescaled(text, unit).to_string());
            let result = solved(&batch(&path).scenario(0).unwrap());
            assert_eq!(result.status, Status::Optimal, "{unit} {text}");
            result.value.unwrap() / unit
        };
        let plain = answer(1.0);
        for unit in [1e-6, 1e-3, 1e3, 1e6] {
            let other = answer(unit);
            assert!((other / plain - 1.0).abs() < 2e-6, "{unit}: {other}, not {plain}");
        }
    }
}

/// What is left of the domain may be a single plan on its edge, where prices
/// have no measure; and at the best ratio of a straight line nothing is worth
/// anything. Each was open in some units of many.
#[test]
fn no_unit_leaves_an_easy_problem_open() {
    let edge = r#"{"outlay": 1, "name": "edge", "goal": {"maximize": "revenue"}, "budget": {"max": 189.208}, "limits": [
        {"metric": "mroas", "min": 0.758636},
        {"metric": "spend_share", "where": {"channel": "A"}, "min": 0.535926},
        {"metric": "ltv_to_cac", "min": 0.563955}], "lines": [
        {"name": "L0", "channel": "A", "outcome": "customers", "curve": {"family": "log", "coefficient": 2.76388, "scale": 123.153}, "spend": {"current": 35.134}, "fee": 0.138092, "deal": {"at_least": 21.7783}, "revenue_per_customer": 57.0273, "lifetime_value": 107.813},
        {"name": "L1", "channel": "B", "outcome": "revenue", "curve": {"family": "table", "points": [[18.2729, 26.8376], [36.0823, 72.8766], [65.2839, 117.449], [87.0884, 189.234], [101.288, 265.862]]}, "spend": {"current": 96.168}, "fee": 0.183148, "revenue_per_customer": 64.8494, "lifetime_value": 163.005}]}"#;
    let straight = r#"{"outlay": 1, "name": "straight", "goal": {"minimize": "cac"}, "budget": {"min": 55.0786, "max": 228.123}, "limits": [
        {"metric": "mroas", "where": {"channel": "B"}, "min": 1.13349}], "lines": [
        {"name": "L0", "channel": "A", "outcome": "customers", "curve": {"family": "linear", "rate": 0.0640942}, "spend": {"current": 58.0282}, "revenue_per_customer": 44.1},
        {"name": "L1", "channel": "B", "outcome": "customers", "curve": {"family": "table", "points": [[32.0419, 0.231862], [67.6886, 1.75159], [93.1468, 2.77193]]}, "spend": {"current": 87.6191}, "revenue_per_customer": 51.3}]}"#;
    let folder = Folder::new();
    let mut proven = 0;
    for text in [edge, straight] {
        for tenths in -60..=65 {
            let unit = 10.0_f64.powf(f64::from(tenths) / 10.0);
            let path = folder.write("s.json", rescaled(text, unit).to_string());
            let result = solved(&batch(&path).scenario(0).unwrap());
            assert_eq!(result.status, Status::Optimal, "{tenths} {text}");
            proven += 1;
        }
    }
    assert_eq!(proven, 252);
}
