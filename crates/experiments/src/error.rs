//! Why a test cannot be read or designed.

/// Why a test cannot be read or designed from a panel.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// No market is treated.
    #[error("no market is treated: name the treated markets, or mark them in a column")]
    NoTreated,
    /// Every market is treated.
    #[error("no market is left as a control: a test compares treated markets with others")]
    NoControl,
    /// Too little time before the test.
    #[error(
        "{found} periods before the test: at least {needed} are needed to learn how markets move together"
    )]
    TooShort {
        /// Periods before the test.
        found: usize,
        /// Least number.
        needed: usize,
    },
    /// The test covers no period of the panel.
    #[error("the test covers no period of the panel")]
    NoPeriods,
    /// A treated market sold nothing before the test.
    #[error("the treated markets have no outcome before the test: there is nothing to compare with")]
    NoOutcome,
    /// The panel's rows are of unequal length, or hold what is no number.
    #[error("market {market} has {found} figures for {periods} periods, or one that is not finite")]
    Ragged {
        /// Market.
        market: String,
        /// Figures it has.
        found: usize,
        /// Periods of the panel.
        periods: usize,
    },
    /// A design was asked for that the panel has too few markets for.
    #[error(
        "{markets} markets that can be chosen: {needed} are needed for {cells} groups and their controls"
    )]
    TooFewMarkets {
        /// Markets that may be treated or serve as controls.
        markets: usize,
        /// Least number.
        needed: usize,
        /// Treated groups asked for.
        cells: usize,
    },
}
