//! What makes a test doubtful.

use crate::Panel;
use crate::common::Common;
use crate::forecast::Forecast;
use crate::panel::total;
use crate::seen::{Seen, Test};

/// What a careful reader of a test should know.
#[derive(Debug, Clone, PartialEq)]
pub enum Doubt {
    /// Markets without outcome in some periods before the end of the test.
    Zeros {
        /// Market and number of periods.
        markets: Vec<(String, usize)>,
    },
    /// Little time before the test.
    Short {
        /// Periods before it (weeks, where the panel is daily).
        periods: usize,
    },
    /// A market that makes up much of the treated sum.
    Dominant {
        /// Market.
        market: String,
        /// Its share of the treated outcome before the test.
        share: f64,
    },
    /// Controls that moved in the test as they never did before: they may have
    /// been reached by it, or something else happened to them.
    Contaminated {
        /// Market, its own lift relative to what was expected, and that over its
        /// standard error.
        markets: Vec<(String, f64, f64)>,
    },
    /// Spend in the controls moved in the test as well.
    ControlSpend {
        /// Their spend in the test, relative to that before.
        change: f64,
    },
    /// Spend in the treated markets hardly moved.
    Still {
        /// Change relative to what would have been spent.
        change: f64,
    },
}

/// Fewest periods before a test that are enough.
const ENOUGH: usize = 12;

/// Share of the treated sum from which a market dominates it.
const MUCH: f64 = 0.3;

/// Standard errors from which a control's own lift is no chance: among dozens of
/// controls, none is this far off by chance.
const JUMP: f64 = 4.0;

pub(crate) fn doubts(panel: &Panel, test: &Test, seen: &Seen) -> Vec<Doubt> {
    let mut found = Vec::new();
    let zeros = |(i, name): (usize, &String)| {
        let count = (0..test.end.min(panel.periods())).filter(|&t| panel.outcome[(i, t)] == 0.0).count();
        (count > 0).then(|| (name.clone(), count))
    };
    let markets: Vec<(String, usize)> = panel.markets.iter().enumerate().filter_map(zeros).collect();
    if !markets.is_empty() {
        found.push(Doubt::Zeros { markets });
    }
    if seen.before < ENOUGH {
        found.push(Doubt::Short { periods: seen.before });
    }
    let before = |rows: &[usize]| total(&seen.outcome, rows).iter().take(seen.before).sum::<f64>();
    let sum = before(&seen.treated);
    for &i in seen.treated.iter().filter(|_| seen.treated.len() > 1) {
        let share = before(&[i]) / sum;
        if share > MUCH {
            found.push(Doubt::Dominant { market: panel.markets[i].clone(), share });
        }
    }
    let markets = jumps(panel, seen);
    if !markets.is_empty() {
        found.push(Doubt::Contaminated { markets });
    }
    found.extend(spends(panel, test, seen));
    found
}

/// Standard errors from which a control is looked at apart: what all controls
/// have in common holds a little of each, so that its own lift seems smaller.
const SUSPECT: f64 = 2.0;

/// Controls whose own lift is no chance, with that lift, relative, and how many
/// standard errors it is. Each is read against what all controls have in common,
/// and those that stand out against the others alone.
fn jumps(panel: &Panel, seen: &Seen) -> Vec<(String, f64, f64)> {
    let length = seen.series.len() - seen.before;
    let Some(common) = Common::of(&seen.outcome, &seen.controls, seen.before) else { return Vec::new() };
    let lift = |market: usize, read: &Forecast| {
        let series = total(&seen.outcome, &[market]);
        let found = read.beyond(&series[seen.before..]);
        let z = found.value / found.standard_error.max(f64::MIN_POSITIVE);
        (found.value / read.ahead.iter().sum::<f64>(), z)
    };
    let jump = |&market: &usize| {
        let read = Forecast::by(&common, &seen.outcome, &[market], seen.before, length)?;
        if lift(market, &read).1.abs() < SUSPECT {
            return None;
        }
        let others: Vec<usize> = seen.controls.iter().copied().filter(|&j| j != market).collect();
        if others.is_empty() {
            return None;
        }
        let read = Forecast::of(&seen.outcome, (&[market], &others), seen.before, length, 1.0)?;
        let (relative, z) = lift(market, &read);
        (z.abs() > JUMP && relative.abs() > 0.01).then(|| (panel.markets[market].clone(), relative, z))
    };
    seen.controls.iter().filter_map(jump).collect()
}

/// Spend that moved where it should not, or did not where it should.
fn spends(panel: &Panel, test: &Test, seen: &Seen) -> Vec<Doubt> {
    let Some(spend) = &panel.spend else { return Vec::new() };
    let mut found = Vec::new();
    let length = test.end.min(panel.periods()) - test.start;
    let controls = total(spend, &seen.controls);
    let mean = |from: usize, to: usize| controls[from..to].iter().sum::<f64>() / (to - from) as f64;
    let usual = mean(0, test.start);
    let tested = mean(test.start, test.start + length);
    let windows =
        (0..test.start / length).map(|k| mean(test.start - (k + 1) * length, test.start - k * length));
    let (least, most) = windows.fold((f64::INFINITY, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    let change = tested / usual - 1.0;
    if usual > 0.0 && change.abs() > 0.2 && (tested < 0.9 * least || tested > 1.1 * most) {
        found.push(Doubt::ControlSpend { change });
    }
    let lift = crate::estimate::Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 };
    if let Some(moved) = crate::spend::moved(panel, test, seen, &lift) {
        let change = (moved.spent - moved.expected) / moved.expected.max(f64::MIN_POSITIVE);
        if moved.expected > 0.0 && change.abs() < 0.1 {
            found.push(Doubt::Still { change });
        }
    }
    found
}
