//! What the errors of a fit say about what it lacks.

/// Errors less what carries over from the period before.
pub(super) fn innovations(errors: &[f64], correlation: f64) -> Vec<f64> {
    let first = errors.first().copied().into_iter();
    first.chain(errors.windows(2).map(|w| w[1] - correlation * w[0])).collect()
}

/// Correlation of `later` with `earlier` one period before.
pub(super) fn lagged_correlation(earlier: &[f64], later: &[f64]) -> f64 {
    correlation(earlier, later.get(1..).unwrap_or_default())
}

/// Correlation of two series, as far as both go.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = a.iter().copied().zip(b.iter().copied()).collect();
    let n = pairs.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (a, b) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| of(p.0 - a, p.1 - b)).sum::<f64>();
    let scale = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    if scale > 0.0 { sum(&|x, y| x * y) / scale } else { 0.0 }
}

/// Distance of every error from what its neighbours let expect, in robust
/// standard deviations; 0 where errors do not vary.
pub(super) fn distances(errors: &[f64], correlation: f64) -> Vec<f64> {
    let n = errors.len();
    let at = |t: usize| errors.get(t).copied().unwrap_or(0.0);
    let own = |t: usize| {
        let around = if t == 0 { at(1) } else { at(t - 1) + at(t + 1) };
        let ends = t == 0 || t + 1 == n;
        let weight = if ends { correlation } else { correlation / (1.0 + correlation * correlation) };
        at(t) - weight * around
    };
    let own: Vec<f64> = (0..n).map(own).collect();
    let mut sizes: Vec<f64> = own.iter().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    // Median size of a Normal's errors is 0.6745 of its deviation.
    let deviation = sizes.get(n / 2).copied().unwrap_or(0.0) / 0.6745;
    own.iter().map(|e| if deviation > 0.0 { e / deviation } else { 0.0 }).collect()
}

/// The period whose error is farthest out, its distance in robust standard
/// deviations, and how many periods are that odd; `None` if none is.
pub(super) fn odd(errors: &[f64]) -> Option<(usize, f64, usize)> {
    const ODD: f64 = 5.0;
    let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    // Median size of a Normal's errors is 0.6745 of its deviation.
    let deviation = sizes.get(sizes.len() / 2)? / 0.6745;
    let z = |e: &f64| e / deviation;
    let count = errors.iter().filter(|e| z(e).abs() > ODD).count();
    let worst = errors.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    (count > 0 && deviation > 0.0).then(|| (worst.0, z(worst.1), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_odd_period_is_found_and_ordinary_ones_are_not() {
        let mut errors: Vec<f64> = (0..60).map(|t| (f64::from(t) * 1.7).sin()).collect();
        assert_eq!(odd(&errors), None);
        errors[17] = -9.0;
        let (period, z, count) = odd(&errors).unwrap();
        assert_eq!((period, count), (17, 1));
        assert!(z < -5.0);
        assert_eq!(odd(&[0.0; 20]), None);
    }

    #[test]
    fn a_series_that_follows_another_is_seen_to() {
        let lead: Vec<f64> = (0..80).map(|t| (f64::from(t * t) * 0.37).sin()).collect();
        let follow: Vec<f64> = (0..80).map(|t| if t == 0 { 0.0 } else { lead[t - 1] }).collect();
        assert!(lagged_correlation(&lead, &follow) > 0.999);
        assert!(lagged_correlation(&follow, &lead).abs() < 0.4);
        assert_eq!(lagged_correlation(&[1.0; 9], &lead), 0.0);
    }

    #[test]
    fn innovations_take_the_carry_over_out() {
        let errors = [1.0, 0.5, 0.25, 0.125];
        assert_eq!(innovations(&errors, 0.5), [1.0, 0.0, 0.0, 0.0]);
    }
}
