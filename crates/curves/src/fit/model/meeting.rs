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
        let counted: Vec<usize> = (0..self.outcome.len()).filter(|t| self.weight(*t) > 0.0).collect();
        let mean = |i: usize, space: &mut Workspace| {
            self.respond(i, at, space);
            counted.iter().map(|&t| space.response[i][0][t]).sum::<f64>() / counted.len().max(1) as f64
        };
        (0..self.channels.len()).map(|i| mean(i, space)).collect()
    }

    /// Works out what channels that meet earn beyond one by one, after all responses.
    pub(super) fn meet(&self, at: &DVector<f64>, space: &mut Workspace) {
        let Some((meets, number, _)) = self.number(at) else { return };
        for (t, met) in space.met.iter_mut().enumerate() {
            *met = meets.together(number, |i| space.response[i][0][t]);
        }
    }
}
