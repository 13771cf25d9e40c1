//! Everything in a panel but the mean effects of channels, integrated out.

use std::sync::Arc;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use rand::RngExt;
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::super::baseline::Likelihood;
use super::components::Components;
use super::design::{Design, Site};

/// Everything in a panel that is not the mean effect of a channel, integrated
/// out: baselines of the markets, effects that differ between them, shocks of
/// the periods, errors.
///
/// With `A_g` the autoregressive differences of market g over their deviation,
/// `W_g = A_g [Z_g, F_g]` for baseline columns Z (almost flat prior) and a
/// channel's mean effect F (deviation `between`), the precision of market g is
/// `P_g = A_g' (1 - W_g M_g^-1 W_g') A_g`, `M_g = W_g'W_g + R`; shocks of
/// precision Q add up to `H = Q + sum load_g^2 P_g`. The log likelihood of
/// residuals r is
///
/// `-n/2 ln RSS - 1/2 (sum ln|M_g| + ln|H| - ln|Q|) + ...`,
/// `RSS = sum r_g'P_g r_g - b'H^-1 b`, `b = sum load_g P_g r_g`,
///
/// with the scale of all variances integrated out as for one series. Missing
/// rows have no difference: late starts and gaps need no filling.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Ground {
    pub(super) periods: usize,
    pub(super) blocks: Vec<Block>,
    /// H.
    pub(super) shocks: Cholesky<f64, Dyn>,
    ln_determinant: f64,
    freedom: f64,
    pub(super) components: Components,
}

/// One market.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// A period's difference: this much of its residual less this much of the
    /// one before.
    pub(super) rows: Vec<(f64, f64)>,
    pub(super) load: f64,
    /// W: baseline columns, then channels.
    pub(super) columns: DMatrix<f64>,
    /// M.
    pub(super) factor: Cholesky<f64, Dyn>,
}

/// Prior precision of a level and of every other column of a baseline, in
/// units of the mean outcome.
const FLAT: (f64, f64) = (1e-6, 1.0);

impl Ground {
    /// `effects` are what every channel is thought to earn in every market and
    /// period; `None` where that has no finite solution.
    pub(super) fn new(design: &Design, effects: &[Vec<f64>], components: &Components) -> Option<Ground> {
        let n = design.periods;
        let mut blocks = Vec::with_capacity(design.sites.len());
        let mut ln_determinant = 0.0;
        let mut shocks = precision(n, components);
        let mut shared: Vec<DMatrix<f64>> = Vec::new();
        for (g, site) in design.sites.iter().enumerate() {
            let earned: Vec<&[f64]> = effects.iter().map(|e| &e[g * n..(g + 1) * n]).collect();
            let block = Block::new(site, &earned, components, g)?;
            ln_determinant += block.factor.ln_determinant();
            ln_determinant -= 2.0 * block.rows.iter().filter(|r| r.0 > 0.0).map(|r| r.0.ln()).sum::<f64>();
            ln_determinant += 2.0 * earned.len() as f64 * components.between.ln();
            block.add_differences(&mut shocks);
            shared.push(block.explained_differences()?);
            blocks.push(block);
        }
        let rows = shared.iter().map(DMatrix::nrows).sum();
        let mut stacked = DMatrix::zeros(rows, n);
        let mut at = 0;
        for part in &shared {
            stacked.rows_mut(at, part.nrows()).copy_from(part);
            at += part.nrows();
        }
        shocks -= stacked.tr_mul(&stacked);
        let shocks = shocks.cholesky()?;
        ln_determinant += shocks.ln_determinant() - ln_precision(n, components);
        let flat: usize = design.sites.iter().map(|s| s.baseline.ncols()).sum();
        let freedom = design.counted().saturating_sub(flat).max(1) as f64;
        let components = components.clone();
        Some(Ground { periods: n, blocks, shocks, ln_determinant, freedom, components })
    }

    /// Outcomes that count, less the coefficients they determine.
    pub(in crate::fit) fn freedom(&self) -> f64 {
        self.freedom
    }

    /// Likelihood of residuals `r`, market after market; `pull` receives
    /// -d(RSS)/2 by r.
    pub(in crate::fit) fn likelihood(&self, r: &[f64], pull: &mut [f64]) -> Likelihood {
        let shock = self.shock(r, pull);
        let n = self.periods;
        let mut rest = vec![0.0; n];
        let mut rss = 0.0;
        for (g, block) in self.blocks.iter().enumerate() {
            let (r, pull) = (&r[g * n..(g + 1) * n], &mut pull[g * n..(g + 1) * n]);
            for t in 0..n {
                rest[t] = r[t] - block.load * shock[t];
            }
            block.precision(&rest, pull);
            rss += r.iter().zip(pull.iter()).map(|(a, b)| a * b).sum::<f64>();
        }
        let rss = rss.max(f64::MIN_POSITIVE);
        let value = -0.5 * (self.freedom * rss.ln() + self.ln_determinant);
        Likelihood { value, by_phi: 0.0, rss, coefficients: DVector::zeros(0) }
    }

    /// The most probable shocks given residuals; `room` is written over.
    pub(super) fn shock(&self, r: &[f64], room: &mut [f64]) -> DVector<f64> {
        let n = self.periods;
        let mut pulled = DVector::zeros(n);
        for (g, block) in self.blocks.iter().enumerate() {
            let room = &mut room[g * n..(g + 1) * n];
            block.precision(&r[g * n..(g + 1) * n], room);
            pulled.iter_mut().zip(room.iter()).for_each(|(p, v)| *p += block.load * v);
        }
        self.shocks.solve(&pulled)
    }

    /// How far every market's effects differ from their means, drawn given
    /// residuals: markets x channels, after `channels` have been told.
    pub(super) fn differences(&self, r: &[f64], channels: usize, random: &mut Pcg64) -> DMatrix<f64> {
        let n = self.periods;
        let mut room = vec![0.0; r.len()];
        let scale = (self.likelihood(r, &mut room).rss / self.freedom).sqrt();
        let mut normal =
            |width: usize| DVector::from_fn(width, |_, _| scale * random.sample::<f64, _>(StandardNormal));
        let shock = self.shock(r, &mut room) + upper(&self.shocks, normal(n));
        let mut found = DMatrix::zeros(self.blocks.len(), channels);
        for (g, block) in self.blocks.iter().enumerate() {
            let rest: Vec<f64> = (0..n).map(|t| r[g * n + t] - block.load * shock[t]).collect();
            let width = block.columns.ncols();
            let drawn = block.coefficients(&rest) + upper(&block.factor, normal(width));
            found.row_mut(g).tr_copy_from(&drawn.rows(width - channels, channels));
        }
        found
    }

    /// What baselines, shocks and differing effects explain of residuals, in
    /// every period of every market, present or not.
    pub(super) fn explained(&self, r: &[f64], design: &Design, effects: &[Vec<f64>]) -> Vec<f64> {
        let n = self.periods;
        let shock = self.shock(r, &mut vec![0.0; r.len()]);
        let mut all = Vec::with_capacity(r.len());
        for (g, (block, site)) in self.blocks.iter().zip(&design.sites).enumerate() {
            let rest: Vec<f64> = (0..n).map(|t| r[g * n + t] - block.load * shock[t]).collect();
            let coefficients = block.coefficients(&rest);
            let width = site.baseline.ncols();
            let base = &site.baseline * coefficients.rows(0, width);
            for t in 0..n {
                let differing: f64 =
                    effects.iter().enumerate().map(|(c, e)| coefficients[width + c] * e[g * n + t]).sum();
                all.push(base[t] + differing + block.load * shock[t]);
            }
        }
        all
    }
}

impl Block {
    fn new(site: &Site, effects: &[&[f64]], components: &Components, g: usize) -> Option<Block> {
        let n = site.present.len();
        let (phi, error) = (components.phi, components.error[g]);
        let begin = (1.0 - phi * phi).sqrt() / error;
        let row = |t: usize| match (site.present[t], t > 0 && site.present[t - 1]) {
            (false, _) => (0.0, 0.0),
            (true, true) => (1.0 / error, phi / error),
            (true, false) => (begin, 0.0),
        };
        let rows: Vec<(f64, f64)> = (0..n).map(row).collect();
        let p = site.baseline.ncols();
        let plain = |t: usize, j: usize| if j < p { site.baseline[(t, j)] } else { effects[j - p][t] };
        let columns = DMatrix::from_fn(n, p + effects.len(), |t, j| {
            let (a, b) = rows[t];
            let before = if b == 0.0 { 0.0 } else { b * plain(t - 1, j) };
            if a == 0.0 { 0.0 } else { a * plain(t, j) - before }
        });
        let mut normal = columns.tr_mul(&columns);
        for j in 0..normal.nrows() {
            normal[(j, j)] += match j {
                0 => FLAT.0,
                j if j < p => FLAT.1,
                _ => components.between.powi(-2),
            };
        }
        Some(Block { rows, load: components.load[g], columns, factor: normal.cholesky()? })
    }

    /// `A r`.
    pub(super) fn differ(&self, r: &[f64]) -> DVector<f64> {
        DVector::from_fn(r.len(), |t, _| {
            let (a, b) = self.rows[t];
            if b == 0.0 { a * r[t] } else { a * r[t] - b * r[t - 1] }
        })
    }

    /// `A' s`.
    fn gather(&self, s: &DVector<f64>, out: &mut [f64]) {
        let n = s.len();
        for t in 0..n {
            let after = if t + 1 < n { self.rows[t + 1].1 * s[t + 1] } else { 0.0 };
            out[t] = self.rows[t].0 * s[t] - after;
        }
    }

    /// The most probable coefficients given residuals.
    pub(super) fn coefficients(&self, r: &[f64]) -> DVector<f64> {
        self.factor.solve(&self.columns.tr_mul(&self.differ(r)))
    }

    /// `P r`.
    fn precision(&self, r: &[f64], out: &mut [f64]) {
        let mut s = self.differ(r);
        let coefficients = self.factor.solve(&self.columns.tr_mul(&s));
        s.gemv(-1.0, &self.columns, &coefficients, 1.0);
        self.gather(&s, out);
    }

    /// Adds `load^2 A'A`.
    fn add_differences(&self, to: &mut DMatrix<f64>) {
        let square = self.load * self.load;
        for (t, &(a, b)) in self.rows.iter().enumerate() {
            to[(t, t)] += square * a * a;
            if b != 0.0 {
                to[(t - 1, t - 1)] += square * b * b;
                to[(t, t - 1)] -= square * a * b;
                to[(t - 1, t)] -= square * a * b;
            }
        }
    }

    /// `load L^-1 W'A` for `M = L L'`.
    pub(super) fn explained_differences(&self) -> Option<DMatrix<f64>> {
        let (n, width) = self.columns.shape();
        let mut gathered = DMatrix::zeros(width, n);
        for t in 0..n {
            for j in 0..width {
                let after = if t + 1 < n { self.rows[t + 1].1 * self.columns[(t + 1, j)] } else { 0.0 };
                gathered[(j, t)] = self.load * (self.rows[t].0 * self.columns[(t, j)] - after);
            }
        }
        self.factor.l_dirty().solve_lower_triangular(&gathered)
    }
}

/// `L^-T z`: a draw of the precision `L L'`.
fn upper(factor: &Cholesky<f64, Dyn>, z: DVector<f64>) -> DVector<f64> {
    factor.l_dirty().tr_solve_lower_triangular(&z).unwrap_or(z)
}

/// Precision of autocorrelated shocks.
fn precision(n: usize, components: &Components) -> DMatrix<f64> {
    let (phi, shock) = (components.shock_phi, components.shock);
    let unit = 1.0 / (shock * shock * (1.0 - phi * phi));
    DMatrix::from_fn(n, n, |a, b| match a.abs_diff(b) {
        0 if a == 0 || a + 1 == n => unit,
        0 => unit * (1.0 + phi * phi),
        1 => -unit * phi,
        _ => 0.0,
    })
}

/// ln of its determinant.
fn ln_precision(n: usize, components: &Components) -> f64 {
    let (phi, shock) = (components.shock_phi, components.shock);
    (1.0 - phi * phi).ln() - n as f64 * (shock * shock * (1.0 - phi * phi)).ln()
}

/// A model's ground, shared between copies.
pub(in crate::fit) type Shared = Arc<Ground>;

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const N: usize = 9;

    /// Two markets, the first with a gap, the second beginning late.
    fn design() -> Design {
        let baseline = DMatrix::from_fn(N, 2, |t, j| if j == 0 { 1.0 } else { t as f64 / N as f64 - 0.5 });
        let site = |share: f64, gone: std::ops::Range<usize>| Site {
            share,
            present: (0..N).map(|t| !gone.contains(&t)).collect(),
            baseline: baseline.clone(),
        };
        Design {
            periods: N,
            sites: vec![site(0.7, 4..5), site(0.3, 0..3)],
            outcome_mean: 1.0,
            outcome: vec![0.0; 2 * N],
        }
    }

    fn components() -> Components {
        Components {
            phi: 0.4,
            shock_phi: 0.6,
            shock: 0.3,
            between: 0.25,
            error: vec![0.1, 0.2],
            load: vec![1.2, 0.8],
        }
    }

    fn wave(a: f64) -> Vec<f64> {
        (0..2 * N).map(|i| (a * i as f64).sin()).collect()
    }

    /// The covariance of all outcomes that are present, written out.
    fn covariance(effects: &[Vec<f64>]) -> (DMatrix<f64>, Vec<usize>) {
        let (design, c) = (design(), components());
        let kept: Vec<usize> = (0..2 * N).filter(|i| design.sites[i / N].present[i % N]).collect();
        let apart = |g: usize, a: usize, b: usize| (a.min(b)..=a.max(b)).any(|t| !design.sites[g].present[t]);
        let one = |i: usize, j: usize| {
            let ((g, a), (h, b)) = ((i / N, i % N), (j / N, j % N));
            let lag = a.abs_diff(b) as i32;
            let mut sum = c.load[g] * c.load[h] * c.shock.powi(2) * c.shock_phi.powi(lag);
            if g == h {
                if !apart(g, a, b) {
                    sum += c.error[g].powi(2) / (1.0 - c.phi * c.phi) * c.phi.powi(lag);
                }
                let z = &design.sites[g].baseline;
                sum += z[(a, 0)] * z[(b, 0)] / FLAT.0 + z[(a, 1)] * z[(b, 1)] / FLAT.1;
                sum += effects.iter().map(|e| c.between.powi(2) * e[i] * e[j]).sum::<f64>();
            }
            sum
        };
        (DMatrix::from_fn(kept.len(), kept.len(), |i, j| one(kept[i], kept[j])), kept)
    }

    #[test]
    fn the_likelihood_is_that_of_the_whole_covariance() {
        let effects = [wave(0.7), wave(1.9)];
        let ground = Ground::new(&design(), &effects, &components()).unwrap();
        let (covariance, kept) = covariance(&effects);
        let factor = covariance.cholesky().unwrap();
        let r = wave(1.3);
        let own = DVector::from_iterator(kept.len(), kept.iter().map(|&i| r[i]));
        let pulled = factor.solve(&own);
        let mut pull = vec![0.0; 2 * N];
        let found = ground.likelihood(&r, &mut pull);
        assert_relative_eq!(found.rss, own.dot(&pulled), max_relative = 1e-5);
        for (i, j) in kept.iter().enumerate() {
            assert_relative_eq!(pull[*j], pulled[i], epsilon = 1e-4, max_relative = 1e-4);
        }
        let flat = 2.0 * (FLAT.0.ln() + FLAT.1.ln());
        let whole = -0.5 * (ground.freedom() * found.rss.ln() + factor.ln_determinant() + flat);
        assert_relative_eq!(found.value, whole, max_relative = 1e-5);
        // What is not there does not matter.
        let mut other = r.clone();
        other[4] = 77.0;
        other[N] = -5.0;
        assert_relative_eq!(ground.likelihood(&other, &mut pull).value, found.value, max_relative = 1e-12);
    }

    #[test]
    fn differences_are_drawn_around_what_the_covariance_lets_expect() {
        let effects = [wave(0.7), wave(1.9)];
        let ground = Ground::new(&design(), &effects, &components()).unwrap();
        let (covariance, kept) = covariance(&effects);
        let r = wave(1.3);
        let own = DVector::from_iterator(kept.len(), kept.iter().map(|&i| r[i]));
        let pulled = covariance.cholesky().unwrap().solve(&own);
        let mut random = rand::SeedableRng::seed_from_u64(3);
        let draws: Vec<DMatrix<f64>> = (0..4000).map(|_| ground.differences(&r, 2, &mut random)).collect();
        for g in 0..2 {
            for (c, effect) in effects.iter().enumerate() {
                // Cov(d, r) r-precision r.
                let there = kept.iter().enumerate().filter(|(_, i)| **i / N == g);
                let expected: f64 = there.map(|(k, &i)| 0.0625 * effect[i] * pulled[k]).sum();
                let mean = draws.iter().map(|d| d[(g, c)]).sum::<f64>() / 4000.0;
                let variance = draws.iter().map(|d| (d[(g, c)] - mean).powi(2)).sum::<f64>() / 4000.0;
                assert!((mean - expected).abs() < 5.0 * (variance / 4000.0).sqrt(), "{mean} {expected}");
            }
        }
    }
}
