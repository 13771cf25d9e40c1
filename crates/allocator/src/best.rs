//! The best response of one line to prices, with an upper bound on its
//! value: the one operation that every proof rests on.

use outlay_curves::{Curve, Piece, Point};

use crate::{Line, Span};

/// What prices make of one line: `w f(x) - c x - s [x > 0] - v |x - current|`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Offer {
    /// `w`: worth of a unit of the line's curve; may be negative.
    pub worth: f64,
    /// `c`: cost of a unit of spend; may be negative.
    pub cost: f64,
    /// `s`: cost of being on.
    pub active: f64,
    /// `v`: cost of a unit moved from today's spend.
    pub moved: f64,
}

/// A line's best answer to an offer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// The spend found; finite.
    pub spend: f64,
    /// What it yields.
    pub value: f64,
    /// No spend in the range yields more: `value` plus what the root-finding
    /// and the rounding of the arithmetic may have missed.
    pub bound: f64,
}

/// Round-off of one evaluation, relative to its absolute terms: the curves
/// evaluate one exponential and one logarithm, whose argument errors grow with
/// the exponent; 64 units in the last place cover them.
const ROUND_OFF: f64 = 64.0 * f64::EPSILON;

/// What a slope may miss, relative to the outcome, before it is looked for
/// beyond; and how many steps of some last digits, each four times the one
/// before, are tried.
const FELT: f64 = 1e-11;
const DIGITS: i32 = 20;

/// Stands in for an unlimited spend where the best answer lies at infinity.
const FAR: f64 = 1e300;

/// The best answer of a line to an offer among the spends of its domain in
/// `[low, high]`; `None` if there are none.
///
/// Exact up to round-off for every sign of the prices: on the concave part of
/// a piece the candidates are the stationary spend and the ends, on the convex
/// part the ends (the other way round when the worth is negative). A stationary
/// spend found with slope residual r adds `|r|` times the distance to the end
/// of its part, which bounds a concave function by its tangent.
pub fn best_response(line: &Line, low: f64, high: f64, offer: Offer) -> Option<Best> {
    let mut search = Search { line, offer, best: None };
    for span in line.domain().spans() {
        if let Some(part) = span.clip(low, high) {
            search.span(part);
        }
    }
    search.best
}

struct Search<'a> {
    line: &'a Line,
    offer: Offer,
    best: Option<Best>,
}

impl Search<'_> {
    fn span(&mut self, span: Span) {
        let current = self.line.current;
        if self.offer.active != 0.0 && span.from == 0.0 && span.to > 0.0 {
            self.just_on(span);
        }
        if self.offer.moved != 0.0 && span.from < current && current < span.to {
            if span.step == 0.0 {
                self.stretch(Span { to: current, ..span });
                self.stretch(Span { from: current, ..span });
            } else {
                self.stretch(Span { to: span.lot_at_or_below(current), ..span });
                self.stretch(Span { from: span.lot_at_or_above(current), ..span });
            }
        } else {
            self.stretch(span);
        }
    }

    /// The least spend that does not leave the line off: one lot, or the limit
    /// of spends falling to 0.
    fn just_on(&mut self, span: Span) {
        self.consider(if span.step > 0.0 { span.step } else { f64::MIN_POSITIVE });
    }

    /// A span on one side of today's spend: cost is linear on it.
    fn stretch(&mut self, span: Span) {
        self.consider(span.from);
        if span.to > span.from {
            self.end(span);
            let side = if self.offer.moved == 0.0 || span.to <= self.line.current { -1.0 } else { 1.0 };
            let cost = if self.offer.moved == 0.0 {
                self.offer.cost
            } else {
                self.offer.cost + side * self.offer.moved
            };
            if self.offer.worth == 0.0 {
                return;
            }
            let line = self.line;
            line.curve.for_each_piece(span.from, span.to, |piece| self.piece(span, piece, cost));
        }
    }

    /// The upper end of a span, possibly infinite.
    fn end(&mut self, span: Span) {
        if span.to.is_finite() {
            self.consider(span.to);
            return;
        }
        let Offer { worth, cost, moved, .. } = self.offer;
        let slope = cost + moved;
        if slope < 0.0 || (worth > 0.0 && slope == 0.0) {
            let limit = if slope < 0.0 { f64::INFINITY } else { worth * self.line.curve.ceiling() };
            let limit = limit - self.offer.active + moved * self.line.current;
            self.insert(Best { spend: FAR, value: limit, bound: limit });
        }
    }

    fn piece(&mut self, span: Span, piece: Piece, cost: f64) {
        let worth = self.offer.worth;
        // Kinks between pieces are candidates in either direction.
        if piece.to < span.to {
            self.near(span, piece.to);
        }
        if worth > 0.0 {
            if piece.inflection > piece.from {
                self.near(span, piece.inflection);
            }
            if cost <= 0.0 && piece.to == span.to {
                return;
            }
            // Straight between its ends, which are candidates already.
            if self.line.curve.is_table() {
                return;
            }
            let mut x = self.line.curve.spend_at_marginal(cost / worth, piece);
            if x == piece.to && matches!(self.line.curve, Curve::Tiered(_) | Curve::Resumed(_)) {
                // The slope at a kink is that of the next piece: look just before it.
                x = piece.to - 1e-13 * (piece.to - piece.from);
            }
            self.stationary(span, x, (piece.inflection, piece.to), cost);
        } else {
            if piece.inflection < piece.to {
                self.near(span, piece.inflection);
            }
            if cost < 0.0 && piece.inflection > piece.from {
                let x = self.line.curve.convex_spend_at_marginal(cost / worth, piece);
                self.stationary(span, x, (piece.from, piece.inflection), cost);
            }
        }
    }

    /// A maximiser `x` of the offer's concave part `[from, to]`.
    fn stationary(&mut self, span: Span, x: f64, (from, to): (f64, f64), cost: f64) {
        if span.step > 0.0 {
            self.near(span, x);
            return;
        }
        if !x.is_finite() {
            // The curve never gets as flat as the cost: more spend is always better.
            self.insert(Best { spend: FAR, value: f64::INFINITY, bound: f64::INFINITY });
            return;
        }
        // A slope without end at 0 falls to the cost at a spend too small to be written.
        let x = if x == 0.0 && to > 0.0 { self.just_above_zero() } else { x };
        let (x, point) = self.beyond(x, to, cost);
        self.tangent(x, point, (from, to), cost);
    }

    /// A spend, or one beyond it by some last digits, where the slope it is
    /// found with is too steep by them: up to a far end that adds up to more
    /// than all the spend yields.
    fn beyond(&self, x: f64, to: f64, cost: f64) -> (f64, Point) {
        let (worth, curve) = (self.offer.worth, &self.line.curve);
        let point = curve.point(x);
        let steep = |point: &Point| worth * point.marginal - cost;
        let reach = if to.is_finite() { to - x } else { x };
        if x == 0.0 || steep(&point) * reach <= FELT * (worth * point.value).abs() {
            return (x, point);
        }
        let further = (0..DIGITS).map(|k| x * (1.0 + f64::EPSILON * 4.0_f64.powi(k)));
        let mut points = further.filter(|x| *x < to).map(|x| (x, curve.point(x)));
        points.find(|(_, point)| steep(point) <= 0.0).unwrap_or((x, point))
    }

    fn just_above_zero(&self) -> f64 {
        if self.line.curve.marginal(0.0) == f64::INFINITY { f64::MIN_POSITIVE } else { 0.0 }
    }

    /// Offers a spend of a concave part, bounding the part by the tangent there.
    fn tangent(&mut self, x: f64, point: Point, (from, to): (f64, f64), cost: f64) {
        let worth = self.offer.worth;
        let residual = worth * point.marginal - cost;
        let missed = if residual > 0.0 {
            let reach = if to.is_finite() {
                to - x
            } else if worth * self.line.curve.marginal(2.0 * x) - cost <= 0.0 {
                x
            } else {
                f64::INFINITY
            };
            residual * reach
        } else {
            -residual * (x - from)
        };
        // An end is its own maximiser; the slope there has no meaning for what lies beyond.
        let missed = if x == from && residual <= 0.0 || x == to && residual >= 0.0 { 0.0 } else { missed };
        let value = self.value_of(x, point.value);
        self.offer_value(x, value, if missed.is_nan() { f64::INFINITY } else { missed });
    }

    /// The spends of the span next to `x`: itself, or the lots around it.
    fn near(&mut self, span: Span, x: f64) {
        if span.step == 0.0 {
            self.consider(x);
            return;
        }
        let below = span.lot_at_or_below(x).clamp(span.from, span.to);
        let above = span.lot_at_or_above(x).clamp(span.from, span.to);
        self.consider(below);
        if above > below {
            self.consider(above);
        }
    }

    fn consider(&mut self, x: f64) {
        self.offer_value(x, self.value(x), 0.0);
    }

    /// The offer at `x` and the sum of its absolute terms.
    fn value(&self, x: f64) -> (f64, f64) {
        let free = self.offer.worth == 0.0 || x == 0.0;
        self.value_of(x, if free { 0.0 } else { self.line.curve.value(x) })
    }

    /// The offer at `x`, where the curve has this value.
    fn value_of(&self, x: f64, outcome: f64) -> (f64, f64) {
        let Offer { worth, cost, active, moved } = self.offer;
        let earned = if worth == 0.0 { 0.0 } else { worth * outcome };
        let mut value = earned - cost * x;
        let mut absolute = earned.abs() + (cost * x).abs();
        if x > 0.0 {
            value -= active;
            absolute += active.abs();
        }
        if moved != 0.0 {
            let charge = moved * (x - self.line.current).abs();
            value -= charge;
            absolute += charge.abs();
        }
        (value, absolute)
    }

    fn offer_value(&mut self, spend: f64, (value, absolute): (f64, f64), missed: f64) {
        let bound = value + missed + ROUND_OFF * absolute;
        // Terms that overflow say nothing about their sum.
        let bound = if absolute.is_finite() && !bound.is_nan() { bound } else { f64::INFINITY };
        self.insert(Best { spend, value, bound });
    }

    fn insert(&mut self, new: Best) {
        self.best = Some(match self.best {
            None => new,
            Some(old) => {
                let bound = old.bound.max(new.bound);
                if new.value > old.value { Best { bound, ..new } } else { Best { bound, ..old } }
            }
        });
    }
}
