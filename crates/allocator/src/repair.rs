//! What it takes to reconcile rules that contradict each other.

use crate::certificate::judge;
use crate::rules::{Part, Rule};
use crate::tolerance::{BEYOND, KEPT, VISIBLE};
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
    /// True if it is proven that visibly less does not suffice.
    pub proven: bool,
}

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
                Some(Repair { changes, spends, cost: written.cost(None), proven: true })
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
    let nodes = options.nodes.min(if problem.is_concave() { FEW } else { SOME });
    Options { gap: Some(options.gap.unwrap_or(0.0).max(SHARP)), nodes, ..*options }
}

/// Gap to which the least change is proven.
const SHARP: f64 = 5e-7;
/// Nodes of a search in a concave problem, for each trial of a ratio.
const FEW: usize = 1;
/// Nodes of any other search for a least change.
const SOME: usize = 1_000;
/// Nodes of a trial of one number.
const TRIAL: usize = 100;
/// Trials that decide nothing, after which no more are made.
const UNDECIDED: usize = 6;
/// The same where a search for the figure itself has found it and proven nothing.
const HARD: usize = 1;

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
                Some(limit) => self.by_goal(self.dropped.lowest(&limit)),
                None => Ok(None),
            },
            [Part::Min(r)] => match self.limit(*r) {
                Some(limit) => self.by_goal(self.dropped.highest(&limit)),
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
                _ => self.bisect(None),
            },
            _ => self.bisect(None),
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
        let Some(goal) = goal else { return self.bisect(None) };
        let extreme = Problem { goal, ..self.dropped.clone() };
        let solution = solve_open(&extreme, &self.options)?;
        if solution.status == Status::Infeasible {
            return Ok(None);
        }
        let Some(figure) = self.attained(&solution) else { return self.bisect(None) };
        let Some(repair) = self.verified(figure, &solution)? else { return self.bisect(None) };
        if solution.status == Status::Optimal {
            return Ok(Some(Repair { proven: true, ..repair }));
        }
        self.bisect(Some(repair))
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
            (self.dropped.lowest(limit), Limit { min: Some(self.from), max: None, ..limit.clone() }),
            (self.dropped.highest(limit), Limit { min: None, max: Some(self.from), ..limit.clone() }),
        ];
        let mut best: Option<Repair> = None;
        let mut proven = true;
        for (goal, side) in sides {
            let Some(goal) = goal else { continue };
            let mut extreme = Problem { goal, ..self.dropped.clone() };
            extreme.limits.push(side);
            let solution = solve_open(&extreme, &self.options)?;
            proven &= matches!(solution.status, Status::Optimal | Status::Infeasible);
            let Some(figure) = self.attained(&solution) else { continue };
            let Some(repair) = self.verified(figure, &solution)? else {
                proven = false;
                continue;
            };
            if best.as_ref().is_none_or(|b| repair.cost < b.cost) {
                best = Some(repair);
            }
        }
        Ok(best.map(|repair| Repair { proven, ..repair }))
    }

    /// The repair with a figure a little beyond the least, if the plan that
    /// attains it, or another, shows that it suffices.
    fn verified(&self, figure: f64, solution: &Solution) -> Result<Option<Repair>, ProblemError> {
        let reach = BEYOND * figure.abs().max((figure - self.from).abs());
        let step = (figure - self.from).signum() * reach;
        let beyond = [round(figure, reach), Some(figure + step), Some(figure + 3.0 * step)];
        for to in beyond.into_iter().flatten().filter_map(|to| self.writable(to)) {
            let changed = self.changed(to);
            let known = solution.plan.iter().map(|plan| &plan.spends);
            if let Some(spends) = known.into_iter().find(|x| judge(&changed, x).violation <= KEPT) {
                return Ok(Some(self.writing(to, spends.clone())));
            }
            if let Trial::Enough(repair) = self.with(to)? {
                return Ok(Some(repair));
            }
        }
        Ok(None)
    }

    /// A number in the range of those that can be written: the nearest, if that
    /// is no more than round-off away.
    fn writable(&self, to: f64) -> Option<f64> {
        let (least, most) = self.rules.get(self.rule)?.range;
        let near = to.clamp(least, most);
        let size = self.from.abs().max(to.abs());
        ((to - near).abs() <= 10.0 * BEYOND * size).then_some(near)
    }

    /// What comes of writing `to`.
    fn with(&self, to: f64) -> Result<Trial, ProblemError> {
        let options = Options { nodes: self.options.nodes.min(TRIAL), ..self.options };
        Ok(match feasibility(&self.changed(to), &options)? {
            Feasibility::Feasible(spends) => Trial::Enough(self.writing(to, spends)),
            Feasibility::Infeasible(_) => Trial::Refuted,
            Feasibility::Undetermined(_) => Trial::Undecided,
        })
    }

    /// The problem with `to` as the rule's number.
    fn changed(&self, to: f64) -> Problem {
        self.problem.changed(self.rules, &[&self.others[..], &[(self.rule, Some(to))]].concat())
    }

    /// The repair that writes `to`, with a plan that keeps all rules then.
    fn writing(&self, to: f64, spends: Vec<f64>) -> Repair {
        let cost = self.rules.get(self.rule).map_or(0.0, |r| r.cost(Some(to)));
        Repair { changes: vec![Change { rule: self.rule, to: Some(to) }], spends, cost, proven: false }
    }

    /// The least change by trial: away from the number until a plan exists, or
    /// from a repair `known` already, then halving the way back. Proven if the
    /// trial just short of it is refuted.
    fn bisect(&self, known: Option<Repair>) -> Result<Option<Repair>, ProblemError> {
        let Some(rule) = self.rules.get(self.rule) else { return Ok(None) };
        let up = rule.parts.iter().all(|p| match *p {
            Part::Max(_) => true,
            Part::Min(_) => false,
            Part::Fact { line, fact } => matches!(self.fact(line, fact), Some(Fact::Max(_))),
        });
        let sign = if up { 1.0 } else { -1.0 };
        let end = if up { rule.range.1 } else { rule.range.0 };
        let farthest = sign * (end - self.from);
        let (mut short, mut refuted, mut undecided) = (0.0, 0.0, 0);
        let most = if known.is_some() { HARD } else { UNDECIDED };
        let mut found = known.and_then(|repair| {
            let to = repair.changes.first().and_then(|c| c.to)?;
            ((to - self.from) * sign > 0.0).then_some((sign * (to - self.from), repair))
        });
        let mut step = rule.unit().min(farthest);
        for _ in 0..HALVINGS {
            if (self.options.stop)() {
                return Ok(None);
            }
            if found.is_some() || undecided > most {
                break;
            }
            match self.with(self.from + sign * step)? {
                Trial::Enough(repair) => found = Some((step, repair)),
                Trial::Refuted => (short, refuted) = (step, step),
                Trial::Undecided => {
                    short = step;
                    undecided += 1;
                }
            }
            if step >= farthest {
                break;
            }
            step = (4.0 * step).min(farthest);
        }
        let Some((mut enough, mut repair)) = found else { return Ok(None) };
        for _ in 0..HALVINGS {
            if enough - short <= BEYOND * enough || undecided > most || (self.options.stop)() {
                break;
            }
            // Just short of what suffices first: most repairs are the least already.
            let middle = if short == 0.0 { enough * (1.0 - VISIBLE) } else { 0.5 * (short + enough) };
            match self.with(self.from + sign * middle)? {
                Trial::Enough(better) => (enough, repair) = (middle, better),
                Trial::Refuted => (short, refuted) = (middle, middle),
                Trial::Undecided => {
                    short = middle;
                    undecided += 1;
                }
            }
            if short == 0.0 {
                short = f64::MIN_POSITIVE;
            }
        }
        let proven = enough - refuted <= 2.0 * VISIBLE * enough;
        Ok(Some(Repair { proven, ..repair }))
    }
}

/// What came of a trial of a number.
enum Trial {
    /// A plan keeps all rules then.
    Enough(Repair),
    /// Proven: none does.
    Refuted,
    /// Neither.
    Undecided,
}

/// The number of fewest digits within `reach` of another.
fn round(figure: f64, reach: f64) -> Option<f64> {
    if figure == 0.0 || !figure.is_finite() {
        return Some(figure);
    }
    (1..=9).find_map(|digits: i32| {
        let text = format!("{figure:.*e}", usize::try_from(digits - 1).unwrap_or(0));
        text.parse::<f64>().ok().filter(|near| (near - figure).abs() <= reach)
    })
}

impl Problem {
    /// As [`Limit::lowest`] under the limits of this problem: where an exact
    /// limit, like a budget, fixes what the figure is a share of, it is a
    /// quantity and no ratio.
    pub fn lowest(&self, limit: &Limit) -> Option<Goal> {
        let fixed = limit.denominator.as_ref().is_some_and(|d| self.fixes(d));
        if fixed { Limit { denominator: None, ..limit.clone() }.lowest() } else { limit.lowest() }
    }

    /// As [`Limit::highest`], like [`Problem::lowest`].
    pub fn highest(&self, limit: &Limit) -> Option<Goal> {
        self.lowest(&Limit { numerator: Terms::default().plus(-1.0, &limit.numerator), ..limit.clone() })
    }

    /// True if a limit leaves a quantity only one value, above 0.
    fn fixes(&self, terms: &Terms) -> bool {
        let exact = |l: &&Limit| l.denominator.is_none() && l.min == l.max && l.numerator == *terms;
        self.limits.iter().find(exact).and_then(|l| l.min).is_some_and(|n| n > 0.0)
    }
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
