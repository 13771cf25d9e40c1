//! What has been found of a node so far.

use crate::Prices;
use crate::solvers::tree::Node;

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
    pub(super) fn unsolved(node: &Node<Vec<Prices>>) -> Self {
        Relaxed { bound: node.bound, ..Relaxed::from(node.state.clone(), !node.is_root()) }
    }

    /// Of a whole problem, with prices to start from that may be those of a similar one.
    pub(super) fn from(prices: Vec<Prices>, solved: bool) -> Self {
        Relaxed {
            bound: f64::INFINITY,
            prices,
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
