//! What a panel leaves unexplained, summed over its markets.

use nalgebra::DVector;

use super::super::HoldOut;
use super::super::model::Model;
use super::design::Design;
use super::ground::Ground;
use super::stacked::{effects, residuals};

/// A panel over its ground at its most probable curves.
pub(super) struct Explained<'a> {
    design: &'a Design,
    /// What every channel earns, per head.
    earned: Vec<Vec<f64>>,
    /// Outcomes less channels and ground, per head; in every period.
    left: Vec<f64>,
}

impl<'a> Explained<'a> {
    /// `reference` is what channels earn where markets differ in proportion.
    pub(super) fn of(
        design: &'a Design,
        ground: &Ground,
        reference: &[Vec<f64>],
        model: &Model,
        at: &DVector<f64>,
    ) -> Explained<'a> {
        let earned = effects(model, at);
        let mut left = residuals(model, &earned);
        let explained = ground.explained(&left, design, reference);
        left.iter_mut().zip(explained).for_each(|(l, e)| *l -= e);
        Explained { design, earned, left }
    }

    /// Sum over markets with a record in period `t`, by their share of heads.
    fn sum(&self, t: usize, present: impl Fn(usize) -> bool, of: &[f64]) -> f64 {
        let n = self.design.periods;
        let sites = self.design.sites.iter().enumerate().filter(|(g, _)| present(*g));
        sites.map(|(g, site)| site.share * of[g * n + t]).sum()
    }

    /// National adstock of channel `c`, given per head, and the outcome left to
    /// it, in every period with a record of all markets.
    pub(super) fn points(&self, c: usize, level: f64, stock: &[f64]) -> Vec<(f64, f64)> {
        let sites = &self.design.sites;
        let whole = (0..self.design.periods).filter(|&t| sites.iter().all(|s| s.present[t]));
        whole
            .map(|t| {
                let sum = |of: &[f64]| self.sum(t, |_| true, of);
                (level * sum(stock), self.design.outcome_mean * (sum(&self.earned[c]) + sum(&self.left)))
            })
            .collect()
    }

    /// Error over the periods from `kept` on, which the ground has not seen,
    /// for the sum of the markets that `seen` has there, against repeating last
    /// year.
    pub(super) fn ahead(&self, kept: usize, seen: &Design, year: f64) -> HoldOut {
        let (n, lag) = (self.design.periods, year.round() as usize);
        let (mut ours, mut naive) = (0.0, 0.0);
        for t in kept..n {
            let before = if t >= lag && t - lag < kept { t - lag } else { kept - 1 };
            let present = |g: usize| seen.sites[g].present[t] && seen.sites[g].present[before];
            ours += self.sum(t, present, &self.left).powi(2);
            let here = self.sum(t, present, &self.design.outcome);
            naive += (here - self.sum(before, present, &self.design.outcome)).powi(2);
        }
        let periods = n - kept;
        let root = |sum: f64| (sum / periods as f64).sqrt();
        HoldOut { periods, error: root(ours), naive: root(naive) }
    }
}

impl Design {
    /// The same with nothing to explain from period `kept` on.
    pub(super) fn until(&self, kept: usize) -> Design {
        let mut design = self.clone();
        design.sites.iter_mut().for_each(|s| s.present[kept..].fill(false));
        design
    }
}
