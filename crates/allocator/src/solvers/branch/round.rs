//! From a relaxed plan to one that can be bought: lines whose spend lies on a
//! chord go to either end, the concave rest is solved again.
//!
//! Words: torn lines are the branching candidates; twins are lines that a symmetry
//! exchanges; covers are concave envelopes, or concave curves below;
//! forced, bound propagation.

use super::{PENALTY, Reached, Search};
use crate::Prices;
use crate::cover::Cover;
use crate::hull::{Arc, Hull};
use crate::region::Region;
use crate::relaxation::{Aim, Relaxation};
use crate::solvers::dual::Found as Minimum;
use crate::solvers::forced::Forced;
use crate::solvers::incumbent::no_prices;
use crate::solvers::interior;
use crate::solvers::relaxed::Relaxed;
use crate::solvers::rounding::{Choice, fill};

/// Share of today's spend that is no move but rounding.
const UNMOVED: f64 = 1e-12;

/// Residual of a row, in units of its terms, where a plan is all that is asked.
const EXACTLY: f64 = 1e-14;

/// Most torn lines of which the root also tries the other rounding.
const FLIPPED: usize = 6;

/// Share of the usual tolerance where little is missing.
const FINER: f64 = 1e-2;

impl Search<'_> {
    /// Solves a concave relaxation again, and the plan from it, with less left open.
    pub(super) fn refine(&mut self, part: &Forced, cover: &Cover, state: &mut Relaxed) {
        self.accuracy = FINER;
        if self.relax(part, cover, Aim::Best, state) == Reached::Optimum && state.bound > self.cutoff() {
            self.round(&part.region, cover, state, false);
        }
        self.accuracy = 1.0;
    }

    /// Rounds a relaxed plan to concave stretches and solves the rest.
    pub(super) fn round(&mut self, region: &Region, cover: &Cover, state: &Relaxed, root: bool) {
        let mut hull = Hull::default();
        let choices: Vec<Choice> = (0..self.problem.lines.len())
            .map(|i| {
                let range = (region.low[i], region.high[i]);
                Choice::of(
                    &mut hull,
                    &self.problem.lines[i],
                    range,
                    (self.features.active(i), self.stays(i, range)),
                    cover.of(i),
                    state.spends[i],
                )
            })
            .collect();
        let torn: Vec<usize> = (0..choices.len()).filter(|&i| choices[i].torn()).collect();
        let mut picks: Vec<bool> = choices.iter().map(|c| c.share >= 0.5).collect();
        // Plans that stay exactly come first: others that are as good seem to move
        // every line by next to nothing.
        let at = |i: usize, today: f64| choices[i].upper == Arc { from: today, to: today };
        let stays = |i: usize| self.stays(i, (region.low[i], region.high[i])).filter(|&today| at(i, today));
        let stay = (0..choices.len()).any(|i| stays(i).is_some_and(|today| state.spends[i] != today));
        if torn.is_empty() && !stay {
            self.consider_relaxed(state);
            if state.bound <= self.cutoff() {
                return;
            }
        }
        self.polish(&choices, &picks, state.start());
        if torn.len() > 1 && state.bound > self.cutoff() {
            self.polish(&choices, &fill(&picks, &torn, cover, &state.spends), state.start());
        }
        if (stay || !torn.is_empty()) && state.bound > self.cutoff() {
            // On chords a line earns less than its majorant says, which the goal
            // may not count and the limits may bear.
            self.consider_relaxed(state);
        }
        if !root {
            return;
        }
        for &i in torn.iter().take(FLIPPED) {
            if state.bound <= self.cutoff() {
                return;
            }
            picks[i] = !picks[i];
            self.polish(&choices, &picks, state.start());
            picks[i] = !picks[i];
        }
    }

    fn consider_relaxed(&mut self, state: &Relaxed) {
        self.consider(state.spends.clone(), state.prices.clone());
        if !state.tidy.is_empty() {
            self.consider(state.tidy.clone(), state.prices.clone());
        }
    }

    /// Solves the concave problem that is left when every line keeps to one
    /// stretch, and offers its plan. The plan's goal, or `-inf`.
    fn polish(&mut self, choices: &[Choice], picks: &[bool], start: Option<&[Prices]>) -> f64 {
        let picked = choices.iter().zip(picks).map(|(c, &up)| if up { c.upper } else { c.lower });
        let mut cover = Cover::with_capacity(choices.len(), choices.len());
        for (i, (arc, line)) in picked.zip(&self.problem.lines).enumerate() {
            cover.push_arc(arc, self.features.moved(i).then_some(line.current));
        }
        let relaxation = Relaxation::new(self.problem, &self.rows, &cover, Aim::Best).until(self.stop);
        if relaxation.program.len() == 0 {
            return self.consider(relaxation.fixed_spends(), no_prices(self.problem));
        }
        let target = self.best.plan.as_ref().map_or(f64::NEG_INFINITY, |plan| plan.value);
        let Minimum::Point(interior) = self.solve(&relaxation, 0.01, start, target) else {
            return f64::NEG_INFINITY;
        };
        let prices = self.rows.prices(&interior.prices, self.problem.limits.len());
        let (tidy, exact) = (relaxation.spends(&interior, true), relaxation.spends(&interior, false));
        let same = tidy == exact;
        let mut value = self.consider(tidy, prices.clone());
        if !same {
            value = value.max(self.consider(exact, prices));
        }
        if self.best.plan.is_none() {
            // What a converged plan leaves of the limits may count for more in their own terms.
            let aim = if interior.converged { Aim::Best } else { Aim::Elastic(PENALTY) };
            let relaxation = Relaxation::new(self.problem, &self.rows, &cover, aim).until(self.stop);
            let interior = interior::solve_within(&relaxation.program, 1e-12, EXACTLY);
            let prices = self.rows.prices(&interior.prices, self.problem.limits.len());
            value = self.consider(relaxation.spends(&interior, true), prices);
        }
        value
    }

    /// Takes a plan that keeps the limits and beats the incumbent. Its goal,
    /// or `-inf` if it breaks a limit.
    pub(super) fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) -> f64 {
        self.twins.sort(&mut spends);
        for (i, (line, x)) in self.problem.lines.iter().zip(&mut spends).enumerate() {
            if self.features.moved(i) && (*x - line.current).abs() <= UNMOVED * line.current {
                *x = line.current;
            }
            *x = line.domain().nearest(*x);
        }
        self.ties.settle(&self.problem.lines, &mut spends);
        self.best.take(spends, prices)
    }
}
