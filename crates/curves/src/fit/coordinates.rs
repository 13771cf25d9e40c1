//! Coordinates in which a posterior is nearer to Normal.

use nalgebra::{DMatrix, DVector};

use super::adstock::Carry;
use super::model::Model;
use super::part::Part;

/// In place of a channel's ln marginal return stands its ln average return: what
/// half-saturation leaves open of the marginal return, it leaves less open of the
/// average, so that chains move farther in a step. In place of ln half-saturation
/// stands its standard Normal score under the prior: steps that suit its middle
/// would take too long through its tail.
impl Model {
    /// Parameters in these coordinates.
    pub(crate) fn placed(&self, at: &DVector<f64>) -> DVector<f64> {
        let mut place = at.clone();
        for (i, c) in self.channels.iter().enumerate() {
            place[c.first] += self.average(c, at).value.ln();
            let (half, prior) = self.half(i);
            place[half] = prior.score(at[half]);
        }
        place
    }

    /// Parameters from these coordinates.
    pub(crate) fn unplaced(&self, place: &DVector<f64>) -> DVector<f64> {
        let mut at = place.clone();
        for (i, c) in self.channels.iter().enumerate() {
            let (half, prior) = self.half(i);
            at[half] = prior.value(place[half]);
            // An average over its marginal return depends on the other parameters alone.
            at[c.first] -= self.average(c, &at).value.ln();
        }
        at
    }

    /// ln of the volume of parameters `at` in one of these coordinates, up to a
    /// constant; a gradient by parameters becomes one by these coordinates, of the
    /// density there.
    pub(crate) fn place_gradient(&self, at: &DVector<f64>, slope: &mut DVector<f64>) -> f64 {
        let mut ln_volume = 0.0;
        for (i, c) in self.channels.iter().enumerate() {
            let by_return = slope[c.first];
            self.bends(c, at).for_each(|(j, by)| slope[j] -= by_return * by);
            let (half, prior) = self.half(i);
            let (by, widening) = prior.by_score(at[half]);
            slope[half] = slope[half] * by + widening;
            ln_volume += by.ln();
        }
        ln_volume
    }

    /// A square root of the covariance of parameters near `at`, as one of these
    /// coordinates.
    pub(crate) fn place_spread(&self, at: &DVector<f64>, spread: &DMatrix<f64>) -> DMatrix<f64> {
        let mut placed = spread.clone();
        for (i, c) in self.channels.iter().enumerate() {
            for (j, by) in self.bends(c, at) {
                let row = spread.row(j) * by;
                let mut first = placed.row_mut(c.first);
                first += row;
            }
            let (half, prior) = self.half(i);
            placed.row_mut(half).unscale_mut(prior.by_score(at[half]).0);
        }
        placed
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
    fn coordinates_are_undone_and_gradients_follow() {
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
            let place = model.placed(&at);
            assert_relative_eq!(model.unplaced(&place), at, epsilon = 1e-10);
            let mut space = model.workspace();
            let mut slope = at.clone();
            model.density(&at, &mut slope, &mut space);
            model.place_gradient(&at, &mut slope);
            let spread = model.place_spread(&at, &DMatrix::identity(at.len(), at.len()));
            let mut ignored = at.clone();
            for j in 0..at.len() {
                let mut by = DVector::zeros(at.len());
                by[j] = 1e-5;
                let mut density = |place: DVector<f64>| {
                    let at = model.unplaced(&place);
                    model.density(&at, &mut ignored, &mut space) + model.place_gradient(&at, &mut ignored)
                };
                let difference = (density(&place + &by) - density(&place - &by)) / 2e-5;
                assert_relative_eq!(slope[j], difference, epsilon = 1e-5, max_relative = 1e-5);
                let moved = (model.placed(&(&at + &by)) - model.placed(&(&at - &by))) / 2e-5;
                assert_relative_eq!(spread.column(j).into_owned(), moved, epsilon = 1e-8);
            }
        }
    }
}
