//! What weights on the draws and prices on the limits prove.
//!
//! Words: twins are lines that a symmetry exchanges.

use thiserror::Error;

use super::response::{Response, Weighted};
use super::weights::{ROUNDED, are_fair};
use super::{Risky, Tail, Weights};
use crate::certificate::{NotProven, covers, proves_empty};
use crate::pricing::Pricing;
use crate::region::{Region, Twins};
use crate::sum::Sum;
use crate::tolerance::{HOPELESS, KEPT};
use crate::{Goal, Leaf, Span, Terms};

/// Why leaves with weights prove nothing.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RiskError {
    /// The leaves themselves.
    #[error(transparent)]
    Leaves(#[from] NotProven),
    /// Weights outside the set that bounds the tail, or of another length.
    #[error("the weights on the draws of leaf {leaf} prove nothing")]
    Weights {
        /// Index of the leaf.
        leaf: usize,
    },
}

/// The least bound on the goal that leaves and weights prove; `-inf` when they
/// prove that no plan exists.
///
/// # Errors
/// When they prove nothing.
pub fn bound(risky: &Risky, leaves: &[Leaf], weights: &[Weights]) -> Result<f64, RiskError> {
    let bounds = leaf_bounds(risky, leaves, weights)?;
    let open = leaves.iter().zip(bounds).filter(|(leaf, _)| !leaf.empty);
    Ok(open.map(|(_, bound)| bound).fold(f64::NEG_INFINITY, f64::max))
}

/// What each leaf proves on its region: of the goal, or for a leaf that is
/// empty of goal 0.
///
/// # Errors
/// As [`bound`].
pub fn leaf_bounds(risky: &Risky, leaves: &[Leaf], weights: &[Weights]) -> Result<Vec<f64>, RiskError> {
    covers(&risky.problem, leaves)?;
    let mut bounds = Vec::with_capacity(leaves.len());
    for (index, leaf) in leaves.iter().enumerate() {
        let own = weights.get(index).filter(|w| are_fair(risky, w, leaf.empty) && leaf.step.is_none());
        let own = own.ok_or(RiskError::Weights { leaf: index })?;
        let region = Region::of(&risky.problem, &leaf.cuts, &Twins::default());
        let bound = region_bound(risky, leaf, own, &region);
        if leaf.empty && !proves_empty(bound) {
            return Err(NotProven::NotEmpty { leaf: index }.into());
        }
        bounds.push(bound);
    }
    Ok(bounds)
}

/// Upper bound on the goal over a region: with the weights the Lagrangian is a
/// sum over lines, and each line's part is at most its [best](Response::best).
pub(super) fn region_bound(risky: &Risky, leaf: &Leaf, weights: &Weights, region: &Region) -> f64 {
    let lagrangian = Lagrangian::new(risky, leaf, weights);
    let mut total = lagrangian.constant;
    let mut absolute = lagrangian.absolute;
    for (i, &at) in weights.at.iter().enumerate() {
        let Some(response) = lagrangian.response(i, region) else { return f64::NEG_INFINITY };
        let best = response.best(at);
        total.add(best.bound);
        absolute += best.size;
    }
    // Rounding of sums over the draws, of curves and of the weights.
    let rounding = f64::EPSILON * (256.0 + risky.draws.count as f64) + 4.0 * ROUNDED;
    let bound = total.upper() + rounding * absolute;
    if bound.is_finite() && absolute.is_finite() { bound } else { f64::INFINITY }
}

/// Goal and limits at a leaf's weights and prices.
pub(super) struct Lagrangian<'a> {
    risky: &'a Risky,
    pricing: Pricing<'a>,
    constant: Sum,
    absolute: f64,
    /// Quantities that look at the draws, with their weights and the sum of these.
    parts: Vec<(Terms, &'a [f64], f64)>,
}

impl<'a> Lagrangian<'a> {
    pub(super) fn new(risky: &'a Risky, leaf: &Leaf, weights: &'a Weights) -> Self {
        let problem = &risky.problem;
        let slack = if leaf.empty { HOPELESS } else { KEPT };
        let goal = match &problem.goal {
            Goal::Maximize(terms) if !leaf.empty => Some(terms),
            _ => None,
        };
        let pricing = Pricing::new(problem, goal, &leaf.prices, slack);
        let (fixed, mut absolute) = pricing.constant();
        let mut constant = Sum::default();
        constant.add(fixed);
        let mut parts: Vec<(Terms, &[f64], f64)> = Vec::new();
        if let Some(tail) = risky.goal.as_ref().filter(|_| !leaf.empty) {
            let (less, size) = measured_against(tail, &weights.goal);
            constant.add(-less);
            constant.add(tail.slack);
            absolute += size;
            parts.push((tail.terms.clone(), &weights.goal, weights.goal.iter().sum()));
        }
        for (limit, own) in risky.limits.iter().zip(&weights.limits) {
            parts.push((limit.terms(slack), own, own.iter().sum()));
        }
        for (terms, own, sum) in &parts {
            constant.add(terms.constant * sum);
            absolute += (terms.constant * sum).abs();
            for (i, drawn) in risky.draws.lines.iter().enumerate().filter(|(_, d)| d.less.is_some()) {
                let c = terms.of(i).response;
                for (d, w) in own.iter().enumerate().filter(|(_, w)| c != 0.0 && **w != 0.0) {
                    let less = c * w * drawn.less(drawn.index(d));
                    constant.add(-less);
                    absolute += less.abs();
                }
            }
        }
        Lagrangian { risky, pricing, constant, absolute, parts }
    }

    /// What a line is offered on a region; `None` if that holds no spend.
    pub(super) fn response(&self, i: usize, region: &Region) -> Option<Response<'a>> {
        let line = &self.risky.problem.lines[i];
        let drawn = &self.risky.draws.lines[i];
        let clip = |s: &Span| s.clip(region.low[i], region.high[i]);
        let spans: Vec<Span> = line.domain().spans().iter().filter_map(clip).collect();
        let from = spans.first()?.from;
        let offer = self.pricing.offer(i);
        let mut cost = offer.cost;
        let mut by_curve = vec![0.0; drawn.curves.len()];
        for (terms, own, sum) in &self.parts {
            let c = terms.of(i);
            cost -= c.spend * sum;
            if c.response != 0.0 {
                own.iter().enumerate().for_each(|(d, w)| by_curve[drawn.index(d)] += w * c.response);
            }
        }
        let all =
            std::iter::once((offer.worth, &line.curve)).chain(by_curve.into_iter().zip(drawn.curves.iter()));
        let mut response =
            Response { spans, cost, flat: 0.0, curves: Vec::new(), on: offer.active, sound: true };
        for (weight, curve) in all {
            if weight > 0.0 {
                response.curves.push(Weighted::new(weight, curve));
            } else if weight < 0.0 {
                // No curve falls below what it is at the least spend.
                response.flat += weight * curve.value(from);
            }
        }
        // Movement is not weighed here.
        response.sound = offer.moved == 0.0;
        Some(response)
    }
}

/// What a tail is measured against under its weights, and the sum of the
/// absolute terms.
pub(super) fn measured_against(tail: &Tail, weights: &[f64]) -> (f64, f64) {
    let Some(base) = &tail.base else { return (0.0, 0.0) };
    let mut sum = Sum::default();
    let mut absolute = 0.0;
    for (b, w) in base.iter().zip(weights) {
        sum.add(b * w);
        absolute += (b * w).abs();
    }
    (sum.value(), absolute)
}
