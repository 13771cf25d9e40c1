//! The rules behind a scenario by name, and which of them contradict each other.

use indexmap::IndexMap;
use outlay_allocator::{
    Change, Conflict, Fact, Options, Part, ProblemError, Repair as Repairing, Rule, cheapest_repair,
    conflict, repair,
};

use crate::files::result::{Member, Repair, ResultFile};
use crate::model::scenario::Scenario;
use crate::plan::lower::{Lowered, Side};

/// The rules of a scenario, each with the name it goes by.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// What to call each rule.
    pub members: Vec<Member>,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl Rulebook {
    /// The rules behind a lowered scenario: the sides of its limits, what its
    /// lines state, the budget.
    pub fn new(scenario: &Scenario, lowered: &Lowered) -> Self {
        let mut book: IndexMap<Member, Rule> = IndexMap::new();
        type Decided = (Option<f64>, f64, bool);
        let mut add = |member: &Member, part: Part, (number, weight, firm): Decided, range: (f64, f64)| {
            let new = || Rule { parts: Vec::new(), number, weight, firm, range };
            book.entry(member.clone()).or_insert_with(new).parts.push(part);
        };
        for (r, (limit, source)) in lowered.problem.limits.iter().zip(&lowered.limits).enumerate() {
            let sides = [(Side::Min, limit.min, Part::Min(r)), (Side::Max, limit.max, Part::Max(r))];
            for (side, number, part) in sides {
                if let (Some(number), Some(member)) = (number, lowered.member(r, side)) {
                    // A change of nothing is limited by no figure of its own.
                    let stated = source.listed && !source.is_still(limit);
                    let decided = (stated.then_some(number), source.weight, source.firm);
                    add(member, part, decided, source.metric.allowed().range());
                }
            }
        }
        for (line, members) in lowered.facts.iter().enumerate() {
            let Some(facts) = lowered.problem.lines.get(line).map(|l| &l.facts) else { continue };
            for (fact, (written, member)) in facts.iter().zip(members).enumerate() {
                let part = Part::Fact { line, fact };
                match *written {
                    Fact::Min(n) | Fact::Max(n) => {
                        add(member, part, (Some(n), 1.0, false), (0.0, f64::INFINITY))
                    }
                    Fact::Deal(_) => add(member, part, (None, 1.0, false), (0.0, f64::INFINITY)),
                    // What is spent is spent: no rule, and nothing to repair.
                    Fact::Past { .. } => {}
                    Fact::Marginal { limit, .. } => {
                        let spec = scenario.limits.get(limit).map(|l| &l.spec);
                        let weight = spec.and_then(|s| s.weight).unwrap_or(1.0);
                        let firm = spec.is_some_and(|s| s.firm);
                        add(member, part, (spec.and_then(|s| s.min), weight, firm), (0.0, f64::INFINITY));
                    }
                }
            }
        }
        let (members, rules) = book.into_iter().unzip();
        Rulebook { members, rules }
    }

    pub(crate) fn named(&self, rules: &[usize]) -> Vec<Member> {
        rules.iter().filter_map(|&k| self.members.get(k).cloned()).collect()
    }

    pub(crate) fn written(&self, repair: &Repairing) -> Vec<Repair> {
        let change = |c: &Change| {
            let (member, rule) = self.members.get(c.rule).zip(self.rules.get(c.rule))?;
            Some(Repair {
                kind: member.kind,
                name: member.name.clone(),
                field: member.field,
                owner: member.owner.clone(),
                from: rule.number,
                to: c.to,
                unproven: !repair.proven,
            })
        };
        repair.changes.iter().filter_map(change).collect()
    }
}

/// What is known of a conflict once it is found.
pub(crate) struct Found {
    pub(crate) book: Rulebook,
    pub(crate) conflict: Conflict,
    pub(crate) singles: Vec<Repairing>,
    pub(crate) cheapest: Option<Repairing>,
}

impl Found {
    pub(crate) fn new(
        scenario: &Scenario,
        lowered: &Lowered,
        options: &Options,
    ) -> Result<Option<Self>, ProblemError> {
        let book = Rulebook::new(scenario, lowered);
        let problem = &lowered.problem;
        let Some(conflict) = conflict(problem, &book.rules, options)? else { return Ok(None) };
        let mut singles = Vec::new();
        for &k in &conflict.members {
            singles.extend(repair(problem, &book.rules, k, options)?);
        }
        let cheapest = cheapest_repair(problem, &book.rules, &singles, options)?;
        Ok(Some(Found { book, conflict, singles, cheapest }))
    }

    pub(crate) fn repairs(&self) -> Vec<Repair> {
        self.singles.iter().flat_map(|r| self.book.written(r)).collect()
    }

    pub(crate) fn cheapest(&self) -> Vec<Repair> {
        self.cheapest.as_ref().map(|r| self.book.written(r)).unwrap_or_default()
    }
}

/// An irreducible conflict of a scenario without a plan; empty if none is
/// proven.
pub(crate) fn conflict_of(
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<Vec<Member>, ProblemError> {
    let book = Rulebook::new(scenario, lowered);
    let found = conflict(&lowered.problem, &book.rules, options)?;
    Ok(found.map(|f| book.named(&f.members)).unwrap_or_default())
}

/// Adds the conflict and the repairs to the result of a scenario without a
/// plan; every search goes through the options' `answers`.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub(crate) fn reconciled(
    result: &mut ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<(), ProblemError> {
    if let Some(found) = Found::new(scenario, lowered, options)? {
        result.conflict = found.book.named(&found.conflict.members);
        result.repairs = found.repairs();
        result.cheapest_repair = found.cheapest();
    }
    Ok(())
}
