//! Histories that are broken, and what is said of them.

use outlay_scenario::Data;
use outlay_scenario::history::{
    Blank, CellReason, Chosen, HistoryError, HistoryFile, Note, TableError, read_history,
};
use proptest::prelude::*;

use super::{day, file, read, wide};

#[test]
fn empty_cells_of_spend_are_an_error_or_zero_as_asked() {
    let holes = wide(20).replace(",107,64,", ",,64,").replace(",109,68,", ",109,n/a,");
    assert!(holes.contains(",,64,") && holes.contains(",n/a,"));
    let refused = read(&holes).unwrap_err().to_string();
    assert!(refused.contains("row 9, column `tv_S`: the cell is empty"), "{refused}");
    assert!(refused.contains("--blank zero"), "{refused}");
    let asked = Chosen { blank: Blank::Zero, ..Chosen::default() };
    let zero = read_history(&file(&holes), &asked).unwrap();
    assert_eq!((zero.history.channels[0].spend[7], zero.history.channels[1].spend[9]), (0.0, 0.0));
    let expected = Note::Blank { columns: vec![("tv_S".into(), 1), ("search_spend".into(), 1)] };
    assert!(zero.notes.contains(&expected), "{:?}", zero.notes);
    let typed = read(holes.replace(",,64,", ",0,64,").replace(",n/a,", ",0,")).unwrap();
    assert_eq!(zero.history, typed.history);
    // An empty outcome is not known, whatever is asked; and no remedy is offered for it.
    let unknown = wide(20).replace(",1007,", ",,");
    let refused = read_history(&file(&unknown), &asked).unwrap_err().to_string();
    assert!(refused.contains("column `revenue`") && !refused.contains("--blank"), "{refused}");
    // One row per channel.
    let mut long = String::from("date,channel,spend,revenue\n");
    for day in 1..=28 {
        let spend = if day == 5 { String::new() } else { (3 * day).to_string() };
        long += &format!("2024-02-{day:02},TV,{spend},{day}\n2024-02-{day:02},Search,5,{day}\n");
    }
    assert!(read(&long).unwrap_err().to_string().contains("--blank zero"));
    assert_eq!(read_history(&file(&long), &asked).unwrap().history.channels[0].spend[4], 0.0);
}

#[test]
fn faults_of_a_kind_are_named_together() {
    let several = |found: Result<HistoryFile, HistoryError>| match found {
        Err(HistoryError::Several { faults }) => faults.len(),
        other => panic!("{other:?}"),
    };
    // Dates.
    let broken = wide(20).replacen("2024-01-22", "soon", 1).replacen("2024-02-05", "later", 1);
    assert_eq!(several(read(broken)), 2);
    // Rows given twice.
    let text = wide(20);
    let lines: Vec<&str> = text.lines().collect();
    let mut doubled = String::from("week,region,revenue,tv_spend\n");
    for week in 0..20_u32 {
        for region in ["a", "b"] {
            let times = if week == 3 || (week == 9 && region == "b") { 2 } else { 1 };
            (0..times).for_each(|_| doubled += &format!("{},{region},100,{week}\n", day(week)));
        }
    }
    assert_eq!(several(read(doubled)), 3);
    // Columns that are not there.
    let chosen = Chosen { spend: vec!["x".into(), "y".into()], ..Chosen::default() };
    let found = read_history(&Data::bytes("h.csv", lines.join("\n")), &chosen);
    assert_eq!(several(found), 2);
}

#[test]
fn bad_cells_are_refused_with_row_and_column() {
    fn place(error: HistoryError) -> (usize, String, CellReason) {
        match error {
            HistoryError::Table(TableError::Cell { row, column, reason, .. }) => (row, column, reason),
            HistoryError::Blank { error } => place(*error),
            other => panic!("{other:?}"),
        }
    }
    let refused = |from: &str, to: &str| place(read(wide(20).replacen(from, to, 1)).unwrap_err());
    assert_eq!(refused(",103,", ",,"), (5, "tv_S".into(), CellReason::Missing));
    assert_eq!(refused(",103,", ",-103,"), (5, "tv_S".into(), CellReason::Negative));
    assert_eq!(refused(",103,", ",lots,"), (5, "tv_S".into(), CellReason::NotNumber));
    assert_eq!(refused("2024-01-22", "soon"), (5, "date".into(), CellReason::NotDate));
    assert_eq!(refused("1003,", "NA,"), (5, "revenue".into(), CellReason::Missing));
}

#[test]
fn gaps_and_odd_steps_are_named() {
    let weeks = wide(20);
    let cut: String =
        weeks.lines().filter(|l| !l.starts_with("2024-01-22")).map(|l| format!("{l}\n")).collect();
    // A gap is no zero: it is left out, with spend as around it.
    let whole = read(&weeks).unwrap();
    let gap = read(cut).unwrap();
    assert_eq!((gap.history.periods(), gap.history.left_out.as_slice()), (20, [3].as_slice()));
    assert!(matches!(&gap.notes[..], [Note::Gaps { periods: 1, first }] if first == "2024-01-22"));
    assert_eq!(gap.history.channels[0].spend, whole.history.channels[0].spend);
    let most: String = weeks
        .lines()
        .enumerate()
        .filter(|(i, _)| !(4..16).contains(i))
        .map(|(_, l)| format!("{l}\n"))
        .collect();
    assert!(matches!(read(most), Err(HistoryError::Gaps { missing: 12, periods: 20, .. })));
    let odd = "date,revenue,a_spend\n2024-01-01,1,1\n2024-01-04,1,1\n2024-01-07,1,1\n";
    assert_eq!(read(odd), Err(HistoryError::Step { days: 3 }));
    assert_eq!(read(""), Err(HistoryError::Table(TableError::Empty)));
    assert!(matches!(
        read("date,sum\n2024-01-01,1\n2024-01-08,1\n"),
        Err(HistoryError::NoRole { role: "outcome", .. })
    ));
    assert!(matches!(read("a,a\n1,2\n"), Err(HistoryError::Table(TableError::Twice { .. }))));
}

#[test]
fn blank_rows_do_not_shift_the_row_named() {
    let text = wide(20).replacen("2024-01-08", "\n,,,,,\n2024-01-08", 1).replacen(",105,", ",x,", 1);
    match read(text) {
        Err(HistoryError::Table(TableError::Cell { row, .. })) => assert_eq!(row, 9),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_market_that_is_missing_or_doubled_is_named() {
    let mut text = String::from("region,date,revenue,a_spend\n");
    for day in 1..=20 {
        for market in ["north", "south"] {
            text += &format!("{market},2024-03-{day:02},{day},2\n");
        }
    }
    assert_eq!(read(&text).unwrap().pooled, 2);
    let cut = text.replace("south,2024-03-07,7,2\n", "");
    let cut = read(cut).unwrap();
    assert_eq!(cut.history.left_out, [6]);
    assert!(cut.notes.contains(&Note::Partial { periods: 1 }));
    // A market that begins late is a step of the baseline, not a row of zeros.
    let late: String =
        (text.lines()).filter(|l| !(l.starts_with("south,2024-03-0"))).map(|l| format!("{l}\n")).collect();
    let late = read(late).unwrap();
    let step: Vec<f64> = (0..20).map(|t| f64::from(u8::from(t >= 9))).collect();
    assert!(late.history.left_out.is_empty());
    assert_eq!(late.history.controls[0].values, step);
    let doubled = format!("{text}south,2024-03-07,7,2\n");
    let expected = HistoryError::Repeated { row: 42, what: "south".into(), date: "2024-03-07".into() };
    assert_eq!(read(doubled), Err(expected));
    // Without a column of markets a doubled date is seen all the same.
    let plain = wide(20) + "2024-01-15,1,1,1,1,1\n";
    let uneven = HistoryError::Uneven { date: "2024-01-15".into(), rows: 2, usual: 1 };
    assert_eq!(read(plain), Err(uneven));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let mut zip = b"PK\x03\x04".to_vec();
        zip.extend(&bytes);
        let _ = read(&zip);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..600, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = wide(14).into_bytes();
        let at = at.min(bytes.len() - 1);
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = read(&bytes);
    }
}
