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
struct Hill {
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
        let lanes = draws.lines.iter().map(|d| Lane::new(&d.curves, None)).collect();
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
        self.lanes[i] = Lane::new(&self.draws.lines[i].curves, Some((low, high)));
    }

    /// A line's expected curve.
    pub(super) fn mean(&self, i: usize, x: f64) -> Point {
        self.mean[i].point(&self.lines[i].curve, x)
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
                    let t = h.shape * (at - h.half);
                    let e = (-t.abs()).exp();
                    let large = 1.0 / (1.0 + e);
                    let small = e * large;
                    let (up, down) = if t >= 0.0 { (large, small) } else { (small, large) };
                    let slope = h.ceiling * h.shape * up * down * each;
                    out.value.push(h.ceiling * up);
                    out.slope.push(slope);
                    out.bend.push(slope * each * (h.shape * (down - up) - 1.0));
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
    fn new(curves: &[Curve], range: Option<(f64, f64)>) -> Self {
        let majorants: Vec<Majorant> = curves
            .iter()
            .map(|c| range.map_or(Majorant::Curve, |(low, high)| Majorant::new(c, low, high)))
            .collect();
        let hills: Option<Vec<Hill>> = curves.iter().zip(&majorants).map(|(c, m)| Hill::new(c, m)).collect();
        hills.map_or(Lane::Any(majorants), Lane::Hill)
    }
}

impl Hill {
    fn new(curve: &Curve, majorant: &Majorant) -> Option<Self> {
        let Curve::Hill(hill) = curve else { return None };
        let (ceiling, half, shape) = hill.parameters();
        let plain = Hill { ceiling, half: half.ln(), shape, turn: f64::NEG_INFINITY, base: 0.0, slope: 0.0 };
        match majorant {
            Majorant::Curve => Some(plain),
            Majorant::Segments(segments) => match segments[..] {
                [Segment { from, to, kind: Kind::Chord(slope) }, ref rest @ ..] if rest.len() <= 1 => {
                    let turn = if rest.is_empty() { f64::INFINITY } else { to };
                    Some(Hill { turn, base: curve.value(from) - slope * from, slope, ..plain })
                }
                [Segment { kind: Kind::Arc, .. }] => Some(plain),
                _ => None,
            },
        }
    }
}
