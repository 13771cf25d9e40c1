//! Histories, lift tests and panels from memory; curves from them.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Span;
use jiff::civil::{Date, date};
use outlay::{
    Chosen, Column, Data, DesignAsk, Effort, Error, Files, FitOptions, Format, LiftAsk, Status, show,
};

fn weeks(count: i64) -> Vec<Option<Date>> {
    (0..count).map(|w| date(2024, 1, 1).checked_add(Span::new().weeks(w)).ok()).collect()
}

/// Two years of weeks: spend that varies, revenue that follows it.
fn columns() -> Vec<(&'static str, Column)> {
    let spend = |step: i32| (0..104).map(move |w| f64::from(2_000 + 900 * (w * step % 11)));
    let (tv, search): (Vec<f64>, Vec<f64>) = (spend(7).collect(), spend(4).collect());
    let revenue = (0..104).zip(tv.iter().zip(&search)).map(|(w, (t, s))| {
        40_000.0 + 60_000.0 * t / (9_000.0 + t) + 3.0 * s + 200.0 * f64::from(w * 37 % 17 - 8)
    });
    vec![
        ("week", Column::Dates(weeks(104))),
        ("revenue", Column::Numbers(revenue.collect())),
        ("tv_spend", Column::Numbers(tv)),
        ("search_spend", Column::Numbers(search)),
    ]
}

/// What a data frame holds is taken to the last bit, whatever its texts look
/// like, and is what the CSV file of it says.
#[test]
fn columns_are_taken_as_they_are() {
    let odd = [1.234, 12.345, 123.456, 0.1 + 0.2, 1e-7, 4.0e15, 1234.0, 5.0, 0.0, 2.5];
    let texts: Vec<String> = (0..10).map(|i| format!("1.23{i},5")).collect();
    let frame = [
        ("date", Column::Dates(weeks(10))),
        ("tv_spend", Column::Numbers(odd.to_vec())),
        ("revenue", Column::Texts(texts)),
    ];
    let data = Data::columns("frame", frame);
    let read = outlay::history(&data, &Chosen::default()).unwrap();
    assert_eq!(read.history.channels[0].spend, odd);
    let earned: Vec<f64> = (0..10).map(|i| 1230.5 + f64::from(i)).collect();
    assert_eq!(read.history.outcome.as_deref(), Some(earned.as_slice()));
    let file = Data::bytes("frame", data.to_bytes().into_owned());
    assert_eq!(outlay::history(&file, &Chosen::default()).unwrap().history, read.history);
    assert_eq!(file.input(), data.input());
}

#[test]
fn what_is_wrong_with_columns_is_told_with_its_row() {
    let mut wrong = columns();
    wrong[2].1 = Column::Numbers((0..104).map(|w| if w == 7 { -1.0 } else { 5.0 }).collect());
    let error = outlay::history(&Data::columns("frame", wrong), &Chosen::default()).unwrap_err();
    assert!(matches!(error, Error::History { .. }));
    assert!(error.to_string().starts_with("frame: row 9, column `tv_spend`"), "{error}");
    let gone = Column::Numbers(vec![f64::NAN; 104]);
    let mut lacking = columns();
    lacking[1].1 = gone;
    assert!(outlay::history(&Data::columns("frame", lacking), &Chosen::default()).is_err());
    let missing = outlay::data(&Files::memory([("a.csv", "")]), "b.csv").unwrap_err();
    assert!(missing.to_string().starts_with("b.csv: "), "{missing}");
}

/// From columns to curves, a plan over them and its proof, without a disk.
#[test]
fn curves_are_fitted_judged_and_planned_with_in_memory() {
    let read = outlay::history(&Data::columns("weeks", columns()), &Chosen::default()).unwrap();
    let test = "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2025-12-29,2026-02-02,7000,3500,60000,9000\n";
    let tests = outlay::lift_tests(&Data::bytes("tests.csv", test), &read).unwrap();
    assert_eq!((tests.tests.len(), tests.tests[0].periods), (1, 6));
    let told = AtomicU64::new(0);
    let progress = |share: f64| {
        assert!((0.0..=1.0).contains(&share));
        told.fetch_add(1, Ordering::Relaxed);
    };
    // Stopped at once, a fit still gives curves, and says what they are.
    let options = FitOptions::default().currency("EUR".to_owned()).cancel(&|| true).progress(&progress);
    let mut fitted = outlay::fit(&read, &tests.tests, &options).unwrap();
    assert!(told.into_inner() > 0);
    let names = |f: &outlay::Fitted| f.library.curves.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&fitted), ["tv", "search"]);
    assert!(fitted.library.curves.iter().all(|c| c.warnings.iter().any(|w| w.code == "not_reached")));
    assert_eq!(fitted.library.source.as_deref(), Some("weeks"));

    let judged = "channel,source,return,at,half_saturation\npodcasts,benchmark,2.5,1000,4000\n";
    fitted.judge(&Data::bytes("judged.csv", judged)).unwrap();
    assert_eq!(names(&fitted), ["tv", "search", "podcasts"]);
    let twice = fitted.judge(&Data::bytes("judged.csv", judged)).unwrap_err();
    assert_eq!(twice.to_string(), "judged.csv: podcasts has a curve already");

    let json = show::fit(&fitted, None, Format::Json).unwrap();
    let scenario = "outlay = 1\ncurrency = \"EUR\"\ncurves = \"curves.json\"\nbudget.max = 200_000\nhorizon = { unit = \"week\", periods = 13 }\ngoal = { maximize = \"revenue\" }\nlines = [{ name = \"tv\" }, { name = \"search\" }, { name = \"podcasts\" }]\n";
    let files = Files::memory([("curves.json", json.as_str()), ("plan.toml", scenario)]);
    assert_eq!(outlay::library(&files, "curves.json").unwrap().curves.len(), 3);
    let scenario = outlay::read(&files, "plan.toml").unwrap().scenario(0).unwrap();
    let plan = outlay::solve(&scenario, &Effort::default()).unwrap().result;
    assert_eq!(plan.status, Status::Optimal);

    let moved = fitted.moved_from(&fitted.library, &read);
    assert!(moved.moved.iter().all(|m| m.z == 0.0 && !m.news) && moved.added.is_empty());
    let text = show::fit(&fitted, Some(&moved), Format::Table).unwrap();
    assert!(text.contains("podcasts"), "{text}");
    assert!(show::history(&read).contains("spend of search"));
    assert!(matches!(show::fit(&fitted, None, Format::Csv), Err(Error::Unsupported(_))));
}

/// A count of days is a date only for who knows where it begins: what it was taken
/// for is said.
#[test]
fn what_counted_days_are_taken_for_is_said() {
    let table = |date: &dyn Fn(i64) -> String| {
        let row =
            |week: i64| format!("{},{},{}\n", date(week), 1000 + 37 * week % 400, 100 + 13 * (week * 7 % 11));
        format!("week,revenue,tv_spend\n{}", (0..40).map(row).collect::<String>())
    };
    let first = jiff::civil::date(2024, 1, 1);
    let written = |week: i64| first.checked_add(jiff::Span::new().weeks(week)).unwrap().to_string();
    let counted = |week: i64| (45_292 + 7 * week).to_string();
    let read = |text: String| outlay::history(&Data::bytes("weeks.csv", text), &Chosen::default()).unwrap();
    let (plain, serial) = (read(table(&written)), read(table(&counted)));
    assert_eq!((plain.first, plain.last), (serial.first, serial.last));
    assert!(!show::history(&plain).contains("1904"));
    let told = show::history(&serial).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("45292 is taken for 2024-01-01") && told.contains("1904"), "{told}");
}

/// However soon a fit is told to end, it ends within a few evaluations, with
/// curves that say how far it came: on the way to the most probable ones, or
/// there without having tried and drawn all.
#[test]
fn a_fit_ends_wherever_it_is_told_to() {
    let read = outlay::history(&Data::columns("weeks", columns()), &Chosen::default()).unwrap();
    let mut before = 0;
    for allowed in [0, 3, 30, 100, 300, 1000, 3000] {
        let (asked, late) = (AtomicU64::new(0), AtomicU64::new(0));
        let cancel = || {
            let stop = asked.fetch_add(1, Ordering::Relaxed) >= allowed;
            late.fetch_add(u64::from(stop), Ordering::Relaxed);
            stop
        };
        let fitted = outlay::fit(&read, &[], &FitOptions::default().cancel(&cancel)).unwrap();
        assert!(late.into_inner() < 100, "{allowed}");
        for curve in &fitted.library.curves {
            let has = |code: &str| curve.warnings.iter().any(|w| w.code == code);
            let stage = if has("not_reached") { 0 } else { 1 + usize::from(!has("cut_short")) };
            assert!(stage >= before && (allowed > 0 || stage == 0), "{allowed}: {stage}");
            before = stage;
            assert!(curve.draws.len() >= 50, "{}", curve.draws.len());
        }
    }
    assert!(before > 0);
}

/// A cut of known effect in three of twelve markets.
#[test]
fn a_test_in_markets_is_designed_and_read_in_memory() {
    let (mut dates, mut markets, mut revenue, mut spend) = (vec![], vec![], vec![], vec![]);
    for (week, day) in weeks(60).into_iter().enumerate() {
        for market in 0..12_usize {
            let treated = market < 3 && week >= 52;
            let wave = 5.0 * ((week * 7 + market * 3) % 13) as f64;
            dates.push(day);
            markets.push(format!("M{market}"));
            spend.push(if treated { 0.0 } else { 100.0 });
            revenue.push(1000.0 + 80.0 * market as f64 + wave - if treated { 250.0 } else { 0.0 });
        }
    }
    let columns = [
        ("date", Column::Dates(dates)),
        ("market", Column::Texts(markets)),
        ("revenue", Column::Numbers(revenue)),
        ("spend", Column::Numbers(spend)),
    ];
    let mut panel = outlay::panel(&Data::columns("panel", columns), &Chosen::default(), None).unwrap();
    let none = outlay::leave_out(&mut panel, &["M99".to_owned()]).unwrap_err();
    assert!(none.to_string().starts_with("panel: no market `M99`"), "{none}");
    let treated: Vec<String> = (0..3).map(|m| format!("M{m}")).collect();
    let ask = LiftAsk {
        start: date(2024, 12, 30),
        end: date(2025, 2, 17),
        treated: &treated,
        channel: "tv",
        level: 0.9,
    };
    let lift = outlay::lift(&panel, &ask).unwrap();
    assert!((lift.lift.value + 6000.0).abs() < 400.0, "{:?}", lift.lift);
    let row = show::lift(&lift, Format::Csv).unwrap();
    assert!(row.contains("tv,2024-12-30,2025-02-23"), "{row}");
    let design = outlay::design(&panel, &treated[..1], &DesignAsk::default()).unwrap();
    assert!(design.designs[0].treated.contains(&treated[0]));
    assert!(show::design(&design, Format::Csv).unwrap().contains("M0"));
    assert!(show::panel(&panel).contains("market"));
}
