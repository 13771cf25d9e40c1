//! Money in another unit than the plan's: thousands, millions, cents.

use super::error::Fault;
use super::{Actuals, Report};
use crate::files::result::LineResult;
use crate::model::scenario::{Media, Scenario};
use crate::read::scale::unit;

/// Rows from which most of them decide.
const FEW: usize = 3;
/// Shares of the plan that a row or two, and most of many rows, may have.
const USUAL: [(f64, f64); 2] = [(4e-3, 60.0), (1e-2, 60.0)];
/// A line may be paid for at once: of its whole plan no more than this.
const AT_ONCE: f64 = 1.5;

/// What was spent in a row, against what the plan has.
struct Row {
    number: usize,
    spent: f64,
    expected: f64,
    /// Where the line is paid for at once, `expected` says little.
    whole: f64,
}

impl Row {
    fn share(&self) -> f64 {
        self.spent / self.expected
    }

    fn is_off(&self, (least, most): (f64, f64)) -> bool {
        self.share() < least || (self.share() > most && self.spent > AT_ONCE * self.whole)
    }
}

/// Refuses money in thousands, or in cents, by what the plan says of the same
/// lines and periods, or by what the units delivered should have cost.
pub(super) fn in_one_unit(
    actuals: &Actuals,
    scenario: &Scenario,
    planned: &[LineResult],
) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for line in &actuals.lines {
        let Some(plan) = planned.iter().find(|p| p.name == line.name) else { continue };
        let media = scenario.lines.iter().find(|l| l.name == line.name).and_then(|l| l.media.as_ref());
        for report in line.reports.iter().filter(|r| r.spend > 0.0) {
            let row = |expected, whole| Row { number: report.row, spent: report.spend, expected, whole };
            let due = row(due(plan, report, actuals.periods.len()), plan.spend);
            let paid = media.and_then(|m| paid(m, report)).map(|paid| row(paid, paid));
            // What was delivered shows that so much was really spent.
            let row = paid.filter(|paid| !paid.is_off(USUAL[1])).unwrap_or(due);
            if row.expected > 0.0 {
                rows.push(row);
            }
        }
    }
    rows.sort_by(|a, b| a.share().total_cmp(&b.share()));
    let Some(middle) = rows.get(rows.len() / 2) else { return Ok(()) };
    let off = match rows.len() < FEW {
        true => rows.iter().all(|row| row.is_off(USUAL[0])),
        false => middle.is_off(USUAL[1]),
    };
    match off {
        true => Err(Fault::Scale {
            row: middle.number,
            spent: middle.spent,
            expected: middle.expected,
            unit: unit(middle.share()),
        }),
        false => Ok(()),
    }
}

/// What the plan spends where a report says what was spent.
fn due(plan: &LineResult, report: &Report, periods: usize) -> f64 {
    let Some(period) = report.period else { return plan.spend * report.complete };
    let flown = plan.flight.as_ref().and_then(|f| f.periods.get(period)).map(|p| p.spend);
    flown.unwrap_or(plan.spend / periods.max(1) as f64) * report.complete
}

/// What the units delivered cost at the plan's price.
fn paid(media: &Media, report: &Report) -> Option<f64> {
    Some(report.units? * media.price / media.each)
}
