//! Levels of pools and spends of lines, bounded by mixtures of best answers
//! (`solvers/tree.rs` searches their boxes).
//!
//! Only limits are shared between blocks: a line, or a pool with the lines that
//! draw on it. At any prices each block's best answer is known (of a pool it is
//! at an end of its range of levels), and a mixture of answers says where prices
//! are best (`mixture.rs`). A plan is looked for at fixed levels, where the
//! problem is an ordinary one; a part is cut where the mixture is worth most
//! beyond its mean. What the ends of a level lose falls with the square of the
//! width.
//!
//! Words: torn lines are the branching candidates; twins are lines that a symmetry
//! exchanges.

use crate::certificate::{judge_linear, region_bound};
use crate::groups::level::{Bounded, Known, Levels};
use crate::groups::mixture::{Mixture, Settled, Torn};
use crate::groups::pool::{Pool, Pools};
use crate::groups::tie::Ties;
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::solvers::branch::Search as Ordinary;
use crate::solvers::incumbent::{Best, no_prices};
use crate::solvers::tree::{Fate, Found, Node, Relaxation, Tree};
use crate::{Leaf, Line, Options, Prices, Problem, Terms};

/// Share of the gap that the problem at fixed levels may leave open.
const INNER: f64 = 0.1;
/// Most levels tried at the beginning, and in a part.
const FIRST: usize = 12;
const LATER: usize = 2;
/// Parts of which each tries levels of its own; later every fourth does.
const EAGER: usize = 16;
/// Parts that prices at levels may take; what is open then needs others.
const BY_LEVELS: usize = 5000;
/// Cuts keep this share of a range to either side.
const EDGE: f64 = 0.15;
/// Relative width below which a range is not cut.
const NARROW: f64 = 1e-9;
/// Nodes of the ordinary search at one level.
const NODES: usize = 60;
/// Most steps from a plan to the best of its tangents.
const ASCENTS: usize = 4;
/// Share of a bound's excess that mixtures have to explain by what they are
/// worth, for the one worth most to be cut; and what a mean has to lack of limits
/// to be cut for it.
const EXPLAINED: f64 = 0.3;
const LACKING: f64 = 1e-6;
/// How far within what can be made a level is taken.
const WITHIN: f64 = 1e-9;

pub(crate) struct Search<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    options: Options<'p>,
    pools: Pools,
    ties: Ties,
    twins: Twins,
    /// Curves all diminish, and none costs something to switch on.
    concave: bool,
    mixture: Mixture<'p>,
    /// Whether mixtures are asked.
    mixing: bool,
    best: Best<'p>,
}

/// What a part inherits.
#[derive(Clone)]
pub(crate) struct State {
    prices: Vec<Prices>,
    /// Known answers of blocks.
    columns: Vec<usize>,
    /// What prices of levels have shown.
    known: Known,
}

impl<'p> Search<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64, options: &Options<'p>) -> Self {
        Search {
            problem,
            goal,
            options: *options,
            pools: Pools::find(problem),
            ties: Ties::find(problem),
            twins: Twins::find(problem),
            concave: problem.lines.iter().all(Line::is_concave)
                && problem.quantities().all(|terms| terms.active.is_none()),
            mixture: Mixture::new(problem, goal),
            mixing: false,
            best: Best::new(problem, goal, gap),
        }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        self.consider(spends, no_prices(self.problem));
    }

    pub(crate) fn run(mut self) -> Found {
        let root = self.begin();
        let (most, stop) = (self.options.nodes, Stop(self.options.stop));
        let tree = Tree::grow(&mut self, root, most, stop);
        tree.found(self.best, &self.twins)
    }

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    /// What the gap asked for is in units of the goal.
    fn fine(&self, bound: f64) -> f64 {
        let known = self.best.plan.as_ref().map(|plan| plan.value.abs().max(plan.size / 1000.0));
        let scale = known.unwrap_or(if bound.is_finite() { bound.abs() } else { 1.0 });
        self.best.gap * scale.max(f64::MIN_POSITIVE)
    }

    /// A first plan, and prices to begin with.
    fn begin(&mut self) -> State {
        let region = Region::whole(self.problem);
        let low: Vec<f64> = self.pools.0.iter().map(|p| region.low[p.block]).collect();
        let middle = self.pools.0.iter().zip(&low).map(|(p, l)| l + 0.25 * (region.high[p.block] - l));
        let first = match &self.best.plan {
            Some(plan) => self.pools.0.iter().map(|p| plan.spends[p.block]).collect(),
            None => middle.collect(),
        };
        let mut columns = Vec::new();
        self.climb(&region, first, FIRST, &mut columns);
        let known = self.best.plan.as_ref().map(|plan| plan.prices.clone());
        State { prices: known.unwrap_or_else(|| no_prices(self.problem)), columns, known: Known::default() }
    }

    /// Plans at the mean levels of a mixture, and where they lead.
    fn near(&mut self, region: &Region, means: &[f64], columns: &mut Vec<usize>) {
        let level = |p: &Pool| means[p.block].clamp(region.low[p.block], region.high[p.block]);
        let levels = self.pools.0.iter().map(level).collect();
        if self.climb(region, levels, LATER, columns).is_none() {
            let mut spends = means.to_vec();
            self.ties.settle(&self.problem.lines, &mut spends);
            self.ascend(spends, ASCENTS, columns);
        }
    }

    /// Follows the best plans of tangents: from a plan to where its tangents are
    /// best, and there to the best plan at the levels that this one makes.
    fn ascend(&mut self, mut spends: Vec<f64>, most: usize, columns: &mut Vec<usize>) {
        let value = |search: &Self| search.best.plan.as_ref().map_or(f64::NEG_INFINITY, |plan| plan.value);
        let mut reached = f64::NEG_INFINITY;
        for _ in 0..most {
            let (problem, goal) = self.pools.tangent(self.problem, self.goal, &spends);
            let inner = Ordinary::new(&problem, &goal, INNER * self.best.gap, Stop(self.options.stop));
            let found = inner.run(&Options { nodes: NODES.min(self.options.nodes), ..self.options });
            let Some(plan) = found.plan else { return };
            let mut next = plan.spends;
            self.ties.settle(&self.problem.lines, &mut next);
            // A level is made in full where as much of it as can be is wanted:
            // a little less is sure to be within the limits.
            let made = |p: &Pool| next[p.block] * (1.0 - WITHIN);
            let levels: Vec<f64> = self.pools.0.iter().map(made).collect();
            self.consider(next, plan.prices);
            let Some((_, there)) = self.at(&levels, columns) else { return };
            let now = judge_linear(self.problem, self.goal, &there).value;
            if now <= reached + 1e-9 * now.abs()
                || now < value(self) - 0.1 * now.abs()
                || (self.options.stop)()
            {
                return;
            }
            (reached, spends) = (now, there);
        }
    }

    /// Solves a part at levels and at better ones, as far as slopes tell: what a
    /// level is worth rises with `sum_j w_j f_j - price` of it. Signs of that
    /// slope narrow each level down, and its fall says how far to go.
    fn climb(
        &mut self,
        region: &Region,
        mut levels: Vec<f64>,
        most: usize,
        columns: &mut Vec<usize>,
    ) -> Option<()> {
        let last = self.walk(region, &mut levels, most, columns)?;
        self.ascend(last, ASCENTS, columns);
        Some(())
    }

    /// The walk of a climb; the last plan on it.
    fn walk(
        &mut self,
        region: &Region,
        levels: &mut Vec<f64>,
        most: usize,
        columns: &mut Vec<usize>,
    ) -> Option<Vec<f64>> {
        let mut last = None;
        let blocks: Vec<usize> = self.mixture.levels().collect();
        let mut low: Vec<f64> = blocks.iter().map(|&b| region.low[b]).collect();
        let mut high: Vec<f64> = blocks.iter().map(|&b| region.high[b]).collect();
        let mut before: Option<(Vec<f64>, Vec<f64>)> = None;
        for _ in 0..most {
            let Some((slopes, spends)) = self.at(levels, columns) else {
                // Too much demand to be made: less can be.
                high.copy_from_slice(levels);
                if levels.iter().zip(&low).all(|(d, l)| d <= l) || (self.options.stop)() {
                    return last;
                }
                let less = |(l, h): (&f64, &f64)| if h - l < 1e-3 * h { *l } else { l + 0.3 * (h - l) };
                *levels = low.iter().zip(&high).map(less).collect();
                continue;
            };
            last = Some(spends);
            let mut next = levels.clone();
            for k in 0..levels.len() {
                let (d, slope) = (levels[k], slopes[k]);
                if slope > 0.0 {
                    low[k] = low[k].max(d)
                } else {
                    high[k] = high[k].min(d)
                }
                let (from, to) = (region.low[blocks[k]], region.high[blocks[k]]);
                let fell = before.as_ref().map(|(at, was)| (slope - was[k]) / (d - at[k]));
                let step = match fell {
                    // Newton's step on the slope.
                    Some(fall) if fall < 0.0 && fall.is_finite() => d - slope / fall,
                    _ if slope > 0.0 => d + 0.3 * (high[k] - d),
                    _ => d - 0.3 * (d - low[k]),
                };
                // Levels move together, so that signs of slopes are no proof.
                next[k] = step.clamp(from.max(d - 0.5 * (d - from)), to.min(d + 0.5 * (to - d)));
            }
            let moved = |k: usize| (next[k] - levels[k]).abs() > 1e-6 * levels[k].abs();
            if !(0..levels.len()).any(moved) || (self.options.stop)() {
                return last;
            }
            before = Some((std::mem::replace(levels, next), slopes));
        }
        last
    }

    /// The problem at fixed levels: what more of each level is worth, and the
    /// plan; nothing where none was found.
    fn at(&mut self, levels: &[f64], columns: &mut Vec<usize>) -> Option<(Vec<f64>, Vec<f64>)> {
        let problem = self.pools.fixed(self.problem, levels);
        let inner = Ordinary::new(&problem, self.goal, INNER * self.best.gap, Stop(self.options.stop));
        let found = inner.run(&Options { nodes: NODES.min(self.options.nodes), ..self.options });
        let plan = found.plan?;
        let winner = found.winner.and_then(|w| found.leaves.get(w));
        let prices = winner.map_or(&plan.prices, |leaf| &leaf.prices).clone();
        let pricing = Pricing::new(self.problem, Some(self.goal), &prices, 0.0);
        let slope = |pool: &Pool| {
            let drawn =
                |&j: &usize| pricing.offer(j).worth * self.problem.lines[j].curve.value(plan.spends[j]);
            pool.lines.iter().map(drawn).sum::<f64>() - pricing.offer(pool.block).cost
        };
        let slopes = self.pools.0.iter().map(slope).collect();
        if self.mixing {
            self.mixture.know(&plan.spends, columns);
        }
        let mut spends = plan.spends;
        self.ties.settle(&self.problem.lines, &mut spends);
        self.consider(spends.clone(), prices);
        Some((slopes, spends))
    }

    /// Takes a plan that keeps the limits and beats the incumbent.
    fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) {
        self.ties.settle(&self.problem.lines, &mut spends);
        self.best.take(spends, prices);
    }

    /// Bounds a part by prices at levels (`level.rs`); `None` where they say nothing.
    fn by_levels(&mut self, region: &Region, node: &Node<State>, nodes: usize) -> Option<Fate<State>> {
        let value = |search: &Self| search.best.plan.as_ref().map_or(f64::NEG_INFINITY, |plan| plan.value);
        let before = value(self);
        let mut levels = Levels {
            problem: self.problem,
            goal: self.goal,
            pools: &self.pools,
            gap: self.best.gap,
            options: self.options,
            best: self.best.plan.as_ref().map(|plan| &plan.spends[..]),
            cutoff: self.cutoff(),
            concave: self.concave,
            plans: Vec::new(),
        };
        let found = levels.bounded(region, &node.state.prices, &node.state.known);
        let plans = std::mem::take(&mut levels.plans);
        plans.into_iter().for_each(|(spends, prices)| self.consider(spends, prices));
        let part = match found {
            Bounded::Closed { prices, empty } => return Some(Fate::Closed(Leaf::priced(prices, empty))),
            Bounded::Open(part) => part,
            Bounded::Unknown => return None,
        };
        let mut columns = node.state.columns.clone();
        if let Some(levels) = part.promising
            && (nodes.is_power_of_two() || value(self) > before)
        {
            self.climb(region, levels, LATER, &mut columns);
        }
        if part.bound <= self.cutoff() {
            return Some(Fate::Closed(Leaf::priced(part.prices, false)));
        }
        let (line, at) = part.cut;
        let state = State { prices: part.prices, columns, known: part.known };
        Some(Fate::Open { bound: part.bound, state, line, at })
    }

    /// The line or level to cut, and where: that of which the mixture is worth
    /// most beyond its mean; without one, the widest level.
    fn choose(
        &self,
        region: &Region,
        torn: &[Torn],
        settled: &Settled,
        nodes: usize,
    ) -> Option<(usize, f64)> {
        let cut = |line: usize, mean: f64, hole: bool| {
            let domain = self.problem.lines[line].domain();
            let low = region.low[line].max(domain.least());
            let high = region.high[line].min(domain.largest());
            let typical = self.problem.lines[line].typical_spend();
            if high - low <= NARROW * high.max(1e-3 * typical) {
                return None;
            }
            if low == 0.0 && self.mixture.switched(line, &settled.prices) {
                return Some((line, 0.0));
            }
            if hole {
                return (low < mean && mean < high).then_some((line, mean));
            }
            let width = if high.is_finite() { high - low } else { 4.0 * typical.max(mean) };
            Some((line, mean.clamp(low + EDGE * width, low + (1.0 - EDGE) * width)))
        };
        let least = 1e-3 * (settled.bound - self.cutoff()).max(0.0);
        let mut best: Option<(f64, (usize, f64))> = None;
        for t in torn.iter().filter(|t| t.loss > least) {
            if best.as_ref().is_none_or(|(loss, _)| t.loss > *loss)
                && let Some(at) = cut(t.line, t.mean, t.hole)
            {
                best = Some((t.loss, at));
            }
        }
        // What is lost at the prices may be little of what the bound is above:
        // every other part is cut for what its means lack, since either rule
        // alone may go on for ever.
        let lost: f64 = torn.iter().map(|t| t.loss.max(0.0)).sum();
        if nodes.is_multiple_of(2) && lost < EXPLAINED * (settled.bound - self.cutoff()) {
            let lacking = torn.iter().filter(|t| t.lacks > LACKING);
            let worst = lacking.max_by(|a, b| a.lacks.total_cmp(&b.lacks));
            if let Some(at) = worst.and_then(|t| cut(t.line, t.mean, t.hole)) {
                return Some(at);
            }
        }
        let widest = || {
            let width = |&b: &usize| (region.high[b] - region.low[b]) / region.high[b].max(f64::MIN_POSITIVE);
            let wide = self.mixture.levels().max_by(|a, b| width(a).total_cmp(&width(b)))?;
            cut(wide, region.low[wide] + 0.5 * (region.high[wide] - region.low[wide]), false)
        };
        // Where neither says what to gain, only a plan is missing, or its prices.
        let any = || {
            let width = |&i: &usize| {
                let typical = self.problem.lines[i].typical_spend();
                (region.high[i] - region.low[i]) / (region.high[i].min(4.0 * typical) + region.low[i])
            };
            let lines = (0..self.problem.lines.len()).filter(|i| region.high[*i].is_finite());
            let wide = lines.max_by(|a, b| width(a).total_cmp(&width(b)))?;
            cut(wide, region.low[wide] + 0.5 * (region.high[wide] - region.low[wide]), false)
        };
        best.map(|(_, at)| at).or_else(widest).or_else(any)
    }
}

impl Relaxation for Search<'_> {
    type State = State;
    type Leaf = Leaf;

    fn cutoff(&self) -> f64 {
        self.best.cutoff()
    }

    fn leaf(&self, state: State) -> Leaf {
        Leaf::priced(state.prices, false)
    }

    fn examine(&mut self, node: &Node<State>, nodes: usize) -> Fate<State> {
        let region = Region::of(self.problem, &node.cuts, &self.twins);
        if nodes <= BY_LEVELS
            && let Some(fate) = self.by_levels(&region, node, nodes)
        {
            return fate;
        }
        let (tolerance, State { prices, columns, .. }) =
            ((self.cutoff(), self.fine(node.bound)), &node.state);
        let mut columns = columns.clone();
        if let Some(plan) = &self.best.plan {
            self.mixture.know(&plan.spends, &mut columns);
        }
        self.mixing = true;
        let settled = self.mixture.settle(&region, prices, &columns, tolerance, &self.options.stop);
        let Some(settled) = settled else {
            return Fate::Closed(Leaf::priced(no_prices(self.problem), true));
        };
        let proven = region_bound(self.problem, Some(self.goal), &settled.prices, &region);
        let better = proven < node.bound;
        let bound = if better { proven } else { node.bound };
        let prices = if better { &settled.prices } else { prices }.clone();
        if bound <= self.cutoff() {
            return Fate::Closed(Leaf::priced(prices, false));
        }
        if settled.mixed.as_ref().is_none_or(|m| m.excess > 1e-6)
            && let Some(prices) = self.mixture.prove_empty(&region, &settled.columns)
        {
            return Fate::Closed(Leaf::priced(prices, true));
        }
        let (torn, means) = self.mixture.torn(&settled);
        let mut columns = settled.columns.clone();
        if nodes <= EAGER || nodes.is_multiple_of(4) {
            self.near(&region, &means, &mut columns);
        }
        if bound <= self.cutoff() {
            return Fate::Closed(Leaf::priced(prices, false));
        }
        match self.choose(&region, &torn, &settled, nodes) {
            Some((line, at)) => {
                let state = State { prices, columns, known: Known::default() };
                Fate::Open { bound, state, line, at }
            }
            None => Fate::Closed(Leaf::priced(prices, false)),
        }
    }
}
