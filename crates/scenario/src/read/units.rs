//! Spends, budgets and curves that look like another unit or period is meant.

use std::sync::Arc;

use crate::files::spec::{BudgetSpec, HorizonSpec};
use crate::files::warning::Warning;
use crate::model::scenario::ScenarioLine;

/// Today's spend at a smaller share of the mean observed is far below.
const BELOW: f64 = 1.0 / 8.0;
/// Today's spend at a larger multiple of the most observed is far above.
const ABOVE: f64 = 4.0;
/// So many lines, all near one period's worth in a horizon of so many periods,
/// are per period although a single one might be a line that is run down.
const TOGETHER: (usize, f64) = (3, 8.0);
/// A smaller share of today's spend is no budget.
const SMALL_BUDGET: f64 = 0.01;
/// Multiples of today's spend that are about a thousand.
const THOUSAND: std::ops::RangeInclusive<f64> = 500.0..=2000.0;
/// A curve whose outcome falls by less than this share of a percent with the last
/// percent of spend is used up.
const USED_UP: f64 = 1.0 / 8.0;
/// Fewer periods are too near to one to tell them apart.
const FEWEST: u32 = 4;

/// What looks like another unit or period; a plan under way is left alone.
pub(crate) fn units(
    lines: &[Arc<ScenarioLine>],
    budget: Option<&BudgetSpec>,
    horizon: Option<&HorizonSpec>,
) -> Vec<Warning> {
    if lines.iter().any(|line| line.past.is_some()) {
        return Vec::new();
    }
    let mut found = far_from_observed(lines);
    found.extend(budget.and_then(|budget| far_budget(lines, budget)));
    if let Some(horizon) = horizon.filter(|h| h.periods >= FEWEST) {
        found.extend(lines.iter().filter_map(|line| per_period(line, horizon.periods)));
    }
    found
}

/// A line's spend today as a multiple of what was observed.
struct Seen<'a> {
    line: &'a ScenarioLine,
    times: f64,
    periods: f64,
}

fn far_from_observed(lines: &[Arc<ScenarioLine>]) -> Vec<Warning> {
    let seen = lines.iter().filter_map(|line| {
        let (mean, periods) = (line.observed_mean?, line.library_periods?);
        (mean > 0.0 && line.current > 0.0).then(|| Seen { line, times: line.current / mean, periods })
    });
    let seen: Vec<Seen> = seen.collect();
    let one_period = |s: &Seen| s.periods >= TOGETHER.1 && (0.6..2.0).contains(&(s.times * s.periods));
    let together = seen.len() >= TOGETHER.0 && seen.iter().all(one_period);
    let above = |s: &&Seen| s.line.observed_max.is_some_and(|most| s.line.current > ABOVE * most);
    let below = |s: &&Seen| together || s.times < BELOW;
    let sides = [seen.iter().filter(above).collect(), seen.iter().filter(below).collect::<Vec<_>>()];
    sides.into_iter().filter_map(|side| told(&side)).collect()
}

fn told(far: &[&Seen]) -> Option<Warning> {
    let mut times: Vec<f64> = far.iter().map(|s| s.times).collect();
    times.sort_unstable_by(f64::total_cmp);
    Some(Warning::FarFromObserved {
        lines: far.iter().map(|s| s.line.name.clone()).collect(),
        times: *times.get(times.len() / 2)?,
        periods: far.first()?.periods,
    })
}

fn far_budget(lines: &[Arc<ScenarioLine>], budget: &BudgetSpec) -> Option<Warning> {
    let (field, most) = match (budget.exact, budget.max) {
        (Some(exact), _) => ("budget.exact", exact),
        (None, Some(max)) => ("budget.max", max),
        (None, None) => return None,
    };
    let today: f64 = lines.iter().map(|line| line.current * (1.0 + line.fee)).sum();
    let running = lines.iter().all(|line| line.current > 0.0);
    let small = most > 0.0 && most <= SMALL_BUDGET * today;
    let large = running && today > 0.0 && THOUSAND.contains(&(most / today));
    (small || large).then(|| Warning::FarBudget { field: field.to_owned(), budget: most, today })
}

/// A curve written in place that today's spend over the horizon uses up, and one
/// period's worth of it does not.
fn per_period(line: &ScenarioLine, periods: u32) -> Option<Warning> {
    let one = line.current / f64::from(periods);
    let fits = line.library_periods.is_none() && line.current > 0.0 && line.judgement.is_none();
    let used_up = |x: f64| line.curve.marginal_before(x) * x < USED_UP * line.curve.value(x);
    if !fits || !used_up(line.current) || used_up(one) {
        return None;
    }
    let share = line.curve.value(one) / line.curve.value(line.current);
    Some(Warning::CurvePerPeriod { line: line.name.clone(), share, periods })
}
