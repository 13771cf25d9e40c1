//! What happened to a line: money, prices, and what the curves return over a
//! part of the horizon; of lines that meet, beside what the others spend there.

use std::rc::Rc;

use super::file::Measure;
use super::window;
use crate::model::calendar::Period;
use crate::model::meeting::Meeting;
use crate::model::scenario::{Media, ScenarioLine};
use crate::model::window::Window;
use crate::quarter::actuals::{LineActuals, Report};

/// One line: its plan, its reports, and the curves believed in then and now.
pub(crate) struct Happening<'a> {
    /// As the plan had it; `None` if it is not in the plan.
    pub(crate) line: Option<&'a ScenarioLine>,
    /// As it is believed in now, where that is otherwise.
    pub(crate) now: Option<&'a ScenarioLine>,
    /// Planned spend over the horizon.
    pub(crate) spend: f64,
    /// Planned spend by period, where it is planned so.
    pub(crate) flight: Option<Vec<f64>>,
    pub(crate) reported: &'a LineActuals,
    pub(crate) periods: &'a [Period],
    pub(crate) through: Option<usize>,
    pub(crate) measure: Measure,
    /// The lines it meets; `None` for a line that meets none.
    pub(crate) web: Option<Rc<Together<'a>>>,
}

/// How prices of what was bought compare with the plan's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio {
    /// Price of a unit over the planned one.
    pub(crate) rate: f64,
    /// Planned share of valid and seen units over what it was.
    pub(crate) quality: f64,
}

/// What of the plan is replaced by what happened, for all lines that meet at
/// once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct How {
    /// Money as spent.
    pub(crate) spent: bool,
    /// Prices as paid.
    pub(crate) rate: bool,
    /// What was bought as it was seen.
    pub(crate) quality: bool,
    /// Curves as believed in now.
    pub(crate) believed: bool,
}

/// The lines of a web, each as what happened to it, by their place in the
/// scenario.
pub(crate) struct Together<'a> {
    pub(crate) meeting: &'a Meeting,
    /// As it is believed in now, where that is otherwise.
    pub(crate) now: Option<&'a Meeting>,
    /// How many lines the scenario has.
    pub(crate) count: usize,
    pub(crate) lines: Vec<(usize, Happening<'a>)>,
}

impl Happening<'_> {
    /// The line as believed in then or now.
    pub(super) fn believed<'b>(&'b self, line: &'b ScenarioLine, how: How) -> &'b ScenarioLine {
        if how.believed { self.now.unwrap_or(line) } else { line }
    }

    /// What is paid for what a unit of money bought in the plan.
    pub(super) fn price_of(&self, line: &ScenarioLine, how: How) -> f64 {
        let ratio = self.ratio(line).filter(|_| how.rate || how.quality);
        ratio.map_or(1.0, |r| {
            (if how.rate { r.rate } else { 1.0 }) * (if how.quality { r.quality } else { 1.0 })
        })
    }

    pub(super) fn window(&self, line: &ScenarioLine, reports: &[&Report]) -> Window {
        let each = reports.iter().map(|r| window(line, r, self.periods.len()));
        each.fold(Window::default(), Window::and)
    }

    /// How prices compare; `None` without a rate or without anything known of
    /// what was bought.
    pub(crate) fn ratio(&self, line: &ScenarioLine) -> Option<Ratio> {
        let media = line.media.as_ref()?;
        let rate = self.bought(line, media).map(|(expected, delivered)| expected / delivered);
        let quality = self.seen(media).map(|seen| planned_seen(media) / seen);
        (rate.is_some() || quality.is_some())
            .then(|| Ratio { rate: rate.unwrap_or(1.0), quality: quality.unwrap_or(1.0) })
    }

    /// Money of reports, at list price: before tiers, and at usual prices where
    /// these differ by period.
    pub(super) fn list_money(
        &self,
        line: &ScenarioLine,
        reports: &[&Report],
        money: impl Fn(&Report) -> f64,
    ) -> f64 {
        match line.flight.as_deref() {
            Some(flight) => {
                let price = |r: &Report| r.period.and_then(|p| flight.price.get(p)).copied().unwrap_or(1.0);
                reports.iter().map(|r| money(r) / price(r)).sum()
            }
            None => self.window(line, reports).list_money(line, reports.iter().map(|r| money(r)).sum()),
        }
    }

    /// Units that the plan's prices would have bought for the money of the
    /// reports with units, and those that it did buy.
    fn bought(&self, line: &ScenarioLine, media: &Media) -> Option<(f64, f64)> {
        let counted: Vec<&Report> =
            self.reported.reports.iter().filter(|r| r.units.is_some() && r.spend > 0.0).collect();
        let delivered: f64 = counted.iter().filter_map(|r| r.units).sum();
        let list = self.list_money(line, &counted, |r| r.spend);
        let expected = list * media.units_per_spend / planned_seen(media);
        (delivered > 0.0 && expected > 0.0 && expected.is_finite()).then_some((expected, delivered))
    }

    /// Share of the units bought that were valid and seen; by units, or by
    /// money where units are not known.
    fn seen(&self, media: &Media) -> Option<f64> {
        let told = |r: &&Report| r.invalid_traffic.is_some() || r.viewability.is_some();
        let told: Vec<&Report> = self.reported.reports.iter().filter(told).collect();
        let by_units = told.iter().all(|r| r.units.is_some());
        let weight = |r: &Report| if by_units { r.units.unwrap_or(0.0) } else { r.spend };
        let share = |r: &Report| {
            (1.0 - r.invalid_traffic.unwrap_or(media.invalid_traffic))
                * r.viewability.unwrap_or(media.viewability)
        };
        let (all, seen) =
            told.iter().fold((0.0, 0.0), |(all, seen), r| (all + weight(r), seen + weight(r) * share(r)));
        crate::plan::earned::finite(seen / all).filter(|&s| s > 0.0)
    }

    /// The outcome of spending `x` in a part of the horizon, in units of the
    /// curve; of a line that meets others, what counts to it while these spend
    /// `money` there.
    pub(crate) fn returned(
        &self,
        line: &ScenarioLine,
        here: Window,
        x: f64,
        how: How,
        money: &dyn Fn(&Happening) -> f64,
    ) -> f64 {
        let believed = self.believed(line, how);
        let bought = |of: &Happening, line: &ScenarioLine, x: f64| {
            here.at_price(of.believed(line, how), x, of.price_of(line, how))
        };
        let Some(web) = self.web.as_ref().filter(|_| here.rest() > 0.0) else {
            return here.response(believed, bought(self, line, x));
        };
        let mut own = vec![0.0; web.count];
        let mut at = 0;
        for (i, other) in &web.lines {
            let Some(line) = other.line else { continue };
            let same = other.reported.name == self.reported.name;
            let spent = if same { x } else { money(other) };
            if same {
                at = *i;
            }
            own[*i] = here.own(other.believed(line, how), bought(other, line, spent));
        }
        let meeting = web.now.filter(|_| how.believed).unwrap_or(web.meeting);
        here.known(believed).1 + here.rest() * meeting.shares(&own)[at]
    }

    /// Money spent where another line's report is: as reported, and as planned
    /// where nothing is.
    pub(crate) fn money_beside(&self, report: &Report) -> f64 {
        let count = self.periods.len() as f64;
        match report.period {
            Some(period) => {
                let from = period as f64 / count;
                self.money(from, from + report.complete / count)
            }
            None => self.money(0.0, report.complete),
        }
    }

    /// Money spent between two moments, shares of the horizon: as reported, and
    /// as planned where nothing is.
    pub(crate) fn money(&self, from: f64, to: f64) -> f64 {
        let Some(line) = self.line else { return 0.0 };
        let reports = &self.reported.reports;
        if let Some(whole) = reports.iter().find(|r| r.period.is_none()) {
            return if whole.complete > 0.0 { whole.spend * (to - from) / whole.complete } else { 0.0 };
        }
        let count = self.periods.len();
        let planned = |from: f64, to: f64| {
            if to > from { Window::new(line, from, to).planned(line, self.spend) } else { 0.0 }
        };
        let mut sum = 0.0;
        for k in 0..count {
            let (start, end) = (k as f64 / count as f64, (k + 1) as f64 / count as f64);
            let (a, b) = (from.max(start), to.min(end));
            if b - a <= 1e-12 {
                continue;
            }
            let report = reports.iter().find(|r| r.period == Some(k) && r.complete > 0.0);
            let until = report.map_or(start, |r| start + r.complete / count as f64);
            let (covered, open) = ((b.min(until) - a).max(0.0), a.max(until));
            sum += report.map_or(0.0, |r| r.spend * covered * count as f64 / r.complete);
            sum += if b - open > 1e-12 { planned(open, b) } else { 0.0 };
        }
        sum
    }
}

pub(super) fn planned_seen(media: &Media) -> f64 {
    (1.0 - media.invalid_traffic) * media.viewability
}
