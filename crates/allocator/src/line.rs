use outlay_curves::{Curve, Piece};

use crate::{Coefficients, Domain, Offer, Span};

/// One line of the plan: what gets money.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Outcome per horizon as a function of spend per horizon.
    pub curve: Curve,
    /// Today's spend per horizon.
    pub current: f64,
    /// What is known about the spend; see [`Line::domain`].
    pub facts: Vec<Fact>,
    domain: Domain,
}

/// Something that restricts the spend of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact {
    /// Spend at least this much. A minimum above 0 commits a deal.
    Min(f64),
    /// Spend at most this much.
    Max(f64),
    /// How the line is sold.
    Deal(Deal),
    /// Off, or the last unit of spend earns at least `least` units of the
    /// curve's outcome (a floor on marginal return, from limit `limit`).
    Marginal {
        /// Least slope of the line's curve.
        least: f64,
        /// Index of the limit into the caller's list.
        limit: usize,
    },
}

/// How a line is sold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Deal {
    /// All or nothing at this price.
    Flat(f64),
    /// Nothing, or this much and more.
    AtLeast(f64),
    /// Whole multiples of this much.
    Lots(f64),
}

impl Line {
    /// A line and the domain its facts leave.
    pub fn new(curve: Curve, current: f64, facts: Vec<Fact>) -> Self {
        let mut domain = Domain::interval(0.0, curve.last_spend());
        for fact in &facts {
            domain = domain.intersect(&fact.domain(&curve));
        }
        Line { curve, current, facts, domain }
    }

    /// The spends that all facts allow, within `[0, last spend of the curve]`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// How far a spend is from the domain, relative to the spend; infinite if
    /// the domain is empty or the spend is not a number.
    pub fn distance(&self, x: f64) -> f64 {
        if !x.is_finite() {
            return f64::INFINITY;
        }
        if self.domain.is_empty() {
            return f64::INFINITY;
        }
        let gap = (x - self.domain.nearest(x)).abs();
        if gap == 0.0 { 0.0 } else { gap / x.abs().max(gap) }
    }

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

    /// The same line with other facts.
    pub fn with_facts(&self, facts: Vec<Fact>) -> Self {
        Line::new(self.curve.clone(), self.current, facts)
    }

    /// The same line allowed only what `domain` allows as well.
    pub fn within(&self, domain: &Domain) -> Self {
        Line { domain: self.domain.intersect(domain), ..self.clone() }
    }
}

impl Fact {
    /// The spends this fact alone allows.
    pub fn domain(&self, curve: &Curve) -> Domain {
        match *self {
            Fact::Min(min) => Domain::interval(min, f64::INFINITY),
            Fact::Max(max) => Domain::interval(0.0, max),
            Fact::Deal(Deal::Flat(price)) => Domain::new(vec![Span::point(0.0), Span::point(price)]),
            Fact::Deal(Deal::AtLeast(least)) => {
                Domain::new(vec![Span::point(0.0), Span::interval(least, f64::INFINITY)])
            }
            Fact::Deal(Deal::Lots(lot)) => {
                Domain::new(vec![Span { from: 0.0, to: f64::INFINITY, step: lot }])
            }
            Fact::Marginal { least, .. } => steep_enough(curve, least),
        }
    }
}

/// `{0}` and the spends at which the slope is at least `least`.
fn steep_enough(curve: &Curve, least: f64) -> Domain {
    let mut spans = vec![Span::point(0.0)];
    curve.for_each_piece(0.0, curve.last_spend(), |piece: Piece| {
        let peak = curve.marginal(piece.inflection);
        if peak < least {
            return;
        }
        let from = if curve.marginal(piece.from) >= least {
            piece.from
        } else {
            curve.convex_spend_at_marginal(least, piece)
        };
        let to = curve.spend_at_marginal(least, piece);
        match spans.last_mut() {
            Some(last) if last.to >= from => last.to = to,
            _ => spans.push(Span::interval(from, to)),
        }
    });
    Domain::new(spans)
}
