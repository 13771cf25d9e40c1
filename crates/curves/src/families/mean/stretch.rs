//! A stretch of a mean curve between two knots: a polynomial of degree 5.

use crate::Point;

/// The polynomial in `u = x / width` with the value, slope and curvature of
/// both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    width: f64,
    c: [f64; 6],
}

impl Stretch {
    pub(super) fn new(width: f64, from: Point, to: Point) -> Self {
        let (d0, d1) = (from.marginal * width, to.marginal * width);
        let (s0, s1) = (from.curvature * width * width, to.curvature * width * width);
        // What is left at the end of the value, slope and curvature given at the start.
        let rise = to.value - from.value - d0 - 0.5 * s0;
        let slope = d1 - d0 - s0;
        let bend = s1 - s0;
        Stretch {
            width,
            c: [
                from.value,
                d0,
                0.5 * s0,
                10.0 * rise - 4.0 * slope + 0.5 * bend,
                -15.0 * rise + 7.0 * slope - bend,
                6.0 * rise - 3.0 * slope + 0.5 * bend,
            ],
        }
    }

    /// Value at the start.
    pub(super) fn base(&self) -> f64 {
        self.c[0]
    }

    /// At a distance from the start.
    #[inline]
    pub(super) fn point(&self, distance: f64) -> Point {
        let [c0, c1, c2, c3, c4, c5] = self.c;
        let u = distance / self.width;
        let value = c0 + u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * c5))));
        let marginal = c1 + u * (2.0 * c2 + u * (3.0 * c3 + u * (4.0 * c4 + u * 5.0 * c5)));
        let curvature = 2.0 * c2 + u * (6.0 * c3 + u * (12.0 * c4 + u * 20.0 * c5));
        Point { value, marginal: marginal / self.width, curvature: curvature / (self.width * self.width) }
    }

    /// Calls `turn` with the distance at which a convex or concave part begins;
    /// true: convex. Neighbouring parts may be of the same kind.
    pub(super) fn bends(&self, turn: &mut dyn FnMut(f64, bool)) {
        let [_, _, c2, c3, c4, c5] = self.c;
        // The second derivative in Bernstein form: between its least and its
        // largest coefficient everywhere.
        let (a, b, c, d) = (2.0 * c2, 6.0 * c3, 12.0 * c4, 20.0 * c5);
        let coefficients = [a, a + b / 3.0, a + (2.0 * b + c) / 3.0, a + b + c + d];
        // What the rounding of the ends' values makes of it is no bend: it moves
        // no value by more than 32 units in the last place.
        let noise = 256.0 * f64::EPSILON * self.c.iter().sum::<f64>().abs();
        signs(coefficients, 0.0, 1.0, noise, &mut |u, convex| turn(u * self.width, convex));
    }
}

/// The signs of a cubic in Bernstein form on `[from, to]`, by halving until no
/// coefficient disagrees or the part is as small as its place can be written.
fn signs(c: [f64; 4], from: f64, to: f64, noise: f64, turn: &mut dyn FnMut(f64, bool)) {
    const SMALL: f64 = 1e-14;
    let least = c.iter().copied().fold(f64::INFINITY, f64::min);
    let most = c.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most <= noise {
        return turn(from, false);
    }
    if least >= -noise || to - from <= SMALL {
        return turn(from, true);
    }
    let half = |a: f64, b: f64| 0.5 * (a + b);
    let (ab, bc, cd) = (half(c[0], c[1]), half(c[1], c[2]), half(c[2], c[3]));
    let (abc, bcd) = (half(ab, bc), half(bc, cd));
    let (middle, at) = (half(abc, bcd), half(from, to));
    signs([c[0], ab, abc, middle], from, at, noise, turn);
    signs([middle, bcd, cd, c[3]], at, to, noise, turn);
}
