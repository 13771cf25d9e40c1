//! A quarter in memory: plan, buy, see what happened, plan the rest; and what
//! other programs wrote as a start.

use std::path::Path;

use outlay::exchange::{Columns, Options};
use outlay::{
    Chosen, Column, Data, Effort, Error, Files, FitOptions, Format, Replanning, Resetting, Split, Start,
    Status, show,
};

const PLAN: &str = r#"
outlay = 1
currency = "EUR"
horizon = { periods = 4, unit = "week" }
goal = { maximize = "revenue" }
budget = { max = 4000 }
lines = [
    { name = "search", outcome = "revenue", spend = { current = 2000 }, curve = { family = "michaelis_menten", ceiling = 9000, half_saturation = 2000 } },
    { name = "video",  outcome = "revenue", spend = { current = 2000 }, curve = { family = "michaelis_menten", ceiling = 6000, half_saturation = 1000 } },
]
"#;

#[test]
fn a_quarter_runs_in_memory() {
    let files = Files::memory([("plan.toml", PLAN)]);
    let batch = outlay::read(&files, "plan.toml").unwrap();
    let scenario = batch.scenario(0).unwrap();
    let result = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    let json = show::plan(&result, &scenario, Format::Json).unwrap();
    let library = r#"{ "outlay": 1, "curves": [{ "name": "video", "outcome": "revenue", "curve": { "family": "michaelis_menten", "ceiling": 5000, "half_saturation": 1000 } }] }"#;
    let files = files.with([("plan.json", json.as_str()), ("now.json", library)]);
    let record = outlay::record(&files, "plan.json").unwrap();

    let happened = [
        ("line", Column::Texts(vec!["search".into(), "video".into()])),
        ("period", Column::Texts(vec!["1".into(), "1".into()])),
        ("actual_spend", Column::Numbers(vec![700.0, 300.0])),
        ("actual_revenue", Column::Numbers(vec![1500.0, 800.0])),
    ];
    let data = Data::columns("week 1", happened);
    let actuals = outlay::actuals(&data, &record).unwrap();
    let tracked = outlay::track(&record, &actuals, None, Split::Sequential).unwrap();
    assert_eq!((tracked.through.as_deref(), tracked.horizon), (Some("1"), 4));
    assert_eq!(tracked.actuals, data.input());
    let now = outlay::track(&record, &actuals, Some(Path::new("now.json")), Split::Shapley).unwrap();
    assert_eq!(now.curves.as_ref().map(|c| c.path.as_str()), Some("now.json"));
    assert!(now.total.outcome.projected < tracked.total.outcome.projected);
    assert!(show::tracking(&tracked, Format::Markdown).unwrap().contains("video"));

    // A sheet keeps what was written into the last one.
    let sheet = outlay::buy(&result, &scenario, std::slice::from_ref(&data)).unwrap().unwrap();
    assert!(show::buy_rows_csv(&sheet).contains("700"));
    assert!(show::buy_rows_workbook(&sheet).unwrap().starts_with(b"PK"));

    let at = Path::new("rest.scenario.json");
    let rest = outlay::replan(&Replanning::new(&record, &actuals, at), &Effort::default()).unwrap();
    assert_eq!(rest.result.status, Status::Optimal);
    assert!(show::replanned(&rest, Format::Table).unwrap().contains("search"));
    let saved = serde_json::to_string(&rest.result).unwrap();
    let files = files.with([("rest.scenario.json", rest.text.as_str()), ("rest.json", saved.as_str())]);
    let verdict = outlay::verify(&files, "rest.json", None).remove(0).unwrap();
    assert_eq!(verdict.differences, []);

    let next = Resetting { curves: Some(Path::new("now.json")), ..Resetting::new(&record, &actuals, at) };
    let next = outlay::reset(&next, &Effort::default()).unwrap();
    assert_eq!(next.result.status, Status::Optimal);
    let wrong = Data::bytes("week.csv", "line,period,actual_spend\nserch,1,5\n");
    let error = outlay::actuals(&wrong, &record).unwrap_err();
    assert!(error.to_string().starts_with("week.csv: row 2, column `line`"), "{error}");
}

/// The proofs of an answer are kept on request, and then it can be verified.
#[test]
fn answers_with_proofs_are_verified_in_memory() {
    let text = PLAN.replace("max = 4000", "max = 4000, min = 4000")
        + "limits = [{ metric = \"revenue\", min = 20_000 }]\n";
    let files = Files::memory([("plan.toml", text)]);
    let scenario = outlay::read(&files, "plan.toml").unwrap().scenario(0).unwrap();
    assert_eq!(outlay::feasible(&scenario, &Effort::default()).unwrap(), Some(false));
    let bare = outlay::check(&scenario, &Effort::default()).unwrap();
    assert!(bare.proofs.is_empty());
    let kept = outlay::check(&scenario, &Effort::default().proofs(true)).unwrap();
    assert_eq!((kept.feasible, kept.proofs.is_empty()), (Some(false), false));
    let held = [
        ("kept.json", serde_json::to_string(&kept).unwrap()),
        ("bare.json", serde_json::to_string(&bare).unwrap()),
    ];
    let files = files.with(held);
    let stands =
        |name: &str| outlay::verify(&files, name, None).remove(0).is_ok_and(|v| v.differences.is_empty());
    assert!(stands("kept.json") && !stands("bare.json"));
}

#[test]
fn scenarios_start_from_what_is_there() {
    let weeks = (0..40).map(|w| jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().weeks(w)).ok());
    let spend: Vec<f64> = (0..40).map(|w| f64::from(100 + 13 * (w * 7 % 11))).collect();
    let columns = [
        ("week", Column::Dates(weeks.collect())),
        ("revenue", Column::Numbers(spend.iter().map(|x| 1000.0 + 30.0 * x.sqrt()).collect())),
        ("tv_spend", Column::Numbers(spend)),
    ];
    let frame = Data::columns("weeks", columns);
    let Start::History(history) = outlay::start(&frame, &Columns::default()).unwrap() else {
        panic!("a history");
    };
    assert_eq!(*history, outlay::history(&frame, &Chosen::default()).unwrap());
    let fitted = outlay::fit(&history, &[], &FitOptions::default().cancel(&|| true)).unwrap();
    let text = show::library(&fitted.library).unwrap();
    let again = outlay::start(&Data::bytes("curves.json", text.as_str()), &Columns::default()).unwrap();
    let Start::Library(library) = again else { panic!("a library") };
    let draft = outlay::start_from_library(&library, "curves.json", "Weeks");
    let files = Files::memory([("curves.json", text), ("scenario.toml", draft.toml())]);
    let scenario = outlay::read(&files, "scenario.toml").unwrap().scenario(0).unwrap();
    assert_eq!((scenario.name.as_str(), scenario.lines.len()), ("Weeks", 1));

    let none = outlay::start(&Data::bytes("a.csv", "a,b\n1,2\n"), &Columns::default()).unwrap_err();
    assert!(matches!(none, Error::Draft { .. }) && none.to_string().starts_with("a.csv: "), "{none}");
    let model = outlay::import(&Data::bytes("m.csv", "a,b\n1,2\n"), &Options::default()).unwrap_err();
    assert!(model.to_string().starts_with("m.csv: this is none of the files"), "{model}");
}
