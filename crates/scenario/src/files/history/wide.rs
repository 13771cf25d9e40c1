//! One row per period (and market), a column per channel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control};
use outlay_table::is_missing;

use super::by_market::ByMarket;
use super::note::Note;
use super::rows::Rows;
use super::series::Series;
use super::{HistoryError, Role, Unit};

/// What a period accumulates.
#[derive(Default, Clone)]
struct Sums {
    rows: usize,
    outcome: f64,
    spends: Vec<f64>,
    controls: Vec<f64>,
}

pub(super) fn series(rows: &Rows<'_>, unit: Unit) -> Result<Series, HistoryError> {
    let spends = rows.spends()?;
    let (mut controls, mut calendar, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (c, role) in rows.columns.iter().enumerate() {
        if *role == Role::Control && unit == Unit::Day && says_the_day(rows, c) {
            calendar.push(c);
        } else if matches!(role, Role::Control | Role::Costless) {
            controls.extend(readings(rows, c, &mut notes)?);
        }
    }
    let presence = Presence::of(rows)?;
    let exposures: Vec<Option<usize>> = spends.iter().map(|(_, name)| rows.exposure(name)).collect();
    let amounts = amounts(rows, &spends, &exposures, unit, &mut notes)?;
    let mut periods: BTreeMap<Date, Sums> = BTreeMap::new();
    for (row, &date) in rows.dates.iter().enumerate() {
        let sums = periods.entry(date).or_default();
        sums.spends.resize(amounts.len(), 0.0);
        sums.controls.resize(controls.len(), 0.0);
        sums.rows += 1;
        sums.outcome += amounts[0][row];
        for (sum, amount) in sums.spends.iter_mut().zip(&amounts) {
            *sum += amount[row];
        }
        for (sum, control) in sums.controls.iter_mut().zip(&controls) {
            *sum += control.values[row];
        }
    }
    let series = |read: &dyn Fn(&Sums) -> f64| periods.values().map(read).collect::<Vec<f64>>();
    // Outcome first, then spends, then the exposures there are.
    let mut exposed = 1 + spends.len();
    let channels = spends.iter().zip(&exposures).enumerate().map(|(i, ((_, name), exposure))| {
        let exposure = exposure.map(|_| {
            exposed += 1;
            series(&|s| s.spends[exposed - 1])
        });
        Channel {
            name: (*name).to_owned(),
            spend: series(&|s| s.spends[1 + i]),
            exposure,
            ..Channel::default()
        }
    });
    let channels = channels.collect();
    let named = spends.iter().zip(&exposures).map(|((_, name), e)| ((*name).to_owned(), e.is_some()));
    let readings: Vec<&[f64]> = controls.iter().map(|c| c.values.as_slice()).collect();
    let by_market = ByMarket::of(rows, named.collect(), &amounts, &readings);
    let control = |(i, c): (usize, &Reading)| Control {
        name: c.name.clone(),
        values: series(&|s| s.controls[i] / s.rows.max(1) as f64),
    };
    let dates: Vec<Date> = periods.keys().copied().collect();
    let mut controls: Vec<Control> = controls.iter().enumerate().map(control).collect();
    controls.extend(presence.steps(&dates, &mut notes));
    Ok(Series {
        channels,
        outcome: Some(series(&|s| s.outcome)),
        controls,
        pooled: periods.values().map(|s| s.rows).max().unwrap_or(0),
        by_market,
        partial: presence.partial,
        calendar,
        notes,
        dates,
    })
}

/// Outcome, spends and exposures of every row; all cells that are wrong are
/// named at once.
fn amounts(
    rows: &Rows<'_>,
    spends: &[(usize, &str)],
    exposures: &[Option<usize>],
    unit: Unit,
    notes: &mut Vec<Note>,
) -> Result<Vec<Vec<f64>>, HistoryError> {
    let mut all = vec![(0..rows.len()).map(|row| rows.outcome(row)).collect::<Vec<_>>()];
    for &column in spends.iter().map(|(c, _)| c).chain(exposures.iter().flatten()) {
        all.push(match monthly(rows, column).filter(|_| unit == Unit::Week && !rows.takes_blanks()) {
            Some(values) => {
                notes.push(Note::Spread { column: rows.sheet.header[column].clone() });
                spread(&values).into_iter().map(Ok).collect()
            }
            None => (0..rows.len()).map(|row| rows.spend(row, column)).collect(),
        });
    }
    // Faults in the order of the file.
    let mut faults = Vec::new();
    for row in 0..rows.len() {
        faults.extend(all.iter().filter_map(|column| column[row].as_ref().err().cloned()));
    }
    let blanks =
        all.iter().skip(1).flatten().filter_map(|cell| cell.as_ref().err()).any(HistoryError::is_blank);
    HistoryError::with_blanks(HistoryError::gather(faults.into_iter().map(Err::<(), _>)), blanks)?;
    Ok(all.into_iter().map(|column| column.into_iter().flatten().collect()).collect())
}

/// Cells of a column that has an amount about once a month and nothing between.
fn monthly(rows: &Rows<'_>, column: usize) -> Option<Vec<Option<f64>>> {
    let n = rows.len();
    let value = |row: usize| rows.sheet.value(row, column).filter(|v| *v >= 0.0);
    let values: Vec<Option<f64>> = (0..n).map(value).collect();
    let empty = |row: usize| values[row].is_some() || is_missing(rows.sheet.text(row, column));
    let given: Vec<usize> = (0..n).filter(|&row| values[row].is_some()).collect();
    let apart = given.windows(2).all(|w| (3..=6).contains(&(w[1] - w[0])));
    let sorted = rows.dates.windows(2).all(|d| d[0] < d[1]);
    (sorted && apart && given.len() >= 3 && given[0] < 6 && (0..n).all(empty)).then_some(values)
}

/// Every amount shared evenly between its row and the rows before the next; the
/// first also with those before it.
fn spread(values: &[Option<f64>]) -> Vec<f64> {
    let mut starts: Vec<usize> = (0..values.len()).filter(|&i| values[i].is_some()).collect();
    let amounts: Vec<f64> = starts.iter().filter_map(|&i| values[i]).collect();
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    let mut shared = vec![0.0; values.len()];
    for (i, amount) in amounts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(values.len());
        shared[starts[i]..end].fill(amount / (end - starts[i]) as f64);
    }
    shared
}

/// Whether a column of a daily history is the same on every Monday, on every
/// Tuesday and so on: the baseline tells days of the week apart already, and
/// their number is no quantity.
fn says_the_day(rows: &Rows<'_>, column: usize) -> bool {
    let mut by_day: [Option<&str>; 7] = [None; 7];
    for (row, date) in rows.dates.iter().enumerate() {
        let cell = rows.sheet.text(row, column);
        let seen = &mut by_day[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())];
        match seen {
            Some(text) if *text != cell => return false,
            _ => *seen = Some(cell),
        }
    }
    let mut texts: Vec<&str> = by_day.into_iter().flatten().collect();
    texts.sort_unstable();
    texts.dedup();
    texts.len() > 1 && rows.len() > 14
}

/// Which markets have rows when.
struct Presence {
    /// First and last date of every market.
    spans: BTreeMap<String, (Date, Date)>,
    /// Dates on which a market between its first and last has no row.
    partial: Vec<Date>,
}

impl Presence {
    /// Every market has at most one row in a period; where no column names
    /// markets, every period has as many rows.
    fn of(rows: &Rows<'_>) -> Result<Presence, HistoryError> {
        let mut seen: BTreeMap<Date, BTreeMap<String, usize>> = BTreeMap::new();
        let mut doubled = Vec::new();
        for (row, &date) in rows.dates.iter().enumerate() {
            // Without markets every row is one of its own.
            let market = if rows.markets.is_empty() { row.to_string() } else { rows.market(row) };
            if seen.entry(date).or_default().insert(market.clone(), row).is_some() {
                let row = rows.sheet.number_of(row);
                doubled.push(HistoryError::Repeated { row, what: market, date: date.to_string() });
            }
        }
        HistoryError::gather(doubled.into_iter().map(Err::<(), _>))?;
        let mut spans: BTreeMap<String, (Date, Date)> = BTreeMap::new();
        if rows.markets.is_empty() {
            even(&seen.iter().map(|(date, rows)| (*date, rows.len())).collect::<Vec<_>>())?;
            return Ok(Presence { spans, partial: Vec::new() });
        }
        for (&date, markets) in &seen {
            for market in markets.keys() {
                spans.entry(market.clone()).and_modify(|s| s.1 = date).or_insert((date, date));
            }
        }
        let lacks = |(date, markets): &(&Date, &BTreeMap<String, usize>)| {
            spans.iter().any(|(name, (a, b))| a <= *date && *date <= b && !markets.contains_key(name))
        };
        let partial = seen.iter().filter(lacks).map(|(date, _)| *date).collect();
        Ok(Presence { spans, partial })
    }

    /// A step of the baseline at every date on which markets begin or end.
    fn steps(&self, dates: &[Date], notes: &mut Vec<Note>) -> Vec<Control> {
        let (Some(&first), Some(&last)) = (dates.first(), dates.last()) else { return Vec::new() };
        let mut changes: BTreeMap<Date, Vec<String>> = BTreeMap::new();
        for (name, &(begins, ends)) in &self.spans {
            if begins > first {
                changes.entry(begins).or_default().push(name.clone());
            }
            if let Some(after) = dates.iter().find(|d| **d > ends).filter(|_| ends < last) {
                changes.entry(*after).or_default().push(name.clone());
            }
        }
        if !self.partial.is_empty() {
            notes.push(Note::Partial { periods: self.partial.len() });
        }
        let step = |(date, names): (Date, Vec<String>)| {
            notes.push(Note::Markets { names: names.clone(), date: date.to_string() });
            let values = dates.iter().map(|d| f64::from(u8::from(*d >= date))).collect();
            Control { name: format!("markets from {date}"), values }
        };
        changes.into_iter().map(step).collect()
    }
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
fn readings(rows: &Rows<'_>, column: usize, notes: &mut Vec<Note>) -> Result<Vec<Reading>, HistoryError> {
    const MOST_WORDS: usize = 20;
    let sheet = rows.sheet;
    let name = &sheet.header[column];
    let cells = sheet.cells(column);
    let numbers: Vec<Option<f64>> = (0..rows.len()).map(|row| sheet.value(row, column)).collect();
    if numbers.iter().any(Option::is_none)
        && let Some(values) = monthly(rows, column)
    {
        // One reading a month holds until the next.
        notes.push(Note::Held { column: name.clone() });
        let mut last = values.iter().flatten().copied().next().unwrap_or(0.0);
        let held = values.iter().map(|v| {
            last = v.unwrap_or(last);
            last
        });
        return Ok(vec![Reading { name: name.clone(), values: held.collect() }]);
    }
    if numbers.iter().any(Option::is_some) {
        // Numbers with words among them: the words are what is wrong.
        let cell = |(row, v): (usize, &Option<f64>)| v.ok_or_else(|| sheet.wrong(row, column).into());
        let values = HistoryError::gather(numbers.iter().enumerate().map(cell))?;
        return Ok(vec![Reading { name: name.clone(), values }]);
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
