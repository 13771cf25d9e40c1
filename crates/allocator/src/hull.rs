//! The least concave curve (concave majorant, or envelope) above a line's response on a region.

use outlay_curves::{Curve, Piece};

use crate::{Line, best::Offer, best_response};

/// A stretch of a concave majorant. Stretches follow one another in
/// increasing spend and falling slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    pub(crate) from: f64,
    /// Possibly infinite for an arc.
    pub(crate) to: f64,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// The curve itself, concave here.
    Arc,
    /// A straight line with this slope between two points of the curve.
    Chord(f64),
}

/// A stretch of spends on which the curve is concave; all spends that can be
/// optimal for a positive worth lie on one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arc {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// More lots than this in a region are taken as a continuum.
const LOTS: f64 = 2000.0;

/// Works out concave majorants, line after line, in the same memory.
#[derive(Debug, Default)]
pub(crate) struct Hull {
    /// The concave stretches of a line's curve, from [`Hull::arcs`].
    pub(crate) pieces: Vec<Arc>,
    /// The majorant over them, from [`Hull::majorant`].
    pub(crate) segments: Vec<Segment>,
    /// Arcs on the hull so far, each with the slope of the chord that leads to it.
    stack: Vec<(Arc, f64)>,
}

impl Hull {
    /// Finds the concave stretches of a line's curve on its domain in
    /// `[low, high]`, in increasing order; a stretch of one point is a single
    /// spend.
    pub(crate) fn arcs(&mut self, line: &Line, low: f64, high: f64) {
        let out = &mut self.pieces;
        out.clear();
        for span in line.domain().spans() {
            let Some(span) = span.clip(low, high) else { continue };
            if span.step > 0.0 && (span.to - span.from) / span.step <= LOTS {
                let count = ((span.to - span.from) / span.step).round() as usize;
                out.extend((0..=count).map(|k| {
                    let x = span.lot_at_or_below(span.from + (k as f64 + 0.25) * span.step).min(span.to);
                    Arc { from: x, to: x }
                }));
                continue;
            }
            let straight = line.curve.is_table();
            line.curve.for_each_piece(span.from, span.to, |p: Piece| {
                if straight {
                    push(out, Arc { from: p.from, to: p.from });
                    push(out, Arc { from: p.to, to: p.to });
                    return;
                }
                if p.inflection > p.from {
                    push(out, Arc { from: p.from, to: p.from });
                }
                push(out, Arc { from: p.inflection, to: p.to });
            });
        }
    }

    /// The same where movement from a spend inside has a price: it may be best to
    /// stay there wherever the curve bends.
    pub(crate) fn arcs_about(&mut self, line: &Line, low: f64, high: f64, today: f64) {
        self.arcs(line, low, today);
        let below = std::mem::take(&mut self.pieces);
        self.arcs(line, today, high);
        let above = std::mem::replace(&mut self.pieces, below);
        let (Some(last), Some((&first, rest))) = (self.pieces.last_mut(), above.split_first()) else {
            return self.arcs(line, low, high);
        };
        if last.to != today || first.from != today {
            return self.arcs(line, low, high);
        }
        let bends = last.to > last.from && line.curve.marginal_before(today) >= line.curve.marginal(today);
        match first.to > first.from {
            false => {}
            true if bends || last.from == last.to => last.to = first.to,
            true => self.pieces.push(first),
        }
        self.pieces.extend(rest);
    }

    /// Finds the concave majorant of the curve over the arcs found last.
    pub(crate) fn majorant(&mut self, line: &Line) {
        let Hull { pieces, segments, stack } = self;
        segments.clear();
        stack.clear();
        let Some((&first, rest)) = pieces.split_first() else { return };
        stack.push((first, f64::INFINITY));
        for &arc in rest {
            let mut next = arc;
            while let Some(&(last, slope)) = stack.last() {
                let (leave, arrive) = tangent(line, last, arc);
                let chord = chord_slope(&line.curve, leave, arrive);
                let hidden = leave <= last.from && stack.len() > 1 && chord >= slope;
                if hidden {
                    stack.pop();
                    continue;
                }
                if let Some(top) = stack.last_mut() {
                    top.0.to = leave;
                }
                next.from = arrive;
                stack.push((next, chord));
                break;
            }
        }
        for (index, &(arc, slope)) in stack.iter().enumerate() {
            if index > 0 {
                let from = stack[index - 1].0.to;
                if arc.from > from {
                    segments.push(Segment { from, to: arc.from, kind: Kind::Chord(slope) });
                }
            }
            if arc.to > arc.from {
                segments.push(Segment { from: arc.from, to: arc.to, kind: Kind::Arc });
            }
        }
    }
}

/// Appends an arc; a point that the last arc already ends at is not repeated.
fn push(out: &mut Vec<Arc>, arc: Arc) {
    match out.last() {
        Some(last) if last.to == arc.from && arc.to == arc.from => {}
        Some(last) if last.to == arc.from && last.from == last.to && arc.to > arc.from => {
            out.pop();
            out.push(arc);
        }
        _ => out.push(arc),
    }
}

fn chord_slope(curve: &Curve, from: f64, to: f64) -> f64 {
    if to > from { (curve.value(to) - curve.value(from)) / (to - from) } else { curve.marginal(from) }
}

/// Where the common tangent of two arcs leaves the first and meets the second.
fn tangent(line: &Line, a: Arc, b: Arc) -> (f64, f64) {
    if a.from == a.to {
        return (a.to, tangent_from(&line.curve, a.to, b));
    }
    let slope = common_slope(line, a, b);
    let touch = |arc: Arc| {
        let offer = Offer { worth: 1.0, cost: slope, ..Offer::default() };
        best_response(line, arc.from, arc.to, offer)
            .map_or(arc.from, |best| best.spend.clamp(arc.from, arc.to))
    };
    (touch(a), touch(b))
}

/// The spend of arc `b` whose tangent passes through the curve at `l`: the
/// root of `h(x) = f(x) - f(l) - (x - l) f'(x)`, which increases on a concave
/// arc, by the Illinois method.
fn tangent_from(curve: &Curve, l: f64, b: Arc) -> f64 {
    const STEPS: usize = 200;
    let base = curve.value(l);
    let h = |x: f64| {
        let p = curve.point(x);
        p.value - base - (x - l) * p.marginal
    };
    let (mut low, mut high) = (b.from, b.to);
    let mut h_low = h(low);
    if b.to == b.from || h_low >= 0.0 {
        return b.from;
    }
    if high.is_infinite() {
        high = 2.0 * low.max(curve.typical_spend());
        for _ in 0..STEPS {
            if h(high) >= 0.0 {
                break;
            }
            high *= 2.0;
        }
    }
    let mut h_high = h(high);
    if h_high <= 0.0 {
        return high;
    }
    let mut side = 0;
    for _ in 0..STEPS {
        let middle = (low * h_high - high * h_low) / (h_high - h_low);
        let middle = if middle > low && middle < high { middle } else { low + 0.5 * (high - low) };
        if high - low <= 1e-14 * high || middle <= low || middle >= high {
            break;
        }
        let value = h(middle);
        if value < 0.0 {
            (low, h_low) = (middle, value);
            if side < 0 {
                h_high *= 0.5;
            }
            side = -1;
        } else {
            (high, h_high) = (middle, value);
            if side > 0 {
                h_low *= 0.5;
            }
            side = 1;
        }
    }
    high
}

/// The slope at which the best points of both arcs lie on one line:
/// `max_b (f - s x) - max_a (f - s x)` falls in s, so it is bisected.
fn common_slope(line: &Line, a: Arc, b: Arc) -> f64 {
    const HALVINGS: usize = 200;
    let curve = &line.curve;
    let best = |arc: Arc, slope: f64| {
        let offer = Offer { worth: 1.0, cost: slope, ..Offer::default() };
        best_response(line, arc.from, arc.to, offer).map_or(0.0, |best| best.value)
    };
    let far = if b.to.is_finite() { b.to } else { 4.0 * b.from.max(line.typical_spend()) };
    let (mut low, mut high) = if b.from > a.to {
        (0.0, (curve.value(far) - curve.value(a.from)) / (b.from - a.to))
    } else {
        (curve.marginal(a.to * (1.0 - 1e-12)), curve.marginal(b.from))
    };
    for _ in 0..HALVINGS {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if best(b, middle) > best(a, middle) { low = middle } else { high = middle }
    }
    low
}
