//! Rows that are no rows of a table: totals, titles within it, footers.

use crate::cell::{is_figure, is_total, is_units, undefused};
use crate::date::is_date;
use crate::number::{Decimal, is_missing};
use crate::row::{Row, Skipped, Why};
use crate::sheet::{Kind, Sheet};
use crate::sums;

/// Takes the rows that are none out of `rows`. `known` names are never totals;
/// where they are all there should be (`closed`), others are when they are sums.
pub(crate) fn set_aside(
    header: &[String],
    rows: &mut Vec<Row>,
    decimal: Decimal,
    (known, closed): (&dyn Fn(&str) -> bool, bool),
) -> Vec<Skipped> {
    let sheet = Sheet::new(header, rows, decimal, known);
    let mut why: Vec<Option<Why>> = rows.iter().map(|row| sheet.why(row)).collect();
    if why.iter().all(|w| *w == Some(Why::Total)) {
        // A table of nothing but totals is a table of something else.
        why.iter_mut().for_each(|w| *w = None);
    }
    for (row, why) in rows.iter().zip(&mut why).rev() {
        match why {
            None | Some(Why::Title) if sheet.is_footer(row) => *why = Some(Why::Footer),
            Some(_) => {}
            None => break,
        }
    }
    sums::mark(&sheet, rows, &mut why, closed);
    let mut skipped = Vec::new();
    let mut reasons = why.into_iter();
    rows.retain(|row| match reasons.next().flatten() {
        Some(why) => {
            skipped.push(Skipped { row: row.number, text: row.text(), why });
            false
        }
        None => true,
    });
    skipped
}

impl Sheet<'_> {
    fn has_figures(&self, row: &Row) -> bool {
        self.columns(Kind::Number).any(|c| self.number(row, c).is_some() || row.cell(c).starts_with('='))
    }

    fn why(&self, row: &Row) -> Option<Why> {
        let filled = row.filled().count();
        let labels: Vec<usize> = row.filled().filter(|&c| !is_figure(row.cell(c))).collect();
        let same = |c: &String, i: usize| c.split_whitespace().eq(row.cell(i).split_whitespace());
        if filled > 1 && self.header.iter().enumerate().all(|(i, c)| same(c, i)) {
            return Some(Why::HeadingAgain);
        }
        if row.number == row.heading + 1 && is_units(&row.cells) {
            return Some(Why::Title);
        }
        let label = |&c: &usize| {
            let text = undefused(row.cell(c));
            is_total(text) && !(self.known)(text)
        };
        let alone = |&c: &usize| {
            let text = row.cell(c).to_lowercase();
            text.ends_with(" total")
                && !(self.known)(row.cell(c))
                && labels.iter().all(|l| *l == c || is_missing(row.cell(*l)))
        };
        if labels.iter().any(label)
            || (self.header.len() > 2 && labels.first().is_some_and(alone) && self.has_gaps(row))
        {
            return Some(Why::Total);
        }
        let title = filled == 1 && labels.len() == 1 && self.header.len() > 2;
        title.then_some(Why::Title)
    }

    /// Whether a column of text, or of dates, is empty in this row.
    fn has_gaps(&self, row: &Row) -> bool {
        self.columns(Kind::Text).chain(self.columns(Kind::Date)).any(|c| is_missing(row.cell(c)))
    }

    /// A row below the table: remarks, filters, who made it when. It fills a cell
    /// or two; a row that says more is data, though it holds no figure.
    fn is_footer(&self, row: &Row) -> bool {
        let dated = self.columns(Kind::Date).any(|c| is_date(row.cell(c)));
        let most = (self.header.len() / 2).clamp(1, 2);
        !dated && !self.has_figures(row) && row.filled().count() <= most
    }
}
