//! Why no curves can be fitted to a history.

use thiserror::Error;

/// Why no curves can be fitted to a history.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FitError {
    /// Too few periods for any fit.
    #[error("the history has {periods} periods; a fit needs at least {}", FitError::FEWEST_PERIODS)]
    TooShort {
        /// Periods present.
        periods: usize,
    },
    /// Too few markets to learn from their differences.
    #[error("the panel has {markets} markets; a fit of markets needs at least {}", FitError::FEWEST_MARKETS)]
    FewMarkets {
        /// Markets present.
        markets: usize,
    },
    /// Shapes or numbers of a panel that do not fit its history.
    #[error(
        "spend, outcome and controls of a panel must be finite, spend at least 0, of one shape with the history of the sum"
    )]
    Panel,
    /// A series is not as long as the others.
    #[error("{series} has {length} values for {periods} periods")]
    Length {
        /// Channel or control.
        series: String,
        /// Values present.
        length: usize,
        /// Values expected.
        periods: usize,
    },
    /// A value that is not finite, or negative where it must not be.
    #[error("{series} is {value} in period {}: must be finite, and spend at least 0", period + 1)]
    Value {
        /// Channel or control.
        series: String,
        /// Period, from 0.
        period: usize,
        /// The value.
        value: f64,
    },
    /// A channel without any spend.
    #[error("{channel} never spends anything: history says nothing about it; use a judgement instead")]
    NoSpend {
        /// The channel.
        channel: String,
    },
    /// No outcome to explain.
    #[error("{channel}: no outcome, neither its own nor a total")]
    NoOutcome {
        /// The channel.
        channel: String,
    },
    /// An incrementality factor that is none.
    #[error("{channel}: incrementality factor and standard error must be finite, the factor above 0")]
    Incrementality {
        /// The channel.
        channel: String,
    },
    /// A half-life that is none.
    #[error(
        "{channel}: half-life {low} to {high} periods: both ends must be above 0, the second above the first"
    )]
    HalfLife {
        /// The channel.
        channel: String,
        /// Shortest.
        low: f64,
        /// Longest.
        high: f64,
    },
    /// A lift test of a channel the history does not have.
    #[error("lift test {}: no channel `{channel}` in the history", index + 1)]
    UnknownChannel {
        /// Position of the test, from 0.
        index: usize,
        /// The channel it names.
        channel: String,
    },
    /// A lift test with an impossible figure.
    #[error("lift test {} of {channel}: {field} is out of range", index + 1)]
    LiftTest {
        /// Position of the test, from 0.
        index: usize,
        /// The channel it names.
        channel: String,
        /// The field, as in the file.
        field: &'static str,
    },
    /// Channels that cannot meet as asked.
    #[error("{reason}")]
    Meeting {
        /// Why not.
        reason: String,
    },
    /// The posterior has no maximum that could be found.
    #[error("the fit did not converge after {steps} steps")]
    NoMode {
        /// Steps taken.
        steps: usize,
    },
}

impl FitError {
    /// Fewest periods any fit accepts.
    pub const FEWEST_PERIODS: usize = 12;
    /// Fewest markets whose differences are worth a fit.
    pub const FEWEST_MARKETS: usize = 3;
}
