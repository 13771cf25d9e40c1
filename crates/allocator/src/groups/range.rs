//! What a pool by period can yield, its makers included: at given prices its
//! levels come apart into ranges, and in each the level has a price of its own.
//!
//! Lines that make demand meet those that harvest it in limits of their own
//! period alone: `D - sum h <= base`, and what an audience adds up to. Any prices
//! of such limits hold in any range of levels, so the best of each range may be
//! taken: where makers and the chord of what the range harvests agree, else at
//! the end that is made most easily. What a range leaves open falls with the
//! square of its width, and with it all that pricing these limits alike at all
//! levels would leave open. Periods then share only what is spent in several.

use crate::best::{Best, Offer, best_response};
use crate::groups::pool::{Pool, Pools};
use crate::groups::tie::{Tie, Ties};
use crate::pricing::Pricing;
use crate::region::Region;
use crate::sum::Sum;
use crate::{Prices, Problem};

/// Most ranges of a pool.
const MOST: usize = 200;
/// What they may leave open, of what the pool yields.
const OPEN: f64 = 2e-8;
/// Steps towards the price at which a limit is met, and how closely.
const STEPS: usize = 60;
const MET: f64 = 1e-10;
/// A range is cut within this share of it.
const EDGE: f64 = 0.15;

/// A pool of one period, with all that meets in it.
pub(crate) struct Period<'p> {
    pool: &'p Pool,
    tie: Tie,
    /// What audiences of its makers or its harvesters add up to.
    audiences: Vec<Tie>,
}

/// What lies between two levels.
struct Range {
    low: f64,
    high: f64,
    bound: f64,
    /// Where it is cut.
    at: f64,
}

/// A bound at some price of a limit, and what the limit has to spare there: the
/// slope of the bound.
struct Tried {
    bound: f64,
    spare: f64,
    /// What goes into the limit.
    size: f64,
    /// What the line that it ties returns; the level that is made.
    returned: f64,
}

/// Harvesters at prices of their own audiences.
struct Harvest {
    /// Each with what is added to the price of what it takes.
    lines: Vec<(usize, f64)>,
    /// What the members of their audiences yield.
    members: f64,
}

impl Pools {
    /// The pools whose lines serve them alone, by period.
    pub(crate) fn periods<'s>(&'s self, problem: &Problem) -> Vec<Period<'s>> {
        // In total levels are cut instead: that takes less time.
        if !problem.is_linked() || self.0.is_empty() {
            return Vec::new();
        }
        let ties = Ties::find(problem).0;
        // What lasts into the next period ties the levels themselves: they are cut.
        if ties.iter().any(|tie| !tie.kept.is_empty()) {
            return Vec::new();
        }
        let mut used = vec![0_usize; problem.lines.len()];
        ties.iter().flat_map(|tie| &tie.weights).for_each(|w| used[w.0] += 1);
        self.0.iter().filter_map(|pool| Period::of(pool, &ties, &used, problem)).collect()
    }
}

impl<'p> Period<'p> {
    fn of(pool: &'p Pool, ties: &[Tie], used: &[usize], problem: &Problem) -> Option<Self> {
        let own = |block: usize| ties.iter().filter(move |tie| tie.block == block);
        let tie = own(pool.block).next().filter(|_| own(pool.block).count() == 1)?.clone();
        let mut audiences: Vec<Tie> = Vec::new();
        let mut open: Vec<usize> = pool.lines.clone();
        open.extend(tie.weights.iter().map(|w| w.0));
        while let Some(i) = open.pop() {
            if let Some(audience) = own(i).next() {
                let alone = own(i).count() == 1;
                let members = audience.weights.iter().map(|w| w.0);
                if !alone || members.clone().any(|m| problem.lines[m].pool.is_some()) {
                    return None;
                }
                open.extend(members);
                audiences.push(audience.clone());
            }
        }
        let period = Period { pool, tie, audiences };
        let serves = |i: usize| used[i] == 1 && problem.lines[i].pool.is_none();
        let apart = period.tied().all(serves) && pool.lines.iter().all(|&j| used[j] == 0);
        apart.then_some(period)
    }

    /// The level's line.
    pub(super) fn block(&self) -> usize {
        self.pool.block
    }

    /// The level and the lines that this answers for.
    pub(crate) fn lines(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.pool.block).chain(self.pool.lines.iter().copied()).chain(self.tied())
    }

    /// What adds up to the level, or to an audience.
    fn tied(&self) -> impl Iterator<Item = usize> {
        self.audiences.iter().chain([&self.tie]).flat_map(|tie| &tie.weights).map(|w| w.0)
    }

    /// What they yield at spends and a level.
    pub(super) fn at(&self, problem: &Problem, pricing: &Pricing, at: &[f64]) -> f64 {
        let one = |i: usize| {
            let (line, offer) = (&problem.lines[i], pricing.offer(i));
            let level = line.pool.map_or(1.0, |block| at[block]);
            line.yields(at[i], Offer { worth: offer.worth * level, ..offer })
        };
        self.lines().map(one).sum()
    }

    /// A bound on what all of them yield together at these prices, `slack` what
    /// limits may be exceeded by. `None` if a line has no spend left.
    pub(crate) fn bound(
        &self,
        problem: &Problem,
        (prices, pricing): (&[Prices], &Pricing),
        region: &Region,
        slack: f64,
    ) -> Option<f64> {
        let (low, high) = (region.low[self.pool.block], region.high[self.pool.block]);
        let asked = Asked { period: self, problem, prices, pricing, region, slack };
        if !high.is_finite() {
            return Some(f64::INFINITY);
        }
        let mut reached = f64::NEG_INFINITY;
        let mut ranges = vec![asked.range(low, high, &mut reached)?];
        for _ in 0..MOST {
            let worst = (0..ranges.len()).max_by(|&a, &b| ranges[a].bound.total_cmp(&ranges[b].bound))?;
            let Range { low, high, bound, at } = ranges[worst];
            if bound <= reached + OPEN * bound.abs() || !(low < at && at < high) {
                break;
            }
            ranges[worst] = asked.range(low, at, &mut reached)?;
            ranges.push(asked.range(at, high, &mut reached)?);
        }
        ranges.into_iter().map(|r| r.bound).max_by(f64::total_cmp)
    }
}

/// A period at prices, in a part of the domain.
struct Asked<'a> {
    period: &'a Period<'a>,
    problem: &'a Problem,
    prices: &'a [Prices],
    pricing: &'a Pricing<'a>,
    region: &'a Region,
    slack: f64,
}

impl Asked<'_> {
    fn best(&self, i: usize, offer: Offer) -> Option<Best> {
        best_response(&self.problem.lines[i], self.region.low[i], self.region.high[i], offer)
    }

    /// Bounds what a line yields, with the members of its audience if it is one,
    /// at the best price of what these add up to; and what it returns then.
    fn answer(&self, i: usize, offer: Offer) -> Option<(f64, f64)> {
        match self.audience(i) {
            Some(tie) => {
                let (_, found) =
                    least(0.0, offer.cost.abs().max(offer.worth.abs()), self.floor(tie), |more| {
                        self.tied(i, tie, offer, more)
                    })?;
                Some((found.bound, found.returned))
            }
            None => {
                let best = self.best(i, offer)?;
                Some((best.bound, self.problem.lines[i].curve.value(best.spend)))
            }
        }
    }

    fn audience(&self, i: usize) -> Option<&Tie> {
        self.period.audiences.iter().find(|tie| tie.block == i)
    }

    /// An audience where a unit of what its members add up to costs `more`.
    fn tied(&self, i: usize, tie: &Tie, offer: Offer, more: f64) -> Option<Tried> {
        let members = self.members(tie, more)?;
        let own = self.best(i, Offer { cost: offer.cost + more, ..offer })?;
        let returned = self.problem.lines[i].curve.value(own.spend);
        let (spare, size) = (members.returned - own.spend, members.returned.abs() + own.spend);
        Some(Tried { bound: members.bound + own.bound, spare, size, returned })
    }

    /// What adds up to a block where a unit of it is worth `more`: what it yields
    /// with what the limit itself has, and the sum.
    fn members(&self, tie: &Tie, more: f64) -> Option<Tried> {
        let mut total = Sum::default();
        total.add(more * tie.constant);
        total.add(more.abs() * (self.slack * tie.number.abs() + 4.0 * f64::EPSILON * tie.constant.abs()));
        let mut returned = tie.constant;
        for &(i, weight) in &tie.weights {
            let offer = self.pricing.offer(i);
            let (bound, own) = self.answer(i, Offer { worth: offer.worth + more * weight, ..offer })?;
            total.add(bound);
            returned += weight * own;
        }
        Some(Tried { bound: total.upper(), spare: 0.0, size: 0.0, returned })
    }

    /// Harvesters, their audiences priced as is best at a level.
    fn harvest(&self, level: f64) -> Option<Harvest> {
        let mut harvest = Harvest { lines: Vec::new(), members: 0.0 };
        let mut members = Sum::default();
        for &j in &self.period.pool.lines {
            let Some(tie) = self.audience(j) else {
                harvest.lines.push((j, 0.0));
                continue;
            };
            let offer = self.pricing.offer(j);
            let offer = Offer { worth: offer.worth * level, ..offer };
            let (more, _) = least(0.0, offer.cost.abs().max(offer.worth.abs()), self.floor(tie), |more| {
                self.tied(j, tie, offer, more)
            })?;
            members.add(self.members(tie, more)?.bound);
            harvest.lines.push((j, more));
        }
        harvest.members = members.upper();
        Some(harvest)
    }

    /// What a level and its harvesters yield where a unit of it costs `more`.
    fn level(&self, harvest: &Harvest, level: f64, more: f64) -> Option<f64> {
        let block = self.period.pool.block;
        let offer = self.pricing.offer(block);
        let offer = Offer { cost: offer.cost + more, ..offer };
        let mut total = Sum::default();
        total.add(harvest.members);
        total.add(best_response(&self.problem.lines[block], level, level, offer)?.bound);
        for &(j, added) in &harvest.lines {
            let offer = self.pricing.offer(j);
            let offer = Offer { worth: offer.worth * level, cost: offer.cost + added, ..offer };
            total.add(self.best(j, offer)?.bound);
        }
        Some(total.upper())
    }

    /// The least that may be added to the price of a limit: what caps has no
    /// price below 0.
    fn floor(&self, tie: &Tie) -> f64 {
        let price = || self.prices.get(tie.limit).map_or(0.0, |p| p.max);
        if tie.exact { f64::NEG_INFINITY } else { -price() }
    }

    /// Bounds a range; `reached` is what levels in it are known to be worth at
    /// the best prices of each.
    fn range(&self, low: f64, high: f64, reached: &mut f64) -> Option<Range> {
        let (tie, floor) = (&self.period.tie, self.floor(&self.period.tie));
        let (width, middle) = (high - low, 0.5 * (low + high));
        let harvest = self.harvest(middle)?;
        let tried = |more: f64| -> Option<Tried> {
            let makers = self.members(tie, more)?;
            let ends = self.level(&harvest, low, more)?.max(self.level(&harvest, high, more)?);
            let spare = if makers.returned < low {
                makers.returned - low
            } else if makers.returned > high {
                makers.returned - high
            } else {
                0.0
            };
            let size = makers.returned.abs() + high;
            Some(Tried { bound: makers.bound + ends, spare, size, returned: makers.returned })
        };
        let cost = self.pricing.offer(self.period.pool.block).cost;
        // The price at which both ends yield the same.
        let (first, last) = (self.level(&harvest, low, 0.0)?, self.level(&harvest, high, 0.0)?);
        let even = if width > 0.0 { (last - first) / width } else { 0.0 };
        let (more, found) = least(even.max(floor), (even + cost).abs().max(cost.abs()), floor, tried)?;
        let there = found.returned.clamp(low, high);
        let own = self.harvest(there)?;
        *reached = reached.max(self.level(&own, there, more)? + self.members(tie, more)?.bound);
        let at = there.clamp(low + EDGE * width, high - EDGE * width);
        Some(Range { low, high, bound: found.bound, at })
    }
}

/// The price of a limit that bounds best, from a first one: the bound is convex
/// in it, and what the limit has to spare is its slope. Any price is sound.
fn least(first: f64, size: f64, floor: f64, tried: impl Fn(f64) -> Option<Tried>) -> Option<(f64, Tried)> {
    let met = |t: &Tried| t.spare.abs() <= MET * t.size;
    let (mut at, mut found) = (first, tried(first)?);
    let (mut near, mut far) = ((first, found.spare), None::<(f64, f64)>);
    let mut step = 0.1 * size.max(f64::MIN_POSITIVE);
    for round in 0..STEPS {
        if met(&found) {
            break;
        }
        let next = match far {
            // The secant, and every third time the middle.
            Some((x, spare)) if round % 3 < 2 => near.0 - near.1 * (x - near.0) / (spare - near.1),
            Some((x, _)) => 0.5 * (near.0 + x),
            None if near.1 < 0.0 => near.0 + step,
            None => (near.0 - step).max(floor),
        };
        if next == near.0 || far.is_some_and(|far| next == far.0) || !next.is_finite() {
            break;
        }
        step *= 4.0;
        let trial = tried(next)?;
        let spare = trial.spare;
        if trial.bound < found.bound || met(&trial) {
            (at, found) = (next, trial);
        }
        if (spare < 0.0) == (near.1 < 0.0) {
            near = (next, spare);
        } else {
            far = Some((next, spare));
        }
    }
    Some((at, found))
}

#[cfg(test)]
mod tests {
    use outlay_curves::Curve;

    use crate::certificate::region_bound;
    use crate::region::Region;
    use crate::{Coefficients, Fact, Goal, Limit, Line, Prices, Problem, Terms};

    const BASE: f64 = 40.0;

    /// Two lines make demand, two share the harvest of it, each up to 100.
    fn problem() -> Problem {
        let hill = |ceiling, half, shape| Curve::hill(ceiling, half, shape).unwrap();
        let bought = |curve| Line::new(curve, 0.0, vec![Fact::Max(100.0)]);
        let block = |curve, most| Line::new(curve, 0.0, vec![Fact::Max(most)]);
        let mut lines = vec![
            bought(hill(120.0, 40.0, 2.0)),
            bought(hill(80.0, 30.0, 1.0)),
            bought(hill(0.9, 50.0, 1.0)),
            bought(hill(0.7, 20.0, 1.6)),
            block(Curve::exponential(1.0, 1.0).unwrap(), 2.0),
            block(Curve::linear(1.0).unwrap(), 300.0),
        ];
        lines[4].pool = Some(5);
        let vector = |at: &[usize], value: f64| {
            let mut all = vec![0.0; 6];
            at.iter().for_each(|&i| all[i] = value);
            all
        };
        let tie = |block: usize, of: &[usize], number: f64| {
            let terms = Terms::default().with_spend(vector(&[block], 1.0)).with_response(vector(of, -1.0));
            Limit::on(terms, Some(number), Some(number))
        };
        let few = Terms::default().with_few(vec![(0, Coefficients::on_spend(1.0))]);
        let goal = Terms::default().with_response(vector(&[4], 1.0));
        let limits = vec![
            Limit::on(Terms::default().with_spend(vector(&[0, 1, 2, 3], 1.0)), None, Some(150.0)),
            tie(4, &[2, 3], 0.0),
            tie(5, &[0, 1], BASE),
            Limit::on(few, None, Some(100.0)),
        ];
        Problem { lines, goal: Goal::Maximize(goal), limits }
    }

    /// At any prices no spends are worth more, and little more is claimed than
    /// some are, however the limits between the lines are priced.
    #[test]
    fn ranges_bound_what_a_pool_yields_and_little_more() {
        let problem = problem();
        let Goal::Maximize(goal) = &problem.goal else { unreachable!() };
        let region = Region::whole(&problem);
        let returned = |i: usize, x: f64| problem.lines[i].curve.value(x);
        for money in [0.2, 0.5, 0.9] {
            let value = |at: [f64; 4]| {
                let level = BASE + returned(0, at[0]) + returned(1, at[1]);
                let share = -(-returned(2, at[2]) - returned(3, at[3])).exp_m1();
                level * share - money * at.iter().sum::<f64>()
            };
            let grid = || (0..=25).map(|k| 4.0 * f64::from(k));
            let mut at = [0.0; 4];
            for (a, b) in grid().flat_map(|a| grid().map(move |b| (a, b))) {
                for (c, d) in grid().flat_map(|c| grid().map(move |d| (c, d))) {
                    at = if value([a, b, c, d]) > value(at) { [a, b, c, d] } else { at };
                }
            }
            // From the best of the grid, by ever smaller steps.
            let mut step = 4.0;
            while step > 1e-7 {
                let moved = (0..8).map(|k| {
                    let mut to = at;
                    to[k / 2] = (to[k / 2] + if k % 2 == 0 { step } else { -step }).clamp(0.0, 100.0);
                    to
                });
                match moved.max_by(|x, y| value(*x).total_cmp(&value(*y))).filter(|to| value(*to) > value(at))
                {
                    Some(to) => at = to,
                    None => step *= 0.5,
                }
            }
            let best = value(at);
            for (shared, made) in [(0.0, 0.0), (60.0, 0.5), (-20.0, 1.5), (200.0, -0.3)] {
                let both = |price: f64| Prices { min: (-price).max(0.0), max: price.max(0.0) };
                let prices = [both(money), both(shared), both(made), both(0.0)];
                let bound = region_bound(&problem, Some(goal), &prices, &region) - 150.0 * money;
                assert!(bound >= best, "{money}, {shared}, {made}: {bound} below {best}");
                assert!(
                    bound <= best + 1e-5 * best.max(1.0),
                    "{money}, {shared}, {made}: {bound} far above {best}"
                );
            }
        }
    }
}
