//! Every metric of a plan, from the scenario alone.

use std::sync::Arc;

use indexmap::IndexMap;
use outlay_allocator::Sum;
use outlay_allocator::tolerance::AT_BOUND;
use outlay_curves::Curve;

use crate::files::result::{At, LineResult, ReferenceLine, Reported, Totals};
use crate::files::spec::{BaselineSpec, DealSpec};
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::earned::{Earned, finite};
use crate::plan::flown::{Flown, flown};
use crate::plan::layout::Layout;
use crate::plan::met::{Met, met, own};

fn ratio(numerator: Option<f64>, denominator: Option<f64>) -> Option<f64> {
    finite(numerator? / denominator?)
}

/// The sum of figures, added up as the allocator does; nothing if one is
/// unknown.
fn total(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut sum = Sum::default();
    for figure in figures {
        sum.add(figure?);
    }
    Some(sum.value())
}

/// Every metric over all lines.
pub(crate) fn totals(scenario: &Scenario, layout: &Layout, all: &[f64]) -> Totals {
    let lines = &scenario.lines;
    let flights = flown(scenario, layout, all);
    let spends = &layout.totals(all)[..];
    let earned: Vec<Earned> = if flights.is_empty() {
        let met = met(scenario, own(scenario, spends));
        let each = lines.iter().zip(spends).zip(met);
        each.map(|((l, &x), met)| Earned::new(l, met.outcome, x)).collect()
    } else {
        flights.iter().map(Flown::earned).collect()
    };
    let sum = |figure: fn(&Earned) -> Option<f64>| total(earned.iter().map(figure));
    let base: BaselineSpec = scenario.baseline;
    let spend = sum(|e| Some(e.cost));
    let (revenue, customers) = (sum(|e| e.revenue), sum(|e| e.customers));
    let lifetime_value = sum(|e| e.lifetime_value);
    let cost = spend.map(|s| s + base.other_cost.unwrap_or(0.0));
    let current = total(lines.iter().map(|l| Some(l.current)));
    let planned = total(spends.iter().map(|&x| Some(x)));
    Totals {
        spend,
        revenue,
        customers,
        lifetime_value,
        profit: sum(|e| e.profit),
        cac: ratio(cost, customers.map(|n| n + base.customers.unwrap_or(0.0))),
        mer: ratio(revenue.map(|r| r + base.revenue.unwrap_or(0.0)), cost),
        iroas: ratio(revenue, spend),
        ltv_to_cac: ratio(lifetime_value, spend),
        change: ratio(planned, current).map(|r| r - 1.0),
        active_lines: Some(spends.iter().filter(|&&x| x > 0.0).count() as f64),
        attributes: attributes(scenario, spends),
        units: units(scenario, spends, &flights),
        long_term_revenue: if lines.iter().any(|l| l.long_term.is_some()) {
            sum(|e| e.long_term_revenue)
        } else {
            None
        },
    }
}

/// Attributes by name, in order of first appearance; a line without one makes
/// the total unknown.
fn attributes(scenario: &Scenario, spends: &[f64]) -> IndexMap<String, Option<f64>> {
    let mut totals = IndexMap::new();
    for name in scenario.lines.iter().flat_map(|l| l.attributes.keys()) {
        if !totals.contains_key(name) {
            let each = scenario.lines.iter().zip(spends);
            let all = total(each.map(|(l, &x)| l.attributes.get(name).map(|a| a * x)));
            totals.insert(name.clone(), all);
        }
    }
    totals
}

fn units(scenario: &Scenario, spends: &[f64], flights: &[Flown]) -> IndexMap<String, Option<f64>> {
    let mut totals: IndexMap<String, Option<f64>> = IndexMap::new();
    for (i, (line, &x)) in scenario.lines.iter().zip(spends).enumerate() {
        let bought = flights.get(i).map_or_else(|| units_of(line, x), Flown::units);
        if let (Some(media), Some(units)) = (&line.media, bought) {
            let total = totals.entry(media.unit.clone()).or_insert(Some(0.0));
            *total = total.map(|t| t + units);
        }
    }
    totals
}

/// Effective units: what the spend, at list price after tiers, buys.
fn units_of(line: &ScenarioLine, x: f64) -> Option<f64> {
    let money = match &line.curve {
        Curve::Tiered(tiered) => tiered.effective(x),
        Curve::Resumed(resumed) => match resumed.rest() {
            Curve::Tiered(tiered) => resumed.from() + tiered.effective((x - resumed.from()).max(0.0)),
            _ => x,
        },
        _ => x,
    };
    line.media.as_ref().map(|m| m.units_per_spend * money)
}

/// One line of a plan; its prices are the caller's to know.
pub(crate) fn line(line: &ScenarioLine, x: f64, met: Met) -> LineResult {
    let earned = Earned::new(line, met.outcome, x);
    let last = Earned::new(line, line.curve.marginal(x) * met.slope, 1.0);
    let at = at(line, x);
    let units = units_of(line, x);
    let outside = |most: f64| {
        x > most * (1.0 + AT_BOUND) || line.observed_min.is_some_and(|least| x < least * (1.0 - AT_BOUND))
    };
    let extrapolated = line.observed_max.map(outside);
    let result = row(line, x, (earned, last), at, units);
    LineResult { extrapolated, ..result }
}

/// One line of a plan by period.
pub(crate) fn flight(scenario: &Scenario, line: &ScenarioLine, flown: &Flown) -> LineResult {
    let x = crate::plan::layout::total(flown.spends);
    let near = |bound: Option<f64>| bound.is_some_and(|b| (x - b).abs() <= 1e-7 * b.abs());
    let at = match at(line, x) {
        At::Price if near(line.min) => At::Min,
        At::Price if near(line.max) || flown.at_period_max() => At::Max,
        At::Max if line.max.is_none() => At::Price,
        at => at,
    };
    let periods = flown.spends.len() as f64;
    let extrapolated = line.observed_max.map(|most| flown.peak() > most / periods);
    let result = row(line, x, (flown.earned(), flown.last()), at, flown.units());
    LineResult { extrapolated, flight: Some(Box::new(flown.result(scenario))), ..result }
}

fn row(
    line: &ScenarioLine,
    x: f64,
    (earned, last): (Earned, Earned),
    at: At,
    units: Option<f64>,
) -> LineResult {
    LineResult {
        name: line.name.clone(),
        tags: Arc::clone(&line.tags),
        current: line.current,
        min: line.min,
        max: line.max,
        fee: line.fee,
        spend: x,
        revenue: earned.revenue,
        customers: earned.customers,
        cac: ratio(Some(earned.cost), earned.customers),
        marginal_cac: ratio(Some(last.cost), last.customers),
        iroas: ratio(earned.revenue, Some(earned.cost)),
        mroas: ratio(last.revenue, Some(last.cost)),
        change: finite(x / line.current - 1.0),
        at,
        extrapolated: None,
        uncertainty: None,
        judgement: line.judgement.clone(),
        shadow_price: None,
        shadow_price_less: None,
        local: false,
        units,
        effective_rate: effective_rate(line, x, units),
        long_term_revenue: line.long_term.as_ref().and(earned.long_term_revenue),
        meeting: None,
        flight: None,
    }
}

/// Price of a thousand effective impressions, or of one unit, at this spend.
fn effective_rate(line: &ScenarioLine, x: f64, units: Option<f64>) -> Option<f64> {
    let media = line.media.as_ref()?;
    match &line.curve {
        Curve::Tiered(_) | Curve::Resumed(_) if x > 0.0 => {
            let list = media.units_per_spend * x;
            finite(media.effective_price * list / units?)
        }
        _ => Some(media.effective_price),
    }
}

/// What holds a spend where it is; bounds are met to [`AT_BOUND`].
fn at(line: &ScenarioLine, x: f64) -> At {
    let meets = |bound: f64| (x - bound).abs() <= AT_BOUND * bound.abs();
    let deal = line.deal.as_deref();
    let sold = |d: &DealSpec| d.flat.is_some() || d.lots.is_some() || d.at_least.is_some_and(meets);
    if x == 0.0 {
        At::Off
    } else if line.min.is_some_and(meets) {
        At::Min
    } else if line.max.is_some_and(meets) || x >= line.curve.last_spend() {
        At::Max
    } else if deal.is_some_and(sold) {
        At::Deal
    } else {
        At::Price
    }
}

/// What every line earns at today's spend.
pub(crate) fn reference_lines(scenario: &Scenario, layout: &Layout, today: &[f64]) -> Vec<ReferenceLine> {
    let flights = flown(scenario, layout, today);
    let current: Vec<f64> = scenario.lines.iter().map(|l| l.current).collect();
    let met = met(scenario, own(scenario, &current));
    let each = |(i, line): (usize, &Arc<ScenarioLine>)| {
        let evenly = || Earned::new(line, met[i].outcome, line.current);
        let flight = flights.get(i);
        let earned = flight.map_or_else(evenly, Flown::earned);
        let outcome = || flight.map_or(met[i].outcome, Flown::outcome);
        let reported = line.reported.map(|value| {
            let by_curve = finite(outcome());
            Reported { outcome: line.outcome, value, by_curve }
        });
        let Earned { revenue, customers, .. } = earned;
        ReferenceLine { name: line.name.clone(), revenue, customers, reported }
    };
    scenario.lines.iter().enumerate().map(each).collect()
}
