//! How sure the figures of a plan are.

use outlay_scenario::result::{Range, Uncertainty};

use crate::metric;
use crate::number::{Kind, short, signed};
use crate::view::{LimitRow, View};

/// Most lines or limits named in one sentence.
const MOST: usize = 5;

/// The goal's interval, that against today, and what else the draws say;
/// nothing where no curve has draws.
pub fn sure(view: &View) -> Option<String> {
    let sure = view.uncertainty.as_ref()?;
    let mut text = interval(view, sure)?;
    if let Some(better) = sure.probability_better {
        text.push_str(&format!(" The plan is better than today with probability {}.", percent(better)));
    }
    let limits: Vec<&LimitRow> = view.limits.iter().filter(|l| l.sure.is_some()).collect();
    for limit in limits.iter().take(MOST) {
        if let Some(sure) = limit.sure {
            text.push_str(&format!(
                " \"{}\" holds with probability {} (between {} and {}).",
                limit.name,
                percent(sure.probability),
                short(limit.kind, Some(sure.low)),
                short(limit.kind, Some(sure.high)),
            ));
        }
    }
    text.push_str(&names("Taken as certain, since their curves come without draws: ", &sure.certain));
    text.push_str(&names("Paired at random, since their draws are fewer: ", &sure.shuffled));
    text.push_str(&names("Planned on one curve, not on the mean of their draws: ", &sure.not_averaged));
    Some(text)
}

fn interval(view: &View, sure: &Uncertainty) -> Option<String> {
    let goal = view.goal.metric.as_str();
    let (name, range) = sure.totals.get_key_value(goal).or_else(|| sure.totals.first())?;
    let kind = metric::kind(name);
    let mut text = format!(
        "Over {} draws of the curves, {} lies {} with probability {}",
        sure.draws,
        metric::label(name),
        between(kind, *range),
        percent(sure.level),
    );
    if let Some(against) = sure.against_today.get(name) {
        let end = |v: f64| signed(kind, Some(v));
        text.push_str(&format!(", {} to {} against today", end(against.low), end(against.high)));
    }
    text.push('.');
    Some(text)
}

/// An interval of a figure in words.
pub fn between(kind: Kind, range: Range) -> String {
    format!("between {} and {}", short(kind, Some(range.low)), short(kind, Some(range.high)))
}

fn percent(fraction: f64) -> String {
    short(Kind::Percent, Some(fraction))
}

fn names(what: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let listed: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    let more = names.len() - listed.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(" {what}{}{rest}.", listed.join(", "))
}
