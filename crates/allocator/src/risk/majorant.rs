//! The least concave curve above one curve on an interval.

use outlay_curves::{Curve, Point};

use crate::Line;
use crate::hull::{Hull, Kind, Segment};

/// A curve's concave majorant: the curve itself where it is concave already.
#[derive(Debug, Clone)]
pub(super) enum Majorant {
    Curve,
    Segments(Vec<Segment>),
}

impl Majorant {
    /// Of a curve on `[low, high]`.
    pub(super) fn new(curve: &Curve, low: f64, high: f64) -> Self {
        let mut concave = true;
        let mut first = true;
        curve.for_each_piece(low, high, |piece| {
            concave &= first && piece.inflection <= piece.from;
            first = false;
        });
        if concave || high <= low {
            return Majorant::Curve;
        }
        let line = Line::new(curve.clone(), 0.0, Vec::new());
        let mut hull = Hull::default();
        hull.arcs(&line, low, high);
        hull.majorant(&line);
        Majorant::Segments(hull.segments)
    }

    /// The curve with a straight line between two spends, and as it is beyond.
    pub(super) fn chord(curve: &Curve, low: f64, high: f64) -> Self {
        let slope = (curve.value(high) - curve.value(low)) / (high - low);
        let straight = Segment { from: low, to: high, kind: Kind::Chord(slope) };
        Majorant::Segments(vec![straight, Segment { from: high, to: f64::INFINITY, kind: Kind::Arc }])
    }

    /// Value, slope and second derivative of the majorant.
    #[inline]
    pub(super) fn point(&self, curve: &Curve, x: f64) -> Point {
        let Majorant::Segments(segments) = self else { return curve.point(x) };
        let found = segments.iter().find(|s| x <= s.to).or(segments.last());
        match found {
            Some(&Segment { from, kind: Kind::Chord(slope), .. }) => {
                Point { value: curve.value(from) + slope * (x - from), marginal: slope, curvature: 0.0 }
            }
            _ => curve.point(x),
        }
    }
}
