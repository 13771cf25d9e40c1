//! The best answer to prices of a variable whose slope falls along it.

use outlay_curves::{Piece, Point};

use super::program::Variable;
use crate::Line;

/// Most evaluations of a curve for one answer, after which it is worked out
/// from the slope.
const ROUNDS: usize = 6;

/// Steps of more than this share of a variable are taken in the logarithm of
/// its spend: far out, slopes are powers of it.
const FAR: f64 = 0.25;

/// Largest change of the logarithm of a spend at once.
const FARTHEST: f64 = 3.0;

/// A variable of changing slope, at or near its answer to the prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curved {
    pub(super) variable: u32,
    pub(super) y: f64,
    /// Outcome where its stretch begins.
    base: f64,
    /// Outcome, slope and curvature at `y`; not numbers before the first answer.
    point: Point,
}

impl Curved {
    pub(super) fn new(variable: usize, start: f64, v: &Variable) -> Self {
        let from = v.segment.from;
        let base = v.arc.filter(|_| from > 0.0).map_or(0.0, |line| line.curve.value(from));
        let point = Point { value: base, marginal: f64::NAN, curvature: f64::NAN };
        Curved { variable: variable as u32, y: start, base, point }
    }

    /// Slope of the curve.
    pub(super) fn slope(&self) -> f64 {
        self.point.marginal
    }

    /// Rise of the curve so far.
    pub(super) fn risen(&self) -> f64 {
        self.point.value - self.base
    }

    /// Takes the variable to its answer where a unit of it costs `-linear` and
    /// a unit of outcome is worth `worth`, up to a share `near` of its spend. What
    /// a little more would earn there, and one over how fast that falls: their
    /// product is what is lacking; 0 at a bound. `None` if it would grow for
    /// ever, or if both its ends might be best.
    #[inline]
    pub(super) fn respond(&mut self, v: &Variable, linear: f64, worth: f64, near: f64) -> Option<(f64, f64)> {
        let (line, length) = (v.arc?, v.length());
        if worth <= 0.0 || linear >= 0.0 {
            let end = if linear > 0.0 || worth > 0.0 { length } else { 0.0 };
            let clear = worth >= 0.0 || linear <= 0.0;
            return (clear && end.is_finite()).then(|| self.stop(line, v, end));
        }
        if self.point.marginal.is_nan() {
            self.look(line, v);
        }
        for _ in 0..ROUNDS {
            let reduced = linear + worth * self.point.marginal;
            if self.y == 0.0 && reduced <= 0.0 || self.y == length && reduced >= 0.0 {
                return Some((0.0, 0.0));
            }
            let y = self.next(v, linear, worth, reduced).clamp(0.0, length);
            if y == self.y || !y.is_finite() {
                break;
            }
            self.y = y;
            self.look(line, v);
            let reduced = linear + worth * self.point.marginal;
            let bend = worth * -self.point.curvature;
            if bend > 0.0 && reduced.abs() <= near * bend * (v.segment.from + y) {
                return Some((reduced, 1.0 / bend));
            }
        }
        self.invert(line, v, linear, worth)
    }

    /// One over how fast what a unit earns falls along the variable; 0 if it
    /// does not, or at once.
    pub(super) fn inverse(&self, worth: f64) -> f64 {
        let bend = worth * -self.point.curvature;
        if bend > 0.0 && bend.is_finite() { 1.0 / bend } else { 0.0 }
    }

    /// The variable after a small change of the prices.
    pub(super) fn after(&self, v: &Variable, linear: f64, worth: f64) -> f64 {
        let lacking = (linear + worth * self.point.marginal) * self.inverse(worth);
        if lacking.is_nan() { self.y } else { (self.y + lacking).clamp(0.0, v.length()) }
    }

    /// Newton's step, or a step in logarithms.
    #[inline]
    fn next(&self, v: &Variable, linear: f64, worth: f64, reduced: f64) -> f64 {
        let Point { marginal, curvature, .. } = self.point;
        let step = reduced / (worth * -curvature);
        if step.abs() <= FAR * self.y {
            return self.y + step;
        }
        let x = v.segment.from + self.y;
        let steepness = x * curvature / marginal;
        let change = (-linear / (worth * marginal)).ln() / steepness;
        x * change.clamp(-FARTHEST, FARTHEST).exp() - v.segment.from
    }

    /// The answer from the slope it must have.
    #[cold]
    fn invert(&mut self, line: &Line, v: &Variable, linear: f64, worth: f64) -> Option<(f64, f64)> {
        let (from, to) = (v.segment.from, v.segment.to);
        let x = line.curve.spend_at_marginal(-linear / worth, Piece { from, inflection: from, to });
        if x >= to || x <= from {
            let end = if x >= to { v.length() } else { 0.0 };
            return end.is_finite().then(|| self.stop(line, v, end));
        }
        self.y = x - from;
        self.look(line, v);
        let bend = worth * -self.point.curvature;
        let inner = bend > 0.0 && bend.is_finite();
        let reduced = linear + worth * self.point.marginal;
        Some(if inner { (reduced, 1.0 / bend) } else { (0.0, 0.0) })
    }

    #[inline]
    fn look(&mut self, line: &Line, v: &Variable) {
        self.point = line.curve.point(v.segment.from + self.y);
    }

    /// At an end of its stretch.
    fn stop(&mut self, line: &Line, v: &Variable, y: f64) -> (f64, f64) {
        if self.y != y || self.point.marginal.is_nan() {
            self.y = y;
            self.look(line, v);
        }
        (0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use outlay_curves::Curve;
    use proptest::prelude::*;

    use super::*;
    use crate::best::{Offer, best_response};
    use crate::columns::Entry;
    use crate::hull::{Kind, Segment};

    fn curve() -> impl Strategy<Value = Curve> {
        (0usize..6, 1.0..10.0f64, 0.5..5.0f64, 0.5..3.0f64).prop_map(|(family, v, k, a)| match family {
            0 => Curve::hill(v, k, a).unwrap(),
            1 => Curve::michaelis_menten(v, k).unwrap(),
            2 => Curve::exponential(v, k).unwrap(),
            3 => Curve::log(v, k).unwrap(),
            4 => Curve::power(v, 0.2 + 0.2 * a).unwrap(),
            _ => Curve::s_logistic(v, k, a).unwrap(),
        })
    }

    proptest! {
        /// On the concave part of any curve, from anywhere on it, at any prices.
        #[test]
        fn answers_are_best_responses(
            curve in curve(), cost in 0.01..5.0f64, worth in 0.1..5.0f64,
            start in 0.001..0.999f64, length in 0.5..20.0f64, near in 1e-9..0.1f64,
        ) {
            let line = Line::new(curve, 0.0, Vec::new());
            let mut from = 0.0;
            line.curve.for_each_piece(0.0, 1e9, |piece| from = piece.inflection);
            let segment = Segment { from, to: from + length, kind: Kind::Arc };
            let none: &[Entry] = &[];
            let v = Variable::on(none, none, Some(&line), segment);
            let mut curved = Curved::new(0, start * length, &v);
            let (reduced, inverse) = curved.respond(&v, -cost, worth, near).unwrap();
            let offer = Offer { worth, cost, ..Offer::default() };
            let best = best_response(&line, from, from + length, offer).unwrap().spend - from;
            let lacking = reduced * inverse;
            prop_assert!(lacking.abs() <= near * (from + curved.y).max(1e-12), "{lacking} of {}", curved.y);
            // What is left after the last step is of second order.
            let after = curved.after(&v, -cost, worth);
            let left = 20.0 * near * near * (from + best) + 1e-7 * (best + from).max(1e-3);
            prop_assert!((after - best).abs() <= left, "{after}, not {best}");
        }
    }
}
