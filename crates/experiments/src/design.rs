//! Which markets to treat, for how long, and what such a test would show.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::panel::{mean, total};
use crate::seen::{Seen, error_of};
use crate::weeks::Blocks;
use crate::{ExperimentError, Panel};

/// Assignments that are drawn and compared.
const DRAWN: usize = 200;

/// One in so many is screened in; the design is drawn among these.
const SCREENED: usize = 5;

/// Durations that are looked at, in periods (weeks, where the panel is daily).
const DURATIONS: [usize; 7] = [2, 3, 4, 6, 8, 10, 12];

/// What a test should do.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Periods of the test (weeks, where the panel is daily); `None` for the
    /// shortest with the power asked for.
    pub weeks: Option<usize>,
    /// Change of spend relative to what would be spent: 0.5 for half as much
    /// again, -1 to go dark.
    pub change: f64,
    /// Treated groups, each against the same controls.
    pub cells: usize,
    /// Share of the markets that a group treats.
    pub share: f64,
    /// Markets that must be treated.
    pub forced: Vec<usize>,
    /// Markets that are neither treated nor controls.
    pub excluded: Vec<usize>,
    /// Outcome per unit of spend that power is reckoned for.
    pub worth: f64,
    /// Probability that intervals claim.
    pub level: f64,
    /// Probability with which the effect should be seen.
    pub power: f64,
    /// Seed of the draw.
    pub seed: u64,
}

impl Default for Ask {
    fn default() -> Self {
        Ask {
            weeks: None,
            change: 0.5,
            cells: 1,
            share: 0.3,
            forced: Vec::new(),
            excluded: Vec::new(),
            worth: 1.0,
            level: 0.9,
            power: 0.8,
            seed: 1,
        }
    }
}

/// What a test of some length would show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// Periods of the test.
    pub weeks: usize,
    /// Standard error of the lift relative to the treated markets' outcome.
    pub error: f64,
    /// Smallest lift that is told from nothing with the power asked for, over
    /// the whole test.
    pub minimum_detectable_effect: f64,
    /// The same relative to the treated markets' outcome.
    pub relative: f64,
    /// The same per unit of spend moved, where spend is known.
    pub minimum_return: Option<f64>,
    /// Probability to tell the effect expected from nothing, where spend is known.
    pub power: Option<f64>,
    /// Spend added (or saved, below 0) in the test, where spend is known.
    pub spend: Option<f64>,
}

/// One treated group.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Markets to treat, positions in the panel.
    pub treated: Vec<usize>,
    /// Markets to leave as they are, positions in the panel.
    pub control: Vec<usize>,
    /// The treated markets' share of the outcome.
    pub share: f64,
    /// The length chosen.
    pub chosen: Power,
    /// Other lengths.
    pub durations: Vec<Power>,
}

/// Designs, one a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Designs {
    /// One a treated group.
    pub cells: Vec<Design>,
    /// Assignments drawn, and how many of them were screened in.
    pub drawn: (usize, usize),
    /// By how much errors exceed what screened assignments claim: screened on one
    /// half of the panel, seen on the other. Errors include it.
    pub optimism: f64,
}

/// Designs a test: assignments are drawn at random, one market a group out of
/// each of several strata of like size; a fifth of them, whose errors are least,
/// is screened in, and one of these is drawn. (The
/// best one of many would claim an error that it does not keep.)
///
/// # Errors
/// [`ExperimentError`] where the panel has too few markets or periods.
pub fn design(panel: &Panel, ask: &Ask) -> Result<Designs, ExperimentError> {
    let field = Field::of(panel, ask)?;
    let mut random = Pcg64::seed_from_u64(ask.seed);
    let drawn: Vec<Vec<Vec<usize>>> = (0..DRAWN).map(|_| field.draw(&mut random)).collect();
    let length = ask.weeks.unwrap_or(6);
    let half = field.periods / 2;
    let errors = |range: std::ops::Range<usize>| -> Vec<f64> {
        drawn.iter().map(|cells| field.worst(cells, range.clone(), length)).collect()
    };
    let best = ranked(&errors(0..field.periods));
    let optimism = if half >= 2 * length.max(8) {
        optimism(&errors(0..half), &errors(half..field.periods))
    } else {
        1.25
    };
    let cells = &drawn[best[random.random_range(0..best.len())]];
    let z = Normal::standard();
    let tell = z.inverse_cdf(0.5 + ask.level / 2.0);
    let power = |cell: &[usize], control: &[usize], weeks: usize| {
        let error = optimism * field.error(cell, control, 0..field.periods, weeks).unwrap_or(f64::INFINITY);
        let base = field.base(cell) * weeks as f64;
        let spend = field.spend(cell).map(|s| s * ask.change * weeks as f64);
        let moved = spend.map(f64::abs).filter(|s| *s > 0.0);
        let effect = (tell + z.inverse_cdf(ask.power)) * error;
        Power {
            weeks,
            error,
            minimum_detectable_effect: effect * base,
            relative: effect,
            minimum_return: moved.map(|s| effect * base / s),
            power: moved.map(|s| {
                let signal = ask.worth * s / (error * base);
                z.cdf(signal - tell) + z.cdf(-signal - tell)
            }),
            spend,
        }
    };
    let all: f64 = field.base(&field.markets);
    let control = field.controls(cells);
    let design = |cell: &Vec<usize>| {
        let durations: Vec<Power> = DURATIONS
            .iter()
            .copied()
            .filter(|d| 4 * d <= field.periods)
            .map(|weeks| power(cell, &control, weeks))
            .collect();
        let enough = durations.iter().find(|p| p.power.is_some_and(|p| p >= ask.power)).copied();
        let chosen = match ask.weeks {
            Some(weeks) => power(cell, &control, weeks),
            None => enough.or(durations.last().copied()).unwrap_or_else(|| power(cell, &control, 2)),
        };
        let mut treated = cell.clone();
        treated.sort_unstable();
        Design { treated, control: control.clone(), share: field.base(cell) / all, chosen, durations }
    };
    Ok(Designs { cells: cells.iter().map(design).collect(), drawn: (DRAWN, best.len()), optimism })
}

/// Positions of the best fifth.
fn ranked(errors: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..errors.len()).collect();
    order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]));
    order.truncate((errors.len() / SCREENED).max(1));
    order
}

/// How much worse those screened on one half do on the other, beyond what all do.
fn optimism(first: &[f64], second: &[f64]) -> f64 {
    let finite = |i: &usize| first[*i].is_finite() && second[*i].is_finite();
    let ratio = |of: Vec<usize>| {
        let mean = |values: &[f64]| of.iter().map(|&i| values[i]).sum::<f64>() / of.len() as f64;
        mean(second) / mean(first)
    };
    let all = (0..first.len()).filter(finite).collect();
    let found = ratio(ranked(first).into_iter().filter(finite).collect()) / ratio(all);
    if found.is_finite() { found.clamp(1.0, 2.0) } else { 1.25 }
}

/// The markets that may take part, in periods of a test.
struct Field<'a> {
    panel: &'a Panel,
    ask: &'a Ask,
    outcome: nalgebra::DMatrix<f64>,
    spend: Option<nalgebra::DMatrix<f64>>,
    markets: Vec<usize>,
    periods: usize,
    /// Markets treated in a group.
    each: usize,
}

impl<'a> Field<'a> {
    fn of(panel: &'a Panel, ask: &'a Ask) -> Result<Field<'a>, ExperimentError> {
        let last = panel.periods();
        let blocks = Blocks::of(&panel.outcome, last, last, panel.daily);
        let outcome = blocks.whole(&panel.outcome);
        let spend = panel.spend.as_ref().map(|s| blocks.whole(s));
        let periods = blocks.before;
        if periods < 2 * crate::common::LEAST {
            return Err(ExperimentError::TooShort { found: periods, needed: 2 * crate::common::LEAST });
        }
        let sold = |i: &usize| (0..periods).map(|t| outcome[(*i, t)]).sum::<f64>() > 0.0;
        let markets: Vec<usize> =
            (0..panel.markets.len()).filter(|i| !ask.excluded.contains(i)).filter(sold).collect();
        let cells = ask.cells.max(1);
        let wanted = (ask.share * markets.len() as f64).round() as usize;
        let each = wanted.min(markets.len() * 6 / 10 / cells).max(1);
        let needed = cells * each.max(1) + 2;
        if markets.len() < needed.max(2 * cells + 2) {
            return Err(ExperimentError::TooFewMarkets { markets: markets.len(), needed, cells });
        }
        Ok(Field { panel, ask, outcome, spend, markets, periods, each })
    }

    /// Groups of treated markets: one of each stratum in each group, those that
    /// must be treated first.
    fn draw(&self, random: &mut Pcg64) -> Vec<Vec<usize>> {
        let cells = self.ask.cells.max(1);
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); cells];
        for (k, &market) in self.ask.forced.iter().filter(|m| self.markets.contains(m)).enumerate() {
            groups[k % cells].push(market);
        }
        let forced: Vec<usize> = groups.concat();
        let mut by_size: Vec<usize> = self.markets.iter().copied().filter(|i| !forced.contains(i)).collect();
        let sizes: Vec<f64> = self.outcome.row_iter().map(|row| row.columns(0, self.periods).sum()).collect();
        by_size.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
        let strata = self.each;
        for s in 0..strata {
            let (from, to) = (s * by_size.len() / strata, (s + 1) * by_size.len() / strata);
            let mut stratum = by_size[from..to].to_vec();
            stratum.shuffle(random);
            for (group, market) in groups.iter_mut().zip(stratum) {
                if group.len() < self.each {
                    group.push(market);
                }
            }
        }
        groups
    }

    fn controls(&self, cells: &[Vec<usize>]) -> Vec<usize> {
        self.markets.iter().copied().filter(|i| !cells.iter().any(|c| c.contains(i))).collect()
    }

    /// Outcome of some markets per period.
    fn base(&self, markets: &[usize]) -> f64 {
        mean(&total(&self.outcome, markets), self.periods)
    }

    /// Spend of some markets per period, as in the last 26 periods.
    fn spend(&self, markets: &[usize]) -> Option<f64> {
        let series = total(self.spend.as_ref()?, markets);
        let recent = &series[self.periods.saturating_sub(26)..];
        Some(mean(recent, recent.len()))
    }

    /// The largest error of a design's groups.
    fn worst(&self, cells: &[Vec<usize>], range: std::ops::Range<usize>, length: usize) -> f64 {
        let control = self.controls(cells);
        let each = cells.iter().map(|c| self.error(c, &control, range.clone(), length));
        each.map(|e| e.unwrap_or(f64::INFINITY)).fold(0.0, f64::max)
    }

    /// Standard error of a test's lift relative to the treated outcome.
    fn error(
        &self,
        treated: &[usize],
        control: &[usize],
        range: std::ops::Range<usize>,
        length: usize,
    ) -> Option<f64> {
        let outcome = self.outcome.columns(range.start, range.len()).into_owned();
        let series = total(&outcome, treated);
        let seen = Seen {
            blocks: Blocks::of(&self.panel.outcome, 0, 0, false),
            before: range.len(),
            treated: treated.to_vec(),
            controls: control.to_vec(),
            outcome,
            series,
        };
        error_of(&seen, length)
    }
}
