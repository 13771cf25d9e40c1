//! The one curve to plan with, from all draws.

use super::shape::Shape;
use super::{Family, Parameters};

/// Spends, over the level, between which the curve to plan with is matched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Range {
    /// What was bought and what plans can use: from a quarter of the mean over
    /// all periods, or of the level, to twice the level or a quarter above the
    /// largest spend.
    pub(crate) fn of(spend: &[f64]) -> Range {
        let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
        let largest = spend.iter().copied().fold(0.0, f64::max);
        Range { low: 0.25 * mean.clamp(1e-3, 1.0), high: (1.25 * largest).max(2.0) }
    }

    /// Spends at even distances of their logarithms.
    fn spends(self) -> [f64; POINTS] {
        let ratio = (self.high / self.low).ln() / (POINTS - 1) as f64;
        std::array::from_fn(|i| self.low * (ratio * i as f64).exp())
    }
}

const POINTS: usize = 13;

/// Mean response and mean slope over the draws at one spend.
#[derive(Clone, Copy)]
struct Mean {
    spend: f64,
    value: f64,
    slope: f64,
}

/// The curve to plan with: the one whose response and slope lie nearest, in
/// logarithms, to their means over the draws, at the spends that were bought
/// and that plans can use, and whose slope at the level is the mean slope
/// wherever spend is steady enough for a level to mean something.
///
/// The mean over draws is what a plan is expected to earn; a plan made on
/// median parameters is biased. A mean of curves is no curve of a family, but
/// over this range one of Hill's is very nearly it. Draws of curves without
/// rising returns have a mean without, so no exponent above 1 is tried then.
pub(crate) fn expected(draws: &[Parameters], like: Parameters, range: Range) -> Parameters {
    let mut means = means(draws, &range.spends());
    let here = self::means(draws, &[1.0])[0];
    let flighted = range.low < 0.1;
    if !means.iter().chain([&here]).all(|m| m.value > 0.0 && m.slope > 0.0 && m.slope.is_finite()) {
        return like;
    }
    if !flighted {
        // Slopes decide where money moves, and it moves around the level.
        means.retain(|m| (0.2..=2.6).contains(&m.spend));
    }
    let rising = draws.iter().filter(|p| p.family.is_hill() && p.ln_exponent > 0.0).count() * 2 > draws.len();
    let mut best: Option<(f64, Parameters)> = None;
    for (family, ln_exponent) in shapes(rising) {
        let fitted = |ln_half: f64| {
            let shape = Shape::new(family, ln_half, ln_exponent);
            let ln_unit = if flighted { unit(&shape, &means) } else { here.slope.ln() };
            (miss(&shape, ln_unit, &means, flighted), ln_unit)
        };
        let ln_half = least(|h| fitted(h).0, -4.0, 5.0);
        let (miss, ln_unit) = fitted(ln_half);
        if best.is_none_or(|b| miss < b.0) {
            best = Some((miss, Parameters { family, ln_half, ln_exponent, marginal: ln_unit.exp(), ..like }));
        }
    }
    best.map_or(like, |b| b.1)
}

/// Families and ln exponents to try.
fn shapes(rising: bool) -> Vec<(Family, f64)> {
    let steps = |from: i32, to: i32| (from..=to).map(|i| (Family::Hill, 0.08 * f64::from(i)));
    let plain = [(Family::MichaelisMenten, 0.0), (Family::Exponential, 0.0)];
    plain.into_iter().chain(steps(-8, if rising { 16 } else { -1 })).collect()
}

/// ln of the scale that brings the responses nearest to the means.
fn unit(shape: &Shape, means: &[Mean]) -> f64 {
    let ratio = |m: &Mean| (m.value / shape.at(m.spend).value).ln();
    means.iter().map(ratio).sum::<f64>() / means.len() as f64
}

fn miss(shape: &Shape, ln_unit: f64, means: &[Mean], flighted: bool) -> f64 {
    // Flights are bought whole: what they earn matters more than the margin.
    let weight = if flighted { 4.0 } else { 0.5 };
    let one = |m: &Mean| {
        let s = shape.at(m.spend);
        let (value, slope) =
            (s.value.ln() + ln_unit - m.value.ln(), s.by_stock.ln() + ln_unit - m.slope.ln());
        weight * value * value + slope * slope
    };
    means.iter().map(one).sum()
}

fn means(draws: &[Parameters], spends: &[f64]) -> Vec<Mean> {
    let mut all: Vec<Mean> = spends.iter().map(|&spend| Mean { spend, value: 0.0, slope: 0.0 }).collect();
    for p in draws {
        let shape = Shape::new(p.family, p.ln_half, p.ln_exponent);
        for m in &mut all {
            let s = shape.at(m.spend);
            m.value += p.marginal * s.value / draws.len() as f64;
            m.slope += p.marginal * s.by_stock / draws.len() as f64;
        }
    }
    all
}

/// Minimum of a function with one valley, by golden sections.
pub(crate) fn least(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    for _ in 0..40 {
        let (a, b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if f(a) <= f(b) { high = b } else { low = a }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Carry;
    use approx::assert_relative_eq;

    const STEADY: Range = Range { low: 0.25, high: 2.0 };

    fn draw(family: Family, marginal: f64, ln_half: f64) -> Parameters {
        let (ln_exponent, retention) = (0.0, 0.3);
        Parameters {
            family,
            marginal,
            ln_half,
            ln_exponent,
            retention,
            carry: Carry::Geometric,
            level: 700.0,
        }
    }

    #[test]
    fn equal_draws_are_their_own_mean() {
        for family in [Family::MichaelisMenten, Family::Exponential] {
            let one = draw(family, 2.5, 0.7);
            let found = expected(&[one; 5], draw(family, 9.0, -1.0), STEADY);
            assert_eq!(found.family, family);
            assert_relative_eq!(found.ln_half, 0.7, epsilon = 1e-5);
            assert_relative_eq!(found.marginal, 2.5, max_relative = 1e-12);
        }
    }

    #[test]
    fn slopes_follow_the_mean_over_mixed_draws() {
        let draws: Vec<Parameters> = (0..40)
            .map(|i| {
                let family = if i % 3 == 0 { Family::Exponential } else { Family::MichaelisMenten };
                let t = f64::from(i) / 40.0;
                draw(family, 1.0 + t, 0.2 + (12.0 * t).sin())
            })
            .collect();
        let found = expected(&draws, draws[1], STEADY).curve().unwrap();
        for u in [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0] {
            let x = 700.0 * u;
            let mean = draws.iter().map(|p| p.curve().unwrap().marginal(x)).sum::<f64>() / 40.0;
            assert_relative_eq!(found.marginal(x), mean, max_relative = 0.06);
        }
    }

    #[test]
    fn a_flight_earns_what_its_draws_say() {
        let draws: Vec<Parameters> = (0..60)
            .map(|i| {
                draw(Family::MichaelisMenten, 0.3 + 0.01 * f64::from(i), 2.0 * (f64::from(i) * 1.9).sin())
            })
            .collect();
        let flights = Range { low: 0.25 / 50.0, high: 1.25 };
        let found = expected(&draws, draws[0], flights).curve().unwrap();
        for u in [0.02, 0.1, 0.5, 1.0, 1.25] {
            let mean = draws.iter().map(|p| p.curve().unwrap().value(700.0 * u)).sum::<f64>() / 60.0;
            assert_relative_eq!(found.value(700.0 * u), mean, max_relative = 0.06);
        }
    }
}
