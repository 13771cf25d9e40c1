//! Can all rules of a scenario hold, and what if not.

use indexmap::IndexMap;
use outlay_allocator::{
    Change, Conflict, Fact, Feasibility, Options, Part, ProblemError, Repair as Repairing, Rule,
    cheapest_repair, conflict, feasibility, fewest_changes, least_change, repair,
};

use crate::ask::check::{CheckFile, Reason};
use crate::ask::extremes::Reach;
use crate::files::result::{FORMAT, Member, Repair, ResultFile};
use crate::model::scenario::Scenario;
use crate::plan::lower::{Lowered, Side};
use crate::plan::outcome::certificate_of;

/// The rules of a scenario, each with the name it goes by.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// What to call each rule.
    pub members: Vec<Member>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// What contradicts what, and what reconciles it.
#[derive(Debug, Clone, Default)]
pub struct Reconciled {
    /// An irreducible conflict.
    pub conflict: Vec<Member>,
    /// Members of the conflict of which it is not proven that the others could
    /// hold without them.
    pub undetermined: Vec<Member>,
    /// Under the rest of the conflict, how far each member's figure can go.
    pub reasons: Vec<Reason>,
    /// Members whose change alone suffices.
    pub repairs: Vec<Repair>,
    /// The changes of least cost.
    pub cheapest: Vec<Repair>,
    /// The fewest changes.
    pub fewest: Vec<Repair>,
}

impl Rulebook {
    /// The rules behind a lowered scenario: the sides of its limits, what its
    /// lines state, the budget.
    pub fn new(scenario: &Scenario, lowered: &Lowered) -> Self {
        let mut book: IndexMap<Member, Rule> = IndexMap::new();
        let mut add = |member: &Member, part: Part, number: Option<f64>, weight: f64, firm: bool| {
            let rule = book.entry(member.clone()).or_insert_with(|| Rule {
                parts: Vec::new(),
                number,
                weight,
                firm,
            });
            rule.parts.push(part);
        };
        for (r, (limit, source)) in lowered.problem.limits.iter().zip(&lowered.limits).enumerate() {
            let sides = [(Side::Min, limit.min, Part::Min(r)), (Side::Max, limit.max, Part::Max(r))];
            for (side, number, part) in sides {
                if let (Some(number), Some(member)) = (number, lowered.member(r, side)) {
                    add(member, part, source.listed.then_some(number), source.weight, source.firm);
                }
            }
        }
        for (line, members) in lowered.facts.iter().enumerate() {
            let Some(facts) = lowered.problem.lines.get(line).map(|l| &l.facts) else { continue };
            for (fact, (written, member)) in facts.iter().zip(members).enumerate() {
                let part = Part::Fact { line, fact };
                match *written {
                    Fact::Min(n) | Fact::Max(n) => add(member, part, Some(n), 1.0, false),
                    Fact::Deal(_) => add(member, part, None, 1.0, false),
                    Fact::Marginal { limit, .. } => {
                        let spec = scenario.limits.get(limit).map(|l| &l.spec);
                        let weight = spec.and_then(|s| s.weight).unwrap_or(1.0);
                        add(member, part, spec.and_then(|s| s.min), weight, spec.is_some_and(|s| s.firm));
                    }
                }
            }
        }
        let (members, rules) = book.into_iter().unzip();
        Rulebook { members, rules }
    }

    fn named(&self, rules: &[usize]) -> Vec<Member> {
        rules.iter().filter_map(|&k| self.members.get(k).cloned()).collect()
    }

    fn written(&self, repair: &Repairing) -> Vec<Repair> {
        let change = |c: &Change| {
            let (member, rule) = self.members.get(c.rule).zip(self.rules.get(c.rule))?;
            Some(Repair {
                kind: member.kind,
                name: member.name.clone(),
                field: member.field,
                owner: member.owner.clone(),
                from: rule.number,
                to: c.to,
            })
        };
        repair.changes.iter().filter_map(change).collect()
    }
}

/// What is known of a conflict once it is found.
struct Found {
    book: Rulebook,
    conflict: Conflict,
    singles: Vec<Repairing>,
    cheapest: Option<Repairing>,
}

impl Found {
    fn new(scenario: &Scenario, lowered: &Lowered, options: &Options) -> Result<Option<Self>, ProblemError> {
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

    fn repairs(&self) -> Vec<Repair> {
        self.singles.iter().flat_map(|r| self.book.written(r)).collect()
    }

    fn cheapest(&self) -> Vec<Repair> {
        self.cheapest.as_ref().map(|r| self.book.written(r)).unwrap_or_default()
    }
}

/// The conflict of a scenario that has no plan, and its repairs.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn reconcile(
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<Option<Reconciled>, ProblemError> {
    let Some(found) = Found::new(scenario, lowered, options)? else { return Ok(None) };
    let book = &found.book;
    let fewest = fewest_changes(&lowered.problem, &book.rules, &found.singles, options)?;
    Ok(Some(Reconciled {
        conflict: book.named(&found.conflict.members),
        undetermined: book.named(&found.conflict.undetermined),
        reasons: reasons(lowered, book, &found.conflict, options)?,
        repairs: found.repairs(),
        cheapest: found.cheapest(),
        fewest: fewest.map(|r| book.written(&r)).unwrap_or_default(),
    }))
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

/// For each member, the figure that the other members leave at best.
fn reasons(
    lowered: &Lowered,
    book: &Rulebook,
    found: &Conflict,
    options: &Options,
) -> Result<Vec<Reason>, ProblemError> {
    let others = (0..book.rules.len()).filter(|k| !found.members.contains(k));
    let gone: Vec<Change> = others.map(|rule| Change { rule, to: None }).collect();
    let mut reasons = Vec::new();
    for &k in &found.members {
        let (Some(member), Some(rule)) = (book.members.get(k), book.rules.get(k)) else { continue };
        let Some(number) = rule.number else { continue };
        let best = least_change(&lowered.problem, &book.rules, &gone, k, options)?;
        let best = best.and_then(|r| r.changes.iter().find(|c| c.rule == k).and_then(|c| c.to));
        reasons.push(Reason { member: member.clone(), number, best });
    }
    Ok(reasons)
}

/// Adds the conflict and the repairs to the result of a scenario without a
/// plan; leaves any other result as it is.
///
/// # Errors
/// As [`reconcile`].
pub fn explain(
    result: &mut ResultFile,
    scenario: &Scenario,
    lowered: &Lowered,
    options: &Options,
) -> Result<(), ProblemError> {
    if result.status != crate::Status::Infeasible {
        return Ok(());
    }
    if let Some(found) = Found::new(scenario, lowered, options)? {
        result.conflict = found.book.named(&found.conflict.members);
        result.repairs = found.repairs();
        result.cheapest_repair = found.cheapest();
    }
    Ok(())
}

/// Answers whether all rules of a scenario can hold, and how far they let the
/// plan go.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn check(scenario: &Scenario, lowered: &Lowered, options: &Options) -> Result<CheckFile, ProblemError> {
    let problem = &lowered.problem;
    let answer = feasibility(problem, options)?;
    let proof = match &answer {
        Feasibility::Infeasible(proof) => Some(proof),
        Feasibility::Feasible(_) | Feasibility::Undetermined(_) => None,
    };
    let reach = Reach { scenario, lowered, proof, options };
    let (by_selection, selections_left_out) = reach.by_selection()?;
    let mut file = CheckFile {
        outlay: FORMAT,
        scenario: scenario.name.clone(),
        source: Some(scenario.source.clone()),
        currency: scenario.currency.clone(),
        feasible: None,
        conflict: Vec::new(),
        undetermined: Vec::new(),
        reasons: Vec::new(),
        repairs: Vec::new(),
        cheapest_repair: Vec::new(),
        fewest_changes: Vec::new(),
        extremes: reach.overall()?,
        by_selection,
        selections_left_out,
        certificate: None,
        room: Vec::new(),
    };
    match answer {
        Feasibility::Feasible(_) => {
            file.feasible = Some(true);
            file.room = reach.room()?;
        }
        Feasibility::Infeasible(proof) => {
            file.feasible = Some(false);
            file.certificate = Some(certificate_of(lowered, &proof));
            if let Some(reconciled) = reconcile(scenario, lowered, options)? {
                file.conflict = reconciled.conflict;
                file.undetermined = reconciled.undetermined;
                file.reasons = reconciled.reasons;
                file.repairs = reconciled.repairs;
                file.cheapest_repair = reconciled.cheapest;
                file.fewest_changes = reconciled.fewest;
            }
        }
        Feasibility::Undetermined(proof) => {
            file.certificate = Some(certificate_of(lowered, &proof));
            // What would certainly be enough is known even so.
            let book = Rulebook::new(scenario, lowered);
            let enough = cheapest_repair(problem, &book.rules, &[], options)?;
            file.cheapest_repair = enough.map(|r| book.written(&r)).unwrap_or_default();
        }
    }
    Ok(file)
}
