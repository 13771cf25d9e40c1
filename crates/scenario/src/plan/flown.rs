//! What flights earn, period by period, from the scenario alone.

use outlay_allocator::tolerance::AT_BOUND;
use outlay_curves::Curve;

use crate::files::result::{Earnings, FlightPeriod, FlightResult, PeriodResult};
use crate::model::flight::Flight;
use crate::model::meeting::ByPeriod;
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::earned::{Earned, finite};
use crate::plan::layout::{Layout, per_period, total};

/// A line's flight with what follows from it.
pub(crate) struct Flown<'a> {
    line: &'a ScenarioLine,
    flight: &'a Flight,
    pub(crate) spends: &'a [f64],
    pub(crate) stocks: Vec<f64>,
    /// The curve of one period.
    curve: Curve,
    /// What a unit that the curve returns counts, in each period.
    slopes: Vec<f64>,
    /// Outcome of each period and of those after the horizon, less that of
    /// earlier spend; as measured where it was, and of a line that meets others
    /// what counts to it.
    outcomes: Vec<f64>,
    /// Outcome of what earlier spend left, in the horizon and after.
    carried_in: f64,
}

/// The flights of a plan, line by line; none where spends are planned in total.
pub(crate) fn flown<'a>(scenario: &'a Scenario, layout: &Layout, spends: &'a [f64]) -> Vec<Flown<'a>> {
    let each = scenario.lines.iter().zip(layout.by_period(spends));
    let each = each.filter_map(|(line, own)| Some(Flown::new(line, line.flight.as_deref()?, own)));
    let mut flown: Vec<Flown> = each.collect();
    if let Some(met) = ByPeriod::of(scenario) {
        meet(scenario, &met, &mut flown);
    }
    flown
}

/// Gives the lines that meet what counts to them.
fn meet(scenario: &Scenario, met: &ByPeriod, flown: &mut [Flown]) {
    let curve = |i: usize| scenario.lines[i].curve.clone();
    let own = met.own(&scenario.lines, curve, |i| flown[i].stocks.clone());
    let before = met.before(&scenario.lines, curve);
    let nothing = vec![vec![0.0; scenario.lines.len()]; own.len()];
    let mut shares = met.shares(&own, &before);
    let carried = met.shares(&before, &nothing);
    let slopes = met.slopes(&own);
    for &i in met.meeting.webs.iter().flat_map(|web| &web.lines) {
        let one = &mut flown[i];
        one.curve = met.curve(i, &one.line.curve);
        one.slopes = slopes.iter().enumerate().map(|(t, s)| s[i] * met.weight(i, one.flight, t)).collect();
        one.outcomes = std::mem::take(&mut shares[i]);
        one.carried_in = total(&carried[i]);
    }
}

impl<'a> Flown<'a> {
    pub(crate) fn new(line: &'a ScenarioLine, flight: &'a Flight, spends: &'a [f64]) -> Self {
        let curve = per_period(line, flight.periods());
        let stocks = flight.stocks(spends);
        let mut outcomes = Vec::with_capacity(stocks.len());
        let mut before = Vec::new();
        for (t, (&stock, &opening)) in stocks.iter().zip(&flight.opening).enumerate() {
            let left = if opening > 0.0 { curve.value(opening) } else { 0.0 };
            outcomes.push(flight.counted(t, flight.demand_at(t) * (curve.value(stock) - left)));
            before.push(flight.demand_at(t) * left);
        }
        let slopes = (0..stocks.len()).map(|t| flight.demand_at(t)).collect();
        Flown { line, flight, spends, stocks, curve, slopes, outcomes, carried_in: total(&before) }
    }

    /// What the whole flight returns, in units of the line's curve.
    pub(crate) fn outcome(&self) -> f64 {
        total(&self.outcomes)
    }

    /// What the whole flight earns.
    pub(crate) fn earned(&self) -> Earned {
        Earned::new(self.line, total(&self.outcomes), total(self.spends))
    }

    /// What one more unit of spend would earn, spread as the flight is; a line
    /// that is off is taken to run evenly where it may.
    pub(crate) fn last(&self) -> Earned {
        let open = |t: usize| if self.flight.blackout[t] { 0.0 } else { 1.0 };
        let even: Vec<f64> = (0..self.flight.periods()).map(open).collect();
        let shape = if total(self.spends) > 0.0 { self.spends } else { even.as_slice() };
        let whole = total(shape);
        let one: Vec<f64> = shape.iter().map(|x| x / whole).collect();
        let lifted = self.flight.stocks(&one);
        let mut gains = Vec::with_capacity(lifted.len());
        for (t, (lifted, opening)) in lifted.iter().zip(&self.flight.opening).enumerate() {
            let more = lifted - opening;
            if more > 0.0 {
                let slope = self.slopes.get(t).copied().unwrap_or(0.0);
                gains.push(slope * self.curve.marginal(self.stocks[t]) * more);
            }
        }
        Earned::new(self.line, total(&gains), 1.0)
    }

    /// Effective units: media prices differ by period.
    pub(crate) fn units(&self) -> Option<f64> {
        let bought: Vec<f64> = self.spends.iter().zip(&self.flight.price).map(|(x, p)| x / p).collect();
        self.line.media.as_ref().map(|m| m.units_per_spend * total(&bought))
    }

    /// Largest spend of a period.
    pub(crate) fn peak(&self) -> f64 {
        self.spends.iter().zip(&self.flight.price).fold(0.0, |most, (x, p)| most.max(x / p))
    }

    /// What holds every period that is on at its largest.
    pub(crate) fn at_period_max(&self) -> bool {
        let on = self.spends.iter().zip(&self.flight.max).filter(|(x, _)| **x > 0.0);
        let mut any = false;
        let mut all = true;
        for (x, max) in on {
            any = true;
            all &= max.is_finite() && (x - max).abs() <= AT_BOUND * max.abs();
        }
        any && all
    }

    fn earnings(&self, outcome: f64) -> Earnings {
        let earned = Earned::new(self.line, outcome, 0.0);
        Earnings { revenue: earned.revenue, customers: earned.customers }
    }

    fn tail(&self) -> f64 {
        total(self.outcomes.get(self.flight.periods()..).unwrap_or(&[]))
    }

    /// The flight as the result file states it.
    pub(crate) fn result(&self, scenario: &Scenario) -> FlightResult {
        let periods = scenario.calendar.iter().flat_map(|c| &c.periods);
        let each = periods.zip(self.spends).enumerate().map(|(t, (period, &spend))| {
            let earned = self.earnings(self.outcomes[t]);
            FlightPeriod {
                name: period.name.clone(),
                spend,
                stock: self.stocks[t],
                revenue: earned.revenue,
                customers: earned.customers,
            }
        });
        FlightResult {
            periods: each.collect(),
            tail: self.earnings(self.tail()),
            carried_in: self.earnings(self.carried_in),
        }
    }
}

/// Totals of every period.
pub(crate) fn periods(scenario: &Scenario, flown: &[Flown]) -> Vec<PeriodResult> {
    let Some(calendar) = &scenario.calendar else { return Vec::new() };
    let each = calendar.periods.iter().enumerate().map(|(t, period)| {
        let earned: Vec<Earned> =
            flown.iter().map(|f| Earned::new(f.line, f.outcomes[t], f.spends[t])).collect();
        let sum = |figure: fn(&Earned) -> Option<f64>| sum(earned.iter().map(figure));
        PeriodResult {
            name: period.name.clone(),
            start: period.start.clone().unwrap_or_default(),
            end: period.end.clone().unwrap_or_default(),
            spend: sum(|e| Some(e.cost)),
            revenue: sum(|e| e.revenue),
            customers: sum(|e| e.customers),
        }
    });
    each.collect()
}

/// What the plan earns after the horizon, and what earlier spend earns, which
/// is in no other figure.
pub(crate) fn apart(flown: &[Flown]) -> (Earnings, Earnings) {
    let of = |outcome: &dyn Fn(&Flown) -> f64| {
        let each: Vec<Earnings> = flown.iter().map(|f| f.earnings(outcome(f))).collect();
        Earnings {
            revenue: sum(each.iter().map(|e| e.revenue)),
            customers: sum(each.iter().map(|e| e.customers)),
        }
    };
    (of(&|f| f.tail()), of(&|f| f.carried_in))
}

fn sum(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let known: Option<Vec<f64>> = figures.collect();
    known.and_then(|known| finite(total(&known)))
}
