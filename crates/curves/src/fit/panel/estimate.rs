//! Estimates of the variances of a panel, given what channels earn.

use nalgebra::DMatrix;

use super::components::Components;
use super::design::Design;
use super::ground::Ground;

/// Markets whose error's deviation is believed to follow from their size
/// count as much as so many periods of their own.
const HELD: f64 = 8.0;

/// A first guess: half of what varies is shared.
pub(super) fn begin(design: &Design) -> Components {
    let n = design.periods;
    let deviation = |g: usize| {
        let site = &design.sites[g];
        let here: Vec<usize> = (0..n).filter(|&t| site.present[t]).collect();
        let z = DMatrix::from_fn(here.len(), site.baseline.ncols(), |i, j| site.baseline[(here[i], j)]);
        let y = nalgebra::DVector::from_fn(here.len(), |i, _| design.outcome[g * n + here[i]]);
        let mut normal = z.tr_mul(&z);
        (0..normal.nrows()).for_each(|j| normal[(j, j)] += 1e-3);
        let fitted = normal.cholesky().map(|c| &z * c.solve(&z.tr_mul(&y)));
        let rest = fitted.map_or(y.clone(), |f| y - f);
        (rest.norm_squared() / here.len().max(1) as f64).sqrt().max(1e-4)
    };
    let mut all: Vec<f64> = (0..design.sites.len()).map(deviation).collect();
    let error = all.iter().map(|d| 0.7 * d).collect();
    all.sort_by(f64::total_cmp);
    let shock = 0.7 * all[all.len() / 4];
    let load = vec![1.0; design.sites.len()];
    Components { phi: 0.2, shock_phi: 0.3, shock, between: 0.2, error, load }
}

/// The components that make residuals most probable, from a guess; effects as
/// for [`Ground::new`].
pub(super) fn improve(design: &Design, effects: &[Vec<f64>], r: &[f64], from: &Components) -> Components {
    const ROUNDS: usize = 2;
    const STEPS: usize = 4;
    let mut found = from.clone();
    for _ in 0..ROUNDS {
        for _ in 0..STEPS {
            let Some(ground) = Ground::new(design, effects, &found) else { return found };
            found = moments(design, &ground, r);
        }
        found = search(design, effects, r, found);
    }
    found
}

/// Autocorrelations, size of the shocks and differences between markets, by
/// ever shorter steps along each.
fn search(design: &Design, effects: &[Vec<f64>], r: &[f64], from: Components) -> Components {
    const SHORTEST: f64 = 0.04;
    let mut room = vec![0.0; r.len()];
    let mut value = |c: &Components| {
        let ground = Ground::new(design, effects, c);
        ground.map_or(f64::NEG_INFINITY, |g| g.likelihood(r, &mut room).value + c.ln_prior())
    };
    let mut best = (value(&from), from);
    let mut steps = [0.2, 0.2, 0.3, 0.4];
    while steps.iter().any(|s| *s > SHORTEST) {
        for (i, step) in steps.iter_mut().enumerate() {
            if *step <= SHORTEST {
                continue;
            }
            let tried = [*step, -*step].map(|by| moved(&best.1, i, by)).map(|c| (value(&c), c));
            match tried.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|c| c.0 > best.0) {
                Some(better) => best = better,
                None => *step *= 0.4,
            }
        }
    }
    best.1
}

fn moved(from: &Components, which: usize, by: f64) -> Components {
    let mut to = from.clone();
    let turned = |phi: f64| (phi.atanh() + by).tanh().clamp(-0.95, 0.95);
    match which {
        0 => to.phi = turned(to.phi),
        1 => to.shock_phi = turned(to.shock_phi),
        2 => to.shock *= by.exp(),
        _ => to.between = (to.between * by.exp()).max(0.01),
    }
    to
}

/// Every market's error and load from the residuals, one step of expectation
/// and maximisation. Errors lean on what markets of their size have, loads on
/// their common mean.
fn moments(design: &Design, ground: &Ground, r: &[f64]) -> Components {
    const LOADS: f64 = 0.3;
    let n = ground.periods;
    let mut next = ground.components.clone();
    let mut room = vec![0.0; r.len()];
    let scale = (ground.likelihood(r, &mut room).rss / ground.freedom()).sqrt();
    let shock = ground.shock(r, &mut room);
    let covariance = ground.shocks.inverse();
    let mut variance = Vec::new();
    for (g, (block, site)) in ground.blocks.iter().zip(&design.sites).enumerate() {
        let own = &r[g * n..(g + 1) * n];
        let rest: Vec<f64> = (0..n).map(|t| own[t] - block.load * shock[t]).collect();
        let coefficients = block.coefficients(&rest);
        let errors = block.differ(&rest) - &block.columns * &coefficients;
        // What is not known of shocks and coefficients belongs to the errors.
        let differed: f64 = trace_of_differences(&block.rows, &covariance);
        let explained = block.explained_differences().map_or(0.0, |v| (&v * &covariance).dot(&v));
        let square = (block.load * block.load).max(1e-12);
        let unknown = square * differed - explained;
        let known = block.factor.solve(&block.columns.tr_mul(&block.columns)).trace();
        let counted = site.present.iter().filter(|p| **p).count() as f64;
        let total = errors.norm_squared() / (scale * scale) + unknown.max(0.0) + known;
        variance.push((total, counted, next.error[g] * scale));
        let shocks = block.differ(shock.as_slice());
        let left = block.differ(own) - &block.columns * &coefficients;
        let held = (scale / LOADS).powi(2);
        let above = shocks.dot(&left) + scale * scale * explained / block.load.max(1e-6) + held;
        let below = shocks.norm_squared() + scale * scale * differed + held;
        next.load[g] = (above / below).clamp(0.05, 5.0);
    }
    let expected = by_size(design, &variance);
    for (g, &(total, counted, error)) in variance.iter().enumerate() {
        let own = error * error * total;
        next.error[g] = ((own + HELD * expected[g]) / (counted + HELD)).sqrt().max(1e-6);
    }
    let mean = next.load.iter().sum::<f64>() / next.load.len() as f64;
    next.load.iter_mut().for_each(|l| *l /= mean);
    next.shock *= scale * mean;
    next.between *= scale;
    next
}

/// Trace of `A C A'`.
fn trace_of_differences(rows: &[(f64, f64)], covariance: &DMatrix<f64>) -> f64 {
    let one = |(t, &(a, b)): (usize, &(f64, f64))| {
        let before = if b == 0.0 {
            0.0
        } else {
            b * b * covariance[(t - 1, t - 1)] - 2.0 * a * b * covariance[(t, t - 1)]
        };
        a * a * covariance[(t, t)] + before
    };
    rows.iter().enumerate().map(one).sum()
}

/// The variance of every market's error that its size lets expect: a straight
/// line in logarithms.
fn by_size(design: &Design, variance: &[(f64, f64, f64)]) -> Vec<f64> {
    let ln = |&(total, counted, error): &(f64, f64, f64)| {
        (error * error * total / counted.max(1.0)).max(1e-12).ln()
    };
    let points: Vec<(f64, f64, f64)> =
        design.sites.iter().zip(variance).map(|(s, v)| (s.share.ln(), ln(v), v.1)).collect();
    let weight: f64 = points.iter().map(|p| p.2).sum::<f64>().max(1.0);
    let mean = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(|p| p.2 * of(p)).sum::<f64>() / weight;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (mut above, mut below) = (0.0, 1e-3 * weight);
    for p in &points {
        above += p.2 * (p.0 - x) * (p.1 - y);
        below += p.2 * (p.0 - x).powi(2);
    }
    let slope = (above / below).clamp(-2.0, 0.5);
    points.iter().map(|p| (y + slope * (p.0 - x)).exp()).collect()
}
