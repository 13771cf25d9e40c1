//! Flights: a line's spends over several periods with the stock that follows
//! from them, taken as one block.
//!
//! `stock_t = retention stock_(t-1) + weight_t spend_t`, so that the stock is
//! all that earlier spends leave behind, and the best flight at given prices is
//! a dynamic program over one number ([`best`]). Flights are recognised in the
//! problem's own limits; whoever checks a bound finds the same ones.

mod best;
mod cells;
mod find;
mod grid;
mod reach;
mod states;
mod whole;

pub(crate) use best::{Asked, BestFlight, MANY, Scratch, best_flight};
pub(crate) use find::find;
pub(crate) use grid::Grid;

use outlay_curves::Curve;

use crate::best::best_response;
use crate::pricing::Pricing;
use crate::region::Region;
use crate::sum::Sum;
use crate::tolerance::{HOPELESS, KEPT};
use crate::{Prices, Problem, Terms};

/// One flight.
#[derive(Debug, Clone)]
pub(crate) struct Flight {
    /// Outcome of a stock.
    pub(crate) curve: Curve,
    /// The part of a stock that is left a period later, below 1.
    pub(crate) retention: f64,
    /// The stock before the first spend.
    pub(crate) opening: f64,
    /// One for each stock, in order.
    pub(crate) steps: Vec<Step>,
    /// Once on, on for this many periods.
    pub(crate) run: usize,
    /// At most this many beginnings.
    pub(crate) starts: Option<usize>,
    /// At most this many periods that are on, where beginnings are not counted.
    pub(crate) times: Option<usize>,
    /// The problem's line that is 1 if any spend is on, and else 0.
    pub(crate) used: Option<usize>,
    /// Above every stock of a plan within the limits.
    pub(crate) top: f64,
    /// No flight but one line that answers by itself, like what an audience adds
    /// up to in a period: its only stock.
    pub(crate) alone: bool,
}

/// A stock and the spend that adds to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The problem's line that is the stock.
    pub(crate) stock: usize,
    pub(crate) spend: Option<Spend>,
    /// Least and largest stock of any plan: what only cuts may narrow.
    pub(crate) range: (f64, f64),
}

/// A spend of a flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spend {
    /// The problem's line that is the spend.
    pub(crate) line: usize,
    /// Stock per unit of spend.
    pub(crate) weight: f64,
}

/// All flights of a problem that consists of nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Flights {
    pub(crate) list: Vec<Flight>,
    /// Which limits only say how the lines of a flight hang together: the
    /// program over a flight keeps them, so that they need no prices.
    pub(crate) inner: Vec<bool>,
    /// Some spends are bought whole, and bounds know what that leaves unspent.
    pub(crate) lots: bool,
}

impl Flight {
    /// A grid of stocks with about this relative step; one that answers by itself
    /// needs none.
    fn grid(&self, step: f64) -> Grid {
        Grid::new(self, if self.alone { 1.0 } else { step })
    }
}

impl Flights {
    /// Prices without those of limits inside a flight.
    pub(crate) fn outer(&self, prices: &[Prices]) -> Vec<Prices> {
        let each = prices.iter().zip(&self.inner);
        each.map(|(p, &inner)| if inner { Prices::default() } else { *p }).collect()
    }

    /// A grid of stocks for every flight, with about this relative step.
    pub(crate) fn grids(&self, step: f64) -> Vec<Grid> {
        self.list.iter().map(|flight| flight.grid(step)).collect()
    }

    /// [`Flights::grids`]; `None` if it is to end before they are ready.
    pub(crate) fn grids_until(&self, step: f64, stop: &dyn Fn() -> bool) -> Option<Vec<Grid>> {
        self.list.iter().map(|flight| (!stop()).then(|| flight.grid(step))).collect()
    }

    /// Upper bound on the goal (`None`: 0) over the plans of a region that keep
    /// the limits, loosened as in [`crate::certificate`], at the given prices,
    /// and the flights that attain it up to the grids' coarseness.
    pub(crate) fn bound(
        &self,
        problem: &Problem,
        goal: Option<&Terms>,
        prices: &[Prices],
        region: &Region,
        grids: &[Grid],
        scratch: &mut Scratch,
    ) -> (f64, Vec<BestFlight>) {
        self.bound_until(problem, goal, prices, (region, grids), scratch, &|| false)
    }

    /// The same; it bounds nothing if it is to end before every flight has answered.
    pub(crate) fn bound_until(
        &self,
        problem: &Problem,
        goal: Option<&Terms>,
        prices: &[Prices],
        (region, grids): (&Region, &[Grid]),
        scratch: &mut Scratch,
        stop: &dyn Fn() -> bool,
    ) -> (f64, Vec<BestFlight>) {
        let slack = if goal.is_some() { KEPT } else { HOPELESS };
        let prices = self.outer(prices);
        let pricing = Pricing::new(problem, goal, &prices, slack);
        let (constant, absolute) = pricing.constant();
        let mut total = Sum::default();
        total.add(constant + absolute * f64::EPSILON * (2.0 + prices.len() as f64));
        if self.lots {
            let unspent = self.unspent(problem, region);
            prices.iter().zip(unspent).for_each(|(price, left)| total.add(-price.max * left));
        }
        let mut found = Vec::with_capacity(self.list.len());
        for (flight, grid) in self.list.iter().zip(grids) {
            if stop() {
                return (f64::INFINITY, Vec::new());
            }
            if let (true, [step]) = (flight.alone, &flight.steps[..]) {
                let (i, offer) = (step.stock, pricing.offer(step.stock));
                match best_response(&problem.lines[i], region.low[i], region.high[i], offer) {
                    Some(best) => {
                        total.add(best.bound);
                        found.push(BestFlight { bound: best.bound, spends: vec![best.spend] });
                        continue;
                    }
                    None => return (f64::NEG_INFINITY, Vec::new()),
                }
            }
            let asked = Asked::new(problem, flight, &pricing);
            match best_flight(problem, flight, grid, &asked, region, scratch) {
                Some(best) => {
                    total.add(best.bound);
                    found.push(best);
                }
                None => return (f64::NEG_INFINITY, Vec::new()),
            }
        }
        let bound = total.upper();
        (if bound.is_finite() && absolute.is_finite() { bound } else { f64::INFINITY }, found)
    }
}
