//! Draws from the posterior, and how far they can be trusted.

use nalgebra::{DMatrix, DVector};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use statrs::distribution::ContinuousCDF;

use super::mode::Mode;
use super::model::{Model, Workspace};
use super::prior::STANDARD;
use super::watch::Watch;

/// How long to sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Chains, each with its own random numbers.
    pub chains: usize,
    /// Draws per chain that find the step width and are thrown away.
    pub warm_up: usize,
    /// Draws per chain that are kept.
    pub draws: usize,
    /// Seed; the same seed gives the same draws on any number of threads.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling { chains: 4, warm_up: 160, draws: 400, seed: 1 }
    }
}

/// How far the draws can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// Largest split R-hat over the parameters; near 1 when chains agree.
    pub r_hat: f64,
    /// Smallest effective number of draws over the parameters.
    pub effective: f64,
    /// Share of trajectories that left the posterior.
    pub divergent: f64,
    /// Whether time ran out before all was tried and drawn.
    pub cut_short: bool,
    /// Whether the most probable curves were found; if not, draws are hardly
    /// more than what was believed beforehand.
    pub reached: bool,
}

/// Excess of variance between chains that counts as none: R-hat of 1.05.
pub(crate) const AGREED: f64 = 1.05 * 1.05 - 1.0;

impl Convergence {
    /// Variance between chains beyond what draws within them explain, relative,
    /// where they are a share of all draws.
    pub(crate) fn excess(&self, share: f64) -> f64 {
        share * (self.r_hat * self.r_hat - 1.0)
    }
}

/// What chains of a share of a mixture may disagree on, after the others so far:
/// together no more than [`AGREED`], and never less than they might alone.
pub(crate) fn left_open(others: &[(f64, Convergence)], share: f64) -> f64 {
    let all = share + others.iter().map(|(share, _)| share).sum::<f64>();
    let taken: f64 = others.iter().map(|(share, c)| c.excess(*share).max(0.0)).sum();
    AGREED * share.max(all - taken / AGREED)
}

/// Samples, and on as long as the chains disagree: up to three times as long, then
/// anew for nine times as long with a longer warm-up. A model whose draws are a
/// share of all is sampled that much shorter, and what its chains disagree on
/// counts by that share: what is left `open` of [`AGREED`] is for the mixture that
/// it is part of.
pub(crate) fn sample(
    model: &Model,
    mode: &Mode,
    how: &Sampling,
    (share, open): (f64, f64),
    watch: &Watch<'_>,
) -> (Vec<DVector<f64>>, Convergence) {
    const FEWEST: f64 = 100.0;
    /// Chains this far apart have not met, however little they count.
    const APART: f64 = 1.25;
    let part = |all: usize, share: f64| (all as f64 * share).ceil().max(FEWEST.min(all as f64)) as usize;
    let draws = part(how.draws, share);
    let how = Sampling { draws, warm_up: part(how.warm_up, share.sqrt()), ..*how };
    let enough = 100.0 * (draws as f64 / 400.0).min(1.0);
    let done = |found: &Convergence| {
        let agree = found.r_hat < APART && found.excess(share) < open;
        (agree && found.effective > enough) || watch.stopped()
    };
    let mut chains = Chains::near(model, mode, &how, watch, true);
    let mut found = chains.draw(watch, true);
    for _ in 0..2 {
        if done(&found) {
            break;
        }
        found = chains.draw(watch, false);
    }
    if done(&found) {
        return (chains.draws(), found);
    }
    let longer = Sampling { warm_up: how.warm_up * 3, draws: how.draws * 9, ..how };
    sample_once(model, mode, &longer, watch, false)
}

/// Draws from the posterior by Hamiltonian Monte Carlo (Neal 2011) in the
/// coordinates of [`Model::placed`], scaled so that the Normal approximation at
/// the mode is standard.
pub(crate) fn sample_once(
    model: &Model,
    mode: &Mode,
    how: &Sampling,
    watch: &Watch<'_>,
    told: bool,
) -> (Vec<DVector<f64>>, Convergence) {
    let mut chains = Chains::near(model, mode, how, watch, told);
    let found = chains.draw(watch, told);
    (chains.draws(), found)
}

/// Chains near the posterior, and what they drew so far.
struct Chains<'a> {
    mode: &'a Mode,
    how: Sampling,
    chains: Vec<Chain<'a>>,
    drawn: Vec<Vec<DVector<f64>>>,
    /// Draws asked of each chain so far.
    asked: usize,
    divergent: usize,
}

impl<'a> Chains<'a> {
    /// Warmed up.
    fn near(model: &'a Model, mode: &'a Mode, how: &Sampling, watch: &Watch<'_>, told: bool) -> Self {
        let begin = |c: usize| Chain::new(model, mode, how, c).begin(how, watch, told);
        let begun: Vec<(Chain<'_>, Vec<DVector<f64>>)> = (0..how.chains).into_par_iter().map(begin).collect();
        let (mut chains, seen): (Vec<Chain<'_>>, Vec<Vec<DVector<f64>>>) = begun.into_iter().unzip();
        // What all chains have seen tells the spread better than what each has.
        let seen = seen.concat();
        chains.par_iter_mut().for_each(|chain| chain.warm(&seen, how, watch, told));
        Chains { mode, how: *how, drawn: vec![Vec::new(); chains.len()], chains, asked: 0, divergent: 0 }
    }

    /// Draws as many as asked for, more if some were drawn before; how far all of
    /// them can be trusted.
    fn draw(&mut self, watch: &Watch<'_>, told: bool) -> Convergence {
        let Chains { how, mode, .. } = *self;
        self.asked += how.draws;
        let each = self.chains.par_iter_mut().zip(&mut self.drawn);
        self.divergent += each.map(|(chain, drawn)| chain.draw(drawn, how.draws, watch, told)).sum::<usize>();
        let shortest = self.drawn.iter().map(Vec::len).min().unwrap_or(0);
        let cut_short = shortest < self.asked && how.chains > 0;
        if cut_short && shortest < FEW {
            // Too little was drawn to say anything: the Normal at the mode.
            for (c, drawn) in self.drawn.iter_mut().enumerate() {
                *drawn = normal(mode, &Sampling { draws: how.draws.min(FEW), ..how }, c);
            }
        } else {
            self.drawn.iter_mut().for_each(|drawn| drawn.truncate(shortest));
        }
        let (r_hat, effective) = agreement(&self.drawn);
        let divergent = self.divergent as f64 / (how.chains * self.asked).max(1) as f64;
        Convergence { r_hat, effective, divergent, cut_short, reached: mode.reached }
    }

    fn draws(self) -> Vec<DVector<f64>> {
        self.drawn.into_iter().flatten().collect()
    }
}

/// Draws without those in which channels earn more than there was, and their
/// share; all draws if these are most, for then it is the data that say so.
pub(crate) fn possible(model: &Model, draws: Vec<DVector<f64>>) -> (Vec<DVector<f64>>, f64) {
    let mut space = model.workspace();
    let beyond: Vec<bool> =
        draws.iter().map(|at| model.share(at, &mut space).is_some_and(|s| s > 1.0)).collect();
    let share = beyond.iter().filter(|b| **b).count() as f64 / draws.len().max(1) as f64;
    if share > 0.5 {
        return (draws, share);
    }
    let kept = draws.into_iter().zip(beyond).filter(|(_, beyond)| !beyond).map(|(at, _)| at);
    (kept.collect(), share)
}

/// Draws per chain below which they are not used.
const FEW: usize = 50;

/// Draws from the Normal approximation at the mode.
fn normal(mode: &Mode, how: &Sampling, chain: usize) -> Vec<DVector<f64>> {
    let mut random = Pcg64::seed_from_u64(how.seed.wrapping_mul(0x9e37_79b9).wrapping_add(chain as u64));
    let mut draw = || {
        let z = DVector::from_fn(mode.at.len(), |_, _| random.sample::<f64, _>(StandardNormal));
        &mode.at + &mode.spread * z
    };
    (0..how.draws).map(|_| draw()).collect()
}

struct Chain<'a> {
    model: &'a Model,
    /// Centre and spread of the whitened coordinates.
    centre: DVector<f64>,
    spread: DMatrix<f64>,
    space: Workspace,
    random: Pcg64,
    /// Position in whitened coordinates, its density and gradient.
    at: DVector<f64>,
    density: f64,
    slope: DVector<f64>,
    step: f64,
}

impl<'a> Chain<'a> {
    fn new(model: &'a Model, mode: &'a Mode, how: &Sampling, index: usize) -> Self {
        let mut random = Pcg64::seed_from_u64(how.seed.wrapping_mul(0x9e37_79b9).wrapping_add(index as u64));
        let d = mode.at.len();
        let at = DVector::from_fn(d, |_, _| 0.7 * random.sample::<f64, _>(StandardNormal));
        let slope = DVector::zeros(d);
        let step = 0.8 / (d as f64).powf(0.25);
        let centre = model.placed(&mode.at);
        let spread = model.place_spread(&mode.at, &mode.spread);
        let space = model.workspace();
        let mut chain = Chain { model, centre, spread, space, random, at, density: 0.0, slope, step };
        (chain.density, chain.slope) = chain.evaluate(&chain.at.clone());
        if !chain.density.is_finite() {
            chain.at.fill(0.0);
            (chain.density, chain.slope) = chain.evaluate(&chain.at.clone());
        }
        chain
    }

    /// Where whitened coordinates are among those of [`Model::placed`].
    fn place(&self, z: &DVector<f64>) -> DVector<f64> {
        &self.centre + &self.spread * z
    }

    /// The parameters there.
    fn point(&self, z: &DVector<f64>) -> DVector<f64> {
        self.model.unplaced(&self.place(z))
    }

    fn evaluate(&mut self, z: &DVector<f64>) -> (f64, DVector<f64>) {
        let mut slope = DVector::zeros(z.len());
        let at = self.point(z);
        let density = self.model.density(&at, &mut slope, &mut self.space);
        let density = density + self.model.place_gradient(&at, &mut slope);
        (density, self.spread.tr_mul(&slope))
    }

    /// Comes near the posterior and finds a step; the places passed since then.
    fn begin(mut self, how: &Sampling, watch: &Watch<'_>, told: bool) -> (Self, Vec<DVector<f64>>) {
        self.settle(how.warm_up / 4, watch);
        if told {
            watch.tick(1);
        }
        let seen = self.settle(how.warm_up / 2, watch);
        (self, seen)
    }

    /// Learns from the places `seen`.
    fn warm(&mut self, seen: &[DVector<f64>], how: &Sampling, watch: &Watch<'_>, told: bool) {
        self.learn(seen);
        if told {
            watch.tick(2);
        }
        self.settle(how.warm_up / 4, watch);
        if told {
            watch.tick(1);
        }
    }

    /// Draws `count` more; how many trajectories diverged.
    fn draw(&mut self, drawn: &mut Vec<DVector<f64>>, count: usize, watch: &Watch<'_>, told: bool) -> usize {
        let mut divergent = 0;
        let sixth = count.div_ceil(6).max(1);
        for i in 0..count {
            if watch.stopped() {
                break;
            }
            divergent += usize::from(self.advance().1);
            drawn.push(self.point(&self.at));
            if told && i % sixth == 0 {
                watch.tick(1);
            }
        }
        divergent
    }

    /// Finds the step by Nesterov's dual averaging of its logarithm (Hoffman
    /// and Gelman 2014); the places passed.
    fn settle(&mut self, draws: usize, watch: &Watch<'_>) -> Vec<DVector<f64>> {
        const TARGET: f64 = 0.8;
        let (mut shortfall, mut average) = (0.0, self.step.ln());
        let centre = (4.0 * self.step).ln().min(0.0);
        let mut passed = Vec::with_capacity(draws);
        for i in 0..draws {
            if watch.stopped() {
                break;
            }
            let accepted = self.advance().0;
            let m = (i + 1) as f64;
            shortfall += (TARGET - accepted - shortfall) / (m + 10.0);
            let ln_step = centre - m.sqrt() / 0.05 * shortfall;
            average += m.powf(-0.75) * (ln_step - average);
            self.step = ln_step.clamp(-6.0, 0.5).exp();
            passed.push(self.place(&self.at));
        }
        self.step = average.clamp(-6.0, 0.5).exp();
        passed
    }

    /// Whitens by what was seen, pulled towards the Normal at the mode as if
    /// that had been seen a few times per parameter.
    fn learn(&mut self, seen: &[DVector<f64>]) {
        let (n, d) = (seen.len() as f64, self.centre.len());
        let here = self.place(&self.at);
        let mean = seen.iter().fold(DVector::zeros(d), |sum, v| sum + v) / n.max(1.0);
        let held = 2.0 * d as f64;
        let mut covariance = &self.spread * self.spread.transpose() * held;
        for v in seen {
            let off = v - &mean;
            covariance.ger(1.0, &off, &off, 1.0);
        }
        if let Some(factor) = (covariance / (n + held)).cholesky() {
            let spread = factor.l();
            if let Some(at) = spread.solve_lower_triangular(&(&here - &mean)) {
                (self.centre, self.spread, self.at) = (mean, spread, at);
                (self.density, self.slope) = self.evaluate(&self.at.clone());
            }
        }
    }

    /// One trajectory; the chance of acceptance and whether it diverged.
    fn advance(&mut self) -> (f64, bool) {
        let d = self.at.len();
        let mut momentum = DVector::from_fn(d, |_, _| self.random.sample::<f64, _>(StandardNormal));
        let before = self.density - 0.5 * momentum.norm_squared();
        // Trajectories of about a quarter turn, of random length: no resonance.
        let longest = (2.4 / self.step).ceil().clamp(1.0, 24.0);
        let length = 1 + (self.random.random::<f64>() * longest) as usize;
        let (mut z, mut slope) = (self.at.clone(), self.slope.clone());
        let mut density = self.density;
        for _ in 0..length {
            momentum.axpy(0.5 * self.step, &slope, 1.0);
            z.axpy(self.step, &momentum, 1.0);
            (density, slope) = self.evaluate(&z);
            momentum.axpy(0.5 * self.step, &slope, 1.0);
            if !density.is_finite() {
                break;
            }
        }
        let change = density - 0.5 * momentum.norm_squared() - before;
        let accepted = if change.is_finite() { change.min(0.0).exp() } else { 0.0 };
        if self.random.random::<f64>() < accepted {
            (self.at, self.density, self.slope) = (z, density, slope);
        }
        (accepted, change.is_nan() || change <= -1000.0)
    }
}

/// Largest split R-hat and smallest effective sample size over the parameters
/// (Gelman et al. 2013, section 11.5), of the scores of their ranks: heavy tails
/// leave both what they are (Vehtari et al. 2021, equation 14).
fn agreement(chains: &[Vec<DVector<f64>>]) -> (f64, f64) {
    let width = chains.first().and_then(|c| c.first()).map_or(0, |d| d.len());
    let (mut worst, mut fewest) = (1.0_f64, f64::INFINITY);
    for j in 0..width {
        let mut halves: Vec<Vec<f64>> = Vec::new();
        for chain in chains {
            let values: Vec<f64> = chain.iter().map(|d| d[j]).collect();
            let half = values.len() / 2;
            halves.push(values[..half].to_vec());
            halves.push(values[half..2 * half].to_vec());
        }
        rank(&mut halves);
        let (r_hat, effective) = split(&halves);
        worst = worst.max(r_hat);
        fewest = fewest.min(effective);
    }
    (worst, fewest)
}

/// Puts the standard Normal score of its rank among all in place of every value.
fn rank(halves: &mut [Vec<f64>]) {
    let mut all: Vec<&mut f64> = halves.iter_mut().flatten().collect();
    all.sort_by(|a, b| a.total_cmp(b));
    let count = all.len() as f64 + 0.25;
    for (rank, value) in all.into_iter().enumerate() {
        *value = STANDARD.inverse_cdf((rank as f64 + 0.625) / count);
    }
}

fn split(halves: &[Vec<f64>]) -> (f64, f64) {
    let (m, n) = (halves.len() as f64, halves.first().map_or(0, Vec::len) as f64);
    if n < 4.0 {
        return (f64::INFINITY, 0.0);
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let means: Vec<f64> = halves.iter().map(|h| mean(h)).collect();
    let grand = mean(&means);
    let between = n / (m - 1.0) * means.iter().map(|v| (v - grand).powi(2)).sum::<f64>();
    let variances = halves.iter().zip(&means);
    let within =
        variances.map(|(h, mu)| h.iter().map(|v| (v - mu).powi(2)).sum::<f64>() / (n - 1.0)).sum::<f64>() / m;
    if within <= 0.0 {
        return (1.0, m * n);
    }
    let total = (n - 1.0) / n * within + between / n;
    let correlation = |lag: usize| {
        let squares = |h: &Vec<f64>| h.iter().zip(&h[lag..]).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let variogram = halves.iter().map(squares).sum::<f64>() / (m * (n - lag as f64));
        1.0 - variogram / (2.0 * total)
    };
    let mut sum = 0.0;
    let mut lag = 1;
    while lag + 1 < n as usize / 2 {
        let pair = correlation(lag) + correlation(lag + 1);
        if pair < 0.0 {
            break;
        }
        sum += pair;
        lag += 2;
    }
    ((total / within).sqrt(), m * n / (1.0 + 2.0 * sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_tails_leave_agreement_what_it_is() {
        let mut random = Pcg64::seed_from_u64(3);
        let chains = |off: f64, random: &mut Pcg64| -> Vec<Vec<DVector<f64>>> {
            let mut draw =
                |c: usize| DVector::from_element(1, off * c as f64 + random.sample::<f64, _>(StandardNormal));
            (0..4).map(|c| (0..300).map(|_| draw(c)).collect()).collect()
        };
        for off in [0.0, 0.5] {
            let plain = chains(off, &mut random);
            let stretched = plain.iter().map(|c| c.iter().map(|v| v.map(|v| (3.0 * v).exp())).collect());
            let (a, b) = (agreement(&plain), agreement(&stretched.collect::<Vec<_>>()));
            assert_eq!(a, b);
            assert!(if off == 0.0 { a.0 < 1.02 && a.1 > 900.0 } else { a.0 > 1.1 && a.1 < 60.0 }, "{a:?}");
        }
    }

    #[test]
    fn a_mixture_agrees_as_one_family_would() {
        let of =
            |r_hat| Convergence { r_hat, effective: 100.0, divergent: 0.0, cut_short: false, reached: true };
        // Alone: R-hat of 1.05.
        assert!((left_open(&[], 1.0) - AGREED).abs() < 1e-15);
        assert!((left_open(&[], 0.4) - 0.4 * AGREED).abs() < 1e-15);
        // What the first did not need is left to the second.
        let first = (0.9, of(1.02));
        let open = left_open(&[first], 0.1);
        let last = (1.0 + open / 0.1).sqrt();
        assert!(last > 1.2, "{last}");
        let mixed = crate::fit::joint::mixed(&[first, (0.1, of(last))], false);
        assert!((mixed.r_hat - 1.05).abs() < 1e-12, "{mixed:?}");
        // One that disagrees takes nothing from the others.
        assert!((left_open(&[(0.9, of(1.5))], 0.1) - 0.1 * AGREED).abs() < 1e-15);
    }
}
