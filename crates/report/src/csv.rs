//! CSV: one row per line of every plan, unrounded figures, stable columns.

use crate::view::{LineRow, View, code};
use outlay_scenario::{is_formula, is_hidden};

/// The columns, in order. Adding one at the end is fine; changing one is not.
pub const COLUMNS: [&str; 27] = [
    "scenario",
    "status",
    "line",
    "channel",
    "stage",
    "method",
    "owner",
    "current",
    "spend",
    "share",
    "change",
    "revenue",
    "customers",
    "cac",
    "marginal_cac",
    "iroas",
    "mroas",
    "at",
    "extrapolated",
    "judgement",
    "set",
    "revenue_low",
    "revenue_high",
    "revenue_alone",
    "revenue_taken_away",
    "customers_alone",
    "customers_taken_away",
];

/// The heading row.
pub fn header() -> String {
    record(COLUMNS.iter().map(|c| (*c).to_owned()))
}

/// The rows of one scenario; a single row without a line when there is no plan.
pub fn rows(view: &View) -> String {
    if view.lines.is_empty() {
        let mut cells = vec![text(&view.name), view.status().to_owned()];
        cells.resize(COLUMNS.len() - 7, String::new());
        cells.push(text(&view.set.join("; ")));
        cells.resize(COLUMNS.len(), String::new());
        return record(cells);
    }
    records(view.lines.iter().map(|line| row(view, line)))
}

fn row(view: &View, line: &LineRow) -> Vec<String> {
    vec![
        text(&view.name),
        view.status().to_owned(),
        text(&line.name),
        text(&line.channel),
        text(&line.stage),
        text(&line.method),
        text(&line.owner),
        number(Some(line.current)),
        number(Some(line.spend)),
        number(Some(line.share)),
        number(line.change),
        number(line.revenue),
        number(line.customers),
        number(line.cac),
        number(line.marginal_cac),
        number(line.iroas),
        number(line.mroas),
        code(&line.at),
        line.extrapolated.to_string(),
        line.judgement.is_some().to_string(),
        text(&view.set.join("; ")),
        number(line.sure.and_then(|s| s.revenue).map(|r| r.low)),
        number(line.sure.and_then(|s| s.revenue).map(|r| r.high)),
        number(line.meeting.as_ref().and_then(|m| m.alone.revenue)),
        number(line.meeting.as_ref().and_then(|m| m.taken_away.revenue)),
        number(line.meeting.as_ref().and_then(|m| m.alone.customers)),
        number(line.meeting.as_ref().and_then(|m| m.taken_away.customers)),
    ]
}

/// Shortest digits that read back as the same number.
pub(crate) fn number(value: Option<f64>) -> String {
    // What the last of seventeen digits says is round-off.
    let value = value.filter(|v| v.is_finite()).and_then(|v| format!("{v:.14e}").parse::<f64>().ok());
    value.map_or_else(String::new, |v| {
        let size = v.abs();
        if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{v:e}") } else { v.to_string() }
    })
}

/// A cell that no spreadsheet takes for a formula, and no terminal for more
/// than text.
pub(crate) fn text(cell: &str) -> String {
    let plain = |c: char| if c != '\n' && c != '\t' && is_hidden(c) { '\u{fffd}' } else { c };
    defused(&cell.chars().map(plain).collect::<String>())
}

/// The text with an apostrophe in front if a spreadsheet would otherwise run
/// it as a formula.
pub(crate) fn defused(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// One row, with quotes where a cell needs them (RFC 4180).
pub(crate) fn record(cells: impl IntoIterator<Item = String>) -> String {
    records([cells])
}

fn records<R: IntoIterator<Item = String>>(rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // Memory takes every row.
        let _ = writer.write_record(row.into_iter().map(String::into_bytes));
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_plan() {
        insta::assert_snapshot!(header() + &rows(&sample::plan()) + &rows(&sample::infeasible()));
    }

    #[test]
    fn every_row_has_every_column() {
        for text in [header(), rows(&sample::infeasible())] {
            assert_eq!(text.trim_end().split(',').count(), COLUMNS.len(), "{text}");
        }
    }

    #[test]
    fn cells_read_back_whatever_they_hold() {
        let cells = ["", "a, b", "say \"x\"", "two\nlines", " blank ", "\r", "'=1", "ü"].map(str::to_owned);
        let rows = record(cells.clone()) + &record([String::new()]);
        let mut reader =
            ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows.as_bytes());
        let read: Vec<_> = reader.records().map(|r| r.expect("a row")).collect();
        assert_eq!(read[0].iter().collect::<Vec<_>>(), cells);
        assert_eq!(read[1].iter().collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn numbers_read_back_to_fifteen_digits() {
        for value in [0.1 + 0.2, 1e300, 5e-324, -123_456_789.012_345_67, 1.0 / 3.0, 0.0, 1e16, 1e-5] {
            let read = number(Some(value)).parse::<f64>().expect("a number");
            assert!((read - value).abs() <= 5e-15 * value.abs(), "{read} for {value}");
        }
        assert_eq!(number(Some(f64::INFINITY)), "");
    }

    #[test]
    fn what_turns_or_colours_a_terminal_is_shown() {
        assert_eq!(text("a\u{1b}[31m\u{202e}b\rc\nd"), "a\u{fffd}[31m\u{fffd}b\u{fffd}c\nd");
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\u{a0}+1", "＝1", "\n@a"] {
            assert_eq!(text(cell), format!("'{cell}"));
        }
        assert_eq!(number(Some(-0.5)), "-0.5");
        assert_eq!(record(["a \"b\", c".to_owned()]), "\"a \"\"b\"\", c\"\n");
    }
}
