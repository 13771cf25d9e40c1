//! Channels that meet, in a model.

use nalgebra::DVector;

use super::{Model, Workspace};
use crate::fit::meets::{Meets, Met};

impl Model {
    /// The same model where channels meet.
    pub(crate) fn meeting(mut self, meets: Meets) -> Model {
        self.meets = Some(meets);
        self
    }

    /// How channels meet.
    pub(crate) fn meets(&self) -> Option<&Meets> {
        self.meets.as_ref()
    }

    /// Position of the number that says how channels meet.
    pub(crate) fn meeting_at(&self) -> Option<usize> {
        let after = self.channels.iter().flat_map(|c| c.slots(self.family)).flatten().max()?;
        self.meets.as_ref().map(|_| after + 1)
    }

    /// The number that says how channels meet, with its slope.
    pub(super) fn number(&self, at: &DVector<f64>) -> Option<(&Meets, f64, f64)> {
        let (meets, slot) = (self.meets.as_ref()?, self.meeting_at()?);
        let (number, slope) = meets.number(at[slot]);
        Some((meets, number, slope))
    }

    /// What a point says of the channels that meet.
    pub(crate) fn met(&self, at: &DVector<f64>, space: &mut Workspace) -> Option<Met> {
        let (meets, number, _) = self.number(at)?;
        Some(meets.met(number, &self.usual(at, space)))
    }

    /// What each channel earns in the mean of the periods that count.
    pub(crate) fn usual(&self, at: &DVector<f64>, space: &mut Workspace) -> Vec<f64> {
        (0..self.channels.len()).for_each(|i| self.respond(i, at, space));
        let each = |i: usize| self.mean(&space.response[i][0]);
        (0..self.channels.len()).map(each).collect()
    }

    /// The same after all responses, where channels meet.
    pub(super) fn means(&self, space: &Workspace) -> Vec<f64> {
        let channels = if self.meets.is_some() { self.channels.len() } else { 0 };
        (0..channels).map(|i| self.mean(&space.response[i][0])).collect()
    }

    /// Mean over the periods that count.
    fn mean(&self, values: &[f64]) -> f64 {
        let counted = || (0..values.len()).filter(|t| self.weight(*t) > 0.0);
        counted().map(|t| values[t]).sum::<f64>() / counted().count().max(1) as f64
    }

    /// Adds the slopes of what channels earn in the mean, each times a weight.
    pub(super) fn add_means(&self, weights: &[f64], slope: &mut DVector<f64>, space: &Workspace) {
        for (i, weight) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
            let by = &space.response[i];
            let slots = self.channels[i].slots(self.family);
            for (slot, by) in slots.into_iter().zip([&by[0], &by[1], &by[2], &by[3]]) {
                if let Some(j) = slot {
                    slope[j] += weight * self.mean(by);
                }
            }
        }
    }

    /// Works out what channels that meet earn beyond one by one, after all responses.
    pub(super) fn meet(&self, at: &DVector<f64>, space: &mut Workspace) {
        let Some((meets, number, _)) = self.number(at) else { return };
        for (t, met) in space.met.iter_mut().enumerate() {
            *met = meets.together(number, |i| space.response[i][0][t]);
        }
    }
}
