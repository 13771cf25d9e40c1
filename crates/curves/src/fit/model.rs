use nalgebra::DVector;

use super::adstock::Carry;
use super::baseline::{Baseline, Likelihood};
use super::prior::{Normal, Priors};
use super::shape::{Family, Shape};
use super::{History, Incrementality, LiftTest};

/// The posterior of one outcome explained by some channels:
///
/// `y_t = baseline_t + sum_i mean_i m_i h_i(adstock_i,t / mean_i) + e_t`
///
/// in the unconstrained parameters ln m, ln half-saturation, logit retention,
/// ln exponent of every channel and atanh of the errors' autocorrelation. A
/// channel with an attributed outcome has no baseline and no autocorrelation,
/// but may have a factor from attributed to incremental outcome.
/// Lift tests are further Normal observations. Baseline and error variance
/// are integrated out ([`Baseline`]).
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) outcome: Vec<f64>,
    pub(crate) outcome_mean: f64,
    pub(crate) channels: Vec<Part>,
    pub(crate) baseline: Baseline,
    pub(crate) family: Family,
    priors: Priors,
    /// Weight of every period's error, 1 if all are equally precise. Only
    /// without a baseline.
    weights: Option<Vec<f64>>,
    /// Whether errors may be autocorrelated.
    autocorrelated: bool,
    /// Whether the outcome is money.
    pub(crate) money: bool,
    /// Incremental over attributed outcome: ln of the factor and deviation.
    /// Its standardised logarithm is the last parameter.
    credit: Option<Normal>,
}

/// What distinguishes the models tried on the same data.
pub(crate) struct Choice<'a> {
    pub(crate) family: Family,
    /// Kind of carry-over of each channel.
    pub(crate) carries: &'a [Carry],
    /// Multiplies the width of the priors on returns.
    pub(crate) prior_width: f64,
}

/// One channel's part of the model, in units of its mean spend.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) mean: f64,
    /// Mean spend over mean outcome.
    size: f64,
    pub(crate) spend: Vec<f64>,
    before: f64,
    pub(crate) carry: Carry,
    tests: Vec<Test>,
    first: usize,
}

#[derive(Debug, Clone)]
struct Test {
    control: f64,
    change: f64,
    periods: usize,
    lift: f64,
    standard_error: f64,
    used: bool,
}

/// One channel's parameters, read from a parameter vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Response family.
    pub family: Family,
    /// Marginal return at mean spend, outcome per unit of spend.
    pub marginal: f64,
    /// ln of half-saturation over mean spend.
    pub ln_half: f64,
    /// ln of Hill's exponent.
    pub ln_exponent: f64,
    /// Share that carries over to the next period.
    pub retention: f64,
    /// Kind of carry-over.
    pub carry: Carry,
    /// Mean spend per period.
    pub mean: f64,
}

impl Parameters {
    /// The curve of steady spend per period.
    pub fn curve(&self) -> Result<crate::Curve, crate::CurveError> {
        Shape::new(self.family, self.ln_half, self.ln_exponent).curve(self.mean, self.marginal)
    }
}

/// Buffers of one evaluation.
pub(crate) struct Workspace {
    response: Vec<[Vec<f64>; 4]>,
    stock: Vec<f64>,
    slope: Vec<f64>,
    residual: Vec<f64>,
    pull: Vec<f64>,
}

impl Part {
    /// Number of lift tests.
    pub(crate) fn tests(&self) -> usize {
        self.tests.len()
    }
}

impl Model {
    /// The model of channels `which` for the given outcome.
    pub(crate) fn new(
        history: &History,
        which: &[usize],
        outcome: &[f64],
        tests: &[LiftTest],
        baseline: Baseline,
        choice: &Choice<'_>,
    ) -> Model {
        let (family, carries) = (choice.family, choice.carries);
        let n = outcome.len() as f64;
        let outcome_mean = (outcome.iter().sum::<f64>() / n).max(f64::MIN_POSITIVE);
        let mut first = 0;
        let mut channels = Vec::new();
        for (&i, &carry) in which.iter().zip(carries) {
            let c = &history.channels[i];
            let mean = c.spend.iter().sum::<f64>() / n;
            let spend: Vec<f64> = c.spend.iter().map(|x| x / mean).collect();
            let start = &spend[..spend.len().min(8)];
            let before = start.iter().sum::<f64>() / start.len() as f64;
            let test = |t: &LiftTest| Test {
                control: t.spend / mean,
                change: t.delta / mean,
                periods: t.periods,
                lift: t.lift / outcome_mean,
                standard_error: t.standard_error / outcome_mean,
                used: true,
            };
            let tests = tests.iter().filter(|t| t.channel == c.name).map(test).collect();
            let size = mean / outcome_mean;
            channels.push(Part { name: c.name.clone(), mean, size, spend, before, carry, tests, first });
            first += 2 + usize::from(carry != Carry::None) + usize::from(family == Family::Hill);
        }
        let priors = Priors::of(history, which, outcome_mean, choice.prior_width);
        let outcome = outcome.iter().map(|y| y / outcome_mean).collect();
        let autocorrelated = baseline.width() > 0;
        Model {
            outcome,
            outcome_mean,
            channels,
            baseline,
            family,
            priors,
            weights: None,
            autocorrelated,
            money: history.outcome_is_money,
            credit: None,
        }
    }

    /// The model of an attributed outcome, of which `by` is incremental. Lift
    /// tests measure the incremental part, so they bear on the factor too.
    pub(crate) fn credited(mut self, by: Option<Incrementality>) -> Model {
        self.credit = by.map(|f| Normal { mean: f.factor.ln(), deviation: f.standard_error / f.factor });
        self
    }

    /// Incremental over attributed outcome, and its slope by the parameter.
    fn factor(&self, at: &DVector<f64>) -> (f64, f64) {
        let Some(credit) = self.credit else { return (1.0, 0.0) };
        let factor = (credit.mean + credit.deviation * at[self.width() - 1]).clamp(-30.0, 30.0).exp();
        (factor, factor * credit.deviation)
    }

    /// Prior standard deviation of channel `i`'s ln marginal return.
    pub(crate) fn prior_deviation(&self, i: usize) -> f64 {
        self.priors.deviation(i)
    }

    /// The same model that learns only from some of the lift tests, by channel
    /// and number; the others are still [`Model::tested`].
    pub(crate) fn learning_from(&self, which: impl Fn(usize, usize) -> bool) -> Model {
        let mut model = self.clone();
        for (i, c) in model.channels.iter_mut().enumerate() {
            c.tests.iter_mut().enumerate().for_each(|(j, t)| t.used = which(i, j));
        }
        model
    }

    /// Weights for errors proportional to what is expected, if the residuals
    /// at `at` are that much likelier than with equal errors.
    pub(crate) fn proportional(&self, at: &DVector<f64>) -> Option<Vec<f64>> {
        const MARGIN: f64 = 2.0;
        if self.baseline.width() > 0 {
            return None;
        }
        let mut space = self.workspace();
        let equal = self.likelihood(at, &mut space).rss;
        let n = self.outcome.len() as f64;
        // Small expectations must not get weights without bound.
        let size = |t: usize| space.response.iter().map(|r| r[0][t]).sum::<f64>().max(0.1);
        let ln_mean = (0..self.outcome.len()).map(|t| size(t).ln()).sum::<f64>() / n;
        let weights: Vec<f64> = (0..self.outcome.len()).map(|t| ln_mean.exp() / size(t)).collect();
        let weighted: f64 = space.residual.iter().zip(&weights).map(|(r, w)| r * r * w * w).sum();
        (0.5 * n * (equal / weighted).ln() > MARGIN).then_some(weights)
    }

    /// The same model with weighted errors.
    pub(crate) fn weighted(mut self, weights: Option<Vec<f64>>) -> Model {
        self.weights = weights;
        self
    }

    /// The model of the first `n` periods, in the same units.
    pub(crate) fn first(&self, n: usize) -> Model {
        let mut model = self.clone();
        model.outcome.truncate(n);
        model.channels.iter_mut().for_each(|c| c.spend.truncate(n));
        model.baseline = self.baseline.first(n);
        model
    }

    /// Number of parameters.
    pub(crate) fn width(&self) -> usize {
        let per =
            |c: &Part| 2 + usize::from(c.carry != Carry::None) + usize::from(self.family == Family::Hill);
        let others = usize::from(self.autocorrelated) + usize::from(self.credit.is_some());
        self.channels.iter().map(per).sum::<usize>() + others
    }

    pub(crate) fn workspace(&self) -> Workspace {
        let n = self.outcome.len();
        let four = || [vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        Workspace {
            response: self.channels.iter().map(|_| four()).collect(),
            stock: vec![0.0; n],
            slope: vec![0.0; n],
            residual: vec![0.0; n],
            pull: vec![0.0; n],
        }
    }

    /// Where searches begin.
    pub(crate) fn starts(&self) -> [DVector<f64>; 2] {
        [self.start(-0.5), self.start(1.0)]
    }

    /// The middle of the priors but for the logit retention.
    fn start(&self, retention: f64) -> DVector<f64> {
        let mut at = DVector::zeros(self.width());
        for (i, c) in self.channels.iter().enumerate() {
            at[c.first] = self.priors.ln_marginal.mean[i];
            at[c.first + 1] = self.priors.ln_half.mean;
            if c.carry != Carry::None {
                at[c.first + 2] = retention;
            }
        }
        at
    }

    fn raw(&self, c: &Part, at: &DVector<f64>) -> (f64, f64, f64, f64) {
        let carries = usize::from(c.carry != Carry::None);
        let retention = if carries == 1 { logistic(at[c.first + 2]) } else { 0.0 };
        let exponent = if self.family == Family::Hill { at[c.first + 2 + carries] } else { 0.0 };
        (at[c.first].clamp(-30.0, 30.0).exp(), at[c.first + 1], retention, exponent)
    }

    /// Parameters of channel `i`.
    pub(crate) fn parameters(&self, i: usize, at: &DVector<f64>) -> Parameters {
        let c = &self.channels[i];
        let (marginal, ln_half, retention, ln_exponent) = self.raw(c, at);
        let (family, carry, mean) = (self.family, c.carry, c.mean);
        let marginal = marginal * self.factor(at).0;
        Parameters { family, marginal, ln_half, ln_exponent, retention, carry, mean }
    }

    /// Autocorrelation of the errors.
    pub(crate) fn phi(&self, at: &DVector<f64>) -> f64 {
        if self.autocorrelated { at[self.width() - 1].tanh().clamp(-0.99, 0.99) } else { 0.0 }
    }

    /// Outcome less channels and baseline in every period, over mean outcome.
    pub(crate) fn residuals(&self, at: &DVector<f64>) -> Vec<f64> {
        let plain = self.clone().weighted(None);
        let mut space = plain.workspace();
        let coefficients = plain.likelihood(at, &mut space).coefficients;
        let baseline = plain.baseline.value(&coefficients);
        let left = |(t, r): (usize, &f64)| r - baseline.get(t).copied().unwrap_or(0.0);
        space.residual.iter().enumerate().map(left).collect()
    }

    /// Channel `i`'s adstock and partial residual in every period.
    pub(crate) fn points(&self, i: usize, at: &DVector<f64>) -> Vec<(f64, f64)> {
        let mut space = self.workspace();
        let coefficients = self.clone().weighted(None).likelihood(at, &mut space).coefficients;
        let baseline = self.baseline.value(&coefficients);
        let c = &self.channels[i];
        let unit = self.outcome_mean * self.factor(at).0;
        let retention = self.raw(c, at).2;
        c.carry.apply(retention, &c.spend, c.before, &mut space.stock, &mut space.slope);
        let point = |t: usize| {
            let left = space.residual[t] - baseline.get(t).copied().unwrap_or(0.0);
            (space.stock[t] * c.mean, (space.response[i][0][t] + left) * unit)
        };
        (0..self.outcome.len()).map(point).collect()
    }

    fn respond(&self, i: usize, at: &DVector<f64>, space: &mut Workspace) {
        let c = &self.channels[i];
        let (m, ln_half, retention, ln_exponent) = self.raw(c, at);
        let shape = Shape::new(self.family, ln_half, ln_exponent);
        c.carry.apply(retention, &c.spend, c.before, &mut space.stock, &mut space.slope);
        let (unit, logit) = (m * c.size, retention * (1.0 - retention));
        let [value, by_half, by_retention, by_exponent] = &mut space.response[i];
        let stocks = space.stock.iter().zip(&space.slope);
        let slopes = by_half.iter_mut().zip(by_retention.iter_mut()).zip(by_exponent.iter_mut());
        for ((value, ((half, kept), exponent)), (stock, slope)) in value.iter_mut().zip(slopes).zip(stocks) {
            let h = shape.at(*stock);
            *value = unit * h.value;
            *half = unit * h.by_half;
            *kept = unit * h.by_stock * slope * logit;
            *exponent = unit * h.by_exponent;
        }
        if c.carry == Carry::None || logit == 0.0 {
            by_retention.fill(0.0);
        }
    }

    /// Likelihood of the history alone.
    pub(crate) fn likelihood(&self, at: &DVector<f64>, space: &mut Workspace) -> Likelihood {
        space.residual.copy_from_slice(&self.outcome);
        for i in 0..self.channels.len() {
            self.respond(i, at, space);
            for (r, f) in space.residual.iter_mut().zip(&space.response[i][0]) {
                *r -= f;
            }
        }
        let Some(weights) = &self.weights else {
            return self.baseline.likelihood(&space.residual, self.phi(at), &mut space.pull);
        };
        space.residual.iter_mut().zip(weights).for_each(|(r, w)| *r *= w);
        let found = self.baseline.likelihood(&space.residual, self.phi(at), &mut space.pull);
        space.pull.iter_mut().zip(weights).for_each(|(p, w)| *p *= w);
        found
    }

    /// Residuals before the baseline of the latest likelihood.
    pub(crate) fn unexplained<'a>(&self, space: &'a Workspace) -> &'a [f64] {
        &space.residual
    }

    /// Log posterior density, up to a constant, and its gradient.
    pub(crate) fn density(&self, at: &DVector<f64>, slope: &mut DVector<f64>, space: &mut Workspace) -> f64 {
        slope.fill(0.0);
        let fit = self.likelihood(at, space);
        let freedom = self.outcome.len().saturating_sub(self.baseline.width()).max(1) as f64;
        let weight = freedom / fit.rss;
        let (factor, by_credit) = self.factor(at);
        let mut value = fit.value;
        for (i, c) in self.channels.iter().enumerate() {
            let dot = |by: &[f64]| weight * by.iter().zip(&space.pull).map(|(a, b)| a * b).sum::<f64>();
            let [response, by_half, by_retention, by_exponent] = &space.response[i];
            let carries = usize::from(c.carry != Carry::None);
            slope[c.first] += dot(response);
            slope[c.first + 1] += dot(by_half);
            if carries == 1 {
                slope[c.first + 2] += dot(by_retention);
            }
            if self.family == Family::Hill {
                slope[c.first + 2 + carries] += dot(by_exponent);
            }
            for test in c.tests.iter().filter(|t| t.used) {
                let effect = self.effect(c, test, at);
                let miss = (test.lift - effect[0]) / test.standard_error;
                value -= 0.5 * miss * miss;
                let pull = miss / test.standard_error;
                slope[c.first] += pull * effect[0];
                slope[c.first + 1] += pull * effect[1];
                if carries == 1 {
                    slope[c.first + 2] += pull * effect[2];
                }
                if self.family == Family::Hill {
                    slope[c.first + 2 + carries] += pull * effect[3];
                }
                if self.credit.is_some() {
                    slope[self.width() - 1] += pull * effect[0] / factor * by_credit;
                }
            }
        }
        if self.autocorrelated {
            let last = self.width() - 1;
            let phi = self.phi(at);
            slope[last] += fit.by_phi * (1.0 - phi * phi);
        }
        value + self.prior(at, slope)
    }

    /// Effect of a test and its slopes by ln m, ln half, logit retention and
    /// ln exponent: the sum over the window of `f(A_test) - f(A_control)`.
    fn effect(&self, c: &Part, test: &Test, at: &DVector<f64>) -> [f64; 4] {
        let (m, ln_half, retention, ln_exponent) = self.raw(c, at);
        let shape = Shape::new(self.family, ln_half, ln_exponent);
        let (unit, logit) = (m * c.size * self.factor(at).0, retention * (1.0 - retention));
        let control = shape.at(test.control);
        let mut sum = [0.0; 4];
        for t in 0..test.periods {
            let (share, by_retention) = c.carry.built_up(retention, t);
            let h = shape.at((test.control + test.change * share).max(0.0));
            sum[0] += unit * (h.value - control.value);
            sum[1] += unit * (h.by_half - control.by_half);
            if by_retention != 0.0 {
                sum[2] += unit * h.by_stock * test.change * by_retention * logit;
            }
            sum[3] += unit * (h.by_exponent - control.by_exponent);
        }
        sum
    }

    /// Effects of all of channel `i`'s tests: expected, measured and its
    /// standard error, in outcome units.
    pub(crate) fn tested(&self, i: usize, at: &DVector<f64>) -> Vec<(f64, f64, f64)> {
        let c = &self.channels[i];
        let unit = self.outcome_mean;
        let one = |t: &Test| (self.effect(c, t, at)[0] * unit, t.lift * unit, t.standard_error * unit);
        c.tests.iter().map(one).collect()
    }

    fn prior(&self, at: &DVector<f64>, slope: &mut DVector<f64>) -> f64 {
        let mut value = 0.0;
        let returns = DVector::from_iterator(self.channels.len(), self.channels.iter().map(|c| at[c.first]));
        let off = returns - &self.priors.ln_marginal.mean;
        let pull = &self.priors.ln_marginal.precision * &off;
        value -= 0.5 * pull.dot(&off);
        let mut one = |j: usize, prior: Normal, slope: &mut DVector<f64>| {
            let z = (at[j] - prior.mean) / prior.deviation;
            value -= 0.5 * z * z;
            slope[j] -= z / prior.deviation;
        };
        for (i, c) in self.channels.iter().enumerate() {
            slope[c.first] -= pull[i];
            one(c.first + 1, self.priors.ln_half, slope);
            let carries = usize::from(c.carry != Carry::None);
            if carries == 1 {
                one(c.first + 2, self.priors.logit_retention, slope);
            }
            if self.family == Family::Hill {
                one(c.first + 2 + carries, self.priors.ln_exponent, slope);
            }
        }
        if self.autocorrelated {
            one(self.width() - 1, self.priors.atanh_phi, slope);
        }
        if self.credit.is_some() {
            one(self.width() - 1, Normal { mean: 0.0, deviation: 1.0 }, slope);
        }
        value
    }
}

fn logistic(t: f64) -> f64 {
    crate::families::logistic(t).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Channel, Control};
    use approx::assert_relative_eq;

    fn history() -> History {
        let wave =
            |a: f64, b: f64| (0..40).map(|t| 50.0 + 40.0 * (a * f64::from(t) + b).sin()).collect::<Vec<_>>();
        let channel =
            |name: &str, spend| Channel { name: name.into(), spend, outcome: None, incrementality: None };
        History {
            periods_per_year: 52.18,
            year_fraction: 0.3,
            channels: vec![
                channel("a", wave(1.1, 0.0)),
                channel("b", wave(0.7, 1.0)),
                channel("c", wave(2.3, 2.0)),
            ],
            outcome: Some(wave(0.37, 0.5).iter().map(|y| 4.0 * y + 300.0).collect()),
            outcome_is_money: true,
            controls: vec![Control { name: "price".into(), values: wave(0.2, 0.1) }],
        }
    }

    #[test]
    fn the_gradient_is_the_densitys() {
        let history = history();
        let outcome = history.outcome.clone().unwrap();
        let test = |channel: &str, delta| LiftTest {
            channel: channel.into(),
            periods: 4,
            spend: 50.0,
            delta,
            lift: 70.0,
            standard_error: 20.0,
        };
        let tests = [test("a", 30.0), test("b", -50.0), test("c", 20.0)];
        let carries = [Carry::Geometric, Carry::Delayed { peak: 1 }, Carry::None];
        for family in [Family::MichaelisMenten, Family::Exponential, Family::Hill] {
            let baseline = Baseline::of(&history, 2);
            let choice = Choice { family, carries: &carries, prior_width: 1.0 };
            let model = Model::new(&history, &[0, 1, 2], &outcome, &tests, baseline, &choice);
            let mut space = model.workspace();
            let at = DVector::from_fn(model.width(), |j, _| 0.3 * (j as f64 * 1.7).sin());
            let (mut slope, mut ignored) = (at.clone(), at.clone());
            model.density(&at, &mut slope, &mut space);
            for j in 0..at.len() {
                let mut moved = |by: f64| {
                    let mut at = at.clone();
                    at[j] += by;
                    model.density(&at, &mut ignored, &mut space)
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert_relative_eq!(slope[j], difference, epsilon = 1e-5, max_relative = 1e-5);
            }
        }
    }
}
