//! The most probable parameters (mode of the posterior).

use nalgebra::{DMatrix, DVector};

use super::FitError;
use super::model::{Model, Workspace};
use super::watch::Watch;

/// The most probable parameters and the curvature there.
#[derive(Debug, Clone)]
pub(crate) struct Mode {
    pub(crate) at: DVector<f64>,
    /// Lower triangular L with L L' = covariance of the Normal at the mode.
    pub(crate) spread: DMatrix<f64>,
    /// ln of the probability of the data under the Normal approximation.
    pub(crate) ln_evidence: f64,
    /// ln of the posterior density there, up to a constant.
    pub(crate) density: f64,
    /// Whether the climb to it ended by itself, and not because time was up.
    pub(crate) reached: bool,
}

/// Where a climb ended.
pub(crate) struct Climbed {
    pub(crate) at: DVector<f64>,
    pub(crate) density: f64,
    /// The covariance that the climb itself suggests.
    covariance: DMatrix<f64>,
    /// As [`Mode::reached`].
    pub(crate) reached: bool,
}

/// Largest number of quasi-Newton steps from one start.
const STEPS: usize = 400;
/// Standard deviation no parameter's approximation may exceed.
const WIDEST: f64 = 3.0;

impl Mode {
    /// Covariance of all parameters.
    pub(crate) fn covariance(&self) -> DMatrix<f64> {
        &self.spread * self.spread.transpose()
    }

    /// Standard deviation of one parameter.
    pub(crate) fn deviation(&self, j: usize) -> f64 {
        self.spread.row(j).norm()
    }
}

/// Finds the mode, from several starts. Once time is up, the best place so far,
/// as uncertain as it was believed beforehand.
pub(crate) fn find(model: &Model, starts: &[DVector<f64>], watch: &Watch<'_>) -> Result<Mode, FitError> {
    let mut space = model.workspace();
    let mut best: Option<Climbed> = None;
    for start in starts {
        let found = climb(model, start.clone(), None, &mut space, watch);
        let higher = |b: &Climbed| (found.reached, found.density) > (b.reached, b.density);
        if found.density.is_finite() && best.as_ref().is_none_or(higher) {
            best = Some(found);
        }
    }
    let mut best = best.ok_or(FitError::NoMode { steps: STEPS })?;
    if !best.reached {
        best.covariance = believed(model);
    }
    Ok(around(model, best, &mut space, watch))
}

/// The mode of a model of the same channels as another, whose mode is known.
/// Once time is up, where and as uncertain as the other's.
pub(crate) fn near(model: &Model, other: &Model, mode: &Mode, watch: &Watch<'_>) -> Mode {
    let mut space = model.workspace();
    let (at, covariance) = model.like(other, &mode.at, &mode.covariance());
    let mut found = climb(model, at, Some(covariance.clone()), &mut space, watch);
    if !found.reached {
        found.covariance = covariance;
    }
    around(model, found, &mut space, watch)
}

/// The most probable point of a model near that of another.
pub(crate) fn point_near(model: &Model, other: &Model, mode: &Mode, watch: &Watch<'_>) -> Climbed {
    let (at, covariance) = model.like(other, &mode.at, &mode.covariance());
    climb(model, at, Some(covariance), &mut model.workspace(), watch)
}

/// The covariance believed before any data, as far as it matters for where a
/// climb that was cut short ended.
fn believed(model: &Model) -> DMatrix<f64> {
    let mut deviation = DVector::from_element(model.width(), 1.0);
    for (i, part) in model.channels.iter().enumerate() {
        let (half, prior) = model.half(i);
        deviation[part.first] = model.prior_deviation(i);
        deviation[half] = prior.normal.deviation;
    }
    DMatrix::from_diagonal(&deviation.map(|d| d * d))
}

fn around(model: &Model, found: Climbed, space: &mut Workspace, watch: &Watch<'_>) -> Mode {
    let Climbed { at, density, covariance, reached } = found;
    let measured = if reached { curvature(model, &at, space, watch) } else { None };
    let spread = lower(measured.unwrap_or(covariance));
    let ln_determinant: f64 = spread.diagonal().iter().map(|d| d.ln()).sum();
    let ln_evidence = density + ln_determinant + 0.5 * at.len() as f64 * std::f64::consts::TAU.ln();
    Mode { at, spread, ln_evidence, density, reached }
}

/// BFGS ascent with backtracking, from a guess of the covariance if there is
/// one.
pub(crate) fn climb(
    model: &Model,
    mut at: DVector<f64>,
    inverse: Option<DMatrix<f64>>,
    space: &mut Workspace,
    watch: &Watch<'_>,
) -> Climbed {
    let d = at.len();
    let mut slope = DVector::zeros(d);
    let mut value = model.density(&at, &mut slope, space);
    let mut inverse = inverse.unwrap_or_else(|| DMatrix::identity(d, d) * 0.05);
    let mut next_slope = DVector::zeros(d);
    let mut reached = true;
    for _ in 0..STEPS {
        if watch.stopped() {
            reached = false;
            break;
        }
        let mut direction = &inverse * &slope;
        let rise = direction.dot(&slope);
        if rise <= 0.0 || !rise.is_finite() {
            inverse = DMatrix::identity(d, d) * 0.01;
            direction = &slope * 0.01;
        }
        let longest = direction.amax();
        if longest > 1.0 {
            direction /= longest;
        }
        let rise = direction.dot(&slope);
        let mut reach = |step: f64| model.density(&(&at + &direction * step), &mut next_slope, space);
        let Some((step, higher)) = backtrack(&mut reach, rise, value) else {
            break;
        };
        let (s, y) = (&direction * step, &slope - &next_slope);
        at += &s;
        let gain = higher - value;
        value = higher;
        slope.copy_from(&next_slope);
        let sy = s.dot(&y);
        if sy > 1e-12 * s.norm() * y.norm() {
            let hy = &inverse * &y;
            let scale = (1.0 + y.dot(&hy) / sy) / sy;
            inverse += &s * s.transpose() * scale - (&hy * s.transpose() + &s * hy.transpose()) / sy;
        }
        if gain < 1e-10 * value.abs().max(1.0) && slope.amax() < 1e-4 {
            break;
        }
    }
    Climbed { at, density: value, covariance: inverse, reached }
}

/// The first of ever shorter steps that gains enough, and what it reaches.
fn backtrack(reach: &mut dyn FnMut(f64) -> f64, rise: f64, value: f64) -> Option<(f64, f64)> {
    const HALVINGS: usize = 40;
    let mut step = 1.0;
    for _ in 0..HALVINGS {
        let reached = reach(step);
        if reached.is_finite() && reached >= value + 1e-4 * step * rise {
            return Some((step, reached));
        }
        step *= 0.5;
    }
    None
}

/// Covariance at the mode, from differences of gradients; none once time is up.
fn curvature(
    model: &Model,
    at: &DVector<f64>,
    space: &mut Workspace,
    watch: &Watch<'_>,
) -> Option<DMatrix<f64>> {
    const STEP: f64 = 1e-4;
    let d = at.len();
    let (mut up, mut down) = (DVector::zeros(d), DVector::zeros(d));
    let mut hessian = DMatrix::zeros(d, d);
    for j in 0..d {
        if watch.stopped() {
            return None;
        }
        let mut moved = at.clone();
        moved[j] += STEP;
        model.density(&moved, &mut up, space);
        moved[j] -= 2.0 * STEP;
        model.density(&moved, &mut down, space);
        hessian.set_column(j, &((&down - &up) / (2.0 * STEP)));
    }
    let symmetric = (&hessian + hessian.transpose()) * 0.5;
    let eigen = symmetric.symmetric_eigen();
    let floor = 1.0 / (WIDEST * WIDEST);
    let variance = eigen.eigenvalues.map(|v| 1.0 / if v.is_finite() { v.max(floor) } else { floor });
    Some(&eigen.eigenvectors * DMatrix::from_diagonal(&variance) * eigen.eigenvectors.transpose())
}

/// Square root of a covariance.
fn lower(covariance: DMatrix<f64>) -> DMatrix<f64> {
    let d = covariance.nrows();
    covariance.cholesky().map_or_else(|| DMatrix::identity(d, d) * 0.1, |c| c.l())
}
