//! The posterior of one outcome: its data, parameters, starts and responses.

mod density;
mod information;
mod meeting;

use nalgebra::{DMatrix, DVector};

use super::adstock::Carry;
use super::baseline::Baseline;
use super::meets::Meets;
use super::panel::ground;
use super::part::Part;
use super::prior::{Normal, Priors, Tailed};
use super::shape::{Family, Shape};
use super::share::Share;
use super::{History, Incrementality, LiftTest, Parameters, residual};

/// The posterior of one outcome explained by some channels:
///
/// `y_t = baseline_t + sum_i level_i m_i h_i(adstock_i,t / level_i) + e_t`
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
    /// Weight of every period's error, 1 if all are equally precise and 0 for
    /// periods left out.
    weights: Option<Vec<f64>>,
    /// Whether errors may be autocorrelated.
    autocorrelated: bool,
    /// Whether the outcome is money.
    pub(crate) money: bool,
    /// Incremental over attributed outcome: ln of the factor and deviation.
    /// Its standardised logarithm is the last parameter.
    credit: Option<Normal>,
    /// What a panel rests on besides its channels; its markets stand one after
    /// another as if they were one series.
    ground: Option<ground::Shared>,
    /// What channels may earn of the outcome, where they leave a baseline.
    share: Option<Share>,
    /// How some of the channels meet; their number is the parameter after the
    /// channels'.
    meets: Option<Meets>,
}

/// What distinguishes the models tried on the same data.
pub(crate) struct Choice<'a> {
    pub(crate) family: Family,
    /// Kind of carry-over of each channel.
    pub(crate) carries: &'a [Carry],
    /// Multiplies the width of the priors on returns.
    pub(crate) prior_width: f64,
}

/// Buffers of one evaluation.
pub(crate) struct Workspace {
    /// A channel's response, which is its own slope by ln marginal return, and its
    /// slopes by ln half-saturation, logit retention and ln exponent.
    response: Vec<[Vec<f64>; 4]>,
    stock: Vec<f64>,
    slope: Vec<f64>,
    /// What all channels earn.
    earned: Vec<f64>,
    residual: Vec<f64>,
    pull: Vec<f64>,
    /// What channels that meet earn together beyond one by one.
    met: Vec<f64>,
    /// What every period pulls them by.
    pulls: [Vec<f64>; 2],
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
        let mask = history.counted(which, tests);
        let counted: Vec<f64> =
            outcome.iter().zip(&mask).filter(|(_, m)| **m > 0.0).map(|(y, _)| *y).collect();
        let outcome_mean = (counted.iter().sum::<f64>() / counted.len() as f64).max(f64::MIN_POSITIVE);
        let mut first = 0;
        let mut channels = Vec::new();
        for (&i, &carry) in which.iter().zip(carries) {
            channels.push(Part::of(&history.channels[i], carry, outcome_mean, tests, first));
            first += 2 + usize::from(carry != Carry::None) + usize::from(family.is_hill());
        }
        let negative: Vec<bool> = channels.iter().map(Part::tested_negative).collect();
        let priors =
            Priors::of(history, (which, carries), &negative, outcome_mean, (family, choice.prior_width));
        let outcome: Vec<f64> = outcome.iter().map(|y| y / outcome_mean).collect();
        let autocorrelated = baseline.width() > 0;
        let share = if autocorrelated { Share::of(&outcome, &mask) } else { None };
        let model = Model {
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
            ground: None,
            share,
            meets: None,
        };
        if mask.iter().all(|m| *m > 0.0) { model } else { model.weighted(Some(mask)) }
    }

    /// The model of a panel: outcomes per head over their mean, and the mean
    /// outcome of all markets together.
    pub(super) fn of_panel(
        history: &History,
        channels: Vec<Part>,
        (outcome, outcome_mean): (Vec<f64>, f64),
        (ground, share): (Option<ground::Shared>, Option<Share>),
        choice: &Choice<'_>,
    ) -> Model {
        let all: Vec<usize> = (0..channels.len()).collect();
        let negative: Vec<bool> = channels.iter().map(Part::tested_negative).collect();
        let priors = Priors::of(
            history,
            (&all, choice.carries),
            &negative,
            outcome_mean,
            (choice.family, choice.prior_width),
        );
        Model {
            baseline: Baseline::none(outcome.len()),
            outcome,
            outcome_mean,
            channels,
            family: choice.family,
            priors,
            weights: None,
            autocorrelated: false,
            money: history.outcome_is_money,
            credit: None,
            ground,
            share,
            meets: None,
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

    /// Prior precision of the ln marginal returns.
    pub(crate) fn prior_precision(&self) -> DMatrix<f64> {
        let k = self.channels.len();
        self.priors.ln_marginal.clone().cholesky().map_or_else(|| DMatrix::identity(k, k), |c| c.inverse())
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
        let counted: Vec<usize> = (0..self.outcome.len()).filter(|t| self.weight(*t) > 0.0).collect();
        let n = counted.len() as f64;
        // Small expectations must not get weights without bound.
        let size = |t: usize| space.response.iter().map(|r| r[0][t]).sum::<f64>().max(0.1);
        let ln_mean = counted.iter().map(|&t| size(t).ln()).sum::<f64>() / n;
        let weights: Vec<f64> =
            (0..self.outcome.len()).map(|t| self.weight(t) * ln_mean.exp() / size(t)).collect();
        let weighted: f64 =
            counted.iter().map(|&t| (space.residual[t] * weights[t] / self.weight(t)).powi(2)).sum();
        (0.5 * n * (equal / weighted).ln() > MARGIN).then_some(weights)
    }

    /// The same model with weighted errors.
    pub(crate) fn weighted(mut self, weights: Option<Vec<f64>>) -> Model {
        let even = vec![1.0; self.outcome.len()];
        self.baseline = self.baseline.weighted(weights.as_ref().unwrap_or(&even));
        self.weights = weights;
        self
    }

    /// Weights of the periods, if not all are alike.
    pub(crate) fn weights(self) -> Option<Vec<f64>> {
        self.weights
    }

    /// Spend of channel `i` per period.
    pub(crate) fn spend(&self, i: usize) -> Vec<f64> {
        let c = &self.channels[i];
        c.spend.iter().map(|x| x * c.level).collect()
    }

    /// Spend of channel `i` before the first period.
    pub(crate) fn before(&self, i: usize) -> f64 {
        let c = &self.channels[i];
        c.before.iter().sum::<f64>() * c.level
    }

    /// Weight of a period's error; 0 if it is left out.
    pub(crate) fn weight(&self, t: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[t])
    }

    /// Weights with which periods far from anything expected count little: at
    /// `at` their distance in robust standard deviations, over [`Self::FAR`],
    /// divides what they weigh. `None` if no period is that far.
    pub(crate) fn robust(&self, at: &DVector<f64>) -> Option<Vec<f64>> {
        let distances = residual::distances(&self.residuals(at), self.phi(at));
        let n = distances.len() as f64;
        let far = (2.0 * n.ln()).sqrt() + 1.2;
        let weight = |(t, z): (usize, &f64)| match z.abs() {
            z if z > far && self.weight(t) > 0.0 => Self::FAR / z,
            _ => 1.0,
        };
        let weights: Vec<f64> = distances.iter().enumerate().map(weight).collect();
        weights.iter().any(|w| *w < 1.0).then_some(weights)
    }

    /// Distance at which an odd period counts in full.
    const FAR: f64 = 2.0;

    /// The model of the first `n` periods, in the same units.
    pub(crate) fn first(&self, n: usize) -> Model {
        let mut model = self.clone();
        model.outcome.truncate(n);
        model.channels.iter_mut().for_each(|c| c.spend.truncate(n));
        model.baseline = self.baseline.first(n);
        let weights = self.weights.as_ref().map(|w| w[..n].to_vec());
        let counts: Vec<f64> = (0..n).map(|t| f64::from(u8::from(self.weight(t) > 0.0))).collect();
        model.share = self.share.as_ref().and_then(|_| Share::of(&model.outcome, &counts));
        model.weighted(weights)
    }

    /// Number of parameters.
    pub(crate) fn width(&self) -> usize {
        let per = |c: &Part| 2 + usize::from(c.carry != Carry::None) + usize::from(self.family.is_hill());
        let others = usize::from(self.autocorrelated) + usize::from(self.credit.is_some());
        let others = others + usize::from(self.meets.is_some());
        self.channels.iter().map(per).sum::<usize>() + others
    }

    pub(crate) fn workspace(&self) -> Workspace {
        let n = self.outcome.len();
        let four = || [vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        Workspace {
            response: self.channels.iter().map(|_| four()).collect(),
            stock: vec![0.0; n],
            slope: vec![0.0; n],
            earned: vec![0.0; n],
            residual: vec![0.0; n],
            pull: vec![0.0; n],
            met: vec![0.0; n],
            pulls: [Vec::new(), Vec::new()],
        }
    }

    /// Another model's mode and covariance as this one's: parameters that it
    /// lacks begin at the middle of their priors, kept apart.
    pub(crate) fn like(
        &self,
        other: &Model,
        known: &DVector<f64>,
        covariance: &DMatrix<f64>,
    ) -> (DVector<f64>, DMatrix<f64>) {
        const APART: f64 = 0.05;
        let d = self.width();
        let mut from: Vec<Option<usize>> = vec![None; d];
        let ends = self.channels.iter().zip(&other.channels);
        for (a, b) in ends {
            let (mine, theirs) = (a.slots(self.family), b.slots(other.family));
            mine.iter().zip(theirs).for_each(|(m, t)| {
                if let Some(m) = m {
                    from[*m] = t;
                }
            });
        }
        let last =
            self.channels.iter().flat_map(|c| c.slots(self.family)).flatten().max().map_or(0, |m| m + 1);
        let other_last =
            other.channels.iter().flat_map(|c| c.slots(other.family)).flatten().max().map_or(0, |m| m + 1);
        let (mine, theirs) = (usize::from(self.meets.is_some()), usize::from(other.meets.is_some()));
        for (j, slot) in from.iter_mut().enumerate().skip(last) {
            let known_at = match j - last {
                0 if mine > theirs => None,
                k => Some(other_last + k + theirs - mine),
            };
            *slot = known_at.filter(|t| *t < known.len());
        }
        let at = DVector::from_fn(d, |j, _| from[j].map_or(0.0, |t| known[t]));
        let spread = DMatrix::from_fn(d, d, |a, b| match (from[a], from[b]) {
            (Some(x), Some(y)) => covariance[(x, y)],
            _ if a == b => APART,
            _ => 0.0,
        });
        (at, spread)
    }

    /// Where searches begin.
    pub(crate) fn starts(&self) -> [DVector<f64>; 2] {
        [self.start(-0.5), self.start(1.0)]
    }

    /// The middle of the priors but for the logit retention.
    fn start(&self, retention: f64) -> DVector<f64> {
        let mut at = DVector::zeros(self.width());
        for (i, c) in self.channels.iter().enumerate() {
            at[c.first + 1] = self.priors.ln_half.normal.mean;
            at[c.first] = self.priors.ln_return.mean[i] - self.average(c, &at).value.ln();
            if c.carry != Carry::None {
                at[c.first + 2] = retention;
            }
        }
        at
    }

    fn raw(&self, c: &Part, at: &DVector<f64>) -> (f64, f64, f64, f64) {
        let carries = usize::from(c.carry != Carry::None);
        let retention = if carries == 1 { logistic(at[c.first + 2]) } else { 0.0 };
        let exponent = if self.family.is_hill() { at[c.first + 2 + carries] } else { 0.0 };
        (at[c.first].clamp(-30.0, 30.0).exp(), at[c.first + 1], retention, exponent)
    }

    /// Parameters of channel `i`.
    pub(crate) fn parameters(&self, i: usize, at: &DVector<f64>) -> Parameters {
        let c = &self.channels[i];
        let (marginal, ln_half, retention, ln_exponent) = self.raw(c, at);
        let (family, carry, level) = (self.family, c.carry, c.level);
        let marginal = marginal * self.factor(at).0;
        Parameters { family, marginal, ln_half, ln_exponent, retention, carry, level }
    }

    /// Autocorrelation of the errors.
    pub(crate) fn phi(&self, at: &DVector<f64>) -> f64 {
        if self.autocorrelated { at[self.width() - 1].tanh().clamp(-0.99, 0.99) } else { 0.0 }
    }

    /// Outcome less channels and baseline in every period, over mean outcome;
    /// 0 in periods left out.
    pub(crate) fn residuals(&self, at: &DVector<f64>) -> Vec<f64> {
        let mut space = self.workspace();
        let baseline = self.baseline.value(&self.likelihood(at, &mut space).coefficients);
        let left =
            |t: usize| self.outcome[t] - self.responses(&space, t) - baseline.get(t).copied().unwrap_or(0.0);
        (0..self.outcome.len()).map(|t| if self.weight(t) > 0.0 { left(t) } else { 0.0 }).collect()
    }

    /// Share of the whole outcome that all channels earn, where they leave a baseline.
    pub(crate) fn share(&self, at: &DVector<f64>, space: &mut Workspace) -> Option<f64> {
        let share = self.share.as_ref()?;
        (0..self.channels.len()).for_each(|i| self.respond(i, at, space));
        self.meet(at, space);
        Some(share.earned(|t| self.responses(space, t)))
    }

    /// What all channels earn in period `t`, after a likelihood.
    pub(crate) fn responses(&self, space: &Workspace, t: usize) -> f64 {
        space.response.iter().map(|r| r[0][t]).sum::<f64>() + space.met[t]
    }

    /// What channel `i` earns in every period, over mean outcome.
    pub(crate) fn earned(&self, i: usize, at: &DVector<f64>, space: &mut Workspace) -> Vec<f64> {
        self.respond(i, at, space);
        space.response[i][0].clone()
    }

    /// Channel `i`'s adstock over its level.
    pub(crate) fn stock(&self, i: usize, at: &DVector<f64>) -> Vec<f64> {
        let mut space = self.workspace();
        self.respond(i, at, &mut space);
        space.stock
    }

    /// Channel `i`'s adstock and partial residual in every period that counts.
    pub(crate) fn points(&self, i: usize, at: &DVector<f64>) -> Vec<(f64, f64)> {
        let left = self.residuals(at);
        let mut space = self.workspace();
        self.respond(i, at, &mut space);
        let c = &self.channels[i];
        let unit = self.outcome_mean * self.factor(at).0;
        let point = |t: usize| (space.stock[t] * c.level, (space.response[i][0][t] + left[t]) * unit);
        (0..self.outcome.len()).filter(|&t| self.weight(t) > 0.0).map(point).collect()
    }

    /// What channel `i` earns, with its slopes.
    fn respond(&self, i: usize, at: &DVector<f64>, space: &mut Workspace) {
        let c = &self.channels[i];
        let (m, ln_half, retention, ln_exponent) = self.raw(c, at);
        let shape = Shape::new(self.family, ln_half, ln_exponent);
        let n = c.spend.len() / c.before.len();
        for (g, before) in c.before.iter().enumerate() {
            let (from, to) = (g * n, (g + 1) * n);
            let (stock, slope) = (&mut space.stock[from..to], &mut space.slope[from..to]);
            c.carry.apply(retention, &c.spend[from..to], *before, stock, slope);
        }
        let (unit, logit) = (m * c.size, retention * (1.0 - retention));
        let [value, by_half, by_retention, by_exponent] = &mut space.response[i];
        if self.family == Family::MichaelisMenten {
            // The usual case, without what it does not need.
            shape.along(&space.stock, [value, by_retention, by_half, by_exponent]);
            for ((kept, half), (value, slope)) in
                by_retention.iter_mut().zip(by_half).zip(value.iter_mut().zip(&space.slope))
            {
                *value *= unit;
                *half *= unit;
                *kept = unit * logit * *kept * slope;
            }
            return;
        }
        shape.along(&space.stock, [value, by_retention, by_half, by_exponent]);
        let slopes = by_half.iter_mut().zip(by_retention.iter_mut()).zip(by_exponent.iter_mut());
        for ((value, ((half, kept), exponent)), slope) in value.iter_mut().zip(slopes).zip(&space.slope) {
            *value *= unit;
            *half *= unit;
            *kept = unit * *kept * slope * logit;
            *exponent *= unit;
        }
        if c.carry == Carry::None || logit == 0.0 {
            by_retention.fill(0.0);
        }
    }

    /// Position of ln half-saturation of channel `i`, and its prior.
    pub(crate) fn half(&self, i: usize) -> (usize, Tailed) {
        (self.channels[i].first + 1, self.priors.ln_half)
    }

    /// Positions of the logit retentions, of the channels that carry over.
    fn kept(&self) -> Vec<usize> {
        self.channels.iter().filter_map(|c| c.slots(self.family)[2]).collect()
    }
}

fn logistic(t: f64) -> f64 {
    crate::families::logistic(t).0
}
