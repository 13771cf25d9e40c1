//! A plan written into the user's own media plan: costs scaled, nothing else
//! touched, and read back as the plan.

use outlay_exchange::{DraftError, Planned, is_media_plan, media_plan, planned, workbook};
use serde_json::Value;

/// A plan of twelve lines that mediaplanpy 3.0.11 wrote, opened and saved once in
/// LibreOffice, so that its formulas have values.
const BOOK: &[u8] = include_bytes!("data/media_plan_3_0.xlsx");

const PLAN: &str = r#"{
  "meta": { "schema_version": "v3.0", "id": "m" },
  "campaign": { "name": "Spring", "start_date": "2027-01-04", "end_date": "2027-01-17", "budget_total": 900.00, "budget_currency": "EUR" },
  "lineitems": [
    { "id": "all", "name": "everything", "cost_total": 700.0, "is_aggregate": true },
    {
      "id": "a", "name": "TV",   "start_date": "2027-01-04", "end_date": "2027-01-17",
      "cost_total": 200.0, "cost_media": 160.0, "cost_buying": 30.0, "cost_custom1": 10.0,
      "cost_minimum": 50.0, "cost_currency_exchange_rate": 1.0,
      "metric_impressions": 1000, "metric_sales": 500.0, "own": "kept: {\"cost_total\": 1}"
    },
    { "id": "b", "name": "search", "cost_total": 100.0, "cost_currency": "USD", "cost_currency_exchange_rate": 0.5, "metric_sales": 90.0 },
    { "name": "search", "cost_total": 0.0, "cost_media": 0.0 }
  ]
}"#;

fn line(name: &str, id: Option<&str>, spend: f64) -> Planned {
    Planned { name: name.into(), id: id.map(str::to_owned), parts: vec![(None, spend)] }
}

fn json(lines: &[Planned]) -> (String, Vec<String>) {
    let (bytes, notes) = planned(PLAN.as_bytes(), lines).unwrap();
    (String::from_utf8(bytes).unwrap(), notes)
}

#[test]
fn costs_are_scaled_and_every_other_byte_stays() {
    let (same, _) = json(&[line("TV", Some("a"), 160.0), line("search", Some("b"), 50.0)]);
    assert_eq!(same, PLAN);
    let (text, notes) =
        json(&[line("TV", Some("a"), 80.0), line("search", Some("b"), 100.0), line("search (2)", None, 7.0)]);
    let expected = PLAN
        .replace(
            r#""cost_total": 200.0, "cost_media": 160.0, "cost_buying": 30.0, "cost_custom1": 10.0"#,
            r#""cost_total": 100.0, "cost_media": 80.0, "cost_buying": 15.0, "cost_custom1": 5.0"#,
        )
        // 100 euros are 200 dollars.
        .replace(
            r#""cost_total": 100.0, "cost_currency": "USD""#,
            r#""cost_total": 200.0, "cost_currency": "USD""#,
        )
        .replace(r#""cost_total": 0.0, "cost_media": 0.0"#, r#""cost_total": 7.0, "cost_media": 7.0"#);
    assert_eq!(text, expected);
    assert!(notes.iter().any(|n| n.contains("`everything`")), "{notes:?}");
    // The plan is what is read back.
    let value: Value = serde_json::from_str(&text).unwrap();
    let (draft, _) = media_plan(&value, "x").unwrap();
    let spends: Vec<f64> = draft.lines.iter().map(|l| l.current).collect();
    assert_eq!(spends, [80.0, 100.0, 7.0]);
}

#[test]
fn a_plan_by_period_makes_an_item_for_every_period_with_money() {
    let week = |from: &str, to: &str, spend| (Some((from.to_owned(), to.to_owned())), spend);
    let parts = vec![
        week("2027-01-04", "2027-01-10", 40.0),
        week("2027-01-11", "2027-01-17", 120.0),
        week("2027-01-18", "2027-01-24", 0.0),
    ];
    let (text, _) = json(&[Planned { name: "TV".into(), id: Some("a".into()), parts }]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(is_media_plan(&value));
    let items = value["lineitems"].as_array().unwrap();
    let (first, second) = (&items[1], &items[2]);
    assert_eq!(items.len(), 5);
    assert_eq!((&first["id"], &second["id"]), (&"a-2027-01-04".into(), &"a-2027-01-11".into()));
    assert_eq!((&second["start_date"], &second["end_date"]), (&"2027-01-11".into(), &"2027-01-17".into()));
    assert_eq!(
        (&first["cost_total"], &first["cost_buying"], &second["cost_media"]),
        (&50.0.into(), &7.5.into(), &120.0.into())
    );
    // What is not money of the period is divided: together it is what it was.
    for field in ["metric_impressions", "metric_sales", "cost_minimum"] {
        let sum = first[field].as_f64().unwrap() + second[field].as_f64().unwrap();
        let whole: Value = serde_json::from_str(PLAN).unwrap();
        assert_eq!(sum, whole["lineitems"][1][field].as_f64().unwrap(), "{field}");
    }
    assert_eq!(first["own"], second["own"]);
}

#[test]
fn a_line_without_a_place_is_an_error() {
    let refused = planned(PLAN.as_bytes(), &[line("radio", None, 1.0)]).unwrap_err();
    assert!(matches!(&refused, DraftError::Plan(text) if text.contains("`radio`")), "{refused}");
    let twice = planned(PLAN.as_bytes(), &[line("TV", None, 1.0), line("TV", Some("a"), 1.0)]);
    assert!(twice.is_err());
    for other in ["{}", "no plan", "[1, 2"] {
        assert!(planned(other.as_bytes(), &[]).is_err(), "{other}");
    }
}

#[test]
fn a_workbook_keeps_its_formulas_and_says_what_they_come_to() {
    let before = workbook(BOOK).unwrap();
    let item = |plan: &Value, i: usize, field: &str| plan["lineitems"][i][field].as_f64();
    // Meta: 90,000 in all, 82,800 of them media, sales by adbudg of the total.
    let (bytes, _) = planned(BOOK, &[line("Meta prospecting", Some("LI-006"), 41_400.0)]).unwrap();
    let after = workbook(&bytes).unwrap();
    assert_eq!(item(&before, 5, "cost_total"), Some(90_000.0));
    assert_eq!(item(&after, 5, "cost_total"), Some(45_000.0));
    assert_eq!(item(&after, 5, "cost_media"), Some(41_400.0));
    let sales = 400_000.0 * 45_000.0 / (90_000.0 + 45_000.0);
    assert!((item(&after, 5, "metric_sales").unwrap() / sales - 1.0).abs() < 1e-9);
    let half = item(&before, 5, "metric_impressions").unwrap() / 2.0;
    assert!((item(&after, 5, "metric_impressions").unwrap() / half - 1.0).abs() < 1e-9);
    for i in (0..12).filter(|i| *i != 5) {
        assert_eq!(before["lineitems"][i], after["lineitems"][i], "line {i}");
    }
    assert_eq!(before["campaign"], after["campaign"]);
}

#[test]
fn a_workbook_by_period_has_a_row_for_every_period_with_money() {
    let before = workbook(BOOK).unwrap();
    let week = |from: &str, to: &str, spend| (Some((from.to_owned(), to.to_owned())), spend);
    let parts = vec![
        week("2027-01-04", "2027-01-10", 20_700.0),
        week("2027-01-11", "2027-01-17", 0.0),
        week("2027-01-18", "2027-01-24", 62_100.0),
    ];
    let lines = [Planned { name: "Meta prospecting".into(), id: Some("LI-006".into()), parts }];
    let (bytes, notes) = planned(BOOK, &lines).unwrap();
    assert!(!notes.iter().any(|n| n.contains("single cell")), "{notes:?}");
    let after = workbook(&bytes).unwrap();
    let (old, new) = (before["lineitems"].as_array().unwrap(), after["lineitems"].as_array().unwrap());
    assert_eq!(new.len(), old.len() + 1);
    let number = |item: &Value, field: &str| item[field].as_f64().unwrap();
    let (first, second) = (&new[5], &new[6]);
    assert_eq!((&first["id"], &second["id"]), (&"LI-006-2027-01-04".into(), &"LI-006-2027-01-18".into()));
    let dates = |item: &Value| {
        ["start_date", "end_date"].map(|field| item[field].as_str().unwrap().get(..10).unwrap().to_owned())
    };
    assert_eq!(dates(first), ["2027-01-04", "2027-01-10"]);
    assert_eq!(dates(second), ["2027-01-18", "2027-01-24"]);
    // The money is the item's, 82,800 of media in 90,000; a quarter and three.
    assert_eq!((number(first, "cost_total"), number(second, "cost_media")), (22_500.0, 62_100.0));
    for field in ["cost_total", "cost_buying", "cost_minimum", "metric_sales", "metric_impressions"] {
        let sum = number(first, field) + number(second, field);
        assert!((sum / number(&old[5], field) - 1.0).abs() < 1e-9, "{field}: {sum}");
    }
    // 400,000 x / (90,000 + x) of the whole: a quarter of the money makes a quarter of the sales.
    let sales = |item: &Value, name: &str| number(&item["metric_formulas"]["metric_sales"], name);
    assert_eq!((sales(first, "coefficient"), sales(first, "parameter1")), (100_000.0, 22_500.0));
    assert_eq!(
        (number(second, "sales_coefficient"), number(second, "sales_parameter_1")),
        (300_000.0, 67_500.0)
    );
    // Rows below have moved by one and are otherwise the same.
    for (i, item) in old.iter().enumerate().filter(|(i, _)| *i != 5) {
        let mut same = item.clone();
        same["row"] = Value::from(number(item, "row") + f64::from(u8::from(i > 5)));
        let mut now = new[i + usize::from(i > 5)].clone();
        now["row"] = Value::from(number(&now, "row"));
        assert_eq!(same, now, "line {i}");
    }
}

#[test]
fn formulas_of_periods_give_together_what_the_whole_gave() {
    let week = |from: &str, spend| (Some((from.to_owned(), from.to_owned())), spend);
    let formulas = r#"{ "metric_sales": { "formula_type": "power_function", "base_metric": "cost_total", "coefficient": 9.0, "parameter1": 0.5 },
        "metric_clicks": { "formula_type": "cost_per_unit", "coefficient": 2.0 } }"#;
    let plan = PLAN.replace(r#""metric_sales": 500.0"#, &format!(r#""metric_formulas": {formulas}"#));
    let parts = vec![week("2027-01-04", 40.0), week("2027-01-11", 120.0)];
    let lines = [Planned { name: "TV".into(), id: Some("a".into()), parts }];
    let (bytes, _) = planned(plan.as_bytes(), &lines).unwrap();
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let items = value["lineitems"].as_array().unwrap();
    let sales = |item: &Value| {
        let formula = &item["metric_formulas"]["metric_sales"];
        formula["coefficient"].as_f64().unwrap() * item["cost_total"].as_f64().unwrap().sqrt()
    };
    assert!((sales(&items[1]) + sales(&items[2]) - 9.0 * 200f64.sqrt()).abs() < 1e-9);
    assert_eq!(items[2]["metric_formulas"]["metric_clicks"]["coefficient"], 2.0);
}
