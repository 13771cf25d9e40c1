//! Which concave stretch of its curve each line keeps to when a relaxed plan is
//! rounded.
//!
//! Words: torn lines are the branching candidates; covers are concave envelopes, or
//! concave curves below.

use crate::Line;
use crate::cover::{Cover, Majorant};
use crate::hull::{Arc, Hull};

/// The stretches below and above a relaxed spend, and how far it is from the
/// lower to the upper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) lower: Arc,
    pub(super) upper: Arc,
    pub(super) share: f64,
}

/// A relaxed move of less than this share of today's spend is none: it is what
/// the relaxation was left open by.
const STAYS: f64 = 1e-5;

impl Choice {
    /// The stretches next to a line's relaxed spend; `active` if being on has a
    /// price, `today` where leaving that spend costs the goal.
    pub(super) fn of(
        hull: &mut Hull,
        line: &Line,
        (low, high): (f64, f64),
        (active, today): (bool, Option<f64>),
        stretches: Majorant,
        x: f64,
    ) -> Self {
        match today {
            Some(today) if (x - today).abs() <= STAYS * today => {
                let stay = Arc { from: today, to: today };
                return Choice { lower: stay, upper: stay, share: 0.0 };
            }
            Some(today) => hull.arcs_about(line, low, high, today),
            None => hull.arcs(line, low, high),
        }
        let pieces = &mut hull.pieces;
        let mut near = x;
        if active && pieces[0].from == 0.0 && pieces[pieces.len() - 1].to > 0.0 {
            if pieces[0].to > 0.0 {
                pieces[0].from = f64::MIN_POSITIVE;
                pieces.insert(0, Arc { from: 0.0, to: 0.0 });
            }
            let first_chord = stretches.first_chord();
            if first_chord.is_some_and(|anchor| x < anchor * (1.0 - 1e-7)) {
                let anchor = first_chord.unwrap_or(x);
                let upper =
                    pieces.iter().position(|a| a.from > 0.0 && anchor <= a.to).unwrap_or(pieces.len() - 1);
                return Choice { lower: pieces[0], upper: pieces[upper], share: x / anchor };
            }
        }
        if let Some(span) = line.domain().spans().iter().find(|s| s.step > 0.0 && s.from <= x && x <= s.to) {
            let (a, b) = (span.lot_at_or_below(x), span.lot_at_or_above(x).min(span.to));
            let share = if b > a { (x - a) / (b - a) } else { 0.0 };
            return Choice { lower: Arc { from: a, to: a }, upper: Arc { from: b, to: b }, share };
        }
        let slack = 1e-7 * (pieces[pieces.len() - 1].to.min(1e300) - pieces[0].from).max(0.0);
        near = near.clamp(pieces[0].from, pieces[pieces.len() - 1].to);
        let upper = pieces.partition_point(|a| a.to < near - slack).min(pieces.len() - 1);
        let arc = pieces[upper];
        if near >= arc.from - slack || upper == 0 {
            return Choice { lower: arc, upper: arc, share: 0.0 };
        }
        let lower = pieces[upper - 1];
        let joined = Arc { from: lower.to, to: arc.from };
        if line.curve.is_table() && stretches.has(joined) {
            return Choice { lower: joined, upper: joined, share: 0.0 };
        }
        Choice { lower, upper: arc, share: (near - lower.to) / (arc.from - lower.to) }
    }

    pub(super) fn torn(&self) -> bool {
        self.lower != self.upper
    }
}

/// Raises torn lines, the likeliest first, as far as the money that the relaxed
/// plan puts on their chords goes: where many lines are torn alike, rounding
/// each by itself would raise all of them or none.
pub(super) fn fill(picks: &[bool], torn: &[usize], cover: &Cover, spends: &[f64]) -> Vec<bool> {
    let chord = |i: usize| cover.of(i).chord_at(spends[i]).unwrap_or((0.0, spends[i]));
    let put = |i: usize| spends[i] - chord(i).0;
    let whole = |i: usize| chord(i).1 - chord(i).0;
    let mut order = torn.to_vec();
    let share = |i: usize| put(i) / whole(i);
    order.sort_by(|&a, &b| share(b).total_cmp(&share(a)).then(a.cmp(&b)));
    let mut left: f64 = torn.iter().map(|&i| put(i)).sum::<f64>() * (1.0 + 1e-6);
    let mut picks = picks.to_vec();
    for i in order {
        picks[i] = whole(i) <= left;
        if picks[i] {
            left -= whole(i);
        }
    }
    picks
}
