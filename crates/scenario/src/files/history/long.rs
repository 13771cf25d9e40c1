//! One row per period and channel (and market), each channel with its own
//! outcome.

use std::collections::BTreeMap;

use jiff::civil::Date;
use outlay_curves::fit::Channel;
use outlay_table::is_missing;

use super::rows::Rows;
use super::series::Series;
use super::{HistoryError, Role};

/// What a channel accumulates in a period.
#[derive(Default, Clone)]
struct Sums {
    rows: Vec<usize>,
    spend: f64,
    outcome: f64,
}

pub(super) fn series(rows: &Rows<'_>) -> Result<Series, HistoryError> {
    let column =
        rows.columns.iter().position(|c| *c == Role::Channel).ok_or_else(|| rows.missing("channel"))?;
    let spends = rows.spends()?;
    let [(spend, _)] = spends[..] else {
        let names = spends.iter().map(|&(c, _)| rows.sheet.header[c].clone()).collect();
        return Err(HistoryError::Spends { names });
    };
    let mut names: Vec<String> = Vec::new();
    let mut periods: BTreeMap<Date, BTreeMap<usize, Sums>> = BTreeMap::new();
    let (mut faults, mut blanks) = (Vec::new(), false);
    for (row, &date) in rows.dates.iter().enumerate() {
        let name = rows.sheet.text(row, column);
        if is_missing(name) {
            return Err(rows.sheet.wrong(row, column).into());
        }
        let index = names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        let sums = periods.entry(date).or_default().entry(index).or_default();
        if sums.rows.iter().any(|&r| same(rows, r, row)) {
            let row = rows.sheet.number_of(row);
            faults.push(HistoryError::Repeated { row, what: name.to_owned(), date: date.to_string() });
        }
        sums.rows.push(row);
        match rows.spend(row, spend) {
            Ok(spent) => sums.spend += spent,
            Err(fault) => {
                blanks |= fault.is_blank();
                faults.push(fault);
            }
        }
        sums.outcome += rows.outcome(row)?;
    }
    HistoryError::with_blanks(HistoryError::gather(faults.into_iter().map(Err::<(), _>)), blanks)?;
    complete(rows, &names, column)?;
    let mut channels = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let (mut spend, mut outcome) = (Vec::new(), Vec::new());
        for (&date, present) in &periods {
            let (spent, earned) = match present.get(&index) {
                Some(sums) => (sums.spend, sums.outcome),
                None if rows.export => (rows.left_out(), 0.0),
                None => return Err(HistoryError::NoRow { channel: name.clone(), date: date.to_string() }),
            };
            spend.push(spent);
            outcome.push(earned);
        }
        channels.push(Channel { name: name.clone(), spend, outcome: Some(outcome), ..Channel::default() });
    }
    let pooled = periods.values().flat_map(|p| p.values().map(|s| s.rows.len())).max().unwrap_or(0);
    let dates = periods.keys().copied().collect();
    let (controls, partial, calendar, notes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let by_market = None;
    Ok(Series { dates, channels, outcome: None, controls, pooled, by_market, partial, calendar, notes })
}

/// Whether two rows of one channel and date are the same row twice: the same
/// market, or every cell alike.
fn same(rows: &Rows<'_>, a: usize, b: usize) -> bool {
    let alike = |c: usize| rows.sheet.text(a, c) == rows.sheet.text(b, c);
    match rows.markets.as_slice() {
        [] => (0..rows.columns.len()).all(alike),
        markets => {
            let labels = (0..rows.columns.len()).filter(|&c| rows.columns[c] == Role::Ignored);
            markets.iter().copied().chain(labels).all(alike)
        }
    }
}

/// A channel that is in a market at all is there in every period.
fn complete(rows: &Rows<'_>, names: &[String], column: usize) -> Result<(), HistoryError> {
    if rows.markets.is_empty() || rows.export {
        return Ok(());
    }
    let mut dates = rows.dates.clone();
    dates.sort_unstable();
    dates.dedup();
    let mut present: BTreeMap<(usize, String), Vec<Date>> = BTreeMap::new();
    for (row, &date) in rows.dates.iter().enumerate() {
        let index = names.iter().position(|n| n == rows.sheet.text(row, column)).unwrap_or(0);
        present.entry((index, rows.market(row))).or_default().push(date);
    }
    for ((index, market), mut seen) in present {
        seen.sort_unstable();
        if let Some(missing) = dates.iter().find(|d| seen.binary_search(d).is_err()) {
            let channel = format!("{} in {market}", names[index]);
            return Err(HistoryError::NoRow { channel, date: missing.to_string() });
        }
    }
    Ok(())
}
