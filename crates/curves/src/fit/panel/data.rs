//! The data of a panel: outcome and spend by market and period.

use ndarray::{Array2, Array3};

use super::super::{FitError, History};

/// Outcome and spend by market and period, beside the [`History`] that is
/// their sum: channels in its order, periods as it has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Names, one a market.
    pub markets: Vec<String>,
    /// People, households or whatever measures a market's size; without it a
    /// market's mean outcome does.
    pub heads: Option<Vec<f64>>,
    /// Spend: markets x periods x channels. Where a row is missing it is what
    /// is taken to have gone on.
    pub spend: Array3<f64>,
    /// What the spend bought, markets x periods x channels, where it was counted.
    pub exposure: Option<Array3<f64>>,
    /// Outcome: markets x periods; whatever it is where nothing is present.
    pub outcome: Array2<f64>,
    /// Whether a market has a row in a period.
    pub present: Array2<bool>,
    /// Everything else that moves the outcome: markets x periods x controls.
    pub controls: Array3<f64>,
    /// Periods left out in all markets.
    pub left_out: Vec<usize>,
}

impl Panel {
    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.outcome.ncols()
    }

    /// Checks shapes and numbers against the history of the sum.
    pub(super) fn check(&self, history: &History) -> Result<(), FitError> {
        let (g, t, c) = (self.markets.len(), history.periods(), history.channels.len());
        let shapes = self.spend.dim() == (g, t, c)
            && self.exposure.as_ref().is_none_or(|e| e.dim() == (g, t, c))
            && self.outcome.dim() == (g, t)
            && self.present.dim() == (g, t)
            && (self.controls.dim().0, self.controls.dim().1) == (g, t)
            && self.heads.as_ref().is_none_or(|h| h.len() == g && h.iter().all(|n| *n > 0.0));
        let finite = self.outcome.iter().zip(&self.present).all(|(y, here)| !here || y.is_finite())
            && self.controls.iter().all(|v| v.is_finite());
        let amounts = |all: &Array3<f64>| all.iter().all(|x| x.is_finite() && *x >= 0.0);
        if g < FitError::FEWEST_MARKETS {
            Err(FitError::FewMarkets { markets: g })
        } else if shapes && finite && amounts(&self.spend) && self.exposure.as_ref().is_none_or(amounts) {
            Ok(())
        } else {
            Err(FitError::Panel)
        }
    }
}
