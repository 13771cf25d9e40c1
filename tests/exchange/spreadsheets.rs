use outlay_exchange::{Columns, DraftError, lines};

const SHEET: &str = "\n\nQ3 media summary,,,,
Channel,Stage,Line,Spend Q3,Revenue Q3
Meta,Prospecting,\"Meta, US\",\"$420,000\",\"$1,250,400\"
TV,Awareness,Linear TV,\"$180,000\",\"$205,000\"
Email,Retention,Email,$0,\"$4,000\"
Total,,,\"$600,000\",\"$1,459,400\"
";

#[test]
fn a_spreadsheet_becomes_a_scenario_that_earns_today_what_the_sheet_says() {
    let (draft, table) = lines(SHEET.as_bytes(), "lines", &Columns::default()).unwrap();
    assert_eq!((draft.name.as_str(), draft.currency.as_deref()), ("Q3 media summary", Some("USD")));
    assert_eq!((draft.budget, table.source.skipped.len()), (Some(600_000.0), 2));
    let first = &draft.lines[0];
    assert_eq!(
        (first.name.as_str(), first.tags["channel"].as_str(), first.current),
        ("Meta, US", "Meta", 420_000.0)
    );
    let curve = first.curve.as_ref().unwrap().0.made(0.0).unwrap();
    assert!((curve.value(420_000.0) - 1_250_400.0).abs() < 1e-6);
    // The next unit earns half of the average.
    assert!((curve.marginal(420_000.0) / (1_250_400.0 / 420_000.0) - 0.5).abs() < 1e-12);
    assert!(draft.lines[2].out);
    let text = draft.toml();
    let batch = outlay_scenario::Batch::of_text(
        &outlay_scenario::Files::memory::<&str, &str>([]),
        std::path::Path::new("scenario.toml"),
        text.clone(),
    );
    let scenario = batch.and_then(|b| b.scenario(0)).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(scenario.lines.len(), 2);
}

#[test]
fn what_is_not_clear_is_asked() {
    let read = |text: &str, columns: &Columns| lines(text.as_bytes(), "x", columns);
    let two = "Line,Spend Q2,Spend Q3,Revenue\nTV,5,6,9\nRadio,5,6,9\n";
    assert!(matches!(read(two, &Columns::default()), Err(DraftError::Several { option: "--spend", .. })));
    let chosen = Columns { spend: Some("spend q3".into()), ..Columns::default() };
    assert_eq!(read(two, &chosen).unwrap().0.budget, Some(12.0));
    let doubled = "Line,Spend,Revenue\nTV,5,9\nTV,5,9\n";
    assert!(matches!(read(doubled, &Columns::default()), Err(DraftError::Twice { row: 3, first: 2, .. })));
    let currencies = "Line,Spend (EUR),Revenue (GBP)\nTV,5,9\nRadio,5,9\n";
    assert!(matches!(read(currencies, &Columns::default()), Err(DraftError::Table(_))));
    let none = "Line,Clicks\nTV,5\nRadio,6\n";
    assert!(matches!(read(none, &Columns::default()), Err(DraftError::NoSpend { .. })));
}
