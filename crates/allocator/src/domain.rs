//! The spends that a line may take.

use smallvec::{SmallVec, smallvec};

/// Part of a domain: all spends from `from` to `to`, or, with a `step`, the
/// multiples of it between them (`from` and `to` are multiples then).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Least spend.
    pub from: f64,
    /// Largest spend, possibly infinite.
    pub to: f64,
    /// Size of a lot; 0 when every spend in between is allowed.
    pub step: f64,
}

/// The spends a line may take: disjoint spans in increasing order. No span
/// means that the line's own facts contradict each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Domain {
    /// Most lines have one.
    spans: SmallVec<[Span; 1]>,
}

impl Span {
    /// Every spend from `from` to `to`.
    pub fn interval(from: f64, to: f64) -> Self {
        Span { from, to, step: 0.0 }
    }

    /// One spend only.
    pub fn point(x: f64) -> Self {
        Span::interval(x, x)
    }

    /// The part of the span in `[low, high]`.
    pub fn clip(self, low: f64, high: f64) -> Option<Span> {
        let from = self.lot_at_or_above(self.from.max(low));
        let to = self.lot_at_or_below(self.to.min(high));
        (from <= to).then_some(Span { from, to, step: self.step })
    }

    /// Largest multiple of the step that is at most `x`; `x` itself without a
    /// step. Rounding does not count: three lots of 0.1 are at most 0.3.
    pub fn lot_at_or_below(self, x: f64) -> f64 {
        self.lot(x, f64::floor)
    }

    /// Least multiple of the step that is at least `x`; `x` itself without a
    /// step. Rounding does not count.
    pub fn lot_at_or_above(self, x: f64) -> f64 {
        self.lot(x, f64::ceil)
    }

    fn lot(self, x: f64, whole: fn(f64) -> f64) -> f64 {
        if self.step == 0.0 || x.is_infinite() {
            return x;
        }
        let count = x / self.step;
        let near = count.round();
        let whole = if (near - count).abs() <= 4.0 * f64::EPSILON * near { near } else { whole(count) };
        whole * self.step
    }
}

impl Domain {
    /// A domain of the given spans, which must be disjoint and increasing.
    pub fn new(spans: Vec<Span>) -> Self {
        debug_assert!(spans.windows(2).all(|w| w[0].to <= w[1].from));
        Domain { spans: spans.into() }
    }

    /// Every spend from `from` to `to`.
    pub fn interval(from: f64, to: f64) -> Self {
        Domain { spans: if from <= to { smallvec![Span::interval(from, to)] } else { SmallVec::new() } }
    }

    /// The spans, in increasing order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// True if no spend is allowed.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Least spend of a domain that is not empty.
    pub fn least(&self) -> f64 {
        self.spans.first().map_or(f64::NAN, |s| s.from)
    }

    /// Largest spend of a domain that is not empty.
    pub fn largest(&self) -> f64 {
        self.spans.last().map_or(f64::NAN, |s| s.to)
    }

    /// The allowed spend nearest to `x`; `x` itself if none is allowed.
    pub fn nearest(&self, x: f64) -> f64 {
        let mut best = f64::NAN;
        for span in &self.spans {
            let y = x.clamp(span.from, span.to);
            for lot in [span.lot_at_or_below(y), span.lot_at_or_above(y).min(span.to)] {
                if best.is_nan() || (lot - x).abs() < (best - x).abs() {
                    best = lot;
                }
            }
        }
        if best.is_nan() { x } else { best }
    }

    /// True if the spend is allowed exactly.
    pub fn contains(&self, x: f64) -> bool {
        self.spans.iter().any(|s| s.from <= x && x <= s.to && s.lot_at_or_below(x) == x)
    }

    /// The spends that lie in both domains. At most one of two overlapping
    /// spans may have a step.
    pub fn intersect(&self, other: &Domain) -> Domain {
        let mut spans = SmallVec::new();
        for a in &self.spans {
            for b in &other.spans {
                let step = a.step.max(b.step);
                let (from, to) = (a.from.max(b.from), a.to.min(b.to));
                let whole = Span { from: f64::NEG_INFINITY, to: f64::INFINITY, step };
                if from <= to {
                    spans.extend(whole.clip(from, to));
                }
            }
        }
        Domain { spans }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Deal, Fact, Line};
    use outlay_curves::Curve;

    #[test]
    fn what_is_spent_is_spent() {
        let spans = |spent: f64, over: bool, facts: &[Fact]| -> Vec<(f64, f64)> {
            let facts = facts.iter().copied().chain([Fact::Past { spent, over }]).collect();
            let line = Line::new(Curve::michaelis_menten(100.0, 50.0).unwrap(), 0.0, facts);
            line.domain().spans().iter().map(|s| (s.from, s.to)).collect()
        };
        let inf = f64::INFINITY;
        assert_eq!(spans(30.0, false, &[Fact::Min(20.0), Fact::Max(40.0)]), [(30.0, 40.0)]);
        assert_eq!(spans(50.0, false, &[Fact::Min(40.0), Fact::Max(40.0)]), [(50.0, 50.0)]);
        assert_eq!(spans(30.0, true, &[]), [(30.0, 30.0)]);
        assert_eq!(spans(70.0, false, &[Fact::Deal(Deal::Flat(60.0))]), [(70.0, 70.0)]);
        assert_eq!(spans(30.0, false, &[Fact::Deal(Deal::Flat(60.0))]), [(60.0, 60.0)]);
        assert_eq!(spans(30.0, false, &[Fact::Deal(Deal::AtLeast(60.0))]), [(60.0, inf)]);
        let lots = [Fact::Deal(Deal::Lots(20.0)), Fact::Max(60.0)];
        assert_eq!(spans(30.0, false, &lots), [(30.0, 30.0), (40.0, 60.0)]);
        // The slope of the curve is 100 50 / (50 + x)^2: 1 at 20.7, off beyond.
        let steep = [Fact::Marginal { least: 1.0, limit: 0 }];
        assert_eq!(spans(30.0, false, &steep), [(30.0, 30.0)]);
        assert_eq!(spans(10.0, false, &steep).len(), 1);
    }

    #[test]
    fn the_last_lot_is_not_lost_to_rounding() {
        for (lot, count) in
            [(0.1_f64, 3.0), (0.7, 6.0), (1e-3, 9.0), (16_243.860_932_006_875, 4.0), (1.1, 1e6)]
        {
            // The products of these are above the decimal numbers, or below.
            for max in [lot * count, (lot * count).next_down(), (lot * count).next_up()] {
                let curve = Curve::hill(1.0, 1.0, 2.0).unwrap();
                let line = Line::new(curve, 0.0, vec![Fact::Max(max), Fact::Deal(Deal::Lots(lot))]);
                assert_eq!(line.domain().largest(), count * lot);
                for k in [1.0, 2.0, count] {
                    assert!(line.domain().contains(k * lot), "{k} lots of {lot}");
                    assert_eq!(line.domain().nearest(k * lot * (1.0 + 1e-3)), k * lot);
                }
                assert!(!line.domain().contains(0.5 * lot));
                assert!(!line.domain().contains((count + 1.0) * lot));
            }
        }
    }
}
