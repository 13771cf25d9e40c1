//! A panel: outcome and spend by market and period, with who was treated.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use outlay_experiments::Panel;

use outlay_table::{CellReason, Source, Table, Wanted};

use super::column::{self, Cells, Role};
use super::period::calendar;
use crate::files::data::Data;

use super::{Chosen, HistoryError, Rows, Unit, is_dated, is_moneyed};

/// A panel as read, with everything that was decided on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelFile {
    /// The file it was read from, or the name that its columns go by.
    pub path: PathBuf,
    /// The figures.
    pub panel: Panel,
    /// First day of each period.
    pub dates: Vec<Date>,
    /// Length of a period.
    pub unit: Unit,
    /// Whether outcomes count customers rather than money.
    pub customers: bool,
    /// Positions of the markets that a column marks as treated; empty without
    /// such a column.
    pub treated: Vec<usize>,
    /// Markets left out because they have no row in some periods, with their
    /// number of rows.
    pub incomplete: Vec<(String, usize)>,
    /// Every column and what it was taken for.
    pub columns: Vec<(String, Role)>,
    /// Where the table was found, and the rows that are no data.
    pub source: Source,
}

impl PanelFile {
    /// Position of the period that a date belongs to.
    pub fn period(&self, date: Date) -> Option<usize> {
        let after = self.unit.nth(*self.dates.last()?, 1)?;
        let found = self.dates.iter().rposition(|d| *d <= date)?;
        (date < after).then_some(found)
    }

    /// Leaves markets out, by position.
    pub fn leave_out(&mut self, markets: &[usize]) {
        let kept: Vec<usize> = (0..self.panel.markets.len()).filter(|i| !markets.contains(i)).collect();
        let place = |old: &usize| kept.iter().position(|k| k == old);
        self.treated = self.treated.iter().filter_map(place).collect();
        self.panel = self.panel.only(&kept);
    }

    /// Last day of a period.
    pub fn last_day(&self, period: usize) -> Option<Date> {
        let next = self.unit.nth(*self.dates.get(period)?, 1)?;
        next.yesterday().ok()
    }
}

/// Headings that mark treated markets.
const TREATED: [&str; 7] = ["treated", "treatment", "test", "is_test", "is_treated", "group", "assignment"];

/// Words for a treated market, and for one that is not.
const YES: [&str; 9] = ["1", "1.0", "true", "yes", "y", "treated", "treatment", "test", "x"];
const NO: [&str; 8] = ["0", "0.0", "false", "no", "n", "control", "", "none"];

/// What a mark may be.
const MARKS: &str = "a mark of a treated market: write 1 or 0, yes or no, treatment or control";

/// Reads a panel: one row per market and period, or several (campaigns), which
/// are summed. Columns are guessed from their names unless chosen; `marked` names
/// the column that marks treated markets.
///
/// # Errors
/// What is wrong with the file, by row and column.
pub fn read_panel(data: &Data, chosen: &Chosen, marked: Option<&str>) -> Result<PanelFile, HistoryError> {
    let fits = |header: &[String]| column::is_history(header, chosen);
    let wanted = Wanted { sheet: chosen.sheet.as_deref(), fits: &fits, ..Wanted::default() };
    let sheet = data.table(&wanted)?;
    let mark = mark(&sheet, chosen, marked)?;
    let mut chosen = chosen.clone();
    chosen.ignore.extend(mark.map(|c| sheet.header[c].clone()));
    let cells =
        Cells { dated: &|c| is_dated(&sheet, c), moneyed: &|c| is_moneyed(&sheet, c), varied: &|_| true };
    let columns = column::guess(&sheet.header, &chosen, &cells)?;
    let rows = Rows::of(&sheet, &columns, chosen.blank)?;
    if rows.markets.is_empty() {
        return Err(rows.missing("market"));
    }
    let spends: Vec<usize> = match rows.spends() {
        Ok(all) => all.into_iter().map(|(c, _)| c).collect(),
        Err(_) => Vec::new(),
    };
    let mut found: BTreeMap<String, BTreeMap<Date, (f64, f64)>> = BTreeMap::new();
    let mut treated: BTreeMap<String, bool> = BTreeMap::new();
    for (row, &date) in rows.dates.iter().enumerate() {
        let market = rows.market(row);
        let mut spend = 0.0;
        for &c in &spends {
            spend += rows.spend(row, c)?;
        }
        let sum = found.entry(market.clone()).or_default().entry(date).or_default();
        *sum = (sum.0 + rows.outcome(row)?, sum.1 + spend);
        if let Some(c) = mark {
            // A market that is marked in the test's rows only is treated too.
            *treated.entry(market).or_default() |= is_marked(&sheet, row, c)?;
        }
    }
    let mut dates: Vec<Date> = rows.dates.clone();
    dates.sort_unstable();
    dates.dedup();
    let unit = calendar(dates.iter().copied())?.without_gaps(&dates)?.unit;
    let whole = |periods: &BTreeMap<Date, (f64, f64)>| periods.len() == dates.len();
    let incomplete: Vec<(String, usize)> =
        found.iter().filter(|(_, p)| !whole(p)).map(|(name, p)| (name.clone(), p.len())).collect();
    if let Some((market, _)) = incomplete.iter().find(|(m, _)| treated.get(m).copied().unwrap_or(false)) {
        let missing =
            dates.iter().find(|d| !found[market].contains_key(d)).map_or(String::new(), Date::to_string);
        return Err(HistoryError::NoRow { channel: format!("the treated market {market}"), date: missing });
    }
    found.retain(|_, periods| whole(periods));
    let markets: Vec<String> = found.keys().cloned().collect();
    let outcome: Vec<Vec<f64>> = found.values().map(|p| p.values().map(|v| v.0).collect()).collect();
    let spend: Vec<Vec<f64>> = found.values().map(|p| p.values().map(|v| v.1).collect()).collect();
    let known = (!spends.is_empty()).then_some(spend.as_slice());
    let panel = Panel::new(markets.clone(), &outcome, known, unit == Unit::Day)
        .map_err(|error| HistoryError::Panel { error })?;
    let marked = |i: &usize| treated.get(&markets[*i]).copied().unwrap_or(false);
    Ok(PanelFile {
        path: data.path().to_owned(),
        panel,
        unit,
        customers: rows.counts.is_some(),
        treated: (0..markets.len()).filter(marked).collect(),
        incomplete,
        columns: sheet.header.iter().cloned().zip(columns.iter().cloned()).collect(),
        dates,
        source: sheet.source,
    })
}

/// The column that marks treated markets.
fn mark(sheet: &Table, chosen: &Chosen, marked: Option<&str>) -> Result<Option<usize>, HistoryError> {
    if let Some(name) = marked {
        let found = sheet.header.iter().position(|h| h == name);
        return found.map(Some).ok_or_else(|| HistoryError::UnknownColumn {
            name: name.to_owned(),
            nearest: None,
            columns: sheet.header.clone(),
        });
    }
    let taken = |h: &String| {
        let single = [&chosen.date, &chosen.channel, &chosen.market, &chosen.outcome];
        single.into_iter().flatten().chain(&chosen.spend).any(|c| c == h)
    };
    let named = |h: &String| TREATED.contains(&h.to_lowercase().as_str()) && !taken(h);
    Ok(sheet.header.iter().position(named))
}

fn is_marked(sheet: &Table, row: usize, column: usize) -> Result<bool, HistoryError> {
    let text = sheet.text(row, column).to_lowercase();
    if YES.contains(&text.as_str()) {
        Ok(true)
    } else if NO.contains(&text.as_str()) {
        Ok(false)
    } else {
        Err(sheet.cell_error(row, column, CellReason::OutOfRange(MARKS)).into())
    }
}
