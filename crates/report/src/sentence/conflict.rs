//! What contradicts what, and what a repair does.

use super::{exact, in_currency};
use crate::metric;
use crate::number::Kind;
use crate::view::{Member, Repair, View};

/// What a member of a conflict demands.
pub fn member(view: &View, member: &Member) -> String {
    demand(&view.currency, member)
}

/// What a member of a conflict demands, and who owns it.
pub fn demand(currency: &str, member: &Member) -> String {
    let owner = if member.owner.is_empty() { String::new() } else { format!(" ({})", member.owner) };
    match (member.kind.as_str(), member.field.as_str()) {
        ("rounding", _) => "spends in round amounts".to_owned(),
        ("deal", _) => format!("the deal of \"{}\"{owner}", member.name),
        ("line", "requires") => format!("\"{}\" needs other lines to be on{owner}", member.name),
        ("line", "excludes") => format!("\"{}\" cannot run with other lines{owner}", member.name),
        ("budget", _) => premise(currency, member).replacen("a budget", "the budget", 1) + &owner,
        ("line", "blackout") => format!("\"{}\" is off in its blackout periods{owner}", member.name),
        ("line", "smooth") => format!("\"{}\" changes little between periods{owner}", member.name),
        ("line", "on_at_least") => format!("\"{}\" stays on once it is on{owner}", member.name),
        ("line", "bursts") => format!("\"{}\" runs in a limited number of bursts{owner}", member.name),
        ("line", "flight_min") => format!("\"{}\" spends a least amount in every period{owner}", member.name),
        ("line", "flight_max") => {
            format!("\"{}\" spends a largest amount in every period{owner}", member.name)
        }
        ("line", "flight_at_least") => {
            format!("\"{}\" spends nothing or a least amount in a period{owner}", member.name)
        }
        ("line", field) => format!("\"{}\" spends {} {}{owner}", member.name, side(field), stated(member)),
        (_, field) => {
            let what = metric::label(&member.metric);
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
    match (member.kind.as_str(), member.field.as_str()) {
        ("budget", field) => format!("a budget of {} {}", side(field), in_currency(currency, &number)),
        ("deal", _) => format!("the deal of \"{}\"", member.name),
        ("line", "requires") => format!("what \"{}\" requires", member.name),
        ("line", "excludes") => format!("what \"{}\" excludes", member.name),
        ("line", field) => format!("{} {number} for \"{}\"", side(field), member.name),
        (_, field) => format!("\"{}\" {} {number}", member.name, side(field)),
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
    let what = match repair.member.kind.as_str() {
        "budget" => format!("{} of the budget", field(&repair.member.field)),
        "rounding" => "the rounding".to_owned(),
        "deal" => format!("the deal of \"{}\"", repair.member.name),
        _ => format!("{} of \"{}\"", field(&repair.member.field), repair.member.name),
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

fn side(field: &str) -> &'static str {
    match field {
        "min" => "at least",
        "max" => "at most",
        _ => "exactly",
    }
}

fn field(field: &str) -> &'static str {
    match field {
        "min" => "the minimum",
        "max" => "the maximum",
        "exact" => "the amount",
        "requires" => "the requirements",
        "excludes" => "the exclusions",
        _ => "the deal",
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
