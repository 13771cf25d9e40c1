//! The data of a fit: spend, outcomes and controls by period.

use super::FitError;

/// What a team has: spend per channel and outcomes, one value per period, all
/// of the same length and without gaps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Periods per year: 365.25, 52.18, 12 and so on. Sets the seasonality.
    pub periods_per_year: f64,
    /// Position of the first period within the year, as a fraction of it.
    pub year_fraction: f64,
    /// Channels with their spend.
    pub channels: Vec<Channel>,
    /// The outcome of all channels together; `None` if each has its own.
    pub outcome: Option<Vec<f64>>,
    /// Whether outcomes are money in the currency of the spend.
    pub outcome_is_money: bool,
    /// Everything else that moves the outcome: prices, competitors, events.
    pub controls: Vec<Control>,
    /// Periods whose outcome is not to be explained, by number from 0: gaps,
    /// closures, errors of the record. Spend in them carries over as ever.
    pub left_out: Vec<usize>,
}

/// One channel's spend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Channel {
    /// Its name, as in the plan.
    pub name: String,
    /// Spend per period, finite and at least 0.
    pub spend: Vec<f64>,
    /// What the spend bought, where that was counted: impressions, rating
    /// points, clicks. The effect then runs through it, and spend is money at
    /// the mean price, so that a dearer period is not read as a weaker one.
    pub exposure: Option<Vec<f64>>,
    /// What is believed of the carry-over, where someone says so.
    pub half_life: Option<HalfLife>,
    /// Its own incremental or attributed outcome per period.
    pub outcome: Option<Vec<f64>>,
    /// Incremental over attributed outcome, where a study has measured it.
    pub incrementality: Option<Incrementality>,
}

/// Incremental outcome per attributed outcome, with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incrementality {
    /// The factor, above 0.
    pub factor: f64,
    /// Its standard error, at least 0.
    pub standard_error: f64,
}

/// What is believed of a channel's half-life, in periods: half of an effect
/// works after it at the latest, with 90% probability between the two ends.
/// Retention is `0.5^(1 / half-life)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HalfLife {
    /// Shortest, above 0.
    pub low: f64,
    /// Longest, above `low`.
    pub high: f64,
}

/// A control variable; its effect is linear and of either sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its name.
    pub name: String,
    /// One finite value per period.
    pub values: Vec<f64>,
}

/// A measured experiment: spend changed by `delta` per period over `periods`
/// periods, and the outcome of the window changed by `lift` in total.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiftTest {
    /// The channel tested.
    pub channel: String,
    /// Its first period in the history, from 0, where the history holds its
    /// window: these periods are then left to the test, and count once.
    pub first: Option<usize>,
    /// Length of the window, in periods of the history.
    pub periods: usize,
    /// Spend per period without the change.
    pub spend: f64,
    /// Change of spend per period; `-spend` goes dark.
    pub delta: f64,
    /// Measured change of the outcome over the window, of either sign.
    pub lift: f64,
    /// Standard error of `lift`, above 0.
    pub standard_error: f64,
}

impl Channel {
    /// What works in every period: exposure at the mean price where it was
    /// counted, otherwise spend.
    pub fn volume(&self) -> Vec<f64> {
        match (&self.exposure, self.price()) {
            (Some(exposure), Some(price)) => exposure.iter().map(|e| e * price).collect(),
            _ => self.spend.clone(),
        }
    }

    /// Mean price of an exposure: all spend over all of it.
    pub fn price(&self) -> Option<f64> {
        let bought = self.exposure.as_ref()?.iter().sum::<f64>();
        let price = self.spend.iter().sum::<f64>() / bought;
        (price.is_finite() && price > 0.0).then_some(price)
    }

    /// Price over the last quarter of the history.
    pub fn latest_price(&self) -> Option<f64> {
        let exposure = self.exposure.as_ref()?;
        let last = |values: &[f64]| values.iter().skip(values.len() - values.len() / 4).sum::<f64>();
        let price = last(&self.spend) / last(exposure);
        (price.is_finite() && price > 0.0).then_some(price)
    }
}

impl History {
    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.channels.first().map_or(0, |c| c.spend.len())
    }

    /// Whether periods are days, so that the day of the week counts.
    pub fn is_daily(&self) -> bool {
        self.periods_per_year > 300.0
    }

    /// 1 for periods whose outcome counts, 0 for those left out or left to a lift
    /// test of one of the channels, unless tests cover more than a third.
    pub(crate) fn counted(&self, which: &[usize], tests: &[LiftTest]) -> Vec<f64> {
        let n = self.periods();
        let mut counted = vec![1.0; n];
        let mut tested = vec![false; n];
        for t in tests.iter().filter(|t| which.iter().any(|&i| self.channels[i].name == t.channel)) {
            let first = t.first.unwrap_or(n).min(n);
            tested[first..(first + t.periods).min(n)].fill(true);
        }
        if 3 * tested.iter().filter(|t| **t).count() <= n {
            counted.iter_mut().zip(&tested).for_each(|(c, t)| *c = f64::from(u8::from(!t)));
        }
        self.left_out.iter().filter(|t| **t < n).for_each(|&t| counted[t] = 0.0);
        counted
    }

    /// The first `periods` periods.
    pub fn first(&self, periods: usize) -> History {
        let cut = |values: &[f64]| values.iter().take(periods).copied().collect::<Vec<f64>>();
        let channel = |c: &Channel| Channel {
            spend: cut(&c.spend),
            exposure: c.exposure.as_deref().map(cut),
            outcome: c.outcome.as_deref().map(cut),
            name: c.name.clone(),
            half_life: c.half_life,
            incrementality: c.incrementality,
        };
        let control = |c: &Control| Control { name: c.name.clone(), values: cut(&c.values) };
        History {
            channels: self.channels.iter().map(channel).collect(),
            outcome: self.outcome.as_deref().map(cut),
            controls: self.controls.iter().map(control).collect(),
            left_out: self.left_out.iter().copied().filter(|t| *t < periods).collect(),
            ..*self
        }
    }

    /// Checks lengths and numbers.
    pub(crate) fn check(&self) -> Result<(), FitError> {
        let periods = self.periods();
        if periods < FitError::FEWEST_PERIODS {
            return Err(FitError::TooShort { periods });
        }
        let series = |name: &str, values: &[f64], lowest: f64| {
            if values.len() != periods {
                return Err(FitError::Length { series: name.into(), length: values.len(), periods });
            }
            match values.iter().position(|v| !(v.is_finite() && *v >= lowest)) {
                Some(period) => Err(FitError::Value { series: name.into(), period, value: values[period] }),
                None => Ok(()),
            }
        };
        for c in &self.channels {
            series(&c.name, &c.spend, 0.0)?;
            if c.spend.iter().all(|&x| x == 0.0) {
                return Err(FitError::NoSpend { channel: c.name.clone() });
            }
            if let Some(exposure) = &c.exposure {
                series(&c.name, exposure, 0.0)?;
            }
            if let Some(h) = c.half_life.filter(|h| !(h.low > 0.0 && h.high > h.low && h.high.is_finite())) {
                return Err(FitError::HalfLife { channel: c.name.clone(), low: h.low, high: h.high });
            }
            match (&c.outcome, &self.outcome) {
                (Some(y), _) => series(&c.name, y, 0.0)?,
                (None, Some(_)) => {}
                (None, None) => return Err(FitError::NoOutcome { channel: c.name.clone() }),
            }
            if let Some(i) = c.incrementality {
                let sound = i.factor.is_finite() && i.factor > 0.0 && i.standard_error >= 0.0;
                if !(sound && i.standard_error.is_finite()) {
                    return Err(FitError::Incrementality { channel: c.name.clone() });
                }
            }
        }
        if let Some(y) = &self.outcome {
            series("outcome", y, f64::MIN)?;
            let left: Vec<&f64> =
                y.iter().enumerate().filter(|(t, _)| !self.left_out.contains(t)).map(|(_, y)| y).collect();
            if left.len() < FitError::FEWEST_PERIODS {
                return Err(FitError::TooShort { periods: left.len() });
            }
            if left.into_iter().sum::<f64>() <= 0.0 {
                return Err(FitError::NoOutcome { channel: "all channels".into() });
            }
        }
        for c in &self.controls {
            series(&c.name, &c.values, f64::MIN)?;
        }
        Ok(())
    }
}

impl LiftTest {
    /// Checks the numbers and that the channel exists.
    pub(crate) fn check(&self, index: usize, history: &History) -> Result<(), FitError> {
        let wrong = |field| Err(FitError::LiftTest { index, channel: self.channel.clone(), field });
        if !history.channels.iter().any(|c| c.name == self.channel) {
            return Err(FitError::UnknownChannel { index, channel: self.channel.clone() });
        }
        if !(self.periods > 0 && self.periods <= 10_000) {
            return wrong("window");
        }
        if !(self.spend.is_finite() && self.spend >= 0.0) {
            return wrong("spend");
        }
        if !(self.delta.is_finite() && self.delta != 0.0 && self.spend + self.delta >= 0.0) {
            return wrong("delta_spend");
        }
        if !self.lift.is_finite() {
            return wrong("lift");
        }
        if !(self.standard_error.is_finite() && self.standard_error > 0.0) {
            return wrong("standard_error");
        }
        Ok(())
    }
}
