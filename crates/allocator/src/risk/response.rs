//! What one line yields under weights on the draws: the sum of its weighted
//! curves less its cost, and the most that it can be on the line's domain.
//!
//! Between two spends every curve lies below a straight line: a tangent where it
//! is concave, a chord where it is convex; where it turns between them the
//! tangent at the second end if that passes above the first, else the chord. So
//! does their sum, and a straight line is largest at an end. What these lines
//! leave open is quadratic in the distance of the two spends, which is halved
//! where most is left.

use outlay_curves::{Curve, Point};

use super::field::Hill;
use super::majorant::Majorant;
use crate::Span;

/// Share of its terms to which the most is known, and spends looked at for it.
const CLOSE: f64 = 2e-8;
const MOST: usize = 96;

/// Newton's steps to a stationary spend.
const STEPS: usize = 8;

/// What a line yields: the sum of its weighted curves less its cost.
pub(super) struct Response<'a> {
    pub(super) spans: Vec<Span>,
    pub(super) cost: f64,
    /// What curves that weigh less than nothing are at most.
    pub(super) flat: f64,
    pub(super) curves: Vec<Weighted<'a>>,
    /// What it costs to be on, where the line may be off.
    pub(super) on: f64,
    /// False where the line is offered more than curves, spend and being on.
    pub(super) sound: bool,
}

/// A curve and what it weighs.
#[derive(Clone, Copy)]
pub(super) struct Weighted<'a> {
    weight: f64,
    curve: &'a Curve,
    hill: Option<Hill>,
}

impl<'a> Weighted<'a> {
    pub(super) fn new(weight: f64, curve: &'a Curve) -> Self {
        Weighted { weight, curve, hill: Hill::plain(curve) }
    }

    #[inline]
    fn point(&self, x: f64, at: f64) -> Point {
        match &self.hill {
            Some(hill) if x > 0.0 => hill.point(at, 1.0 / x),
            _ => self.curve.point(x),
        }
    }
}

/// The most of a response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    /// No spend of the domain yields more.
    pub(super) bound: f64,
    /// Size of what the bound is made of, for its rounding.
    pub(super) size: f64,
    /// The spend that yields most of those looked at.
    pub(super) spend: f64,
}

/// Where a curve turns concave on a span.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// Convex before this spend and concave after it; the slope there, its largest.
    At(f64, f64),
    /// More than once.
    Often,
}

/// All curves at one spend.
struct Look {
    x: f64,
    /// Value and slope, by curve.
    each: Vec<(f64, f64)>,
    /// The sum less the cost, and its slope.
    value: f64,
    slope: f64,
}

impl Response<'_> {
    /// Value, slope and second derivative of the sum less the cost.
    fn sum(&self, x: f64) -> (f64, f64, f64) {
        let start = (self.flat - self.cost * x, -self.cost, 0.0);
        let at = x.ln();
        self.curves.iter().fold(start, |(value, slope, bend), own| {
            let (w, p) = (own.weight, own.point(x, at));
            (value + w * p.value, slope + w * p.marginal, bend + w * p.curvature)
        })
    }

    fn look(&self, x: f64) -> Look {
        let at = x.ln();
        let (mut value, mut slope) = (self.flat - self.cost * x, -self.cost);
        let mut each = Vec::with_capacity(self.curves.len());
        for own in &self.curves {
            let p = own.point(x, at);
            value += own.weight * p.value;
            slope += own.weight * p.marginal;
            each.push((p.value, p.marginal));
        }
        Look { x, each, value, slope }
    }

    /// The most at any spend of the domain; `at` is a spend to begin with.
    pub(super) fn best(&self, at: f64) -> Best {
        if !self.sound {
            return Best { bound: f64::INFINITY, size: f64::INFINITY, spend: at };
        }
        let mut best = Best { bound: f64::NEG_INFINITY, size: 0.0, spend: at };
        let mut found = f64::NEG_INFINITY;
        for span in &self.spans {
            let mut take = |own: Best, value: f64, on: f64| {
                if value - on > found {
                    (best.spend, found) = (own.spend, value - on);
                }
                let bound = own.bound - on;
                best.bound = best.bound.max(if bound.is_nan() { f64::INFINITY } else { bound });
                best.size = best.size.max(own.size + on.abs());
            };
            if self.on == 0.0 || span.from > 0.0 {
                let (own, value) = self.within(span, at);
                take(own, value, self.on);
                continue;
            }
            // Off, or on: from spend 0, of which no plan that is on is short.
            let (off, value) = self.within(&Span::point(span.from), at);
            take(off, value, 0.0);
            if span.to > span.from {
                let (own, value) = self.within(span, at);
                take(own, value, self.on);
            }
        }
        best
    }

    /// What being on costs between the least spend and others.
    fn jump(&self) -> f64 {
        if self.spans.first().is_some_and(|s| s.from > 0.0) { 0.0 } else { self.on }
    }

    /// The most on one span, and what is yielded at the spend found.
    fn within(&self, span: &Span, at: f64) -> (Best, f64) {
        let first = self.look(span.from);
        if span.to <= span.from {
            let size = self.size(&first);
            return (Best { bound: first.value, size, spend: first.x }, first.value);
        }
        let turns: Vec<Turn> = self.curves.iter().map(|own| turn(own.curve, span)).collect();
        let mut looks = vec![first];
        let at = self.stationary(at.clamp(span.from, span.to.min(f64::MAX)), span);
        if at > span.from && at < span.to {
            looks.push(self.look(at));
        }
        if span.to.is_finite() {
            looks.push(self.look(span.to));
        }
        // Stretches by the places of their ends; the last may have none.
        let mut open: Vec<(usize, Option<usize>, (f64, f64))> = Vec::new();
        for k in 0..looks.len() {
            let next = (k + 1 < looks.len()).then_some(k + 1);
            if next.is_some() || span.to.is_infinite() {
                open.push((k, next, self.above(&turns, &looks[k], next.map(|n| &looks[n]))));
            }
        }
        loop {
            let top = looks.iter().max_by(|a, b| a.value.total_cmp(&b.value));
            let (spend, value) = top.map_or((span.from, f64::NAN), |l| (l.x, l.value));
            let widest = (0..open.len()).max_by(|&a, &b| open[a].2.0.total_cmp(&open[b].2.0));
            let Some(widest) = widest else { return (Best { bound: value, size: 0.0, spend }, value) };
            let (a, b, (bound, size)) = open[widest];
            let end = bound <= value + CLOSE * size || looks.len() >= MOST || !value.is_finite();
            let middle = between(&looks[a], b.map(|b| &looks[b]));
            if end || middle <= looks[a].x || b.is_some_and(|b| middle >= looks[b].x) {
                let size = open.iter().fold(0.0, |most: f64, part| most.max(part.2.1));
                return (Best { bound: bound.max(value), size, spend }, value);
            }
            looks.push(self.look(middle));
            let new = looks.len() - 1;
            open.swap_remove(widest);
            for (from, to) in [(a, Some(new)), (new, b)] {
                open.push((from, to, self.above(&turns, &looks[from], to.map(|t| &looks[t]))));
            }
        }
    }

    /// Where the sum is stationary near a spend, if it bends down there.
    fn stationary(&self, at: f64, span: &Span) -> f64 {
        let mut x = at;
        for _ in 0..STEPS {
            let (_, slope, bend) = self.sum(x);
            let step = -slope / bend;
            if bend >= 0.0 || !step.is_finite() {
                return x;
            }
            let next = (x + step.clamp(-0.5 * x, x.max(1.0))).clamp(span.from, span.to);
            let moved = (next - x).abs();
            x = next;
            if moved <= 1e-9 * x {
                return x;
            }
        }
        x
    }

    /// A number above the sum between two spends, and the size of its terms: the
    /// less of what straight lines through the one end and the other say.
    fn above(&self, turns: &[Turn], a: &Look, b: Option<&Look>) -> (f64, f64) {
        let Some(b) = b else {
            // To the right without end: flat or falling tangents only.
            let concave = turns.iter().all(|t| matches!(t, Turn::At(t, _) if *t <= a.x));
            let bound = if concave && a.slope <= 0.0 { a.value } else { f64::INFINITY };
            return (bound, self.size(a));
        };
        let width = b.x - a.x;
        let (mut at_a, mut at_b) = (-self.cost, -self.cost);
        let (mut value_a, mut value_b) = (0.0, 0.0);
        for (k, &Weighted { weight, curve, .. }) in self.curves.iter().enumerate() {
            let ((va, ma), (vb, mb)) = (a.each[k], b.each[k]);
            let chord = (vb - va) / width;
            let (mut up, down) = match turns[k] {
                Turn::At(t, _) if t <= a.x => ((va, ma), (vb, mb)),
                Turn::At(t, steepest) if t < b.x && vb - mb * width >= va => ((va, steepest), (vb, mb)),
                Turn::At(..) => ((va, chord), (vb, chord)),
                Turn::Often => {
                    let majorant = Majorant::new(curve, a.x, b.x);
                    let (p, q) = (majorant.point(curve, a.x), majorant.point(curve, b.x));
                    ((p.value, p.marginal), (q.value, q.marginal))
                }
            };
            // At spend 0 a slope may have no end: the chord of a concave curve
            // is no bound, the tangent at the other end is.
            if !up.1.is_finite() {
                up = (vb - mb * width, mb);
            }
            value_a += weight * up.0;
            at_a += weight * up.1;
            value_b += weight * down.0;
            at_b += weight * down.1;
        }
        let line = |value: f64, slope: f64, look: &Look, length: f64| {
            let base = value + self.flat - self.cost * look.x;
            let most = base.max(base + slope * length);
            let size = value.abs()
                + self.flat.abs()
                + (self.cost * look.x).abs()
                + (slope.abs() + 2.0 * self.cost.abs()) * length.abs();
            (if most.is_nan() { f64::INFINITY } else { most }, size)
        };
        let from_a = line(value_a, at_a, a, width);
        let from_b = line(value_b, at_b, b, -width);
        if from_a.0 <= from_b.0 { from_a } else { from_b }
    }

    fn size(&self, look: &Look) -> f64 {
        let values: f64 = self.curves.iter().zip(&look.each).map(|(c, own)| c.weight * own.0.abs()).sum();
        values + self.flat.abs() + (self.cost * look.x).abs()
    }

    /// Where a chord from the least spend, off if that may be, meets the sum as a tangent: the spend
    /// of the largest return per unit from there on. Nothing where the sum is
    /// steepest at once. A guess: nothing that is claimed rests on it.
    pub(super) fn touch(&self) -> Option<f64> {
        const POINTS: i32 = 14;
        let (from, to) = (self.spans.first()?.from, self.spans.last()?.to);
        let least = self.spans.iter().find(|s| s.to > from).map_or(from, |s| s.from);
        let far = if to.is_finite() { to } else { self.far(from) };
        let start = self.sum(from).0 + self.jump();
        let each = |x: f64| (self.sum(x).0 - start) / (x - from);
        let points = (0..POINTS).map(|k| (from + (far - from) * 0.72_f64.powi(k)).max(least));
        let points = points.filter(|x| *x > from).map(|x| (x, each(x)));
        let (mut x, mut most) = points.max_by(|a, b| a.1.total_cmp(&b.1))?;
        for _ in 0..STEPS {
            // F(x) - F(from) = (x - from) F'(x), by Newton's method.
            let (value, slope, bend) = self.sum(x);
            let step = (value - start - (x - from) * slope) / ((x - from) * bend);
            let next = (x + step).clamp(least, far);
            if bend >= 0.0 || !step.is_finite() || next <= from || each(next) < most {
                break;
            }
            let moved = (next - x).abs();
            (x, most) = (next, each(next));
            if moved <= 1e-7 * x {
                break;
            }
        }
        (x > from + 0.012 * (far - from) && self.error(0.5 * (from + x), x) > 0.0).then_some(x)
    }

    /// A spend beyond which nothing more is to be had.
    fn far(&self, from: f64) -> f64 {
        let mut far = 2.0 * from.max(1.0);
        for _ in 0..60 {
            if self.sum(far).1 <= 0.0 {
                break;
            }
            far *= 4.0;
        }
        far
    }

    /// How far the chord from the least spend to `touch` lies above the sum.
    pub(super) fn error(&self, x: f64, touch: f64) -> f64 {
        let Some(from) = self.spans.first().map(|s| s.from) else { return 0.0 };
        if x <= from || x >= touch {
            return 0.0;
        }
        let jump = self.jump();
        let (a, b, own) = (self.sum(from).0 + jump, self.sum(touch).0, self.sum(x).0);
        // Where being on costs something, a line may as well be off.
        let own = if jump == 0.0 { own } else { own.max(a) };
        a + (b - a) * (x - from) / (touch - from) - own
    }
}

/// Where a curve turns on a span.
fn turn(curve: &Curve, span: &Span) -> Turn {
    let mut found: Option<Turn> = None;
    curve.for_each_piece(span.from, span.to, |piece| {
        let inside = piece.inflection > span.from && piece.inflection < span.to;
        let steepest = if inside { curve.marginal(piece.inflection) } else { 0.0 };
        found = Some(if found.is_none() { Turn::At(piece.inflection, steepest) } else { Turn::Often });
    });
    found.unwrap_or(Turn::Often)
}

/// Where a stretch is divided: near the top of the sum if that lies inside.
fn between(a: &Look, b: Option<&Look>) -> f64 {
    let Some(b) = b else { return 4.0 * a.x.max(1.0) };
    let width = b.x - a.x;
    if a.slope > 0.0 && b.slope < 0.0 && a.slope.is_finite() {
        return a.x + width * (a.slope / (a.slope - b.slope)).clamp(0.1, 0.9);
    }
    match () {
        () if a.x > 0.0 && b.x > 4.0 * a.x => (a.x * b.x).sqrt(),
        () if a.x <= 0.0 && !a.slope.is_finite() => 0.05 * b.x,
        () => 0.5 * (a.x + b.x),
    }
}

#[cfg(test)]
mod tests;
