//! Which rules contradict each other.

use crate::best::{Offer, best_response};
use crate::certificate::HOPELESS;
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::rules::{Part, Rule};
use crate::{Certificate, Fact, Feasibility, Line, Options, Problem, ProblemError, feasibility};

/// Rules that cannot hold together although, without any one of them, the
/// others can: an irreducible infeasible subset.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Indices of the rules, increasing.
    pub members: Vec<usize>,
    /// Members of which it is neither proven that the others can hold without
    /// them nor that they cannot.
    pub undetermined: Vec<usize>,
    /// Proves that the members cannot hold together, of the problem that has
    /// no other rules.
    pub certificate: Certificate,
}

/// An irreducible conflict among the rules of a problem; `None` if they can
/// hold together or nothing is proven. What the problem holds besides the
/// rules always stays in force.
///
/// A deletion filter (Chinneck and Dravnieks 1991) that starts from the rules
/// the proof of infeasibility prices, and shrinks to those of every new proof.
///
/// # Errors
/// As [`crate::solve()`].
pub fn conflict(
    problem: &Problem,
    rules: &[Rule],
    options: &Options,
) -> Result<Option<Conflict>, ProblemError> {
    conflict_among(problem, rules, (0..rules.len()).collect(), options)
}

/// A conflict among some of the rules, the others being dropped.
pub(crate) fn conflict_among(
    problem: &Problem,
    rules: &[Rule],
    among: Vec<usize>,
    options: &Options,
) -> Result<Option<Conflict>, ProblemError> {
    let filter = Filter { problem, rules, options };
    let start = filter.only(&among);
    let Feasibility::Infeasible(proof) = feasibility(&start, options)? else { return Ok(None) };
    let priced = filter.priced(&start, &among, &proof);
    if let Some(conflict) = filter.run(priced, true)? {
        return Ok(Some(conflict));
    }
    filter.run(among, false)
}

struct Filter<'a> {
    problem: &'a Problem,
    rules: &'a [Rule],
    options: &'a Options<'a>,
}

impl Filter<'_> {
    fn only(&self, kept: &[usize]) -> Problem {
        self.problem.keeping(self.rules, |k| kept.contains(&k))
    }

    /// Drops rules one by one as long as the rest is proven infeasible; `None`
    /// if that is not proven in the end. With `shrink`, every proof drops all
    /// the rules it has no use for.
    fn run(&self, start: Vec<usize>, shrink: bool) -> Result<Option<Conflict>, ProblemError> {
        let mut kept = start;
        let mut undetermined = Vec::new();
        let mut tried: Vec<usize> = Vec::new();
        let mut again = true;
        for _ in 0..2 * self.rules.len() + 1 {
            let Some(candidate) = self.next(&kept, &tried) else {
                // What was too hard among many rules may be easy among few.
                undetermined.retain(|k| kept.contains(k));
                if undetermined.is_empty() || !again {
                    break;
                }
                again = false;
                tried.retain(|k| !undetermined.contains(k));
                undetermined.clear();
                continue;
            };
            tried.push(candidate);
            let rest: Vec<usize> = kept.iter().copied().filter(|k| *k != candidate).collect();
            let problem = self.only(&rest);
            match feasibility(&problem, self.options)? {
                Feasibility::Infeasible(proof) if shrink => kept = self.priced(&problem, &rest, &proof),
                Feasibility::Infeasible(_) => kept = rest,
                Feasibility::Feasible(_) => {}
                Feasibility::Undetermined(_) => undetermined.push(candidate),
            }
        }
        undetermined.retain(|k| kept.contains(k));
        undetermined.sort_unstable();
        match feasibility(&self.only(&kept), self.options)? {
            Feasibility::Infeasible(certificate) => {
                Ok(Some(Conflict { members: kept, undetermined, certificate }))
            }
            Feasibility::Feasible(_) | Feasibility::Undetermined(_) => Ok(None),
        }
    }

    /// The rule to try next: facts of lines before limits, so that what stays
    /// is about limits where there is a choice, and the last of them first.
    fn next(&self, kept: &[usize], tried: &[usize]) -> Option<usize> {
        let is_fact = |k: &usize| {
            self.rules.get(*k).is_some_and(|r| r.parts.iter().any(|p| matches!(p, Part::Fact { .. })))
        };
        let open = || kept.iter().rev().copied().filter(|k| !tried.contains(k));
        open().find(is_fact).or_else(|| open().next())
    }

    /// The rules among `kept` that a proof of infeasibility uses: sides with a
    /// price, and facts that hold a priced line's best answer back.
    fn priced(&self, problem: &Problem, kept: &[usize], proof: &Certificate) -> Vec<usize> {
        let twins = Twins::find(problem);
        let mut used = vec![false; self.rules.len()];
        for leaf in &proof.leaves {
            let pricing = Pricing::new(problem, None, &leaf.prices, HOPELESS);
            let region = Region::of(problem, &leaf.cuts, &twins);
            let holds = |part: &Part| match *part {
                Part::Min(r) => leaf.prices.get(r).is_some_and(|p| p.min > 0.0),
                Part::Max(r) => leaf.prices.get(r).is_some_and(|p| p.max > 0.0),
                Part::Fact { line, fact } => {
                    let Some(written) = self.problem.lines.get(line).and_then(|l| l.facts.get(fact)) else {
                        return false;
                    };
                    let range = (region.low[line], region.high[line]);
                    problem
                        .lines
                        .get(line)
                        .is_some_and(|l| holds_back(l, *written, range, pricing.offer(line)))
                }
            };
            for &k in kept {
                used[k] |= self.rules[k].parts.iter().any(holds);
            }
        }
        kept.iter().copied().filter(|&k| used[k]).collect()
    }
}

/// True if a line's best answer to an offer may be better without the fact.
fn holds_back(line: &Line, fact: Fact, (low, high): (f64, f64), offer: Offer) -> bool {
    if line.domain().is_empty() {
        return true;
    }
    if offer == Offer::default() {
        return false;
    }
    let Some(best) = best_response(line, low, high, offer) else { return true };
    match fact {
        Fact::Min(min) => min > 0.0 && best.spend <= min * (1.0 + 1e-6),
        Fact::Max(max) => best.spend >= max * (1.0 - 1e-6),
        Fact::Deal(_) | Fact::Marginal { .. } => true,
    }
}
