//! History and lift test files: CSV or Excel, long or wide.

pub(crate) mod cell;
mod column;
mod error;
mod judgement;
mod lift;
mod period;
pub(crate) mod sheet;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use outlay_curves::fit::{Channel, Control, History};

pub use column::{Chosen, Role, guess};
pub use error::{CellReason, HistoryError};
pub use judgement::read_judgements;
pub use lift::read_lift_tests;
pub use period::Unit;

use period::calendar;
use sheet::Sheet;

/// A history as read, with everything that was decided on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryFile {
    /// The figures.
    pub history: History,
    /// Length of a period.
    pub unit: Unit,
    /// First period's date.
    pub first: Date,
    /// Last period's date.
    pub last: Date,
    /// Every column and what it was taken for.
    pub columns: Vec<(String, Role)>,
    /// Whether outcomes count customers rather than money.
    pub customers: bool,
    /// Rows summed into each period at most (several markets, for example).
    pub pooled: usize,
}

/// Reads a history; columns are guessed from their names unless chosen.
pub fn read_history(path: &Path, chosen: &Chosen) -> Result<HistoryFile, HistoryError> {
    let sheet = Sheet::read(path)?;
    let columns = guess(&sheet.header, chosen)?;
    let dated = dates(&sheet, &columns)?;
    let long = columns.contains(&Role::Channel);
    let read =
        if long { long_history(&sheet, &columns, &dated)? } else { wide_history(&sheet, &columns, &dated)? };
    let named = sheet.header.iter().cloned().zip(columns).collect();
    Ok(HistoryFile { columns: named, ..read })
}

/// The date of every row, in the sheet's order.
fn dates(sheet: &Sheet, columns: &[Role]) -> Result<Vec<Date>, HistoryError> {
    let column = position(columns, &Role::Date)
        .ok_or_else(|| HistoryError::NoColumn { role: "date", columns: sheet.header.clone() })?;
    (0..sheet.rows.len()).map(|row| sheet.date(row, column)).collect()
}

fn position(columns: &[Role], role: &Role) -> Option<usize> {
    columns.iter().position(|c| c == role)
}

/// The outcome of a row: the outcome column, times revenue per outcome where
/// there is such a column.
fn outcome_of(sheet: &Sheet, columns: &[Role], row: usize) -> Result<Option<f64>, HistoryError> {
    let money = position(columns, &Role::Outcome { customers: false });
    let count = position(columns, &Role::Outcome { customers: true });
    let Some(column) = money.or(count) else { return Ok(None) };
    let each = position(columns, &Role::RevenuePerOutcome).filter(|_| money.is_none());
    let value = sheet.amount(row, column)?;
    Ok(Some(match each {
        Some(each) => value * sheet.amount(row, each)?,
        None => value,
    }))
}

fn counts_customers(columns: &[Role]) -> bool {
    position(columns, &Role::Outcome { customers: false }).is_none()
        && position(columns, &Role::RevenuePerOutcome).is_none()
}

/// What a period accumulates.
#[derive(Default, Clone)]
struct Sums {
    rows: usize,
    outcome: f64,
    spends: Vec<f64>,
    controls: Vec<f64>,
}

fn wide_history(sheet: &Sheet, columns: &[Role], dates: &[Date]) -> Result<HistoryFile, HistoryError> {
    let spends: Vec<usize> =
        (0..columns.len()).filter(|&c| matches!(columns[c], Role::Spend { .. })).collect();
    if spends.is_empty() {
        return Err(HistoryError::NoColumn { role: "spend", columns: sheet.header.clone() });
    }
    let mut controls = Vec::new();
    for (c, role) in columns.iter().enumerate() {
        if *role == Role::Control {
            controls.extend(control_readers(sheet, c)?);
        }
    }
    let mut periods: BTreeMap<Date, Sums> = BTreeMap::new();
    for (row, &date) in dates.iter().enumerate() {
        let sums = periods.entry(date).or_default();
        sums.spends.resize(spends.len(), 0.0);
        sums.controls.resize(controls.len(), 0.0);
        sums.rows += 1;
        sums.outcome += outcome_of(sheet, columns, row)?
            .ok_or_else(|| HistoryError::NoColumn { role: "outcome", columns: sheet.header.clone() })?;
        for (sum, &column) in sums.spends.iter_mut().zip(&spends) {
            *sum += sheet.amount(row, column)?;
        }
        for (sum, control) in sums.controls.iter_mut().zip(&controls) {
            *sum += control.values[row];
        }
    }
    let (unit, first, last) = calendar(periods.keys().copied())?;
    let series = |read: &dyn Fn(&Sums) -> f64| periods.values().map(read).collect::<Vec<f64>>();
    let channels = spends.iter().enumerate().map(|(i, &column)| Channel {
        name: match &columns[column] {
            Role::Spend { channel } => channel.clone(),
            _ => sheet.header[column].clone(),
        },
        spend: series(&|s| s.spends[i]),
        outcome: None,
        incrementality: None,
    });
    let customers = counts_customers(columns);
    let history = History {
        periods_per_year: unit.per_year(),
        year_fraction: period::year_fraction(first),
        channels: channels.collect(),
        outcome: Some(series(&|s| s.outcome)),
        outcome_is_money: !customers,
        controls: controls
            .iter()
            .enumerate()
            .map(|(i, c)| Control {
                name: c.name.clone(),
                values: series(&|s| s.controls[i] / s.rows.max(1) as f64),
            })
            .collect(),
    };
    let pooled = periods.values().map(|s| s.rows).max().unwrap_or(0);
    Ok(HistoryFile { history, unit, first, last, columns: Vec::new(), customers, pooled })
}

/// A control column's value in every row.
struct Reader {
    name: String,
    values: Vec<f64>,
}

/// A control of numbers is itself; one of words becomes an indicator of each
/// word, where `na` and the like are no words.
fn control_readers(sheet: &Sheet, column: usize) -> Result<Vec<Reader>, HistoryError> {
    const MOST_WORDS: usize = 20;
    let name = &sheet.header[column];
    let cells: Vec<&str> = (0..sheet.rows.len()).map(|row| sheet.text(row, column)).collect();
    if cells.iter().all(|c| cell::number(c).is_some()) {
        let values = (0..cells.len()).map(|row| sheet.number(row, column)).collect::<Result<_, _>>()?;
        return Ok(vec![Reader { name: name.clone(), values }]);
    }
    if let Some(row) = cells.iter().position(|c| cell::number(c).is_some()) {
        // Numbers with words among them: the words are what is wrong.
        let bad = cells.iter().position(|c| cell::number(c).is_none()).unwrap_or(row);
        return Err(sheet.wrong(bad, column));
    }
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for c in cells.iter().filter(|c| !cell::is_missing(c)) {
        *words.entry(c).or_default() += 1;
    }
    if words.len() > MOST_WORDS {
        return Err(HistoryError::TooManyWords { column: name.clone(), words: words.len() });
    }
    let indicator = |word: &str| Reader {
        name: format!("{name}: {word}"),
        values: cells.iter().map(|c| f64::from(u8::from(*c == word))).collect(),
    };
    Ok(words.keys().map(|word| indicator(word)).collect())
}

fn long_history(sheet: &Sheet, columns: &[Role], dates: &[Date]) -> Result<HistoryFile, HistoryError> {
    let need = |role: Role, name| {
        position(columns, &role).ok_or(HistoryError::NoColumn { role: name, columns: sheet.header.clone() })
    };
    let channel = need(Role::Channel, "channel")?;
    let spend = columns
        .iter()
        .position(|c| matches!(c, Role::Spend { .. }))
        .ok_or_else(|| HistoryError::NoColumn { role: "spend", columns: sheet.header.clone() })?;
    let mut names: Vec<String> = Vec::new();
    let mut periods: BTreeMap<Date, BTreeMap<usize, Sums>> = BTreeMap::new();
    for (row, &date) in dates.iter().enumerate() {
        let name = sheet.text(row, channel);
        if cell::is_missing(name) {
            return Err(sheet.wrong(row, channel));
        }
        let index = names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        let sums = periods.entry(date).or_default().entry(index).or_default();
        sums.rows += 1;
        sums.spends.resize(1, 0.0);
        sums.spends[0] += sheet.amount(row, spend)?;
        sums.outcome += outcome_of(sheet, columns, row)?
            .ok_or_else(|| HistoryError::NoColumn { role: "outcome", columns: sheet.header.clone() })?;
    }
    let (unit, first, last) = calendar(periods.keys().copied())?;
    let mut channels = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let (mut spend, mut outcome) = (Vec::new(), Vec::new());
        for (&date, present) in &periods {
            let sums = present
                .get(&index)
                .ok_or_else(|| HistoryError::NoRow { channel: name.clone(), date: date.to_string() })?;
            spend.push(sums.spends.first().copied().unwrap_or(0.0));
            outcome.push(sums.outcome);
        }
        channels.push(Channel { name: name.clone(), spend, outcome: Some(outcome), incrementality: None });
    }
    let customers = counts_customers(columns);
    let history = History {
        periods_per_year: unit.per_year(),
        year_fraction: period::year_fraction(first),
        channels,
        outcome: None,
        outcome_is_money: !customers,
        controls: Vec::new(),
    };
    let pooled = periods.values().flat_map(|p| p.values().map(|s| s.rows)).max().unwrap_or(0);
    Ok(HistoryFile { history, unit, first, last, columns: Vec::new(), customers, pooled })
}
