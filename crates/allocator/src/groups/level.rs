//! A part bounded by prices of the problem at levels.
//!
//! At fixed levels the problem is an ordinary one. Its prices bound all levels
//! of a range by what pools yield at the ends: convex in the level, that is
//! the worth at the level, moved by the slope there and by half the curvature
//! times the distance squared. So prices of one level reach some way to either
//! side, a part is cut where they end, and which level's prices reach furthest
//! follows from slope and curvature.
//!
//! Words: torn lines are branching candidates.

use crate::best::{Offer, best_response};
use crate::certificate::{proves_empty, region_bound};
use crate::groups::ends::{Ends, PLANNED, reach};
use crate::groups::pool::Pools;
use crate::options::Stop;
use crate::pricing::Pricing;
use crate::region::Region;
use crate::solvers::branch::Search as Ordinary;
use crate::solvers::branch::asked::Answer;
use crate::{Domain, Options, Prices, Problem, Terms};

/// Levels asked in a part.
const ASKED: usize = 2;
/// What relaxations may leave open, as a multiple of what a search does.
const ROUGH: f64 = 10.0;
/// Cuts keep this share of a range to either side.
const EDGE: f64 = 0.06;
/// Levels tried where too much demand is to be made, and how far below what
/// prices forbid; share of a range that has to be more than can be made for it
/// to be cut off.
const LOWER: usize = 5;
const WITHIN: f64 = 0.98;
const WORTHWHILE: f64 = 0.1;
/// Times that a range is halved to find where a proof begins.
const HALVED: usize = 12;
/// A part that a level is sure to close but for this share of what is missing is
/// asked there.
const NEARLY: f64 = 0.1;
/// Lines are cut where what they lose is this share of what levels do; lines that
/// draw on a pool where they lose this share of it.
const LINES: f64 = 0.2;
const DRAWN: f64 = 0.3;
/// Relative width below which a range is not cut.
const NARROW: f64 = 1e-9;
/// What is known of prices near the levels they belong to.
#[derive(Debug, Clone)]
pub(super) struct Near {
    /// By pool.
    at: Vec<f64>,
    /// How fast the slope falls from level to level: minus the second derivative
    /// of what the problem is worth.
    fall: Vec<Option<f64>>,
    prices: Vec<Prices>,
}

/// What a part inherits.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    near: Option<Near>,
    /// Prices that may prove a part empty.
    empty: Option<Vec<Prices>>,
}

/// What a part comes to.
pub(super) enum Bounded {
    /// At most the cutoff, or without any plan.
    Closed {
        prices: Vec<Prices>,
        empty: bool,
    },
    Open(Part),
    /// Nothing that prices of levels could say.
    Unknown,
}

/// A part that is still open, and where it is to be cut.
pub(super) struct Part {
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) known: Known,
    pub(super) cut: (usize, f64),
    /// Levels at which plans may beat the best.
    pub(super) promising: Option<Vec<f64>>,
}

/// The last place before what is proven, and the first there, as near as matters.
fn last_open((mut open, mut proven): (f64, f64), proves: impl Fn(f64) -> bool) -> (f64, f64) {
    for _ in 0..HALVED {
        let middle = 0.5 * (open + proven);
        *(if proves(middle) { &mut proven } else { &mut open }) = middle;
    }
    (open, proven)
}

impl Near {
    /// Takes prices of other levels: how fast slopes fall is seen between the two.
    fn moves(
        &mut self,
        (at, prices): (Vec<f64>, Vec<Prices>),
        ends: &[Ends],
        now: impl Fn(&[f64], &[Prices]) -> Option<Vec<Ends>>,
    ) {
        let now = now(&at, &prices).unwrap_or_default();
        for (k, (e, was)) in now.iter().zip(ends).enumerate() {
            let by = at[k] - self.at[k];
            let fall = (was.slope + was.bend * (self.at[k] - was.at) - e.slope) / by;
            if by.abs() > 1e-6 * at[k].abs() && fall.is_finite() && fall > 0.0 {
                self.fall[k] = Some(fall);
            }
        }
        (self.at, self.prices) = (at, prices);
    }
}

impl Part {
    /// Keeps the prices that prove most.
    fn proven(&mut self, bound: f64, prices: &[Prices]) {
        if bound < self.bound || !self.bound.is_finite() {
            (self.bound, self.prices) = (bound, prices.to_vec());
        }
    }
}

/// What came of asking at levels.
enum Feasible {
    Asked(Vec<f64>, Answer),
    /// A pool and the level from which on nothing can be made, with prices that prove it.
    Below((usize, f64), Vec<Prices>),
    /// No level of a part can be made.
    Nowhere(Vec<Prices>),
}

/// A problem to be bounded by prices at levels.
pub(super) struct Levels<'a> {
    pub(super) problem: &'a Problem,
    pub(super) goal: &'a Terms,
    pub(super) pools: &'a Pools,
    pub(super) gap: f64,
    pub(super) options: Options<'a>,
    /// The best plan known, and what a bound has to be to close a part.
    pub(super) best: Option<&'a [f64]>,
    pub(super) cutoff: f64,
    /// Whether curves all bend one way.
    pub(super) concave: bool,
    /// Plans found on the way.
    pub(super) plans: Vec<(Vec<f64>, Vec<Prices>)>,
}

impl Levels<'_> {
    /// Bounds a part by the prices it inherits, then by those of a level or two.
    pub(super) fn bounded(&mut self, region: &Region, inherited: &[Prices], known: &Known) -> Bounded {
        if let Some(prices) = &known.empty
            && proves_empty(region_bound(self.problem, None, prices, region))
        {
            return Bounded::Closed { prices: prices.clone(), empty: true };
        }
        if self.pools.0.iter().any(|p| !region.high[p.block].is_finite()) {
            return Bounded::Unknown;
        }
        let mut part = Part {
            bound: self.bound(region, inherited),
            prices: inherited.to_vec(),
            known: known.clone(),
            cut: (0, 0.0),
            promising: None,
        };
        let mut near = known.near.clone().unwrap_or_else(|| self.first(region, inherited));
        let mut here = self.bound(region, &near.prices);
        part.proven(here, &near.prices);
        let mut line = None;
        for round in 0..=ASKED {
            if part.bound <= self.cutoff {
                return Bounded::Closed { prices: part.prices, empty: false };
            }
            let Some(ends) = self.ends(region, &near.at, &near.prices) else { return Bounded::Unknown };
            let lost: f64 = ends.iter().map(Ends::lost).sum();
            let (next, saved) = self.next(&ends, &near, here - lost);
            let closes = here - saved <= self.cutoff + NEARLY * (here - self.cutoff);
            let astray = !here.is_finite() || ends.iter().any(|e| !e.inside);
            let torn = !self.concave && LINES * lost < here - lost - self.cutoff;
            let ask = round < ASKED && (closes || round == 0 && (astray || torn));
            if !ask || round > 0 && (self.options.stop)() {
                part.known.near = Some(near);
                return self.cut(region, part, (here, &ends), line);
            }
            let at = if closes || astray { next } else { near.at.clone() };
            let (at, answer) = match self.feasible(region, at, &near.prices) {
                Feasible::Asked(at, answer) => (at, answer),
                Feasible::Below(cut, empty) => {
                    part.known.empty = Some(empty);
                    return Bounded::Open(Part { cut, ..part });
                }
                Feasible::Nowhere(prices) => return Bounded::Closed { prices, empty: true },
            };
            let Answer::Priced { prices, spends, cut } = answer else { return Bounded::Unknown };
            self.plans.push((spends, prices.clone()));
            line = cut;
            here = self.bound(region, &prices);
            part.proven(here, &prices);
            near.moves((at, prices), &ends, |at, prices| self.ends(region, at, prices));
        }
        Bounded::Unknown
    }

    fn bound(&self, region: &Region, prices: &[Prices]) -> f64 {
        region_bound(self.problem, Some(self.goal), prices, region)
    }

    /// Where nothing is known: the levels of the best plan.
    fn first(&self, region: &Region, prices: &[Prices]) -> Near {
        let at = |b: usize| {
            let middle = region.low[b] + 0.3 * (region.high[b] - region.low[b]);
            self.best.map_or(middle, |plan| plan[b])
        };
        Near {
            at: self.pools.0.iter().map(|p| at(p.block)).collect(),
            fall: vec![None; self.pools.0.len()],
            prices: prices.to_vec(),
        }
    }

    /// The levels to ask next, and what they seem to save.
    fn next(&self, ends: &[Ends], near: &Near, worth: f64) -> (Vec<f64>, f64) {
        let fall = |k: usize| near.fall[k].unwrap_or(ends[k].bend).max(0.0);
        let better: Vec<(f64, f64)> = ends.iter().enumerate().map(|(k, e)| e.better(fall(k))).collect();
        let saved = -better.iter().map(|b| b.1).sum::<f64>();
        let mut at: Vec<f64> = better.iter().map(|b| b.0).collect();
        let lost: f64 = ends.iter().map(Ends::lost).sum();
        if worth + lost - saved > self.cutoff {
            // The whole range is out of reach: as much of it as can be is covered.
            let after = |k: usize| ends[k].lost() + better[k].1;
            if let Some(k) = (0..ends.len()).max_by(|&a, &b| after(a).total_cmp(&after(b))) {
                let others: f64 = (0..ends.len()).filter(|j| *j != k).map(after).sum();
                if let Some(t) = ends[k].furthest(self.cutoff - worth - others, fall(k)) {
                    at[k] = t;
                }
            }
        }
        (at, saved)
    }

    /// Where an open part is cut: at the pool whose ends lose most, as far as its
    /// prices reach; or at a line, where levels are not what is lost.
    fn cut(
        &self,
        region: &Region,
        mut part: Part,
        (here, ends): (f64, &[Ends]),
        line: Option<(usize, f64)>,
    ) -> Bounded {
        let Some(near) = &part.known.near else { return Bounded::Unknown };
        let lost: f64 = ends.iter().map(Ends::lost).sum();
        let worth = here - lost;
        part.promising = (worth > self.cutoff).then(|| near.at.clone());
        let worst = (0..ends.len()).max_by(|&a, &b| ends[a].lost().total_cmp(&ends[b].lost()));
        let wide = |k: &usize| ends[*k].high - ends[*k].low > NARROW * ends[*k].high;
        let level = || {
            let k = worst.filter(wide)?;
            let e = &ends[k];
            let slack = (self.cutoff - worth) / ends.len() as f64;
            let at = if slack > 0.0 && e.inside {
                self.reached(region, near, (k, e), PLANNED * slack)
            } else if e.inside {
                e.at
            } else {
                0.5 * (e.low + e.high)
            };
            let edge = EDGE * (e.high - e.low);
            Some((self.pools.0[k].block, at.clamp(e.low + edge, e.high - edge)))
        };
        let torn = || {
            let torn = self.torn(region, &near.prices, ends)?;
            (torn.0 > DRAWN * lost).then_some(torn.1)
        };
        let line = line.filter(|_| LINES * lost < worth - self.cutoff);
        match line.or_else(torn).or_else(level) {
            Some(cut) => Bounded::Open(Part { cut, ..part }),
            None => Bounded::Unknown,
        }
    }

    /// How far a pool's prices reach from their level, towards the end that loses
    /// more, if they may lose `slack`.
    fn reached(&self, region: &Region, near: &Near, (k, e): (usize, &Ends), slack: f64) -> f64 {
        let pricing = Pricing::new(self.problem, Some(self.goal), &near.prices, 0.0);
        let yields = |level: f64| self.pools.0[k].at(self.problem, &pricing, region, level);
        let Some(here) = yields(e.at) else { return e.at };
        let sign = if e.above >= e.below { 1.0 } else { -1.0 };
        let (mut good, mut bad) = (0.0, if sign > 0.0 { e.high - e.at } else { e.at - e.low });
        let mut by = reach(sign * e.slope, e.bend, slack).min(bad);
        for _ in 0..4 {
            let Some(found) = yields(e.at + sign * by) else { break };
            if found - here <= slack {
                good = by;
                if found - here >= 0.8 * slack {
                    break;
                }
            } else {
                bad = by;
            }
            // Between a line and a square of the distance.
            let next = by * (0.9 * slack / (found - here).max(1e-3 * slack)).powf(0.6);
            by = next.clamp(good + 0.1 * (bad - good), bad - 0.1 * (bad - good));
        }
        e.at + sign * if good > 0.0 { good } else { by }
    }

    /// Asks at levels, or at lower ones where so much cannot be made.
    fn feasible(&mut self, region: &Region, mut at: Vec<f64>, warm: &[Prices]) -> Feasible {
        let low: Vec<f64> = self.pools.0.iter().map(|p| region.low[p.block]).collect();
        for _ in 0..LOWER {
            let empty = match self.asked(region, &at, warm) {
                Answer::Empty(empty) => empty,
                answer => return Feasible::Asked(at, answer),
            };
            let none = |part: &Region| proves_empty(region_bound(self.problem, None, &empty, part));
            if none(region) {
                return Feasible::Nowhere(empty);
            }
            if let Some(cut) = self.too_much(region, none) {
                return Feasible::Below(cut, empty);
            }
            // What these prices prove falls away towards the low end of every range.
            let between = |share: f64| -> Vec<f64> {
                low.iter().zip(&at).map(|(low, at)| low + share * (at - low)).collect()
            };
            let open = last_open((0.0, 1.0), |share| {
                let mut part = region.clone();
                for (pool, level) in self.pools.0.iter().zip(between(share)) {
                    (part.low[pool.block], part.high[pool.block]) = (level, level);
                }
                none(&part)
            });
            at = between(WITHIN * open.0);
        }
        Feasible::Asked(at, Answer::Nothing)
    }

    /// The pool of which prices prove most of the range to be more than can be
    /// made, whatever the others are, and from where on.
    fn too_much(&self, region: &Region, none: impl Fn(&Region) -> bool) -> Option<(usize, f64)> {
        let mut best: Option<(f64, (usize, f64))> = None;
        for pool in &self.pools.0 {
            let block = pool.block;
            let (low, high) = (region.low[block], region.high[block]);
            let proves = |level: f64| {
                let mut part = region.clone();
                part.low[block] = level;
                none(&part)
            };
            let worthwhile = high - WORTHWHILE * (high - low);
            if worthwhile > low && proves(worthwhile) {
                let from = last_open((low, worthwhile), proves).1;
                let share = (high - from) / (high - low);
                if best.is_none_or(|b| share > b.0) {
                    best = Some((share, (block, from)));
                }
            }
        }
        best.map(|b| b.1)
    }

    /// The line that draws on a pool and is bought at one end of its range
    /// otherwise than at the other, and what the ends lose by it.
    fn torn(&self, region: &Region, prices: &[Prices], ends: &[Ends]) -> Option<(f64, (usize, f64))> {
        let pricing = Pricing::new(self.problem, Some(self.goal), prices, 0.0);
        let mut most: Option<(f64, (usize, f64))> = None;
        for (pool, e) in self.pools.0.iter().zip(ends) {
            let share = (e.at - e.low) / (e.high - e.low).max(f64::MIN_POSITIVE);
            for &j in &pool.lines {
                let line = &self.problem.lines[j];
                let offer = pricing.offer(j);
                let best = |level: f64| {
                    let offer = Offer { worth: offer.worth * level, ..offer };
                    best_response(line, region.low[j], region.high[j], offer).map(|b| b.spend)
                };
                let (Some(less), Some(more)) = (best(e.low), best(e.high)) else { continue };
                let mean = less + share * (more - less);
                let value = |x: f64| line.curve.value(x);
                let mixed = value(less) + share * (value(more) - value(less));
                let lost = offer.worth * e.at * (mixed - value(line.domain().nearest(mean)));
                if lost > 0.0
                    && mean > region.low[j]
                    && mean < region.high[j]
                    && most.is_none_or(|m| lost > m.0)
                {
                    most = Some((lost, (j, mean)));
                }
            }
        }
        most
    }

    /// What pools yield at the ends of their ranges beyond what they do at
    /// levels, at prices.
    fn ends(&self, region: &Region, levels: &[f64], prices: &[Prices]) -> Option<Vec<Ends>> {
        let pricing = Pricing::new(self.problem, Some(self.goal), prices, 0.0);
        let each = self.pools.0.iter().zip(levels).map(|(pool, &own)| {
            let range = (region.low[pool.block], region.high[pool.block]);
            Ends::of(range, own, |level| pool.at(self.problem, &pricing, region, level))
        });
        each.collect()
    }

    /// The problem of a part at levels, relaxed.
    fn asked(&mut self, region: &Region, levels: &[f64], warm: &[Prices]) -> Answer {
        let problem = self.pools.fixed_within(self.problem, region, levels);
        let mut inner = Ordinary::new(&problem, self.goal, self.gap, Stop(self.options.stop));
        let known = warm.iter().any(|p| *p != Prices::default());
        inner.ask(known.then_some(warm), ROUGH)
    }
}

impl Pools {
    /// The problem with its pools at fixed levels, in a part of its domain.
    fn fixed_within(&self, problem: &Problem, region: &Region, levels: &[f64]) -> Problem {
        let mut fixed = self.fixed(problem, levels);
        let blocks = |i: usize| self.0.iter().any(|p| p.block == i);
        for (i, line) in fixed.lines.iter_mut().enumerate().filter(|(i, _)| !blocks(*i)) {
            let domain = line.domain();
            if region.low[i] > domain.least() || region.high[i] < domain.largest() {
                *line = line.within(&Domain::interval(region.low[i], region.high[i]));
            }
        }
        fixed
    }
}
