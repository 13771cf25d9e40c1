//! What is known of the curves before a test, and what one would show.

use std::sync::Arc;

use outlay_curves::{Curve, Pool};
use outlay_experiments::value::{Model, Trial, Uncertain, order};

use super::candidates::{Candidate, Precision};
use super::error::NextError;
use super::today::{Today, periods};
use crate::experiment::lifted::ELSEWHERE;
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::model::shuffle::shuffled;
use crate::plan::layout::Layout;
use crate::plan::lower::{Lowered, lower};

/// Draws that are used at most; of more, every so many-th.
const MOST: usize = 2000;

/// What is known of the curves.
pub(super) struct Known {
    lines: Vec<KnownLine>,
    /// Which draws, every second one first.
    draws: Vec<usize>,
}

struct KnownLine {
    line: usize,
    /// Where its curve stands in the problem.
    places: Vec<usize>,
    /// By draw, in the order of `Known::draws`: the library's curve per period,
    /// and the line's over the horizon.
    pairs: Vec<(Curve, Curve)>,
    pool: Pool,
}

impl Known {
    pub(super) fn of(scenario: &Scenario, layout: &Layout) -> Known {
        let all: Vec<Vec<(Curve, Curve)>> = scenario.lines.iter().map(|l| l.draws.pairs()).collect();
        let count = all.iter().map(Vec::len).max().unwrap_or(0);
        let used: Vec<usize> = (0..count).step_by(count.div_ceil(MOST).max(1)).collect();
        let draws: Vec<usize> = order(used.len()).into_iter().map(|k| used[k]).collect();
        let line = |(line, own): (usize, Vec<(Curve, Curve)>)| {
            if own.is_empty() {
                return None;
            }
            let place =
                if own.len() == count { (0..count).collect() } else { shuffled(own.len(), count, line) };
            let pairs: Vec<(Curve, Curve)> = draws.iter().map(|&d| own[place[d]].clone()).collect();
            let raw: Vec<Curve> = pairs.iter().map(|p| p.0.clone()).collect();
            let pool = Pool::new(&raw, most(scenario, &scenario.lines[line]))?;
            Some(KnownLine { line, places: layout.earns(line), pairs, pool })
        };
        let lines = all.into_iter().enumerate().filter_map(line).collect();
        Known { lines, draws }
    }

    /// The lines that come with draws, in order.
    pub(super) fn lines(&self) -> Vec<usize> {
        self.lines.iter().map(|l| l.line).collect()
    }

    /// Number of draws.
    pub(super) fn draws(&self) -> usize {
        self.draws.len()
    }

    /// The problem, and how it follows from the curves.
    pub(super) fn model<'a>(&self, scenario: &'a Scenario, lowered: &'a Lowered) -> Model<'a> {
        if scenario.meeting.is_empty() {
            return Model::apart(&lowered.problem);
        }
        let lines = self.lines();
        Model::meeting(&lowered.problem, move |curves: &[Curve]| {
            let mut other = scenario.clone();
            for (&i, curve) in lines.iter().zip(curves) {
                let line = ScenarioLine { curve: curve.clone(), ..scenario.lines[i].as_ref().clone() };
                other.lines[i] = Arc::new(line);
            }
            lower(&other).problem
        })
    }

    pub(super) fn uncertain<'a>(&self, scenario: &'a Scenario) -> Vec<Uncertain<'a>> {
        let one = |known: &KnownLine| {
            let line = &*scenario.lines[known.line];
            Uncertain {
                places: known.places.clone(),
                curves: known.pairs.iter().map(|p| standing(line, p.1.clone())).collect(),
                pool: known.pool.clone(),
                finish: Box::new(move |curve| Some(standing(line, line.draws.finished(curve)?))),
            }
        };
        self.lines.iter().map(one).collect()
    }

    /// What a test would show under every draw, and how precisely.
    pub(super) fn trial(
        &self,
        scenario: &Scenario,
        test: &Candidate,
        today: &Today,
    ) -> Result<Trial, NextError> {
        let line = &scenario.lines[test.line];
        let found = self.lines.iter().position(|l| l.line == test.line).filter(|_| line.current > 0.0);
        let untestable = || NextError::Untestable { line: line.name.clone(), spends: line.current > 0.0 };
        let known = found.ok_or_else(untestable)?;
        let changes: Vec<f64> = line
            .draws
            .built_up(test.weeks * days(scenario))
            .iter()
            .map(|share| test.change * share)
            .collect();
        let lifts = if scenario.meeting.web_of(test.line).is_some() {
            self.together(scenario, test.line, &changes)
        } else {
            let per_period = line.current * left(line) / line.draws.stretch.0;
            // As the fit has it: steady spend before, the change built up by the
            // carry-over, outcomes of the test's periods alone.
            let lift = |curve: &Curve| {
                let before = curve.value(per_period);
                let after = |change: &f64| curve.value((per_period * (1.0 + change)).max(0.0));
                changes.iter().map(|change| after(change) - before).sum::<f64>()
            };
            self.lines[known].pairs.iter().map(|p| lift(&p.0)).collect()
        };
        let mean = lifts.iter().sum::<f64>() / lifts.len() as f64;
        let elsewhere = |error: f64| error.hypot(ELSEWHERE * mean);
        let error = match test.precision {
            Precision::Given(error) => error,
            Precision::Designed { relative, outcome } => elsewhere(relative * outcome),
            Precision::Assumed(relative) => {
                let weeks = test.weeks as f64;
                let outcome = today.of_outcome(line.outcome) * weeks * days(scenario) as f64;
                elsewhere(relative * (6.0 / weeks).sqrt() * outcome)
            }
        };
        // An error of nothing would tell draws apart that differ by rounding.
        let error = error.max(1e-9 * lifts.iter().fold(0.0f64, |m, l| m.max(l.abs())));
        Ok(Trial { lifts, error: error.max(f64::MIN_POSITIVE) })
    }

    /// What a test of a line that meets others shows under every draw: what all
    /// of them together earn beyond before, at the draws of each.
    fn together(&self, scenario: &Scenario, tested: usize, changes: &[f64]) -> Vec<f64> {
        let Some(web) = scenario.meeting.web_of(tested) else { return Vec::new() };
        let certain: Vec<f64> = scenario.lines.iter().map(|l| l.curve.value(l.current)).collect();
        let one = |d: usize| {
            let mut own = certain.clone();
            for known in &self.lines {
                own[known.line] = known.pairs[d].1.value(scenario.lines[known.line].current);
            }
            let before = scenario.meeting.worth(web, &own);
            let curve = self.lines.iter().find(|l| l.line == tested).map(|l| &l.pairs[d].1);
            let mut lift = 0.0;
            for change in changes {
                let spend = (scenario.lines[tested].current * (1.0 + change)).max(0.0);
                own[tested] = curve.map_or(0.0, |c| c.value(spend));
                lift += scenario.meeting.worth(web, &own) - before;
            }
            lift / periods(scenario)
        };
        (0..self.draws.len()).map(one).collect()
    }
}

/// A line's curve over the horizon as it stands in the problem.
fn standing(line: &ScenarioLine, curve: Curve) -> Curve {
    let share = line.flight.as_ref().map_or(1.0, |f| 1.0 / f.periods() as f64);
    if share == 1.0 { curve } else { curve.stretched(share, share) }
}

/// The largest spend per period, at the fit's prices, that a plan could ask a
/// curve at: all money in one period where it may be flighted.
fn most(scenario: &Scenario, line: &ScenarioLine) -> f64 {
    let budget = scenario.budget.as_ref().and_then(|b| b.max).unwrap_or(f64::INFINITY);
    let largest = line.max.unwrap_or(f64::INFINITY).min(budget).max(line.current);
    let Some(flight) = &line.flight else { return largest / line.draws.stretch.0 };
    let price = flight.price.iter().copied().fold(f64::INFINITY, f64::min);
    let left = flight.opening.iter().copied().fold(0.0, f64::max);
    let axis = line.draws.stretch.0 / flight.periods() as f64;
    (largest / price + left) / axis
}

/// Days in a period of the plan's that make a week: tests are as long as weeks.
pub(super) fn days(scenario: &Scenario) -> usize {
    if scenario.horizon.as_ref().is_some_and(|h| h.unit == "day") { 7 } else { 1 }
}

fn left(line: &ScenarioLine) -> f64 {
    line.past.map_or(1.0, |p| 1.0 - p.share)
}
