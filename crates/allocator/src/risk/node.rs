//! One part of the domain: what weights and prices prove of it, which plans lie
//! near, where it is cut.
//!
//! Words: twins are lines that a symmetry exchanges.

use super::Weights;
use super::bound::{Lagrangian, region_bound};
use super::choice::{broken, chosen};
use super::field::Field;
use super::interior::{Asked, Found, run};
use super::local::{Ranges, ranges, snapped};
use super::part::Part;
use super::program::Program;
use super::search::{Search, Weighed};
use super::weights::{of_goal, of_limit};
use crate::certificate::proves_empty;
use crate::region::{Region, Twins};
use crate::solvers::tree::{Fate, Node, Relaxation};
use crate::{Leaf, Prices};

/// Times that a concave part is solved again, more finely.
const FINER: usize = 6;

/// A part is solved on the chords of its weighted curves, and once more if what
/// is left open then is less than this share of what that brought.
const LEFT: f64 = 0.1;

/// Rounds of it where rules say which lines are on.
const CHOSEN: usize = 4;

/// Ways in which lines that lie on a chord are sent to its ends.
const NEAREST: usize = 1;
const ALL: usize = 3;

/// What a part inherits.
#[derive(Clone)]
pub(super) struct State {
    /// What proves its bound, its cuts left out; nothing yet of the whole.
    proof: Option<Weighed>,
    /// Spends to begin with.
    start: Vec<f64>,
}

/// What has been found of a part so far.
struct Known {
    bound: f64,
    proof: Option<Weighed>,
}

impl Relaxation for Search<'_> {
    type State = State;
    type Leaf = Weighed;

    fn cutoff(&self) -> f64 {
        Search::cutoff(self)
    }

    fn leaf(&self, state: State) -> Weighed {
        state.proof.unwrap_or_else(|| self.unproven(&state.start))
    }

    fn examine(&mut self, node: &Node<State>, _: usize) -> Fate<State, Weighed> {
        let region = Region::of(&self.risky.problem, &node.cuts, &Twins::default());
        let Some(part) = Part::new(self.risky, region) else { return Fate::Closed(self.nothing()) };
        if let Some(prices) = broken(self.risky, &part) {
            let (_, weights) = self.nothing();
            return Fate::Closed((Leaf::priced(prices, true), weights));
        }
        let mut known = Known { bound: node.bound, proof: None };
        let start = &node.state.start;
        if let Some(proof) = &node.state.proof {
            // What bounds the whole bounds a part of it, and mostly better.
            let bound = region_bound(self.risky, &proof.0, &proof.1, &part.region);
            known = Known { bound: bound.min(node.bound), proof: Some(proof.clone()) };
        } else if !self.concave {
            self.near(&part, start, NEAREST, &mut known);
        }
        let (mut at, mut cut) = (start.clone(), None);
        if !self.concave && !self.is_closed(&known) {
            (at, cut) = self.polish(&part, at, &mut known);
        }
        // Majorants draw by draw: of concave curves these themselves, of others
        // what shows that there is no plan, or where to cut if nothing else does.
        if !self.is_closed(&known) && (self.concave || cut.is_none()) {
            let field = self.majorants(&part);
            let Some((found, of_majorants)) = self.relax(&part, &field, start, &mut known) else {
                return Fate::Closed(self.proven(known, start));
            };
            if !self.concave {
                cut = self.cut_of_majorants(&part, &field, &of_majorants);
                at = found.x;
            }
        }
        if self.choice && cut.is_none() && !self.is_closed(&known) {
            cut = self.cut_of_rules(&part, &at);
        }
        if cut.is_some() && !self.is_closed(&known) {
            self.near(&part, &at, if node.is_root() { ALL } else { NEAREST }, &mut known);
        }
        let bound = known.bound;
        let proof = self.proven(known, start);
        match cut.filter(|_| bound > self.cutoff()) {
            Some((line, spend)) => {
                let state = State { proof: Some(proof), start: at };
                Fate::Open { bound, state, line, at: spend }
            }
            None => Fate::Closed(proof),
        }
    }
}

impl<'a> Search<'a> {
    /// The whole domain, to begin with.
    pub(super) fn root(&self, start: Vec<f64>) -> State {
        State { proof: None, start }
    }

    fn stopped(&self) -> bool {
        (self.options.stop)()
    }

    fn is_closed(&self, known: &Known) -> bool {
        known.bound <= self.cutoff()
    }

    fn majorants(&self, part: &Part) -> Field<'a> {
        Field::of_majorants(&self.risky.draws, &self.risky.problem.lines, &part.low, &part.high)
    }

    /// The program of a part, with lines that may be on or off.
    fn counted(&self, program: &Program, part: &Part, anchors: &[f64]) -> Program {
        if self.choice { program.counted(self.risky, part, anchors) } else { program.clone() }
    }

    fn solve(&self, field: &Field, program: &Program, asked: &Asked) -> Found {
        let index = |i: usize, d: usize| self.risky.draws.lines[i].index(d);
        run(program, field, (self.risky.draws.count, &index), asked)
    }

    /// Takes what a run proves, if it is the best so far, and its plan.
    fn take(&mut self, part: &Part, (program, found): (&Program, &Found), known: &mut Known) -> Weighed {
        let proof = self.weighed(program, found);
        let bound = region_bound(self.risky, &proof.0, &proof.1, &part.region);
        if known.proof.is_none() || bound < known.bound {
            known.bound = known.bound.min(bound);
            known.proof = Some(proof.clone());
        }
        self.offer(snapped(self.risky, &found.x), Some(&proof.0.prices));
        proof
    }

    /// Solves the part on majorants of its curves; of concave ones until what is
    /// left is as little as asked. `None`: the part is proven to hold no plan.
    fn relax(
        &mut self,
        part: &Part,
        field: &Field,
        start: &[f64],
        known: &mut Known,
    ) -> Option<(Found, Weighed)> {
        let options = self.options;
        let stop = || (options.stop)();
        let mut from = start.to_vec();
        let mut gap = self.gap;
        let mut last = None;
        let anchors = self.anchors(&part.high);
        let own = self.counted(&self.program, part, &anchors);
        // Once it is settled which lines are on, concave curves are a concave problem.
        let settled = self.choice && self.curved_down && self.cut_of_rules(part, start).is_none();
        let concave = self.concave || settled;
        for finer in 0..FINER {
            let (low, high) = (&part.low[..], &part.high[..]);
            let asked = Asked { low, high, start: &from, gap, elastic: false, stop: &stop };
            let found = self.solve(field, &own, &asked);
            if !found.done && finer == 0 && !stop() {
                // Perhaps there is nothing to be found.
                let program = self.counted(&Program::new(self.risky, true), part, &anchors);
                let least = self.solve(field, &program, &Asked { gap: 1e-3, elastic: true, ..asked });
                let mut proof = self.weighed(&program, &least);
                proof.0.empty = true;
                proof.1.goal.clear();
                if proves_empty(region_bound(self.risky, &proof.0, &proof.1, &part.region)) {
                    known.proof = Some(proof);
                    return None;
                }
                from = least.x;
            }
            let proof = self.take(part, (&own, &found), known);
            let ended = self.is_closed(known) || !concave || self.stopped();
            if found.done && !ended {
                from.clone_from(&found.x);
                gap *= 0.1;
            }
            last = Some((found, proof));
            if ended {
                break;
            }
        }
        last
    }

    /// Solves the part where each line's weighted curve has its own chord, the
    /// same for all draws, which moves weights and prices to where the best
    /// responses to them are least. Where that ends, and where to cut; no cut if
    /// it leads nowhere.
    fn polish(
        &mut self,
        part: &Part,
        start: Vec<f64>,
        known: &mut Known,
    ) -> (Vec<f64>, Option<(usize, f64)>) {
        let options = self.options;
        let stop = || (options.stop)();
        let Some(mut proof) = known.proof.clone() else { return (start, None) };
        let mut x = start;
        let mut anchors = self.anchors(&part.high);
        // Prices of rules take more rounds: they change what a line is on for.
        let rounds = if self.choice { CHOSEN } else { 2 };
        for round in 1..=rounds {
            let (before, last) = (known.bound, round == rounds);
            let mut field = Field::of_curves(&self.risky.draws, &self.risky.problem.lines);
            for (i, touch) in self.touches(part, &proof).into_iter().enumerate() {
                if let Some(touch) = touch {
                    field.straighten(i, part.low[i], touch);
                    anchors[i] = touch;
                }
            }
            let program = self.counted(&self.program, part, &anchors);
            let (low, high) = (&part.low[..], &part.high[..]);
            let asked = Asked { low, high, start: &x, gap: self.gap, elastic: false, stop: &stop };
            let found = self.solve(&field, &program, &asked);
            if !found.done {
                return (x, None);
            }
            x.clone_from(&found.x);
            proof = self.take(part, (&program, &found), known);
            if self.is_closed(known) {
                return (x, None);
            }
            let far = known.bound - self.cutoff() > LEFT * (before - known.bound);
            if last || far && round > rounds - 2 {
                let cut = self.cut_of_weighted(part, &proof);
                if last || cut.is_some() {
                    return (x, cut);
                }
            }
        }
        (x, None)
    }

    fn touches(&self, part: &Part, proof: &Weighed) -> Vec<Option<f64>> {
        let lagrangian = Lagrangian::new(self.risky, &proof.0, &proof.1);
        let each = |i: usize| lagrangian.response(i, &part.region)?.touch();
        (0..part.low.len()).map(each).collect()
    }

    /// Plans near `x` on the curves themselves, and what their weights prove.
    fn near(&mut self, part: &Part, x: &[f64], most: usize, known: &mut Known) {
        let options = self.options;
        let stop = || (options.stop)();
        self.offer(snapped(self.risky, x), None);
        let field = Field::of_curves(&self.risky.draws, &self.risky.problem.lines);
        // By period stocks follow from spends, and are sent nowhere by themselves.
        let all = match self.risky.problem.is_linked() {
            true => vec![part.low.iter().copied().zip(part.high.iter().copied()).collect()],
            false => Vec::from(ranges(self.risky, &part.region, x)),
        };
        for mut ranges in all.into_iter().take(most) {
            if self.choice && !self.choose(part, x, &mut ranges) {
                return;
            }
            if stop() || self.is_closed(known) {
                return;
            }
            if self.tried.contains(&ranges) {
                continue;
            }
            let (low, high): (Vec<f64>, Vec<f64>) = ranges.iter().copied().unzip();
            self.tried.push(ranges);
            let within = Part { region: part.region.clone(), low: low.clone(), high: high.clone() };
            let program = self.counted(&self.program, &within, &self.anchors(&high));
            let gap = 0.3 * self.gap;
            let asked = Asked { low: &low, high: &high, start: x, gap, elastic: false, stop: &stop };
            let found = self.solve(&field, &program, &asked);
            self.take(part, (&program, &found), known);
        }
    }

    /// Switches lines on and off near `x` so that the rules on that hold; false
    /// where none is found.
    fn choose(&self, part: &Part, x: &[f64], ranges: &mut Ranges) -> bool {
        let anchors = self.anchors(&part.high);
        let share: Vec<f64> = x.iter().zip(&anchors).map(|(x, anchor)| (x / anchor).min(1.0)).collect();
        let Some(on) = chosen(self.risky, part, &share) else { return false };
        for (i, range) in ranges.iter_mut().enumerate().filter(|(i, _)| part.is_open(*i)) {
            let line = &self.risky.problem.lines[i];
            let least = |s: &crate::Span| s.clip(f64::MIN_POSITIVE, part.high[i]);
            *range = match on[i] {
                false => (0.0, 0.0),
                true if range.1 > 0.0 => (range.0.max(f64::MIN_POSITIVE), range.1),
                true => line.domain().spans().iter().find_map(least).map_or((0.0, 0.0), |s| (s.from, s.to)),
            };
        }
        true
    }

    /// Prices and weights of a run.
    fn weighed(&self, program: &Program, found: &Found) -> Weighed {
        let mut prices = vec![Prices::default(); self.risky.problem.limits.len()];
        let mut set = |limit: Option<(usize, bool)>, dual: f64| {
            let Some((index, most)) = limit else { return };
            let slot = if most == (dual >= 0.0) { &mut prices[index].max } else { &mut prices[index].min };
            *slot = if dual.is_finite() { dual.abs() } else { 0.0 };
        };
        program.rows.iter().zip(&found.rows).for_each(|(row, &dual)| set(row.limit, dual.max(0.0)));
        for (row, &dual) in program.equations.iter().zip(&found.equations) {
            match row.opposite.filter(|_| dual < 0.0) {
                Some(other) => set(Some(other), -dual),
                None => set(row.limit, dual),
            }
        }
        let mut groups = found.groups.iter();
        let count = self.risky.draws.count;
        let finite =
            |w: &Vec<f64>| w.iter().map(|w| if w.is_finite() { *w } else { 0.0 }).collect::<Vec<f64>>();
        let has_goal = self.risky.goal.is_some() && program.groups.len() > self.risky.limits.len();
        let goal = match (&self.risky.goal, has_goal) {
            (Some(tail), true) => {
                of_goal(tail, &groups.next().map(finite).unwrap_or_else(|| vec![1.0; count]))
            }
            _ => Vec::new(),
        };
        let limits = self.risky.limits.iter().zip(groups).map(|(l, w)| of_limit(l, &finite(w))).collect();
        (Leaf::priced(prices, false), Weights { at: found.x.clone(), goal, limits })
    }

    fn proven(&self, known: Known, start: &[f64]) -> Weighed {
        known.proof.unwrap_or_else(|| self.unproven(start))
    }

    /// No price and equal weights, which bound any part.
    fn unproven(&self, at: &[f64]) -> Weighed {
        let count = self.risky.draws.count;
        let prices = vec![Prices::default(); self.risky.problem.limits.len()];
        let goal = self.risky.goal.as_ref().map_or_else(Vec::new, |t| of_goal(t, &vec![1.0; count]));
        let limits = vec![vec![0.0; count]; self.risky.limits.len()];
        (Leaf::priced(prices, false), Weights { at: at.to_vec(), goal, limits })
    }

    /// A leaf whose region holds no spend of some line.
    fn nothing(&self) -> Weighed {
        let (leaf, weights) = self.unproven(&vec![0.0; self.risky.problem.lines.len()]);
        (Leaf { empty: true, ..leaf }, Weights { goal: Vec::new(), ..weights })
    }
}
