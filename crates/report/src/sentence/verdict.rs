//! What re-proving a saved file found.

use outlay_scenario::result::Source;
use outlay_scenario::{Claim, Status, Verified};

use super::{gap, plural};
use crate::layout::visible;
use crate::number::full;

/// Most differences listed.
const MOST_DIFFERENCES: usize = 20;

/// The verdict on one saved result: does it hold, of which scenario, and what
/// is proven.
pub fn verdict(verified: &Verified) -> String {
    let Verified { scenario, source, claim, differences, figures, .. } = verified;
    // A name that holds a line break must not write a verdict of its own.
    let scenario = visible(scenario);
    if differences.is_empty() {
        let holds =
            format!("{scenario}: the proof holds; {figures} figures recomputed from the scenario agree.\n");
        return holds + &from(source) + &format!("  proven: {}\n", proven(claim));
    }
    let count = differences.len();
    let noun = plural(count, "figure does", "figures do");
    let mut text = format!("{scenario}: the proof fails; {count} {noun} not follow from the scenario.\n");
    text.push_str(&from(source));
    for difference in differences.iter().take(MOST_DIFFERENCES) {
        text.push_str(&format!(
            "  {}: says {}, the scenario gives {}\n",
            visible(&difference.field),
            visible(&difference.stated),
            visible(&difference.recomputed)
        ));
    }
    if count > MOST_DIFFERENCES {
        text.push_str(&format!("  and {} more\n", count - MOST_DIFFERENCES));
    }
    text + &format!(
        "  Unless somebody changed it or its scenario, another build of Outlay than this one ({}) wrote it: solve \
         it again.\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// The scenario's file and hash, and what was asked besides.
fn from(source: &Source) -> String {
    let mut text = format!("  scenario: {}\n  SHA-256: {}\n", visible(&source.path), visible(&source.sha256));
    let set: Vec<String> =
        source.set.iter().map(|(path, value)| visible(&format!("{path}={value}"))).collect();
    if !set.is_empty() {
        text.push_str(&format!("  set: {}\n", set.join(", ")));
    }
    let asked = source.asked;
    let parts = [
        asked.gap.map(|g| format!("a gap of at most {}", gap(g))),
        asked.round.map(|unit| format!("every spend a multiple of {}", amount(unit))),
        asked.nodes.map(|nodes| format!("at most {nodes} {}", plural(nodes, "node", "nodes"))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        text.push_str(&format!("  asked: {}\n", parts.join(", ")));
    }
    text
}

fn proven(claim: &Claim) -> String {
    match claim {
        Claim::Plan { status, value, gap: proven, asked } => {
            let figure = value.map_or_else(|| "unknown".to_owned(), amount);
            let within = gap(proven.unwrap_or(f64::NAN));
            let asked = asked.map(|a| format!(" (asked: {})", gap(a))).unwrap_or_default();
            match status {
                Status::Optimal => format!("optimal: {figure}, and no plan is better; gap {within}{asked}"),
                Status::WithinGap => {
                    format!("a plan of {figure}; the best one may be better by a gap of {within}{asked}")
                }
                Status::Infeasible => "no plan keeps all limits".to_owned(),
                Status::Undetermined => "nothing: neither a plan nor that there is none".to_owned(),
            }
        }
        Claim::Check(Some(true)) => "all limits can hold, and how far each can go".to_owned(),
        Claim::Check(Some(false)) => "the limits cannot all hold, and what resolves it".to_owned(),
        Claim::Check(None) => "nothing: neither that the limits can hold nor that they cannot".to_owned(),
        Claim::Judgement(true) => "the plan keeps every rule, and what it leaves on the table".to_owned(),
        Claim::Judgement(false) => "the plan breaks rules, and what is near it that does not".to_owned(),
        Claim::Frontier { gap: within, certified: true } => format!(
            "every point, and that between two of them the best value is off the straight line by a gap of \
             at most {}",
            gap(within.unwrap_or(f64::NAN))
        ),
        Claim::Frontier { certified: false, .. } => "every point; between them nothing".to_owned(),
        Claim::Comparison(results) => format!("{results} results, and what splits their difference"),
    }
}

fn amount(value: f64) -> String {
    full(value, if value.abs() < 1000.0 { 4 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_name_what_differs() {
        let difference = outlay_scenario::Difference {
            field: "lines.TV.revenue".to_owned(),
            stated: "1".to_owned(),
            recomputed: "2".to_owned(),
        };
        let source = Source { path: "s.toml".to_owned(), sha256: "0f".to_owned(), ..Source::default() };
        let claim = Claim::Plan {
            status: Status::Optimal,
            value: Some(12_345.0),
            gap: Some(1e-10),
            asked: Some(1e-8),
        };
        let mut verified =
            Verified { scenario: "S".to_owned(), source, claim, differences: Vec::new(), figures: 9 };
        assert_eq!(
            verdict(&verified),
            "S: the proof holds; 9 figures recomputed from the scenario agree.\n  scenario: s.toml\n  \
             SHA-256: 0f\n  proven: optimal: 12,345, and no plan is better; gap 1e-10 (asked: 1e-8)\n"
        );
        verified.differences = vec![difference; 30];
        let text = verdict(&verified);
        assert!(text.contains("lines.TV.revenue: says 1, the scenario gives 2"), "{text}");
        assert!(text.contains("and 10 more\n"), "{text}");
        assert!(text.ends_with("solve it again.\n") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
    }
}
