//! Pools in plans by period: a level for each period, of which a part may be
//! left in the next (`solvers/tree.rs` searches their boxes).
//!
//! A level and the stocks that draw on it in its period are a block, and its
//! rows and the equations of stocks are priced: the bound is that of any pool,
//! the larger of the two ends of every level's range (`pool.rs`). Plans come from
//! tangents: near a point every product is linear in its level and in what is
//! drawn, which leaves a plan by period like any other (`solvers/flights.rs`).
//! Its optimum is the next point, as far towards it as the products gain. Prices
//! come from secants: between the ends of its range a level is taken to be worth
//! what its ends differ by at the last prices, so that the next ones weigh the
//! ends against each other. What they leave open falls with the square of the
//! ranges.
//!
//! Words: twins are lines that a symmetry exchanges; covers are concave envelopes,
//! or concave curves below.

use crate::best::{Offer, best_response};
use crate::certificate::{judge_linear, proves_empty, region_bound};
use crate::cover::{Features, Stretches};
use crate::groups::pool::Pools;
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::solvers::flights::{Flights, Seen};
use crate::solvers::incumbent::{Best, no_prices};
use crate::solvers::tree::{Fate, Found, Node, Relaxation, Tree};
use crate::{Domain, Leaf, Line, Options, Prices, Problem, Terms};

/// Most tangents in a part, and in the first.
const LATER: usize = 2;
const FIRST: usize = 20;
/// Parts of which each follows tangents of its own; later every fourth does.
const EAGER: usize = 8;
/// Most secants in a part, and what one has to gain of what is open for another.
const SECANTS: usize = 12;
const GAIN: f64 = 0.05;
/// Most secants in a row that gain less.
const IDLE: usize = 2;
/// How far towards the best plan of the tangents.
const STEPS: [f64; 6] = [1.0, 0.5, 0.25, 0.1, 0.03, 0.01];
/// Cuts keep this share of a range to either side.
const EDGE: f64 = 0.15;
/// Relative width below which a range is not cut.
const NARROW: f64 = 1e-9;
/// A part counts as one node for every so many lines.
const LINES_PER_NODE: usize = 2;
/// Fewest parts that are examined.
const LEAST: usize = 40;
/// How far within what can be made a level is taken.
const WITHIN: f64 = 1e-9;

pub(crate) struct Chain<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    options: Options<'p>,
    pools: Pools,
    features: Features,
    /// Curves all diminish: what a point is worth says which of two is better.
    concave: bool,
    best: Best<'p>,
}

/// What a part inherits.
#[derive(Clone)]
pub(crate) struct State {
    prices: Vec<Prices>,
    /// Spends, stocks and levels where products are replaced by tangents.
    at: Vec<f64>,
}

impl<'p> Chain<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64, options: &Options<'p>) -> Self {
        Chain {
            problem,
            goal,
            options: *options,
            pools: Pools::find(problem),
            features: Features::of(problem, goal),
            concave: problem.lines.iter().all(Line::is_concave),
            best: Best::new(problem, goal, gap),
        }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.consider(spends, no_prices(self.problem));
    }

    pub(crate) fn run(mut self) -> Found {
        let weight = self.problem.lines.len().div_ceil(LINES_PER_NODE);
        let most = (self.options.nodes / weight).max(LEAST.min(self.options.nodes));
        let root = State { prices: no_prices(self.problem), at: self.start() };
        let stop = Stop(self.options.stop);
        let tree = Tree::grow(&mut self, root, most, stop);
        tree.found(self.best, &Twins::default())
    }

    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    /// A point to begin with: the best plan known, or some of every level drawn
    /// on by some of every line.
    fn start(&self) -> Vec<f64> {
        if let Some(plan) = &self.best.plan {
            return plan.spends.clone();
        }
        let region = Region::whole(self.problem);
        let mut at = vec![0.0; self.problem.lines.len()];
        for pool in &self.pools.0 {
            let (low, high) = (region.low[pool.block], region.high[pool.block]);
            at[pool.block] = low + 0.25 * (high - low);
            for &j in &pool.lines {
                at[j] = self.problem.lines[j].typical_spend().clamp(region.low[j], region.high[j]);
            }
        }
        at
    }

    fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) -> bool {
        self.problem.settle(&mut spends);
        self.best.take(spends, prices) > f64::NEG_INFINITY
    }

    /// What a point is worth, levels as they stand.
    fn worth(&self, at: &[f64]) -> f64 {
        judge_linear(self.problem, self.goal, at).value
    }

    /// The tangents at a point, in a part.
    fn look(&self, region: &Region, at: &[f64]) -> Option<Seen> {
        let (mut near, goal) = self.pools.tangent(self.problem, self.goal, at);
        loosen(&mut near);
        Flights::new(&near, &goal, self.best.gap).look(region, self.options.stop)
    }

    /// A plan at levels: an ordinary one by period.
    fn level(&mut self, region: &Region, at: &[f64]) {
        let mut made = at.to_vec();
        self.problem.settle(&mut made);
        let levels: Vec<f64> =
            self.pools.0.iter().map(|p| at[p.block].min(made[p.block]) * (1.0 - WITHIN)).collect();
        let mut fixed = self.pools.fixed(self.problem, &levels);
        loosen(&mut fixed);
        let mut inside = region.clone();
        for (pool, &level) in self.pools.0.iter().zip(&levels) {
            (inside.low[pool.block], inside.high[pool.block]) = (level, level);
        }
        let seen = Flights::new(&fixed, self.goal, self.best.gap).look(&inside, self.options.stop);
        if let Some(Seen { plan: Some(plan), prices, .. }) = seen {
            self.consider(plan, prices);
        }
    }

    /// Keeps prices that prove a better bound.
    fn prove(&self, region: &Region, prices: Vec<Prices>, bound: &mut f64, state: &mut State) {
        let proven = region_bound(self.problem, Some(self.goal), &prices, region);
        if proven < *bound || !bound.is_finite() {
            *bound = proven;
            state.prices = prices;
        }
    }

    /// Follows tangents in a part; prices that prove it empty, if they do.
    fn follow(
        &mut self,
        region: &Region,
        most: usize,
        bound: &mut f64,
        state: &mut State,
    ) -> Option<Vec<Prices>> {
        let mut reached = f64::NEG_INFINITY;
        for round in 0..most {
            let Some(seen) = self.look(region, &state.at) else { break };
            if seen.empty {
                let empty = proves_empty(region_bound(self.problem, None, &seen.prices, region));
                return empty.then_some(seen.prices);
            }
            self.prove(region, seen.prices.clone(), bound, state);
            let mut legal = true;
            if let Some(plan) = seen.plan {
                legal = self.consider(plan, seen.prices);
            }
            if !legal && (round == 0 || round + 1 == most) {
                self.level(region, &seen.spends);
            }
            if *bound <= self.cutoff() || (self.options.stop)() || seen.spends.len() != state.at.len() {
                break;
            }
            let between = |step: f64| -> Vec<f64> {
                state.at.iter().zip(&seen.spends).map(|(a, b)| a + step * (b - a)).collect()
            };
            if !self.concave {
                // What majorants gain is no gain of the curves.
                state.at = between(if round == 0 { 1.0 } else { 0.5 });
                continue;
            }
            if round == 0 {
                // The first point may break limits and be worth anything.
                state.at = between(1.0);
                reached = self.worth(&state.at);
                continue;
            }
            let tried = STEPS.iter().map(|&step| {
                let at = between(step);
                (self.worth(&at), at)
            });
            let best = tried.fold(
                (reached, None),
                |best, (worth, at)| {
                    if worth > best.0 { (worth, Some(at)) } else { best }
                },
            );
            let (worth, Some(at)) = best else { break };
            state.at = at;
            if worth - reached <= 0.02 * self.best.gap * worth.abs() {
                break;
            }
            reached = worth;
        }
        None
    }

    /// Prices by secants in a part; prices that prove it empty, if they do.
    fn weigh(&mut self, region: &Region, bound: &mut f64, state: &mut State) -> Option<Vec<Prices>> {
        let mut prices = state.prices.clone();
        let mut idle = 0;
        for _ in 0..SECANTS {
            let (mut near, goal) = {
                let pricing = Pricing::new(self.problem, Some(self.goal), &prices, 0.0);
                let slope = |j: usize| self.secant(region, &pricing, &state.at, j);
                self.pools.straightened(self.problem, self.goal, &state.at, slope)
            };
            loosen(&mut near);
            let inner = Flights::new(&near, &goal, self.best.gap);
            let Some(seen) = inner.look(region, self.options.stop) else { break };
            if seen.empty {
                let empty = proves_empty(region_bound(self.problem, None, &seen.prices, region));
                return empty.then_some(seen.prices);
            }
            let before = *bound;
            self.prove(region, seen.prices.clone(), bound, state);
            if let Some(plan) = seen.plan {
                self.consider(plan, seen.prices.clone());
            }
            let open = *bound - self.cutoff();
            if open <= 0.0 || (self.options.stop)() || seen.spends.len() != state.at.len() {
                break;
            }
            idle = if before - *bound < GAIN * open && before.is_finite() { idle + 1 } else { 0 };
            if idle > IDLE {
                break;
            }
            (prices, state.at) = (seen.prices, seen.spends);
        }
        None
    }

    /// What a unit of its level is worth to a line between the ends of the
    /// level's range, in units of its curve; at a point what it draws.
    fn secant(&self, region: &Region, pricing: &Pricing, at: &[f64], j: usize) -> f64 {
        let line = &self.problem.lines[j];
        let drawn = line.curve.value(at[j]);
        let Some(block) = line.pool else { return drawn };
        let (low, high, offer) = (region.low[block], region.high[block], pricing.offer(j));
        let best = |level: f64| {
            let offer = Offer { worth: offer.worth * level, ..offer };
            best_response(line, region.low[j], region.high[j], offer).map(|best| best.value)
        };
        if offer.worth <= 0.0 || high - low <= 1e-6 * high {
            return drawn;
        }
        let slope = best(high).zip(best(low)).map(|(high, low)| high - low);
        slope.map(|more| more / ((high - low) * offer.worth)).filter(|s| s.is_finite()).unwrap_or(drawn)
    }

    /// The level or line to cut, and where: that which loses most.
    fn choose(&self, region: &Region, bound: f64, state: &State) -> Option<(usize, f64)> {
        let pricing = Pricing::new(self.problem, Some(self.goal), &state.prices, 0.0);
        let mut most: (f64, Option<(usize, f64)>) = (0.0, None);
        let mut widest: (f64, Option<(usize, f64)>) = (0.0, None);
        let between = |i: usize, x: f64| {
            let (low, high) = (region.low[i], region.high[i]);
            x.clamp(low + EDGE * (high - low), high - EDGE * (high - low))
        };
        let periods = self.pools.periods(self.problem);
        for pool in &self.pools.0 {
            let (d, low, high) = (pool.block, region.low[pool.block], region.high[pool.block]);
            if high - low <= NARROW * high {
                continue;
            }
            let at = state.at[d].clamp(low, high);
            let (inner, bound) = match periods.iter().find(|period| period.block() == d) {
                Some(period) => (
                    Some(period.at(self.problem, &pricing, &state.at)),
                    period.bound(self.problem, (&state.prices, &pricing), region, 0.0),
                ),
                None => {
                    (pool.at(self.problem, &pricing, region, at), pool.bound(self.problem, &pricing, region))
                }
            };
            let loss = bound.unwrap_or(f64::NEG_INFINITY) - inner.unwrap_or(f64::NEG_INFINITY);
            if loss > most.0 {
                most = (loss, Some((d, between(d, at))));
            }
            if (high - low) / high > widest.0 {
                widest = ((high - low) / high, Some((d, 0.5 * (low + high))));
            }
        }
        for (i, line) in self.problem.lines.iter().enumerate() {
            let (low, high) = (region.low[i], region.high[i]);
            let typical = line.typical_spend();
            if high - low <= NARROW * high.min(typical).max(1e-3 * typical) || !high.is_finite() {
                continue;
            }
            let x = state.at[i].clamp(low, high);
            let level = line.pool.map_or(1.0, |d| state.at[d]);
            let offer = pricing.offer(i);
            let offer = Offer { worth: offer.worth * level, ..offer };
            let anchor = self.features.active(i).then_some(high);
            let Some(stretches) = Stretches::new(line, low, high, anchor, None) else { continue };
            let above = (stretches.majorant().value(line, x) - line.curve.value(x)).max(0.0);
            let mut loss = offer.worth.max(0.0) * above;
            let within = line.domain().intersect(&Domain::interval(low, high));
            let nearest = within.nearest(x);
            let hole = (x - nearest).abs() > 1e-9 * x.abs();
            let partly = self.features.active(i) && low == 0.0 && x > 1e-9 * high;
            if hole {
                loss = loss.max((x - nearest).abs() * offer.cost.abs());
            }
            if partly {
                let share = x / high;
                loss = loss.max(share.min(1.0 - share) * offer.active.abs());
            }
            if loss > most.0 {
                let at = if partly {
                    0.0
                } else if hole {
                    x
                } else {
                    between(i, x)
                };
                most = (loss, Some((i, at)));
            }
        }
        most.1.filter(|_| most.0 > 1e-13 * bound.abs()).or(widest.1)
    }
}

/// Lets blocks be less than they sum, which is concave where exactly as much is
/// not: more is worth more, or a price below 0 would be needed.
fn loosen(problem: &mut Problem) {
    problem.limits.iter_mut().filter(|limit| limit.is_tie()).for_each(|limit| limit.min = None);
}

impl Relaxation for Chain<'_> {
    type State = State;
    type Leaf = Leaf;

    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    fn leaf(&self, state: State) -> Leaf {
        Leaf::priced(state.prices, false)
    }

    fn examine(&mut self, node: &Node<State>, nodes: usize) -> Fate<State> {
        let region = Region::of(self.problem, &node.cuts, &Twins::default());
        let (mut bound, mut state) = (node.bound, node.state.clone());
        for pool in &self.pools.0 {
            let d = pool.block;
            state.at[d] = state.at[d].clamp(region.low[d], region.high[d]);
        }
        self.prove(&region, node.state.prices.clone(), &mut bound, &mut state);
        if bound > self.cutoff() && (nodes <= EAGER || nodes.is_multiple_of(4)) {
            let most = if node.is_root() { FIRST } else { LATER };
            if let Some(prices) = self.follow(&region, most, &mut bound, &mut state) {
                return Fate::Closed(Leaf::priced(prices, true));
            }
        }
        if bound > self.cutoff()
            && let Some(prices) = self.weigh(&region, &mut bound, &mut state)
        {
            return Fate::Closed(Leaf::priced(prices, true));
        }
        if bound <= self.cutoff() || (self.options.stop)() {
            return Fate::Closed(Leaf::priced(state.prices, false));
        }
        match self.choose(&region, bound, &state) {
            Some((line, at)) => Fate::Open { bound, state, line, at },
            None => Fate::Closed(Leaf::priced(state.prices, false)),
        }
    }
}
