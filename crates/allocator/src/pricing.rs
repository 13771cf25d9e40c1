//! What prices of the limits make of every line: the Lagrangian.

use std::sync::Arc;

use crate::best::Offer;
use crate::{Coefficients, Limit, Line, Prices, Problem, Terms};

/// A problem seen through prices: the Lagrangian
/// `goal(x) - sum_r price_r * excess_r(x)`, which is a sum over lines and, at
/// any prices >= 0, at least the goal of every plan within the limits.
pub(crate) struct Pricing<'a> {
    /// What each unit of a line's curve is worth: weights of vectors.
    worth: Vec<Weighted<'a>>,
    /// What being on, a unit of spend and a unit of movement cost.
    active: Vec<Weighted<'a>>,
    cost: Vec<Weighted<'a>>,
    moved: Vec<Weighted<'a>>,
    /// What the prices charge each line through quantities of few lines; empty
    /// if there are none.
    few: Vec<Coefficients>,
    lines: usize,
    constant: f64,
    /// Sum of the absolute terms of `constant`, for its round-off.
    absolute: f64,
}

impl Line {
    /// What the line yields at spend `x` under an offer.
    pub(crate) fn yields(&self, x: f64, offer: Offer) -> f64 {
        let cost = Coefficients {
            spend: -offer.cost,
            response: offer.worth,
            active: -offer.active,
            moved: -offer.moved,
        };
        cost.at(self, x)
    }
}

/// A coefficient vector and its weight.
type Weighted<'a> = (f64, &'a Arc<[f64]>);

impl<'a> Pricing<'a> {
    /// Prices a goal (`None`: goal 0) and the limits of a problem, each limit's
    /// number loosened by the fraction `slack` of itself.
    pub(crate) fn new(problem: &'a Problem, goal: Option<&'a Terms>, prices: &[Prices], slack: f64) -> Self {
        let mut pricing = Pricing {
            worth: Vec::new(),
            active: Vec::new(),
            cost: Vec::new(),
            moved: Vec::new(),
            few: Vec::new(),
            lines: problem.lines.len(),
            constant: 0.0,
            absolute: 0.0,
        };
        if let Some(goal) = goal {
            pricing.add(-1.0, goal);
        }
        for (limit, p) in problem.limits.iter().zip(prices) {
            if let Some(max) = limit.max {
                pricing.charge(limit, p.max, max + slack * max.abs());
            }
            if let Some(min) = limit.min {
                pricing.charge(limit, -p.min, min - slack * min.abs());
            }
        }
        pricing
    }

    /// Charges `price * (numerator - number * denominator)`.
    fn charge(&mut self, limit: &'a Limit, price: f64, number: f64) {
        if price == 0.0 {
            return;
        }
        self.add(price, &limit.numerator);
        match &limit.denominator {
            Some(denominator) => self.add(-price * number, denominator),
            None => {
                self.constant += price * number;
                self.absolute += (price * number).abs();
            }
        }
    }

    fn add(&mut self, weight: f64, terms: &'a Terms) {
        self.constant -= weight * terms.constant;
        self.absolute += (weight * terms.constant).abs();
        if weight != 0.0 && terms.few.is_some() {
            self.few.resize(self.lines, Coefficients::default());
            for &(i, c) in terms.few() {
                self.few[i] = self.few[i].plus(weight, c);
            }
        }
        let parts = [
            (&mut self.cost, &terms.spend, weight),
            (&mut self.worth, &terms.response, -weight),
            (&mut self.active, &terms.active, weight),
            (&mut self.moved, &terms.moved, weight),
        ];
        for (vectors, vector, weight) in parts {
            let Some(vector) = vector.as_ref().filter(|_| weight != 0.0) else { continue };
            match vectors.iter_mut().find(|(_, known)| Arc::ptr_eq(known, vector)) {
                Some((sum, _)) => *sum += weight,
                None => vectors.push((weight, vector)),
            }
        }
    }

    /// What line `i` is offered at these prices.
    #[inline]
    pub(crate) fn offer(&self, i: usize) -> Offer {
        let sum = |vectors: &[Weighted]| vectors.iter().map(|(weight, v)| weight * v[i]).sum();
        let mut offer = Offer {
            worth: sum(&self.worth),
            cost: sum(&self.cost),
            active: sum(&self.active),
            moved: sum(&self.moved),
        };
        if let Some(c) = self.few.get(i) {
            offer.worth -= c.response;
            offer.cost += c.spend;
            offer.active += c.active;
            offer.moved += c.moved;
        }
        offer
    }

    /// The part that no line can change, and the sum of its absolute terms.
    pub(crate) fn constant(&self) -> (f64, f64) {
        (self.constant, self.absolute)
    }
}
