//! What contradicts what, and what a repair does.

use outlay_scenario::result::{MemberField, MemberKind};

use super::{exact, in_currency};
use crate::number::Kind;
use crate::view::{Member, Repair, View};

/// What a member of a conflict demands.
pub fn member(view: &View, member: &Member) -> String {
    demand(&view.currency, member)
}

/// What a member of a conflict demands, and who owns it.
pub fn demand(currency: &str, member: &Member) -> String {
    let owner = if member.owner.is_empty() { String::new() } else { format!(" ({})", member.owner) };
    match (member.kind, member.field) {
        (MemberKind::Rounding, _) => "spends in round amounts".to_owned(),
        (MemberKind::Deal, _) => format!("the deal of \"{}\"{owner}", member.name),
        (MemberKind::Line, MemberField::Requires) => {
            format!("\"{}\" needs other lines to be on{owner}", member.name)
        }
        (MemberKind::Line, MemberField::Excludes) => {
            format!("\"{}\" cannot run with other lines{owner}", member.name)
        }
        (MemberKind::Budget, _) => premise(currency, member).replacen("a budget", "the budget", 1) + &owner,
        (MemberKind::Line, MemberField::Blackout) => {
            format!("\"{}\" is off in its blackout periods{owner}", member.name)
        }
        (MemberKind::Line, MemberField::Smooth) => {
            format!("\"{}\" changes little between periods{owner}", member.name)
        }
        (MemberKind::Line, MemberField::OnAtLeast) => {
            format!("\"{}\" stays on once it is on{owner}", member.name)
        }
        (MemberKind::Line, MemberField::Bursts) => {
            format!("\"{}\" runs in a limited number of bursts{owner}", member.name)
        }
        (MemberKind::Line, MemberField::FlightMin) => {
            format!("\"{}\" spends a least amount in every period{owner}", member.name)
        }
        (MemberKind::Line, MemberField::FlightMax) => {
            format!("\"{}\" spends a largest amount in every period{owner}", member.name)
        }
        (MemberKind::Line, MemberField::FlightAtLeast) => {
            format!("\"{}\" spends nothing or a least amount in a period{owner}", member.name)
        }
        (MemberKind::Line, field) => {
            format!("\"{}\" spends {} {}{owner}", member.name, side(field), stated(member))
        }
        (MemberKind::Limit, field) => {
            let what = member.metric.label();
            let likely = member.probability.map_or_else(String::new, |p| {
                format!(" with a probability of {}", crate::number::short(Kind::Percent, Some(p)))
            });
            format!("\"{}\": {what} {} {}{likely}{owner}", member.name, side(field), stated(member))
        }
    }
}

/// What a member of a conflict demands, as the start of an argument: `a budget
/// of at least USD 2,150,000`.
pub fn premise(currency: &str, member: &Member) -> String {
    let number = stated(member);
    match (member.kind, member.field) {
        (MemberKind::Budget, field) => {
            format!("a budget of {} {}", side(field), in_currency(currency, &number))
        }
        (MemberKind::Deal, _) => format!("the deal of \"{}\"", member.name),
        (MemberKind::Line, MemberField::Requires) => format!("what \"{}\" requires", member.name),
        (MemberKind::Line, MemberField::Excludes) => format!("what \"{}\" excludes", member.name),
        (MemberKind::Line, field) => format!("{} {number} for \"{}\"", side(field), member.name),
        (MemberKind::Limit | MemberKind::Rounding, field) => {
            format!("\"{}\" {} {number}", member.name, side(field))
        }
    }
}

fn stated(member: &Member) -> String {
    member.number.map(|n| exact(member.figure, n)).unwrap_or_default()
}

/// What a repair does, and whose number it changes.
pub fn change_by(repair: &Repair) -> String {
    let owner = &repair.member.owner;
    let whose = if owner.is_empty() { String::new() } else { format!(" ({owner})") };
    change(repair) + &whose
}

/// What a repair does.
pub fn change(repair: &Repair) -> String {
    let figure = repair.member.figure;
    let text = |n: Option<f64>| n.map_or_else(|| "none".to_owned(), |n| exact(figure, n));
    let what = match repair.member.kind {
        MemberKind::Budget => format!("{} of the budget", field(repair.member.field)),
        MemberKind::Rounding => "the rounding".to_owned(),
        MemberKind::Deal => format!("the deal of \"{}\"", repair.member.name),
        MemberKind::Limit | MemberKind::Line => {
            format!("{} of \"{}\"", field(repair.member.field), repair.member.name)
        }
    };
    let verb = match (repair.from, repair.to) {
        (_, None) => return format!("drop {what}"),
        (Some(from), Some(to)) if to > from => "raise",
        (Some(from), Some(to)) if to < from => "lower",
        _ => "set",
    };
    format!("{verb} {what} from {} to {}", text(repair.from), text(enough(repair)))
}

/// The number of a repair, rounded so that it still suffices.
pub fn enough(repair: &Repair) -> Option<f64> {
    let up = repair.from.zip(repair.to).is_some_and(|(from, to)| to > from);
    repair.to.map(|to| toward(repair.member.figure, to, up))
}

/// A number as [`exact`] writes it, rounded up or down.
pub fn toward(kind: Kind, value: f64, up: bool) -> f64 {
    let step = match kind {
        Kind::Percent => 1e-6,
        Kind::Money | Kind::Count if value.abs() >= 1000.0 => 1.0,
        _ => 1e-4,
    };
    // Numbers that are already round stay as they are.
    let steps = value / step;
    let near = steps.round();
    let steps = if (steps - near).abs() <= 1e-9 * near.abs() {
        near
    } else if up {
        steps.ceil()
    } else {
        steps.floor()
    };
    // A step that is not a binary fraction is divided by its inverse.
    steps / (1.0 / step).round()
}

fn side(field: MemberField) -> &'static str {
    worded(field, ["at least", "at most", "exactly"])
}

/// What is said of a least, a largest and an exact number.
pub(super) fn worded(field: MemberField, [least, most, exactly]: [&'static str; 3]) -> &'static str {
    match field {
        MemberField::Min => least,
        MemberField::Max => most,
        MemberField::Exact
        | MemberField::Deal
        | MemberField::FlightMin
        | MemberField::FlightMax
        | MemberField::FlightAtLeast
        | MemberField::Blackout
        | MemberField::Smooth
        | MemberField::OnAtLeast
        | MemberField::Bursts
        | MemberField::Requires
        | MemberField::Excludes => exactly,
    }
}

fn field(field: MemberField) -> &'static str {
    match field {
        MemberField::Min => "the minimum",
        MemberField::Max => "the maximum",
        MemberField::Exact => "the amount",
        MemberField::Requires => "the requirements",
        MemberField::Excludes => "the exclusions",
        MemberField::Deal => "the deal",
        MemberField::FlightMin => "the least spend of a period",
        MemberField::FlightMax => "the largest spend of a period",
        MemberField::FlightAtLeast => "the least spend of a period that is on",
        MemberField::Blackout => "the blackout periods",
        MemberField::Smooth => "the smoothness",
        MemberField::OnAtLeast => "the least length of a burst",
        MemberField::Bursts => "the number of bursts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repair_as_shown_suffices() {
        assert_eq!(exact(Kind::Price, toward(Kind::Price, 48.251_900_1, true)), "48.252");
        assert_eq!(exact(Kind::Price, toward(Kind::Price, 48.251_999_9, false)), "48.2519");
        assert_eq!(exact(Kind::Money, toward(Kind::Money, 1_812_345.6, false)), "1,812,345");
        assert_eq!(exact(Kind::Percent, toward(Kind::Percent, 0.25, true)), "25%");
    }
}
