//! The buy sheet as CSV and Excel: the plan for those who buy it, with empty
//! columns for what happens. Filled in, it is the actuals file `outlay track`
//! reads.

mod workbook;

use outlay_scenario::actuals::{ACTUAL, PLANNED};
use outlay_scenario::buy::{BuyRow, BuyStatus};
use outlay_scenario::spec::DealSpec;

// Names come back as they are written.
use crate::csv::{defused as text, number, record};
use crate::number::Kind;
use crate::sentence;

pub use workbook::workbook;

/// One cell.
enum Cell {
    Text(String),
    Number(f64, Kind),
    Empty,
}

/// Every column in order; those of people's own last.
fn columns(rows: &[BuyRow]) -> Vec<String> {
    let mut all: Vec<String> = PLANNED.iter().chain(&ACTUAL).map(|c| (*c).to_owned()).collect();
    for (name, _) in rows.iter().flat_map(|r| &r.typed) {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// The buy sheet as CSV.
pub fn csv(rows: &[BuyRow]) -> String {
    let columns = columns(rows);
    let mut out = record(columns.iter().map(|c| text(c)));
    for row in rows {
        let written = all_cells(row, &columns).into_iter().map(|cell| match cell {
            Cell::Text(cell) => text(&cell),
            // No cent and no price has more digits.
            Cell::Number(value, _) => number(Some((value * 1e6).round() / 1e6)),
            Cell::Empty => String::new(),
        });
        out.push_str(&record(written));
    }
    out
}

/// The cells of a row in the order of all columns: what people wrote, else what
/// is planned.
fn all_cells(row: &BuyRow, columns: &[String]) -> Vec<Cell> {
    let mut planned = cells(row).into_iter();
    let each = columns.iter().enumerate().map(|(k, column)| {
        let own = planned.next().filter(|_| row.planned || k < 2).unwrap_or(Cell::Empty);
        match row.typed.iter().find(|(name, _)| name == column) {
            Some((_, text)) => typed(text),
            None => own,
        }
    });
    each.collect()
}

/// What somebody wrote: a number where it is a plain one, else as it stands.
fn typed(text: &str) -> Cell {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Cell::Number(value, Kind::Money),
        _ => Cell::Text(text.to_owned()),
    }
}

/// The planned cells of a row, in the columns' order.
fn cells(row: &BuyRow) -> Vec<Cell> {
    let words = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
    let tag = |name: &str| words(row.tags.get(name).map_or("", String::as_str));
    let money = |value: f64| Cell::Number(value, Kind::Money);
    let date = |of: fn(&(String, String)) -> &String| words(row.dates.as_ref().map_or("", |d| of(d)));
    let media = |of: fn(&outlay_scenario::buy::BuyMedia) -> Cell| row.media.as_ref().map_or(Cell::Empty, of);
    let status = match row.status {
        BuyStatus::Off => "off",
        BuyStatus::Planned => "planned",
        BuyStatus::Committed => "committed",
    };
    vec![
        words(&row.line),
        words(&row.period),
        date(|d| &d.0),
        date(|d| &d.1),
        tag("channel"),
        tag("stage"),
        tag("method"),
        tag("market"),
        tag("product"),
        tag("audience"),
        tag("creative"),
        words(status),
        money(row.budget),
        money(row.committed),
        Cell::Number(row.fee, Kind::Percent),
        money(row.budget * (1.0 + row.fee)),
        media(|m| Cell::Text(m.priced_by.to_owned())),
        media(|m| Cell::Number(m.rate, Kind::Price)),
        media(|m| Cell::Number(m.effective_rate, Kind::Price)),
        media(|m| Cell::Number(m.units, Kind::Money)),
        media(|m| Cell::Text(m.unit.clone())),
        words(&row.deal.as_ref().map_or_else(String::new, terms)),
        tag("owner"),
        tag("accountable"),
        tag("consulted"),
        tag("informed"),
    ]
}

/// The terms of a deal in words.
fn terms(deal: &DealSpec) -> String {
    let exact = |value: f64| sentence::exact(Kind::Money, value);
    let mut terms = Vec::new();
    terms.extend(deal.flat.map(|n| format!("flat {}", exact(n))));
    terms.extend(deal.at_least.map(|n| format!("nothing or at least {}", exact(n))));
    terms.extend(deal.lots.map(|n| format!("lots of {}", exact(n))));
    let tier = |t: &outlay_scenario::spec::TierSpec| {
        format!("{} off above {}", sentence::exact(Kind::Percent, t.discount), exact(t.from))
    };
    terms.extend(deal.tiers.iter().map(tier));
    terms.join("; ")
}
