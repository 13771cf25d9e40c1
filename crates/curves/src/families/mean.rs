//! The mean of many saturating curves, kept as one curve with a stated error.

use std::sync::Arc;

use crate::Point;
use crate::families::mean::stretch::Stretch;

mod stretch;

/// The mean of many curves `f_d`, `(1/D) sum_d f_d(x)`, as polynomials of degree
/// 5 between knots that agree with the mean in value, slope and curvature.
///
/// Between two knots a distance `w` apart the error is at most
/// `w^6 max |f^(6)| / 46080` (Hermite interpolation), and the knots are placed
/// so that this is at most [`Mean::ERROR`] of the mean ceiling; below the first
/// knot `c x^a` and above the last `V - c x^-b` continue value and slope, where
/// the mean is within the same error of 0 and of its ceiling. Where the curve is
/// convex and where it is concave is read off the polynomials, not assumed.
#[derive(Debug, Clone)]
pub struct Mean {
    /// Factors of the spend and the outcome axis.
    spend: f64,
    outcome: f64,
    shape: Arc<Shape>,
}

/// The mean itself, before stretching.
#[derive(Debug, PartialEq)]
struct Shape {
    /// Spends at the knots, increasing.
    at: Vec<f64>,
    /// Slopes there.
    slopes: Vec<f64>,
    /// Between the knots; one less.
    stretches: Vec<Stretch>,
    /// Exponent of the power below the first knot.
    below: f64,
    /// What is missing to the ceiling at the last knot, and the exponent with
    /// which it falls.
    above: (f64, f64),
    ceiling: f64,
    typical: f64,
    /// Where a convex or concave stretch begins, alternating; true: convex.
    turns: Vec<(f64, bool)>,
}

impl PartialEq for Mean {
    fn eq(&self, other: &Self) -> bool {
        self.spend == other.spend
            && self.outcome == other.outcome
            && (Arc::ptr_eq(&self.shape, &other.shape) || self.shape == other.shape)
    }
}

impl Mean {
    /// Largest distance from the mean of the curves, as a share of its ceiling.
    pub const ERROR: f64 = 1e-9;

    /// The mean of curves that is this at spends from near 0 to near the ceiling;
    /// `ends` says that no curve's slope at 0 is infinite. `None` where that is
    /// no curve with a ceiling.
    pub(crate) fn new(knots: &[(f64, Point)], ceiling: f64, typical: f64, ends: bool) -> Option<Self> {
        let shape = Shape::new(knots, ceiling, typical, ends)?;
        Some(Mean { spend: 1.0, outcome: 1.0, shape: Arc::new(shape) })
    }

    /// True if returns diminish everywhere.
    pub(crate) fn is_concave(&self) -> bool {
        matches!(self.shape.turns[..], [(_, false)])
    }

    /// Value, slope and second derivative.
    #[inline]
    pub(crate) fn point(&self, x: f64) -> Point {
        let p = self.shape.point(x / self.spend);
        let slope = self.outcome / self.spend;
        Point {
            value: p.value * self.outcome,
            marginal: p.marginal * slope,
            curvature: p.curvature * slope / self.spend,
        }
    }

    pub(crate) fn ceiling(&self) -> f64 {
        self.shape.ceiling * self.outcome
    }

    pub(crate) fn typical_spend(&self) -> f64 {
        self.shape.typical * self.spend
    }

    pub(crate) fn stretched(&self, spend: f64, outcome: f64) -> Self {
        Mean { spend: self.spend * spend, outcome: self.outcome * outcome, shape: Arc::clone(&self.shape) }
    }

    /// Calls `visit` with start, inflection and end of the convex-concave pieces
    /// on `[from, to]`.
    pub(crate) fn for_each_piece(&self, from: f64, to: f64, visit: &mut dyn FnMut(f64, f64, f64)) {
        let turns = &self.shape.turns;
        let mut start = from;
        let mut inflection = None;
        for (k, &(_, convex)) in turns.iter().enumerate() {
            let end = turns.get(k + 1).map_or(f64::INFINITY, |t| t.0 * self.spend);
            if end <= start && end < to {
                continue;
            }
            let stop = end.min(to);
            if convex && stop < to {
                inflection = Some(stop);
                continue;
            }
            let turn = inflection.take().unwrap_or(if convex { stop } else { start });
            visit(start, turn, stop);
            start = stop;
            if end >= to {
                return;
            }
        }
    }

    /// The spend of a concave stretch `[from, to]` at which the slope is
    /// `marginal`, or the end nearest to it.
    pub(crate) fn spend_at_marginal(&self, marginal: f64, from: f64, to: f64) -> f64 {
        let slope = marginal * self.spend / self.outcome;
        self.shape.spend_at_marginal(slope, from / self.spend, to / self.spend) * self.spend
    }
}

impl Shape {
    fn new(found: &[(f64, Point)], ceiling: f64, typical: f64, ends: bool) -> Option<Self> {
        let (first, last) = (*found.first()?, *found.last()?);
        let power = first.0 * first.1.marginal / first.1.value;
        // A slope that ends is that of a straight line to within the error.
        let below = if ends && (power - 1.0).abs() < 1e-6 { 1.0 } else { power };
        let missing = ceiling - last.1.value;
        let above = (missing, last.0 * last.1.marginal / missing);
        if !(missing > 0.0 && above.1 > 0.0 && below > 0.0) {
            return None;
        }
        let stretches: Vec<Stretch> =
            found.windows(2).map(|k| Stretch::new(k[1].0 - k[0].0, k[0].1, k[1].1)).collect();
        let mut signs: Vec<(f64, bool)> = Vec::new();
        if below != 1.0 {
            signs.push((0.0, below > 1.0));
        }
        for (stretch, knot) in stretches.iter().zip(found) {
            stretch.bends(&mut |from, convex| signs.push((knot.0 + from, convex)));
        }
        signs.push((last.0, false));
        signs.dedup_by_key(|s| s.1);
        signs[0].0 = 0.0;
        Some(Shape {
            at: found.iter().map(|k| k.0).collect(),
            slopes: found.iter().map(|k| k.1.marginal).collect(),
            stretches,
            below,
            above,
            ceiling,
            typical,
            turns: signs,
        })
    }

    fn point(&self, x: f64) -> Point {
        let last = self.at.len() - 1;
        if x <= self.at[0] {
            let (x0, y0, a) = (self.at[0], self.stretches[0].base(), self.below);
            if x <= 0.0 {
                let (marginal, curvature) = match a {
                    a if a < 1.0 => (f64::INFINITY, f64::NEG_INFINITY),
                    1.0 => (y0 / x0, 0.0),
                    a if a < 2.0 => (0.0, f64::INFINITY),
                    _ => (0.0, 0.0),
                };
                return Point { value: 0.0, marginal, curvature };
            }
            let value = if a == 1.0 { y0 * (x / x0) } else { y0 * (a * (x / x0).ln()).exp() };
            let marginal = value / x * a;
            return Point { value, marginal, curvature: marginal / x * (a - 1.0) };
        }
        if x >= self.at[last] {
            let (missing, b) = self.above;
            let left = missing * (-b * (x / self.at[last]).ln()).exp();
            let marginal = left / x * b;
            return Point { value: self.ceiling - left, marginal, curvature: -marginal / x * (b + 1.0) };
        }
        let j = self.at.partition_point(|&k| k <= x) - 1;
        self.stretches[j].point(x - self.at[j])
    }

    fn spend_at_marginal(&self, marginal: f64, from: f64, to: f64) -> f64 {
        const STEPS: usize = 100;
        if marginal.is_nan() || marginal <= 0.0 {
            return to;
        }
        if self.point(from).marginal <= marginal {
            return from;
        }
        if to.is_finite() && self.point(to).marginal >= marginal {
            return to;
        }
        let last = self.at.len() - 1;
        let (x0, xn) = (self.at[0], self.at[last]);
        // Slopes fall on the stretch: the knots around the answer.
        let (begin, end) = (self.at.partition_point(|&k| k <= from), self.at.partition_point(|&k| k < to));
        let next = begin + self.slopes[begin..end.max(begin)].partition_point(|&s| s > marginal);
        if next == 0 && self.below != 1.0 {
            let at = x0
                * (marginal * x0 / (self.below * self.stretches[0].base()))
                    .ln()
                    .mul_add(1.0 / (self.below - 1.0), 0.0)
                    .exp();
            return at.clamp(from, to.min(x0));
        }
        if next > last {
            let (missing, b) = self.above;
            let at = xn * ((b * missing / (xn * marginal)).ln() / (b + 1.0)).exp();
            return at.clamp(from.max(xn), to);
        }
        let mut low = if next > begin { self.at[next - 1] } else { from };
        let mut high = if next < end { self.at[next] } else { to };
        let mut x = low + 0.5 * (high - low);
        for _ in 0..STEPS {
            let p = self.point(x);
            if p.marginal > marginal {
                low = x
            } else {
                high = x
            }
            let newton = x - (p.marginal - marginal) / p.curvature;
            let middle = low + 0.5 * (high - low);
            let to = if newton > low && newton < high { newton } else { middle };
            if (to - x).abs() <= 4.0 * f64::EPSILON * x || middle <= low || middle >= high {
                return to;
            }
            x = to;
        }
        x
    }
}
