//! What a line was planned to spend, and what its curve expects, in one period
//! of those that are over; of a plan that was planned again, as it knows its
//! own past.

use crate::files::spec::PastPeriod;
use crate::model::scenario::ScenarioLine;
use crate::model::window::Window;
use crate::quarter::actuals::Report;
use crate::quarter::track::{Happening, How};

/// A line that is planned in total, by period.
pub(super) struct Elapsed<'a> {
    pub(super) happening: &'a Happening<'a>,
    pub(super) line: &'a ScenarioLine,
    /// True where prices are as they were paid.
    pub(super) paid: bool,
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
    /// Where it lies, as shares of the horizon.
    span: (f64, f64),
}

impl Elapsed<'_> {
    fn part(&self, period: usize, (from, to): (f64, f64)) -> Part<'_> {
        let count = self.periods as f64;
        let part = |known, from: f64| {
            let span = (from / count, to.max(from) / count);
            Part { of: self, known, window: Window::new(self.line, span.0, span.1), span }
        };
        let known = self.line.happened.get(period).map(|&(spend, outcome)| PastPeriod { spend, outcome });
        let over = self.line.past.map_or(0.0, |p| p.share) * count;
        match known {
            // What is known of a period stands for all of it that is past.
            Some(_) => part(known, from.max(over)),
            None => part(known, from),
        }
    }

    /// What a report covers.
    pub(super) fn reported(&self, report: &Report) -> Part<'_> {
        match report.period {
            Some(period) => self.part(period, (period as f64, period as f64 + report.complete)),
            None => Part {
                of: self,
                known: None,
                window: Window::whole(self.line, report.complete),
                span: (0.0, report.complete),
            },
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
        let paid = self.of.paid;
        let how = How { spent: true, rate: paid, quality: paid, believed: true };
        let rest = |window: Window, (from, to): (f64, f64), x: f64| {
            let money = |other: &Happening| other.money(from, to);
            self.of.happening.returned(self.of.line, window, x, how, &money)
        };
        match self.known {
            None => rest(self.window, self.span, spend),
            Some(known) if !self.window.is_empty() => {
                known.outcome + rest(self.window, self.span, (spend - known.spend).max(0.0))
            }
            // More or less than was known moves along the curve of a period.
            Some(known) => {
                let count = self.of.periods as f64;
                let last = (1.0 - 1.0 / count, 1.0);
                let one = Window::new(self.of.line, last.0, last.1);
                (known.outcome + rest(one, last, spend) - rest(one, last, known.spend)).max(0.0)
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
