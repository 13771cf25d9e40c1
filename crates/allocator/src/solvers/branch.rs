//! Boxes of spends, bounded by concave relaxations ([`super::tree`] searches them).
//!
//! Each node solves the concave relaxation of its box for prices, and keeps
//! the bound that the best responses at those prices prove (Udell and Boyd,
//! "Maximizing a sum of sigmoids", 2013, generalised to any domain and to
//! negative worths). Where a line's relaxed spend lies between two concave
//! stretches, the plan is rounded to either and the concave rest solved again;
//! the box is cut at the line that loses most.
//!
//! Words: torn lines are branching candidates; forced, bound propagation; twins,
//! a symmetry; covers, concave envelopes or concave curves below.

pub(crate) mod asked;
mod round;

use std::cell::RefCell;

use crate::best::best_response;
use crate::certificate::{bound_within, judge_linear, proves_empty, region_bound};
use crate::cover::{Cover, Features};
use crate::groups::Ties;
use crate::hull::Hull;
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::relaxation::{Aim, Relaxation};
use crate::rows::Rows;
use crate::solvers::cuts::{Cuts, Most};
use crate::solvers::dual::{Dual, Found as Minimum};
use crate::solvers::forced::Forced;
use crate::solvers::incumbent::{Best, no_prices, own_cap};
use crate::solvers::interior;
use crate::solvers::mend::Mend;
use crate::solvers::relaxed::Relaxed;
use crate::solvers::tree::{Fate, Found, Node, Relaxation as Bounds, Tree};
use crate::tolerance::KEPT;
use crate::{Leaf, Options, Prices, Problem, Terms};

pub(crate) struct Search<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    rows: Rows,
    twins: Twins,
    ties: Ties,
    features: Features,
    best: Best<'p>,
    /// Share of the usual tolerance that relaxations are solved to.
    accuracy: f64,
    /// Cuts made so far where no line says what to gain by one.
    blind_cuts: usize,
    mend: Mend,
    /// Every line's stretches in the whole domain, once it is cut.
    whole: Option<(Region, Cover)>,
    /// What minimises over prices, once there is a program.
    dual: RefCell<Option<Dual>>,
    /// Asked within a node as well.
    stop: Stop<'p>,
}

impl<'p> Search<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64, stop: Stop<'p>) -> Self {
        Search {
            problem,
            goal,
            rows: Rows::new(problem, goal),
            twins: Twins::find(problem),
            ties: Ties::find(problem),
            features: Features::of(problem, goal),
            best: Best::new(problem, goal, gap),
            accuracy: 1.0,
            blind_cuts: 0,
            mend: Mend::new(problem),
            whole: None,
            dual: RefCell::default(),
            stop,
        }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.consider(spends, no_prices(self.problem));
    }

    pub(crate) fn run(mut self, options: &Options) -> Found {
        let (root, stop) = (no_prices(self.problem), self.stop);
        let tree = Tree::grow(&mut self, root, options.nodes, stop);
        if self.best.plan.is_none() && stop.now() {
            // Stopped before anything was found: today's spends, if they may stay.
            self.offer(self.problem.lines.iter().map(|line| line.current).collect());
        }
        tree.found(self.best, &self.twins)
    }

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    /// True if a bound misses the cutoff by little more than the gap asked for:
    /// by what accuracy can make up for, rather than cuts.
    fn nearly(&self, bound: f64) -> bool {
        let Some(plan) = &self.best.plan else { return false };
        let asked = self.cutoff() - plan.value;
        bound > self.cutoff() && bound <= plan.value + NEARLY * asked
    }

    /// Where no cut helps, tries the prices that are best for what is proven: of
    /// the limits loosened by what plans may exceed them by. Without that, a part
    /// that the limits leave nothing inside has prices of any size.
    fn loosen(&self, part: &Forced, cover: &Cover, state: &mut Relaxed) {
        let rows = Rows::loosened(self.problem, self.goal, KEPT);
        let relaxation = Relaxation::new(self.problem, &rows, cover, Aim::Best).until(self.stop);
        let program = &relaxation.program;
        if program.len() == 0 {
            return;
        }
        let own = rows.signed(state.own_prices());
        let target = self.cutoff() - self.goal.constant - program.base;
        let tolerance = self.tolerance(0.05);
        let mut dual = Dual::new(program);
        // Prices without measure lead nowhere: once more from others, and without any.
        for attempt in 0..3 {
            let found = match attempt {
                0 => dual.solve(program, &own, tolerance, target),
                1 => {
                    let guess = dual.guess(program);
                    dual.solve(program, &guess, tolerance, target)
                }
                _ => Some(Minimum::Point(interior::solve(program, tolerance))),
            };
            let prices = match found {
                Some(Minimum::Point(interior)) => interior.prices,
                Some(Minimum::Below(prices)) => prices,
                None => continue,
            };
            self.keep_bound(part, rows.prices(&prices, self.problem.limits.len()), state);
            if state.bound <= self.cutoff() {
                return;
            }
        }
    }

    /// True if no cut can close a node: its bound exceeds the cutoff only since
    /// plans count as legal that exceed the limits by [`KEPT`].
    fn loose(&self, part: &Forced, state: &Relaxed) -> bool {
        let tight = || bound_within(self.problem, Some(self.goal), &state.prices, part.whole, 0.0);
        (self.features.plain() || self.nearly(state.bound)) && tight() <= self.cutoff()
    }

    /// A part in which some line has no spend left.
    fn hopeless(&self, part: &Forced) -> Fate<Vec<Prices>> {
        let mut prices = no_prices(self.problem);
        part.raise(self.problem, None, &mut prices);
        if proves_empty(region_bound(self.problem, None, &prices, part.whole)) {
            return empty(prices);
        }
        closed(prices)
    }

    /// Today's spend of a line, inside its range and allowed, where leaving it
    /// costs the goal and earns it nothing.
    fn stays(&self, i: usize, (low, high): (f64, f64)) -> Option<f64> {
        let (line, own) = (&self.problem.lines[i], self.goal.of(i));
        let today = line.current;
        let costs = !self.features.active(i) && own.moved < 0.0 && own.response == 0.0;
        (costs && low < today && today < high && line.domain().nearest(today) == today).then_some(today)
    }

    /// Every line's stretches; `None` if a line has none. With prices, lines
    /// that cost something to switch on are anchored at the spend they would
    /// be switched on for.
    fn cover(&self, region: &Region, prices: Option<&[Prices]>) -> Option<Cover> {
        let lines = &self.problem.lines;
        let pricing = prices.map(|p| Pricing::new(self.problem, Some(self.goal), p, 0.0));
        let mut hull = Hull::default();
        let mut cover = Cover::with_capacity(lines.len(), lines.len());
        for (i, line) in lines.iter().enumerate() {
            let (low, high) = (region.low[i], region.high[i]);
            if let Some((whole, known)) = &self.whole
                && (whole.low[i], whole.high[i]) == (low, high)
                && !self.features.active(i)
            {
                cover.push_known(known);
                continue;
            }
            if let Some(today) = self.stays(i, (low, high)) {
                if !cover.push_about(&mut hull, line, (low, high), today) {
                    return None;
                }
                continue;
            }
            let anchor = self.features.active(i).then(|| {
                let on = low.max(f64::MIN_POSITIVE);
                let best = pricing.as_ref().and_then(|p| best_response(line, on, high, p.offer(i)));
                best.map_or(line.typical_spend(), |b| b.spend)
            });
            let split = self.features.moved(i).then_some(line.current);
            if !cover.push(&mut hull, line, (low, high), anchor, split) {
                return None;
            }
        }
        Some(cover)
    }

    /// Solves the relaxation; keeps its prices if they prove a better bound.
    fn relax(&self, part: &Forced, cover: &Cover, aim: Aim, state: &mut Relaxed) -> Reached {
        let limits = self.problem.limits.len();
        let relaxation = Relaxation::new(self.problem, &self.rows, cover, aim).until(self.stop);
        if relaxation.program.len() == 0 {
            state.spends = relaxation.fixed_spends();
            let kept = judge_linear(self.problem, self.goal, &state.spends).violation <= KEPT;
            if kept {
                self.keep_bound(part, no_prices(self.problem), state);
            }
            return if kept { Reached::Optimum } else { Reached::Nothing };
        }
        let found = match aim {
            Aim::Best => self.solve(&relaxation, 0.05, state.start(), self.cutoff()),
            _ => Minimum::Point(interior::solve(&relaxation.program, self.tolerance(0.05))),
        };
        let interior = match found {
            Minimum::Point(interior) => interior,
            Minimum::Below(signed) => {
                let mut prices = self.rows.prices(&signed, limits);
                self.keep_bound(part, prices.clone(), state);
                if state.bound <= self.cutoff() {
                    return Reached::Optimum;
                }
                part.raise(self.problem, None, &mut prices);
                if proves_empty(region_bound(self.problem, None, &prices, part.whole)) {
                    return Reached::Empty(prices);
                }
                interior::solve(&relaxation.program, self.tolerance(0.05))
            }
        };
        state.spends = relaxation.spends(&interior, false);
        let prices = self.rows.prices(&interior.prices, limits);
        state.solved = true;
        if !self.features.plain() {
            state.tidy = relaxation.spends(&interior, true);
            state.latest.clone_from(&prices);
        }
        self.keep_bound(part, prices, state);
        if interior.converged { Reached::Optimum } else { Reached::Nothing }
    }

    /// Share of the goal's size to which programs are solved, `share` of the gap.
    fn tolerance(&self, share: f64) -> f64 {
        self.accuracy * share * self.best.gap.min(1e-7)
    }

    /// Solves a relaxation up to a share of the gap asked for, or shows that it
    /// holds nothing above a target. Prices of a similar one help.
    ///
    /// Curves bend only as far as they are worth something: where the goal is
    /// not about outcomes, the dual function is mostly kinks, and the interior
    /// point comes first. Either makes up for the other.
    fn solve(&self, relaxation: &Relaxation, share: f64, prices: Option<&[Prices]>, target: f64) -> Minimum {
        let program = &relaxation.program;
        let interior = || interior::solve(program, self.tolerance(share));
        let first = match (!program.values_outcomes()).then(interior) {
            Some(first) if first.converged => return Minimum::Point(first),
            first => first,
        };
        let mut dual = self.dual.borrow_mut();
        let dual = dual.get_or_insert_with(|| Dual::new(program));
        let signed = prices.map_or_else(|| dual.guess(program), |prices| self.rows.signed(prices));
        let target = target - self.goal.constant - program.base;
        let found = dual.solve(program, &signed, self.tolerance(share), target);
        found.unwrap_or_else(|| Minimum::Point(first.unwrap_or_else(interior)))
    }

    fn keep_bound(&self, part: &Forced, mut prices: Vec<Prices>, state: &mut Relaxed) {
        part.raise(self.problem, Some(self.goal), &mut prices);
        let bound = self.bounded(part, &mut prices);
        if bound < state.bound || !state.bound.is_finite() {
            state.bound = bound;
            state.prices = prices;
        }
    }

    /// What prices prove. Where a line has no end, a price that is too high by
    /// a last digit makes it worth any spend: all are lowered by next to nothing.
    fn bounded(&self, part: &Forced, prices: &mut [Prices]) -> f64 {
        let bound = |prices: &[Prices]| region_bound(self.problem, Some(self.goal), prices, part.whole);
        let found = bound(prices);
        if found.is_finite() || !part.whole.high.contains(&f64::INFINITY) {
            return found;
        }
        for less in LOWERED {
            let lowered = |p: &Prices| Prices { min: p.min * (1.0 - less), max: p.max * (1.0 - less) };
            let lower: Vec<Prices> = prices.iter().map(lowered).collect();
            let found = bound(&lower);
            if found.is_finite() {
                prices.clone_from_slice(&lower);
                return found;
            }
        }
        found
    }

    /// Prices that prove the region empty, from the smallest sum of excesses.
    fn prove_empty(&self, part: &Forced, cover: &Cover) -> Option<Vec<Prices>> {
        let relaxation = Relaxation::new(self.problem, &self.rows, cover, Aim::Feasible).until(self.stop);
        let interior = interior::solve(&relaxation.program, 1e-11);
        let mut prices = self.rows.prices(&interior.prices, self.problem.limits.len());
        part.raise(self.problem, None, &mut prices);
        let proves =
            |prices: &Vec<Prices>| proves_empty(region_bound(self.problem, None, prices, part.whole));
        if proves(&prices) || !part.whole.high.contains(&f64::INFINITY) {
            return proves(&prices).then_some(prices);
        }
        // Where a line has no end, floors that ask for a last digit more than
        // caps charge make any spend worth something.
        let lowered = |less: f64| -> Vec<Prices> {
            prices.iter().map(|p| Prices { min: p.min * (1.0 - less), ..*p }).collect()
        };
        LOWERED.into_iter().map(lowered).find(proves)
    }

    /// The line to cut, and where; `None` if no line can be narrowed.
    ///
    /// First choice is the line that loses most when its relaxed spend becomes
    /// an allowed one on its curve. Where none does, that may be since its
    /// outcome has no price while goal and limits are misstated by it. Where
    /// they are not, the relaxation is right and its prices are not: the line
    /// that falls furthest short of its best response is cut between the two.
    /// Where none does either, only the plan is missing: the widest line is
    /// cut, a bounded number of times.
    fn choose(&mut self, region: &Region, cover: &Cover, state: &Relaxed) -> Option<(usize, f64)> {
        let pricing = Pricing::new(self.problem, Some(self.goal), state.own_prices(), 0.0);
        let (problem, features) = (self.problem, &self.features);
        let cuts = Cuts { problem, features, region, cover, spends: &state.spends, pricing };
        let missing = if self.best.plan.is_some() { state.bound - self.cutoff() } else { 0.0 };
        let least = (1e-4 * missing).max(1e-12 * state.bound.abs());
        let promising = |most: Most| if most.most > least { most.cut } else { None };
        let misstated = || {
            let most = cuts.misstated(self.goal, state.bound.abs().max(f64::MIN_POSITIVE), &self.rows);
            if most.most > KEPT { most.cut } else { None }
        };
        let cut = promising(cuts.torn()).or_else(misstated).or_else(|| promising(cuts.short()));
        if cut.is_some() {
            return cut;
        }
        let widest = cuts.widest().cut;
        self.blind_cuts += 1;
        let most = if self.rows.goal.is_empty() { BLIND_CUTS_FOR_ANY } else { BLIND_CUTS };
        widest.filter(|_| self.blind_cuts <= most)
    }
}

impl Bounds for Search<'_> {
    type State = Vec<Prices>;
    type Leaf = Leaf;

    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    fn leaf(&self, prices: Vec<Prices>) -> Leaf {
        Leaf::priced(prices, false)
    }

    fn examine(&mut self, node: &Node<Vec<Prices>>, _: usize) -> Fate<Vec<Prices>> {
        let whole = Region::of(self.problem, &node.cuts, &self.twins);
        let part = Forced::of(self.problem, &whole);
        let region = &part.region;
        let root = node.is_root();
        if !root && self.whole.is_none() {
            let region = Region::whole(self.problem);
            self.whole = self.cover(&region, None).map(|cover| (region, cover));
        }
        let Some(mut cover) = self.cover(region, (!root).then_some(&node.state[..])) else {
            return self.hopeless(&part);
        };
        let mut state = Relaxed::unsolved(node);
        if !part.is_empty() || !self.features.plain() {
            self.keep_bound(&part, node.state.clone(), &mut state);
        }
        if root && let Some(prices) = own_cap(self.problem, self.goal) {
            self.keep_bound(&part, prices, &mut state);
        }
        // A plan at hand that is worth nothing, or all there is, may be the best.
        if root && self.best.plan.is_some() {
            self.keep_bound(&part, no_prices(self.problem), &mut state);
            if state.bound <= self.cutoff() {
                return closed(state.prices);
            }
        }
        const ROUNDS: usize = 6;
        for round in 0..ROUNDS {
            let before = state.bound;
            let reached = self.relax(&part, &cover, Aim::Best, &mut state);
            if let Reached::Empty(prices) = reached {
                return empty(prices);
            }
            if reached == Reached::Nothing && !self.stop.now() {
                if let Some(prices) = self.prove_empty(&part, &cover) {
                    return empty(prices);
                }
                self.relax(&part, &cover, Aim::Elastic(PENALTY), &mut state);
                if root {
                    self.keep_bound(&part, node.state.clone(), &mut state);
                }
            }
            if self.stop.now() {
                return closed(state.prices);
            }
            if state.bound <= self.cutoff() || self.features.plain() {
                break;
            }
            let worthwhile = 0.05 * (state.bound - self.cutoff()).min(state.bound.abs());
            if round > 0 && before.is_finite() && before - state.bound < worthwhile {
                break;
            }
            match self.cover(region, Some(&state.prices)) {
                Some(anchored) => cover = anchored,
                None => break,
            }
        }
        if state.bound > self.cutoff() {
            self.round(region, &cover, &state, root);
            if state.bound > self.cutoff()
                && let Some(plan) = self.mend.near(self.problem, region, &state.spends)
            {
                self.consider(plan, no_prices(self.problem));
            }
        }
        if root && state.bound > self.cutoff() {
            self.keep_bound(&part, no_prices(self.problem), &mut state);
        }
        if self.nearly(state.bound) && self.problem.is_concave() {
            self.refine(&part, &cover, &mut state);
        }
        if state.bound <= self.cutoff() {
            return closed(state.prices);
        }
        let cut = if self.loose(&part, &state) { None } else { self.choose(region, &cover, &state) };
        match cut {
            Some((line, at)) => Fate::Open { bound: state.bound, state: state.prices, line, at },
            None => {
                self.loosen(&part, &cover, &mut state);
                closed(state.prices)
            }
        }
    }
}

fn closed<S>(prices: Vec<Prices>) -> Fate<S> {
    Fate::Closed(Leaf::priced(prices, false))
}

fn empty<S>(prices: Vec<Prices>) -> Fate<S> {
    Fate::Closed(Leaf::priced(prices, true))
}

/// Shares by which prices are lowered that prove nothing as they are.
const LOWERED: [f64; 3] = [1e-9, 1e-7, 1e-5];

/// Price of breaking limits when a program seems to have no interior.
const PENALTY: f64 = 1e3;

/// A bound is nearly good enough within this many times the gap asked for.
const NEARLY: f64 = 100.0;

/// Most cuts made where no line says what to gain by one.
const BLIND_CUTS: usize = 500;

/// Most such cuts where any plan would do: conflicts and repairs ask for many
/// plans on the very edge of what is feasible.
const BLIND_CUTS_FOR_ANY: usize = 20;

/// What solving a relaxation came to.
#[derive(PartialEq)]
enum Reached {
    /// Its optimum, or a bound that decides.
    Optimum,
    /// Prices that prove the part empty.
    Empty(Vec<Prices>),
    /// Neither.
    Nothing,
}
