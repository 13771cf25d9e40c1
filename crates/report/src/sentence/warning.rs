//! What in a scenario is allowed and probably not meant.

use outlay_scenario::Warning;

use super::{exact, plural};
use crate::layout::visible;
use crate::number::{Kind, short};

/// A warning in words, with what to write if it is right.
pub fn warning(warning: &Warning) -> String {
    match warning {
        Warning::NearTag { line, tag, value, near } => visible(&format!(
            "line \"{line}\" alone has {tag} \"{value}\"; others have \"{near}\". If it is misspelled, what is \
             limited or summed for \"{near}\" leaves this line out."
        )),
        Warning::LargeFraction { field, value } => visible(&format!(
            "{field} = {value} is {}; for {value}% write {}.",
            exact(Kind::Percent, *value),
            value / 100.0
        )),
        Warning::NeverBought { line, deal, least, most } => visible(&format!(
            "line \"{line}\" can never be on: {deal} is {}, and it may spend at most {}.",
            exact(Kind::Money, *least),
            exact(Kind::Money, *most)
        )),
        Warning::FarFromObserved { lines, times, periods } => far_from_observed(lines, *times, *periods),
        Warning::FarBudget { field, budget, today } => format!(
            "{field} is {}, and the lines spend {} today. If one of them is in thousands, write both in the \
             same unit.",
            exact(Kind::Money, *budget),
            exact(Kind::Money, *today)
        ),
        Warning::CurvePerPeriod { line, share, periods } => visible(&format!(
            "the curve written for line \"{line}\" is used up by today's spend: 1/{periods} of it would earn \
             {} of what all of it does. A curve written in place is over the whole horizon; one per period \
             belongs in a library with its unit, or its spends and outcomes are multiplied by {periods}.",
            short(Kind::Percent, Some(*share))
        )),
    }
}

/// Names told of many lines.
const NAMED: usize = 2;

fn far_from_observed(lines: &[String], times: f64, periods: f64) -> String {
    let names: Vec<String> = lines.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect();
    let more = match lines.len() - names.len() {
        0 => String::new(),
        left => format!(" and {left} {}", plural(left, "other line", "other lines")),
    };
    let multiple = short(Kind::Count, Some(times.max(1.0 / times)));
    let side = if times > 1.0 { "above" } else { "below" };
    let thousand = 300.0..=3000.0;
    let near = |x: f64| periods > 1.0 && (0.5..=2.0).contains(&x);
    let cause = if thousand.contains(&times) {
        "If the library is in thousands, so must be the scenario.".to_owned()
    } else if thousand.contains(&(1.0 / times)) {
        "If the scenario is in thousands, so must be the library.".to_owned()
    } else if near(times * periods) {
        format!(
            "If it is spend per period, multiply it by {periods}: all spends in a scenario are over its \
             whole horizon."
        )
    } else if near(times / periods) {
        format!("If the library's spends are over {periods} periods, write one per period.")
    } else {
        "Check that both are in the same unit, and that spends are over the whole horizon.".to_owned()
    };
    visible(&format!(
        "today's spend of {}{more} is {multiple} times {side} what {} fitted to, on average over as many periods. {cause}",
        names.join(", "),
        plural(lines.len(), "its curve was", "their curves were")
    ))
}

/// The same as a sentence of its own.
pub fn warned(one: &Warning) -> String {
    format!("Warning: {}", warning(one))
}
