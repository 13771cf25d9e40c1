//! Deals, rules between lines and whole amounts by period: what is proven is
//! the best over every plan of few amounts, tried one by one, and over every
//! choice of lines and weeks, each planned without the rules.

use outlay_allocator::Options;
use outlay_scenario::{Files, ResultFile, Status, solved as solve, verify};
use serde_json::{Value, json};

use crate::support::{Folder, batch, solved};

/// Three lines, two of them S-shaped, over three weeks.
fn scenario() -> Value {
    let line = |name: &str, stage: &str, ceiling: f64, half: f64, shape: f64, retention: f64| {
        json!({"name": name, "stage": stage, "outcome": "revenue", "spend": {"current": 60, "max": 200}, "margin": 0.8,
            "curve": {"family": "hill", "ceiling": ceiling, "half_saturation": half, "shape": shape},
            "adstock": {"kind": "geometric", "retention": retention}, "flight": {}})
    };
    json!({"outlay": 1, "name": "flighted", "currency": "USD", "goal": {"maximize": "profit"},
        "horizon": {"start": "2026-01-05", "periods": 3, "unit": "week", "plan": "by_period",
            "demand": [0.9, 1.2, 1.0]},
        "budget": {"max": 200},
        "lines": [line("A", "x", 500.0, 80.0, 2.0, 0.5), line("B", "x", 420.0, 90.0, 1.0, 0.0),
            line("C", "y", 380.0, 60.0, 2.6, 0.3)]})
}

/// A plan, re-proved from its file.
fn planned(scenario: &Value, round: Option<f64>) -> ResultFile {
    let folder = Folder::new();
    let path = folder.write("s.json", scenario.to_string());
    let options = Options { gap: round.map(|_| 1e-4), ..Options::default() };
    let meant = batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}"));
    let result = solve(&meant, round, &options).unwrap();
    let saved = folder.write("r.json", serde_json::to_string(&result).unwrap());
    assert_eq!(verify(&Files::disk(), &saved, None).remove(0).unwrap().differences, []);
    result
}

/// The value of a plan without rules.
fn value(scenario: &Value) -> f64 {
    let folder = Folder::new();
    let path = folder.write("s.json", scenario.to_string());
    let result = solved(&batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}")));
    assert!(matches!(result.status, Status::Optimal | Status::Infeasible), "{:?}", result.status);
    result.value.unwrap_or(f64::NEG_INFINITY)
}

/// Without what a line's rules say.
fn free(scenario: &Value, line: usize) -> Value {
    let mut free = scenario.clone();
    for rule in ["deal", "requires", "excludes"] {
        free["lines"][line].as_object_mut().unwrap().remove(rule);
    }
    free
}

/// With a line's weeks held at amounts.
fn pinned(scenario: &Value, line: usize, weeks: &[f64]) -> Value {
    let mut pinned = free(scenario, line);
    pinned["lines"][line]["flight"] = json!({"min": weeks, "max": weeks});
    pinned
}

/// The best of plans without rules, one for each choice of lines that may
/// spend; a line with a least amount then spends that.
fn best_choice(scenario: &Value, legal: impl Fn([bool; 3]) -> bool) -> f64 {
    let choices = (0..8).map(|bits| [0, 1, 2].map(|i| bits >> i & 1 == 1)).filter(|on| legal(*on));
    let each = choices.map(|on| {
        let mut one = scenario.clone();
        one.as_object_mut().unwrap().remove("limits");
        for (i, on) in on.into_iter().enumerate() {
            let least = one["lines"][i]["deal"]["at_least"].clone();
            one = free(&one, i);
            match on {
                false => one["lines"][i]["spend"]["max"] = json!(0),
                true if !least.is_null() => one["lines"][i]["spend"]["min"] = least,
                true => {}
            }
        }
        value(&one)
    });
    each.fold(f64::NEG_INFINITY, f64::max)
}

fn is_best(scenario: &Value, best: f64, what: &str) {
    let result = planned(scenario, None);
    let value = result.value.unwrap_or(f64::NEG_INFINITY);
    assert_eq!(result.status, Status::Optimal, "{what}");
    assert!(
        (value - best).abs() <= 3e-6 * best.abs(),
        "{what}: {value} is proven, {best} is the best of all"
    );
}

/// Ways to share at most `most` units over so many weeks.
fn shared(weeks: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..weeks {
        let longer = |way: &Vec<usize>| {
            let left = most - way.iter().sum::<usize>();
            let way = way.clone();
            (0..=left).map(move |k| [way.clone(), vec![k]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[test]
fn a_flat_price_is_paid_in_the_best_week_or_not_at_all() {
    for (price, weeks_on) in [(120.0, 1), (195.0, 0)] {
        let mut one = scenario();
        one["lines"][0]["deal"] = json!({"flat": price});
        let weeks = (0..4).map(|k| [0, 1, 2].map(|t| if t == k { price } else { 0.0 }));
        let best = weeks.map(|weeks| value(&pinned(&one, 0, &weeks))).fold(f64::NEG_INFINITY, f64::max);
        is_best(&one, best, "flat");
        let result = planned(&one, None);
        let flight = result.lines.unwrap().remove(0).flight.unwrap();
        let spends: Vec<f64> = flight.periods.iter().map(|p| p.spend).collect();
        assert_eq!(spends.iter().filter(|x| **x == price).count(), weeks_on, "{spends:?}");
        assert_eq!(spends.iter().filter(|x| **x == 0.0).count(), 3 - weeks_on, "{spends:?}");
    }
}

#[test]
fn lots_are_bought_whole_in_a_week() {
    let mut one = scenario();
    one["lines"][2]["deal"] = json!({"lots": 50});
    let ways = shared(3, 4).into_iter();
    let each =
        ways.map(|way| value(&pinned(&one, 2, &way.iter().map(|k| 50.0 * *k as f64).collect::<Vec<_>>())));
    is_best(&one, each.fold(f64::NEG_INFINITY, f64::max), "lots");
}

#[test]
fn a_least_amount_holds_for_all_weeks_together() {
    let mut on = 0;
    for least in [30.0, 45.0, 110.0] {
        let mut one = scenario();
        one["lines"][1]["deal"] = json!({"at_least": least});
        is_best(&one, best_choice(&one, |_| true), "at_least");
        let spend = planned(&one, None).lines.unwrap()[1].spend;
        assert!(spend == 0.0 || spend >= least - 1e-6, "{spend}");
        on += i32::from(spend > 0.0);
    }
    assert!(0 < on && on < 3, "{on} of 3 are on");
}

#[test]
fn lines_that_need_or_exclude_others_are_on_in_any_week() {
    let mut needs = scenario();
    needs["lines"][2]["requires"] = json!(["B"]);
    needs["lines"][1]["deal"] = json!({"at_least": 90});
    is_best(&needs, best_choice(&needs, |[_, b, c]| !c || b), "requires");
    let mut apart = scenario();
    apart["lines"][0]["excludes"] = json!(["C"]);
    is_best(&apart, best_choice(&apart, |[a, _, c]| !(a && c)), "excludes");
}

#[test]
fn lines_in_use_are_counted_over_the_horizon() {
    for (side, number) in [("max", 1), ("max", 2), ("min", 3)] {
        let mut one = scenario();
        one["lines"][1]["deal"] = json!({"at_least": 60});
        one["limits"] = json!([{"name": "count", "metric": "active_lines", side: number}]);
        let legal = |on: [bool; 3]| {
            let count = on.iter().filter(|on| **on).count();
            if side == "max" { count <= number } else { count >= number }
        };
        is_best(&one, best_choice(&one, legal), &format!("{side} {number}"));
    }
    let mut none = scenario();
    none["limits"] = json!([{"name": "count", "metric": "active_lines", "min": 4}]);
    let result = planned(&none, None);
    assert_eq!(result.status, Status::Infeasible);
    let conflict = serde_json::to_string(&result.conflict).unwrap();
    assert!(conflict.contains("count") && !conflict.contains("deal"), "{conflict}");
}

/// The best of all plans in which every week has one line that may spend, of
/// `most` lines over the horizon.
fn best_one_a_week(one: &Value, most: usize) -> f64 {
    let mut best = f64::NEG_INFINITY;
    for code in 0..27 {
        let live = [code % 3, code / 3 % 3, code / 9];
        if (0..3).filter(|i| live.contains(i)).count() > most {
            continue;
        }
        let mut each = one.clone();
        each.as_object_mut().unwrap().remove("limits");
        for i in 0..3 {
            let caps = live.map(|own| if own == i { 200.0 } else { 0.0 });
            each["lines"][i]["flight"] = json!({"max": caps});
        }
        best = best.max(value(&each));
    }
    best
}

#[test]
fn lines_are_counted_week_by_week() {
    let mut one = scenario();
    one["limits"] = json!([{"name": "count", "metric": "active_lines", "by": "period", "max": 1}]);
    is_best(&one, best_one_a_week(&one, 3), "by week");
}

#[test]
fn lines_are_counted_week_by_week_and_over_the_horizon_with_any_memory() {
    let mut one = with_memory();
    one["lines"][1].as_object_mut().unwrap().remove("flight");
    for most in [1, 2] {
        one["limits"] = json!([
            {"name": "a week", "metric": "active_lines", "by": "period", "max": 1},
            {"name": "in all", "metric": "active_lines", "max": most},
        ]);
        let result = planned(&one, None);
        let (value, best) = (result.value.unwrap(), best_one_a_week(&one, most));
        let gap = result.certificate.and_then(|c| c.gap).unwrap();
        assert!((value - best).abs() <= 3e-6 * best && gap <= 3e-6, "{most}: {value}, {best}, gap {gap}");
    }
}

#[test]
fn whole_amounts_are_the_best_of_all_whole_amounts() {
    let mut one = scenario();
    one["lines"].as_array_mut().unwrap().remove(1);
    one["budget"] = json!({"exact": 200});
    let pinned_both = |way: &Vec<usize>| {
        let weeks: Vec<f64> = way.iter().map(|k| 50.0 * *k as f64).collect();
        value(&pinned(&pinned(&one, 0, &weeks[..3]), 1, &weeks[3..]))
    };
    let all = shared(6, 4);
    let best = all.iter().map(pinned_both).fold(f64::NEG_INFINITY, f64::max);
    let result = planned(&one, Some(50.0));
    let value = result.value.unwrap();
    assert_eq!(result.status, Status::Optimal);
    assert!((value - best).abs() <= 1e-4 * best, "{value} is proven, {best} is the best of all");
    for line in result.lines.unwrap() {
        assert!(line.flight.unwrap().periods.iter().all(|p| p.spend % 50.0 == 0.0));
    }
}

/// Curves without an S, where nothing but the count needs a search.
#[test]
fn lines_of_concave_curves_are_counted_too() {
    let mut counted = scenario();
    for line in 0..3 {
        counted["lines"][line]["curve"]["shape"] = json!(1.0);
    }
    let with = |on: usize| {
        let mut only = counted.clone();
        for line in (0..3).filter(|line| on & (1 << line) == 0) {
            only["lines"][line]["spend"] = json!({"current": 0, "max": 0});
        }
        value(&only)
    };
    let worth: Vec<f64> = (0..8).map(with).collect();
    for most in 1..=3_u32 {
        let mut limited = counted.clone();
        limited["limits"] = json!([{"metric": "active_lines", "max": most}]);
        let found = planned(&limited, None);
        let best = (0..8_usize).filter(|on| on.count_ones() <= most).map(|on| worth[on]).fold(0.0, f64::max);
        assert_eq!(found.status, Status::Optimal, "at most {most}");
        let value = found.value.unwrap();
        assert!((value / best - 1.0).abs() < 1e-5, "at most {most}: {value} where {best} is the best");
    }
}

/// Kernels of several weights and `smooth`: no program over a flight bounds
/// these, rules between lines hold all the same.
fn with_memory() -> Value {
    let mut one = scenario();
    for line in 0..3 {
        one["lines"][line]["curve"]["shape"] = json!(1.0);
    }
    one["lines"][0]["adstock"] = json!({"kind": "weights", "weights": [0.5, 0.3, 0.2]});
    one["lines"][1]["flight"] = json!({"smooth": 0.4});
    one["lines"][2]["adstock"] = json!({"kind": "delayed", "retention": 0.4, "delay": 1});
    one
}

#[test]
fn rules_between_lines_hold_with_any_memory() {
    let mut needs = with_memory();
    needs["lines"][2]["requires"] = json!(["B"]);
    needs["lines"][1]["deal"] = json!({"at_least": 120});
    is_best(&needs, best_choice(&needs, |[_, b, c]| !c || b), "requires");
    for most in [1, 2] {
        let mut counted = with_memory();
        counted["lines"][0]["deal"] = json!({"at_least": 80});
        counted["limits"] = json!([{"name": "count", "metric": "active_lines", "max": most}]);
        let legal = |on: [bool; 3]| on.iter().filter(|on| **on).count() <= most;
        is_best(&counted, best_choice(&counted, legal), &format!("at most {most}"));
    }
}

#[test]
fn lots_are_whole_with_any_memory() {
    let mut lots = with_memory();
    lots["lines"][0]["deal"] = json!({"lots": 50});
    lots["lines"][2]["requires"] = json!(["A"]);
    let each = |units: Vec<usize>| {
        let weeks: Vec<f64> = units.iter().map(|k| 50.0 * *k as f64).collect();
        let mut one = pinned(&lots, 0, &weeks);
        one["lines"][2].as_object_mut().unwrap().remove("requires");
        if units.iter().all(|k| *k == 0) {
            one["lines"][2]["spend"]["max"] = json!(0);
        }
        value(&one)
    };
    let best = shared(3, 4).into_iter().map(each).fold(f64::NEG_INFINITY, f64::max);
    is_best(&lots, best, "lots");
}

/// Whatever rules meet, one look at a scenario leaves a plan.
#[test]
fn a_plan_is_known_from_the_first_part_on() {
    let mut all = with_memory();
    all["horizon"]["periods"] = json!(5);
    all["horizon"]["demand"] = json!([0.9, 1.2, 1.0, 0.8, 1.1]);
    all["lines"][0]["deal"] = json!({"at_least": 90});
    all["lines"][0]["flight"] = json!({"smooth": 0.5});
    all["lines"][0]["curve"]["shape"] = json!(2.0);
    all["lines"][1]["deal"] = json!({"flat": 70});
    all["lines"][1]["flight"] = json!({});
    all["lines"][1]["spend"] = json!({"current": 60});
    all["lines"][2]["requires"] = json!(["A"]);
    all["lines"][2]["deal"] = json!({"lots": 20});
    all["limits"] = json!([{"name": "count", "metric": "active_lines", "max": 2},
        {"name": "week", "metric": "spend", "by": "period", "max": 75}]);
    let folder = Folder::new();
    let path = folder.write("s.json", all.to_string());
    let meant = batch(&path).scenario(0).unwrap_or_else(|e| panic!("{e}"));
    let first = solve(&meant, None, &Options { nodes: 1, ..Options::default() }).unwrap();
    let long = solve(&meant, None, &Options { nodes: 400, ..Options::default() }).unwrap();
    let (first, long) = (first.value.unwrap(), long.value.unwrap());
    assert!(first > 0.9 * long && long > 0.0, "{first} at first, {long} in the end");
}
