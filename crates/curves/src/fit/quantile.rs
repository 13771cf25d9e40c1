//! Quantiles of draws, and what follows from them.

/// Quantile of sorted values, linear between them; NaN if there are none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let (a, b) = (sorted[low.min(last)], sorted[(low + 1).min(last)]);
    a + part * (b - a)
}

/// Median of any values; NaN if there are none.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}
