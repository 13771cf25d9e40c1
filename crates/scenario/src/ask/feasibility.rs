//! Can all rules of a scenario hold, and what if not.

use outlay_allocator::{
    Change, Feasibility, Options, ProblemError, cheapest_repair, feasibility, fewest_changes, least_change,
};

use crate::ask::check::{CheckFile, Reason};
use crate::ask::extremes::Reach;
use crate::files::result::{FORMAT, Member, Repair};
use crate::model::scenario::Scenario;
use crate::plan::conflict::{Found, Rulebook};
use crate::plan::lower::Lowered;
use crate::plan::outcome::certificate_of;
use crate::plan::proofs::{asked, asked_of};

/// Most nodes of a search of a check where there are pools of demand: each plans
/// anew at fixed levels.
const POOLED: usize = 60;

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
        reasons: reasons(lowered, book, &found.conflict.members, options)?,
        repairs: found.repairs(),
        cheapest: found.cheapest(),
        fewest: fewest.map(|r| book.written(&r)).unwrap_or_default(),
    }))
}

/// Why the members of a known conflict contradict each other: how far each
/// member's figure can go under the others.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn reasons_of(
    scenario: &Scenario,
    lowered: &Lowered,
    members: &[Member],
    options: &Options,
) -> Result<Vec<Reason>, ProblemError> {
    let book = Rulebook::new(scenario, lowered);
    let place = |m: &Member| book.members.iter().position(|known| known == m);
    let members: Vec<usize> = members.iter().filter_map(place).collect();
    reasons(lowered, &book, &members, options)
}

/// For each member, the figure that the other members leave at best.
fn reasons(
    lowered: &Lowered,
    book: &Rulebook,
    members: &[usize],
    options: &Options,
) -> Result<Vec<Reason>, ProblemError> {
    let others = (0..book.rules.len()).filter(|k| !members.contains(k));
    let gone: Vec<Change> = others.map(|rule| Change { rule, to: None }).collect();
    let mut reasons = Vec::new();
    for &k in members {
        let (Some(member), Some(rule)) = (book.members.get(k), book.rules.get(k)) else { continue };
        let Some(number) = rule.number else { continue };
        let best = least_change(&lowered.problem, &book.rules, &gone, k, options)?;
        let best = best.and_then(|r| r.changes.iter().find(|c| c.rule == k).and_then(|c| c.to));
        reasons.push(Reason { member: member.clone(), number, best });
    }
    Ok(reasons)
}

/// Answers whether all rules of a scenario can hold, and how far they let the
/// plan go.
///
/// # Errors
/// When the problem makes no sense whatever its numbers.
pub fn check(scenario: &Scenario, lowered: &Lowered, options: &Options) -> Result<CheckFile, ProblemError> {
    let problem = &lowered.problem;
    if lowered.over_draws.as_ref().is_some_and(|o| !o.names.is_empty()) {
        return Err(ProblemError::Draws(
            "a limit with a `probability` is not checked apart from a plan: `outlay run` proves whether it can hold",
        ));
    }
    let source = Some(asked_of(scenario.source.clone(), asked(options, None)));
    let nodes = if scenario.meeting.pools.is_empty() { options.nodes } else { options.nodes.min(POOLED) };
    let options = &Options { nodes, ..*options };
    let answer = feasibility(problem, options)?;
    let proof = match &answer {
        Feasibility::Infeasible(proof) => Some(proof),
        Feasibility::Feasible(_) | Feasibility::Undetermined(_) => None,
    };
    let start = match &answer {
        Feasibility::Feasible(spends) => Some(&spends[..]),
        Feasibility::Infeasible(_) | Feasibility::Undetermined(_) => None,
    };
    // Why they contradict each other is asked first: time may run out.
    let reconciled = proof.map(|_| reconcile(scenario, lowered, options)).transpose()?.flatten();
    let reach = Reach { scenario, lowered, proof, options: &Options { start, ..*options } };
    let (by_selection, selections_left_out) = reach.by_selection()?;
    let mut file = CheckFile {
        outlay: FORMAT,
        scenario: scenario.name.clone(),
        source,
        currency: scenario.currency.clone(),
        warnings: scenario.warnings.clone(),
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
        proofs: Vec::new(),
    };
    match answer {
        Feasibility::Feasible(_) => {
            file.feasible = Some(true);
            file.room = reach.room()?;
        }
        Feasibility::Infeasible(proof) => {
            file.feasible = Some(false);
            file.certificate = Some(certificate_of(lowered, &proof));
            if let Some(reconciled) = reconciled {
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
