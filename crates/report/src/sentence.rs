//! Every sentence a reader sees. Files carry codes and figures only.

pub(crate) mod compare;
mod conflict;
mod desk;
pub(crate) mod frontier;
mod interrupted;
mod meeting;
mod origin;
mod proof;
mod reason;
mod reconciled;
mod setting;
mod sure;
mod verdict;
mod warning;
mod why;
mod workbook;

pub use compare::{added, cause, difference, held_by, input, more_columns, more_lines, moves, unproven};
pub use conflict::{change, change_by, demand, enough, member, premise, toward};
pub use desk::{against_before, status};
pub use frontier::{frontier, shift};
pub use interrupted::{Restart, progress, restart};
pub(crate) use meeting::{MetRow, met, met_rows};
pub use origin::{footnotes, marks, origin};
pub(crate) use proof::without_gap;
pub use proof::{certificate, how_to_verify, plain_certificate, search};
pub use reason::clashes;
pub use reconciled::reconciled;
pub(crate) use setting::{along, setting};
pub use setting::{field, settings, title, what_if};
pub use sure::{between, over_draws, sure, told};
pub use verdict::verdict;
pub use warning::{warned, warning};
pub use why::{judged, prices, why};
pub use workbook::{COLOURS, EDITED, STALE, UNPROVEN_EDITS, edited_plan};

use crate::curve::CurveView;
use crate::metric::Key;
use crate::number::{Kind, full, short, signed};
use crate::view::{Aim, At, Ending, Flights, LimitRow, LineRow, Over, View};
use outlay_scenario::spec::Metric;

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
    match &view.ending {
        Ending::Optimal(_) | Ending::WithinGap(_) => plan_headline(view),
        Ending::Infeasible { .. } => match view.conflict.len() {
            0 => "No plan satisfies all limits.".to_owned(),
            1 => "No plan exists: one limit cannot hold on its own.".to_owned(),
            n => format!("No plan exists: {n} limits cannot hold together."),
        },
        Ending::Undetermined { nodes } => format!(
            "Undecided after {nodes} {}: neither a plan nor a proof that none exists. Allow more with --nodes.",
            plural(*nodes, "node", "nodes")
        ),
    }
}

fn plan_headline(view: &View) -> String {
    let Aim { metric, value, today, .. } = &view.goal;
    let kind = metric.kind();
    let mut text = format!("{} {}", capital(&figure_of(&view.goal)), short(kind, *value));
    if let (Some(value), Some(today)) = (value, today)
        && *today != 0.0
    {
        let change = value - today;
        let percent = signed(Kind::Percent, Some(change / today.abs()));
        text.push_str(&format!(", {} ({percent}) against today", signed(kind, Some(change))));
    }
    if *metric != Key::Limited(Metric::Spend)
        && let Some(spend) = view.figure(Metric::Spend)
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
    let label = aim.metric.label();
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

/// A footnote to prices marked with a star.
pub const LOCAL_PRICE: &str =
    "* holds near this plan: deals or S-curves may make a larger step worth more or less.";

/// A remark under bars that do not start at 0.
pub fn cut_axis(kind: Kind, base: f64) -> String {
    format!("Bars start at {}, not at 0, so that the changes can be seen.", short(kind, Some(base)))
}

/// A remark where some limits are not listed.
pub fn limits_left_out(left: usize) -> String {
    format!("{left} more {} in the result file.", plural(left, "limit is", "limits are"))
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

/// A gap as a percentage with its order of magnitude.
pub fn gap(gap: f64) -> String {
    match gap {
        g if !g.is_finite() => "unknown".to_owned(),
        0.0 => "0%".to_owned(),
        g if g < 1e-4 => format!("{:.0e}", g),
        g => format!("{:.2}%", g * 100.0),
    }
}

/// A gap for those who do not run the search.
pub(crate) fn plain_gap(value: f64) -> String {
    if value.is_finite() && value < 1e-4 { "< 0.01%".to_owned() } else { gap(value) }
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

/// What is left of a limit.
pub(crate) fn slack(limit: &LimitRow) -> String {
    if limit.binding.is_some() { "none".to_owned() } else { short(limit.kind, limit.slack) }
}

/// What a binding limit costs, per unit of the number as written.
pub fn price(view: &View, limit: &LimitRow) -> Option<String> {
    let price = limit.price.filter(|p| view.matters(limit, *p))?;
    let goal = view.goal.metric.kind();
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
pub fn held(at: At) -> &'static str {
    match at {
        At::Off => "off",
        At::Min => "at min",
        At::Max => "at max",
        At::Deal => "deal",
        At::Price => "",
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
    fn headlines() {
        let mut view = sample::plan();
        assert_eq!(headline(&view), "Revenue 3.46M, +157K (+4.8%) against today, for USD 1.00M as today.");
        view.figures[1].plan = Some(900_000.0);
        assert!(headline(&view).ends_with("for USD 900K, USD 100K less than today."));
        view.ending = Ending::Undetermined { nodes: 1 };
        assert!(headline(&view).starts_with("Undecided after 1 node:"));
    }

    #[test]
    fn gaps() {
        assert_eq!([gap(0.0), gap(8.7e-9), gap(0.0123), gap(f64::NAN)], ["0%", "9e-9", "1.23%", "unknown"]);
    }
}
