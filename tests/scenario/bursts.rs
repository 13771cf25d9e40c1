//! On/off rules by period: what is proven is the best over every way in which
//! lines may be on and off, each planned by itself without the rules.

use outlay_scenario::Status;
use serde_json::{Value, json};

use crate::support::{Folder, batch, solved};

/// Four months: at most two bursts of one line, and two months in a row at
/// least of another, with weights and a geometric carry-over.
const MONTHS: &str = r#"{"outlay": 1, "name": "rules", "currency": "USD", "horizon": {"start": "2026-01-01", "periods": 4, "unit": "month", "plan": "by_period", "price": [1.28097, 0.621488, 1.10706, 0.615011]}, "lines": [
{"name": "L0", "outcome": "customers", "curve": {"family": "power", "coefficient": 0.531744, "exponent": 0.338435}, "spend": {"current": 69.194},
 "revenue_per_customer": 63.5572, "margin": 0.705745, "lifetime_value": 85.0497, "channel": "A", "stage": "x", "attributes": {"co2": 0.359535}, "fee": 0.288392, "rate": {"cpm": 6.56945, "viewability": 0.513271, "fitted_viewability": 0.999199},
 "adstock": {"kind": "weights", "weights": [0.874691, 1.945, 1.68825]}, "flight": {"opening": 16.0159, "at_least": 9.90234, "bursts": 2}},
{"name": "L1", "outcome": "revenue", "curve": {"family": "power", "coefficient": 41.1987, "exponent": 0.261426}, "spend": {"current": 66.5059},
 "revenue_per_customer": 34.5375, "margin": 0.786758, "lifetime_value": 165.123, "channel": "A", "stage": "y", "attributes": {"co2": 0.724789}, "rate": {"cpm": 5.16728, "viewability": 0.787402, "fitted_viewability": 0.635488},
 "adstock": {"kind": "geometric", "retention": 0.772281}, "flight": {"demand": [1.08413, 1.21741, 0.855903, 1.02485], "at_least": 19.3743, "on_at_least": 2}}],
"goal": {"maximize": "profit"}, "budget": {"max": 150.001}, "limits": [{"name": "lim_customers", "metric": "customers", "min": 16.2214}]}"#;

/// Two weeks, one of three lines in one burst.
const WEEKS: &str = r#"{"outlay": 1, "name": "rules", "currency": "USD", "horizon": {"start": "2026-01-05", "periods": 2, "unit": "week", "plan": "by_period"}, "lines": [
{"name": "L0", "outcome": "customers", "curve": {"family": "power", "coefficient": 0.0626047, "exponent": 0.879124}, "spend": {"current": 88.5214},
 "revenue_per_customer": 44.5423, "margin": 0.893399, "lifetime_value": 194.097, "channel": "A", "stage": "x", "attributes": {"co2": 1.97354}, "new_customer_share": 0.731093, "rate": {"cpm": 8.65579, "viewability": 0.502936, "fitted_viewability": 0.87946},
 "adstock": {"kind": "weights", "weights": [1.60617]}, "flight": {"demand": [0.792448, 0.753009], "at_least": 29.4132, "bursts": 1}},
{"name": "L1", "outcome": "customers", "curve": {"family": "log", "coefficient": 3.00253, "scale": 147.486}, "spend": {"current": 68.9551},
 "revenue_per_customer": 45.982, "margin": 0.773649, "lifetime_value": 188.895, "channel": "A", "stage": "x", "attributes": {"co2": 0.141373}, "rate": {"cpm": 5.72523, "viewability": 0.577945, "fitted_viewability": 0.849778},
 "adstock": {"kind": "weights", "weights": [0.65955, 1.75856, 1.82923]}, "flight": {"max": 70.8034, "price": [1.15376, 0.792504]}},
{"name": "L2", "outcome": "revenue", "curve": {"family": "exponential", "ceiling": 438.859, "scale": 196.951}, "spend": {"current": 63.0523},
 "revenue_per_customer": 66.4947, "margin": 0.528523, "lifetime_value": 184.679, "channel": "B", "stage": "x", "attributes": {"co2": 0.891841},
 "adstock": {"kind": "weights", "weights": [1.81308, 1.57591, 1.0695]}, "flight": {"opening": 35.2848, "demand": [0.764633, 0.689028]}}],
"goal": {"maximize": "profit"}, "budget": {"exact": 164.064}, "limits": [{"name": "lim_iroas", "metric": "iroas", "min": 1.04259}, {"name": "lim_mer", "metric": "mer", "min": 0.989539}]}"#;

/// Every way to be on and off for so many periods that the rules of a flight
/// allow.
fn patterns(flight: &Value, periods: usize) -> Vec<Vec<bool>> {
    if flight["at_least"].is_null() {
        return vec![Vec::new()];
    }
    let rule = |name: &str, otherwise: u64| flight[name].as_u64().unwrap_or(otherwise) as usize;
    let (most, least) = (rule("bursts", 99), rule("on_at_least", 1));
    let all = (0..1_usize << periods).map(|bits| (0..periods).map(|t| bits >> t & 1 == 1).collect());
    let legal = |on: &Vec<bool>| {
        let starts: Vec<usize> = (0..periods).filter(|&t| on[t] && (t == 0 || !on[t - 1])).collect();
        let long = |&t: &usize| (t..periods.min(t + least)).all(|t| on[t]);
        starts.len() <= most && starts.iter().all(long)
    };
    all.filter(legal).collect()
}

/// A flight that is on and off as a pattern says, without rules.
fn pinned(flight: &Value, pattern: &[bool]) -> Value {
    let mut pinned = flight.clone();
    let Some(fields) = pinned.as_object_mut().filter(|_| !pattern.is_empty()) else { return pinned };
    for rule in ["at_least", "on_at_least", "bursts"] {
        fields.remove(rule);
    }
    let floor = |on: &bool| if *on { flight["at_least"].clone() } else { json!(0) };
    let cap = |on: &bool| if *on { json!(1e4) } else { json!(0) };
    fields.insert("min".into(), pattern.iter().map(floor).collect());
    fields.insert("max".into(), pattern.iter().map(cap).collect());
    pinned
}

fn planned(scenario: &Value) -> (Status, Option<f64>) {
    let folder = Folder::new();
    let path = folder.write("s.json", scenario.to_string());
    let result = solved(&batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}")));
    (result.status, result.value)
}

/// The best value over all patterns of two lines.
fn enumerated(scenario: &Value, lines: [usize; 2]) -> f64 {
    let periods = scenario["horizon"]["periods"].as_u64().unwrap() as usize;
    let flight = |line: usize| &scenario["lines"][line]["flight"];
    let mut best = f64::NEG_INFINITY;
    for first in patterns(flight(lines[0]), periods) {
        for second in patterns(flight(lines[1]), periods) {
            let mut one = scenario.clone();
            one["lines"][lines[0]]["flight"] = pinned(flight(lines[0]), &first);
            one["lines"][lines[1]]["flight"] = pinned(flight(lines[1]), &second);
            let (status, value) = planned(&one);
            assert!(
                matches!(status, Status::Optimal | Status::Infeasible),
                "{first:?} {second:?}: {status:?}"
            );
            best = best.max(value.unwrap_or(f64::NEG_INFINITY));
        }
    }
    best
}

fn proven_is_enumerated(text: &str, lines: [usize; 2]) {
    let scenario: Value = serde_json::from_str(text).unwrap();
    let (status, value) = planned(&scenario);
    let (value, best) = (value.unwrap(), enumerated(&scenario, lines));
    assert_eq!(status, Status::Optimal);
    assert!((value - best).abs() <= 3e-6 * best.abs(), "{value} is proven, {best} is the best of all");
}

#[test]
fn bursts_and_months_in_a_row_are_planned_as_if_all_were_tried() {
    proven_is_enumerated(MONTHS, [0, 1]);
}

#[test]
fn a_burst_under_an_exact_budget_is_planned_as_if_all_were_tried() {
    proven_is_enumerated(WEEKS, [0, 1]);
}
