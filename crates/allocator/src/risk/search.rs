//! Branch and bound over boxes, each bounded by its weights and prices.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::bound::{bound, region_bound, tightened};
use super::field::Field;
use super::interior::{Asked, Found, run};
use super::judge::{Judged, judge};
use super::program::Program;
use super::weights::{of_goal, of_limit};
use super::{Drawn, Draws, Measure, RiskSolution, Risky, Tail, Weights, local};
use crate::certificate::proves_empty;
use crate::region::{Region, Twins};
use crate::tolerance::KEPT;
use crate::{
    Certificate, Cut, CutSide, Goal, Leaf, Options, Plan, Prices, Problem, ProblemError, Solution, Status,
    Terms,
};

/// Relative gap to prove where none is asked for. The draws themselves are a
/// sample, and no figure made of a thousand of them is known as well.
pub const GAP: f64 = 1e-4;

/// Solves a problem over draws.
///
/// # Errors
/// As [`crate::solve()`].
pub fn solve(risky: &Risky, options: &Options) -> Result<RiskSolution, ProblemError> {
    risky.problem.validate()?;
    let gap = options.gap.unwrap_or(GAP);
    let expected = Problem { goal: Goal::Maximize(risky.expected()), ..risky.problem.clone() };
    let plain = Options { gap: Some(gap.max(1e-6)), answers: None, start: options.start, ..*options };
    let base = crate::solve(&expected, &plain)?;
    if base.status == Status::Infeasible {
        return Ok(RiskSolution { solution: base, weights: Vec::new() });
    }
    let start = base.plan.map(|p| p.spends);
    let mut search = Search::new(risky, gap, options);
    search.run(start);
    Ok(search.finish())
}

/// What the best plan of each draw alone attains.
#[derive(Debug, Clone, PartialEq)]
pub struct BestOfDraws {
    /// No plan within the limits does better under the draw than this.
    pub bounds: Vec<f64>,
    /// False where the search was stopped and a bound may be far off.
    pub proven: bool,
}

/// The best that a quantity can be under each draw if that draw were known, the
/// limits being those of the problem; `None` if no plan keeps them.
///
/// # Errors
/// As [`crate::solve()`].
pub fn best_of_draws(
    risky: &Risky,
    terms: &Terms,
    options: &Options,
) -> Result<Option<BestOfDraws>, ProblemError> {
    const NEAR: f64 = 1e-6;
    risky.problem.validate()?;
    let expected = Problem { goal: Goal::Maximize(terms.clone()), ..risky.problem.clone() };
    let base = crate::solve(&expected, &Options { gap: Some(1e-5), answers: None, ..*options })?;
    let Some(mut start) = base.plan.map(|p| p.spends) else { return Ok(None) };
    let mut best = BestOfDraws { bounds: Vec::with_capacity(risky.draws.count), proven: true };
    let nothing = Problem { goal: Goal::Maximize(Terms::default()), ..risky.problem.clone() };
    for d in 0..risky.draws.count {
        let one =
            |drawn: &Drawn| Drawn { curves: [drawn.curves[drawn.index(d)].clone()].into(), order: None };
        let own = Risky {
            problem: nothing.clone(),
            draws: Draws { count: 1, lines: risky.draws.lines.iter().map(one).collect() },
            goal: Some(Tail {
                terms: terms.clone(),
                base: None,
                measure: Measure::Worst { share: 1.0, weight: 1.0 },
            }),
            limits: Vec::new(),
        };
        let mut search = Search::new(&own, NEAR, options);
        search.run(Some(start.clone()));
        let found = search.finish();
        best.proven &= found.solution.status == Status::Optimal;
        best.bounds.push(found.solution.certificate.bound);
        if let Some(plan) = found.solution.plan {
            start = plan.spends;
        }
    }
    Ok(Some(best))
}

impl Risky {
    /// What the goal is on the expected curves.
    pub(super) fn expected(&self) -> Terms {
        let own = match &self.problem.goal {
            Goal::Maximize(terms) => terms.clone(),
            Goal::MinimizeRatio { .. } => Terms::default(),
        };
        match &self.goal {
            None => own,
            Some(tail) => own.plus(tail.measure.weight(), &tail.terms),
        }
    }
}

/// Majorants of a box.
#[derive(Clone)]
struct Cover<'a> {
    field: Field<'a>,
    low: Vec<f64>,
    high: Vec<f64>,
}

/// A part of the domain, waiting to be cut further.
struct Node<'a> {
    cuts: Vec<Cut>,
    /// The majorants of its region.
    cover: Cover<'a>,
    bound: f64,
    leaf: (Leaf, Weights),
    /// Where it would be cut next.
    next: Option<(usize, f64)>,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Node<'_> {}
impl PartialOrd for Node<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Node<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(other.cuts.len().cmp(&self.cuts.len()))
    }
}

struct Search<'a> {
    risky: &'a Risky,
    program: Program,
    gap: f64,
    options: &'a Options<'a>,
    best: Option<(Vec<f64>, Judged)>,
    /// Multipliers at the best plan.
    prices: Vec<Prices>,
    leaves: Vec<(Leaf, Weights)>,
    nodes: usize,
    concave: bool,
}

impl<'a> Search<'a> {
    fn new(risky: &'a Risky, gap: f64, options: &'a Options<'a>) -> Self {
        let drawn = risky.draws.lines.iter().all(|d| d.curves.iter().all(|c| c.is_concave()));
        Search {
            risky,
            program: Program::new(risky, false),
            gap,
            options,
            best: None,
            prices: vec![Prices::default(); risky.problem.limits.len()],
            leaves: Vec::new(),
            nodes: 0,
            concave: drawn && risky.problem.is_concave(),
        }
    }

    fn run(&mut self, start: Option<Vec<f64>>) {
        let region = Region::whole(&self.risky.problem);
        let middle = |i: usize| {
            let (low, high) = (region.low[i], region.high[i]);
            if high.is_finite() {
                0.5 * (low + high)
            } else {
                low.max(self.risky.problem.lines[i].curve.typical_spend())
            }
        };
        let start = start.unwrap_or_else(|| (0..region.low.len()).map(middle).collect());
        self.offer(start.clone(), None);
        let mut open = BinaryHeap::new();
        open.extend(self.node(Vec::new(), region, &start, None));
        while let Some(node) = open.pop() {
            let closed = self.best.as_ref().is_some_and(|(_, b)| self.is_within(b, node.bound));
            let spent = self.nodes >= self.options.nodes || (self.options.stop)();
            let Some((line, at)) = node.next.filter(|_| !closed && !spent) else {
                self.leaves.push(node.leaf);
                continue;
            };
            let mut children = Vec::new();
            for side in [CutSide::Below, CutSide::Above] {
                let mut cuts = node.cuts.clone();
                cuts.push(Cut { line, at, side });
                let region = Region::of(&self.risky.problem, &cuts, &Twins::default());
                children.extend(self.node(cuts, region, &node.leaf.1.at, Some(&node.cover)));
            }
            for mut child in children {
                // A part is bounded by what bounds the whole of it.
                if child.bound > node.bound {
                    child.bound = node.bound;
                    child.leaf.0.prices.clone_from(&node.leaf.0.prices);
                    let at = std::mem::take(&mut child.leaf.1.at);
                    child.leaf.1 = Weights { at, ..node.leaf.1.clone() };
                }
                open.push(child);
            }
        }
    }

    fn is_within(&self, judged: &Judged, bound: f64) -> bool {
        bound <= judged.value || judged.gap(bound) <= self.gap
    }

    fn offer(&mut self, spends: Vec<f64>, prices: Option<&[Prices]>) -> bool {
        let judged = judge(self.risky, &spends);
        self.take(spends, judged, prices)
    }

    fn take(&mut self, spends: Vec<f64>, judged: Judged, prices: Option<&[Prices]>) -> bool {
        let better = judged.violation <= KEPT
            && judged.value.is_finite()
            && self.best.as_ref().is_none_or(|(_, b)| judged.value > b.value);
        if better {
            self.best = Some((spends, judged));
            if let Some(prices) = prices {
                self.prices = prices.to_vec();
            }
        }
        better
    }

    /// Bounds a region and looks for plans in it; `None` if it holds none, with
    /// the proof among the leaves.
    fn node(
        &mut self,
        cuts: Vec<Cut>,
        region: Region,
        start: &[f64],
        parent: Option<&Cover<'a>>,
    ) -> Option<Node<'a>> {
        const FINER: usize = 6;
        self.nodes += 1;
        let problem = &self.risky.problem;
        let (mut low, mut high) = (region.low.clone(), region.high.clone());
        for (i, line) in problem.lines.iter().enumerate() {
            let mut parts =
                line.domain().spans().iter().filter_map(|s| s.clip(region.low[i], region.high[i]));
            let Some(first) = parts.next() else {
                self.leaves.push(self.nothing(cuts));
                return None;
            };
            low[i] = first.from;
            high[i] = parts.next_back().map_or(first.to, |s| s.to);
        }
        let cover = match parent {
            None => {
                let field = Field::of_majorants(&self.risky.draws, &problem.lines, &low, &high);
                Cover { field, low, high }
            }
            Some(known) => {
                let mut field = known.field.clone();
                let changed = |i: &usize| low[*i] != known.low[*i] || high[*i] != known.high[*i];
                (0..low.len()).filter(changed).for_each(|i| field.cover(i, low[i], high[i]));
                Cover { field, low, high }
            }
        };
        let Cover { field, low, high } = &cover;
        let index = |i: usize, d: usize| self.risky.draws.lines[i].index(d);
        let draws = (self.risky.draws.count, &index as &dyn Fn(usize, usize) -> usize);
        let stop = || (self.options.stop)();
        let mut gap = self.gap;
        let mut node: Option<Node> = None;
        let mut from = start.to_vec();
        for finer in 0..FINER {
            let asked = Asked { low, high, start: &from, gap, elastic: false, stop: &stop };
            let found = run(&self.program, field, draws, &asked);
            if !found.done && finer == 0 && !stop() {
                // Perhaps there is nothing to be found.
                let program = Program::new(self.risky, true);
                let asked = Asked { gap: 1e-3, elastic: true, ..asked };
                let least = run(&program, field, draws, &asked);
                let mut leaf = self.leaf(&program, &cuts, &least);
                leaf.0.empty = true;
                leaf.1.goal.clear();
                tightened(self.risky, &leaf.0, &mut leaf.1, &region, 1e-6);
                if proves_empty(region_bound(self.risky, &leaf.0, &leaf.1, &region)) {
                    self.leaves.push(leaf);
                    return None;
                }
                from = least.x;
            }
            let mut leaf = self.leaf(&self.program, &cuts, &found);
            let size = judge(self.risky, &found.x).size;
            let worth = 0.1 * self.gap * size / self.risky.problem.lines.len() as f64;
            tightened(self.risky, &leaf.0, &mut leaf.1, &region, worth);
            let bound = region_bound(self.risky, &leaf.0, &leaf.1, &region);
            if node.as_ref().is_none_or(|n| n.bound.is_nan() || n.bound > bound) {
                let next = self.cut(field, low, high, &leaf);
                node = Some(Node { cuts: cuts.clone(), cover: cover.clone(), bound, leaf, next });
            }
            let prices = node.as_ref().map(|n| n.leaf.0.prices.clone());
            self.offer(found.x.clone(), prices.as_deref());
            if !self.concave && (self.nodes <= 8 || self.nodes.is_power_of_two()) && finer == 0 {
                let near = local::near(self.risky, &self.program, &region, &found.x, self.gap, &stop);
                if let Some((spends, judged)) = near {
                    self.take(spends, judged, prices.as_deref());
                }
            }
            let closed =
                node.as_ref().zip(self.best.as_ref()).is_some_and(|(n, (_, b))| self.is_within(b, n.bound));
            if closed || !self.concave || stop() {
                break;
            }
            if found.done {
                from = found.x;
                gap *= 0.1;
            }
        }
        node
    }

    /// Prices and weights of a run as a leaf.
    fn leaf(&self, program: &Program, cuts: &[Cut], found: &Found) -> (Leaf, Weights) {
        let mut prices = vec![Prices::default(); self.risky.problem.limits.len()];
        let mut set = |limit: Option<(usize, bool)>, dual: f64| {
            let Some((index, most)) = limit else { return };
            let slot = if most == (dual >= 0.0) { &mut prices[index].max } else { &mut prices[index].min };
            *slot = if dual.is_finite() { dual.abs() } else { 0.0 };
        };
        program.rows.iter().zip(&found.rows).for_each(|(row, &dual)| set(row.limit, dual.max(0.0)));
        program.equations.iter().zip(&found.equations).for_each(|(row, &dual)| set(row.limit, dual));
        let mut groups = found.groups.iter();
        let count = self.risky.draws.count;
        let finite =
            |w: &Vec<f64>| w.iter().map(|w| if w.is_finite() { *w } else { 0.0 }).collect::<Vec<f64>>();
        let has_goal = self.risky.goal.is_some() && program.groups.len() > self.risky.limits.len();
        let goal = match (&self.risky.goal, has_goal) {
            (Some(tail), true) => {
                of_goal(tail, &groups.next().map(finite).unwrap_or_else(|| vec![1.0; count]))
            }
            _ => Vec::new(),
        };
        let limits = self.risky.limits.iter().zip(groups).map(|(l, w)| of_limit(l, &finite(w))).collect();
        let leaf = Leaf { cuts: cuts.to_vec(), prices, empty: false, step: None };
        (leaf, Weights { at: found.x.clone(), goal, limits })
    }

    /// A leaf whose region holds no spend of some line.
    fn nothing(&self, cuts: Vec<Cut>) -> (Leaf, Weights) {
        let prices = vec![Prices::default(); self.risky.problem.limits.len()];
        let leaf = Leaf { cuts, prices, empty: true, step: None };
        let limits = vec![vec![0.0; self.risky.draws.count]; self.risky.limits.len()];
        (leaf, Weights { at: vec![0.0; self.risky.problem.lines.len()], goal: Vec::new(), limits })
    }

    /// The line whose majorants are furthest above its curves, or that lies
    /// between two spans of its domain, and where to cut it.
    fn cut(&self, field: &Field, low: &[f64], high: &[f64], leaf: &(Leaf, Weights)) -> Option<(usize, f64)> {
        const LEAST: f64 = 1e-12;
        if self.concave {
            return None;
        }
        let lines = &self.risky.problem.lines;
        let truth = Field::of_curves(&self.risky.draws, lines);
        let terms: Vec<(Terms, &Vec<f64>)> = self
            .risky
            .goal
            .iter()
            .map(|t| (t.terms.clone(), &leaf.1.goal))
            .chain(self.risky.limits.iter().map(|l| l.terms(0.0)).zip(&leaf.1.limits))
            .collect();
        let goal = match &self.risky.problem.goal {
            Goal::Maximize(terms) => Some(terms),
            Goal::MinimizeRatio { .. } => None,
        };
        let pricing = crate::pricing::Pricing::new(&self.risky.problem, goal, &leaf.0.prices, 0.0);
        let size = self.best.as_ref().map_or(1.0, |(_, b)| b.size.max(b.value.abs()));
        let (mut above, mut own) = (super::field::Samples::default(), super::field::Samples::default());
        let mut most: Option<(f64, usize, f64)> = None;
        for (i, line) in lines.iter().enumerate() {
            let x = leaf.1.at[i];
            if high[i] <= low[i] {
                continue;
            }
            let mut error =
                pricing.offer(i).worth.max(0.0) * (field.mean(i, x).value - truth.mean(i, x).value);
            field.sample(i, x, &mut above);
            truth.sample(i, x, &mut own);
            for (terms, weights) in &terms {
                let c = terms.of(i).response;
                let drawn = &self.risky.draws.lines[i];
                for (d, w) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    let k = drawn.index(d);
                    error += c * w * (above.value[k] - own.value[k]);
                }
            }
            let torn = !line.domain().contains(x) && line.distance(x) > 1e-9;
            if torn {
                error = error.max(size * line.distance(x));
            }
            let range = if high[i].is_finite() { high[i] - low[i] } else { 2.0 * (x - low[i]).max(1e-9) };
            let at = if torn {
                x
            } else {
                x.clamp(low[i] + 0.2 * range, high[i].min(low[i] + range) - 0.2 * range)
            };
            let new = at > low[i] && at < high[i] && error > LEAST * size;
            if new && most.is_none_or(|(e, ..)| error > e) {
                most = Some((error, i, at));
            }
        }
        most.map(|(_, i, at)| (i, at))
    }

    fn finish(self) -> RiskSolution {
        let (leaves, weights): (Vec<Leaf>, Vec<Weights>) = self.leaves.into_iter().unzip();
        let proven = bound(self.risky, &leaves, &weights).unwrap_or(f64::NAN);
        let mut certificate = Certificate {
            bound: proven,
            gap: f64::NAN,
            asked: self.gap,
            violation: f64::NAN,
            nodes: self.nodes,
            prices: self.prices,
            leaves,
            winner: None,
            bounds: Vec::new(),
        };
        let (status, plan) = match self.best {
            None if proven == f64::NEG_INFINITY => (Status::Infeasible, None),
            None => (Status::Undetermined, None),
            Some((spends, judged)) => {
                certificate.gap = judged.gap(proven);
                certificate.violation = judged.violation;
                let within = certificate.gap <= self.gap;
                let status = if within { Status::Optimal } else { Status::WithinGap };
                (status, Some(Plan { spends, value: judged.value }))
            }
        };
        RiskSolution { solution: Solution { status, plan, certificate }, weights }
    }
}
