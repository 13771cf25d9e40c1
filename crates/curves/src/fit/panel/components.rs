//! Variances of what a panel does not explain.

/// What is not explained, market by market and week by week, per head and over
/// the mean outcome per head.
#[derive(Debug, Clone)]
pub(super) struct Components {
    /// Autocorrelation of a market's errors.
    pub(super) phi: f64,
    /// Autocorrelation of the shocks that markets share.
    pub(super) shock_phi: f64,
    /// Standard deviation of the shocks.
    pub(super) shock: f64,
    /// Standard deviation between markets of an effect, over its mean.
    pub(super) between: f64,
    /// Standard deviation of every market's error that is news.
    pub(super) error: Vec<f64>,
    /// How strongly every market feels the shocks; 1 on average.
    pub(super) load: Vec<f64>,
}

impl Components {
    /// The same where any shock is as good as any other: week fixed effects.
    pub(super) fn any_shock(&self) -> Components {
        Components { shock: 100.0, shock_phi: 0.0, ..self.clone() }
    }

    /// ln of what is believed of them beforehand: autocorrelations as for one
    /// series, effects that differ between markets by a fifth or so (not by
    /// nothing, which data that say little would settle on).
    pub(super) fn ln_prior(&self) -> f64 {
        const BETWEEN: (f64, f64) = (0.2, 0.7);
        let phi = |p: f64| -0.5 * ((p.atanh() - 0.2) / 0.4).powi(2);
        phi(self.phi) + phi(self.shock_phi) - 0.5 * ((self.between / BETWEEN.0).ln() / BETWEEN.1).powi(2)
    }
}
