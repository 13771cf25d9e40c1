//! How sure the figures of a result are, over the draws of its curves.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The same plan under every draw of the curves: draw `d` of all lines together.
/// A draw is one way the truth may be, as the fit sees it; an interval holds the
/// middle `level` of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Uncertainty {
    /// Number of draws.
    pub draws: usize,
    /// Share of the draws that an interval holds.
    pub level: f64,
    /// Totals of the plan, by metric.
    pub totals: IndexMap<String, Range>,
    /// The plan less today, by metric.
    pub against_today: IndexMap<String, Against>,
    /// Share of the draws under which the plan serves the goal better than
    /// today's spend; null where the goal rests on no curve.
    pub probability_better: Option<f64>,
    /// What the goal makes of the draws, where it looks at the worst of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalDraws>,
    /// Lines whose curves come without draws: they count as certain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certain: Vec<String>,
    /// Lines whose spread is stated, not fitted: drawn apart from the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<String>,
    /// Lines whose draws are fewer than `draws`: they are repeated and paired
    /// with those of the other lines by a seeded shuffle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shuffled: Vec<String>,
    /// Lines of whose return a quarter or more of what is known is the fit's prior
    /// (its share of the precision): intervals and probabilities are right as far
    /// as returns are as the prior has them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub on_prior: IndexMap<String, f64>,
    /// Lines planned on the library's one curve, since the mean of their draws
    /// is of no family that has a ceiling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_averaged: Vec<String>,
}

/// A goal that looks at the draws one by one, in figures of what it maximises.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GoalDraws {
    /// Mean over all draws.
    pub mean: Option<f64>,
    /// The same at today's spend.
    pub mean_today: Option<f64>,
    /// Mean over the worst share of the draws, of `worst` or a tenth.
    pub worst: Option<f64>,
    /// The same at today's spend, over the worst draws that it has.
    pub worst_today: Option<f64>,
    /// Share of the draws in `worst`.
    pub share: f64,
    /// With `shortfall`: share of the draws that stay below the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_below: Option<f64>,
}

/// The middle of the draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A difference with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// On the curves planned with.
    pub value: Option<f64>,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// By how much a plan serves the goal better than another, in units of the goal;
/// above 0 is better, also where less of it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lead {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of the draws under which it is better.
    pub probability_better: f64,
}

/// How sure one line's figures are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineUncertainty {
    /// Incremental revenue.
    pub revenue: Option<Range>,
    /// New customers.
    pub customers: Option<Range>,
    /// Spend with fees per new customer.
    pub cac: Option<Range>,
    /// Revenue per unit of spend with fees.
    pub iroas: Option<Range>,
}

/// How sure a limit's figure is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitUncertainty {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of the draws under which the limit holds.
    pub probability: f64,
    /// The probability that the limit asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
}

impl Range {
    /// The central interval that holds `level` of the figures, linear between
    /// the order statistics; nothing if there are none.
    pub fn central(mut figures: Vec<f64>, level: f64) -> Option<Range> {
        let last = figures.len().checked_sub(1)?;
        let mut quantile = |share: f64| {
            let at = share.clamp(0.0, 1.0) * last as f64;
            let (_, low, above) = figures.select_nth_unstable_by(at.floor() as usize, f64::total_cmp);
            let low = *low;
            let high = above.iter().copied().min_by(f64::total_cmp).filter(|_| at.fract() > 0.0);
            low + (high.unwrap_or(low) - low) * at.fract()
        };
        let tail = (1.0 - level) / 2.0;
        Some(Range { low: quantile(tail), high: quantile(1.0 - tail) })
    }
}
