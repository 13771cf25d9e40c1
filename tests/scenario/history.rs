//! Reading histories and lift tests.

mod faults;

use std::path::{Path, PathBuf};

use outlay_curves::fit::{Carry, Family, Options, Sampling, Warning, fit};
use outlay_scenario::history::{
    CellReason, Chosen, Decimal, HistoryError, HistoryFile, Order, Role, TableError, Unit, read_history,
    read_lift_tests,
};
use outlay_scenario::{Data, Files};

fn file(text: impl AsRef<[u8]>) -> Data {
    Data::bytes("a.csv", text.as_ref())
}

fn read(text: impl AsRef<[u8]>) -> Result<HistoryFile, HistoryError> {
    read_history(&file(text), &Chosen::default())
}

/// `weeks` rows of a wide file from Monday 2024-01-01 on.
fn wide(weeks: i64) -> String {
    let mut text = String::from("date,revenue,tv_S,search_spend,tv_impressions,price\n");
    for w in 0..weeks {
        let date = jiff::civil::date(2024, 1, 1).saturating_add(jiff::Span::new().days(7 * w));
        text += &format!(
            "{date},{},{},{},{},{}\n",
            1000 + w,
            100 + w,
            50 + 2 * w,
            9_000 * w,
            3.5 + w as f64 / 10.0
        );
    }
    text
}

#[test]
fn wide_files_guess_their_columns() {
    let read = read(wide(20)).unwrap();
    assert_eq!((read.unit, read.history.periods()), (Unit::Week, 20));
    let names: Vec<&str> = read.history.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["tv", "search"]);
    assert_eq!(read.history.channels[1].spend[3], 56.0);
    assert_eq!(read.history.outcome.as_ref().unwrap()[19], 1019.0);
    assert_eq!(read.history.controls.len(), 1);
    assert!(read.history.outcome_is_money);
    let role = |name: &str| read.columns.iter().find(|c| c.0 == name).unwrap().1.clone();
    assert_eq!(role("tv_impressions"), Role::Exposure { channel: "tv".into() });
    assert_eq!(role("price"), Role::Control);
}

#[test]
fn chosen_columns_win_and_typos_name_the_nearest() {
    let text = file(wide(20));
    let chosen = Chosen { spend: vec!["price".into()], ignore: vec!["tv_S".into()], ..Chosen::default() };
    let read = read_history(&text, &chosen).unwrap();
    assert_eq!(read.history.channels.len(), 1);
    assert_eq!(read.history.channels[0].name, "price");
    let chosen = Chosen { spend: vec!["tv_s".into()], ..Chosen::default() };
    match read_history(&text, &chosen) {
        Err(HistoryError::UnknownColumn { nearest, .. }) => assert_eq!(nearest.as_deref(), Some("tv_S")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn long_files_give_every_channel_its_outcome() {
    let mut text = String::from("date;channel;spend;customers\n");
    for day in 1..=28 {
        for (name, spend) in [("TV", 10 * day), ("Search", 5)] {
            text += &format!("2024-02-{day:02};{name};€ {spend},50;{day}\n");
        }
    }
    let read = read(&text).unwrap();
    assert_eq!((read.unit, read.customers), (Unit::Day, true));
    assert_eq!(read.history.outcome, None);
    assert_eq!(read.history.channels[0].spend[27], 280.5);
    assert_eq!(read.history.channels[1].outcome.as_ref().unwrap()[9], 10.0);
    let cut = text.replace("2024-02-05;Search;€ 5,50;5\n", "");
    let expected = HistoryError::NoRow { channel: "Search".into(), date: "2024-02-05".into() };
    assert_eq!(self::read(cut), Err(expected));
}

#[test]
fn markets_are_pooled_and_counts_become_money() {
    let mut text = String::from("geo,time,a_spend,conversions,revenue_per_conversion,weather\n");
    for month in 1..=12 {
        for geo in ["north", "south"] {
            text += &format!("{geo},2023-{month:02}-01,10,4,2.5,{month}\n");
        }
    }
    let read = read(text).unwrap();
    assert_eq!((read.unit, read.pooled), (Unit::Month, 2));
    assert_eq!(read.history.channels[0].spend, vec![20.0; 12]);
    assert_eq!(read.history.outcome, Some(vec![20.0; 12]));
    assert_eq!(read.history.controls[0].values[6], 7.0);
    assert!(read.history.outcome_is_money && !read.customers);
}

#[test]
fn markets_are_read_side_by_side_as_well() {
    let mut text = String::from("week,region,population,revenue,tv_spend,tv_grps,radio_spend,weather\n");
    for week in 0..14_u32 {
        for (m, region) in ["north", "south", "west"].into_iter().enumerate() {
            // The west begins late, the south has a week without a row.
            if (region == "west" && week < 4) || (region == "south" && week == 7) {
                continue;
            }
            let date = day(week);
            let tv = 10.0 * f64::from(week + 1) * (m + 1) as f64;
            text +=
                &format!("{date},{region},{},{},{tv},{},5,{week}\n", 1000 * (m + 1), 100 + week, tv / 2.0);
        }
    }
    let read = read(text).unwrap();
    let panel = read.panel.clone().unwrap();
    assert_eq!(panel.markets, ["north", "south", "west"]);
    assert_eq!(panel.heads, Some(vec![1000.0, 2000.0, 3000.0]));
    assert_eq!(panel.spend.dim(), (3, 14, 2));
    assert_eq!((panel.spend[(1, 3, 0)], panel.exposure.as_ref().unwrap()[(1, 3, 0)]), (80.0, 40.0));
    assert_eq!((panel.outcome[(2, 5)], panel.controls[(2, 5, 0)]), (105.0, 5.0));
    // What is missing is marked, and its spend goes on as around it.
    let missing = |g: usize| (0..14).filter(|&t| !panel.present[(g, t)]).collect::<Vec<usize>>();
    assert_eq!([missing(0), missing(1), missing(2)], [vec![], vec![7], vec![0, 1, 2, 3]]);
    assert_eq!((panel.spend[(1, 7, 0)], panel.spend[(2, 0, 0)]), (160.0, 150.0));
    // The sum leaves the week out in which a market has no row; the panel does not.
    assert_eq!((read.history.left_out.as_slice(), panel.left_out.as_slice()), (&[7][..], &[][..]));
    let mut read = read;
    read.exclude("2024-01-15".parse().unwrap(), "2024-01-22".parse().unwrap()).unwrap();
    assert_eq!(read.panel.unwrap().left_out, [2, 3]);
}

/// Monday of a week of 2024.
fn day(week: u32) -> String {
    let first: jiff::civil::Date = "2024-01-01".parse().unwrap();
    first.checked_add(jiff::Span::new().weeks(week)).unwrap().to_string()
}

#[test]
fn quarters_are_read_as_people_write_them() {
    for quarter in ["2021-Q{q}", "Q{q} 2021", "2021Q{q}"] {
        let mut text = String::from("quarter,revenue,tv_spend\n");
        for n in 0..14_usize {
            let date =
                quarter.replace("{q}", &(n % 4 + 1).to_string()).replace("2021", &(2021 + n / 4).to_string());
            text += &format!("{date},{},{}\n", 100 + n, 10 + n);
        }
        let read = read(text).unwrap();
        assert_eq!((read.unit, read.history.periods()), (Unit::Quarter, 14), "{quarter}");
        assert_eq!(read.first.to_string(), "2021-01-01");
    }
}

#[test]
fn volumes_without_a_cost_are_controls_beside_channels_that_cost() {
    let rows = |header: &str, cells: usize| {
        let mut text = format!("{header}\n");
        for week in 0..14_u32 {
            let each: Vec<String> = (0..cells).map(|c| (10 + week * (c as u32 + 1)).to_string()).collect();
            text += &format!("{},{}\n", day(week), each.join(","));
        }
        text
    };
    let roles = |header: &str, cells| {
        let read = read(rows(header, cells)).unwrap();
        let controls: Vec<String> = read.history.controls.iter().map(|c| c.name.clone()).collect();
        (read.columns.into_iter().map(|c| c.1).collect::<Vec<Role>>(), controls)
    };
    let (found, controls) = roles("week,revenue,tv_spend,tv_impressions,email_sends,pr_impressions", 5);
    assert_eq!(found[4..], [Role::Costless, Role::Costless]);
    assert_eq!(found[3], Role::Exposure { channel: "tv".into() });
    assert_eq!(controls, ["email_sends", "pr_impressions"]);
    // A platform's report: its spend bought what it counts.
    let (found, controls) = roles("Day,Revenue,Amount spent (USD),Link clicks,Impressions", 4);
    assert!(!found.contains(&Role::Costless) && controls.is_empty(), "{found:?}");
    let (found, _) = roles("week,revenue,tv_spend,video_views,all_clicks,impressions", 5);
    assert!(!found.contains(&Role::Costless), "{found:?}");
}

#[test]
fn a_file_of_decimal_commas_is_read_as_one() {
    let mut text = String::from("date;revenue;a_spend\n");
    for day in 1..=20 {
        text += &format!("{day:02}.03.2024;1.{day:03};2,5\n");
    }
    let read = read(text).unwrap();
    assert_eq!(read.decimal, Decimal::Comma);
    assert_eq!(read.history.outcome.unwrap()[4], 1005.0);
    assert_eq!(read.history.channels[0].spend[0], 2.5);
}

#[test]
fn slashed_dates_are_read_in_the_order_that_makes_a_calendar() {
    // The first of each month: every cell alone could be a day of January.
    let months = |write: fn(u32, u32) -> String| -> HistoryFile {
        let rows: String = (0..18).map(|t| format!("{},{t},5\n", write(t % 12 + 1, 2023 + t / 12))).collect();
        read(format!("date,revenue,a_spend\n{rows}")).unwrap()
    };
    let found = months(|month, year| format!("01/{month:02}/{year}"));
    assert_eq!((found.unit, found.order, found.history.periods()), (Unit::Month, Order::DayFirst, 18));
    let found = months(|month, year| format!("{month:02}/01/{year}"));
    assert_eq!((found.unit, found.order, found.history.periods()), (Unit::Month, Order::MonthFirst, 18));
}

#[test]
fn odd_names_are_understood_and_can_be_overridden() {
    let mut text = String::from("Reporting day,Net revenue (EUR),TV spend (EUR),cost_search,Region,orders\n");
    for day in 1..=20 {
        text += &format!("2024-03-{day:02},{day},3,4,all,9\n");
    }
    let found = read(&text).unwrap();
    let names: Vec<&str> = found.history.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["TV", "search"]);
    let role = |file: &HistoryFile, name: &str| file.columns.iter().find(|c| c.0 == name).unwrap().1.clone();
    assert_eq!(role(&found, "Reporting day"), Role::Date);
    assert_eq!(role(&found, "Region"), Role::Market);
    assert_eq!(role(&found, "orders"), Role::Ignored);
    let chosen = Chosen { outcome: Some("orders".into()), ..Chosen::default() };
    let counted = read_history(&file(&text), &chosen).unwrap();
    assert!(counted.customers && counted.history.outcome == Some(vec![9.0; 20]));
    let money = Chosen { customers: Some(false), ..chosen };
    assert!(read_history(&file(&text), &money).unwrap().history.outcome_is_money);
}

#[test]
fn a_workbook_is_read_by_sheet_and_row() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "nothing here").unwrap();
    let sheet = book.add_worksheet().set_name("Weeks").unwrap();
    // Two empty rows above the heading.
    for (c, name) in ["week", "revenue", "tv_spend"].into_iter().enumerate() {
        sheet.write(2, c as u16, name).unwrap();
    }
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for w in 0..20_u32 {
        let date = 45_292.0 + 7.0 * f64::from(w);
        sheet.write_with_format(3 + w, 0, date, &format).unwrap();
        sheet.write(3 + w, 1, 1000 + w).unwrap();
        sheet.write(3 + w, 2, if w == 6 { -5 } else { 50 }).unwrap();
    }
    let path = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    book.save(path.path()).unwrap();
    let book = Data::read(&Files::disk(), path.path()).unwrap();
    let weeks = |name: &str| Chosen { sheet: Some(name.into()), ..Chosen::default() };
    match read_history(&book, &weeks("Weeks")) {
        Err(HistoryError::Table(TableError::Cell { row, column, reason, .. })) => {
            assert_eq!((row, column.as_str(), reason), (10, "tv_spend", CellReason::Negative));
        }
        other => panic!("{other:?}"),
    }
    let ignoring =
        Chosen { ignore: vec!["tv_spend".into()], spend: vec!["revenue".into()], ..weeks("Weeks") };
    assert!(matches!(read_history(&book, &ignoring), Err(HistoryError::NoRole { role: "outcome", .. })));
    match read_history(&book, &weeks("Wochen")) {
        Err(HistoryError::Table(TableError::Unreadable { cause, .. })) => {
            assert!(cause.contains("Notes, Weeks"), "{cause}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_spend_bought_is_an_exposure_and_days_of_the_week_are_no_quantity() {
    let mut text = String::from("date,TV GRPs,tv_spend,tv_clicks,search_spend,weekday,holiday,revenue\n");
    for day in 1..=28 {
        text += &format!(
            "2024-02-{day:02},{},{},3,5,{},{},9\n",
            10 * day,
            20 * day,
            (day + 2) % 7 + 1,
            u8::from(day == 14)
        );
    }
    let read = read(&text).unwrap();
    let tv = &read.history.channels[0];
    assert_eq!((tv.name.as_str(), tv.exposure.as_ref().unwrap()[27], tv.price()), ("tv", 280.0, Some(2.0)));
    assert_eq!(read.history.channels[1].exposure, None);
    let role = |name: &str| &read.columns.iter().find(|c| c.0 == name).unwrap().1;
    assert_eq!((role("weekday"), role("tv_clicks")), (&Role::Calendar, &Role::Ignored));
    assert_eq!(read.history.controls.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["holiday"]);
    let weekly = read.clone().by_week();
    assert_eq!((weekly.unit, weekly.history.periods()), (Unit::Week, 4));
    assert_eq!(weekly.history.outcome, Some(vec![63.0; 4]));
}

#[test]
fn a_month_booked_in_one_week_is_spread_and_a_monthly_reading_holds() {
    let mut text = String::from("date,a_spend,b_spend,consumer prices,revenue\n");
    for week in 0..20 {
        let date = jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().weeks(week)).unwrap();
        let (spend, rate) =
            if week % 4 == 0 { (format!("{}", 400 + week), "1.5") } else { (String::new(), "") };
        text += &format!("{date},7,{spend},{rate},9\n");
    }
    let read = read(&text).unwrap();
    assert_eq!(read.history.channels[1].spend[4..8], [101.0; 4]);
    assert_eq!(read.history.controls[0].values, vec![1.5; 20]);
}

#[test]
fn periods_are_left_out_as_asked() {
    let mut read = read(wide(20)).unwrap();
    let day = |text: &str| text.parse().unwrap();
    read.exclude(day("2024-02-01"), day("2024-02-29")).unwrap();
    assert_eq!(read.history.left_out, [5, 6, 7, 8]);
    assert!(matches!(read.exclude(day("2019-01-01"), day("2019-12-31")), Err(HistoryError::Exclude { .. })));
}

#[test]
fn lift_tests_are_brought_to_the_scale_of_the_history() {
    let history = read(wide(20)).unwrap();
    let spend = history.history.channels[0].spend[4..8].iter().sum::<f64>() / 4.0;
    let header = "channel,start,end,spend,delta_spend,lift,standard_error";
    let tests = |row: &str, share: &str| {
        let head = if share.is_empty() { header.to_owned() } else { format!("{header},market_share") };
        let path = file(format!("{head}\n{row}{share}\n"));
        read_lift_tests(&path, &history).map(|read| read.tests)
    };
    let row = |spend: f64, delta: f64| format!("tv,2024-01-29,2024-02-25,{spend},{delta},-40,6");
    let part = tests(&row(20.0, -20.0), ",0.2").unwrap().remove(0);
    assert_eq!((part.first, part.periods, part.lift), (Some(4), 4, -200.0));
    assert_eq!((part.spend, part.delta), (spend + 20.0, -spend - 20.0));
    assert!((part.standard_error - 30.0_f64.hypot(10.0)).abs() < 1e-9);
    assert!(matches!(tests(&row(20.0, -20.0), ""), Err(HistoryError::TestedPart { row: 2, .. })));
    assert!(matches!(
        tests(&row(4.0 * spend, -4.0 * spend), ""),
        Err(HistoryError::TestedTotal { periods: 4, .. })
    ));
    assert_eq!(tests(&row(spend, -spend), "").unwrap()[0].spend, spend);
    assert_eq!(tests(&row(20.0, -20.0), ",1").unwrap()[0].spend, 20.0);
    let wrong = tests(&format!("{}\n{}", row(20.0, -30.0), row(20.0, 0.0)), "");
    assert!(matches!(wrong, Err(HistoryError::Several { faults }) if faults.len() == 2));
}

#[test]
fn words_become_indicators() {
    let mut text = wide(20).replace("price\n", "event\n");
    for w in 0..20 {
        let price = format!(",{}\n", 3.5 + f64::from(w) / 10.0);
        text = text.replacen(&price, if w == 7 { ",sale\n" } else { ",na\n" }, 1);
    }
    let read = read(text).unwrap();
    assert_eq!(read.history.controls.len(), 1);
    assert_eq!(read.history.controls[0].name, "event: sale");
    assert_eq!(read.history.controls[0].values.iter().sum::<f64>(), 1.0);
}

#[test]
fn lift_tests_count_their_window_in_periods() {
    let tests = file(
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2024-01-01,2024-01-28,100,50,-12.5,40\n",
    );
    let weekly = read(wide(20)).unwrap();
    let read_in = |tests: &Data, unit: Unit| {
        read_lift_tests(tests, &HistoryFile { unit, ..weekly.clone() }).map(|read| read.tests)
    };
    let test = read_in(&tests, Unit::Week).unwrap().remove(0);
    assert_eq!((test.periods, test.lift, test.delta), (4, -12.5, 50.0));
    assert_eq!(read_in(&tests, Unit::Day).unwrap()[0].periods, 28);
    assert_eq!(read_in(&tests, Unit::Month).unwrap()[0].periods, 1);
    let backwards = file(
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2024-02-01,2024-01-28,100,50,1,40\n",
    );
    assert!(matches!(
        read_in(&backwards, Unit::Week),
        Err(HistoryError::Table(TableError::Cell { row: 2, .. }))
    ));
}

/// Public histories, where present: read as they are, their last twelve weeks
/// predicted better than by repeating last year, and Robyn's strange weeks
/// noticed.
#[test]
#[allow(clippy::print_stderr)]
fn public_histories_are_read_and_predicted() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let expected = [
        ("robyn_simulated_weekly.csv", 208, 5),
        ("meridian_national_all_channels.csv", 156, 5),
        ("meridian_geo_full_funnel.csv", 156, 3),
    ];
    for (name, periods, channels) in expected {
        let path: PathBuf = data.join(name);
        if !path.exists() {
            eprintln!("skipped: {name} is not here");
            continue;
        }
        let read = read_history(&Data::read(&Files::disk(), &path).unwrap(), &Chosen::default()).unwrap();
        assert_eq!((read.history.periods(), read.history.channels.len()), (periods, channels), "{name}");
        assert!(read.history.outcome_is_money);
        let fit = fit(&read.history, &[], &quick()).unwrap();
        let hold_out = fit.outcomes[0].hold_out.unwrap();
        assert!(hold_out.periods == 12 && hold_out.error < hold_out.naive, "{name}: {hold_out:?}");
        let warned = |is: fn(&Warning) -> bool| fit.channels.iter().any(|c| c.warnings.iter().any(is));
        assert!(warned(|w| matches!(w, Warning::FewPoints { .. })), "{name}");
        if name.starts_with("robyn") {
            assert!(warned(|w| matches!(w, Warning::OddPeriods { count, .. } if *count >= 5)));
        }
        if name.starts_with("meridian_national") {
            assert!(warned(|w| matches!(w, Warning::Collinear { .. })));
        }
    }
}

/// One family and few draws.
fn quick() -> Options {
    Options {
        families: vec![Family::Exponential],
        carries: vec![Carry::Geometric],
        sampling: Sampling { chains: 2, warm_up: 100, draws: 100, seed: 1 },
        ..Options::default()
    }
}

#[test]
fn bare_columns_of_amounts_are_offered_as_spend() {
    let mut text = "week,revenue,\"Meta, US\",TV,holiday,temperature\n".to_owned();
    for week in 0..10 {
        let date = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
        text.push_str(&format!(
            "{date},{},{},{},{},{}\n",
            9000 + week,
            100 + week,
            50 * week,
            week % 2,
            week - 4
        ));
    }
    let error = read_history(&Data::bytes("h.csv", text), &Chosen::default()).unwrap_err().to_string();
    assert!(error.ends_with("if they are spend: --spend \"Meta, US\" --spend \"TV\""), "{error}");
}

#[test]
fn a_tested_channel_may_be_called_as_its_column_is() {
    let mut text = "week,revenue,tv_spend,Search spend\n".to_owned();
    for week in 0..20 {
        let date = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
        text.push_str(&format!("{date},{},{},{}\n", 9000 + week, 1000, 500));
    }
    let history = read_history(&Data::bytes("h.csv", text), &Chosen::default()).unwrap();
    let heading = "channel,start,end,spend,delta_spend,lift,standard_error\n";
    for (name, channel) in
        [("tv_spend", "tv"), ("TV", "tv"), ("search", "Search"), ("Search Spend", "Search")]
    {
        let tests = format!(
            "{heading}{name},2026-02-02,2026-03-01,{},-100,-300,50\n",
            if channel == "tv" { 1000 } else { 500 }
        );
        let read = read_lift_tests(&Data::bytes("t.csv", tests), &history).unwrap();
        assert_eq!(read.tests[0].channel, channel, "{name}");
    }
    let other = format!("{heading}radio,2026-02-02,2026-03-01,500,-100,-300,50\n");
    assert!(read_lift_tests(&Data::bytes("t.csv", other), &history).is_err());
}

#[test]
fn lift_tests_are_found_on_their_sheet_of_a_workbook() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let weeks = book.add_worksheet().set_name("History").unwrap();
    weeks.write_row(0, 0, ["week", "revenue", "tv_spend"]).unwrap();
    for week in 0..20_u32 {
        let date = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(i64::from(week)));
        weeks.write(1 + week, 0, date.to_string()).unwrap();
        weeks.write_row(1 + week, 1, [9000.0, 1000.0]).unwrap();
    }
    let tests = book.add_worksheet().set_name("Tests").unwrap();
    tests.write(0, 0, "What we learnt").unwrap();
    let heading = [
        "Channel",
        "Start date",
        "End date",
        "Weekly spend",
        "Spend change",
        "Incremental revenue",
        "Std error",
    ];
    tests.write_row(2, 0, heading).unwrap();
    tests.write_row(3, 0, ["TV", "2026-02-02", "2026-03-01"]).unwrap();
    tests.write_row(3, 3, [1000.0, -100.0, -300.0, 50.0]).unwrap();
    let book = Data::bytes("book.xlsx", book.save_to_buffer().unwrap());
    let history = read_history(&book, &Chosen::default()).unwrap();
    let read = read_lift_tests(&book, &history).unwrap();
    let [test] = &read.tests[..] else { panic!("{read:?}") };
    assert_eq!((test.channel.as_str(), test.lift), ("tv", -300.0));
}
