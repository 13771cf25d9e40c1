use crate::best::Offer;
use crate::{Coefficients, Limit, Prices, Problem, Terms};

/// A problem seen through prices: the Lagrangian
/// `goal(x) - sum_r price_r * excess_r(x)`, which is a sum over lines and, at
/// any prices >= 0, at least the goal of every plan within the limits.
pub(crate) struct Pricing<'a> {
    goal: Option<&'a Terms>,
    /// Weight and quantity: their sum is what the prices charge.
    charges: Vec<(f64, &'a Terms)>,
    /// What the prices charge each line through quantities of few lines; empty
    /// if there are none.
    few: Vec<Coefficients>,
    lines: usize,
    constant: f64,
    /// Sum of the absolute terms of `constant`, for its round-off.
    absolute: f64,
}

impl<'a> Pricing<'a> {
    /// Prices a goal (`None`: goal 0) and the limits of a problem, each limit's
    /// number loosened by the fraction `slack` of itself.
    pub(crate) fn new(problem: &'a Problem, goal: Option<&'a Terms>, prices: &[Prices], slack: f64) -> Self {
        let constant = goal.map_or(0.0, |g| g.constant);
        let mut pricing = Pricing {
            goal,
            charges: Vec::new(),
            few: Vec::new(),
            lines: problem.lines.len(),
            constant,
            absolute: constant.abs(),
        };
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
        if weight == 0.0 {
            return;
        }
        if terms.few.is_some() {
            self.few.resize(self.lines, Coefficients::default());
            for &(i, c) in terms.few() {
                self.few[i] = self.few[i].plus(weight, c);
            }
        }
        if !terms.is_sparse() {
            self.charges.push((weight, terms));
        }
    }

    /// What line `i` is offered at these prices.
    #[inline]
    pub(crate) fn offer(&self, i: usize) -> Offer {
        let g = self.goal.map_or(Coefficients::default(), |g| g.of(i));
        let mut offer = Offer { worth: g.response, cost: -g.spend, active: -g.active, moved: -g.moved };
        for &(weight, terms) in &self.charges {
            let c = terms.vectors_of(i);
            offer.worth -= weight * c.response;
            offer.cost += weight * c.spend;
            offer.active += weight * c.active;
            offer.moved += weight * c.moved;
        }
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
