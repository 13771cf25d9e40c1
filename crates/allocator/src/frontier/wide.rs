//! What leaves over flights prove over a stretch of numbers.
//!
//! A problem that allows at any number of the stretch what either end allows
//! gives boxes and grids that hold every plan in between, so that only prices
//! times limits depend on the number, and they do so linearly.
//!
//! Words: twins are lines that a symmetry exchanges.

use std::cell::RefCell;

use crate::flight::{self, Flights, Grid, Scratch};
use crate::region::{Region, Twins};
use crate::{Leaf, Limit, Prices, Problem, Terms};

/// The wider of two problems whose limits differ in their numbers.
pub(super) struct Wide {
    problem: Problem,
    flights: Option<Flights>,
    /// By step.
    grids: RefCell<Vec<(f64, Vec<Grid>)>>,
}

impl Wide {
    pub(super) fn new([a, b]: [&Problem; 2]) -> Self {
        let problem = widened(a, b);
        // What lots leave unspent jumps with the number.
        let flights = flight::find(&problem).map(|flights| Flights { lots: false, ..flights });
        Wide { problem, flights, grids: RefCell::default() }
    }

    /// The box of a leaf at any number of the stretch.
    pub(super) fn region(&self, leaf: &Leaf) -> Region {
        Region::of(&self.problem, &leaf.cuts, &Twins::default())
    }

    /// What a leaf of flights proves of a goal at one end.
    pub(super) fn flown(
        &self,
        end: &Problem,
        goal: Option<&Terms>,
        leaf: &Leaf,
        prices: &[Prices],
        step: f64,
    ) -> f64 {
        let Some(flights) = &self.flights else { return f64::INFINITY };
        let mut known = self.grids.borrow_mut();
        let own = known.iter().position(|(s, _)| *s == step).unwrap_or_else(|| {
            known.push((step, flights.grids(step)));
            known.len() - 1
        });
        let region = self.region(leaf);
        flights.bound(end, goal, prices, &region, &known[own].1, &mut Scratch::default()).0
    }
}

/// The same lines under limits that allow what either problem's do.
fn widened(a: &Problem, b: &Problem) -> Problem {
    let least = |x: Option<f64>, y: Option<f64>| x.zip(y).map(|(x, y)| x.min(y));
    let most = |x: Option<f64>, y: Option<f64>| x.zip(y).map(|(x, y)| x.max(y));
    let each = a.limits.iter().zip(&b.limits).map(|(x, y)| match steady(x, y) {
        true => Limit { min: least(x.min, y.min), max: most(x.max, y.max), ..x.clone() },
        // Nothing may follow from a limit whose terms move.
        false => Limit { min: None, max: None, ..x.clone() },
    });
    Problem { limits: each.collect(), ..a.clone() }
}

/// True if two limits differ in their numbers alone.
fn steady(a: &Limit, b: &Limit) -> bool {
    a.numerator == b.numerator && a.denominator == b.denominator
}
