//! Where the nodes of a grid of stocks lie (graded mesh).
//!
//! Whole cells have one ratio, a whole root of the retention; each is halved as
//! often as the curve asks for in it. A cell a period later lies in one cell
//! again, so that what is straight within it stays so: no cell is halved more
//! often than the one that decays into it.

use std::ops::Range;

use outlay_curves::Curve;

/// A larger step than this is not taken.
pub(super) const WIDEST: f64 = 0.1;

/// A grid may be coarser than asked for by this power of 2.
const NEARLY: f64 = 0.35;

/// Straight lines may miss a curve by this many squares of the step, relative
/// to the larger of what is earned there and this part of what the top earns.
const MISSED: f64 = 0.03;
const LITTLE: f64 = 0.02;

#[derive(Debug, Clone)]
pub(super) struct Cells {
    least: f64,
    top: f64,
    /// Logarithm of a whole cell's ratio.
    whole: f64,
    /// Whole cells that a stock falls by in a period; none if nothing is left.
    shift: Option<usize>,
    /// How often each is halved.
    halved: Vec<u32>,
    /// The first node of each.
    first: Vec<usize>,
}

impl Cells {
    pub(super) fn new(curve: &Curve, retention: f64, (least, top): (f64, f64), step: f64) -> Self {
        // Halved again and again, so that nodes of a coarse grid are nodes of
        // every finer one.
        let (whole, shift) = match retention {
            0.0 => (WIDEST, None),
            r => {
                let shift = (-r.ln() / WIDEST).ceil().max(1.0);
                (-r.ln() / shift, Some(shift as usize))
            }
        };
        let most = ((whole / step).log2() - NEARLY).ceil().clamp(0.0, 30.0) as u32;
        let mut cells = Cells { least, top, whole, shift, halved: Vec::new(), first: Vec::new() };
        let kinks = matches!(curve, Curve::Table(_) | Curve::Tiered(_) | Curve::Resumed(_));
        let little = LITTLE * curve.value(top);
        loop {
            let q = cells.halved.len();
            let (from, to) = (cells.at(q, 0), cells.at(q + 1, 0));
            let mut halved = most;
            if !kinks {
                let allowed = MISSED * step * step * curve.value(to).max(little);
                let missed = missed(curve, from, to);
                let times = 0.5 * (missed / allowed).log2();
                if times.is_finite() || missed == 0.0 {
                    halved = (times.ceil().max(0.0) as u32).min(most);
                }
            }
            let later = shift.and_then(|shift| q.checked_sub(shift)).map_or(0, |q| cells.halved[q]);
            cells.halved.push(halved.max(later));
            if to >= top {
                break;
            }
        }
        cells
    }

    /// The stock some way through a cell, in the smallest parts of it.
    fn at(&self, q: usize, part: u32) -> f64 {
        let halved = self.halved.get(q).copied().unwrap_or(0);
        let width = self.whole / f64::from(halved).exp2();
        let steps = q as f64 * f64::from(halved).exp2() + f64::from(part);
        self.least * (steps * width).exp()
    }

    /// All nodes: 0, then up to the first that is the top or above.
    pub(super) fn nodes(&mut self) -> Vec<f64> {
        let mut at = vec![0.0];
        for q in 0..self.halved.len() {
            self.first.push(at.len());
            for part in 0..1 << self.halved[q] {
                let x = self.at(q, part);
                at.push(x);
                if x >= self.top {
                    return at;
                }
            }
        }
        at.push(self.at(self.halved.len(), 0));
        at
    }

    /// The cell that a cell is in some periods later, the nodes of both, and how
    /// much more often the former is halved; `None` for what falls below all
    /// nodes but 0.
    fn later(&self, q: usize, periods: usize, nodes: usize) -> (Range<usize>, Option<(usize, u32)>) {
        let own = self.first[q]..self.first.get(q + 1).copied().unwrap_or(nodes);
        let back = self.shift.and_then(|shift| q.checked_sub(shift.saturating_mul(periods)));
        (own, back.map(|back| (self.first[back], self.halved[q] - self.halved[back])))
    }

    /// By node, where in its cell it is some periods later, a stock falling to
    /// this factor: 0 where that is a node.
    pub(super) fn parts(&self, at: &[f64], periods: usize, factor: f64) -> Vec<f64> {
        let mut parts = vec![0.0; at.len()];
        for q in 0..self.first.len() {
            let (own, later) = self.later(q, periods, at.len());
            let start = own.start;
            for k in own {
                parts[k] = match later {
                    None => (factor * at[k] / at[1]).min(1.0),
                    Some((first, less)) => match ((k - start) >> less, (k - start) & ((1 << less) - 1)) {
                        (_, 0) => 0.0,
                        (j, _) => {
                            let (low, high) = (at[first + j], at[first + j + 1]);
                            ((factor * at[k] - low) / (high - low)).clamp(0.0, 1.0)
                        }
                    },
                };
            }
        }
        parts
    }

    /// Values by node some periods later, where [`Cells::parts`] says.
    pub(super) fn decayed(&self, values: &[f64], periods: usize, parts: &[f64], out: &mut [f64]) {
        out[0] = values[0];
        for q in 0..self.first.len() {
            let (own, later) = self.later(q, periods, values.len());
            let start = own.start;
            match later {
                None => own.for_each(|k| out[k] = mixed(values[0], values[1], parts[k])),
                Some((first, 0)) => {
                    let count = own.len();
                    out[own].copy_from_slice(&values[first..first + count]);
                }
                Some((first, less)) => own.for_each(|k| {
                    let j = first + ((k - start) >> less);
                    out[k] =
                        if parts[k] > 0.0 { mixed(values[j], values[j + 1], parts[k]) } else { values[j] };
                }),
            }
        }
    }
}

/// Between two values, where minus infinity stands for what is not allowed.
pub(super) fn mixed(low: f64, high: f64, part: f64) -> f64 {
    match () {
        () if part <= 0.0 => low,
        () if part >= 1.0 => high,
        () if low == f64::NEG_INFINITY || high == f64::NEG_INFINITY => f64::NEG_INFINITY,
        () => low + part * (high - low),
    }
}

/// About how much a straight line through both ends misses a curve by.
fn missed(curve: &Curve, from: f64, to: f64) -> f64 {
    let (low, high) = (curve.value(from), curve.value(to));
    let off = |part: f64| {
        let x = from * (to / from).powf(part);
        (curve.value(x) - low - (high - low) * ((x - from) / (to - from))).abs()
    };
    [0.25, 0.5, 0.75].into_iter().map(off).fold(0.0, f64::max)
}
