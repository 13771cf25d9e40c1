//! Words of the page that answers.

use crate::metric::Key;
use crate::number::{Kind, short, signed};
use crate::view::{Ending, View};
use outlay_scenario::spec::Metric;

/// A status in words.
pub fn status(ending: &Ending) -> &'static str {
    match ending {
        Ending::Optimal(_) => "proven optimal",
        Ending::WithinGap(_) => "not yet proven the best",
        Ending::Infeasible { .. } => "no plan exists",
        Ending::Undetermined { .. } => "undecided",
    }
}

/// What a plan gains or loses against the one before it.
pub fn against_before(before: &View, now: &View) -> String {
    match (before.has_plan(), now.has_plan()) {
        (false, true) => return "Before there was no plan; now there is one.".to_owned(),
        (true, false) => return "Before there was a plan; now there is none.".to_owned(),
        (false, false) => return "There was no plan before either.".to_owned(),
        (true, true) => {}
    }
    let kind = now.goal.metric.kind();
    if before.goal.metric != now.goal.metric {
        return format!("The goal is now {}, not {}.", now.goal.metric.label(), before.goal.metric.label());
    }
    let label = crate::sentence::capital(now.goal.metric.label());
    let text = match now.goal.value.zip(before.goal.value).map(|(n, b)| (n - b, b)) {
        Some((moved, was)) if moved.abs() > 1e-9 * was.abs() => {
            let share = if was == 0.0 {
                String::new()
            } else {
                format!(" ({})", signed(Kind::Percent, Some(moved / was.abs())))
            };
            format!(
                "{label} {}{share}, from {} to {}",
                signed(kind, Some(moved)),
                short(kind, Some(was)),
                short(kind, now.goal.value)
            )
        }
        _ => format!("{label} stays at {}", short(kind, now.goal.value)),
    };
    let spent = |v: &View| v.figure(Metric::Spend).and_then(|f| f.plan);
    match spent(now).zip(spent(before)).map(|(n, b)| (n - b, b)) {
        Some((moved, was))
            if now.goal.metric != Key::Limited(Metric::Spend) && moved.abs() > 1e-6 * was.abs() =>
        {
            format!("{text}; spend {}.", signed(Kind::Money, Some(moved)))
        }
        _ => format!("{text}."),
    }
}
