//! Why the members of a conflict contradict each other, in numbers.

use outlay_scenario::check::Reason;
use outlay_scenario::spec::Metric;
use outlay_scenario::{Member as MemberFile, MemberKind, Scenario};

use super::conflict::worded;
use super::{capital, exact, listed, premise, toward};
use crate::clash::Clash;
use crate::metric::Key;
use crate::view::{Member, member_of};

/// Most others that are named in a sentence about one of them.
const NAMED: usize = 8;

/// For each member of a conflict, how far the others let its figure go. What is
/// about cost per customer comes first.
pub fn clashes(
    currency: &str,
    conflict: &[MemberFile],
    reasons: &[Reason],
    scenario: &Scenario,
) -> Vec<Clash> {
    let mut known: Vec<&Reason> = reasons.iter().filter(|r| r.best.is_some()).collect();
    let rank = |r: &Reason| {
        let view = member_of(&r.member, Some(scenario));
        match (r.member.kind, &view.metric) {
            (MemberKind::Limit, Key::Limited(Metric::Cac)) => 0,
            (MemberKind::Limit, Key::Limited(Metric::Iroas | Metric::Mer | Metric::LtvToCac)) => 1,
            (
                MemberKind::Limit,
                Key::Limited(Metric::Revenue | Metric::Customers | Metric::Profit | Metric::LifetimeValue),
            ) => 2,
            (MemberKind::Budget, _) => 3,
            (MemberKind::Limit, _) => 4,
            _ => 5,
        }
    };
    known.sort_by_key(|r| rank(r));
    known.iter().filter_map(|r| clash(currency, conflict, r, scenario)).collect()
}

fn clash(currency: &str, conflict: &[MemberFile], reason: &Reason, scenario: &Scenario) -> Option<Clash> {
    let view = member_of(&reason.member, Some(scenario));
    let others = conflict.iter().filter(|m| **m != reason.member);
    let premises: Vec<String> = others.map(|m| premise(currency, &member_of(m, Some(scenario)))).collect();
    let possible = reason.best?;
    let up = possible > reason.number;
    // Rounded so that the claim stays true.
    let figure = exact(view.figure, toward(view.figure, possible, !up));
    let side = if up { "at least" } else { "at most" };
    let subject = subject(&view, scenario, &reason.member);
    let asked = exact(view.figure, reason.number);
    let demand = worded(reason.member.field, ["asks for at least", "allows at most", "is exactly"]);
    let who = match reason.member.kind {
        MemberKind::Budget => "the budget".to_owned(),
        MemberKind::Limit | MemberKind::Line | MemberKind::Deal | MemberKind::Rounding => {
            format!("\"{}\"", view.name)
        }
    };
    let claim = format!("{subject} is {side} {figure}; {who} {demand} {asked}.");
    let sentence = match premises.as_slice() {
        [] => capital(&claim),
        many if many.len() > NAMED => format!("With the other {}, {claim}", many.len()),
        _ => format!("With {}, {claim}", listed(&premises)),
    };
    let owner = view.owner.clone();
    Some(Clash { sentence, figure: subject, owner, kind: view.figure, asked: reason.number, possible })
}

/// The figure a member is about: `spend of awareness`.
fn subject(view: &Member, scenario: &Scenario, member: &MemberFile) -> String {
    let label = view.metric.label();
    match member.kind {
        MemberKind::Rounding => "spends in round amounts".to_owned(),
        MemberKind::Budget => "total spend".to_owned(),
        MemberKind::Line | MemberKind::Deal => format!("spend of \"{}\"", view.name),
        MemberKind::Limit => {
            let limit = scenario.limits.iter().find(|l| l.groups.iter().any(|g| g.name == view.name));
            let tags = limit.into_iter().flat_map(|l| l.spec.selection.iter().flatten());
            let mut scope: Vec<String> = tags.map(|(_, values)| values.as_slice().join(" or ")).collect();
            scope.extend(limit.and_then(|l| {
                view.name.strip_prefix(&l.name).and_then(|rest| rest.strip_prefix(": ")).map(str::to_owned)
            }));
            match (scope.is_empty(), &view.metric) {
                (true, _) => label.to_owned(),
                (false, Key::Limited(Metric::SpendShare)) => format!("the share of {}", scope.join(", ")),
                (false, _) => format!("{label} of {}", scope.join(", ")),
            }
        }
    }
}
