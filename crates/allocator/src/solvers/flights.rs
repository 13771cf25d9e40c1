//! Linked lines, flights over several periods, whose stock follows from their
//! spends, bounded week by week ([`super::tree`] searches their boxes).
//!
//! As in [`super::branch`], a node solves a concave relaxation of its box for
//! prices and keeps the bound that the best responses at those prices prove.
//! Plans are found from below: the convex part of every curve is replaced by
//! its tangent at a plan, which leaves a concave problem whose optimum is at
//! least as good, again and again; S-shaped flights start from bursts, which
//! carry what the relaxation spreads thinly. Stocks are recomputed from spends
//! before a plan is judged.
//!
//! Words: twins are lines that a symmetry exchanges; covers are concave envelopes,
//! or concave curves below; forced, bound propagation.

mod climb;
mod uses;

pub(crate) use climb::climbed;

use super::faces;
use super::forced::Forced;
use super::incumbent::{Best, Pace, no_prices, own_cap};
use super::interior::Interior;
use super::linked::{Cover, Elastic, Linked, Links};
use super::mend::Mend;
use super::sparse::{self, Program};
use super::switches::Switches;
use super::tree::{Fate, Found, Node, Relaxation, Tree};
use crate::best::{Offer, best_response};
use crate::certificate::{proves_empty, region_bound};
use crate::cover::{Features, Stretches};
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::{Coefficients, Domain, Leaf, Limit, Options, Prices, Problem, Terms};

/// Price of breaking limits when a program seems to have no interior.
const PENALTY: f64 = 1e4;

/// A subproblem counts as one for every so many lines.
const LINES_PER_NODE: usize = 10;

/// Cuts keep this share of a region to either side.
const EDGE: f64 = 0.1;

/// Shares of a relaxed plan from which the way to the limits is gone.
const SHARES: [f64; 3] = [1.0, 0.5, 0.2];

/// A line is not cut below this width, in units of where its curve bends.
const NARROW: f64 = 1e-7;

pub(crate) struct Flights<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    links: Links,
    features: Features,
    twins: Twins,
    /// Lines that follow from others.
    follows: Vec<bool>,
    switches: Switches,
    /// Being on counts for nothing but whether a line is in use.
    only_uses: bool,
    /// Whether plans are climbed with everything fixed that follows from what is.
    settles: bool,
    /// The limits leave no interior: programs are solved on their faces.
    thin: bool,
    /// How often a plan that is refused may still be looked for on a face.
    tries: usize,
    mend: Mend,
    pub(super) best: Best<'p>,
    pace: Pace,
    /// Asked within a node; a climb outside any search is not stopped.
    stop: &'p (dyn Fn() -> bool + Sync),
}

/// A node's relaxation as far as it was solved.
pub(super) struct Relaxed {
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) spends: Vec<f64>,
}

/// A part as its relaxation shows it.
pub(crate) struct Seen {
    pub(crate) prices: Vec<Prices>,
    pub(crate) spends: Vec<f64>,
    pub(crate) plan: Option<Vec<f64>>,
    /// The prices show that there is no plan.
    pub(crate) empty: bool,
}

impl<'p> Flights<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64) -> Self {
        let mut follows = vec![false; problem.lines.len()];
        for (_, &(last, _), _) in problem.limits.iter().filter_map(|l| l.gives()) {
            follows[last] = true;
        }
        let switches = Switches::of(problem);
        Flights {
            problem,
            goal,
            links: Links::new(problem),
            features: Features::of(problem, goal),
            twins: Twins::find(problem),
            follows,
            only_uses: switches.only_uses(problem),
            switches,
            settles: false,
            thin: false,
            tries: 3,
            mend: Mend::new(problem),
            best: Best::new(problem, goal, gap),
            pace: Pace::default(),
            stop: &|| false,
        }
    }

    /// Climbs with or without everything fixed that follows from what is.
    pub(super) fn settling(self, settles: bool) -> Self {
        Flights { settles, ..self }
    }

    /// Climbs until told to stop.
    pub(super) fn stopping(self, stop: &'p (dyn Fn() -> bool + Sync)) -> Self {
        Flights { stop, ..self }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.consider(spends, no_prices(self.problem));
    }

    pub(crate) fn run(mut self, options: &Options<'p>) -> Found {
        self.stop = options.stop;
        self.settles |= !self.switches.uses.is_empty();
        let weight = self.problem.lines.len().div_ceil(LINES_PER_NODE);
        let root = no_prices(self.problem);
        let tree = Tree::grow(&mut self, root, options.nodes / weight, Stop(options.stop));
        tree.found(self.best, &self.twins)
    }

    /// Prices and a relaxed plan of a part, and the best plan found on the way.
    pub(crate) fn look(mut self, region: &Region, stop: &'p (dyn Fn() -> bool + Sync)) -> Option<Seen> {
        self.stop = stop;
        let part = Forced::of(self.problem, region);
        let region = &part.region;
        let stretches = self.stretches(region)?;
        let covers: Vec<Cover> = stretches.iter().map(Cover::above).collect();
        let none = no_prices(self.problem);
        let mut state = Relaxed { bound: f64::INFINITY, prices: none, spends: Vec::new() };
        let mut empty = false;
        if !self.relax(&part, &covers, Elastic::No, &mut state) && !(self.stop)() {
            if let Some(prices) = self.prove_empty(&part, &covers) {
                (state.prices, empty) = (prices, true);
            } else {
                self.thin = true;
                if !self.relax(&part, &covers, Elastic::No, &mut state) {
                    self.thin = false;
                    self.relax(&part, &covers, Elastic::At(PENALTY), &mut state);
                }
            }
        }
        if !empty && state.bound > self.cutoff() {
            self.improve(region, &stretches, &state, self.best.plan.is_none());
        }
        let Relaxed { prices, spends, .. } = state;
        Some(Seen { prices, spends, plan: self.best.plan.map(|plan| plan.spends), empty })
    }

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    /// Prices that prove a region empty by a single rule of few lines on what
    /// is on: the program has no interior to tell it by.
    fn broken(&self, region: &Region) -> Option<Vec<Prices>> {
        let rules = self.problem.limits.iter().enumerate();
        let counts = |limit: &Limit| {
            limit.numerator.is_sparse()
                && limit.denominator.is_none()
                && limit.numerator.few().iter().any(|(_, c)| c.active != 0.0)
        };
        for (r, limit) in rules.filter(|(_, limit)| counts(limit)) {
            let Some(max) = limit.max else { continue };
            let most = |&(i, c): &(usize, Coefficients)| {
                let offer = Offer { worth: -c.response, cost: c.spend, active: c.active, moved: c.moved };
                best_response(&self.problem.lines[i], region.low[i], region.high[i], offer).map(|b| b.bound)
            };
            let each: Option<f64> = limit.numerator.few().iter().map(most).sum();
            if each.is_some_and(|each| limit.numerator.constant - each > max) {
                let mut prices = no_prices(self.problem);
                prices[r].max = 1.0;
                if proves_empty(region_bound(self.problem, None, &prices, region)) {
                    return Some(prices);
                }
            }
        }
        None
    }

    /// Fixes the stocks of fixed spends: their equations would leave a program
    /// without an interior.
    fn fix_stocks(&self, covers: &mut [Cover]) {
        for limit in &self.problem.limits {
            let Some((number, &(last, own), rest)) = limit.gives() else { continue };
            if rest.iter().all(|(i, _)| covers[*i].stretches.is_empty()) {
                let others: f64 = rest.iter().map(|(i, c)| c.spend * covers[*i].base).sum();
                let base = (number - limit.numerator.constant - others) / own.spend;
                covers[last] = Cover { base: base.max(0.0), stretches: Vec::new() };
            }
        }
    }

    /// Fixes beginnings between spends of which it is known whether they are
    /// on, for the same reason.
    fn count_starts(&self, covers: &mut [Cover]) {
        let on = |covers: &[Cover], i: usize| match &covers[i] {
            Cover { base, .. } if *base > 0.0 => Some(true),
            Cover { stretches, .. } if stretches.is_empty() => Some(false),
            _ => None,
        };
        for beginning in &self.switches.beginnings {
            let before = beginning.before.map_or(Some(false), |i| on(covers, i));
            if let (Some(now), Some(before)) = (on(covers, beginning.now), before) {
                let base = if now && !before { 1.0 } else { 0.0 };
                covers[beginning.start] = Cover { base, stretches: Vec::new() };
            }
        }
        for (line, spends) in &self.switches.uses {
            let each: Vec<Option<bool>> = spends.iter().map(|i| on(covers, *i)).collect();
            if each.contains(&Some(true)) || !each.contains(&None) {
                let base = if each.contains(&Some(true)) { 1.0 } else { 0.0 };
                covers[*line] = Cover { base, stretches: Vec::new() };
            }
        }
    }

    fn stretches(&self, region: &Region) -> Option<Vec<Stretches>> {
        let each = self.problem.lines.iter().enumerate().map(|(i, line)| {
            let (low, high) = (region.low[i], region.high[i]);
            let anchor = self.features.active(i).then_some(high);
            Stretches::new(line, low, high, anchor, None)
        });
        each.collect()
    }

    /// Solves the relaxation; keeps its prices if they prove a better bound.
    /// False if the method did not reach an optimum, or one whose prices cancel.
    fn relax(&mut self, part: &Forced, covers: &[Cover], elastic: Elastic, state: &mut Relaxed) -> bool {
        let linked = Linked::new(self.problem, &self.links, Some(self.goal), covers, elastic);
        if linked.program.variables.is_empty() {
            state.spends = linked.fixed_spends();
            return self.consider(state.spends.clone(), no_prices(self.problem)) > f64::NEG_INFINITY;
        }
        let interior = self.solve(&linked.program);
        state.spends = linked.spends(&interior, false);
        let prices = self.links.prices(&interior.prices, self.problem.limits.len());
        self.take(&linked, &interior, &prices);
        self.keep_bound(part, prices, state);
        interior.converged && !faces::cancel(&linked.program, &interior)
    }

    fn tolerance(&self) -> f64 {
        (0.02 * self.best.gap).min(1e-7)
    }

    /// The optimum of a program, on its face where it has no interior.
    fn solve(&self, program: &Program) -> Interior {
        let tolerance = self.tolerance();
        let face = || faces::solve(program, tolerance, &self.stop);
        if let Some(interior) = self.thin.then(face).flatten() {
            return interior;
        }
        sparse::solve(program, tolerance, &self.stop)
    }

    fn keep_bound(&self, part: &Forced, mut prices: Vec<Prices>, state: &mut Relaxed) {
        part.raise(self.problem, Some(self.goal), &mut prices);
        let bound = region_bound(self.problem, Some(self.goal), &prices, part.whole);
        if bound < state.bound || !state.bound.is_finite() {
            state.bound = bound;
            state.prices = prices;
        }
    }

    /// Prices that prove the region empty, from the smallest sum of excesses.
    fn prove_empty(&self, part: &Forced, covers: &[Cover]) -> Option<Vec<Prices>> {
        let linked = Linked::new(self.problem, &self.links, None, covers, Elastic::At(1.0));
        let interior = sparse::solve(&linked.program, 1e-10, &self.stop);
        let mut prices = self.links.prices(&interior.prices, self.problem.limits.len());
        part.raise(self.problem, None, &mut prices);
        proves_empty(region_bound(self.problem, None, &prices, part.whole)).then_some(prices)
    }

    /// True for a spend that may be off or on in a region, with nothing in
    /// between: it has a least spend, or being on counts.
    fn switched(&self, region: &Region, i: usize) -> bool {
        let within =
            self.problem.lines[i].domain().intersect(&Domain::interval(region.low[i], region.high[i]));
        let holed = within.spans().len() > 1 && within.least() == 0.0;
        let counted = self.features.active(i) && region.low[i] == 0.0;
        !self.follows[i] && region.high[i] > 0.0 && (holed || counted)
    }

    /// The line to cut, and where: the one that loses most when its relaxed
    /// spend becomes an allowed one on its curve, else the one furthest from
    /// its best answer to the prices.
    fn choose(&self, region: &Region, stretches: &[Stretches], state: &Relaxed) -> Option<(usize, f64)> {
        let pricing = Pricing::new(self.problem, Some(self.goal), &state.prices, 0.0);
        let mut most = (0.0, None);
        // What is counted comes first: stocks say little before it is known what is on.
        let mut counted = (0.0, None);
        // Where nothing says what is lost: the line furthest from either end.
        let mut undecided = (0.0, None);
        for (i, line) in self.problem.lines.iter().enumerate() {
            let (low, high) = (region.low[i], region.high[i]);
            let (x, offer) = (state.spends[i].clamp(low, high), pricing.offer(i));
            let typical = line.typical_spend();
            if high - low <= NARROW * high.min(typical).max(1e-3 * typical) {
                continue;
            }
            let above = (stretches[i].majorant().value(line, x) - line.curve.value(x)).max(0.0);
            let mut loss = offer.worth.max(0.0) * above;
            let within = line.domain().intersect(&Domain::interval(low, high));
            let nearest = within.nearest(x);
            let hole = (x - nearest).abs() > 1e-9 * x.abs();
            let partly = self.features.active(i) && low == 0.0 && x > 1e-9 * high;
            if hole || partly {
                let best = best_response(line, low, high, offer).map_or(0.0, |b| b.bound);
                loss =
                    loss.max(best - line.yields(nearest, offer)).max((x - nearest).abs() * offer.cost.abs());
            }
            if partly {
                let share = x / high;
                loss = loss.max(share.min(1.0 - share) * offer.active.abs());
                if loss > counted.0 {
                    counted = (loss, Some((i, 0.0)));
                }
            }
            if self.switched(region, i) {
                let share = (x / high).min(1.0 - x / high).max(1e-6);
                if share > undecided.0 {
                    let least = within.spans().iter().find(|s| s.to > 0.0).map_or(0.0, |s| s.from);
                    let between = if hole { x } else { 0.5 * least };
                    undecided = (share, Some((i, if partly { 0.0 } else { between })));
                }
            }
            if loss > most.0 {
                let width = if high.is_finite() { high - low } else { 4.0 * typical.max(x) };
                let at = if partly { 0.0 } else { x.clamp(low + EDGE * width, low + (1.0 - EDGE) * width) };
                most = (loss, Some((i, if hole && !partly { x } else { at })));
            }
        }
        let tells =
            |(loss, cut): (f64, Option<(usize, f64)>)| cut.filter(|_| loss > 1e-13 * state.bound.abs());
        tells(counted).or(tells(most)).or(undecided.1)
    }
}

impl Relaxation for Flights<'_> {
    type State = Vec<Prices>;
    type Leaf = Leaf;

    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    fn leaf(&self, prices: Vec<Prices>) -> Leaf {
        Leaf::priced(prices, false)
    }

    fn stalls(&mut self, nodes: usize, bound: f64) -> bool {
        self.pace.stalls(nodes, bound, &self.best)
    }

    fn examine(&mut self, node: &Node<Vec<Prices>>, _: usize) -> Fate<Vec<Prices>> {
        let whole = Region::of(self.problem, &node.cuts, &self.twins);
        let part = Forced::of(self.problem, &whole);
        let region = &part.region;
        let root = node.is_root();
        if let Some(prices) = self.broken(&whole) {
            return Fate::Closed(Leaf::priced(prices, true));
        }
        if self.best.plan.is_none() {
            // Often nothing, which most limits allow.
            self.consider(region.low.clone(), no_prices(self.problem));
        }
        let inside = self.within_use(region);
        let Some(stretches) = self.stretches(&inside) else {
            let mut prices = no_prices(self.problem);
            part.raise(self.problem, None, &mut prices);
            let empty = proves_empty(region_bound(self.problem, None, &prices, &whole));
            return Fate::Closed(Leaf::priced(prices, empty));
        };
        let mut covers: Vec<Cover> = stretches.iter().map(Cover::above).collect();
        let mut state = Relaxed { bound: node.bound, prices: node.state.clone(), spends: Vec::new() };
        self.keep_bound(&part, node.state.clone(), &mut state);
        if root && let Some(prices) = own_cap(self.problem, self.goal) {
            self.keep_bound(&part, prices, &mut state);
        }
        let reached = self.relax(&part, &covers, Elastic::No, &mut state);
        if !reached && !(self.stop)() {
            if let Some(prices) = self.prove_empty(&part, &covers) {
                return Fate::Closed(Leaf::priced(prices, true));
            }
            let before = std::mem::replace(&mut self.thin, true);
            if !self.relax(&part, &covers, Elastic::No, &mut state) {
                self.thin = before;
                self.relax(&part, &covers, Elastic::At(PENALTY), &mut state);
            }
        }
        if state.bound > self.cutoff() && !self.switches.is_empty() && !(self.stop)() {
            // Rules on beginnings, and on lines in use, may leave no interior.
            let spends = state.spends.clone();
            self.count_starts(&mut covers);
            if !self.relax(&part, &covers, Elastic::No, &mut state) {
                state.spends = spends;
            }
        }
        if state.bound > self.cutoff() {
            self.improve(&inside, &stretches, &state, root);
        }
        for share in if root { &SHARES[..] } else { &SHARES[..1] } {
            if state.bound <= self.cutoff() || (self.stop)() {
                break;
            }
            let spends: Vec<f64> = state.spends.iter().map(|x| x * share).collect();
            if let Some(plan) = self.mend.near(self.problem, region, &spends) {
                self.consider(plan, no_prices(self.problem));
            }
        }
        // What a node that was stopped leaves open stays open: its leaf says how far it came.
        if state.bound <= self.cutoff() || (self.stop)() {
            return Fate::Closed(Leaf::priced(state.prices, false));
        }
        let use_of = |line| (line, 0.0);
        let choice = self.choose(&inside, &stretches, &state);
        match choice.or_else(|| self.undecided_use(region, &state).map(use_of)) {
            Some((line, at)) => Fate::Open { bound: state.bound, state: state.prices, line, at },
            None => Fate::Closed(Leaf::priced(state.prices, false)),
        }
    }
}
