//! Plans near a relaxed one: lines that lie between the ends of a straight part
//! go to either, the rest is solved again on the curves themselves.
//!
//! Words: torn lines are the branching candidates.

use super::Risky;
use crate::region::Region;

/// What becomes of a line that lies on a straight part of its majorant.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Torn {
    Nearer,
    Down,
    Up,
}

/// Least and largest spend of every line.
pub(super) type Ranges = Vec<(f64, f64)>;

/// Ranges around a relaxed plan, each of lines that keep to concave parts of
/// their expected curves.
pub(super) fn ranges(risky: &Risky, region: &Region, x: &[f64]) -> [Ranges; 3] {
    [Torn::Nearer, Torn::Down, Torn::Up]
        .map(|torn| (0..x.len()).map(|i| range(risky, region, i, x[i], torn)).collect())
}

/// The plan nearest to `x` within the lines' domains.
pub(super) fn snapped(risky: &Risky, x: &[f64]) -> Vec<f64> {
    risky.problem.lines.iter().zip(x).map(|(line, &x)| line.domain().nearest(x)).collect()
}

/// The spends that a line keeps to: an end of the straight part, or what lies
/// beyond it.
fn range(risky: &Risky, region: &Region, i: usize, x: f64, torn: Torn) -> (f64, f64) {
    let line = &risky.problem.lines[i];
    let parts: Vec<_> =
        line.domain().spans().iter().filter_map(|s| s.clip(region.low[i], region.high[i])).collect();
    let Some(first) = parts.first().copied() else { return (x, x) };
    let distance = |s: &crate::Span| (s.from - x).max(x - s.to).max(0.0);
    let nearest = parts.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(first);
    let torn_apart = distance(&nearest) > 0.0;
    let mut span = match torn {
        Torn::Down if torn_apart => parts.iter().copied().rfind(|s| s.to <= x).unwrap_or(first),
        Torn::Up if torn_apart => parts.iter().copied().find(|s| s.from >= x).unwrap_or(nearest),
        _ => nearest,
    };
    if span.step > 0.0 {
        let lot = span.lot_at_or_below(x).clamp(span.from, span.to);
        return (lot, lot);
    }
    // The convex start of the expected curve is no place to stay.
    let mut turn = span.from;
    line.curve.for_each_piece(span.from, span.to, |piece| {
        if piece.inflection > piece.from && piece.from <= x {
            turn = turn.max(piece.inflection);
        }
    });
    if turn > span.from && turn.is_finite() {
        let far = turn + 0.6 * (turn - span.from);
        let up = match torn {
            Torn::Nearer => x >= span.from + 0.5 * (far - span.from),
            Torn::Down => x >= far,
            Torn::Up => x > span.from + 1e-6 * (far - span.from),
        };
        if up { span.from = turn.min(span.to) } else { span.to = span.from }
    }
    (span.from, span.to)
}
