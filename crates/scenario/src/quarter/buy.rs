//! The buy sheet: a plan as the people who buy it need it.

use indexmap::IndexMap;

use crate::files::result::{LineResult, ResultFile};
use crate::files::spec::DealSpec;
use crate::model::calendar::{Period, periods};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::model::window::Window;
use crate::quarter::actuals::TypedRow;

/// What one line is to buy in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct BuyRow {
    /// The line.
    pub line: String,
    /// The period's name; empty where the money is for the whole horizon.
    pub period: String,
    /// First and last day of the period, where they are known.
    pub dates: Option<(String, String)>,
    /// The line's tags.
    pub tags: IndexMap<String, String>,
    /// Whether the money is bound already.
    pub status: BuyStatus,
    /// Media money.
    pub budget: f64,
    /// Part of it that is committed.
    pub committed: f64,
    /// Fee on top, a fraction.
    pub fee: f64,
    /// What the money buys, for a line with a rate.
    pub media: Option<BuyMedia>,
    /// How the line is sold.
    pub deal: Option<DealSpec>,
    /// What people wrote, by column; it stands in place of what is planned.
    pub typed: Vec<(String, String)>,
    /// False for a row that only keeps what people wrote.
    pub planned: bool,
}

/// Keeps in a sheet what people wrote into another: in the row of the same line
/// and period, or in a row of its own where there is none or it is taken (a
/// line outside the plan, a figure that was revised).
pub fn keep(rows: &mut Vec<BuyRow>, typed: Vec<TypedRow>) {
    for TypedRow { line, period, cells } in typed {
        let same = |r: &BuyRow| r.line == line && r.period == period;
        if rows.iter().any(|r| same(r) && r.typed == cells) {
            continue;
        }
        if let Some(row) = rows.iter_mut().find(|r| same(r) && r.typed.is_empty()) {
            row.typed = cells;
            continue;
        }
        let row = BuyRow {
            line: line.clone(),
            period,
            dates: None,
            tags: IndexMap::new(),
            status: BuyStatus::Off,
            budget: 0.0,
            committed: 0.0,
            fee: 0.0,
            media: None,
            deal: None,
            typed: cells,
            planned: false,
        };
        let after = rows.iter().rposition(|r| r.line == line).map_or(rows.len(), |k| k + 1);
        rows.insert(after, row);
    }
}

/// Whether a line's money is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuyStatus {
    /// Nothing to buy.
    Off,
    /// To be bought, nothing bound yet.
    Planned,
    /// The line's least spend is above 0: at least that much is bound.
    Committed,
}

/// Units and prices of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct BuyMedia {
    /// `cpm`, `cpc`, `cpp` or `cost_per_unit`.
    pub priced_by: &'static str,
    /// Price after discounts, as it is invoiced.
    pub rate: f64,
    /// Price of units that are valid and seen.
    pub effective_rate: f64,
    /// `impressions`, `clicks`, `points` or `units`.
    pub unit: String,
    /// Units to buy.
    pub units: f64,
    /// Those of them that are valid and seen.
    pub effective_units: f64,
}

/// The buy sheet of a plan: a row for every line and period, or one for the
/// whole horizon where a line is bought at one price. `None` without a plan.
pub fn buy_sheet(result: &ResultFile, scenario: &Scenario) -> Option<Vec<BuyRow>> {
    let calendar = periods(scenario.horizon.as_ref());
    let whole = Period {
        name: String::new(),
        start: calendar.first().and_then(|p| p.start.clone()),
        end: calendar.last().and_then(|p| p.end.clone()),
    };
    let mut rows = Vec::new();
    for (line, planned) in scenario.lines.iter().zip(result.lines.as_ref()?) {
        let at_once = calendar.len() == 1 || line.deal.as_ref().is_some_and(|d| d.flat.is_some());
        let bound = bound(line);
        let committed = line.min.unwrap_or(0.0).max(bound).min(planned.spend);
        if at_once {
            rows.push(row(line, planned, &whole, (planned.spend, committed), None));
            continue;
        }
        let until = |money: f64, k: usize| match k {
            0 => 0.0,
            k if k == calendar.len() => in_cents(money, money),
            // What happened stands week by week; the last one may not be over.
            k if k < line.happened.len() => {
                in_cents(money, line.happened.iter().take(k).map(|(spent, _)| spent).sum())
            }
            k => {
                let share = k as f64 / calendar.len() as f64;
                in_cents(money, Window::new(line, 0.0, share).planned(line, money))
            }
        };
        let part = |money: f64, k: usize| until(money, k + 1) - until(money, k);
        let flown = planned.flight.as_ref().map(|f| &f.periods);
        let flight = line.flight.as_deref();
        for (k, period) in calendar.iter().enumerate() {
            let money = match flown.and_then(|f| f.get(k)) {
                Some(own) => {
                    let before: f64 = flown.iter().flat_map(|f| f.iter().take(k)).map(|p| p.spend).sum();
                    let cents = |money: f64| in_cents(planned.spend, money);
                    let budget = cents(before + own.spend) - cents(before);
                    let least = match flight {
                        Some(flight) if k < flight.past.len() => budget,
                        flight => flight.and_then(|f| f.min.get(k)).copied().unwrap_or(0.0),
                    };
                    (budget, least.max(part(committed, k)).min(budget))
                }
                None => (part(planned.spend, k), part(committed, k)),
            };
            let price = flight.map(|f| f.price.get(k).copied().unwrap_or(1.0));
            rows.push(row(line, planned, period, money, price));
        }
    }
    Some(rows)
}

/// Money that is spent already, or bound by orders.
fn bound(line: &ScenarioLine) -> f64 {
    let past = line.past.map_or(0.0, |p| p.spend + p.committed);
    past + line.flight.as_ref().map_or(0.0, |f| f.spent() + f.committed)
}

/// What a line spends at least for its sheet to be in cents.
pub(crate) const IN_CENTS: f64 = 1000.0;

/// A part of an amount in whole cents; amounts too small for cents as they
/// are.
fn in_cents(money: f64, part: f64) -> f64 {
    if money < IN_CENTS { part } else { (part * 100.0).round() / 100.0 }
}

fn row(
    line: &ScenarioLine,
    planned: &LineResult,
    period: &Period,
    (budget, committed): (f64, f64),
    price: Option<f64>,
) -> BuyRow {
    let status = match () {
        () if planned.spend == 0.0 => BuyStatus::Off,
        () if committed > 0.0 => BuyStatus::Committed,
        () => BuyStatus::Planned,
    };
    // Money over cents, or tiers that were reached, leave the mean price as it
    // is over the whole plan.
    let part = if planned.spend > 0.0 { budget / planned.spend } else { 0.0 };
    let media = line.media.as_ref().map(|media| {
        let seen = (1.0 - media.invalid_traffic) * media.viewability;
        let (effective_units, effective_rate) = match price {
            Some(price) => (media.units_per_spend * budget / price, media.effective_price * price),
            None => {
                (planned.units.unwrap_or(0.0) * part, planned.effective_rate.unwrap_or(media.effective_price))
            }
        };
        BuyMedia {
            priced_by: media.priced_by,
            rate: effective_rate * seen,
            effective_rate,
            unit: media.unit.clone(),
            units: effective_units / seen,
            effective_units,
        }
    });
    BuyRow {
        line: line.name.clone(),
        period: period.name.clone(),
        dates: period.start.clone().zip(period.end.clone()),
        tags: line.tags.as_ref().clone(),
        status,
        budget,
        committed,
        fee: line.fee,
        media,
        deal: line.deal.as_deref().cloned(),
        typed: Vec::new(),
        planned: true,
    }
}
