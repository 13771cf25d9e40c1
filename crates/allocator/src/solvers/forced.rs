//! What limits on activity leave no choice about (bound propagation): once K lines are on, the
//! others of "at most K" are off. A relaxation of such a part has no interior,
//! and no finite price shows it; so the part is narrowed first, and the price
//! of the limit raised to where the lines would choose for themselves what
//! they are forced to do, which proves as much without the narrowing.

use std::borrow::Cow;

use crate::best::best_response;
use crate::pricing::Pricing;
use crate::region::Region;
use crate::{Coefficients, Prices, Problem, Terms};

/// A region, and the same narrowed by what its limits on activity force.
pub(crate) struct Forced<'r> {
    /// As it was: what a proof is of.
    pub(crate) whole: &'r Region,
    /// Narrowed: where plans can be.
    pub(crate) region: Cow<'r, Region>,
    /// The lines forced, each by a side of a limit, in the order found.
    steps: Vec<Step>,
}

/// A line that a limit's side forces on or off.
struct Step {
    limit: usize,
    /// True for the limit's `max`.
    most: bool,
    line: usize,
    on: bool,
}

/// Activity sums this close count as equal.
const SAME: f64 = 1e-9;

/// True if a quantity counts lines and nothing else.
fn counts(terms: &Terms) -> bool {
    let others = [&terms.spend, &terms.response, &terms.moved];
    let only = |c: &Coefficients| (c.spend, c.response, c.moved) == (0.0, 0.0, 0.0);
    others.iter().all(|vector| vector.is_none())
        && terms.few().iter().all(|(_, c)| only(c))
        && (terms.active.is_some() || !terms.few().is_empty())
}

/// The lines that a quantity may count, in order.
fn counted(problem: &Problem, terms: &Terms) -> Vec<usize> {
    if terms.is_sparse() {
        return terms.few().iter().map(|(i, _)| *i).collect();
    }
    (0..problem.lines.len()).collect()
}

/// Spends with no more of them on than the limits on activity allow: the largest
/// are kept.
pub(crate) fn allowed(problem: &Problem, spends: &[f64]) -> Vec<f64> {
    let mut kept = spends.to_vec();
    for limit in problem.limits.iter().filter(|l| l.denominator.is_none() && counts(&l.numerator)) {
        let Some(max) = limit.max else { continue };
        let mut room = max - limit.numerator.constant;
        let mut lines = counted(problem, &limit.numerator);
        lines.sort_by(|&a, &b| kept[b].total_cmp(&kept[a]));
        for line in lines.into_iter().filter(|&i| spends[i] > 0.0) {
            let active = limit.numerator.of(line).active;
            if active > room + SAME {
                kept[line] = 0.0;
            } else {
                room -= active.max(0.0);
            }
        }
    }
    kept
}

impl<'r> Forced<'r> {
    /// Narrows a region until no limit on activity forces anything more.
    pub(crate) fn of(problem: &Problem, region: &'r Region) -> Self {
        let mut forced = Forced { whole: region, region: Cow::Borrowed(region), steps: Vec::new() };
        let limits = problem.limits.iter().enumerate();
        let counting: Vec<usize> =
            limits.filter(|(_, l)| l.denominator.is_none() && counts(&l.numerator)).map(|(r, _)| r).collect();
        // Every pass but the last forces a line.
        for _ in 0..=problem.lines.len() {
            let before = forced.steps.len();
            for &r in &counting {
                forced.apply(problem, r);
            }
            if forced.steps.len() == before {
                break;
            }
        }
        forced
    }

    /// True if nothing was forced.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn apply(&mut self, problem: &Problem, r: usize) {
        let limit = &problem.limits[r];
        let lines = counted(problem, &limit.numerator);
        for (number, sign) in [(limit.max, 1.0), (limit.min, -1.0)] {
            let Some(number) = number else { continue };
            let least: f64 = lines
                .iter()
                .map(|&i| {
                    let (low, high) = self.reach(limit.numerator.of(i), sign, i);
                    low.min(high)
                })
                .sum();
            let room = sign * (number - limit.numerator.constant) - least;
            if room.abs() > SAME {
                continue;
            }
            for &line in &lines {
                let (off, on) = self.reach(limit.numerator.of(line), sign, line);
                if off != on {
                    self.force(Step { limit: r, most: sign > 0.0, line, on: on < off });
                }
            }
        }
    }

    /// What a line adds to a count when as off, and when as on, as it may be.
    fn reach(&self, c: Coefficients, sign: f64, i: usize) -> (f64, f64) {
        let on = sign * c.active;
        match (self.region.low[i] > 0.0, self.region.high[i] > 0.0) {
            (true, _) => (on, on),
            (false, true) => (0.0, on),
            (false, false) => (0.0, 0.0),
        }
    }

    fn force(&mut self, step: Step) {
        let region = self.region.to_mut();
        if step.on {
            region.low[step.line] = region.low[step.line].max(f64::MIN_POSITIVE);
        } else {
            region.high[step.line] = 0.0;
        }
        self.steps.push(step);
    }

    /// Raises the prices of the limits that force lines, until the best
    /// responses in the region as it was do what is forced.
    pub(crate) fn raise(&self, problem: &Problem, goal: Option<&Terms>, prices: &mut [Prices]) {
        for step in self.steps.iter().rev() {
            let line = &problem.lines[step.line];
            let pricing = Pricing::new(problem, goal, prices, 0.0);
            let offer = pricing.offer(step.line);
            let (low, high) = (self.whole.low[step.line], self.whole.high[step.line]);
            let best = |low: f64, high: f64| {
                best_response(line, low, high, offer).map_or(f64::NEG_INFINITY, |b| b.bound)
            };
            let (off, on) = (best(low, low.max(0.0)), best(low.max(f64::MIN_POSITIVE), high));
            let gain = if step.on { off - on } else { on - off };
            let per_unit = problem.limits[step.limit].numerator.of(step.line).active.abs();
            if gain > 0.0 && gain.is_finite() {
                let more = gain * (1.0 + 1e-9) / per_unit;
                let price = &mut prices[step.limit];
                *(if step.most { &mut price.max } else { &mut price.min }) += more;
            }
        }
    }
}
