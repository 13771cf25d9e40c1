//! What a run returns: a plan, its proof, and how the run ended.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The gap is proven to be within the one asked for.
    Optimal,
    /// A plan with a proven gap larger than asked for: the search stopped early.
    WithinGap,
    /// Proven: no plan satisfies all limits.
    Infeasible,
    /// The search stopped before it found a plan or a proof that none exists.
    Undetermined,
}

/// What [`crate::solve()`] returns: a candidate and what is proven about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// How the run ended.
    pub status: Status,
    /// The plan; present for `Optimal` and `WithinGap`.
    pub plan: Option<Plan>,
    /// The proof: of the bound, or of infeasibility.
    pub certificate: Certificate,
}

/// Spends and what they achieve.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Spend of every line, in currency per horizon.
    pub spends: Vec<f64>,
    /// The goal at these spends: the quantity maximised, or the ratio minimised.
    pub value: f64,
}

/// What proves a bound on the goal: leaves that cover every plan, and the
/// figures that follow from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// No plan within the limits does better than this. NaN when nothing is proven.
    pub bound: f64,
    /// `|bound - value| / max(|value|, G/1000)`, with G the sum of the goal's
    /// absolute terms; NaN without a plan.
    pub gap: f64,
    /// The gap asked for: a plan within it counts as optimal.
    pub asked: f64,
    /// Largest relative excess over a limit; NaN without a plan.
    pub violation: f64,
    /// Subproblems solved.
    pub nodes: usize,
    /// Price of each limit's sides at the plan, at least 0, in goal units per
    /// unit of the limit's row: the shadow prices. With deals or S-curves they
    /// hold among plans that keep to the same stretches of their curves.
    pub prices: Vec<Prices>,
    /// Parts of the domain, each with the prices that bound it.
    pub leaves: Vec<Leaf>,
    /// Index of the leaf in which the plan lies; `None` without a plan.
    pub winner: Option<usize>,
    /// What each leaf proves, as [`crate::certificate::leaf_bounds`] found it when
    /// the certificate was made; empty where it was not asked.
    pub bounds: Vec<f64>,
}

impl Certificate {
    /// What proves nothing about a problem of so many limits.
    pub fn nothing(limits: usize, asked: f64) -> Self {
        Certificate {
            bound: f64::NAN,
            gap: f64::NAN,
            asked,
            violation: f64::NAN,
            nodes: 0,
            prices: vec![Prices::default(); limits],
            leaves: Vec::new(),
            winner: None,
            bounds: Vec::new(),
        }
    }
}

/// A part of the domain and prices that bound the goal there.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// How the part was cut out, from the whole domain on.
    pub cuts: Vec<Cut>,
    /// Price of each limit's sides, at least 0, in goal units per unit of the
    /// limit's row.
    pub prices: Vec<Prices>,
    /// True if the prices prove that the part holds no plan at all: the bound
    /// is taken with goal 0 and is negative.
    pub empty: bool,
    /// `None`: the prices answer for every spend and stock by itself. Otherwise
    /// the best flights at these prices bound the goal, each found on a grid of
    /// stocks with about this relative step; equations that give stocks need no
    /// prices then.
    pub step: Option<f64>,
}

impl Leaf {
    /// What prices prove of a part: a bound, or that it is empty.
    pub(crate) fn priced(prices: Vec<Prices>, empty: bool) -> Self {
        Leaf { cuts: Vec::new(), prices, empty, step: None }
    }
}

/// The prices of one limit's two sides.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Prices {
    /// Price of `min`, at least 0.
    pub min: f64,
    /// Price of `max`, at least 0.
    pub max: f64,
}

/// One cut of a line's domain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// The line.
    pub line: usize,
    /// Where it is cut.
    pub at: f64,
    /// Which part is meant.
    pub side: CutSide,
}

/// Which side of a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutSide {
    /// Spends up to and including the cut.
    Below,
    /// Spends from the cut on; a cut at 0 excludes 0 itself.
    Above,
}
