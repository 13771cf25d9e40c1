//! What it takes to reconcile rules that contradict each other.

use crate::certificate::judge;
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
    let Some(written) = rules.get(rule) else { return Ok(None) };
    let others: Vec<(usize, Option<f64>)> = others.iter().map(|c| (c.rule, c.to)).collect();
    let changes = [others.as_slice(), &[(rule, None)]].concat();
    let dropped = problem.changed(rules, &changes);
    let Feasibility::Feasible(spends) = feasibility(&dropped, options)? else { return Ok(None) };
    let whole = Repair { changes: vec![Change { rule, to: None }], spends, cost: written.cost(None) };
    let Some(from) = written.number else { return Ok(Some(whole)) };
    let repairing = Repairing { problem, rules, rule, others, from, dropped, options };
    repairing.least(written)
}

struct Repairing<'a> {
    problem: &'a Problem,
    rules: &'a [Rule],
    rule: usize,
    others: Vec<(usize, Option<f64>)>,
    from: f64,
    /// The problem without the rule.
    dropped: Problem,
    options: &'a Options<'a>,
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
        let solution = solve_open(&extreme, self.options)?;
        match self.attained(&solution) {
            Some(figure) => match self.verified(figure)? {
                Some(repair) => Ok(Some(repair)),
                None => self.bisect(),
            },
            None => self.bisect(),
        }
    }

    /// The figure of the rule at an optimal plan.
    fn attained(&self, solution: &Solution) -> Option<f64> {
        let plan = solution.plan.as_ref().filter(|_| solution.status == Status::Optimal)?;
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
            let solution = solve_open(&extreme, self.options)?;
            let Some(figure) = self.attained(&solution) else { continue };
            let Some(repair) = self.verified(figure)? else { continue };
            if best.as_ref().is_none_or(|b| repair.cost < b.cost) {
                best = Some(repair);
            }
        }
        Ok(best)
    }

    /// The repair with a figure a little beyond the least, if solving shows
    /// that it suffices.
    fn verified(&self, figure: f64) -> Result<Option<Repair>, ProblemError> {
        let step = (figure - self.from).signum() * BEYOND * figure.abs().max((figure - self.from).abs());
        for beyond in [1.0, 3.0] {
            let to = within_sense(self.from, figure + beyond * step);
            if let Some(repair) = self.with(to)? {
                return Ok(Some(repair));
            }
        }
        Ok(None)
    }

    /// The repair that writes `to`, if a plan keeps all rules then.
    fn with(&self, to: f64) -> Result<Option<Repair>, ProblemError> {
        let changed =
            self.problem.changed(self.rules, &[&self.others[..], &[(self.rule, Some(to))]].concat());
        let Feasibility::Feasible(spends) = feasibility(&changed, self.options)? else { return Ok(None) };
        debug_assert!(judge(&changed, &spends).violation <= 1e-9);
        let cost = self.rules.get(self.rule).map_or(0.0, |r| r.cost(Some(to)));
        Ok(Some(Repair { changes: vec![Change { rule: self.rule, to: Some(to) }], spends, cost }))
    }

    /// The least change by trial: away from the number until a plan exists,
    /// then halving the way back.
    fn bisect(&self) -> Result<Option<Repair>, ProblemError> {
        let Some(rule) = self.rules.get(self.rule) else { return Ok(None) };
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
            if let Some(repair) = self.with(self.from + sign * step)? {
                found = Some((step, repair));
                break;
            }
            hopeless = step;
            step *= 4.0;
        }
        let Some((mut enough, mut repair)) = found else { return Ok(None) };
        for _ in 0..HALVINGS {
            if enough - hopeless <= BEYOND * enough {
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
