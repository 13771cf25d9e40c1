//! How sure the figures of a result are, over the draws of its curves.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The same plan under every draw of the curves: draw `d` of all lines together.
/// A draw is one way the truth may be, as the fit sees it; an interval holds the
/// middle `level` of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Lines whose curves come without draws: they count as certain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certain: Vec<String>,
    /// Lines whose draws are fewer than `draws`: they are repeated and paired
    /// with those of the other lines by a seeded shuffle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shuffled: Vec<String>,
    /// Lines planned on the library's one curve, since the mean of their draws
    /// is of no family that has a ceiling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_averaged: Vec<String>,
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
