//! Metrics of the problem and of the result against their formulas.

use approx::assert_relative_eq;
use outlay_allocator::certificate::judge;
use outlay_scenario::lower;

use crate::support::{TWO, proven, scenario, solved};

/// Revenue of A and customers of B at a spend, by hand.
fn revenue_a(x: f64) -> f64 {
    2000.0 * x / (150.0 + x)
}

fn customers_b(x: f64) -> f64 {
    30.0 * x.powf(0.8) / (120f64.powf(0.8) + x.powf(0.8))
}

/// The figure of a limit at given spends.
fn figure(limit: &str, spends: &[f64]) -> f64 {
    let scenario = scenario(&format!("{TWO}\n[[limits]]\n{limit}\n"));
    let lowered = lower(&scenario);
    let last = lowered.problem.limits.last().unwrap();
    last.value(&lowered.problem.lines, spends)
}

#[test]
fn metrics_follow_their_formulas() {
    let x = [120.0, 75.0];
    let (ra, qb) = (revenue_a(x[0]), customers_b(x[1]));
    let qa = ra / 50.0;
    let (sa, sb) = (x[0] * 1.1, x[1]);
    let (revenue, customers) = (ra + 60.0 * qb, 0.5 * qa + qb);
    let cases = [
        ("metric = \"spend\"\nmax = 1", sa + sb),
        ("metric = \"revenue\"\nmin = 1", revenue),
        ("metric = \"customers\"\nmin = 1", customers),
        ("metric = \"lifetime_value\"\nmin = 1", 80.0 * qa + 90.0 * qb),
        ("metric = \"profit\"\nmin = 1", 0.6 * ra + 0.5 * 60.0 * qb - sa - sb),
        ("metric = \"cac\"\nmax = 1", (sa + sb + 50.0) / (customers + 2.0)),
        ("metric = \"cac\"\nmax = 1\nwhere = { stage = \"awareness\" }", sa / (0.5 * qa)),
        ("metric = \"mer\"\nmin = 1", (revenue + 100.0) / (sa + sb + 50.0)),
        ("metric = \"mer\"\nmin = 1\nwhere = { name = \"B\" }", 60.0 * qb / sb),
        ("metric = \"iroas\"\nmin = 1", revenue / (sa + sb)),
        ("metric = \"ltv_to_cac\"\nmin = 1", (80.0 * qa + 90.0 * qb) / (sa + sb)),
        ("metric = \"spend_share\"\nmax = 0.5\nwhere = { name = \"A\" }", sa / (sa + sb)),
        ("metric = \"spend_share\"\nmax = 0.5\nwhere = { name = \"A\" }\nof = { name = [\"A\"] }", 1.0),
        ("metric = \"change\"\nmax = 0.5", (x[0] + x[1]) / 300.0 - 1.0),
        ("metric = \"active_lines\"\nmax = 1", 2.0),
        ("metric = \"attribute.co2\"\nmax = 1", 0.5 * x[0] + 0.25 * x[1]),
    ];
    for (limit, expected) in cases {
        assert_relative_eq!(figure(limit, &x), expected, max_relative = 1e-12);
    }
}

#[test]
fn goals_follow_their_formulas() {
    let x = [120.0, 75.0];
    let goal = |text: &str| {
        let text = TWO.replacen("currency", &format!("goal = {text}\ncurrency"), 1);
        judge(&lower(&scenario(&text)).problem, &x).value
    };
    let (ra, qb) = (revenue_a(x[0]), customers_b(x[1]));
    let spend = 132.0 + 75.0;
    assert_relative_eq!(goal("{ maximize = \"revenue\" }"), ra + 60.0 * qb, max_relative = 1e-12);
    assert_relative_eq!(
        goal("{ maximize = \"profit\" }"),
        0.6 * ra + 30.0 * qb - spend,
        max_relative = 1e-12
    );
    assert_relative_eq!(goal("{ minimize = \"spend\" }"), -spend, max_relative = 1e-12);
    let cac = (spend + 50.0) / (0.5 * ra / 50.0 + qb + 2.0);
    assert_relative_eq!(goal("{ minimize = \"cac\" }"), cac, max_relative = 1e-12);
    let ordered = "[{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.005 }]";
    let text = TWO.replacen("currency", &format!("goal = {ordered}\ncurrency"), 1);
    let goals = lower(&scenario(&text)).goals;
    assert_eq!(goals.len(), 2);
    assert_eq!(goals[1].within, 0.005);
}

#[test]
fn a_floor_on_marginal_return_is_a_fact() {
    let text = format!("{TWO}\n[[limits]]\nname = \"M\"\nmetric = \"mroas\"\nmin = 3\n");
    let scenario = scenario(&text);
    let file = proven(&scenario);
    for line in file.lines.as_ref().unwrap() {
        assert!(line.spend == 0.0 || line.mroas.unwrap() >= 3.0 * (1.0 - 1e-9), "{line:?}");
    }
    let limit = &file.limits.as_ref().unwrap()[1];
    assert_eq!((limit.name.as_str(), limit.min), ("M", Some(3.0)));
    assert!(limit.value.unwrap() >= 3.0 * (1.0 - 1e-9));
}

#[test]
fn equal_vectors_are_shared() {
    let text = format!("{TWO}\n[[limits]]\nmetric = \"spend_share\"\nby = \"stage\"\nmax = 0.9\n");
    let lowered = lower(&scenario(&text));
    let whole = |r: usize| lowered.problem.limits[r].denominator.as_ref().unwrap().spend.clone().unwrap();
    assert!(std::sync::Arc::ptr_eq(&whole(1), &whole(2)));
    assert!(std::sync::Arc::ptr_eq(&whole(1), lowered.problem.limits[0].numerator.spend.as_ref().unwrap()));
}

#[test]
fn groups_and_members_have_names() {
    let text = format!(
        "{TWO}\n[[limits]]\nname = \"Shares\"\nowner = \"brand\"\nmetric = \"spend_share\"\nby = \"stage\"\nmax = 0.9\n"
    );
    let lowered = lower(&scenario(&text));
    let names: Vec<&str> = lowered.limits.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["budget", "Shares: awareness", "Shares: conversion"]);
    assert_eq!(lowered.price_key(1, outlay_scenario::Side::Max), "limits.Shares: awareness.max");
    let member = lowered.member(1, outlay_scenario::Side::Max).unwrap();
    assert_eq!(member.owner.as_deref(), Some("brand"));
    assert_eq!(lowered.facts[1][0].name, "B");
}

#[test]
fn deals_and_rules_between_lines_are_kept() {
    let text = TWO.replacen("fee = 0.1", "deal = { flat = 250 }\nexcludes = [\"B\"]", 1).replacen(
        "spend = { current = 200, min = 20 }",
        "spend = { current = 200 }\nrequires = []",
        1,
    );
    let file = proven(&scenario(&text));
    let spends: Vec<f64> = file.lines.unwrap().iter().map(|l| l.spend).collect();
    assert!(spends[0] == 0.0 || (spends[0] == 250.0 && spends[1] == 0.0), "{spends:?}");
}

#[test]
fn the_reference_is_todays_spend_by_the_same_rules() {
    let text =
        format!("{TWO}\n[[limits]]\nname = \"Cheap\"\nmetric = \"spend\"\nmax = 100\nowner = \"cfo\"\n");
    let file = solved(&scenario(&text));
    let reference = file.reference.unwrap();
    assert_relative_eq!(reference.totals.spend.unwrap(), 310.0, max_relative = 1e-12);
    assert_eq!(reference.broken.len(), 1);
    assert_eq!(reference.broken[0].member.owner.as_deref(), Some("cfo"));
    assert_relative_eq!(reference.broken[0].excess.unwrap(), 2.1, max_relative = 1e-12);
}

#[test]
fn shadow_prices_are_slopes_of_the_optimum() {
    let value = |max: f64| proven(&scenario(&TWO.replace("max = 600", &format!("max = {max}"))));
    let file = value(300.0);
    let price = file.limits.unwrap()[0].shadow_price.unwrap();
    let slope = (value(300.3).value.unwrap() - value(299.7).value.unwrap()) / 0.6;
    assert_relative_eq!(price, slope, max_relative = 1e-3);
}
