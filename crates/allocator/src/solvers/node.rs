//! Parts still to be examined, which of them comes first, and what is found of one.

use std::cmp::Ordering;

use crate::{Cut, Prices};

/// A part still to be examined.
pub(super) struct Node {
    pub(super) cuts: Vec<Cut>,
    pub(super) bound: f64,
    pub(super) prices: Vec<Prices>,
    pub(super) order: usize,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    /// The largest bound first, then the oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(other.order.cmp(&self.order))
    }
}

/// What has been found of a node so far.
pub(super) struct Relaxed {
    pub(super) bound: f64,
    /// The prices that prove the bound.
    pub(super) prices: Vec<Prices>,
    pub(super) spends: Vec<f64>,
    /// The spends at ends of stretches where they all but are, such as today's:
    /// where activity or movement counts, the last bit does.
    pub(super) tidy: Vec<f64>,
    /// The prices that belong to the spends, where they may be others: a line
    /// that costs something to switch on may answer them elsewhere than where
    /// it is anchored.
    pub(super) latest: Vec<Prices>,
    /// True once the prices are those of a solved relaxation, this node's or its parent's.
    pub(super) solved: bool,
}

impl Relaxed {
    pub(super) fn unsolved(Node { bound, prices, cuts, .. }: &Node) -> Self {
        let solved = !cuts.is_empty();
        Relaxed {
            bound: *bound,
            prices: prices.clone(),
            spends: Vec::new(),
            tidy: Vec::new(),
            latest: Vec::new(),
            solved,
        }
    }

    /// Prices to start from, if any are known.
    pub(super) fn start(&self) -> Option<&[Prices]> {
        self.solved.then(|| self.own_prices())
    }

    pub(super) fn own_prices(&self) -> &[Prices] {
        if self.latest.is_empty() { &self.prices } else { &self.latest }
    }
}
