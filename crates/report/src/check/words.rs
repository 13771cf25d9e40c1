//! Words that the answers of `check` share.

use outlay_scenario::check::{CheckFile, Extreme, ExtremeReason, Room};
use outlay_scenario::result::Totals;
use outlay_scenario::{Member as MemberFile, MemberKind, Scenario};

use crate::metric::Key;
use crate::number::{Kind, short};
use crate::sentence::{self, exact, listed, plural};
use crate::view::{Repair, repair_of};

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
    about.extend(set.map(|(path, value)| setting(path, value, scenario)));
    about.retain(|part| !part.is_empty());
    about.join(" · ")
}

/// What a what-if sets, in plain words.
pub(super) fn setting(path: &str, value: &serde_json::Value, scenario: &Scenario) -> String {
    let kind = |name: &str| {
        let limit = scenario.limits.iter().find(|l| l.name == name)?;
        Some(Key::from(&limit.spec.metric).kind())
    };
    sentence::setting(&format!("{path} = {value}"), &kind)
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
            let most = file.extremes.revenue_max.value;
            let mut parts = Vec::new();
            parts.extend(lowest_cac(&file.extremes.cac_min, |name| spent_on(scenario, name)));
            parts.extend(most.map(|v| format!("revenue to {}", short(Kind::Money, Some(v)))));
            parts.join(", ")
        }
        None => String::new(),
    }
}

/// The lowest CAC with the spend it holds at: alone it says little.
fn lowest_cac(extreme: &Extreme, cost: impl Fn(&str) -> f64) -> Option<String> {
    let cac = short(Kind::Price, Some(extreme.value?));
    let plan = extreme.plan.as_ref()?;
    let spend = plan.iter().map(|l| l.spend * cost(&l.name)).sum::<f64>();
    Some(format!("CAC from {cac} at {}", short(Kind::Money, Some(spend))))
}

/// What a unit of spend on a line costs, with its fee.
pub(super) fn spent_on(scenario: &Scenario, line: &str) -> f64 {
    scenario.lines.iter().find(|l| l.name == line).map_or(1.0, |l| 1.0 + l.fee)
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
    match parts.is_empty() {
        true if room.idle => "any, at no spend".to_owned(),
        true => "not known".to_owned(),
        false => parts.join(" or "),
    }
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
            notes.push(format!("{}: {}", listed(&named), because(reason)));
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
