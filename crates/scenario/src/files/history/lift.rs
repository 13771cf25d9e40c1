use std::path::Path;

use outlay_curves::fit::LiftTest;
use outlay_table::{CellReason, Table, TableError, Wanted, is_missing};

use super::period::days;
use super::{HistoryError, Order, Unit};

const COLUMNS: [&str; 7] = ["channel", "start", "end", "spend", "delta_spend", "lift", "standard_error"];

/// Reads `channel, start, end, spend, delta_spend, lift, standard_error`:
/// spend and change per period, lift in total over the window, both dates
/// included (each the first day of its period, or the last day for `end`).
/// Dates with slashes are read as the history's, `order`.
///
/// # Errors
/// The first cell that cannot be used.
pub fn read_lift_tests(path: &Path, unit: Unit, order: Order) -> Result<Vec<LiftTest>, HistoryError> {
    let sheet = Table::read(path, &Wanted::default())?;
    let mut at = [0; COLUMNS.len()];
    for (index, name) in at.iter_mut().zip(COLUMNS) {
        *index = sheet.column(name)?;
    }
    let [channel, start, end, spend, delta, lift, error] = at;
    let (starts, ends) = (sheet.dates(start, order)?.0, sheet.dates(end, order)?.0);
    let one = |row: usize| {
        let name = sheet.text(row, channel);
        if is_missing(name) {
            return Err(sheet.wrong(row, channel));
        }
        let (from, to) = (starts[row], ends[row]);
        let periods = match unit {
            Unit::Day => days(from, to) + 1,
            Unit::Week => days(from, to) / 7 + 1,
            Unit::Month => {
                let months = |d: jiff::civil::Date| i32::from(d.year()) * 12 + i32::from(d.month());
                months(to) - months(from) + 1
            }
        };
        let periods = usize::try_from(periods).ok().filter(|p| *p > 0 && to >= from);
        let (before, change) = (sheet.amount(row, spend)?, sheet.number(row, delta)?);
        if change == 0.0 || before + change < 0.0 {
            return Err(sheet.cell_error(
                row,
                delta,
                CellReason::OutOfRange("a change of spend per period, neither 0 nor below minus the spend"),
            ));
        }
        let standard_error = sheet.amount(row, error)?;
        if standard_error == 0.0 {
            return Err(sheet.cell_error(row, error, CellReason::OutOfRange("a standard error above 0")));
        }
        Ok(LiftTest {
            channel: name.to_owned(),
            periods: periods
                .ok_or_else(|| sheet.cell_error(row, end, CellReason::OutOfRange("on or after `start`")))?,
            spend: before,
            delta: change,
            lift: sheet.number(row, lift)?,
            standard_error,
            first: None,
        })
    };
    Ok((0..sheet.rows.len()).map(one).collect::<Result<_, TableError>>()?)
}
