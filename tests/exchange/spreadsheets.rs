//! Spreadsheets of lines as scenarios.

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
    assert!(matches!(
        read(two, &Columns::default()),
        Err(DraftError::Several { option: Some("--spend"), .. })
    ));
    let chosen = Columns { spend: Some("spend q3".into()), ..Columns::default() };
    assert_eq!(read(two, &chosen).unwrap().0.budget, Some(12.0));
    let doubled = "Line,Spend,Revenue\nTV,5,9\nTV,5,9\n";
    assert!(matches!(read(doubled, &Columns::default()), Err(DraftError::Twice { row: 3, first: 2, .. })));
    let currencies = "Line,Spend (EUR),Revenue (GBP)\nTV,5,9\nRadio,5,9\n";
    assert!(matches!(read(currencies, &Columns::default()), Err(DraftError::Table(_))));
    let none = "Line,Clicks\nTV,5\nRadio,6\n";
    assert!(matches!(read(none, &Columns::default()), Err(DraftError::NoSpend { .. })));
}

/// Sheets as planners of other countries and habits keep them: what becomes of
/// each column.
#[test]
fn sheets_of_many_kinds_become_the_same_lines() {
    let sheets = [
        "Kanal;Gattung;Werbemittel;Kosten 2026 €;Umsatz\nGoogle;Suche;Marke;120.000,50;480.000,00\nTV;TV;Spot;300.000,00;500.000,00\n",
        "Ligne;Canal;Coût (EUR);Chiffre d'affaires\nMarque;Google;120 000,50;480 000,00\nSpot;TV;300 000,00;500 000,00\n",
        "Campaign\tPlatform\tSpend (EUR)\tROAS\nMarke\tGoogle\t120000.5\t3.99998333\nSpot\tTV\t300000\t166.6666667%\n",
        "Line,Channel,Budget FY26 (EUR),Revenue,CPC,Notes\nMarke,Google,\"120,000.50\",480k,1.2,good\nSpot,TV,0.3M,500k,,\n",
    ];
    for sheet in sheets {
        let (draft, _) =
            lines(sheet.as_bytes(), "x", &Columns::default()).unwrap_or_else(|e| panic!("{e}: {sheet}"));
        assert_eq!(draft.currency.as_deref(), Some("EUR"), "{sheet}");
        assert_eq!((draft.lines.len(), draft.budget), (2, Some(420_000.5)), "{sheet}");
        for (line, (channel, spend, revenue)) in
            draft.lines.iter().zip([("Google", 120_000.5, 480_000.0), ("TV", 300_000.0, 500_000.0)])
        {
            assert_eq!((line.tags["channel"].as_str(), line.current), (channel, spend), "{sheet}");
            let reported = line.reported.unwrap();
            assert!((reported / revenue - 1.0).abs() < 1e-8, "{sheet}: {reported}");
            let curve = line.curve.as_ref().unwrap().0.made(0.0).unwrap();
            assert!((curve.value(spend) / revenue - 1.0).abs() < 1e-8, "{sheet}");
        }
    }
}

#[test]
fn bounds_owners_customers_and_tags_of_ones_own_are_taken_and_the_rest_is_told() {
    let sheet = "Line,Funnel,Owner,Agency,Spend,Revenue,New customers,Min,Max spend,Impressions\n\
                 A,Upper,Ann,North,\"10,000\",30000,600,5000,15000,9\n\
                 B,Lower,Bob,North,\"20,000\",30000,,,,8\n";
    let (draft, _) = lines(sheet.as_bytes(), "x", &Columns::default()).unwrap();
    let (a, b) = (&draft.lines[0], &draft.lines[1]);
    assert_eq!((a.min, a.max, a.revenue_per_customer), (Some(5000.0), Some(15_000.0), Some(50.0)));
    assert_eq!((b.min, b.max, b.revenue_per_customer), (None, Some(40_000.0), None));
    assert_eq!(
        (a.tags["stage"].as_str(), a.tags["owner"].as_str(), a.tags["Agency"].as_str()),
        ("Upper", "Ann", "North")
    );
    assert!(draft.remarks.contains(&"Not used: `Impressions`.".to_owned()), "{:?}", draft.remarks);
    // No line with an outcome: the money is still there, and what to do is said.
    let (bare, _) = lines(b"Line,Spend,Clicks\nA,10,3\nB,20,4\n", "x", &Columns::default()).unwrap();
    assert_eq!(bare.budget, Some(30.0));
    assert!(bare.remarks.iter().any(|r| r.contains("--revenue")), "{:?}", bare.remarks);
    // Customers alone, or what one of them costs.
    for counted in ["Line,Cost,Orders\nA,100,4\nB,300,6\n", "Line,Cost,CPA\nA,100,25\nB,300,50\n"] {
        let (draft, _) = lines(counted.as_bytes(), "x", &Columns::default()).unwrap();
        assert_eq!((draft.goal.as_str(), draft.lines[1].reported), ("customers", Some(6.0)), "{counted}");
    }
}

#[test]
fn months_side_by_side_are_added_up() {
    let sheet = "Media plan 2026,,,,,,\nLine,Channel,Jan,Feb,Mar,Total,Revenue\n\
                 Brand,Google,100,200,300,600,2400\nSpot,TV,1000,,500,1500,3000\nTotal,,1100,200,800,2100,5400\n";
    let (draft, _) = lines(sheet.as_bytes(), "x", &Columns::default()).unwrap();
    assert_eq!(draft.horizon, Some((None, "month".to_owned(), 3)));
    let spends: Vec<f64> = draft.lines.iter().map(|l| l.current).collect();
    assert_eq!((spends, draft.budget), (vec![600.0, 1500.0], Some(2100.0)));
    assert!(draft.remarks.contains(&"Not used: `Total`.".to_owned()), "{:?}", draft.remarks);
    let quarters = "Ligne;Q1 2026;Q2 2026;Ventes\nA;1 000,00;2 000,00;9 000,00\n B;10;20;90\n";
    let (draft, _) = lines(quarters.as_bytes(), "x", &Columns::default()).unwrap();
    assert_eq!((draft.horizon, draft.budget), (Some((None, "week".to_owned(), 26)), Some(3030.0)));
}

#[test]
fn thousands_and_millions_in_headings_are_multiplied_out_and_told() {
    let sheet = "Line;Kosten (T€);Umsatz in Mio. EUR;Max in TEUR\nA;12,5;0,04;20\nB;20;0,06;\n";
    let (draft, _) = lines(sheet.as_bytes(), "x", &Columns::default()).unwrap();
    let (a, b) = (&draft.lines[0], &draft.lines[1]);
    assert_eq!((a.current, a.reported, a.max), (12_500.0, Some(40_000.0), Some(20_000.0)));
    assert_eq!((b.current, b.reported, b.max), (20_000.0, Some(60_000.0), Some(40_000.0)));
    let told = "Multiplied, as the headings say: `Kosten (T€)` by 1,000, `Umsatz in Mio. EUR` by 1,000,000, `Max in TEUR` by 1,000.";
    assert!(draft.remarks.iter().any(|r| r == told), "{:?}", draft.remarks);
    let twice = "Line,Spend (000s),Revenue\nA,12k,40000\nB,5,9000\n";
    let error = lines(twice.as_bytes(), "x", &Columns::default()).unwrap_err().to_string();
    assert!(error.contains("row 2") && error.contains("plain number"), "{error}");
}
