//! Spends, budgets and curves in another unit or period than is meant.

use outlay_scenario::Warning;

use crate::support::{Folder, batch};

/// Three lines of 13 weeks on a library per week: mean 1,000, at most 3,000.
fn warned(current: [f64; 3], budget: &str) -> Vec<Warning> {
    let folder = Folder::new();
    let curve = |i| {
        format!(
            r#"{{"name": "L{i}", "outcome": "revenue", "curve": {{"family": "michaelis_menten", "ceiling": 9000, "half_saturation": 2000}}, "observed": {{"periods": 100, "min": 0, "mean": 1000, "max": 3000}}}}"#
        )
    };
    let curves: Vec<String> = (0..3).map(curve).collect();
    folder.write("c.json", format!(r#"{{"outlay": 1, "unit": "week", "curves": [{}]}}"#, curves.join(", ")));
    let lines: Vec<String> = (0..3)
        .map(|i| format!("[[lines]]\nname = \"L{i}\"\nspend = {{ current = {} }}\n", current[i]))
        .collect();
    let head = "outlay = 1\ncurves = \"c.json\"\nhorizon = { periods = 13, unit = \"week\" }\n";
    let path = folder.write("s.toml", format!("{head}budget = {budget}\n{}", lines.concat()));
    batch(&path).scenario(0).unwrap().warnings
}

fn far(current: [f64; 3]) -> Option<(usize, f64)> {
    match warned(current, "{ max = 39_000 }").as_slice() {
        [] => None,
        [Warning::FarFromObserved { lines, times, periods: 13.0 }] => Some((lines.len(), *times)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn spend_in_another_unit_or_period_than_its_library_is_told() {
    // Twice and half of what was observed, a line that is off, and one at the
    // most that was ever spent are plans like any other.
    for plausible in [[13_000.0; 3], [26_000.0, 6_500.0, 0.0], [39_000.0, 4_000.0, 2_500.0]] {
        assert_eq!(far(plausible), None, "{plausible:?}");
    }
    assert_eq!(far([1_000.0; 3]), Some((3, 1.0 / 13.0)), "all lines per week");
    assert_eq!(far([1_500.0; 3]), Some((3, 1_500.0 / 13_000.0)));
    assert_eq!(far([1_900.0, 1_900.0, 1_000.0]).unwrap().0, 3, "together they are per week");
    assert_eq!(far([1_000.0, 13_000.0, 13_000.0]), Some((1, 1.0 / 13.0)), "one line per week");
    assert_eq!(far([169_000.0, 13_000.0, 13_000.0]), Some((1, 13.0)));
    let thousands = warned([13.0; 3], "{ max = 40 }");
    assert!(matches!(thousands.as_slice(), [Warning::FarFromObserved { times, .. }] if *times == 0.001));
}

#[test]
fn a_budget_a_thousandth_of_today_is_told() {
    let told = |budget| warned([13_000.0; 3], budget);
    let far = |field: &str, budget| [Warning::FarBudget { field: field.to_owned(), budget, today: 39_000.0 }];
    assert_eq!(told("{ max = 40 }"), far("budget.max", 40.0));
    assert_eq!(told("{ exact = 41 }"), far("budget.exact", 41.0));
    assert_eq!(told("{ max = 39_000_000 }"), far("budget.max", 39e6));
    for plausible in ["{ max = 4_000 }", "{ max = 400_000 }", "{ max = 0 }", "{ max = 1e12 }", "{ min = 5 }"]
    {
        assert_eq!(told(plausible), [], "{plausible}");
    }
}

#[test]
fn a_curve_per_period_under_spend_over_the_horizon_is_told() {
    let told = |curve: &str, periods: u32| {
        let folder = Folder::new();
        let text = format!(
            "outlay = 1\nhorizon = {{ periods = {periods}, unit = \"week\" }}\nbudget = {{ max = 400_000 }}\n[[lines]]\nname = \"A\"\noutcome = \"revenue\"\nspend = {{ current = 390_000 }}\ncurve = {{ {curve} }}\n"
        );
        let path = folder.write("s.toml", text);
        batch(&path).scenario(0).unwrap().warnings
    };
    let michaelis =
        |half: u32| format!("family = \"michaelis_menten\", ceiling = 900_000, half_saturation = {half}");
    let warnings = told(&michaelis(30_000), 13);
    let [Warning::CurvePerPeriod { line, share, periods: 13 }] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    // One week's 30,000 is the half saturation; 13 of them leave 1 in 14.
    assert_eq!(line, "A");
    assert!((share - 0.5 / (13.0 / 14.0)).abs() < 1e-12, "{share}");
    let exponential = "family = \"exponential\", ceiling = 900_000, scale = 30_000";
    assert!(matches!(told(exponential, 13).as_slice(), [Warning::CurvePerPeriod { .. }]));
    assert_eq!(told(&michaelis(390_000), 13), [], "over the horizon");
    assert_eq!(told(&michaelis(100_000), 13), [], "well used, and over the horizon");
    assert_eq!(told(&michaelis(30_000), 1), []);
    let steps = "family = \"table\", points = [[200_000, 500_000], [390_000, 900_000]]";
    assert_eq!(told(steps, 13), [], "a table that ends at today's spend");
}
