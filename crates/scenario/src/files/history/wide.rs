//! One row per period (and market), a column per channel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control};
use outlay_table::is_missing;

use super::rows::{Rows, Series};
use super::{HistoryError, Role};

/// What a period accumulates.
#[derive(Default, Clone)]
struct Sums {
    rows: usize,
    outcome: f64,
    spends: Vec<f64>,
    controls: Vec<f64>,
}

pub(super) fn series(rows: &Rows<'_>) -> Result<Series, HistoryError> {
    let spends = rows.spends()?;
    let mut controls = Vec::new();
    for (c, role) in rows.columns.iter().enumerate() {
        if *role == Role::Control {
            controls.extend(readings(rows, c)?);
        }
    }
    complete(rows)?;
    let mut periods: BTreeMap<Date, Sums> = BTreeMap::new();
    for (row, &date) in rows.dates.iter().enumerate() {
        let sums = periods.entry(date).or_default();
        sums.spends.resize(spends.len(), 0.0);
        sums.controls.resize(controls.len(), 0.0);
        sums.rows += 1;
        sums.outcome += rows.outcome(row)?;
        for (sum, (column, _)) in sums.spends.iter_mut().zip(&spends) {
            *sum += rows.sheet.amount(row, *column)?;
        }
        for (sum, control) in sums.controls.iter_mut().zip(&controls) {
            *sum += control.values[row];
        }
    }
    let series = |read: &dyn Fn(&Sums) -> f64| periods.values().map(read).collect::<Vec<f64>>();
    let channel = |(i, (_, name)): (usize, &(usize, &str))| Channel {
        name: (*name).to_owned(),
        spend: series(&|s| s.spends[i]),
        ..Channel::default()
    };
    let control = |(i, c): (usize, &Reading)| Control {
        name: c.name.clone(),
        values: series(&|s| s.controls[i] / s.rows.max(1) as f64),
    };
    Ok(Series {
        dates: periods.keys().copied().collect(),
        channels: spends.iter().enumerate().map(channel).collect(),
        outcome: Some(series(&|s| s.outcome)),
        controls: controls.iter().enumerate().map(control).collect(),
        pooled: periods.values().map(|s| s.rows).max().unwrap_or(0),
    })
}

/// Every market has one row in every period; where no column names markets,
/// every period has as many rows.
fn complete(rows: &Rows<'_>) -> Result<(), HistoryError> {
    let mut seen: BTreeMap<Date, BTreeMap<String, usize>> = BTreeMap::new();
    for (row, &date) in rows.dates.iter().enumerate() {
        // Without markets every row is one of its own.
        let market = if rows.markets.is_empty() { row.to_string() } else { rows.market(row) };
        if seen.entry(date).or_default().insert(market.clone(), row).is_some() {
            let row = rows.sheet.number_of(row);
            return Err(HistoryError::Repeated { row, what: market, date: date.to_string() });
        }
    }
    if rows.markets.is_empty() {
        return even(&seen.iter().map(|(date, rows)| (*date, rows.len())).collect::<Vec<_>>());
    }
    let markets: BTreeMap<&String, ()> = seen.values().flat_map(|m| m.keys().map(|k| (k, ()))).collect();
    for (date, present) in &seen {
        if let Some(missing) = markets.keys().find(|m| !present.contains_key(**m)) {
            return Err(HistoryError::NoRow { channel: (*missing).clone(), date: date.to_string() });
        }
    }
    Ok(())
}

fn even(counts: &[(Date, usize)]) -> Result<(), HistoryError> {
    let mut sorted: Vec<usize> = counts.iter().map(|c| c.1).collect();
    sorted.sort_unstable();
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    match counts.iter().find(|c| c.1 != usual) {
        Some(&(date, rows)) => Err(HistoryError::Uneven { date: date.to_string(), rows, usual }),
        None => Ok(()),
    }
}

/// A control's value in every row.
struct Reading {
    name: String,
    values: Vec<f64>,
}

/// A control of numbers is itself; one of words becomes an indicator of each
/// word, where `na` and the like are no words.
fn readings(rows: &Rows<'_>, column: usize) -> Result<Vec<Reading>, HistoryError> {
    const MOST_WORDS: usize = 20;
    let sheet = rows.sheet;
    let name = &sheet.header[column];
    let cells = sheet.cells(column);
    let numbers: Vec<Option<f64>> = (0..rows.len()).map(|row| sheet.value(row, column)).collect();
    if numbers.iter().any(Option::is_some) {
        // Numbers with words among them: the words are what is wrong.
        return match numbers.iter().position(Option::is_none) {
            Some(row) => Err(sheet.wrong(row, column).into()),
            None => Ok(vec![Reading { name: name.clone(), values: numbers.into_iter().flatten().collect() }]),
        };
    }
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for c in cells.iter().filter(|c| !is_missing(c)) {
        *words.entry(c).or_default() += 1;
    }
    if words.len() > MOST_WORDS {
        return Err(HistoryError::TooManyWords { column: name.clone(), words: words.len() });
    }
    let indicator = |word: &str| Reading {
        name: format!("{name}: {word}"),
        values: cells.iter().map(|c| f64::from(u8::from(*c == word))).collect(),
    };
    Ok(words.keys().map(|word| indicator(word)).collect())
}
