//! What a line was planned to spend, and what its curve expects, in one period
//! of those that are over; of a plan that was planned again, as it knows its
//! own past.

use crate::files::spec::PastPeriod;
use crate::model::scenario::ScenarioLine;
use crate::model::window::Window;
use crate::quarter::actuals::Report;

/// A line that is planned in total, by period.
pub(super) struct Elapsed<'a> {
    pub(super) line: &'a ScenarioLine,
    /// As it is believed in now.
    pub(super) believed: &'a ScenarioLine,
    /// Prices paid over prices planned.
    pub(super) price: f64,
    /// Planned spend over the horizon.
    pub(super) plan: f64,
    /// How many periods the horizon has.
    pub(super) periods: usize,
}

/// A part of the horizon: what is known of it, and the rest.
pub(super) struct Part<'a> {
    of: &'a Elapsed<'a>,
    known: Option<PastPeriod>,
    window: Window,
}

impl Elapsed<'_> {
    fn part(&self, period: usize, (from, to): (f64, f64)) -> Part<'_> {
        let count = self.periods as f64;
        let window = |from: f64| Window::new(self.line, from / count, to.max(from) / count);
        let known = self.line.happened.get(period).map(|&(spend, outcome)| PastPeriod { spend, outcome });
        let over = self.line.past.map_or(0.0, |p| p.share) * count;
        match known {
            // What is known of a period stands for all of it that is past.
            Some(_) => Part { of: self, known, window: window(from.max(over)) },
            None => Part { of: self, known, window: window(from) },
        }
    }

    /// What a report covers.
    pub(super) fn reported(&self, report: &Report) -> Part<'_> {
        match report.period {
            Some(period) => self.part(period, (period as f64, period as f64 + report.complete)),
            None => Part { of: self, known: None, window: Window::whole(self.line, report.complete) },
        }
    }

    /// What of a period is over and not covered, a fraction of it being.
    pub(super) fn missing(&self, period: usize, covered: f64, share: f64) -> Part<'_> {
        let from = period as f64;
        let to = (from + 1.0).min(share * self.periods as f64);
        let part = self.part(period, (from + covered, to));
        // What is reported stands in place of what was known.
        Part { known: part.known.filter(|_| covered == 0.0), ..part }
    }
}

impl Part<'_> {
    /// Money planned.
    pub(super) fn planned(&self) -> f64 {
        self.known.map_or(0.0, |k| k.spend) + self.window.planned(self.of.line, self.of.plan)
    }

    /// Money that is known to be spent already.
    pub(super) fn known(&self) -> f64 {
        self.known.map_or(0.0, |k| k.spend) + self.window.known(self.of.line).0
    }

    /// What the curve expects of money spent.
    pub(super) fn expected(&self, spend: f64) -> f64 {
        let believed = self.of.believed;
        let rest =
            |window: Window, x: f64| window.response(believed, window.at_price(believed, x, self.of.price));
        match self.known {
            None => rest(self.window, spend),
            Some(known) if !self.window.is_empty() => {
                known.outcome + rest(self.window, (spend - known.spend).max(0.0))
            }
            // More or less than was known moves along the curve of a period.
            Some(known) => {
                let count = self.of.periods as f64;
                let one = Window::new(self.of.line, 1.0 - 1.0 / count, 1.0);
                (known.outcome + rest(one, spend) - rest(one, known.spend)).max(0.0)
            }
        }
    }

    /// Spent and earned as planned.
    pub(super) fn as_planned(&self) -> PastPeriod {
        let spend = self.planned();
        match self.known {
            Some(known) if self.window.is_empty() => known,
            _ if spend <= 0.0 => PastPeriod { spend: 0.0, outcome: 0.0 },
            _ => PastPeriod { spend, outcome: self.expected(spend) },
        }
    }
}
