//! What one more unit of a limit's number, or of a line's bound, earns and what
//! one less costs: the one-sided slopes of the optimum, from the plan alone.
//!
//! Where the lines that are free to move leave one choice of prices only, the
//! optimum has a slope, and those prices are it (`stationary.rs`). Elsewhere (at
//! kinks, where every line is at an end, at a budget of 0) the numbers are moved
//! a little and the plan's surroundings solved again.

mod bound;
mod levels;
mod reduced;
mod stationary;

use std::cell::OnceCell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::certificate::{Judgement, bound, judge, largest, leaf_bounds, proves_empty};
use crate::groups::Pools;
use crate::tolerance::{AT_BOUND, BINDING, KEPT};
use crate::{Certificate, Domain, Fact, Goal, Limit, Line, Options, Prices, Problem, solve};
use bound::Bound;
use stationary::Stationary;

/// One-sided slopes of the optimum, as written: of the ratio, if the goal is
/// one, else of the quantity maximised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Change of the goal per unit when the number rises; `None` where no plan
    /// is left then, or the goal jumps.
    pub more: Option<f64>,
    /// The slope when the number falls; as `more`.
    pub less: Option<f64>,
    /// True if the slopes are those of plans near this one only: others may
    /// change faster.
    pub local: bool,
}

impl Slope {
    /// The same slope on either side.
    fn even(slope: f64) -> Self {
        Slope { more: Some(slope + 0.0), less: Some(slope + 0.0), local: false }
    }
}

/// The slopes at a plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slopes {
    /// Of each limit's number, where a side of it binds.
    pub limits: Vec<Option<Slope>>,
    /// Of each line's least or largest spend, where the spend is at it.
    pub lines: Vec<Option<Slope>>,
    /// Prices of the limits' sides at the plan, in goal units per unit of the
    /// limit's row.
    pub prices: Vec<Prices>,
    /// True where time ran out: all of these are what the search's own prices
    /// say, and lines have none.
    pub searched: bool,
}

/// How far numbers are moved, relative to them.
const MOVED: f64 = 1e-5;
/// Gap to which moved problems are solved.
const SHARP: f64 = 1e-11;
/// Nodes of a moved problem.
const NODES: usize = 40;
/// Lines times moved numbers beyond which nothing is solved again.
const WORK: usize = 4_000;
/// What plans may be away from the one at hand, relative to all spends.
const NEAR: f64 = 0.02;
/// Slopes that differ by less, relative, are one.
const SAME: f64 = 2e-3;
/// A plan that falls further short of its bound has no slopes of the optimum.
const BEST: f64 = 1e-5;
/// A claim about all plans may be this much off.
const CLAIMED: f64 = 0.005;
/// A number is moved by no more than this part of itself.
const FAR: f64 = 0.02;
/// Steps that are tried, in units of the first.
const FARTHER: [f64; 3] = [1.0, 4.0, 16.0];
/// Lines of a problem that is solved again as a whole.
const FEW: usize = 30;
/// Leaves times lines beyond which no claim about all plans is made.
const LEAVES: usize = 2_000_000;

impl Limit {
    /// True if the figure is as close to one of its numbers as [`BINDING`].
    pub fn is_binding(&self, lines: &[Line], spends: &[f64]) -> bool {
        self.binds(lines, spends).is_some()
    }

    /// The side of which the figure is as close to its number as [`BINDING`].
    pub(crate) fn binds(&self, lines: &[Line], spends: &[f64]) -> Option<Bound> {
        let value = self.value(lines, spends);
        let near = |number: f64| {
            let scale = if number != 0.0 {
                number.abs()
            } else {
                let size = self.numerator.measure(lines, spends).1;
                size / self.denominator.as_ref().map_or(1.0, |d| d.measure(lines, spends).1)
            };
            (value - number).abs() <= BINDING * scale
        };
        match (self.min.is_some_and(near), self.max.is_some_and(near)) {
            (true, true) => Some(Bound::Exact),
            (true, false) => Some(Bound::Min),
            (false, true) => Some(Bound::Max),
            (false, false) => None,
        }
    }
}

/// The slopes at a plan that is the best, or as good as. Where `stop` says so,
/// the prices that the search ended with stand for them.
pub fn slopes(
    problem: &Problem,
    spends: &[f64],
    certificate: &Certificate,
    stop: &(dyn Fn() -> bool + Sync),
) -> Slopes {
    if problem.is_pooled() {
        let pools = Pools::find(problem);
        let levels: Vec<f64> = pools.0.iter().map(|p| spends[p.block]).collect();
        let found = slopes(&pools.fixed(problem, &levels), spends, certificate, stop);
        let binding: Vec<Option<Bound>> =
            problem.limits.iter().map(|l| l.binds(&problem.lines, spends)).collect();
        let (judged, bounds) = (judge(problem, spends), OnceCell::new());
        let at = At { problem, spends, certificate, binding: &binding, judged, concave: false, bounds, stop };
        return at.over_levels(found);
    }
    let binding: Vec<Option<Bound>> =
        problem.limits.iter().map(|l| l.binds(&problem.lines, spends)).collect();
    let held: Vec<Option<Bound>> =
        problem.lines.iter().zip(spends).map(|(line, &x)| at_bound(line, x)).collect();
    let (judged, concave) = (judge(problem, spends), problem.is_concave());
    let (bounds, late) = (OnceCell::new(), AtomicBool::new(false));
    let stop = || {
        if stop() {
            late.store(true, Ordering::Relaxed);
        }
        late.load(Ordering::Relaxed)
    };
    let at = At { problem, spends, certificate, binding: &binding, judged, concave, bounds, stop: &stop };
    if stop() {
        return at.as_searched();
    }
    let slopes = match Stationary::find(problem, spends, &binding) {
        Some(found) => at.stationary(&found, &held),
        None => at.again(&held),
    };
    if late.load(Ordering::Relaxed) { at.as_searched() } else { slopes }
}

/// Prices at a plan of which there is one choice only; of a flight, the others
/// are those that a search ended with.
pub(crate) fn only_prices(problem: &Problem, spends: &[f64], searched: &[Prices]) -> Option<Vec<Prices>> {
    let binding: Vec<Option<Bound>> =
        problem.limits.iter().map(|l| l.binds(&problem.lines, spends)).collect();
    Stationary::find(problem, spends, &binding).map(|found| found.sides(&binding, searched))
}

/// Whether a line's spend is at its least or largest.
fn at_bound(line: &Line, x: f64) -> Option<Bound> {
    let meets = |number: f64| (x - number).abs() <= AT_BOUND * number.abs();
    let facts = || line.facts.iter();
    let min = facts().any(|f| matches!(f, Fact::Min(n) if *n > 0.0 && meets(*n)));
    let max = facts().any(|f| matches!(f, Fact::Max(n) if meets(*n)));
    match (min, max) {
        (true, true) => Some(Bound::Exact),
        (true, false) => Some(Bound::Min),
        (false, true) => Some(Bound::Max),
        (false, false) => None,
    }
}

/// A plan and what holds it.
struct At<'a> {
    problem: &'a Problem,
    spends: &'a [f64],
    certificate: &'a Certificate,
    binding: &'a [Option<Bound>],
    judged: Judgement,
    /// Returns diminish everywhere.
    concave: bool,
    /// What each leaf proves, once it is asked.
    bounds: OnceCell<Vec<f64>>,
    /// Once true, always true.
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl At<'_> {
    /// From the only prices there are.
    fn stationary(&self, found: &Stationary, held: &[Option<Bound>]) -> Slopes {
        let per = self.per_goal();
        let limits = self.problem.limits.iter().zip(self.binding).zip(&found.prices).enumerate();
        let searched = self.searched();
        let limits = limits.map(|(r, ((limit, bound), price))| {
            let _ = (*bound)?;
            let unit =
                limit.denominator.as_ref().map_or(1.0, |d| d.measure(&self.problem.lines, self.spends).0);
            if !found.known[r] {
                let price = per * (searched[r].max - searched[r].min) * unit + 0.0;
                return Some(Slope { local: true, ..Slope::even(price) });
            }
            let slope = per * price * unit + 0.0;
            Some(self.claimed(r, Slope::even(slope)))
        });
        let lines = held.iter().enumerate().map(|(i, bound)| {
            let _ = (*bound)?;
            let [left, right] = found.pulls(self.problem, self.spends, i);
            let local = !self.concave;
            Some(Slope { more: Some(per * right + 0.0), less: Some(per * left + 0.0), local })
        });
        let (limits, lines) = (limits.collect(), lines.collect());
        Slopes { limits, lines, prices: found.sides(self.binding, &searched), searched: false }
    }

    /// By solving the plan's surroundings again with numbers moved.
    fn again(&self, held: &[Option<Bound>]) -> Slopes {
        let prices = self.searched();
        let count = self.binding.iter().chain(held).flatten().count();
        let near = self.surroundings();
        let base =
            near.as_ref().filter(|_| count * self.problem.lines.len() <= WORK).and_then(|p| self.value(p));
        let Some((near, base)) = near.zip(base) else { return self.as_priced(prices) };
        let limits = self.binding.iter().enumerate().map(|(r, bound)| {
            let bound = (*bound)?;
            let number =
                self.problem.limits.get(r).and_then(|l| if bound == Bound::Min { l.min } else { l.max })?;
            let slope = self.one_sided(base, self.step(number), |by| {
                let mut moved = near.clone();
                shift(moved.limits.get_mut(r)?, bound, by);
                Some(moved)
            })?;
            Some(self.claimed(r, slope))
        });
        let local = !self.concave;
        let lines = held.iter().enumerate().map(|(i, bound)| {
            let bound = (*bound)?;
            let x = *self.spends.get(i)?;
            let slope = self.one_sided(base, self.step(x), |by| {
                let mut moved = near.clone();
                let line = moved.lines.get_mut(i)?;
                let wide = self.problem.lines.get(i)?;
                let facts = wide.facts.iter().map(|f| match *f {
                    Fact::Min(n) if bound != Bound::Max => Fact::Min((n + by).max(0.0)),
                    Fact::Max(n) if bound != Bound::Min => Fact::Max(n + by),
                    fact => fact,
                });
                let near = line.domain().clone();
                let (low, high) = (near.least().min(x + by), near.largest().max(x + by));
                *line = wide.with_facts(facts.collect()).within(&Domain::interval(low.max(0.0), high));
                Some(moved)
            })?;
            Some(Slope { local: slope.local || local, ..slope })
        });
        Slopes { limits: limits.collect(), lines: lines.collect(), prices, searched: false }
    }

    /// What the search's own prices say, where no more is known.
    fn as_priced(&self, prices: Vec<Prices>) -> Slopes {
        let per = self.per_goal();
        let each = self.problem.limits.iter().zip(self.binding).zip(&prices);
        let limits = each.map(|((limit, bound), price)| {
            let _ = (*bound)?;
            let unit =
                limit.denominator.as_ref().map_or(1.0, |d| d.measure(&self.problem.lines, self.spends).0);
            let slope = per * (price.max - price.min) * unit + 0.0;
            Some(Slope { local: true, ..Slope::even(slope) })
        });
        let (limits, lines) = (limits.collect(), vec![None; self.problem.lines.len()]);
        Slopes { limits, lines, prices, searched: false }
    }

    /// What is known when time has run out.
    fn as_searched(&self) -> Slopes {
        Slopes { searched: true, ..self.as_priced(self.searched()) }
    }

    /// The search's prices of what binds.
    fn searched(&self) -> Vec<Prices> {
        let price = |(r, bound): (usize, &Option<Bound>)| {
            bound.and(self.certificate.prices.get(r)).copied().unwrap_or_default()
        };
        self.binding.iter().enumerate().map(price).collect()
    }

    /// Change of the goal as written per unit of the goal that prices are in: of
    /// a ratio, `-1 / denominator`.
    fn per_goal(&self) -> f64 {
        match &self.problem.goal {
            Goal::Maximize(_) => 1.0,
            Goal::MinimizeRatio { denominator, .. } => {
                -1.0 / denominator.measure(&self.problem.lines, self.spends).0
            }
        }
    }

    /// The problem among plans near this one; as it is where returns diminish
    /// everywhere. `None` if it cannot be cut out.
    fn surroundings(&self) -> Option<Problem> {
        if self.problem.is_linked() {
            return None;
        }
        if self.concave {
            return Some(self.problem.clone());
        }
        let all: f64 = self.spends.iter().sum();
        let near = |(line, &x): (&Line, &f64)| {
            let reach = NEAR * if all > 0.0 { all } else { line.typical_spend() };
            line.within(&Domain::interval((x - reach).max(0.0), x + reach))
        };
        let lines = self.problem.lines.iter().zip(self.spends).map(near).collect();
        Some(Problem { lines, ..self.problem.clone() })
    }

    /// The best value of a problem, if it is proven closely.
    fn value(&self, problem: &Problem) -> Option<f64> {
        let start = Some(self.spends);
        if (self.stop)() {
            return None;
        }
        let stop = self.stop;
        let options = Options { gap: Some(SHARP), nodes: NODES, start, stop, ..Options::default() };
        let solution = solve(problem, &options).ok()?;
        solution.plan.filter(|_| solution.certificate.gap <= 100.0 * SHARP).map(|plan| plan.value)
    }

    /// How far a number is moved.
    fn step(&self, number: f64) -> f64 {
        let all: f64 = self.spends.iter().sum();
        let typical = || self.problem.lines.iter().map(|l| l.typical_spend()).filter(|t| t.is_finite());
        MOVED
            * if number != 0.0 {
                number.abs()
            } else if all > 0.0 {
                all
            } else {
                typical().fold(f64::INFINITY, f64::min).min(1e12)
            }
    }

    /// Slopes to either side, by a step and half of it: a jump's grow.
    fn one_sided(&self, base: f64, step: f64, moved: impl Fn(f64) -> Option<Problem>) -> Option<Slope> {
        let quotient = |by: f64| Some((self.value(&moved(by)?)? - base) / by);
        // Of two secants the slope they lead to, where they nearly agree.
        let side = |by: f64| {
            let (far, close) = (quotient(2.0 * by)?, quotient(by)?);
            let straight = (far - close).abs() <= 0.05 * close.abs().max(far.abs());
            Some(straight.then_some(2.0 * close - far + 0.0))
        };
        let (more, less) = (side(step), side(-step));
        let jumps = more == Some(None) || less == Some(None);
        let (more, less) = (more.flatten(), less.flatten());
        let same = |a: f64, b: f64| (a - b).abs() <= SAME * a.abs().max(b.abs());
        let slope = match (more, less) {
            (None, None) => return None,
            (Some(more), Some(less)) if same(more, less) => Slope::even(0.5 * (more + less)),
            (more, less) => Slope { more, less, local: false },
        };
        Some(Slope { local: jumps, ..slope })
    }

    /// The slopes of limit `r`, marked as those of all plans where the
    /// certificate's own prices prove as much of a number moved a little.
    fn claimed(&self, r: usize, slope: Slope) -> Slope {
        let gap = self.judged.gap(self.certificate.bound);
        // Of a flight a limit that binds by a hair more or less says other prices.
        let known = self.concave && !self.problem.is_linked() && gap <= BEST;
        let known = known
            || gap <= BEST && self.proven(r, slope).or_else(|| self.confirmed(r, slope)).unwrap_or(false);
        Slope { local: slope.local || !known, ..slope }
    }

    fn proven(&self, r: usize, slope: Slope) -> Option<bool> {
        let leaves = &self.certificate.leaves;
        if (self.stop)() || leaves.len() * self.problem.lines.len() > LEAVES {
            return Some(false);
        }
        let bind = (*self.binding.get(r)?)?;
        let limit = self.problem.limits.get(r)?;
        let number = if bind == Bound::Min { limit.min } else { limit.max }?;
        let judgement = &self.judged;
        let (value, ratio) = (judgement.value, matches!(self.problem.goal, Goal::MinimizeRatio { .. }));
        let open = judgement.gap(self.certificate.bound) * value.abs().max(judgement.size / 1000.0);
        let steepest = [slope.more, slope.less].into_iter().flatten().map(f64::abs).fold(0.0, f64::max);
        let step = (2.0 * open / (CLAIMED * steepest)).max(10.0 * self.step(number));
        if !step.is_finite() || step > FAR * number.abs() {
            return None;
        }
        let reached = |by: f64, one_sided: f64| {
            let best = value + by * one_sided;
            let room = CLAIMED * (by * one_sided).abs() + open;
            if !ratio && let Some(proven) = self.shifted(r, bind, by) {
                return Some(proven <= best + room);
            }
            // A program over a flight takes longer than all that is asked here.
            if leaves.iter().any(|leaf| leaf.step.is_some()) {
                return Some(false);
            }
            let mut moved = self.problem.clone();
            shift(moved.limits.get_mut(r)?, bind, by);
            let proven = bound(&moved, leaves, ratio.then_some(best - room)).ok()?;
            Some(proven <= if ratio { 0.0 } else { best + room })
        };
        let side = |by: f64, slope: Option<f64>| slope.map_or(Some(true), |slope| reached(by, slope));
        // Of leaves that were closed early the prices are rough: what they lack
        // matters less the further the number is moved.
        for step in FARTHER.map(|factor| factor * step).into_iter().filter(|s| *s <= FAR * number.abs()) {
            if side(step, slope.more)? && side(-step, slope.less)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The bound with a number moved, from the leaves' own. Of a number in no
    /// line's terms it changes by the price for every unit. A number that
    /// multiplies what a binding limit holds, as shares do the budget, is taken
    /// up by that limit's price, and what is left is the same. `None` where the
    /// number does more than that, or a leaf would no longer be empty.
    fn shifted(&self, r: usize, bind: Bound, by: f64) -> Option<f64> {
        let leaves = &self.certificate.leaves;
        let whole = match &self.problem.limits.get(r)?.denominator {
            None => None,
            Some(whole) => {
                let held = |l: &Limit| l.denominator.is_none() && l.max.is_some() && l.numerator == *whole;
                Some(self.problem.limits.iter().position(held)?)
            }
        };
        let bounds = self.bounds.get_or_init(|| match &self.certificate.bounds {
            known if known.len() == leaves.len() => known.clone(),
            _ => leaf_bounds(self.problem, leaves, None).unwrap_or_default(),
        });
        if bounds.len() != leaves.len() {
            return None;
        }
        let each = leaves.iter().zip(bounds).map(|(leaf, bound)| {
            let price = leaf.prices.get(r)?;
            let max = if bind == Bound::Min { 0.0 } else { price.max };
            let min = if bind == Bound::Max { 0.0 } else { price.min };
            let mut change = by * (max - min);
            if let Some(whole) = whole {
                // Limits are loosened by a fraction; so is what is taken up.
                let most = self.problem.limits.get(whole)?.max?;
                let held = leaf.prices.get(whole)?.max;
                if held + change < 0.0 {
                    return None;
                }
                change = change * most + 2.0 * KEPT * (change * most).abs();
            }
            Some(bound + change).filter(|moved| !leaf.empty || proves_empty(*moved))
        });
        Some(largest(leaves, &each.collect::<Option<Vec<f64>>>()?))
    }

    /// As [`At::proven`], by solving the whole of a small problem again.
    fn confirmed(&self, r: usize, slope: Slope) -> Option<bool> {
        let bind = (*self.binding.get(r)?)?;
        let limit = self.problem.limits.get(r)?;
        let step = 10.0 * self.step(if bind == Bound::Min { limit.min } else { limit.max }?);
        let few = self.problem.lines.len() <= FEW && !self.problem.is_linked();
        let near = self.surroundings().filter(|_| few)?;
        let side = |by: f64, slope: Option<f64>| {
            let Some(slope) = slope else { return Some(true) };
            let moved = |problem: &Problem| {
                let mut moved = problem.clone();
                shift(moved.limits.get_mut(r)?, bind, by);
                self.value(&moved)
            };
            let (all, near) = (moved(self.problem)?, moved(&near)?);
            Some((all - near).abs() <= CLAIMED * (by * slope).abs())
        };
        Some(side(step, slope.more)? && side(-step, slope.less)?)
    }
}

/// Moves the number of a limit's binding side.
fn shift(limit: &mut Limit, bound: Bound, by: f64) {
    if bound != Bound::Max {
        limit.min = limit.min.map(|n| n + by);
    }
    if bound != Bound::Min {
        limit.max = limit.max.map(|n| n + by);
    }
}
