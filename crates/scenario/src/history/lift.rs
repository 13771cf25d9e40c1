use std::path::Path;

use outlay_curves::fit::LiftTest;

use super::cell;
use super::error::CellReason;
use super::period::days;
use super::sheet::Sheet;
use super::{HistoryError, Unit};

const COLUMNS: [&str; 7] = ["channel", "start", "end", "spend", "delta_spend", "lift", "standard_error"];

/// Reads `channel, start, end, spend, delta_spend, lift, standard_error`:
/// spend and change per period, lift in total over the window, both dates
/// included (each the first day of its period, or the last day for `end`).
pub fn read_lift_tests(path: &Path, unit: Unit) -> Result<Vec<LiftTest>, HistoryError> {
    let sheet = Sheet::read(path)?;
    let mut at = [0; COLUMNS.len()];
    for (index, role) in at.iter_mut().zip(COLUMNS) {
        *index = sheet
            .header
            .iter()
            .position(|h| h.eq_ignore_ascii_case(role))
            .ok_or_else(|| HistoryError::NoColumn { role, columns: sheet.header.clone() })?;
    }
    let [channel, start, end, spend, delta, lift, error] = at;
    let one = |row: usize| {
        let name = sheet.text(row, channel);
        if cell::is_missing(name) {
            return Err(sheet.wrong(row, channel));
        }
        let (from, to) = (sheet.date(row, start)?, sheet.date(row, end)?);
        let periods = match unit {
            Unit::Day => days(from, to) + 1,
            Unit::Week => days(from, to) / 7 + 1,
            Unit::Month => {
                let months = |d: jiff::civil::Date| i32::from(d.year()) * 12 + i32::from(d.month());
                months(to) - months(from) + 1
            }
        };
        let periods = usize::try_from(periods).ok().filter(|p| *p > 0 && to >= from);
        let standard_error = sheet.amount(row, error)?;
        if standard_error == 0.0 {
            return Err(sheet.cell_error(row, error, CellReason::OutOfRange));
        }
        Ok(LiftTest {
            channel: name.to_owned(),
            periods: periods.ok_or_else(|| sheet.cell_error(row, end, CellReason::OutOfRange))?,
            spend: sheet.amount(row, spend)?,
            delta: sheet.number(row, delta)?,
            lift: sheet.number(row, lift)?,
            standard_error,
        })
    };
    (0..sheet.rows.len()).map(one).collect()
}
