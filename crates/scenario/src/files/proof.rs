//! What is proven, as files write it: leaves with their prices, and the plans
//! and leaves of the searches behind other figures.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is proven about a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateFile {
    /// No plan within the limits does better.
    pub bound: Option<f64>,
    /// `|bound - value| / max(|value|, G/1000)`; with goals in order, of the
    /// goal's own best value instead of the plan's.
    pub gap: Option<f64>,
    /// The gap asked for; a plan within it is `optimal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
    /// Largest relative excess over a limit.
    pub violation: Option<f64>,
    /// Subproblems solved.
    pub nodes: usize,
    /// Prices of the leaf that holds the plan, keyed like `budget.max` and
    /// `limits.X.min`; prices of 0 are left out.
    pub prices: IndexMap<String, f64>,
    /// True where time ran out before the slopes of the optimum were taken: the
    /// shadow prices of limits are then what `prices` say, and lines have none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub searched_prices: bool,
    /// The boxes and prices that together prove the bound.
    pub leaves: Vec<LeafFile>,
    /// First half of the SHA-256 of `prices` and `leaves`, in hexadecimal: a
    /// price too small to move the bound is not another's for that.
    #[serde(default)]
    pub sha256: String,
}

/// One box and the prices that bound the goal on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeafFile {
    /// The cuts that lead to the box, from the whole domain on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutFile>,
    /// Prices by side of limit; prices of 0 are left out.
    pub prices: IndexMap<String, f64>,
    /// Whether the prices prove that the box holds no plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
    /// Relative step of the grid of stocks on which the best flights at these
    /// prices bound the goal; without it every spend and stock answers to the
    /// prices by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// What the prices prove on this box, of the goal as maximised inside (of
    /// a ratio: of bound times denominator less numerator; of an empty box: of
    /// goal 0).
    #[serde(default)]
    pub bound: Option<f64>,
    /// What the draws weigh, for goals and limits that look at the worst draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draws: Option<DrawsFile>,
}

/// Weights that make of the worst draws a sum over lines: with the prices they
/// prove the bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DrawsFile {
    /// Spend of every line at whose tangent its best response is bounded.
    pub at: Vec<f64>,
    /// Number and weight of each draw that weighs something in the goal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goal: Vec<(usize, f64)>,
    /// The same by limit with a `probability`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub limits: IndexMap<String, Vec<(usize, f64)>>,
}

/// One cut of a line's spends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CutFile {
    /// The line.
    pub line: String,
    /// Where it is cut.
    pub at: f64,
    /// Which part is meant.
    pub side: CutFileSide,
}

/// Which side of a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutFileSide {
    /// Spends up to and including the cut.
    Below,
    /// Spends from the cut on; a cut at 0 excludes 0.
    Above,
}

/// What one search found and proved: a plan, and leaves that bound what any
/// plan can be worth or show that there is none. Lines and limits are counted
/// from 0 in the order of the problem that was searched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchFile {
    /// The gap asked of the search.
    pub asked: f64,
    /// The goal at the plan.
    pub value: Option<f64>,
    /// No plan does better; null where there is no plan at all, or no proof.
    pub bound: Option<f64>,
    /// Spend of every line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spends: Option<Vec<f64>>,
    /// Prices of the limits at the plan; those of 0 are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<RowPrices>,
    /// The boxes and prices that prove the bound.
    pub leaves: Vec<SearchLeaf>,
    /// In place of a search: here time was up, when it was asked for this time
    /// since the search before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<usize>,
    /// First half of the SHA-256 of all of this but itself, in hexadecimal: one
    /// plan proves as well as another, but not in the place of another.
    pub sha256: String,
}

/// A limit, the price of its `min` and the price of its `max`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowPrices(pub usize, pub f64, pub f64);

/// A box and the prices that bound the goal on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchLeaf {
    /// The cuts that lead to the box: line, spend, side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<(usize, f64, CutFileSide)>,
    /// Prices of the limits; those of 0 are left out.
    pub prices: Vec<RowPrices>,
    /// Whether the prices prove that the box holds no plan.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
    /// As in a certificate's leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
}
