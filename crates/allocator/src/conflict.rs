//! Which rules contradict each other.

use crate::rules::{Part, Rule};
use crate::{
    Certificate, Coefficients, Feasibility, Leaf, Limit, Options, Prices, Problem, ProblemError, certificate,
    feasibility,
};

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
/// the proof of infeasibility needs, and shrinks to those of every new proof.
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
    if (options.stop)() {
        return Ok(None);
    }
    let filter = Filter { problem, rules, options };
    match feasibility(&filter.only(&among), options)? {
        Feasibility::Infeasible(proof) => {
            let shrunk = filter.shrink(among.clone(), proof);
            let few = shrunk.rules.len() <= READABLE;
            let alone = if few { None } else { filter.family(&among)? };
            Ok(Some(filter.run(alone.unwrap_or(shrunk))?))
        }
        Feasibility::Feasible(_) | Feasibility::Undetermined(_) => Ok(None),
    }
}

/// Nodes of the search without one of the rules.
const SOME: usize = 500;
/// Members up to which a conflict is taken as its proof comes.
const READABLE: usize = 12;
/// Most families of limits that are asked for a conflict of their own.
const FAMILIES: usize = 24;

struct Filter<'a> {
    problem: &'a Problem,
    rules: &'a [Rule],
    options: &'a Options<'a>,
}

/// Rules, and a proof that they cannot hold together.
struct Refuted {
    rules: Vec<usize>,
    proof: Certificate,
}

impl Filter<'_> {
    fn only(&self, kept: &[usize]) -> Problem {
        self.problem.keeping(self.rules, |k| kept.contains(&k))
    }

    /// A conflict with one family of limits only, if there are several and one
    /// is enough: where each of many tags is capped, the prices of a proof mix
    /// the tags, and no one can read what they name.
    fn family(&self, among: &[usize]) -> Result<Option<Refuted>, ProblemError> {
        let families = families(self.problem, self.rules, among);
        if families.len() < 2 {
            return Ok(None);
        }
        for family in families.iter().take(FAMILIES) {
            if (self.options.stop)() {
                break;
            }
            let other = |k: &usize| families.iter().any(|f| f.contains(k)) && !family.contains(k);
            let rest: Vec<usize> = among.iter().copied().filter(|k| !other(k)).collect();
            let options = Options { nodes: self.options.nodes.min(SOME), ..*self.options };
            if let Feasibility::Infeasible(proof) = feasibility(&self.only(&rest), &options)? {
                return Ok(Some(self.shrink(rest, proof)));
            }
        }
        Ok(None)
    }

    /// Drops rules one by one as long as the rest is proven infeasible; every
    /// proof drops all the rules it has no use for.
    fn run(&self, mut refuted: Refuted) -> Result<Conflict, ProblemError> {
        let mut undetermined = Vec::new();
        let mut tried: Vec<usize> = Vec::new();
        let mut again = true;
        for _ in 0..2 * self.rules.len() + 1 {
            let Some(candidate) = self.next(&refuted.rules, &tried) else {
                // What was too hard among many rules may be easy among few.
                undetermined.retain(|k| refuted.rules.contains(k));
                if undetermined.is_empty() || !again {
                    break;
                }
                again = false;
                tried.retain(|k| !undetermined.contains(k));
                undetermined.clear();
                continue;
            };
            if (self.options.stop)() {
                // What is not tried in time is not known.
                undetermined = refuted
                    .rules
                    .iter()
                    .copied()
                    .filter(|k| !tried.contains(k) || undetermined.contains(k))
                    .collect();
                break;
            }
            tried.push(candidate);
            let rest: Vec<usize> = refuted.rules.iter().copied().filter(|k| *k != candidate).collect();
            let options = Options { nodes: self.options.nodes.min(SOME), ..*self.options };
            match feasibility(&self.only(&rest), &options)? {
                Feasibility::Infeasible(proof) => refuted = self.shrink(rest, proof),
                Feasibility::Feasible(_) => {}
                Feasibility::Undetermined(_) => undetermined.push(candidate),
            }
        }
        undetermined.retain(|k| refuted.rules.contains(k));
        undetermined.sort_unstable();
        Ok(Conflict { members: refuted.rules, undetermined, certificate: refuted.proof })
    }

    /// The rule to try next: facts of lines before limits, so that what stays
    /// is about limits where there is a choice, and the last of them first.
    fn next(&self, kept: &[usize], tried: &[usize]) -> Option<usize> {
        let open = || kept.iter().rev().copied().filter(|k| !tried.contains(k));
        open().find(|k| self.is_fact(*k)).or_else(|| open().next())
    }

    /// A smaller set of rules that a proof holds for as it stands: halves,
    /// quarters and so on are left out as long as the same prices still prove
    /// (after Zeller's delta debugging), facts of lines first. No search is made.
    fn shrink(&self, mut rules: Vec<usize>, mut proof: Certificate) -> Refuted {
        let (facts, limits): (Vec<usize>, Vec<usize>) = rules.iter().partition(|k| self.is_fact(**k));
        for part in [facts, limits] {
            let mut size = part.len();
            while size > 0 {
                for chunk in part.rchunks(size) {
                    let fewer: Vec<usize> = rules.iter().copied().filter(|k| !chunk.contains(k)).collect();
                    if fewer.len() == rules.len() {
                        continue;
                    }
                    if let Some(leaves) = proof.leaves_for(&self.only(&fewer)) {
                        rules = fewer;
                        proof.leaves = leaves;
                        proof.bounds.clear();
                    }
                }
                size /= 2;
            }
        }
        Refuted { rules, proof }
    }

    fn is_fact(&self, k: usize) -> bool {
        self.rules.get(k).is_some_and(|r| r.parts.iter().any(|p| matches!(p, Part::Fact { .. })))
    }
}

/// Limits that follow each other with the same number on the same side, of the
/// same whole, over lines of which they have none in common: a limit by tag.
fn families(problem: &Problem, rules: &[Rule], among: &[usize]) -> Vec<Vec<usize>> {
    let mut families: Vec<Vec<usize>> = Vec::new();
    let mut taken: Vec<bool> = Vec::new();
    let mut last: Option<(usize, usize, bool)> = None;
    for &k in among {
        let place = match rules[k].parts[..] {
            [Part::Min(r)] => Some((r, false)),
            [Part::Max(r)] => Some((r, true)),
            _ => None,
        };
        let Some((r, most)) = place else {
            last = None;
            continue;
        };
        let limit = &problem.limits[r];
        let of: Vec<usize> =
            (0..problem.lines.len()).filter(|&i| limit.numerator.of(i) != Coefficients::default()).collect();
        let alike = last.is_some_and(|(before, row, side)| {
            let number = rules[before].number == rules[k].number;
            let whole = problem.limits[row].denominator == limit.denominator;
            side == most && number && whole && !of.iter().any(|&i| taken[i])
        });
        match families.last_mut().filter(|_| alike) {
            Some(family) => family.push(k),
            None => {
                families.push(vec![k]);
                taken = vec![false; problem.lines.len()];
            }
        }
        of.into_iter().for_each(|i| taken[i] = true);
        last = Some((k, r, most));
    }
    families.retain(|family| family.len() > 1);
    families
}

impl Certificate {
    /// True if a proof of infeasibility holds, as it stands, for a problem that
    /// has some of its sides of limits only.
    pub fn refutes(&self, problem: &Problem) -> bool {
        self.leaves_for(problem).is_some()
    }

    /// The leaves without the prices of sides that the problem lacks, if they
    /// still show that its rules cannot hold together.
    fn leaves_for(&self, problem: &Problem) -> Option<Vec<Leaf>> {
        let priced = |(p, limit): (&Prices, &Limit)| Prices {
            min: if limit.min.is_some() { p.min } else { 0.0 },
            max: if limit.max.is_some() { p.max } else { 0.0 },
        };
        let restricted = |leaf: &Leaf| Leaf {
            prices: leaf.prices.iter().zip(&problem.limits).map(priced).collect(),
            ..leaf.clone()
        };
        let leaves: Vec<Leaf> = self.leaves.iter().map(restricted).collect();
        (certificate::bound(problem, &leaves, None) == Ok(f64::NEG_INFINITY)).then_some(leaves)
    }
}
