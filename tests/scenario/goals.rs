//! What goals mean: goals in order, what moving money costs, costs per customer.

use approx::assert_relative_eq;
use outlay_scenario::Status;

use crate::support::{proven, rejected, scenario, solved};

/// Two lines of revenue; `%` are the goals after the first.
const GOALS: &str = r#"
outlay = 1
budget = { max = 200 }
goal = [{ maximize = "revenue" }, %]
lines = [
    { name = "A", outcome = "revenue", spend = { current = 20 }, curve = { family = "michaelis_menten", ceiling = 500, half_saturation = 100 } },
    { name = "B", outcome = "revenue", spend = { current = 90 }, curve = { family = "michaelis_menten", ceiling = 300, half_saturation = 60 } },
]
"#;

#[test]
fn what_an_earlier_goal_was_allowed_stays_allowed() {
    let revenue = |a: f64, b: f64| 500.0 * a / (100.0 + a) + 300.0 * b / (60.0 + b);
    let moved = |a: f64, b: f64| (a - 20.0).abs() + (b - 90.0).abs();
    let grid =
        || (0..=800).flat_map(|a| (0..=800 - a).map(move |b| (f64::from(a) / 4.0, f64::from(b) / 4.0)));
    let best = grid().map(|(a, b)| revenue(a, b)).fold(0.0, f64::max);
    for (first, second) in [(0.05, 0.0), (0.05, 0.01), (0.02, 0.05)] {
        let goals = format!(
            r#"{{ minimize = "moved", within = {first} }}, {{ minimize = "spend", within = {second} }}"#
        );
        let result = solved(&scenario(&GOALS.replace('%', &goals)));
        assert_eq!(result.status, Status::Optimal, "{goals}");
        let reached: Vec<f64> = result.goals.iter().map(|g| g.best.unwrap()).collect();
        assert_eq!(reached.len(), 3);
        let floor = |within: f64| best * (1.0 - within);
        let near = |w: f64| grid().filter(move |&(a, b)| revenue(a, b) >= floor(w));
        let least = near(first).map(|(a, b)| moved(a, b)).fold(f64::INFINITY, f64::min);
        let kept = |&(a, b): &(f64, f64)| moved(a, b) <= reached[1] * (1.0 + second) + 0.5;
        let spend = near(first.max(second)).filter(kept).map(|(a, b)| a + b).fold(f64::INFINITY, f64::min);
        assert!((reached[1] - least).abs() < 0.6, "{goals}: moved {} and {least}", reached[1]);
        assert!((reached[2] - spend).abs() < 1.2, "{goals}: spend {} and {spend}", reached[2]);
    }
}

#[test]
fn moving_money_costs_what_it_costs_whatever_the_goal() {
    let text = |goal: &str| {
        format!(
            r#"
outlay = 1
goal = {goal}
budget = {{ max = 20 }}
lines = [{{ name = "A", outcome = "revenue", spend = {{ current = 50 }}, curve = {{ family = "linear", rate = 2 }} }}]
"#
        )
    };
    // 30 have to move, each for itself and for half as much again.
    let value = |goal: &str| proven(&scenario(&text(goal))).value.unwrap();
    assert_relative_eq!(value(r#"{ minimize = "moved", move_cost = 0.5 }"#), 45.0, max_relative = 1e-9);
    assert_relative_eq!(value(r#"{ minimize = "moved" }"#), 30.0, max_relative = 1e-9);
    // 20 are spent and 30 moved: 40 - 15; nothing is spent and 50 moved: 25, so 20.
    assert_relative_eq!(value(r#"{ maximize = "revenue", move_cost = 0.5 }"#), 25.0, max_relative = 1e-9);
    assert_relative_eq!(value(r#"{ minimize = "spend", move_cost = 0.5 }"#), 25.0, max_relative = 1e-9);
    assert_relative_eq!(value(r#"{ minimize = "spend", move_cost = 2 }"#), 80.0, max_relative = 1e-9);
}

/// The least cost per customer, `%` being what else the file says.
fn cheapest(more: &str, line: &str) -> String {
    format!(
        r#"
outlay = 1
goal = {{ minimize = "cac" }}
{more}
[[lines]]
name = "A"
stage = "x"
outcome = "customers"
curve = {{ family = "michaelis_menten", ceiling = 100, half_saturation = 50 }}
{line}
[[lines]]
name = "B"
stage = "y"
outcome = "customers"
curve = {{ family = "michaelis_menten", ceiling = 100, half_saturation = 90 }}
{line}
"#
    )
}

#[test]
fn a_cost_per_customer_needs_a_customer() {
    let limit = |rule: &str| cheapest(&format!("budget = {{ max = 100 }}\nlimits = [{{ {rule} }}]"), "");
    for nothing_keeps in [
        r#"metric = "spend_share", where = { stage = "x" }, min = 0.3"#,
        r#"metric = "iroas", min = 1"#,
        r#"metric = "mroas", min = 1"#,
        r#"metric = "mer", min = 1"#,
        r#"metric = "change", min = -1"#,
        r#"metric = "customers", min = 0"#,
    ] {
        let text = limit(nothing_keeps)
            .replace("\nstage =", "\nrevenue_per_customer = 9\nspend = { current = 5 }\nstage =");
        assert!(
            rejected(&text).contains("nothing forces a positive outcome"),
            "{nothing_keeps}: {}",
            rejected(&text)
        );
    }
    for forced in [r#"metric = "customers", min = 5"#, r#"metric = "active_lines", min = 1"#] {
        assert_eq!(rejected(&limit(forced)), "", "{forced}");
    }
    let text = cheapest("budget = { min = 50, max = 100 }", "new_customer_share = 0");
    assert!(rejected(&text).contains("no line can win a new customer"), "{}", rejected(&text));
    let text = cheapest("budget = { min = 50, max = 100 }", "spend = { max = 0 }");
    assert!(rejected(&text).contains("no line can win a new customer"), "{}", rejected(&text));
    // 30 have to be spent: all of it where the next customer is cheapest.
    let value = proven(&scenario(&cheapest("budget = { min = 30, max = 100 }", ""))).value.unwrap();
    let customers = |a: f64| 100.0 * a / (50.0 + a) + 100.0 * (30.0 - a) / (90.0 + 30.0 - a);
    let best = (0..=3000).map(|k| 30.0 / customers(f64::from(k) / 100.0)).fold(f64::INFINITY, f64::min);
    assert_relative_eq!(value, best, max_relative = 1e-6);
}
