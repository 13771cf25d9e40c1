//! Log posterior density of a model and its gradient: the history, lift tests,
//! what channels may earn of the outcome, and the priors.

use nalgebra::DVector;

use super::{Model, Workspace};
use crate::dot::dot;
use crate::fit::adstock::Carry;
use crate::fit::baseline::Likelihood;
use crate::fit::part::{Part, Test};
use crate::fit::prior::Normal;
use crate::fit::shape::{Shape, Slopes};

/// What a lift test does, with its slopes by ln m, ln half, logit retention and
/// ln exponent, and by the number that says how channels meet.
#[derive(Default)]
struct Effect {
    value: f64,
    slopes: [f64; 4],
    by_meeting: f64,
    /// By what the channels earn that it meets.
    by_others: f64,
}

impl Model {
    /// Likelihood of the history alone.
    pub(crate) fn likelihood(&self, at: &DVector<f64>, space: &mut Workspace) -> Likelihood {
        space.earned.fill(0.0);
        for i in 0..self.channels.len() {
            self.respond(i, at, space);
            space.earned.iter_mut().zip(&space.response[i][0]).for_each(|(sum, f)| *sum += f);
        }
        self.meet(at, space);
        if self.meets.is_some() {
            space.earned.iter_mut().zip(&space.met).for_each(|(sum, met)| *sum += met);
        }
        let left = self.outcome.iter().zip(&space.earned).map(|(y, f)| y - f);
        space.residual.iter_mut().zip(left).for_each(|(r, left)| *r = left);
        if let Some(ground) = &self.ground {
            return ground.likelihood(&space.residual, &mut space.pull);
        }
        let Some(weights) = &self.weights else {
            return self.baseline.likelihood(&space.residual, self.phi(at), &mut space.pull);
        };
        space.residual.iter_mut().zip(weights).for_each(|(r, w)| *r *= w);
        let found = self.baseline.likelihood(&space.residual, self.phi(at), &mut space.pull);
        space.pull.iter_mut().zip(weights).for_each(|(p, w)| *p *= w);
        found
    }

    /// Log posterior density, up to a constant, and its gradient.
    pub(crate) fn density(&self, at: &DVector<f64>, slope: &mut DVector<f64>, space: &mut Workspace) -> f64 {
        slope.fill(0.0);
        let fit = self.likelihood(at, space);
        let freedom = self.ground.as_ref().map_or_else(|| self.baseline.freedom(), |g| g.freedom());
        let weight = freedom / fit.rss;
        let (factor, by_credit) = self.factor(at);
        let mut value = fit.value;
        if let Some(share) = &self.share {
            let (ln, slope) = share.ln_density(share.earned(|t| space.earned[t]));
            value += ln;
            if slope != 0.0 {
                share.add(slope / weight, &mut space.pull);
            }
        }
        if let (Some((meets, number, by_number)), Some(at)) = (self.number(at), self.meeting_at()) {
            let (response, pulls) = (&space.response, &mut space.pulls);
            let pull = meets.pulls(number, |i, t| response[i][0][t], &space.pull, pulls);
            slope[at] += weight * pull * by_number;
        }
        let usual = self.means(space);
        let mut others = vec![0.0; usual.len()];
        for (i, c) in self.channels.iter().enumerate() {
            let part = self.meets.as_ref().and_then(|meets| meets.part(i));
            let pulls = part.map_or(&space.pull, |part| &space.pulls[part]);
            let carries = usize::from(c.carry != Carry::None);
            for (slot, by) in c.slots(self.family).into_iter().zip(&space.response[i]) {
                if let Some(slot) = slot {
                    slope[slot] += weight * dot(by, pulls);
                }
            }
            for test in c.tests.iter().filter(|t| t.used) {
                let effect = self.effect(i, test, at, &usual);
                let miss = (test.lift - effect.value) / test.standard_error;
                value -= 0.5 * miss * miss;
                let pull = miss / test.standard_error;
                let by = effect.slopes;
                slope[c.first] += pull * by[0];
                slope[c.first + 1] += pull * by[1];
                if carries == 1 {
                    slope[c.first + 2] += pull * by[2];
                }
                if self.family.is_hill() {
                    slope[c.first + 2 + carries] += pull * by[3];
                }
                if self.credit.is_some() {
                    slope[self.width() - 1] += pull * effect.value / factor * by_credit;
                }
                if let Some(at) = self.meeting_at() {
                    slope[at] += pull * effect.by_meeting;
                }
                for k in self.meets.iter().flat_map(|meets| meets.others(i)) {
                    others[k] += pull * effect.by_others;
                }
            }
        }
        self.add_means(&others, slope, space);
        if self.autocorrelated {
            let last = self.width() - 1;
            let phi = self.phi(at);
            slope[last] += fit.by_phi * (1.0 - phi * phi);
        }
        value + self.prior(at, slope)
    }

    /// Effect of a test: the sum over the window of `f(A_test) - f(A_control)`,
    /// with what the channels that it meets gain or lose by it.
    fn effect(&self, i: usize, test: &Test, at: &DVector<f64>, usual: &[f64]) -> Effect {
        let c = &self.channels[i];
        let (m, ln_half, retention, ln_exponent) = self.raw(c, at);
        let shape = Shape::new(self.family, ln_half, ln_exponent);
        let (unit, logit) = (m * c.size * self.factor(at).0, retention * (1.0 - retention));
        let control = shape.at(test.control);
        let met = self.number(at).filter(|(meets, ..)| meets.part(i).is_some());
        let others = met.map_or(0.0, |(meets, ..)| meets.others(i).iter().map(|&k| usual[k]).sum());
        let mut sum = Effect::default();
        for t in 0..test.periods {
            let (share, by_retention) = c.carry.built_up(retention, t);
            let h = shape.at((test.control + test.change * share).max(0.0));
            let (from, to) = (unit * control.value, unit * h.value);
            let (mut low, mut high) = (-1.0, 1.0);
            match met {
                None => sum.value += to - from,
                Some((meets, number, by_number)) => {
                    let moved = meets.moved(i, number, others, (from, to));
                    sum.value += moved.value;
                    sum.by_meeting += moved.by_number * by_number;
                    sum.by_others += moved.by_others;
                    (low, high) = (moved.by_from, moved.by_to);
                }
            }
            sum.slopes[0] += high * to + low * from;
            sum.slopes[1] += unit * (high * h.by_half + low * control.by_half);
            if by_retention != 0.0 {
                sum.slopes[2] += unit * high * h.by_stock * test.change * by_retention * logit;
            }
            sum.slopes[3] += unit * (high * h.by_exponent + low * control.by_exponent);
        }
        sum
    }

    /// Effects of all of channel `i`'s tests: expected, measured and its
    /// standard error, in outcome units.
    pub(crate) fn tested(&self, i: usize, at: &DVector<f64>) -> Vec<(f64, f64, f64)> {
        let c = &self.channels[i];
        let unit = self.outcome_mean;
        let mut space = self.workspace();
        let usual = if self.meets.is_some() { self.usual(at, &mut space) } else { Vec::new() };
        let one =
            |t: &Test| (self.effect(i, t, at, &usual).value * unit, t.lift * unit, t.standard_error * unit);
        c.tests.iter().map(one).collect()
    }

    /// Average over marginal return at the level.
    pub(crate) fn average(&self, c: &Part, at: &DVector<f64>) -> Slopes {
        let (_, ln_half, _, ln_exponent) = self.raw(c, at);
        Shape::new(self.family, ln_half, ln_exponent).at(1.0)
    }

    fn prior(&self, at: &DVector<f64>, slope: &mut DVector<f64>) -> f64 {
        let mut value = 0.0;
        let average: Vec<Slopes> = self.channels.iter().map(|c| self.average(c, at)).collect();
        let returns = self.channels.iter().zip(&average).map(|(c, h)| at[c.first] + h.value.ln());
        let off = DVector::from_iterator(self.channels.len(), returns) - &self.priors.ln_return.mean;
        let pull = &self.priors.ln_return.precision * &off;
        value -= 0.5 * pull.dot(&off);
        let kept = self.kept();
        let off = DVector::from_iterator(kept.len(), kept.iter().map(|&j| at[j]))
            - &self.priors.logit_retention.mean;
        let back = &self.priors.logit_retention.precision * &off;
        value -= 0.5 * back.dot(&off);
        kept.iter().zip(back.iter()).for_each(|(&j, back)| slope[j] -= back);
        for (i, c) in self.channels.iter().enumerate() {
            let by = |slope: f64| pull[i] * slope / average[i].value;
            slope[c.first] -= pull[i];
            slope[c.first + 1] -= by(average[i].by_half);
            let (ln, rise) = self.priors.ln_half.ln_density(at[c.first + 1]);
            value += ln;
            slope[c.first + 1] += rise;
            let carries = usize::from(c.carry != Carry::None);
            if self.family.is_hill() {
                slope[c.first + 2 + carries] -= by(average[i].by_exponent);
                value += self.priors.ln_exponent.add(at, c.first + 2 + carries, slope);
            }
        }
        if self.autocorrelated {
            value += self.priors.atanh_phi.add(at, self.width() - 1, slope);
        }
        if self.credit.is_some() {
            value += Normal::STANDARD.add(at, self.width() - 1, slope);
        }
        if let Some(j) = self.meeting_at() {
            value += Normal::STANDARD.add(at, j, slope);
            // What a density with it is compared with lacks this prior.
            value -= 0.5 * std::f64::consts::TAU.ln();
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::baseline::Baseline;
    use crate::fit::meets::Meets;
    use crate::fit::model::Choice;
    use crate::fit::shape::Family;
    use crate::fit::{Channel, Control, History, LiftTest, Meeting};
    use approx::assert_relative_eq;

    fn history() -> History {
        let wave =
            |a: f64, b: f64| (0..40).map(|t| 50.0 + 40.0 * (a * f64::from(t) + b).sin()).collect::<Vec<_>>();
        let channel = |name: &str, spend| Channel { name: name.into(), spend, ..Channel::default() };
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
            left_out: vec![7, 8],
        }
    }

    #[test]
    fn the_gradient_is_the_densitys() {
        let history = history();
        let outcome = history.outcome.clone().unwrap();
        let test = |channel: &str, delta| LiftTest {
            channel: channel.into(),
            first: (channel == "b").then_some(20),
            periods: 4,
            spend: 50.0,
            delta,
            lift: 70.0,
            standard_error: 20.0,
        };
        let tests = [test("a", 30.0), test("b", -50.0), test("c", 20.0)];
        let carries = [Carry::Geometric, Carry::Delayed { peak: 1 }, Carry::None];
        // At the second point channels earn more than there was.
        for (family, up) in Family::ALL.into_iter().flat_map(|f| [(f, 0.0), (f, 4.0)]) {
            let baseline = Baseline::of(&history, 2);
            let choice = Choice { family, carries: &carries, prior_width: 1.0 };
            let model = Model::new(&history, &[0, 1, 2], &outcome, &tests, baseline, &choice);
            judge(&model, up);
            for meeting in meetings() {
                let meets = Meets::of(&meeting, &["a", "b", "c"], vec![0.1, 0.2, 0.15]).unwrap();
                judge(&model.clone().meeting(meets), up);
            }
        }
    }

    fn meetings() -> [Meeting; 2] {
        let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let pool = Meeting::Pool { makes: names(&["a"]), harvests: names(&["b", "c"]) };
        [Meeting::Overlap { channels: names(&["a", "c"]) }, pool]
    }

    fn judge(model: &Model, up: f64) {
        let mut space = model.workspace();
        let mut at = DVector::from_fn(model.width(), |j, _| 0.3 * (j as f64 * 1.7).sin());
        // Half-saturation in the middle of its prior, and in the tail.
        at[0] += up;
        at[1] += 0.5 * up;
        assert!(model.meets().is_some() || (model.share(&at, &mut space).unwrap() > 1.0) == (up > 0.0));
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
