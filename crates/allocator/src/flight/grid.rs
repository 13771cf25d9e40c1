//! A logarithmic grid of stocks, with lines over and under a curve on it.
//!
//! The ratio of neighbours is a root of the retention, so that a stock decays in
//! a period from node to node; where little is earned, nodes are fewer
//! ([`super::cells`]). Between nodes the curve lies below the straight line
//! through `above` (and over the one through `below`): on a convex stretch the
//! chord is above, on a concave one every tangent is, and the tangent at the
//! middle leaves a second-order error only.

use std::cell::OnceCell;

use outlay_curves::{Curve, Piece};

use super::Flight;
use super::cells::{Cells, WIDEST};

/// Where the curve earns less than this part of what it earns at the top, the
/// grid ends in one straight line down to 0.
const FAINT: f64 = 1e-8;

/// The least node, relative to the top.
const LEAST: f64 = 1e-10;

/// Most nodes of a grid that is as fine everywhere.
const MOST: usize = 200_000;

/// Nodes and what a curve earns there at most and at least.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    /// Stocks: 0, then a geometric series up to the top.
    pub(crate) at: Vec<f64>,
    cells: Cells,
    /// Where in its cell each node is a period later.
    later: Vec<f64>,
    /// What the curve earns at the nodes, and what it earns there and in the
    /// periods after the last spend as the stock fades: at most and, once asked
    /// for, at least. The straight lines between are nowhere below the curve,
    /// or nowhere above.
    above: Lines,
    below: OnceCell<Lines>,
    curve: Curve,
    /// Periods after the last spend.
    count: usize,
    retention: f64,
}

#[derive(Debug, Clone, Default)]
struct Lines {
    curve: Vec<f64>,
    tail: Vec<f64>,
}

impl Grid {
    pub(crate) fn new(flight: &Flight, step: f64) -> Self {
        let (curve, top, retention) = (&flight.curve, flight.top, flight.retention);
        let mut least = top;
        while least > LEAST * top && curve.value(least) > FAINT * curve.value(top) {
            least *= 0.5;
        }
        let step = step.clamp((top / least).ln() / MOST as f64, WIDEST);
        let mut cells = Cells::new(curve, retention, (least, top), step);
        let at = cells.nodes();
        let count = flight.steps.iter().rev().take_while(|s| s.spend.is_none()).count();
        let (above, below, curve) = (Lines::default(), OnceCell::new(), curve.clone());
        let later = cells.parts(&at, 1, retention);
        let mut grid = Grid { at, cells, later, above, below, curve, count, retention };
        grid.above = grid.lines(1.0);
        grid
    }

    fn lines(&self, sign: f64) -> Lines {
        let curve = lines(&self.curve, &self.at, sign);
        let tail = self.faded(&curve, self.count);
        Lines { curve, tail }
    }

    fn of(&self, worth: f64) -> &Lines {
        if worth >= 0.0 { &self.above } else { self.below.get_or_init(|| self.lines(-1.0)) }
    }

    /// Values by node whose straight lines enclose the curve from the side that
    /// a worth of this sign asks for.
    pub(crate) fn curve(&self, worth: f64) -> &[f64] {
        &self.of(worth).curve
    }

    /// The same of the stocks after the last spend, from the first one on.
    pub(crate) fn tail(&self, worth: f64) -> &[f64] {
        &self.of(worth).tail
    }

    /// The cell of a stock: index of the node at or below it and where in the
    /// cell it lies, from 0 to 1.
    pub(crate) fn cell(&self, stock: f64) -> (usize, f64) {
        let next = self.at.partition_point(|&x| x <= stock).clamp(1, self.at.len() - 1);
        let (low, high) = (self.at[next - 1], self.at[next]);
        (next - 1, ((stock - low) / (high - low)).clamp(0.0, 1.0))
    }

    /// Values by node a period later: `out[k] = values at retention * at[k]`.
    pub(crate) fn decayed(&self, values: &[f64], out: &mut [f64]) {
        self.cells.decayed(values, 1, &self.later, out);
    }

    /// The same some periods later.
    fn decayed_by(&self, values: &[f64], periods: usize) -> Vec<f64> {
        let parts = self.cells.parts(&self.at, periods, self.retention.powi(periods as i32));
        let mut out = vec![0.0; values.len()];
        self.cells.decayed(values, periods, &parts, &mut out);
        out
    }

    /// Sum of values over a first stock and `count - 1` that follow as it
    /// fades, by halving: a sum over 2n periods is one over n, twice.
    fn faded(&self, values: &[f64], count: usize) -> Vec<f64> {
        let mut sum = vec![0.0; values.len()];
        let mut periods = 0;
        for bit in (0..usize::BITS - count.leading_zeros()).rev() {
            let later = self.decayed_by(&sum, periods);
            sum.iter_mut().zip(&later).for_each(|(a, b)| *a += b);
            periods *= 2;
            if count >> bit & 1 == 1 {
                let later = self.decayed_by(&sum, 1);
                sum.iter_mut().zip(&later).zip(values).for_each(|((sum, m), v)| *sum = m + v);
                periods += 1;
            }
        }
        sum
    }
}

/// Values at the nodes such that the straight lines between them lie nowhere
/// below `sign` times the curve, times `sign`.
fn lines(curve: &Curve, at: &[f64], sign: f64) -> Vec<f64> {
    let mut lifted = vec![f64::NEG_INFINITY * sign; at.len()];
    let lift = |own: &mut f64, y: f64| *own = if sign > 0.0 { own.max(y) } else { own.min(y) };
    let last = curve.last_spend();
    let mut node = (at[0], curve.value(at[0]));
    let mut pieces: Vec<Piece> = Vec::new();
    for k in 0..at.len() - 1 {
        let (from, to) = (at[k], at[k + 1]);
        pieces.clear();
        curve.for_each_piece(from, to.min(last.max(from)), |piece| pieces.push(piece));
        // Of a piece: what chords are beyond, and what tangents are.
        let parts = |piece: &Piece| match sign > 0.0 {
            true => ((piece.from, piece.inflection), (piece.inflection, piece.to)),
            false => ((piece.inflection, piece.to), (piece.from, piece.inflection)),
        };
        let whole = |part: (f64, f64)| part == (from, to);
        let tangent = |(a, b): (f64, f64)| {
            let middle = 0.5 * (a + b);
            let point = curve.point(middle);
            (point.value - point.marginal * (middle - a), point.value + point.marginal * (b - middle))
        };
        if let [piece] = &pieces[..]
            && whole(parts(piece).1)
        {
            let (low, high) = tangent((from, to));
            lift(&mut lifted[k], low);
            lift(&mut lifted[k + 1], high);
            continue;
        }
        let low = if node.0 == from { node.1 } else { curve.value(from) };
        let high = curve.value(to);
        node = (to, high);
        let chord = |x: f64| low + (high - low) * ((x - from) / (to - from));
        let mut missing: f64 = 0.0;
        let mut meet = |x: f64, y: f64| missing = missing.max(sign * (y - chord(x)));
        for piece in &pieces {
            let (chords, tangents) = parts(piece);
            for x in [chords.0, chords.1].into_iter().filter(|x| *x != from && *x != to) {
                meet(x, curve.value(x));
            }
            if tangents.1 > tangents.0 {
                let (low, high) = tangent(tangents);
                meet(tangents.0, low);
                meet(tangents.1, high);
            }
        }
        if to > last {
            meet(last.max(from), high);
        }
        lift(&mut lifted[k], low + sign * missing);
        lift(&mut lifted[k + 1], high + sign * missing);
    }
    lifted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flight::Step;
    use crate::flight::cells::mixed;

    fn flight(curve: Curve, retention: f64, top: f64) -> Flight {
        let steps = vec![Step { stock: 0, spend: None, range: (0.0, 1.0) }; 5];
        let (starts, times, used) = (None, None, None);
        Flight { curve, retention, opening: 0.0, steps, run: 1, starts, times, used, alone: false, top }
    }

    #[test]
    fn lines_enclose_every_curve_closely() {
        let curves = [
            Curve::hill(100.0, 30.0, 2.5).unwrap(),
            Curve::hill(100.0, 30.0, 0.7).unwrap(),
            Curve::s_logistic(100.0, 40.0, 0.2).unwrap(),
            Curve::power(3.0, 0.4).unwrap(),
            Curve::log(20.0, 10.0).unwrap(),
            Curve::linear(2.0).unwrap(),
            Curve::exponential(100.0, 20.0).unwrap(),
            Curve::table(&[(0.0, 0.0), (10.0, 1.0), (20.0, 30.0), (60.0, 40.0), (120.0, 41.0)]).unwrap(),
        ];
        for curve in curves {
            let grid = Grid::new(&flight(curve.clone(), 0.6, 100.0), 0.01);
            for k in 0..grid.at.len() - 1 {
                for part in [0.0, 0.1, 0.3, 0.5, 0.77, 0.95, 1.0] {
                    let x = mixed(grid.at[k], grid.at[k + 1], part);
                    if x > curve.last_spend() {
                        continue;
                    }
                    let f = curve.value(x);
                    let (high, low) = (
                        mixed(grid.curve(1.0)[k], grid.curve(1.0)[k + 1], part),
                        mixed(grid.curve(-1.0)[k], grid.curve(-1.0)[k + 1], part),
                    );
                    let slack = 1e-13 * f.abs();
                    assert!(high >= f - slack && low <= f + slack, "{curve:?} at {x}: {low} {f} {high}");
                    let room = if curve.is_table() { 0.02 } else { 6e-4 };
                    if k > 1 {
                        assert!(
                            high - f <= room * f.max(0.02 * curve.value(100.0)),
                            "{curve:?} at {x}: {f} {high}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_follows_is_summed_as_it_fades() {
        let curve = Curve::hill(100.0, 30.0, 1.5).unwrap();
        let grid = Grid::new(&flight(curve.clone(), 0.6, 100.0), 0.005);
        for stock in [0.5, 7.0, 60.0, 99.0] {
            let (k, part) = grid.cell(stock);
            let truth: f64 = (0..5).map(|t| curve.value(0.6_f64.powi(t) * stock)).sum();
            let high = mixed(grid.tail(1.0)[k], grid.tail(1.0)[k + 1], part);
            let low = mixed(grid.tail(-1.0)[k], grid.tail(-1.0)[k + 1], part);
            assert!(low <= truth && truth <= high && high - low < 1e-4 * truth, "{low} {truth} {high}");
        }
    }
}
