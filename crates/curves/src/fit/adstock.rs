//! Carry-over from one period to the next (adstock).

/// Carry-over: which share of a period's spend works in which later period.
///
/// Kernels are normalised: constant spend `x` has adstock `x`, so that a curve
/// fitted on adstock is the curve of steady weekly spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adstock {
    /// All of it works at once.
    None,
    /// Weight `(1 - r) r^l` after `l` periods.
    Geometric {
        /// Share `r` that remains after one period, in [0, 1).
        retention: f64,
    },
    /// Weight proportional to `r^((l - peak)^2)` for 13 periods.
    Delayed {
        /// `r` in (0, 1).
        retention: f64,
        /// Periods until the effect is largest.
        peak: usize,
    },
}

/// The shape of a kernel, without its retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carry {
    /// All of it works at once.
    None,
    /// Geometric decay.
    Geometric,
    /// Decay around a later peak.
    Delayed {
        /// Periods until the effect is largest.
        peak: usize,
    },
}

/// Length of a delayed kernel in periods.
pub(crate) const LAGS: usize = 13;

impl Carry {
    /// The kernel with this retention.
    pub fn with(self, retention: f64) -> Adstock {
        match self {
            Carry::None => Adstock::None,
            Carry::Geometric => Adstock::Geometric { retention },
            Carry::Delayed { peak } => Adstock::Delayed { retention, peak },
        }
    }

    /// Adstock of `spend` and its derivative by the retention `r`, with spend
    /// `before` in every period before the first.
    pub(crate) fn apply(self, r: f64, spend: &[f64], before: f64, stock: &mut [f64], slope: &mut [f64]) {
        match self {
            Carry::None => {
                stock.copy_from_slice(spend);
                slope.fill(0.0);
            }
            Carry::Geometric => geometric(r, spend, before, stock, slope),
            Carry::Delayed { peak } => {
                let (w, dw) = delayed(r, peak);
                stock.fill(0.0);
                slope.fill(0.0);
                for l in 0..LAGS.min(spend.len()) {
                    let (early, late) = stock.split_at_mut(l);
                    let (early_slope, late_slope) = slope.split_at_mut(l);
                    early.iter_mut().for_each(|s| *s += w[l] * before);
                    early_slope.iter_mut().for_each(|s| *s += dw[l] * before);
                    late.iter_mut().zip(spend).for_each(|(s, x)| *s += w[l] * x);
                    late_slope.iter_mut().zip(spend).for_each(|(s, x)| *s += dw[l] * x);
                }
                // Lags longer than the history.
                for l in LAGS.min(spend.len())..LAGS {
                    stock.iter_mut().for_each(|s| *s += w[l] * before);
                    slope.iter_mut().for_each(|s| *s += dw[l] * before);
                }
            }
        }
    }

    /// Share of a constant change that works within its first `t + 1`
    /// periods, and the derivative by the retention.
    pub(crate) fn built_up(self, r: f64, t: usize) -> (f64, f64) {
        match self {
            Carry::None => (1.0, 0.0),
            Carry::Geometric => {
                let before = r.powi(t.min(100_000) as i32);
                (1.0 - r * before, -((t + 1) as f64) * before)
            }
            Carry::Delayed { peak } => {
                let (w, dw) = delayed(r, peak);
                let n = (t + 1).min(LAGS);
                (w[..n].iter().sum(), dw[..n].iter().sum())
            }
        }
    }
}

/// `a_t = (1 - r) x_t + r a_(t-1)` and its derivative by r, in blocks: what a block
/// adds to a stock of nothing does not wait for the blocks before it.
fn geometric(r: f64, spend: &[f64], before: f64, stock: &mut [f64], slope: &mut [f64]) {
    const BLOCK: usize = 8;
    let (mut a, mut d) = (before, 0.0);
    let mut powers = [1.0; BLOCK + 1];
    (1..=BLOCK).for_each(|j| powers[j] = powers[j - 1] * r);
    let whole = spend.len() / BLOCK * BLOCK;
    let (blocks, rest) = spend.split_at(whole);
    let (stocks, last) = stock.split_at_mut(whole);
    let (slopes, last_slopes) = slope.split_at_mut(whole);
    let blocks = blocks.chunks_exact(BLOCK).zip(stocks.chunks_exact_mut(BLOCK));
    for ((x, stock), slope) in blocks.zip(slopes.chunks_exact_mut(BLOCK)) {
        let (mut own, mut by) = (0.0, 0.0);
        for j in 0..BLOCK {
            by = own - x[j] + r * by;
            own = (1.0 - r) * x[j] + r * own;
            (stock[j], slope[j]) = (own, by);
        }
        for j in 0..BLOCK {
            stock[j] += powers[j + 1] * a;
            slope[j] += powers[j + 1] * d + (j + 1) as f64 * powers[j] * a;
        }
        (a, d) = (stock[BLOCK - 1], slope[BLOCK - 1]);
    }
    for ((x, stock), slope) in rest.iter().zip(last).zip(last_slopes) {
        d = a - x + r * d;
        a = (1.0 - r) * x + r * a;
        (*stock, *slope) = (a, d);
    }
}

/// Normalised delayed kernel and its derivative by the retention.
fn delayed(r: f64, peak: usize) -> ([f64; LAGS], [f64; LAGS]) {
    let (mut w, mut dw) = ([0.0; LAGS], [0.0; LAGS]);
    for l in 0..LAGS {
        let e = l.abs_diff(peak) as i32;
        w[l] = r.powi(e * e);
        dw[l] = if e == 0 { 0.0 } else { f64::from(e * e) * r.powi(e * e - 1) };
    }
    let (total, slope): (f64, f64) = (w.iter().sum(), dw.iter().sum());
    for l in 0..LAGS {
        dw[l] = (dw[l] - w[l] * slope / total) / total;
        w[l] /= total;
    }
    (w, dw)
}

impl Adstock {
    /// Adstock of a series of spends, with spend `before` before the first.
    pub fn apply(self, spend: &[f64], before: f64) -> Vec<f64> {
        let (mut stock, mut slope) = (vec![0.0; spend.len()], vec![0.0; spend.len()]);
        let (carry, r) = match self {
            Adstock::None => (Carry::None, 0.0),
            Adstock::Geometric { retention } => (Carry::Geometric, retention),
            Adstock::Delayed { retention, peak } => (Carry::Delayed { peak }, retention),
        };
        carry.apply(r, spend, before, &mut stock, &mut slope);
        stock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const KINDS: [Carry; 4] =
        [Carry::None, Carry::Geometric, Carry::Delayed { peak: 1 }, Carry::Delayed { peak: 3 }];

    #[test]
    fn constant_spend_is_its_own_adstock() {
        for kind in KINDS {
            for stock in kind.with(0.6).apply(&[7.0; 30], 7.0) {
                assert_relative_eq!(stock, 7.0, max_relative = 1e-14);
            }
        }
    }

    #[test]
    fn a_change_builds_up_as_its_adstock_does() {
        for kind in KINDS {
            let stock = kind.with(0.45).apply(&[1.0; 20], 0.0);
            for (t, a) in stock.into_iter().enumerate() {
                assert_relative_eq!(kind.built_up(0.45, t).0, a, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn slopes_by_retention_are_derivatives() {
        let spend: Vec<f64> = (0..30).map(|t| f64::from(t * 37 % 11)).collect();
        for kind in KINDS {
            let (mut a, mut d) = (vec![0.0; 30], vec![0.0; 30]);
            kind.apply(0.5, &spend, 3.0, &mut a, &mut d);
            let (up, down) =
                (kind.with(0.5 + 1e-6).apply(&spend, 3.0), kind.with(0.5 - 1e-6).apply(&spend, 3.0));
            for t in 0..30 {
                assert_relative_eq!((up[t] - down[t]) / 2e-6, d[t], epsilon = 1e-7);
                let difference = (kind.built_up(0.5 + 1e-6, t).0 - kind.built_up(0.5 - 1e-6, t).0) / 2e-6;
                assert_relative_eq!(difference, kind.built_up(0.5, t).1, epsilon = 1e-8);
            }
        }
    }

    #[test]
    fn four_weeks_of_a_test_catch_the_published_share() {
        // 1 - r (1 - r^D) / (D (1 - r)) with r = 1/2, D = 4.
        let caught: f64 = (0..4).map(|t| Carry::Geometric.built_up(0.5, t).0).sum::<f64>() / 4.0;
        assert_relative_eq!(caught, 0.766, epsilon = 5e-4);
    }
}
