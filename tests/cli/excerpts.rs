//! The line of a table that an error is in stands below it, with the cell marked.

use std::fs;
use std::path::Path;

use super::common::{SMALL, outlay_in};

/// The lines below an error, and what is marked in each.
fn shown(folder: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let ran = outlay_in(folder, arguments);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let below = ran.stderr.lines().filter(|line| line.starts_with("  ") && line.contains(" | "));
    let below: Vec<Vec<char>> = below.map(|line| line.chars().collect()).collect();
    let pair = |pair: &[Vec<char>]| {
        let marked = pair[0].iter().zip(&pair[1]).filter(|(_, mark)| **mark == '^').map(|(c, _)| *c);
        (pair[0].iter().collect::<String>().trim().to_owned(), marked.collect())
    };
    below.chunks(2).map(pair).collect()
}

#[test]
fn every_command_that_reads_a_table_shows_the_line_that_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let write = |name: &str, text: &str| fs::write(here.join(name), text).expect("writes");
    write("plan.toml", SMALL);
    let mut history = String::from("week;tv;radio;sales\n");
    for week in 0..60 {
        let date = jiff::civil::date(2023, 1, 2) + jiff::Span::new().days(7 * week);
        let spend = 100 + (week * 37) % 50;
        history.push_str(&format!("{date};{spend};{};{}\n", 20 + week % 7, 1000 + week % 11));
    }
    write("history.csv", &history);
    write("wrong.csv", &history.replacen("2023-01-16;", "2023-01-16;x", 1).replacen(";26;", ";-26;", 1));
    write(
        "tests.csv",
        "channel,start,end,spend,delta_spend,lift,standard_error\ntv,2023-02-06,2023-02-20,100,-,5,1\n",
    );
    write("spends.csv", "Q3 plan,\nline,spend\nA,1\n\nB,\"much, \"\nC,3\n");
    write("lines.csv", "Line,Budget\nTV,100\nTV,200\n");

    let fit = ["--spend", "tv", "--spend", "radio", "--outcome", "sales", "--out", "curves.json"];
    let found = shown(here, &[&["fit", "wrong.csv"], &fit[..]].concat());
    let (rows, marked): (Vec<&str>, Vec<&str>) = found.iter().map(|(r, m)| (&r[..5], m.as_str())).unzip();
    assert_eq!((rows, marked), (vec!["4 | 2", "8 | 2"], vec!["x124", "-26"]));

    let found = shown(here, &[&["fit", "history.csv", "--lift-tests", "tests.csv"], &fit[..]].concat());
    assert_eq!(found, [("2 | tv,2023-02-06,2023-02-20,100,-,5,1".to_owned(), "-".to_owned())]);

    let found = shown(here, &["check", "plan.toml", "--plan", "spends.csv"]);
    assert_eq!(found, [("5 | B,\"much, \"".to_owned(), "\"much, \"".to_owned())]);
    let found = shown(here, &["new", "fresh", "--from", "lines.csv"]);
    assert_eq!(found, [("3 | TV,200".to_owned(), "TV,200".to_owned())]);
}

/// A name in the line shown moves nothing on a terminal, and a workbook has no
/// line to show.
#[test]
fn hidden_characters_are_shown_as_such_and_workbooks_have_no_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    fs::write(here.join("plan.toml"), SMALL).expect("writes");
    fs::write(here.join("spends.csv"), "line,spend,note\nA,x,\u{1b}[2J\u{202e}\nB,1,\nC,1,\n")
        .expect("writes");
    let found = shown(here, &["check", "plan.toml", "--plan", "spends.csv"]);
    assert_eq!(found, [("2 | A,x,\u{fffd}[2J\u{fffd}".to_owned(), "x".to_owned())]);

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["line", "spend"], ["A", "x"], ["B", "1"], ["C", "1"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let at = (u32::try_from(row).expect("few"), u16::try_from(column).expect("few"));
            sheet.write(at.0, at.1, *cell).expect("writes");
        }
    }
    book.save(here.join("spends.xlsx")).expect("saves");
    let ran = outlay_in(here, &["check", "plan.toml", "--plan", "spends.xlsx"]);
    assert!(ran.code == 2 && ran.stderr.contains("row 2, column `spend`: `x`"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(" | "), "{}", ran.stderr);
}
