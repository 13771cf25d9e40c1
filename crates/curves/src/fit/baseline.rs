//! The baseline of an outcome, integrated out with the error variance.

use nalgebra::{DMatrix, DVector};

use super::History;

/// Days of a week.
const DAYS: usize = 7;

/// Everything that moves the outcome but is no channel: level, trend,
/// seasons, controls. Its coefficients enter linearly and are integrated out
/// exactly, together with the error variance.
///
/// With residuals `r = y - sum f`, AR(1) errors of autocorrelation `phi`,
/// whitening `T(phi) = W'W` and columns Z, the log likelihood is
///
/// `-(n - p)/2 ln RSS - 1/2 ln |Z'TZ + R| + 1/2 ln(1 - phi^2)`
///
/// (flat prior on the coefficients but for the tiny ridge R, Jeffreys prior
/// on the variance).
///
/// Periods may weigh less than others, down to nothing: residuals and columns
/// are multiplied by the weight, and only periods that weigh anything count.
#[derive(Debug, Clone)]
pub(crate) struct Baseline {
    /// The columns as they are.
    plain: DMatrix<f64>,
    /// The columns times the weight of every period.
    columns: DMatrix<f64>,
    /// Periods with a weight above 0.
    used: usize,
    names: Vec<String>,
    /// Number of columns that are no controls: the first.
    before_controls: usize,
    ridge: DVector<f64>,
    /// Z'Z, lag products and inner products: T is quadratic in phi.
    products: [DMatrix<f64>; 3],
}

/// Log likelihood with its slopes.
pub(crate) struct Likelihood {
    pub(crate) value: f64,
    /// Slope by the autocorrelation.
    pub(crate) by_phi: f64,
    /// Residual sum of squares, whitened.
    pub(crate) rss: f64,
    /// Coefficients of the baseline.
    pub(crate) coefficients: DVector<f64>,
}

impl Baseline {
    /// Level, trend, yearly waves, days of the week and controls of a history; empty when each
    /// channel has its own outcome.
    pub(crate) fn of(history: &History, seasons: usize) -> Baseline {
        let n = history.periods();
        let mut columns = vec![("level".to_owned(), vec![1.0; n])];
        columns.push(("trend".into(), (0..n).map(|t| t as f64 / n as f64 - 0.5).collect()));
        let year = history.periods_per_year;
        for wave in 1..=seasons {
            let angle =
                |t: usize| std::f64::consts::TAU * wave as f64 * (history.year_fraction + t as f64 / year);
            columns.push((format!("season {wave} sine"), (0..n).map(|t| angle(t).sin()).collect()));
            columns.push((format!("season {wave} cosine"), (0..n).map(|t| angle(t).cos()).collect()));
        }
        if history.is_daily() {
            // Which day comes first does not matter: six of seven are told apart.
            for day in 1..DAYS {
                let is = |t: usize| f64::from(u8::from(t % DAYS == day)) - 1.0 / DAYS as f64;
                columns.push((format!("day {} of the week", day + 1), (0..n).map(is).collect()));
            }
        }
        let before_controls = columns.len();
        for control in &history.controls {
            if let Some(values) = standardised(&control.values) {
                columns.push((control.name.clone(), values));
            }
        }
        Baseline { before_controls, ..Baseline::new(n, columns) }
    }

    /// No baseline at all: spend alone explains the outcome.
    pub(crate) fn none(n: usize) -> Baseline {
        Baseline::new(n, Vec::new())
    }

    fn new(n: usize, named: Vec<(String, Vec<f64>)>) -> Baseline {
        let columns = DMatrix::from_fn(n, named.len(), |t, j| named[j].1[t]);
        Baseline::from_columns(columns, named.into_iter().map(|(name, _)| name).collect())
    }

    fn from_columns(plain: DMatrix<f64>, names: Vec<String>) -> Baseline {
        let weights = vec![1.0; plain.nrows()];
        Baseline::weighing(plain, names, &weights)
    }

    fn weighing(plain: DMatrix<f64>, names: Vec<String>, weights: &[f64]) -> Baseline {
        let (n, p) = plain.shape();
        let columns = DMatrix::from_fn(n, p, |t, j| plain[(t, j)] * weights[t]);
        let used = weights.iter().filter(|w| **w > 0.0).count();
        let whole = columns.tr_mul(&columns);
        let lagged = columns.rows(1, n - 1).tr_mul(&columns.rows(0, n - 1));
        let lagged = &lagged + lagged.transpose();
        let inner =
            if n > 2 { columns.rows(1, n - 2).tr_mul(&columns.rows(1, n - 2)) } else { DMatrix::zeros(p, p) };
        // Collinear controls must not make the fit impossible: 1e-4 of a
        // period's information, on everything but level and trend.
        let ridge = DVector::from_fn(p, |j, _| if j < 2 { 1e-9 } else { 1e-4 });
        Baseline { plain, columns, used, names, before_controls: p, ridge, products: [whole, lagged, inner] }
    }

    /// The same columns with weights for the periods.
    pub(crate) fn weighted(&self, weights: &[f64]) -> Baseline {
        let new = Baseline::weighing(self.plain.clone(), self.names.clone(), weights);
        Baseline { before_controls: self.before_controls, ..new }
    }

    /// Periods that count, less the coefficients they determine.
    pub(crate) fn freedom(&self) -> f64 {
        self.used.saturating_sub(self.width()).max(1) as f64
    }

    /// Periods that count.
    pub(crate) fn used(&self) -> f64 {
        self.used as f64
    }

    /// The same columns over the first `n` periods.
    pub(crate) fn first(&self, n: usize) -> Baseline {
        let first = Baseline::from_columns(self.plain.rows(0, n).into_owned(), self.names.clone());
        Baseline { before_controls: self.before_controls, ..first }
    }

    /// Level, trend and seasons alone.
    pub(crate) fn bare(&self) -> Baseline {
        let count = self.before_controls;
        Baseline::from_columns(self.plain.columns(0, count).into_owned(), self.names[..count].to_vec())
    }

    /// The controls, standardised, by name.
    pub(crate) fn controls(&self) -> impl Iterator<Item = (&str, Vec<f64>)> {
        let columns = self.names.iter().zip(self.plain.column_iter());
        columns.skip(self.before_controls).map(|(name, c)| (name.as_str(), c.iter().copied().collect()))
    }

    /// The columns, unweighted.
    pub(crate) fn unweighted(&self) -> &DMatrix<f64> {
        &self.plain
    }

    pub(crate) fn width(&self) -> usize {
        self.plain.ncols()
    }

    /// The baseline with these coefficients.
    pub(crate) fn value(&self, coefficients: &DVector<f64>) -> DVector<f64> {
        &self.plain * coefficients
    }

    /// What is left of values after least squares on the columns.
    pub(crate) fn rest(&self, values: &[f64]) -> Vec<f64> {
        let mut pull = vec![0.0; values.len()];
        let even = Baseline::from_columns(self.plain.clone(), self.names.clone());
        let fitted = even.value(&even.likelihood(values, 0.0, &mut pull).coefficients);
        values.iter().zip(fitted.iter()).map(|(v, f)| v - f).collect()
    }

    /// Share of the variance of values that the columns explain.
    pub(crate) fn explained(&self, values: &[f64]) -> f64 {
        let around = |values: &[f64], mean: f64| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let all = around(values, values.iter().sum::<f64>() / values.len().max(1) as f64);
        if all > 0.0 { 1.0 - around(&self.rest(values), 0.0) / all } else { 0.0 }
    }

    /// Likelihood of residuals `r`; `pull` receives -d(RSS)/2 by r, that is
    /// `T (r - Z c)`.
    pub(crate) fn likelihood(&self, r: &[f64], phi: f64, pull: &mut [f64]) -> Likelihood {
        let p = self.width();
        whiten(r, phi, pull);
        let mut coefficients = DVector::zeros(p);
        let mut rest = r.to_vec();
        let (mut ln_determinant, mut by_phi) = (0.0, 0.0);
        if p > 0 {
            let [whole, lagged, inner] = &self.products;
            let mut normal = whole - lagged * phi + inner * (phi * phi);
            for j in 0..p {
                normal[(j, j)] += self.ridge[j];
            }
            if let Some(factor) = normal.cholesky() {
                let moments = self.columns.tr_mul(&DVector::from_column_slice(pull));
                coefficients = factor.solve(&moments);
                let fitted = &self.columns * &coefficients;
                for (r, f) in rest.iter_mut().zip(fitted.iter()) {
                    *r -= f;
                }
                ln_determinant = factor.ln_determinant();
                let slope = factor.solve(&(inner * (2.0 * phi) - lagged));
                by_phi -= 0.5 * slope.trace();
                whiten(&rest, phi, pull);
            } else {
                ln_determinant = f64::INFINITY;
            }
        }
        let penalty: f64 = coefficients.iter().zip(self.ridge.iter()).map(|(c, r)| c * c * r).sum();
        let rss = rest.iter().zip(pull.iter()).map(|(a, b)| a * b).sum::<f64>() + penalty;
        let rss = rss.max(f64::MIN_POSITIVE);
        let freedom = self.freedom();
        by_phi -= 0.5 * freedom * whitening_slope(&rest, phi) / rss + phi / (1.0 - phi * phi);
        let value = -0.5 * (freedom * rss.ln() + ln_determinant) + 0.5 * (-phi * phi).ln_1p();
        Likelihood { value, by_phi, rss, coefficients }
    }
}

/// `T r` for the precision T of AR(1) errors, up to the variance.
fn whiten(r: &[f64], phi: f64, out: &mut [f64]) {
    let n = r.len();
    for t in 0..n {
        let ends = t == 0 || t + 1 == n;
        let mut v = if ends { r[t] } else { (1.0 + phi * phi) * r[t] };
        if t > 0 {
            v -= phi * r[t - 1];
        }
        if t + 1 < n {
            v -= phi * r[t + 1];
        }
        out[t] = v;
    }
}

/// `r' (dT/dphi) r`.
fn whitening_slope(r: &[f64], phi: f64) -> f64 {
    let n = r.len();
    let lagged: f64 = r.windows(2).map(|w| w[0] * w[1]).sum();
    let inner: f64 = r[1.min(n)..n.saturating_sub(1).max(1)].iter().map(|v| v * v).sum();
    2.0 * (phi * inner - lagged)
}

/// Values with mean 0 and standard deviation 1; `None` if they never vary.
pub(crate) fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
    (spread > 1e-12 * mean.abs()).then(|| values.iter().map(|v| (v - mean) / spread).collect())
}
