//! Limits over what is left of a horizon that has begun.

use outlay_allocator::Terms;

use crate::files::spec::Metric;
use crate::model::scenario::Scenario;

/// A limit's quantity over the rest alone: what the past contributes is taken
/// off, and baseline counts with the share of the horizon that is left.
pub(super) fn of(
    scenario: &Scenario,
    metric: &Metric,
    numerator: Terms,
    denominator: Option<Terms>,
) -> (Terms, Option<Terms>) {
    if *metric == Metric::Change {
        // Spend less the running plan's is the same with and without the past;
        // what it is a fraction of is not.
        let past = contributed(scenario, &Terms { constant: 0.0, ..numerator.clone() });
        let denominator = denominator.map(|d| Terms { constant: d.constant - past, ..d });
        return (numerator, denominator);
    }
    let left = scenario.lines.iter().filter_map(|l| l.past).map(|p| 1.0 - p.share).fold(1.0, f64::min);
    let rest = |terms: Terms| {
        let past = contributed(scenario, &terms);
        Terms { constant: terms.constant * left - past, ..terms }
    };
    (rest(numerator), denominator.map(rest))
}

/// What the lines' past adds to a quantity.
fn contributed(scenario: &Scenario, terms: &Terms) -> f64 {
    let past = scenario.lines.iter().enumerate().filter_map(|(i, line)| Some((i, line.past?)));
    // What lines that meet have earned is not in their curves.
    let earned = |i: usize| if scenario.meeting.web_of(i).is_some() { 0.0 } else { terms.of(i).response };
    past.map(|(i, past)| terms.of(i).spend * past.spend + earned(i) * past.outcome).sum()
}
