//! Plans from what the master program mixes: its own, one made up of known
//! flights, and what whole lots near it make of that.
//!
//! Words: torn lines are the branching candidates.

use super::torn::Torn;
use super::{Settled, Weeks};
use crate::region::Region;
use crate::solvers::flights::Relaxed;
use crate::solvers::lots;
use crate::solvers::master::Mixed;
use crate::solvers::pick::{Answer, pick};

/// Most times that lots are moved and the rest is climbed again.
const MOVED: usize = 4;

impl Weeks<'_> {
    /// Polishes the plan that a mixture suggests; with rules, one that known
    /// flights make up as well.
    pub(super) fn suggest(&mut self, settled: &Settled, mixed: &Mixed, root: bool) -> Vec<Torn> {
        let torn = self.torn(&settled.columns, mixed, &settled.prices);
        self.improve(settled, mixed, &torn, root);
        torn
    }

    fn improve(&mut self, settled: &Settled, mixed: &Mixed, torn: &[Torn], root: bool) {
        let tolerance = 0.1 * self.gap * self.scale(settled.bound) / torn.len() as f64;
        let mut spends = vec![0.0; self.problem.lines.len()];
        for (block, torn) in torn.iter().enumerate() {
            let mean = torn.alike && torn.loss <= tolerance && !self.whole(block);
            let own = if mean { &torn.mean } else { &self.columns[torn.heaviest].spends };
            self.put(&mut spends, block, own);
        }
        self.problem.settle(&mut spends);
        let prices = self.by_limit(&mixed.prices);
        let mut state = Relaxed { bound: settled.bound, prices, spends };
        if self.lots && (root || self.climb.best.plan.is_none()) {
            state.spends = lots::near(self.problem, self.goal, &state.spends, self.stop);
        }
        self.climb(&state);
        if self.ruled && settled.bound > self.cutoff() {
            self.combine(settled, torn, &mut state);
        }
    }

    /// Combines known flights, one of each line, and polishes what comes of it.
    fn combine(&mut self, settled: &Settled, torn: &[Torn], state: &mut Relaxed) {
        let answers: Vec<Answer> = settled
            .columns
            .iter()
            .map(|&k| &self.columns[k])
            .map(|c| Answer { block: c.block, goal: c.goal, rows: &c.rows })
            .collect();
        let first: Option<Vec<usize>> =
            torn.iter().map(|t| settled.columns.iter().position(|k| *k == t.heaviest)).collect();
        let Some(first) = first else { return };
        let ends = |ends: &[f64]| -> Vec<f64> { self.outer.iter().map(|&r| ends[r]).collect() };
        let (lower, upper) = (ends(&self.rows.lower), ends(&self.rows.upper));
        let picked = pick(&answers, first, (&lower, &upper), self.stop);
        let mut spends = vec![0.0; self.problem.lines.len()];
        for (block, k) in picked.into_iter().enumerate() {
            self.put(&mut spends, block, &self.columns[settled.columns[k]].spends);
        }
        self.problem.settle(&mut spends);
        state.spends = spends;
        self.climb(state);
        if !lots::few(self.problem) {
            return;
        }
        // Whole lots are moved singly, what is left is climbed again.
        for _ in 0..MOVED {
            let known = self.climb.best.plan.as_ref();
            let value = known.map_or(f64::NEG_INFINITY, |plan| plan.value);
            if settled.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            let start = known.map_or(&state.spends, |plan| &plan.spends);
            state.spends = lots::near(self.problem, self.goal, start, self.stop);
            self.climb.offer(state.spends.clone());
            self.climb(state);
            if self.climb.best.plan.as_ref().is_none_or(|plan| plan.value <= value) {
                return;
            }
        }
    }

    /// A flight of a block in a plan.
    fn put(&self, spends: &mut [f64], block: usize, own: &[f64]) {
        let flight = &self.flights.list[block];
        let lines = flight.steps.iter().filter_map(|s| s.spend).map(|s| s.line);
        lines.zip(own).for_each(|(line, x)| spends[line] = *x);
        flight.used.into_iter().for_each(|u| spends[u] = f64::from(own.iter().any(|x| *x > 0.0)));
    }

    fn climb(&mut self, state: &Relaxed) {
        let none = vec![false; state.spends.len()];
        self.climb.climb(&Region::whole(self.problem), &none, state.spends.clone(), state);
    }
}
