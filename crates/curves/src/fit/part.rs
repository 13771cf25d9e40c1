//! One channel's part of a model.

use super::adstock::Carry;
use super::shape::Family;
use super::{Channel, LiftTest};

/// One channel's part of the model, in units of its level.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Mean spend over the periods in which it spends.
    pub(crate) level: f64,
    /// Level over mean outcome.
    pub(super) size: f64,
    pub(crate) spend: Vec<f64>,
    /// Spend before the first period; one for each market of a panel.
    pub(crate) before: Vec<f64>,
    pub(crate) carry: Carry,
    pub(super) tests: Vec<Test>,
    /// Position of its first parameter.
    pub(super) first: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) control: f64,
    pub(super) change: f64,
    pub(super) periods: usize,
    pub(super) lift: f64,
    pub(super) standard_error: f64,
    pub(super) used: bool,
}

impl Part {
    /// Positions of marginal return, half-saturation, retention and exponent.
    pub(super) fn slots(&self, family: Family) -> [Option<usize>; 4] {
        let carries = usize::from(self.carry != Carry::None);
        [
            Some(self.first),
            Some(self.first + 1),
            (carries == 1).then_some(self.first + 2),
            family.is_hill().then_some(self.first + 2 + carries),
        ]
    }

    pub(super) fn of(c: &Channel, carry: Carry, outcome_mean: f64, tests: &[LiftTest], first: usize) -> Part {
        let volume = c.volume();
        let level = level(&volume);
        let spend: Vec<f64> = volume.iter().map(|x| x / level).collect();
        let before = vec![before(&spend)];
        let test = |t: &LiftTest| Test {
            control: t.spend / level,
            change: t.delta / level,
            periods: t.periods,
            lift: t.lift / outcome_mean,
            standard_error: t.standard_error / outcome_mean,
            used: true,
        };
        let tests = tests.iter().filter(|t| t.channel == c.name).map(test).collect();
        let size = level / outcome_mean;
        Part { name: c.name.clone(), level, size, spend, before, carry, tests, first }
    }

    /// Whether a test of it came out clearly below nothing.
    pub(crate) fn tested_negative(&self) -> bool {
        self.negative_test(1.0).is_some()
    }

    /// Lift per unit of spend, and its standard error, of the test that came
    /// out farthest below nothing, if clearly so.
    pub(crate) fn negative_test(&self, outcome_mean: f64) -> Option<(f64, f64)> {
        const CLEAR: f64 = -1.645;
        let z = |t: &Test| t.lift * t.change.signum() / t.standard_error;
        let worst = self.tests.iter().min_by(|a, b| z(a).total_cmp(&z(b))).filter(|t| z(t) < CLEAR)?;
        let unit = outcome_mean / (worst.change * self.level * worst.periods as f64);
        Some((worst.lift * unit, worst.standard_error * unit.abs()))
    }

    /// Number of lift tests.
    pub(crate) fn tests(&self) -> usize {
        self.tests.len()
    }
}

/// What was spent before the first period, if anything was at first: the mean of
/// half a year of weeks, for what a long memory keeps is no matter of the first few.
fn before(spend: &[f64]) -> f64 {
    const FIRST: usize = 8;
    const LONG: usize = 26;
    if spend.iter().take(FIRST).all(|x| *x == 0.0) {
        return 0.0;
    }
    let start = &spend[..spend.len().min(LONG)];
    start.iter().sum::<f64>() / start.len() as f64
}

/// Mean over the periods that spend; what is below a hundredth of the largest
/// spend is a remainder, not a flight.
pub(super) fn level(volume: &[f64]) -> f64 {
    let least = 0.01 * volume.iter().copied().fold(0.0, f64::max);
    let (sum, count) = volume.iter().filter(|x| **x > least).fold((0.0, 0.0), |(s, n), x| (s + x, n + 1.0));
    if count > 0.0 { sum / count } else { f64::MIN_POSITIVE }
}
