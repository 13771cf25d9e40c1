use outlay_scenario::check::{CheckFile, Extreme, ExtremeReason, Reason, Room};
use outlay_scenario::result::Totals;
use outlay_scenario::{Member as MemberFile, MemberField, MemberKind, Scenario};

use crate::metric;
use crate::number::{Kind, short};
use crate::sentence::{self, exact, plural, toward};
use crate::view::{Member, Repair, member_of, repair_of};

/// Reads a metric from the totals.
pub(super) type Total = fn(&Totals) -> Option<f64>;

/// Behind a change of which it is not proven that no smaller one suffices.
const LESS: &str = " — less may suffice";

/// Behind a member that may not be needed.
pub(super) const DOUBT: &str = " — not proven to be needed";

/// Currency, period and settings.
pub(super) fn about(file: &CheckFile, scenario: &Scenario) -> String {
    let mut about = vec![file.currency.clone().unwrap_or_default()];
    if let Some(horizon) = &scenario.horizon {
        let count = horizon.periods as usize;
        about.push(format!("{count} {}{}", horizon.unit, plural(count, "", "s")));
    }
    let set = file.source.iter().flat_map(|s| &s.set);
    about.extend(set.map(|(path, value)| format!("{path} = {value}")));
    about.retain(|part| !part.is_empty());
    about.join(" · ")
}

/// The answer in one sentence.
pub(super) fn headline(file: &CheckFile) -> String {
    match (file.feasible, file.conflict.len()) {
        (Some(true), _) => "Yes: all limits can hold together.".to_owned(),
        (Some(false), 0) => "No: the limits cannot all hold.".to_owned(),
        (Some(false), 1) => "No: one limit cannot hold on its own.".to_owned(),
        (Some(false), n) => format!("No: {n} limits cannot hold together."),
        (None, _) => {
            let nodes = file.certificate.as_ref().map_or(0, |c| c.nodes);
            let noun = plural(nodes, "node", "nodes");
            format!(
                "Undecided after {nodes} {noun}: neither a plan that keeps all limits nor a proof that none exists. Allow more with --nodes."
            )
        }
    }
}

/// What is proven.
pub(super) fn proof(file: &CheckFile) -> String {
    let parts = file.certificate.as_ref().map_or(0, |c| c.leaves.len());
    let over = if parts > 1 { format!(" over {parts} parts of the domain") } else { String::new() };
    match file.feasible {
        Some(true) => "Proven by a plan that keeps every limit.".to_owned(),
        Some(false) => format!("Proven{over}: at the certificate's prices every plan breaks a limit."),
        None => "Nothing is proven but what is said above.".to_owned(),
    }
}

/// The conflict, or the tightest room, in a few words.
pub(super) fn in_short(file: &CheckFile, scenario: &Scenario) -> String {
    let called = |m: &MemberFile| match m.kind {
        MemberKind::Budget => "budget".to_owned(),
        _ => m.name.clone(),
    };
    match file.feasible {
        Some(false) => {
            let names: Vec<String> = file.conflict.iter().map(called).collect();
            let cheapest: Vec<String> =
                file.cheapest_repair.iter().map(|r| change(&repair_of(r, Some(scenario)))).collect();
            let then = if cheapest.is_empty() { String::new() } else { format!("; {}", cheapest.join(", ")) };
            names.join(" + ") + &then
        }
        Some(true) => {
            let lowest = file.extremes.cac_min.value;
            let most = file.extremes.revenue_max.value;
            let mut parts = Vec::new();
            parts.extend(lowest.map(|v| format!("CAC from {}", short(Kind::Price, Some(v)))));
            parts.extend(most.map(|v| format!("revenue to {}", short(Kind::Money, Some(v)))));
            parts.join(", ")
        }
        None => String::new(),
    }
}

/// What a change does, and whose rule it is.
pub(super) fn change(repair: &Repair) -> String {
    let owner = &repair.member.owner;
    let whose = if owner.is_empty() { String::new() } else { format!(" ({owner})") };
    sentence::change(repair) + &whose + if repair.unproven { LESS } else { "" }
}

/// What a list of several changes is.
pub(super) fn several(file: &CheckFile, number: usize, changes: usize) -> &'static str {
    let first = number == file.repairs.len() + 1;
    match (file.feasible, changes) {
        (None, _) => "This is certainly enough",
        (_, 1) => "The least change that resolves it",
        _ if first => "These together resolve it, at the least cost found",
        _ => "The fewest changes that together resolve it",
    }
}

/// Why the members of a conflict contradict each other, in numbers: for each,
/// how far the others let its figure go. What is about cost per customer comes
/// first.
pub(super) fn why(file: &CheckFile, scenario: &Scenario) -> Vec<String> {
    let mut reasons: Vec<&Reason> = file.reasons.iter().filter(|r| r.best.is_some()).collect();
    let rank = |r: &Reason| {
        let view = member_of(&r.member, Some(scenario));
        match (r.member.kind, view.metric.as_str()) {
            (MemberKind::Limit, "cac") => 0,
            (MemberKind::Limit, "iroas" | "mer" | "ltv_to_cac") => 1,
            (MemberKind::Limit, "revenue" | "customers" | "profit" | "lifetime_value") => 2,
            (MemberKind::Budget, _) => 3,
            (MemberKind::Limit, _) => 4,
            _ => 5,
        }
    };
    reasons.sort_by_key(|r| rank(r));
    reasons.iter().map(|r| reason(file, scenario, r)).collect()
}

fn reason(file: &CheckFile, scenario: &Scenario, reason: &Reason) -> String {
    let currency = file.currency.as_deref().unwrap_or_default();
    let view = member_of(&reason.member, Some(scenario));
    let others = file.conflict.iter().filter(|m| **m != reason.member);
    let premises: Vec<String> =
        others.map(|m| sentence::premise(currency, &member_of(m, Some(scenario)))).collect();
    let best = reason.best.unwrap_or(f64::NAN);
    let up = best > reason.number;
    // Rounded so that the claim stays true.
    let figure = exact(view.figure, toward(view.figure, best, !up));
    let side = if up { "at least" } else { "at most" };
    let subject = subject(&view, scenario, &reason.member);
    let asked = exact(view.figure, reason.number);
    let demand = match reason.member.field {
        MemberField::Min => "asks for at least",
        MemberField::Max => "allows at most",
        _ => "is exactly",
    };
    let who = match reason.member.kind {
        MemberKind::Budget => "the budget".to_owned(),
        _ => format!("\"{}\"", view.name),
    };
    let claim = format!("{subject} is {side} {figure}; {who} {demand} {asked}.");
    match premises.as_slice() {
        [] => sentence::capital(&claim),
        _ => format!("With {}, {claim}", joined(&premises)),
    }
}

/// The figure a member is about: `spend of awareness`.
fn subject(view: &Member, scenario: &Scenario, member: &MemberFile) -> String {
    let label = metric::label(&view.metric);
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
            match (scope.is_empty(), view.metric.as_str()) {
                (true, _) => label.to_owned(),
                (false, "spend_share") => format!("the share of {}", scope.join(", ")),
                (false, _) => format!("{label} of {}", scope.join(", ")),
            }
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// What a limit allows.
pub(super) fn allowed(kind: Kind, min: Option<f64>, max: Option<f64>) -> String {
    let text = |n: f64| if kind == Kind::Money { short(kind, Some(n)) } else { exact(kind, n) };
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("= {}", text(min)),
        (Some(min), Some(max)) => format!("{} – {}", text(min), text(max)),
        (Some(min), None) => format!("≥ {}", text(min)),
        (None, Some(max)) => format!("≤ {}", text(max)),
        (None, None) => String::new(),
    }
}

/// How far a limit could be tightened.
pub(super) fn could_be(kind: Kind, room: &Room) -> String {
    let mut parts = Vec::new();
    if room.max.is_some() {
        parts.push(match room.tightest_max {
            Some(n) => format!("≤ {}", short(kind, Some(n))),
            None => String::new(),
        });
    }
    if room.min.is_some() {
        parts.push(match room.tightest_min {
            Some(n) => format!("≥ {}", short(kind, Some(n))),
            None => String::new(),
        });
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { "not known".to_owned() } else { parts.join(" or ") }
}

/// Why there is no figure for an extreme.
pub(super) fn notes(file: &CheckFile) -> impl Iterator<Item = String> {
    let e = &file.extremes;
    let all: [(&str, &Extreme); 4] = [
        ("Lowest CAC", &e.cac_min),
        ("Highest revenue", &e.revenue_max),
        ("Most new customers", &e.customers_max),
        ("Least spend", &e.budget_min),
    ];
    let mut notes: Vec<String> = Vec::new();
    for reason in [
        ExtremeReason::Infeasible,
        ExtremeReason::MissingInputs,
        ExtremeReason::NoForcedOutcome,
        ExtremeReason::Undetermined,
        ExtremeReason::Unbounded,
        ExtremeReason::Meets,
    ] {
        let named: Vec<String> =
            all.iter().filter(|(_, e)| e.reason == Some(reason)).map(|(n, _)| (*n).to_owned()).collect();
        if !named.is_empty() {
            notes.push(format!("{}: {}", joined(&named), because(reason)));
        }
    }
    notes.into_iter()
}

fn because(reason: ExtremeReason) -> &'static str {
    match reason {
        ExtremeReason::Infeasible => "none, since the other limits contradict each other already.",
        ExtremeReason::MissingInputs => "not known, since some line lacks what the figure needs.",
        ExtremeReason::NoForcedOutcome => {
            "none, since nothing has to be spent; give a least budget or outcome."
        }
        ExtremeReason::Undetermined => "not found within the nodes allowed.",
        ExtremeReason::Unbounded => "grows without end.",
        ExtremeReason::Meets => "not said, since these lines share an audience or demand with others.",
    }
}

/// Says that more selections could be looked at.
pub(super) fn left_out(count: usize) -> String {
    format!(
        "{count} more selection{} of lines left out: only the first sixty are looked at.",
        plural(count, "", "s")
    )
}
