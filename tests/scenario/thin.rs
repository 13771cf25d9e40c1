//! Limits that leave no room between them: opposite rows, equations that add
//! up, shares that must all be met. By period, without carry-over, plans that
//! are the same every week are the best (curves are concave, or may not change
//! from week to week), so the plan in total, which another solver finds, says
//! what is right.

use outlay_scenario::{Scenario, Status};

use crate::support::{scenario, solved};

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
