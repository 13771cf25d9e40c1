//! Which rules contradict each other where some of them look at the draws.

use outlay_allocator::risk::{Risky, solve};
use outlay_allocator::{Fact, Limit, Options, Part, Problem, ProblemError, Status};

use crate::files::result::Member;
use crate::model::scenario::Scenario;
use crate::plan::conflict::Rulebook;
use crate::plan::lower::Lowered;
use crate::plan::over_draws::OverDraws;

/// Bounds of lines that are tried one by one; of more, all stay in force.
const MOST: usize = 60;

/// Parts in which one of these searches looks; what it leaves open is not refuted.
const PARTS: usize = 200;

/// A largest spend that is left out is this many times itself: without any, a
/// search over draws has no domain.
const FAR: f64 = 1000.0;

/// An irreducible conflict of a scenario without a plan over draws: the rules
/// that are left when each is dropped without which the others are still proven
/// to contradict each other (deletion filter; Chinneck and Dravnieks 1991). A
/// limit with a `probability` is dropped with what it asks of the draws.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub(crate) fn contradicted(
    scenario: &Scenario,
    lowered: &Lowered,
    over: &OverDraws,
    options: &Options,
) -> Result<Vec<Member>, ProblemError> {
    let book = Rulebook::new(scenario, lowered);
    let filter = Filter { book: &book, lowered, over, options };
    let of_lines = |k: &usize| book.rules[*k].parts.iter().all(|p| matches!(p, Part::Fact { .. }));
    let (lines, limits): (Vec<usize>, Vec<usize>) = (0..book.rules.len()).partition(of_lines);
    let mut dropped: Vec<usize> = Vec::new();
    if filter.refuted(&lines)? {
        dropped = lines;
    } else if lines.len() <= MOST {
        filter.drop(&lines, &mut dropped)?;
    }
    filter.drop(&limits, &mut dropped)?;
    let kept: Vec<usize> = (0..book.rules.len()).filter(|k| !dropped.contains(k)).collect();
    Ok(book.named(&kept))
}

struct Filter<'a> {
    book: &'a Rulebook,
    lowered: &'a Lowered,
    over: &'a OverDraws,
    options: &'a Options<'a>,
}

impl Filter<'_> {
    /// Drops some of the rules, one after the other, where the rest is refuted
    /// without them.
    fn drop(&self, among: &[usize], dropped: &mut Vec<usize>) -> Result<(), ProblemError> {
        for &k in among {
            dropped.push(k);
            if !self.refuted(dropped)? {
                dropped.pop();
            }
        }
        Ok(())
    }

    /// Whether no plan keeps the rules that are not dropped.
    fn refuted(&self, dropped: &[usize]) -> Result<bool, ProblemError> {
        let risky = &self.over.risky;
        let problem = self.without(&risky.problem, dropped);
        let limits = risky.limits.iter().zip(&self.over.names);
        let limits = limits.filter(|(_, name)| !dropped.iter().any(|&k| self.is(k, name)));
        let limits = limits.map(|(limit, _)| limit.clone()).collect();
        let risky = Risky { problem, limits, ..risky.clone() };
        // Whether there is a plan is asked, not for a good one.
        let nodes = self.options.nodes.min(PARTS);
        let options = Options { gap: Some(1.0), answers: None, nodes, ..*self.options };
        let found = self.options.whole(|| solve(&risky, &options)).transpose()?;
        Ok(found.is_some_and(|found| found.solution.status == Status::Infeasible))
    }

    fn without(&self, problem: &Problem, dropped: &[usize]) -> Problem {
        let (mut changes, mut far) = (Vec::new(), Vec::new());
        for &k in dropped {
            let rule = &self.book.rules[k];
            let mut to = None;
            for part in &rule.parts {
                match *part {
                    Part::Max(r) => far.extend(problem.limits.get(r).and_then(far_off)),
                    Part::Fact { line, fact } => {
                        let fact = problem.lines.get(line).and_then(|l| l.facts.get(fact));
                        to = rule.number.filter(|_| matches!(fact, Some(Fact::Max(_)))).map(|n| FAR * n);
                    }
                    Part::Min(_) => {}
                }
            }
            changes.push((k, to));
        }
        let mut problem = problem.changed(&self.book.rules, &changes);
        problem.limits.extend(far);
        problem
    }

    /// Whether a rule is the limit of this name.
    fn is(&self, k: usize, name: &str) -> bool {
        self.book.rules[k].parts.iter().any(|part| match *part {
            Part::Min(r) | Part::Max(r) => self.lowered.limits.get(r).is_some_and(|l| l.name == name),
            Part::Fact { .. } => false,
        })
    }
}

/// A cap on spend, far off; nothing for other limits.
fn far_off(limit: &Limit) -> Option<Limit> {
    let spends = limit.numerator.response.is_none() && limit.numerator.spend.is_some();
    let max = limit.max.filter(|_| spends && limit.denominator.is_none())?;
    Some(Limit { min: None, max: Some(FAR * max.max(1.0)), ..limit.clone() })
}
