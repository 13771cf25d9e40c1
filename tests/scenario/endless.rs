//! Lines without a largest spend: cut where there is no middle, stopped where
//! nothing stops them.

use outlay_allocator::{Options, ProblemError};
use outlay_scenario::Status;
use outlay_scenario::frontier::{Course, frontier};

use crate::support::{Folder, batch, scenario, solved};

/// What `solved` says of a text.
fn refused(text: &str) -> Option<String> {
    match outlay_scenario::solved(&scenario(text), None, &Options::default()) {
        Err(ProblemError::Unlimited { line }) => Some(line),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    }
}

/// The least moved within a CAC and a cap on customers, where a line without a
/// maximum excludes another, against a grid over the three lines that may be on
/// together.
#[test]
fn the_least_moved_is_proven_where_a_line_has_no_end() {
    let text = r#"
        outlay = 1
        name = "least moved"
        currency = "USD"
        goal = { minimize = "moved" }

        [[lines]]
        name = "search"
        outcome = "revenue"
        revenue_per_customer = 41.6199
        curve = { family = "power", coefficient = 29.5467, exponent = 0.559383 }
        spend = { current = 93.9352 }

        [[lines]]
        name = "video"
        outcome = "customers"
        revenue_per_customer = 59.3184
        curve = { family = "adbudg", min = 0.0, max = 6.52377, at_current = 1.05989, at_150_percent = 3.59436 }
        spend = { current = 32.0361 }

        [[lines]]
        name = "social"
        outcome = "customers"
        revenue_per_customer = 76.6657
        curve = { family = "log", coefficient = 2.70899, scale = 149.48 }
        spend = { current = 97.9674 }
        excludes = ["video"]

        [[lines]]
        name = "audio"
        outcome = "customers"
        revenue_per_customer = 56.673
        curve = { family = "hill", ceiling = 5.57054, half_saturation = 147.837, shape = 3.15063 }
        spend = { current = 77.4056 }

        [[limits]]
        metric = "cac"
        max = 21.3278

        [[limits]]
        metric = "customers"
        where = { name = ["video", "audio"] }
        max = 8.19177
    "#;
    let result = solved(&scenario(text));
    assert_eq!(result.status, Status::Optimal);
    let value = result.value.unwrap();
    let customers = |x: [f64; 4]| {
        29.5467 * x[0].powf(0.559383) / 41.6199
            + 2.70899 * (1.0 + x[2] / 149.48).ln()
            + 5.57054 / (1.0 + (147.837 / x[3]).powf(3.15063))
    };
    let steps =
        |current: f64, by: f64| (0..).map(move |k| current - by * f64::from(k)).take_while(|x| *x > 0.0);
    let mut least = f64::INFINITY;
    for search in steps(93.9352, 3.0) {
        for audio in steps(77.4056, 3.0) {
            for social in steps(97.9674, 0.25) {
                let x = [search, 0.0, social, audio];
                let moved = 93.9352 - search + 32.0361 + 97.9674 - social + 77.4056 - audio;
                if moved < least && x.iter().sum::<f64>() <= 21.3278 * customers(x) {
                    least = moved;
                }
            }
        }
    }
    assert!(value <= least && value > least - 0.3, "{value} proven, {least} on a grid");
}

const LINES: &str = r#"
    outlay = 1
    name = "endless"
    currency = "USD"

    [[lines]]
    name = "search"
    outcome = "customers"
    revenue_per_customer = 50.0
    curve = { family = "log", coefficient = 4.0, scale = 50.0 }
    spend = { current = 60.0, min = 20.0 }

    [[lines]]
    name = "social"
    outcome = "customers"
    revenue_per_customer = 50.0
    curve = { family = "hill", ceiling = 8.0, half_saturation = 70.0, shape = 2.0 }
    spend = { current = 50.0 }
"#;

#[test]
fn what_nothing_limits_is_refused_by_name() {
    assert_eq!(refused(LINES).as_deref(), Some("search"));
    let with =
        |more: &str| refused(&LINES.replace("currency = \"USD\"", &format!("currency = \"USD\"\n{more}")));
    assert_eq!(with("budget = { min = 100 }").as_deref(), Some("search"));
    assert_eq!(
        with("limits = [{ metric = \"spend_share\", where = { name = \"social\" }, max = 0.3 }]").as_deref(),
        Some("search")
    );
    // What does limit it.
    assert_eq!(with("budget = { max = 100 }"), None);
    assert_eq!(with("limits = [{ metric = \"cac\", max = 30 }]"), None);
    assert_eq!(with("limits = [{ metric = \"mer\", min = 2 }]"), None);
    assert_eq!(with("limits = [{ metric = \"change\", max = 0.2 }]"), None);
    // Profit pays for what it spends; a cost per customer rises with it.
    let goal = |goal: &str| {
        refused(&LINES.replace("name = \"endless\"", &format!("name = \"endless\"\ngoal = {goal}")))
    };
    assert_eq!(goal("{ minimize = \"cac\" }"), None);
    // A share of lines that end holds the others.
    let ended = LINES.replace("current = 50.0", "current = 50.0, max = 90");
    let share = "limits = [{ metric = \"spend_share\", where = { name = \"search\" }, max = 0.6 }]";
    assert_eq!(refused(&ended.replace("currency = \"USD\"", &format!("currency = \"USD\"\n{share}"))), None);
}

/// Most customers cost any money where nothing limits it: the search for the
/// least cost of one does not begin there.
#[test]
fn the_lowest_cost_is_found_without_a_budget() {
    for unit in [1.0, 1e6, 1e-6] {
        let text = format!(
            r#"
            outlay = 1
            name = "lowest"
            currency = "USD"
            goal = {{ minimize = "cac" }}

            [[lines]]
            name = "search"
            outcome = "customers"
            revenue_per_customer = {}
            curve = {{ family = "log", coefficient = 4.0, scale = {} }}
            spend = {{ current = {}, min = {} }}

            [[lines]]
            name = "social"
            outcome = "customers"
            revenue_per_customer = {}
            curve = {{ family = "hill", ceiling = 8.0, half_saturation = {}, shape = 2.0 }}
            spend = {{ current = {} }}
            "#,
            50.0 * unit,
            50.0 * unit,
            60.0 * unit,
            20.0 * unit,
            50.0 * unit,
            70.0 * unit,
            50.0 * unit
        );
        let result = solved(&scenario(&text));
        let customers = |x: f64, y: f64| 4.0 * (1.0 + x / 50.0).ln() + 8.0 / (1.0 + (70.0 / y).powi(2));
        let grid = (0..4000).map(|k| f64::from(k) * 0.05 + 1e-9);
        let least = grid.map(|y| (20.0 + y) / customers(20.0, y)).fold(f64::INFINITY, f64::min);
        assert_eq!(result.status, Status::Optimal, "{unit}");
        let value = result.value.unwrap() / unit;
        assert!((value / least - 1.0).abs() < 1e-6, "{unit}: {value}, {least} on a grid");
    }
}

/// A straight line that keeps a limit however much is spent on it is held by
/// none; one that breaks it has a best plan; and where rules contradict each
/// other, that is the answer.
#[test]
fn a_straight_line_within_every_limit_has_no_end() {
    let text = |rate: f64, more: &str| {
        format!(
            r#"
            outlay = 1
            goal = {{ maximize = "customers" }}
            [[lines]]
            name = "leads"
            outcome = "customers"
            revenue_per_customer = 40
            margin = 0.5
            curve = {{ family = "linear", rate = {rate} }}
            spend = {{ current = 40 }}
            [[lines]]
            name = "search"
            outcome = "customers"
            revenue_per_customer = 40
            margin = 0.5
            curve = {{ family = "hill", ceiling = 9, half_saturation = 60, shape = 2 }}
            spend = {{ current = 40, max = 100 }}
            {more}
            "#
        )
    };
    let cac = "[[limits]]\nmetric = \"cac\"\nmax = 30\n";
    let profit = "[[limits]]\nmetric = \"profit\"\nmin = 5\n";
    for more in [cac, profit, "[[limits]]\nmetric = \"iroas\"\nmin = 1.5\n"] {
        assert_eq!(refused(&text(0.07, more)).as_deref(), Some("leads"), "{more}");
    }
    for more in [cac, profit] {
        let result = solved(&scenario(&text(0.02, more)));
        assert_eq!(result.status, Status::Optimal, "{more}");
        assert!(result.value.unwrap() < 20.0, "{more}: {:?}", result.value);
    }
    let opposed = "[[limits]]\nmetric = \"customers\"\nwhere = { name = \"search\" }\nmin = 10\n";
    let result = solved(&scenario(&text(0.07, opposed)));
    assert_eq!(result.status, Status::Infeasible);
}

/// A frontier is refused where one end of its range has no best plan, with the
/// number.
#[test]
fn a_frontier_ends_where_the_goal_has_no_end() {
    let text = r#"{"outlay": 1, "goal": {"maximize": "customers"}, "limits": [{"name": "C", "metric": "cac", "max": 20}],
        "lines": [
        {"name": "leads", "outcome": "customers", "curve": {"family": "linear", "rate": 0.04}, "spend": {"current": 40}},
        {"name": "search", "outcome": "customers", "curve": {"family": "michaelis_menten", "ceiling": 9, "half_saturation": 60}, "spend": {"current": 40, "max": 100}}]}"#;
    let folder = Folder::new();
    let path = folder.write("s.json", text);
    let traced = |to: f64| {
        let options = Options::default();
        let course = Course { over: "limits.C.max", from: 15.0, to, gap: 1e-4, options };
        frontier(&batch(&path), &course, None)
    };
    let found = traced(22.0).unwrap();
    assert!(found.certified);
    assert!(found.points.len() > 2 && found.points.iter().all(|p| p.status == Status::Optimal));
    let refused = traced(30.0).unwrap_err().to_string();
    assert!(refused.starts_with("limits.C.max = 30: nothing limits the spend of line leads"), "{refused}");
}
