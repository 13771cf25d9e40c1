//! Media plans as scenarios.

use outlay_exchange::{Draft, DraftError, media_plan};
use outlay_scenario::spec::{CurveSpec, Outcome};
use serde_json::{Value, json};

fn plan(lines: Value) -> Value {
    json!({
        "meta": { "schema_version": "v3.0" },
        "campaign": { "name": "Spring", "start_date": "2027-01-04", "end_date": "2027-04-04", "budget_total": 1000.0, "budget_currency": "EUR" },
        "lineitems": lines,
        "dictionary": { "lineitem_custom_dimensions": { "dim_custom1": { "status": "enabled", "caption": "Funnel stage" } } },
    })
}

fn read(lines: Value) -> Result<(Draft, Vec<String>), DraftError> {
    media_plan(&plan(lines), "file")
}

fn sold(draft: &Draft, line: usize) -> f64 {
    let line = &draft.lines[line];
    line.curve.as_ref().unwrap().0.made(0.0).unwrap().value(line.current)
}

#[test]
fn formulas_sell_what_the_plan_says_and_bounds_leave_the_fee_out() {
    let formula = |kind: &str, base: &str, c: f64, p1: f64, p2: f64| json!({ "metric_sales": { "formula_type": kind, "base_metric": base, "coefficient": c, "parameter1": p1, "parameter2": p2 } });
    let lines = json!([
        { "id": "1", "name": "a", "cost_total": 90000.0, "cost_media": 82800.0, "cost_minimum": 60000.0, "cost_maximum": 140000.0, "dim_custom1": "awareness",
          "metric_formulas": formula("adbudg", "cost_total", 400000.0, 90000.0, 1.0), "metric_impressions": 1.0e7 },
        { "id": "2", "name": "b", "cost_total": 50000.0, "cost_media": 46000.0, "metric_formulas": formula("adbudg", "cost_media", 260000.0, 6e6, 1.5) },
        { "id": "3", "name": "c", "cost_total": 60000.0, "cost_media": 57000.0, "metric_formulas": formula("power_function", "cost_total", 900.0, 0.5, 0.0) },
        { "id": "4", "name": "d", "cost_total": 200.0, "cost_currency": "USD", "cost_currency_exchange_rate": 0.5,
          "metric_formulas": formula("adbudg", "cost_total", 400.0, 200.0, 1.0) },
    ]);
    let (draft, _) = read(lines).unwrap();
    let expected = [200_000.0, 161_675.926_714_413_54, 220_454.076_850_486_05, 100.0];
    for (i, expected) in expected.into_iter().enumerate() {
        assert!((sold(&draft, i) / expected - 1.0).abs() < 1e-12, "line {i}: {}", sold(&draft, i));
    }
    let first = &draft.lines[0];
    let close = |a: Option<f64>, b: f64| (a.unwrap() / b - 1.0).abs() < 1e-12;
    assert!(close(first.min, 55_200.0) && close(first.max, 128_800.0) && close(first.cpm, 8.28));
    assert!((first.fee.unwrap() - (90000.0 / 82800.0 - 1.0)).abs() < 1e-12);
    assert_eq!(first.tags["stage"], "awareness");
    assert_eq!(draft.lines[3].current, 100.0);
    assert_eq!(draft.horizon, Some((Some("2027-01-04".into()), "day".into(), 91)));
}

#[test]
fn aggregates_are_skipped_and_lines_without_a_curve_say_so() {
    let lines = json!([
        { "name": "all", "cost_total": 700.0, "is_aggregate": true },
        { "id": "1", "name": "tv", "cost_total": 300.0 },
        { "id": "2", "name": "search", "cost_total": 400.0, "metric_conversions": 8.0 },
        { "id": "2", "name": "search", "cost_total": 100.0, "metric_conversions": 1.0, "cost_minimum": 50.0, "cost_maximum": 0.0 },
    ]);
    let (draft, notes) = read(lines).unwrap();
    let names: Vec<&str> = draft.lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["tv", "search", "search (2)"]);
    assert_eq!((draft.budget, draft.goal.as_str()), (Some(700.0), "customers"));
    assert!(draft.lines[0].out && notes.iter().any(|n| n.contains("`tv`")), "{notes:?}");
    assert_eq!(draft.lines[1].curve, Some((CurveSpec::Linear { rate: 0.02 }, Outcome::Customers)));
    assert_eq!((draft.lines[2].min, draft.lines[2].max), (Some(50.0), None));
    let scenario = outlay_scenario::Batch::of_text(
        &outlay_scenario::Files::memory::<&str, &str>([]),
        std::path::Path::new("scenario.toml"),
        draft.toml(),
    );
    assert!(scenario.and_then(|s| s.scenario(0)).is_ok(), "{}", draft.toml());
}

#[test]
fn sales_without_a_usable_formula_are_a_judgement() {
    let empty = json!({ "metric_sales": { "formula_type": "power_function", "base_metric": "cost_total", "parameter1": 0.5 } });
    let lines = json!([
        { "id": "1", "name": "tv", "cost_total": 300.0, "metric_sales": 900.0, "metric_formulas": empty.clone() },
        { "id": "2", "name": "radio", "cost_total": 300.0, "metric_formulas": empty },
        { "id": "3", "name": "ooh", "cost_total": 50.0, "cost_currency": "USD", "cost_currency_exchange_rate": 2.0, "metric_sales": 80.0 },
    ]);
    let (draft, notes) = read(lines).unwrap();
    assert_eq!(sold(&draft, 0), 900.0);
    assert_eq!((sold(&draft, 2), draft.lines[2].current, draft.lines[2].max), (160.0, 100.0, Some(200.0)));
    assert!(draft.lines[1].out && draft.lines[0].remarks[0].starts_with("judgement"));
    assert_eq!(notes.iter().filter(|n| n.contains("has no coefficient")).count(), 2, "{notes:?}");
    assert!(notes.iter().any(|n| n.contains("`tv`, `ooh` know sales but no formula")), "{notes:?}");
}

#[test]
fn what_a_plan_lacks_is_told() {
    let said = |lines: Value| read(lines).unwrap_err().to_string();
    assert!(said(json!([])).contains("no line items"));
    assert!(
        said(json!([{ "name": "a", "cost_total": 1.0, "cost_currency": "USD" }])).contains("exchange_rate")
    );
    assert!(said(json!([{ "name": "a" }])).contains("cost_total"));
    let odd = json!([{ "name": "a", "cost_total": 1.0, "metric_formulas": { "metric_sales": { "formula_type": "cubic", "base_metric": "cost_total", "coefficient": 1.0 } } }]);
    assert!(said(odd).contains("cubic"));
    let mut old = plan(json!([]));
    old["meta"]["schema_version"] = json!("1.0");
    assert!(media_plan(&old, "f").unwrap_err().to_string().contains("1.0"));
}

#[test]
fn plans_of_schema_2_are_read_as_their_own_library_writes_them() {
    // As mediaplanpy 2.0.7 writes one: no currency of the campaign, no dictionary.
    let plan = |version: &str| {
        json!({
            "meta": { "id": "mediaplan_a258d044", "schema_version": version, "created_by_name": "planner", "created_at": "2026-11-30T10:39:08.482018", "name": "Autumn" },
            "campaign": { "id": "campaign_aaa1ce3e", "name": "Autumn", "objective": "sales", "start_date": "2027-09-06", "end_date": "2027-12-05", "budget_total": 300000.0 },
            "lineitems": [{ "id": "li_b718dc8c", "name": "TV", "start_date": "2027-09-06", "end_date": "2027-12-05", "cost_total": 120000.0, "channel": "tv",
                "cost_media": 100000.0, "cost_buying": 20000.0, "metric_impressions": 9000000.0, "metric_sales": 260000.0 }],
        })
    };
    for version in ["v2.0", "2.0", "3.0"] {
        let (draft, _) = media_plan(&plan(version), "file").unwrap();
        assert_eq!(
            (draft.lines[0].fee, draft.lines[0].current, draft.currency.clone()),
            (Some(0.2), 100_000.0, None)
        );
    }
    let refused = media_plan(&plan("v1.0"), "file").unwrap_err().to_string();
    assert!(refused.contains("1.0") && refused.contains("2.0 and 3.0"), "{refused}");
}
