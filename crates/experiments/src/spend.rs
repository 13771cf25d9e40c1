//! How spend moved in a test, and what a unit of it returned.

use crate::Panel;
use crate::estimate::Estimate;
use crate::panel::total;
use crate::seen::{Seen, Test};

/// Spend in the treated markets against what it would have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Spend of the treated markets in the test.
    pub spent: f64,
    /// What they would have spent: their ratio to the controls before the test,
    /// times the controls' spend in the test.
    pub expected: f64,
    /// What all markets would have spent in the test.
    pub national: f64,
    /// Lift over change of spend, the incremental return on it; `None` where
    /// spend did not move.
    pub iroas: Option<Estimate>,
}

/// Share of what would have been spent below which spend did not move.
const STILL: f64 = 0.01;

pub(crate) fn moved(panel: &Panel, test: &Test, seen: &Seen, lift: &Estimate) -> Option<Moved> {
    let spend = panel.spend.as_ref()?;
    let (treated, controls) = (total(spend, &seen.treated), total(spend, &seen.controls));
    let end = test.end.min(panel.periods());
    let sum = |series: &[f64], from: usize, to: usize| series[from..to].iter().sum::<f64>();
    let from = seen.blocks.spans[0].0;
    let (before, beside) = (sum(&treated, from, test.start), sum(&controls, from, test.start));
    let length = (end - test.start) as f64 / (test.start - from) as f64;
    let spent = sum(&treated, test.start, end);
    let controls_spent = sum(&controls, test.start, end);
    let expected = if beside > 0.0 { before / beside * controls_spent } else { before * length };
    let change = spent - expected;
    let scale = expected.abs().max(spent.abs());
    let iroas = (scale > 0.0 && change.abs() > STILL * scale).then(|| {
        let of = |v: f64| v / change;
        let (a, b) = (of(lift.low), of(lift.high));
        let standard_error = (lift.standard_error / change).abs();
        Estimate { value: of(lift.value), low: a.min(b), high: a.max(b), standard_error }
    });
    Some(Moved { spent, expected, national: expected + controls_spent, iroas })
}
