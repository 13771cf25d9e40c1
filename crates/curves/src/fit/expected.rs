use super::Parameters;
use super::shape::Shape;

/// Spends, over mean spend, at which the expected response is matched.
const AT: [f64; 7] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0];

/// The curve to plan with: the one of `like`'s family and exponent whose slope
/// follows the mean slope over the draws, exactly at mean spend and nearest in
/// logarithms from a quarter to twice of it.
///
/// The mean over draws is what a plan is expected to earn; a plan made on
/// median parameters is biased. A mean of curves is no curve of the family,
/// but over this range very nearly one.
pub(crate) fn expected(draws: &[Parameters], like: Parameters) -> Parameters {
    let slopes = mean_slopes(draws);
    let marginal = slopes[3];
    if !slopes.iter().all(|s| s.is_finite() && *s > 0.0) {
        return like;
    }
    let target = slopes.map(|s| (s / marginal).ln());
    let miss = |ln_half: f64| {
        let shape = Shape::new(like.family, ln_half, like.ln_exponent);
        let terms = AT.iter().zip(target).map(|(&u, t)| (shape.at(u).by_stock.ln() - t).powi(2));
        terms.sum::<f64>()
    };
    Parameters { marginal, ln_half: least(miss, -4.0, 5.0), ..like }
}

fn mean_slopes(draws: &[Parameters]) -> [f64; AT.len()] {
    let mut sums = [0.0; AT.len()];
    for p in draws {
        let shape = Shape::new(p.family, p.ln_half, p.ln_exponent);
        sums.iter_mut().zip(AT).for_each(|(sum, u)| *sum += p.marginal * shape.at(u).by_stock);
    }
    sums.map(|s| s / draws.len() as f64)
}

/// Minimum of a function with one valley, by golden sections.
fn least(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    for _ in 0..60 {
        let (a, b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if f(a) <= f(b) { high = b } else { low = a }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Carry, Family};
    use approx::assert_relative_eq;

    fn draw(family: Family, marginal: f64, ln_half: f64) -> Parameters {
        let (ln_exponent, retention) = (0.0, 0.3);
        Parameters { family, marginal, ln_half, ln_exponent, retention, carry: Carry::Geometric, mean: 700.0 }
    }

    #[test]
    fn equal_draws_are_their_own_mean() {
        for family in [Family::MichaelisMenten, Family::Exponential, Family::Hill] {
            let one = draw(family, 2.5, 0.7);
            let found = expected(&[one; 5], draw(family, 9.0, -1.0));
            assert_relative_eq!(found.ln_half, 0.7, epsilon = 1e-6);
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
        let found = expected(&draws, draws[1]).curve().unwrap();
        for u in AT {
            let x = 700.0 * u;
            let mean = draws.iter().map(|p| p.curve().unwrap().marginal(x)).sum::<f64>() / 40.0;
            assert_relative_eq!(found.marginal(x), mean, max_relative = 0.1);
        }
    }
}
