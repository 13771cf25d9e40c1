//! Regression of rows on a few series over the periods before a test, each
//! block of periods also as predicted from the others.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use crate::common::Common;
use crate::factors::median;

/// Weight of the ridge on each factor, in periods: a factor has standard
/// deviation 1, so a coefficient is drawn towards that of the usual market as by
/// this many periods more.
const RIDGE: f64 = 4.0;

/// The same on a trend of the rows' own, in units of its standard deviation
/// before the test. Carried into the test it counts nearly twice, and much of
/// what looks like a trend in a year of lasting errors is none.
const TREND: f64 = 15.0;

/// Standard deviations (1.48 times the median absolute error) beyond which an
/// error before the test is cut: a promotion, not the usual course.
const ODD: f64 = 4.0;

/// Fewest factors that are regressed on, where there are as many.
const LEAST: usize = 2;

/// A constant, factors, and a trend, with what it takes to regress on them.
#[derive(Debug, Clone)]
struct Regression {
    /// A row a period, those before the test first.
    x: DMatrix<f64>,
    before: usize,
    /// What the factors do to the usual market, relative to its mean before the
    /// test.
    usual: DVector<f64>,
    /// Inverse of the Gram matrix with its ridge, over all periods before the
    /// test, and over those outside each block.
    whole: DMatrix<f64>,
    blocks: Vec<(Range<usize>, DMatrix<f64>)>,
}

impl Regression {
    /// On the first `count` factors, learnt from in the first `before` periods,
    /// which are left out in blocks of `block`. `None` where these are too few.
    fn on(common: &Common, count: usize, before: usize, block: usize) -> Option<Regression> {
        let factors = common.factors.columns(0, count.min(common.factors.ncols())).into_owned();
        let x = regressors(&factors, before);
        let usual = usual(&x, &common.usual, before)?;
        let count = before.div_ceil(block.clamp(1, before / 3)).max(3);
        let whole = inverse(&x, |t| t < before)?;
        let without = |b: usize| {
            let out = b * before / count..(b + 1) * before / count;
            Some((out.clone(), inverse(&x, |t| t < before && !out.contains(&t))?))
        };
        let blocks = (0..count).map(without).collect::<Option<_>>()?;
        Some(Regression { x, before, usual, whole, blocks })
    }

    /// Coefficients.
    fn columns(&self) -> usize {
        self.x.ncols()
    }

    /// What is expected of a row, in all periods.
    fn fitted(&self, y: &DVector<f64>) -> DVector<f64> {
        let (usual, apart) = self.apart(y);
        usual + &self.x * (&self.whole * self.products(&apart, 0..self.before))
    }

    /// What a row would do if it did what is usual, and what it does beyond that.
    fn apart(&self, y: &DVector<f64>) -> (DVector<f64>, DVector<f64>) {
        let usual = &self.usual * (y.rows(0, self.before).sum() / self.before as f64);
        let apart = y - &usual;
        (usual, apart)
    }

    /// What is missed of a row before the test, each block as predicted from the
    /// others.
    fn left_out(&self, y: &DVector<f64>) -> Vec<f64> {
        let y = &self.apart(y).1;
        let all = self.products(y, 0..self.before);
        let mut errors = vec![0.0; self.before];
        for (out, inverse) in &self.blocks {
            let without = inverse * (&all - self.products(y, out.clone()));
            for t in out.clone() {
                errors[t] = y[t] - self.at(t, &without);
            }
        }
        errors
    }

    /// What the error of each period contributes to the error of the sum over
    /// `length` periods after the test's start, and to the sum over each block
    /// (with the block's length). Periods that have not come yet are taken for as
    /// many of the last ones.
    fn contributions(&self, length: usize) -> Contributions {
        let (before, rows) = (self.before, self.x.nrows().max(self.before + length));
        let column = self.columns() - 1;
        let slope = self.x[(1, column)] - self.x[(0, column)];
        let x = DMatrix::from_fn(rows, self.columns(), |t, k| match k {
            _ if t < self.x.nrows() => self.x[(t, k)],
            k if k == column => self.x[(0, column)] + slope * t as f64,
            k => self.x[(t - length.min(before), k)],
        });
        let ahead = parts(&x, &self.whole, before..before + length, |t| t < before);
        let one = |(out, inverse): &(Range<usize>, DMatrix<f64>)| {
            (out.len(), parts(&x, inverse, out.clone(), |t| t < before && !out.contains(&t)))
        };
        (ahead, self.blocks.iter().map(one).collect())
    }

    fn at(&self, t: usize, coefficients: &DVector<f64>) -> f64 {
        (0..self.columns()).map(|k| self.x[(t, k)] * coefficients[k]).sum()
    }

    /// Products of the regressors with a row, over some periods.
    fn products(&self, y: &DVector<f64>, periods: Range<usize>) -> DVector<f64> {
        let of = |k: usize, _| periods.clone().map(|t| self.x[(t, k)] * y[t]).sum();
        DVector::from_fn(self.columns(), of)
    }
}

/// Contributions to the error of a sum ahead, and of those of blocks.
type Contributions = (Vec<f64>, Vec<(usize, Vec<f64>)>);

/// The mean of regressions on few and on more factors: how many there are is not
/// known, and each count errs in its own way.
#[derive(Debug, Clone)]
pub(crate) struct Averaged {
    each: Vec<Regression>,
    before: usize,
}

impl Averaged {
    /// Over all counts of factors from [`LEAST`] on that are at hand.
    pub(crate) fn on(common: &Common, before: usize, block: usize) -> Option<Averaged> {
        let most = common.factors.ncols();
        let counts = LEAST.min(most)..=most;
        let each = counts.map(|count| Regression::on(common, count, before, block));
        Some(Averaged { each: each.collect::<Option<_>>()?, before })
    }

    /// Coefficients of the largest.
    pub(crate) fn columns(&self) -> usize {
        self.each.last().map_or(0, Regression::columns)
    }

    /// What is expected of a row, in all periods.
    pub(crate) fn fitted(&self, y: &DVector<f64>) -> DVector<f64> {
        let sum = self.each.iter().fold(DVector::zeros(y.len()), |sum, r| sum + r.fitted(y));
        sum / self.each.len() as f64
    }

    /// What is missed of a row before the test, each block as predicted from the
    /// others.
    pub(crate) fn left_out(&self, y: &DVector<f64>) -> Vec<f64> {
        mean(self.each.iter().map(|r| r.left_out(y)).collect())
    }

    /// A row with what is odd before the test replaced by what is expected.
    pub(crate) fn usual(&self, mut y: DVector<f64>) -> DVector<f64> {
        const ROUNDS: usize = 3;
        for _ in 0..ROUNDS {
            let fitted = self.fitted(&y);
            let errors: Vec<f64> = (0..self.before).map(|t| (y[t] - fitted[t]).abs()).collect();
            let odd = ODD * 1.4826 * median(errors.clone());
            if odd == 0.0 || errors.iter().all(|e| *e <= odd) {
                break;
            }
            for t in (0..self.before).filter(|&t| errors[t] > odd) {
                y[t] = fitted[t];
            }
        }
        y
    }

    /// How much farther off the sum over `length` periods after the test's start
    /// is expected to be than the sums over blocks, for errors of some
    /// correlation: a trend and a level carried beyond the end are less certain
    /// than between two parts that are known.
    pub(crate) fn reach(&self, length: usize) -> impl Fn(f64) -> f64 + use<> {
        let all: Vec<Contributions> = self.each.iter().map(|r| r.contributions(length)).collect();
        let ahead = mean(all.iter().map(|(ahead, _)| ahead.clone()).collect());
        let count = all.first().map_or(0, |(_, blocks)| blocks.len());
        let block = |b: usize| (all[0].1[b].0, mean(all.iter().map(|(_, each)| each[b].1.clone()).collect()));
        let blocks: Vec<(usize, Vec<f64>)> = (0..count).map(block).collect();
        move |correlation| {
            // Beside each, what the sum's own errors alone would do.
            let beside = |length: usize| variance(&vec![1.0; length], correlation);
            let seen = blocks.iter().map(|(n, parts)| variance(parts, correlation) / beside(*n)).sum::<f64>();
            let seen = seen / blocks.len() as f64;
            (variance(&ahead, correlation) / beside(length) / seen).max(1.0).sqrt()
        }
    }
}

/// The mean of rows of the same length.
fn mean(rows: Vec<Vec<f64>>) -> Vec<f64> {
    let count = rows.len() as f64;
    let mut sum = vec![0.0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += v / count);
    }
    sum
}

/// What factors do to the usual market: its regression on them, without the
/// constant and the trend.
fn usual(x: &DMatrix<f64>, market: &[f64], before: usize) -> Option<DVector<f64>> {
    let known = x.rows(0, before);
    let right = known.tr_mul(&DVector::from_fn(before, |t, _| market[t]));
    let mut gram = known.tr_mul(&known);
    (0..gram.ncols()).for_each(|k| gram[(k, k)] += 1e-9 * before as f64);
    let mut found = gram.cholesky()?.solve(&right);
    (found[0], found[x.ncols() - 1]) = (0.0, 0.0);
    Some(x * found)
}

/// A constant, the factors, and a trend with mean 0 and standard deviation 1 over
/// the first `before` periods.
fn regressors(factors: &DMatrix<f64>, before: usize) -> DMatrix<f64> {
    let count = before as f64;
    let deviation = ((count * count - 1.0) / 12.0).sqrt();
    let last = factors.ncols() + 1;
    DMatrix::from_fn(factors.nrows(), last + 1, |t, k| match k {
        0 => 1.0,
        k if k == last => (t as f64 - (count - 1.0) / 2.0) / deviation,
        k => factors[(t, k - 1)],
    })
}

/// The ridge on each coefficient; the constant is free.
fn ridges(columns: usize) -> Vec<f64> {
    let of = |k: usize| match k {
        0 => 0.0,
        k if k == columns - 1 => TREND,
        _ => RIDGE,
    };
    (0..columns).map(of).collect()
}

/// Inverse of the Gram matrix with its ridge over the periods that are kept.
fn inverse(x: &DMatrix<f64>, keep: impl Fn(usize) -> bool) -> Option<DMatrix<f64>> {
    let n = x.ncols();
    let mut gram = DMatrix::zeros(n, n);
    for t in (0..x.nrows()).filter(|&t| keep(t)) {
        for a in 0..n {
            for b in 0..n {
                gram[(a, b)] += x[(t, a)] * x[(t, b)];
            }
        }
    }
    for (a, ridge) in ridges(n).into_iter().enumerate() {
        gram[(a, a)] += ridge;
    }
    gram.cholesky().map(|c| c.inverse())
}

/// What the error of each period contributes to the error of a predicted sum:
/// those of the sum itself, less what the others lead its regression astray by.
fn parts(
    x: &DMatrix<f64>,
    inverse: &DMatrix<f64>,
    predicted: Range<usize>,
    kept: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let mut sum = DVector::zeros(x.ncols());
    predicted.clone().for_each(|t| sum += x.row(t).transpose());
    let led = inverse * sum;
    let of = |t: usize| -(0..x.ncols()).map(|k| x[(t, k)] * led[k]).sum::<f64>();
    let part = |t: usize| match t {
        t if predicted.contains(&t) => 1.0,
        t if kept(t) => of(t),
        _ => 0.0,
    };
    (0..x.nrows()).map(part).collect()
}

/// Variance of a sum of errors that are an autoregression with variance 1.
fn variance(parts: &[f64], correlation: f64) -> f64 {
    let (mut until, mut variance) = (0.0, 0.0);
    for a in parts {
        until = a + correlation * until;
        variance += a * (2.0 * until - a);
    }
    variance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variance_is_that_of_the_covariance_matrix() {
        let a = [1.0, -0.3, 0.0, 2.0, 0.7];
        for rho in [-0.3f64, 0.0, 0.5, 0.9] {
            let mut sum = 0.0;
            for (s, x) in a.iter().enumerate() {
                for (t, y) in a.iter().enumerate() {
                    sum += x * y * rho.powi(s.abs_diff(t) as i32);
                }
            }
            assert!((variance(&a, rho) - sum).abs() < 1e-12);
        }
    }

    /// The mean of ten periods predicts the next one with variance 1 + 1/10.
    #[test]
    fn a_mean_predicts_with_its_own_error() {
        let x = DMatrix::from_element(11, 1, 1.0);
        let found = parts(&x, &DMatrix::from_element(1, 1, 0.1), 10..11, |t| t < 10);
        assert!((variance(&found, 0.0) - 1.1).abs() < 1e-12);
    }

    /// Blocks are predicted as by a regression without them.
    #[test]
    fn blocks_are_left_out() {
        let factors = DMatrix::from_fn(30, 1, |t, _| (t as f64 * 0.7).sin());
        let common = Common { factors, usual: (0..30).map(|t| 0.1 * (t as f64 * 0.7).sin()).collect() };
        let y = DVector::from_fn(30, |t, _| 1.0 + (t as f64 * 1.3).cos());
        let averaged = Averaged::on(&common, 30, 10).expect("a regression");
        let errors = averaged.left_out(&y);
        let all = &averaged.each[0];
        let y = all.apart(&y).1;
        // The last block from the first two: the same as a test of its length.
        let inverse = inverse(&all.x, |t| t < 20).expect("an inverse");
        let right = all.products(&y, 0..20);
        for t in 20..30 {
            assert!((errors[t] - y[t] + all.at(t, &(&inverse * &right))).abs() < 1e-12);
        }
        // And further beyond the end it is less certain.
        assert!(averaged.reach(10)(0.5) < averaged.reach(20)(0.5));
        assert!(averaged.reach(10)(0.0) >= 1.0);
    }

    /// A row that does what is usual is expected to go on doing so, however few
    /// periods there are to learn from; and scale does not matter.
    #[test]
    fn coefficients_are_drawn_to_the_usual_ones() {
        let factors = DMatrix::from_fn(16, 2, |t, k| (t as f64 * (0.7 + k as f64)).sin());
        let market: Vec<f64> = (0..16).map(|t| 0.2 * factors[(t, 0)] - 0.1 * factors[(t, 1)]).collect();
        let common = Common { factors, usual: market.clone() };
        let found = Averaged::on(&common, 10, 3).expect("a regression");
        let y = DVector::from_fn(16, |t, _| 3.0 * (1.0 + market[t]));
        let fitted = found.fitted(&y);
        // The mean of the factors over ten periods is not 0 here, and is not
        // what is looked at.
        let off = |t: usize| (fitted[t] - y[t]) / 3.0;
        assert!((10..16).all(|t| off(t).abs() < 0.02), "{:?}", (0..16).map(off).collect::<Vec<_>>());
        assert!((found.fitted(&(&y * 2.0)) - &fitted * 2.0).amax() < 1e-12);
    }
}
