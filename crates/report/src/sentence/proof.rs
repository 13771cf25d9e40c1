//! What is proven, and how anyone can check it.

use outlay_scenario::spec::Metric;
use std::path::Path;

use outlay_scenario::result::Rounding;

use super::{exact, gap, plural};
use crate::metric::Key;
use crate::number::{Kind, short};
use crate::view::{Aim, Ending, LaterGoal, Over, Proof, View};

/// What is proven, in one sentence for each goal.
pub fn certificate(view: &View) -> String {
    let mut text = first_proof(view);
    for goal in &view.later_goals {
        text.push(' ');
        text.push_str(&later_proof(goal));
    }
    if let Some(rounding) = &view.rounding {
        text.push(' ');
        text.push_str(&round(view, rounding));
    }
    text
}

/// What round amounts cost.
fn round(view: &View, rounding: &Rounding) -> String {
    let unit = exact(Kind::Money, rounding.unit);
    let metric = &view.goal.metric;
    match (rounding.costs, rounding.nearest) {
        (Some(costs), _) => {
            let whole = rounding.unrounded.map(f64::abs).filter(|v| *v > 0.0);
            let share = whole.map_or_else(String::new, |v| format!(" ({})", gap((costs / v).max(0.0))));
            let amount = short(metric.kind(), Some(costs.max(0.0)));
            format!("In multiples of {unit}, which costs {amount} of {}{share}.", metric.label())
        }
        (None, Some(nearest)) => format!(
            "No plan is made of multiples of {unit}; the nearest unit found that has one is {}.",
            full_digits(nearest)
        ),
        (None, None) if rounding.unrounded.is_some() => {
            format!("No plan is made of multiples of {unit}, and no unit near it was found that has one.")
        }
        (None, None) => format!("Multiples of {unit} were asked for."),
    }
}

/// A number with all its digits.
fn full_digits(value: f64) -> String {
    if value.fract() == 0.0 { exact(Kind::Money, value) } else { format!("{value}") }
}

/// What is proven of a goal that comes after the first.
fn later_proof(goal: &LaterGoal) -> String {
    let LaterGoal { aim, within, given_up, proof } = goal;
    let amount = |value: Option<f64>| value.map_or_else(String::new, |v| exact(aim.metric.kind(), v));
    let within = if *within > 0.0 {
        format!("Within {} of that", percent(*within))
    } else {
        "Keeping that".to_owned()
    };
    let gives_up =
        if *given_up > 5e-7 { format!("; it gives up {} of it", percent(*given_up)) } else { String::new() };
    let word = if aim.maximize { "highest" } else { "lowest" };
    format!(
        "{within}, {} {} is the {word} to within {}{gives_up}.",
        aim.metric.label(),
        amount(aim.value),
        gap(proof.gap),
    )
}

fn percent(fraction: f64) -> String {
    exact(Kind::Percent, (fraction * 1e6).round() / 1e6)
}

fn first_proof(view: &View) -> String {
    match &view.ending {
        Ending::Optimal(proof) => {
            let (beyond, over) = (beyond(view, proof), over(proof));
            // What the draws leave open is no part of the proof.
            let given = if view.uncertainty.is_some() { ", if these curves are right" } else { "" };
            format!("Proven optimal{given}: no plan within these limits {beyond}{over}.")
        }
        Ending::WithinGap(proof) => format!(
            "Stopped early: the best plan within these limits {}; this one may fall short of it by up to {}{}.",
            reaches(view, proof),
            gap(proof.gap),
            over(proof)
        ),
        Ending::Infeasible { parts } => format!(
            "Proven infeasible{}: at the certificate's prices every plan breaks a limit.",
            if *parts > 1 { format!(" over {parts} parts of the domain") } else { String::new() }
        ),
        Ending::Undetermined { .. } => "Nothing is proven.".to_owned(),
    }
}

/// What is proven, without figures of the search: for a page that is read by
/// those who do not run it.
pub fn plain_certificate(view: &View) -> String {
    let text = certificate(view);
    match view.proof() {
        Some(proof) if matches!(view.ending, Ending::Optimal(_)) => {
            let within = |goal: &LaterGoal| format!(" to within {}", gap(goal.proof.gap));
            let plain = without_gap(&text).replacen(&over(proof), "", 1);
            view.later_goals.iter().fold(plain, |text, goal| text.replacen(&within(goal), "", 1))
        }
        _ => text,
    }
}

/// A sentence of a proof without the gap in brackets.
pub(crate) fn without_gap(text: &str) -> String {
    match text.split_once(" (gap ").and_then(|(before, rest)| Some((before, rest.split_once(')')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// The figures of the search behind a proof.
pub fn search(view: &View) -> String {
    let Some(proof) = view.proof() else { return String::new() };
    format!(
        "Relative gap {}; largest excess over a limit {}; {} {} of the domain, {} {} solved.",
        gap(proof.gap),
        gap(proof.violation),
        proof.parts,
        plural(proof.parts, "part", "parts"),
        proof.nodes,
        plural(proof.nodes, "subproblem", "subproblems")
    )
}

fn beyond(view: &View, proof: &Proof) -> String {
    let Aim { maximize, metric, .. } = &view.goal;
    let bound = exact(metric.kind(), proof.bound);
    if view.goal.over != Over::Mean {
        let more = if *maximize { "more" } else { "less" };
        return format!("has a goal of {more} than {bound} (gap {})", gap(proof.gap));
    }
    let (more, unit) = match (*maximize, metric) {
        (true, Key::Limited(Metric::Customers)) => ("wins more than", " new customers"),
        (true, Key::Limited(Metric::Spend)) => ("spends more than", ""),
        (true, _) => ("earns more than", ""),
        (false, Key::Limited(Metric::Spend)) => ("costs less than", ""),
        (false, _) => ("gets below", ""),
    };
    format!("{more} {bound}{unit} (gap {})", gap(proof.gap))
}

fn reaches(view: &View, proof: &Proof) -> String {
    let bound = exact(view.goal.metric.kind(), proof.bound);
    if view.goal.maximize { format!("reaches at most {bound}") } else { format!("reaches at least {bound}") }
}

fn over(proof: &Proof) -> String {
    if proof.parts > 1 {
        format!("; {} parts of the domain, {} nodes", proof.parts, proof.nodes)
    } else {
        String::new()
    }
}

/// How anyone can check the certificate.
pub fn how_to_verify(view: &View) -> String {
    if matches!(view.ending, Ending::Undetermined { .. }) {
        return String::new();
    }
    let path = Path::new(&view.source);
    let stem = path.file_stem().map(|s| s.to_string_lossy()).unwrap_or_default();
    let ending = if view.set.is_empty() { "json" } else { "jsonl" };
    format!(
        "To check it, save the result with outlay run {} --out results, then outlay verify results/{stem}.{ending}: \
         it recomputes the proof and every figure from the scenario alone, without the solver.",
        view.source
    )
}
