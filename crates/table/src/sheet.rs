//! The rows below a heading by what each column mostly holds.

use crate::date::is_date;
use crate::number::{self, Decimal, is_missing};
use crate::row::Row;

/// What a column mostly holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Date,
    Text,
    Empty,
}

/// Rows with their heading.
pub(crate) struct Sheet<'a> {
    pub(crate) header: &'a [String],
    kinds: Vec<Kind>,
    decimal: Decimal,
    pub(crate) known: &'a dyn Fn(&str) -> bool,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(
        header: &'a [String],
        rows: &[Row],
        decimal: Decimal,
        known: &'a dyn Fn(&str) -> bool,
    ) -> Self {
        let kinds = (0..header.len()).map(|c| kind(rows, c)).collect();
        Sheet { header, kinds, decimal, known }
    }

    pub(crate) fn columns(&self, kind: Kind) -> impl Iterator<Item = usize> + '_ {
        (0..self.kinds.len()).filter(move |&c| self.kinds[c] == kind)
    }

    pub(crate) fn number(&self, row: &Row, column: usize) -> Option<f64> {
        number::ratio(row.cell(column), self.decimal)
    }
}

fn kind(rows: &[Row], column: usize) -> Kind {
    const SAMPLE: usize = 300;
    let step = rows.len() / SAMPLE + 1;
    let (mut numbers, mut dates, mut texts) = (0, 0, 0);
    for row in rows.iter().step_by(step) {
        let text = row.cell(column);
        if is_missing(text) {
            continue;
        }
        if number::ratio(text, Decimal::Either).is_some() {
            numbers += 1;
        } else if is_date(text) {
            dates += 1;
        } else {
            texts += 1;
        }
    }
    let most = numbers.max(dates).max(texts);
    match most {
        0 => Kind::Empty,
        _ if numbers == most => Kind::Number,
        _ if dates == most => Kind::Date,
        _ => Kind::Text,
    }
}
