//! Coordinates in which a posterior is nearer to Normal.

use nalgebra::{DMatrix, DVector};

use super::adstock::Carry;
use super::model::Model;
use super::part::Part;

/// In place of a channel's ln marginal return stands its ln average return: what
/// half-saturation leaves open of the marginal return, it leaves less open of the
/// average, so that chains move farther in a step. The change is a shear: volumes,
/// and with them densities, stay what they are.
impl Model {
    /// Parameters in these coordinates.
    pub(crate) fn sheared(&self, at: &DVector<f64>) -> DVector<f64> {
        let mut place = at.clone();
        self.channels.iter().for_each(|c| place[c.first] += self.average(c, at).value.ln());
        place
    }

    /// Parameters from these coordinates.
    pub(crate) fn unsheared(&self, place: &DVector<f64>) -> DVector<f64> {
        let mut at = place.clone();
        // An average over its marginal return depends on the other parameters alone.
        self.channels.iter().for_each(|c| at[c.first] -= self.average(c, place).value.ln());
        at
    }

    /// A gradient by parameters `at`, as one by these coordinates.
    pub(crate) fn shear_gradient(&self, at: &DVector<f64>, slope: &mut DVector<f64>) {
        for c in &self.channels {
            let by_return = slope[c.first];
            self.bends(c, at).for_each(|(j, by)| slope[j] -= by_return * by);
        }
    }

    /// A square root of the covariance of parameters near `at`, as one of these
    /// coordinates.
    pub(crate) fn shear_spread(&self, at: &DVector<f64>, spread: &DMatrix<f64>) -> DMatrix<f64> {
        let mut sheared = spread.clone();
        for c in &self.channels {
            for (j, by) in self.bends(c, at) {
                let row = spread.row(j) * by;
                let mut first = sheared.row_mut(c.first);
                first += row;
            }
        }
        sheared
    }

    /// Slopes of ln average over marginal return by the parameters it depends on.
    pub(crate) fn bends(&self, c: &Part, at: &DVector<f64>) -> impl Iterator<Item = (usize, f64)> {
        let average = self.average(c, at);
        let exponent = c.first + 2 + usize::from(c.carry != Carry::None);
        let by_exponent = self.family.is_hill().then_some((exponent, average.by_exponent / average.value));
        std::iter::once((c.first + 1, average.by_half / average.value)).chain(by_exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::baseline::Baseline;
    use crate::fit::model::Choice;
    use crate::fit::{Channel, Family, History};
    use approx::assert_relative_eq;

    #[test]
    fn a_shear_is_undone_and_gradients_follow() {
        let wave = |a: f64| (0..30).map(|t| 5.0 + 4.0 * (a * f64::from(t)).sin()).collect::<Vec<_>>();
        let channel = |a| Channel { name: "c".into(), spend: wave(a), ..Channel::default() };
        let history = History {
            periods_per_year: 52.18,
            channels: vec![channel(1.1), channel(0.7)],
            outcome_is_money: true,
            ..History::default()
        };
        let carries = [Carry::Geometric, Carry::None];
        for family in Family::ALL {
            let choice = Choice { family, carries: &carries, prior_width: 1.0 };
            let baseline = Baseline::of(&history, 1);
            let model = Model::new(&history, &[0, 1], &wave(0.4), &[], baseline, &choice);
            let at = DVector::from_fn(model.width(), |j, _| 0.5 * (1.0 + 1.7 * j as f64).sin());
            let place = model.sheared(&at);
            assert_relative_eq!(model.unsheared(&place), at, epsilon = 1e-14);
            let mut space = model.workspace();
            let mut slope = at.clone();
            model.density(&at, &mut slope, &mut space);
            model.shear_gradient(&at, &mut slope);
            let spread = model.shear_spread(&at, &DMatrix::identity(at.len(), at.len()));
            let mut ignored = at.clone();
            for j in 0..at.len() {
                let mut by = DVector::zeros(at.len());
                by[j] = 1e-5;
                let mut density =
                    |place: DVector<f64>| model.density(&model.unsheared(&place), &mut ignored, &mut space);
                let difference = (density(&place + &by) - density(&place - &by)) / 2e-5;
                assert_relative_eq!(slope[j], difference, epsilon = 1e-5, max_relative = 1e-5);
                let moved = (model.sheared(&(&at + &by)) - model.sheared(&(&at - &by))) / 2e-5;
                assert_relative_eq!(spread.column(j).into_owned(), moved, epsilon = 1e-8);
            }
        }
    }
}
