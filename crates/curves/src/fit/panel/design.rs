//! The part of a panel that no parameter changes.

use nalgebra::DMatrix;

use super::super::History;
use super::super::baseline::{Baseline, standardised};
use super::Panel;

/// A panel per head: what does not depend on any parameter.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Design {
    pub(super) periods: usize,
    pub(super) sites: Vec<Site>,
    /// Mean outcome of all markets together per period.
    pub(super) outcome_mean: f64,
    /// Outcome per head over its mean: market after market.
    pub(super) outcome: Vec<f64>,
}

/// One market.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Site {
    /// Its share of all heads.
    pub(super) share: f64,
    /// Whether its outcome in a period is to be explained.
    pub(super) present: Vec<bool>,
    /// Level, trend, seasons and controls.
    pub(super) baseline: DMatrix<f64>,
}

impl Design {
    pub(super) fn of(history: &History, panel: &Panel, seasons: usize, left_out: &[bool]) -> Design {
        let (markets, periods) = panel.outcome.dim();
        // What was at work before a market's first row is not known: its first
        // periods are left to adstock.
        const SETTLES: usize = 6;
        let present = |g: usize| {
            let here = |t: &usize| panel.present[(g, *t)];
            let rows = (0..periods).filter(here).count();
            let first = (0..periods).find(here).unwrap_or(0) + SETTLES.min(rows / 10);
            (0..periods).map(|t| t >= first && here(&t) && !left_out[t]).collect::<Vec<bool>>()
        };
        let mean = |g: usize| {
            let here: Vec<f64> =
                (0..periods).filter(|&t| panel.present[(g, t)]).map(|t| panel.outcome[(g, t)]).collect();
            here.iter().sum::<f64>() / here.len().max(1) as f64
        };
        let means: Vec<f64> = (0..markets).map(mean).collect();
        let heads = panel.heads.clone().unwrap_or_else(|| means.clone());
        let all: f64 = heads.iter().sum();
        // A market that sells nothing at all has no size of its own.
        let share = |g: usize| (heads[g] / all).max(1e-9);
        let outcome_mean = means.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let outcome =
            (0..markets)
                .flat_map(|g| (0..periods).map(move |t| (g, t)))
                .map(|(g, t)| {
                    if panel.present[(g, t)] {
                        panel.outcome[(g, t)] / (share(g) * outcome_mean)
                    } else {
                        0.0
                    }
                })
                .collect();
        let common = Baseline::of(history, seasons).bare();
        let site = |g: usize| {
            let present = present(g);
            let baseline = baseline(common.unweighted(), panel, g, &present);
            Site { share: share(g), present, baseline }
        };
        Design { periods, sites: (0..markets).map(site).collect(), outcome_mean, outcome }
    }

    /// Outcomes to be explained.
    pub(super) fn counted(&self) -> usize {
        self.sites.iter().map(|s| s.present.iter().filter(|p| **p).count()).sum()
    }
}

/// Columns of time, and a market's controls that vary while it is there.
fn baseline(common: &DMatrix<f64>, panel: &Panel, g: usize, present: &[bool]) -> DMatrix<f64> {
    let periods = present.len();
    let here: Vec<usize> = (0..periods).filter(|&t| present[t]).collect();
    let mut columns: Vec<Vec<f64>> = common.column_iter().map(|c| c.iter().copied().collect()).collect();
    for j in 0..panel.controls.dim().2 {
        let values: Vec<f64> = here.iter().map(|&t| panel.controls[(g, t, j)]).collect();
        let Some(values) = standardised(&values) else { continue };
        let mut column = vec![0.0; periods];
        here.iter().zip(values).for_each(|(&t, v)| column[t] = v);
        columns.push(column);
    }
    DMatrix::from_fn(periods, columns.len(), |t, j| columns[j][t])
}
