//! What is known at a point of the posterior, by where it comes from.

use nalgebra::{DMatrix, DVector};

use super::Model;
use crate::fit::Rests;
use crate::fit::adstock::Carry;

/// Step of a derivative, in units of the parameters.
const STEP: f64 = 1e-4;

impl Model {
    /// What every channel's ln marginal return rests on at `at`, the most probable
    /// point: Fisher's information of the prior, of the history beside it and of
    /// lift tests beside both, each as what it adds to the precision of that one
    /// number, all other parameters unknown. Nothing is drawn, so no seed moves it.
    pub(crate) fn rests(&self, at: &DVector<f64>) -> Vec<Rests> {
        let prior = self.prior_information(at);
        let seen = &prior + self.history_information(at);
        let all = &seen + self.test_information(at);
        let variances = |of: DMatrix<f64>| of.cholesky().map(|c| c.inverse());
        let (Some(prior), Some(seen), Some(all)) = (variances(prior), variances(seen), variances(all)) else {
            return vec![Rests::default(); self.channels.len()];
        };
        let one = |j: usize| Rests::of(prior[(j, j)], seen[(j, j)], all[(j, j)]);
        self.channels.iter().map(|c| one(c.first)).collect()
    }

    fn prior_information(&self, at: &DVector<f64>) -> DMatrix<f64> {
        let d = self.width();
        let mut information = DMatrix::zeros(d, d);
        // Slopes of the ln average returns, which the prior is of.
        let mut averages = DMatrix::zeros(self.channels.len(), d);
        for (i, c) in self.channels.iter().enumerate() {
            averages[(i, c.first)] = 1.0;
            self.bends(c, at).for_each(|(j, by)| averages[(i, j)] = by);
            let mut add = |j: usize, deviation: f64| information[(j, j)] += deviation.powi(-2);
            add(c.first + 1, self.priors.ln_half.normal.deviation);
            let carries = usize::from(c.carry != Carry::None);
            if self.family.is_hill() {
                add(c.first + 2 + carries, self.priors.ln_exponent.deviation);
            }
        }
        let kept = self.kept();
        for (a, &i) in kept.iter().enumerate() {
            for (b, &j) in kept.iter().enumerate() {
                information[(i, j)] += self.priors.logit_retention.precision[(a, b)];
            }
        }
        if self.autocorrelated {
            information[(d - 1, d - 1)] += self.priors.atanh_phi.deviation.powi(-2);
        }
        if self.credit.is_some() {
            information[(d - 1, d - 1)] += 1.0;
        }
        if let Some(j) = self.meeting_at() {
            information[(j, j)] += 1.0;
        }
        information + averages.tr_mul(&(&self.priors.ln_return.precision * &averages))
    }

    /// Of what channels earn in every period, given level, season, controls and the
    /// errors' variance and autocorrelation at `at`.
    fn history_information(&self, at: &DVector<f64>) -> DMatrix<f64> {
        let mut space = self.workspace();
        let periods = self.outcome.len();
        let phi = self.phi(at);
        let rss = self.likelihood(at, &mut space).rss;
        let freedom = self.ground.as_ref().map_or_else(|| self.baseline.freedom(), |g| g.freedom());
        let mut earned = |at: &DVector<f64>| {
            self.likelihood(at, &mut space);
            DVector::from_fn(periods, |t, _| self.responses(&space, t) * self.weight(t))
        };
        let slopes = slopes(at, periods, &mut earned);
        let mut pulls = DMatrix::zeros(periods, at.len());
        let mut pull = vec![0.0; periods];
        for (j, column) in slopes.column_iter().enumerate() {
            let column: Vec<f64> = column.iter().copied().collect();
            match &self.ground {
                Some(ground) => ground.likelihood(&column, &mut pull),
                None => self.baseline.likelihood(&column, phi, &mut pull),
            };
            pulls.column_mut(j).copy_from_slice(&pull);
        }
        slopes.tr_mul(&pulls) * (freedom / rss)
    }

    /// Of the lift tests that are learnt from.
    fn test_information(&self, at: &DVector<f64>) -> DMatrix<f64> {
        let used: usize = self.channels.iter().flat_map(|c| &c.tests).filter(|t| t.used).count();
        let mut effects = |at: &DVector<f64>| {
            let of = |(i, c): (usize, &super::Part)| -> Vec<f64> {
                let told = self.tested(i, at).into_iter().zip(&c.tests).filter(|(_, t)| t.used);
                told.map(|((effect, _, error), _)| effect / error).collect()
            };
            DVector::from_vec(self.channels.iter().enumerate().flat_map(of).collect())
        };
        let slopes = slopes(at, used, &mut effects);
        slopes.tr_mul(&slopes)
    }
}

/// Slopes of figures by every parameter, in columns.
fn slopes(
    at: &DVector<f64>,
    figures: usize,
    of: &mut dyn FnMut(&DVector<f64>) -> DVector<f64>,
) -> DMatrix<f64> {
    let mut slopes = DMatrix::zeros(figures, at.len());
    for j in 0..at.len() {
        let mut moved = at.clone();
        moved[j] = at[j] + STEP;
        let up = of(&moved);
        moved[j] = at[j] - STEP;
        let down = of(&moved);
        slopes.set_column(j, &((up - down) / (2.0 * STEP)));
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::baseline::Baseline;
    use crate::fit::model::Choice;
    use crate::fit::{Channel, Family, History, LiftTest};
    use approx::assert_relative_eq;

    /// A line that hardly bends, without carry-over, beside a level and a trend: what is known
    /// of its slope is regression, by hand.
    #[test]
    fn shares_are_those_of_a_regression() {
        let n = 30;
        let wave = |a: f64| (0..n).map(|t| 5.0 + 3.0 * (a * t as f64).sin()).collect::<Vec<_>>();
        let spend = wave(1.3);
        let outcome: Vec<f64> = spend.iter().zip(wave(2.9)).map(|(x, e)| 100.0 + 2.0 * x + e).collect();
        let history = History {
            periods_per_year: 52.18,
            channels: vec![Channel { name: "c".into(), spend: spend.clone(), ..Channel::default() }],
            outcome_is_money: true,
            ..History::default()
        };
        let choice = Choice { family: Family::MichaelisMenten, carries: &[Carry::None], prior_width: 1.0 };
        let test = LiftTest {
            channel: "c".into(),
            first: None,
            periods: 4,
            spend: 5.0,
            delta: 3.0,
            lift: 20.0,
            standard_error: 8.0,
        };
        let rests = |tests: &[LiftTest]| {
            let model = Model::new(&history, &[0], &outcome, tests, Baseline::of(&history, 0), &choice);
            let at = DVector::from_vec(vec![1.7_f64.ln(), 12.0, 0.0]);
            model.rests(&at).swap_remove(0)
        };
        // What level and trend leave of a series.
        let rest = |values: &[f64]| {
            let time = |t: usize| t as f64 - 0.5 * (n - 1) as f64;
            let mean = values.iter().sum::<f64>() / n as f64;
            let square: f64 = (0..n).map(|t| time(t).powi(2)).sum();
            let by: f64 = (0..n).map(|t| time(t) * values[t]).sum::<f64>() / square;
            (0..n).map(|t| values[t] - mean - by * time(t)).collect::<Vec<f64>>()
        };
        let square = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
        let left: Vec<f64> = outcome.iter().zip(&spend).map(|(y, x)| y - 1.7 * x).collect();
        let prior = 1.0 / (0.6 * 0.6 + 0.5 * 0.5);
        let seen = 1.7 * 1.7 * square(&rest(&spend)) / (square(&rest(&left)) / (n - 2) as f64);
        let tested = (4.0_f64 * 1.7 * 3.0 / 8.0).powi(2);
        let found = rests(&[test]);
        let all = prior + seen + tested;
        assert_relative_eq!(found.prior, prior / all, max_relative = 1e-3);
        assert_relative_eq!(found.history, seen / all, max_relative = 1e-3);
        assert_relative_eq!(found.tests, tested / all, max_relative = 1e-3);
        let bare = rests(&[]);
        assert_relative_eq!(bare.prior, prior / (prior + seen), max_relative = 1e-3);
        assert_relative_eq!(bare.tests, 0.0, epsilon = 1e-12);
    }
}
