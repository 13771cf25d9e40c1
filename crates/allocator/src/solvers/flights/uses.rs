//! Which lines are in use at all: tried one way and the other by local search,
//! and branched on where nothing else is left to cut.

use super::{Flights, Relaxed};
use crate::region::Region;

/// Most ways that are tried.
const TRIES: usize = 40;

impl Flights<'_> {
    /// What a line in use, or one that is not, leaves its spends: if being on
    /// counts for nothing else, a cent in every period does no harm.
    pub(super) fn within_use(&self, region: &Region) -> Region {
        let mut inside = region.clone();
        for (u, spends) in &self.switches.uses {
            for &i in spends {
                let spans = self.problem.lines[i].domain().spans();
                let plain = spans.len() == 1 && spans[0].step == 0.0 && self.only_uses;
                if region.high[*u] < 1.0 && region.low[i] == 0.0 {
                    inside.high[i] = 0.0;
                } else if region.low[*u] > 0.0 && plain && region.high[i] > 0.0 {
                    inside.low[i] = region.low[i].max(f64::MIN_POSITIVE);
                }
            }
        }
        inside
    }

    /// A line of which it is open whether it is in use: the one that the
    /// relaxed plan spends most on.
    pub(super) fn undecided_use(&self, region: &Region, state: &Relaxed) -> Option<usize> {
        let open = self.switches.uses.iter().filter(|(u, _)| region.low[*u] == 0.0 && region.high[*u] >= 1.0);
        let spent = |spends: &[usize]| spends.iter().map(|&i| state.spends[i]).sum::<f64>();
        let most = open.map(|(u, spends)| (spent(spends), *u)).max_by(|a, b| a.0.total_cmp(&b.0));
        most.map(|(_, u)| u)
    }

    /// Climbs with lines in use as the relaxed plan has them, then with one more,
    /// one less or one instead of another, as long as that gains.
    pub(super) fn decide(&mut self, region: &Region, state: &Relaxed) {
        let uses = self.switches.uses.clone();
        let open: Vec<usize> = (0..uses.len())
            .filter(|&k| region.low[uses[k].0] == 0.0 && region.high[uses[k].0] >= 1.0)
            .collect();
        if open.is_empty() {
            return;
        }
        let mut on: Vec<bool> = uses
            .iter()
            .map(|(u, _)| region.low[*u] > 0.0 || region.high[*u] >= 1.0 && state.spends[*u] > 0.5)
            .collect();
        let mut value = self.climb_in_use(region, &uses, &on, state);
        let pairs =
            open.iter().enumerate().flat_map(|(n, &k)| open[n + 1..].iter().map(move |&l| vec![k, l]));
        let changes: Vec<Vec<usize>> = open.iter().map(|&k| vec![k]).chain(pairs).collect();
        let (mut tries, mut idle) = (1, 0);
        for change in changes.iter().cycle() {
            if idle == changes.len() || tries >= TRIES || state.bound <= self.cutoff() || (self.stop)() {
                return;
            }
            idle += 1;
            // Of a pair, one instead of the other.
            if change.len() == 2 && on[change[0]] == on[change[1]] {
                continue;
            }
            tries += 1;
            let turn = |on: &mut Vec<bool>| change.iter().for_each(|&k| on[k] = !on[k]);
            turn(&mut on);
            let other = self.climb_in_use(region, &uses, &on, state);
            if other > value + 1e-9 * value.abs() || value == f64::NEG_INFINITY && other > value {
                (value, idle) = (other, 0);
            } else {
                turn(&mut on);
            }
        }
    }

    /// The best plan that is climbed with some lines in use and all others not.
    fn climb_in_use(
        &mut self,
        region: &Region,
        uses: &[(usize, Vec<usize>)],
        on: &[bool],
        state: &Relaxed,
    ) -> f64 {
        let mut part = region.clone();
        for ((u, _), &on) in uses.iter().zip(on) {
            match on {
                true => part.low[*u] = 1.0_f64.min(part.high[*u]),
                false => part.high[*u] = 0.0,
            }
        }
        let part = self.within_use(&part);
        let mut start = state.spends.clone();
        for ((_, spends), _) in uses.iter().zip(on).filter(|(_, on)| **on) {
            let spent: f64 = spends.iter().map(|&i| start[i]).sum();
            let most: f64 = spends.iter().map(|&i| part.high[i]).filter(|x| x.is_finite()).sum();
            if spent <= 1e-3 * most {
                let each = |i: usize| if part.high[i].is_finite() { 0.5 * part.high[i] } else { start[i] };
                let begun: Vec<f64> = spends.iter().map(|&i| each(i)).collect();
                spends.iter().zip(begun).for_each(|(&i, x)| start[i] = x);
            }
        }
        start
            .iter_mut()
            .zip(part.low.iter().zip(&part.high))
            .for_each(|(x, (low, high))| *x = x.clamp(*low, *high));
        self.problem.settle(&mut start);
        let none = vec![false; start.len()];
        self.climb(&part, &none, start, state)
    }
}
