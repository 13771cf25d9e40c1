//! Draws of a curve: how far the truth may be from the curve that is planned
//! with, from a fit or as somebody states it.

use std::sync::{Arc, LazyLock, OnceLock};

use outlay_curves::Curve;
use outlay_curves::families::Tier;
use outlay_curves::fit;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::files::library::Adstock;
use crate::files::spec::CurveSpec;
use crate::model::shuffle::shuffled;

/// Number of draws where no library says how many.
pub(crate) const COUNT: usize = 1000;

/// Curves drawn from a fit's uncertainty, as a line's curve is meant: over the
/// horizon, at the scenario's prices and tiers. They are made when asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// As the library has them, per period at the fit's prices.
    pub(crate) specs: Arc<[CurveSpec]>,
    /// Probability that the fit's intervals claim.
    pub(crate) level: f64,
    /// True where the line's curve is the mean of the draws.
    pub(crate) averaged: bool,
    /// Share of what the fit knows of the curve's return that is its prior.
    pub(crate) on_prior: Option<f64>,
    /// Today's spend per period, for curves that start from it.
    pub(crate) current: f64,
    /// Factors of the spend and the outcome axis.
    pub(crate) stretch: (f64, f64),
    pub(crate) tiers: Vec<Tier>,
    /// Spend and outcome of the part of the horizon that is over.
    pub(crate) past: Option<(f64, f64)>,
    /// How the library's curve carries over.
    pub(crate) adstock: Option<Adstock>,
    /// A spread that is stated: relative standard deviation of what the curve
    /// returns, and the curve, before what is over.
    pub(crate) stated: Option<(f64, Curve)>,
    /// What each curve is multiplied by besides; empty where by nothing.
    pub(crate) factors: Arc<[f64]>,
    /// The curves, once made.
    made: OnceLock<Arc<[Curve]>>,
    /// What they return at a spend that does not change, today's.
    today: OnceLock<(f64, Arc<[f64]>)>,
}

impl Default for Draws {
    fn default() -> Self {
        Draws {
            specs: Arc::new([]),
            level: 0.9,
            averaged: false,
            on_prior: None,
            current: 0.0,
            stretch: (1.0, 1.0),
            tiers: Vec::new(),
            past: None,
            adstock: None,
            stated: None,
            factors: Arc::new([]),
            made: OnceLock::new(),
            today: OnceLock::new(),
        }
    }
}

/// Those of a line that has none.
static NONE: LazyLock<Arc<Draws>> = LazyLock::new(Arc::default);

impl Draws {
    /// For lines to share: most have none.
    pub(crate) fn shared(self) -> Arc<Self> {
        if self == **NONE { Arc::clone(&NONE) } else { Arc::new(self) }
    }

    /// Draws of a library.
    pub(crate) fn of_library(specs: Arc<[CurveSpec]>, level: f64, averaged: bool) -> Self {
        Draws { specs, level, averaged, ..Draws::default() }
    }

    /// Probability that the interval between the draws' quantiles claims.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// True where a fit drew the curves, so that a test could tell more of them.
    pub fn fitted(&self) -> bool {
        !self.specs.is_empty()
    }

    /// True if the line's curve comes without draws and nobody states a spread.
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty() && self.stated.is_none()
    }

    /// Number of draws from a library.
    pub(crate) fn count(&self) -> usize {
        self.specs.len()
    }

    /// The drawn curves; one that is not a curve is left out.
    pub fn curves(&self) -> Vec<Curve> {
        self.sampled(COUNT, 0).to_vec()
    }

    /// The drawn curves per period, as the library has them, each with what the
    /// line makes of it.
    pub(crate) fn pairs(&self) -> Vec<(Curve, Curve)> {
        let made = |(draw, spec): (usize, &CurveSpec)| {
            let raw = spec.made(self.current).ok()?;
            Some((raw.clone(), self.finished(self.multiplied(draw, raw))?))
        };
        self.specs.iter().enumerate().filter_map(made).collect()
    }

    /// The drawn curves: a library's own, or `count` with the stated spread, in
    /// an order of the line's own.
    pub(crate) fn sampled(&self, count: usize, line: usize) -> Arc<[Curve]> {
        let make = || match &self.stated {
            Some((spread, curve)) => self.scaled(*spread, curve, count, line),
            None => {
                let made = |(draw, spec): (usize, &CurveSpec)| {
                    self.finished(self.multiplied(draw, spec.made(self.current).ok()?))
                };
                self.specs.iter().enumerate().filter_map(made).collect()
            }
        };
        let made = self.made.get_or_init(make);
        if self.stated.is_some() && made.len() != count { make() } else { Arc::clone(made) }
    }

    /// What every drawn curve returns at a spend; remembered for the first that
    /// is asked with `keep`.
    pub(crate) fn outcomes(&self, (count, line): (usize, usize), spend: f64, keep: bool) -> Arc<[f64]> {
        let curves = self.sampled(count, line);
        let make = || curves.iter().map(|curve| curve.value(spend)).collect::<Arc<[f64]>>();
        if !keep {
            return make();
        }
        let (at, values) = self.today.get_or_init(|| (spend, make()));
        if *at == spend && values.len() == curves.len() { Arc::clone(values) } else { make() }
    }

    /// The draws of a line that meets others: what is past has been earned, and
    /// what is left returns `outcome` times as much.
    pub(crate) fn going_on(&self, spent: f64, outcome: f64) -> Draws {
        let past = (spent > 0.0).then_some((spent, 0.0));
        let stated = self.stated.as_ref().map(|(spread, curve)| (*spread, curve.stretched(1.0, outcome)));
        let stretch = (self.stretch.0, self.stretch.1 * outcome);
        let (made, today) = (OnceLock::new(), OnceLock::new());
        Draws { past, stated, stretch, made, today, ..self.clone() }
    }

    /// The draws where the line's curve is multiplied by a factor, and each of
    /// them by one of its own.
    pub(crate) fn times(&self, factor: f64, own: &[f64]) -> Draws {
        let alike = own.len() == self.specs.len() && factor > 0.0;
        let factors =
            if alike { own.iter().map(|f| f / factor).collect() } else { Arc::new([]) as Arc<[f64]> };
        Draws { factors, ..self.going_on(0.0, factor) }
    }

    fn multiplied(&self, draw: usize, curve: Curve) -> Curve {
        match self.factors.get(draw) {
            Some(&factor) => curve.stretched(1.0, factor),
            None => curve,
        }
    }

    fn resumed(&self, drawn: Curve) -> Option<Curve> {
        match self.past {
            Some((spend, outcome)) => drawn.resumed(spend, outcome).ok(),
            None => Some(drawn),
        }
    }

    /// The curve times log-normal factors of mean 1: the quantiles in the middle
    /// of `count` equal parts, shuffled.
    fn scaled(&self, spread: f64, curve: &Curve, count: usize, line: usize) -> Arc<[Curve]> {
        let sigma = spread.mul_add(spread, 1.0).ln().sqrt();
        let normal = Normal::standard();
        let quantile = |d: usize| (sigma * normal.inverse_cdf((d as f64 + 0.5) / count as f64)).exp();
        let factors: Vec<f64> = (0..count).map(quantile).collect();
        let mean = factors.iter().sum::<f64>() / count as f64;
        let order = shuffled(count, count, line);
        let each = order.iter().filter_map(|&d| factors.get(d));
        each.filter_map(|factor| self.resumed(curve.stretched(1.0, factor / mean))).collect()
    }

    /// A curve of the library, over the horizon at the scenario's prices and
    /// tiers, after what has happened.
    pub(crate) fn finished(&self, curve: Curve) -> Option<Curve> {
        let (spend, outcome) = self.stretch;
        let drawn = curve.stretched(spend, outcome);
        let drawn = if self.tiers.is_empty() { drawn } else { drawn.tiered(&self.tiers).ok()? };
        self.resumed(drawn)
    }

    /// Share of a lasting change of spend that is at work in each period after
    /// it began.
    pub(crate) fn built_up(&self, periods: usize) -> Vec<f64> {
        let Some(adstock) = &self.adstock else { return vec![1.0; periods] };
        let summed = |weights: &[f64]| {
            let all: f64 = weights.iter().sum();
            let upto = |t: usize| weights.iter().take(t + 1).sum::<f64>() / all;
            (0..periods).map(|t| if all > 0.0 { upto(t) } else { 1.0 }).collect()
        };
        match (&adstock.weights, adstock.retention, adstock.delay) {
            (Some(weights), ..) => summed(weights),
            (None, Some(retention), Some(delay)) => {
                let mut spend = [0.0; 13];
                spend[0] = 1.0;
                let peak = delay.round().clamp(0.0, 12.0) as usize;
                summed(&fit::Adstock::Delayed { retention, peak }.apply(&spend, 0.0))
            }
            (None, Some(r), None) => (0..periods).map(|t| 1.0 - r.powi(t as i32 + 1)).collect(),
            (None, None, _) => vec![1.0; periods],
        }
    }
}
