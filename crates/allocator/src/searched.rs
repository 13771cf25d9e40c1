//! One search of a problem: validate, search, certify.

use crate::certificate::{self, judge, linear_goal};
use crate::groups;
use crate::lazy;
use crate::options::Stop;
use crate::region::Region;
use crate::solvers::branch::Search;
use crate::solvers::flights::Flights;
use crate::solvers::lots;
use crate::solvers::tree::Found;
use crate::solvers::weeks::Weeks;
use crate::tolerance::KEPT;
use crate::{
    Certificate, Goal, Leaf, Limit, Options, Plan, Prices, Problem, ProblemError, Solution, Status, Terms,
};

/// As [`crate::solve()`], in one search: what is asked on the way to an answer of whether
/// there is a plan at all.
pub(crate) fn solve_once(problem: &Problem, options: &Options) -> Result<Solution, ProblemError> {
    answered(problem, options, &|gap| searched(problem, gap, options))
}

pub(crate) fn answered(
    problem: &Problem,
    options: &Options,
    search: &dyn Fn(f64) -> Solution,
) -> Result<Solution, ProblemError> {
    problem.validate()?;
    let gap = options.gap.unwrap_or_else(|| problem.default_gap());
    Ok(match options.answers {
        Some(answers) => answers.answer(problem, gap, &|| search(gap)),
        None => search(gap),
    })
}

pub(crate) fn searched(problem: &Problem, gap: f64, options: &Options) -> Solution {
    match &problem.goal {
        Goal::Maximize(terms) => {
            let start = options.start.filter(|s| s.len() == problem.lines.len()).map(<[f64]>::to_vec);
            let found = search(problem, terms, gap, start, options);
            certify(problem, found, gap, None)
        }
        Goal::MinimizeRatio { numerator, denominator } => {
            minimize_ratio(problem, numerator, denominator, gap, options)
        }
    }
}

/// Proposes a plan and leaves; `start` is a plan known already.
fn search(problem: &Problem, goal: &Terms, gap: f64, start: Option<Vec<f64>>, options: &Options) -> Found {
    if problem.is_linked() && problem.is_pooled() {
        let mut search = groups::Chain::new(problem, goal, gap, options);
        start.into_iter().for_each(|spends| search.offer(spends));
        return search.run();
    }
    if problem.is_linked() {
        let whole = |spends: Vec<f64>| lots::near(problem, goal, &spends, options.stop);
        let start = if lots::any(problem) { start.map(whole) } else { start };
        let weeks = if problem.is_concave() { None } else { Weeks::new(problem, goal, gap, options) };
        if let Some(mut weeks) = weeks {
            start.into_iter().for_each(|spends| weeks.offer(spends));
            let found = weeks.run(options);
            let closed = |found: &Found| certify(problem, found.clone(), gap, None).status;
            // Week by week, lots are no better bounded.
            let ended = found.complete || (options.stop)() || lots::any(problem);
            if ended || !matches!(closed(&found), Status::WithinGap | Status::Undetermined) {
                return found;
            }
            // What a grid leaves open may close week by week.
            let mut flights = Flights::new(problem, goal, gap);
            found.plan.iter().for_each(|plan| flights.offer(plan.spends.clone()));
            let other = flights.run(options);
            return if closed(&other) == Status::Optimal { other } else { found };
        }
        let mut flights = Flights::new(problem, goal, gap);
        start.into_iter().for_each(|spends| flights.offer(spends));
        return flights.run(options);
    }
    if problem.is_pooled() {
        let mut search = groups::Search::new(problem, goal, gap, options);
        start.into_iter().for_each(|spends| search.offer(spends));
        return search.run();
    }
    if let Some(found) = lazy::search(problem, goal, gap, start.as_ref(), options) {
        return found;
    }
    let mut search = Search::new(problem, goal, gap, Stop(options.stop));
    start.into_iter().for_each(|spends| search.offer(spends));
    search.run(options)
}

impl Problem {
    /// The gap to prove where none is asked for: 1e-8 where every line is
    /// concave on one interval, otherwise 1e-6.
    pub fn default_gap(&self) -> f64 {
        if self.is_concave() && !self.is_linked() { 1e-8 } else { 1e-6 }
    }
}

/// Dinkelbach's iteration (1967): the smallest ratio `n/d` is the `c` at which
/// the largest `c d - n` is 0; from a plan of ratio `c`, a plan with
/// `c d - n > 0` has a smaller one.
fn minimize_ratio(
    problem: &Problem,
    numerator: &Terms,
    denominator: &Terms,
    gap: f64,
    options: &Options,
) -> Solution {
    const ROUNDS: usize = 60;
    let ratio_of = |x: &[f64]| {
        let d = denominator.measure(&problem.lines, x).0;
        if d > 0.0 { numerator.measure(&problem.lines, x).0 / d } else { f64::INFINITY }
    };
    // All trials together take no more than one search may, and the first, for
    // any plan, leaves most to the others.
    let left = |nodes: usize| Options { nodes: options.nodes.saturating_sub(nodes).max(1), ..*options };
    let some = (options.nodes / 4).max(1);
    let mut first = search(problem, denominator, 1e-3, None, &Options { nodes: some, ..*options });
    let mut nodes = first.nodes;
    if first.plan.is_none() && nodes >= some && some < options.nodes {
        first = search(problem, denominator, 1e-3, None, &left(nodes));
        nodes += first.nodes;
        first.nodes = nodes;
    }
    let mut starts: Vec<Vec<f64>> = first.plan.iter().map(|plan| plan.spends.clone()).collect();
    if Region::whole(problem).high.contains(&f64::INFINITY) {
        // Most of a denominator that grows without end costs anything: begin
        // where the numerator is least as well.
        let least = search(problem, &Terms::default().plus(-1.0, numerator), 1e-3, None, &left(nodes));
        nodes += least.nodes;
        starts.extend(least.plan.map(|plan| plan.spends));
    }
    let today = problem.lines.iter().map(|l| l.domain().nearest(l.current)).collect();
    let kept = |x: &Vec<f64>| judge(problem, x).violation <= KEPT;
    let given = options.start.filter(|s| s.len() == problem.lines.len()).map(<[f64]>::to_vec);
    starts.extend([Some(today), given].into_iter().flatten().filter(kept));
    starts.retain(|x| ratio_of(x).is_finite());
    let Some(mut best) = starts.into_iter().min_by(|a, b| ratio_of(a).total_cmp(&ratio_of(b))) else {
        return certify(problem, first, gap, Some(0.0));
    };
    let mut solution = None;
    // The trial goal is near 0, so its gap is measured against G/1000: a ratio
    // within `gap` needs a trial goal within gap * G/2.
    let mut trial_gap = 300.0 * gap;
    for _ in 0..ROUNDS {
        let ratio = ratio_of(&best);
        let goal = linear_goal(&problem.goal, Some(ratio));
        let mut found = search(problem, &goal, trial_gap, Some(best.clone()), &left(nodes));
        nodes += found.nodes;
        found.nodes = nodes;
        let better = found.plan.as_ref().map(|p| p.spends.clone()).filter(|x| ratio_of(x) < ratio);
        let last = better.is_none();
        let improved = better.as_ref().map_or(0.0, |x| (ratio - ratio_of(x)) / ratio.abs());
        if let (Some(x), Some(plan)) = (better, found.plan.as_mut()) {
            plan.value = ratio_of(&x);
            best = x;
        }
        let bound = provable_ratio(problem, &mut found, (numerator, denominator), &best, options.stop);
        let done = certify(problem, found, gap, bound);
        let proven = done.status == Status::Optimal;
        solution = Some(done);
        if proven || last && improved == 0.0 && trial_gap < gap || (options.stop)() {
            break;
        }
        if last {
            trial_gap *= 0.1;
        }
    }
    solution.unwrap_or_else(|| unsolved(problem))
}

/// The largest ratio that the leaves prove no plan to undercut, found from the
/// plan's own by stepping down by what is missing. At the best ratio a line may
/// be worth next to nothing, and what is left of a price then outweighs it:
/// where the leaves prove nothing, they do without such prices.
fn provable_ratio(
    problem: &Problem,
    found: &mut Found,
    (numerator, denominator): (&Terms, &Terms),
    spends: &[f64],
    stop: &dyn Fn() -> bool,
) -> Option<f64> {
    let [(cost, size), (per_ratio, _)] = [numerator, denominator].map(|t| t.measure(&problem.lines, spends));
    let step_down = |leaves: &[Leaf]| {
        let mut trial = cost / per_ratio;
        // The excess may fall more slowly than the plan's own denominator says.
        let mut stride = 1.01;
        for k in 0..40 {
            // Bounds of flights take long: once told to stop, one is left to prove something.
            if k > 1 && stop() {
                return None;
            }
            let excess = certificate::bound(problem, leaves, Some(trial)).ok()?;
            if excess <= 0.0 {
                return Some(trial);
            }
            // By a last digit at least: what is missing may be less than one.
            let digit = f64::EPSILON * trial.abs();
            trial -= (stride * excess / per_ratio).max(digit);
            stride *= 2.0;
        }
        None
    };
    // What is nothing is no less for any plan, whatever its limits.
    let free = [Leaf::priced(vec![Prices::default(); problem.limits.len()], false)];
    if cost == 0.0 && certificate::bound(problem, &free, Some(0.0)).is_ok_and(|bound| bound <= 0.0) {
        (found.leaves, found.winner) = (free.to_vec(), Some(0));
        return Some(0.0);
    }
    if let Some(proven) = step_down(&found.leaves) {
        return Some(proven);
    }
    if stop() {
        return None;
    }
    let bare = without_dust(problem, &found.leaves, size, spends);
    let proven = step_down(&bare)?;
    found.leaves = bare;
    Some(proven)
}

/// Leaves without prices that come to nothing beside a goal of some size.
fn without_dust(problem: &Problem, leaves: &[Leaf], size: f64, spends: &[f64]) -> Vec<Leaf> {
    const DUST: f64 = 1e-12;
    let row = |limit: &Limit, number: Option<f64>| {
        let whole = limit.denominator.as_ref().map_or(1.0, |d| d.measure(&problem.lines, spends).1);
        limit.numerator.measure(&problem.lines, spends).1 + number.unwrap_or(0.0).abs() * whole
    };
    let kept = |price: f64, row: f64| if price * row <= DUST * size { 0.0 } else { price };
    let clean = |(p, l): (&Prices, &Limit)| Prices {
        min: kept(p.min, row(l, l.min)),
        max: kept(p.max, row(l, l.max)),
    };
    let bare = |leaf: &Leaf| match leaf.empty {
        true => leaf.clone(),
        false => {
            Leaf { prices: leaf.prices.iter().zip(&problem.limits).map(clean).collect(), ..leaf.clone() }
        }
    };
    leaves.iter().map(bare).collect()
}

fn unsolved(problem: &Problem) -> Solution {
    let found = Found { plan: None, leaves: Vec::new(), winner: None, nodes: 0, complete: false };
    certify(problem, found, 0.0, None)
}

/// Leaves that fit the problem. Prices that a search drove beyond what numbers
/// can hold prove nothing, and none at all prove something; where the leaves do
/// not cover the domain, the whole of it stands in for them.
fn usable(problem: &Problem, mut leaves: Vec<Leaf>) -> Vec<Leaf> {
    let fair = |p: &Prices| p.min.is_finite() && p.max.is_finite();
    for leaf in leaves.iter_mut().filter(|leaf| !leaf.prices.iter().all(fair)) {
        leaf.prices.fill(Prices::default());
        leaf.empty = false;
    }
    if leaves.iter().flat_map(|leaf| &leaf.cuts).all(|cut| cut.at.is_finite()) {
        return leaves;
    }
    let prices = vec![Prices::default(); problem.limits.len()];
    vec![Leaf { cuts: Vec::new(), prices, empty: false, step: None }]
}

/// Judges what the search proposes. `ratio` is the proven bound when the goal
/// is a ratio.
fn certify(problem: &Problem, mut found: Found, gap: f64, ratio: Option<f64>) -> Solution {
    found.leaves = usable(problem, found.leaves);
    let bounds = certificate::leaf_bounds(problem, &found.leaves, ratio).unwrap_or_default();
    let bound = match &problem.goal {
        _ if bounds.is_empty() => f64::NAN,
        goal => match certificate::largest(&found.leaves, &bounds) {
            b if b == f64::NEG_INFINITY => b,
            _ if matches!(goal, Goal::MinimizeRatio { .. }) => ratio.unwrap_or(f64::NAN),
            b => b,
        },
    };
    let no_prices = || vec![Prices::default(); problem.limits.len()];
    let mut certificate = Certificate {
        bound,
        gap: f64::NAN,
        asked: gap,
        violation: f64::NAN,
        nodes: found.nodes,
        prices: no_prices(),
        leaves: found.leaves,
        winner: None,
        bounds,
    };
    let Some(incumbent) = found.plan else {
        let status = if bound == f64::NEG_INFINITY { Status::Infeasible } else { Status::Undetermined };
        return Solution { status, plan: None, certificate };
    };
    let judgement = judge(problem, &incumbent.spends);
    certificate.gap = judgement.gap(bound);
    certificate.violation = judgement.violation;
    certificate.winner = found.winner.filter(|w| *w < certificate.leaves.len());
    // A plan known beforehand comes without prices: those of its part are its own.
    let priced = incumbent.prices.iter().any(|p| *p != Prices::default());
    let own = certificate.winner.map(|w| &certificate.leaves[w]).filter(|leaf| !priced && !leaf.empty);
    certificate.prices = own.map_or(incumbent.prices, |leaf| leaf.prices.clone());
    let status = if certificate.gap <= gap { Status::Optimal } else { Status::WithinGap };
    let plan = Plan { spends: incumbent.spends, value: judgement.value };
    Solution { status, plan: Some(plan), certificate }
}
