//! How sure the figures of a plan are.

use outlay_scenario::result::{GoalDraws, LimitUncertainty, Range, Uncertainty};

use crate::metric;
use crate::number::{Kind, short, signed};
use crate::view::{Aim, Over, View};

/// Most lines or limits named in one sentence.
const MOST: usize = 5;

/// What a goal makes of the draws: "mean revenue of the worst 10% of draws".
pub fn over_draws(aim: &Aim) -> String {
    let label = aim.metric.label();
    match aim.over {
        Over::Mean => label.to_owned(),
        Over::Worst { share, weight } if weight < 1.0 => format!(
            "{label}, {} the mean of the worst {} of draws and {} the mean of all,",
            percent(weight),
            percent(share),
            percent(1.0 - weight)
        ),
        Over::Worst { share, .. } => format!("mean {label} of the worst {} of draws", percent(share)),
        Over::Shortfall(target) => {
            format!("expected shortfall of {label} below {}", short(aim.metric.kind(), Some(target)))
        }
        Over::Regret(None) => format!("expected regret of {label}"),
        Over::Regret(Some(share)) => {
            format!("mean regret of {label} in the worst {} of draws", percent(share))
        }
    }
}

/// The goal's interval, that against today, and what else the draws say;
/// nothing where no curve has draws.
pub fn sure(view: &View) -> Option<String> {
    let limits = view.limits.iter().filter_map(|l| Some((l.name.as_str(), l.kind, l.sure?)));
    told(&view.goal, view.uncertainty.as_ref()?, limits)
}

/// The same of any plan: what it aims at, how sure that is, and of limits their
/// names and how sure they are.
pub fn told<'a>(
    aim: &Aim,
    sure: &Uncertainty,
    limits: impl Iterator<Item = (&'a str, Kind, LimitUncertainty)>,
) -> Option<String> {
    let mut text = interval(aim, sure)?;
    if let Some(goal) = sure.goal {
        text.push_str(&worst(aim, &goal));
    }
    if let Some(better) = sure.probability_better {
        text.push_str(&format!(" The plan is better than today with probability {}.", percent(better)));
    }
    for (name, kind, sure) in limits.take(MOST) {
        let asked = sure.asked.map_or_else(String::new, |p| format!(", asked: {}", percent(p)));
        text.push_str(&format!(
            " \"{name}\" holds with probability {}{asked} (between {} and {}).",
            percent(sure.probability),
            short(kind, Some(sure.low)),
            short(kind, Some(sure.high)),
        ));
    }
    text.push_str(&prior(sure));
    text.push_str(&names("Taken as certain, since their curves come without draws: ", &sure.certain));
    text.push_str(&names("With a stated spread, drawn apart from the others: ", &sure.stated));
    text.push_str(&names("Paired at random, since their draws are fewer: ", &sure.shuffled));
    text.push_str(&names("Planned on one curve, not on the mean of their draws: ", &sure.not_averaged));
    Some(text)
}

/// Which returns the fit knows much of from its prior alone.
fn prior(sure: &Uncertainty) -> String {
    let mut lines: Vec<(&str, f64)> = sure.on_prior.iter().map(|(n, s)| (n.as_str(), *s)).collect();
    lines.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named: Vec<String> = lines.iter().map(|(n, s)| format!("{n} ({})", percent(*s))).collect();
    let text = names("Known in part from the fit's prior, not from data: ", &named);
    if text.is_empty() {
        return text;
    }
    format!("{text} What is said of draws is right as far as returns are as that prior has them.")
}

/// What the worst draws bring, against all of them and against today.
fn worst(aim: &Aim, goal: &GoalDraws) -> String {
    let kind = aim.metric.kind();
    let label = aim.metric.label();
    let mut text = format!(
        " In the worst {} of draws {label} is {} on the mean (today: {}), in all {}.",
        percent(goal.share),
        short(kind, goal.worst),
        short(kind, goal.worst_today),
        short(kind, goal.mean),
    );
    if let (Some(below), Over::Shortfall(target)) = (goal.probability_below, aim.over) {
        text.push_str(&format!(
            " It stays below {} with probability {}.",
            short(kind, Some(target)),
            percent(below)
        ));
    }
    text
}

fn interval(aim: &Aim, sure: &Uncertainty) -> Option<String> {
    let goal = aim.metric.name();
    let (name, range) = sure.totals.get_key_value(&*goal).or_else(|| sure.totals.first())?;
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
