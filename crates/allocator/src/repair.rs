//! What it takes to reconcile rules that contradict each other.

use crate::certificate::{KEPT, judge};
use crate::rules::{Part, Rule};
use crate::{
    Fact, Feasibility, Goal, Limit, Options, Problem, ProblemError, Solution, Status, Terms, feasibility,
    solve_open,
};

/// A change of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Index of the rule.
    pub rule: usize,
    /// The number to write instead; `None` where the rule has to go.
    pub to: Option<f64>,
}

/// Changes that together make a problem feasible.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The changes, by rule.
    pub changes: Vec<Change>,
    /// Spends that keep all rules once changed.
    pub spends: Vec<f64>,
    /// Sum of the rules' weights times the relative changes of their numbers.
    pub cost: f64,
}

/// How far a number is moved beyond the least that suffices, relative to it:
/// plans exist then that keep the rule without touching it.
pub(crate) const BEYOND: f64 = 1e-7;

/// Rounds of bisection.
const HALVINGS: usize = 60;

/// The smallest change of one rule that makes the problem feasible with all
/// its other rules as they are; `None` if none does, if it is not found, or if
/// the rule is firm.
///
/// The figure a rule limits is itself minimised or maximised without the rule,
/// so the number is proven, not searched for; only a floor on marginal return
/// is bisected. Verified by the plan that attains it.
///
/// # Errors
/// As [`crate::solve()`].
pub fn repair(
    problem: &Problem,
    rules: &[Rule],
    rule: usize,
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    match rules.get(rule) {
        Some(written) if !written.firm => least_change(problem, rules, &[], rule, options),
        _ => Ok(None),
    }
}

/// The smallest change of one rule, firm or not, that makes the problem
/// feasible with other rules changed as listed.
///
/// # Errors
/// As [`crate::solve()`].
pub fn least_change(
    problem: &Problem,
    rules: &[Rule],
    others: &[Change],
    rule: usize,
    options: &Options,
) -> Result<Option<Repair>, ProblemError> {
    let Some(written) = rules.get(rule).filter(|_| !(options.stop)()) else { return Ok(None) };
    let others: Vec<(usize, Option<f64>)> = others.iter().map(|c| (c.rule, c.to)).collect();
    let changes = [others.as_slice(), &[(rule, None)]].concat();
    let dropped = problem.changed(rules, &changes);
    let Some(from) = written.number else {
        return Ok(match feasibility(&dropped, options)? {
            Feasibility::Feasible(spends) => {
                let changes = vec![Change { rule, to: None }];
                Some(Repair { changes, spends, cost: written.cost(None) })
            }
            Feasibility::Infeasible(_) | Feasibility::Undetermined(_) => None,
        });
    };
    let options = sharp(problem, options);
    Repairing { problem, rules, rule, others, from, dropped, options }.least(written)
}

/// What a figure is proven to: some of a problem's own precision is not worth
/// its price, and no cut makes a concave problem easier.
pub fn sharp<'a>(problem: &Problem, options: &Options<'a>) -> Options<'a> {
    let nodes = if problem.is_concave() { options.nodes.min(FEW) } else { options.nodes };
    Options { gap: Some(options.gap.unwrap_or(0.0).max(SHARP)), nodes, ..*options }
}

/// Gap to which the least change is proven.
const SHARP: f64 = 5e-7;
/// A least change that no search has proven is compared with one this much smaller.
const VISIBLE: f64 = 1e-6;
/// Nodes of a search in a concave problem, for each trial of a ratio.
const FEW: usize = 1;

struct Repairing<'a> {
    problem: &'a Problem,
    rules: &'a [Rule],
    rule: usize,
    others: Vec<(usize, Option<f64>)>,
    from: f64,
    /// The problem without the rule.
    dropped: Problem,
    options: Options<'a>,
}

impl Repairing<'_> {
    fn least(&self, written: &Rule) -> Result<Option<Repair>, ProblemError> {
        match written.parts.as_slice() {
            [Part::Max(r)] => match self.limit(*r) {
                Some(limit) => self.by_goal(limit.lowest()),
                None => Ok(None),
            },
            [Part::Min(r)] => match self.limit(*r) {
                Some(limit) => self.by_goal(limit.highest()),
                None => Ok(None),
            },
            // Exactly this much: the nearest figure on either side.
            [Part::Min(r), Part::Max(s)] if r == s => match self.limit(*r) {
                Some(limit) => self.nearest(&limit),
                None => Ok(None),
            },
            [Part::Fact { line, fact }] => match self.fact(*line, *fact) {
                Some(Fact::Min(_)) => self.by_goal(Some(Goal::Maximize(self.spend_of(*line, 1.0)))),
                Some(Fact::Max(_)) => self.by_goal(Some(Goal::Maximize(self.spend_of(*line, -1.0)))),
                _ => self.bisect(),
            },
            _ => self.bisect(),
        }
    }

    fn limit(&self, r: usize) -> Option<Limit> {
        self.problem.limits.get(r).cloned()
    }

    fn fact(&self, line: usize, fact: usize) -> Option<Fact> {
        self.problem.lines.get(line)?.facts.get(fact).copied()
    }

    fn spend_of(&self, line: usize, sign: f64) -> Terms {
        let column: Vec<f64> =
            (0..self.problem.lines.len()).map(|i| if i == line { sign } else { 0.0 }).collect();
        Terms::default().with_spend(column)
    }

    /// The figure the rule limits, at its best without the rule.
    fn by_goal(&self, goal: Option<Goal>) -> Result<Option<Repair>, ProblemError> {
        let Some(goal) = goal else { return self.bisect() };
        let extreme = Problem { goal, ..self.dropped.clone() };
        let solution = solve_open(&extreme, &self.options)?;
        if solution.status == Status::Infeasible {
            return Ok(None);
        }
        let Some(figure) = self.attained(&solution) else { return self.bisect() };
        match self.verified(figure, &solution)? {
            Some(repair) if solution.status == Status::Optimal || !self.too_far(figure)? => Ok(Some(repair)),
            _ => self.bisect(),
        }
    }

    /// True if visibly less than a figure suffices too.
    fn too_far(&self, figure: f64) -> Result<bool, ProblemError> {
        let back = (self.from - figure).signum() * VISIBLE * figure.abs().max((figure - self.from).abs());
        Ok(self.with(within_sense(self.from, figure + back))?.is_some())
    }

    /// The figure of the rule at the plan found.
    fn attained(&self, solution: &Solution) -> Option<f64> {
        let plan = solution.plan.as_ref()?;
        let figure = match self.rules.get(self.rule)?.parts.first()? {
            Part::Min(r) | Part::Max(r) => self.limit(*r)?.value(&self.problem.lines, &plan.spends),
            Part::Fact { line, .. } => *plan.spends.get(*line)?,
        };
        figure.is_finite().then_some(figure)
    }

    /// The least figure above the number, or the greatest below it.
    fn nearest(&self, limit: &Limit) -> Result<Option<Repair>, ProblemError> {
        let sides = [
            (limit.lowest(), Limit { min: Some(self.from), max: None, ..limit.clone() }),
            (limit.highest(), Limit { min: None, max: Some(self.from), ..limit.clone() }),
        ];
        let mut best: Option<Repair> = None;
        for (goal, side) in sides {
            let Some(goal) = goal else { continue };
            let mut extreme = Problem { goal, ..self.dropped.clone() };
            extreme.limits.push(side);
            let solution = solve_open(&extreme, &self.options)?;
            let proven = |_: &f64| solution.certificate.gap <= VISIBLE;
            let Some(figure) = self.attained(&solution).filter(proven) else { continue };
            let Some(repair) = self.verified(figure, &solution)? else { continue };
            if best.as_ref().is_none_or(|b| repair.cost < b.cost) {
                best = Some(repair);
            }
        }
        Ok(best)
    }

    /// The repair with a figure a little beyond the least, if the plan that
    /// attains it, or another, shows that it suffices.
    fn verified(&self, figure: f64, solution: &Solution) -> Result<Option<Repair>, ProblemError> {
        let step = (figure - self.from).signum() * BEYOND * figure.abs().max((figure - self.from).abs());
        for beyond in [1.0, 3.0] {
            let to = within_sense(self.from, figure + beyond * step);
            let known = solution.plan.iter().map(|plan| &plan.spends);
            if let Some(spends) = known.into_iter().find(|x| judge(&self.changed(to), x).violation <= KEPT) {
                return Ok(Some(self.writing(to, spends.clone())));
            }
            if let Some(repair) = self.with(to)? {
                return Ok(Some(repair));
            }
        }
        Ok(None)
    }

    /// The repair that writes `to`, if a plan keeps all rules then.
    fn with(&self, to: f64) -> Result<Option<Repair>, ProblemError> {
        Ok(match feasibility(&self.changed(to), &self.options)? {
            Feasibility::Feasible(spends) => Some(self.writing(to, spends)),
            Feasibility::Infeasible(_) | Feasibility::Undetermined(_) => None,
        })
    }

    /// The problem with `to` as the rule's number.
    fn changed(&self, to: f64) -> Problem {
        self.problem.changed(self.rules, &[&self.others[..], &[(self.rule, Some(to))]].concat())
    }

    /// The repair that writes `to`, with a plan that keeps all rules then.
    fn writing(&self, to: f64, spends: Vec<f64>) -> Repair {
        let cost = self.rules.get(self.rule).map_or(0.0, |r| r.cost(Some(to)));
        Repair { changes: vec![Change { rule: self.rule, to: Some(to) }], spends, cost }
    }

    /// The least change by trial: away from the number until a plan exists,
    /// then halving the way back.
    fn bisect(&self) -> Result<Option<Repair>, ProblemError> {
        let Some(rule) = self.rules.get(self.rule) else { return Ok(None) };
        let Feasibility::Feasible(_) = feasibility(&self.dropped, &self.options)? else { return Ok(None) };
        let up = rule.parts.iter().all(|p| match *p {
            Part::Max(_) => true,
            Part::Min(_) => false,
            Part::Fact { line, fact } => matches!(self.fact(line, fact), Some(Fact::Max(_))),
        });
        let sign = if up { 1.0 } else { -1.0 };
        let mut hopeless = 0.0;
        let mut step = rule.unit();
        let mut found = None;
        for _ in 0..HALVINGS {
            if (self.options.stop)() {
                return Ok(None);
            }
            if let Some(repair) = self.with(self.from + sign * step)? {
                found = Some((step, repair));
                break;
            }
            hopeless = step;
            step *= 4.0;
        }
        let Some((mut enough, mut repair)) = found else { return Ok(None) };
        for _ in 0..HALVINGS {
            if enough - hopeless <= BEYOND * enough || (self.options.stop)() {
                break;
            }
            let middle = 0.5 * (hopeless + enough);
            match self.with(self.from + sign * middle)? {
                Some(better) => (enough, repair) = (middle, better),
                None => hopeless = middle,
            }
        }
        Ok(Some(repair))
    }
}

/// Floors that were above 0 do not fall below it by being rounded.
fn within_sense(from: f64, to: f64) -> f64 {
    if from >= 0.0 && to < 0.0 && to > -1e-9 * from.max(1.0) { 0.0 } else { to }
}

impl Limit {
    /// The goal of making the limited figure as small as possible; `None` where
    /// its denominator is never positive.
    pub fn lowest(&self) -> Option<Goal> {
        let negative = |t: &Terms| Terms::default().plus(-1.0, t);
        Some(match &self.denominator {
            None => Goal::Maximize(negative(&self.numerator)),
            Some(d) if is_constant(d) => {
                (d.constant > 0.0).then(|| Goal::Maximize(negative(&self.numerator)))?
            }
            Some(d) => Goal::MinimizeRatio { numerator: self.numerator.clone(), denominator: d.clone() },
        })
    }

    /// The goal of making the limited figure as large as possible; as
    /// [`Limit::lowest`].
    pub fn highest(&self) -> Option<Goal> {
        Limit { numerator: Terms::default().plus(-1.0, &self.numerator), ..self.clone() }.lowest()
    }
}

fn is_constant(terms: &Terms) -> bool {
    terms.spend.is_none() && terms.response.is_none() && terms.active.is_none() && terms.moved.is_none()
}
