//! Goals in order, against a grid, laws and edits.

use outlay_scenario::{Files, ResultFile, verify};
use serde_json::Value;

use crate::support::{Folder, batch, proven, scenario, solved};

/// Three concave lines, far from their best split; `%` is the second goal.
const THREE: &str = r#"
outlay = 1
budget = { max = 300 }
goal = [{ maximize = "revenue" }%]
lines = [
    { name = "A", outcome = "revenue", spend = { current = 200, max = 300 }, revenue_per_customer = 10, curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 400 } },
    { name = "B", outcome = "revenue", spend = { current = 50, max = 300 }, revenue_per_customer = 10, curve = { family = "michaelis_menten", ceiling = 600, half_saturation = 100 } },
    { name = "C", outcome = "revenue", spend = { current = 30, max = 300 }, revenue_per_customer = 10, curve = { family = "exponential", ceiling = 300, scale = 50 } },
]
"#;

fn with(goals: &str) -> String {
    THREE.replace('%', goals)
}

fn planned(goals: &str) -> ResultFile {
    let result = solved(&scenario(&with(goals)));
    assert_eq!(result.status, outlay_scenario::Status::Optimal);
    result
}

fn moved(result: &ResultFile) -> f64 {
    result.lines.iter().flatten().map(|l| (l.spend - l.current).abs()).sum()
}

fn revenue(spends: [f64; 3]) -> f64 {
    let [a, b, c] = spends;
    1000.0 * a / (400.0 + a) + 600.0 * b / (100.0 + b) + 300.0 * (1.0 - (-c / 50.0).exp())
}

#[test]
fn the_least_churn_near_the_most_revenue_is_that_of_a_grid() {
    let best = planned("").value.unwrap();
    let result = planned(r#", { minimize = "moved", within = 0.01 }"#);
    let floor = best * 0.99;
    assert!(result.value.unwrap() >= floor * (1.0 - 2e-7), "{:?} under {floor}", result.value);
    let mut least = f64::INFINITY;
    for a in 0..=600 {
        for b in 0..=600 - a {
            let (a, b) = (f64::from(a) / 2.0, f64::from(b) / 2.0);
            // The third line takes what the floor on revenue leaves it to do.
            let missing = (floor - revenue([a, b, 0.0])) / 300.0;
            let needed = if missing >= 1.0 { continue } else { -50.0 * (1.0 - missing.max(0.0)).ln() };
            let c = 30.0_f64.clamp(needed, f64::INFINITY);
            if a + b + c <= 300.0 {
                least = least.min((a - 200.0).abs() + (b - 50.0).abs() + (c - 30.0).abs());
            }
        }
    }
    let found = moved(&result);
    assert!(found <= least * (1.0 + 1e-6), "{found} over {least}");
    assert!(found >= least - 2.0, "{found} far under {least}, the best of a grid of 0.5");
}

#[test]
fn giving_up_more_never_moves_more() {
    let mut before = f64::INFINITY;
    for within in [0.0, 0.001, 0.01, 0.05, 0.3] {
        let result = planned(&format!(r#", {{ minimize = "moved", within = {within} }}"#));
        let now = moved(&result);
        assert!(now <= before * (1.0 + 1e-6), "{now} over {before} at {within}");
        assert_eq!(result.goals.len(), 2);
        assert!((result.goals[1].value.unwrap() - now).abs() <= 1e-9 * now.max(1.0));
        before = now;
    }
    assert_eq!(before, 0.0, "today's plan is within 30%");
}

#[test]
fn nothing_given_up_keeps_the_first_goal() {
    let best = planned("").value.unwrap();
    let result = planned(r#", { minimize = "spend" }"#);
    assert!((result.value.unwrap() - best).abs() <= 2e-7 * best);
}

#[test]
fn the_least_churn_without_giving_anything_up_is_proven() {
    // A later goal changes steeply here: what limits may be exceeded by is worth 3e-6 of it.
    let curves = [
        r#"family = "hill", ceiling = 1500, half_saturation = 300, shape = 1"#,
        r#"family = "hill", ceiling = 1950, half_saturation = 390, shape = 1"#,
        r#"family = "exponential", ceiling = 1920, scale = 260"#,
    ];
    let mut text = "outlay = 1\nbudget = { max = 600 }\n\
                    goal = [{ maximize = \"revenue\" }, { minimize = \"moved\" }]\n"
        .to_owned();
    for ((name, current), curve) in [("A", 150), ("B", 180), ("C", 210)].into_iter().zip(curves) {
        text += &format!(
            "[[lines]]\nname = \"{name}\"\noutcome = \"revenue\"\n\
             spend = {{ current = {current}, max = 900 }}\ncurve = {{ {curve} }}\n"
        );
    }
    let folder = Folder::new();
    let path = folder.write("s.toml", text);
    let result = solved(&batch(&path).scenario(0).unwrap());
    assert_eq!(result.status, outlay_scenario::Status::Optimal);
    // Files of before were asked for less than 1e-6: they are read as they are.
    let mut value = serde_json::to_value(&result).unwrap();
    value["goals"][1]["certificate"]["asked"] = 1e-6.into();
    value["status"] = "within_gap".into();
    let file = folder.write("r.json", value.to_string());
    assert_eq!(verify(&Files::disk(), &file, None).remove(0).unwrap().differences, []);
    value["goals"][1]["certificate"]["asked"] = 1e-3.into();
    let file = folder.write("r.json", value.to_string());
    assert!(!verify(&Files::disk(), &file, None).remove(0).unwrap().differences.is_empty());
}

#[test]
fn three_goals_each_keep_those_before() {
    let result = planned(r#", { minimize = "spend", within = 0.02 }, { minimize = "moved", within = 0.04 }"#);
    let [revenue, spend, moved] = result.goals.as_slice() else { panic!("three goals") };
    assert!(revenue.value.unwrap() >= revenue.best.unwrap() * (0.96 - 2e-7));
    assert!(spend.value.unwrap() <= spend.best.unwrap() * (1.04 + 2e-7));
    assert!(moved.value.unwrap() <= moved.best.unwrap() * (1.0 + 1e-6));
}

#[test]
fn a_ratio_can_come_first() {
    let text = with("").replace(
        r#"{ maximize = "revenue" }"#,
        r#"{ minimize = "cac" }, { maximize = "revenue", within = 0.1 }"#,
    );
    let result = proven(&scenario(&text.replace("max = 300 }\ngoal", "min = 100, max = 300 }\ngoal")));
    let [cac, revenue] = result.goals.as_slice() else { panic!("two goals") };
    assert!(cac.value.unwrap() <= cac.best.unwrap() * (1.1 + 2e-7));
    assert!(cac.value.unwrap() > cac.best.unwrap() * 1.09, "revenue takes what it may");
    assert!(revenue.value.unwrap() > 0.0);
}

#[test]
fn a_result_stands_and_edits_do_not() {
    let folder = Folder::new();
    let path = folder.write("s.toml", with(r#", { minimize = "moved", within = 0.01 }"#));
    let result = solved(&batch(&path).scenario(0).unwrap());
    let value = serde_json::to_value(&result).unwrap();
    let differences = |value: &Value| {
        let path = folder.write("r.json", value.to_string());
        verify(&Files::disk(), &path, None).remove(0).unwrap().differences
    };
    assert_eq!(differences(&value), []);
    let edits =
        ["/goals/0/best", "/goals/1/best", "/goals/1/value", "/goals/1/certificate/bound", "/lines/0/spend"];
    for field in edits {
        let mut edited = value.clone();
        let slot = edited.pointer_mut(field).unwrap_or_else(|| panic!("{field}"));
        *slot = Value::from(slot.as_f64().unwrap() * 1.001 + 0.001);
        assert!(!differences(&edited).is_empty(), "{field}");
    }
    let mut edited = value.clone();
    edited["goals"] = Value::Array(Vec::new());
    assert!(!differences(&edited).is_empty(), "no goals");
}
