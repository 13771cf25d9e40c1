//! What is doubtful about a fit.

use nalgebra::{DMatrix, DVector};

use super::model::Model;
use super::posterior::ChannelFit;
use super::quantile::quantile;
use super::straight::RISING;
use super::warning::Warning;
use super::{Outcome, TestedLift, residual};

/// Revenue per unit of spend above which an average return is doubted: twice
/// what published meta-analyses find, long-term effects included.
const HIGH_RETURN: f64 = 8.0;

/// Revenue per unit of spend below which, where more is spent than earned at all,
/// the two are hardly in the same unit.
const LOW_RETURN: f64 = 0.05;

/// Standard deviations at which a correlation is no chance find.
const CLEAR: f64 = 3.3;

/// Warnings on one channel of a fit whose most probable point is `at`.
pub(crate) fn channel(
    model: &Model,
    i: usize,
    fit: &ChannelFit,
    at: &DVector<f64>,
    alike: &Alike,
) -> Vec<Warning> {
    let mut all = Vec::new();
    let spend = &model.channels[i].spend;
    spend_warnings(model, i, alike, &mut all);
    if model.baseline.width() > 0 {
        driven_warnings(model, spend, at, &mut all);
        control_warnings(model, spend, &mut all);
    }
    curve_warnings(model, i, fit, &mut all);
    if let Some((measured, standard_error)) = model.channels[i].negative_test(model.outcome_mean) {
        all.push(Warning::NegativeTest { measured, standard_error });
    }
    if model.baseline.width() > 0 {
        all.extend(prior_dominates(model, i, fit));
    }
    all
}

/// Warnings on one channel of a panel: of its curve, its tests and the fit.
pub(crate) fn of_panel(
    model: &Model,
    i: usize,
    fit: &ChannelFit,
    tests: &[TestedLift],
    outcome: &Outcome,
) -> Vec<Warning> {
    let mut all = Vec::new();
    curve_warnings(model, i, fit, &mut all);
    all.extend(prior_dominates(model, i, fit));
    all.extend(conflicts(&fit.name, tests));
    all.extend(trust(outcome));
    all
}

/// Returns that are hardly narrower than they were believed beforehand.
fn prior_dominates(model: &Model, i: usize, fit: &ChannelFit) -> Option<Warning> {
    let ln = fit.interval(0.8, |p| p.marginal.ln());
    let ratio = (ln.high - ln.low) / (2.563 * model.prior_deviation(i));
    (ratio > 0.7).then_some(Warning::PriorDominates { ratio })
}

/// Draws and predictions that are not to be trusted.
fn trust(outcome: &Outcome) -> Vec<Warning> {
    let mut all = Vec::new();
    if outcome.beyond > 0.5 {
        all.push(Warning::AboveOutcome { probability: outcome.beyond });
    }
    let trust = &outcome.convergence;
    if !trust.reached {
        all.push(Warning::NotReached);
    } else if trust.cut_short {
        all.push(Warning::CutShort);
    } else if trust.r_hat > 1.1 || trust.effective < 50.0 {
        all.push(Warning::NotConverged { r_hat: trust.r_hat, effective: trust.effective });
    }
    if let Some(h) = outcome.hold_out.filter(|h| h.error >= h.naive) {
        all.push(Warning::WorseThanNaive { error: h.error, naive: h.naive });
    }
    all
}

/// Spend that something else drives.
fn driven_warnings(model: &Model, spend: &[f64], at: &DVector<f64>, all: &mut Vec<Warning>) {
    let share = model.baseline.explained(spend);
    if share > 0.8 {
        all.push(Warning::FollowsBaseline { share });
    }
    let errors = residual::innovations(&model.residuals(at), model.phi(at));
    let changes = residual::innovations(&model.baseline.rest(spend), 0.5);
    let correlation = residual::lagged_correlation(&errors, &changes);
    if correlation * (errors.len() as f64).sqrt() > CLEAR {
        all.push(Warning::FollowsOutcome { correlation });
    }
}

/// The control that moves most with the spend, if one clearly does.
fn control_warnings(model: &Model, spend: &[f64], all: &mut Vec<Warning>) {
    const STRONG: f64 = 0.4;
    let bare = model.baseline.bare();
    let news = |values: &[f64]| residual::innovations(&bare.rest(values), 0.5);
    let moves = news(spend);
    let with =
        |(name, values): (&str, Vec<f64>)| (name.to_owned(), residual::correlation(&moves, &news(&values)));
    let closest = model.baseline.controls().map(with).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let least = STRONG.max(CLEAR / (moves.len() as f64).sqrt());
    if let Some((control, correlation)) = closest.filter(|(_, r)| r.abs() > least) {
        all.push(Warning::ControlFollows { control, correlation });
    }
}

fn spend_warnings(model: &Model, i: usize, alike: &Alike, all: &mut Vec<Warning>) {
    let spend = &model.channels[i].spend;
    let variation = deviation(spend);
    if variation < 0.2 {
        all.push(Warning::LittleVariation { variation });
    }
    let effects = model.baseline.width() + model.width();
    let per_effect = spend.len() as f64 / effects.max(1) as f64;
    if per_effect < 10.0 {
        all.push(Warning::FewPoints { per_effect });
    }
    let periods = spend.iter().filter(|x| **x > 0.0).count();
    if periods < 20 && periods < spend.len() {
        all.push(Warning::FewActive { periods });
    } else if 2 * periods < spend.len() {
        all.push(Warning::Flighted { level: model.channels[i].level, periods });
    }
    for (j, other) in model.channels.iter().enumerate() {
        let correlation = alike.correlation[(i, j)];
        if j != i && correlation.abs() > 0.7 {
            all.push(Warning::Collinear { with: other.name.clone(), correlation });
        }
    }
    let factor = alike.inflation[i];
    if factor > 10.0 {
        all.push(Warning::Inflated { factor });
    }
}

fn curve_warnings(model: &Model, i: usize, fit: &ChannelFit, all: &mut Vec<Warning>) {
    let part = &model.channels[i];
    let mut sorted: Vec<f64> = part.spend.iter().filter(|x| **x > 0.0).map(|x| x * part.level).collect();
    sorted.sort_by(f64::total_cmp);
    let (quartile, max) = (quantile(&sorted, 0.25), quantile(&sorted, 1.0));
    let half_saturation = fit.central.ln_half.exp() * part.level;
    if max < half_saturation {
        all.push(Warning::BelowHalfSaturation { max, half_saturation });
    }
    if quartile > 3.0 * half_saturation {
        all.push(Warning::Saturated { spend: quartile, half_saturation });
    }
    let rises = |p: &&super::Parameters| p.family.is_hill() && p.ln_exponent > RISING;
    let probability = fit.draws.iter().filter(rises).count() as f64 / fit.draws.len().max(1) as f64;
    if probability > 0.5 {
        all.push(Warning::RisingReturns { probability });
    }
    let value = fit.achieved(0.9).median;
    if value > HIGH_RETURN && model.money {
        all.push(Warning::HighReturn { value });
    }
    if value < LOW_RETURN && model.money && spent(model) > 1.0 {
        all.push(Warning::LowReturn { value, spent: spent(model) });
    }
    if fit.central.retention > 0.9 {
        all.push(Warning::LongMemory { retention: fit.central.retention });
    }
}

/// Spend of all channels over the whole outcome.
fn spent(model: &Model) -> f64 {
    let spent: f64 = model.channels.iter().map(|c| c.level * c.spend.iter().sum::<f64>()).sum();
    spent / (model.outcome_mean * model.outcome.iter().sum::<f64>()).max(f64::MIN_POSITIVE)
}

/// Warnings on an outcome as a whole, for all channels that work on it.
pub(crate) fn whole(model: &Model, at: &DVector<f64>, year: f64, outcome: &Outcome) -> Vec<Warning> {
    let mut all = Vec::new();
    let years = model.outcome.len() as f64 / year;
    if years < 1.95 && outcome.joint {
        all.push(Warning::ShortHistory { years });
    }
    let periods = model.outcome.iter().filter(|y| **y == 0.0).count();
    if periods > 0 && outcome.joint {
        all.push(Warning::NoOutcome { periods });
    }
    let correlation = model.phi(at);
    if correlation > 0.7 {
        all.push(Warning::Autocorrelated { correlation });
    }
    let errors = residual::distances(&model.residuals(at), correlation);
    all.extend(residual::odd(&errors).map(|(period, z, count)| Warning::OddPeriods { period, z, count }));
    all.extend(trust(outcome));
    all
}

/// Warnings on tests that contradict the history or each other.
pub(crate) fn conflicts(channel: &str, tests: &[TestedLift]) -> Vec<Warning> {
    const SURPRISING: f64 = 2.0;
    let mut all = Vec::new();
    for t in tests.iter().filter(|t| t.channel == channel) {
        let measured = t.measured;
        if t.history.z.abs() > SURPRISING {
            all.push(Warning::Conflict { measured, expected: t.history.value, z: t.history.z });
        }
        if let Some(others) = t.others.filter(|o| o.z.abs() > SURPRISING) {
            all.push(Warning::TestsDisagree { measured, expected: others.value, z: others.z });
        }
    }
    all
}

/// Standard deviation over mean.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt() / mean
}

/// How the spends of channels go together.
pub(crate) struct Alike {
    /// Of every two.
    correlation: DMatrix<f64>,
    /// Variance inflation factor of each.
    inflation: Vec<f64>,
}

/// How the spends of a model's channels go together.
pub(crate) fn alike(model: &Model) -> Alike {
    let correlation = correlations(model);
    let n = correlation.nrows();
    // The diagonal of the inverse, where nothing is nearly a sum of the others.
    const PLAIN: f64 = 1e6;
    let inverse = correlation.clone().cholesky().map(|c| c.inverse().diagonal());
    let inflation = match inverse.filter(|d| d.iter().all(|v| (1.0..PLAIN).contains(v))) {
        Some(inverse) => inverse.iter().copied().collect(),
        None => (0..n).map(|i| inflation(&correlation, i)).collect(),
    };
    Alike { correlation, inflation }
}

fn correlations(model: &Model) -> DMatrix<f64> {
    let n = model.channels.len();
    let mut alike = DMatrix::identity(n, n);
    for i in 0..n {
        for j in 0..i {
            let both = residual::correlation(&model.channels[i].spend, &model.channels[j].spend);
            (alike[(i, j)], alike[(j, i)]) = (both, both);
        }
    }
    alike
}

/// Variance inflation factor: 1 over the share of its variance that the other
/// channels do not determine; infinite if they determine all of it.
fn inflation(alike: &DMatrix<f64>, i: usize) -> f64 {
    const ALL: f64 = 1e-9;
    let others: Vec<usize> = (0..alike.nrows()).filter(|j| *j != i).collect();
    let k = others.len();
    if k == 0 {
        return 1.0;
    }
    let among = DMatrix::from_fn(k, k, |a, b| alike[(others[a], others[b])]);
    let own = DVector::from_fn(k, |a, _| alike[(others[a], i)]);
    let Ok(inverse) = among.pseudo_inverse(ALL) else { return f64::INFINITY };
    let left = 1.0 - own.dot(&(inverse * &own));
    if left > ALL { 1.0 / left } else { f64::INFINITY }
}
