//! Sentences about results side by side.

use outlay_scenario::comparison::{Attribution, ComparedColumn, ComparedLine, ComparisonFile, NoParts};
use outlay_scenario::{Changed, InputKind, Status};

use super::{exact, plural};
use crate::number::{Kind, short, signed};
use crate::view::goal_metric;

/// How a compared result ended, where that is not a proven plan.
pub fn unproven(column: &ComparedColumn) -> &'static str {
    match column.status {
        Some(Status::Infeasible) => ": no plan exists",
        Some(Status::Undetermined) => ": undecided",
        Some(Status::WithinGap) => " (stopped early)",
        Some(Status::Optimal) | None => "",
    }
}

/// The limits that hold a compared plan back.
pub fn held_by(column: &ComparedColumn) -> String {
    let names: Vec<String> = column.binding.iter().map(|b| b.name.clone()).collect();
    if names.is_empty() { String::new() } else { format!("; held by {}", names.join(", ")) }
}

/// Results beyond the page.
pub fn more_columns(count: usize) -> String {
    let results = plural(count, "result does", "results do");
    format!("{count} more {results} not fit; --format csv or json has all.\n")
}

/// Lines beyond the table.
pub fn more_lines(count: usize) -> String {
    format!("and {count} more")
}

/// What one result earns more or less than the first.
pub fn difference(file: &ComparisonFile, difference: &Attribution) -> String {
    let (_, metric) = goal_metric(&file.goal);
    let (letter, goal) = (letter(difference.column), metric.label());
    let head = match difference.difference {
        Some(d) if !shows(difference, d) => {
            format!("{letter} against A: {goal} the same within the proven gap")
        }
        Some(d) => format!("{letter} against A: {goal} {}", signed(metric.kind(), Some(d))),
        None => format!("{letter} against A"),
    };
    let why = match difference.reason {
        None if difference.parts.is_empty() => ": nothing that counts has changed.",
        None if difference.parts.iter().all(|p| !shows(difference, p.adds)) => {
            ": what has changed makes no difference beyond it."
        }
        None => ", because of",
        Some(NoParts::NoPlan) => ": one of the two has no plan, so there is no difference to explain.",
        Some(NoParts::NotComparable) => {
            ": other goals, currencies or horizons, or plans by period; the difference is not split."
        }
        Some(NoParts::NoWay) => {
            ": on the way from one to the other there is always a scenario without a plan; the difference is not split."
        }
    };
    head + why
}

/// What a changed input adds to a goal.
pub fn added(kind: Kind, difference: &Attribution, adds: f64) -> String {
    if shows(difference, adds) { signed(kind, Some(adds)) } else { "within the gap".to_owned() }
}

/// True if an amount is more than the gaps of the plans can make up.
fn shows(difference: &Attribution, amount: f64) -> bool {
    difference.within.is_none_or(|within| amount.abs() > within)
}

/// A changed input with its numbers.
pub fn input(changed: &Changed) -> String {
    let figure = |n: f64| if n.abs() >= 1000.0 { short(Kind::Money, Some(n)) } else { exact(Kind::Ratio, n) };
    match (changed.from, changed.to) {
        (Some(from), Some(to)) => format!("{}: {} → {}", cause(changed), figure(from), figure(to)),
        (None, Some(to)) => format!("{}: none → {}", cause(changed), figure(to)),
        (Some(from), None) => format!("{}: {} → none", cause(changed), figure(from)),
        (None, None) => cause(changed),
    }
}

/// What a changed input is called.
pub fn cause(changed: &Changed) -> String {
    let name = changed.name.as_deref().unwrap_or_default();
    match changed.kind {
        InputKind::Budget => "the budget".to_owned(),
        InputKind::Rounding => "the unit of spends".to_owned(),
        InputKind::Meeting => "how lines meet".to_owned(),
        InputKind::Baseline => "the baseline".to_owned(),
        InputKind::Limit => format!("limit \"{name}\""),
        InputKind::Line => format!("line \"{name}\""),
        InputKind::Curve => format!("the curve of \"{name}\""),
        InputKind::Price => format!("the price of \"{name}\""),
        InputKind::Bounds => format!("the bounds of \"{name}\""),
        InputKind::Worth => format!("what \"{name}\" earns per outcome"),
        InputKind::Current => format!("today's spend on \"{name}\""),
    }
}

/// The lines whose spend differs most from the first result's.
pub fn moves(file: &ComparisonFile, column: usize) -> String {
    const MOST: usize = 5;
    let spend = |l: &ComparedLine, c: usize| l.spends.get(c).copied().flatten();
    let planned = |c: usize| file.columns.get(c).is_some_and(|c| c.totals.is_some());
    if !planned(1) || !planned(column) {
        return String::new();
    }
    let total: f64 = file.lines.iter().filter_map(|l| spend(l, 1)).sum();
    let mut moves: Vec<(&str, f64)> = file
        .lines
        .iter()
        .map(|l| (l.name.as_str(), spend(l, column).unwrap_or(0.0) - spend(l, 1).unwrap_or(0.0)))
        .filter(|(_, d)| d.abs() > 5e-4 * total)
        .collect();
    moves.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    if moves.is_empty() {
        return "The lines stay as they are.".to_owned();
    }
    let more = moves.len().saturating_sub(MOST);
    let each: Vec<String> = moves
        .iter()
        .take(MOST)
        .map(|(name, d)| format!("{name} {}", signed(Kind::Money, Some(*d))))
        .collect();
    let rest = if more > 0 { format!(" and {more} smaller") } else { String::new() };
    format!("Moves {}{rest}.", each.join(", "))
}

/// A to Z, then numbers.
pub(crate) fn letter(column: usize) -> String {
    let letter = u8::try_from(column).ok().filter(|c| (1..=26).contains(c)).map(|c| char::from(b'A' + c - 1));
    letter.map_or_else(|| format!("#{column}"), String::from)
}
