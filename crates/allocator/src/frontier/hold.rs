//! What holds a plan in place.

use crate::certificate::{judge, linear_goal};
use crate::groups::Pools;
use crate::pricing::Pricing;
use crate::{Goal, Limit, Line, Offer, Problem, Solution};

/// What holds the spend of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It gets nothing.
    Off,
    /// Its least spend.
    Min,
    /// Its largest spend.
    Max,
    /// A price, lot or least amount of its deal.
    Deal,
    /// The prices of the limits.
    Price,
}

/// A side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Its least value.
    Min,
    /// Its largest value.
    Max,
}

/// One change of what holds a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// A limit begins or ceases to hold the plan back.
    Limit {
        /// Index of the limit.
        limit: usize,
        /// The side that held before.
        from: Option<Side>,
        /// The side that holds after.
        to: Option<Side>,
    },
    /// A line is held by something else.
    Line {
        /// Index of the line.
        line: usize,
        /// What held it before.
        from: Hold,
        /// What holds it after.
        to: Hold,
    },
    /// From here on there is a plan.
    Possible,
    /// From here on there is none.
    Impossible,
    /// The value jumps while the same limits hold.
    Jump,
}

/// What holds each limit and each line of one plan.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signature {
    limits: Vec<Option<Side>>,
    lines: Vec<Hold>,
}

impl Signature {
    /// Near a change both the distance from a bound and its price are small, so
    /// whichever is larger, each relative to its size, decides.
    pub(super) fn new(problem: &Problem, solution: &Solution) -> Option<Self> {
        let plan = solution.plan.as_ref()?;
        if problem.is_flown() {
            // Of many spends and stocks some change their hold everywhere.
            return Some(Signature { limits: Vec::new(), lines: Vec::new() });
        }
        let prices = &solution.certificate.prices;
        let size = judge(problem, &plan.spends).size.max(f64::MIN_POSITIVE);
        let ratio = matches!(problem.goal, Goal::MinimizeRatio { .. }).then_some(plan.value);
        let goal = linear_goal(&problem.goal, ratio);
        let size = if ratio.is_some() { goal.measure(&problem.lines, &plan.spends).1 } else { size };
        let pools = Pools::find(problem);
        let limits = problem.limits.iter().zip(prices).map(|(limit, price)| {
            if !pools.0.is_empty() && limit.is_tie() {
                // Says what a level is.
                return None;
            }
            let value = limit.value(&problem.lines, &plan.spends);
            let unit = limit.denominator.as_ref().map_or(1.0, |d| d.measure(&problem.lines, &plan.spends).0);
            let held = |number: Option<f64>, price: f64| {
                number.is_some_and(|n| {
                    let scale = if n == 0.0 { 1.0 } else { n.abs() };
                    price * unit * scale / size > (value - n).abs() / scale
                })
            };
            held_side(limit, held(limit.min, price.min), held(limit.max, price.max))
        });
        let limits = limits.collect();
        let pricing = Pricing::new(problem, Some(&goal), prices, 0.0);
        let lines = problem.lines.iter().zip(&plan.spends).enumerate().map(|(i, (line, &x))| {
            if pools.0.iter().any(|pool| pool.block == i) {
                return Hold::Price;
            }
            let offer = pricing.offer(i);
            let level = line.pool.map_or(1.0, |block| plan.spends[block]);
            let offer = Offer { worth: offer.worth * level, ..offer };
            let moved = if x < line.current { -offer.moved } else { offer.moved };
            hold(line, x, (offer.worth * line.curve.marginal(x) - offer.cost - moved) / size)
        });
        let lines = lines.collect();
        Some(Signature { limits, lines })
    }
}

fn held_side(limit: &Limit, min: bool, max: bool) -> Option<Side> {
    match (min, max) {
        // Both sides at once hold always.
        _ if limit.min.is_some() && limit.min == limit.max => Some(Side::Max),
        (_, true) => Some(Side::Max),
        (true, false) => Some(Side::Min),
        (false, false) => None,
    }
}

/// What holds a line, given the pull on its spend: the slope of the goal less
/// the priced limits, relative to the goal's size.
fn hold(line: &Line, x: f64, pull: f64) -> Hold {
    if x == 0.0 {
        return Hold::Off;
    }
    let spans = line.domain().spans();
    let Some(own) = spans.iter().position(|s| s.from <= x && x <= s.to) else { return Hold::Price };
    let span = spans[own];
    if span.step > 0.0 || (span.from == span.to && spans.len() > 1) {
        return Hold::Deal;
    }
    let reach = if span.to.is_finite() { span.to - span.from } else { x.max(line.typical_spend()) };
    if span.from == span.to || (x - span.from) / reach < -pull * reach {
        return match (span.from == 0.0, own > 0) {
            (true, _) => Hold::Off,
            (_, true) => Hold::Deal,
            _ => Hold::Min,
        };
    }
    if span.to.is_finite() && (span.to - x) / reach < pull * reach {
        return Hold::Max;
    }
    Hold::Price
}

/// What differs between two plans; a plan that does not exist has no signature.
pub(super) fn shifts(before: Option<&Signature>, after: Option<&Signature>) -> Vec<Shift> {
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(_)) => return vec![Shift::Possible],
        (Some(_), None) => return vec![Shift::Impossible],
        (None, None) => return Vec::new(),
    };
    let limits = before.limits.iter().zip(&after.limits).enumerate();
    let limits = limits.filter(|(_, (a, b))| a != b);
    let lines = before.lines.iter().zip(&after.lines).enumerate().filter(|(_, (a, b))| a != b);
    let limits = limits.map(|(limit, (&from, &to))| Shift::Limit { limit, from, to });
    limits.chain(lines.map(|(line, (&from, &to))| Shift::Line { line, from, to })).collect()
}
