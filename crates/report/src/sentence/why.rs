//! What a plan changes, and what holds it back: the paragraph under the headline.

use crate::number::{Kind, short, signed};
use crate::sentence::{listed, price};
use crate::view::{LimitRow, LineRow, Side, View};

/// Most lines and limits named.
const MOST: usize = 3;

/// Where money goes and comes from, and which limits keep the plan from more;
/// empty without a plan.
pub fn why(view: &View) -> String {
    if !view.has_plan() {
        return String::new();
    }
    let moves = view.moves();
    let of = |up: bool| -> Vec<&&LineRow> { moves.iter().filter(|l| (l.spend > l.current) == up).collect() };
    let named = |lines: &[&&LineRow]| {
        let one = |l: &&&LineRow| format!("{} ({})", l.name, signed(Kind::Money, Some(l.spend - l.current)));
        let mut names: Vec<String> = lines.iter().take(MOST).map(one).collect();
        let left = lines.len().saturating_sub(MOST);
        if left > 0 {
            names.push(format!("{left} more"));
        }
        listed(&names)
    };
    let (up, down) = (of(true), of(false));
    let mut text = match (up.is_empty(), down.is_empty()) {
        (true, true) => "No line's spend changes.".to_owned(),
        (false, true) => format!("More goes to {}.", named(&up)),
        (true, false) => format!("Less goes to {}.", named(&down)),
        (false, false) => format!("More goes to {}; less to {}.", named(&up), named(&down)),
    };
    let holds: Vec<String> = held(view).iter().take(MOST).filter_map(|l| worth(view, l)).collect();
    if !holds.is_empty() {
        text.push_str(&format!(" What holds it back: {}.", holds.join("; ")));
    }
    text
}

/// Limits that bind at a price, those that cost most for one in a hundred first.
fn held(view: &View) -> Vec<&LimitRow> {
    let weight = |l: &LimitRow| {
        let number = if l.binding == Some(Side::Min) { l.min } else { l.max };
        (l.price.unwrap_or(0.0) * number.unwrap_or(0.0)).abs()
    };
    let mut held: Vec<&LimitRow> = view
        .limits
        .iter()
        .filter(|l| l.binding.is_some() && l.price.is_some_and(|p| view.matters(l, p)))
        .collect();
    held.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    held
}

/// What a looser limit is worth, in words.
fn worth(view: &View, limit: &LimitRow) -> Option<String> {
    let figure = price(view, limit)?;
    let (amount, _) = figure.trim_end_matches('*').split_once(" per ")?;
    let goal = view.goal.metric.label();
    let step = match limit.kind {
        Kind::Percent => "one percentage point".to_owned(),
        Kind::Ratio => "0.1".to_owned(),
        _ => "1".to_owned(),
    };
    let (side, number) = match limit.binding {
        Some(Side::Min) => ("at least", limit.min),
        Some(Side::Max) | None => ("at most", limit.max),
    };
    Some(format!(
        "\"{}\" ({side} {}; {step} more changes {goal} by {amount})",
        limit.name,
        short(limit.kind, number)
    ))
}

/// How prices of limits are read; empty where there are none.
pub fn prices(view: &View) -> String {
    let priced = view.limits.iter().any(|l| l.price.is_some_and(|p| view.matters(l, p)));
    if !priced {
        return String::new();
    }
    let units = [
        (Kind::Percent, "by one percentage point"),
        (Kind::Ratio, "by 0.1"),
        (Kind::Money, "by 1"),
        (Kind::Price, "by 1"),
        (Kind::Count, "by 1"),
    ];
    let has = |kind: Kind| view.limits.iter().any(|l| l.kind == kind && price(view, l).is_some());
    let mut said: Vec<String> = units.iter().filter(|u| has(u.0)).map(|u| u.1.to_owned()).collect();
    said.dedup();
    let (last, rest) = said.split_last().map_or(("", &[][..]), |(l, r)| (l.as_str(), r));
    let by = if rest.is_empty() { last.to_owned() } else { format!("{} or {last}", rest.join(", ")) };
    format!("Price: what {} gains when the number of the limit is raised {by}.", view.goal.metric.label())
}

/// Which curves are judgements, to be said at the top; empty where none is.
pub fn judged(view: &View) -> String {
    let names: Vec<String> =
        view.lines.iter().filter(|l| l.judgement.is_some()).map(|l| l.name.clone()).collect();
    if names.is_empty() || !view.has_plan() {
        return String::new();
    }
    let left = names.len().saturating_sub(5);
    let mut shown: Vec<String> = names.into_iter().take(5).collect();
    if left > 0 {
        shown.push(format!("{left} more"));
    }
    format!("Resting on judgement, not on data: {}.", listed(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_paragraph_says_what_changes_and_why() {
        let text = why(&sample::plan());
        assert!(text.contains("goes to") && text.ends_with('.'), "{text}");
        assert!(why(&sample::infeasible()).is_empty());
        assert!(judged(&sample::plan()).contains("Meta"), "{}", judged(&sample::plan()));
    }
}
