//! Parts still to be examined, and which of them comes first.

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
