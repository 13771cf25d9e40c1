//! What prices of one level make of a pool's whole range: convex in the level,
//! read at both ends and taken as a parabola, which says how far they reach and
//! of which level's prices more is to be expected.

/// Places tried for the best level of a range.
const PLACES: usize = 32;
/// The level keeps this share of the range to either side.
const INSIDE: f64 = 0.02;
/// Share of what may be lost that a range is planned to lose.
pub(super) const PLANNED: f64 = 0.9;

/// What prices make of a pool's range.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The level that prices belong to, within the range.
    pub(super) at: f64,
    /// Whether it lies within the range by itself.
    pub(super) inside: bool,
    /// What the ends yield beyond the level.
    pub(super) below: f64,
    pub(super) above: f64,
    /// Slope at the level and curvature.
    pub(super) slope: f64,
    pub(super) bend: f64,
}

impl Ends {
    /// Of a range, with the level that prices belong to, from what the pool
    /// yields at a level.
    pub(super) fn of((low, high): (f64, f64), own: f64, yields: impl Fn(f64) -> Option<f64>) -> Option<Self> {
        let width = high - low;
        let at = own.clamp(low + INSIDE * width, high - INSIDE * width);
        let here = yields(at)?;
        let (below, above) = (yields(low)? - here, yields(high)? - here);
        let (down, up) = (at - low, high - at);
        let flat = !(down > 0.0 && up > 0.0);
        let bend = if flat { 0.0 } else { 2.0 * (below / down + above / up) / width };
        let slope = if flat { 0.0 } else { above / up - 0.5 * bend * up };
        let inside = low <= own && own <= high;
        Some(Ends { low, high, at, inside, below, above, slope, bend: bend.max(0.0) })
    }

    pub(super) fn lost(&self) -> f64 {
        self.below.max(self.above).max(0.0)
    }

    /// The level of which the prices seem to lose least on the range, with what
    /// they lose beyond what is lost now (less: below 0). Slopes fall by `fall`.
    pub(super) fn better(&self, fall: f64) -> (f64, f64) {
        let place = |k: usize| self.low + (self.high - self.low) * (k as f64 + 0.5) / PLACES as f64;
        let found = (0..PLACES).map(|k| (place(k), self.excess(place(k), fall)));
        found.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((self.at, 0.0))
    }

    /// What the problem at level `t` is worth beyond that at this one.
    fn moved(&self, t: f64, fall: f64) -> f64 {
        let by = t - self.at;
        (self.slope - 0.5 * fall * by) * by
    }

    /// What the worst end comes to at the prices of level `t`, less than now.
    fn excess(&self, t: f64, fall: f64) -> f64 {
        let slope = self.slope - fall * (t - self.at);
        let end = |e: f64| (slope + 0.5 * self.bend * (e - t)) * (e - t);
        self.moved(t, fall) + end(self.low).max(end(self.high)) - self.lost()
    }

    /// The level whose prices cover most of the range from one end on, where
    /// they may lose `slack` beyond what this level is worth.
    pub(super) fn furthest(&self, slack: f64, fall: f64) -> Option<f64> {
        let mut best: Option<(f64, f64)> = None;
        for k in 0..PLACES {
            let t = self.low + (self.high - self.low) * (k as f64 + 0.5) / PLACES as f64;
            let left = PLANNED * slack - self.moved(t, fall);
            if left <= 0.0 {
                continue;
            }
            let slope = self.slope - fall * (t - self.at);
            let (down, up) = (reach(-slope, self.bend, left), reach(slope, self.bend, left));
            let (from, to) = ((t - down).max(self.low), (t + up).min(self.high));
            let touches = from <= self.low || to >= self.high;
            let covered = (to - from) * if touches { 1.0 } else { 0.5 };
            if best.is_none_or(|b| covered > b.1) {
                best = Some((t, covered));
            }
        }
        best.map(|b| b.0)
    }
}

/// How far `slope x + bend x^2 / 2` stays at or below `left`.
pub(super) fn reach(slope: f64, bend: f64, left: f64) -> f64 {
    let root = (slope * slope + 2.0 * bend.max(0.0) * left).sqrt();
    let denominator = slope + root;
    if denominator > 0.0 { 2.0 * left / denominator } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A problem worth `-fall (t - 5)^2 / 2` at level `t`, whose prices bound
    /// other levels by its tangent and `bend` times half the distance squared.
    fn ends(own: f64, (fall, bend): (f64, f64)) -> Ends {
        let yields = |d: f64| Some(-fall * (own - 5.0) * (d - own) + 0.5 * bend * (d - own) * (d - own));
        Ends::of((0.0, 12.0), own, yields).unwrap()
    }

    #[test]
    fn the_better_level_is_where_both_ends_lose_alike() {
        let (fall, bend) = (2.0, 3.0);
        let e = ends(8.0, (fall, bend));
        assert!((e.slope + 6.0).abs() < 1e-9 && (e.bend - bend).abs() < 1e-9, "{e:?}");
        let worst = |t: f64| {
            let end = |d: f64| -fall * (t - 5.0) * (d - t) + 0.5 * bend * (d - t) * (d - t);
            -0.5 * fall * (t - 5.0) * (t - 5.0) + end(0.0).max(end(12.0))
        };
        let best = (0..1200).map(|k| worst(f64::from(k) / 100.0)).fold(f64::INFINITY, f64::min);
        let (t, less) = e.better(fall);
        assert!((worst(t) - worst(8.0) - less).abs() < 1e-9, "{less}");
        assert!(worst(t) - best < 0.1 * (worst(8.0) - best), "{t}");
    }

    #[test]
    fn prices_reach_to_where_they_lose_what_they_may() {
        for (slope, bend, left) in [(0.5, 2.0, 3.0), (-0.5, 2.0, 3.0), (0.7, 0.0, 2.0)] {
            let x = reach(slope, bend, left);
            assert!((slope * x + 0.5 * bend * x * x - left).abs() < 1e-12, "{slope} {bend}: {x}");
        }
        assert_eq!(reach(-0.5, 0.0, 1.0), f64::INFINITY);
    }

    #[test]
    fn the_furthest_level_covers_an_end() {
        let e = ends(5.0, (2.0, 3.0));
        let (t, slack) = (e.furthest(1.0, 2.0).unwrap(), PLANNED);
        let left = slack + (t - 5.0) * (t - 5.0);
        let end = |d: f64| -2.0 * (t - 5.0) * (d - t) + 1.5 * (d - t) * (d - t);
        assert!(end(0.0) <= left + 1e-9 || end(12.0) <= left + 1e-9, "{t}");
    }
}
