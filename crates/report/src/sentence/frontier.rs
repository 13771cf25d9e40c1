//! Sentences about a frontier.

use outlay_scenario::Status;
use outlay_scenario::frontier::{FrontierFile, FrontierPoint, FrontierShift, Held, Reached, ShiftKind};

use super::{capital, exact, gap};
use crate::metric;
use crate::metric::Key;
use crate::number::Kind;
use crate::view::goal_metric;

/// What changes at a breakpoint of a frontier.
pub fn shift(shift: &FrontierShift) -> String {
    let name = shift.name.as_deref().unwrap_or_default();
    let name = if name == "budget" { "the budget".to_owned() } else { format!("\"{name}\"") };
    match (shift.kind, shift.from, shift.to) {
        (ShiftKind::Limit, Some(Held::Slack), _) => format!("{name} starts to bind"),
        (ShiftKind::Limit, _, Some(Held::Slack)) => format!("{name} ceases to bind"),
        (ShiftKind::Limit, _, _) => format!("{name} binds on its other side"),
        (ShiftKind::Line, Some(Held::Off), Some(Held::Max)) => format!("{name} switches on, at its maximum"),
        (ShiftKind::Line, Some(Held::Off), _) => format!("{name} switches on"),
        (ShiftKind::Line, _, Some(Held::Off)) => format!("{name} switches off"),
        (ShiftKind::Line, _, Some(Held::Max)) => format!("{name} reaches its maximum"),
        (ShiftKind::Line, _, Some(Held::Min)) => format!("{name} falls to its minimum"),
        (ShiftKind::Line, _, Some(Held::Deal)) => format!("{name} keeps to its deal"),
        (ShiftKind::Line, Some(Held::Min), _) => format!("{name} rises from its minimum"),
        (ShiftKind::Line, Some(Held::Max), _) => format!("{name} falls from its maximum"),
        (ShiftKind::Line, _, _) => format!("{name} is no longer held by its deal"),
        (ShiftKind::Possible, _, _) => "from here on there is a plan".to_owned(),
        (ShiftKind::Impossible, _, _) => "from here on there is no plan".to_owned(),
        (ShiftKind::Jump, _, _) => "the value jumps".to_owned(),
    }
}

/// What a frontier proves, and where its condition is met.
pub fn frontier(file: &FrontierFile) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(reached) = &file.until {
        sentences.push(until(file, reached));
    }
    if file.points.iter().all(|p| p.value.is_none()) {
        sentences.push("There is no plan anywhere in this range.".to_owned());
        return sentences;
    }
    if let Some(place) = unknown(file) {
        sentences.push(format!(
            "{place} no plan is known that comes near the best {} there may be; {} plans solved, {} points.",
            aim(file).0.label(),
            file.solves,
            file.points.len()
        ));
        return sentences;
    }
    let size = file.gap.map_or_else(|| "an unknown distance".to_owned(), gap);
    let how = if file.gap.is_none() {
        "nothing is proven between them"
    } else if file.certified {
        "proven"
    } else {
        "estimated from plans solved in between"
    };
    sentences.push(format!(
        "On the straight line between neighbouring points the best {} is within {size} ({how}); {} plans solved, {} points.",
        aim(file).0.label(),
        file.solves,
        file.points.len()
    ));
    if !file.complete {
        sentences.push("The search stopped before every change was cornered.".to_owned());
    }
    sentences
}

/// Where no plan is known that is worth half of what may be best: a percentage of
/// next to nothing says nothing.
fn unknown(file: &FrontierFile) -> Option<String> {
    const ALL: f64 = 1.0;
    file.gap.filter(|gap| *gap >= ALL)?;
    let far = |p: &&FrontierPoint| match (p.value, p.bound) {
        (Some(value), Some(bound)) => (bound - value).abs() >= ALL * value.abs(),
        (value, _) => value.is_some() || p.status == Status::Undetermined,
    };
    let numbers: Vec<f64> = file.points.iter().filter(far).map(|p| p.at).collect();
    let written = |number: &f64| exact(over_kind(file), *number);
    Some(match (&numbers[..], file.points.len()) {
        ([], _) => "Between some of these points".to_owned(),
        (all, points) if all.len() == points => "Throughout this range".to_owned(),
        ([only], _) => format!("At {} = {}", file.over, written(only)),
        ([first, .., last], points) => {
            let count = numbers.len();
            format!("At {count} of {points} points, {} = {} to {},", file.over, written(first), written(last))
        }
    })
}

fn until(file: &FrontierFile, reached: &Reached) -> String {
    let condition = &reached.condition;
    let side = if condition.at_least { "at least" } else { "at most" };
    let kind = match condition.figure.as_str() {
        "marginal" => Kind::Ratio,
        "value" => aim(file).0.kind(),
        figure => metric::kind(figure),
    };
    let what = match condition.figure.as_str() {
        "marginal" => format!("Marginal {}", aim(file).0.label()),
        "value" => title(file),
        figure => capital(&metric::label(figure)),
    };
    let claim = format!("{what} is {side} {}", exact(kind, condition.number));
    let Some(at) = reached.at else {
        let whole = if reached.holds_first { "everywhere" } else { "nowhere" };
        return format!("{claim} {whole} in this range.");
    };
    let number = exact(over_kind(file), at);
    let way = if reached.holds_first { "up to" } else { "from" };
    format!("{claim} {way} {} = {number}.", file.over)
}

/// What the goal is about, and whether it is maximised.
pub(crate) fn aim(file: &FrontierFile) -> (Key, bool) {
    let (maximize, key) = goal_metric(&file.goal);
    (key, maximize)
}

/// How the numbers of the field are written.
pub(crate) fn over_kind(file: &FrontierFile) -> Kind {
    file.metric.as_ref().map_or(Kind::Ratio, |m| Key::from(m).kind())
}

/// The goal's metric with a capital.
pub(crate) fn title(file: &FrontierFile) -> String {
    capital(aim(file).0.label())
}
