//! Branch and bound over boxes of spends.
//!
//! Each node solves the concave relaxation of its box for prices, and keeps
//! the bound that the best responses at those prices prove (Udell and Boyd,
//! "Maximizing a sum of sigmoids", 2013, generalised to any domain and to
//! negative worths). Where a line's relaxed spend lies between two concave
//! stretches, the plan is rounded to either and the concave rest solved again;
//! the box is cut at the line that loses most.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use outlay_curves::Curve;

use crate::best::{Offer, best_response};
use crate::certificate::{Judgement, KEPT, bound_within, judge_linear, proves_empty, region_bound};
use crate::cover::{Cover, Features, Majorant};
use crate::hull::{Arc, Hull};
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::relaxation::{Aim, Relaxation};
use crate::rows::Rows;
use crate::solvers::forced::Forced;
use crate::solvers::interior::{self, Interior};
use crate::{Cut, CutSide, Domain, Leaf, Line, Options, Prices, Problem, Terms};

/// What the search found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The best plan, with its goal and the prices at which it is stationary.
    pub(crate) plan: Option<Incumbent>,
    /// Parts of the domain, each with its proof.
    pub(crate) leaves: Vec<Leaf>,
    /// Index of the leaf that holds the plan.
    pub(crate) winner: Option<usize>,
    pub(crate) nodes: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Incumbent {
    pub(crate) spends: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) size: f64,
    pub(crate) prices: Vec<Prices>,
}

/// A part still to be examined.
pub(super) struct Node {
    pub(super) cuts: Vec<Cut>,
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) order: usize,
}

/// What became of a node.
enum Fate {
    /// Proven to hold no plan at these prices.
    Empty(Vec<Prices>),
    /// Bounded by these prices; nothing left to cut or nothing better to find.
    Closed(Vec<Prices>),
    /// To be cut.
    Open(f64, Vec<Prices>, usize, f64),
}

pub(crate) struct Search<'p> {
    problem: &'p Problem,
    goal: &'p Terms,
    rows: Rows,
    twins: Twins,
    features: Features,
    incumbent: Option<Incumbent>,
    gap: f64,
    /// Share of the usual tolerance that relaxations are solved to.
    accuracy: f64,
    /// Cuts made so far where no line says what to gain by one.
    blind_cuts: usize,
}

impl<'p> Search<'p> {
    pub(crate) fn new(problem: &'p Problem, goal: &'p Terms, gap: f64) -> Self {
        Search {
            problem,
            goal,
            rows: Rows::new(problem, goal),
            twins: Twins::find(problem),
            features: Features::of(problem, goal),
            incumbent: None,
            gap,
            accuracy: 1.0,
            blind_cuts: 0,
        }
    }

    /// Offers a plan to start from; ignored if it breaks a limit.
    pub(crate) fn offer(&mut self, spends: Vec<f64>) {
        let prices = vec![Prices::default(); self.problem.limits.len()];
        self.consider(spends, prices);
    }

    pub(crate) fn run(mut self, options: &Options) -> Found {
        let no_prices = vec![Prices::default(); self.problem.limits.len()];
        let mut leaves = Vec::new();
        let mut open = BinaryHeap::new();
        open.push(Node { cuts: Vec::new(), bound: f64::INFINITY, prices: no_prices, order: 0 });
        let (mut nodes, mut order) = (0, 0);
        let mut close = |cuts, prices, empty| leaves.push(Leaf { cuts, prices, empty });
        while let Some(node) = open.pop() {
            if node.bound <= self.cutoff() {
                close(node.cuts, node.prices, false);
                continue;
            }
            if nodes >= options.nodes.max(1) || (nodes > 0 && (options.stop)()) {
                open.push(node);
                break;
            }
            nodes += 1;
            match self.examine(&node) {
                Fate::Empty(prices) => close(node.cuts, prices, true),
                Fate::Closed(prices) => close(node.cuts, prices, false),
                Fate::Open(bound, prices, line, at) => {
                    for side in [CutSide::Below, CutSide::Above] {
                        order += 1;
                        let mut cuts = node.cuts.clone();
                        cuts.push(Cut { line, at, side });
                        open.push(Node { cuts, bound, prices: prices.clone(), order });
                    }
                }
            }
        }
        let mut rest = open.into_vec();
        rest.sort_by_key(|n| n.order);
        for node in rest {
            close(node.cuts, node.prices, false);
        }
        self.found(leaves, nodes)
    }

    fn found(self, leaves: Vec<Leaf>, nodes: usize) -> Found {
        let winner = self.incumbent.as_ref().and_then(|plan| {
            leaves.iter().position(|leaf| {
                let region = Region::of(self.problem, &leaf.cuts, &self.twins);
                let inside = |(i, x): (usize, &f64)| region.low[i] <= *x && *x <= region.high[i];
                !leaf.empty && plan.spends.iter().enumerate().all(inside)
            })
        });
        Found { plan: self.incumbent, leaves, winner, nodes }
    }

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64 {
        match &self.incumbent {
            None => f64::NEG_INFINITY,
            Some(plan) => plan.value + 0.9 * self.gap * plan.value.abs().max(plan.size / 1000.0),
        }
    }

    fn examine(&mut self, node: &Node) -> Fate {
        let whole = Region::of(self.problem, &node.cuts, &self.twins);
        let forced = Forced::of(self.problem, &whole);
        let part = Part { whole: &whole, forced: &forced };
        let region = &forced.region;
        let root = node.cuts.is_empty();
        let Some(mut cover) = self.cover(region, (!root).then_some(&node.prices[..])) else {
            return self.hopeless(&part);
        };
        let mut state = Relaxed::unsolved(node);
        if !forced.is_empty() || !self.features.plain() {
            self.keep_bound(&part, node.prices.clone(), &mut state);
        }
        const ROUNDS: usize = 6;
        for round in 0..ROUNDS {
            let before = state.bound;
            if !self.relax(&part, &cover, Aim::Best, &mut state) {
                if let Some(prices) = self.prove_empty(&part, &cover) {
                    return Fate::Empty(prices);
                }
                self.relax(&part, &cover, Aim::Elastic(PENALTY), &mut state);
                if root {
                    self.keep_bound(&part, node.prices.clone(), &mut state);
                }
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
        }
        if self.nearly(state.bound) && self.problem.is_concave() {
            self.refine(&part, &cover, &mut state);
        }
        if state.bound <= self.cutoff() || self.loose(&part, &state) {
            return Fate::Closed(state.prices);
        }
        match self.choose(region, &cover, &state) {
            Some((line, at)) => Fate::Open(state.bound, state.prices, line, at),
            None => Fate::Closed(state.prices),
        }
    }

    /// True if a bound misses the cutoff by little more than the gap asked for:
    /// by what accuracy can make up for, rather than cuts.
    fn nearly(&self, bound: f64) -> bool {
        let Some(plan) = &self.incumbent else { return false };
        let asked = self.cutoff() - plan.value;
        bound > self.cutoff() && bound <= plan.value + NEARLY * asked
    }

    /// Solves a concave relaxation again, and the plan from it, with less left open.
    fn refine(&mut self, part: &Part, cover: &Cover, state: &mut Relaxed) {
        self.accuracy = FINER;
        if self.relax(part, cover, Aim::Best, state) && state.bound > self.cutoff() {
            self.round(&part.forced.region, cover, state, false);
        }
        self.accuracy = 1.0;
    }

    /// True if no cut can close a node: its bound exceeds the cutoff only since
    /// plans count as legal that exceed the limits by [`KEPT`].
    fn loose(&self, part: &Part, state: &Relaxed) -> bool {
        let tight = || bound_within(self.problem, Some(self.goal), &state.prices, part.whole, 0.0);
        (self.features.plain() || self.nearly(state.bound)) && tight() <= self.cutoff()
    }

    /// A part in which some line has no spend left.
    fn hopeless(&self, part: &Part) -> Fate {
        let mut prices = vec![Prices::default(); self.problem.limits.len()];
        part.forced.raise(self.problem, None, part.whole, &mut prices);
        if proves_empty(region_bound(self.problem, None, &prices, part.whole)) {
            return Fate::Empty(prices);
        }
        Fate::Closed(prices)
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
            let anchor = self.features.active(i).then(|| {
                let on = low.max(f64::MIN_POSITIVE);
                let best = pricing.as_ref().and_then(|p| best_response(line, on, high, p.offer(i)));
                best.map_or(line.curve.typical_spend(), |b| b.spend)
            });
            let split = self.features.moved(i).then_some(line.current);
            if !cover.push(&mut hull, line, (low, high), anchor, split) {
                return None;
            }
        }
        Some(cover)
    }

    /// Solves the relaxation; keeps its prices if they prove a better bound.
    /// False if the method did not reach an optimum.
    fn relax(&self, part: &Part, cover: &Cover, aim: Aim, state: &mut Relaxed) -> bool {
        let relaxation = Relaxation::new(self.problem, &self.rows, cover, aim);
        if relaxation.program.len() == 0 {
            state.spends = relaxation.fixed_spends();
            let violation = self.judge(&state.spends).violation;
            if violation <= KEPT {
                let none = vec![Prices::default(); self.problem.limits.len()];
                self.keep_bound(part, none, state);
            }
            return violation <= KEPT;
        }
        let interior = self.solve(&relaxation, 0.05);
        state.spends = relaxation.spends(&interior, false);
        let prices = self.rows.prices(&interior.prices, self.problem.limits.len());
        if !self.features.plain() {
            state.latest.clone_from(&prices);
        }
        self.keep_bound(part, prices, state);
        interior.converged
    }

    /// Solves a relaxation up to a share of the gap asked for.
    fn solve(&self, relaxation: &Relaxation, share: f64) -> Interior {
        let tolerance = self.accuracy * share * self.gap.min(1e-7);
        interior::solve(&relaxation.program, tolerance)
    }

    fn keep_bound(&self, part: &Part, mut prices: Vec<Prices>, state: &mut Relaxed) {
        part.forced.raise(self.problem, Some(self.goal), part.whole, &mut prices);
        let bound = region_bound(self.problem, Some(self.goal), &prices, part.whole);
        if bound < state.bound || !state.bound.is_finite() {
            state.bound = bound;
            state.prices = prices;
        }
    }

    /// Prices that prove the region empty, from the smallest sum of excesses.
    fn prove_empty(&self, part: &Part, cover: &Cover) -> Option<Vec<Prices>> {
        let relaxation = Relaxation::new(self.problem, &self.rows, cover, Aim::Feasible);
        let interior = interior::solve(&relaxation.program, 1e-11);
        let mut prices = self.rows.prices(&interior.prices, self.problem.limits.len());
        part.forced.raise(self.problem, None, part.whole, &mut prices);
        proves_empty(region_bound(self.problem, None, &prices, part.whole)).then_some(prices)
    }

    fn judge(&self, spends: &[f64]) -> Judgement {
        judge_linear(self.problem, self.goal, spends)
    }

    /// Rounds a relaxed plan to concave stretches and solves the rest.
    fn round(&mut self, region: &Region, cover: &Cover, state: &Relaxed, root: bool) {
        let mut hull = Hull::default();
        let choices: Vec<Choice> = (0..self.problem.lines.len())
            .map(|i| self.choice(&mut hull, region, i, cover.of(i), state.spends[i]))
            .collect();
        let torn: Vec<usize> = (0..choices.len()).filter(|&i| choices[i].torn()).collect();
        let mut picks: Vec<bool> = choices.iter().map(|c| c.share >= 0.5).collect();
        if torn.is_empty() {
            self.consider(state.spends.clone(), state.prices.clone());
            if state.bound <= self.cutoff() {
                return;
            }
        }
        self.polish(&choices, &picks);
        if torn.len() > 1 && state.bound > self.cutoff() {
            self.polish(&choices, &fill(&picks, &torn, cover, &state.spends));
        }
        if !root {
            return;
        }
        for &i in torn.iter().take(FLIPPED) {
            if state.bound <= self.cutoff() {
                return;
            }
            picks[i] = !picks[i];
            self.polish(&choices, &picks);
            picks[i] = !picks[i];
        }
    }

    /// The concave stretches of line `i` next to a relaxed spend.
    fn choice(&self, hull: &mut Hull, region: &Region, i: usize, stretches: Majorant, x: f64) -> Choice {
        let line = &self.problem.lines[i];
        hull.arcs(line, region.low[i], region.high[i]);
        let pieces = &mut hull.pieces;
        let mut near = x;
        if self.features.active(i) && pieces[0].from == 0.0 && pieces[pieces.len() - 1].to > 0.0 {
            if pieces[0].to > 0.0 {
                pieces[0].from = f64::MIN_POSITIVE;
                pieces.insert(0, Arc { from: 0.0, to: 0.0 });
            }
            let first_chord = stretches.first_chord();
            if first_chord.is_some_and(|anchor| x < anchor * (1.0 - 1e-7)) {
                let anchor = first_chord.unwrap_or(x);
                let upper =
                    pieces.iter().position(|a| a.from > 0.0 && anchor <= a.to).unwrap_or(pieces.len() - 1);
                return Choice { lower: pieces[0], upper: pieces[upper], share: x / anchor };
            }
        }
        if let Some(span) = line.domain().spans().iter().find(|s| s.step > 0.0 && s.from <= x && x <= s.to) {
            let (a, b) = (span.lot_at_or_below(x), span.lot_at_or_above(x).min(span.to));
            let share = if b > a { (x - a) / (b - a) } else { 0.0 };
            return Choice { lower: Arc { from: a, to: a }, upper: Arc { from: b, to: b }, share };
        }
        let slack = 1e-7 * (pieces[pieces.len() - 1].to.min(1e300) - pieces[0].from).max(0.0);
        near = near.clamp(pieces[0].from, pieces[pieces.len() - 1].to);
        let upper = pieces.partition_point(|a| a.to < near - slack).min(pieces.len() - 1);
        let arc = pieces[upper];
        if near >= arc.from - slack || upper == 0 {
            return Choice { lower: arc, upper: arc, share: 0.0 };
        }
        let lower = pieces[upper - 1];
        let joined = Arc { from: lower.to, to: arc.from };
        if matches!(line.curve, Curve::Table(_)) && stretches.has(joined) {
            return Choice { lower: joined, upper: joined, share: 0.0 };
        }
        Choice { lower, upper: arc, share: (near - lower.to) / (arc.from - lower.to) }
    }

    /// Solves the concave problem that is left when every line keeps to one
    /// stretch, and offers its plan. The plan's goal, or `-inf`.
    fn polish(&mut self, choices: &[Choice], picks: &[bool]) -> f64 {
        let picked = choices.iter().zip(picks).map(|(c, &up)| if up { c.upper } else { c.lower });
        let mut cover = Cover::with_capacity(choices.len(), choices.len());
        for (i, (arc, line)) in picked.zip(&self.problem.lines).enumerate() {
            cover.push_arc(arc, self.features.moved(i).then_some(line.current));
        }
        let relaxation = Relaxation::new(self.problem, &self.rows, &cover, Aim::Best);
        if relaxation.program.len() == 0 {
            let none = vec![Prices::default(); self.problem.limits.len()];
            return self.consider(relaxation.fixed_spends(), none);
        }
        let interior = self.solve(&relaxation, 0.01);
        let prices = self.rows.prices(&interior.prices, self.problem.limits.len());
        let (tidy, exact) = (relaxation.spends(&interior, true), relaxation.spends(&interior, false));
        let same = tidy == exact;
        let mut value = self.consider(tidy, prices.clone());
        if !same {
            value = value.max(self.consider(exact, prices));
        }
        if self.incumbent.is_none() {
            // What a converged plan leaves of the limits may count for more in their own terms.
            let aim = if interior.converged { Aim::Best } else { Aim::Elastic(PENALTY) };
            let relaxation = Relaxation::new(self.problem, &self.rows, &cover, aim);
            let interior = interior::solve_within(&relaxation.program, 1e-12, EXACTLY);
            let prices = self.rows.prices(&interior.prices, self.problem.limits.len());
            value = self.consider(relaxation.spends(&interior, true), prices);
        }
        value
    }

    /// Takes a plan that keeps the limits and beats the incumbent. Its goal,
    /// or `-inf` if it breaks a limit.
    fn consider(&mut self, mut spends: Vec<f64>, prices: Vec<Prices>) -> f64 {
        self.twins.sort(&mut spends);
        for (line, x) in self.problem.lines.iter().zip(&mut spends) {
            *x = line.domain().nearest(*x);
        }
        let judgement = self.judge(&spends);
        if judgement.violation > KEPT || !judgement.value.is_finite() {
            return f64::NEG_INFINITY;
        }
        if self.incumbent.as_ref().is_none_or(|old| judgement.value > old.value) {
            let Judgement { value, size, .. } = judgement;
            self.incumbent = Some(Incumbent { spends, value, size, prices });
        }
        judgement.value
    }

    /// The line to cut, and where; `None` if no line can be narrowed.
    ///
    /// First choice is the line that loses most when its relaxed spend becomes
    /// an allowed one on its curve. Where none does, the relaxation is right and
    /// its prices are not: the line that falls furthest short of its best
    /// response is cut between the two. Where none does either, only the plan
    /// is missing: the widest line is cut, a bounded number of times.
    fn choose(&mut self, region: &Region, cover: &Cover, state: &Relaxed) -> Option<(usize, f64)> {
        let pricing = Pricing::new(self.problem, Some(self.goal), state.own_prices(), 0.0);
        let mut torn = Most::default();
        let mut short = Most::default();
        let mut widest = Most::default();
        for (i, line) in self.problem.lines.iter().enumerate() {
            let (low, high) = (region.low[i], region.high[i]);
            let (x, offer) = (state.spends[i], pricing.offer(i));
            let Some(at) = self.cut_at(region, i, x) else { continue };
            let Some(top) = best_response(line, low, high, offer) else { continue };
            let missing = top.bound - line.yields(x, offer);
            // A line that is only partly on is charged a part of being on.
            let partly = self.features.active(i) && low == 0.0 && x > 0.0;
            let active = if partly { missing } else { 0.0 };
            torn.offer(
                tear(line, low, high, offer, x).max(over(line, cover.of(i), offer, x)).max(active),
                i,
                at,
            );
            if let Some(at) = self.cut_at(region, i, 0.5 * (x + top.spend.min(high))) {
                short.offer(missing, i, at);
            }
            let width = (high - low) / (high.min(4.0 * line.curve.typical_spend()) + low);
            if let Some(at) = self.cut_at(region, i, 0.5 * (low + high)) {
                widest.offer(width, i, at);
            }
        }
        let missing = if self.incumbent.is_some() { state.bound - self.cutoff() } else { 0.0 };
        let least = (1e-4 * missing).max(1e-12 * state.bound.abs());
        if torn.most > least {
            return torn.cut;
        }
        if short.most > least {
            return short.cut;
        }
        self.blind_cuts += 1;
        let most = if self.rows.goal.is_empty() { BLIND_CUTS_FOR_ANY } else { BLIND_CUTS };
        widest.cut.filter(|_| self.blind_cuts <= most)
    }

    /// Where to cut line `i` near spend `x`; `None` if it cannot be narrowed.
    fn cut_at(&self, region: &Region, i: usize, x: f64) -> Option<f64> {
        let domain =
            self.problem.lines[i].domain().intersect(&Domain::interval(region.low[i], region.high[i]));
        let (low, high) = (domain.least(), domain.largest());
        let typical = self.problem.lines[i].curve.typical_spend();
        if domain.is_empty() || high - low <= NARROW * high.min(typical).max(1e-3 * typical) {
            return None;
        }
        if self.features.active(i) && low == 0.0 {
            return Some(0.0);
        }
        if low < x && x < high && !domain.spans().iter().any(|s| s.from <= x && x <= s.to) {
            // A cut in a hole parts the stretches to either side of it.
            return Some(x);
        }
        let width = if high.is_finite() { high - low } else { 4.0 * typical.max(x).max(low) };
        Some(x.clamp(low + EDGE * width, high.min(low + (1.0 - EDGE) * width)))
    }
}

/// Price of breaking limits when a program seems to have no interior.
const PENALTY: f64 = 1e3;

/// A bound is nearly good enough within this many times the gap asked for.
const NEARLY: f64 = 100.0;

/// Share of the usual tolerance where little is missing.
const FINER: f64 = 1e-2;

/// Residual of a row, in units of its terms, where a plan is all that is asked.
const EXACTLY: f64 = 1e-14;

/// Most torn lines of which the root also tries the other rounding.
const FLIPPED: usize = 6;

/// Cuts keep this share of a region to either side.
const EDGE: f64 = 0.1;

/// A line is not cut below this width, in units of the spends at which its
/// curve bends.
const NARROW: f64 = 1e-10;

/// Most cuts made where no line says what to gain by one.
const BLIND_CUTS: usize = 500;

/// Most such cuts where any plan would do: conflicts and repairs ask for many
/// plans on the very edge of what is feasible.
const BLIND_CUTS_FOR_ANY: usize = 20;

/// Raises torn lines, the likeliest first, as far as the money that the relaxed
/// plan puts on their chords goes: where many lines are torn alike, rounding
/// each by itself would raise all of them or none.
fn fill(picks: &[bool], torn: &[usize], cover: &Cover, spends: &[f64]) -> Vec<bool> {
    let chord = |i: usize| cover.of(i).chord_at(spends[i]).unwrap_or((0.0, spends[i]));
    let put = |i: usize| spends[i] - chord(i).0;
    let whole = |i: usize| chord(i).1 - chord(i).0;
    let mut order = torn.to_vec();
    let share = |i: usize| put(i) / whole(i);
    order.sort_by(|&a, &b| share(b).total_cmp(&share(a)).then(a.cmp(&b)));
    let mut left: f64 = torn.iter().map(|&i| put(i)).sum::<f64>() * (1.0 + 1e-6);
    let mut picks = picks.to_vec();
    for i in order {
        picks[i] = whole(i) <= left;
        if picks[i] {
            left -= whole(i);
        }
    }
    picks
}

/// The cut that promises most.
#[derive(Default)]
struct Most {
    most: f64,
    cut: Option<(usize, f64)>,
}

impl Most {
    fn offer(&mut self, promise: f64, line: usize, at: f64) {
        if self.cut.is_none() || promise > self.most {
            (self.most, self.cut) = (promise, Some((line, at)));
        }
    }
}

/// How far the concave majorant lies above the curve at a spend, in units of
/// the offer.
fn over(line: &Line, stretches: Majorant, offer: Offer, x: f64) -> f64 {
    offer.worth.max(0.0) * (stretches.value(line, x) - line.curve.value(x)).max(0.0)
}

/// What separates a spend in a hole of the domain from the nearer end of the
/// hole, at an offer; 0 for a spend that is allowed. (At the best prices both
/// ends answer equally well, and still neither will do.)
fn tear(line: &Line, low: f64, high: f64, offer: Offer, x: f64) -> f64 {
    let within = line.domain().intersect(&Domain::interval(low, high));
    let nearest = within.nearest(x);
    if (x - nearest).abs() <= 1e-9 * x.abs().max(1e-9) {
        return 0.0;
    }
    let moved = (x - nearest).abs() * (offer.cost.abs() + offer.moved);
    let changed = (line.curve.value(x) - line.curve.value(nearest)).abs() * offer.worth.abs();
    moved + changed
}

/// A node's region, and what is forced in it.
struct Part<'a> {
    whole: &'a Region,
    forced: &'a Forced,
}

struct Relaxed {
    bound: f64,
    /// The prices that prove the bound.
    prices: Vec<Prices>,
    spends: Vec<f64>,
    /// The prices that belong to the spends, where they may be others: a line
    /// that costs something to switch on may answer them elsewhere than where
    /// it is anchored.
    latest: Vec<Prices>,
}

impl Relaxed {
    fn unsolved(Node { bound, prices, .. }: &Node) -> Self {
        Relaxed { bound: *bound, prices: prices.clone(), spends: Vec::new(), latest: Vec::new() }
    }

    fn own_prices(&self) -> &[Prices] {
        if self.latest.is_empty() { &self.prices } else { &self.latest }
    }
}

/// The stretches below and above a relaxed spend, and how far it is from the
/// lower to the upper.
struct Choice {
    lower: Arc,
    upper: Arc,
    share: f64,
}

impl Choice {
    fn torn(&self) -> bool {
        self.lower != self.upper
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    /// The largest bound first, then the oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(other.order.cmp(&self.order))
    }
}
