//! Covers: the concave envelopes of all lines over a region, cut into stretches.

use crate::hull::{Arc, Hull, Kind, Segment};
use crate::{Line, Problem, Terms};

/// What every line's spend in a region is made of: a spend to begin with and
/// the stretches of its concave majorant after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cover {
    pub(crate) base: Vec<f64>,
    starts: Vec<usize>,
    pub(crate) stretches: Vec<Stretch>,
}

/// A stretch of a line's concave majorant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) segment: Segment,
    pub(crate) line: u32,
}

/// One line's stretches in a cover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Majorant<'a>(&'a [Stretch]);

impl Cover {
    pub(crate) fn with_capacity(lines: usize, stretches: usize) -> Self {
        let mut starts = Vec::with_capacity(lines + 1);
        starts.push(0);
        Cover { base: Vec::with_capacity(lines), starts, stretches: Vec::with_capacity(stretches) }
    }

    /// Stretches of the next line in `[low, high]`; false if no spend is
    /// allowed. A line whose being on has a price gets a first chord from 0 to
    /// `anchor`, the spend at which it would be switched on.
    pub(crate) fn push(
        &mut self,
        hull: &mut Hull,
        line: &Line,
        (low, high): (f64, f64),
        anchor: Option<f64>,
        split: Option<f64>,
    ) -> bool {
        hull.arcs(line, low, high);
        let Some(base) = hull.pieces.first().map(|a| a.from) else { return false };
        let top = hull.pieces.last().map_or(0.0, |a| a.to);
        match anchor.filter(|_| base == 0.0 && top > 0.0) {
            Some(anchor) => {
                let anchor = nearest_on(&hull.pieces, anchor.clamp(0.0, top));
                let slope = line.curve.value(anchor) / anchor;
                hull.arcs(line, anchor, high);
                hull.majorant(line);
                hull.segments.insert(0, Segment { from: 0.0, to: anchor, kind: Kind::Chord(slope) });
            }
            None => hull.majorant(line),
        }
        self.finish(base, &hull.segments, split);
        true
    }

    /// The same for a line whose movement from today's spend, inside the range,
    /// costs the goal: its curve is majorised on either side by itself. One
    /// majorant would give it the response of a move that it does not make.
    pub(crate) fn push_about(
        &mut self,
        hull: &mut Hull,
        line: &Line,
        (low, high): (f64, f64),
        today: f64,
    ) -> bool {
        hull.arcs(line, low, today);
        let (base, down) = (hull.pieces.first().map(|a| a.from), hull.pieces.last().map(|a| a.to));
        hull.majorant(line);
        let mut segments = std::mem::take(&mut hull.segments);
        hull.arcs(line, today, high);
        let up = hull.pieces.first().map(|a| a.from);
        let (Some(base), true) = (base, down == Some(today) && up == Some(today)) else {
            return self.push(hull, line, (low, high), None, Some(today));
        };
        hull.majorant(line);
        segments.append(&mut hull.segments);
        self.finish(base, &segments, None);
        true
    }

    /// The next line is as in another cover.
    pub(crate) fn push_known(&mut self, other: &Cover) {
        let line = self.base.len();
        self.base.push(other.base[line]);
        self.stretches.extend_from_slice(other.of(line).0);
        self.starts.push(self.stretches.len());
    }

    /// The next line keeps to one concave arc.
    pub(crate) fn push_arc(&mut self, arc: Arc, split: Option<f64>) {
        let segment = Segment { from: arc.from, to: arc.to, kind: Kind::Arc };
        let segments = if arc.to > arc.from { std::slice::from_ref(&segment) } else { &[] };
        self.finish(arc.from, segments, split);
    }

    fn finish(&mut self, base: f64, segments: &[Segment], split: Option<f64>) {
        let line = self.base.len() as u32;
        self.base.push(base);
        for &segment in segments {
            match split.filter(|&at| segment.from < at && at < segment.to) {
                Some(at) => {
                    self.stretches.push(Stretch { segment: Segment { to: at, ..segment }, line });
                    self.stretches.push(Stretch { segment: Segment { from: at, ..segment }, line });
                }
                None => self.stretches.push(Stretch { segment, line }),
            }
        }
        self.starts.push(self.stretches.len());
    }

    /// The stretches of line `i`.
    pub(crate) fn of(&self, i: usize) -> Majorant<'_> {
        Majorant(&self.stretches[self.starts[i]..self.starts[i + 1]])
    }
}

impl Majorant<'_> {
    /// The concave majorant at a spend.
    pub(crate) fn value(&self, line: &Line, x: f64) -> f64 {
        // Where the curve meets the chord: not where a chord is split.
        let mut meets = f64::NAN;
        let mut last = None;
        for Segment { from, to, kind } in self.segments() {
            if last != Some((from, kind)) {
                meets = from;
            }
            last = Some((to, kind));
            if from <= x && x <= to {
                return match kind {
                    Kind::Chord(slope) => line.curve.value(meets) + slope * (x - meets),
                    Kind::Arc => line.curve.value(x),
                };
            }
        }
        line.curve.value(x)
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment> {
        self.0.iter().map(|s| s.segment)
    }

    fn chords(&self) -> impl Iterator<Item = Segment> {
        self.segments().filter(|s| matches!(s.kind, Kind::Chord(_)))
    }

    /// The ends of the chord that holds a spend.
    pub(crate) fn chord_at(&self, x: f64) -> Option<(f64, f64)> {
        self.chords().find(|s| s.from <= x && x <= s.to).map(|s| (s.from, s.to))
    }

    /// True if one of the chords joins the ends of an arc.
    pub(crate) fn has(&self, arc: Arc) -> bool {
        self.chords().any(|s| s.from == arc.from && s.to == arc.to)
    }

    /// Where a chord that begins at 0 ends.
    pub(crate) fn first_chord(&self) -> Option<f64> {
        let first = self.segments().next()?;
        (first.from == 0.0 && matches!(first.kind, Kind::Chord(_))).then_some(first.to)
    }
}

/// One line's stretches by themselves.
pub(crate) struct Stretches {
    pub(crate) base: f64,
    own: Vec<Stretch>,
}

impl Stretches {
    /// As [`Cover::push`]; `None` if no spend is allowed.
    pub(crate) fn new(
        line: &Line,
        low: f64,
        high: f64,
        anchor: Option<f64>,
        split: Option<f64>,
    ) -> Option<Self> {
        let mut cover = Cover::with_capacity(1, 2);
        if !cover.push(&mut Hull::default(), line, (low, high), anchor, split) {
            return None;
        }
        let base = cover.base.first().copied()?;
        Some(Stretches { base, own: cover.stretches })
    }

    pub(crate) fn majorant(&self) -> Majorant<'_> {
        Majorant(&self.own)
    }
}

/// The spend above 0 on an arc that is nearest to `x`.
fn nearest_on(pieces: &[Arc], x: f64) -> f64 {
    let mut best = f64::NAN;
    for arc in pieces.iter().filter(|a| a.to > 0.0) {
        let floor = if arc.from > 0.0 { arc.from } else { 1e-9 * arc.to.min(1e15) };
        let y = x.clamp(floor, arc.to);
        if best.is_nan() || (y - x).abs() < (best - x).abs() {
            best = y;
        }
    }
    best
}

/// Which features matter for a line beyond spend and response.
pub(crate) struct Features {
    /// Empty if no line has any.
    active: Vec<bool>,
    moved: Vec<bool>,
}

impl Features {
    pub(crate) fn of(problem: &Problem, goal: &Terms) -> Self {
        let mut features = Features { active: Vec::new(), moved: Vec::new() };
        for terms in problem.quantities().chain([goal]) {
            for (flags, v) in [(&mut features.active, &terms.active), (&mut features.moved, &terms.moved)] {
                if let Some(v) = v.as_deref().filter(|v| v.iter().any(|c| *c != 0.0)) {
                    flags.resize(v.len(), false);
                    flags.iter_mut().zip(v).for_each(|(flag, c)| *flag |= *c != 0.0);
                }
            }
        }
        features
    }

    pub(crate) fn active(&self, i: usize) -> bool {
        self.active.get(i).is_some_and(|flag| *flag)
    }

    pub(crate) fn moved(&self, i: usize) -> bool {
        self.moved.get(i).is_some_and(|flag| *flag)
    }

    pub(crate) fn plain(&self) -> bool {
        self.active.is_empty() && self.moved.is_empty()
    }
}

/// A spend at which a stretch's curve visibly bends, beyond its start.
pub(crate) fn bend(line: &Line, from: f64) -> f64 {
    line.typical_spend().max(from)
}

#[cfg(test)]
mod tests {
    use outlay_curves::Curve;

    use super::*;

    #[test]
    fn a_split_chord_is_the_same_majorant() {
        let line = Line::new(Curve::s_logistic(1000.0, 50.0, 0.1).unwrap(), 10.0, Vec::new());
        let cover = |split: Option<f64>| {
            let mut cover = Cover::with_capacity(1, 3);
            assert!(cover.push(&mut Hull::default(), &line, (0.0, 100.0), None, split));
            cover
        };
        let (whole, split) = (cover(None), cover(Some(line.current)));
        assert_eq!(split.stretches.len(), whole.stretches.len() + 1);
        for x in [0.0, 5.0, 10.0, 10.1, 20.0, 60.0, 99.0] {
            let (a, b) = (whole.of(0).value(&line, x), split.of(0).value(&line, x));
            assert!((a - b).abs() <= 1e-12 * a, "{b}, not {a} at {x}");
            assert!(b >= line.curve.value(x) * (1.0 - 1e-12));
        }
        assert!(split.of(0).value(&line, 20.0) > 1.5 * line.curve.value(20.0), "above the curve");
    }
}
