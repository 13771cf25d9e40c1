//! Plans made by hand in another unit than the scenario's money: thousands,
//! millions, cents.

use crate::model::scenario::{Scenario, ScenarioLine};

/// Shares of a line's money that a plan may have.
const USUAL: (f64, f64) = (4e-3, 60.0);

/// What amounts look like where most of them lie beyond what their lines are
/// ever given, and so does their sum beyond the budget.
pub(crate) struct Scaled {
    /// The line in the middle.
    pub(crate) line: String,
    pub(crate) found: f64,
    /// What the scenario has for it.
    pub(crate) expected: f64,
    /// The likely unit, in words.
    pub(crate) unit: &'static str,
}

/// Whether a plan's spends are in another unit than the scenario.
pub(crate) fn scaled(scenario: &Scenario, spends: &[f64]) -> Option<Scaled> {
    let off = |share: f64| share < USUAL.0 || share > USUAL.1;
    let each = scenario.lines.iter().zip(spends).filter(|(_, spend)| **spend > 0.0);
    let mut rows: Vec<(&ScenarioLine, f64, f64)> =
        each.filter_map(|(line, &spend)| usual(line).map(|expected| (&**line, spend, expected))).collect();
    rows.sort_by(|a, b| (a.1 / a.2).total_cmp(&(b.1 / b.2)));
    let &(line, found, expected) = rows.get(rows.len() / 2)?;
    let budget = scenario.budget.as_ref().and_then(|b| b.exact.or(b.max));
    let total: f64 = spends.iter().sum();
    let known: f64 = budget.unwrap_or_else(|| rows.iter().map(|row| row.2).sum());
    let share = found / expected;
    (off(share) && off(total / known)).then(|| Scaled {
        line: line.name.clone(),
        found,
        expected,
        unit: unit(share),
    })
}

/// What a scenario has for a line: what it spends today, else what it may.
fn usual(line: &ScenarioLine) -> Option<f64> {
    let known = [Some(line.current), line.min, line.max];
    known.into_iter().flatten().find(|amount| *amount > 0.0 && amount.is_finite())
}

/// The unit that a share of what is expected looks like.
pub(crate) fn unit(share: f64) -> &'static str {
    match share {
        s if s < 2e-5 => "in millions",
        s if s < 1.0 => "in thousands",
        s if s < 400.0 => "in cents",
        _ => "a thousand times too large",
    }
}
