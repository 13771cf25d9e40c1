//! The mean of the worst draws, and the weights that make it.

/// The mean of the worst `share` of figures, the last of them in part; not a
/// number without any.
pub fn lower_mean(figures: &[f64], share: f64) -> f64 {
    let weights = lower_weights(figures, share);
    let worst = figures.iter().copied().fold(f64::INFINITY, f64::min);
    // Measured from the worst, so that infinite ones count only where they weigh.
    worst + figures.iter().zip(&weights).filter(|(_, w)| **w > 0.0).map(|(f, w)| w * (f - worst)).sum::<f64>()
}

/// The weights of the draws in [`lower_mean`]: `1 / (share D)` for the worst,
/// what is left for the one at the boundary. They sum to 1.
pub fn lower_weights(figures: &[f64], share: f64) -> Vec<f64> {
    let count = figures.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| figures[a].total_cmp(&figures[b]).then(a.cmp(&b)));
    let most = 1.0 / (share * count as f64);
    let mut weights = vec![0.0; count];
    let mut left = 1.0;
    for d in order {
        weights[d] = most.min(left);
        left -= weights[d];
        if left <= 0.0 {
            break;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::lower_mean;

    #[test]
    fn the_worst_are_counted_by_hand() {
        let figures = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert!((lower_mean(&figures, 0.4) - 1.5).abs() < 1e-15);
        // Half a draw: the worst and half of the next: (1 + 2/2) / 1.5.
        assert!((lower_mean(&figures, 0.3) - 2.0 / 1.5).abs() < 1e-15);
        assert!((lower_mean(&figures, 1.0) - 3.0).abs() < 1e-15);
        assert_eq!(lower_mean(&figures, 1e-3), 1.0);
        assert!(lower_mean(&[], 0.1).is_infinite() || lower_mean(&[], 0.1).is_nan());
    }
}
