//! Which line to cut a part at, and where (branching): torn lines first, whose
//! relaxed spend no plan can have.
//!
//! Words: torn lines are the branching candidates; a promise is the predicted
//! decrease; covers are concave envelopes, or concave curves below.

use crate::best::{Offer, best_response};
use crate::cover::{Cover, Features};
use crate::pricing::Pricing;
use crate::region::Region;
use crate::rows::Rows;
use crate::tolerance::KEPT;
use crate::{Coefficients, Domain, Line, Problem, Terms};

/// Cuts keep this share of a region to either side.
const EDGE: f64 = 0.1;

/// A line is not cut below this width, in units of the spends at which its
/// curve bends.
const NARROW: f64 = 1e-10;

/// A part with its relaxed plan and the prices that belong to it.
pub(super) struct Cuts<'a> {
    pub(super) problem: &'a Problem,
    pub(super) features: &'a Features,
    pub(super) region: &'a Region,
    pub(super) cover: &'a Cover,
    pub(super) spends: &'a [f64],
    pub(super) pricing: Pricing<'a>,
}

/// The cut that promises most.
#[derive(Default)]
pub(super) struct Most {
    pub(super) most: f64,
    pub(super) cut: Option<(usize, f64)>,
}

impl Most {
    fn offer(&mut self, promise: f64, line: usize, at: f64) {
        if self.cut.is_none() || promise > self.most {
            (self.most, self.cut) = (promise, Some((line, at)));
        }
    }
}

impl Cuts<'_> {
    /// The line that loses most when its relaxed spend becomes an allowed one on
    /// its curve.
    pub(super) fn torn(&self) -> Most {
        self.most(|i, line| {
            let (low, high) = (self.region.low[i], self.region.high[i]);
            let (x, offer) = (self.spends[i], self.pricing.offer(i));
            // A line that is only partly on is charged a part of being on.
            let partly = self.features.active(i) && low == 0.0 && x > 0.0;
            let active = if partly { self.missing(i, line).map_or(0.0, |(missing, _)| missing) } else { 0.0 };
            let lost = tear(line, low, high, offer, x).max(offer.worth.max(0.0) * self.above(i, line, x));
            Some((lost.max(active), x))
        })
    }

    /// The line that falls furthest short of its best response, halfway to it.
    pub(super) fn short(&self) -> Most {
        self.most(|i, line| {
            let (missing, best) = self.missing(i, line)?;
            Some((missing, 0.5 * (self.spends[i] + best.min(self.region.high[i]))))
        })
    }

    /// The line whose relaxed outcome most misstates the goal, and limits that
    /// the plan then breaks, in units of their terms. At prices of 0, or where
    /// goal and limits cancel, that costs nothing, and still the bound is out of
    /// reach. The relaxation may count as much as the majorant, and, for a limit
    /// that wants less, as little as the chord from end to end.
    pub(super) fn misstated(&self, goal: &Terms, size: f64, rows: &Rows) -> Most {
        let broken_rows = self.broken_rows(rows);
        self.most(|i, line| {
            let x = self.spends[i];
            let above = self.above(i, line, x);
            let below = self.chord(i, line, x).map_or(0.0, |chord| (line.curve.value(x) - chord).max(0.0));
            let part = |&(r, c): &(usize, Coefficients)| {
                let push = broken_rows[r] * c.response;
                if push < 0.0 { -push * above } else { push * below }
            };
            let broken: f64 = rows.entries(i).iter().map(part).sum();
            Some((broken + (goal.of(i).response * above).max(0.0) / size, x))
        })
    }

    /// How far the concave majorant lies above the curve at a spend.
    fn above(&self, i: usize, line: &Line, x: f64) -> f64 {
        (self.cover.of(i).value(line, x) - line.curve.value(x)).max(0.0)
    }

    /// The chord over a line's region at a spend inside; an endless one has none.
    fn chord(&self, i: usize, line: &Line, x: f64) -> Option<f64> {
        let (low, high) = (self.region.low[i], self.region.high[i].min(line.domain().largest()));
        let share = (x - low) / (high - low);
        let (least, most) = (line.curve.value(low), line.curve.value(high));
        (share > 0.0 && high.is_finite()).then_some(least + share * (most - least))
    }

    /// For every row the relaxed plan breaks, one over its size: negative where
    /// it falls short.
    fn broken_rows(&self, rows: &Rows) -> Vec<f64> {
        let (mut activity, mut size) = (vec![0.0; rows.len()], vec![0.0_f64; rows.len()]);
        for (i, line) in self.problem.lines.iter().enumerate() {
            for (r, c) in rows.entries(i) {
                let term = c.at(line, self.spends[i]);
                activity[r] += term;
                size[r] += term.abs();
            }
        }
        let finite = |bound: f64| if bound.is_finite() { bound.abs() } else { 0.0 };
        let broken = |r: usize| {
            let (lower, upper) = (rows.lower[r], rows.upper[r]);
            let size = size[r].max(finite(lower)).max(finite(upper));
            match activity[r] {
                a if a > upper + KEPT * size => 1.0 / size,
                a if a < lower - KEPT * size => -1.0 / size,
                _ => 0.0,
            }
        };
        (0..rows.len()).map(broken).collect()
    }

    /// The widest line, in its middle.
    pub(super) fn widest(&self) -> Most {
        self.most(|i, line| {
            let (low, high) = (self.region.low[i], self.region.high[i]);
            let width = (high - low) / (high.min(4.0 * line.typical_spend()) + low);
            Some((width, 0.5 * (low + high)))
        })
    }

    /// The line with most of a figure, cut near the spend that comes with it.
    fn most(&self, of: impl Fn(usize, &Line) -> Option<(f64, f64)>) -> Most {
        let mut most = Most::default();
        for (i, line) in self.problem.lines.iter().enumerate() {
            if let Some((figure, x)) = of(i, line)
                && let Some(at) = self.at(i, x)
            {
                most.offer(figure, i, at);
            }
        }
        most
    }

    /// What a line's relaxed spend misses of its best response, and where that is.
    fn missing(&self, i: usize, line: &Line) -> Option<(f64, f64)> {
        let offer = self.pricing.offer(i);
        let top = best_response(line, self.region.low[i], self.region.high[i], offer)?;
        Some((top.bound - line.yields(self.spends[i], offer), top.spend))
    }

    /// Where to cut line `i` near spend `x`; `None` if it cannot be narrowed.
    fn at(&self, i: usize, x: f64) -> Option<f64> {
        let domain = self.problem.lines[i]
            .domain()
            .intersect(&Domain::interval(self.region.low[i], self.region.high[i]));
        let (low, high) = (domain.least(), domain.largest());
        let typical = self.problem.lines[i].typical_spend();
        if domain.is_empty() || high - low <= NARROW * high.min(typical).max(1e-3 * typical) {
            return None;
        }
        if self.features.active(i) && low == 0.0 {
            return Some(0.0);
        }
        // Without an end there is no middle: cut where the curve has bent.
        let x = if x.is_finite() { x } else { 2.0 * typical.max(low) };
        if low < x && x < high && !domain.spans().iter().any(|s| s.from <= x && x <= s.to) {
            // A cut in a hole parts the stretches to either side of it.
            return Some(x);
        }
        let width = if high.is_finite() { high - low } else { 4.0 * typical.max(x).max(low) };
        Some(x.clamp(low + EDGE * width, high.min(low + (1.0 - EDGE) * width)))
    }
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
