//! Plans of flights from below: tangents replace the convex part of every
//! curve, again and again, from the relaxed plan, from bursts and from spends
//! switched on.
//!
//! Words: torn lines are the branching candidates; covers are concave envelopes, or
//! concave curves below; forced, bound propagation.

use super::{Flights, Relaxed};
use crate::certificate::judge_linear;
use crate::cover::Stretches;
use crate::region::Region;
use crate::solvers::incumbent::no_prices;
use crate::solvers::interior::Interior;
use crate::solvers::linked::{Cover, Elastic, Linked};
use crate::solvers::lots;
use crate::solvers::{faces, forced};
use crate::{Domain, Plan, Prices, Problem, Terms};

/// Most programs that one start is climbed by.
const ROUNDS: usize = 12;

impl Flights<'_> {
    /// Looks for better plans from the relaxed one: as it is, and where curves
    /// are S-shaped from bursts as well.
    pub(super) fn improve(&mut self, region: &Region, stretches: &[Stretches], state: &Relaxed, root: bool) {
        let torn: Vec<bool> =
            (0..stretches.len()).map(|i| self.torn(region, &stretches[i], i, state.spends[i])).collect();
        self.climb(region, &torn, state.spends.clone(), state);
        if root || self.best.plan.is_none() {
            self.switch(region, state);
            self.decide(region, state);
        }
        let chorded =
            |i: &usize| self.follows[*i] && stretches[*i].majorant().chord_at(state.spends[*i]).is_some();
        let spread: Vec<usize> = (0..stretches.len()).filter(chorded).collect();
        if spread.is_empty() {
            return;
        }
        for start in [0.5, 0.999, 0.05] {
            if state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            self.climb(region, &torn, bursts(stretches, &spread, &state.spends, start), state);
            if !root {
                return;
            }
        }
    }

    /// True if a spend lies where the line's domain has a hole, or is one that
    /// costs something to switch on and is only partly on.
    fn torn(&self, region: &Region, stretches: &Stretches, i: usize, x: f64) -> bool {
        let within =
            self.problem.lines[i].domain().intersect(&Domain::interval(region.low[i], region.high[i]));
        let partly = self.features.active(i)
            && stretches.majorant().first_chord().is_some_and(|to| x > 1e-9 * to && x < (1.0 - 1e-9) * to);
        partly || (x - within.nearest(x)).abs() > 1e-9 * x.abs()
    }

    /// Takes the plan of an interior point, tidied if that keeps the limits.
    pub(super) fn take(&mut self, linked: &Linked, interior: &Interior, prices: &[Prices]) -> f64 {
        let tidy = self.consider(linked.spends(interior, true), prices.to_vec());
        if tidy > f64::NEG_INFINITY {
            return tidy;
        }
        let spends = linked.spends(interior, false);
        let missed = judge_linear(self.problem, self.goal, &spends).value > self.cutoff();
        let value = self.consider(spends, prices.to_vec());
        let doubtful = interior.converged && !self.thin && missed && self.tries > 0;
        if value > f64::NEG_INFINITY || !doubtful {
            return value;
        }
        // A plan that is refused by a hair: limits that leave next to no interior.
        self.tries -= 1;
        let Some(face) = faces::solve(&linked.program, self.tolerance(), &self.stop) else { return value };
        let value = self.consider(linked.spends(&face, false), prices.to_vec());
        self.thin = value > f64::NEG_INFINITY;
        value
    }

    /// Tries plans that are on wherever they may be, and where the relaxed one
    /// is on by more than a part.
    fn switch(&mut self, region: &Region, state: &Relaxed) {
        let lines: Vec<usize> = (0..region.high.len()).filter(|&i| self.switched(region, i)).collect();
        if lines.is_empty() {
            return;
        }
        let none = vec![false; region.high.len()];
        for part in [0.0, 0.1, 0.3, 0.6] {
            if state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            let mut start = state.spends.clone();
            for &i in &lines {
                let on = state.spends[i] >= part * region.high[i];
                start[i] = if on { region.high[i] } else { 0.0 };
            }
            self.climb(region, &none, start, state);
        }
        let start = forced::allowed(self.problem, &state.spends);
        if start != state.spends && state.bound > self.cutoff() {
            self.climb(region, &none, start, state);
        }
        if state.bound > self.cutoff() && lots::few(self.problem) {
            let start = lots::near(self.problem, self.goal, &state.spends, self.stop);
            self.consider(start.clone(), no_prices(self.problem));
            self.climb(region, &none, start, state);
        }
    }

    /// Replaces convex parts by tangents at a plan and solves what is left,
    /// until that gains nothing more. The best goal reached, `-inf` without a
    /// plan.
    pub(in crate::solvers) fn climb(
        &mut self,
        region: &Region,
        torn: &[bool],
        start: Vec<f64>,
        state: &Relaxed,
    ) -> f64 {
        let mut at = start;
        let mut value = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            if (self.stop)() {
                return value;
            }
            let Some(covers) = self.covers_below(region, torn, &at) else { return value };
            let linked = Linked::new(self.problem, &self.links, Some(self.goal), &covers, Elastic::No);
            if linked.program.variables.is_empty() {
                return value.max(self.consider(linked.fixed_spends(), no_prices(self.problem)));
            }
            let interior = self.solve(&linked.program);
            let prices = self.links.prices(&interior.prices, self.problem.limits.len());
            at = linked.spends(&interior, false);
            let better = self.take(&linked, &interior, &prices);
            if better <= value + 1e-9 * value.abs() || state.bound <= self.cutoff() || (self.stop)() {
                return value.max(better);
            }
            value = better;
        }
        value
    }

    /// Concave curves below the lines' that meet them at a plan; a torn spend
    /// keeps to the nearest allowed stretch.
    fn covers_below(&self, region: &Region, torn: &[bool], at: &[f64]) -> Option<Vec<Cover>> {
        // A flight in use may spend in every period, another in none.
        let mut in_use: Vec<Option<bool>> = vec![None; at.len()];
        for (_, spends) in self.switches.uses.iter().filter(|_| self.settles) {
            let used = spends.iter().any(|&i| at[i] > 1e-9 * region.high[i].min(1e9));
            spends.iter().for_each(|&i| in_use[i] = Some(used));
        }
        let each = self.problem.lines.iter().enumerate().map(|(i, line)| {
            let (mut low, mut high, x) = (region.low[i], region.high[i], at[i]);
            if !self.follows[i] {
                let within = line.domain().intersect(&Domain::interval(low, high));
                let off = self.features.active(i) && low == 0.0;
                let plain = within.spans().len() == 1 && within.spans()[0].step == 0.0;
                match in_use[i].filter(|_| low == 0.0) {
                    Some(false) => high = 0.0,
                    Some(true) if plain && !off && high > 0.0 => low = f64::MIN_POSITIVE,
                    _ => {}
                }
                if off && (high == 0.0 || x <= 1e-9 * high || torn[i] && x < 0.5 * high) {
                    high = 0.0;
                } else if off && within.spans().len() == 1 && within.spans()[0].step == 0.0 {
                    low = f64::MIN_POSITIVE;
                } else if within.spans().len() > 1 || within.spans().iter().any(|s| s.step > 0.0) {
                    let x = within.nearest(x);
                    let span = within.spans().iter().find(|s| s.from <= x && x <= s.to)?;
                    (low, high) = if span.step > 0.0 { (x, x) } else { (span.from, span.to) };
                }
                if low == high {
                    return Some(Cover { base: low, stretches: Vec::new() });
                }
            }
            let bent = Cover::below(line, low, high, x);
            bent.or_else(|| Stretches::new(line, low, high, None, None).map(|s| Cover::above(&s)))
        });
        let mut covers: Vec<Cover> = each.collect::<Option<_>>()?;
        if self.settles {
            self.count_starts(&mut covers);
            self.fix_stocks(&mut covers);
        }
        Some(covers)
    }

    /// Takes a plan that keeps the limits and beats the incumbent. Its goal,
    /// or `-inf` if it breaks a limit.
    pub(in crate::solvers) fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) -> f64 {
        for ((line, x), follows) in self.problem.lines.iter().zip(&mut spends).zip(&self.follows) {
            if !follows {
                *x = line.domain().nearest(*x);
            }
        }
        self.problem.settle(&mut spends);
        self.switches.settle(&mut spends);
        self.best.take(spends, prices)
    }
}

/// The best plan near a start, if that leads to one within the limits.
pub(crate) fn climbed(problem: &Problem, goal: &Terms, gap: f64, start: &[f64]) -> Option<Plan> {
    let mut flights = Flights::new(problem, goal, gap).settling(true);
    let state = Relaxed { bound: f64::INFINITY, prices: no_prices(problem), spends: start.to_vec() };
    let torn = vec![false; problem.lines.len()];
    flights.climb(&Region::whole(problem), &torn, start.to_vec(), &state);
    flights.best.plan.map(|plan| Plan { spends: plan.spends, value: plan.value })
}

/// A start in bursts: what the relaxation puts on chords is carried along each
/// run of lines until it fills one of them. `first` is how full the first one
/// is taken to be already.
fn bursts(stretches: &[Stretches], spread: &[usize], spends: &[f64], first: f64) -> Vec<f64> {
    let mut at = spends.to_vec();
    let mut carried = first;
    let mut before = None;
    for &i in spread {
        let Some((from, to)) = stretches[i].majorant().chord_at(spends[i]) else { continue };
        if before.is_some_and(|b| b + 1 != i) {
            carried = first;
        }
        before = Some(i);
        carried += (spends[i] - from) / (to - from);
        at[i] = if carried >= 1.0 { to } else { from };
        if carried >= 1.0 {
            carried -= 1.0;
        }
    }
    at
}
