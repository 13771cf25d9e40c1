//! Where a part is cut in two.
//!
//! Words: torn lines are the branching candidates.

use super::bound::Lagrangian;
use super::choice::rules;
use super::field::{Field, Samples};
use super::part::Part;
use super::search::{Search, Weighed};
use crate::pricing::Pricing;
use crate::{Goal, Line, Terms};

/// Share of the goal's terms below which an error is none.
const LEAST: f64 = 1e-12;

/// A line to cut, where, and what its majorant is above its curve there.
type Candidate = (f64, usize, f64);

impl Search<'_> {
    /// The line whose own majorants, draw by draw, are furthest above its
    /// curves, or that lies between two spans of its domain, and where to cut.
    pub(super) fn cut_of_majorants(
        &self,
        part: &Part,
        field: &Field,
        proof: &Weighed,
    ) -> Option<(usize, f64)> {
        let lines = &self.risky.problem.lines;
        let truth = Field::of_curves(&self.risky.draws, lines);
        let goal = self.risky.goal.iter().map(|t| (t.terms.clone(), &proof.1.goal));
        let limits = self.risky.limits.iter().map(|l| l.terms(0.0)).zip(&proof.1.limits);
        let terms: Vec<(Terms, &Vec<f64>)> = goal.chain(limits).collect();
        let goal = match &self.risky.problem.goal {
            Goal::Maximize(terms) => Some(terms),
            Goal::MinimizeRatio { .. } => None,
        };
        let pricing = Pricing::new(&self.risky.problem, goal, &proof.0.prices, 0.0);
        let (mut above, mut own) = (Samples::default(), Samples::default());
        self.most(part, &proof.1.at, |i, x| {
            let mean = field.mean(i, x).value - truth.mean(i, x).value;
            let mut error = pricing.offer(i).worth.max(0.0) * mean;
            field.sample(i, x, &mut above);
            truth.sample(i, x, &mut own);
            for (terms, weights) in &terms {
                let c = terms.of(i).response;
                let drawn = &self.risky.draws.lines[i];
                for (d, w) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    let k = drawn.index(d);
                    error += c * w * (above.value[k] - own.value[k]);
                }
            }
            error
        })
    }

    /// The line whose weighted curve is furthest below its own chord.
    pub(super) fn cut_of_weighted(&self, part: &Part, proof: &Weighed) -> Option<(usize, f64)> {
        let lagrangian = Lagrangian::new(self.risky, &proof.0, &proof.1);
        self.most(part, &proof.1.at, |i, x| {
            let response = lagrangian.response(i, &part.region);
            response.and_then(|r| r.touch().map(|touch| r.error(x, touch))).unwrap_or(0.0)
        })
    }

    /// True if some rule counts whether a line is on.
    fn counts(&self, i: usize) -> bool {
        rules(self.risky).any(|(_, _, active)| active[i] != 0.0)
    }

    /// A line of a rule on which lines are on that may be either: the one least
    /// decided at spends.
    pub(super) fn cut_of_rules(&self, part: &Part, at: &[f64]) -> Option<(usize, f64)> {
        let anchors = self.anchors(&part.high);
        let open = (0..at.len()).filter(|&i| part.is_open(i) && self.counts(i));
        let torn = |i: &usize| (at[*i] / anchors[*i]).min(1.0) - 0.5;
        open.min_by(|a, b| torn(a).abs().total_cmp(&torn(b).abs())).map(|i| (i, 0.0))
    }

    /// The line with the largest error, and where to cut it: well inside.
    fn most(
        &self,
        part: &Part,
        at: &[f64],
        mut error: impl FnMut(usize, f64) -> f64,
    ) -> Option<(usize, f64)> {
        let size = self.size();
        let mut most: Option<Candidate> = None;
        for (i, line) in self.risky.problem.lines.iter().enumerate() {
            let (low, high, x) = (part.low[i], part.high[i], at[i]);
            if high <= low {
                continue;
            }
            let torn = torn(line, x);
            // A line that costs something to switch on is off, or on.
            let switched = self.choice && part.is_open(i) && self.counts(i);
            let own = if torn { error(i, x).max(size * line.distance(x)) } else { error(i, x) };
            let range = if high.is_finite() { high - low } else { 2.0 * (x - low).max(1e-9) };
            let at = if switched {
                0.0
            } else if torn {
                x
            } else {
                x.clamp(low + 0.2 * range, high.min(low + range) - 0.2 * range)
            };
            let new = (at > low || switched) && at < high && own > LEAST * size;
            if new && most.is_none_or(|(e, ..)| own > e) {
                most = Some((own, i, at));
            }
        }
        most.map(|(_, i, at)| (i, at))
    }
}

/// True between two spans of a line's domain.
fn torn(line: &Line, x: f64) -> bool {
    !line.domain().contains(x) && line.distance(x) > 1e-9
}
