//! What is proven, recomputed from the problem alone.
//!
//! Weak duality: at any prices `p >= 0` every plan within the limits has
//! `goal(x) <= goal(x) - sum_r p_r excess_r(x)`, and the right-hand side is a
//! sum of one-line functions whose maxima [`crate::best_response`] bounds. So
//! prices alone prove a bound; no statement of a solver is believed.
//!
//! Words: twins are lines that a symmetry exchanges.

use thiserror::Error;

use crate::best::best_response;
use crate::flight::{self, Flights, Grid, Scratch};
use crate::groups::Pools;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::sum::Sum;
use crate::terms::Evaluated;
use crate::tolerance::{HOPELESS, KEPT};
use crate::{CutSide, Goal, Leaf, Line, Prices, Problem, Terms};

/// Why leaves prove nothing.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NotProven {
    /// The leaves do not cover every plan.
    #[error("the leaves do not cover the domain: leaf {leaf} has no counterpart")]
    NotCovering {
        /// Index of a leaf whose sibling is missing or that overlaps another.
        leaf: usize,
    },
    /// A leaf does not fit the problem: wrong number of prices, a negative or
    /// infinite price, or a line that does not exist.
    #[error("leaf {leaf} does not fit the problem")]
    Malformed {
        /// Index of the leaf.
        leaf: usize,
    },
    /// A leaf claims to hold no plan, and its prices do not show it.
    #[error("leaf {leaf} is claimed to hold no plan, which its prices do not prove")]
    NotEmpty {
        /// Index of the leaf.
        leaf: usize,
    },
}

/// The least bound on the goal that the leaves prove: the goal of every plan
/// within the limits is at most this; `-inf` when they prove that no plan
/// exists.
///
/// For [`Goal::MinimizeRatio`] the figure is the bound of
/// `ratio * denominator - numerator` at the given `ratio`: when it is at most
/// 0, no plan attains a smaller ratio.
pub fn bound(problem: &Problem, leaves: &[Leaf], ratio: Option<f64>) -> Result<f64, NotProven> {
    Ok(largest(leaves, &leaf_bounds(problem, leaves, ratio)?))
}

/// The largest bound among the leaves that may hold a plan.
pub fn largest(leaves: &[Leaf], bounds: &[f64]) -> f64 {
    let open = leaves.iter().zip(bounds).filter(|(leaf, _)| !leaf.empty);
    open.map(|(_, bound)| *bound).fold(f64::NEG_INFINITY, f64::max)
}

/// What each leaf's prices prove on its region: of the goal, or for a leaf
/// that is empty of goal 0; see [`bound`].
///
/// # Errors
/// As [`bound`].
pub fn leaf_bounds(problem: &Problem, leaves: &[Leaf], ratio: Option<f64>) -> Result<Vec<f64>, NotProven> {
    let goal = linear_goal(&problem.goal, ratio);
    let cut = leaves.iter().any(|leaf| !leaf.cuts.is_empty());
    let twins = if cut { Twins::find(problem) } else { Twins::default() };
    covers(problem, leaves)?;
    let mut bounds = Vec::with_capacity(leaves.len());
    let mut known: Vec<Programs> = Vec::new();
    let scratch = &mut Scratch::default();
    for (index, leaf) in leaves.iter().enumerate() {
        let region = Region::of(problem, &leaf.cuts, &twins);
        let goal = (!leaf.empty).then_some(&goal);
        let bound = match leaf.step {
            None => region_bound(problem, goal, &leaf.prices, &region),
            Some(step) => {
                if !known.iter().any(|p| p.step == step) {
                    known.extend(Programs::new(problem, step));
                }
                let programs = known.iter().find(|p| p.step == step);
                let programs = programs.ok_or(NotProven::Malformed { leaf: index })?;
                programs.flights.bound(problem, goal, &leaf.prices, &region, &programs.grids, scratch).0
            }
        };
        if leaf.empty && !proves_empty(bound) {
            return Err(NotProven::NotEmpty { leaf: index });
        }
        bounds.push(bound);
    }
    Ok(bounds)
}

/// The programs over flights that leaves of one grid step ask for.
struct Programs {
    step: f64,
    flights: Flights,
    grids: Vec<Grid>,
}

impl Programs {
    fn new(problem: &Problem, step: f64) -> Option<Self> {
        let flights = flight::find(problem)?;
        let grids = flights.grids(step);
        Some(Programs { step, flights, grids })
    }
}

/// True if a bound taken with goal 0 shows that a region holds no plan.
pub(crate) fn proves_empty(bound: f64) -> bool {
    bound < 0.0
}

/// The goal as a quantity to maximise; a ratio at a trial value.
pub(crate) fn linear_goal(goal: &Goal, ratio: Option<f64>) -> Terms {
    match goal {
        Goal::Maximize(terms) => terms.clone(),
        Goal::MinimizeRatio { numerator, denominator } => {
            Terms::default().plus(-1.0, numerator).plus(ratio.unwrap_or(0.0), denominator)
        }
    }
}

/// Upper bound on the goal (`None`: 0) over the plans of a region that keep
/// the limits, at the given prices.
pub(crate) fn region_bound(
    problem: &Problem,
    goal: Option<&Terms>,
    prices: &[Prices],
    region: &Region,
) -> f64 {
    bound_within(problem, goal, prices, region, if goal.is_some() { KEPT } else { HOPELESS })
}

/// As [`region_bound`], with the limits loosened by the fraction `slack`.
pub(crate) fn bound_within(
    problem: &Problem,
    goal: Option<&Terms>,
    prices: &[Prices],
    region: &Region,
    slack: f64,
) -> f64 {
    let pricing = Pricing::new(problem, goal, prices, slack);
    let (constant, absolute) = pricing.constant();
    let mut total = Sum::default();
    total.add(constant + absolute * f64::EPSILON * (2.0 + prices.len() as f64));
    let pools = Pools::find(problem);
    let periods = pools.periods(problem);
    let mut answered = vec![false; problem.lines.len()];
    for period in &periods {
        period.lines().for_each(|i| answered[i] = true);
        match period.bound(problem, (prices, &pricing), region, slack) {
            Some(bound) => total.add(bound),
            None => return f64::NEG_INFINITY,
        }
    }
    let apart = |i: usize| !answered[i] && !pools.has(problem, i);
    for (i, line) in problem.lines.iter().enumerate().filter(|(i, _)| apart(*i)) {
        match best_response(line, region.low[i], region.high[i], pricing.offer(i)) {
            Some(best) => total.add(best.bound),
            None => return f64::NEG_INFINITY,
        }
    }
    for pool in pools.0.iter().filter(|pool| !answered[pool.block]) {
        match pool.bound(problem, &pricing, region) {
            Some(bound) => total.add(bound),
            None => return f64::NEG_INFINITY,
        }
    }
    // Prices beyond what the numbers can hold prove nothing.
    let bound = total.upper();
    if bound.is_finite() && absolute.is_finite() { bound } else { f64::INFINITY }
}

/// What a plan is worth and how well it keeps the limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The goal: the quantity maximised, or the ratio minimised.
    pub value: f64,
    /// Sum of the absolute terms of the goal (of a ratio: its own size; of a
    /// plan worth nothing: a thousandth of what the terms could add up to).
    pub size: f64,
    /// Largest relative excess over a limit, or over a line's domain.
    pub violation: f64,
}

/// Judges spends by the problem alone.
pub fn judge(problem: &Problem, spends: &[f64]) -> Judgement {
    match &problem.goal {
        Goal::Maximize(terms) => judge_linear(problem, terms, spends),
        Goal::MinimizeRatio { numerator, denominator } => {
            let mut judgement = judge_linear(problem, numerator, spends);
            judgement.value /= denominator.measure(&problem.lines, spends).0;
            judgement.size = judgement.value.abs();
            judgement
        }
    }
}

/// Judges spends with another goal than the problem's.
pub(crate) fn judge_linear(problem: &Problem, goal: &Terms, spends: &[f64]) -> Judgement {
    let outcome = Evaluated::new(&problem.lines, spends);
    let (value, mut size) = goal.measure_in(&outcome);
    if size == 0.0 {
        size = WORTHLESS * potential(problem, goal);
    }
    let mut violation: f64 = 0.0;
    for (line, &x) in problem.lines.iter().zip(spends) {
        violation = violation.max(line.distance(x));
    }
    for limit in &problem.limits {
        violation = violation.max(limit.excess_in(&outcome));
    }
    Judgement { value, size, violation }
}

/// A plan that is worth nothing has no size of its own to measure a gap by:
/// this fraction of what the goal's terms could add up to stands in for it.
const WORTHLESS: f64 = 1e-3;

/// The sum of the goal's absolute terms with every line at the top of its
/// domain, or where its curve has long bent if it has none.
fn potential(problem: &Problem, goal: &Terms) -> f64 {
    let top = |line: &Line| line.domain().largest().min(4.0 * line.typical_spend()).max(0.0);
    let tops: Vec<f64> = problem.lines.iter().map(top).collect();
    goal.measure(&problem.lines, &tops).1
}

impl Judgement {
    /// `|bound - value| / max(|value|, G/1000)`.
    pub fn gap(&self, bound: f64) -> f64 {
        let scale = self.value.abs().max(self.size / 1000.0);
        if bound == self.value { 0.0 } else { (bound - self.value).abs() / scale }
    }
}

/// Checks that the leaves come from cutting the whole domain again and again:
/// every cut has both its sides.
pub(crate) fn covers(problem: &Problem, leaves: &[Leaf]) -> Result<(), NotProven> {
    let lines = problem.lines.len();
    for (index, leaf) in leaves.iter().enumerate() {
        let fair = |p: &Prices| p.min >= 0.0 && p.max >= 0.0 && p.min.is_finite() && p.max.is_finite();
        let known = leaf.cuts.iter().all(|c| c.line < lines && c.at.is_finite() && c.at >= 0.0);
        let stepped = leaf.step.is_none_or(|step| step > 0.0 && step.is_finite());
        if leaf.prices.len() != problem.limits.len() || !leaf.prices.iter().all(fair) || !known || !stepped {
            return Err(NotProven::Malformed { leaf: index });
        }
    }
    let mut groups: Vec<(usize, Vec<usize>)> = vec![(0, (0..leaves.len()).collect())];
    while let Some((depth, group)) = groups.pop() {
        let first = group.first().copied().ok_or(NotProven::NotCovering { leaf: 0 })?;
        if group.len() == 1 && leaves[first].cuts.len() == depth {
            continue;
        }
        let head = leaves[first].cuts.get(depth).ok_or(NotProven::NotCovering { leaf: first })?;
        let mut sides = [Vec::new(), Vec::new()];
        for leaf in group {
            match leaves[leaf].cuts.get(depth) {
                Some(c) if c.line == head.line && c.at == head.at => {
                    sides[usize::from(c.side == CutSide::Above)].push(leaf);
                }
                _ => return Err(NotProven::NotCovering { leaf }),
            }
        }
        for side in sides {
            if side.is_empty() {
                return Err(NotProven::NotCovering { leaf: first });
            }
            groups.push((depth + 1, side));
        }
    }
    Ok(())
}
