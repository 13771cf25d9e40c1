//! Curves drawn from a posterior, and their mean.

use outlay_curves::Curve;
use outlay_scenario::library::{Adstock, LibraryCurve, MarginalEstimate, Observed};
use outlay_scenario::spec::{CurveSpec, Outcome};

/// Draws kept per curve; draw j of every curve belongs together.
pub(crate) const KEPT: usize = 1000;
/// Probability that the interval of the marginal return claims.
const LEVEL: f64 = 0.9;
/// Knots of the mean up to four times mean spend, and beyond.
const KNOTS: usize = 200;
const BEYOND: usize = 40;

/// A channel of a posterior.
pub struct Posterior {
    /// Its name.
    pub name: String,
    /// What it returns.
    pub outcome: Outcome,
    /// A curve per draw, at steady spend per period.
    pub draws: Vec<CurveSpec>,
    /// The mean kernel, from the spend on.
    pub kernel: Vec<f64>,
    /// Spend of every period.
    pub spend: Vec<f64>,
}

impl Posterior {
    /// The curve as the mean over draws, tabulated; the draws themselves beside
    /// it. What a draw that is no curve says.
    ///
    /// # Errors
    /// What is wrong with a draw, or that there is no spend.
    pub fn curve(self) -> Result<LibraryCurve, String> {
        let curves = self.draws.iter().enumerate().map(|(j, spec)| {
            spec.made(0.0).map_err(|e| format!("channel `{}`, draw {}: {e}", self.name, j + 1))
        });
        let curves: Vec<Curve> = curves.collect::<Result<_, String>>()?;
        let count = curves.len() as f64;
        let periods = self.spend.len().max(1);
        let mean = self.spend.iter().sum::<f64>() / periods as f64;
        let max = self.spend.iter().copied().fold(0.0, f64::max);
        if !(mean > 0.0 && count > 0.0) {
            return Err(format!("channel `{}` has no spend", self.name));
        }
        let value = |x: f64| curves.iter().map(|c| c.value(x)).sum::<f64>() / count;
        let points = knots(mean, max).into_iter().map(|x| (x, value(x)));
        let points = rising(points.collect());
        let slopes = curves.iter().map(|c| c.marginal(mean)).collect();
        let draws = chosen(self.draws.len()).into_iter().map(|i| self.draws[i].clone()).collect();
        let curve = CurveSpec::Table { points };
        let Posterior { name, outcome, kernel, spend, .. } = self;
        Averaged { name, outcome, curve, slopes, draws, kernel, spend }.library()
    }
}

/// Draws that are kept, evenly chosen.
pub(crate) fn chosen(count: usize) -> Vec<usize> {
    let kept = count.min(KEPT);
    (0..kept).map(|i| i * count / kept).collect()
}

/// A channel whose mean over the draws is known.
pub(crate) struct Averaged {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// The mean.
    pub(crate) curve: CurveSpec,
    /// Every draw's slope at mean spend.
    pub(crate) slopes: Vec<f64>,
    /// The draws that are kept.
    pub(crate) draws: Vec<CurveSpec>,
    /// The mean kernel, from the spend on.
    pub(crate) kernel: Vec<f64>,
    /// Spend of every period.
    pub(crate) spend: Vec<f64>,
}

impl Averaged {
    /// The curve as a library holds it.
    ///
    /// # Errors
    /// What no curve can be made of.
    pub(crate) fn library(self) -> Result<LibraryCurve, String> {
        let Averaged { mut slopes, spend, .. } = self;
        let periods = spend.len().max(1);
        let mean = spend.iter().sum::<f64>() / periods as f64;
        self.curve.made(0.0).map_err(|e| format!("channel `{}`: {e}", self.name))?;
        let average = slopes.iter().sum::<f64>() / slopes.len() as f64;
        slopes.sort_unstable_by(f64::total_cmp);
        let quantile = |p: f64| {
            let at = p * (slopes.len() - 1) as f64;
            let low = slopes[at.floor() as usize];
            low + (slopes[at.ceil() as usize] - low) * at.fract()
        };
        let memory = self.kernel.len();
        Ok(LibraryCurve {
            name: self.name,
            outcome: self.outcome,
            curve: self.curve,
            adstock: Some(adstock(self.kernel)),
            observed: Some(Observed {
                periods: u32::try_from(periods).unwrap_or(u32::MAX),
                min: spend.iter().copied().fold(f64::INFINITY, f64::min),
                mean,
                max: spend.iter().copied().fold(0.0, f64::max),
            }),
            rate: None,
            recent: spend[periods.saturating_sub(memory.max(RECENT))..].to_vec(),
            marginal: Some(MarginalEstimate {
                at: mean,
                value: average,
                low: quantile((1.0 - LEVEL) / 2.0),
                high: quantile((1.0 + LEVEL) / 2.0),
                level: LEVEL,
            }),
            quality: Default::default(),
            warnings: Vec::new(),
            draws: self.draws,
        })
    }
}

/// Last periods whose spend is kept at least.
const RECENT: usize = 13;

/// Spends at which the mean is tabulated: whole fiftieths of mean spend, then
/// growing steps to twenty times mean spend or twice the largest.
pub(crate) fn knots(mean: f64, max: f64) -> Vec<f64> {
    let dense = (1..=KNOTS).map(|k| mean * k as f64 / 50.0);
    let from = mean * KNOTS as f64 / 50.0;
    let ratio = (20.0 * mean).max(2.0 * max) / from;
    let beyond = (1..=BEYOND).map(|k| from * ratio.powf(k as f64 / BEYOND as f64));
    dense.chain(beyond).collect()
}

/// Some of the knots, mean spend among them: what a draw is written with.
pub(crate) fn fewer(knots: &[f64]) -> Vec<f64> {
    const DENSE: [usize; 26] = [
        1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 120, 140, 160, 180,
        200,
    ];
    let beyond = (5..=BEYOND).step_by(5).map(|k| KNOTS + k);
    DENSE.into_iter().chain(beyond).filter_map(|k| knots.get(k - 1).copied()).collect()
}

/// Outcomes that never fall, whatever rounding does to a plateau.
pub(crate) fn rising(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut highest = 0.0_f64;
    for (_, y) in &mut points {
        highest = highest.max(*y);
        *y = highest;
    }
    points
}

/// A kernel as the library writes it; trailing zeros say nothing.
pub(crate) fn adstock(mut weights: Vec<f64>) -> Adstock {
    while weights.len() > 1 && weights.last() == Some(&0.0) {
        weights.pop();
    }
    match weights.as_slice() {
        [] | [_] => Adstock { kind: "none".to_owned(), retention: None, delay: None, weights: None },
        _ => Adstock { kind: "weights".to_owned(), retention: None, delay: None, weights: Some(weights) },
    }
}
