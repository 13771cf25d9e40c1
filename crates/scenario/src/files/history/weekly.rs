//! Days summed to weeks.

use ndarray::{Array2, Array3, Axis};
use outlay_curves::fit::{Channel, Control, History, Panel};

use super::note::Note;
use super::{HistoryFile, Unit};

const DAYS: usize = 7;

impl HistoryFile {
    /// The history by weeks of seven days from its first; what is left over at
    /// the end is left out. A week with a day left out is left out. Histories
    /// that are not daily stay as they are.
    pub fn by_week(mut self) -> HistoryFile {
        if self.unit != Unit::Day {
            return self;
        }
        let days = self.history.periods();
        let weeks = days / DAYS;
        let sum =
            |values: &[f64]| values.chunks_exact(DAYS).map(|week| week.iter().sum()).collect::<Vec<f64>>();
        let channel = |c: &Channel| Channel {
            spend: sum(&c.spend),
            exposure: c.exposure.as_deref().map(sum),
            outcome: c.outcome.as_deref().map(sum),
            ..c.clone()
        };
        let control = |c: &Control| Control {
            name: c.name.clone(),
            values: sum(&c.values).iter().map(|v| v / DAYS as f64).collect(),
        };
        let old = &self.history;
        let mut left_out: Vec<usize> = old.left_out.iter().map(|t| t / DAYS).filter(|w| *w < weeks).collect();
        left_out.dedup();
        self.history = History {
            periods_per_year: Unit::Week.per_year(),
            channels: old.channels.iter().map(channel).collect(),
            outcome: old.outcome.as_deref().map(sum),
            controls: old.controls.iter().map(control).collect(),
            left_out,
            ..*old
        };
        self.panel = self.panel.as_ref().map(|panel| weeks_of(panel, weeks));
        self.unit = Unit::Week;
        self.last = Unit::Week.nth(self.first, weeks.saturating_sub(1)).unwrap_or(self.last);
        self.notes.retain(|n| *n != Note::Days);
        self.notes.push(Note::Summed { left: days % DAYS });
        self
    }
}

/// A panel by weeks; a market is there in a week if it is on all of its days.
fn weeks_of(panel: &Panel, weeks: usize) -> Panel {
    let (g, k) = (panel.markets.len(), panel.spend.dim().2);
    let sum = |all: &Array3<f64>, k: usize| {
        Array3::from_shape_fn((g, weeks, k), |(m, w, c)| {
            (w * DAYS..(w + 1) * DAYS).map(|t| all[(m, t, c)]).sum::<f64>()
        })
    };
    let days = |w: usize| w * DAYS..(w + 1) * DAYS;
    let mut left_out: Vec<usize> = panel.left_out.iter().map(|t| t / DAYS).filter(|w| *w < weeks).collect();
    left_out.dedup();
    Panel {
        spend: sum(&panel.spend, k),
        exposure: panel.exposure.as_ref().map(|e| sum(e, k)),
        outcome: Array2::from_shape_fn((g, weeks), |(m, w)| days(w).map(|t| panel.outcome[(m, t)]).sum()),
        present: Array2::from_shape_fn((g, weeks), |(m, w)| days(w).all(|t| panel.present[(m, t)])),
        controls: sum(&panel.controls, panel.controls.len_of(Axis(2))) / DAYS as f64,
        left_out,
        ..panel.clone()
    }
}
