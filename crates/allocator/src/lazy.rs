//! Many limits, of which few bind: a search asks for those only that a plan of
//! a smaller search has broken.
//!
//! What is proven with fewer limits holds with all, at a price of 0 for those
//! left out; and a plan that breaks none of them is the best of all. Where
//! limits on shares leave nothing to spend, their own prices say so at once.

use crate::certificate::{judge_linear, proves_empty, region_bound};
use crate::cone;
use crate::options::Stop;
use crate::region::Region;
use crate::solvers::branch::Search;
use crate::solvers::incumbent::Incumbent;
use crate::solvers::tree::Found;
use crate::tolerance::KEPT;
use crate::{Leaf, Limit, Options, Prices, Problem, Terms};

/// Fewest limits that are worth leaving out.
const MANY: usize = 150;
/// Most searches with some of the limits.
const ROUNDS: usize = 40;
/// Largest share of the limits that a search with some of them may ask.
const MOST: f64 = 0.7;

/// Searches with as few limits as it takes; `None` where that leads nowhere, or
/// there are not many.
pub(crate) fn search(
    problem: &Problem,
    goal: &Terms,
    gap: f64,
    start: Option<&Vec<f64>>,
    options: &Options,
) -> Option<Found> {
    if problem.limits.len() < MANY {
        return None;
    }
    // A plan that spends something shows that shares leave something to spend.
    let spent =
        start.is_some_and(|x| x.iter().any(|x| *x > 0.0) && judge_linear(problem, goal, x).violation <= KEPT);
    if !spent && let Some(found) = nothing(problem, goal, gap, Stop(options.stop)) {
        return Some(found);
    }
    // The best of S-shaped plans under some limits lies far from those under all:
    // a search that is stopped on the way would end without any.
    if !problem.is_concave() {
        return None;
    }
    let mut asked: Vec<bool> = problem.limits.iter().map(|limit| !may_wait(problem, limit)).collect();
    let mut nodes = 0;
    for _ in 0..ROUNDS {
        let kept: Vec<usize> = (0..asked.len()).filter(|&r| asked[r]).collect();
        if kept.len() as f64 > MOST * asked.len() as f64 {
            return None;
        }
        let limits = kept.iter().map(|&r| problem.limits[r].clone()).collect();
        let part = Problem { limits, ..problem.clone() };
        let options = Options { nodes: options.nodes.saturating_sub(nodes).max(1), ..*options };
        let mut search = Search::new(&part, goal, gap, Stop(options.stop));
        start.into_iter().for_each(|spends| search.offer(spends.clone()));
        let mut found = search.run(&options);
        nodes += found.nodes;
        let stopped = (options.stop)();
        let broken: Vec<usize> = match &found.plan {
            Some(plan) => broken(problem, &plan.spends, &asked),
            None if stopped || found.leaves.iter().all(|leaf| leaf.empty) => Vec::new(),
            None => return None,
        };
        if stopped && !broken.is_empty() {
            // What is proven stands; of plans only today's is at hand.
            (found.plan, found.winner) = (today(problem, goal, kept.len()), None);
        }
        if broken.is_empty() || stopped {
            let all = |prices: &[Prices]| spread(prices, &kept, asked.len());
            found.leaves.iter_mut().for_each(|leaf| leaf.prices = all(&leaf.prices));
            found.plan.iter_mut().for_each(|plan| plan.prices = all(&plan.prices));
            return Some(Found { nodes, ..found });
        }
        broken.into_iter().for_each(|r| asked[r] = true);
    }
    None
}

/// True for a limit on the spends of some of the lines: the others, like a
/// budget, tie the search together.
fn may_wait(problem: &Problem, limit: &Limit) -> bool {
    let some = |t: &Terms| {
        let count = t.spend.iter().flat_map(|v| v.iter()).filter(|c| **c != 0.0).count();
        2 * count < problem.lines.len()
    };
    limit.numerator.is_spend()
        && some(&limit.numerator)
        && limit.denominator.as_ref().is_none_or(Terms::is_spend)
}

/// The limits left out that spends break.
fn broken(problem: &Problem, spends: &[f64], asked: &[bool]) -> Vec<usize> {
    let excesses = problem.excesses(spends);
    (0..asked.len()).filter(|&r| !asked[r] && excesses[r] > KEPT).collect()
}

/// Today's spends as a plan, if they keep every limit, at no prices of so many.
fn today(problem: &Problem, goal: &Terms, limits: usize) -> Option<Incumbent> {
    let spends: Vec<f64> = problem.lines.iter().map(|line| line.current).collect();
    let judged = judge_linear(problem, goal, &spends);
    let prices = vec![Prices::default(); limits];
    (judged.violation <= KEPT).then_some(Incumbent { spends, value: judged.value, size: judged.size, prices })
}

/// Prices of some limits as prices of all.
fn spread(prices: &[Prices], kept: &[usize], all: usize) -> Vec<Prices> {
    let mut spread = vec![Prices::default(); all];
    kept.iter().zip(prices).for_each(|(&r, price)| spread[r] = *price);
    spread
}

/// The answer where limits on shares leave nothing to spend.
fn nothing(problem: &Problem, goal: &Terms, gap: f64, stop: Stop) -> Option<Found> {
    let ray = cone::prices(problem, stop)?;
    let region = Region::whole(problem);
    let largest = ray.iter().map(|p| p.min.max(p.max)).fold(0.0, f64::max);
    let times = |factor: f64| -> Vec<Prices> {
        let factor = factor / largest;
        ray.iter().map(|p| Prices { min: factor * p.min, max: factor * p.max }).collect()
    };
    if proves_empty(region_bound(problem, None, &times(1.0), &region)) {
        let leaf = Leaf { cuts: Vec::new(), prices: times(1.0), empty: true, step: None };
        return Some(Found { plan: None, leaves: vec![leaf], winner: None, nodes: 1, complete: true });
    }
    let spends = vec![0.0; problem.lines.len()];
    let judged = judge_linear(problem, goal, &spends);
    if judged.violation > KEPT {
        return None;
    }
    // The dearer all spends are, the less the goal can be more than that of none.
    let cutoff = judged.value + 0.9 * gap * judged.value.abs().max(judged.size / 1000.0);
    let dear = (0..=DECADES).map(|k| times(10.0_f64.powi(k)));
    let prices = dear.into_iter().find(|p| region_bound(problem, Some(goal), p, &region) <= cutoff)?;
    let free = vec![Prices::default(); problem.limits.len()];
    let plan = Incumbent { spends, value: judged.value, size: judged.size, prices: free };
    let leaf = Leaf { cuts: Vec::new(), prices, empty: false, step: None };
    Some(Found { plan: Some(plan), leaves: vec![leaf], winner: Some(0), nodes: 1, complete: true })
}

/// How far prices are raised, in powers of ten.
const DECADES: i32 = 60;
