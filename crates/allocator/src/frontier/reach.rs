//! What prices prove over a stretch of numbers.
//!
//! Goal and limits depend linearly on the number, so at fixed prices and in a
//! fixed box what is proven is a maximum of functions linear in the number:
//! convex, and below its chord. A line without a maximum has no fixed box: what
//! the limits leave it moves with the number. Up to the lesser of its two ends
//! the box is fixed; what lies between them is bounded by a straight line of
//! the spend, whose end moves no faster than its chord says. What follows from
//! equations of few lines, like stocks, or from limits that say what the level
//! of a pool is, moves with the number too: there the box is what the wider of
//! both limits leave ([`Wide`]).
//!
//! Words: twins are lines that a symmetry exchanges.

use super::wide::Wide;
use crate::best::best_response;
use crate::groups::Pools;
use crate::pricing::Pricing;
use crate::region::{Region, Room, Twins};
use crate::sum::Sum;
use crate::tolerance::{HOPELESS, KEPT};
use crate::{Leaf, Line, Offer, Prices, Problem, Terms};

/// A stretch between two samples.
pub(super) struct Reach<'a> {
    problems: [&'a Problem; 2],
    twins: Twins,
    /// Of every line without a maximum: more than it spends at either end, and
    /// at most what lies on the chord in between. Empty if every line has one.
    most: Vec<Option<[f64; 2]>>,
    /// Where lines follow from others.
    wide: Option<Wide>,
    pools: Pools,
}

impl<'a> Reach<'a> {
    pub(super) fn new(problems: [&'a Problem; 2]) -> Self {
        let pools = Pools::find(problems[0]);
        if problems[0].is_linked() || problems[0].is_pooled() {
            let wide = Some(Wide::new(problems));
            return Reach { problems, twins: Twins::default(), most: Vec::new(), wide, pools };
        }
        // What cannot be told apart at both ends cannot be in between.
        let [twins, other] = problems.map(Twins::find);
        let twins = if twins == other { twins } else { Twins::default() };
        Reach { problems, twins, most: most(problems), wide: None, pools }
    }

    /// What leaves prove of the goals at either end: on a stretch the goal of
    /// every plan lies below the straight line between the two.
    pub(super) fn bound(&self, goals: [&Terms; 2], leaves: &[Leaf]) -> [f64; 2] {
        let mut most = [f64::NEG_INFINITY; 2];
        for leaf in leaves.iter().filter(|leaf| !leaf.empty) {
            let [start, end] = self.of(Some(goals), leaf, &leaf.prices);
            most = [most[0].max(start), most[1].max(end)];
        }
        most
    }

    /// True if leaves prove that no plan exists anywhere on the stretch.
    pub(super) fn refuted(&self, leaves: &[Leaf]) -> bool {
        let empty = |leaf: &Leaf| leaf.empty && self.of(None, leaf, &leaf.prices).iter().all(|b| *b < 0.0);
        !leaves.is_empty() && leaves.iter().all(empty)
    }

    /// What prices prove of the goals (`None`: goal 0) on a leaf's part, at
    /// either end.
    pub(super) fn of(&self, goals: Option<[&Terms; 2]>, leaf: &Leaf, prices: &[Prices]) -> [f64; 2] {
        if let Some((wide, step)) = self.wide.as_ref().zip(leaf.step) {
            return [0, 1]
                .map(|end| wide.flown(self.problems[end], goals.map(|g| g[end]), leaf, prices, step));
        }
        let region = match &self.wide {
            Some(wide) => wide.region(leaf),
            None => Region::uncapped(self.problems[0], &leaf.cuts, &self.twins),
        };
        let slack = if goals.is_some() { KEPT } else { HOPELESS };
        let pricing =
            [0, 1].map(|end| Pricing::new(self.problems[end], goals.map(|g| g[end]), prices, slack));
        let mut totals = [Sum::default(); 2];
        let mut sizes = [0.0; 2];
        for ((total, size), pricing) in totals.iter_mut().zip(&mut sizes).zip(&pricing) {
            let (constant, absolute) = pricing.constant();
            total.add(constant + absolute * f64::EPSILON * (2.0 + prices.len() as f64));
            *size = absolute;
        }
        let apart = |i: &usize| !self.pools.has(self.problems[0], *i);
        for i in (0..self.problems[0].lines.len()).filter(apart) {
            let line = &self.problems[0].lines[i];
            let offers = [pricing[0].offer(i), pricing[1].offer(i)];
            let range = (region.low[i], region.high[i]);
            let Some(bounds) = self.line(line, range, offers, self.most.get(i).copied().flatten()) else {
                return [f64::NEG_INFINITY; 2];
            };
            totals[0].add(bounds[0]);
            totals[1].add(bounds[1]);
        }
        for pool in &self.pools.0 {
            for end in [0, 1] {
                match pool.bound(self.problems[end], &pricing[end], &region) {
                    Some(bound) => totals[end].add(bound),
                    None => return [f64::NEG_INFINITY; 2],
                }
            }
        }
        [0, 1].map(|end| {
            let bound = totals[end].upper();
            if bound.is_finite() && sizes[end].is_finite() { bound } else { f64::INFINITY }
        })
    }

    /// One line's part; `None` if it has no spend there.
    fn line(
        &self,
        line: &Line,
        (low, high): (f64, f64),
        offers: [Offer; 2],
        most: Option<[f64; 2]>,
    ) -> Option<[f64; 2]> {
        let ends = most.unwrap_or([f64::INFINITY; 2]).map(|most| most.min(high).max(low));
        let (fixed, far) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let bounds = |low: f64, high: f64, extra: f64| {
            let cost = |offer: Offer| Offer { cost: offer.cost + extra, ..offer };
            let [a, b] = offers.map(|offer| best_response(line, low, high, cost(offer)).map(|b| b.bound));
            a.zip(b).map(|(a, b)| [a, b])
        };
        let kept = bounds(low, fixed, 0.0);
        if fixed >= far {
            return kept;
        }
        let rise = |offer: Offer| (line.yields(far, offer) - line.yields(fixed, offer)) / (far - fixed);
        let slope = 0.5 * (rise(offers[0]) + rise(offers[1]));
        let moving = bounds(fixed, far, slope).map(|above| {
            [0, 1].map(|end| {
                let terms = [above[end], slope * fixed, slope * ends[end]];
                let size: f64 = terms.iter().map(|t| t.abs()).sum();
                terms[0] + terms[1].max(terms[2]) + 4.0 * f64::EPSILON * size
            })
        });
        match (kept, moving) {
            (Some(a), Some(b)) => Some([a[0].max(b[0]), a[1].max(b[1])]),
            (kept, moving) => kept.or(moving),
        }
    }
}

/// What limits leave lines without a maximum. What a limit leaves is convex in
/// the number where coefficients stay what they are; of several limits the
/// least stays below its chord only if it is one and the same.
fn most([a, b]: [&Problem; 2]) -> Vec<Option<[f64; 2]>> {
    let high: Vec<f64> = a.lines.iter().map(|l| l.domain().largest()).collect();
    if !high.contains(&f64::INFINITY) {
        return Vec::new();
    }
    let mut most: Vec<Option<[f64; 2]>> = vec![None; a.lines.len()];
    for (first, last) in a.limits.iter().zip(&b.limits) {
        let sides = [(first.max.zip(last.max), 1.0), (first.min.zip(last.min), -1.0)];
        for (numbers, sign) in sides {
            let Some((from, to)) = numbers else { continue };
            let rooms = (
                Room::left(&a.lines, first, (from, sign), &high),
                Room::left(&b.lines, last, (to, sign), &high),
            );
            let (Some(from), Some(to)) = rooms else { continue };
            for (i, slot) in most.iter_mut().enumerate().filter(|(i, _)| high[*i] == f64::INFINITY) {
                let least = from.terms.of(i).spend.min(to.terms.of(i).spend);
                if least > 0.0 {
                    let ends = [from.most / least, to.most / least];
                    let farthest = |ends: [f64; 2]| ends[0].max(ends[1]);
                    if slot.is_none_or(|old| farthest(ends) < farthest(old)) {
                        *slot = Some(ends);
                    }
                }
            }
        }
    }
    most
}
