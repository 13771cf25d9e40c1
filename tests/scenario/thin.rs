//! Limits that leave no room between them: opposite rows, equations that add
//! up, shares that must all be met. By period, without carry-over, plans that
//! are the same every week are the best (curves are concave, or may not change
//! from week to week), so the plan in total, which another solver finds, says
//! what is right.

use std::path::Path;

use outlay_allocator::Options;
use outlay_scenario::{Scenario, Status, check, lower};

use crate::support::{Folder, batch, scenario, solved};

const CONCAVE: [&str; 3] = [
    r#"{ family = "linear", rate = 2.0 }"#,
    r#"{ family = "hill", ceiling = 1950, half_saturation = 390, shape = 1 }"#,
    r#"{ family = "power", coefficient = 48, exponent = 0.6 }"#,
];

const S_SHAPED: [&str; 3] = [
    r#"{ family = "hill", ceiling = 1500, half_saturation = 300, shape = 2 }"#,
    r#"{ family = "hill", ceiling = 1950, half_saturation = 390, shape = 1 }"#,
    r#"{ family = "exponential", ceiling = 1920, scale = 260 }"#,
];

/// Three lines over six weeks.
fn written(by_period: bool, curves: [&str; 3], smooth: bool, budget: &str, limits: &str) -> Scenario {
    let mut text = format!(
        "outlay = 1\nname = \"x\"\nbudget = {budget}\n\n[horizon]\nperiods = 6\nunit = \"week\"\n{}",
        if by_period { "start = 2026-01-05\nplan = \"by_period\"\n" } else { "" }
    );
    let each = ["A", "B", "C"].iter().zip(["top", "top", "low"]).zip(curves).zip([150, 180, 210]);
    for (k, (((name, stage), curve), current)) in each.enumerate() {
        text += &format!(
            "\n[[lines]]\nname = \"{name}\"\nstage = \"{stage}\"\noutcome = \"revenue\"\ncurve = {curve}\n\
             spend = {{ current = {current}, min = 0, max = 900 }}\nattributes = {{ co2 = {} }}\n",
            0.1 * (k + 1) as f64
        );
        if by_period && smooth {
            text += "flight = { smooth = 0 }\n";
        }
    }
    scenario(&(text + limits))
}

/// By period and in total: both proven, and the same.
fn agree(curves: [&str; 3], smooth: bool, budget: &str, limits: [&str; 2]) {
    let [flown, whole] = [(true, limits[0]), (false, limits[1])].map(|(by_period, limits)| {
        let result = solved(&written(by_period, curves, smooth, budget, limits));
        assert_eq!(result.status, Status::Optimal, "{by_period} {smooth} {budget} {limits}");
        result.value.unwrap()
    });
    assert!((flown - whole).abs() <= 2e-6 * whole, "{flown} for {whole}: {smooth} {budget} {limits:?}");
}

const SHARES: [&str; 5] = [
    "[[limits]]\nmetric = \"spend_share\"\nwhere = { stage = \"top\" }\nmin = 0.5\nmax = 0.5\n",
    "[[limits]]\nname = \"a\"\nmetric = \"spend_share\"\nwhere = { stage = \"top\" }\nmin = 0.5\nmax = 0.5\n\
     [[limits]]\nname = \"b\"\nmetric = \"spend_share\"\nwhere = { stage = \"low\" }\nmin = 0.5\nmax = 0.5\n",
    "[[limits]]\nname = \"a\"\nmetric = \"spend_share\"\nwhere = { stage = \"top\" }\nmin = 0.4\n\
     [[limits]]\nname = \"b\"\nmetric = \"spend_share\"\nwhere = { stage = \"low\" }\nmin = 0.6\n",
    "[[limits]]\nmetric = \"spend_share\"\nby = \"name\"\nmin = 0.3333333333333333\nmax = 0.3333333333333333\n",
    "[[limits]]\nname = \"a\"\nmetric = \"spend_share\"\nwhere = { name = \"A\" }\nmin = 0.25\n\
     [[limits]]\nname = \"b\"\nmetric = \"spend_share\"\nwhere = { name = \"B\" }\nmin = 0.25\n\
     [[limits]]\nname = \"c\"\nmetric = \"spend_share\"\nwhere = { name = \"C\" }\nmin = 0.5\n",
];

const OTHERS: [&str; 3] = [
    "[[limits]]\nmetric = \"attribute.co2\"\nmin = 100\nmax = 100\n",
    "[[limits]]\nname = \"a\"\nmetric = \"attribute.co2\"\nmin = 100\n\
     [[limits]]\nname = \"b\"\nmetric = \"attribute.co2\"\nmax = 100\n",
    "[[limits]]\nmetric = \"change\"\nby = \"name\"\nmin = 0\nmax = 0\n",
];

#[test]
fn flights_that_may_not_change_with_a_budget_that_is_exact() {
    for budget in ["{ min = 600, max = 600 }", "{ exact = 600 }", "{ max = 600 }"] {
        agree(CONCAVE, true, budget, ["", ""]);
        agree(S_SHAPED, true, budget, ["", ""]);
    }
}

#[test]
fn shares_that_are_exact_or_add_up_to_the_whole() {
    for limits in SHARES {
        for smooth in [false, true] {
            agree(CONCAVE, smooth, "{ max = 600 }", [limits, limits]);
            agree(CONCAVE, smooth, "{ exact = 600 }", [limits, limits]);
        }
    }
}

#[test]
fn attributes_and_changes_that_are_exact() {
    for limits in OTHERS {
        for smooth in [false, true] {
            agree(CONCAVE, smooth, "{ max = 600 }", [limits, limits]);
        }
    }
}

#[test]
fn periods_that_add_up_to_the_budget() {
    let weeks = "[[limits]]\nmetric = \"spend\"\nby = \"period\"\nmin = 100\nmax = 100\n";
    let month = "[[limits]]\nmetric = \"spend\"\nwhere = { period = \"2026-01\" }\nmin = 400\nmax = 400\n";
    for budget in ["{ max = 600 }", "{ exact = 600 }"] {
        for smooth in [false, true] {
            agree(CONCAVE, smooth, budget, [weeks, ""]);
            agree(CONCAVE, smooth, budget, [month, ""]);
        }
    }
}

/// Concave curves on both sides of an equation leave no concave set: the value
/// is the equation's own.
#[test]
fn revenue_and_return_that_are_exact() {
    let revenue = "[[limits]]\nmetric = \"revenue\"\nmin = 100\nmax = 100\n";
    let half = "[[limits]]\nname = \"half\"\nmetric = \"spend_share\"\nwhere = { stage = \"top\" }\nmin = 0.5\nmax = 0.5\n";
    // Not the best mix of 600, which returns more, but one that returns 2.
    let twice = "[[limits]]\nmetric = \"iroas\"\nmin = 2\nmax = 2\n";
    let curves = [S_SHAPED[1], S_SHAPED[1], S_SHAPED[2]];
    let revenue_by_half = format!("{revenue}{half}");
    let each = [
        (false, revenue, 100.0),
        (true, revenue, 100.0),
        (false, &revenue_by_half, 100.0),
        (true, &revenue_by_half, 100.0),
        (false, twice, 1200.0),
    ];
    for (by_period, limits, value) in each {
        let result = solved(&written(by_period, curves, false, "{ max = 600 }", limits));
        assert_eq!(result.status, Status::Optimal, "{by_period} {limits}");
        assert!((result.value.unwrap() - value).abs() < 1e-5 * value, "{by_period} {limits}");
    }
}

/// A share of spend that cannot be kept, beside a cap on revenue and one on cost
/// per customer of S-curves, both of which the plan of the repair is at: the
/// share is that of a grid in two spends, from the formulas.
#[test]
fn a_repair_between_curved_limits_is_listed() {
    let text = r#"{"outlay": 1, "lines": [
        {"name": "A", "outcome": "revenue", "stage": "x", "spend": {"current": 64, "min": 100}, "revenue_per_customer": 60,
         "curve": {"family": "hill", "ceiling": 290, "half_saturation": 93, "shape": 4}},
        {"name": "B", "outcome": "revenue", "stage": "y", "spend": {"current": 46}, "revenue_per_customer": 40,
         "curve": {"family": "hill", "ceiling": 400, "half_saturation": 100, "shape": 2}}],
        "goal": {"minimize": "cac"}, "budget": {"min": 180, "max": 190},
        "limits": [
        {"name": "cost", "metric": "cac", "where": {"stage": "x"}, "max": 34},
        {"name": "revenue", "metric": "revenue", "max": 320},
        {"name": "share", "metric": "spend_share", "where": {"stage": "y"}, "min": 0.45}]}"#;
    let hill = |c: f64, h: f64, s: f64, x: f64| c * x.powf(s) / (x.powf(s) + h.powf(s));
    let mut best: f64 = 0.0;
    for i in 0..1_200 {
        for k in 0..200 {
            let a = 100.0 + 0.05 * f64::from(i);
            let b = (180.0 - a).max(0.0) + 0.05 * f64::from(k);
            let (earned, more) = (hill(290.0, 93.0, 4.0, a), hill(400.0, 100.0, 2.0, b));
            if a * 60.0 <= 34.0 * earned && earned + more <= 320.0 {
                best = best.max(b / (a + b));
            }
        }
    }
    let folder = Folder::new();
    let scenario = batch(&folder.write("s.json", text)).scenario(0).unwrap();
    let checked = check(&scenario, &lower(&scenario), &Options::default()).unwrap();
    assert_eq!(checked.feasible, Some(false));
    let repair = checked.repairs.iter().find(|r| r.name == "share").expect("the share's repair");
    let to = repair.to.unwrap();
    assert!(best > 0.2 && to >= best - 1e-6 && to <= best + 2e-3, "{to} for {best}");
}

fn kept(name: &str) -> Scenario {
    let path = format!("{}/../../tests/scenario/thin/{name}.json", env!("CARGO_MANIFEST_DIR"));
    batch(Path::new(&path)).scenario(0).unwrap()
}

/// Around the budget at which a line that may not change from week to week is
/// switched on, its spends are next to nothing and break that rule by their last
/// digits. With a plan at hand that spends nothing, that had been the end.
#[test]
fn a_flight_of_next_to_nothing_is_dropped_or_made_even() {
    let mut before = 0.0;
    for budget in [71.8, 72.0, 72.1155, 72.2, 72.4] {
        let text = include_str!("thin/next_to_nothing.json").replace("79.348", &budget.to_string());
        let folder = Folder::new();
        let result = solved(&batch(&folder.write("s.json", text)).scenario(0).unwrap());
        assert_eq!(result.status, Status::Optimal, "{budget}");
        let value = result.value.unwrap();
        assert!(value > before && value > 234.0 && value < 237.0, "{value} at {budget}");
        before = value;
    }
}

/// Where a search for the best plan finds none and proves nothing, whether there
/// is any plan is asked by itself.
#[test]
fn what_one_search_leaves_open_the_least_violation_settles() {
    assert_eq!(solved(&kept("refuted")).status, Status::Infeasible);
    assert_eq!(solved(&kept("repaired")).status, Status::Optimal);
}
