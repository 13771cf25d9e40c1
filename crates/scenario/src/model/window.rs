//! A line over part of its horizon: what was planned there, and what its
//! curve expects of money spent there.
//!
//! A plan for the horizon as a whole is spread evenly over its periods, so a
//! share `s` of the horizon has the curve `s F(x / s)`. A line with a past
//! (see [`Past`](crate::model::scenario::Past)) is spread evenly over the past and
//! over the rest, each on its own.

use outlay_curves::Curve;

use crate::model::scenario::ScenarioLine;

/// A part of the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Window {
    /// Share of the line's past that lies in it.
    past: f64,
    /// Share of the rest of the horizon that lies in it.
    rest: f64,
}

impl Window {
    /// The stretch from `from` to `to`, both shares of the horizon.
    pub(crate) fn new(line: &ScenarioLine, from: f64, to: f64) -> Self {
        let over = line.past.map_or(0.0, |p| p.share);
        let within = |low: f64, high: f64| (to.min(high) - from.max(low)).max(0.0);
        let share = |length: f64, whole: f64| if whole > 0.0 { (length / whole).min(1.0) } else { 0.0 };
        Window { past: share(within(0.0, over), over), rest: share(within(over, 1.0), 1.0 - over) }
    }

    /// The whole horizon but for a fraction that has no figures.
    pub(crate) fn whole(line: &ScenarioLine, complete: f64) -> Self {
        let past = if line.past.is_some() { complete } else { 0.0 };
        Window { past, rest: complete }
    }

    /// Two parts together.
    pub(crate) fn and(self, other: Window) -> Self {
        Window { past: (self.past + other.past).min(1.0), rest: (self.rest + other.rest).min(1.0) }
    }

    /// What is left of the horizon.
    pub(crate) fn left(self, line: &ScenarioLine) -> Self {
        let past = if line.past.is_some() { 1.0 - self.past } else { 0.0 };
        Window { past, rest: 1.0 - self.rest }
    }

    /// True if nothing of the horizon lies in it.
    pub(crate) fn is_empty(self) -> bool {
        self.past <= 0.0 && self.rest <= 0.0
    }

    /// What a line that is planned to spend `spend` over the horizon spends
    /// here.
    pub(crate) fn planned(self, line: &ScenarioLine, spend: f64) -> f64 {
        let before = line.past.map_or(0.0, |p| p.spend);
        self.before(line) + self.rest * (spend - before)
    }

    /// The curve's outcome of spending `x` here.
    pub(crate) fn response(self, line: &ScenarioLine, x: f64) -> f64 {
        let (spent, earned) = match line.past {
            Some(past) => (self.before(line), self.past * past.outcome),
            None => (0.0, 0.0),
        };
        let ahead = ahead(line);
        if self.rest <= 0.0 {
            // Within the past the plan holds one point, and a line through it.
            return if spent > 0.0 { earned * (x / spent) } else { earned };
        }
        earned + ahead.stretched(self.rest, self.rest).value((x - spent).max(0.0))
    }

    /// What the curve returns by itself where `x` is spent here, on the scale of
    /// all that is left; of a line that meets others.
    pub(crate) fn own(self, line: &ScenarioLine, x: f64) -> f64 {
        if self.rest <= 0.0 { 0.0 } else { ahead(line).value((x - self.before(line)).max(0.0) / self.rest) }
    }

    /// Share of what is left of the horizon that lies in it.
    pub(crate) fn rest(self) -> f64 {
        self.rest
    }

    /// Money at the plan's prices that buys what `x` buys, in units at list
    /// price.
    pub(crate) fn list_money(self, line: &ScenarioLine, x: f64) -> f64 {
        match ahead(line) {
            Curve::Tiered(tiered) if self.rest > 0.0 => tiered.stretched(self.rest, self.rest).effective(x),
            _ => x,
        }
    }

    /// Spend that buys what `x` buys when every unit costs `ratio` times as
    /// much. What is past was bought at the prices of its day.
    pub(crate) fn at_price(self, line: &ScenarioLine, x: f64, ratio: f64) -> f64 {
        let before = self.before(line);
        if x <= before || self.rest <= 0.0 && before > 0.0 {
            return x;
        }
        let further = match ahead(line) {
            Curve::Tiered(tiered) if self.rest > 0.0 => {
                let here = tiered.stretched(self.rest, self.rest);
                here.spend_for(here.effective(x - before) / ratio)
            }
            _ => (x - before) / ratio,
        };
        before + further
    }

    /// What the line's past holds of it: money spent, and what it earned.
    pub(crate) fn known(self, line: &ScenarioLine) -> (f64, f64) {
        (self.before(line), self.past * line.past.map_or(0.0, |p| p.outcome))
    }

    fn before(self, line: &ScenarioLine) -> f64 {
        self.past * line.past.map_or(0.0, |p| p.spend)
    }
}

/// The curve over the horizon, or over what is left of it after a past.
fn ahead(line: &ScenarioLine) -> &Curve {
    match &line.curve {
        Curve::Resumed(resumed) => resumed.rest(),
        curve => curve,
    }
}
