//! Draws of a fitted curve: how far the truth may be from the curve that is
//! planned with.

use std::sync::Arc;

use outlay_curves::Curve;
use outlay_curves::families::Tier;

use crate::files::spec::CurveSpec;

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
    /// Today's spend per period, for curves that start from it.
    pub(crate) current: f64,
    /// Factors of the spend and the outcome axis.
    pub(crate) stretch: (f64, f64),
    pub(crate) tiers: Vec<Tier>,
    /// Spend and outcome of the part of the horizon that is over.
    pub(crate) past: Option<(f64, f64)>,
}

impl Default for Draws {
    fn default() -> Self {
        Draws {
            specs: Arc::new([]),
            level: 0.9,
            averaged: false,
            current: 0.0,
            stretch: (1.0, 1.0),
            tiers: Vec::new(),
            past: None,
        }
    }
}

impl Draws {
    /// Probability that the interval between the draws' quantiles claims.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// True if the line's curve comes without draws.
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty()
    }

    /// Number of draws.
    pub(crate) fn count(&self) -> usize {
        self.specs.len()
    }

    /// The drawn curves; one that is not a curve is left out.
    pub fn curves(&self) -> Vec<Curve> {
        let (spend, outcome) = self.stretch;
        let made = |spec: &CurveSpec| {
            let drawn = spec.made(self.current).ok()?.stretched(spend, outcome);
            let drawn = if self.tiers.is_empty() { drawn } else { drawn.tiered(&self.tiers).ok()? };
            match self.past {
                Some((spend, outcome)) => drawn.resumed(spend, outcome).ok(),
                None => Some(drawn),
            }
        };
        self.specs.iter().filter_map(made).collect()
    }
}
