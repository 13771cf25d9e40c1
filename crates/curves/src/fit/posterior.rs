//! What a fit returns: curves of all channels and how well they explain the
//! outcome.

use super::quantile::quantile;
use super::{Adstock, Convergence, Family, HoldOut, Meeting, Met, Parameters, TestedLift, Warning};

/// Curves of all channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// One entry per channel, in the history's order.
    pub channels: Vec<ChannelFit>,
    /// How well outcomes are explained: one entry if the channels explain a
    /// total, otherwise one per channel.
    pub outcomes: Vec<Outcome>,
    /// Lift tests beside what everything else expects of them.
    pub tests: Vec<TestedLift>,
    /// How channels meet, where that was asked.
    pub meeting: Option<MeetingFit>,
}

impl Fit {
    /// Whether the channels explain one outcome together.
    pub fn is_joint(&self) -> bool {
        self.outcomes.len() == 1 && self.outcomes[0].joint
    }

    /// How well the outcome is explained that channel `i` works on.
    pub fn outcome_of(&self, i: usize) -> Option<&Outcome> {
        self.outcomes.get(if self.is_joint() { 0 } else { i })
    }
}

/// How well one outcome is explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether several channels and a baseline explain it.
    pub joint: bool,
    /// Families tried, best first.
    pub models: Vec<ModelScore>,
    /// Error on periods the fit did not see; `None` if there are too few.
    pub hold_out: Option<HoldOut>,
    /// How far the draws can be trusted.
    pub convergence: Convergence,
    /// Share of the draws in which channels earned more than the whole outcome,
    /// so that nothing is left for a baseline; they are dropped unless they are
    /// most.
    pub beyond: f64,
    /// Probability of the data if all responses were straight lines, over that
    /// under the best family of diminishing returns; `None` if not compared.
    pub lines: Option<f64>,
}

/// What the data say of one family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelScore {
    /// The family.
    pub family: Family,
    /// Corrected Akaike criterion (smaller is better).
    pub aicc: f64,
    /// Root mean square error over mean outcome of the last periods, predicted
    /// without having seen them.
    pub ahead: Option<f64>,
    /// Probability of the family given the data, all families equal before;
    /// the share of draws it gets.
    pub weight: f64,
}

/// What a history says of a meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct MeetingFit {
    /// What was asked.
    pub meeting: Meeting,
    /// Probability of the data if they meet over that if they do not.
    pub odds: f64,
    /// One entry per draw of every channel's curve.
    pub draws: Vec<Met>,
    /// [`Met::share`] over all draws, those without a meeting included.
    pub share: Interval,
    /// [`Met::share`] over the draws with a meeting; `None` where the history
    /// leaves too few.
    pub given: Option<Interval>,
    /// [`Met::made`] over all draws.
    pub made: Interval,
    /// Part of what is known of the number, if they meet, that is the data's;
    /// the rest is what was believed before.
    pub learnt: f64,
    /// What the members earn a period as usual (audience), or the harvesters
    /// (pool): the constants that [`Met::number`] is relative to.
    pub usual: f64,
    /// The same of those that make demand.
    pub making: f64,
    /// Errors on periods unseen, with the meeting and without.
    pub hold_out: Option<(HoldOut, HoldOut)>,
}

/// What a history lets one say of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It tells that they meet.
    Meet,
    /// It does not tell the meeting apart from none.
    Silent,
    /// It tells that they do not meet, or too little to matter.
    Apart,
}

impl MeetingFit {
    /// Odds from which something is said to be told.
    pub const CLEAR: f64 = 10.0;

    /// What may be said.
    pub fn verdict(&self) -> Verdict {
        match self.odds {
            odds if odds >= Self::CLEAR => Verdict::Meet,
            odds if odds <= 1.0 / Self::CLEAR => Verdict::Apart,
            _ => Verdict::Silent,
        }
    }

    /// Probability that they meet, even before.
    pub fn probability(&self) -> f64 {
        if self.odds.is_finite() { self.odds / (1.0 + self.odds) } else { 1.0 }
    }
}

/// One channel's curve.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelFit {
    /// The channel.
    pub name: String,
    /// The central curve: posterior medians within the most probable family.
    pub central: Parameters,
    /// The curve to plan with: it follows the mean slope over the draws.
    pub expected: Parameters,
    /// Draws from the posterior.
    pub draws: Vec<Parameters>,
    /// Adstock of every period and the outcome left to this channel: what it
    /// is fitted to earn plus the residual.
    pub points: Vec<(f64, f64)>,
    /// Spend per period, exposure counted as money at its mean price.
    pub spend: Vec<f64>,
    /// Spend per period before the first.
    pub before: f64,
    /// What the marginal return rests on.
    pub rests: Rests,
    /// What a careful analyst would say.
    pub warnings: Vec<Warning>,
}

impl ChannelFit {
    /// Median and interval of a figure over the draws.
    pub fn interval(&self, level: f64, figure: impl Fn(&Parameters) -> f64) -> Interval {
        Interval::of(self.draws.iter().map(figure), level)
    }

    /// Interval of the marginal return at `spend` per period.
    pub fn marginal(&self, spend: f64, level: f64) -> Interval {
        self.interval(level, |p| p.curve().map_or(f64::NAN, |c| c.marginal(spend)))
    }

    /// Interval of the response to `spend` per period.
    pub fn response(&self, spend: f64, level: f64) -> Interval {
        self.interval(level, |p| p.curve().map_or(f64::NAN, |c| c.value(spend)))
    }

    /// Interval of what all spend of the history earned per unit of it, as it
    /// was spent, flights and pauses included.
    pub fn achieved(&self, level: f64) -> Interval {
        const DRAWS: usize = 400;
        let money = self.spend.iter().sum::<f64>();
        let step = self.draws.len().div_ceil(DRAWS).max(1);
        let earned = |p: &Parameters| p.earned(&self.spend, self.before).iter().sum::<f64>() / money;
        Interval::of(self.draws.iter().step_by(step).map(earned), level)
    }

    /// Whether returns rise, so that an average says nothing of any plan.
    pub fn rises(&self) -> bool {
        self.warnings.iter().any(|w| matches!(w, Warning::RisingReturns { .. }))
    }

    /// Share of the periods that spend.
    pub fn active(&self) -> f64 {
        let least = 0.01 * self.spend.iter().copied().fold(0.0, f64::max);
        self.spend.iter().filter(|x| **x > least).count() as f64 / self.spend.len().max(1) as f64
    }

    /// The central curve's carry-over.
    pub fn adstock(&self) -> Adstock {
        self.central.carry.with(self.central.retention)
    }
}

/// Shares, of all that is known of the marginal return, that history, lift
/// tests and the prior bring; they sum to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rests {
    /// The history.
    pub history: f64,
    /// Lift tests.
    pub tests: f64,
    /// What was believed before.
    pub prior: f64,
}

impl Rests {
    /// From variances of the logarithm: of the prior, with history, and with
    /// tests as well.
    pub(crate) fn of(prior: f64, history: f64, all: f64) -> Rests {
        let known = [prior, history, all].map(|v| 1.0 / v.max(f64::MIN_POSITIVE));
        let most = known[1].max(known[0]).max(known[2]);
        let (believed, seen) = (known[0] / most, known[1].max(known[0]) / most);
        Rests { prior: believed, history: seen - believed, tests: 1.0 - seen }
    }
}

/// A median between two quantiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Half the draws lie below.
    pub median: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Median and central interval of finite values.
    pub(crate) fn of(values: impl Iterator<Item = f64>, level: f64) -> Interval {
        let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let tail = 0.5 * (1.0 - level);
        let [low, median, high] = [tail, 0.5, 1.0 - tail].map(|q| quantile(&values, q));
        Interval { low, median, high }
    }
}
