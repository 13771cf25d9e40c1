//! The rows of a sheet whose columns are known.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use jiff::civil::Date;
use outlay_table::{Order, Table, is_missing};

use super::column::{self, Blank, Role};
use super::error::HistoryError;
use super::names;
use super::note::Note;
use super::period::{self, calendar};
use super::words;

/// A sheet whose columns are known.
pub(super) struct Rows<'a> {
    pub(super) sheet: &'a Table,
    pub(super) columns: &'a [Role],
    pub(super) dates: Vec<Date>,
    pub(super) order: Order,
    pub(super) markets: Vec<usize>,
    pub(super) outcome: usize,
    /// Money per outcome, where outcomes are counted and priced.
    pub(super) each: Option<usize>,
    /// The outcome column, where outcomes are counted.
    pub(super) counts: Option<usize>,
    /// Whether what is left out is zero: exports of platforms write no row for
    /// a day without spend, and `--` for nothing.
    pub(super) export: bool,
    /// How often that was so.
    pub(super) zeros: Cell<usize>,
    blank: Blank,
    /// Empty cells of spend that were taken for zero, by column.
    blanks: RefCell<BTreeMap<usize, usize>>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(sheet: &'a Table, columns: &'a [Role], blank: Blank) -> Result<Rows<'a>, HistoryError> {
        let position = |role: &Role| columns.iter().position(|c| c == role);
        let missing = |role| HistoryError::NoRole { role, columns: sheet.header.clone(), likely: Vec::new() };
        let (dates, order) = dates(sheet, position(&Role::Date).ok_or_else(|| missing("date"))?)?;
        let money = position(&Role::Outcome { customers: false });
        let count = position(&Role::Outcome { customers: true });
        let outcome = money.or(count).ok_or_else(|| missing("outcome"))?;
        let each = position(&Role::RevenuePerOutcome).filter(|_| money.is_none());
        let counts = count.filter(|_| money.is_none() && each.is_none());
        let markets = (0..columns.len()).filter(|&c| columns[c] == Role::Market).collect();
        let export = column::is_export(&sheet.header, columns);
        let rows = Rows {
            sheet,
            columns,
            dates,
            order,
            markets,
            outcome,
            each,
            counts,
            export,
            zeros: Cell::new(0),
            blank,
            blanks: RefCell::default(),
        };
        rows.one_period_each()?;
        rows.one_currency()?;
        Ok(rows)
    }

    pub(super) fn missing(&self, role: &'static str) -> HistoryError {
        let amounts =
            (0..self.columns.len()).filter(|&c| self.columns[c] == Role::Control && self.is_amount(c));
        let likely = amounts.filter(|_| role == "spend").map(|c| self.sheet.header[c].clone()).collect();
        HistoryError::NoRole { role, columns: self.sheet.header.clone(), likely }
    }

    /// Whether a column could hold money: no negative number, and more than marks
    /// and shares.
    fn is_amount(&self, column: usize) -> bool {
        let values = (0..self.sheet.rows.len()).map(|row| self.sheet.value(row, column).unwrap_or(0.0));
        let (least, most) = values.fold((0.0, 0.0), |(least, most), v| (v.min(least), v.max(most)));
        least >= 0.0 && most > 1.0
    }

    /// Columns that hold spend, with their channels.
    pub(super) fn spends(&self) -> Result<Vec<(usize, &'a str)>, HistoryError> {
        let spend = |(c, role): (usize, &'a Role)| match role {
            Role::Spend { channel } => Some((c, channel.as_str())),
            _ => None,
        };
        let all: Vec<(usize, &str)> = self.columns.iter().enumerate().filter_map(spend).collect();
        if all.is_empty() { Err(self.missing("spend")) } else { Ok(all) }
    }

    /// The column of what a channel's spend bought.
    pub(super) fn exposure(&self, channel: &str) -> Option<usize> {
        self.columns.iter().position(|c| matches!(c, Role::Exposure { channel: name } if name == channel))
    }

    /// The column of the markets' sizes.
    pub(super) fn size(&self) -> Option<usize> {
        self.columns.iter().position(|c| *c == Role::Size)
    }

    /// The outcome of a row, in money where it can be.
    pub(super) fn outcome(&self, row: usize) -> Result<f64, HistoryError> {
        let mut value = self.amount(row, self.outcome)?;
        for column in (0..self.columns.len()).filter(|&c| self.columns[c] == Role::Added) {
            value += self.amount(row, column)?;
        }
        Ok(match self.each {
            Some(each) => value * self.sheet.amount(row, each)?,
            None => value,
        })
    }

    /// Money of a cell.
    pub(super) fn amount(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        if self.export && is_missing(self.sheet.text(row, column)) {
            return Ok(self.left_out());
        }
        Ok(self.sheet.amount(row, column)?)
    }

    /// Money of a cell of spend, or what it bought.
    pub(super) fn spend(&self, row: usize, column: usize) -> Result<f64, HistoryError> {
        if self.takes_blanks() && !self.export && is_missing(self.sheet.text(row, column)) {
            *self.blanks.borrow_mut().entry(column).or_default() += 1;
            return Ok(0.0);
        }
        self.amount(row, column)
    }

    /// Whether an empty cell of spend is nothing spent.
    pub(super) fn takes_blanks(&self) -> bool {
        self.blank == Blank::Zero
    }

    /// What to say of empty cells that were taken for zero.
    pub(super) fn blanks(&self) -> Option<Note> {
        let name = |(column, count): (&usize, &usize)| (self.sheet.header[*column].clone(), *count);
        let columns: Vec<(String, usize)> = self.blanks.borrow().iter().map(name).collect();
        (!columns.is_empty()).then_some(Note::Blank { columns })
    }

    /// The zero of a cell or row that an export leaves out.
    pub(super) fn left_out(&self) -> f64 {
        self.zeros.set(self.zeros.get() + 1);
        0.0
    }

    /// Rows with a first and a last day cover one period.
    fn one_period_each(&self) -> Result<(), HistoryError> {
        let header = &self.sheet.header;
        let starts =
            self.columns.iter().position(|c| *c == Role::Date).filter(|&c| names::is_start(&header[c]));
        let ends = header.iter().position(|h| names::is_end(h));
        let (Some(_), Some(end)) = (starts, ends) else { return Ok(()) };
        // A column of something else may end like this.
        let Ok((ends, _)) = self.sheet.dates(end, self.order) else { return Ok(()) };
        let alike = self.dates.iter().all(|d| Some(d) == self.dates.first());
        for (row, (from, to)) in self.dates.iter().zip(&ends).enumerate() {
            let days = period::days(*from, *to) + 1;
            if !matches!(days, 1 | 7 | 28..=31) || (alike && days > 1) {
                let row = self.sheet.number_of(row);
                return Err(HistoryError::Span { row, from: from.to_string(), to: to.to_string() });
            }
        }
        Ok(())
    }

    /// A report whose sales are counted has no column that could be their money
    /// under a name that is not known: figures with decimals that are no rates,
    /// well above the counts.
    fn unknown_money(&self, count: usize) -> Option<usize> {
        let sum = |c: usize| (0..self.len()).filter_map(|row| self.sheet.value(row, c)).sum::<f64>();
        let whole =
            |c: usize| (0..self.len()).filter_map(|row| self.sheet.value(row, c)).all(|v| v.fract() == 0.0);
        let figures = |c: usize| {
            let known =
                |row: usize| self.sheet.value(row, c).is_some() || is_missing(self.sheet.text(row, c));
            (0..self.len()).all(known)
        };
        let free = |c: &usize| {
            self.columns[*c] == Role::Ignored && words::is_unknown(&self.sheet.header[*c]) && figures(*c)
        };
        (0..self.columns.len()).filter(free).find(|&c| !whole(c) && sum(c) > 2.0 * sum(count))
    }

    /// Fails where money may have been overlooked.
    pub(super) fn no_unknown_money(&self) -> Result<(), HistoryError> {
        let Some(count) = self.counts.filter(|_| self.export) else { return Ok(()) };
        let name = |c: usize| self.sheet.header[c].clone();
        self.unknown_money(count).map_or(Ok(()), |column| {
            Err(HistoryError::MaybeMoney { column: name(column), count: name(count) })
        })
    }

    /// Money that is added up or compared is of one currency.
    fn one_currency(&self) -> Result<(), HistoryError> {
        let money = |c: &usize| match &self.columns[*c] {
            Role::Spend { .. }
            | Role::Outcome { customers: false }
            | Role::Added
            | Role::RevenuePerOutcome => true,
            _ => names::named(&self.sheet.header[*c]) == Some(names::Named::Currency),
        };
        let columns: Vec<usize> = (0..self.columns.len()).filter(money).collect();
        self.sheet.currency(&columns)?;
        Ok(())
    }

    /// The market of a row; empty if the file knows no markets.
    pub(super) fn market(&self, row: usize) -> String {
        let names: Vec<&str> = self.markets.iter().map(|&c| self.sheet.text(row, c)).collect();
        names.join(" / ")
    }

    pub(super) fn len(&self) -> usize {
        self.sheet.rows.len()
    }
}

/// Dates, with slashes in the order that makes them a calendar.
fn dates(sheet: &Table, column: usize) -> Result<(Vec<Date>, Order), HistoryError> {
    // Periods missing between the first and the last.
    let missing = |dates: &[Date]| {
        let mut sorted = dates.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        calendar(sorted.into_iter())
            .map_or(usize::MAX, |c| c.numbers.last().map_or(0, |n| n + 1 - c.numbers.len()))
    };
    let (first, second) = match (sheet.dates(column, Order::MonthFirst), sheet.dates(column, Order::DayFirst))
    {
        (Ok(first), Ok(second)) => (first, second),
        (Err(wrong), _) | (_, Err(wrong)) => {
            // All cells that are no date in any order; else the two orders are mixed.
            let each = (0..sheet.rows.len()).map(|row| sheet.date(row, column).map_err(HistoryError::from));
            HistoryError::gather(each)?;
            return Err(wrong.into());
        }
    };
    Ok(if missing(&first.0) <= missing(&second.0) { first } else { second })
}
