//! Every sentence a reader sees. Files carry codes and figures only.

pub(crate) mod compare;
mod desk;
pub(crate) mod frontier;
mod meeting;
mod origin;
mod sure;
mod verdict;
mod warning;
mod why;

pub use compare::{added, cause, difference, held_by, input, more_columns, more_lines, moves, unproven};
pub use desk::{against_before, status};
pub use frontier::{frontier, shift};
pub(crate) use meeting::{MetRow, met, met_rows};
pub use origin::{footnotes, marks, origin};
pub use sure::{between, over_draws, sure};
pub use verdict::verdict;
pub use warning::{warned, warning};
pub use why::{judged, prices, why};

use std::path::Path;

use outlay_scenario::result::Rounding;

use crate::curve::CurveView;
use crate::metric;
use crate::number::{Kind, full, short, signed};
use crate::view::{Aim, Flights, LaterGoal, LimitRow, LineRow, Member, Outcome, Over, Proof, Repair, View};

/// Names one after another: `A, B and C`.
pub(crate) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The result in one sentence, first thing in every report.
pub fn headline(view: &View) -> String {
    match &view.outcome {
        Outcome::Optimal(_) | Outcome::WithinGap(_) => plan_headline(view),
        Outcome::Infeasible { .. } => match view.conflict.len() {
            0 => "No plan satisfies all limits.".to_owned(),
            1 => "No plan exists: one limit cannot hold on its own.".to_owned(),
            n => format!("No plan exists: {n} limits cannot hold together."),
        },
        Outcome::Undetermined { nodes } => format!(
            "Undecided after {nodes} {}: neither a plan nor a proof that none exists. Allow more with --nodes.",
            plural(*nodes, "node", "nodes")
        ),
    }
}

fn plan_headline(view: &View) -> String {
    let Aim { metric, value, today, .. } = &view.goal;
    let kind = metric::kind(metric);
    let mut text = format!("{} {}", capital(&figure_of(&view.goal)), short(kind, *value));
    if let (Some(value), Some(today)) = (value, today)
        && *today != 0.0
    {
        let change = value - today;
        let percent = signed(Kind::Percent, Some(change / today.abs()));
        text.push_str(&format!(", {} ({percent}) against today", signed(kind, Some(change))));
    }
    if metric != "spend"
        && let Some(spend) = view.figure("spend")
    {
        text.push_str(&format!(", for {}", money(view, spend.plan)));
        if let (Some(plan), Some(today)) = (spend.plan, spend.today) {
            text.push_str(&against(view, plan, today));
        }
    }
    text.push('.');
    text
}

/// What the goal's value is: its metric, less what moves cost where they do.
fn figure_of(aim: &Aim) -> String {
    let label = metric::label(&aim.metric);
    if aim.over != Over::Mean {
        return over_draws(aim);
    }
    if aim.moves_cost { format!("{label} less the cost of moving") } else { label.to_owned() }
}

fn against(view: &View, plan: f64, today: f64) -> String {
    let moved = plan - today;
    if moved.abs() <= 1e-6 * today.abs() {
        " as today".to_owned()
    } else if moved < 0.0 {
        format!(", {} less than today", money(view, Some(-moved)))
    } else {
        format!(", {} more than today", money(view, Some(moved)))
    }
}

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
            let amount = short(metric::kind(metric), Some(costs.max(0.0)));
            format!("In multiples of {unit}, which costs {amount} of {}{share}.", metric::label(metric))
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
    let amount = |value: Option<f64>| value.map_or_else(String::new, |v| exact(metric::kind(&aim.metric), v));
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
        metric::label(&aim.metric),
        amount(aim.value),
        gap(proof.gap),
    )
}

fn percent(fraction: f64) -> String {
    exact(Kind::Percent, (fraction * 1e6).round() / 1e6)
}

fn first_proof(view: &View) -> String {
    match &view.outcome {
        Outcome::Optimal(proof) => {
            let (beyond, over) = (beyond(view, proof), over(proof));
            // What the draws leave open is no part of the proof.
            let given = if view.uncertainty.is_some() { ", if these curves are right" } else { "" };
            format!("Proven optimal{given}: no plan within these limits {beyond}{over}.")
        }
        Outcome::WithinGap(proof) => format!(
            "Stopped early: the best plan within these limits {}; this one may fall short of it by up to {}{}.",
            reaches(view, proof),
            gap(proof.gap),
            over(proof)
        ),
        Outcome::Infeasible { parts } => format!(
            "Proven infeasible{}: at the certificate's prices every plan breaks a limit.",
            if *parts > 1 { format!(" over {parts} parts of the domain") } else { String::new() }
        ),
        Outcome::Undetermined { .. } => "Nothing is proven.".to_owned(),
    }
}

/// What is proven, without figures of the search: for a page that is read by
/// those who do not run it.
pub fn plain_certificate(view: &View) -> String {
    let text = certificate(view);
    let Some(proof) = view.proof().filter(|_| matches!(view.outcome, Outcome::Optimal(_))) else {
        return text;
    };
    text.replacen(&format!(" (gap {})", gap(proof.gap)), "", 1).replacen(&over(proof), "", 1)
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
    let bound = exact(metric::kind(metric), proof.bound);
    if view.goal.over != Over::Mean {
        let more = if *maximize { "more" } else { "less" };
        return format!("has a goal of {more} than {bound} (gap {})", gap(proof.gap));
    }
    let (more, unit) = match (*maximize, metric.as_str()) {
        (true, "customers") => ("wins more than", " new customers"),
        (true, _) => ("earns more than", ""),
        (false, "spend") => ("costs less than", ""),
        (false, _) => ("gets below", ""),
    };
    format!("{more} {bound}{unit} (gap {})", gap(proof.gap))
}

fn reaches(view: &View, proof: &Proof) -> String {
    let bound = exact(metric::kind(&view.goal.metric), proof.bound);
    if view.goal.maximize { format!("reaches at most {bound}") } else { format!("reaches at least {bound}") }
}

fn over(proof: &Proof) -> String {
    if proof.parts > 1 {
        format!("; {} parts of the domain, {} nodes", proof.parts, proof.nodes)
    } else {
        String::new()
    }
}

/// A footnote to prices marked with a star.
pub const LOCAL_PRICE: &str =
    "* holds near this plan: deals or S-curves may make a larger step worth more or less.";

/// How anyone can check the certificate.
pub fn how_to_verify(view: &View) -> String {
    if matches!(view.outcome, Outcome::Undetermined { .. }) {
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

/// What can be done with the plan sheet of a workbook.
pub fn edited_plan(view: &View) -> String {
    format!(
        "Change the yellow cells: revenue, customers, CAC, returns and shares follow. To judge the changed plan: \
         outlay check {} --plan THIS_FILE",
        view.source
    )
}

/// The headline of a workbook whose spends were changed, behind their number.
pub const EDITED: &str = " of the spends were changed: this is no longer the plan that was solved.";

/// What stands in the place of a proof once spends were changed.
pub const UNPROVEN_EDITS: &str =
    "Nothing is proven about the changed plan; save it and judge it with outlay check --plan.";

/// How the cells of a workbook are told apart.
pub const COLOURS: &str = "Yellow cells can be changed. Grey figures in italics are as solved and do not follow; everything else does.";

/// A remark under bars that do not start at 0.
pub fn cut_axis(kind: Kind, base: f64) -> String {
    format!("Bars start at {}, not at 0, so that the changes can be seen.", short(kind, Some(base)))
}

/// A remark where some limits are not listed.
pub fn limits_left_out(left: usize) -> String {
    format!("{left} more {} in the result file.", plural(left, "limit is", "limits are"))
}

/// What a what-if sets, or the scenario's name.
pub fn what_if(view: &View) -> String {
    let readable = |set: &String| {
        let (path, value) = set.rsplit_once(" = ").unwrap_or((set, ""));
        let value = value.parse().map_or_else(|_| value.to_owned(), |v| exact(Kind::Money, v));
        plain_setting(path, &value)
    };
    if view.set.is_empty() {
        return view.name.clone();
    }
    view.set.iter().map(readable).collect::<Vec<_>>().join(", ")
}

/// A setting without the words of a file: `budget at most 1,900,000`.
fn plain_setting(path: &str, value: &str) -> String {
    let path = path.trim_start_matches("limits.").trim_start_matches("lines.");
    let (whose, side) = match path.rsplit_once('.') {
        Some((whose, "max")) => (whose, "at most"),
        Some((whose, "min")) => (whose, "at least"),
        Some((whose, "exact")) => (whose, "exactly"),
        _ => return format!("{path} = {value}"),
    };
    let whose = whose.strip_suffix(".spend").unwrap_or(whose).trim_matches('"');
    format!("{whose} {side} {value}")
}

/// A remark where some curves are not drawn.
pub fn curves_left_out(shown: usize, left: usize) -> String {
    format!("The {shown} lines with most money; the curves of the other {left} are in the workbook (--xlsx).")
}

/// A drawn curve, for those who cannot see it.
pub fn curve(line: &LineRow, curve: &CurveView) -> String {
    let amount = |v: f64| short(Kind::Money, Some(v));
    let outcome = |v: f64| short(curve.outcome, Some(v));
    let mut text = format!(
        "Response curve of {}: {} today earns {}, {} planned earns {}",
        line.name,
        amount(curve.today.0),
        outcome(curve.today.1),
        amount(curve.plan.0),
        outcome(curve.plan.1)
    );
    if let Some((low, high)) = curve.plan_band {
        let level = short(Kind::Percent, Some(curve.level));
        text.push_str(&format!(" ({} to {} with probability {level})", outcome(low), outcome(high)));
    }
    text
}

/// Why an interrupted run is not continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart<'a> {
    /// There is none in the folder.
    Nothing,
    /// It ran with other options.
    Options,
    /// Another version of the program made it.
    Program,
    /// This file has changed since.
    Input(&'a str),
}

/// Why `--resume` begins from the start.
pub fn restart(why: Restart) -> String {
    let reason = match why {
        Restart::Nothing => "no interrupted run of these scenarios is there".to_owned(),
        Restart::Options => "the interrupted run had other options".to_owned(),
        Restart::Program => "the interrupted run was made by another version".to_owned(),
        Restart::Input(path) => format!("{path} has changed since the interrupted run"),
    };
    format!("note: starting from the beginning: {reason}")
}

/// How many scenarios of a batch under way have no proven plan, or are wrong.
pub fn progress(planless: u64, wrong: u64) -> String {
    let mut text = String::new();
    for (count, what) in [(planless, "without a proven plan"), (wrong, "wrong")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

/// A gap as a percentage with its order of magnitude.
pub fn gap(gap: f64) -> String {
    match gap {
        g if !g.is_finite() => "unknown".to_owned(),
        0.0 => "0%".to_owned(),
        g if g < 1e-4 => format!("{:.0e}", g),
        g => format!("{:.2}%", g * 100.0),
    }
}

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
            format!("\"{}\": {what} {} {}{owner}", member.name, side(field), stated(member))
        }
    }
}

/// What is earned outside the periods, in words.
pub fn apart(flights: &Flights) -> Option<String> {
    let last = flights.periods.last()?;
    let money = |x: f64| short(Kind::Money, Some(x));
    let tail = flights.tail.filter(|t| *t > 0.0).map(|t| {
        format!("Of the revenue, {} comes after {}, from what the plan leaves working.", money(t), last.end)
    });
    let carried = flights
        .carried_in
        .filter(|c| *c > 0.0)
        .map(|c| format!("Earlier spend still earns {}, which is in no figure here.", money(c)));
    let words: Vec<String> = [tail, carried].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
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

/// What a repair does.
pub fn repair(_: &View, repair: &Repair) -> String {
    change(repair)
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

/// What a binding limit costs, per unit of the number as written.
pub fn price(view: &View, limit: &LimitRow) -> Option<String> {
    let price = limit.price.filter(|p| view.matters(limit, *p))?;
    let goal = metric::kind(&view.goal.metric);
    let (unit, per) = match limit.kind {
        Kind::Percent => (0.01, "per point".to_owned()),
        Kind::Price => (1.0, "per 1".to_owned()),
        Kind::Ratio => (0.1, "per 0.1".to_owned()),
        Kind::Money => (1.0, "per 1".to_owned()),
        Kind::Count => (1.0, "per 1".to_owned()),
    };
    let kind = if goal == Kind::Money && (price * unit).abs() < 1000.0 { Kind::Ratio } else { goal };
    let local = if limit.local { "*" } else { "" };
    Some(format!("{} {per}{local}", signed(kind, Some(price * unit))))
}

/// What holds a line's spend where it is.
pub fn held(at: &str) -> &'static str {
    match at {
        "off" => "off",
        "min" => "at min",
        "max" => "at max",
        "deal" => "deal",
        "flight_min" => "least spend per period",
        "flight_max" => "largest spend per period",
        "flight_at_least" => "least spend of a period that is on",
        "blackout" => "blackout",
        "smooth" => "smoothness",
        "on_at_least" => "least run",
        "bursts" => "number of bursts",
        "price" => "",
        _ => "",
    }
}

/// A figure exact enough to be quoted.
pub fn exact(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Percent => {
            let text = full(value * 100.0, 4);
            format!("{}%", trim(&text))
        }
        Kind::Money | Kind::Count if value.abs() >= 1000.0 => full(value, 0),
        _ => trim(&full(value, 4)).to_owned(),
    }
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
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

fn money(view: &View, value: Option<f64>) -> String {
    with_currency(view, &short(Kind::Money, value))
}

fn with_currency(view: &View, amount: &str) -> String {
    in_currency(&view.currency, amount)
}

fn in_currency(currency: &str, amount: &str) -> String {
    if currency.is_empty() { amount.to_owned() } else { format!("{currency} {amount}") }
}

/// `singular` for one, otherwise `plural`.
pub fn plural<'a>(count: usize, singular: &'a str, plural: &'a str) -> &'a str {
    if count == 1 { singular } else { plural }
}

/// The text with a capital first letter, unless it is written like `iROAS`.
pub fn capital(text: &str) -> String {
    if text.chars().nth(1).is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// What is maximised or minimised, in order.
pub fn aims(view: &View) -> String {
    let later = view.later_goals.iter().map(|g| format!(", then {}", aim(&g.aim)));
    aim(&view.goal) + &later.collect::<String>()
}

/// What is maximised or minimised, as in `maximise revenue`.
pub fn aim(aim: &Aim) -> String {
    let verb = if aim.maximize { "maximise" } else { "minimise" };
    format!("{verb} {}", figure_of(aim).trim_end_matches(','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_repair_as_shown_suffices() {
        assert_eq!(exact(Kind::Price, toward(Kind::Price, 48.251_900_1, true)), "48.252");
        assert_eq!(exact(Kind::Price, toward(Kind::Price, 48.251_999_9, false)), "48.2519");
        assert_eq!(exact(Kind::Money, toward(Kind::Money, 1_812_345.6, false)), "1,812,345");
        assert_eq!(exact(Kind::Percent, toward(Kind::Percent, 0.25, true)), "25%");
    }

    #[test]
    fn headlines() {
        let mut view = sample::plan();
        assert_eq!(headline(&view), "Revenue 3.46M, +157K (+4.8%) against today, for USD 1.00M as today.");
        view.figures[1].plan = Some(900_000.0);
        assert!(headline(&view).ends_with("for USD 900K, USD 100K less than today."));
        view.outcome = Outcome::Undetermined { nodes: 1 };
        assert!(headline(&view).starts_with("Undecided after 1 node:"));
    }

    #[test]
    fn gaps() {
        assert_eq!([gap(0.0), gap(8.7e-9), gap(0.0123), gap(f64::NAN)], ["0%", "9e-9", "1.23%", "unknown"]);
    }
}
