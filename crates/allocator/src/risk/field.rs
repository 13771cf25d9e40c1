//! All lines' curves under all draws, evaluated together.

use outlay_curves::{Curve, Point};

use super::Draws;
use super::majorant::Majorant;
use crate::Line;
use crate::hull::{Kind, Segment};

/// The curves of a region: as they are, or their concave majorants there.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    draws: &'a Draws,
    lines: &'a [Line],
    mean: Vec<Majorant>,
    lanes: Vec<Lane>,
}

/// One line's curves side by side.
#[derive(Debug, Clone)]
enum Lane {
    /// Hill curves, straight up to `turn`.
    Hill(Vec<Hill>),
    /// Others, in the order of the draws' curves.
    Any(Vec<Majorant>),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Hill {
    ceiling: f64,
    /// Logarithm of the spend that earns half the ceiling.
    half: f64,
    shape: f64,
    turn: f64,
    /// Of the straight part: value at spend 0 and slope.
    base: f64,
    slope: f64,
}

/// Value, slope and second derivative of one line under every curve.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    pub(super) value: Vec<f64>,
    pub(super) slope: Vec<f64>,
    pub(super) bend: Vec<f64>,
}

impl<'a> Field<'a> {
    /// The curves themselves.
    pub(super) fn of_curves(draws: &'a Draws, lines: &'a [Line]) -> Self {
        let lanes = draws.lines.iter().map(|d| Lane::of_curves(&d.curves)).collect();
        Field { draws, lines, mean: vec![Majorant::Curve; lines.len()], lanes }
    }

    /// Their concave majorants on a box.
    pub(super) fn of_majorants(draws: &'a Draws, lines: &'a [Line], low: &[f64], high: &[f64]) -> Self {
        let mut field = Field::of_curves(draws, lines);
        (0..lines.len()).for_each(|i| field.cover(i, low[i], high[i]));
        field
    }

    /// Takes one line's majorants on another range.
    pub(super) fn cover(&mut self, i: usize, low: f64, high: f64) {
        self.mean[i] = Majorant::new(&self.lines[i].curve, low, high);
        self.lanes[i] = Lane::of_majorants(&self.draws.lines[i].curves, low, high);
    }

    /// Takes one line's curves with a straight part between two spends, the same
    /// two under every draw. That is above no curve, but it is above their sum
    /// where the sum's own majorant is straight there.
    pub(super) fn straighten(&mut self, i: usize, low: f64, high: f64) {
        self.mean[i] = Majorant::chord(&self.lines[i].curve, low, high);
        let curves = &self.draws.lines[i].curves;
        let chord = |curve: &Curve| Majorant::chord(curve, low, high);
        self.lanes[i] = Lane::new(curves, |curve| Hill::from(curve, low, high), chord);
    }

    /// A line's expected curve.
    pub(super) fn mean(&self, i: usize, x: f64) -> Point {
        self.mean[i].point(&self.lines[i].curve, x)
    }

    /// What of the value of one of a line's curves does not count.
    #[inline]
    pub(super) fn less(&self, i: usize, curve: usize) -> f64 {
        self.draws.lines[i].less(curve)
    }

    /// A line's curves at a spend.
    pub(super) fn sample(&self, i: usize, x: f64, out: &mut Samples) {
        let curves = &self.draws.lines[i].curves;
        for list in [&mut out.value, &mut out.slope, &mut out.bend] {
            list.clear();
            list.reserve(curves.len());
        }
        match &self.lanes[i] {
            Lane::Any(majorants) => {
                for (majorant, curve) in majorants.iter().zip(curves.iter()) {
                    let p = majorant.point(curve, x);
                    out.value.push(p.value);
                    out.slope.push(p.marginal);
                    out.bend.push(p.curvature);
                }
            }
            Lane::Hill(hills) if x > 0.0 => {
                let (at, each) = (x.ln(), 1.0 / x);
                for h in hills {
                    if x < h.turn {
                        out.value.push(h.base + h.slope * x);
                        out.slope.push(h.slope);
                        out.bend.push(0.0);
                        continue;
                    }
                    let p = h.point(at, each);
                    out.value.push(p.value);
                    out.slope.push(p.marginal);
                    out.bend.push(p.curvature);
                }
            }
            Lane::Hill(_) => {
                for curve in curves.iter() {
                    let p = curve.point(x);
                    out.value.push(p.value);
                    out.slope.push(p.marginal);
                    out.bend.push(p.curvature);
                }
            }
        }
    }
}

impl Lane {
    fn new(
        curves: &[Curve],
        hill: impl Fn(&Curve) -> Option<Hill>,
        any: impl Fn(&Curve) -> Majorant,
    ) -> Self {
        let hills: Option<Vec<Hill>> = curves.iter().map(hill).collect();
        hills.map_or_else(|| Lane::Any(curves.iter().map(any).collect()), Lane::Hill)
    }

    fn of_curves(curves: &[Curve]) -> Self {
        Lane::new(curves, Hill::plain, |_| Majorant::Curve)
    }

    fn of_majorants(curves: &[Curve], low: f64, high: f64) -> Self {
        let any = |curve: &Curve| Majorant::new(curve, low, high);
        Lane::new(curves, |curve| Hill::over(curve, low, high), any)
    }
}

impl Hill {
    /// The curve at a spend above 0, given as its logarithm and its inverse.
    #[inline]
    pub(super) fn point(&self, at: f64, each: f64) -> Point {
        let t = self.shape * (at - self.half);
        let e = (-t.abs()).exp();
        let large = 1.0 / (1.0 + e);
        let small = e * large;
        let (up, down) = if t >= 0.0 { (large, small) } else { (small, large) };
        let marginal = self.ceiling * self.shape * up * down * each;
        let curvature = marginal * each * (self.shape * (down - up) - 1.0);
        Point { value: self.ceiling * up, marginal, curvature }
    }

    /// The curve itself.
    pub(super) fn plain(curve: &Curve) -> Option<Self> {
        let Curve::Hill(hill) = curve else { return None };
        let (ceiling, half, shape) = hill.parameters();
        Some(Hill { ceiling, half: half.ln(), shape, turn: f64::NEG_INFINITY, base: 0.0, slope: 0.0 })
    }

    /// Straight between two spends.
    fn from(curve: &Curve, low: f64, high: f64) -> Option<Self> {
        let (a, b) = (curve.value(low), curve.value(high));
        let slope = (b - a) / (high - low);
        Hill::plain(curve).map(|hill| Hill { turn: high, base: a - slope * low, slope, ..hill })
    }

    /// The concave majorant between two spends: from spend 0 a chord to where
    /// `f(x) / x` is largest.
    fn over(curve: &Curve, low: f64, high: f64) -> Option<Self> {
        let plain = Hill::plain(curve)?;
        if plain.shape <= 1.0 || high <= low {
            return Some(plain);
        }
        if low == 0.0 {
            let far = (plain.half + (plain.shape - 1.0).ln() / plain.shape).exp();
            return Hill::from(curve, 0.0, far.min(high));
        }
        match Majorant::new(curve, low, high) {
            Majorant::Curve => Some(plain),
            Majorant::Segments(segments) => match segments[..] {
                [Segment { from, to, kind: Kind::Chord(_) }, ref rest @ ..] if rest.len() <= 1 => {
                    Hill::from(curve, from, to)
                }
                [Segment { kind: Kind::Arc, .. }] => Some(plain),
                _ => None,
            },
        }
    }
}
