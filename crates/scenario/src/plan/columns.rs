//! Coefficients by line of the problem, each vector made once and shared.

use std::sync::Arc;

use crate::model::scenario::{LimitGroup, ScenarioLine};
use crate::plan::layout::{Layout, per_period};

/// What a coefficient stands for; see [`Kind::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    One,
    MinusOne,
    Cost,
    NegativeCost,
    Revenue,
    LongTermRevenue,
    Customers,
    LifetimeValue,
    Margin,
    Units,
    Attribute(String),
}

impl Kind {
    /// The coefficient of a line, per unit of spend or of its curve; 0 where an
    /// input is missing, which validation has excluded where it matters.
    fn of(&self, line: &ScenarioLine) -> f64 {
        let revenue = line.revenue_per_outcome.unwrap_or(0.0);
        let customers = line.customers_per_outcome.unwrap_or(0.0);
        match self {
            Kind::One => 1.0,
            Kind::MinusOne => -1.0,
            Kind::Cost => 1.0 + line.fee,
            Kind::NegativeCost => -(1.0 + line.fee),
            Kind::Revenue => revenue,
            Kind::LongTermRevenue => revenue * line.long_term.as_ref().map_or(1.0, |l| l.0),
            Kind::Customers => line.new_customer_share * customers,
            Kind::LifetimeValue => line.lifetime_value.unwrap_or(0.0) * customers,
            Kind::Margin => line.margin.unwrap_or(0.0) * revenue,
            Kind::Units => line.media.as_ref().map_or(0.0, |m| m.units_per_spend),
            Kind::Attribute(name) => line.attributes.get(name).copied().unwrap_or(0.0),
        }
    }

    /// True for what spend earns rather than what it is.
    fn is_earned(&self) -> bool {
        use Kind::{Customers, LifetimeValue, LongTermRevenue, Margin, Revenue};
        matches!(self, Revenue | LongTermRevenue | Customers | LifetimeValue | Margin)
    }
}

/// Lines, and with periods the periods, that a coefficient is for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Chosen<'a> {
    pub(crate) lines: Option<&'a Arc<[usize]>>,
    pub(crate) periods: Option<&'a Arc<[usize]>>,
}

impl<'a> Chosen<'a> {
    pub(crate) fn by(group: &'a LimitGroup) -> Self {
        Chosen { lines: group.lines.as_ref(), periods: group.periods.as_ref() }
    }

    /// True if nothing is left out.
    pub(crate) fn is_all(&self) -> bool {
        self.lines.is_none() && self.periods.is_none()
    }

    fn has(&self, line: usize) -> bool {
        self.lines.is_none_or(|lines| lines.binary_search(&line).is_ok())
    }

    fn has_period(&self, t: usize) -> bool {
        self.periods.is_none_or(|periods| periods.binary_search(&t).is_ok())
    }
}

/// The vectors made so far.
pub(crate) struct Columns<'a> {
    lines: &'a [Arc<ScenarioLine>],
    layout: &'a Layout,
    made: Vec<Column>,
    /// True while what is past counts.
    pub(crate) with_past: bool,
}

struct Column {
    kind: Kind,
    lines: Option<Arc<[usize]>>,
    periods: Option<Arc<[usize]>>,
    coefficients: Arc<[f64]>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(lines: &'a [Arc<ScenarioLine>], layout: &'a Layout) -> Self {
        Columns { lines, layout, made: Vec::new(), with_past: true }
    }

    /// Coefficients of a kind for the lines selected, 0 for the others. With
    /// periods, of spends or of stocks, the latter weighted by demand; without
    /// a selection of periods, what comes after the horizon is in.
    pub(crate) fn get(&mut self, kind: Kind, chosen: Chosen) -> Arc<[f64]> {
        let same = |c: &&Column| {
            c.kind == kind && c.lines.as_ref() == chosen.lines && c.periods.as_ref() == chosen.periods
        };
        if let Some(made) = self.made.iter().find(same) {
            return made.coefficients.clone();
        }
        let coefficients: Arc<[f64]> = if self.layout.is_by_period() {
            self.flights(&kind, chosen)
        } else {
            match chosen.lines {
                _ if self.layout.names().len() > self.lines.len() || !self.layout.earners().is_empty() => {
                    self.meeting(&kind, chosen)
                }
                None => self.lines.iter().map(|line| kind.of(line)).collect(),
                Some(selected) => {
                    let mut column = vec![0.0; self.lines.len()];
                    for &i in selected.iter() {
                        if let (Some(slot), Some(line)) = (column.get_mut(i), self.lines.get(i)) {
                            *slot = kind.of(line);
                        }
                    }
                    column.into()
                }
            }
        };
        let (lines, periods) = (chosen.lines.cloned(), chosen.periods.cloned());
        self.made.push(Column { kind, lines, periods, coefficients: coefficients.clone() });
        coefficients
    }

    /// 1 for what says of each line selected whether it spends in any period.
    pub(crate) fn used(&self, chosen: Chosen) -> Arc<[f64]> {
        let mut column = vec![0.0; self.layout.names().len()];
        let flights = self.layout.flights().iter().enumerate();
        flights.filter(|(i, _)| chosen.has(*i)).for_each(|(_, f)| column[f.used.clone()].fill(1.0));
        column.into()
    }

    /// With lines that meet: what they earn is earned by blocks, or by the lines
    /// that harvest.
    fn meeting(&self, kind: &Kind, chosen: Chosen) -> Arc<[f64]> {
        let mut column = vec![0.0; self.layout.names().len()];
        for (i, line) in self.lines.iter().enumerate().filter(|(i, _)| chosen.has(*i)) {
            if !(kind.is_earned() && self.layout.meets(i)) {
                column[i] = kind.of(line);
            }
        }
        self.earn_together(kind, chosen, &mut column);
        column.into()
    }

    fn earn_together(&self, kind: &Kind, chosen: Chosen, column: &mut [f64]) {
        for earner in self.layout.earners().iter().filter(|_| kind.is_earned()) {
            let period = !self.layout.is_by_period() || chosen.has_period(earner.period);
            if period && chosen.has(earner.line) {
                column[earner.atom] = kind.of(&self.lines[earner.line]) * earner.weight;
            }
        }
    }

    fn flights(&self, kind: &Kind, chosen: Chosen) -> Arc<[f64]> {
        let mut column = vec![0.0; self.layout.names().len()];
        for (i, (line, atoms)) in self.lines.iter().zip(self.layout.flights()).enumerate() {
            let Some(flight) = line.flight.as_ref().filter(|_| chosen.has(i)) else { continue };
            if kind.is_earned() && self.layout.meets(i) {
                continue;
            }
            let own = kind.of(line);
            let range = if kind.is_earned() { atoms.stocks.clone() } else { atoms.spends.clone() };
            for (t, slot) in column[range].iter_mut().enumerate().filter(|(t, _)| chosen.has_period(*t)) {
                *slot = match kind {
                    Kind::Units => own / flight.price[t],
                    kind if kind.is_earned() => own * flight.demand_at(t),
                    _ => own,
                };
            }
        }
        self.earn_together(kind, chosen, &mut column);
        column.into()
    }

    /// What a kind of earning counts beside what is still to be planned. Of
    /// spend before the horizon, what it has left, negative: it is no merit of
    /// the plan. Of flights under way, what was measured beyond their curves. Of
    /// lines that meet, what has counted to them so far.
    pub(crate) fn carried_in(&self, kind: &Kind, chosen: Chosen) -> f64 {
        let mut sum = 0.0;
        for (i, line) in self.lines.iter().enumerate().filter(|_| self.with_past) {
            if let Some(past) = line.past.filter(|_| self.layout.meets(i) && chosen.has(i)) {
                sum += kind.of(line) * past.outcome;
            }
        }
        for (i, line) in self.lines.iter().enumerate() {
            let Some(flight) = line.flight.as_ref() else { continue };
            if !chosen.has(i) || self.layout.meets(i) {
                continue;
            }
            let curve = per_period(line, flight.periods());
            for (t, &stock) in flight.opening.iter().enumerate().filter(|(t, _)| chosen.has_period(*t)) {
                if stock > 0.0 {
                    sum -= kind.of(line) * flight.demand_at(t) * curve.value(stock);
                }
            }
            if !flight.is_measured() {
                continue;
            }
            let stocks = flight.stocks(&flight.past);
            for t in (0..=flight.past.len()).filter(|t| chosen.has_period(*t)) {
                let left = if flight.opening[t] > 0.0 { curve.value(flight.opening[t]) } else { 0.0 };
                let by_curve = flight.demand_at(t) * (curve.value(stocks[t]) - left);
                sum += kind.of(line) * (flight.counted(t, by_curve) - by_curve);
            }
        }
        for left in self.layout.before() {
            if chosen.has(left.line) && chosen.has_period(left.period) {
                sum -= kind.of(&self.lines[left.line]) * left.outcome;
            }
        }
        sum
    }
}
