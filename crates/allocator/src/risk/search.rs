//! Branch and bound over boxes, each bounded by its weights and prices
//! ([`crate::solvers::tree`]).

use super::bound::bound;
use super::choice::rules;
use super::judge::{Judged, judge};
use super::local::Ranges;
use super::program::Program;
use super::{RiskSolution, Risky, Weights};
use crate::options::Stop;
use crate::region::Region;
use crate::solvers::tree::{Placed, Tree};
use crate::tolerance::KEPT;
use crate::{
    Certificate, Cut, Goal, Leaf, Options, Plan, Prices, Problem, ProblemError, Solution, Status, Terms,
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
    Ok(Search::new(risky, gap, options).run(start))
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

/// A leaf with what its draws weigh.
pub(super) type Weighed = (Leaf, Weights);

impl Placed for Weighed {
    fn placed(self, cuts: Vec<Cut>) -> Self {
        (self.0.placed(cuts), self.1)
    }
}

/// What is known while the tree grows.
pub(super) struct Search<'a> {
    pub(super) risky: &'a Risky,
    pub(super) program: Program,
    pub(super) options: &'a Options<'a>,
    pub(super) gap: f64,
    pub(super) concave: bool,
    /// True if all curves are.
    pub(super) curved_down: bool,
    /// True if there are rules on which lines are on.
    pub(super) choice: bool,
    best: Option<(Vec<f64>, Judged)>,
    /// Multipliers at the best plan.
    prices: Vec<Prices>,
    /// Ranges that plans were looked for in.
    pub(super) tried: Vec<Ranges>,
}

impl<'a> Search<'a> {
    pub(super) fn new(risky: &'a Risky, gap: f64, options: &'a Options<'a>) -> Self {
        let drawn = risky.draws.lines.iter().all(|d| d.curves.iter().all(|c| c.is_concave()));
        Search {
            risky,
            program: Program::new(risky, false),
            gap,
            options,
            best: None,
            prices: vec![Prices::default(); risky.problem.limits.len()],
            curved_down: drawn && risky.problem.lines.iter().all(|l| l.curve.is_concave()),
            concave: drawn && risky.problem.is_concave() && rules(risky).next().is_none(),
            choice: rules(risky).next().is_some(),
            tried: Vec::new(),
        }
    }

    /// Grows the tree from a plan; its leaves and how many parts were examined.
    pub(super) fn run(mut self, start: Option<Vec<f64>>) -> RiskSolution {
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
        let (root, nodes, stop) = (self.root(start), self.options.nodes, Stop(self.options.stop));
        let tree = Tree::grow(&mut self, root, nodes, stop);
        self.finish(tree)
    }

    /// A bound at or below this proves a part uninteresting.
    pub(super) fn cutoff(&self) -> f64 {
        match &self.best {
            None => f64::NEG_INFINITY,
            Some((_, b)) => b.value + self.slack() + self.gap * b.value.abs().max(b.size / 1000.0),
        }
    }

    /// What no search can close: how far what draws are measured against is open.
    fn slack(&self) -> f64 {
        self.risky.goal.as_ref().map_or(0.0, |tail| tail.slack)
    }

    /// Size of the goal's terms at the best plan.
    pub(super) fn size(&self) -> f64 {
        self.best.as_ref().map_or(1.0, |(_, b)| b.size.max(b.value.abs()))
    }

    /// The spend that a line is switched on for, as far as is known.
    pub(super) fn anchors(&self, high: &[f64]) -> Vec<f64> {
        let best = |i: usize| self.best.as_ref().map(|(spends, _)| spends[i]).filter(|x| *x > 0.0);
        let typical = |i: usize| self.risky.problem.lines[i].curve.typical_spend();
        let each = |i: usize| best(i).unwrap_or_else(|| typical(i)).min(high[i]).max(f64::MIN_POSITIVE);
        (0..high.len()).map(each).collect()
    }

    pub(super) fn offer(&mut self, mut spends: Vec<f64>, prices: Option<&[Prices]>) {
        self.risky.problem.settle(&mut spends);
        let judged = judge(self.risky, &spends);
        let better = judged.violation <= KEPT
            && judged.value.is_finite()
            && self.best.as_ref().is_none_or(|(_, b)| judged.value > b.value);
        if better {
            self.best = Some((spends, judged));
            if let Some(prices) = prices {
                self.prices = prices.to_vec();
            }
        }
    }

    fn finish(self, tree: Tree<Weighed>) -> RiskSolution {
        let nodes = tree.nodes;
        let (leaves, weights): (Vec<Leaf>, Vec<Weights>) = tree.leaves.into_iter().unzip();
        let proven = bound(self.risky, &leaves, &weights).unwrap_or(f64::NAN);
        let mut certificate = Certificate {
            bound: proven,
            gap: f64::NAN,
            asked: self.gap,
            violation: f64::NAN,
            nodes,
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
