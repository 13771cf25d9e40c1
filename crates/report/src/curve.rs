//! A line's response curve, sampled for drawing.

use outlay_curves::Curve;
use outlay_scenario::result::Range;

use crate::number::Kind;
use crate::sheet::{LineFacts, Sheet};
use crate::view::LineRow;

/// A curve sampled for drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveView {
    /// Spend and outcome, spends increasing from 0.
    pub points: Vec<(f64, f64)>,
    /// At each point the interval that holds the curve; empty where the curve
    /// comes without draws.
    pub band: Vec<(f64, f64)>,
    /// Probability of the interval.
    pub level: f64,
    /// Today's spend and outcome.
    pub today: (f64, f64),
    /// The plan's.
    pub plan: (f64, f64),
    /// The interval at the plan.
    pub plan_band: Option<(f64, f64)>,
    /// Least and largest spend allowed.
    pub bounds: (f64, Option<f64>),
    /// Least and largest spend observed.
    pub observed: Option<(f64, f64)>,
    /// How outcomes are written.
    pub outcome: Kind,
}

/// Points of a drawn curve.
const POINTS: usize = 48;

impl CurveView {
    /// Samples a line's curve over the spends that matter for it.
    pub fn new(line: &LineRow, facts: &LineFacts) -> Self {
        let curve = &facts.curve;
        let reach = reach(line, facts);
        // Denser where curves bend: near zero.
        let at = |i: usize| reach * (i as f64 / (POINTS - 1) as f64).powf(1.5);
        let points: Vec<(f64, f64)> = (0..POINTS).map(|i| (at(i), curve.value(at(i)))).collect();
        let draws = facts.draws.curves();
        let level = facts.draws.level();
        let interval = |x: f64| interval(&draws, x, level);
        CurveView {
            band: points.iter().filter_map(|p| interval(p.0)).collect(),
            points,
            level,
            today: (line.current, curve.value(line.current)),
            plan: (line.spend, curve.value(line.spend)),
            plan_band: interval(line.spend),
            bounds: (line.min, line.max),
            observed: facts.observed,
            outcome: facts.outcome,
        }
    }
}

/// The largest spend drawn: beyond today's, the plan's and what was observed,
/// up to the largest allowed unless that is far away.
fn reach(line: &LineRow, facts: &LineFacts) -> f64 {
    let seen = facts.observed.map_or(0.0, |(_, most)| most.min(4.0 * line.spend.max(line.current)));
    let mut reach = [line.current, line.spend, line.min, seen].into_iter().fold(0.0, f64::max) * 1.25;
    if let Some(max) = line.max.filter(|m| m.is_finite()) {
        reach = if reach > 0.0 { reach.max(max.min(3.0 * reach)) } else { max };
    }
    if reach <= 0.0 || !reach.is_finite() {
        reach = facts.curve.typical_spend().clamp(1.0, 1e12);
    }
    reach.min(facts.curve.last_spend())
}

/// The central interval of the draws' outcomes that holds `level` of them.
fn interval(draws: &[Curve], spend: f64, level: f64) -> Option<(f64, f64)> {
    let outcomes = draws.iter().map(|c| c.value(spend)).filter(|v| v.is_finite()).collect();
    Range::central(outcomes, level).map(|range| (range.low, range.high))
}

impl Sheet {
    /// The drawn curve of a line; none for flights, whose spends differ by
    /// period where a curve is over the whole horizon.
    pub fn curve(&self, index: usize) -> Option<CurveView> {
        if self.view.flights.is_some() {
            return None;
        }
        Some(CurveView::new(self.view.lines.get(index)?, self.facts.lines.get(index)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_quantiles_of_the_draws() {
        let draws: Vec<Curve> = (0..=100).map(|i| Curve::linear(f64::from(i)).expect("valid")).collect();
        let (low, high) = interval(&draws, 2.0, 0.9).expect("draws");
        assert!((low - 10.0).abs() < 1e-9 && (high - 190.0).abs() < 1e-9, "{low} {high}");
        assert_eq!(interval(&[], 2.0, 0.9), None);
    }
}
