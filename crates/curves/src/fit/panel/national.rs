//! Curves of every market, and of all of them together, from one draw.

use super::super::expected::least;
use super::super::shape::Shape;
use super::super::{Interval, Parameters};

/// One market's curves: of all channels that it spends on.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketFit {
    /// The market.
    pub market: String,
    /// Its curves, by the channel's position in the history; spend and outcome
    /// are the market's own.
    pub channels: Vec<(usize, MarketCurve)>,
}

/// One channel's curve in one market.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketCurve {
    /// Mean spend per period while the market has a record.
    pub mean: f64,
    /// Spend per period, least and largest.
    pub range: (f64, f64),
    /// Periods with a record.
    pub periods: usize,
    /// Spend of the last periods.
    pub recent: Vec<f64>,
    /// The curve to plan with.
    pub expected: Parameters,
    /// Draws; the national curve's draw of the same number is the sum of the
    /// markets' when each has its usual share of the spend.
    pub draws: Vec<Parameters>,
}

impl MarketCurve {
    /// Median and interval of the marginal return at mean spend.
    pub fn marginal(&self, level: f64) -> Interval {
        let slope = |p: &Parameters| p.curve().map_or(f64::NAN, |c| c.marginal(self.mean));
        Interval::of(self.draws.iter().map(slope), level)
    }
}

/// One market's effect in terms of the nation's: `national` is the curve per
/// head over the national level, `factor` the market's effect over it, `share`
/// its share of heads, `intensity` its spend per head over the nation's. The
/// level of the result is the market's when the nation spends its own.
pub(super) fn of_market(national: &Parameters, factor: f64, share: f64, intensity: f64) -> Parameters {
    let shape = Shape::new(national.family, national.ln_half, national.ln_exponent);
    Parameters {
        marginal: national.marginal * factor * shape.at(intensity).by_stock,
        ln_half: national.ln_half - intensity.ln(),
        level: national.level * share * intensity,
        ..*national
    }
}

/// What all markets earn together, each with its usual share of the spend: a
/// curve of the family, with the sum's slope at the level and, as near as can
/// be, its responses from a half to twice the level.
pub(super) fn together(national: &Parameters, markets: &[Parameters]) -> Parameters {
    const AT: [f64; 4] = [0.25, 0.5, 1.5, 2.0];
    let weight = |p: &Parameters| p.level / national.level;
    let marginal: f64 = markets.iter().map(|p| p.marginal * weight(p)).sum();
    let value = |u: f64| -> f64 {
        let one = |p: &Parameters| {
            let shape = Shape::new(p.family, p.ln_half, p.ln_exponent);
            p.marginal * weight(p) * shape.at(u).value
        };
        markets.iter().map(one).sum::<f64>() / marginal
    };
    let values = AT.map(value);
    let miss = |ln_half: f64| -> f64 {
        let shape = Shape::new(national.family, ln_half, national.ln_exponent);
        AT.iter().zip(&values).map(|(u, v)| (shape.at(*u).value / v).ln().powi(2)).sum()
    };
    let middle = national.ln_half;
    let ln_half = least(miss, middle - 1.5, middle + 1.5);
    Parameters { marginal, ln_half, ..*national }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Carry, Family};
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn markets_add_up_to_the_nation() {
        let national = Parameters {
            family: Family::MichaelisMenten,
            marginal: 1.5,
            ln_half: 0.4,
            ln_exponent: 0.0,
            retention: 0.3,
            carry: Carry::Geometric,
            level: 1000.0,
        };
        // Share of heads, share of the spend, effect.
        let sites = [(0.6, 0.5, 1.1), (0.3, 0.3, 0.7), (0.1, 0.2, 1.3)];
        let one =
            |(heads, spend, factor): (f64, f64, f64)| of_market(&national, factor, heads, spend / heads);
        let markets = sites.map(one);
        let whole = together(&national, &markets).curve().unwrap();
        let per_head = national.curve().unwrap();
        for x in [300.0, 1000.0, 1800.0] {
            let own = |i: usize| markets[i].curve().unwrap();
            let sum: f64 = (0..3).map(|i| own(i).value(x * sites[i].1)).sum();
            assert_relative_eq!(whole.value(x), sum, max_relative = 6e-3);
            for (i, (heads, spend, factor)) in sites.into_iter().enumerate() {
                // A market's curve is the nation's per head, times its effect.
                let expected = factor * heads * per_head.value(x * spend / heads);
                assert_relative_eq!(own(i).value(x * spend), expected, max_relative = 1e-12);
            }
        }
        let slope: f64 =
            (0..3).map(|i| sites[i].1 * markets[i].curve().unwrap().marginal(1000.0 * sites[i].1)).sum();
        assert_relative_eq!(whole.marginal(1000.0), slope, max_relative = 1e-9);
    }
}
