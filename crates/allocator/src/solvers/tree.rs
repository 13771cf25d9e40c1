//! Branch and bound: one tree of parts of the domain, whatever bounds them.
//!
//! The part with the largest bound is examined first (Land and Doig 1960). A
//! [`Relaxation`] bounds a part and looks for plans in it; what it leaves open
//! is cut in two, and the parts inherit what it knows. Parts that cannot beat
//! the best plan by more than the gap asked for become leaves, and so does what
//! is left when the search ends: together they cover the domain.
//!
//! Words: twins are lines that a symmetry exchanges.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::options::Stop;
use crate::region::{Region, Twins};
use crate::solvers::incumbent::{Best, Incumbent};
use crate::{Cut, CutSide, Leaf};

/// How parts are bounded.
pub(crate) trait Relaxation {
    /// What a part inherits from the one it is cut from: prices, and what else
    /// helps to begin with.
    type State: Clone;

    /// What proves a part.
    type Leaf: Placed;

    /// A bound at or below this proves a part uninteresting.
    fn cutoff(&self) -> f64;

    /// Bounds a part and looks for plans in it. `nodes` counts the parts
    /// examined, this one included.
    fn examine(&mut self, node: &Node<Self::State>, nodes: usize) -> Fate<Self::State, Self::Leaf>;

    /// True if after so many parts, with this bound on what is open, going on
    /// promises too little.
    fn stalls(&mut self, nodes: usize, bound: f64) -> bool {
        let _ = (nodes, bound);
        false
    }

    /// What a part's state proves of it.
    fn leaf(&self, state: Self::State) -> Self::Leaf;
}

/// What proves a part, told which part.
pub(crate) trait Placed {
    /// The same proof, of the part that these cuts leave.
    fn placed(self, cuts: Vec<Cut>) -> Self;
}

impl Placed for Leaf {
    fn placed(self, cuts: Vec<Cut>) -> Self {
        Leaf { cuts, ..self }
    }
}

/// A part still to be examined.
pub(crate) struct Node<S> {
    pub(crate) cuts: Vec<Cut>,
    pub(crate) bound: f64,
    pub(crate) state: S,
    order: usize,
}

impl<S> Node<S> {
    pub(crate) fn is_root(&self) -> bool {
        self.cuts.is_empty()
    }
}

/// What became of a part.
pub(crate) enum Fate<S, L = Leaf> {
    /// Proven empty, or with nothing left to cut or to find.
    Closed(L),
    /// To be cut at a spend of a line.
    Open { bound: f64, state: S, line: usize, at: f64 },
    /// To be examined once more, knowing more.
    Again { bound: f64, state: S },
    /// This relaxation leads nowhere: the search ends.
    Lost,
}

/// What the search found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The best plan, with its goal and the prices at which it is stationary.
    pub(crate) plan: Option<Incumbent>,
    /// Parts of the domain, each with its proof.
    pub(crate) leaves: Vec<Leaf>,
    /// Index of the leaf that holds the plan.
    pub(crate) winner: Option<usize>,
    pub(crate) nodes: usize,
    /// True if the search left no part unexamined.
    pub(crate) complete: bool,
}

/// The leaves of a search that has ended.
pub(crate) struct Tree<L = Leaf> {
    pub(crate) leaves: Vec<L>,
    pub(crate) nodes: usize,
    /// True if no part was left unexamined.
    complete: bool,
    /// True if the relaxation led nowhere; the leaves cover nothing then.
    pub(crate) lost: bool,
}

impl<L: Placed> Tree<L> {
    /// Examines at most `most` parts, and one whatever is asked.
    pub(crate) fn grow<R: Relaxation<Leaf = L>>(
        relaxation: &mut R,
        root: R::State,
        most: usize,
        stop: Stop,
    ) -> Self {
        let mut tree = Tree { leaves: Vec::new(), nodes: 0, complete: true, lost: false };
        let mut open = BinaryHeap::new();
        let mut order = 0;
        open.push(Node { cuts: Vec::new(), bound: f64::INFINITY, state: root, order });
        while let Some(node) = open.pop() {
            if node.bound <= relaxation.cutoff() {
                tree.close(node.cuts, relaxation.leaf(node.state));
                continue;
            }
            let ends = || tree.nodes >= most.max(1) || tree.nodes > 0 && stop.now();
            if ends() || relaxation.stalls(tree.nodes, node.bound) {
                open.push(node);
                break;
            }
            tree.nodes += 1;
            match relaxation.examine(&node, tree.nodes) {
                Fate::Closed(leaf) => tree.close(node.cuts, leaf),
                Fate::Open { bound, state, line, at } => {
                    for side in [CutSide::Below, CutSide::Above] {
                        order += 1;
                        let mut cuts = node.cuts.clone();
                        cuts.push(Cut { line, at, side });
                        open.push(Node { cuts, bound, state: state.clone(), order });
                    }
                }
                Fate::Again { bound, state } => open.push(Node { bound, state, ..node }),
                Fate::Lost => return Tree { lost: true, ..tree },
            }
        }
        let mut rest = open.into_vec();
        tree.complete = rest.is_empty();
        rest.sort_by_key(|node| node.order);
        rest.into_iter().for_each(|node| tree.close(node.cuts, relaxation.leaf(node.state)));
        tree
    }

    fn close(&mut self, cuts: Vec<Cut>, leaf: L) {
        self.leaves.push(leaf.placed(cuts));
    }
}

impl Tree {
    /// With the best plan, and the leaf that holds it.
    pub(crate) fn found(self, best: Best, twins: &Twins) -> Found {
        let Tree { leaves, nodes, complete, .. } = self;
        let winner = best.plan.as_ref().and_then(|plan| {
            leaves.iter().position(|leaf| {
                let region = Region::of(best.problem, &leaf.cuts, twins);
                let inside = |(i, x): (usize, &f64)| region.low[i] <= *x && *x <= region.high[i];
                !leaf.empty && plan.spends.iter().enumerate().all(inside)
            })
        });
        Found { plan: best.plan, leaves, winner, nodes, complete }
    }
}

impl<S> PartialEq for Node<S> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<S> Eq for Node<S> {}

impl<S> PartialOrd for Node<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<S> Ord for Node<S> {
    /// The largest bound first, then the oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(other.order.cmp(&self.order))
    }
}
