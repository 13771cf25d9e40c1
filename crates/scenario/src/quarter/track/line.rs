//! One line against its plan.

use outlay_curves::Variance;
use outlay_curves::variance::{Cause, Happened, Split};

use super::course::Course;
use super::file::{Figures, Measure, Pace, PeriodTrack, PriceTrack, TrackLine, UnitTrack};
use super::happening::{Happening, How, Ratio, planned_seen};
use crate::model::scenario::ScenarioLine;
use crate::model::window::Window;
use crate::quarter::actuals::Report;

/// What one unit of a line's curve is in a measure.
pub(crate) fn measure_of(line: &ScenarioLine, measure: Measure) -> Option<f64> {
    match measure {
        Measure::Revenue => line.revenue_per_outcome,
        Measure::Customers if line.new_customer_share == 0.0 => Some(0.0),
        Measure::Customers => line.customers_per_outcome.map(|c| c * line.new_customer_share),
    }
}

impl Happening<'_> {
    /// The line against its plan.
    pub(crate) fn tracked(&self, split: Split) -> TrackLine {
        let Some(line) = self.line else { return self.outside() };
        let ratio = self.ratio(line).unwrap_or(Ratio { rate: 1.0, quality: 1.0 });
        let (measured, unmeasured): (Vec<&Report>, Vec<&Report>) =
            self.reported.reports.iter().partition(|r| self.outcome(r).is_some());
        let part = |reports: &[&Report], outcome| self.variance(line, reports, outcome, split);
        let outcome = measured.iter().filter_map(|r| self.outcome(r)).sum();
        let mut variance = Variance::default();
        if !measured.is_empty() {
            variance = variance + part(&measured, Some(outcome));
        }
        if !unmeasured.is_empty() {
            variance = variance + part(&unmeasured, None);
        }
        let spend = self.spend_pace(line);
        let money: f64 = measured.iter().map(|r| r.spend).sum();
        TrackLine {
            name: line.name.clone(),
            tags: line.tags.as_ref().clone(),
            planned: true,
            figures: Figures {
                spend,
                outcome: self.outcome_pace(line, ratio, &spend, &variance),
                variance: variance.into(),
            },
            units: self.units(line),
            price: self.price(line),
            late: self.late(line),
            measured: match () {
                () if measured.len() == self.reported.reports.len() => 1.0,
                () if spend.actual > 0.0 => money / spend.actual,
                () => 0.0,
            },
        }
    }

    /// A line that is not in the plan: what it earned is the effect of
    /// spending on it.
    fn outside(&self) -> TrackLine {
        let reports = &self.reported.reports;
        let spent = reports.iter().map(|r| r.spend).sum();
        let earned: f64 = reports.iter().filter_map(|r| self.outcome(r)).sum();
        let pace = |actual| Pace { plan: 0.0, to_date: 0.0, actual, projected: actual };
        let known = reports.iter().filter(|r| self.outcome(r).is_some());
        let money: f64 = known.map(|r| r.spend).sum();
        let variance = Variance { spend: earned, actual: earned, ..Variance::default() };
        TrackLine {
            name: self.reported.name.clone(),
            tags: Default::default(),
            planned: false,
            figures: Figures { spend: pace(spent), outcome: pace(earned), variance: variance.into() },
            units: None,
            price: None,
            late: Vec::new(),
            measured: if spent > 0.0 { money / spent } else { 1.0 },
        }
    }

    fn variance(
        &self,
        line: &ScenarioLine,
        reports: &[&Report],
        outcome: Option<f64>,
        split: Split,
    ) -> Variance {
        Variance::new(split, outcome, |h: Happened| {
            let how = How {
                spent: h.has(Cause::Spend),
                rate: h.has(Cause::Rate),
                quality: h.has(Cause::Quality),
                believed: h.has(Cause::Response),
            };
            self.response(line, reports, how)
        })
    }

    /// The outcome to expect where `reports` are, in the measure: of the money
    /// spent or planned, at the plan's prices or those paid. Of a line that meets
    /// others, what counts to it while the same is true of them.
    fn response(&self, line: &ScenarioLine, reports: &[&Report], how: How) -> f64 {
        let (spent, believed) = (how.spent, self.believed(line, how));
        let ratio = self.price_of(line, how);
        let each = measure_of(believed, self.measure).unwrap_or(0.0);
        if let Some(course) = self.course(line) {
            let path = if spent { course.happened() } else { course.plan.to_vec() };
            return each * course.response(believed, &course.at_price(path, ratio, false), reports);
        }
        let here = self.window(line, reports);
        let x = if spent { reports.iter().map(|r| r.spend).sum() } else { here.planned(line, self.spend) };
        let money = |other: &Happening| match (spent, other.line) {
            (true, _) => reports.iter().map(|r| other.money_beside(r)).sum(),
            (false, Some(line)) => here.planned(line, other.spend),
            (false, None) => 0.0,
        };
        each * self.returned(line, here, x, how, &money)
    }

    /// The line's flight, where it is planned by period.
    pub(crate) fn course<'b>(&'b self, line: &'b ScenarioLine) -> Option<Course<'b>> {
        let (flight, plan) = (line.flight.as_deref()?, self.flight.as_deref()?);
        Some(Course { flight, plan, reports: &self.reported.reports })
    }

    /// Planned spend where reports are.
    fn planned(&self, line: &ScenarioLine, reports: &[&Report]) -> f64 {
        match self.course(line) {
            Some(course) => course.planned(reports),
            None => self.window(line, reports).planned(line, self.spend),
        }
    }

    fn reports(&self) -> Vec<&Report> {
        self.reported.reports.iter().collect()
    }

    fn spend_pace(&self, line: &ScenarioLine) -> Pace {
        let reports = self.reports();
        let to_date = self.planned(line, &reports);
        let actual: f64 = reports.iter().map(|r| r.spend).sum();
        let covered = self.window(line, &reports);
        let left = match () {
            () if self.flight.is_some() => (self.spend - to_date).max(0.0),
            () if covered.is_empty() => self.spend,
            () => covered.left(line).planned(line, self.spend),
        };
        let pace = if to_date > 0.0 { actual / to_date } else { 1.0 };
        Pace { plan: self.spend, to_date, actual, projected: actual + left * pace }
    }

    fn outcome_pace(&self, line: &ScenarioLine, ratio: Ratio, spend: &Pace, variance: &Variance) -> Pace {
        let (reports, believed) = (self.reports(), self.now.unwrap_or(line));
        let price = ratio.rate * ratio.quality;
        let pace = |plan: f64, rest: f64| Pace {
            plan: plan * measure_of(line, self.measure).unwrap_or(0.0),
            to_date: variance.plan,
            actual: variance.actual,
            projected: variance.actual + rest * measure_of(believed, self.measure).unwrap_or(0.0),
        };
        if let Some(course) = self.course(line) {
            let ahead = course.ahead(spend.pace().unwrap_or(1.0));
            let rest = course.rest(believed, &course.at_price(ahead, price, true), &reports);
            return pace(course.outcomes(line, course.plan).iter().sum(), rest);
        }
        let covered = self.window(line, &reports);
        let left = covered.left(line);
        if self.web.is_some() {
            let all = Window::whole(line, 1.0);
            let planned = |other: &Happening| other.spend;
            let ahead = |other: &Happening| {
                let pace = other.line.map(|line| other.spend_pace(line));
                pace.map_or(0.0, |pace| pace.projected - pace.actual)
            };
            let (plan, now) =
                (How::default(), How { spent: true, rate: true, quality: true, believed: true });
            let plan = self.returned(line, all, self.spend, plan, &planned);
            let rest = self.returned(line, left, spend.projected - spend.actual, now, &ahead);
            return pace(plan, if left.is_empty() { 0.0 } else { rest });
        }
        let money = left.at_price(believed, spend.projected - spend.actual, price);
        let rest = if left.is_empty() { 0.0 } else { left.response(believed, money) };
        pace(line.curve.value(self.spend), rest)
    }

    /// The reported outcome in the measure, converted where only the other
    /// one is reported.
    pub(crate) fn outcome(&self, report: &Report) -> Option<f64> {
        let (own, other, from) = match self.measure {
            Measure::Revenue => (report.revenue, report.customers, Measure::Customers),
            Measure::Customers => (report.customers, report.revenue, Measure::Revenue),
        };
        own.or_else(|| {
            let line = self.line?;
            let (to, from) = (measure_of(line, self.measure)?, measure_of(line, from)?);
            crate::plan::earned::finite(other? * to / from)
        })
    }

    fn units(&self, line: &ScenarioLine) -> Option<UnitTrack> {
        let media = line.media.as_ref()?;
        let counted: Vec<&Report> = self.reported.reports.iter().filter(|r| r.units.is_some()).collect();
        let list = self.list_money(line, &counted, |r| self.planned(line, &[r]));
        (!counted.is_empty()).then(|| UnitTrack {
            unit: media.unit.clone(),
            to_date: list * media.units_per_spend / planned_seen(media),
            actual: counted.iter().filter_map(|r| r.units).sum(),
        })
    }

    fn price(&self, line: &ScenarioLine) -> Option<PriceTrack> {
        let media = line.media.as_ref()?;
        let Ratio { rate, quality } = self.ratio(line)?;
        let planned = media.effective_price;
        Some(PriceTrack { planned, paid: planned * rate * quality, rate, quality })
    }

    /// Periods up to the last one reported by anyone, in which the line has
    /// money and no report.
    fn late(&self, line: &ScenarioLine) -> Vec<String> {
        let whole = self.reported.reports.iter().any(|r| r.period.is_none());
        let Some(through) = self.through.filter(|_| !whole) else { return Vec::new() };
        let all = self.periods.iter().enumerate().take(through + 1);
        let (flown, over) =
            (line.flight.as_ref().map_or(0, |f| f.past.len()), line.past.map_or(0.0, |p| p.share));
        let missing = all.filter(|(index, _)| {
            let (from, count) = (*index as f64, self.periods.len() as f64);
            // A plan that was planned again knows its past.
            if *index < flown || (from + 1.0) / count <= over + 1e-9 {
                return false;
            }
            let planned = match &self.flight {
                Some(flight) => flight.get(*index).copied().unwrap_or(0.0),
                None => Window::new(line, from / count, (from + 1.0) / count).planned(line, self.spend),
            };
            planned > 0.0 && self.report(*index).is_none()
        });
        missing.map(|(_, period)| period.name.clone()).collect()
    }

    fn report(&self, period: usize) -> Option<&Report> {
        self.reported.reports.iter().find(|r| r.period == Some(period))
    }

    /// Adds the line's figures of one period.
    pub(crate) fn add_period(&self, index: usize, row: &mut PeriodTrack) {
        let Some(report) = self.report(index) else {
            let name = self.periods.get(index).map(|p| &p.name);
            if let (Some(line), Some(name)) = (self.line, name)
                && self.late(line).contains(name)
            {
                row.late.push(line.name.clone());
            }
            return;
        };
        row.spend += report.spend;
        let outcome = self.outcome(report);
        row.outcome += outcome.unwrap_or(0.0);
        if let Some(line) = self.line {
            row.spend_plan += self.planned(line, &[report]);
            if outcome.is_some() {
                row.outcome_plan += self.response(line, &[report], How::default());
            }
        }
    }
}
