//! Files of lift tests.

use jiff::civil::Date;
use outlay_curves::fit::LiftTest;
use outlay_table::{CellReason, Source, Table, TableError, Wanted, is_missing, plain};

use super::{HistoryError, Order, Unit};
use crate::files::data::Data;

/// Columns, and how else people call them.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("channel", &[]),
    ("start", &["start date", "from"]),
    ("end", &["end date", "to"]),
    ("spend", &["weekly spend", "daily spend", "monthly spend", "spend per period"]),
    ("delta_spend", &["spend change", "change of spend", "change in spend", "delta"]),
    (
        "lift",
        &["incremental revenue", "incremental customers", "incremental conversions", "incremental sales"],
    ),
    ("standard_error", &["std error", "std err", "se", "stderr"]),
];

/// A row of a file of lift tests.
pub(super) struct TestRow {
    /// The test, in the markets it was run in.
    pub(super) test: LiftTest,
    pub(super) start: Date,
    /// The treated markets' share of the outcome.
    pub(super) market_share: Option<f64>,
    /// Row in the file.
    pub(super) row: usize,
}

/// Reads `channel, start, end, spend, delta_spend, lift, standard_error`:
/// spend and change per period, lift in total over the window, both dates
/// included (each the first day of its period, or the last day for `end`); and
/// where the table was found, with rows that are no tests.
/// Dates with slashes are read as the history's, `order`.
///
/// # Errors
/// Every row that cannot be used.
pub(super) fn rows(data: &Data, unit: Unit, order: Order) -> Result<(Vec<TestRow>, Source), HistoryError> {
    let sheet = data.table(&Wanted { fits: &is_tests, ..Wanted::default() })?;
    let mut at = [0; COLUMNS.len()];
    // All that lack at once.
    let found = COLUMNS.iter().map(|(name, others)| Ok(sheet.column_like(name, others)?));
    at.iter_mut().zip(HistoryError::gather(found)?).for_each(|(index, found)| *index = found);
    let share = sheet.find("market_share", &["share of markets", "market share"]);
    let [_, start, end, ..] = at;
    let (starts, ends) = windows(&sheet, start, end, order)?;
    let one = |row: usize| test(&sheet, &at, share, row, unit, (starts[row], ends[row]));
    let all = HistoryError::gather((0..sheet.rows.len()).map(|row| one(row).map_err(HistoryError::from)))?;
    Ok((all, sheet.source))
}

/// Whether a heading is one of lift tests.
fn is_tests(header: &[String]) -> bool {
    let named = |(name, others): &(&str, &[&str])| {
        header.iter().any(|h| plain(h) == plain(name) || others.contains(&plain(h).as_str()))
    };
    COLUMNS.iter().filter(|column| named(column)).count() > COLUMNS.len() / 2
}

/// First and last days. Whoever writes `28/5/2023` as an end means the first of
/// May by `1/5/2023`: both columns are read in one order where there is one.
fn windows(
    sheet: &Table,
    start: usize,
    end: usize,
    usual: Order,
) -> Result<(Vec<Date>, Vec<Date>), TableError> {
    let read = |order: Order| Ok((sheet.dates(start, order)?, sheet.dates(end, order)?));
    let ((starts, first), (ends, last)) = read(usual)?;
    let other = if first == usual { last } else { first };
    if first != last {
        let ((starts, first), (ends, last)) = read(other)?;
        if first == last {
            return Ok((starts, ends));
        }
    }
    Ok((starts, ends))
}

fn test(
    sheet: &Table,
    at: &[usize; COLUMNS.len()],
    share: Option<usize>,
    row: usize,
    unit: Unit,
    (from, to): (Date, Date),
) -> Result<TestRow, TableError> {
    let [channel, _, end, spend, delta, lift, error] = *at;
    let refused = |column: usize, allowed: &'static str| {
        Err(sheet.cell_error(row, column, CellReason::OutOfRange(allowed)))
    };
    let name = sheet.text(row, channel);
    if is_missing(name) {
        return Err(sheet.wrong(row, channel));
    }
    let Some(periods) = unit.between(from, to).filter(|_| to >= from) else {
        return refused(end, "on or after `start`");
    };
    let (before, change) = (sheet.amount(row, spend)?, sheet.number(row, delta)?);
    if change == 0.0 {
        return refused(delta, "a change: without one there was no test");
    }
    if before + change < -1e-9 * before {
        return refused(
            delta,
            "a cut that leaves something: it takes more than `spend`; both are per period, `spend` without the change",
        );
    }
    let standard_error = sheet.amount(row, error)?;
    if standard_error == 0.0 {
        return refused(error, "a standard error above 0: no measurement is exact");
    }
    let market_share = match share.filter(|c| !is_missing(sheet.text(row, *c))) {
        Some(column) => {
            let share = sheet.number(row, column)?;
            if !(share > 0.0 && share <= 1.0) {
                return refused(column, "a share of the outcome, above 0 and at most 1 (0.2 for a fifth)");
            }
            Some(share)
        }
        None => None,
    };
    let (lift, delta) = (sheet.number(row, lift)?, change.max(-before));
    let test = LiftTest {
        channel: name.to_owned(),
        first: None,
        periods,
        spend: before,
        delta,
        lift,
        standard_error,
    };
    Ok(TestRow { test, start: from, market_share, row: sheet.number_of(row) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever ends a test on `28/1/2024` began it in January by `8/1/2024`; a
    /// spreadsheet's days are days.
    #[test]
    fn both_ends_of_a_test_are_read_in_one_order() {
        let header = "channel,start,end,spend,delta_spend,lift,standard_error";
        let window = |start: &str, end: &str| {
            let text = format!("{header}\ntv,{start},{end},20,-20,-40,6\n");
            let rows = rows(&Data::bytes("tests.csv", text), Unit::Week, Order::MonthFirst);
            let row = rows.expect("a test").0.remove(0);
            (row.start.to_string(), row.test.periods)
        };
        let january = |day: u32| (format!("2024-01-{day:02}"), 3);
        assert_eq!(window("2024-01-08", "2024-01-28"), january(8));
        assert_eq!(window("8/1/2024", "28/1/2024"), january(8));
        assert_eq!(window("1/8/2024", "1/28/2024"), january(8));
        assert_eq!(window("15/1/2024", "4/2/2024"), january(15));
        assert_eq!(window("45299", "45319"), january(8));
    }

    #[test]
    fn all_columns_that_lack_are_told_at_once() {
        let text = "channel,start,end,spend,lift\ntv,2024-01-08,2024-01-28,20,-40\n";
        let found = rows(&Data::bytes("tests.csv", text), Unit::Week, Order::MonthFirst);
        let error = found.err().expect("two lack");
        let told = error.to_string();
        assert!(told.contains("`delta_spend`") && told.contains("`standard_error`"), "{told}");
    }
}
