//! A flight against what happened: with carry-over, what a period earns depends
//! on the spend of those before it.

use crate::model::flight::Flight;
use crate::model::scenario::ScenarioLine;
use crate::plan::layout::per_period;
use crate::quarter::actuals::Report;

/// A line planned by period, and its reports.
pub(crate) struct Course<'a> {
    pub(crate) flight: &'a Flight,
    /// Planned spend of each period.
    pub(crate) plan: &'a [f64],
    pub(crate) reports: &'a [Report],
}

impl Course<'_> {
    fn planned_in(&self, period: usize) -> f64 {
        self.plan.get(period).copied().unwrap_or(0.0)
    }

    /// Planned for what reports cover.
    pub(crate) fn planned(&self, reports: &[&Report]) -> f64 {
        reports.iter().filter_map(|r| Some(r.complete * self.planned_in(r.period?))).sum()
    }

    /// Spend by period: as it happened where it is reported, else as planned.
    pub(crate) fn happened(&self) -> Vec<f64> {
        let mut path = self.plan.to_vec();
        for report in self.reports {
            if let Some(spend) = report.period.and_then(|p| path.get_mut(p)) {
                *spend = report.spend + (1.0 - report.complete) * *spend;
            }
        }
        path
    }

    /// The same with what is not reported at a pace.
    pub(crate) fn ahead(&self, pace: f64) -> Vec<f64> {
        let mut path = self.happened();
        for (t, spend) in path.iter_mut().enumerate() {
            let report = self.reports.iter().find(|r| r.period == Some(t));
            let left = report.map_or(1.0, |r| 1.0 - r.complete) * self.planned_in(t);
            *spend += (pace - 1.0) * left;
        }
        path
    }

    /// Money that buys at the plan's prices what `path` buys when every unit
    /// costs `ratio` times as much in the periods that are reported, and from
    /// the last of them on.
    pub(crate) fn at_price(&self, mut path: Vec<f64>, ratio: f64, from_now_on: bool) -> Vec<f64> {
        let last = self.reports.iter().filter_map(|r| r.period).max();
        for (t, spend) in path.iter_mut().enumerate() {
            let reported = self.reports.iter().any(|r| r.period == Some(t));
            if reported || (from_now_on && last.is_some_and(|last| t > last)) {
                *spend /= ratio;
            }
        }
        path
    }

    /// Outcome of a path by period, those after the horizon at the end; in
    /// units of the line's curve, what earlier spend still earns left out. What
    /// an earlier re-plan knows as measured is so, whatever curve is believed in.
    pub(crate) fn outcomes(&self, believed: &ScenarioLine, path: &[f64]) -> Vec<f64> {
        let mut outcomes = self.by_curve(believed, path);
        if self.flight.is_measured() {
            let planned = self.by_curve(believed, self.plan);
            for ((t, outcome), planned) in outcomes.iter_mut().enumerate().zip(planned) {
                *outcome += self.flight.counted(t, planned) - planned;
            }
        }
        outcomes
    }

    /// The same by the curve alone.
    pub(crate) fn by_curve(&self, believed: &ScenarioLine, path: &[f64]) -> Vec<f64> {
        let flight = believed.flight.as_deref().unwrap_or(self.flight);
        let curve = per_period(believed, flight.periods());
        let stocks = flight.stocks(path);
        let each = stocks.iter().zip(&flight.opening).enumerate();
        each.map(|(t, (&stock, &opening))| {
            let left = if opening > 0.0 { curve.value(opening) } else { 0.0 };
            flight.demand_at(t) * (curve.value(stock) - left)
        })
        .collect()
    }

    /// Outcome in what reports cover.
    pub(crate) fn response(&self, believed: &ScenarioLine, path: &[f64], reports: &[&Report]) -> f64 {
        let outcomes = self.outcomes(believed, path);
        let of = |r: &&Report| r.period.and_then(|p| outcomes.get(p)).map(|o| o * r.complete);
        reports.iter().filter_map(of).sum()
    }

    /// Outcome of the whole path, after the horizon included, but for what
    /// reports cover.
    pub(crate) fn rest(&self, believed: &ScenarioLine, path: &[f64], reports: &[&Report]) -> f64 {
        self.outcomes(believed, path).iter().sum::<f64>() - self.response(believed, path, reports)
    }
}
