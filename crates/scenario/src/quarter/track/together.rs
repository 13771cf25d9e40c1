//! Lines that meet, over a part of the horizon: what counts to one of them
//! depends on what the others spend there.

use super::line::Happening;
use crate::model::meeting::Meeting;
use crate::model::scenario::ScenarioLine;
use crate::model::window::Window;
use crate::quarter::actuals::Report;

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
